/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the user's that may be hard to get at: on a file system that does not answer, or under a name that has led
 * to another file since the service confined itself (daemon/landlock.h).
 *
 * For the first there is pf_call_in_time(), which gives up waiting. For the second there is a helper, a process that is
 * forked before the service confines itself and stays as free to read as its user is. It opens what lies beneath the
 * paths that the user's settings name, which it reads itself, and nothing else, so reading files whose folder was
 * unmounted and mounted again, deleted and made again, or named after the start, needs no right to read what lies
 * beside them.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

/** How long the service waits for a file, milliseconds. */
#define PF_FILE_TIMEOUT_MS 3000

/** Lists what the helper may open. Returns: (transfer full): absolute paths with a final NULL; NULL: as before. */
typedef GPtrArray *(*PfFileHelperList)(gpointer data);

/**
 * Starts the helper. Call it while there is one thread only, before the process gives up rights. It ends with this
 * process.
 *
 * @allowed: absolute paths, ended by NULL; copied
 * @list: is called in the helper at each pf_file_helper_update(); NULL for none
 * @data: for it
 * @confine: is called in the helper, to give up what it does not need
 *
 * Returns: whether it runs; FALSE with errno set.
 */
gboolean pf_file_helper_start(const char *const *allowed, PfFileHelperList list, gpointer data, void (*confine)(void));

/**
 * Has the helper list again what it may open: the service only says that the settings have changed, so one that was
 * taken over by a feed cannot have more opened.
 *
 * @allowed: what this process takes the helper to open from then on; copied
 */
void pf_file_helper_update(const char *const *allowed);

/** Whether a path is one of those that the helper opens, or beneath one, by its text; FALSE without a helper. Any
 * thread. */
gboolean pf_file_helper_allows(const char *path);

/** Ends the helper. No thread may be opening a file. */
void pf_file_helper_stop(void);

/**
 * Opens a file for reading as open(2) does, O_CLOEXEC and O_NONBLOCK added; through the helper where this process may
 * not open it itself and the helper can. Any thread.
 *
 * Returns: a descriptor; -1 with errno set.
 */
int pf_file_open(const char *path);

/**
 * Calls a function in a thread of its own and waits for it for a while. While an earlier call for a path on the same
 * remote mount, or for the same path, has not come back, later ones are given up at once. Any thread.
 *
 * @path: absolute: what the function touches
 * @data: (transfer full): the caller's again when this returns TRUE
 * @free_data: is called when this returns FALSE, at once or when the call comes back after all, by any thread
 *
 * Returns: whether it has come back.
 */
gboolean pf_call_in_time(const char *path, guint milliseconds, void (*function)(const char *path, gpointer data),
                         gpointer data, GDestroyNotify free_data);

/** pf_file_open() by pf_call_in_time(), with PF_FILE_TIMEOUT_MS. Returns: also -1 with errno ETIMEDOUT. Any thread. */
int pf_file_open_in_time(const char *path);

/** stat(2) by pf_call_in_time(), with PF_FILE_TIMEOUT_MS. Returns: 0; -1 with errno set, ETIMEDOUT when nothing
 * answers. Any thread. */
int pf_file_stat_in_time(const char *path, struct stat *status);

/**
 * read(2) by pf_call_in_time(), with PF_FILE_TIMEOUT_MS. Any thread.
 *
 * @path: of the file that is open
 *
 * Returns: as read(2); also -1 with errno ETIMEDOUT, after which the file is not to be read any more.
 */
gssize pf_file_read_in_time(const char *path, int descriptor, char *buffer, gsize size);

/** A path's mount point by /proc/self/mountinfo, links in the path followed. Nothing is asked of a file system that
 * others serve. Returns: (transfer full). Any thread. */
char *pf_file_dup_mount_point(const char *path);

/** Lists the mount points of file systems that others serve, and that may not answer (NFS, FUSE …); by
 * /proc/self/mountinfo, which touches none. Returns: (transfer full) (element-type utf8). Any thread. */
GPtrArray *pf_file_list_remote_mounts(void);

/** Whether a path is another one or beneath it, by their texts, both plain. Pure. */
gboolean pf_file_is_beneath(const char *path, const char *top);
