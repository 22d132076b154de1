/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inotifytools/inotifytools.h>
#include <sys/select.h>
#include <unistd.h>

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

/* The library keeps dead watches: so many, or as many as there are living ones. Their memory is strewn over pages that
 * cannot be given back; and since a restart takes longer the more there is to watch, it must be worth it. */
#define DEAD_AT_LEAST 256

static guint names;
static guint made; /* watches of this beginning, the dead ones too */
static guint dead;

/* The lowest free descriptor is the one that the library will get. */
static int
check_descriptors(void)
{
    int probe = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (probe < 0)
        return errno;
    g_close(probe, NULL);
    return probe < FD_SETSIZE ? 0 : EMFILE;
}

int
pf_inotify_start(void)
{
    int error = check_descriptors();

    if (error)
        return error;
    if (!inotifytools_initialize())
        return inotifytools_error() ? inotifytools_error() : EIO;
    made = dead = 0;
    while (pf_inotify_next(FALSE))
        continue;
    return 0;
}

void
pf_inotify_stop(void)
{
    inotifytools_cleanup();
}

/* "/" and "/./" mean the same to the kernel, so they can spell a number. */
static char *
make_name(int descriptor)
{
    GString *name = g_string_new("/proc");

    for (guint rest = ++names; rest; rest >>= 1)
        g_string_append(name, rest & 1 ? "/./" : "/");
    g_string_append_printf(name, "self/fd/%d", descriptor);
    return g_string_free(name, FALSE);
}

int
pf_inotify_watch(int descriptor, guint32 mask)
{
    g_autofree char *name = make_name(descriptor);

    if (!inotifytools_watch_file(name, (int)(mask | IN_MASK_CREATE)))
        return inotifytools_error() ? -inotifytools_error() : -EIO;
    made++;
    return inotifytools_wd_from_filename(name);
}

void
pf_inotify_unwatch(int watch)
{
    inotifytools_remove_watch_by_wd(watch);
}

gboolean
pf_inotify_note_dead(void)
{
    dead++;
    return dead > MAX(DEAD_AT_LEAST, made - MIN(made, dead));
}

const struct inotify_event *
pf_inotify_next(gboolean wait)
{
    return inotifytools_next_events(wait ? -1 : 0, 1);
}
