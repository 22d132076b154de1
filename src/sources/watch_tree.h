/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folders that are known, each once, by what the watcher finds them by: their watch, their inode, and their name in
 * the folder above. A path is put together from the names, so a renamed folder takes all below it along. One thread.
 */
#pragma once

#include <glib.h>
#include <inotifytools/inotify.h>

/*
 * libinotifytools, as the watcher uses it. The library's state is global, so one thread owns it between
 * pf_inotify_start() and pf_inotify_stop(). What is peculiar about the library is dealt with here and nowhere else:
 *
 * - It tells no watch descriptor but by the name that a watch was set with, and it keeps the names of watches that the
 *   kernel has taken away. So every watch gets a name that was never used: a folder's open descriptor under
 *   /proc/self/fd, spelled in a new way each time. That also binds the watch to the very folder that is then listed.
 * - It waits by select(), and would abort the program with a descriptor beyond FD_SETSIZE.
 * - It keeps read events over its own end, and would tell them at its next beginning.
 */

/**
 * Begins. Returns: 0, or an errno value: EMFILE when the user's inotify instances are used up, or the process's
 * descriptors.
 */
int pf_inotify_start(void);

/** Ends; all watches are gone. */
void pf_inotify_stop(void);

/**
 * Watches what a descriptor is open on.
 *
 * @mask: of events, see inotify(7); what is watched already is refused with EEXIST
 *
 * Returns: the watch descriptor, or a negative errno value: -ENOSPC when the user's watches are used up.
 */
int pf_inotify_watch(int descriptor, guint32 mask);

/** Ends a watch that the kernel has not ended. */
void pf_inotify_unwatch(int watch);

/**
 * Says that the kernel has ended a watch (IN_IGNORED). Returns: whether so much dead memory has gathered in the library
 * that it should be stopped and started again.
 */
gboolean pf_inotify_note_dead(void);

/**
 * Reads the next event.
 *
 * @wait: whether to wait for one without limit
 *
 * Returns: (nullable) (transfer none): it, until the next call; NULL when there is none, or after a signal.
 */
const struct inotify_event *pf_inotify_next(gboolean wait);

typedef struct PfFolder PfFolder;

struct PfFolder {
    PfFolder *above; /* NULL for a configured folder, and for one that is moved away */
    char *name;      /* in the folder above; the whole path of a configured folder */
    int watch;       /* -1 without */
    guint64 device;
    guint64 inode;
    guint root;          /* the configured folder that it belongs to: an index */
    gint64 mark;         /* files changed before it (ctime, seconds) were seen, 0 for none */
    gboolean is_link;    /* reached through a symbolic link */
    gboolean moved_away; /* was moved away, and may turn up elsewhere */
    gboolean listed;     /* once at least */
    gboolean queued;     /* waits to be listed */
    gboolean polled;     /* no watch could be set */
    gboolean remote;     /* on a file system that may change without inotify's knowing */
    gboolean recheck;    /* a name in it leads nowhere or to a folder with another name: mounts may change that */
    gboolean
        incomplete;   /* its last listing broke off: it is listed again, and what it has did not count as looked at */
    int fault;        /* errno value that keeps it from being read, or 0 */
    GPtrArray *links; /* names of symbolic links in it that lead to folders or nowhere; NULL for none */
};

typedef struct PfTree PfTree;

PfTree *pf_tree_new(void);
void pf_tree_free(PfTree *tree);

/**
 * Adds a folder without a watch.
 *
 * @above: (nullable): the folder above
 * @name: copied
 *
 * Returns: (transfer none): until pf_tree_remove().
 */
PfFolder *pf_tree_add(PfTree *tree, PfFolder *above, const char *name, guint64 device, guint64 inode);

/** Forgets a folder, and no other: those below it must be gone. */
void pf_tree_remove(PfTree *tree, PfFolder *folder);

/** Find a folder. Return: (nullable) (transfer none). */
PfFolder *pf_tree_find_watch(PfTree *tree, int watch);
PfFolder *pf_tree_find_inode(PfTree *tree, guint64 device, guint64 inode);
PfFolder *pf_tree_find_name(PfTree *tree, const PfFolder *above, const char *name);

/** Whether a folder that was there still is. */
gboolean pf_tree_has(const PfTree *tree, const PfFolder *folder);

/** Change what a folder is found by. */
void pf_tree_set_watch(PfTree *tree, PfFolder *folder, int watch);
void pf_tree_move(PfTree *tree, PfFolder *folder, PfFolder *above, const char *name);

/** Takes a folder out of the one above: it and all below it have no path until pf_tree_move(). */
void pf_tree_set_moved_away(PfTree *tree, PfFolder *folder);

/** A folder's path, or one's in it. Returns: (nullable) (transfer full): NULL when it is moved away. */
char *pf_tree_path(const PfFolder *folder, const char *name);

/** Whether a folder is another one or below it. */
gboolean pf_tree_is_below(const PfFolder *folder, const PfFolder *top);

/** Lists a folder and all below it, those above first; all folders for NULL. Returns: (transfer container). */
GPtrArray *pf_tree_list(PfTree *tree, const PfFolder *top);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfTree, pf_tree_free)
