/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a hook leaves its arrival when the database is locked, full or broken: a file of its own in STATE/hooks/, JSON,
 * written whole (temporary name, fsync, rename). Whoever works on the queue takes such files into it.
 *
 * A file is an object with the fields of PfArrival that a teller knows, and "version". Strings are percent-encoded
 * where they are not plain, since paths need not be UTF-8. Only files named *.json are looked at.
 */
#pragma once

#include "queue/arrival.h"

#define PF_HOOK_FILE_ERROR (pf_hook_file_error_quark())
GQuark pf_hook_file_error_quark(void);

typedef enum {
    PF_HOOK_FILE_ERROR_FOLDER,  /* the folder cannot be made or read */
    PF_HOOK_FILE_ERROR_WRITE,   /* the file cannot be written */
    PF_HOOK_FILE_ERROR_DAMAGED, /* files that cannot be read as arrivals were set aside; all others were taken */
} PfHookFileError;

/** A file of more bytes is none of ours. */
#define PF_HOOK_FILE_MAX_SIZE 4194304

/**
 * Writes an arrival into a file of its own; it is on the disk when this returns TRUE.
 *
 * @arrival: all but id and what was found out about it (state and what follows, without seen) is kept
 *
 * Returns: FALSE with a PF_HOOK_FILE_ERROR set. Any thread.
 */
gboolean pf_hook_file_write(const char *state_dir, const PfArrival *arrival, GError **error);

/**
 * Takes all such files into the queue as new arrivals, the earliest first, in one transaction, and removes them once
 * that is committed. A file that is damaged, or is none of ours, gets ".bad" added to its name and is in nobody's way.
 *
 * @taken: (out): how many were taken; also set for PF_HOOK_FILE_ERROR_DAMAGED
 *
 * Returns: FALSE with a PF_HOOK_FILE_ERROR or, nothing having been taken, a PF_DATABASE_ERROR set. Not to be called
 * between pf_queue_begin() and pf_queue_end(). In the queue's thread.
 */
gboolean pf_hook_file_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error);
