/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/inbox.h"

#include "base/clock.h"
#include "queue/spool_intake.h"

/* So much in one transaction: another program that wants to write waits no longer than for these. */
#define BATCH 100

/* How long after something of what hooks have told could not be read it is tried again, seconds. */
#define HOOKS_WAIT 300

struct PfInbox {
    PfQueue *queue;
    const char *state_dir;
    GQueue told;        /* of Told */
    gboolean rung;      /* hooks may have told something */
    PfHookInbox *hooks; /* what they had told when that was listed; NULL when all of it is taken in */
    gint64 again;       /* when it is listed again unasked, seconds since the epoch; G_MAXINT64 for never */
};

/* What was told: a file, or that a folder was looked at. */
typedef struct {
    PfArrival *arrival;
    char *folder;
    gint64 mark;
} Told;

static void
told_free(gpointer data)
{
    Told *told = data;

    pf_arrival_free(told->arrival);
    g_free(told->folder);
    g_free(told);
}

/* --- telling --- */

void
pf_inbox_add_file(PfInbox *inbox, const char *path, const char *former, gint64 size, gint64 changed)
{
    Told *told = g_new0(Told, 1);
    PfArrival *arrival = pf_arrival_new();

    arrival->source = PF_SOURCE_WATCH;
    arrival->path = g_strdup(path);
    arrival->former = g_strdup(former);
    arrival->size = size;
    arrival->changed = changed;
    arrival->seen = arrival->next_try = pf_clock_now();
    told->arrival = arrival;
    g_queue_push_tail(&inbox->told, told);
}

void
pf_inbox_add_mark(PfInbox *inbox, const char *folder, gint64 mark)
{
    Told *told = g_new0(Told, 1);

    told->folder = g_strdup(folder);
    told->mark = mark;
    g_queue_push_tail(&inbox->told, told);
}

void
pf_inbox_ring(PfInbox *inbox)
{
    inbox->rung = TRUE;
}

gboolean
pf_inbox_is_full(const PfInbox *inbox)
{
    return inbox->told.length >= 2 * BATCH;
}

gboolean
pf_inbox_is_empty(const PfInbox *inbox)
{
    return inbox->told.length == 0 && !inbox->rung && !inbox->hooks;
}

gint64
pf_inbox_next_look(const PfInbox *inbox)
{
    return inbox->again;
}

/* --- writing --- */

/* What cannot be read is logged, and is no failure. Returns: (transfer full) (nullable). */
static PfHookInbox *
open_hooks(const char *state_dir)
{
    g_autoptr(GError) failure = NULL;
    PfHookInbox *hooks = pf_hook_inbox_open(state_dir, &failure);

    if (!hooks)
        g_warning("%s; what hooks have told waits there", failure->message);
    return hooks;
}

gboolean
pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error)
{
    g_autoptr(PfHookInbox) hooks = open_hooks(state_dir);
    gboolean left;
    guint batch;

    *taken = 0;
    while (hooks && !pf_hook_inbox_is_done(hooks)) {
        if (!pf_hook_inbox_take(hooks, queue, BATCH, &batch, &left, error))
            return FALSE;
        *taken += batch;
    }
    return TRUE;
}

/* Takes in a batch of what hooks have told. */
static gboolean
write_hooks(PfInbox *inbox, GError **error)
{
    gint64 now = pf_clock_now();
    gboolean left = FALSE;
    guint taken;

    if (!inbox->hooks && (inbox->rung || inbox->again <= now)) {
        inbox->rung = FALSE;
        inbox->again = G_MAXINT64;
        inbox->hooks = open_hooks(inbox->state_dir);
        left = !inbox->hooks;
    }
    if (inbox->hooks && !pf_hook_inbox_take(inbox->hooks, inbox->queue, BATCH, &taken, &left, error))
        return FALSE;
    if (left)
        inbox->again = now + HOOKS_WAIT;
    if (inbox->hooks && pf_hook_inbox_is_done(inbox->hooks))
        g_clear_pointer(&inbox->hooks, pf_hook_inbox_free);
    return TRUE;
}

static gboolean
write_mark(PfQueue *queue, const Told *told, GError **error)
{
    gint64 first, mark;

    return pf_arrival_load_marks(queue, told->folder, &first, &mark, error) &&
           pf_arrival_save_marks(queue, told->folder, first ? first : told->mark * PF_CLOCK_NANOSECONDS,
                                 MAX(mark, told->mark), error);
}

static gboolean
write_told(PfQueue *queue, const Told *told, GError **error)
{
    gboolean added;
    gint64 id;

    return told->arrival ? pf_arrival_add(queue, told->arrival, &id, &added, error) : write_mark(queue, told, error);
}

static gboolean
write_batch(PfInbox *inbox, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint written = 0;

    if (inbox->told.length == 0)
        return TRUE;
    if (pf_queue_begin(inbox->queue, &failure)) {
        for (GList *at = inbox->told.head; at && written < BATCH && !failure; at = at->next, written++)
            write_told(inbox->queue, at->data, &failure);
        pf_queue_end(inbox->queue, &failure);
    }
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    for (; written > 0; written--)
        told_free(g_queue_pop_head(&inbox->told));
    return TRUE;
}

gboolean
pf_inbox_write(PfInbox *inbox, GError **error)
{
    return write_hooks(inbox, error) && write_batch(inbox, error);
}

gboolean
pf_inbox_flush(PfInbox *inbox, GError **error)
{
    while (inbox->told.length > 0)
        if (!write_batch(inbox, error))
            return FALSE;
    return TRUE;
}

/* --- life --- */

PfInbox *
pf_inbox_new(PfQueue *queue, const char *state_dir)
{
    PfInbox *inbox = g_new0(PfInbox, 1);

    inbox->queue = queue;
    inbox->state_dir = state_dir;
    inbox->again = G_MAXINT64;
    g_queue_init(&inbox->told);
    return inbox;
}

void
pf_inbox_free(PfInbox *inbox)
{
    if (!inbox)
        return;
    g_queue_clear_full(&inbox->told, told_free);
    pf_hook_inbox_free(inbox->hooks);
    g_free(inbox);
}
