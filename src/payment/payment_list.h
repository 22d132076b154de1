/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payment links of one item or channel, best first, and which of them is paid. Pure; any thread.
 */
#pragma once

#include "payment/payment_link.h"

/**
 * Classifies links and orders them: auto-submit, thing, profile, discoverable, other; as they came within a kind.
 *
 * @links: of char *, absolute URLs. What is no URL that could be sent anywhere becomes an "other" without a key.
 *
 * Returns: (transfer full): of PfPayment *.
 */
GPtrArray *pf_payment_list_new(const GPtrArray *links);

/**
 * Picks the link to flattr.
 *
 * @payments: as pf_payment_list_new() returns them
 * @discoverable: whether pages whose owner the server would have to find may be used
 *
 * Returns: (transfer none) (nullable): the link; NULL when none is one for a Flattr server.
 */
const PfPayment *pf_payment_list_choose(const GPtrArray *payments, gboolean discoverable);
