/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a new month brings: every active subscription flattrs its thing once, at the month's first second.
 */
#pragma once

#include "sandbox/service.h"

/**
 * Catches up with the clock: goes through the months that began since it was last called, the oldest first. Of a clock
 * that jumped by years only the last two years count. One that goes back pays nothing at that; the months that it then
 * passes again flattr what they did not before, and nothing twice. Under the service's lock, outside of a transaction.
 *
 * @now: seconds since the epoch
 */
void sandbox_renewal_run(SandboxService *service, gint64 now);
