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
        pf_podcatcher_add_take(
            found, place,
            (PfPodcatcher){.kind = kind,
                           .list = g_steal_pointer(&database),
                           .settings = g_build_filename(place->config, "castero", "castero.conf", NULL),
                           .folder = g_build_filename(folder, "downloaded", NULL)});
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

/* Whether a file, or folder, was named after a title: each sign of its first line that is no letter, digit or hyphen
 * has become a "_". */
static gboolean
is_named_after(const char *name, const char *title)
{
    for (; *title && *title != '\n'; title = g_utf8_next_char(title), name = g_utf8_next_char(name)) {
        gunichar sign = g_utf8_get_char(title), found = g_utf8_get_char(name);
        if (found != sign && (found != '_' || g_unichar_isalnum(sign) || sign == '-'))
            return FALSE;
    }
    return *name == '\0' || *name == '.';
}

/* A file of castero's. */
typedef struct {
    const char *name; /* behind the number */
    const char *show; /* its folder */
    PfPodcatcherItem *item;
} Search;

/* Numbers are given again: castero writes its database when it ends, and not when it dies. */
static gboolean
take(sqlite3_stmt *row, gpointer data)
{
    const Search *search = data;
    g_autofree char *title = pf_database_dup_text(row, 3), *show = pf_database_dup_text(row, 4);

    if (title && show && g_utf8_validate(title, -1, NULL) && g_utf8_validate(show, -1, NULL) &&
        is_named_after(search->name, title) && is_named_after(search->show, show))
        pf_podcatcher_take_item(row, search->item);
    return FALSE;
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *folder_of_show = g_path_get_dirname(path);
    g_autofree char *show = g_path_get_basename(folder_of_show);
    g_autofree char *above = g_path_get_dirname(folder_of_show);
    g_autofree char *folder = read_folder(podcatcher, error);
    gsize digits = strspn(base, "0123456789");
    g_autofree char *number = g_strndup(base, digits);
    Search search = {base + digits + 1, show, item};

    (void)former;
    if (!folder || digits == 0 || base[digits] != '-' || !g_str_equal(above, folder) ||
        !g_utf8_validate(path, -1, NULL))
        return folder != NULL;
    return pf_podcatcher_query(podcatcher->list,
                               "SELECT e.feed_key, e.enclosure, NULL, e.title, f.title FROM episode e"
                               " JOIN feed f ON f.key = e.feed_key WHERE e.id = CAST(? AS INTEGER)",
                               (const char *const[]){number, NULL}, take, &search, error);
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
