/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue retry, hold, release, drop, pause and resume: changes to the queue by the user. */
#include "base/clock.h"
#include "base/i18n.h"
#include "commands/queue_command.h"
#include "queue/edit.h"
#include "queue/queue.h"

#include <stdio.h>
#include <string.h>

gboolean
pf_queue_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(*text == '#' ? text + 1 : text, 10, 1, G_MAXINT64, &number, NULL))
        return pf_command_refuse(error, _("'%s' is not an entry's ID; see 'podflattr queue'"), text);
    *id = (gint64)number;
    return TRUE;
}

void
pf_queue_set_unknown(GError **error, gint64 id)
{
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("entry %" PRId64 " does not exist"), id);
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
    GPtrArray *words;   /* of char *: files and folders whose episodes are to be looked for again */
    guint files;        /* how many are */
} Change;

static const char *const done_words[PF_STEER_VERBS] = {
    [PF_STEER_RETRY] = N_("queued again"),
    [PF_STEER_HOLD] = N_("held"),
    [PF_STEER_RELEASE] = N_("released"),
    [PF_STEER_DROP] = N_("dropped"),
};

/* --- which entries --- */

static void
refuse(Change *change, gint64 id, const char *why)
{
    g_string_append_printf(change->refusals, _("%sentry %" PRId64 " %s"), change->refusals->len ? "\n" : "", id, why);
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
            refuse(change, ids[i], _("does not exist"));
            continue;
        }
        PfSteerEffect effect = pf_steer_decide(change->verb, entry, change->now, &why);
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
    PfSteerEffect effect = pf_steer_decide(change->verb, entry, change->now, &why);

    if (effect == PF_STEER_BY_NAME)
        change->by_name++;
    if (effect == PF_STEER_CHANGES) {
        /* Its id is enough here: entries are changed after the listing has ended, each read again. */
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
    if (change->verb == PF_STEER_RETRY && (pf_config_get_rule(change->app->config, entry->feed) == PF_RULE_NEVER ||
                                           pf_config_get_rule(change->app->config, entry->address) == PF_RULE_NEVER))
        g_message(_("entry %" PRId64 ": its feed's rule is still 'never', so it will be dropped again"), id);
    return pf_queue_steer(change->queue, change->verb, entry, change->now, error);
}

/* An entry that is `sending` while nobody sends was left by a sender that was killed. It becomes one that waits, with
 * its doubt noted, and can then be steered like any other. Holding the lock until the end keeps a sender from starting
 * in between. */
static gboolean
adopt_if_idle(Change *change, PfQueueLock **lock, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    if (!pf_queue_count(change->queue, counts, error))
        return FALSE;
    if (counts[PF_ENTRY_SENDING] > 0)
        *lock = pf_queue_lock_take(change->app->state_dir, NULL);
    return !*lock || pf_queue_adopt_orphans(change->queue, change->now, error);
}

static gboolean
retry_files(Change *change, gboolean all, GError **error)
{
    gboolean done = !all || change->verb != PF_STEER_RETRY ||
                    pf_queue_retry_files(change->queue, NULL, change->now, &change->files, error);

    for (guint i = 0; done && i < change->words->len; i++)
        done = pf_queue_retry_files(change->queue, change->words->pdata[i], change->now, &change->files, error);
    return done;
}

static gboolean
change_entries(Change *change, const gint64 *ids, guint count, gboolean all, GError **error)
{
    g_autoptr(PfQueueLock) lock = NULL;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(change->queue, error);

    if (!transaction || !adopt_if_idle(change, &lock, error) ||
        !(all ? choose_all(change, error) : choose_named(change, ids, count, error)))
        return FALSE;
    if (change->refusals->len > 0) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("%s\nnothing was changed"),
                    change->refusals->str);
        return FALSE;
    }
    for (guint i = 0; i < change->entries->len; i++)
        if (!change_one(change, ((const PfEntry *)change->entries->pdata[i])->id, error))
            return FALSE;
    return retry_files(change, all, error) && pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static void
tell(const Change *change)
{
    printf("%u %s\n", change->entries->len, _(done_words[change->verb]));
    if (change->files > 0)
        g_message(ngettext("searching again for the episode of %u file", "searching again for the episodes of %u files",
                           change->files),
                  change->files);
    if (change->same > 0)
        g_message(_("%u unchanged"), change->same);
    if (change->by_name > 0)
        g_message(_("%u skipped; name them explicitly: %s"), change->by_name,
                  change->verb == PF_STEER_RETRY     ? _("they were dropped or rejected on purpose")
                  : change->verb == PF_STEER_RELEASE ? _("they may have been paid already, and could be paid twice")
                                                     : _("they failed and cost nothing"));
}

gboolean
pf_queue_run_change(const PfCommandCall *call, GError **error)
{
    g_autofree gint64 *ids = g_new0(gint64, call->count + 1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    guint count = 0;
    gboolean all = ((const PfQueueOptions *)call->options)->all;
    PfSteerVerb verb = PF_STEER_RETRY;

    while (!g_str_equal(call->command->name, pf_steer_verb_name(verb)))
        verb++;
    if (all == (call->count > 0))
        return pf_command_refuse(error, _("either IDs or --all is required"));
    for (guint i = 0; i < call->count; i++) {
        const char *word = call->operands[i];
        if (verb == PF_STEER_RETRY && strspn(word, "-#0123456789") < strlen(word))
            g_ptr_array_add(words, (gpointer)word);
        else if (!pf_queue_parse_id(word, &ids[count++], error))
            return FALSE;
    }
    g_autoptr(PfQueue) queue = pf_command_open_queue(call->app, error);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);
    g_autoptr(GString) refusals = g_string_new(NULL);
    Change change = {.app = call->app,
                     .queue = queue,
                     .verb = verb,
                     .now = pf_clock_now(),
                     .entries = entries,
                     .refusals = refusals,
                     .words = words};
    if (!queue || !change_entries(&change, ids, count, all, error))
        return FALSE;
    tell(&change);
    return TRUE;
}

/* --- all of sending --- */

static gboolean
set_paused(PfApp *app, gboolean paused, const char *done, const char *same, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(PfTransaction) transaction = queue ? pf_queue_begin(queue, error) : NULL;
    gboolean changed = FALSE;

    if (!transaction ||
        !(paused ? pf_queue_pause(queue, pf_clock_now(), &changed, error) : pf_queue_resume(queue, &changed, error)) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    printf("%s\n", changed ? done : same);
    return TRUE;
}

gboolean
pf_queue_run_pause(const PfCommandCall *call, GError **error)
{
    return set_paused(call->app, TRUE, _("sending is paused; run 'podflattr queue resume' to continue"),
                      _("sending is already paused"), error);
}

gboolean
pf_queue_run_resume(const PfCommandCall *call, GError **error)
{
    return set_paused(call->app, FALSE, _("sending has resumed"), _("sending was not paused"), error);
}
