/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "sources/inotify.h"
#include "sources/watch_name.h"
#include "sources/watch_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
