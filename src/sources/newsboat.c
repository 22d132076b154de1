/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newsboat, with podboat, which downloads what newsboat puts into its queue: lists of lines, and a database of items.
 */
#include "base/i18n.h"
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *config = g_build_filename(place->config, "newsboat", NULL);
    g_autofree char *data = NULL;

    /* The folder of old is used as long as there is no other. */
    if (g_file_test(config, G_FILE_TEST_IS_DIR)) {
        data = g_build_filename(place->data, "newsboat", NULL);
    } else {
        g_free(config);
        config = g_build_filename(place->home, ".newsboat", NULL);
        data = g_strdup(config);
    }
    g_autofree char *urls = g_build_filename(config, "urls", NULL);
    if (g_file_test(urls, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&urls),
                                              .settings = g_build_filename(config, "config", NULL),
                                              .store = g_build_filename(data, "cache.db", NULL)});
}

/* The folder before the first part of a path that is made of an episode's data. */
static char *
dup_fixed_part(const char *path)
{
    const char *mark = strchr(path, '%');
    g_autofree char *fixed = g_strndup(path, mark ? (gsize)(mark - path) : strlen(path));

    return mark ? g_path_get_dirname(fixed) : g_steal_pointer(&fixed);
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    g_auto(GStrv) lines = pf_podcatcher_read_settings(podcatcher, error);
    g_autofree char *path = g_strdup(g_get_home_dir());

    if (!lines)
        return FALSE;
    for (char **line = lines; *line; line++) {
        const char *value = g_strstrip(*line);
        if (!g_str_has_prefix(value, "download-path") || !g_ascii_isspace(value[strlen("download-path")]))
            continue;
        g_autofree char *named = pf_podcatcher_dup_path(value + strlen("download-path"), g_get_home_dir());
        if (named) {
            g_free(path);
            path = dup_fixed_part(named);
        }
    }
    if (g_str_equal(path, g_get_home_dir())) {
        g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT,
                    _("%s: podboat downloads to the home folder itself, which is not watched; set download-path there, "
                      "such as: download-path \"~/Podcasts\""),
                    podcatcher->settings);
        return FALSE;
    }
    g_ptr_array_add(folders, g_steal_pointer(&path));
    return TRUE;
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    g_auto(GStrv) lines = pf_podcatcher_read_lines(podcatcher->list, error);

    for (char **line = lines; lines && *line; line++) {
        gboolean is_program;
        g_autofree char *url = pf_podcatcher_dup_listed(*line, &is_program);
        if (url)
            g_ptr_array_add(feeds->urls, g_steal_pointer(&url));
        feeds->left_out += is_program;
    }
    return lines != NULL;
}

/* Reads a line of podboat's queue: an address, a file's path in quotes, and what has become of it. @path: (out)
 * (transfer full): NULL when it is no such line. @state: (out): lent. Returns: (transfer full): the address */
static char *
read_queued(const char *line, char **path, const char **state)
{
    const char *quote = strstr(line, " \""), *at;
    g_autoptr(GString) read = g_string_new(NULL);

    *path = NULL;
    if (!quote)
        return NULL;
    for (at = quote + 2; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        g_string_append_c(read, *at);
    }
    *state = *at ? at + 1 : at;
    *path = g_string_free(g_steal_pointer(&read), FALSE);
    return g_strndup(line, (gsize)(quote - line));
}

/* The address in a line of podboat's queue. Returns: (transfer full): NULL when it is another file's. */
static char *
dup_queued(const char *line, const char *path)
{
    g_autofree char *queued = NULL;
    const char *state;
    g_autofree char *url = read_queued(line, &queued, &state);

    return g_strcmp0(queued, path) == 0 ? g_steal_pointer(&url) : NULL;
}

/* Feeds of the database that have an enclosure. */
typedef struct {
    PfPodcatcherItem item;
    guint hits;
} Search;

static gboolean
take(sqlite3_stmt *row, gpointer data)
{
    Search *search = data;

    if (search->hits++ == 0)
        pf_podcatcher_take_item(row, &search->item);
    return search->hits < 2;
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(podcatcher->store);
    g_autofree char *queue = g_build_filename(folder, "queue", NULL);
    g_autofree char *url = NULL;
    g_auto(GStrv) lines = NULL;
    Search search = {0};

    (void)former;
    if (!g_file_test(queue, G_FILE_TEST_EXISTS))
        return TRUE;
    lines = pf_podcatcher_read_lines(queue, error);
    for (char **line = lines; lines && *line; line++) {
        g_autofree char *queued = dup_queued(*line, path);
        /* Two episodes with one name: the file may be either. */
        if (queued && url && !g_str_equal(queued, url))
            return TRUE;
        if (queued && !url)
            url = g_steal_pointer(&queued);
    }
    if (!url)
        return lines != NULL;
    gboolean asked = !g_file_test(podcatcher->store, G_FILE_TEST_EXISTS) ||
                     pf_podcatcher_query(podcatcher->store,
                                         "SELECT DISTINCT feedurl, enclosure_url, guid, title FROM rss_item"
                                         " WHERE enclosure_url = ? LIMIT 2",
                                         (const char *const[]){url, NULL}, take, &search, error);
    /* Two items with one enclosure: the address is all that is certain. */
    if (search.hits == 1)
        *item = search.item;
    else
        pf_podcatcher_item_clear(&search.item);
    if (!item->enclosure)
        item->enclosure = g_steal_pointer(&url);
    return asked;
}

/* What the user has marked as finished in podboat: "played" is what was started there, and what is read in newsboat was
 * not heard. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(podcatcher->store);
    g_autofree char *queue = g_build_filename(folder, "queue", NULL);
    g_auto(GStrv) lines = NULL;

    if (!g_file_test(queue, G_FILE_TEST_EXISTS))
        return TRUE;
    lines = pf_podcatcher_read_lines(queue, error);
    for (char **line = lines; lines && *line; line++) {
        g_autofree char *path = NULL;
        const char *state;
        g_autofree char *url = read_queued(*line, &path, &state);
        if (!url || g_strcmp0(g_strstrip((char *)state), "finished") != 0)
            continue;
        PfPlay *play = g_new0(PfPlay, 1);
        play->kind = PF_PLAY_COUNT;
        play->count = 1;
        play->name = pf_play_dup_name((const char *const *)&url, 1);
        play->enclosure = g_steal_pointer(&url);
        play->path = g_steal_pointer(&path);
        g_ptr_array_add(plays, play);
    }
    return lines != NULL;
}

const PfPodcatcherKind pf_podcatcher_newsboat = {
    .name = "newsboat",
    .title = "newsboat",
    .find = find,
    .list_folders = list_folders,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
