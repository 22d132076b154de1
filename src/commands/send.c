/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr send: sends what is due now. */
#include "commands/send_run.h"

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
    return queue ? pf_send_run(app, queue, options, error) : EX_OK;
}

const PfCommand pf_command_send = {
    "send",
    "",
    "Send what is due now",
    "Ends with 0 when nothing is left waiting, 75 when entries wait, 77 when they wait for a login.",
    run,
    PF_COMMAND_NEEDS_ALL,
    FALSE};
