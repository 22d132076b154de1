/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/files.h"

#include "base/i18n.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often a place that could not be read is tried, and how long after each, microseconds. */
#define READ_TRIES 4
#define READ_RETRY_US 30000

ssize_t
pf_file_read_at(int file, void *buffer, size_t size, off_t offset)
{
    ssize_t got = pread(file, buffer, size, offset);

    for (int tries = 1; got < 0 && errno == EIO && tries < READ_TRIES; tries++) {
        g_usleep(READ_RETRY_US);
        got = pread(file, buffer, size, offset);
    }
    return got;
}

gboolean
pf_file_write_all(int file, const char *text)
{
    for (gsize left = strlen(text); left > 0;) {
        gssize written = write(file, text, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return FALSE;
        text += written;
        left -= (gsize)written;
    }
    return fsync(file) == 0;
}

gboolean
pf_folder_flush_open(int folder)
{
    return fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS;
}

gboolean
pf_folder_flush(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return FALSE;
    gboolean flushed = pf_folder_flush_open(folder);
    int fault = errno;
    close(folder);
    errno = fault;
    return flushed;
}

const char *
pf_file_advice(int fault)
{
    switch (fault) {
    case ENOSPC:
    case EDQUOT:
        return _("; make room, then try again");
    case EROFS:
        return _("; it is on a read-only file system: make that writable, then try again");
    case EIO:
        return _("; the disk is failing: check it, then try again");
    default:
        return "";
    }
}

G_DEFINE_QUARK(pf_private_file_error, pf_private_file_error)

/* --- reading --- */

static gboolean
set_fault(GError **error, const char *path, const char *fault)
{
    g_set_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_READ, "%s: %s", path, fault);
    return FALSE;
}

static gboolean
check_access(const char *path, const struct stat *status, GError **error)
{
    if (!S_ISREG(status->st_mode))
        return set_fault(error, path, _("is not a regular file"));
    if (status->st_uid != geteuid())
        return set_fault(error, path, _("belongs to another user; it must be yours"));
    if (status->st_mode & 077) {
        g_set_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_READ,
                    _("%s: other users can read it, so it is not used; run: chmod 600 '%s' (and, if somebody may have "
                      "read it, have the token revoked: 'podflattr logout' says where)"),
                    path, path);
        return FALSE;
    }
    return TRUE;
}

/* Reads the file that was checked, whatever its name leads to by now. */
static char *
read_checked(int file, const char *path, GError **error)
{
    g_autofree char *text = g_malloc0(PF_PRIVATE_FILE_MAX + 1);
    struct stat status;

    if (fstat(file, &status) != 0) {
        set_fault(error, path, g_strerror(errno));
        return NULL;
    }
    if (!check_access(path, &status, error))
        return NULL;
    if (read(file, text, PF_PRIVATE_FILE_MAX) < 0) {
        set_fault(error, path, g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&text);
}

gboolean
pf_private_file_read(const char *path, char **text, GError **error)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    *text = NULL;
    if (file < 0)
        return errno == ENOENT || set_fault(error, path, g_strerror(errno));
    *text = read_checked(file, path, error);
    close(file);
    return *text != NULL;
}

/* --- writing --- */

static gboolean fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
fail(GError **error, const char *format, ...)
{
    int fault = errno;
    va_list values;

    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_WRITE, "%s%s", text, pf_file_advice(fault));
    return FALSE;
}

static gboolean
flush_folder(const char *path, GError **error)
{
    return pf_folder_flush(path) || fail(error, _("cannot write the folder %s: %s"), path, g_strerror(errno));
}

/* Not g_file_set_contents_full(): since GLib 2.76 a file keeps the mode that it had, so that what others could read
 * they could still read. */
gboolean
pf_file_replace(const char *path, const char *text, mode_t mode, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *beside = g_strconcat(path, PF_FILE_TEMPORARY "XXXXXX", NULL);

    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail(error, _("cannot create the folder %s: %s"), folder, g_strerror(errno));
    int file = g_mkstemp_full(beside, O_WRONLY | O_CLOEXEC, 0600); /* adds O_EXCL */
    if (file < 0)
        return fail(error, _("cannot write %s: %s"), path, g_strerror(errno));
    gboolean written = (mode == 0600 || fchmod(file, mode) == 0) && pf_file_write_all(file, text);
    int fault = errno;
    if (close(file) != 0 && written) {
        written = FALSE;
        fault = errno;
    }
    if (written && g_rename(beside, path) == 0)
        return flush_folder(folder, error);
    if (written)
        fault = errno;
    g_unlink(beside);
    errno = fault;
    return fail(error, _("cannot write %s: %s"), path, g_strerror(errno));
}

gboolean
pf_private_file_write(const char *path, const char *text, GError **error)
{
    return pf_file_replace(path, text, 0600, error);
}

gboolean
pf_private_file_remove(const char *path, gboolean *was_there, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    *was_there = g_unlink(path) == 0;
    if (*was_there)
        return flush_folder(folder, error);
    int fault = errno;
    /* On a read-only file system this is said of a file that is not there, too. */
    if (fault == EROFS && access(path, F_OK) != 0)
        fault = ENOENT;
    errno = fault;
    return fault == ENOENT || fault == ENOTDIR || fail(error, _("cannot remove %s: %s"), path, g_strerror(errno));
}

/* Old enough that no living process is still writing it, seconds. */
#define ABANDONED 60

/* @prefix: what their names begin with. @before: seconds since the epoch: none that was written since */
static guint
sweep(const char *folder, const char *prefix, gint64 before, gboolean removes)
{
    g_autoptr(GDir) names = g_dir_open(folder, 0, NULL);
    g_autoptr(GPatternSpec) pattern = g_pattern_spec_new("*" PF_FILE_TEMPORARY "??????");
    const char *name;
    guint count = 0;

    while (names && (name = g_dir_read_name(names))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat status;

        if (g_str_has_prefix(name, prefix) && g_pattern_spec_match_string(pattern, name) && lstat(path, &status) == 0 &&
            S_ISREG(status.st_mode) && status.st_mtime < before && (!removes || unlink(path) == 0))
            count++;
    }
    return count;
}

guint
pf_private_file_sweep(const char *folder, gboolean removes)
{
    return sweep(folder, "", g_get_real_time() / G_USEC_PER_SEC - ABANDONED, removes);
}

void
pf_private_file_sweep_beside(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *prefix = g_strconcat(base, PF_FILE_TEMPORARY, NULL);

    (void)sweep(folder, prefix, G_MAXINT64, TRUE);
}
