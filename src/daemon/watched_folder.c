/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/watched_folder.h"

#include <string.h>

char *
pf_watched_folder_dup_path(const char *name)
{
    g_autofree char *path = g_str_has_prefix(name, "~/") ? g_build_filename(g_get_home_dir(), name + 2, NULL)
                            : g_str_equal(name, "~")     ? g_strdup(g_get_home_dir())
                                                         : g_strdup(name);

    return g_canonicalize_filename(path, NULL);
}

static gboolean
is_below(const char *path, const char *folder)
{
    gsize length = strlen(folder);

    return g_str_has_prefix(path, folder) && (path[length] == '/' || g_str_has_suffix(folder, "/"));
}

char *
pf_watched_folder_dup_of(const PfConfig *config, const char *path)
{
    char *outermost = NULL;

    for (char **name = config->folders; *name; name++) {
        g_autofree char *folder = pf_watched_folder_dup_path(*name);
        if (!is_below(path, folder) || (outermost && strlen(outermost) <= strlen(folder)))
            continue;
        g_free(outermost);
        outermost = g_steal_pointer(&folder);
    }
    return outermost;
}
