/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue: the table of subcommands, listing and showing. */
#include "base/clock.h"
#include "base/i18n.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/queue_command.h"
#include "statement/statement.h"

#include <stdio.h>
#include <string.h>

static void
print_field(const char *name, const char *text)
{
    if (!text || !*text)
        return;
    pf_output_field(name, 10, text);
}

static void
print_number(const char *name, gint64 number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    print_field(name, text);
}

static void
print_time(const char *name, gint64 time)
{
    if (!time)
        return;
    g_autofree char *text = pf_output_dup_time(time);
    pf_output_field(name, 10, text);
}

static void
print_entry(const PfEntry *entry)
{
    print_number(_("id"), entry->id);
    print_field(_("state"), pf_entry_state_name(entry->state));
    print_field(_("why"), entry->reason);
    print_field(_("title"), entry->title);
    print_field(_("show"), entry->show_title ? entry->show_title : entry->show);
    print_field(_("url"), entry->url);
    print_field(_("key"), entry->key);
    print_field(_("payee"), entry->payee);
    print_field(_("month"), entry->period);
    print_field(_("feed"), entry->feed);
    print_field(_("guid"), entry->guid);
    print_field(_("file"), entry->file);
    print_field(_("source"), pf_source_name(entry->source));
    print_field(_("by hand"), entry->by_hand ? _("yes") : _("no"));
    print_number(_("attempts"), entry->attempts);
    print_number(_("own faults"), entry->own_faults);
    print_time(_("next try"), entry->next_attempt);
    print_time(_("in doubt"), entry->doubt);
    print_time(_("counted"), entry->counted);
    if (entry->seconds)
        print_number(_("seconds"), entry->seconds);
    if (entry->heard)
        print_number(_("heard"), entry->heard);
    print_time(_("created"), entry->created);
    print_time(_("updated"), entry->updated);
    if (entry->thing_id)
        print_number(_("thing"), entry->thing_id);
    print_field(_("thing at"), entry->thing_link);
    print_field(_("thing is"), entry->thing_title);
}

static void
print_story(const GPtrArray *story)
{
    static const PfOutputColumn columns[] = {{N_("WHEN"), 16, 0, PF_OUTPUT_TIME},
                                             {N_("WHAT"), 11, 60, PF_OUTPUT_TEXT},
                                             {N_("STATE"), 8, 0, PF_OUTPUT_TEXT},
                                             {N_("WHY"), 19, 80, PF_OUTPUT_TEXT},
                                             {N_("ANSWER"), 0, 0, PF_OUTPUT_TEXT}};

    printf("\n");
    pf_output_row(columns, NULL);
    for (guint i = 0; i < story->len; i++) {
        const PfEvent *event = story->pdata[i];

        g_autofree char *when = pf_output_dup_time(event->at);
        g_autofree char *often = event->times > 1 ? g_strdup_printf(_("%s (%" PRId64 " times)"),
                                                                    event->answer ? event->answer : "", event->times)
                                                  : g_strdup(event->answer);
        pf_output_row(columns, (const char *[]){when, event->what, event->state, event->reason, often});
    }
}

/* Both in one transaction, so that the story ends with the state that is shown. */
static gboolean
load(PfQueue *queue, gint64 id, PfEntry **entry, GPtrArray **story, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);

    if (!transaction || !pf_queue_read(queue, id, entry, error))
        return FALSE;
    if (!*entry) {
        pf_queue_set_unknown(error, id);
        return FALSE;
    }
    *story = pf_queue_read_history(queue, id, error);
    return *story && pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static gboolean
show(const PfCommandCall *call, GError **error)
{
    g_autoptr(PfEntry) entry = NULL;
    g_autoptr(GPtrArray) story = NULL;
    gint64 id = 0;

    if (!pf_queue_parse_id(call->operands[0], &id, error))
        return FALSE;
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    if (!queue || !load(queue, id, &entry, &story, error))
        return FALSE;
    if (call->json) {
        pf_output_json_take(pf_queue_json_whole(entry, story));
    } else {
        print_entry(entry);
        print_story(story);
    }
    return TRUE;
}

/* One listing. */
typedef struct {
    guint rows;
    guint most; /* that are shown; 0: all */
    gboolean more;
} Listing;

/* Whether there is room for another. */
static gboolean
count_row(Listing *listing)
{
    listing->more = listing->most > 0 && listing->rows == listing->most;
    listing->rows += !listing->more;
    return !listing->more;
}

static gboolean
queue_print_json(const PfEntry *entry, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_entry(entry));
    return TRUE;
}

static const PfOutputColumn entry_columns[] = {
    {N_("ID"), 5, 0, PF_OUTPUT_WHOLE},    {N_("STATE"), 8, 0, PF_OUTPUT_TEXT},   {N_("SINCE"), 16, 90, PF_OUTPUT_TIME},
    {N_("WHY"), 19, 110, PF_OUTPUT_TEXT}, {N_("MONTH"), 7, 130, PF_OUTPUT_TEXT}, {N_("PAYEE"), 16, 150, PF_OUTPUT_TEXT},
    {N_("SHOW"), 24, 0, PF_OUTPUT_TEXT},  {N_("EPISODE"), 0, 0, PF_OUTPUT_TEXT}};

static gboolean
queue_print_row(const PfEntry *entry, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id);
    g_autofree char *since = pf_output_dup_time(entry->updated);
    char month[PF_MONTH_SIZE];
    const char *const cells[] = {id,
                                 pf_entry_state_name(entry->state),
                                 since,
                                 entry->reason,
                                 pf_month_of(entry->created, month),
                                 entry->payee,
                                 entry->show_title ? entry->show_title : entry->show,
                                 entry->title ? entry->title : entry->key};
    Listing *listing = data;

    if (!count_row(listing))
        return FALSE;
    if (listing->rows == 1)
        pf_output_row(entry_columns, NULL);
    pf_output_row(entry_columns, cells);
    return TRUE;
}

/* Files without an episode, instead of entries. */
static gboolean
is_unmatched(const PfQueueOptions *options)
{
    return g_strcmp0(options->state, "unmatched") == 0;
}

static gboolean
refuse_state(const char *state, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GString) hint = g_string_new(NULL);

    for (PfEntryState known = 0; known < PF_ENTRY_STATES; known++)
        g_ptr_array_add(names, (gpointer)pf_entry_state_name(known));
    g_ptr_array_add(names, (gpointer) "unmatched");
    g_ptr_array_add(names, NULL);
    pf_command_suggest(hint, state, names);
    return pf_command_refuse(
        error,
        _("invalid --state '%s': use held, queued, sending, flattred, owned, failed, dropped, owed or unmatched%s"),
        state, hint->str);
}

static gboolean
read_filter(const PfQueueOptions *options, PfQueueFilter *filter, GError **error)
{
    *filter = (PfQueueFilter){.state = PF_ENTRY_STATES, .feed = options->feed, .show = options->show};
    if (is_unmatched(options) && (options->month || options->since || options->feed || options->show))
        return pf_command_refuse(error, _("--state unmatched lists files; --month, --since, --feed and --show select "
                                          "entries only"));
    if (options->state && !is_unmatched(options) && !pf_entry_state_from_name(options->state, &filter->state))
        return refuse_state(options->state, error);
    if (options->since && !pf_clock_parse_local(options->since, &filter->since))
        return pf_command_refuse(error, _("--since must be a date such as 2026-01-31"));
    if (options->month && (options->since || !pf_month_is_valid(options->month)))
        return pf_command_refuse(error, options->since ? _("--month cannot be used with --since")
                                                       : _("--month must be a month such as 2026-01"));
    if (options->month) {
        filter->since = pf_month_start(options->month);
        filter->until = pf_month_end(options->month);
    }
    if (options->limit < 0)
        return pf_command_refuse(error, _("--limit must not be negative"));
    return TRUE;
}

/* A terminal gets a page, anything else all that there is. */
static guint
choose_limit(const PfQueueOptions *options, gboolean json)
{
    int height = pf_output_get_height();

    if (options->limit > 0)
        return (guint)options->limit;
    /* The header, the line about the rest, and the next prompt take room too. */
    return options->all || json || height == 0 ? 0 : (guint)MAX(height - 3, 1);
}

static gboolean
list(const PfCommandCall *call, GError **error)
{
    const PfQueueOptions *given = call->options;
    Listing listing = {.most = choose_limit(given, call->json)};
    PfQueueFilter filter;

    if (!read_filter(given, &filter, error))
        return FALSE;
    if (is_unmatched(given))
        return pf_queue_list_files(call, listing.most, error);
    /* Programs get them as they came; one more than are shown says that there are more. */
    filter.newest_first = !call->json;
    filter.limit = listing.most > 0 ? (gint64)listing.most + !call->json : 0;
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    if (!queue || !pf_queue_list(queue, &filter, call->json ? queue_print_json : queue_print_row, &listing, error))
        return FALSE;
    if (!call->json && listing.rows == 0)
        g_message(_("no entries"));
    if (listing.more)
        g_message(_("there are older entries; --all shows them"));
    return TRUE;
}

/* --- the table --- */

static const PfCommandOption options[] = {
    PF_COMMAND_FORMAT,
    {"state", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, state), N_("Only entries in this state"), N_("STATE"), 0,
     0},
    {"month", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, month), N_("Only entries that came in this month"),
     N_("YYYY-MM"), 0, 0},
    {"since", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, since), N_("Only entries that came on this day or later"),
     N_("DATE"), 0, 0},
    {"feed", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, feed),
     N_("Only entries whose feed's address has this in it"), N_("TEXT"), 0, 0},
    {"show", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, show), N_("Only entries whose show's title has this in it"),
     N_("TEXT"), 0, 0},
    {"limit", G_OPTION_ARG_INT, offsetof(PfQueueOptions, limit),
     N_("Only the N newest entries (default: as many as fit on the terminal)"), N_("N"), 0, 0},
    {"all", G_OPTION_ARG_NONE, offsetof(PfQueueOptions, all), N_("All entries that it applies to"), NULL, 0, 0},
    {0},
};

/* @verb: of all that changes entries */
#define CHANGE(verb, words, about)                                                                                     \
    {                                                                                                                  \
        .name = verb, .operands = words, .most = PF_COMMAND_ANY, .summary = about, .takes = "all",                     \
        .run = pf_queue_run_change                                                                                     \
    }

static const PfCommand subcommands[] = {
    {.name = "list",
     .summary = N_("list entries, the newest first"),
     .takes = "format state month since feed show limit all",
     .run = list},
    {.name = "show",
     .operands = N_("ID"),
     .least = 1,
     .most = 1,
     .summary = N_("show one entry and its history"),
     .takes = "format",
     .run = show},
    CHANGE("retry", N_("ID…|FILE…|FOLDER…|--all"),
           N_("send again what failed, was dropped (by ID only) or waits to be retried; search again for files' "
              "episodes")),
    CHANGE("hold", N_("ID…|--all"), N_("keep entries from being sent until they are released")),
    CHANGE("release", N_("ID…|--all"), N_("send entries that are held")),
    CHANGE("drop", N_("ID…|--all"), N_("do not send entries")),
    {.name = "match",
     .operands = N_("[FILE|ID [N|GUID|URL]]"),
     .most = 2,
     .summary = N_("set which episode a file is: the Nth that was found, or by GUID or URL; asks on a terminal"),
     .run = pf_queue_run_match},
    {.name = "dismiss",
     .operands = N_("FILE|FOLDER|ID…|--all"),
     .most = PF_COMMAND_ANY,
     .takes = "all",
     .summary = N_("mark files as not being episodes; nothing is flattred for them"),
     .run = pf_queue_run_dismiss},
    {.name = "pause", .summary = N_("stop all sending"), .run = pf_queue_run_pause},
    {.name = "resume", .summary = N_("resume sending"), .run = pf_queue_run_resume},
    {.name = "export", .summary = N_("write every entry and its history as JSON Lines"), .run = pf_queue_run_export},
    {.name = "import",
     .operands = N_("[FILE]"),
     .most = 1,
     .summary = N_("add exported entries, without duplicates"),
     .run = pf_queue_run_import},
    {0},
};

const PfCommand pf_command_queue = {
    .name = "queue",
    .operands = N_("[SUBCOMMAND] [ID…|FILE…]"),
    .summary = N_("Show the queue and change it"),
    .description = N_("States: held (waits for its delay or for you), queued, sending, flattred, owned (your own),\n"
                      "failed (can never be paid), dropped, owed (for you to pay, see 'podflattr report');\n"
                      "and unmatched: files whose episode was not found."),
    .examples = "  podflattr queue --state held\n"
                "  podflattr queue --month 2026-01 --show 'Night Notes'\n"
                "  podflattr queue match\n",
    .subcommands = subcommands,
    .has_default = TRUE,
    .options = options,
    .options_size = sizeof(PfQueueOptions),
    .rings = TRUE,
};
