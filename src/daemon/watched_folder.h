/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folders that the configuration names, as paths. Pure, but for the home folder. Any thread.
 */
#pragma once

#include "config/config.h"

/** The path that a name in the configuration means: "~/Podcasts" is the home's; without slashes at the end, so that a
 * folder has one name. Returns: (transfer full). */
char *pf_watched_folder_dup_path(const char *name);

/** The outermost configured folder that a file is in. Its name is the user's choice and no show's.
 * @path: absolute. Returns: (transfer full): NULL when the file is in none. */
char *pf_watched_folder_dup_of(const PfConfig *config, const char *path);
