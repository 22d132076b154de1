/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making certain that what was put into a folder, renamed in it or removed from it, is so on the disk too.
 */
#pragma once

#include <glib.h>

/**
 * Flushes a folder; blocks for the disk. Some file systems (over the network, FUSE's) cannot do that for a folder
 * (EINVAL, ENOTSUP, ENOSYS); they are taken at their word that what they have done is done.
 *
 * Returns: FALSE, with errno set, when the folder cannot be opened or the disk has failed. Any thread.
 */
gboolean pf_folder_flush(const char *path);
