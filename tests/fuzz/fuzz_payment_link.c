/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as the address of a payment link; beside not crashing, what payment_check.h says must hold.
 */
#include "payment/payment_link.h"
#include "payment_check.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *url = g_strndup((const char *)bytes, size);
    g_autoptr(PfPayment) payment = pf_payment_new(url);
    g_autoptr(GPtrArray) parameters = pf_auto_submit_read_url(url);
    g_autoptr(GPtrArray) faults = parameters ? pf_auto_submit_find_faults(parameters) : NULL;

    if (payment)
        payment_check_key(payment);
    if (payment && payment->kind == PF_PAYMENT_AUTO_SUBMIT)
        g_assert_true(faults && pf_parameters_get(parameters, "url"));
    return 0;
}
