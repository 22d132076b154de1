/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/salvage_files.h"

#include "base/database.h"
#include "base/folder.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Where SQLite's locks are in a database file (its documented "pending", "reserved" and "shared" bytes): whoever has
 * the file open in WAL mode holds one of them. */
#define SQLITE_LOCK_START 0x40000000
#define SQLITE_LOCK_LENGTH 512

static const char *const endings[] = {"", "-wal", "-shm"};

static gboolean
fail(GError **error, PfDatabaseError code, const char *what, const char *path)
{
    g_set_error(error, PF_DATABASE_ERROR, (int)code, "%s %s: %s (the damaged database is as it was)", what, path,
                g_strerror(errno));
    return FALSE;
}

int
pf_salvage_files_lock(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    /* This kind of lock belongs to the descriptor: closing another one of the same file does not drop it. */
    struct flock lock = {.l_type = F_WRLCK, .l_start = SQLITE_LOCK_START, .l_len = SQLITE_LOCK_LENGTH};
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file < 0) {
        fail(error, PF_DATABASE_ERROR_OPEN, "cannot open", path);
        return -1;
    }
    if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY,
                        "%s: another program has it open; end that first, then try again", path);
        else
            fail(error, PF_DATABASE_ERROR_OPEN, "cannot lock", path);
        close(file);
        return -1;
    }
    return file;
}

void
pf_salvage_files_unlock(int lock)
{
    close(lock);
}

static gboolean
copy_bytes(int from, int to)
{
    char bytes[65536];
    ssize_t got;

    while ((got = read(from, bytes, sizeof bytes)) > 0) {
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, bytes + done, (size_t)(got - done));
            if (put < 0)
                return FALSE;
            done += put;
        }
    }
    return got == 0 && fsync(to) == 0;
}

static gboolean
copy_file(const char *from, const char *to, GError **error)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);

    if (source < 0)
        return fail(error, PF_DATABASE_ERROR_OPEN, "cannot read", from);
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gboolean done = target >= 0 && copy_bytes(source, target);
    if (!done)
        fail(error, PF_DATABASE_ERROR_WRITE, "cannot copy to", to);
    if (target >= 0 && close(target) != 0 && done)
        done = fail(error, PF_DATABASE_ERROR_WRITE, "cannot copy to", to);
    if (target >= 0 && !done)
        g_unlink(to);
    close(source);
    return done;
}

static gboolean
flush_folder(const char *path, GError **error)
{
    return pf_folder_flush(path) || fail(error, PF_DATABASE_ERROR_WRITE, "cannot write the folder", path);
}

void
pf_salvage_files_remove_aside(const char *aside)
{
    g_autofree char *wal = g_strconcat(aside, "-wal", NULL);

    g_unlink(aside);
    g_unlink(wal);
}

char *
pf_salvage_files_copy_aside(const char *state_dir, gint64 now, GError **error)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
    g_autofree char *stamp = g_date_time_format(date, "%Y%m%dT%H%M%SZ");
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autofree char *aside = g_strdup_printf("%s.damaged-%s", path, stamp);

    for (guint twin = 2; g_file_test(aside, G_FILE_TEST_EXISTS); twin++) {
        g_free(aside);
        aside = g_strdup_printf("%s.damaged-%s-%u", path, stamp, twin);
    }
    g_autofree char *wal_aside = g_strconcat(aside, "-wal", NULL);
    if (!copy_file(path, aside, error))
        return NULL;
    if ((g_file_test(wal, G_FILE_TEST_EXISTS) && !copy_file(wal, wal_aside, error)) ||
        !flush_folder(state_dir, error)) {
        pf_salvage_files_remove_aside(aside);
        return NULL;
    }
    return g_steal_pointer(&aside);
}

static void
remove_database(const char *folder, gsize from)
{
    for (gsize i = from; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strdup_printf("%s/queue.db%s", folder, endings[i]);
        g_unlink(path);
    }
}

char *
pf_salvage_files_make_scratch(const char *state_dir, GError **error)
{
    g_autofree char *scratch = g_build_filename(state_dir, "salvage", NULL);

    if (g_mkdir_with_parents(scratch, 0700) != 0) {
        fail(error, PF_DATABASE_ERROR_WRITE, "cannot make", scratch);
        return NULL;
    }
    remove_database(scratch, 0);
    return g_steal_pointer(&scratch);
}

void
pf_salvage_files_remove_scratch(const char *scratch)
{
    remove_database(scratch, 0);
    g_rmdir(scratch);
}

gboolean
pf_salvage_files_replace(const char *state_dir, const char *scratch, GError **error)
{
    g_autofree char *from = g_build_filename(scratch, "queue.db", NULL);
    g_autofree char *to = g_build_filename(state_dir, "queue.db", NULL);

    /* In this order: an old -wal beside the new file would be replayed into it. All that it held is in the copy. */
    remove_database(state_dir, 1);
    if (g_rename(from, to) != 0)
        return fail(error, PF_DATABASE_ERROR_WRITE, "cannot put the new database in the place of", to);
    return flush_folder(state_dir, error);
}
