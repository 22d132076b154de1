/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr daemon: the service, in the foreground. */
#include "commands/command.h"

#include "daemon/daemon.h"

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_daemon, entries, &argc, &argv, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    pf_daemon_run(app, error);
    return EX_OK;
}

const PfCommand pf_command_daemon = {"daemon",
                                     "",
                                     "Watch, refresh feeds and send, until told to end",
                                     "Stays in the foreground. SIGTERM ends it, SIGHUP reads the configuration again.",
                                     run,
                                     PF_COMMAND_NEEDS_ALL,
                                     FALSE};
