/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hook tells: a file of its own in STATE/hooks/, JSON, written whole (temporary name, fsync, rename), as mail is
 * put into a spool. So a hook waits for no other program's lock, and is linked without SQLite, which takes longer to
 * load and open than all that a hook does. hook_inbox.h takes such files into the database.
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
    PF_HOOK_FILE_ERROR_GONE,    /* there is no such file (any more) */
    PF_HOOK_FILE_ERROR_READ,    /* it cannot be read now */
    PF_HOOK_FILE_ERROR_DAMAGED, /* it is none of ours, or damaged */
} PfHookFileError;

/** How the names of such files end. */
#define PF_HOOK_FILE_ENDING ".json"

/** What is added to the name of one that is set aside. */
#define PF_HOOK_FILE_BAD ".bad"

/** A file of more bytes is none of ours. */
#define PF_HOOK_FILE_MAX_SIZE 4194304

/**
 * Writes an arrival into a file of its own; it is on the disk when this returns TRUE. What root writes into the state
 * folder of somebody else is theirs.
 *
 * @arrival: all but id and what was found out about it (state and what follows, without seen) is kept
 *
 * Returns: FALSE with a PF_HOOK_FILE_ERROR set. Any thread.
 */
gboolean pf_hook_file_write(const char *state_dir, const PfArrival *arrival, GError **error);

/** The folder of such files, which need not be there. Returns: (transfer full): its path. */
char *pf_hook_file_folder(const char *state_dir);

/**
 * Reads one such file.
 *
 * @path: of the file
 *
 * Returns: (transfer full): the arrival, due at once; NULL with a PF_HOOK_FILE_ERROR set.
 */
PfArrival *pf_hook_file_read(const char *path, GError **error);
