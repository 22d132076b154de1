/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/edit.h"

#include "base/i18n.h"
#include "queue/queue_private.h"

static const char *const verb_names[PF_STEER_VERBS] = {
    [PF_STEER_RETRY] = "retry",
    [PF_STEER_HOLD] = "hold",
    [PF_STEER_RELEASE] = "release",
    [PF_STEER_DROP] = "drop",
};

#define SENDING N_("is being sent at this moment")
#define FLATTRED N_("is flattred, which cannot be undone")
#define OWNED N_("is your own: there is nothing to pay")
#define OWED N_("is owed: there is nothing to send for it")

/* What depends on the state alone. */
static const struct {
    PfSteerEffect effect;
    const char *why;
} rules[PF_STEER_VERBS][PF_ENTRY_STATES] = {
    [PF_STEER_RETRY] =
        {
            [PF_ENTRY_HELD] = {PF_STEER_REFUSED, N_("is held; 'queue release' releases it")},
            [PF_ENTRY_QUEUED] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_SENDING] = {PF_STEER_REFUSED, SENDING},
            [PF_ENTRY_FLATTRED] = {PF_STEER_REFUSED, FLATTRED},
            [PF_ENTRY_OWNED] = {PF_STEER_REFUSED, OWNED},
            [PF_ENTRY_FAILED] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_DROPPED] = {PF_STEER_BY_NAME, NULL},
            [PF_ENTRY_OWED] = {PF_STEER_REFUSED, OWED},
        },
    [PF_STEER_HOLD] =
        {
            [PF_ENTRY_HELD] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_QUEUED] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_SENDING] = {PF_STEER_REFUSED, SENDING},
            [PF_ENTRY_FLATTRED] = {PF_STEER_REFUSED, FLATTRED},
            [PF_ENTRY_OWNED] = {PF_STEER_REFUSED, OWNED},
            [PF_ENTRY_FAILED] = {PF_STEER_REFUSED, N_("has failed and is not sent anyway")},
            [PF_ENTRY_DROPPED] = {PF_STEER_REFUSED, N_("is dropped and is not sent anyway")},
            [PF_ENTRY_OWED] = {PF_STEER_REFUSED, OWED},
        },
    [PF_STEER_RELEASE] =
        {
            [PF_ENTRY_HELD] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_QUEUED] = {PF_STEER_SAME, NULL},
            [PF_ENTRY_SENDING] = {PF_STEER_REFUSED, SENDING},
            [PF_ENTRY_FLATTRED] = {PF_STEER_REFUSED, FLATTRED},
            [PF_ENTRY_OWNED] = {PF_STEER_REFUSED, OWNED},
            [PF_ENTRY_FAILED] = {PF_STEER_REFUSED, N_("has failed; 'queue retry' queues it again")},
            [PF_ENTRY_DROPPED] = {PF_STEER_REFUSED, N_("is dropped; 'queue retry' queues it again")},
            [PF_ENTRY_OWED] = {PF_STEER_SAME, NULL},
        },
    [PF_STEER_DROP] =
        {
            [PF_ENTRY_HELD] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_QUEUED] = {PF_STEER_CHANGES, NULL},
            [PF_ENTRY_SENDING] = {PF_STEER_REFUSED, SENDING},
            [PF_ENTRY_FLATTRED] = {PF_STEER_REFUSED, FLATTRED},
            [PF_ENTRY_OWNED] = {PF_STEER_REFUSED, OWNED},
            [PF_ENTRY_FAILED] = {PF_STEER_BY_NAME, NULL},
            [PF_ENTRY_DROPPED] = {PF_STEER_SAME, NULL},
            [PF_ENTRY_OWED] = {PF_STEER_BY_NAME, NULL},
        },
};

const char *
pf_steer_verb_name(PfSteerVerb verb)
{
    return verb_names[verb];
}

static gboolean
is_unknown(const PfEntry *entry)
{
    return g_strcmp0(entry->reason, "unknown") == 0;
}

/* What only a look at this very entry can decide. */
static gboolean
is_question(const PfEntry *entry)
{
    return is_unknown(entry) || g_strcmp0(entry->reason, "contested") == 0;
}

PfSteerEffect
pf_steer_decide(PfSteerVerb verb, const PfEntry *entry, gint64 now, const char **why)
{
    *why = rules[verb][entry->state].why ? _(rules[verb][entry->state].why) : NULL;
    if (verb == PF_STEER_RETRY && entry->state == PF_ENTRY_QUEUED && entry->next_attempt <= now)
        return PF_STEER_SAME;
    /* Without a time it waits for the user as it is. */
    if (verb == PF_STEER_HOLD && entry->state == PF_ENTRY_HELD && entry->next_attempt == 0)
        return PF_STEER_SAME;
    if (verb == PF_STEER_RELEASE && entry->state == PF_ENTRY_HELD && is_question(entry))
        return PF_STEER_BY_NAME;
    return rules[verb][entry->state].effect;
}

static void
set_reason(PfEntry *entry, const char *reason)
{
    g_free(entry->reason);
    entry->reason = g_strdup(reason);
}

static void
send_next(PfEntry *entry, gint64 now)
{
    if (entry->state == PF_ENTRY_HELD && is_unknown(entry))
        entry->doubt = entry->checked = 0;
    entry->state = entry->owed ? PF_ENTRY_OWED : PF_ENTRY_QUEUED;
    entry->own_faults = 0;
    entry->next_attempt = entry->owed ? 0 : now;
    entry->by_hand = TRUE;
    set_reason(entry, entry->owed);
}

gboolean
pf_queue_steer(PfQueue *queue, PfSteerVerb verb, PfEntry *entry, gint64 now, GError **error)
{
    if (verb == PF_STEER_RETRY || verb == PF_STEER_RELEASE) {
        send_next(entry, now);
    } else {
        entry->state = verb == PF_STEER_HOLD ? PF_ENTRY_HELD : PF_ENTRY_DROPPED;
        entry->next_attempt = 0;
        set_reason(entry, "user");
    }
    return pf_database_run(queue->database, error, "UPDATE entry SET priority = ? WHERE id = ?", "ii",
                           (gint64)(entry->by_hand ? 0 : 1), entry->id) &&
           pf_queue_settle(queue, entry, pf_event_of(verb_names[verb], NULL, now), error);
}

gboolean
pf_queue_release_due(PfQueue *queue, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, reason)"
                           " SELECT id, ?, 'due', iif(owed IS NULL, 'queued', 'owed'), owed FROM entry"
                           " WHERE state = 'held'"
                           " AND next_attempt IS NOT NULL AND next_attempt <= ? ORDER BY next_attempt, id",
                           "ii", now, now) &&
           pf_database_run(queue->database, error,
                           "UPDATE entry SET state = iif(owed IS NULL, 'queued', 'owed'), reason = owed,"
                           " next_attempt = iif(owed IS NULL, next_attempt, NULL), updated = ? WHERE state = 'held'"
                           " AND next_attempt IS NOT NULL AND next_attempt <= ?",
                           "ii", now, now);
}
