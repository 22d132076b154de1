/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/watching.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"

#include <time.h>

/* How far back a mark that cannot be right is set, seconds. */
#define LOOK_BACK ((gint64)60 * 86400)

/* A tick is ten milliseconds at the most; so many of them are waited for. */
#define TICK_TRIES 50

struct PfWatching {
    PfWatchingSettings settings;
    PfWatch *watch;
    char **folders; /* what it was made for */
    char **extensions;
    gint64 settle;
    const PfConfig *config;
    guint retry; /* a timer: the watcher before still waits for a folder */
    char *said;  /* why no folder is watched, as it was logged; NULL when they are */
};

/* How often it is tried again, seconds. */
#define RETRY_SECONDS 10

/* --- folders --- */

static gint64
read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (gint64)time.tv_sec * PF_CLOCK_NANOSECONDS + time.tv_nsec;
}

/* A time that no file which is there can be later than, and that every file which is made after this returns is later
 * than, nanoseconds since the epoch. The kernel stamps files with a clock that lags behind the system's own by up to a
 * tick (some milliseconds), so that one has to pass. Tests do not move these clocks. Where a file system keeps whole
 * seconds, the rest of the first one does not count: what was there before must not. */
static gint64
part_time(void)
{
    gint64 now = read_clock(CLOCK_REALTIME);

    /* Not for ever: the clock may be set back meanwhile. */
    for (guint i = 0; i < TICK_TRIES && read_clock(CLOCK_REALTIME_COARSE) <= now; i++)
        g_usleep(1000);
    return now;
}

/* The clock was ahead once, or is behind now. A mark can go back as far as what became of files is remembered, since
 * those are not reported twice. A first look that is yet to come was one by a clock that was ahead: it is now, or no
 * file would count until that day. Returns: whether the first look was changed. */
static gboolean
correct_marks(PfWatchFolder *folder, gint64 now)
{
    if (folder->first / PF_CLOCK_NANOSECONDS > now) {
        g_autoptr(GDateTime) first = g_date_time_new_from_unix_local(folder->first / PF_CLOCK_NANOSECONDS);
        g_autofree char *time = first ? g_date_time_format(first, "%F %T") : NULL;
        g_autofree char *shown = pf_log_printable(folder->path);
        g_message(_("%s: first watched at %s, which is in the future: the clock was ahead; files count from now on"),
                  shown, time ? time : _("an impossible time"));
        folder->first = part_time();
        folder->mark = folder->first / PF_CLOCK_NANOSECONDS;
        return TRUE;
    }
    if (folder->mark > now)
        folder->mark = MAX(folder->first / PF_CLOCK_NANOSECONDS, now - LOOK_BACK);
    return FALSE;
}

/* A folder that was never watched is from now on: its first look is written before anything in it can count. */
static gboolean
load_folder(PfQueue *queue, const char *path, PfWatchFolder *folder, GError **error)
{
    folder->path = g_strdup(path);
    if (!pf_arrival_load_marks(queue, folder->path, &folder->first, &folder->mark, error))
        return FALSE;
    /* By the file system's clock, which tests do not move. */
    if (folder->first && !correct_marks(folder, g_get_real_time() / G_USEC_PER_SEC))
        return TRUE;
    if (!folder->first) {
        folder->first = part_time();
        folder->mark = folder->first / PF_CLOCK_NANOSECONDS;
    }
    return pf_arrival_save_marks(queue, folder->path, folder->first, folder->mark, error);
}

static void
clear_folder(gpointer data)
{
    g_free(((PfWatchFolder *)data)->path);
}

static GArray *
load_folders(PfQueue *queue, char **paths, GError **error)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, TRUE, sizeof(PfWatchFolder));
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);

    g_array_set_clear_func(folders, clear_folder);
    for (char **path = paths; transaction && *path; path++) {
        g_array_set_size(folders, folders->len + 1);
        if (!load_folder(queue, *path, &g_array_index(folders, PfWatchFolder, folders->len - 1), error))
            return NULL;
    }
    return transaction && pf_transaction_commit(g_steal_pointer(&transaction), error) ? g_steal_pointer(&folders)
                                                                                      : NULL;
}

/* --- life --- */

void
pf_watching_stop(PfWatching *watching)
{
    g_clear_handle_id(&watching->retry, g_source_remove);
    g_clear_pointer(&watching->watch, pf_watch_free);
    g_clear_pointer(&watching->folders, g_strfreev);
    g_clear_pointer(&watching->extensions, g_strfreev);
}

static gboolean try_again(gpointer data);

static void
wait_for_folders(PfWatching *watching, const GError *failure)
{
    if (g_strcmp0(failure->message, watching->said) != 0)
        g_message(_("no folder is watched: %s; retrying every %d seconds"), failure->message, RETRY_SECONDS);
    g_free(watching->said);
    watching->said = g_strdup(failure->message);
    watching->retry = g_timeout_add_seconds(RETRY_SECONDS, try_again, watching);
}

static gboolean
try_again(gpointer data)
{
    PfWatching *watching = data;
    g_autoptr(GError) failure = NULL;

    watching->retry = 0;
    if (!pf_watching_apply(watching, watching->config, &failure))
        wait_for_folders(watching, failure);
    return G_SOURCE_REMOVE;
}

gboolean
pf_watching_apply(PfWatching *watching, const PfConfig *config, GError **error)
{
    watching->config = config;
    if (watching->watch && watching->settle == config->settle &&
        g_strv_equal((const char *const *)watching->folders, (const char *const *)config->folder_paths) &&
        g_strv_equal((const char *const *)watching->extensions, (const char *const *)config->extensions))
        return TRUE;
    g_autoptr(GArray) folders = load_folders(watching->settings.queue, config->folder_paths, error);
    g_autoptr(GError) failure = NULL;
    if (!folders)
        return FALSE;
    pf_watching_stop(watching);
    watching->watch = pf_watch_new(&(PfWatchSettings){.folders = (const PfWatchFolder *)(void *)folders->data,
                                                      .n_folders = folders->len,
                                                      .extensions = (const char *const *)config->extensions,
                                                      .settle = config->settle,
                                                      .state_dir = watching->settings.state_dir,
                                                      .found = pf_ingest_add_file,
                                                      .looked = pf_ingest_add_mark,
                                                      .data = watching->settings.ingest,
                                                      .changed = watching->settings.owner->changed,
                                                      .changed_data = watching->settings.owner->data},
                                   &failure);
    if (g_error_matches(failure, PF_WATCH_ERROR, PF_WATCH_ERROR_BUSY)) {
        wait_for_folders(watching, failure);
        return TRUE;
    }
    if (!watching->watch) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    g_clear_pointer(&watching->said, g_free);
    watching->folders = g_strdupv(config->folder_paths);
    watching->extensions = g_strdupv(config->extensions);
    watching->settle = config->settle;
    return TRUE;
}

guint
pf_watching_get_report(PfWatching *watching, const PfWatchReport **reports)
{
    return watching->watch ? pf_watch_get_report(watching->watch, reports) : 0;
}

PfWatching *
pf_watching_new(const PfWatchingSettings *settings)
{
    PfWatching *watching = g_new0(PfWatching, 1);

    watching->settings = *settings;
    return watching;
}

void
pf_watching_free(PfWatching *watching)
{
    if (!watching)
        return;
    pf_watching_stop(watching);
    g_free(watching->said);
    g_free(watching);
}
