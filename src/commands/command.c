/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"

#include "base/private_file.h"
#include "base/version.h"
#include "config/secret_service.h"
#include "feed/feed_parse.h"
#include "flattr/flattr.h"
#include "login/login_error.h"
#include "queue/hook_file.h"
#include "queue/queue_lock.h"

/* How long a command waits for other processes that hold the queue, milliseconds. */
#define BUSY_MS 10000

G_DEFINE_QUARK(pf - command - error - quark, pf_command_error)

int
pf_command_exit_status(const GError *error)
{
    const struct {
        GQuark domain;
        int code; /* -1: any */
        int status;
    } table[] = {
        {G_OPTION_ERROR, -1, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, EX_DATAERR},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE, EX_IOERR},
        {PF_CONFIG_ERROR, -1, EX_CONFIG},
        {PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_READ, EX_CONFIG},
        {PF_PRIVATE_FILE_ERROR, -1, EX_CANTCREAT},
        {PF_SECRET_SERVICE_ERROR, PF_SECRET_SERVICE_ERROR_LOCKED, EX_TEMPFAIL},
        {PF_SECRET_SERVICE_ERROR, -1, EX_CONFIG},
        {PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, EX_CANTCREAT},
        {PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY, EX_TEMPFAIL},
        {PF_DATABASE_ERROR, -1, EX_IOERR},
        {PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, EX_CANTCREAT},
        {PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED, EX_DATAERR},
        {PF_HOOK_FILE_ERROR, -1, EX_IOERR},
        {PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD, EX_TEMPFAIL},
        {PF_QUEUE_LOCK_ERROR, -1, EX_CANTCREAT},
        {PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE, EX_UNAVAILABLE},
        {PF_FEED_ERROR, PF_FEED_ERROR_UNREADABLE, EX_NOINPUT},
        {PF_FEED_ERROR, -1, EX_DATAERR},
        {PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED, PF_EXIT_LOGIN},
        {PF_LOGIN_ERROR, PF_LOGIN_ERROR_FOREIGN, EX_DATAERR},
        {PF_LOGIN_ERROR, -1, EX_TEMPFAIL},
        {FLATTR_ERROR, FLATTR_ERROR_ENDPOINT, EX_CONFIG},
        {FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED, PF_EXIT_LOGIN},
        {FLATTR_ERROR, FLATTR_ERROR_INSUFFICIENT_SCOPE, PF_EXIT_LOGIN},
        {FLATTR_ERROR, FLATTR_ERROR_INVALID_SCOPE, PF_EXIT_LOGIN},
        {FLATTR_ERROR, FLATTR_ERROR_NO_MEANS, EX_TEMPFAIL},
        {FLATTR_ERROR, FLATTR_ERROR_RATE_LIMIT_EXCEEDED, EX_TEMPFAIL},
        {FLATTR_ERROR, FLATTR_ERROR_INVALID_REQUEST, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_INVALID_PARAMETERS, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_VALIDATION, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_FLATTR_ONCE, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_FLATTR_OWNER, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_FORBIDDEN, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_THING_OWNER, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_SUBSCRIBED, EX_DATAERR},
        {FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND, EX_DATAERR},
        {FLATTR_ERROR, -1, EX_UNAVAILABLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
        if (error->domain == table[i].domain && (table[i].code == -1 || table[i].code == error->code))
            return table[i].status;
    return EX_SOFTWARE;
}

gboolean
pf_command_parse(const PfCommand *command, const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);

    g_option_context_set_summary(context, command->summary);
    if (command->description)
        g_option_context_set_description(context, command->description);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    /* GLib leaves the "--" that ends the options where it is. */
    if (*argc > 1 && g_str_equal((*argv)[1], "--")) {
        (*argv)[1] = (*argv)[0];
        (*argv)++;
        (*argc)--;
    }
    return TRUE;
}

gboolean
pf_command_parse_format(const char *format, gboolean *json, GError **error)
{
    *json = g_strcmp0(format, "json") == 0;
    if (!format || *json || g_str_equal(format, "table"))
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "--format '%s' must be table or json", format);
    return FALSE;
}

PfQueue *
pf_command_open_queue(const PfApp *app, GError **error)
{
    return pf_queue_open(app->state_dir, BUSY_MS, error);
}

FlattrSession *
pf_command_open_session(const PfApp *app, const char *token, GError **error)
{
    FlattrSession *session = flattr_session_new(app->endpoint, PF_USER_AGENT, error);

    if (session) {
        flattr_session_set_ca_file(session, app->config->ca_file);
        flattr_session_set_token(session, token);
    }
    return session;
}
