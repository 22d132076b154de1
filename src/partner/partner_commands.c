/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_commands.h"

#include "base/i18n.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long an event waits after its command has failed, seconds; twice as long each time, up to the second. */
#define RETRY_FIRST 60
#define RETRY_MOST 3600

struct PfPartnerCommands {
    const char *const *argv; /* not owned, nor is the store */
    guint seconds;
    PfPartnerStore *store;
    GQueue waiting; /* of Task */
    GQueue running; /* of Task */
    GQueue failed;  /* of Task: to be tried again later */
    PfPartnerCommandsIdle idle;
    gpointer idle_data;
};

/* An event that is to be handed over. */
typedef struct {
    PfPartnerCommands *commands; /* NULL once these are gone */
    PfPartnerEvent *event;
    char *name;   /* in the store */
    GPid process; /* the head of a process group of its own; 0 unless it runs */
    guint source; /* of the time-out while it runs, of the next try once it failed; 0: none */
    guint failures;
} Task;

static void
task_free(gpointer data)
{
    Task *task = data;

    g_clear_handle_id(&task->source, g_source_remove);
    pf_partner_event_free(task->event);
    g_free(task->name);
    g_free(task);
}

static const char *
get_thing(const Task *task)
{
    const char *thing = pf_partner_event_get_thing(task->event);

    return thing ? thing : "-";
}

/* --- how it ends --- */

static gboolean
run_out(gpointer data)
{
    Task *task = data;

    task->source = 0;
    g_message(_("the command for thing %s has taken longer than %u s and was killed"), get_thing(task),
              task->commands->seconds);
    kill(-task->process, SIGKILL);
    return G_SOURCE_REMOVE;
}

static void
tell_failure(const Task *task, int status)
{
    if (WIFEXITED(status))
        g_message(_("the command for thing %s ended with exit status %d"), get_thing(task), WEXITSTATUS(status));
    else if (task->source != 0)
        g_message(_("the command for thing %s was killed by signal %d"), get_thing(task), WTERMSIG(status));
}

static void start_next(PfPartnerCommands *commands);

static gboolean
try_again(gpointer data)
{
    Task *task = data;
    PfPartnerCommands *commands = task->commands;

    task->source = 0;
    g_queue_remove(&commands->failed, task);
    g_queue_push_tail(&commands->waiting, task);
    start_next(commands);
    return G_SOURCE_REMOVE;
}

/* The event is still in the store, so it is not lost should podflattr end before the next try. */
static void
put_off(Task *task)
{
    guint wait = MIN(RETRY_FIRST << MIN(task->failures, 6U), RETRY_MOST);

    task->failures++;
    g_clear_handle_id(&task->source, g_source_remove);
    g_message(_("the event of thing %s is kept; its command will be run again in %u s, or on SIGHUP"), get_thing(task),
              wait);
    g_queue_push_tail(&task->commands->failed, task);
    task->source = g_timeout_add_seconds(wait, try_again, task);
}

static void
finish(Task *task)
{
    g_autoptr(GError) error = NULL;

    if (!pf_partner_store_remove(task->commands->store, task->name, &error))
        g_message(_("the event of thing %s was handed over, but will be handed over again after the next start: %s"),
                  get_thing(task), error->message);
    task_free(task);
}

static void
ended(GPid process, int status, gpointer data)
{
    Task *task = data;
    PfPartnerCommands *commands = task->commands;

    (void)process;
    task->process = 0;
    if (!commands) {
        task_free(task);
        return;
    }
    g_queue_remove(&commands->running, task);
    if (g_spawn_check_wait_status(status, NULL)) {
        finish(task);
    } else {
        tell_failure(task, status);
        put_off(task);
    }
    start_next(commands);
}

/* --- how it begins --- */

/* A file in memory rather than a pipe: nothing waits for a command that reads slowly, or not at all. */
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

/* Returns 0 when it fails. */
static GPid
spawn(const PfPartnerCommands *commands, const PfPartnerEvent *event, GError **error)
{
    char **environment = pf_partner_event_set_environment(event, g_get_environ());
    int input = open_input(event);
    int output = dup(STDERR_FILENO); /* standard output is for the events */
    GPid process = 0;

    /* It has no business with the account, nor with the address that only the server is to know. */
    environment = g_environ_unsetenv(environment, "PODFLATTR_TOKEN");
    environment = g_environ_unsetenv(environment, "PODFLATTR_WEBHOOK_PATH");
    if (input < 0 || output < 0)
        g_set_error_literal(error, G_FILE_ERROR, g_file_error_from_errno(errno), g_strerror(errno));
    else
        g_spawn_async_with_pipes_and_fds(NULL, commands->argv, (const char *const *)environment,
                                         G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, prepare_child, NULL, input,
                                         output, -1, NULL, NULL, 0, &process, NULL, NULL, NULL, error);
    g_strfreev(environment);
    if (input >= 0)
        close(input);
    if (output >= 0)
        close(output);
    return process;
}

static void
start_task(PfPartnerCommands *commands, Task *task)
{
    g_autoptr(GError) error = NULL;

    task->process = spawn(commands, task->event, &error);
    if (task->process == 0) {
        g_message(_("the command for thing %s cannot be run: %s"), get_thing(task), error->message);
        put_off(task);
        return;
    }
    task->source = g_timeout_add_seconds(commands->seconds, run_out, task);
    g_queue_push_tail(&commands->running, task);
    g_child_watch_add(task->process, ended, task);
}

static void
start_next(PfPartnerCommands *commands)
{
    while (commands->running.length < PF_PARTNER_COMMANDS_AT_ONCE && commands->waiting.length > 0)
        start_task(commands, g_queue_pop_head(&commands->waiting));
    if (commands->idle && commands->running.length == 0)
        commands->idle(commands->idle_data);
}

/* --- the runner --- */

PfPartnerCommands *
pf_partner_commands_new(const char *const *argv, guint seconds, PfPartnerStore *store)
{
    PfPartnerCommands *commands = g_new0(PfPartnerCommands, 1);

    commands->argv = argv;
    commands->seconds = seconds;
    commands->store = store;
    return commands;
}

void
pf_partner_commands_free(PfPartnerCommands *commands)
{
    Task *task;

    if (!commands)
        return;
    guint left = commands->running.length + commands->waiting.length + commands->failed.length;
    if (left > 0)
        g_message(ngettext("%u event is kept and will be handed over after the next start",
                           "%u events are kept and will be handed over after the next start", left),
                  left);
    while ((task = g_queue_pop_head(&commands->running))) {
        g_message(_("the command for thing %s was killed because podflattr is stopping"), get_thing(task));
        kill(-task->process, SIGKILL);
        g_clear_handle_id(&task->source, g_source_remove);
        task->commands = NULL; /* ended() frees it, should the main loop run again */
    }
    g_queue_clear_full(&commands->waiting, task_free);
    g_queue_clear_full(&commands->failed, task_free);
    g_free(commands);
}

gboolean
pf_partner_commands_have_room(const PfPartnerCommands *commands)
{
    return commands->waiting.length + commands->failed.length < PF_PARTNER_COMMANDS_WAITING;
}

void
pf_partner_commands_add_take(PfPartnerCommands *commands, PfPartnerEvent *event, char *name)
{
    Task *task = g_new0(Task, 1);

    task->commands = commands;
    task->event = event;
    task->name = name;
    g_queue_push_tail(&commands->waiting, task);
    start_next(commands);
}

void
pf_partner_commands_retry(PfPartnerCommands *commands)
{
    Task *task;

    while ((task = g_queue_pop_head(&commands->failed))) {
        g_clear_handle_id(&task->source, g_source_remove);
        g_queue_push_tail(&commands->waiting, task);
    }
    start_next(commands);
}

void
pf_partner_commands_finish(PfPartnerCommands *commands, PfPartnerCommandsIdle idle, gpointer data)
{
    commands->idle = idle;
    commands->idle_data = data;
    start_next(commands);
}
