/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry's story: what happened to it, from when it was added to the server's last word.
 */
#pragma once

#include "queue/queue.h"

/** One thing that happened. Strings are NULL where there is nothing to say. */
typedef struct {
    gint64 at;    /* seconds since the epoch */
    char *what;   /* one word: "added", "sending", "answer", "interrupted", "due", "retry", "imported" … */
    char *state;  /* the entry's state after it, by name */
    char *reason; /* its reason after it */
    char *answer; /* what the server said */
} PfEvent;

void pf_event_free(PfEvent *event);

/**
 * Reads an entry's story.
 *
 * @entry: its id
 *
 * Returns: (transfer full): of PfEvent *, as it happened; empty when there is no such entry; NULL with a
 * PF_DATABASE_ERROR set. In the queue's thread.
 */
GPtrArray *pf_queue_read_story(PfQueue *queue, gint64 entry, GError **error);

/**
 * Reads what was answered to the last request, of whichever entry; or why no answer came.
 *
 * @answer: (out) (transfer full): the words; NULL when nothing was ever sent
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set. In the queue's thread.
 */
gboolean pf_queue_read_last_answer(PfQueue *queue, char **answer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEvent, pf_event_free)
