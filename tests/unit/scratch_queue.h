/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue in a scratch folder, for the unit tests of what works on one. Every step asserts that it worked.
 */
#pragma once

#include "queue/queue.h"
#include <gio/gio.h>
#include <glib/gstdio.h>

typedef struct {
    char *folder;
    PfQueue *queue;
} Scratch;

static inline void
scratch_open(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;

    scratch->queue = pf_queue_open(scratch->folder, 1000, &error);
    g_assert_no_error(error);
}

static inline void
scratch_close(Scratch *scratch)
{
    g_clear_pointer(&scratch->queue, pf_queue_close);
}

static inline void
scratch_set_up(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    scratch->folder = g_dir_make_tmp("podflattr-test-XXXXXX", &error);
    g_assert_no_error(error);
    scratch_open(scratch);
}

static inline void
scratch_remove(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        scratch_remove(inner);
    }
    g_remove(path);
}

static inline void
scratch_tear_down(Scratch *scratch, gconstpointer data)
{
    (void)data;
    scratch_close(scratch);
    scratch_remove(scratch->folder);
    g_free(scratch->folder);
}

static PfTransaction *scratch_transaction; /* the one that is open */

static inline void
scratch_begin(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;

    scratch_transaction = pf_queue_begin(scratch->queue, &error);
    g_assert_no_error(error);
}

static inline void
scratch_end(void)
{
    g_autoptr(GError) error = NULL;

    pf_transaction_commit(g_steal_pointer(&scratch_transaction), &error);
    g_assert_no_error(error);
}

/* Adds a draft in a transaction of its own; returns its id, negative when it was known. */
static inline gint64
scratch_add(Scratch *scratch, PfEntry draft)
{
    g_autoptr(GError) error = NULL;
    gboolean added;
    gint64 id;

    if (!draft.url)
        draft.url = draft.key;
    scratch_begin(scratch);
    pf_queue_add(scratch->queue, &draft, &id, &added, &error);
    g_assert_no_error(error);
    scratch_end();
    return added ? id : -id;
}

static inline PfEntry *
scratch_read(Scratch *scratch, gint64 id)
{
    g_autoptr(GError) error = NULL;
    PfEntry *entry;

    pf_queue_read(scratch->queue, id, &entry, &error);
    g_assert_no_error(error);
    return entry;
}

static inline PfEntry *
scratch_claim(Scratch *scratch, gint64 now)
{
    g_autoptr(GError) error = NULL;

    scratch_begin(scratch);
    PfEntry *entry = pf_queue_find_due(scratch->queue, now, &error);
    g_assert_no_error(error);
    if (entry)
        g_assert_true(pf_queue_claim(scratch->queue, entry, "account", now, &error));
    scratch_end();
    return entry;
}

/* The story in short: "added:queued drop:dropped". */
static inline char *
scratch_story(Scratch *scratch, gint64 id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) story = pf_queue_read_history(scratch->queue, id, &error);
    GString *text = g_string_new(NULL);

    g_assert_no_error(error);
    for (guint i = 0; i < story->len; i++) {
        const PfEvent *event = story->pdata[i];
        g_string_append_printf(text, "%s%s:%s", i > 0 ? " " : "", event->what, event->state);
    }
    return g_string_free(text, FALSE);
}
