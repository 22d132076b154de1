/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/installation.h"

#include <string.h>

char *
pf_installation_dup_folder(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

    return self ? g_path_get_dirname(self) : NULL;
}

char *
pf_installation_find_moved(const char *folder, const char *program_dir, const char *other_dir)
{
    gsize common = 0;

    for (gsize i = 0; program_dir[i] && program_dir[i] == other_dir[i]; i++)
        common = program_dir[i] == '/' ? i : common;
    if (!g_str_has_suffix(folder, &program_dir[common]))
        return NULL;
    g_autofree char *prefix = g_strndup(folder, strlen(folder) - strlen(&program_dir[common]));
    return g_strconcat(prefix, &other_dir[common], NULL);
}
