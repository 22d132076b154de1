/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/watched_folder.h"

#include <string.h>

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
        g_autofree char *folder = pf_config_dup_path(*name);
        if (!is_below(path, folder) || (outermost && strlen(outermost) <= strlen(folder)))
            continue;
        g_free(outermost);
        outermost = g_steal_pointer(&folder);
    }
    return outermost;
}
