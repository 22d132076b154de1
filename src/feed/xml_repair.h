/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a feed's text fit for an XML parser, where what the author meant is certain.
 *
 * Many feeds are not well-formed: a bare "&" in an address, HTML's entities, a control character, a "<" that begins
 * nothing. A parser that recovers from these by itself may drop half of a payment link ("?a=1&b=2" becomes "?a=1=2") or
 * everything after the spot. So they are repaired before the parser sees them: what goes on to it has no reference but
 * XML's own and numeric ones, no DTD, and neither comments nor instructions, which say nothing here.
 *
 * Takes valid UTF-8. A stream: characters may not be cut, all else anywhere; at most 64 bytes are held back,
 * and a tag to its end, of which at most 9 MiB go out. One thread at a time.
 */
#pragma once

#include "feed/item.h"

/* Stands before each end tag that the feed does not have. The feed's own instructions never get here. */
#define PF_FEED_TAGS_MARK "<?_?>"

typedef struct PfXmlRepair PfXmlRepair;

PfXmlRepair *pf_xml_repair_new(void);
void pf_xml_repair_free(PfXmlRepair *repair);

/**
 * Repairs the next bytes.
 *
 * @text: not what this returned before
 * @final: whether the feed ends with these, so that nothing is held back
 *
 * Returns: the repaired bytes, possibly none; owned by @repair and valid until the next call.
 */
const GString *pf_xml_repair_push(PfXmlRepair *repair, const GString *text, gboolean final);

/** The line of the feed that has been reached. */
guint pf_xml_repair_get_line(const PfXmlRepair *repair);

/** The first fault that was repaired; owned by @repair. */
const PfFeedFault *pf_xml_repair_get_fault(const PfXmlRepair *repair);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfXmlRepair, pf_xml_repair_free)
