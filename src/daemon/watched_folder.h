/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the folders that the configuration names a file is in. Pure, but for the home folder. Any thread.
 */
#pragma once

#include "config/config.h"

/**
 * The outermost configured folder that a file is in. Its name is the user's choice and no show's.
 *
 * @path: absolute
 *
 * Returns: (transfer full): NULL when the file is in none.
 */
char *pf_watched_folder_dup_of(const PfConfig *config, const char *path);
