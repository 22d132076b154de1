/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podget: a shell script with a list of servers, which puts each show into LIBRARY/CATEGORY/NAME, and notes the address
 * of every file that it has. */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *old = g_build_filename(place->home, ".podget", NULL);
    g_autofree char *new = g_build_filename(place->config, "podget", NULL);
    const char *folder = g_file_test(old, G_FILE_TEST_IS_DIR) ? old : new;
    g_autofree char *list = g_build_filename(folder, "serverlist", NULL);

    if (g_file_test(list, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&list),
                                              .settings = g_build_filename(folder, "podgetrc", NULL),
                                              .folder = g_build_filename(place->home, "POD", NULL)});
}

/* Where a line of the shell's sets a variable to. Returns: (transfer full): NULL where it sets none. */
static char *
dup_setting(const char *line, const char *name)
{
    while (g_ascii_isspace(*line))
        line++;
    if (!g_str_has_prefix(line, name) || line[strlen(name)] != '=')
        return NULL;
    g_autofree char *value = g_strdup(line + strlen(name) + 1);
    char *comment = strstr(value, " #");
    if (comment)
        *comment = '\0';
    return pf_podcatcher_dup_path(value, g_get_home_dir());
}

/* Returns: (transfer full): the folder of all shows; NULL with @error set. @log: (out): that of its own lists */
static char *
read_library(const PfPodcatcher *podcatcher, char **log, GError **error)
{
    g_auto(GStrv) lines = pf_podcatcher_read_settings(podcatcher, error);
    g_autofree char *library = g_strdup(podcatcher->folder);

    *log = NULL;
    if (!lines)
        return NULL;
    for (char **line = lines; *line; line++) {
        char *named = dup_setting(*line, "DIR_LIBRARY"), *log_named = dup_setting(*line, "DIR_LOG");
        if (named) {
            g_free(library);
            library = named;
        }
        if (log_named) {
            g_free(*log);
            *log = log_named;
        }
    }
    if (!*log)
        *log = g_build_filename(library, ".LOG", NULL);
    return g_steal_pointer(&library);
}

static char *
read_folder(const PfPodcatcher *podcatcher, GError **error)
{
    g_autofree char *log = NULL;

    return read_library(podcatcher, &log, error);
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    g_auto(GStrv) lines = pf_podcatcher_read_lines(podcatcher->list, error);

    for (char **line = lines; lines && *line; line++) {
        gboolean is_program;
        char *url = pf_podcatcher_dup_listed(*line, &is_program);
        if (url)
            g_ptr_array_add(feeds->urls, url);
    }
    return lines != NULL;
}

/* Whether a line of the list puts its show into a folder: "URL CATEGORY NAME WITH BLANKS", options among them. */
static gboolean
is_line_of(const char *line, const char *category, const char *name)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();

    for (char **word = words; *word; word++)
        if (**word && !g_str_has_prefix(*word, "OPT_") && !g_str_has_prefix(*word, "USER:") &&
            !g_str_has_prefix(*word, "PASS:"))
            g_strv_builder_add(kept, *word);
    g_auto(GStrv) parts = g_strv_builder_end(kept);
    if (g_strv_length(parts) < 3)
        return FALSE;
    g_autofree char *its_name = g_strjoinv(" ", parts + 2);
    return g_str_equal(parts[1], category) && g_str_equal(its_name, name);
}

/* The one address in the list of what was downloaded that the file is named after. */
static char *
find_done(const char *log, const char *base)
{
    g_autofree char *path = g_build_filename(log, "done", NULL);
    g_auto(GStrv) lines = pf_podcatcher_read_lines(path, NULL);
    const char *hit = NULL;

    for (char **line = lines; lines && *line; line++) {
        if (!pf_podcatcher_is_named_after(base, g_strstrip(*line)) || g_strcmp0(hit, *line) == 0)
            continue;
        if (hit)
            return NULL;
        hit = *line;
    }
    return g_strdup(hit);
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *log = NULL;
    g_autofree char *library = read_library(podcatcher, &log, error);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(folder);
    g_autofree char *above = g_path_get_dirname(folder);
    g_autofree char *category = g_path_get_basename(above);
    g_autofree char *top = g_path_get_dirname(above);
    guint hits = 0;

    (void)former;
    if (!library || !g_str_equal(top, library))
        return library != NULL;
    g_auto(GStrv) lines = pf_podcatcher_read_lines(podcatcher->list, error);
    for (char **line = lines; lines && *line; line++) {
        gboolean is_program;
        g_autofree char *url = pf_podcatcher_dup_listed(*line, &is_program);
        if (!url || !is_line_of(g_strstrip(*line), category, name))
            continue;
        g_free(item->feed);
        item->feed = g_steal_pointer(&url);
        hits++;
    }
    if (hits != 1)
        g_clear_pointer(&item->feed, g_free);
    else
        item->enclosure = find_done(log, base);
    return lines != NULL;
}

const PfPodcatcherKind pf_podcatcher_podget = {
    .name = "podget",
    .title = "podget",
    .find = find,
    .read_folder = read_folder,
    .list_feeds = list_feeds,
    .look_up = look_up,
};
