/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_list.h"

GPtrArray *
pf_payment_list_new(const GPtrArray *links)
{
    GPtrArray *payments = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);

    for (PfPaymentKind kind = PF_PAYMENT_AUTO_SUBMIT; kind <= PF_PAYMENT_OTHER; kind++) {
        for (guint i = 0; i < links->len; i++) {
            g_autoptr(PfPayment) payment = pf_payment_new(links->pdata[i]);

            if (!payment) {
                payment = g_new0(PfPayment, 1);
                payment->url = g_strdup(links->pdata[i]);
                payment->kind = PF_PAYMENT_OTHER;
            }
            if (payment->kind == kind)
                g_ptr_array_add(payments, g_steal_pointer(&payment));
        }
    }
    return payments;
}

const PfPayment *
pf_payment_list_choose(const GPtrArray *payments, gboolean discoverable)
{
    const PfPayment *best = payments->len > 0 ? payments->pdata[0] : NULL;

    if (!best || best->kind == PF_PAYMENT_OTHER || (best->kind == PF_PAYMENT_DISCOVERABLE && !discoverable))
        return NULL;
    return best;
}
