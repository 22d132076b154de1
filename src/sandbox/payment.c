/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/payment.h"

#include "base/clock.h"
#include "sandbox/partner.h"

SandboxPayment
sandbox_payment_make(SandboxService *service, SandboxUser *user, SandboxThing *thing, gint64 when)
{
    char month[PF_CLOCK_MONTH_SIZE];

    pf_clock_month(when, month);
    if (thing->owner_id == user->id)
        return SANDBOX_PAYMENT_OWNER;
    if (sandbox_store_has_flattr(service->store, user->id, thing->id, month))
        return SANDBOX_PAYMENT_ONCE;
    if (user->means <= 0)
        return SANDBOX_PAYMENT_NO_MEANS;
    sandbox_store_add_flattr(service->store, user->id, thing->id, month, when);
    sandbox_store_set_means(service->store, user->id, --user->means);
    thing->flattrs++;
    sandbox_partner_tell(service, user, thing);
    return SANDBOX_PAYMENT_DONE;
}
