/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of paying, for flattrs and subscriptions alike, in the order in which they are checked: nobody flattrs
 * their own, nor a thing twice in a calendar month (UTC), and it takes one of the user's means.
 */
#pragma once

#include "sandbox/service.h"

typedef enum {
    SANDBOX_PAYMENT_DONE,
    SANDBOX_PAYMENT_OWNER,    /* the thing is the user's */
    SANDBOX_PAYMENT_ONCE,     /* flattred in that month already */
    SANDBOX_PAYMENT_NO_MEANS, /* nothing left to pay with */
} SandboxPayment;

/**
 * Flattrs a thing, if the rules allow it, and notes the event for the partner's hook when nobody claimed the thing yet.
 * Under the service's lock, in a transaction.
 *
 * @user: who pays; their means are counted down
 * @thing: its flattrs are counted up
 * @when: seconds since the epoch, in the month that it counts for
 */
SandboxPayment sandbox_payment_make(SandboxService *service, SandboxUser *user, SandboxThing *thing, gint64 when);
