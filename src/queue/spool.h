/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report by a hook: a file of its own in STATE/hooks/, JSON, written whole (temporary name, fsync, rename), as mail
 * is put into a spool. So a hook waits for no other program's lock, and is linked without SQLite, which takes longer to
 * load and open than all that a hook does. Whoever opens the queue, service or command, first takes such files into the
 * database; several may do it at once.
 *
 * A file is an object with the fields of PfArrival that a hook knows, and "version". Strings are percent-encoded
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

/** The files that were there when they were listed, the earliest first. */
typedef struct PfHookInbox PfHookInbox;

/**
 * Lists what hooks have told. Files that hooks, killed as they wrote, left unfinished a day ago are removed.
 *
 * Returns: (transfer full): the list, maybe empty; NULL with a PF_HOOK_FILE_ERROR set.
 */
PfHookInbox *pf_hook_inbox_open(const char *state_dir, GError **error);
void pf_hook_inbox_free(PfHookInbox *inbox);

/** Whether the list is at its end. */
gboolean pf_hook_inbox_is_done(const PfHookInbox *inbox);

/**
 * Takes the next files of the list into the queue as new arrivals, in one transaction, and removes them once that is
 * committed. What is no file of a hook's gets ".bad" added to its name and is in nobody's way; what cannot be read or
 * removed now stays. Both are logged.
 *
 * @most: how many files, at the most
 * @taken: (out): how many were taken
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set, nothing having been taken: then the list is where it was. Not to be
 * called in a transaction.
 */
gboolean pf_hook_inbox_take(PfHookInbox *inbox, PfQueue *queue, guint most, guint *taken, GError **error);

/** Whether one of the files last taken stays, for another try later. */
gboolean pf_hook_inbox_has_left(const PfHookInbox *inbox);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfHookInbox, pf_hook_inbox_free)
