/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/crash.h"

#ifdef PF_CRASH_POINTS

#include <glib.h>
#include <signal.h>
#include <unistd.h>

void
pf_crash_point(void)
{
    static gint64 reached;
    const char *at = g_getenv("PODFLATTR_CRASH_AT");

    reached++;
    /* No handler, no flushing, no unwinding: as a power cut or the kernel's out-of-memory killer would do it. */
    if (at && reached == g_ascii_strtoll(at, NULL, 10))
        kill(getpid(), SIGKILL);
}

#else

/* ISO C wants a translation unit to hold something. */
typedef int PfCrashNothing;

#endif
