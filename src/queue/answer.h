/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between libflattr's replies and the queue's entries: what came back, as the outcome table and the entry's story want
 * it. Without I/O; any thread.
 */
#pragma once

#include "flattr/flattr.h"
#include "queue/verdict.h"

/**
 * Describes an answer for pf_outcome_read().
 *
 * @reply: the answer, or NULL with the @transport error that came instead
 * @trusted: whether the API has answered before, at the same address
 */
PfAnswer pf_answer_describe(FlattrReply *reply, const GError *transport, gboolean trusted);

/** Words for the entry's story, such as "permanent: the server answered 404 not_found: …". Returns: (transfer full). */
char *pf_answer_tell(FlattrReply *reply, const GError *transport, PfVerdict verdict);

/** Keeps the thing that a successful answer names in the entry. */
void pf_answer_take_thing(PfEntry *entry, FlattrReply *reply);
