/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"

#include "queue/spool.h"

G_DEFINE_QUARK(pf - command - error - quark, pf_command_error)

int
pf_exit_status_find(const PfExitStatus *table, gsize rows, const GError *error)
{
    for (gsize i = 0; i < rows; i++)
        if (error->domain == table[i].domain && (table[i].code == -1 || table[i].code == error->code))
            return table[i].status;
    return EX_OK;
}

int
pf_exit_status_of_hook(const GError *error)
{
    const PfExitStatus table[] = {
        {G_OPTION_ERROR, -1, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, EX_DATAERR},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE, EX_IOERR},
        {PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, EX_CANTCREAT},
        {PF_HOOK_FILE_ERROR, -1, EX_IOERR},
    };
    int status = pf_exit_status_find(table, G_N_ELEMENTS(table), error);

    return status != EX_OK ? status : EX_SOFTWARE;
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
