/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_commands.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

struct PfPartnerCommands {
    const char *const *argv; /* not owned */
    guint seconds;
    GQueue waiting; /* of PfPartnerEvent */
    GQueue running; /* of Run */
    PfPartnerCommandsIdle idle;
    gpointer idle_data;
};

/* One run of the command. */
typedef struct {
    PfPartnerCommands *commands; /* NULL once these are gone */
    GSubprocess *process;
    char *thing;
    guint timeout_source;
} Run;

static void
run_free(Run *run)
{
    g_clear_handle_id(&run->timeout_source, g_source_remove);
    g_clear_object(&run->process);
    g_free(run->thing);
    g_free(run);
}

/* --- how it ends --- */

/* With all that it has started: each command is the head of a process group of its own. */
static void
kill_run(const Run *run)
{
    const char *identifier = g_subprocess_get_identifier(run->process);

    if (identifier)
        kill(-(pid_t)g_ascii_strtoll(identifier, NULL, 10), SIGKILL);
}

static gboolean
run_out(gpointer data)
{
    Run *run = data;

    run->timeout_source = 0;
    g_message("the command for thing %s has taken longer than %u s and was killed", run->thing, run->commands->seconds);
    kill_run(run);
    return G_SOURCE_REMOVE;
}

static void
tell_end(const Run *run)
{
    if (g_subprocess_get_if_exited(run->process) && g_subprocess_get_exit_status(run->process) != 0)
        g_message("the command for thing %s ended with exit status %d", run->thing,
                  g_subprocess_get_exit_status(run->process));
    else if (g_subprocess_get_if_signaled(run->process) && run->timeout_source != 0)
        g_message("the command for thing %s was ended by signal %d", run->thing,
                  g_subprocess_get_term_sig(run->process));
}

static void start_next(PfPartnerCommands *commands);

static void
ended(GObject *process, GAsyncResult *result, gpointer data)
{
    Run *run = data;
    PfPartnerCommands *commands = run->commands;

    g_subprocess_wait_finish(G_SUBPROCESS(process), result, NULL);
    if (commands) {
        tell_end(run);
        g_queue_remove(&commands->running, run);
    }
    run_free(run);
    if (commands)
        start_next(commands);
}

/* --- how it begins --- */

/* A file in memory rather than a pipe: however slowly the command reads, and if it does not, nobody waits for it. */
static int
open_input(const PfPartnerEvent *event)
{
    json_t *json = pf_partner_event_to_json(event);
    int fd = memfd_create("podflattr-event", MFD_CLOEXEC);
    gboolean written =
        fd >= 0 && json_dumpfd(json, fd, JSON_COMPACT) == 0 && write(fd, "\n", 1) == 1 && lseek(fd, 0, SEEK_SET) == 0;

    json_decref(json);
    if (written)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Between fork() and exec(). */
static void
prepare_child(gpointer data)
{
    (void)data;
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
}

static GSubprocess *
spawn(const PfPartnerCommands *commands, const PfPartnerEvent *event, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    char **environment = pf_partner_event_set_environment(event, g_get_environ());
    int input = open_input(event);
    int output = dup(STDERR_FILENO);

    /* It has no business with the account, nor with the address that only the server is to know. */
    environment = g_environ_unsetenv(environment, "PODFLATTR_TOKEN");
    environment = g_environ_unsetenv(environment, "PODFLATTR_WEBHOOK_PATH");
    g_subprocess_launcher_set_environ(launcher, environment);
    g_strfreev(environment);
    g_subprocess_launcher_set_child_setup(launcher, prepare_child, NULL, NULL);
    if (input >= 0)
        g_subprocess_launcher_take_stdin_fd(launcher, input);
    if (output >= 0) /* standard output is for the events */
        g_subprocess_launcher_take_stdout_fd(launcher, output);
    if (input >= 0 && output >= 0)
        return g_subprocess_launcher_spawnv(launcher, commands->argv, error);
    g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
    return NULL;
}

static void
start(PfPartnerCommands *commands, const PfPartnerEvent *event)
{
    g_autoptr(GError) error = NULL;
    const char *thing = pf_partner_event_get_thing(event);
    GSubprocess *process = spawn(commands, event, &error);

    if (!process) {
        g_message("the command for thing %s cannot be run: %s", thing ? thing : "-", error->message);
        return;
    }
    Run *run = g_new0(Run, 1);
    run->commands = commands;
    run->process = process;
    run->thing = g_strdup(thing ? thing : "-");
    run->timeout_source = g_timeout_add_seconds(commands->seconds, run_out, run);
    g_queue_push_tail(&commands->running, run);
    g_subprocess_wait_async(process, NULL, ended, run);
}

static void
start_next(PfPartnerCommands *commands)
{
    while (commands->running.length < PF_PARTNER_COMMANDS_AT_ONCE && commands->waiting.length > 0) {
        g_autoptr(PfPartnerEvent) event = g_queue_pop_head(&commands->waiting);
        start(commands, event);
    }
    if (commands->idle && commands->running.length == 0)
        commands->idle(commands->idle_data);
}

/* --- the runner --- */

PfPartnerCommands *
pf_partner_commands_new(const char *const *argv, guint seconds)
{
    PfPartnerCommands *commands = g_new0(PfPartnerCommands, 1);

    commands->argv = argv;
    commands->seconds = seconds;
    return commands;
}

void
pf_partner_commands_free(PfPartnerCommands *commands)
{
    Run *run;
    PfPartnerEvent *event;

    if (!commands)
        return;
    while ((run = g_queue_pop_head(&commands->running))) {
        g_message("the command for thing %s was killed, since podflattr ends", run->thing);
        kill_run(run);
        g_clear_handle_id(&run->timeout_source, g_source_remove);
        run->commands = NULL; /* ended() frees it, should the main loop run again */
    }
    while ((event = g_queue_pop_head(&commands->waiting))) {
        const char *thing = pf_partner_event_get_thing(event);
        g_message("the command was not run for thing %s, since podflattr ends", thing ? thing : "-");
        pf_partner_event_free(event);
    }
    g_free(commands);
}

gboolean
pf_partner_commands_have_room(const PfPartnerCommands *commands)
{
    return commands->waiting.length < PF_PARTNER_COMMANDS_WAITING;
}

gboolean
pf_partner_commands_add_take(PfPartnerCommands *commands, PfPartnerEvent *event)
{
    if (!pf_partner_commands_have_room(commands)) {
        pf_partner_event_free(event);
        return FALSE;
    }
    g_queue_push_tail(&commands->waiting, event);
    start_next(commands);
    return TRUE;
}

void
pf_partner_commands_finish(PfPartnerCommands *commands, PfPartnerCommandsIdle idle, gpointer data)
{
    commands->idle = idle;
    commands->idle_data = data;
    start_next(commands);
}
