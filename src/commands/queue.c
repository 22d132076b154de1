/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue: the table of subcommands, listing and showing. */
#include "commands/queue.h"

#include "base/clock.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/queue_command.h"

#include <stdio.h>
#include <string.h>

/* The version of an exported line; one that is not known is not guessed at. */
#define EXPORT_VERSION 1

/* The thing's members are an object of their own; "checked" says something only where it was asked. */
static gboolean
is_own_field(const PfColumn *column)
{
    return !g_str_has_prefix(column->member, "thing_") && !g_str_equal(column->member, "checked") &&
           !g_str_equal(column->member, "id");
}

static gboolean
is_listed(const PfColumn *column)
{
    static const char *const whole_only[] = {"own_faults", "doubt", "sent_as", "by_hand",      "counted", "enclosure",
                                             "published",  "owed",  "heard",   "doubt_server", "address", NULL};

    return is_own_field(column) && !g_strv_contains(whole_only, column->member);
}

static json_t *
member_to_json(gconstpointer record, const PfColumn *column)
{
    gconstpointer member = G_STRUCT_MEMBER_P(record, column->offset);

    switch (column->kind) {
    case PF_COLUMN_NUMBER:
        return json_integer(*(const gint64 *)member);
    case PF_COLUMN_TIME:
        return pf_output_json_time(*(const gint64 *)member);
    case PF_COLUMN_NAME:
        return json_string(column->names[*(const guint *)member]);
    case PF_COLUMN_FLAG:
    case PF_COLUMN_INVERTED_FLAG:
        return json_boolean(*(const gboolean *)member);
    default:
        return pf_output_json_string(*(const char *const *)member);
    }
}

static json_t *
thing_to_json(const PfEntry *entry)
{
    if (!entry->thing_id && !entry->thing_link)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "id", pf_output_json_id(entry->thing_id), "link",
                     pf_output_json_string(entry->thing_link), "title", pf_output_json_string(entry->thing_title));
}

static json_t *
entry_to_json(const PfEntry *entry, gboolean (*wanted)(const PfColumn *column))
{
    json_t *object = json_pack("{s:I}", "id", (json_int_t)entry->id);

    for (gsize i = 0; i < pf_entry_columns.count; i++) {
        const PfColumn *column = &pf_entry_columns.columns[i];
        if (wanted(column))
            json_object_set_new(object, column->member, member_to_json(entry, column));
    }
    json_object_set_new(object, "thing", thing_to_json(entry));
    if (!*entry->period)
        json_object_set_new(object, "period", json_null());
    return object;
}

json_t *
pf_queue_json_entry(const PfEntry *entry)
{
    return entry_to_json(entry, is_listed);
}

static json_t *
event_to_json(const PfEvent *event)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "at", pf_output_json_time(event->at), "what",
                     pf_output_json_string(event->what), "state", pf_output_json_string(event->state), "reason",
                     pf_output_json_string(event->reason), "answer", pf_output_json_string(event->answer), "times",
                     (json_int_t)event->times);
}

json_t *
pf_queue_json_whole(const PfEntry *entry, const GPtrArray *story)
{
    json_t *object = entry_to_json(entry, is_own_field);
    json_t *events = json_array();

    for (guint i = 0; i < story->len; i++)
        json_array_append_new(events, event_to_json(story->pdata[i]));
    json_object_set_new(object, "version", json_integer(EXPORT_VERSION));
    json_object_set_new(object, "events", events);
    return object;
}

json_t *
pf_queue_json_record(const char *kind, const PfColumns *columns, gconstpointer record)
{
    json_t *object = json_pack("{s:i, s:s}", "version", EXPORT_VERSION, "kind", kind);

    for (gsize i = 0; i < columns->count; i++)
        if (!g_str_equal(columns->columns[i].member, "row"))
            json_object_set_new(object, columns->columns[i].member, member_to_json(record, &columns->columns[i]));
    return object;
}

/* --- reading --- */

/* Reads fields one after the other; after the first that is wrong, the others are not looked at. */
typedef struct {
    json_t *object;
    const char *const *needed; /* the names of those that must be there */
    const char *fault;         /* the name of the first field that is wrong */
} Reader;

static char *
read_text(Reader *reader, const char *name, gboolean needed)
{
    const json_t *value = json_object_get(reader->object, name);
    const char *text = json_string_value(value);

    if (reader->fault)
        return NULL;
    /* SQLite would end the text at a NUL; then the key that is compared is not the key that is kept. */
    if (text ? strlen(text) != json_string_length(value) || (needed && !*text)
             : needed || (value && !json_is_null(value)))
        reader->fault = name;
    return reader->fault ? NULL : g_strdup(text);
}

static gint64
read_time(Reader *reader, const char *name, gboolean needed)
{
    g_autofree char *text = read_text(reader, name, needed);
    gint64 time = 0;

    if (text && !pf_clock_parse(text, &time))
        reader->fault = name;
    return time;
}

static gint64
read_count(Reader *reader, const char *name)
{
    const json_t *value = json_object_get(reader->object, name);

    if (value && !json_is_null(value) && (!json_is_integer(value) || json_integer_value(value) < 0) && !reader->fault)
        reader->fault = name;
    return json_integer_value(value);
}

static void
read_thing(Reader *reader, PfEntry *entry)
{
    json_t *thing = json_object_get(reader->object, "thing");
    Reader inner = {.object = thing};

    if (!thing || json_is_null(thing))
        return;
    entry->thing_id = read_count(&inner, "id");
    entry->thing_link = read_text(&inner, "link", FALSE);
    entry->thing_title = read_text(&inner, "title", FALSE);
    if (!reader->fault && (inner.fault || !json_is_object(thing)))
        reader->fault = "thing";
}

static void
read_name(Reader *reader, const PfColumn *column, guint *value)
{
    g_autofree char *name = read_text(reader, column->member, TRUE);

    if (reader->fault)
        return;
    *value = pf_column_index_of(column->names, column->count, name);
    if (*value == column->count)
        reader->fault = column->member;
}

static void
read_member(Reader *reader, const PfColumn *column, gpointer member)
{
    const char *name = column->member;
    gboolean needed = g_strv_contains(reader->needed, name);

    switch (column->kind) {
    case PF_COLUMN_NUMBER:
        *(gint64 *)member = read_count(reader, name);
        break;
    case PF_COLUMN_TIME:
        *(gint64 *)member = read_time(reader, name, needed);
        break;
    case PF_COLUMN_NAME:
        read_name(reader, column, member);
        break;
    case PF_COLUMN_FLAG:
    case PF_COLUMN_INVERTED_FLAG:
        *(gboolean *)member = json_is_true(json_object_get(reader->object, name));
        break;
    default:
        *(char **)member = read_text(reader, name, needed);
    }
}

/* What could be stored of no entry of ours. */
static void
check_owed(Reader *reader, const PfEntry *entry)
{
    gboolean no_link = g_strcmp0(entry->owed, PF_OWED_NO_LINK) == 0;
    gboolean stays = entry->state == PF_ENTRY_HELD || entry->state == PF_ENTRY_DROPPED || entry->state == PF_ENTRY_OWED;

    if (reader->fault)
        return;
    if (entry->owed ? !stays || (!no_link && !g_str_equal(entry->owed, PF_OWED_NO_SERVER))
                    : entry->state == PF_ENTRY_OWED)
        reader->fault = "owed";
    else if (!no_link && (!entry->url || !*entry->url))
        reader->fault = "url";
}

static PfEntry *
read_entry(Reader *reader)
{
    PfEntry *entry = pf_entry_new();

    for (gsize i = 0; i < pf_entry_columns.count; i++) {
        const PfColumn *column = &pf_entry_columns.columns[i];
        if (is_own_field(column))
            read_member(reader, column, G_STRUCT_MEMBER_P(entry, column->offset));
    }
    if (entry->updated == 0)
        entry->updated = entry->created;
    check_owed(reader, entry);
    read_thing(reader, entry);
    return entry;
}

static GPtrArray *
read_story(Reader *reader)
{
    GPtrArray *story = g_ptr_array_new_with_free_func((GDestroyNotify)pf_event_free);
    json_t *events = json_object_get(reader->object, "events");
    json_t *object;
    gsize i;

    if (!reader->fault && events && !json_is_array(events))
        reader->fault = "events";
    json_array_foreach (events, i, object) {
        Reader inner = {.object = object};
        PfEvent *event = g_new0(PfEvent, 1);

        g_ptr_array_add(story, event);
        event->at = read_time(&inner, "at", TRUE);
        event->what = read_text(&inner, "what", TRUE);
        event->state = read_text(&inner, "state", TRUE);
        event->reason = read_text(&inner, "reason", FALSE);
        event->answer = read_text(&inner, "answer", FALSE);
        event->times = read_count(&inner, "times");
        if (inner.fault && !reader->fault)
            reader->fault = "events";
    }
    return story;
}

static gboolean
check_version(const json_t *object, GError **error)
{
    if (json_is_object(object) && json_integer_value(json_object_get(object, "version")) == EXPORT_VERSION)
        return TRUE;
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                        "not an entry written by this version of 'podflattr queue export'");
    return FALSE;
}

gboolean
pf_queue_json_read(json_t *object, PfEntry **entry, GPtrArray **story, GError **error)
{
    static const char *const needed[] = {"key", "created", NULL};
    Reader reader = {.object = object, .needed = needed};

    if (!check_version(object, error))
        return FALSE;
    g_autoptr(PfEntry) read = read_entry(&reader);
    g_autoptr(GPtrArray) events = read_story(&reader);
    if (reader.fault) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "field \"%s\" is missing or invalid", reader.fault);
        return FALSE;
    }
    *entry = g_steal_pointer(&read);
    *story = g_steal_pointer(&events);
    return TRUE;
}

gboolean
pf_queue_json_read_record(json_t *object, const PfColumns *columns, gpointer record, GError **error)
{
    static const char *const needed[] = {"id", "month", "show", "currency", "weight", "frozen", "noted", NULL};
    Reader reader = {.object = object, .needed = needed};

    if (!check_version(object, error))
        return FALSE;
    for (gsize i = 0; i < columns->count; i++)
        if (!g_str_equal(columns->columns[i].member, "row"))
            read_member(&reader, &columns->columns[i], G_STRUCT_MEMBER_P(record, columns->columns[i].offset));
    if (!reader.fault)
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "field \"%s\" is missing or invalid", reader.fault);
    return FALSE;
}

/* podflattr queue show: one entry with its whole story. */

static void
print_field(const char *name, const char *text)
{
    if (!text || !*text)
        return;
    pf_output_cell(name, 10);
    pf_output_cell(text, 0);
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
    pf_output_cell(name, 10);
    pf_output_time_cell(time, 0);
}

static void
print_entry(const PfEntry *entry)
{
    print_number("id", entry->id);
    print_field("state", pf_entry_state_name(entry->state));
    print_field("why", entry->reason);
    print_field("title", entry->title);
    print_field("show", entry->show_title ? entry->show_title : entry->show);
    print_field("url", entry->url);
    print_field("key", entry->key);
    print_field("payee", entry->payee);
    print_field("month", entry->period);
    print_field("feed", entry->feed);
    print_field("guid", entry->guid);
    print_field("file", entry->file);
    print_field("source", pf_source_name(entry->source));
    print_field("by hand", entry->by_hand ? "yes" : "no");
    print_number("attempts", entry->attempts);
    print_number("own faults", entry->own_faults);
    print_time("next try", entry->next_attempt);
    print_time("in doubt", entry->doubt);
    print_time("counted", entry->counted);
    if (entry->seconds)
        print_number("seconds", entry->seconds);
    if (entry->heard)
        print_number("heard", entry->heard);
    print_time("created", entry->created);
    print_time("updated", entry->updated);
    if (entry->thing_id)
        print_number("thing", entry->thing_id);
    print_field("thing at", entry->thing_link);
    print_field("thing is", entry->thing_title);
}

static void
print_story(const GPtrArray *story)
{
    printf("\n");
    pf_output_cell("WHEN", 16);
    pf_output_cell("WHAT", 11);
    pf_output_cell("STATE", 8);
    pf_output_cell("WHY", 19);
    pf_output_cell("ANSWER", 0);
    for (guint i = 0; i < story->len; i++) {
        const PfEvent *event = story->pdata[i];

        pf_output_time_cell(event->at, 16);
        pf_output_cell(event->what, 11);
        pf_output_cell(event->state, 8);
        pf_output_cell(event->reason, 19);
        g_autofree char *often = event->times > 1 ? g_strdup_printf("%s (%" G_GINT64_FORMAT " times)",
                                                                    event->answer ? event->answer : "", event->times)
                                                  : g_strdup(event->answer);
        pf_output_cell(often, 0);
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

/* The columns before the titles, and the narrowest terminal, in columns, in which each is shown. */
static const struct {
    const char *title;
    int width, from;
} row_cells[] = {{"ID", 5, 0},     {"STATE", 8, 0},   {"SINCE", 16, 90},
                 {"WHY", 19, 110}, {"MONTH", 7, 130}, {"PAYEE", 16, 150}};

static int
cell_width(gsize cell, int terminal)
{
    return terminal == 0 || terminal >= row_cells[cell].from ? row_cells[cell].width : 0;
}

static gboolean
queue_print_row(const PfEntry *entry, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id);
    g_autofree char *since = pf_output_dup_time(entry->updated);
    char month[PF_CLOCK_MONTH_SIZE];
    const char *const cells[] = {id,
                                 pf_entry_state_name(entry->state),
                                 since,
                                 entry->reason,
                                 pf_clock_month(entry->created, month),
                                 entry->payee && *entry->payee ? entry->payee : NULL};
    int terminal = pf_output_get_width(), used = 0;
    Listing *listing = data;

    if (!count_row(listing))
        return FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(row_cells); i++)
        if (cell_width(i, terminal) > 0)
            used += row_cells[i].width + 2;
    if (listing->rows == 1) {
        for (gsize i = 0; i < G_N_ELEMENTS(row_cells); i++)
            if (cell_width(i, terminal) > 0)
                pf_output_cell(row_cells[i].title, row_cells[i].width);
        pf_output_title_cells("SHOW", "EPISODE", used);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(row_cells); i++)
        if (cell_width(i, terminal) > 0)
            pf_output_cell(cells[i], row_cells[i].width);
    pf_output_title_cells(entry->show_title ? entry->show_title : entry->show, entry->title ? entry->title : entry->key,
                          used);
    return TRUE;
}

/* Files without an episode, instead of entries. */
static gboolean
is_unmatched(const PfQueueOptions *options)
{
    return g_strcmp0(options->state, "unmatched") == 0;
}

static gboolean
read_filter(const PfQueueOptions *options, PfQueueFilter *filter, GError **error)
{
    g_autofree char *day = options->month ? g_strconcat(options->month, "-01", NULL) : NULL;

    *filter = (PfQueueFilter){.state = PF_ENTRY_STATES, .feed = options->feed, .show = options->show};
    if (is_unmatched(options) && (options->month || options->since || options->feed || options->show))
        return pf_command_refuse(error, "--state unmatched lists files; --month, --since, --feed and --show select "
                                        "entries only");
    if (options->state && !is_unmatched(options) && !pf_entry_state_from_name(options->state, &filter->state))
        return pf_command_refuse(
            error,
            "invalid --state '%s': use held, queued, sending, flattred, owned, failed, dropped, owed or "
            "unmatched",
            options->state);
    if (options->since && !pf_clock_parse(options->since, &filter->since))
        return pf_command_refuse(error, "--since must be a date such as 2026-01-31");
    if (day && (options->since || strlen(day) != strlen("2026-01-01") || !pf_clock_parse(day, &filter->since)))
        return pf_command_refuse(error, options->since ? "--month cannot be used with --since"
                                                       : "--month must be a month such as 2026-01");
    if (day)
        filter->until = pf_clock_next_month(filter->since);
    if (options->limit < 0)
        return pf_command_refuse(error, "--limit must not be negative");
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
        g_message("no entries");
    if (listing.more)
        g_message("there are older entries; --all shows them");
    return TRUE;
}

/* --- the table --- */

static const PfCommandOption options[] = {
    PF_COMMAND_FORMAT,
    {"state", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, state), "Only entries in this state", "STATE", 0, 0},
    {"month", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, month), "Only entries that came in this month (UTC)",
     "YYYY-MM", 0, 0},
    {"since", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, since), "Only entries that came on this day or later",
     "DATE", 0, 0},
    {"feed", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, feed), "Only entries whose feed's address has this in it",
     "TEXT", 0, 0},
    {"show", G_OPTION_ARG_STRING, offsetof(PfQueueOptions, show), "Only entries whose show's title has this in it",
     "TEXT", 0, 0},
    {"limit", G_OPTION_ARG_INT, offsetof(PfQueueOptions, limit),
     "Only the N newest entries (default: as many as fit on the terminal)", "N", 0, 0},
    {"all", G_OPTION_ARG_NONE, offsetof(PfQueueOptions, all), "All entries that it applies to", NULL, 0, 0},
    {0},
};

/* @verb: of all that changes entries */
#define CHANGE(verb, about)                                                                                            \
    {                                                                                                                  \
        .name = verb, .operands = "ID…|--all", .most = PF_COMMAND_ANY, .summary = about, .takes = "all",               \
        .run = pf_queue_run_change                                                                                     \
    }

static const PfCommand subcommands[] = {
    {.name = "list",
     .summary = "list entries, the newest first",
     .takes = "format state month since feed show limit all",
     .run = list},
    {.name = "show",
     .operands = "ID",
     .least = 1,
     .most = 1,
     .summary = "show one entry and its history",
     .takes = "format",
     .run = show},
    CHANGE("retry", "send again what failed, was dropped (by ID only) or waits for another try"),
    CHANGE("hold", "keep entries from being sent until they are released"),
    CHANGE("release", "send entries that are held"),
    CHANGE("drop", "do not send entries"),
    {.name = "match",
     .operands = "[FILE|ID [N|GUID|URL]]",
     .most = 2,
     .summary = "set which episode a file is: the Nth that was found, or by GUID or URL; asks on a terminal",
     .run = pf_queue_run_match},
    {.name = "dismiss",
     .operands = "FILE|FOLDER|ID…|--all",
     .most = PF_COMMAND_ANY,
     .takes = "all",
     .summary = "mark files as not being episodes; nothing is flattred for them",
     .run = pf_queue_run_dismiss},
    {.name = "pause", .summary = "stop all sending", .run = pf_queue_run_pause},
    {.name = "resume", .summary = "resume sending", .run = pf_queue_run_resume},
    {.name = "export", .summary = "write every entry and its history as JSON Lines", .run = pf_queue_run_export},
    {.name = "import",
     .operands = "[FILE]",
     .most = 1,
     .summary = "add exported entries, without duplicates",
     .run = pf_queue_run_import},
    {0},
};

gboolean
pf_queue_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(*text == '#' ? text + 1 : text, 10, 1, G_MAXINT64, &number, NULL))
        return pf_command_refuse(error, "'%s' is not an entry's ID; see 'podflattr queue'", text);
    *id = (gint64)number;
    return TRUE;
}

void
pf_queue_set_unknown(GError **error, gint64 id)
{
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "entry %" G_GINT64_FORMAT " does not exist", id);
}

const PfCommand pf_command_queue = {
    .name = "queue",
    .operands = "[SUBCOMMAND] [ID…|FILE…]",
    .summary = "Show the queue and change it",
    .description = "States: held (waits for its delay or for you), queued, sending, flattred, owned (your own),\n"
                   "failed (can never be paid), dropped, owed (thanked by the month, see 'podflattr report');\n"
                   "and unmatched: files whose episode was not found.",
    .examples = "  podflattr queue --state held\n"
                "  podflattr queue --month 2026-01 --show 'Night Notes'\n"
                "  podflattr queue match\n",
    .subcommands = subcommands,
    .has_default = TRUE,
    .options = options,
    .options_size = sizeof(PfQueueOptions),
    .rings = TRUE,
};
