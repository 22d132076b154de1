/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue: looks at the queue and steers it. This file has the table of subcommands, and lists. */
#include "commands/queue.h"

#include "base/clock.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/queue_command.h"
#include "queue/arrival.h"

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
    static const char *const whole_only[] = {"own_faults", "doubt",     "sent_as",   "by_hand",
                                             "counted",    "enclosure", "published", NULL};

    return is_own_field(column) && !g_strv_contains(whole_only, column->member);
}

static json_t *
member_to_json(const PfEntry *entry, const PfColumn *column)
{
    gconstpointer member = G_STRUCT_MEMBER_P(entry, column->offset);

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
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "at", pf_output_json_time(event->at), "what",
                     pf_output_json_string(event->what), "state", pf_output_json_string(event->state), "reason",
                     pf_output_json_string(event->reason), "answer", pf_output_json_string(event->answer));
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

/* --- reading --- */

/* Reads fields one after the other; after the first that is wrong, the others are not looked at. */
typedef struct {
    json_t *object;
    const char *fault; /* the name of the first field that is wrong */
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
    static const char *const needed_members[] = {"key", "url", "created", NULL};
    const char *name = column->member;
    gboolean needed = g_strv_contains(needed_members, name);

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
        if (inner.fault && !reader->fault)
            reader->fault = "events";
    }
    return story;
}

gboolean
pf_queue_json_read(json_t *object, PfEntry **entry, GPtrArray **story, GError **error)
{
    Reader reader = {.object = object};
    const json_t *version = json_object_get(object, "version");

    if (!json_is_object(object) || json_integer_value(version) != EXPORT_VERSION) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                            "is no entry as this version of 'podflattr queue export' writes it");
        return FALSE;
    }
    g_autoptr(PfEntry) read = read_entry(&reader);
    g_autoptr(GPtrArray) events = read_story(&reader);
    if (reader.fault) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "the field \"%s\" is missing or wrong",
                    reader.fault);
        return FALSE;
    }
    *entry = g_steal_pointer(&read);
    *story = g_steal_pointer(&events);
    return TRUE;
}

/* podflattr queue --state unmatched: files that were finished or played, and whose item is not known. */

/* What the matching has written, an empty list where it has not. */
static json_t *
candidates_to_json(const char *text)
{
    json_t *candidates = text ? json_loads(text, 0, NULL) : NULL;

    if (json_is_array(candidates))
        return candidates;
    json_decref(candidates);
    return json_array();
}

static gboolean
print_json(const PfArrival *arrival, gpointer data)
{
    (void)data;
    pf_output_json_take(json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "id", (json_int_t)arrival->id, "file",
        pf_output_json_string(arrival->path), "size", arrival->size < 0 ? json_null() : json_integer(arrival->size),
        "seen", pf_output_json_time(arrival->seen), "reason", pf_output_json_string(arrival->reason), "candidates",
        candidates_to_json(arrival->candidates), "state", pf_arrival_state_name(arrival->state), "next_try",
        pf_output_json_time(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0)));
    return TRUE;
}

static gboolean
print_row(const PfArrival *arrival, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, arrival->id);
    gboolean *header = data;

    if (!*header) {
        pf_output_cell("ID", 5);
        pf_output_cell("STATE", 9);
        pf_output_cell("SEEN", 16);
        pf_output_cell("NEXT TRY", 16);
        pf_output_cell("WHY", 12);
        pf_output_cell("FILE", 0);
        *header = TRUE;
    }
    pf_output_cell(id, 5);
    pf_output_cell(pf_arrival_state_name(arrival->state), 9);
    pf_output_time_cell(arrival->seen, 16);
    pf_output_time_cell(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0, 16);
    pf_output_cell(arrival->reason, 12);
    pf_output_cell(arrival->path, 0);
    return TRUE;
}

int
pf_queue_run_unmatched(PfApp *app, gboolean json, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    gboolean header = FALSE;

    if (!queue || !pf_arrival_each_open(queue, json ? print_json : print_row, &header, error))
        return EX_OK;
    if (!json && !header)
        g_message("no files");
    return EX_OK;
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
    print_field("url", entry->url);
    print_field("key", entry->key);
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
        pf_output_cell(event->answer, 0);
    }
}

/* Both in one transaction, so that the story ends with the state that is shown. */
static gboolean
load(PfQueue *queue, gint64 id, PfEntry **entry, GPtrArray **story, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (pf_queue_begin(queue, &failure)) {
        if (pf_queue_read(queue, id, entry, &failure) && *entry)
            *story = pf_queue_read_history(queue, id, &failure);
        pf_queue_end(queue, &failure);
    }
    if (!failure && !*entry)
        pf_queue_set_unknown(&failure, id);
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

int
pf_queue_run_show(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autoptr(PfEntry) entry = NULL;
    g_autoptr(GPtrArray) story = NULL;
    gint64 id = 0;

    if (!pf_queue_parse_id(arguments->operands[0], &id, error))
        return EX_USAGE;
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    if (!queue || !load(queue, id, &entry, &story, error))
        return EX_OK;
    if (arguments->json) {
        pf_output_json_take(pf_queue_json_whole(entry, story));
    } else {
        print_entry(entry);
        print_story(story);
    }
    return EX_OK;
}

static gboolean
queue_print_json(const PfEntry *entry, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_entry(entry));
    return TRUE;
}

static gboolean
queue_print_row(const PfEntry *entry, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id);
    gboolean *header = data;

    if (!*header) {
        pf_output_cell("ID", 5);
        pf_output_cell("STATE", 8);
        pf_output_cell("SINCE", 16);
        pf_output_cell("WHY", 19);
        pf_output_cell("EPISODE", 0);
        *header = TRUE;
    }
    pf_output_cell(id, 5);
    pf_output_cell(pf_entry_state_name(entry->state), 8);
    pf_output_time_cell(entry->updated, 16);
    pf_output_cell(entry->reason, 19);
    pf_output_cell(entry->title ? entry->title : entry->key, 0);
    return TRUE;
}

static int
list(PfApp *app, const char *state_name, gboolean json, GError **error)
{
    PfEntryState state = PF_ENTRY_STATES;
    gboolean header = FALSE;

    if (g_strcmp0(state_name, "unmatched") == 0)
        return pf_queue_run_unmatched(app, json, error);
    if (state_name && !pf_entry_state_from_name(state_name, &state)) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                    "--state '%s' must be held, queued, sending, flattred, owned, failed, dropped or unmatched",
                    state_name);
        return EX_USAGE;
    }
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    if (!queue || !pf_queue_each(queue, state, json ? queue_print_json : queue_print_row, &header, error))
        return EX_OK;
    if (!json && !header)
        g_message("no entries");
    return EX_OK;
}

/* --- subcommands --- */

#define ANY G_MAXUINT

static const struct {
    const char *name;
    guint least, most; /* operands */
    gboolean takes_format, takes_all;
    int (*run)(PfApp *app, const PfQueueArguments *arguments, GError **error); /* NULL: it is the list */
    const char *missing;                                                       /* what to ask for */
} subcommands[] = {
    {"list", 0, 0, TRUE, FALSE, NULL, NULL},
    {"show", 1, 1, TRUE, FALSE, pf_queue_run_show, "which entry? name its id"},
    {"retry", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"hold", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"release", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"drop", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"match", 2, 2, FALSE, FALSE, pf_queue_run_match, "which file, and which episode? name the file and a GUID or URL"},
    {"dismiss", 1, ANY, FALSE, FALSE, pf_queue_run_dismiss,
     "which file? 'podflattr queue --state unmatched' lists them"},
    {"pause", 0, 0, FALSE, FALSE, pf_queue_run_pause, NULL},
    {"resume", 0, 0, FALSE, FALSE, pf_queue_run_resume, NULL},
    {"export", 0, 0, FALSE, FALSE, pf_queue_run_export, NULL},
    {"import", 0, 1, FALSE, FALSE, pf_queue_run_import, NULL},
};

gboolean
pf_queue_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (g_ascii_string_to_unsigned(*text == '#' ? text + 1 : text, 10, 1, G_MAXINT64, &number, NULL)) {
        *id = (gint64)number;
        return TRUE;
    }
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "'%s' is no entry's id; 'podflattr queue' shows them",
                text);
    return FALSE;
}

void
pf_queue_set_unknown(GError **error, gint64 id)
{
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "entry %" G_GINT64_FORMAT " does not exist", id);
}

static gboolean
refuse(GError **error, const char *what, const char *argument)
{
    g_autofree char *text = g_strdup_printf("%s '%s'", what, argument);

    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

static gboolean
find_subcommand(const PfQueueArguments *arguments, gboolean has_format, gboolean has_state, gsize *found,
                GError **error)
{
    gsize i = 0;

    while (i < G_N_ELEMENTS(subcommands) && !g_str_equal(subcommands[i].name, arguments->name))
        i++;
    if (i == G_N_ELEMENTS(subcommands))
        return refuse(error, "see 'podflattr queue --help': there is no subcommand", arguments->name);
    if (has_format && !subcommands[i].takes_format)
        return refuse(error, "--format is nothing for", arguments->name);
    if (has_state && subcommands[i].run)
        return refuse(error, "--state is nothing for", arguments->name);
    if (arguments->all && !subcommands[i].takes_all)
        return refuse(error, "--all is nothing for", arguments->name);
    if (arguments->count > subcommands[i].most)
        return refuse(error, "unexpected", arguments->operands[subcommands[i].most]);
    if (arguments->count < subcommands[i].least) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, subcommands[i].missing);
        return FALSE;
    }
    *found = i;
    return TRUE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    g_autofree char *state = NULL;
    PfQueueArguments arguments = {.name = "list"};
    gsize found = 0;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json (list, show)", "FORMAT"},
        {"state", 0, 0, G_OPTION_ARG_STRING, &state, "Only entries in this state (list)", "STATE"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &arguments.all, "All that it applies to (retry, hold, release, drop)", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_queue, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &arguments.json, error))
        return EX_USAGE;
    if (argc > 1)
        arguments.name = argv[1];
    arguments.count = argc > 2 ? (guint)argc - 2 : 0;
    arguments.operands = argv + argc - arguments.count;
    if (!find_subcommand(&arguments, format != NULL, state != NULL, &found, error))
        return EX_USAGE;
    return subcommands[found].run ? subcommands[found].run(app, &arguments, error)
                                  : list(app, state, arguments.json, error);
}

const PfCommand pf_command_queue = {
    "queue",
    "[SUBCOMMAND] [ID…|FILE…]",
    "Look at the queue and steer it",
    "Subcommands:\n"
    "  list              every entry (this is done when nothing is said)\n"
    "  show ID           one entry with its whole story\n"
    "  retry ID…|--all   send again what failed, was dropped (by id only) or waits for another try\n"
    "  hold ID…|--all    keep from being sent until it is released\n"
    "  release ID…|--all send what is held\n"
    "  drop ID…|--all    do not send\n"
    "  match FILE GUID|URL  say which episode a file is, by its GUID, enclosure, page or payment link\n"
    "  dismiss FILE…     say that files are no episodes of yours; nothing is flattred for them\n"
    "  pause, resume     stop all sending, and go on with it\n"
    "  export            write every entry with its story, as JSON Lines\n"
    "  import [FILE]     take over what export wrote, without doubling any\n"
    "\n"
    "States: held (waits for its delay or for you), queued, sending, flattred, owned (your own),\n"
    "failed (can never be paid), dropped; and unmatched: files whose episode was not found.",
    run,
    PF_COMMAND_NEEDS_ALL,
    TRUE};
