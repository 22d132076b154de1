/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/inbox.h"

#include "base/clock.h"
#include "queue/hook_inbox.h"

/* So much in one transaction: another program that wants to write waits no longer than for these. */
#define BATCH 100

/* So many of hooks' files: to find the earliest, all that are there are listed each time. */
#define HOOKS_BATCH 500

struct PfInbox {
    PfQueue *queue;
    const char *state_dir;
    GQueue told;   /* of Told */
    gboolean rung; /* hooks may have told something */
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
    return inbox->told.length == 0 && !inbox->rung;
}

/* --- writing --- */

/* Takes in a batch of what hooks have told. @more: (out): whether there is more of it. What cannot be read is logged,
 * and is no failure. */
static gboolean
collect(PfQueue *queue, const char *state_dir, gboolean *more, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint taken;

    if (pf_hook_inbox_take(queue, state_dir, HOOKS_BATCH, &taken, more, &failure))
        return TRUE;
    if (failure->domain == PF_HOOK_FILE_ERROR) {
        g_warning("%s", failure->message);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean
pf_inbox_collect(PfQueue *queue, const char *state_dir, GError **error)
{
    gboolean more = TRUE;

    while (more)
        if (!collect(queue, state_dir, &more, error))
            return FALSE;
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
    if (inbox->rung && !collect(inbox->queue, inbox->state_dir, &inbox->rung, error)) {
        inbox->rung = TRUE;
        return FALSE;
    }
    return write_batch(inbox, error);
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
    g_queue_init(&inbox->told);
    return inbox;
}

void
pf_inbox_free(PfInbox *inbox)
{
    if (!inbox)
        return;
    g_queue_clear_full(&inbox->told, told_free);
    g_free(inbox);
}
