/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kasts: a database with a write-ahead log, and files whose names contain the beginning of a checksum of their address.
 */
#include "sources/podcatcher.h"

#include <string.h>

/* How many hexadecimal digits of the checksum a file's name has. */
#define DIGITS 6

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *folder = g_build_filename(place->data, "KDE", "kasts", NULL);
    g_autofree char *database = g_build_filename(folder, "database.db3", NULL);

    if (g_file_test(database, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&database),
                                              .settings = g_build_filename(place->config, "kastsrc", NULL),
                                              .folder = g_build_filename(folder, "enclosures", NULL)});
}

/* Returns: (transfer full): the folder of all shows' folders; NULL with @error set. */
static char *
read_folder(const PfPodcatcher *podcatcher, GError **error)
{
    g_autofree char *moved = NULL;

    if (!pf_podcatcher_read_ini_path(podcatcher, "General", "storagePath", &moved, error) ||
        (!moved && !pf_podcatcher_read_ini_path(podcatcher, "General", "StoragePath", &moved, error)))
        return NULL;
    return moved ? g_build_filename(moved, "enclosures", NULL) : g_strdup(podcatcher->folder);
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return pf_podcatcher_query(podcatcher->list, "SELECT url FROM Feeds", NULL, pf_podcatcher_take_feed, feeds, error);
}

typedef struct {
    const char *digits;
    PfPodcatcherItem *item;
    guint hits;
} Search;

static gboolean
take(sqlite3_stmt *row, gpointer data)
{
    Search *search = data;
    const char *url = (const char *)sqlite3_column_text(row, 1);
    g_autofree char *checksum = g_compute_checksum_for_string(G_CHECKSUM_MD5, url ? url : "", -1);

    if (g_str_has_prefix(checksum, search->digits)) {
        pf_podcatcher_take_item(row, search->item);
        search->hits++;
    }
    return search->hits < 2;
}

/* The digits in "TITLE.DIGITS.EXTENSION". Returns: (transfer full): NULL when there are none. */
static char *
dup_digits(const char *base)
{
    g_auto(GStrv) parts = g_strsplit(base, ".", -1);
    guint count = g_strv_length(parts);

    if (count < 3 || strlen(parts[count - 2]) != DIGITS || strspn(parts[count - 2], "0123456789abcdef") != DIGITS)
        return NULL;
    return g_strdup(parts[count - 2]);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    /* Since version 12 of its schema; and before. */
    static const char *const questions[] = {
        "SELECT f.url, c.url, e.id, e.title FROM Enclosures c JOIN Entries e ON e.entryuid = c.entryuid"
        " JOIN Feeds f ON f.feeduid = c.feeduid WHERE f.dirname = ?",
        "SELECT f.url, c.url, e.id, e.title FROM Enclosures c JOIN Entries e ON e.id = c.id AND e.feed = c.feed"
        " JOIN Feeds f ON f.url = c.feed WHERE f.dirname = ?",
    };
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *show = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(show);
    g_autofree char *above = g_path_get_dirname(show);
    g_autofree char *digits = dup_digits(base);
    g_autofree char *folder = read_folder(podcatcher, error);
    const char *const arguments[] = {name, NULL};
    Search search = {digits, item, 0};

    (void)former;
    if (!folder || !digits || !g_str_equal(above, folder))
        return folder != NULL;
    if (!pf_podcatcher_query(podcatcher->list, questions[0], arguments, take, &search, NULL) &&
        !pf_podcatcher_query(podcatcher->list, questions[1], arguments, take, &search, error))
        return FALSE;
    if (search.hits != 1)
        pf_podcatcher_item_clear(item);
    return TRUE;
}

/* How far the player has got, in milliseconds: what is read may only be marked so, as all but the newest episode of a
 * show is when it is subscribed to. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    /* As in look_up(). */
    static const char *const questions[] = {
        "SELECT f.url, c.url, e.id, e.title, NULL, c.playposition / 1000, c.duration, 0 FROM Enclosures c"
        " JOIN Entries e ON e.entryuid = c.entryuid JOIN Feeds f ON f.feeduid = c.feeduid WHERE c.playposition > 0",
        "SELECT f.url, c.url, e.id, e.title, NULL, c.playposition / 1000, c.duration, 0 FROM Enclosures c"
        " JOIN Entries e ON e.id = c.id AND e.feed = c.feed JOIN Feeds f ON f.url = c.feed WHERE c.playposition > 0",
    };

    return pf_podcatcher_query(podcatcher->list, questions[0], NULL, pf_podcatcher_take_position, plays, NULL) ||
           pf_podcatcher_query(podcatcher->list, questions[1], NULL, pf_podcatcher_take_position, plays, error);
}

const PfPodcatcherKind pf_podcatcher_kasts = {
    .name = "kasts",
    .title = "Kasts",
    .flatpak = "org.kde.kasts",
    .find = find,
    .read_folder = read_folder,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
