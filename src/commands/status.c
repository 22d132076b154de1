/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr status: what is done, what waits, and for what. */
#include "commands/status_read.h"

#include "commands/output.h"
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How often --watch looks, milliseconds. */
#define LOOK_MS 1000

/* Faults of feeds that are shown; the rest is counted. */
#define FAULTS 5

/* --- the table --- */

static void
print_service(const PfStatus *status)
{
    const PfDaemonState *daemon = status->daemon;

    if (!daemon) {
        printf("service     not running; 'podflattr daemon' starts it\n");
        if (status->sender)
            printf("sender      process %" G_GINT64_FORMAT "\n", status->sender);
        return;
    }
    printf("service     process %" G_GINT64_FORMAT ", since ", daemon->pid);
    pf_output_time_cell(daemon->since, 0);
    if (daemon->folders->len == 0)
        printf(
            "watch       nothing, hooks alone are heard; [watch] folders in the configuration names what to watch\n");
    for (guint i = 0; i < daemon->folders->len; i++) {
        const PfDaemonFolder *folder = daemon->folders->pdata[i];
        g_autofree char *since = pf_output_dup_time(folder->since);
        g_autofree char *line = g_strdup_printf("%s  %s since %s, %" G_GINT64_FORMAT " watch%s%s%s", folder->path,
                                                folder->state, since, folder->watches, folder->watches == 1 ? "" : "es",
                                                folder->fault ? "; " : "", folder->fault ? folder->fault : "");
        pf_output_cell(i == 0 ? "watch" : "", 10);
        pf_output_cell(line, 0);
    }
}

static void
print_feeds(const PfStatus *status)
{
    const GPtrArray *faults = status->faults;

    printf("feeds       %" G_GINT64_FORMAT " known, %u failing\n", status->feeds, faults->len);
    for (guint i = 0; i < MIN(faults->len, FAULTS); i++) {
        pf_output_cell("", 10);
        pf_output_cell(faults->pdata[i], 0);
    }
    if (faults->len > FAULTS)
        printf("            and %u more\n", faults->len - FAULTS);
}

static void
print_gate(const PfStatus *status)
{
    const PfGate *gate = &status->gate;

    if (gate->reason == PF_GATE_OPEN) {
        printf("sending     open\n");
    } else {
        printf("sending     stopped: %s\n", pf_gate_reason_text(gate->reason));
        printf("since       ");
        pf_output_time_cell(gate->since, 0);
    }
    gint64 next = gate->reason == PF_GATE_OPEN ? status->next : gate->next_probe;
    if (next) {
        printf("next try    ");
        pf_output_time_cell(next, 0);
    }
}

static void
print_table(const PfApp *app, const PfStatus *status)
{
    printf("server      %s\n", app->endpoint);
    print_service(status);
    print_feeds(status);
    print_gate(status);
    if (status->limit.limit) {
        printf("rate limit  %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " requests left, anew at ",
               status->limit.remaining, status->limit.limit);
        pf_output_time_cell(status->limit.reset, 0);
    }
    printf("queue      ");
    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        printf(" %" G_GINT64_FORMAT " %s%s", status->counts[state], pf_entry_state_name(state),
               state + 1 < PF_ENTRY_STATES ? "," : "\n");
    if (status->unmatched)
        printf("files       %" G_GINT64_FORMAT " without an episode, %" G_GINT64_FORMAT
               " no media; 'podflattr queue --state unmatched' says why\n",
               status->unmatched - status->refused, status->refused);
}

/* --- the command --- */

/* One look, or one of many. */
typedef struct {
    PfApp *app;
    gboolean json;
    GMainLoop *loop; /* NULL for one look */
    char *last;      /* what was shown last, as JSON: only what has changed is shown again */
    GError *failure;
} Look;

static void
show(Look *look, const PfStatus *status)
{
    json_t *object = pf_status_to_json(status);
    char *text = json_dumps(object, JSON_COMPACT);

    if (g_strcmp0(text, look->last) != 0) {
        if (look->loop && !look->json && isatty(STDOUT_FILENO))
            printf("\033[H\033[2J");
        if (look->json)
            printf("%s\n", text);
        else
            print_table(look->app, status);
        fflush(stdout);
    }
    json_decref(object);
    free(look->last);
    look->last = text;
}

static gboolean
look_once(gpointer data)
{
    Look *look = data;
    g_auto(PfStatus) status = {0};

    if (pf_status_read(look->app, &status, &look->failure)) {
        show(look, &status);
        /* Who reads this has gone. */
        if (!ferror(stdout))
            return G_SOURCE_CONTINUE;
    }
    if (look->loop)
        g_main_loop_quit(look->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean
interrupted(gpointer data)
{
    g_main_loop_quit(((Look *)data)->loop);
    return G_SOURCE_CONTINUE;
}

static void
keep_looking(Look *look)
{
    look->loop = g_main_loop_new(NULL, FALSE);
    guint sources[] = {g_unix_signal_add(SIGINT, interrupted, look), g_unix_signal_add(SIGTERM, interrupted, look),
                       g_timeout_add(LOOK_MS, look_once, look)};

    look_once(look);
    if (!look->failure)
        g_main_loop_run(look->loop);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    g_main_loop_unref(look->loop);
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    gboolean watch = FALSE;
    Look look = {.app = app};
    const GOptionEntry entries[] = {
        {"watch", 'w', 0, G_OPTION_ARG_NONE, &watch, "Show it again whenever it changes, until interrupted", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json", "FORMAT"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_status, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &look.json, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    if (watch)
        keep_looking(&look);
    else
        look_once(&look);
    free(look.last);
    if (look.failure)
        g_propagate_error(error, look.failure);
    return EX_OK;
}

const PfCommand pf_command_status = {
    "status", "", "What is done, what waits, and for what", NULL, run, PF_COMMAND_NEEDS_ALL, FALSE};
