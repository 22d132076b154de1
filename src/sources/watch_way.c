/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "sources/inotify.h"
#include "sources/watch_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

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
