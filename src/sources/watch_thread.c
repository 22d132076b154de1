/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_thread.h"

#include "base/clock.h"
#include "base/file_access.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/memory.h"
#include "sources/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * libinotifytools. Its state is global, so this thread owns it between inotify_start() and inotify_stop(). What is
 * peculiar about it is dealt with here and nowhere else:
 *
 * - It tells no watch descriptor but by the name that a watch was set with, and it keeps the names of watches that the
 *   kernel has taken away. So every watch gets a name that was never used: a folder's open descriptor under
 *   /proc/self/fd, spelled in a new way each time. That also binds the watch to the very folder that is then listed.
 * - It waits by select(), and would abort the program with a descriptor beyond FD_SETSIZE.
 * - It keeps read events over its own end, and would report them at its next beginning.
 */

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

/* The library keeps dead watches: so many, or as many as there are living ones. Their memory is strewn over pages that
 * cannot be given back; and since a restart takes longer the more there is to watch, it must be worth it. */
#define DEAD_AT_LEAST 256

static guint names_given;
static guint watches_made; /* since inotify_start(), the dead ones too */
static guint watches_dead;

/* The lowest free descriptor is the one that the library will get. */
static int
check_descriptors(void)
{
    int probe = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (probe < 0)
        return errno;
    close(probe);
    return probe < FD_SETSIZE ? 0 : EMFILE;
}

/* Returns: (nullable) (transfer none): the next event, until the next call; NULL when there is none, or after a
 * signal. */
static const struct inotify_event *
inotify_next(gboolean wait)
{
    return inotifytools_next_events(wait ? -1 : 0, 1);
}

/* Returns: 0, or an errno value: EMFILE when the user's inotify instances are used up, or the process's descriptors. */
static int
inotify_start(void)
{
    int error = check_descriptors();

    if (error)
        return error;
    if (!inotifytools_initialize())
        return inotifytools_error() ? inotifytools_error() : EIO;
    watches_made = watches_dead = 0;
    while (inotify_next(FALSE))
        continue;
    return 0;
}

/* All watches are gone then. */
static void
inotify_stop(void)
{
    inotifytools_cleanup();
}

/* "/" and "/./" mean the same to the kernel, so they can spell a number. */
static char *
make_name(int descriptor)
{
    GString *name = g_string_new("/proc");

    for (guint rest = ++names_given; rest; rest >>= 1)
        g_string_append(name, rest & 1 ? "/./" : "/");
    g_string_append_printf(name, "self/fd/%d", descriptor);
    return g_string_free(name, FALSE);
}

/* Watches what a descriptor is open on; what is watched already is refused with EEXIST. Returns: the watch descriptor,
 * or a negative errno value: -ENOSPC when the user's watches are used up. */
static int
inotify_watch(int descriptor, guint32 mask)
{
    g_autofree char *name = make_name(descriptor);

    if (!inotifytools_watch_file(name, (int)(mask | IN_MASK_CREATE)))
        return inotifytools_error() ? -inotifytools_error() : -EIO;
    watches_made++;
    return inotifytools_wd_from_filename(name);
}

/* Ends a watch that the kernel has not ended. */
static void
inotify_unwatch(int watch)
{
    inotifytools_remove_watch_by_wd(watch);
}

/* Notes that the kernel has ended a watch (IN_IGNORED). Returns: whether so much dead memory has gathered in the
 * library that it should be stopped and started again. */
static gboolean
inotify_note_dead(void)
{
    watches_dead++;
    return watches_dead > MAX(DEAD_AT_LEAST, watches_made - MIN(watches_made, watches_dead));
}

/* The system's time, nanoseconds since the epoch: the clock that file systems stamp ctime with. */
static gint64
pf_watcher_now(void)
{
    return g_get_real_time() * 1000;
}

/* A file's ctime, nanoseconds since the epoch. */
static gint64
pf_watcher_changed(const struct stat *status)
{
    return (gint64)status->st_ctim.tv_sec * PF_CLOCK_NANOSECONDS + status->st_ctim.tv_nsec;
}

static PfFileStamp
look_at(const struct stat *status)
{
    return (PfFileStamp){.size = status->st_size, .changed = pf_watcher_changed(status), .inode = status->st_ino};
}

/* Whether the file system that a path is on answers. */
static gboolean
answers(const char *path)
{
    struct stat status;

    return pf_file_stat_in_time(path, &status) == 0 || errno != ETIMEDOUT;
}

static GPtrArray *
list_remote_mounts(PfWatcher *watcher)
{
    if (!watcher->remote_mounts)
        watcher->remote_mounts = pf_file_list_remote_mounts();
    return watcher->remote_mounts;
}

/* Whether where a link leads answers. It is asked only where what serves it may hang. */
static gboolean
link_answers(PfWatcher *watcher, const char *path)
{
    g_autofree char *target = g_file_read_link(path, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *place = target ? g_canonicalize_filename(target, folder) : NULL;

    GPtrArray *mounts = list_remote_mounts(watcher);
    for (guint i = 0; place && i < mounts->len; i++) {
        if (pf_file_is_beneath(place, mounts->pdata[i]))
            return answers(path);
    }
    return TRUE;
}

/* Looks what a path is: for a symbolic link, what it leads to, as of the later of both changes. Returns: 0, or an errno
 * value: that of the link when it leads nowhere, ETIMEDOUT when it leads to where nothing answers. */
static int
look_through(PfWatcher *watcher, const char *path, struct stat *status, gboolean *is_link)
{
    struct stat link;

    *is_link = FALSE;
    if (fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno;
    if (!S_ISLNK(status->st_mode))
        return 0;
    *is_link = TRUE;
    link = *status;
    if (!link_answers(watcher, path))
        return ETIMEDOUT;
    if (stat(path, status) != 0)
        return errno;
    if (pf_watcher_changed(&link) > pf_watcher_changed(status))
        status->st_ctim = link.st_ctim;
    return 0;
}

/* When a configured folder was first watched. A time that is yet to come was taken from a clock that was ahead: then it
 * is when this watcher began, by the clock as it is now. */
static gint64
first_of(const PfWatcher *watcher, const PfFolder *folder)
{
    gint64 first = watcher->roots[folder->root].first;
    gint64 now = pf_watcher_now();

    return first <= now ? first : now - (g_get_monotonic_time() - watcher->started) * 1000;
}

/* A change of rights or owner makes a new ctime, of thousands of old files maybe; but when a file was made stays, where
 * the file system keeps that. */
static gboolean
is_made_before(const char *path, gint64 first)
{
#ifdef STATX_BTIME
    struct statx status;

    return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) == 0 && status.stx_mask & STATX_BTIME &&
           status.stx_btime.tv_sec > 0 &&
           status.stx_btime.tv_sec * PF_CLOCK_NANOSECONDS + status.stx_btime.tv_nsec <= first;
#else /* musl before 1.2.4 */
    (void)path;
    (void)first;
    return FALSE;
#endif
}

/* The most files whose rights are waited for; more are met at the next listing. */
#define MOST_UNREADABLE 4096

/* Keeps in mind that a file could not be read: a change of its rights makes it count. */
static void
note_unreadable(PfWatcher *watcher, const struct stat *status)
{
    if (g_hash_table_size(watcher->unreadable) < MOST_UNREADABLE)
        g_hash_table_add(watcher->unreadable, GSIZE_TO_POINTER((gsize)status->st_ino));
}

static gboolean
is_new(PfWatcher *watcher, const PfFolder *folder, const char *name, const struct stat *status, gboolean is_feed)
{
    PfFileVersion version = {.folder = folder->inode,
                             .device = status->st_dev,
                             .inode = status->st_ino,
                             .size = status->st_size,
                             .changed = pf_watcher_changed(status),
                             .name = g_str_hash(name)};

    return (is_feed || version.changed > first_of(watcher, folder)) && pf_seen_cache_add(watcher->seen, &version);
}

/* A downloader keeps a file beside what it has not finished. Returns: (nullable): its ending. */
static const char *
find_control_file(const char *path)
{
    for (const char *const *ending = pf_watch_name_unfinished; *ending; ending++) {
        g_autofree char *beside = g_strconcat(path, *ending, NULL);
        if (faccessat(AT_FDCWD, beside, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return *ending;
    }
    return NULL;
}

/* Lets a file wait until no downloader's file is beside it any more. Returns: whether it has to. */
static gboolean
hold_unfinished(PfWatcher *watcher, const PfPending *file, const char *path)
{
    const char *ending = find_control_file(path);

    if (!ending)
        return FALSE;
    g_autofree char *shown = pf_log_printable(path);
    g_info(_("%s: unfinished while there is a file %s beside it"), shown, ending);
    pf_settle_timer_add(watcher->settle_timer, file);
    return TRUE;
}

/* Whether a file that no name makes an episode is one. */
static gboolean
is_media_inside(PfWatcher *watcher, const char *path, const struct stat *status)
{
    gboolean is_media;
    int fault = pf_media_check_certain(path, &is_media);

    if (fault && fault != ENOENT) {
        g_autofree char *shown = pf_log_printable(path);
        g_info(_("%s: cannot be read: %s"), shown, g_strerror(fault));
        note_unreadable(watcher, status);
    }
    return is_media;
}

/* A name in a watched folder. */
typedef struct {
    PfFolder *folder;
    const char *name;
    const char *old_name; /* what it was called before a rename, or NULL */
} Found;

static void
report_file(PfWatcher *watcher, const Found *found, const struct stat *status)
{
    PfFolder *folder = found->folder;
    const char *name = found->name, *old_name = found->old_name;
    g_autofree char *path = pf_tree_path(folder, name);
    PfWatchName sort = pf_watch_name_sort(name, watcher->settings->extensions);
    PfWatchFile file = {.path = path,
                        .old_name = old_name,
                        .size = status->st_size,
                        .changed = pf_watcher_changed(status),
                        .is_feed = sort == PF_WATCH_NAME_FEED};
    const PfPending unfinished = {.folder = folder,
                                  .name = (char *)name,
                                  .old_name = (char *)old_name,
                                  .look = look_at(status),
                                  .due = G_MAXINT64};

    if (!path || hold_unfinished(watcher, &unfinished, path) || !is_new(watcher, folder, name, status, file.is_feed))
        return;
    /* What gets its name only now was a download that was under way. */
    if (!file.is_feed && !(old_name && pf_watch_name_is_temporary(old_name)) &&
        is_made_before(path, first_of(watcher, folder))) {
        g_autofree char *shown = pf_log_printable(path);
        g_info(_("%s: ignored: it was created before this folder was first watched"), shown);
        return;
    }
    if (sort == PF_WATCH_NAME_UNKNOWN && !is_media_inside(watcher, path, status))
        return;
    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
        note_unreadable(watcher, status);
    watcher->burst++;
    pf_watch_channel_put_file(watcher->channel, &file);
}

/* Notes a regular file with a wanted name: reports it if it is finished, else lets it wait. */
static void
pf_watcher_note_file(PfWatcher *watcher, const Found *found, const struct stat *status, PfSettleCause cause)
{
    Found file = *found;
    gint64 wait = pf_settle_timer_wait(cause, watcher->settings->settle, pf_watcher_changed(status), pf_watcher_now());
    const PfPending *pending = pf_settle_timer_find(watcher->settle_timer, file.folder, file.name);

    if (wait > 0) {
        /* A listing knows nothing newer of a file that waits unchanged. */
        if (cause == PF_SETTLE_TIMER_LISTED && pending && pending->due != G_MAXINT64 &&
            pending->look.size == status->st_size && pending->look.changed == pf_watcher_changed(status))
            return;
        pf_settle_timer_add(watcher->settle_timer, &(PfPending){.folder = file.folder,
                                                                .name = (char *)file.name,
                                                                .old_name = (char *)file.old_name,
                                                                .look = look_at(status),
                                                                .open = cause == PF_SETTLE_TIMER_MADE,
                                                                .due = g_get_monotonic_time() + wait});
        return;
    }
    g_autoptr(PfPending) waited = pending ? pf_settle_timer_steal(watcher->settle_timer, file.folder, file.name) : NULL;
    if (waited && waited->old_name)
        file.old_name = waited->old_name;
    report_file(watcher, &file, status);
}

static void pf_watcher_queue(PfWatcher *watcher, PfFolder *folder);

/* Reports a file whose wait is over if it is unchanged; lets it wait again if not. */
static void
report_pending(PfWatcher *watcher, const PfPending *pending)
{
    g_autofree char *path = pf_tree_path(pending->folder, pending->name);
    struct stat status;
    gboolean is_link;
    int fault;

    if (!path)
        return;
    fault = look_through(watcher, path, &status, &is_link);
    if (fault) {
        /* The listing reports what stands in the way. */
        if (fault != ENOENT && fault != ENOTDIR)
            pf_watcher_queue(watcher, pending->folder);
        return;
    }
    if (!S_ISREG(status.st_mode))
        return;
    if (status.st_size == pending->look.size && pf_watcher_changed(&status) == pending->look.changed) {
        report_file(watcher, &(Found){pending->folder, pending->name, pending->old_name}, &status);
        return;
    }
    gint64 least = pending->open ? PF_SETTLE_TIMER_UNCLOSED : 1;
    PfPending again = *pending;
    again.look = look_at(&status);
    again.due = g_get_monotonic_time() + MAX(watcher->settings->settle, least) * G_USEC_PER_SEC;
    pf_settle_timer_add(watcher->settle_timer, &again);
}

/* Reports the waiting files that are finished now. */
static void
pf_watcher_report_due(PfWatcher *watcher)
{
    gint64 now = g_get_monotonic_time();
    PfPending *next;

    while (!pf_watch_wakeup_is_stopping(watcher->wakeup) &&
           (next = pf_settle_timer_take_due(watcher->settle_timer, now)) != NULL) {
        g_autoptr(PfPending) pending = next;
        report_pending(watcher, pending);
    }
}

/* Whether what is mounted at a name in a folder answers. It is asked only where what serves it may hang. */
static gboolean
mount_answers(PfWatcher *watcher, const PfFolder *folder, const char *name)
{
    GPtrArray *mounts = list_remote_mounts(watcher);
    g_autofree char *path = mounts->len > 0 ? pf_tree_path(folder, name) : NULL;

    return !path || !g_ptr_array_find_with_equal_func(mounts, path, g_str_equal, NULL) || answers(path);
}

#define EVENTS                                                                                                         \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |               \
     IN_MOVE_SELF | IN_ONLYDIR)

/* File systems whose files others may change: inotify reports changes made on this machine only. */
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

/* Puts a folder in line to be listed, or it and all below it (all folders for NULL). */
static void
pf_watcher_queue(PfWatcher *watcher, PfFolder *folder)
{
    if (folder->queued)
        return;
    folder->queued = TRUE;
    g_queue_push_tail(&watcher->to_list, folder);
}

static void
pf_watcher_queue_below(PfWatcher *watcher, PfFolder *top)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, top);

    for (guint i = 0; i < folders->len; i++)
        pf_watcher_queue(watcher, folders->pdata[i]);
}

/* Ends the watches of dropped folders. When no event is left to be read, those are the ones that the kernel has not
 * ended. */
static void
pf_watcher_end_dropped_watches(PfWatcher *watcher)
{
    GHashTableIter iter;
    gpointer watch;

    g_hash_table_iter_init(&iter, watcher->dropped_watches);
    while (g_hash_table_iter_next(&iter, &watch, NULL))
        inotify_unwatch(GPOINTER_TO_INT(watch));
    g_hash_table_remove_all(watcher->dropped_watches);
}

static void
drop_one(PfWatcher *watcher, PfFolder *folder)
{
    PfRoot *root = &watcher->roots[folder->root];

    if (folder->watch >= 0)
        g_hash_table_add(watcher->dropped_watches, GINT_TO_POINTER(folder->watch));
    if (folder->queued)
        g_queue_remove(&watcher->to_list, folder);
    if (root->top == folder)
        root->top = NULL;
    pf_settle_timer_forget_folder(watcher->settle_timer, folder);
    pf_tree_remove(watcher->tree, folder);
}

/* Forgets a folder and all below it. */
static void
pf_watcher_drop(PfWatcher *watcher, PfFolder *top)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, top);

    for (guint i = folders->len; i > 0; i--)
        drop_one(watcher, folders->pdata[i - 1]);
    watcher->examine = TRUE;
    watcher->recount = TRUE;
}

/* Watches what a descriptor is open on. Returns: the watch, or a negative errno value. */
static int
pf_watcher_watch(PfWatcher *watcher, int descriptor, guint32 mask)
{
    int watch = inotify_watch(descriptor, mask);

    if (watch == -EEXIST) {
        /* It was dropped a moment ago, and is wanted again. */
        pf_watcher_end_dropped_watches(watcher);
        watch = inotify_watch(descriptor, mask);
    }
    watcher->no_watches |= watch == -ENOSPC;
    return watch;
}

static void pf_watcher_release_ancestor(PfWatcher *watcher, guint64 device, guint64 inode);

static void
set_watch(PfWatcher *watcher, PfFolder *folder, int descriptor)
{
    int watch = -1;

    if (watcher->wakeup_watch >= 0) {
        pf_watcher_release_ancestor(watcher, folder->device, folder->inode);
        watch = pf_watcher_watch(watcher, descriptor, EVENTS);
    }
    folder->polled = watch < 0;
    if (watch >= 0)
        pf_tree_set_watch(watcher->tree, folder, watch);
}

/* Whether a folder is still where it is known to be. */
static gboolean
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
note_known(PfWatcher *watcher, PfFolder *folder, PfFolder *above, const char *name, gboolean is_link)
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
                    pf_watcher_changed(status) > first_of(listing->watcher, listing->folder)))
        pf_watcher_note_file(listing->watcher, &(Found){listing->folder, name, NULL}, status, PF_SETTLE_TIMER_LISTED);
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
        note_known(listing->watcher, folder, listing->folder, name, is_link);
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
    if (entry->d_type != DT_REG && entry->d_type != DT_LNK &&
        !mount_answers(listing->watcher, listing->folder, entry->d_name))
        return ETIMEDOUT;
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

/* Keeps a link in mind whose target may go and come. */
static void
note_link(PfFolder *folder, const char *name)
{
    if (!folder->links)
        folder->links = g_ptr_array_new_with_free_func(g_free);
    if (!g_ptr_array_find_with_equal_func(folder->links, name, g_str_equal, NULL))
        g_ptr_array_add(folder->links, g_strdup(name));
}

/* A link to a finished file is one, and one to a folder is followed. */
static void
list_link(Listing *listing, const char *name)
{
    PfWatchName sort = pf_watch_name_sort(name, listing->watcher->settings->extensions);
    g_autofree char *path = pf_tree_path(listing->folder, name);
    gboolean is_link;
    struct stat status;

    if (!path || look_through(listing->watcher, path, &status, &is_link) != 0) {
        listing->folder->recheck = TRUE;
        note_link(listing->folder, name);
    } else if (S_ISDIR(status.st_mode)) {
        note_link(listing->folder, name);
        list_folder(listing, name, &status, TRUE);
    } else if (S_ISREG(status.st_mode) && sort != PF_WATCH_NAME_OTHER) {
        list_file(listing, name, &status, sort == PF_WATCH_NAME_FEED);
    }
}

/* Returns: 0, or an errno value: of what ended the listing before its end, or of the first entry that was passed over.
 */
static int
list_entries(Listing *listing)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    const struct dirent *entry;
    int fault = 0;

    while (errno = 0, (entry = readdir(listing->stream)) != NULL) {
        int passed_over = list_entry(listing, entry, links);
        fault = fault ? fault : passed_over;
    }
    fault = errno ? errno : fault;
    /* Links come last, so that a folder beside them goes by its own name. */
    for (guint i = 0; i < links->len; i++)
        list_link(listing, links->pdata[i]);
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
    g_clear_pointer(&folder->links, g_ptr_array_unref);
    folder->fault = list_entries(&listing);
    watcher->examine |= folder->links != NULL;
    folder->incomplete = folder->fault != 0;
    root->newest = MAX(root->newest, listing.newest);
    /* What was not read is to count at the next listing. */
    if (folder->incomplete)
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
        close(descriptor);
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
        folder->incomplete = TRUE;
        close(descriptor);
    }
}

/* Watches a folder if it is not watched, then lists it. The folder may be gone afterwards. */
static void
pf_watcher_list(PfWatcher *watcher, PfFolder *folder)
{
    g_autofree char *path = folder->remote ? pf_tree_path(folder, NULL) : NULL;
    int descriptor = path && !answers(path) ? -ETIMEDOUT : open_folder(folder);

    watcher->recount = TRUE;
    if (descriptor >= 0) {
        folder->fault = 0;
        list_descriptor(watcher, folder, descriptor);
    } else if (descriptor == -ENOENT || descriptor == -ENOTDIR || descriptor == -ELOOP) {
        if (folder->above && folder->is_link)
            folder->above->recheck = TRUE;
        if (!folder->moved_away)
            pf_watcher_drop(watcher, folder);
    } else {
        /* What it has is owed: it is listed again, and no mark passes it by. */
        folder->fault = -descriptor;
        folder->incomplete = TRUE;
    }
}

/* A folder, or a link to one, has come under a name: finds out whether it is new, and lists it. */
static void
pf_watcher_note_folder(PfWatcher *watcher, PfFolder *above, const char *name, gboolean is_link)
{
    g_autofree char *path = pf_tree_path(above, name);
    PfFolder *known = pf_tree_find_name(watcher->tree, above, name);
    PfFolder *folder;
    struct stat status;

    if (*name == '.' || !path)
        return;
    if (is_link) {
        note_link(above, name);
        watcher->examine = TRUE;
    }
    if (!mount_answers(watcher, above, name)) {
        above->recheck = TRUE;
        return;
    }
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
        /* At once: what happens in it before it is watched leaves no old names behind. */
        pf_watcher_list(watcher, folder);
    } else if (folder->above == above && g_str_equal(folder->name, name)) {
        pf_watcher_queue_below(watcher, folder);
    } else {
        note_known(watcher, folder, above, name, is_link);
    }
}

/* A folder that is only passed reports its own moves; one in which the next name may come or go reports names. */
#define PASSED (IN_MOVE_SELF | IN_ONLYDIR)
#define AWAITED (PASSED | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)

/* As the kernel. */
#define MOST_LINKS 40

/* A watched ancestor of a configured folder. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint32 mask;
    int watch;
    gboolean wanted;
} Ancestor;

static Ancestor *
find_ancestor(PfWatcher *watcher, guint64 device, guint64 inode)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, watcher->ancestors);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Ancestor *ancestor = value;
        if (ancestor->inode == inode && ancestor->device == device)
            return ancestor;
    }
    return NULL;
}

static void
end_ancestor(PfWatcher *watcher, Ancestor *ancestor)
{
    g_hash_table_add(watcher->dropped_watches, GINT_TO_POINTER(ancestor->watch));
    g_hash_table_remove(watcher->ancestors, GINT_TO_POINTER(ancestor->watch));
}

static void
watch_ancestor(PfWatcher *watcher, int descriptor, const struct stat *status, guint32 mask)
{
    int watch = pf_watcher_watch(watcher, descriptor, mask);
    Ancestor *ancestor;

    if (watch < 0)
        return;
    ancestor = g_new0(Ancestor, 1);
    *ancestor =
        (Ancestor){.device = status->st_dev, .inode = status->st_ino, .mask = mask, .watch = watch, .wanted = TRUE};
    g_hash_table_insert(watcher->ancestors, GINT_TO_POINTER(watch), ancestor);
}

/* Makes sure that a folder on the way is watched, as such or as one of the watched folders. */
static void
want_ancestor(PfWatcher *watcher, const char *path, guint32 mask)
{
    guint32 known = GPOINTER_TO_UINT(g_hash_table_lookup(watcher->ways, path));
    int descriptor;
    PfFolder *folder;
    struct stat status;
    Ancestor *ancestor;

    /* Many links lead through the same folders. */
    if ((known & mask) == mask)
        return;
    g_hash_table_replace(watcher->ways, g_strdup(path), GUINT_TO_POINTER(known | mask));
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        /* It was there a moment ago: it is gone again, so look again. */
        watcher->examine |= errno == ENOENT || errno == ENOTDIR;
        return;
    }
    if (fstat(descriptor, &status) == 0) {
        folder = pf_tree_find_inode(watcher->tree, status.st_dev, status.st_ino);
        ancestor = find_ancestor(watcher, status.st_dev, status.st_ino);
        if (ancestor && (ancestor->mask & mask) == mask) {
            ancestor->wanted = TRUE;
        } else if (!folder || folder->watch < 0) {
            if (ancestor)
                end_ancestor(watcher, ancestor);
            watch_ancestor(watcher, descriptor, &status, mask);
        }
    }
    close(descriptor);
}

/* Puts the parts of a path before those that are still to be gone. */
static void
push_parts(GQueue *parts, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);

    for (guint i = g_strv_length(names); i > 0; i--) {
        if (*names[i - 1])
            g_queue_push_head(parts, g_strdup(names[i - 1]));
    }
}

/* Goes one part further. Returns: whether there is a folder there. */
static gboolean
take_step(PfWatcher *watcher, char **here, const char *part, GQueue *parts, guint *links)
{
    g_autofree char *next = g_build_filename(*here, part, NULL);
    g_autofree char *target = NULL;
    struct stat status;
    gboolean there = lstat(next, &status) == 0;

    want_ancestor(watcher, *here, !there || S_ISLNK(status.st_mode) || parts->length == 0 ? AWAITED : PASSED);
    /* No event reports what came before the watch was set. */
    there = there || lstat(next, &status) == 0;
    gboolean is_link = there && S_ISLNK(status.st_mode);
    if (is_link && (*links)++ < MOST_LINKS && (target = g_file_read_link(next, NULL)) != NULL) {
        push_parts(parts, target);
        if (*target == '/') {
            g_free(*here);
            *here = g_strdup("/");
        }
        return TRUE;
    }
    if (!there || !S_ISDIR(status.st_mode))
        return FALSE;
    g_free(*here);
    *here = g_steal_pointer(&next);
    return TRUE;
}

/* Watches all ancestors of a path, through links too, as far as they exist. */
static void
watch_ancestors_of(PfWatcher *watcher, const char *path)
{
    g_autofree char *here = g_strdup("/");
    GQueue parts = G_QUEUE_INIT;
    gboolean there = TRUE;
    guint links = 0;

    push_parts(&parts, path);
    while (there && parts.length > 0) {
        g_autofree char *part = g_queue_pop_head(&parts);
        there = take_step(watcher, &here, part, &parts, &links);
    }
    g_queue_clear_full(&parts, g_free);
}

/* Watches the ways to where the links in a folder lead. */
static void
watch_ways_of_links(PfWatcher *watcher, const PfFolder *folder)
{
    for (guint i = 0; folder->links && i < folder->links->len; i++) {
        g_autofree char *path = pf_tree_path(folder, folder->links->pdata[i]);
        if (path && link_answers(watcher, path))
            watch_ancestors_of(watcher, path);
    }
}

static void
update_ancestors(PfWatcher *watcher)
{
    g_autoptr(GList) ancestors = g_hash_table_get_values(watcher->ancestors);
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);
    g_autoptr(GList) left = NULL;

    for (GList *link = ancestors; link; link = link->next)
        ((Ancestor *)link->data)->wanted = FALSE;
    watcher->ways = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (answers(watcher->roots[i].path))
            watch_ancestors_of(watcher, watcher->roots[i].path);
    }
    for (guint i = 0; i < folders->len; i++)
        watch_ways_of_links(watcher, folders->pdata[i]);
    g_clear_pointer(&watcher->ways, g_hash_table_unref);
    left = g_hash_table_get_values(watcher->ancestors);
    for (GList *link = left; link; link = link->next) {
        if (!((Ancestor *)link->data)->wanted)
            end_ancestor(watcher, link->data);
    }
}

/* Whether a watch is an ancestor's; notes an event of it. */
static gboolean
pf_watcher_is_ancestor(PfWatcher *watcher, int watch, guint32 mask)
{
    if (!g_hash_table_contains(watcher->ancestors, GINT_TO_POINTER(watch)))
        return FALSE;
    watcher->examine = TRUE;
    if (mask & IN_IGNORED) {
        g_hash_table_remove(watcher->ancestors, GINT_TO_POINTER(watch));
        watcher->renew |= inotify_note_dead();
    }
    return TRUE;
}

/* Ends the watch that a folder has as an ancestor, if any, so that it can be watched as a folder. */
static void
pf_watcher_release_ancestor(PfWatcher *watcher, guint64 device, guint64 inode)
{
    Ancestor *ancestor = find_ancestor(watcher, device, inode);

    if (ancestor)
        end_ancestor(watcher, ancestor);
}

/* Forgets all ancestors: the library was restarted. */
static void
pf_watcher_forget_ancestors(PfWatcher *watcher)
{
    g_hash_table_remove_all(watcher->ancestors);
}

static void
lose_root(PfWatcher *watcher, PfRoot *root, int fault)
{
    watcher->recount |= root->present || root->fault != fault;
    root->present = FALSE;
    root->fault = fault;
    root->begun = 0;
    if (root->top)
        pf_watcher_drop(watcher, root->top);
}

static void
find_root(PfWatcher *watcher, guint index, const struct stat *status)
{
    PfRoot *root = &watcher->roots[index];
    PfFolder *folder;

    if (root->top && (root->top->inode != status->st_ino || root->top->device != status->st_dev))
        pf_watcher_drop(watcher, root->top);
    root->present = TRUE;
    root->fault = 0;
    root->device = status->st_dev;
    root->inode = status->st_ino;
    /* It may be one inside another one, or the same by a link. */
    folder = pf_tree_find_inode(watcher->tree, root->device, root->inode);
    if (folder && folder->fault)
        pf_watcher_queue(watcher, folder);
    if (folder)
        return;
    folder = pf_tree_add(watcher->tree, NULL, root->path, root->device, root->inode);
    folder->root = index;
    folder->mark = root->mark;
    root->top = folder;
    root->begun = pf_watcher_now() / PF_CLOCK_NANOSECONDS - 1;
    watcher->recount = TRUE;
    pf_watcher_queue(watcher, folder);
}

/* Whether a link leads where it did. */
static gboolean
leads_as_known(PfWatcher *watcher, const PfFolder *folder, const char *name)
{
    g_autofree char *path = pf_tree_path(folder, name);
    const PfFolder *known = pf_tree_find_name(watcher->tree, folder, name);
    struct stat status;

    if (!path || !link_answers(watcher, path) || stat(path, &status) != 0)
        return !known;
    return S_ISDIR(status.st_mode) && pf_tree_find_inode(watcher->tree, status.st_dev, status.st_ino);
}

/* What links lead to goes and comes without an event in the link's folder. */
static void
examine_links(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);
    g_autoptr(GPtrArray) gone = g_ptr_array_new();

    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        for (guint j = 0; folder->links && j < folder->links->len; j++) {
            PfFolder *known = pf_tree_find_name(watcher->tree, folder, folder->links->pdata[j]);
            if (leads_as_known(watcher, folder, folder->links->pdata[j]))
                continue;
            pf_watcher_queue(watcher, folder);
            if (known && !pf_watcher_is_in_place(known))
                g_ptr_array_add(gone, known);
        }
    }
    /* One of them may be below another. */
    for (guint i = 0; i < gone->len; i++) {
        if (pf_tree_has(watcher->tree, gone->pdata[i]))
            pf_watcher_drop(watcher, gone->pdata[i]);
    }
}

/* Looks which of the configured folders are there, and puts those that have come in line. */
static void
pf_watcher_examine(PfWatcher *watcher)
{
    struct stat status;

    watcher->examine = FALSE;
    /* The ancestors first: an event then reports a folder that comes in between. */
    if (watcher->wakeup_watch >= 0)
        update_ancestors(watcher);
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        if (!answers(root->path))
            lose_root(watcher, root, ETIMEDOUT);
        else if (stat(root->path, &status) != 0)
            lose_root(watcher, root, errno == ENOENT ? 0 : errno);
        else if (!S_ISDIR(status.st_mode))
            lose_root(watcher, root, ENOTDIR);
        else
            find_root(watcher, i, &status);
    }
    examine_links(watcher);
}

/* The two events of a rename follow each other closely, but others' may come between them. */
#define MOST_MOVES 64
#define MOVED_AWAY_SECONDS 2

/* A name that was moved away from a watched folder, or, when cookie is 0, the name that a file came to by a move. */
typedef struct {
    guint32 cookie;
    guint64 folder; /* inode */
    char *name;
    char *old_name; /* the first name known of the file */
} Move;

static void
free_move(gpointer pointer)
{
    Move *move = pointer;

    g_free(move->name);
    g_free(move->old_name);
    g_free(move);
}

void
pf_watcher_forget_moves(PfWatcher *watcher)
{
    g_queue_clear_full(&watcher->moves, free_move);
}

static Move *
find_move(PfWatcher *watcher, guint32 cookie, guint64 folder, const char *name)
{
    for (GList *link = watcher->moves.head; link; link = link->next) {
        Move *move = link->data;
        if (move->cookie == cookie && (cookie || (move->folder == folder && g_str_equal(move->name, name))))
            return move;
    }
    return NULL;
}

static void
note_departure(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    g_autoptr(PfPending) pending = pf_settle_timer_steal(watcher->settle_timer, folder, event->name);
    /* One move follows the other so fast that nothing may be found under the name between them. */
    const Move *earlier = find_move(watcher, 0, folder->inode, event->name);
    Move *move = g_new0(Move, 1);

    move->cookie = event->cookie;
    if (pending && pending->old_name)
        move->old_name = g_strdup(pending->old_name);
    else
        move->old_name = g_strdup(earlier ? earlier->old_name : event->name);
    g_queue_push_head(&watcher->moves, move);
    if (watcher->moves.length > MOST_MOVES)
        free_move(g_queue_pop_tail(&watcher->moves));
}

/* Returns: (nullable) (transfer none): the name that a file had before it was moved here. */
static const char *
note_arrival(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    Move *move = find_move(watcher, event->cookie, 0, "");

    if (!move)
        return NULL;
    move->cookie = 0;
    move->folder = folder->inode;
    move->name = g_strdup(event->name);
    return g_str_equal(move->old_name, event->name) ? NULL : move->old_name;
}

static void
handle_folder(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfFolder *known = pf_tree_find_name(watcher->tree, folder, event->name);

    watcher->examine = TRUE;
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        pf_watcher_note_folder(watcher, folder, event->name, FALSE);
    } else if (event->mask & IN_MOVED_FROM && known) {
        pf_tree_set_moved_away(watcher->tree, known);
        watcher->next_drop = g_get_monotonic_time() + MOVED_AWAY_SECONDS * G_TIME_SPAN_SECOND;
    }
    /* IN_DELETE: the folder's own IN_IGNORED follows. */
}

/* What was made without a name (O_TMPFILE) and got one later is closed under the name that the kernel gave it: '#' and
 * its inode. */
static void
note_closed_inode(PfWatcher *watcher, PfFolder *folder, const char *name)
{
    guint64 inode = g_ascii_strtoull(name + 1, NULL, 10);
    const PfPending *made = pf_settle_timer_find_open(watcher->settle_timer, folder, inode);
    g_autofree char *path = made ? pf_tree_path(folder, made->name) : NULL;
    g_autofree char *own_name = made ? g_strdup(made->name) : NULL;
    struct stat status;

    if (path && fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_ino == inode)
        pf_watcher_note_file(watcher, &(Found){folder, own_name, NULL}, &status, PF_SETTLE_TIMER_CLOSED);
}

/* The rights of a name were changed: what could not be read may be readable now. */
static void
handle_rights(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    g_autofree char *path = pf_tree_path(folder, event->name);
    PfFolder *known = pf_tree_find_name(watcher->tree, folder, event->name);
    struct stat status;
    gboolean is_link;

    if (known && known->fault)
        pf_watcher_queue(watcher, known);
    if (event->mask & IN_ISDIR || !path || pf_watch_name_is_temporary(event->name) ||
        look_through(watcher, path, &status, &is_link) != 0 || !S_ISREG(status.st_mode) ||
        !g_hash_table_remove(watcher->unreadable, GSIZE_TO_POINTER((gsize)status.st_ino)))
        return;
    pf_watcher_note_file(watcher, &(Found){folder, event->name, NULL}, &status, PF_SETTLE_TIMER_CLOSED);
}

/* A downloader's file is gone from beside one that waits for that. It is looked at when all that has happened is read:
 * a rename to that name may follow. */
static void
release_unfinished(PfWatcher *watcher, PfFolder *folder, const char *name)
{
    g_autofree char *finished = pf_watch_name_dup_finished(name);
    const PfPending *held = finished ? pf_settle_timer_find(watcher->settle_timer, folder, finished) : NULL;

    if (held && held->due == G_MAXINT64)
        pf_settle_timer_add(watcher->settle_timer,
                            &(PfPending){.folder = folder,
                                         .name = finished,
                                         .look = held->look,
                                         .due = g_get_monotonic_time() + watcher->settings->settle * G_USEC_PER_SEC});
}

/* A name has come or its file was closed: looks what it is. */
static void
handle_arrival(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfWatchName sort = pf_watch_name_sort(event->name, watcher->settings->extensions);
    const char *old_name = event->mask & IN_MOVED_TO ? note_arrival(watcher, folder, event) : NULL;
    g_autofree char *path = NULL;
    PfSettleCause cause = PF_SETTLE_TIMER_CLOSED;
    struct stat status;
    gboolean is_link;
    int fault;

    /* Anything that has just come may be a link to a folder; what was written to is a file. */
    if (*event->name == '.' || (sort == PF_WATCH_NAME_OTHER && event->mask & IN_CLOSE_WRITE && *event->name != '#'))
        return;
    path = pf_tree_path(folder, event->name);
    if (!path)
        return;
    fault = look_through(watcher, path, &status, &is_link);
    if (fault && is_link) {
        folder->recheck = TRUE;
        note_link(folder, event->name);
        watcher->examine = TRUE;
        return;
    }
    if (fault) {
        /* The listing reports what stands in the way. */
        if (fault != ENOENT && fault != ENOTDIR)
            pf_watcher_queue(watcher, folder);
        else if (event->mask & IN_CLOSE_WRITE && *event->name == '#')
            note_closed_inode(watcher, folder, event->name);
        return;
    }
    if (is_link && S_ISDIR(status.st_mode))
        pf_watcher_note_folder(watcher, folder, event->name, TRUE);
    if (!S_ISREG(status.st_mode) || sort == PF_WATCH_NAME_OTHER)
        return;
    /* A second link to a file, of either kind, is made without a writer. */
    if (event->mask & IN_CREATE && status.st_nlink == 1 && !is_link)
        cause = PF_SETTLE_TIMER_MADE;
    pf_watcher_note_file(watcher, &(Found){folder, event->name, old_name}, &status, cause);
}

/* A name has gone. When it was a link to a folder, that one may be reachable by another name. */
static void
handle_departure(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfFolder *link = pf_tree_find_name(watcher->tree, folder, event->name);
    g_autoptr(PfPending) pending = NULL;

    release_unfinished(watcher, folder, event->name);
    if (event->mask & IN_MOVED_FROM)
        note_departure(watcher, folder, event);
    else
        pending = pf_settle_timer_steal(watcher->settle_timer, folder, event->name);
    if (link && link->is_link) {
        pf_watcher_drop(watcher, link);
        pf_watcher_queue_below(watcher, NULL);
    }
}

static void
handle_name(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    if (event->mask & IN_ATTRIB)
        handle_rights(watcher, folder, event);
    else if (event->mask & IN_ISDIR)
        handle_folder(watcher, folder, event);
    else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE))
        handle_arrival(watcher, folder, event);
    else if (event->mask & (IN_MOVED_FROM | IN_DELETE))
        handle_departure(watcher, folder, event);
}

/* Events were lost, also such as tell that a watch has ended, maybe of a folder whose inode another one has by now. So
 * all watches are set again, and everything is listed. */
static void
handle_overflow(PfWatcher *watcher)
{
    gint64 begun = pf_watcher_now() / PF_CLOCK_NANOSECONDS - 1;

    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].present)
            watcher->roots[i].begun = begun;
    }
    watcher->renew = TRUE;
    watcher->next_drop = g_get_monotonic_time() + MOVED_AWAY_SECONDS * G_TIME_SPAN_SECOND;
}

/* The kernel has ended a watch: the folder was deleted, or its file system is gone. What has its name now may be
 * another one with the same device and inode numbers, which a listing has taken for this one. */
static void
handle_end(PfWatcher *watcher, int watch)
{
    PfFolder *folder = pf_tree_find_watch(watcher->tree, watch);
    g_autofree char *name = NULL;
    PfFolder *above;
    gboolean is_link;

    g_hash_table_remove(watcher->dropped_watches, GINT_TO_POINTER(watch));
    watcher->renew |= inotify_note_dead();
    if (!folder)
        return;
    above = folder->above;
    is_link = folder->is_link;
    name = g_strdup(folder->name);
    pf_tree_set_watch(watcher->tree, folder, -1);
    pf_watcher_drop(watcher, folder);
    if (above)
        pf_watcher_note_folder(watcher, above, name, is_link);
}

static void
pf_watcher_handle(PfWatcher *watcher, const struct inotify_event *event)
{
    PfFolder *folder;

    if (event->mask & IN_Q_OVERFLOW) {
        handle_overflow(watcher);
        return;
    }
    if (event->wd == watcher->wakeup_watch || pf_watcher_is_ancestor(watcher, event->wd, event->mask))
        return;
    if (event->mask & IN_IGNORED) {
        handle_end(watcher, event->wd);
        return;
    }
    if (event->mask & IN_MOVE_SELF)
        watcher->examine = TRUE;
    folder = pf_tree_find_watch(watcher->tree, event->wd);
    if (folder && event->len > 0)
        handle_name(watcher, folder, event);
    else if (folder && folder->fault && event->mask & IN_ATTRIB)
        pf_watcher_queue(watcher, folder);
}

/* Drops the folders that were moved away and did not turn up again. */
static void
pf_watcher_drop_moved_away(PfWatcher *watcher)
{
    gboolean found = TRUE;

    watcher->next_drop = G_MAXINT64;
    while (found) {
        g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);
        found = FALSE;
        for (guint i = 0; i < folders->len && !found; i++) {
            PfFolder *folder = folders->pdata[i];
            found = folder->moved_away;
            if (found)
                pf_watcher_drop(watcher, folder);
        }
    }
}

/* How many events are handled before a folder is listed, so that neither has to wait until the other is done. */
#define EVENTS_A_TURN 256
/* How long events are still read when it is to end, microseconds. */
#define LAST_READING 100000
/* How often a mark is renewed at most while nothing goes wrong, and how far it lags behind, seconds: a file may have
 * been written to then, and be closed only now. */
#define MARK_EVERY 3600
#define MARK_LAG 60
/* After a burst of this many files, memory is given back. */
#define BURST 8192

static void
begin_library(PfWatcher *watcher)
{
    watcher->wakeup_watch = -1;
    watcher->no_inotify = inotify_start();
    if (watcher->no_inotify)
        return;
    watcher->wakeup_watch = inotify_watch(pf_watch_wakeup_get_descriptor(watcher->wakeup), IN_ACCESS);
    if (watcher->wakeup_watch < 0) {
        watcher->no_inotify = -watcher->wakeup_watch;
        inotify_stop();
    }
}

static void
end_library(PfWatcher *watcher)
{
    if (watcher->wakeup_watch >= 0)
        inotify_stop();
    watcher->wakeup_watch = -1;
    pf_watcher_forget_ancestors(watcher);
    pf_watcher_forget_moves(watcher);
    g_hash_table_remove_all(watcher->dropped_watches);
}

/* Restarts the library; what happens in between is found by listing everything. */
static void
renew_library(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    end_library(watcher);
    for (guint i = 0; i < folders->len; i++)
        pf_tree_set_watch(watcher->tree, folders->pdata[i], -1);
    begin_library(watcher);
    watcher->renew = FALSE;
    watcher->burst += BURST + 1;
    watcher->examine = TRUE;
    pf_watcher_queue_below(watcher, NULL);
}

static gint64
now_seconds(void)
{
    return pf_watcher_now() / PF_CLOCK_NANOSECONDS;
}

/* Looks through what inotify does not serve. A watch is tried again there: the limit may have been raised. */
static void
poll_folders(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    watcher->next_poll = G_MAXINT64;
    watcher->no_watches = FALSE;
    watcher->examine = TRUE;
    watcher->recount = TRUE;
    if (watcher->wakeup_watch < 0)
        begin_library(watcher);
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->incomplete)
            pf_watcher_queue(watcher, folder);
    }
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        if (root->present && now_seconds() - root->mark > MARK_EVERY)
            root->begun = now_seconds() - 1;
    }
}

/* Something was mounted or unmounted: folders that are hidden by it, or have come to light, are listed, and those with
 * names that may lead elsewhere now. */
static void
check_places(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    watcher->examine = TRUE;
    g_clear_pointer(&watcher->remote_mounts, g_ptr_array_unref);
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->recheck || !pf_watcher_is_in_place(folder))
            pf_watcher_queue(watcher, folder);
    }
}

static void
answer_wakeup(PfWatcher *watcher, PfWakeupCall calls)
{
    gint64 now = g_get_monotonic_time();

    if (calls & PF_WAKEUP_MOUNTS)
        check_places(watcher);
    if (calls & PF_WAKEUP_TIME) {
        pf_watcher_report_due(watcher);
        if (now >= watcher->next_drop)
            pf_watcher_drop_moved_away(watcher);
        if (now >= watcher->next_poll)
            poll_folders(watcher);
    }
}

static gboolean
needs_polling(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = NULL;

    if (watcher->wakeup_watch < 0 || watcher->no_watches)
        return TRUE;
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].fault)
            return TRUE;
    }
    folders = pf_tree_list(watcher->tree, NULL);
    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->incomplete)
            return TRUE;
    }
    return FALSE;
}

/* Whether a folder of a configured one was not read to its end: a mark would pass over what it has. */
static gboolean
is_torn(const PfWatcher *watcher, guint index)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        if (folder->incomplete && folder->root == index)
            return TRUE;
    }
    return FALSE;
}

static void
put_mark(PfWatcher *watcher, guint index, gint64 mark)
{
    PfRoot *root = &watcher->roots[index];
    const PfFolder *folder = pf_tree_find_inode(watcher->tree, root->device, root->inode);

    /* A server's clock may be behind ours: what it stamped last is what was looked at. */
    if (folder && folder->remote)
        mark = MIN(mark, root->newest);
    root->begun = 0;
    if (mark <= root->mark)
        return;
    root->mark = mark;
    pf_watch_channel_put_looked(watcher->channel, index, mark);
}

/* Nothing is left to be read, listed or waited for: all that was seen was reported. */
static void
mark_roots(PfWatcher *watcher)
{
    gint64 lagging = now_seconds() - MARK_LAG;

    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        gboolean by_time = lagging - root->mark > MARK_EVERY && watcher->next_poll == G_MAXINT64;
        if (root->present && (root->begun || by_time) && !is_torn(watcher, i))
            put_mark(watcher, i, root->begun ? root->begun : lagging);
    }
}

static void
give_memory_back(PfWatcher *watcher)
{
    if (watcher->burst <= BURST)
        return;
    watcher->burst = 0;
    pf_seen_cache_shrink(watcher->seen);
    pf_memory_give_back();
}

/* Does what is due before the thread waits. */
static void
settle_down(PfWatcher *watcher)
{
    pf_watcher_end_dropped_watches(watcher);
    pf_watcher_report_due(watcher);
    if (watcher->recount) {
        watcher->recount = FALSE;
        if (!needs_polling(watcher))
            watcher->next_poll = G_MAXINT64;
        else if (watcher->next_poll == G_MAXINT64)
            watcher->next_poll = g_get_monotonic_time() + PF_WATCHER_POLL * G_TIME_SPAN_SECOND;
        watcher->publish(watcher->data);
    }
    if (pf_settle_timer_count(watcher->settle_timer) == 0) {
        mark_roots(watcher);
        give_memory_back(watcher);
    }
    pf_watch_channel_set_timer(watcher->channel, MIN(pf_settle_timer_next_due(watcher->settle_timer),
                                                     MIN(watcher->next_poll, watcher->next_drop)));
}

/* Reads events that are there. Returns: whether there was none. */
static gboolean
read_events(PfWatcher *watcher)
{
    for (guint i = 0; i < EVENTS_A_TURN; i++) {
        const struct inotify_event *event = watcher->wakeup_watch >= 0 ? inotify_next(FALSE) : NULL;
        if (!event)
            return i == 0;
        pf_watcher_handle(watcher, event);
    }
    return FALSE;
}

/* Does a part of what is to be done. Returns: whether nothing is left. */
static gboolean
work(PfWatcher *watcher)
{
    gboolean idle;
    PfFolder *folder;

    if (watcher->renew)
        renew_library(watcher);
    idle = read_events(watcher);
    folder = g_queue_pop_head(&watcher->to_list);
    if (folder) {
        folder->queued = FALSE;
        pf_watcher_list(watcher, folder);
        return FALSE;
    }
    if (!idle || watcher->renew)
        return FALSE;
    if (!watcher->examine)
        return TRUE;
    pf_watcher_examine(watcher);
    return FALSE;
}

static void
wait_for_more(PfWatcher *watcher)
{
    const struct inotify_event *event;

    if (watcher->wakeup_watch < 0) {
        pf_watch_wakeup_wait(watcher->wakeup);
        return;
    }
    event = inotify_next(TRUE);
    if (event)
        pf_watcher_handle(watcher, event);
}

/* Marks the folders when nothing is under way. */
static void
finish_marks(PfWatcher *watcher)
{
    gint64 lagging = now_seconds() - MARK_LAG;
    gint64 deadline = g_get_monotonic_time() + LAST_READING;

    while (!read_events(watcher)) {
        if (g_get_monotonic_time() > deadline)
            return;
    }
    if (pf_settle_timer_count(watcher->settle_timer) > 0 || watcher->to_list.length > 0 || watcher->examine ||
        watcher->renew || watcher->next_poll != G_MAXINT64)
        return;
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].present && !is_torn(watcher, i))
            put_mark(watcher, i, lagging);
    }
}

void
pf_watcher_run(PfWatcher *watcher)
{
    begin_library(watcher);
    watcher->examine = TRUE;
    watcher->recount = TRUE;
    while (!pf_watch_wakeup_is_stopping(watcher->wakeup)) {
        answer_wakeup(watcher, pf_watch_wakeup_take(watcher->wakeup));
        if (!work(watcher))
            continue;
        settle_down(watcher);
        if (!watcher->examine)
            wait_for_more(watcher);
    }
    finish_marks(watcher);
    end_library(watcher);
}
