/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"

#include "daemon/inbox.h"

/* How long a command waits for other processes that hold the queue, milliseconds. */
#define BUSY_MS 10000

PfQueue *
pf_command_open_queue(const PfApp *app, GError **error)
{
    g_autoptr(GError) failure = NULL;
    PfQueue *queue = pf_queue_open(app->state_dir, BUSY_MS, error);

    /* What cannot be taken in now keeps nobody from what is in the queue already. */
    if (queue && !pf_inbox_collect(queue, app->state_dir, &failure))
        g_warning("%s (what hooks have told waits in %s/hooks, nothing is lost)", failure->message, app->state_dir);
    return queue;
}
