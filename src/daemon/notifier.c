/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notifier.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/session_bus.h"
#include "daemon/notice.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define DESKTOP_ID "org.podflattr.podflattr"

/* The most that a notice takes, bytes. */
#define ROOM 200000

/* How long the desktop, and the user's program, may take, seconds; what the desktop can do is waited for. */
#define TIMEOUT 60
#define SHORT_TIMEOUT 5

/* Candidates that have a button. */
#define CHOICES 2

/* What is sent in place of a notice: by the service and by the notifier. */
#define RELOAD "reload"
#define RETRY "retry"

/* --- the notifier's side --- */

typedef struct {
    int socket;
    PfApp *app;
    GMainLoop *loop;
    GDBusConnection *bus; /* NULL until there is something to show */
    guint desktop_watch;
    gboolean knows_desktop; /* the capabilities of the notification server are known */
    gboolean has_markup;
    GHashTable *shown;             /* of the desktop's ids to json_t *: what can be clicked */
    guint32 last[PF_NOTICE_KINDS]; /* the desktop's ids of what is replaced by the next of its kind */
} Notifier;

static void
free_json(gpointer object)
{
    json_decref(object);
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static PfNoticeKind
kind_of(const json_t *notice)
{
    return pf_notice_kind_from_name(text_of(notice, "event"));
}

static void show(Notifier *notifier, json_t *notice);

/* --- what a click does --- */

/* A command of ours has ended; why it failed is shown where it was asked for. */
static void
command_ended(GObject *source, GAsyncResult *result, gpointer data)
{
    Notifier *notifier = data;
    GSubprocess *process = G_SUBPROCESS(source);
    g_autofree char *text = NULL;

    if (!g_subprocess_communicate_utf8_finish(process, result, NULL, &text, NULL) ||
        (g_subprocess_get_if_exited(process) && g_subprocess_get_exit_status(process) == 0))
        return;
    json_t *notice = json_pack("{s:s, s:s, s:s}", "event", "failure", "title", _("That was not possible"), "body",
                               text ? g_strstrip(text) : "");
    if (notice)
        show(notifier, notice);
    json_decref(notice);
}

/* This program, also where a package has replaced it meanwhile. */
static char *
dup_program(void)
{
    g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);

    if (path && g_str_has_suffix(path, " (deleted)"))
        path[strlen(path) - strlen(" (deleted)")] = '\0';
    return g_steal_pointer(&path);
}

static void
set_environment(const Notifier *notifier, GSubprocessLauncher *launcher, GPtrArray *options)
{
    const PfApp *app = notifier->app;
    const struct {
        const char *name, *value;
    } settings[] = {{"PODFLATTR_STATE_DIR", app->state_dir},
                    {"PODFLATTR_CONFIG", app->config_named ? app->config_path : NULL},
                    {"PODFLATTR_API", app->api}};

    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (!settings[i].value)
            continue;
        g_subprocess_launcher_setenv(launcher, settings[i].name, settings[i].value, TRUE);
        if (options)
            g_ptr_array_add(options, g_strdup_printf("--setenv=%s=%s", settings[i].name, settings[i].value));
    }
}

/* Runs a command of ours. @outside: it needs what systemd's unit takes from the service, such as a browser */
static void
run(Notifier *notifier, const GPtrArray *arguments, gboolean outside)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GPtrArray) line = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) failure = NULL;
    g_autofree char *systemd_run = g_find_program_in_path("systemd-run");
    gboolean by_systemd = outside && g_getenv("INVOCATION_ID") && systemd_run;

    if (by_systemd) {
        static const char *const options[] = {"--user", "--collect", "--quiet"};
        g_ptr_array_add(line, g_steal_pointer(&systemd_run));
        for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
            g_ptr_array_add(line, g_strdup(options[i]));
    }
    set_environment(notifier, launcher, by_systemd ? line : NULL);
    g_ptr_array_add(line, dup_program());
    for (guint i = 0; i < arguments->len; i++)
        g_ptr_array_add(line, g_strdup(arguments->pdata[i]));
    g_ptr_array_add(line, NULL);
    g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, (const char *const *)line->pdata, &failure);
    if (process)
        g_subprocess_communicate_utf8_async(process, NULL, NULL, command_ended, notifier);
    else
        g_message(_("cannot run the action of a notice: %s"), failure->message);
}

static void
add_word(GPtrArray *arguments, const char *word)
{
    g_ptr_array_add(arguments, g_strdup(word));
}

static void
add_number(GPtrArray *arguments, const json_t *object)
{
    g_ptr_array_add(arguments,
                    g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(object, "id"))));
}

/* `queue VERB` for all entries of a notice, or for its file. */
static void
add_queue(GPtrArray *arguments, const char *verb, const json_t *notice)
{
    const json_t *entries = json_object_get(notice, "entries"), *entry;
    size_t i;

    add_word(arguments, "queue");
    add_word(arguments, verb);
    add_word(arguments, "--");
    if (!entries)
        add_number(arguments, notice);
    json_array_foreach (entries, i, entry)
        add_number(arguments, entry);
}

/* @action: one that make_actions() offers for the notice */
static void
act(Notifier *notifier, const json_t *notice, const char *action)
{
    static const char *const queue_verbs[] = {"drop", "release", "dismiss", NULL};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    gboolean outside = FALSE;

    if (g_str_equal(action, "retry")) {
        (void)send(notifier->socket, RETRY, strlen(RETRY), MSG_NOSIGNAL | MSG_DONTWAIT);
        return;
    }
    if (g_str_equal(action, "open") || g_str_equal(action, "default")) {
        const char *month = text_of(notice, "month");
        outside = TRUE;
        add_word(arguments, "report");
        add_word(arguments, "--open");
        if (*month) {
            add_word(arguments, "--month");
            add_word(arguments, month);
        }
    } else if (g_str_equal(action, "login")) {
        outside = TRUE;
        add_word(arguments, "login");
    } else if (g_str_has_prefix(action, "match")) {
        /* By its identity, not by its place in a list that may have changed. */
        const json_t *choice = json_array_get(json_object_get(notice, "candidates"), (size_t)(action[5] - '0'));
        const char *guid = text_of(choice, "guid");
        if (!choice)
            return;
        add_queue(arguments, "match", notice);
        add_word(arguments, *guid ? guid : text_of(choice, "enclosure"));
    } else if (g_strv_contains(queue_verbs, action)) {
        add_queue(arguments, action, notice);
    } else {
        return;
    }
    run(notifier, arguments, outside);
}

/* --- the desktop --- */

static void
add_action(GVariantBuilder *actions, const char *key, const char *label)
{
    g_variant_builder_add(actions, "s", key);
    g_variant_builder_add(actions, "s", label);
}

static gboolean
is_owed(const json_t *notice)
{
    const json_t *entries = json_object_get(notice, "entries"), *entry;
    size_t i;

    json_array_foreach (entries, i, entry)
        if (!g_str_equal(text_of(entry, "state"), "owed"))
            return FALSE;
    return TRUE;
}

static void
add_choices(GVariantBuilder *actions, const json_t *notice)
{
    const json_t *candidates = json_object_get(notice, "candidates"), *choice;
    size_t i;

    json_array_foreach (candidates, i, choice) {
        g_autofree char *key = g_strdup_printf("match%zu", i);
        g_autofree char *title = pf_log_printable(text_of(choice, "title"));
        g_autofree char *label = g_utf8_substring(title, 0, MIN(60, g_utf8_strlen(title, -1)));
        if (i < CHOICES && (*text_of(choice, "guid") || *text_of(choice, "enclosure")))
            add_action(actions, key, *label ? label : key);
    }
    add_action(actions, "dismiss", _("None"));
}

static GVariant *
make_actions(const json_t *notice)
{
    GVariantBuilder actions;

    g_variant_builder_init(&actions, G_VARIANT_TYPE("as"));
    switch (kind_of(notice)) {
    case PF_NOTICE_THANKED:
        if (is_owed(notice))
            add_action(&actions, "drop", _("Don't"));
        add_action(&actions, "open", _("Report"));
        break;
    case PF_NOTICE_PENDING:
        add_action(&actions, "drop", _("Don't"));
        break;
    case PF_NOTICE_ASKED:
        add_action(&actions, "release", _("Thank"));
        add_action(&actions, "drop", _("Don't"));
        break;
    case PF_NOTICE_NO_MEANS:
        add_action(&actions, "retry", _("Retry"));
        break;
    case PF_NOTICE_LOGIN:
        add_action(&actions, "login", _("Log in"));
        break;
    case PF_NOTICE_UNMATCHED:
        add_choices(&actions, notice);
        break;
    case PF_NOTICE_REPORT:
        add_action(&actions, "default", _("Open"));
        add_action(&actions, "open", _("Open"));
        break;
    default:
        break;
    }
    return g_variant_builder_end(&actions);
}

static GVariant *
make_hints(PfNoticeKind kind)
{
    GVariantBuilder hints;

    g_variant_builder_init(&hints, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&hints, "{sv}", "desktop-entry", g_variant_new_string(DESKTOP_ID));
    g_variant_builder_add(&hints, "{sv}", "urgency", g_variant_new_byte(kind == PF_NOTICE_THANKED ? 0 : 1));
    return g_variant_builder_end(&hints);
}

/* The notification server may send any action, and no other may do anything. */
static gboolean
is_offered(const json_t *notice, const char *action)
{
    g_autoptr(GVariant) actions = g_variant_ref_sink(make_actions(notice));
    gsize count = g_variant_n_children(actions);
    gboolean found = FALSE;

    for (gsize i = 0; i + 1 < count && !found; i += 2) {
        const char *key;
        g_variant_get_child(actions, i, "&s", &key);
        found = g_str_equal(key, action);
    }
    return found;
}

static void
action_invoked(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
               GVariant *parameters, gpointer data)
{
    Notifier *notifier = data;
    guint32 id = 0;
    const char *action = "";

    (void)bus;
    (void)sender;
    (void)path;
    (void)interface;
    if (g_str_equal(signal, "ActionInvoked") && g_variant_is_of_type(parameters, G_VARIANT_TYPE("(us)")))
        g_variant_get(parameters, "(u&s)", &id, &action);
    else if (g_str_equal(signal, "NotificationClosed") && g_variant_is_of_type(parameters, G_VARIANT_TYPE("(uu)")))
        g_variant_get(parameters, "(uu)", &id, NULL);
    json_t *notice = g_hash_table_lookup(notifier->shown, GUINT_TO_POINTER(id));
    if (*action && (!notice || !is_offered(notice, action)))
        return;
    if (*action)
        act(notifier, notice, action);
    g_hash_table_remove(notifier->shown, GUINT_TO_POINTER(id));
}

/* The next one begins to count again, and gives our ids to the notices of others. */
static void
desktop_gone(GDBusConnection *bus, const char *name, gpointer data)
{
    Notifier *notifier = data;

    (void)bus;
    (void)name;
    notifier->knows_desktop = FALSE;
    g_hash_table_remove_all(notifier->shown);
    memset(notifier->last, 0, sizeof notifier->last);
}

static void
disconnect(Notifier *notifier)
{
    g_clear_handle_id(&notifier->desktop_watch, g_bus_unwatch_name);
    g_clear_object(&notifier->bus);
    desktop_gone(NULL, NAME, notifier);
}

static gboolean
connect_bus(Notifier *notifier)
{
    g_autoptr(GError) failure = NULL;

    if (notifier->bus && !g_dbus_connection_is_closed(notifier->bus))
        return TRUE;
    disconnect(notifier);
    notifier->bus = pf_session_bus_connect(&failure);
    if (!notifier->bus) {
        g_info(_("cannot show notices on the desktop: %s"), failure->message);
        return FALSE;
    }
    g_dbus_connection_signal_subscribe(notifier->bus, NAME, NAME, NULL, PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                       action_invoked, notifier, NULL);
    notifier->desktop_watch = g_bus_watch_name_on_connection(notifier->bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                             desktop_gone, notifier, NULL);
    return TRUE;
}

/* One that does not say what it can do may read markup: a feed's text must be none. */
static void
ask_desktop(Notifier *notifier)
{
    g_auto(GStrv) capabilities = NULL;
    g_autoptr(GVariant) answer = NULL;

    if (notifier->knows_desktop)
        return;
    answer =
        g_dbus_connection_call_sync(notifier->bus, NAME, PATH, NAME, "GetCapabilities", NULL, G_VARIANT_TYPE("(as)"),
                                    G_DBUS_CALL_FLAGS_NONE, SHORT_TIMEOUT * 1000, NULL, NULL);
    if (answer)
        g_variant_get(answer, "(^as)", &capabilities);
    notifier->has_markup = !capabilities || g_strv_contains((const char *const *)capabilities, "body-markup");
    notifier->knows_desktop = capabilities != NULL;
}

typedef struct {
    Notifier *notifier;
    json_t *notice;
} Shown;

static void
notified(GObject *source, GAsyncResult *result, gpointer data)
{
    Shown *shown = data;
    g_autoptr(GError) failure = NULL;
    g_autoptr(GVariant) answer = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &failure);
    guint32 id = 0;

    if (answer)
        g_variant_get(answer, "(u)", &id);
    else
        g_info(_("cannot show a notice on the desktop: %s"), failure->message);
    if (id && G_OBJECT(shown->notifier->bus) == source) {
        PfNoticeKind kind = kind_of(shown->notice);
        if (kind != PF_NOTICE_KINDS)
            shown->notifier->last[kind] = id;
        g_hash_table_replace(shown->notifier->shown, GUINT_TO_POINTER(id), json_incref(shown->notice));
    }
    json_decref(shown->notice);
    g_free(shown);
}

/* What the next of its kind makes pointless is replaced by it; what can still be clicked is not. */
static gboolean
is_replaced(PfNoticeKind kind)
{
    return kind == PF_NOTICE_NO_MEANS || kind == PF_NOTICE_LOGIN || kind == PF_NOTICE_REPORT;
}

static void
show(Notifier *notifier, json_t *notice)
{
    PfNoticeKind kind = kind_of(notice);
    const char *body = text_of(notice, "body");

    if (!connect_bus(notifier))
        return;
    ask_desktop(notifier);
    g_autofree char *escaped = notifier->has_markup ? g_markup_escape_text(body, -1) : g_strdup(body);
    guint32 former = kind != PF_NOTICE_KINDS && is_replaced(kind) ? notifier->last[kind] : 0;
    Shown *shown = g_new0(Shown, 1);
    *shown = (Shown){notifier, json_incref(notice)};
    g_dbus_connection_call(notifier->bus, NAME, PATH, NAME, "Notify",
                           g_variant_new("(susss@as@a{sv}i)", "podflattr", former, DESKTOP_ID, text_of(notice, "title"),
                                         escaped, make_actions(notice), make_hints(kind), -1),
                           G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, TIMEOUT * 1000, NULL, notified, shown);
}

/* --- the user's program --- */

/* In the program's process, before it is that program. */
static void
begin_group(gpointer data)
{
    (void)data;
    setpgid(0, 0);
}

/* With all that it has started. */
static gboolean
took_too_long(gpointer process)
{
    const char *id = g_subprocess_get_identifier(process);

    if (id)
        kill(-(pid_t)g_ascii_strtoll(id, NULL, 10), SIGKILL);
    return G_SOURCE_REMOVE;
}

static void
program_ended(GObject *source, GAsyncResult *result, gpointer data)
{
    GSubprocess *process = G_SUBPROCESS(source);
    GSource *limit = data;

    (void)g_subprocess_wait_finish(process, result, NULL);
    if (!g_subprocess_get_if_exited(process))
        g_message(_("the [notify] command was killed by signal %d"), g_subprocess_get_term_sig(process));
    else if (g_subprocess_get_exit_status(process) != 0)
        g_message(_("the [notify] command ended with exit status %d"), g_subprocess_get_exit_status(process));
    g_source_destroy(limit);
    g_source_unref(limit);
}

static void
call_program(const Notifier *notifier, const char *notice)
{
    g_auto(GStrv) line = NULL;
    g_autoptr(GError) failure = NULL;
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
    g_autoptr(GSubprocess) process = NULL;
    g_autofree char *input = g_strconcat(notice, "\n", NULL);

    if (!*notifier->app->config->notify_command)
        return;
    g_subprocess_launcher_unsetenv(launcher, "PODFLATTR_TOKEN");
    g_subprocess_launcher_set_child_setup(launcher, begin_group, NULL, NULL);
    if (g_shell_parse_argv(notifier->app->config->notify_command, NULL, &line, &failure))
        process = g_subprocess_launcher_spawnv(launcher, (const char *const *)line, &failure);
    if (!process) {
        g_message(_("cannot run the [notify] command: %s"), failure->message);
        return;
    }
    GSource *limit = g_timeout_source_new_seconds(TIMEOUT);
    g_source_set_callback(limit, took_too_long, g_object_ref(process), g_object_unref);
    g_source_attach(limit, g_main_context_get_thread_default());
    /* It does not have to read its input. */
    g_subprocess_communicate_utf8_async(process, input, NULL, NULL, NULL);
    g_subprocess_wait_async(process, NULL, program_ended, limit);
}

/* --- its life --- */

static gboolean
message_came(int descriptor, GIOCondition condition, gpointer data)
{
    Notifier *notifier = data;
    g_autofree char *text = g_malloc(ROOM + 1);
    gssize length = recv(descriptor, text, ROOM, 0);

    (void)condition;
    if (length < 0 && (errno == EINTR || errno == EAGAIN))
        return G_SOURCE_CONTINUE;
    if (length <= 0) { /* the service has ended */
        g_main_loop_quit(notifier->loop);
        return G_SOURCE_REMOVE;
    }
    text[length] = '\0';
    if (g_str_equal(text, RELOAD)) {
        (void)pf_app_reload(notifier->app, NULL);
        return G_SOURCE_CONTINUE;
    }
    json_t *notice = json_loads(text, 0, NULL);
    if (notice) {
        /* The desktop may not answer. */
        call_program(notifier, text);
        show(notifier, notice);
    }
    json_decref(notice);
    return G_SOURCE_CONTINUE;
}

static void G_GNUC_NORETURN
be_the_notifier(int socket, PfApp *app)
{
    /* The default one is the service's, which has made it already. */
    GMainContext *context = g_main_context_new();
    Notifier notifier = {.socket = socket, .app = app};
    GSource *messages = g_unix_fd_source_new(socket, G_IO_IN | G_IO_HUP);

    /* SIGHUP is sent to all of a unit's processes, and is for the service; a program that is called may end unread. */
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    g_main_context_push_thread_default(context);
    notifier.loop = g_main_loop_new(context, FALSE);
    notifier.shown = g_hash_table_new_full(NULL, NULL, NULL, free_json);
    g_source_set_callback(messages, G_SOURCE_FUNC(message_came), &notifier, NULL);
    g_source_attach(messages, context);
    g_main_loop_run(notifier.loop);
    _exit(0);
}

/* --- the service's side --- */

static struct {
    int socket; /* 0 without a notifier */
    pid_t process;
    guint watch;
    void (*retry)(gpointer data);
    gpointer data;
} notifier;

gboolean
pf_notifier_start(PfApp *app)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return FALSE;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_the_notifier(ends[1], app);
    }
    int fault = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        errno = fault;
        return FALSE;
    }
    notifier.socket = ends[0];
    notifier.process = child;
    return TRUE;
}

static gboolean
asked(int descriptor, GIOCondition condition, gpointer data)
{
    char text[16] = "";
    gssize length = recv(descriptor, text, sizeof text - 1, MSG_DONTWAIT);

    (void)condition;
    (void)data;
    if (length < 0 && (errno == EINTR || errno == EAGAIN))
        return G_SOURCE_CONTINUE;
    if (length <= 0) {
        g_info(_("the process that shows notices has ended; restart the service to see them again"));
        notifier.watch = 0;
        pf_notifier_stop();
        (void)waitpid(notifier.process, NULL, 0);
        return G_SOURCE_REMOVE;
    }
    if (g_str_equal(text, RETRY) && notifier.retry)
        notifier.retry(notifier.data);
    return G_SOURCE_CONTINUE;
}

void
pf_notifier_set_retry(void (*retry)(gpointer data), gpointer data)
{
    notifier.retry = retry;
    notifier.data = data;
    if (notifier.socket && !notifier.watch)
        notifier.watch = g_unix_fd_add(notifier.socket, G_IO_IN | G_IO_HUP, asked, NULL);
}

void
pf_notifier_send(const char *notice)
{
    if (notifier.socket && send(notifier.socket, notice, strlen(notice), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        g_info(_("a notice was lost: %s"), g_strerror(errno));
}

void
pf_notifier_reload(void)
{
    pf_notifier_send(RELOAD);
}

void
pf_notifier_stop(void)
{
    g_clear_handle_id(&notifier.watch, g_source_remove);
    if (notifier.socket)
        close(notifier.socket);
    notifier.socket = 0;
}
