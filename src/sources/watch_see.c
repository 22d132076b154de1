/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "sources/watch_name.h"
#include "sources/watch_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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
