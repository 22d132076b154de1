/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service says of files and entries as it deals with them, each message with the fields by which journalctl
 * finds it. What ends something (flattred, failed, refused), or leaves it to the user, is always logged; the rest with
 * -v.
 */
#pragma once

#include "queue/arrival.h"
#include "queue/submit.h"

/** What became of a file that was looked at. @first: whether nothing was said of it yet: that it waits is said once. */
void pf_event_log_arrival(const PfArrival *arrival, gboolean first);

/** What was submitted for a file; nothing when that was known already. */
void pf_event_log_submitted(const PfArrival *arrival, const PfSubmitted *submitted);

/** What became of an entry that was sent, or was to be sent. */
void pf_event_log_entry(const PfEntry *entry);
