/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue retry, hold, release, drop, pause and resume: the user's hand on the queue. */
#include "base/clock.h"
#include "base/log.h"
#include "commands/queue_command.h"
#include "daemon/duplicates.h"
#include "daemon/enqueue.h"
#include "feed/find.h"
#include "queue/arrival.h"
#include "queue/edit.h"
#include "queue/lock.h"

#include <stdio.h>

/* podflattr queue match, queue dismiss: the user says which episode a file is, or that it is none. */

#define BUSY_MS 10000

static void
set_not_waiting(const char *path, const char *fault, GError **error)
{
    g_autofree char *shown = pf_log_printable(path);

    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                "%s: %s; 'podflattr queue --state unmatched' lists the files that wait for their episode", shown,
                fault);
}

/* The arrival of a file; a file that nobody told of is one from now on. */
static gboolean
find_arrival(PfQueue *queue, const char *file, PfArrival **arrival, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);

    if (!pf_arrival_find(queue, path, arrival, error))
        return FALSE;
    if (*arrival)
        return TRUE;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        set_not_waiting(path, "there is no such file, and none of this name waits", error);
        return FALSE;
    }
    *arrival = pf_arrival_new();
    (*arrival)->source = PF_SOURCE_ADD;
    (*arrival)->path = g_steal_pointer(&path);
    (*arrival)->size = (*arrival)->progress = -1;
    (*arrival)->seen = pf_clock_now();
    return TRUE;
}

/* What the user named, when no known item is called so: a link that can be paid. */
static gboolean
take_payment(PfArrival *arrival, const char *name, GError **error)
{
    g_autoptr(PfPayment) payment = pf_payment_new(name);

    if (payment && payment->kind != PF_PAYMENT_OTHER) {
        g_free(arrival->payment);
        arrival->payment = g_strdup(name);
        return TRUE;
    }
    g_autofree char *shown = pf_log_printable(name);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                "no known episode has the GUID or the URL '%s', and it is no link that can be flattred", shown);
    return FALSE;
}

/* @item: (out): NULL when it is the payment link that counts */
static gboolean
find_item(PfApp *app, PfArrival *arrival, const char *name, PfKnownItem **item, GError **error)
{
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open(app->state_dir, BUSY_MS, error);
    g_auto(PfFound) found = {0};

    *item = NULL;
    if (!feeds || !pf_feed_find_named(feeds, name, &found, error))
        return FALSE;
    if (found.items->len == 0)
        return take_payment(arrival, name, error);
    if (found.items->len == 1) {
        *item = g_ptr_array_steal_index(found.items, 0);
        return TRUE;
    }
    g_autofree char *shown = pf_log_printable(name);
    g_set_error(
        error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
        "%u known episodes have the GUID or the URL '%s'; name the one's enclosure or page, or what is to be flattred",
        found.items->len, shown);
    return FALSE;
}

static gboolean
submit(PfApp *app, PfQueue *queue, PfArrival *arrival, const PfKnownItem *item, PfSubmitted *submitted, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now();

    if (pf_queue_begin(queue, &failure)) {
        if (pf_admit_item(queue, app->config, PF_SOURCE_ADD, arrival, item, now, submitted, &failure)) {
            arrival->state = PF_ARRIVAL_MATCHED;
            g_clear_pointer(&arrival->reason, g_free);
            g_clear_pointer(&arrival->candidates, g_free);
            arrival->next_try = 0;
            arrival->entry = submitted->id;
            /* One that was refused too, which the user knows better; and whatever else was told of this file. */
            (void)((!arrival->id || pf_arrival_settle(queue, arrival, &failure)) &&
                   pf_same_file_settle(queue, arrival, item, &failure));
        }
        pf_queue_end(queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

int
pf_queue_run_match(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(PfArrival) arrival = NULL;
    g_autoptr(PfKnownItem) item = NULL;
    PfSubmitted submitted;

    if (!queue || !find_arrival(queue, arguments->operands[0], &arrival, error) ||
        !find_item(app, arrival, arguments->operands[1], &item, error) ||
        !submit(app, queue, arrival, item, &submitted, error))
        return EX_OK;
    if (submitted.id == 0) {
        g_message("this episode has nothing to flattr; the file is settled");
        return EX_OK;
    }
    const char *state = !submitted.added ? "known" : pf_entry_state_name(submitted.state);
    g_autofree char *title = pf_log_printable(item ? item->item->title : arguments->operands[1]);
    printf("%s #%" G_GINT64_FORMAT "  %s\n", state, submitted.id, title ? title : "");
    return EX_OK;
}

/* --- dismissing --- */

/* All that was told of a file; that nothing was, is an error. */
static gboolean
dismiss(PfQueue *queue, const char *file, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    g_autoptr(GPtrArray) open = pf_arrival_list_path(queue, path, error);
    gboolean settled = open != NULL;

    if (open && open->len == 0) {
        set_not_waiting(path, "no file of this name waits", error);
        return FALSE;
    }
    for (guint i = 0; settled && i < open->len; i++) {
        PfArrival *arrival = open->pdata[i];

        arrival->state = PF_ARRIVAL_MATCHED;
        g_free(arrival->reason);
        arrival->reason = g_strdup("dismissed");
        g_clear_pointer(&arrival->candidates, g_free);
        arrival->next_try = 0;
        settled = pf_arrival_settle(queue, arrival, error);
    }
    return settled;
}

int
pf_queue_run_dismiss(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(GError) failure = NULL;

    if (!queue)
        return EX_OK;
    if (pf_queue_begin(queue, &failure)) {
        for (guint i = 0; i < arguments->count && !failure; i++)
            dismiss(queue, arguments->operands[i], &failure);
        pf_queue_end(queue, &failure);
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    else
        g_message("%u file%s dismissed", arguments->count, arguments->count == 1 ? "" : "s");
    return EX_OK;
}

typedef struct {
    PfApp *app;
    PfQueue *queue;
    PfSteerVerb verb;
    gint64 now;
    GPtrArray *entries; /* of PfEntry: the ones to change */
    GString *refusals;  /* a line each */
    guint same;         /* are so already */
    guint by_name;      /* left out of --all */
} Change;

static const char *const done_words[PF_STEER_VERBS] = {
    [PF_STEER_RETRY] = "queued again",
    [PF_STEER_HOLD] = "held",
    [PF_STEER_RELEASE] = "released",
    [PF_STEER_DROP] = "dropped",
};

/* --- which entries --- */

static void
refuse(Change *change, gint64 id, const char *why)
{
    g_string_append_printf(change->refusals, "%sentry %" G_GINT64_FORMAT " %s", change->refusals->len ? "\n" : "", id,
                           why);
}

static gboolean
is_chosen(const Change *change, gint64 id)
{
    for (guint i = 0; i < change->entries->len; i++)
        if (((const PfEntry *)change->entries->pdata[i])->id == id)
            return TRUE;
    return FALSE;
}

static gboolean
choose_named(Change *change, const gint64 *ids, guint count, GError **error)
{
    for (guint i = 0; i < count; i++) {
        g_autoptr(PfEntry) entry = NULL;
        const char *why;

        if (!pf_queue_read(change->queue, ids[i], &entry, error))
            return FALSE;
        if (!entry) {
            refuse(change, ids[i], "does not exist");
            continue;
        }
        PfSteerEffect effect = pf_steer_judge(change->verb, entry, change->now, &why);
        if (effect == PF_STEER_REFUSED)
            refuse(change, ids[i], why);
        else if (effect == PF_STEER_SAME)
            change->same++;
        else if (!is_chosen(change, ids[i]))
            g_ptr_array_add(change->entries, g_steal_pointer(&entry));
    }
    return TRUE;
}

static gboolean
choose_one(const PfEntry *entry, gpointer data)
{
    Change *change = data;
    const char *why;
    PfSteerEffect effect = pf_steer_judge(change->verb, entry, change->now, &why);

    if (effect == PF_STEER_BY_NAME)
        change->by_name++;
    if (effect == PF_STEER_CHANGES) {
        /* Its id is enough here: entries are changed after the listing has ended, each read anew. */
        PfEntry *chosen = pf_entry_new();
        chosen->id = entry->id;
        g_ptr_array_add(change->entries, chosen);
    }
    return TRUE;
}

static gboolean
choose_all(Change *change, GError **error)
{
    const PfEntryState states[] = {PF_ENTRY_HELD, PF_ENTRY_QUEUED, PF_ENTRY_FAILED, PF_ENTRY_DROPPED};

    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (!pf_queue_each(change->queue, states[i], choose_one, change, error))
            return FALSE;
    return TRUE;
}

/* --- changing them --- */

static gboolean
change_one(Change *change, gint64 id, GError **error)
{
    g_autoptr(PfEntry) entry = NULL;

    if (!pf_queue_read(change->queue, id, &entry, error))
        return FALSE;
    if (change->verb == PF_STEER_RETRY && pf_config_get_rule(change->app->config, entry->feed) == PF_RULE_NEVER)
        g_message("entry %" G_GINT64_FORMAT ": its feed's rule is still 'never', so it will be dropped again", id);
    return pf_queue_steer(change->queue, change->verb, entry, change->now, error);
}

/* An entry that is `sending` while nobody sends was left by a sender that was killed. It becomes one that waits, with
 * its doubt noted, and can then be steered like any other. Holding the lock until the end keeps a sender from starting
 * in between. */
static PfQueueLock *
adopt_if_idle(Change *change, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    if (!pf_queue_count(change->queue, counts, error) || counts[PF_ENTRY_SENDING] == 0)
        return NULL;
    PfQueueLock *lock = pf_queue_lock_take(change->app->state_dir, NULL);
    if (lock)
        pf_queue_adopt_orphans(change->queue, change->now, error);
    return lock;
}

static gboolean
change_entries(Change *change, const gint64 *ids, guint count, gboolean all, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfQueueLock) lock = NULL;

    if (pf_queue_begin(change->queue, &failure)) {
        lock = adopt_if_idle(change, &failure);
        if (!failure && (all ? choose_all(change, &failure) : choose_named(change, ids, count, &failure)) &&
            change->refusals->len > 0)
            g_set_error(&failure, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "%s\nnothing was changed",
                        change->refusals->str);
        for (guint i = 0; i < change->entries->len && !failure; i++)
            change_one(change, ((const PfEntry *)change->entries->pdata[i])->id, &failure);
        pf_queue_end(change->queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void
tell(const Change *change)
{
    printf("%u %s\n", change->entries->len, done_words[change->verb]);
    if (change->same > 0)
        g_message("%u more as it was already", change->same);
    if (change->by_name > 0)
        g_message("%u left out, which must be named: %s", change->by_name,
                  change->verb == PF_STEER_RETRY ? "they were decided against"
                  : change->verb == PF_STEER_RELEASE
                      ? "nobody knows whether they were paid, so they could be paid twice"
                      : "they have failed and cost nothing");
}

int
pf_queue_run_change(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autofree gint64 *ids = g_new(gint64, arguments->count + 1);
    PfSteerVerb verb = PF_STEER_RETRY;

    while (!g_str_equal(arguments->name, pf_steer_verb_name(verb)))
        verb++;
    if (arguments->all == (arguments->count > 0)) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                            "which entries? name their ids, or say --all");
        return EX_USAGE;
    }
    for (guint i = 0; i < arguments->count; i++)
        if (!pf_queue_parse_id(arguments->operands[i], &ids[i], error))
            return EX_USAGE;
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);
    g_autoptr(GString) refusals = g_string_new(NULL);
    Change change = {
        .app = app, .queue = queue, .verb = verb, .now = pf_clock_now(), .entries = entries, .refusals = refusals};
    if (queue && change_entries(&change, ids, arguments->count, arguments->all, error))
        tell(&change);
    return EX_OK;
}

/* --- all of sending --- */

static int
set_paused(PfApp *app, gboolean paused, const char *done, const char *same, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(GError) failure = NULL;
    gboolean changed = FALSE;

    if (!queue)
        return EX_OK;
    if (pf_queue_begin(queue, &failure)) {
        (void)(paused ? pf_queue_pause(queue, pf_clock_now(), &changed, &failure)
                      : pf_queue_resume(queue, &changed, &failure));
        pf_queue_end(queue, &failure);
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    else
        printf("%s\n", changed ? done : same);
    return EX_OK;
}

int
pf_queue_run_pause(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    (void)arguments;
    return set_paused(app, TRUE, "sending is paused; 'podflattr queue resume' ends that", "sending is paused already",
                      error);
}

int
pf_queue_run_resume(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    (void)arguments;
    return set_paused(app, FALSE, "sending is no longer paused", "sending was not paused", error);
}
