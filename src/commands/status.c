/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr status: what was done, what is waiting, and why. */
#include "base/i18n.h"
#include "base/limits.h"
#include "base/main_loop.h"
#include "commands/command.h"
#include "commands/output.h"
#include "daemon/settings_check.h"
#include "daemon/status_file.h"
#include "feed/store.h"
#include "queue/arrival.h"
#include "queue/queue.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * What `podflattr status` tells, read from the store and from what the service says of itself.
 */

/* Known feeds, by what became of asking them. */
typedef struct {
    gint64 known;
    gint64 read;    /* answered, the last time too */
    gint64 stale;   /* answered once, and fail now */
    gint64 silent;  /* never answered */
    gint64 unasked; /* are asked soon */
    gint64 gone;    /* their server says that they are gone for good */
} PfFeedCounts;

/* Times are seconds since the epoch. */
typedef struct {
    gint64 sender;         /* process that holds the sender's lock, or 0 */
    PfDaemonState *daemon; /* the service; NULL when none runs */
    PfGate gate;
    gint64 next; /* when something is sent next; 0: nothing waits for a time */
    gint64 counts[PF_ENTRY_STATES];
    GString *held;    /* why entries are held, with how many */
    gint64 unmatched; /* files without an episode */
    gint64 refused;   /* those of them that are no media */
    PfRateLimit limit;
    PfFeedCounts feeds;
    GPtrArray *faults;         /* of char *: what is wrong with each feed that fails */
    PfSettingsCheck *settings; /* what they do */
} PfStatus;

static void pf_status_clear(PfStatus *status);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfStatus, pf_status_clear)

static gboolean
add_feed(const PfKnownFeed *feed, gpointer data)
{
    PfStatus *status = data;
    PfFeedCounts *feeds = &status->feeds;

    feeds->known++;
    if (feed->gone)
        feeds->gone++;
    else if (feed->failures > 0)
        *(feed->fetched ? &feeds->stale : &feeds->silent) += 1;
    else
        *(feed->fetched ? &feeds->read : &feeds->unasked) += 1;
    if (feed->gone || feed->failures > 0)
        g_ptr_array_add(status->faults, g_strdup(feed->fault));
    return TRUE;
}

/* The known feeds are a cache: the rest is shown even when they cannot be read. */
static void
read_feeds(const PfApp *app, PfStatus *status)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open_existing(app->state_dir, PF_BUSY_STATUS_MS, &failure);

    if (failure || (feeds && !pf_feed_store_each(feeds, add_feed, status, &failure)))
        g_message(_("cannot read the known feeds: %s"), failure->message);
}

/* Reasons whose names are not plain words. */
static const char *
explain_hold(const char *reason)
{
    static const char *const texts[][2] = {
        {"confirm", N_("wait for you")},
        {"ask", N_("wait for you, by the feed's rule")},
        {"delay", N_("wait for their delay")},
        {"unknown", N_("may have been paid")},
        {"user", N_("held by you")},
        {"contested", N_("claimed by two payees")},
        {"per_feed_per_day", N_("wait for another day (per-feed-per-day)")},
        {"per_payee_per_day", N_("wait for another day (per-payee-per-day)")},
        {"per_day", N_("wait for another day (per-day)")},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (g_strcmp0(reason, texts[i][0]) == 0)
            return _(texts[i][1]);
    return reason ? reason : _("wait for you");
}

static void
add_reason(const char *reason, gint64 count, gpointer data)
{
    GString *held = data;

    g_string_append_printf(held, "%s%" G_GINT64_FORMAT " %s", held->len > 0 ? ", " : "", count, explain_hold(reason));
}

static gboolean
read_next(const PfApp *app, PfQueue *queue, PfStatus *status, GError **error)
{
    gint64 due;

    if (!pf_queue_read_next_due(queue, &due, error))
        return FALSE;
    if (!app->endpoint)
        status->next = 0;
    else if (status->gate.reason != PF_GATE_OPEN)
        status->next = due == G_MAXINT64 ? 0 : status->gate.next_probe;
    else
        status->next = due == G_MAXINT64 ? 0 : due;
    return TRUE;
}

/* Reads it all. @status: (out): free with pf_status_clear(). Returns FALSE with @error set when the store fails. */
static gboolean
pf_status_read(const PfApp *app, PfStatus *status, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(app, error);
    g_autofree char *fingerprint = NULL;

    *status = (PfStatus){.faults = g_ptr_array_new_with_free_func(g_free), .held = g_string_new(NULL)};
    if (!queue || !pf_queue_load_gate(queue, &status->gate, &fingerprint, error) ||
        !pf_queue_count(queue, status->counts, error) ||
        !pf_queue_each_held_reason(queue, add_reason, status->held, error) ||
        !pf_queue_load_rate_limit(queue, &status->limit, error) ||
        !pf_arrival_count_open(queue, &status->unmatched, &status->refused, error) ||
        !read_next(app, queue, status, error))
        return FALSE;
    status->sender = pf_queue_lock_get_holder(app->state_dir);
    status->daemon = pf_daemon_state_load(app->state_dir, status->sender);
    read_feeds(app, status);
    status->settings = pf_settings_check(app);
    return TRUE;
}

static void
pf_status_clear(PfStatus *status)
{
    pf_daemon_state_free(status->daemon);
    g_clear_pointer(&status->faults, g_ptr_array_unref);
    if (status->held)
        g_string_free(g_steal_pointer(&status->held), TRUE);
    g_clear_pointer(&status->settings, pf_settings_check_free);
    *status = (PfStatus){0};
}

/* --- JSON --- */

static json_t *
watch_to_json(const PfDaemonState *daemon)
{
    json_t *list = json_array();
    gint64 watches = 0;

    for (guint i = 0; daemon && i < daemon->folders->len; i++) {
        const PfDaemonFolder *folder = daemon->folders->pdata[i];
        watches += folder->watches;
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:o, s:I, s:o}", "path", pf_output_json_string(folder->path),
                                        "state", folder->state, "since", pf_output_json_time(folder->since), "watches",
                                        (json_int_t)folder->watches, "fault", pf_output_json_string(folder->fault)));
    }
    return json_pack("{s:i, s:I, s:o}", "folders", (int)json_array_size(list), "watches", (json_int_t)watches, "list",
                     list);
}

static json_t *
feeds_to_json(const PfStatus *status)
{
    json_t *faults = json_array();

    for (guint i = 0; i < status->faults->len; i++)
        json_array_append_new(faults, pf_output_json_string(status->faults->pdata[i]));
    const PfFeedCounts *feeds = &status->feeds;
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "known", (json_int_t)feeds->known, "failing",
                     (json_int_t)feeds->stale + feeds->silent + feeds->gone, "read", (json_int_t)feeds->read,
                     "never_answered", (json_int_t)feeds->silent, "not_asked_yet", (json_int_t)feeds->unasked, "gone",
                     (json_int_t)feeds->gone, "lists", (json_int_t)status->settings->lists, "faults", faults);
}

/* Those that have no effect, or perhaps not the one that was meant. */
static json_t *
settings_to_json(const PfSettingsCheck *settings)
{
    json_t *list = json_array();

    for (guint i = 0; i < settings->reports->len; i++) {
        const PfSettingReport *report = settings->reports->pdata[i];
        if (report->result != PF_SETTING_OK)
            json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "result", pf_setting_result_name(report->result),
                                                  "key", pf_output_json_string(report->key), "text",
                                                  pf_output_json_string(report->text)));
    }
    return list;
}

/* What the podcatchers say that the configuration names. */
static json_t *
podcatchers_to_json(const PfSettingsCheck *settings)
{
    json_t *list = json_array();

    for (guint i = 0; i < settings->reports->len; i++) {
        const PfSettingReport *report = settings->reports->pdata[i];
        if (report->podcatcher)
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "name", report->podcatcher, "key",
                                            report->key, "result", pf_setting_result_name(report->result), "feeds",
                                            (json_int_t)report->feeds, "changed", pf_output_json_time(report->changed),
                                            "text", pf_output_json_string(report->text)));
    }
    return list;
}

static json_t *
counts_to_json(const PfStatus *status)
{
    json_t *counts = json_object();

    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        json_object_set_new(counts, pf_entry_state_name(state), json_integer(status->counts[state]));
    json_object_set_new(counts, "unmatched", json_integer(status->unmatched));
    json_object_set_new(counts, "refused", json_integer(status->refused));
    return counts;
}

static json_t *
gate_to_json(const PfGate *gate)
{
    return json_pack("{s:b, s:o, s:o, s:o}", "open", gate->reason == PF_GATE_OPEN, "reason",
                     pf_output_json_string(pf_gate_reason_name(gate->reason)), "since",
                     pf_output_json_time(gate->since), "next_probe", pf_output_json_time(gate->next_probe));
}

static json_t *
limit_to_json(const PfRateLimit *limit)
{
    if (!limit->limit)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "limit", (json_int_t)limit->limit, "remaining", (json_int_t)limit->remaining,
                     "reset", pf_output_json_time(limit->reset));
}

/* Returns: (transfer full): the object of `status --format=json`. */
static json_t *
pf_status_to_json(const PfApp *app, const PfStatus *status)
{
    const PfDaemonState *daemon = status->daemon;

    return json_pack(
        "{s:o, s:{s:b, s:o, s:o}, s:{s:b, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "server",
        pf_output_json_string(app->endpoint), "daemon", "running", daemon != NULL, "pid",
        pf_output_json_id(daemon ? daemon->pid : 0), "since", pf_output_json_time(daemon ? daemon->since : 0), "sender",
        "running", status->sender != 0, "pid", pf_output_json_id(status->sender), "gate", gate_to_json(&status->gate),
        "queue", counts_to_json(status), "rate_limit", limit_to_json(&status->limit), "watch", watch_to_json(daemon),
        "feeds", feeds_to_json(status), "settings", settings_to_json(status->settings), "podcatchers",
        podcatchers_to_json(status->settings), "next", pf_output_json_time(status->next));
}

/* How often --watch looks, milliseconds. */
#define LOOK_MS 1000

/* Faults of feeds that are shown; the rest is counted. */
#define FAULTS 5

/* --- the table --- */

/* A line of it. @name: "" for one that goes on */
static void print_field(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
print_field(const char *name, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    pf_output_field(name, 10, text);
}

static void
print_service(const PfStatus *status)
{
    const PfDaemonState *daemon = status->daemon;

    if (!daemon) {
        print_field(_("service"), _("not running; run 'podflattr daemon' to start it"));
        if (status->sender)
            print_field(_("sender"), _("process %" PRId64), status->sender);
        return;
    }
    g_autofree char *running = pf_output_dup_time(daemon->since);
    print_field(_("service"), _("process %" PRId64 ", started %s"), daemon->pid, running);
    if (daemon->folders->len == 0)
        print_field(_("watch"),
                    _("no folders watched; only hooks are active (see [watch] folders in the configuration)"));
    for (guint i = 0; i < daemon->folders->len; i++) {
        const PfDaemonFolder *folder = daemon->folders->pdata[i];
        g_autofree char *since = pf_output_dup_time(folder->since);
        g_autoptr(GString) text = g_string_new(NULL);
        if (g_str_equal(folder->state, "watched"))
            g_string_append_printf(text,
                                   ngettext("%s: watched, %" PRId64 " folder in all",
                                            "%s: watched, %" PRId64 " folders in all", (gulong)folder->watches),
                                   folder->path, folder->watches);
        else
            g_string_append_printf(text, _("%s: %s (noticed %s)"), folder->path, _(folder->state), since);
        if (folder->fault)
            g_string_append_printf(text, "; %s", folder->fault);
        pf_output_field(i == 0 ? _("watch") : "", 10, text->str);
    }
}

static void
append_count(GString *text, gint64 count, const char *what)
{
    if (count > 0)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " %s", count, what);
}

static void
print_feeds(const PfStatus *status)
{
    const PfFeedCounts *feeds = &status->feeds;
    const GPtrArray *faults = status->faults;
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, ngettext("%" PRId64 " feed", "%" PRId64 " feeds", (gulong)feeds->known), feeds->known);
    if (status->settings->lists > 0)
        g_string_append_printf(text, ngettext(" (%u list)", " (%u lists)", status->settings->lists),
                               status->settings->lists);
    append_count(text, feeds->read, _("read"));
    append_count(text, feeds->stale, _("failing now"));
    append_count(text, feeds->silent, _("never answered"));
    append_count(text, feeds->gone, _("gone for good"));
    append_count(text, feeds->unasked, _("not asked yet"));
    /* Each fault begins with the feed's address. */
    if (faults->len == 1)
        g_string_append_printf(text, ": %s", (const char *)faults->pdata[0]);
    pf_output_field(_("feeds"), 10, text->str);
    for (guint i = 0; faults->len > 1 && i < MIN(faults->len, FAULTS); i++)
        pf_output_field("", 10, faults->pdata[i]);
    if (faults->len > FAULTS)
        print_field("", _("and %u more"), faults->len - FAULTS);
}

static void
print_settings(const PfSettingsCheck *settings)
{
    gboolean is_first = TRUE, is_first_podcatcher = TRUE;

    for (guint i = 0; i < settings->reports->len; i++) {
        const PfSettingReport *report = settings->reports->pdata[i];
        if (!report->podcatcher || report->result != PF_SETTING_OK)
            continue;
        pf_output_field(is_first_podcatcher ? _("podcatcher") : "", 10, report->text);
        is_first_podcatcher = FALSE;
    }
    for (guint i = 0; i < settings->reports->len; i++) {
        const PfSettingReport *report = settings->reports->pdata[i];
        if (report->result == PF_SETTING_OK)
            continue;
        pf_output_field(is_first ? _("settings") : "", 10, report->text);
        is_first = FALSE;
    }
}

static void
print_gate(const PfStatus *status)
{
    const PfGate *gate = &status->gate;

    if (gate->reason == PF_GATE_OPEN) {
        print_field(_("sending"), "%s", _("open"));
    } else {
        g_autofree char *since = pf_output_dup_time(gate->since);
        print_field(_("sending"), _("stopped %s: %s"), since ? since : "", pf_gate_reason_text(gate->reason));
    }
    g_autofree char *next = pf_output_dup_time(gate->reason == PF_GATE_OPEN ? status->next : gate->next_probe);
    if (next)
        pf_output_field(_("next try"), 10, next);
}

static void
print_counts(const PfStatus *status)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        if (status->counts[state] > 0)
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", text->len > 0 ? ", " : "", status->counts[state],
                                   pf_entry_state_name(state));
    pf_output_field(_("queue"), 10, text->len > 0 ? text->str : _("no entries"));
    if (status->held->len > 0)
        pf_output_field(_("held"), 10, status->held->str);
    if (status->unmatched)
        print_field(_("files"),
                    _("%" PRId64 " without an episode, %" PRId64 " not media; see 'podflattr queue --state unmatched'"),
                    status->unmatched - status->refused, status->refused);
}

static void
print_table(const PfApp *app, const PfStatus *status)
{
    pf_output_field(_("server"), 10, app->endpoint ? app->endpoint : _("none; 'podflattr report' lists whom you owe"));
    print_service(status);
    print_feeds(status);
    print_settings(status->settings);
    if (app->endpoint)
        print_gate(status);
    if (status->limit.limit) {
        g_autofree char *reset = pf_output_dup_time(status->limit.reset);
        print_field(_("rate limit"), _("%" PRId64 " of %" PRId64 " requests left, resets %s"), status->limit.remaining,
                    status->limit.limit, reset ? reset : "-");
    }
    print_counts(status);
}

/* --- the command --- */

/* One look, or one of many. */
typedef struct {
    PfApp *app;
    gboolean json;
    PfMainLoop *loop; /* NULL for one look */
    char *last;       /* what was shown last, as JSON: only what has changed is shown again */
    GError *failure;
} Look;

static void
show(Look *look, const PfStatus *status)
{
    json_t *object = pf_status_to_json(look->app, status);
    char *text = pf_output_json_dup(object);

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
    g_free(look->last);
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
    pf_main_loop_quit(look->loop);
    return G_SOURCE_CONTINUE;
}

static void
keep_looking(Look *look)
{
    look->loop = pf_main_loop_new(&(PfMainLoopSignals){0});
    guint timer = g_timeout_add(LOOK_MS, look_once, look);

    look_once(look);
    if (!look->failure)
        pf_main_loop_run(look->loop);
    g_source_remove(timer);
    pf_main_loop_free(look->loop);
}

typedef struct {
    gboolean watch;
} Options;

static const PfCommandOption options[] = {
    {"watch", G_OPTION_ARG_NONE, offsetof(Options, watch), N_("Print again whenever it changes, until interrupted"),
     NULL, 0, 'w'},
    PF_COMMAND_FORMAT,
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    Look look = {.app = call->app, .json = call->json};

    if (((const Options *)call->options)->watch)
        keep_looking(&look);
    else
        look_once(&look);
    g_free(look.last);
    if (!look.failure)
        return TRUE;
    g_propagate_error(error, look.failure);
    return FALSE;
}

const PfCommand pf_command_status = {
    .name = "status",
    .summary = N_("Show what was done, what is waiting, and why"),
    .options = options,
    .options_size = sizeof(Options),
    .examples = "  podflattr status\n"
                "  podflattr status --watch\n",
    .run = run,
};
