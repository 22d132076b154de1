/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/version.h"
#include "base/wakeup_socket.h"
#include "commands/command.h"
#include "daemon/ingest.h"
#include "queue/ledger.h"
#include <unistd.h>

FlattrSession *
pf_command_open_session(const PfApp *app, const char *token, GError **error)
{
    g_autoptr(FlattrSession) session = flattr_session_new(app->endpoint, PF_USER_AGENT, error);

    if (!session || !flattr_session_set_token(session, token, error))
        return NULL;
    flattr_session_set_ca_file(session, app->config->ca_file);
    return g_steal_pointer(&session);
}

/* A failure to take in hooks' reports must not keep anybody from using the queue. */
static void
take_in(PfQueue *queue, const char *state_dir)
{
    g_autoptr(GError) failure = NULL;
    guint taken;

    pf_queue_set_busy_timeout(queue, PF_BUSY_INTAKE_MS);
    if (!pf_inbox_collect(queue, state_dir, &taken, &failure))
        g_warning(_("%s (files reported by hooks remain in %s/hooks; nothing is lost)"), failure->message, state_dir);
    g_clear_error(&failure);
    if (!pf_ledger_release_due(queue, pf_clock_now(), &failure))
        g_info(_("%s (entries whose delay has just ended are still shown as held)"), failure->message);
    /* The service may not have been notified of them. */
    if (taken > 0)
        pf_wakeup_socket_signal(state_dir);
    pf_queue_set_busy_timeout(queue, PF_BUSY_COMMAND_MS);
}

PfQueue *
pf_command_open_queue(const PfApp *app, GError **error)
{
    PfQueue *queue = pf_queue_open(app->state_dir, PF_BUSY_COMMAND_MS, error);

    if (queue)
        take_in(queue, app->state_dir);
    return queue;
}

PfQueue *
pf_command_open_queue_to_read(const PfApp *app, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *path = g_build_filename(app->state_dir, "queue.db", NULL);
    PfQueue *queue = pf_command_open_queue(app, &failure);

    if (!queue && pf_database_error_is_unwritable(failure, path))
        queue = pf_queue_open_copy(app->state_dir, NULL);
    /* With the index of its log, SQLite reads it where it is. */
    if (queue && (failure || access(app->state_dir, W_OK) != 0))
        g_message(_("%s is read-only or full; showing what was stored until now"), app->state_dir);
    else if (!queue)
        g_propagate_error(error, g_steal_pointer(&failure));
    return queue;
}
