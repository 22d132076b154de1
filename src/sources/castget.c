/* SPDX-License-Identifier: GPL-2.0-or-later */
/* castget: a group for each channel in ~/.castgetrc, and a list of what was downloaded of it in ~/.castget. */
#include "sources/podcatcher.h"

#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    g_autofree char *list = g_build_filename(place->home, ".castgetrc", NULL);

    if (g_file_test(list, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind,
                                              .list = g_steal_pointer(&list),
                                              .store = g_build_filename(place->home, ".castget", NULL)});
}

/* A channel's setting, or that of all channels. Returns: (transfer full): NULL for none. */
static char *
dup_setting(GKeyFile *file, const char *channel, const char *key)
{
    if (!g_key_file_has_key(file, channel, key, NULL))
        channel = "*";
    return g_key_file_get_string(file, channel, key, NULL);
}

/* The folder that a channel is downloaded to. Returns: (transfer full): NULL where it is not said. */
static char *
dup_spool(GKeyFile *file, const char *channel)
{
    g_autofree char *value = dup_setting(file, channel, "spool");

    return value ? pf_podcatcher_dup_path(value, g_get_home_dir()) : NULL;
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    g_autoptr(GKeyFile) file = pf_podcatcher_read_ini(podcatcher->list, error);
    g_auto(GStrv) channels = file ? g_key_file_get_groups(file, NULL) : NULL;

    for (char **channel = channels; channel && *channel; channel++) {
        char *spool = dup_spool(file, *channel);
        if (spool)
            g_ptr_array_add(folders, spool);
    }
    return file != NULL;
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    g_autoptr(GKeyFile) file = pf_podcatcher_read_ini(podcatcher->list, error);
    g_auto(GStrv) channels = file ? g_key_file_get_groups(file, NULL) : NULL;

    for (char **channel = channels; channel && *channel; channel++) {
        g_autofree char *url = g_key_file_get_string(file, *channel, "url", NULL);
        if (url)
            pf_podcatcher_add_feed(feeds, url);
    }
    return file != NULL;
}

/* The one address that was downloaded of a channel which a file is named after. Returns: (transfer full): NULL when
 * there is none or more. */
static char *
find_done(const PfPodcatcher *podcatcher, const char *channel, const char *base)
{
    g_autofree char *name = g_strconcat(channel, ".xml", NULL);
    g_autofree char *path = g_build_filename(podcatcher->store, name, NULL);
    g_autofree char *text = pf_podcatcher_read_text(path, NULL);
    g_autoptr(GRegex) form = g_regex_new("<enclosure\\s+url=\"([^\"]*)\"", G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *hit = NULL;

    for (gboolean more = text && g_regex_match(form, text, 0, &match); more; more = g_match_info_next(match, NULL)) {
        g_autofree char *escaped = g_match_info_fetch(match, 1);
        g_auto(GStrv) parts = g_strsplit(escaped, "&amp;", -1);
        g_autofree char *url = g_strjoinv("&", parts);
        if (!pf_podcatcher_is_named_after(base, url) || g_strcmp0(hit, url) == 0)
            continue;
        if (hit)
            return NULL;
        hit = g_steal_pointer(&url);
    }
    return g_steal_pointer(&hit);
}

/* Of the channels of a folder the one that has the file on its list; where there is one channel only, it is that. */
static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    g_autoptr(GKeyFile) file = pf_podcatcher_read_ini(podcatcher->list, error);
    g_auto(GStrv) channels = file ? g_key_file_get_groups(file, NULL) : NULL;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *only = NULL;
    guint of_folder = 0, done = 0;

    (void)former;
    for (char **channel = channels; channel && *channel; channel++) {
        g_autofree char *spool = dup_spool(file, *channel);
        g_autofree char *url = g_key_file_get_string(file, *channel, "url", NULL);
        if (!spool || !url || !g_str_equal(spool, folder))
            continue;
        g_autofree char *enclosure = find_done(podcatcher, *channel, base);
        if (of_folder++ == 0)
            only = g_strdup(url);
        if (enclosure && done++ == 0) {
            item->enclosure = g_steal_pointer(&enclosure);
            item->feed = g_steal_pointer(&url);
        }
    }
    if (done > 1)
        pf_podcatcher_item_clear(item);
    if (done == 0 && of_folder == 1)
        item->feed = g_steal_pointer(&only);
    return file != NULL;
}

const PfPodcatcherKind pf_podcatcher_castget = {
    .name = "castget",
    .title = "castget",
    .find = find,
    .list_folders = list_folders,
    .list_feeds = list_feeds,
    .look_up = look_up,
};
