/* SPDX-License-Identifier: GPL-2.0-or-later */
/* yt-dlp: a configuration of command-line options. It follows no feeds; with --write-info-json there is a file beside
 * each episode that says where it came from. */
#include "base/i18n.h"
#include "sources/podcatcher.h"

#include <jansson.h>
#include <string.h>

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    char *const paths[] = {
        g_build_filename(place->config, "yt-dlp", "config", NULL), g_build_filename(place->config, "yt-dlp.conf", NULL),
        g_build_filename(place->home, ".yt-dlp", "config", NULL), g_build_filename(place->home, "yt-dlp.conf", NULL)};
    gboolean is_found = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (!is_found && g_file_test(paths[i], G_FILE_TEST_IS_REGULAR)) {
            pf_podcatcher_add_take(found, place, (PfPodcatcher){.kind = kind, .list = g_strdup(paths[i])});
            is_found = TRUE;
        }
        g_free(paths[i]);
    }
}

/* The folder in the value of -P or -o, before what is made of an episode's data. Returns: (transfer full): NULL where
 * it is the one that yt-dlp is started in. */
static char *
dup_folder(const char *value)
{
    const char *plain = g_str_has_prefix(value, "home:") ? value + strlen("home:") : value;
    const char *mark = strchr(plain, '%');
    g_autofree char *fixed = g_strndup(plain, mark ? (gsize)(mark - plain) : strlen(plain));
    g_autofree char *path = pf_podcatcher_dup_path(fixed, g_get_home_dir());

    if (!path || !mark)
        return g_steal_pointer(&path);
    return g_str_has_suffix(fixed, "/") ? g_steal_pointer(&path) : g_path_get_dirname(path);
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    static const char *const options[] = {"-P", "--paths", "-o", "--output"};
    g_auto(GStrv) lines = pf_podcatcher_read_lines(podcatcher->list, error);
    int count = 0;

    for (char **line = lines; lines && *line; line++) {
        g_auto(GStrv) words = NULL;
        if (!g_shell_parse_argv(*line, &count, &words, NULL))
            continue;
        for (int i = 0; i < count; i++) {
            g_auto(GStrv) parts = g_strsplit(words[i], "=", 2);
            const char *value = g_str_has_prefix(words[i], "--") && parts[1] ? parts[1] : words[i + 1];
            gboolean is_option = FALSE;
            for (gsize j = 0; j < G_N_ELEMENTS(options); j++)
                is_option |= g_strcmp0(parts[0], options[j]) == 0;
            char *folder = is_option && value ? dup_folder(value) : NULL;
            if (folder)
                g_ptr_array_add(folders, folder);
        }
    }
    return lines != NULL;
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    const char *dot = strrchr(path, '.');
    g_autofree char *stem = dot && !strchr(dot, '/') ? g_strndup(path, (gsize)(dot - path)) : g_strdup(path);
    g_autofree char *beside = g_strconcat(stem, ".info.json", NULL);
    g_autofree char *text = NULL;

    (void)podcatcher;
    (void)former;
    if (!g_file_test(beside, G_FILE_TEST_EXISTS))
        return TRUE;
    text = pf_podcatcher_read_text(beside, error);
    json_t *info = text ? json_loads(text, 0, NULL) : NULL;
    if (text && !json_is_object(info))
        g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT, _("%s: not written by yt-dlp"), beside);
    gboolean is_read = json_is_object(info);
    item->enclosure = g_strdup(json_string_value(json_object_get(info, "url")));
    item->title = item->enclosure ? g_strdup(json_string_value(json_object_get(info, "title"))) : NULL;
    json_decref(info);
    return is_read;
}

const PfPodcatcherKind pf_podcatcher_ytdlp = {
    .name = "yt-dlp",
    .title = "yt-dlp",
    .find = find,
    .list_folders = list_folders,
    .look_up = look_up,
};
