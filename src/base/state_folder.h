/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state folder: where it is, and that it is nobody else's. What others could write there, or have planted there as
 * a symbolic link, would be believed or overwritten; what root makes in a user's folder, that user could not use.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

#define PF_STATE_FOLDER_ERROR (pf_state_folder_error_quark())
GQuark pf_state_folder_error_quark(void);

typedef enum {
    PF_STATE_FOLDER_ERROR_PLACE,   /* no absolute path leads to it */
    PF_STATE_FOLDER_ERROR_FOREIGN, /* it, or what is in it, is somebody else's, or others can write it */
    PF_STATE_FOLDER_ERROR_MAKE,    /* it cannot be made or opened */
} PfStateFolderError;

/**
 * Finds its path: @option, $PODFLATTR_STATE_DIR, or podflattr in $XDG_STATE_HOME or ~/.local/state. An @option may be
 * relative to the current folder; a relative $XDG_STATE_HOME is ignored, as its specification says; any other relative
 * path would tie the queue to whatever folder is current, and is refused.
 *
 * @option: (nullable)
 *
 * Returns: (transfer full): absolute; NULL with a PF_STATE_FOLDER_ERROR. Any thread.
 */
char *pf_state_folder_find(const char *option, GError **error);

/**
 * Makes the folder if it is missing, and checks that it and what podflattr keeps in it are real, this user's, and
 * written by nobody else.
 *
 * Returns: FALSE with a PF_STATE_FOLDER_ERROR, whose message says how to fix it. Any thread.
 */
gboolean pf_state_folder_prepare(const char *path, GError **error);

/**
 * Checks that root would make no file in a user's folder, which that user could not use. Looks at the nearest folder
 * above @path that is there.
 *
 * Returns: TRUE, for anybody but root always; FALSE with a PF_STATE_FOLDER_ERROR. Any thread.
 */
gboolean pf_state_folder_check_root(const char *path, GError **error);

/**
 * Opens the folder, made if it is missing, for a caller that may be root acting for the owner of the folder: what is
 * missing is made as the user's. Follows no symbolic link that a user could have planted for root.
 *
 * @owner: (out): the owner
 *
 * Returns: a descriptor; -1 with a PF_STATE_FOLDER_ERROR. Any thread.
 */
int pf_state_folder_open(const char *path, struct stat *owner, GError **error);

/**
 * Opens a folder in an open one as pf_state_folder_open() does.
 *
 * @path: of the folder within; the name at its end is opened
 * @owner: whose the outer one is
 * @make: whether it is made if it is missing; if not, errno is ENOENT and @error not set
 */
int pf_state_folder_open_within(int folder, const char *path, const struct stat *owner, gboolean make, GError **error);
