/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_bell.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct PfWatchBell {
    int descriptor;
    GMutex mutex;
    GCond rung;
    PfBellCall calls;
    gboolean stopping;
};

/* Reading is all that rings it: that needs no room on the disk, and no descriptor. */
static int
open_file(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "watch-XXXXXX", NULL);
    int descriptor = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    int code = descriptor < 0 || write(descriptor, "\n", 1) != 1 ? errno : 0;

    if (descriptor >= 0)
        g_unlink(path);
    if (code == 0)
        return descriptor;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "cannot write a file in %s: %s", state_dir,
                g_strerror(code));
    if (descriptor >= 0)
        g_close(descriptor, NULL);
    return -1;
}

PfWatchBell *
pf_watch_bell_new(const char *state_dir, GError **error)
{
    int descriptor = open_file(state_dir, error);
    PfWatchBell *bell;

    if (descriptor < 0)
        return NULL;
    bell = g_new0(PfWatchBell, 1);
    bell->descriptor = descriptor;
    g_mutex_init(&bell->mutex);
    g_cond_init(&bell->rung);
    return bell;
}

void
pf_watch_bell_free(PfWatchBell *bell)
{
    if (!bell)
        return;
    g_close(bell->descriptor, NULL);
    g_mutex_clear(&bell->mutex);
    g_cond_clear(&bell->rung);
    g_free(bell);
}

int
pf_watch_bell_get_descriptor(const PfWatchBell *bell)
{
    return bell->descriptor;
}

void
pf_watch_bell_ring(PfWatchBell *bell, PfBellCall call)
{
    char byte;

    g_mutex_lock(&bell->mutex);
    bell->calls |= call;
    bell->stopping |= (call & PF_BELL_STOP) != 0;
    g_cond_signal(&bell->rung);
    g_mutex_unlock(&bell->mutex);
    /* After the call is noted, since the thread looks for it as soon as it hears the file. */
    while (pread(bell->descriptor, &byte, 1, 0) < 0 && errno == EINTR)
        continue;
}

PfBellCall
pf_watch_bell_take(PfWatchBell *bell)
{
    PfBellCall calls;

    g_mutex_lock(&bell->mutex);
    calls = bell->calls;
    bell->calls = 0;
    g_mutex_unlock(&bell->mutex);
    return calls;
}

void
pf_watch_bell_wait(PfWatchBell *bell)
{
    g_mutex_lock(&bell->mutex);
    while (bell->calls == 0)
        g_cond_wait(&bell->rung, &bell->mutex);
    g_mutex_unlock(&bell->mutex);
}

gboolean
pf_watch_bell_is_stopping(PfWatchBell *bell)
{
    gboolean stopping;

    g_mutex_lock(&bell->mutex);
    stopping = bell->stopping;
    g_mutex_unlock(&bell->mutex);
    return stopping;
}
