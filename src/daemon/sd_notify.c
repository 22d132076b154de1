/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/sd_notify.h"

#include "base/log.h"

struct PfWatchdog {
    guint source;
};

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>

static void
tell(const char *state)
{
    sd_notify(0, state);
}

/* Microseconds within which systemd wants to hear of this process; 0 when it does not. */
static guint64
allowed_silence(void)
{
    guint64 silence = 0;

    return sd_watchdog_enabled(0, &silence) > 0 ? silence : 0;
}
#else
static void
tell(const char *state)
{
    (void)state;
}

static guint64
allowed_silence(void)
{
    return 0;
}
#endif

void
pf_sd_notify_ready(void)
{
    tell("READY=1");
}

void
pf_sd_notify_status(const char *text)
{
    g_autofree char *line = pf_log_printable(text);
    g_autofree char *state = g_strconcat("STATUS=", line, NULL);

    tell(state);
}

void
pf_sd_notify_stopping(void)
{
    tell("STOPPING=1");
}

void
pf_sd_notify_reloading(void)
{
    /* The time tells systemd which READY=1 answers this: Type=notify-reload wants it, Type=notify ignores it. */
    g_autofree char *state = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());

    tell(state);
}

static gboolean
tell_alive(gpointer data)
{
    (void)data;
    tell("WATCHDOG=1");
    return G_SOURCE_CONTINUE;
}

PfWatchdog *
pf_watchdog_new(void)
{
    guint64 silence = allowed_silence();

    if (silence == 0)
        return NULL;
    PfWatchdog *watchdog = g_new0(PfWatchdog, 1);
    watchdog->source = g_timeout_add((guint)CLAMP(silence / 2 / 1000, 1, G_MAXUINT), tell_alive, NULL);
    tell_alive(NULL);
    return watchdog;
}

void
pf_watchdog_free(PfWatchdog *watchdog)
{
    if (!watchdog)
        return;
    g_source_remove(watchdog->source);
    g_free(watchdog);
}
