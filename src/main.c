/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podflattr, as its callers start it. A podcatcher waits for its hook, so `hook` is done here, in a program that is
 * linked with little; all else is podflattr-commands, which takes this process over. Linking what that needs (libcurl's
 * libraries above all) takes longer than all that a hook does.
 */
#include "base/i18n.h"
#include "base/installation.h"
#include "globals.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name of the program with all commands. */
#define COMMANDS "podflattr-commands"

/* Returns the exit status. */
static int
run_hook(const PfGlobals *globals, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    PfApp app;

    pf_globals_start_log(globals);
    pf_globals_begin(globals, &pf_command_hook, &app);
    gboolean done = pf_command_run(&pf_command_hook, &app, argc, argv, &error);
    pf_app_end(&app);
    if (done && fflush(stdout) != 0) {
        g_set_error(&error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE, _("cannot write the results: %s"),
                    g_strerror(errno));
        done = FALSE;
    }
    if (done)
        return EX_OK;
    pf_globals_print_error(pf_command_hook.name, error);
    return pf_exit_status_of_hook(error);
}

/* It is beside this program where that was built, and in a folder of its own where it was installed. Where this program
 * is comes first: another one may be installed where this one was meant to be. */
static char *
find_commands(void)
{
    g_autofree char *folder = pf_installation_dup_folder();
    g_autofree char *moved = folder ? pf_installation_find_moved(folder, PF_BINDIR, PF_LIBEXECDIR) : NULL;
    const char *const folders[] = {folder, moved};

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = folders[i] ? g_build_filename(folders[i], COMMANDS, NULL) : NULL;
        if (path && access(path, X_OK) == 0)
            return g_steal_pointer(&path);
    }
    return g_build_filename(PF_LIBEXECDIR, COMMANDS, NULL);
}

/* Returns, with an exit status, only when it cannot be done. */
static int
become_commands(char **argv)
{
    g_autofree char *path = find_commands();

    execv(path, argv);
    g_printerr(_("podflattr: %s: %s; podflattr is not completely installed\n"), path, g_strerror(errno));
    return EX_OSFILE;
}

int
main(int argc, char **argv)
{
    g_auto(PfGlobals) globals = {0};
    g_autoptr(GOptionContext) context = pf_globals_make_context(&globals);
    g_autofree char **rest = g_memdup2(argv, (gsize)(argc + 1) * sizeof *argv);
    char **left = rest;

    pf_i18n_begin(PF_BINDIR, PF_LOCALEDIR);
    /* What a limit on the size of files cuts short is an error like a full disk, not the end of the program. */
    signal(SIGXFSZ, SIG_IGN);
    g_option_context_set_help_enabled(context, FALSE);
    if (g_option_context_parse(context, &argc, &left, NULL) && argc > 1 && !globals.version &&
        strcmp(left[1], pf_command_hook.name) == 0)
        return run_hook(&globals, argc - 1, left + 1);
    return become_commands(argv);
}
