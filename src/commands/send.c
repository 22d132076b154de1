/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr send: sends what is due now. */
#include "commands/send_run.h"

#include "queue/hook_file.h"

/* What hooks had to leave beside the database. That some of it is unreadable is no reason not to send. */
static gboolean
take_in(const PfApp *app, PfQueue *queue, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint taken;

    if (pf_hook_file_collect(queue, app->state_dir, &taken, &failure))
        return TRUE;
    if (failure->domain == PF_HOOK_FILE_ERROR) {
        g_warning("%s", failure->message);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    PfSendOptions options = {0};
    const GOptionEntry entries[] = {
        {"now", 0, 0, G_OPTION_ARG_NONE, &options.now,
         "Try at once, although the server had you wait (after adding means, say)", NULL},
        {"wait", 0, 0, G_OPTION_ARG_NONE, &options.wait, "Stay until nothing is left that waits for a time", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_send, entries, &argc, &argv, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    return queue && take_in(app, queue, error) ? pf_send_run(app, queue, options, error) : EX_OK;
}

const PfCommand pf_command_send = {
    "send",
    "",
    "Send what is due now",
    "Ends with 0 when nothing is left waiting, 75 when entries wait, 77 when they wait for a login.",
    run,
    PF_COMMAND_NEEDS_ALL};
