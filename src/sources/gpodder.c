/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gPodder 3: the folder gPodder in the home folder, with a database. It has the user's passwords too, which are never
 * read. */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    const char *named = place->is_sandboxed ? NULL : g_getenv("GPODDER_HOME");
    const char *downloads = place->is_sandboxed ? NULL : g_getenv("GPODDER_DOWNLOAD_DIR");
    g_autofree char *home =
        named && g_path_is_absolute(named) ? g_strdup(named) : g_build_filename(place->home, "gPodder", NULL);
    g_autofree char *database = g_build_filename(home, "Database", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&database),
                                              .folder = downloads && g_path_is_absolute(downloads)
                                                            ? g_canonicalize_filename(downloads, NULL)
                                                            : g_build_filename(home, "Downloads", NULL)});
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT url FROM podcast ORDER BY id", NULL, pf_podcatcher_take_feed,
                               feeds, error);
}

/* Episodes of a folder's podcast, of which one is the file. */
typedef struct {
    const char *base;
    const char *former;
    PfPodcatcherItem *item;
    guint hits;
} Search;

static gboolean
is_the_file(const Search *search, const char *url)
{
    g_autofree char *stem = NULL;

    if (pf_podcatcher_is_named_after(search->base, url))
        return TRUE;
    if (search->former && g_str_has_suffix(search->former, ".partial"))
        stem = g_strndup(search->former, strlen(search->former) - strlen(".partial"));
    return stem && pf_podcatcher_is_named_after(stem, url);
}

static gboolean
take_named(sqlite3_stmt *row, gpointer data)
{
    Search *search = data;
    const char *url = (const char *)sqlite3_column_text(row, 1);

    if (url && is_the_file(search, url)) {
        pf_podcatcher_take_item(row, search->item);
        search->hits++;
    }
    return search->hits < 2;
}

/* What is being downloaded is written to the database late: often not before gPodder ends. The podcast of a folder is
 * known before. */
static gboolean
look_up_unwritten(const PfPodcatcher *podcatcher, const char *folder, Search *search, GError **error)
{
    const char *const arguments[] = {folder, NULL};

    if (!pf_podcatcher_query(podcatcher->list,
                             "SELECT p.url, e.url, e.guid, e.title FROM episode e JOIN podcast p ON p.id = e.podcast_id"
                             " WHERE p.download_folder = ? AND ifnull(e.download_filename, '') = ''",
                             arguments, take_named, search, error))
        return FALSE;
    if (search->hits == 1)
        return TRUE;
    return pf_podcatcher_query(podcatcher->list, "SELECT url FROM podcast WHERE download_folder = ?", arguments,
                               pf_podcatcher_take_item, search->item, error);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *show = g_path_get_dirname(path);
    g_autofree char *folder = g_path_get_basename(show);
    g_autofree char *above = g_path_get_dirname(show);
    Search search = {.base = base, .former = former, .item = item};

    if (!g_str_equal(above, podcatcher->folder))
        return TRUE;
    /* A deleted episode keeps its file's name, which a new one may have now. */
    if (!pf_podcatcher_query(podcatcher->list,
                             "SELECT p.url, e.url, e.guid, e.title FROM episode e JOIN podcast p ON p.id = e.podcast_id"
                             " WHERE p.download_folder = ? AND e.download_filename = ? AND e.state <> 2",
                             (const char *const[]){folder, base, NULL}, pf_podcatcher_take_item, item, error))
        return FALSE;
    return item->enclosure || look_up_unwritten(podcatcher, folder, &search, error);
}

/* What a player has said of how far it has got, and when: that an episode is not new any more can mean that it was
 * deleted, or marked. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    return pf_podcatcher_query(
        podcatcher->list,
        "SELECT p.url, e.url, e.guid, e.title,"
        " CASE WHEN e.state = 1 THEN ? || '/' || p.download_folder || '/' || e.download_filename END,"
        " e.current_position, e.total_time, e.current_position_updated"
        " FROM episode e JOIN podcast p ON p.id = e.podcast_id"
        " WHERE e.current_position > 0 AND e.current_position_updated > 0",
        (const char *const[]){podcatcher->folder, NULL}, pf_podcatcher_take_position, plays, error);
}

const PfPodcatcherKind pf_podcatcher_gpodder = {
    .name = "gpodder",
    .title = "gPodder",
    .flatpak = "org.gpodder.gpodder",
    .snap = "gpodder",
    .find = find,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
