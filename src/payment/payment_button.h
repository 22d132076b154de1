/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One embedded button of Flattr's old JavaScript, see payment_html.h: its attributes and text are collected, and then
 * made into the auto-submit URL that it stood for. Pure; any thread.
 */
#pragma once

#include "payment/parameters.h"
#include "payment/payment_link.h"

typedef struct PfPaymentButton PfPaymentButton;

PfPaymentButton *pf_payment_button_new(void);
void pf_payment_button_free(PfPaymentButton *button);

/** Takes over what an attribute of the <a> says, if it says something. @value may be NULL. */
void pf_payment_button_set(PfPaymentButton *button, const char *name, const char *value);

/** Adds to the text inside of the button, which describes the thing. */
void pf_payment_button_add_text(PfPaymentButton *button, const char *text, gsize length);

/**
 * Reads what a script says for all buttons.
 *
 * @script: its address or its text, or NULL; of any script, of which Flattr's is one
 * @defaults: of char * to char *, to which it is added
 */
void pf_payment_button_read_script(const char *script, GHashTable *defaults);

/**
 * Makes the link. A title or description that is too long for a server is cut, one that is too short left out.
 *
 * @defaults: as pf_payment_button_read_script() gave them
 * @base: what a relative address is resolved against, or NULL
 *
 * Returns: (transfer full) (nullable): the link; NULL when the button is for nothing.
 */
PfPayment *pf_payment_button_make_link(const PfPaymentButton *button, GHashTable *defaults, const char *base);
