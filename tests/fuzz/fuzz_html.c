/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a fragment of HTML in a feed. Beside not crashing, this must hold: what is found is said to come from a
 * text, each link is as payment_check.h says, and a list that was stored is the same list.
 */
#include "payment/payment_list.h"
#include "payment_check.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

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
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        g_assert_true(payment->from != PF_PAYMENT_FROM_LINK);
        if (payment->key)
            payment_check_key(payment);
    }
    check_stored(payments);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autoptr(GPtrArray) stored = pf_payment_list_from_text(text);

    check_stored(stored);
    try_text(g_utf8_make_valid(text, -1), NULL);
    try_text(g_utf8_make_valid(text, -1), "https://flattr.com/submit/");
    return 0;
}
