/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr daemon: the service, in the foreground. */
#include "base/i18n.h"
#include "commands/command.h"

#include "daemon/daemon.h"

static gboolean
run(const PfCommandCall *call, GError **error)
{
    return pf_daemon_run(call->app, error);
}

const PfCommand pf_command_daemon = {
    .name = "daemon",
    .summary = N_("Watch folders, refresh feeds and send, until stopped"),
    .description = N_("Stays in the foreground. SIGTERM stops it, SIGHUP reloads the configuration."),
    .examples = "  podflattr daemon\n"
                "  podflattr -v --state-dir /tmp/try daemon\n",
    .run = run,
};
