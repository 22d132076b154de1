/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the payment links inside of a text of HTML: the links in it to Flattr, those with rel="payment" to anywhere,
 * and the embedded buttons of Flattr's JavaScript, of which it makes the auto-submit URLs that they stood for.
 *
 * The text is hostile: it is read once, without network, and no further than to where more than 512 elements are open.
 * What is not in an <a>, such as a URL in plain text, in a comment or in escaped HTML, is no link. Of a tag longer than
 * 64 KiB nothing is read. Pure; any thread.
 *
 * Buttons are known in these forms, the parameters of which may be mixed:
 *
 *     <a class="FlattrButton" href="PAGE" title="TITLE" rel="flattr;uid:USER;tags:A,B;">DESCRIPTION</a>  (or rev)
 *     <a class="FlattrButton" href="PAGE" title="TITLE" lang="en_GB" data-flattr-uid="USER">DESCRIPTION</a>
 *     <script src="https://api.flattr.com/js/0.6/load.js?mode=auto&amp;uid=USER&amp;category=text"></script>
 *
 * where the script, or one that loads it, says what holds for every button of the text that does not say otherwise.
 */
#pragma once

#include "feed/item.h"

/** How many payment links and buttons of one text are kept; the first ones. */
#define PF_PAYMENT_HTML_MAX 1000

/**
 * Adds the payment links of a text to a list.
 *
 * @text: its html must be valid UTF-8
 * @payments: of PfPayment *, from PF_PAYMENT_FROM_HTML or PF_PAYMENT_FROM_BUTTON. A button that names nobody is no
 * auto-submit URL but the page it is for.
 *
 * Returns: FALSE when one of the limits above was hit, and links may be missing.
 */
gboolean pf_payment_html_find(const PfItemText *text, GPtrArray *payments);
