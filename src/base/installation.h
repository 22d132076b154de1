/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where this program is, and where what was installed with it is: all of it may have been moved, or be staged
 * somewhere, or this program may be where it was built. Any thread.
 */
#pragma once

#include <glib.h>

/** The folder of this program. Returns: (nullable) (transfer full): NULL where there is no /proc. */
char *pf_installation_dup_folder(void);

/**
 * Where another folder is that was moved together with this program's.
 *
 * @folder: this program's
 * @program_dir, @other_dir: absolute; where this program and the other folder were meant to be
 *
 * Returns: (nullable) (transfer full): NULL when the name of @folder does not end as that of @program_dir does behind
 * what it has in common with @other_dir, as where the program was built. Nobody looks whether the folder is there.
 */
char *pf_installation_find_moved(const char *folder, const char *program_dir, const char *other_dir);
