/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shellcaster: a database with the paths of its files. */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *database = g_build_filename(place->config, "shellcaster", "data.db", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(
            found, place,
            (PfPodcatcher){.kind = kind,
                           .list = g_steal_pointer(&database),
                           .settings = g_build_filename(place->config, "shellcaster", "config.toml", NULL),
                           .folder = g_build_filename(place->data, "shellcaster", NULL)});
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    g_auto(GStrv) lines = pf_podcatcher_read_settings(podcatcher, error);

    for (char **line = lines; lines && *line; line++) {
        const char *value = strchr(g_strstrip(*line), '=');
        if (!g_str_has_prefix(*line, "download_path") || !value)
            continue;
        char *path = pf_podcatcher_dup_path(value + 1, g_get_home_dir());
        if (path)
            g_ptr_array_add(folders, path);
    }
    return lines != NULL;
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT url FROM podcasts", NULL, pf_podcatcher_take_feed, feeds,
                               error);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    (void)former;
    return pf_podcatcher_query(
        podcatcher->list,
        "SELECT p.url, e.url, e.guid, e.title FROM files f JOIN episodes e ON e.id = f.episode_id"
        " JOIN podcasts p ON p.id = e.podcast_id WHERE f.path = ?",
        (const char *const[]){path, NULL}, pf_podcatcher_take_item, item, error);
}

const PfPodcatcherKind pf_podcatcher_shellcaster = {
    .name = "shellcaster",
    .title = "shellcaster",
    .find = find,
    .list_folders = list_folders,
    .list_feeds = list_feeds,
    .look_up = look_up,
};
