/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct PfQueueLock {
    int file;
};

G_DEFINE_QUARK(pf_queue_lock_error, pf_queue_lock_error)

static char *
lock_path(const char *state_dir)
{
    return g_build_filename(state_dir, "sender.lock", NULL);
}

static gint64
read_holder(int file)
{
    char text[32] = "";
    ssize_t length = pread(file, text, sizeof text - 1, 0);

    return length > 0 ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* A lock of the open file, unlike flock(), can be asked about without being taken for a moment. */
static int
lock_command(int file, int command, struct flock *lock)
{
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(file, command, lock);
}

PfQueueLock *
pf_queue_lock_take(const char *state_dir, GError **error)
{
    g_autofree char *path = lock_path(state_dir);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock request;

    if (file < 0 || lock_command(file, F_OFD_SETLK, &request) != 0) {
        if (file >= 0 && (errno == EAGAIN || errno == EACCES))
            g_set_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD,
                        "process %" G_GINT64_FORMAT " is sending already; it will send these too", read_holder(file));
        else
            g_set_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_FILE, "cannot lock %s: %s", path,
                        g_strerror(errno));
        if (file >= 0)
            close(file);
        return NULL;
    }
    /* The id in the file is for people and messages only; the lock itself is what counts, so a failed write is no harm.
     */
    if (ftruncate(file, 0) == 0)
        (void)!dprintf(file, "%ld\n", (long)getpid());

    PfQueueLock *lock = g_new0(PfQueueLock, 1);
    lock->file = file;
    return lock;
}

void
pf_queue_lock_release(PfQueueLock *lock)
{
    if (!lock)
        return;
    close(lock->file);
    g_free(lock);
}

gint64
pf_queue_lock_get_holder(const char *state_dir)
{
    g_autofree char *path = lock_path(state_dir);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct flock held;
    gint64 holder = 0;

    if (file < 0)
        return 0;
    if (lock_command(file, F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK)
        holder = read_holder(file);
    close(file);
    return holder;
}
