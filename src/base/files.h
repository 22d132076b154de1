/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files that are the user's alone and hold what nobody else may see. A file is the old one or the new one,
 * whole, whatever dies in between: it is written beside its place, flushed, and renamed; its folder is flushed too.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/**
 * Reads from a place of a file as pread(2) does, and tries again a few times, for up to a tenth of a second, when the
 * disk reports an error: many are gone the next time. Any thread.
 */
ssize_t pf_file_read_at(int file, void *buffer, size_t size, off_t offset);

/*
 * Making sure that what was written to a file, or put into a folder, renamed in it or removed from it, is on the disk.
 */

/**
 * Flushes a folder; blocks for the disk. Some file systems (over the network, FUSE's) cannot do that for a folder
 * (EINVAL, ENOTSUP, ENOSYS); their other calls are then relied on.
 *
 * Returns: FALSE, with errno set, when the folder cannot be opened or the disk has failed. Any thread.
 */
gboolean pf_folder_flush(const char *path);

/** The same for a folder that is open. */
gboolean pf_folder_flush_open(int folder);

/** In the name of a file that is being written, before six characters: pf_private_file_sweep() knows it by them. */
#define PF_FILE_TEMPORARY ".new-"

/** Writes a text to an open file and flushes it; blocks for the disk. Returns: FALSE with errno set. Any thread. */
gboolean pf_file_write_all(int file, const char *text);

/** What the user can do where a file could not be written. @fault: an errno value. Returns: (transfer none): text to
 * put behind the reason, "" when there is nothing to say. */
const char *pf_file_advice(int fault);

#define PF_PRIVATE_FILE_ERROR (pf_private_file_error_quark())
GQuark pf_private_file_error_quark(void);

typedef enum {
    PF_PRIVATE_FILE_ERROR_READ,  /* cannot be read, or must not be used */
    PF_PRIVATE_FILE_ERROR_WRITE, /* cannot be written or removed; what was there before is there still */
} PfPrivateFileError;

/** Longer files are read up to here: what the service remembers of a hundred thousand files has room. */
#define PF_PRIVATE_FILE_MAX (1 << 20)

/**
 * Reads a file, unless others than the user can.
 *
 * @text: (out) (transfer full): NULL when there is no such file
 *
 * Returns: FALSE with a PF_PRIVATE_FILE_ERROR_READ set; the message says how to fix it, and nothing of the file.
 */
gboolean pf_private_file_read(const char *path, char **text, GError **error);

/**
 * Writes a file, which takes the place of one that is there, whatever that one's mode. While it is written its name is
 * @path, PF_FILE_TEMPORARY and six characters; a crash can leave it so, see pf_private_file_sweep().
 *
 * @path: of the file; its folder is made (0700) where there is none
 * @text: what is to be in it
 *
 * Returns: TRUE once it is on the disk; FALSE with a PF_PRIVATE_FILE_ERROR_WRITE set. Any thread.
 */
gboolean pf_file_replace(const char *path, const char *text, mode_t mode, GError **error);

/** As pf_file_replace(), with the mode 0600. */
gboolean pf_private_file_write(const char *path, const char *text, GError **error);

/**
 * Counts files in a folder that a process was writing when it was killed, and that no living one can be writing any
 * more. One of them may hold a token.
 *
 * @removes: removes them too
 *
 * Returns: how many.
 */
guint pf_private_file_sweep(const char *folder, gboolean removes);

/** Removes what a pf_private_file_write() of one file has left beside it that was killed. No process may be writing
 * that file. */
void pf_private_file_sweep_beside(const char *path);

/** Removes a file. @was_there: (out). Returns FALSE with a PF_PRIVATE_FILE_ERROR_WRITE set. */
gboolean pf_private_file_remove(const char *path, gboolean *was_there, GError **error);
