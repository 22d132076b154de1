/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GNOME Podcasts: a database, and files that are called by an episode's number in it, in a folder called by the show.
 */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *folder = g_build_filename(place->data, "gnome-podcasts", NULL);
    g_autofree char *database = g_build_filename(folder, "podcasts.db", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&database),
                                              .folder = g_build_filename(folder, "Downloads", NULL)});
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT uri FROM source ORDER BY id", NULL, pf_podcatcher_take_feed,
                               feeds, error);
}

#define SELECT                                                                                                         \
    "SELECT s.uri, e.uri, e.guid, e.title FROM episodes e JOIN shows h ON h.id = e.show_id"                            \
    " JOIN source s ON s.id = h.source_id WHERE "

/* The path is written to the database after the file; the number in its name is older than both. */
static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *show = g_path_get_basename(folder);
    g_autofree char *above = g_path_get_dirname(folder);
    gsize digits = strspn(base, "0123456789");
    g_autofree char *number = g_strndup(base, digits);

    (void)former;
    if (!pf_podcatcher_query(podcatcher->list, SELECT "e.local_uri = ?", (const char *const[]){path, NULL},
                             pf_podcatcher_take_item, item, error))
        return FALSE;
    if (item->enclosure || digits == 0 || base[digits] != '.' || !g_str_equal(above, podcatcher->folder))
        return TRUE;
    return pf_podcatcher_query(podcatcher->list, SELECT "e.id = CAST(? AS INTEGER) AND h.title = ?",
                               (const char *const[]){number, show, NULL}, pf_podcatcher_take_item, item, error);
}

/* How far the player has got; "played" is set as well when all episodes of a show are marked so. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT s.uri, e.uri, e.guid, e.title, e.local_uri, e.play_position, e.duration, 0"
                               " FROM episodes e JOIN shows h ON h.id = e.show_id"
                               " JOIN source s ON s.id = h.source_id WHERE e.play_position > 0",
                               NULL, pf_podcatcher_take_position, plays, error);
}

const PfPodcatcherKind pf_podcatcher_gnome_podcasts = {
    .name = "gnome-podcasts",
    .title = "GNOME Podcasts",
    .flatpak = "org.gnome.Podcasts",
    .find = find,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
