/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a payment link and as a text of HTML. Beside not crashing, this must hold: a link's key is what a server
 * makes of it, mending what is sent changes no key, what is found in a text comes from a text, and a list that was
 * stored is the same list.
 */
#include "payment/auto_submit.h"
#include "payment/payment_list.h"
#include "sandbox/urls.h"
#include <libxml/parser.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static void
check_key(const PfPayment *payment)
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

static void
try_url(const char *url)
{
    g_autoptr(PfPayment) payment = pf_payment_new(url);
    g_autoptr(GPtrArray) parameters = pf_auto_submit_read_url(url);
    g_autoptr(GPtrArray) faults = parameters ? pf_auto_submit_find_faults(parameters) : NULL;

    if (payment)
        check_key(payment);
    if (payment && payment->kind == PF_PAYMENT_AUTO_SUBMIT)
        g_assert_true(faults && pf_parameters_get(parameters, "url"));
}

static void
check_stored(const GPtrArray *payments)
{
    g_autofree char *text = pf_payment_list_to_text(payments);
    g_autoptr(GPtrArray) again = pf_payment_list_from_text(text);

    g_assert_cmpuint(again->len, ==, payments->len);
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        const PfPayment *other = again->pdata[i];
        g_assert_cmpstr(payment->url, ==, other->url);
        g_assert_cmpstr(payment->key, ==, other->key);
        g_assert_true(payment->from == other->from && payment->kind == other->kind);
    }
}

static void
try_text(char *html, const char *base)
{
    g_autoptr(PfItem) item = pf_item_new();

    g_ptr_array_add(item->texts, pf_item_text_new_take(html, g_strdup(base)));
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item);
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        g_assert_true(payment->from != PF_PAYMENT_FROM_LINK);
        if (payment->key)
            check_key(payment);
    }
    check_stored(payments);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autoptr(GPtrArray) stored = pf_payment_list_from_text(text);

    check_stored(stored);
    try_url(text);
    try_text(g_utf8_make_valid(text, -1), NULL);
    try_text(g_utf8_make_valid(text, -1), "https://flattr.com/submit/");
    return 0;
}
