/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/settle_timer.h"

struct PfFinish {
    GHashTable *files;  /* PfPending, by folder and name */
    GSequence *by_time; /* the same, by due */
};

gint64
pf_finish_wait(PfFinishCause cause, gint64 settle, gint64 changed, gint64 now)
{
    gint64 whole = settle * G_USEC_PER_SEC;

    if (cause == PF_FINISH_MADE)
        return MAX(settle, PF_FINISH_UNCLOSED) * G_USEC_PER_SEC;
    if (cause == PF_FINISH_CLOSED)
        return whole;
    return CLAMP(whole - (now - changed) / 1000, 0, whole);
}

void
pf_pending_free(PfPending *pending)
{
    if (!pending)
        return;
    g_free(pending->name);
    g_free(pending->former);
    g_free(pending);
}

static guint
pending_hash(gconstpointer pointer)
{
    const PfPending *pending = pointer;

    return g_str_hash(pending->name) * 31 + g_direct_hash(pending->folder);
}

static gboolean
pending_equal(gconstpointer a, gconstpointer b)
{
    const PfPending *left = a;
    const PfPending *right = b;

    return left->folder == right->folder && g_str_equal(left->name, right->name);
}

static gint
compare_due(gconstpointer a, gconstpointer b, gpointer data)
{
    const PfPending *left = a;
    const PfPending *right = b;

    (void)data;
    return (left->due > right->due) - (left->due < right->due);
}

PfFinish *
pf_finish_new(void)
{
    PfFinish *finish = g_new0(PfFinish, 1);

    finish->files = g_hash_table_new(pending_hash, pending_equal);
    finish->by_time = g_sequence_new(NULL);
    return finish;
}

static void
free_pending(gpointer pending, gpointer data)
{
    (void)data;
    pf_pending_free(pending);
}

void
pf_finish_free(PfFinish *finish)
{
    if (!finish)
        return;
    g_hash_table_unref(finish->files);
    g_sequence_foreach(finish->by_time, free_pending, NULL);
    g_sequence_free(finish->by_time);
    g_free(finish);
}

static PfPending *
find_pending(PfFinish *finish, gpointer folder, const char *name)
{
    PfPending wanted = {.folder = folder, .name = (char *)name};

    return g_hash_table_lookup(finish->files, &wanted);
}

void
pf_finish_add(PfFinish *finish, gpointer folder, const char *name, const char *former, PfFinishLook look, gboolean open,
              gint64 due)
{
    PfPending *pending = find_pending(finish, folder, name);

    if (!pending) {
        pending = g_new0(PfPending, 1);
        pending->folder = folder;
        pending->name = g_strdup(name);
        pending->due = due;
        g_hash_table_add(finish->files, pending);
        pending->place = g_sequence_insert_sorted(finish->by_time, pending, compare_due, NULL);
    }
    if (!pending->former)
        pending->former = g_strdup(former);
    pending->look = look;
    pending->open = open;
    if (pending->due != due) {
        pending->due = due;
        g_sequence_sort_changed(pending->place, compare_due, NULL);
    }
}

const PfPending *
pf_finish_find(PfFinish *finish, gpointer folder, const char *name)
{
    return find_pending(finish, folder, name);
}

static PfPending *
take_out(PfFinish *finish, PfPending *pending)
{
    if (!pending)
        return NULL;
    g_hash_table_remove(finish->files, pending);
    g_sequence_remove(pending->place);
    pending->place = NULL;
    return pending;
}

PfPending *
pf_finish_steal(PfFinish *finish, gpointer folder, const char *name)
{
    return take_out(finish, find_pending(finish, folder, name));
}

PfPending *
pf_finish_take_due(PfFinish *finish, gint64 now)
{
    GSequenceIter *first = g_sequence_get_begin_iter(finish->by_time);
    PfPending *pending = g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);

    return pending && pending->due <= now ? take_out(finish, pending) : NULL;
}

gint64
pf_finish_next_due(PfFinish *finish)
{
    GSequenceIter *first = g_sequence_get_begin_iter(finish->by_time);

    return g_sequence_iter_is_end(first) ? G_MAXINT64 : ((PfPending *)g_sequence_get(first))->due;
}

guint
pf_finish_count(PfFinish *finish)
{
    return g_hash_table_size(finish->files);
}

void
pf_finish_forget_folder(PfFinish *finish, gpointer folder)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, finish->files);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        PfPending *pending = key;
        if (pending->folder != folder)
            continue;
        g_hash_table_iter_remove(&iter);
        g_sequence_remove(pending->place);
        pf_pending_free(pending);
    }
}
