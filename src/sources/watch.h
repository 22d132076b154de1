/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports every file that is finished in the watched folders and all folders in them. Symbolic links to folders are
 * followed, each folder once; hidden folders are not looked into; only regular files count, with a wanted extension or
 * a feed's, and no temporary name.
 *
 * One thread owns libinotifytools, whose state is global: there is one PfWatch a process at a time. All callbacks come
 * on the default main context of the thread that made it, none after pf_watch_free() has returned. Nothing wakes up
 * while nothing happens, but for folders that inotify does not serve: those are looked through every minute.
 */
#pragma once

#include <glib.h>

#define PF_WATCH_ERROR (pf_watch_error_quark())
GQuark pf_watch_error_quark(void);

typedef enum {
    PF_WATCH_ERROR_BUSY,  /* there is a PfWatch already */
    PF_WATCH_ERROR_STATE, /* the state folder cannot be used */
} PfWatchError;

typedef struct PfWatch PfWatch;

/** A finished file. Lent for the call. */
typedef struct {
    const char *path;     /* absolute, bytes as the file system has them */
    const char *old_name; /* first known base name, as it was (.part too), before it was renamed; or NULL */
    gint64 size;          /* bytes */
    gint64 changed;       /* ctime, nanoseconds since the epoch */
    gboolean is_feed;     /* .xml .rss .atom .opml */
} PfWatchFile;

/**
 * A configured folder. @first and @mark are times of the file system (ctime): files that were changed or made at @first
 * or before, when the folder was first watched, are never reported. A listing at start reports files changed at or
 * after @mark, when all of it was last looked at, and of all since @first in folders that were changed themselves, and
 * in all below those: such a folder may have been moved in. Of feeds it tells every time: what was read of them is kept
 * in a cache.
 */
typedef struct {
    char *path;   /* absolute */
    gint64 first; /* nanoseconds since the epoch */
    gint64 mark;  /* seconds since the epoch */
} PfWatchFolder;

typedef enum {
    PF_WATCH_MISSING, /* waits until it is there */
    PF_WATCH_LISTING, /* is being looked through */
    PF_WATCH_ON,      /* inotify reports changes */
    PF_WATCH_POLLED,  /* it, or a part of it, is looked through every minute: no inotify there, or no watches left */
} PfWatchState;

typedef struct {
    const char *path;
    PfWatchState state;
    gint64 since;      /* of this state, seconds since the epoch */
    guint watches;     /* folders in it with a watch */
    const char *fault; /* what the user should fix, one line ("fs.inotify.max_user_watches …"), or NULL */
} PfWatchReport;

typedef struct {
    const PfWatchFolder *folders; /* copied */
    guint n_folders;
    const char *const *extensions; /* without dot, any case, ended by NULL; copied */
    gint64 settle;                 /* seconds that a file must stay unchanged; 0 tells at once */
    const char *state_dir;         /* for the file by which the thread is woken; it leaves nothing there */
    void (*found)(const PfWatchFile *file, gpointer data);
    /* All of a folder was looked at and reported, as of @mark: to be saved as its mark. */
    void (*looked)(const char *folder, gint64 mark, gpointer data);
    gpointer data; /* of both */
    /* A report has changed; ask pf_watch_get_report(). */
    void (*changed)(gpointer data);
    gpointer changed_data;
} PfWatchSettings;

/**
 * Begins to watch. Folders that are missing, unreadable or without inotify are no error: the report says so.
 *
 * Returns: (transfer full): NULL with a PF_WATCH_ERROR.
 */
PfWatch *pf_watch_new(const PfWatchSettings *settings, GError **error);

/**
 * Ends the thread and waits for it: well under a second, or three when a file system hangs; then the thread is left
 * behind, and no other PfWatch can be made. Files that have not settled, or
 * whose callback was still due, are found at the next start. When there are none, @looked is called from here with a
 * mark of a minute ago (a file may have been written last then, and be closed only now). May be called from a callback.
 */
void pf_watch_free(PfWatch *watch);

/**
 * Tells how the folders fare, in the order of the settings.
 *
 * @reports: (out) (transfer none): valid until the main loop runs again
 *
 * Returns: how many there are.
 */
guint pf_watch_get_report(PfWatch *watch, const PfWatchReport **reports);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatch, pf_watch_free)
