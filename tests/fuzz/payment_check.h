/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold of every payment that is read out of any bytes: its key is what a server makes of it, and mending what
 * is sent changes no key. For the fuzz targets.
 */
#pragma once

#include "payment/payment_link.h"
#include "sandbox/urls.h"

/** Ends the program when @payment, whose key is set, is not as it must be. */
static inline void
payment_check_key(const PfPayment *payment)
{
    g_autofree char *sent = pf_payment_dup_request_url(payment);
    g_autoptr(PfPayment) again = pf_payment_new(sent);
    g_autoptr(SandboxUrl) at_server = sandbox_url_read(sent);

    g_assert_true(payment->key && g_utf8_validate(payment->key, -1, NULL));
    g_assert_true(again && again->kind == payment->kind && g_str_equal(again->key, payment->key));
    if (payment->kind == PF_PAYMENT_THING && at_server->kind == SANDBOX_URL_THING) {
        g_autofree char *thing = g_strdup_printf("thing:%" G_GINT64_FORMAT, at_server->id);
        g_assert_cmpstr(payment->key, ==, thing);
    }
    if ((payment->kind == PF_PAYMENT_AUTO_SUBMIT && at_server->kind == SANDBOX_URL_AUTO_SUBMIT) ||
        (payment->kind == PF_PAYMENT_DISCOVERABLE && at_server->kind == SANDBOX_URL_DISCOVERABLE))
        g_assert_cmpstr(payment->key, ==, at_server->page);
}
