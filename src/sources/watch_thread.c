/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_thread.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "sources/inotify.h"
#include "sources/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

gint64
pf_watcher_now(void)
{
    return g_get_real_time() * 1000;
}

gint64
pf_watcher_changed(const struct stat *status)
{
    return (gint64)status->st_ctim.tv_sec * PF_CLOCK_NANOSECONDS + status->st_ctim.tv_nsec;
}

static PfFinishLook
look_at(const struct stat *status)
{
    return (PfFinishLook){.size = status->st_size, .changed = pf_watcher_changed(status)};
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

static gboolean
is_new(PfWatcher *watcher, const PfFolder *folder, const char *name, const struct stat *status, gboolean is_feed)
{
    PfToldVersion version = {.folder = folder->inode,
                             .device = status->st_dev,
                             .inode = status->st_ino,
                             .size = status->st_size,
                             .changed = pf_watcher_changed(status),
                             .name = g_str_hash(name)};

    return (is_feed || version.changed > watcher->roots[folder->root].first) && pf_told_add(watcher->told, &version);
}

static void
tell(PfWatcher *watcher, const PfFolder *folder, const char *name, const char *former, const struct stat *status)
{
    g_autofree char *path = pf_tree_path(folder, name);
    PfWatchFile file = {.path = path,
                        .former = former,
                        .size = status->st_size,
                        .changed = pf_watcher_changed(status),
                        .is_feed = pf_watch_name_sort(name, watcher->settings->extensions) == PF_WATCH_NAME_FEED};

    if (!path || !is_new(watcher, folder, name, status, file.is_feed))
        return;
    /* What gets its name only now was a download that was under way. */
    if (!file.is_feed && !(former && pf_watch_name_is_temporary(former)) &&
        is_made_before(path, watcher->roots[folder->root].first)) {
        g_autofree char *shown = pf_log_printable(path);
        g_info("%s: not counted, since it was begun before this folder was first watched", shown);
        return;
    }
    watcher->burst++;
    pf_post_put_file(watcher->post, &file);
}

void
pf_watcher_see(PfWatcher *watcher, PfFolder *folder, const char *name, const char *former, const struct stat *status,
               PfFinishCause cause)
{
    gint64 wait = pf_finish_wait(cause, watcher->settings->settle, pf_watcher_changed(status), pf_watcher_now());
    const PfPending *pending = pf_finish_find(watcher->finish, folder, name);

    if (wait > 0) {
        /* A listing knows nothing newer of a file that waits unchanged. */
        if (cause == PF_FINISH_LISTED && pending && pending->look.size == status->st_size &&
            pending->look.changed == pf_watcher_changed(status))
            return;
        pf_finish_add(watcher->finish, folder, name, former, look_at(status), cause == PF_FINISH_MADE,
                      g_get_monotonic_time() + wait);
        return;
    }
    g_autoptr(PfPending) waited = pending ? pf_finish_steal(watcher->finish, folder, name) : NULL;
    tell(watcher, folder, name, waited && waited->former ? waited->former : former, status);
}

/* Tells of a file whose time has come, if it is still what it was; lets it wait anew if it is not. */
static void
tell_pending(PfWatcher *watcher, const PfPending *pending)
{
    g_autofree char *path = pf_tree_path(pending->folder, pending->name);
    struct stat status;

    if (!path)
        return;
    if (fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        /* The listing reports what stands in the way. */
        if (errno != ENOENT && errno != ENOTDIR)
            pf_watcher_queue(watcher, pending->folder);
        return;
    }
    if (!S_ISREG(status.st_mode))
        return;
    if (status.st_size == pending->look.size && pf_watcher_changed(&status) == pending->look.changed) {
        tell(watcher, pending->folder, pending->name, pending->former, &status);
        return;
    }
    gint64 least = pending->open ? PF_FINISH_UNCLOSED : 1;
    pf_finish_add(watcher->finish, pending->folder, pending->name, pending->former, look_at(&status), pending->open,
                  g_get_monotonic_time() + MAX(watcher->settings->settle, least) * G_USEC_PER_SEC);
}

void
pf_watcher_tell_due(PfWatcher *watcher)
{
    gint64 now = g_get_monotonic_time();
    PfPending *next;

    while (!pf_watch_bell_is_stopping(watcher->bell) && (next = pf_finish_take_due(watcher->finish, now)) != NULL) {
        g_autoptr(PfPending) pending = next;
        tell_pending(watcher, pending);
    }
}

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

/* A folder that is only passed tells when it moves itself; one in which the next name may come or go tells of names. */
#define PASSED (IN_MOVE_SELF | IN_ONLYDIR)
#define AWAITED (PASSED | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

/* As the kernel. */
#define MOST_LINKS 40

/* A watched folder on the way to a configured one. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint32 mask;
    int watch;
    gboolean wanted;
} Way;

static Way *
find_way(PfWatcher *watcher, guint64 device, guint64 inode)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, watcher->ways);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Way *way = value;
        if (way->inode == inode && way->device == device)
            return way;
    }
    return NULL;
}

static void
end_way(PfWatcher *watcher, Way *way)
{
    g_hash_table_add(watcher->limbo, GINT_TO_POINTER(way->watch));
    g_hash_table_remove(watcher->ways, GINT_TO_POINTER(way->watch));
}

static void
begin_way(PfWatcher *watcher, int descriptor, const struct stat *status, guint32 mask)
{
    int watch = pf_watcher_watch(watcher, descriptor, mask);
    Way *way;

    if (watch < 0)
        return;
    way = g_new0(Way, 1);
    *way = (Way){.device = status->st_dev, .inode = status->st_ino, .mask = mask, .watch = watch, .wanted = TRUE};
    g_hash_table_insert(watcher->ways, GINT_TO_POINTER(watch), way);
}

/* Sees to it that a folder on the way is watched, as such or as one of the watched folders. */
static void
want_way(PfWatcher *watcher, const char *path, guint32 mask)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    PfFolder *folder;
    struct stat status;
    Way *way;

    if (descriptor < 0) {
        /* It was there a moment ago: from where it is not, the way is gone again. */
        watcher->examine |= errno == ENOENT || errno == ENOTDIR;
        return;
    }
    if (fstat(descriptor, &status) == 0) {
        folder = pf_tree_find_inode(watcher->tree, status.st_dev, status.st_ino);
        way = find_way(watcher, status.st_dev, status.st_ino);
        if (way && (way->mask & mask) == mask) {
            way->wanted = TRUE;
        } else if (!folder || folder->watch < 0) {
            if (way)
                end_way(watcher, way);
            begin_way(watcher, descriptor, &status, mask);
        }
    }
    g_close(descriptor, NULL);
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

    want_way(watcher, *here, !there || S_ISLNK(status.st_mode) || parts->length == 0 ? AWAITED : PASSED);
    /* What came before its watch was set is told of by no event. */
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

/* Watches all that is passed on the way to a path, through links too, as far as it is there. */
static void
watch_way_to(PfWatcher *watcher, const char *path)
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

static void
renew_ways(PfWatcher *watcher)
{
    g_autoptr(GList) ways = g_hash_table_get_values(watcher->ways);
    g_autoptr(GList) left = NULL;

    for (GList *link = ways; link; link = link->next)
        ((Way *)link->data)->wanted = FALSE;
    for (guint i = 0; i < watcher->settings->n_folders; i++)
        watch_way_to(watcher, watcher->roots[i].path);
    left = g_hash_table_get_values(watcher->ways);
    for (GList *link = left; link; link = link->next) {
        if (!((Way *)link->data)->wanted)
            end_way(watcher, link->data);
    }
}

gboolean
pf_watcher_is_way(PfWatcher *watcher, int watch, guint32 mask)
{
    if (!g_hash_table_contains(watcher->ways, GINT_TO_POINTER(watch)))
        return FALSE;
    watcher->examine = TRUE;
    if (mask & IN_IGNORED) {
        g_hash_table_remove(watcher->ways, GINT_TO_POINTER(watch));
        watcher->renew |= pf_inotify_note_dead();
    }
    return TRUE;
}

void
pf_watcher_yield_way(PfWatcher *watcher, guint64 device, guint64 inode)
{
    Way *way = find_way(watcher, device, inode);

    if (way)
        end_way(watcher, way);
}

void
pf_watcher_forget_ways(PfWatcher *watcher)
{
    g_hash_table_remove_all(watcher->ways);
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
    if (pf_tree_find_inode(watcher->tree, root->device, root->inode))
        return;
    folder = pf_tree_add(watcher->tree, NULL, root->path, root->device, root->inode);
    folder->root = index;
    folder->mark = root->mark;
    root->top = folder;
    root->begun = pf_watcher_now() / PF_CLOCK_NANOSECONDS - 1;
    watcher->recount = TRUE;
    pf_watcher_queue(watcher, folder);
}

void
pf_watcher_examine(PfWatcher *watcher)
{
    struct stat status;

    watcher->examine = FALSE;
    /* The ways first: a folder that comes in between is then told of by an event. */
    if (watcher->bell_watch >= 0)
        renew_ways(watcher);
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        if (stat(root->path, &status) != 0)
            lose_root(watcher, root, errno == ENOENT ? 0 : errno);
        else if (!S_ISDIR(status.st_mode))
            lose_root(watcher, root, ENOTDIR);
        else
            find_root(watcher, i, &status);
    }
}

/* The two events of a rename follow each other closely, but others' may come between them. */
#define MOST_MOVES 64
#define ADRIFT_SECONDS 2

/* A name that was moved away from a watched folder, or, when cookie is 0, the name that a file came to by a move. */
typedef struct {
    guint32 cookie;
    guint64 folder; /* inode */
    char *name;
    char *former; /* the first name known of the file */
} Move;

static void
free_move(gpointer pointer)
{
    Move *move = pointer;

    g_free(move->name);
    g_free(move->former);
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
    g_autoptr(PfPending) pending = pf_finish_steal(watcher->finish, folder, event->name);
    /* One move follows the other so fast that nothing may be found under the name between them. */
    const Move *earlier = find_move(watcher, 0, folder->inode, event->name);
    Move *move = g_new0(Move, 1);

    move->cookie = event->cookie;
    if (pending && pending->former)
        move->former = g_strdup(pending->former);
    else
        move->former = g_strdup(earlier ? earlier->former : event->name);
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
    return g_str_equal(move->former, event->name) ? NULL : move->former;
}

static void
handle_folder(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfFolder *known = pf_tree_find_name(watcher->tree, folder, event->name);

    watcher->examine = TRUE;
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        pf_watcher_meet(watcher, folder, event->name, FALSE);
    } else if (event->mask & IN_MOVED_FROM && known) {
        pf_tree_set_adrift(watcher->tree, known);
        watcher->next_sweep = g_get_monotonic_time() + ADRIFT_SECONDS * G_USEC_PER_SEC;
    }
    /* IN_DELETE: the folder's own IN_IGNORED follows. */
}

/* A name has come or its file was closed: looks what it is. */
static void
handle_arrival(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfWatchName sort = pf_watch_name_sort(event->name, watcher->settings->extensions);
    const char *former = event->mask & IN_MOVED_TO ? note_arrival(watcher, folder, event) : NULL;
    g_autofree char *path = NULL;
    PfFinishCause cause = PF_FINISH_CLOSED;
    struct stat status;

    /* Anything that has just come may be a link to a folder; what was written to is a file. */
    if (*event->name == '.' || (sort == PF_WATCH_NAME_OTHER && event->mask & IN_CLOSE_WRITE))
        return;
    path = pf_tree_path(folder, event->name);
    if (!path)
        return;
    if (fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        /* The listing reports what stands in the way. */
        if (errno != ENOENT && errno != ENOTDIR)
            pf_watcher_queue(watcher, folder);
        return;
    }
    if (S_ISLNK(status.st_mode))
        pf_watcher_meet(watcher, folder, event->name, TRUE);
    if (!S_ISREG(status.st_mode) || sort == PF_WATCH_NAME_OTHER)
        return;
    /* A second link to a file is made without a writer. */
    if (event->mask & IN_CREATE && status.st_nlink == 1)
        cause = PF_FINISH_MADE;
    pf_watcher_see(watcher, folder, event->name, former, &status, cause);
}

/* A name has gone. When it was a link to a folder, that one may be reachable by another name. */
static void
handle_departure(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    PfFolder *link = pf_tree_find_name(watcher->tree, folder, event->name);
    g_autoptr(PfPending) pending = NULL;

    if (event->mask & IN_MOVED_FROM)
        note_departure(watcher, folder, event);
    else
        pending = pf_finish_steal(watcher->finish, folder, event->name);
    if (link && link->is_link) {
        pf_watcher_drop(watcher, link);
        pf_watcher_queue_below(watcher, NULL);
    }
}

static void
handle_name(PfWatcher *watcher, PfFolder *folder, const struct inotify_event *event)
{
    if (event->mask & IN_ISDIR)
        handle_folder(watcher, folder, event);
    else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE))
        handle_arrival(watcher, folder, event);
    else if (event->mask & (IN_MOVED_FROM | IN_DELETE))
        handle_departure(watcher, folder, event);
}

/* Events were lost, also such as tell that a watch has ended, maybe of a folder whose inode another one has by now. So
 * all watches are set anew, and everything is listed. */
static void
handle_overflow(PfWatcher *watcher)
{
    gint64 begun = pf_watcher_now() / PF_CLOCK_NANOSECONDS - 1;

    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].present)
            watcher->roots[i].begun = begun;
    }
    watcher->renew = TRUE;
    watcher->next_sweep = g_get_monotonic_time() + ADRIFT_SECONDS * G_USEC_PER_SEC;
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

    g_hash_table_remove(watcher->limbo, GINT_TO_POINTER(watch));
    watcher->renew |= pf_inotify_note_dead();
    if (!folder)
        return;
    above = folder->above;
    is_link = folder->is_link;
    name = g_strdup(folder->name);
    pf_tree_set_watch(watcher->tree, folder, -1);
    pf_watcher_drop(watcher, folder);
    if (above)
        pf_watcher_meet(watcher, above, name, is_link);
}

void
pf_watcher_handle(PfWatcher *watcher, const struct inotify_event *event)
{
    PfFolder *folder;

    if (event->mask & IN_Q_OVERFLOW) {
        handle_overflow(watcher);
        return;
    }
    if (event->wd == watcher->bell_watch || pf_watcher_is_way(watcher, event->wd, event->mask))
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
}

void
pf_watcher_sweep(PfWatcher *watcher)
{
    gboolean found = TRUE;

    watcher->next_sweep = G_MAXINT64;
    while (found) {
        g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);
        found = FALSE;
        for (guint i = 0; i < folders->len && !found; i++) {
            PfFolder *folder = folders->pdata[i];
            found = folder->adrift;
            if (found)
                pf_watcher_drop(watcher, folder);
        }
    }
}

/* So many events are handled before a folder is listed, so that neither waits for the other's end. */
#define EVENTS_A_TURN 256
/* How long events are still read when it is to end, microseconds. */
#define LAST_READING 100000
/* A mark is renewed so often at most while nothing goes wrong, and lags so much behind, seconds: a file may have been
 * written last then, and be closed only now. */
#define MARK_EVERY 3600
#define MARK_LAG 60
/* Memory is given back after a burst of so many files. */
#define BURST 8192

static void
begin_library(PfWatcher *watcher)
{
    watcher->bell_watch = -1;
    watcher->no_inotify = pf_inotify_start();
    if (watcher->no_inotify)
        return;
    watcher->bell_watch = pf_inotify_watch(pf_watch_bell_get_descriptor(watcher->bell), IN_ACCESS);
    if (watcher->bell_watch < 0) {
        watcher->no_inotify = -watcher->bell_watch;
        pf_inotify_stop();
    }
}

static void
end_library(PfWatcher *watcher)
{
    if (watcher->bell_watch >= 0)
        pf_inotify_stop();
    watcher->bell_watch = -1;
    pf_watcher_forget_ways(watcher);
    pf_watcher_forget_moves(watcher);
    g_hash_table_remove_all(watcher->limbo);
}

/* Begins the library anew; what happens in between is found by listing everything. */
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
    if (watcher->bell_watch < 0)
        begin_library(watcher);
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->torn)
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
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->recheck || !pf_watcher_is_in_place(folder))
            pf_watcher_queue(watcher, folder);
    }
}

static void
answer_bell(PfWatcher *watcher, PfBellCall calls)
{
    gint64 now = g_get_monotonic_time();

    if (calls & PF_BELL_EXAMINE)
        check_places(watcher);
    if (calls & PF_BELL_TIME) {
        pf_watcher_tell_due(watcher);
        if (now >= watcher->next_sweep)
            pf_watcher_sweep(watcher);
        if (now >= watcher->next_poll)
            poll_folders(watcher);
    }
}

static gboolean
needs_polling(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = NULL;

    if (watcher->bell_watch < 0 || watcher->no_watches)
        return TRUE;
    folders = pf_tree_list(watcher->tree, NULL);
    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->torn)
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
        if (folder->torn && folder->root == index)
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
    pf_post_put_looked(watcher->post, index, mark);
}

/* Nothing is left to be read, listed or waited for: all that was seen was told of. */
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
    pf_told_shrink(watcher->told);
    pf_memory_give_back();
}

/* Does what is due before the thread waits. */
static void
settle_down(PfWatcher *watcher)
{
    pf_watcher_empty_limbo(watcher);
    pf_watcher_tell_due(watcher);
    if (watcher->recount) {
        watcher->recount = FALSE;
        if (!needs_polling(watcher))
            watcher->next_poll = G_MAXINT64;
        else if (watcher->next_poll == G_MAXINT64)
            watcher->next_poll = g_get_monotonic_time() + PF_WATCHER_POLL * G_USEC_PER_SEC;
        watcher->publish(watcher->data);
    }
    if (pf_finish_count(watcher->finish) == 0) {
        mark_roots(watcher);
        give_memory_back(watcher);
    }
    pf_post_set_timer(watcher->post,
                      MIN(pf_finish_next_due(watcher->finish), MIN(watcher->next_poll, watcher->next_sweep)));
}

/* Reads events that are there. Returns: whether there was none. */
static gboolean
read_events(PfWatcher *watcher)
{
    for (guint i = 0; i < EVENTS_A_TURN; i++) {
        const struct inotify_event *event = watcher->bell_watch >= 0 ? pf_inotify_next(FALSE) : NULL;
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

    if (watcher->bell_watch < 0) {
        pf_watch_bell_wait(watcher->bell);
        return;
    }
    event = pf_inotify_next(TRUE);
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
    if (pf_finish_count(watcher->finish) > 0 || watcher->to_list.length > 0 || watcher->examine || watcher->renew ||
        watcher->next_poll != G_MAXINT64)
        return;
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].present)
            put_mark(watcher, i, lagging);
    }
}

void
pf_watcher_run(PfWatcher *watcher)
{
    begin_library(watcher);
    watcher->examine = TRUE;
    watcher->recount = TRUE;
    while (!pf_watch_bell_is_stopping(watcher->bell)) {
        answer_bell(watcher, pf_watch_bell_take(watcher->bell));
        if (!work(watcher))
            continue;
        settle_down(watcher);
        if (!watcher->examine)
            wait_for_more(watcher);
    }
    finish_marks(watcher);
    end_library(watcher);
}
