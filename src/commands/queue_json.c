/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/queue_command.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "commands/output.h"

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

    /* 0 is written as null, which is none. */
    if (text && (!pf_clock_parse(text, &time) || (needed && time == 0)))
        reader->fault = name;
    return time;
}

static gint64
read_count(Reader *reader, const char *name, gboolean needed)
{
    const json_t *value = json_object_get(reader->object, name);
    gboolean is_absent = !value || json_is_null(value);

    if ((is_absent ? needed : !json_is_integer(value) || json_integer_value(value) < 0) && !reader->fault)
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
    entry->thing_id = read_count(&inner, "id", FALSE);
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
        *(gint64 *)member = read_count(reader, name, needed);
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

/* Refuses what no stored entry can have. */
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
        event->times = read_count(&inner, "times", FALSE);
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
                        _("not an entry written by this version of 'podflattr queue export'"));
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
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("field \"%s\" is missing or invalid"),
                    reader.fault);
        return FALSE;
    }
    *entry = g_steal_pointer(&read);
    *story = g_steal_pointer(&events);
    return TRUE;
}

gboolean
pf_queue_json_read_record(json_t *object, const PfColumns *columns, gpointer record, GError **error)
{
    static const char *const needed[] = {"id",    "month",  "show",   "currency", "weight", "frozen",
                                         "noted", "amount", "budget", "share",    NULL};
    Reader reader = {.object = object, .needed = needed};

    if (!check_version(object, error))
        return FALSE;
    for (gsize i = 0; i < columns->count; i++)
        if (!g_str_equal(columns->columns[i].member, "row"))
            read_member(&reader, &columns->columns[i], G_STRUCT_MEMBER_P(record, columns->columns[i].offset));
    if (!reader.fault)
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("field \"%s\" is missing or invalid"), reader.fault);
    return FALSE;
}

/* podflattr queue show: one entry with its whole story. */
