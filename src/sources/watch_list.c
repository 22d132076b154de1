/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "sources/inotify.h"
#include "sources/watch_name.h"
#include "sources/watch_thread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define EVENTS                                                                                                         \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* File systems whose files others may change: inotify tells of changes made on this machine only. */
static const guint32 remote_systems[] = {
    0x6969,     /* NFS */
    0x517b,     /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 */
    0x65735546, /* FUSE */
    0x01021997, /* 9p */
    0x00c36400, /* CEPH */
    0x5346414f, /* AFS */
    0x6b414653, /* AFS, the kernel's own */
    0x73757245, /* Coda */
};

static gboolean
is_remote(int descriptor)
{
    struct statfs system;

    if (fstatfs(descriptor, &system) != 0)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(remote_systems); i++) {
        if ((guint32)system.f_type == remote_systems[i])
            return TRUE;
    }
    return FALSE;
}

void
pf_watcher_queue(PfWatcher *watcher, PfFolder *folder)
{
    if (folder->queued)
        return;
    folder->queued = TRUE;
    g_queue_push_tail(&watcher->to_list, folder);
}

void
pf_watcher_queue_below(PfWatcher *watcher, PfFolder *top)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, top);

    for (guint i = 0; i < folders->len; i++)
        pf_watcher_queue(watcher, folders->pdata[i]);
}

void
pf_watcher_empty_limbo(PfWatcher *watcher)
{
    GHashTableIter iter;
    gpointer watch;

    g_hash_table_iter_init(&iter, watcher->limbo);
    while (g_hash_table_iter_next(&iter, &watch, NULL))
        pf_inotify_unwatch(GPOINTER_TO_INT(watch));
    g_hash_table_remove_all(watcher->limbo);
}

static void
drop_one(PfWatcher *watcher, PfFolder *folder)
{
    PfRoot *root = &watcher->roots[folder->root];

    if (folder->watch >= 0)
        g_hash_table_add(watcher->limbo, GINT_TO_POINTER(folder->watch));
    if (folder->queued)
        g_queue_remove(&watcher->to_list, folder);
    if (root->top == folder)
        root->top = NULL;
    pf_finish_forget_folder(watcher->finish, folder);
    pf_tree_remove(watcher->tree, folder);
}

void
pf_watcher_drop(PfWatcher *watcher, PfFolder *top)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, top);

    for (guint i = folders->len; i > 0; i--)
        drop_one(watcher, folders->pdata[i - 1]);
    watcher->examine = TRUE;
    watcher->recount = TRUE;
}

int
pf_watcher_watch(PfWatcher *watcher, int descriptor, guint32 mask)
{
    int watch = pf_inotify_watch(descriptor, mask);

    if (watch == -EEXIST) {
        /* It was dropped a moment ago, and is wanted again. */
        pf_watcher_empty_limbo(watcher);
        watch = pf_inotify_watch(descriptor, mask);
    }
    watcher->no_watches |= watch == -ENOSPC;
    return watch;
}

static void
set_watch(PfWatcher *watcher, PfFolder *folder, int descriptor)
{
    int watch = -1;

    if (watcher->bell_watch >= 0) {
        pf_watcher_yield_way(watcher, folder->device, folder->inode);
        watch = pf_watcher_watch(watcher, descriptor, EVENTS);
    }
    folder->polled = watch < 0;
    if (watch >= 0)
        pf_tree_set_watch(watcher->tree, folder, watch);
}

gboolean
pf_watcher_is_in_place(const PfFolder *folder)
{
    g_autofree char *path = pf_tree_path(folder, NULL);
    struct stat status;

    return path && stat(path, &status) == 0 && status.st_ino == folder->inode && status.st_dev == folder->device;
}

static void
move_folder(PfWatcher *watcher, PfFolder *folder, PfFolder *above, const char *name)
{
    PfRoot *root = &watcher->roots[folder->root];
    g_autoptr(GPtrArray) folders = NULL;

    if (root->top == folder)
        root->top = NULL;
    pf_tree_move(watcher->tree, folder, above, name);
    folder->is_link = FALSE;
    folders = pf_tree_list(watcher->tree, folder);
    for (guint i = 0; i < folders->len; i++)
        ((PfFolder *)folders->pdata[i])->root = above->root;
    pf_watcher_queue_below(watcher, folder);
}

/* A known folder was found under a name: its own name comes before a link's, and before one that it has no more. */
static void
meet_known(PfWatcher *watcher, PfFolder *folder, PfFolder *above, const char *name, gboolean is_link)
{
    if (!is_link && !pf_tree_is_below(above, folder) && (folder->is_link || !pf_watcher_is_in_place(folder)))
        move_folder(watcher, folder, above, name);
    else
        above->recheck = TRUE;
}

/* What one listing goes by. */
typedef struct {
    PfWatcher *watcher;
    PfFolder *folder;
    DIR *stream;
    gint64 mark;       /* files changed since then, in seconds … */
    gboolean all;      /* … or all of them count */
    gint64 newest;     /* the newest ctime in it, seconds */
    gint64 child_mark; /* what is below it counts from then */
} Listing;

static void
list_file(Listing *listing, const char *name, const struct stat *status, gboolean is_feed)
{
    listing->newest = MAX(listing->newest, status->st_ctim.tv_sec);
    /* How old a feed is does not matter: what it lists is known from then on, and nothing is flattred for it. */
    if (is_feed || ((listing->all || status->st_ctim.tv_sec >= listing->mark) &&
                    pf_watcher_changed(status) > listing->watcher->roots[listing->folder->root].first))
        pf_watcher_see(listing->watcher, listing->folder, name, NULL, status, PF_FINISH_LISTED);
}

/* A folder in the one that is listed: puts it in line unless it is known. */
static void
list_folder(Listing *listing, const char *name, const struct stat *status, gboolean is_link)
{
    PfTree *tree = listing->watcher->tree;
    PfFolder *known = pf_tree_find_name(tree, listing->folder, name);
    PfFolder *folder;

    if (known && known->inode == status->st_ino && known->device == status->st_dev)
        return;
    if (known)
        pf_watcher_drop(listing->watcher, known);
    folder = pf_tree_find_inode(tree, status->st_dev, status->st_ino);
    if (folder) {
        meet_known(listing->watcher, folder, listing->folder, name, is_link);
        return;
    }
    folder = pf_tree_add(tree, listing->folder, name, status->st_dev, status->st_ino);
    folder->root = listing->folder->root;
    folder->mark = listing->child_mark;
    folder->is_link = is_link;
    pf_watcher_queue(listing->watcher, folder);
}

/* Returns: 0, or the errno value for which nobody knows what is there. */
static int
list_entry(Listing *listing, const struct dirent *entry, GPtrArray *links)
{
    PfWatchName sort = pf_watch_name_sort(entry->d_name, listing->watcher->settings->extensions);
    struct stat status;

    if (*entry->d_name == '.' || (entry->d_type == DT_REG && sort == PF_WATCH_NAME_OTHER))
        return 0;
    if (fstatat(dirfd(listing->stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : errno;
    if (S_ISDIR(status.st_mode))
        list_folder(listing, entry->d_name, &status, FALSE);
    else if (S_ISLNK(status.st_mode))
        g_ptr_array_add(links, g_strdup(entry->d_name));
    else if (S_ISREG(status.st_mode) && sort != PF_WATCH_NAME_OTHER)
        list_file(listing, entry->d_name, &status, sort == PF_WATCH_NAME_FEED);
    return 0;
}

/* Returns: 0, or an errno value: of what ended the listing before its end, or of the first entry that was passed over.
 */
static int
list_entries(Listing *listing)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    const struct dirent *entry;
    struct stat status;
    int fault = 0;

    while (errno = 0, (entry = readdir(listing->stream)) != NULL) {
        int passed_over = list_entry(listing, entry, links);
        fault = fault ? fault : passed_over;
    }
    fault = errno ? errno : fault;
    /* Links come last, so that a folder beside them goes by its own name. */
    for (guint i = 0; i < links->len; i++) {
        if (fstatat(dirfd(listing->stream), links->pdata[i], &status, 0) != 0)
            listing->folder->recheck = TRUE;
        else if (S_ISDIR(status.st_mode))
            list_folder(listing, links->pdata[i], &status, TRUE);
    }
    return fault;
}

static void
list_stream(PfWatcher *watcher, PfFolder *folder, DIR *stream, const struct stat *status)
{
    PfRoot *root = &watcher->roots[folder->root];
    /* The kernel stamps files with a clock that lags by some milliseconds. */
    gint64 begun = pf_watcher_now() / PF_CLOCK_NANOSECONDS - 1;
    gboolean all = status->st_ctim.tv_sec >= folder->mark;
    /* A folder that is moved in has a new time itself, what is in it has not. The configured folder does not move; its
     * time is new whenever a show is added. */
    gboolean came = all && folder->above;
    Listing listing = {.watcher = watcher,
                       .folder = folder,
                       .stream = stream,
                       .mark = folder->mark,
                       .all = all,
                       .newest = status->st_ctim.tv_sec,
                       .child_mark = folder->listed || came ? 0 : folder->mark};

    folder->recheck = FALSE;
    folder->fault = list_entries(&listing);
    folder->torn = folder->fault != 0;
    root->newest = MAX(root->newest, listing.newest);
    /* What was not read is to count at the next listing. */
    if (folder->torn)
        return;
    folder->listed = TRUE;
    /* A server's clock may be behind ours. */
    folder->mark = folder->remote ? MIN(begun, listing.newest) : begun;
}

/* Opens a folder. Links are followed where they were before. Returns: the descriptor, or a negative errno value. */
static int
open_folder(const PfFolder *folder)
{
    g_autofree char *path = pf_tree_path(folder, NULL);
    gboolean follow = folder->is_link || !folder->above;
    int descriptor;

    if (!path)
        return -ENOENT;
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
    return descriptor < 0 ? -errno : descriptor;
}

static void
list_descriptor(PfWatcher *watcher, PfFolder *folder, int descriptor)
{
    struct stat status;
    DIR *stream;

    if (fstat(descriptor, &status) != 0 || status.st_ino != folder->inode || status.st_dev != folder->device) {
        /* Another folder has taken the name: it is met as such by the event or the examination that follows. */
        PfFolder *above = folder->above;
        g_close(descriptor, NULL);
        pf_watcher_drop(watcher, folder);
        if (above)
            pf_watcher_queue(watcher, above);
        return;
    }
    folder->remote = is_remote(descriptor);
    if (folder->watch < 0)
        set_watch(watcher, folder, descriptor);
    stream = fdopendir(descriptor);
    if (stream) {
        list_stream(watcher, folder, stream, &status);
        closedir(stream);
    } else {
        folder->fault = errno;
        folder->torn = TRUE;
        g_close(descriptor, NULL);
    }
}

void
pf_watcher_list(PfWatcher *watcher, PfFolder *folder)
{
    int descriptor = open_folder(folder);

    watcher->recount = TRUE;
    if (descriptor >= 0) {
        folder->fault = 0;
        list_descriptor(watcher, folder, descriptor);
    } else if (descriptor == -ENOENT || descriptor == -ENOTDIR || descriptor == -ELOOP) {
        if (folder->above && folder->is_link)
            folder->above->recheck = TRUE;
        if (!folder->adrift)
            pf_watcher_drop(watcher, folder);
    } else {
        folder->fault = -descriptor;
    }
}

void
pf_watcher_meet(PfWatcher *watcher, PfFolder *above, const char *name, gboolean is_link)
{
    g_autofree char *path = pf_tree_path(above, name);
    PfFolder *known = pf_tree_find_name(watcher->tree, above, name);
    PfFolder *folder;
    struct stat status;

    if (*name == '.' || !path)
        return;
    if (stat(path, &status) != 0) {
        above->recheck |= is_link;
        return;
    }
    if (!S_ISDIR(status.st_mode))
        return;
    if (known && (known->inode != status.st_ino || known->device != status.st_dev))
        pf_watcher_drop(watcher, known);
    folder = pf_tree_find_inode(watcher->tree, status.st_dev, status.st_ino);
    if (!folder) {
        folder = pf_tree_add(watcher->tree, above, name, status.st_dev, status.st_ino);
        folder->root = above->root;
        folder->is_link = is_link;
        /* At once: what happens in it before it is watched leaves no former names behind. */
        pf_watcher_list(watcher, folder);
    } else if (folder->above == above && g_str_equal(folder->name, name)) {
        pf_watcher_queue_below(watcher, folder);
    } else {
        meet_known(watcher, folder, above, name, is_link);
    }
}
