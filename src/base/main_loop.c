/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/main_loop.h"

#include <glib-unix.h>
#include <signal.h>

struct PfMainLoop {
    GMainLoop *loop;
    PfMainLoopSignals signals;
    guint sources[3];
};

static gboolean
stop_signalled(gpointer data)
{
    PfMainLoop *loop = data;

    if (loop->signals.stop)
        loop->signals.stop(loop->signals.data);
    else
        g_main_loop_quit(loop->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean
reload_signalled(gpointer data)
{
    PfMainLoop *loop = data;

    loop->signals.reload(loop->signals.data);
    return G_SOURCE_CONTINUE;
}

PfMainLoop *
pf_main_loop_new(const PfMainLoopSignals *signals)
{
    PfMainLoop *loop = g_new0(PfMainLoop, 1);

    loop->loop = g_main_loop_new(NULL, FALSE);
    loop->signals = *signals;
    loop->sources[0] = g_unix_signal_add(SIGINT, stop_signalled, loop);
    loop->sources[1] = g_unix_signal_add(SIGTERM, stop_signalled, loop);
    if (signals->reload)
        loop->sources[2] = g_unix_signal_add(SIGHUP, reload_signalled, loop);
    if (signals->ignores_pipe)
        signal(SIGPIPE, SIG_IGN);
    return loop;
}

void
pf_main_loop_run(PfMainLoop *loop)
{
    g_main_loop_run(loop->loop);
}

void
pf_main_loop_quit(PfMainLoop *loop)
{
    if (loop)
        g_main_loop_quit(loop->loop);
}

void
pf_main_loop_free(PfMainLoop *loop)
{
    if (!loop)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(loop->sources); i++)
        if (loop->sources[i])
            g_source_remove(loop->sources[i]);
    g_main_loop_unref(loop->loop);
    g_free(loop);
}
