/* SPDX-License-Identifier: GPL-2.0-or-later */
/* greg: INI files with feeds and settings, and for each feed a history with the last part of each address. */
#include "sources/podcatcher.h"

#include <jansson.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *settings = g_build_filename(place->config, "greg", "greg.conf", NULL);
    g_autoptr(GKeyFile) file =
        g_file_test(settings, G_FILE_TEST_EXISTS) ? pf_podcatcher_read_ini(settings, NULL) : NULL;
    g_autofree char *named = file ? g_key_file_get_value(file, "DEFAULT", "Data directory", NULL) : NULL;
    g_autofree char *data = named ? pf_podcatcher_dup_path(named, place->home) : NULL;
    g_autofree char *list =
        data ? g_build_filename(data, "data", NULL) : g_build_filename(place->data, "greg", "data", "data", NULL);

    if (g_file_test(list, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&list),
                                              .settings = g_steal_pointer(&settings),
                                              .folder = g_build_filename(place->home, "Podcasts", NULL)});
}

/* Returns: (transfer full): where files are downloaded to; NULL with @error set. */
static char *
read_folder(const PfPodcatcher *podcatcher, GError **error)
{
    char *named;

    if (!pf_podcatcher_read_ini_path(podcatcher, "DEFAULT", "Download directory", &named, error))
        return NULL;
    return named ? named : g_strdup(podcatcher->folder);
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    g_autoptr(GKeyFile) list = pf_podcatcher_read_ini(podcatcher->list, error);
    g_auto(GStrv) names = list ? g_key_file_get_groups(list, NULL) : NULL;

    for (char **name = names; name && *name; name++) {
        g_autofree char *url = g_key_file_get_value(list, *name, "url", NULL);
        if (url)
            pf_podcatcher_add_feed(feeds, url);
    }
    return list != NULL;
}

/* Whether a feed's history, a line of JSON for each file, has a file's name. */
static gboolean
has_downloaded(const PfPodcatcher *podcatcher, const char *feed, const char *base)
{
    g_autofree char *folder = g_path_get_dirname(podcatcher->list);
    g_autofree char *path = g_build_filename(folder, feed, NULL);
    g_auto(GStrv) lines = pf_podcatcher_read_lines(path, NULL);
    gboolean has = FALSE;

    for (char **line = lines; lines && *line && !has; line++) {
        json_t *entry = json_loads(*line, 0, NULL);
        const char *link = json_string_value(json_object_get(entry, "entrylink"));
        has = link && pf_podcatcher_is_named_after(base, link);
        json_decref(entry);
    }
    return has;
}

/* A feed has a folder of its own, or its history has the file. */
static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *within = g_path_get_dirname(path);
    g_autofree char *folder = read_folder(podcatcher, error);
    g_autoptr(GKeyFile) list = folder ? pf_podcatcher_read_ini(podcatcher->list, error) : NULL;
    g_auto(GStrv) names = list ? g_key_file_get_groups(list, NULL) : NULL;
    guint hits = 0;

    (void)former;
    for (char **name = names; name && *name; name++) {
        g_autofree char *own = g_build_filename(folder, *name, NULL);
        g_autofree char *url = g_key_file_get_value(list, *name, "url", NULL);
        if (!url ||
            !(g_str_equal(within, own) || (g_str_equal(within, folder) && has_downloaded(podcatcher, *name, base))))
            continue;
        g_free(item->feed);
        item->feed = g_steal_pointer(&url);
        hits++;
    }
    if (hits != 1)
        g_clear_pointer(&item->feed, g_free);
    return list != NULL;
}

const PfPodcatcherKind pf_podcatcher_greg = {
    .name = "greg",
    .title = "greg",
    .find = find,
    .read_folder = read_folder,
    .list_feeds = list_feeds,
    .look_up = look_up,
};
