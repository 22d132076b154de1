/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr doctor: checks everything that could be wrong here, and says the mend. */
#include "commands/doctor.h"

#include "base/log.h"
#include "commands/output.h"
#include <stdio.h>

void
pf_doctor_tell(PfDoctor *doctor, PfDoctorResult result, int status, const char *check, const char *format, ...)
{
    static const char *const words[] = {[PF_DOCTOR_OK] = "ok", [PF_DOCTOR_WARN] = "warn", [PF_DOCTOR_FAIL] = "FAIL"};
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    pf_output_cell(words[result], 4);
    pf_output_cell(check, 13);
    pf_output_cell(text, 0);
    /* What takes long (a big database, a slow server) comes after what is known already. */
    fflush(stdout);
    if (result == PF_DOCTOR_FAIL && doctor->status == EX_OK)
        doctor->status = status;
}

void
pf_doctor_tell_error_take(PfDoctor *doctor, const char *check, GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    for (char **line = lines; *line; line++)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, pf_exit_status(error), check, "%s", *line);
    g_error_free(error);
}

static void
check_configuration(PfDoctor *doctor)
{
    PfApp *app = doctor->app;

    if (app->config_fault)
        pf_doctor_tell_error_take(doctor, "configuration", g_steal_pointer(&app->config_fault));
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "configuration", "%s",
                       app->config->path ? app->config->path
                                         : "there is no file; the defaults hold ('podflattr config --example')");
    if (app->endpoint_fault)
        pf_doctor_tell_error_take(doctor, "configuration", g_steal_pointer(&app->endpoint_fault));
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    PfDoctor doctor = {.app = app};
    const GOptionEntry entries[] = {
        {"repair", 0, 0, G_OPTION_ARG_NONE, &doctor.repair,
         "Set a damaged database aside and save what can still be read of it", NULL},
        {"offline", 0, 0, G_OPTION_ARG_NONE, &doctor.offline, "Do not ask the server", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_doctor, entries, &argc, &argv, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    check_configuration(&doctor);
    pf_doctor_check_store(&doctor);
    pf_doctor_check_account(&doctor);
    return doctor.status;
}

const PfCommand pf_command_doctor = {"doctor",
                                     "",
                                     "Check everything that could be wrong, and say what mends it",
                                     "Ends with 0 when no line begins with FAIL.",
                                     run,
                                     PF_COMMAND_NEEDS_FAULTS,
                                     FALSE};
