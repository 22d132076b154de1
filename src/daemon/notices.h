/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the user what notice.h decides: looks at the stores when the service has done something, remembers in the state
 * folder (notices.json) what was told, and wakes up by itself only for what is to be told later, or when a month ends.
 * What was there before it was first started, or while it was switched off, is not told. Everything happens on the
 * thread's default main context.
 */
#pragma once

#include "config/app.h"
#include "queue/queue.h"

typedef struct PfNotices PfNotices;

/** Makes one; what it is given must outlive it. The configuration is read from @app at each look. */
PfNotices *pf_notices_new(PfQueue *queue, const PfApp *app);
void pf_notices_free(PfNotices *notices);

/** Says that something may have happened: a file was dealt with, an entry was sent, the configuration is another. A
 * store that fails is logged, and looked at again the next time. */
void pf_notices_look(PfNotices *notices);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfNotices, pf_notices_free)
