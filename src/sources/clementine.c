/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clementine: a database with the addresses of files, and a configuration. */
#include "sources/podcatcher.h"

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *folder = g_build_filename(place->config, "Clementine", NULL);
    g_autofree char *database = g_build_filename(folder, "clementine.db", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&database),
                                              .settings = g_build_filename(folder, "Clementine.conf", NULL),
                                              .folder = g_build_filename(place->home, "Podcasts", NULL)});
}

/* Adds the folder that a file's show is in. */
static gboolean
take_folder(sqlite3_stmt *row, gpointer folders)
{
    const char *url = (const char *)sqlite3_column_text(row, 0);
    g_autofree char *path = url ? g_filename_from_uri(url, NULL, NULL) : NULL;
    g_autofree char *show = path ? g_path_get_dirname(path) : NULL;

    if (show)
        g_ptr_array_add(folders, g_path_get_dirname(show));
    return TRUE;
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    char *named;

    if (!pf_podcatcher_read_ini_path(podcatcher, "Podcasts", "download_dir", &named, error))
        return FALSE;
    if (named) {
        g_ptr_array_add(folders, named);
        return TRUE;
    }
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT local_url FROM podcast_episodes WHERE downloaded AND local_url <> ''", NULL,
                               take_folder, folders, error);
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT url FROM podcasts", NULL, pf_podcatcher_take_feed, feeds,
                               error);
}

typedef struct {
    const char *path;
    PfPodcatcherItem *item;
} Search;

/* Programs differ in which signs of a file's address they write as %XX. */
static gboolean
take(sqlite3_stmt *row, gpointer data)
{
    const Search *search = data;
    const char *url = (const char *)sqlite3_column_text(row, 4);
    g_autofree char *path = url ? g_filename_from_uri(url, NULL, NULL) : NULL;

    return g_strcmp0(path, search->path) != 0 || pf_podcatcher_take_item(row, search->item);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    Search search = {path, item};

    (void)former;
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT p.url, e.url, NULL, e.title, e.local_url FROM podcast_episodes e"
                               " JOIN podcasts p ON p.ROWID = e.podcast_id WHERE e.local_url <> ''",
                               NULL, take, &search, error);
}

const PfPodcatcherKind pf_podcatcher_clementine = {
    .name = "clementine",
    .title = "Clementine",
    .flatpak = "org.clementine_player.Clementine",
    .find = find,
    .list_folders = list_folders,
    .list_feeds = list_feeds,
    .look_up = look_up,
};
