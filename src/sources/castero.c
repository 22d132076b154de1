/* SPDX-License-Identifier: GPL-2.0-or-later */
/* castero: a database, which is written when it ends, and files whose names begin with an episode's number. */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *folder = g_build_filename(place->data, "castero", NULL);
    g_autofree char *database = g_build_filename(folder, "castero.db", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, kind, place, g_steal_pointer(&database),
                               g_build_filename(place->config, "castero", "castero.conf", NULL), NULL,
                               g_build_filename(folder, "downloaded", NULL));
}

/* Returns: (transfer full): the folder of all shows' folders; NULL with @error set. */
static char *
read_folder(const PfPodcatcher *podcatcher, GError **error)
{
    char *named;

    if (!pf_podcatcher_read_ini_path(podcatcher, "downloads", "custom_download_dir", &named, error))
        return NULL;
    return named ? named : g_strdup(podcatcher->folder);
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT key FROM feed", NULL, pf_podcatcher_take_feed, feeds, error);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *show = g_path_get_dirname(path);
    g_autofree char *above = g_path_get_dirname(show);
    g_autofree char *folder = read_folder(podcatcher, error);
    gsize digits = strspn(base, "0123456789");
    g_autofree char *number = g_strndup(base, digits);

    (void)former;
    if (!folder || digits == 0 || base[digits] != '-' || !g_str_equal(above, folder))
        return folder != NULL;
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT feed_key, enclosure, NULL, title FROM episode WHERE id = CAST(? AS INTEGER)",
                               (const char *const[]){number, NULL}, pf_podcatcher_take_item, item, error);
}

/* How far the player has got, in milliseconds; "played" is set by hand as well. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT e.feed_key, e.enclosure, NULL, e.title, NULL, p.time / 1000, 0, 0"
                               " FROM progress p JOIN episode e ON e.id = p.ep_id WHERE p.time > 0",
                               NULL, pf_podcatcher_take_position, plays, error);
}

const PfPodcatcherKind pf_podcatcher_castero = {
    .name = "castero",
    .title = "castero",
    .snap = "castero",
    .find = find,
    .read_folder = read_folder,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
