/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/readable.h"

#include <string.h>

/* A disk beside the home folder is mostly brought in by a link in the folder that is watched. */
static void
add_links(GPtrArray *readable, const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *link = g_build_filename(path, name, NULL);
        if (g_file_test(link, G_FILE_TEST_IS_SYMLINK) && g_file_test(link, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(readable, g_steal_pointer(&link));
    }
}

GPtrArray *
pf_readable_list(const PfConfig *config)
{
    g_autoptr(GPtrArray) readable = g_ptr_array_new_with_free_func(g_free);

    if (config->path)
        g_ptr_array_add(readable, pf_config_dup_path(config->path));
    if (*config->ca_file)
        g_ptr_array_add(readable, pf_config_dup_path(config->ca_file));
    for (char **folder = config->folders; *folder; folder++) {
        char *path = pf_config_dup_path(*folder);
        g_ptr_array_add(readable, path);
        add_links(readable, path);
    }
    for (char **source = config->subscriptions; *source; source++) {
        char *file = g_filename_from_uri(*source, NULL, NULL);
        if (file || !strstr(*source, "://"))
            g_ptr_array_add(readable, file ? file : pf_config_dup_path(*source));
    }
    g_ptr_array_add(readable, NULL);
    return g_steal_pointer(&readable);
}
