/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/queue_json.h"

#include "base/clock.h"
#include "commands/command.h"
#include "commands/output.h"
#include "queue/history.h"
#include <string.h>

/* The version of an exported line; one that is not known is not guessed at. */
#define EXPORT_VERSION 1

static json_t *
thing_to_json(const PfEntry *entry)
{
    if (!entry->thing_id && !entry->thing_link)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "id", pf_output_json_id(entry->thing_id), "link",
                     pf_output_json_string(entry->thing_link), "title", pf_output_json_string(entry->thing_title));
}

json_t *
pf_queue_json_entry(const PfEntry *entry)
{
    return json_pack("{s:I, s:o, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "id",
                     (json_int_t)entry->id, "key", pf_output_json_string(entry->key), "url",
                     pf_output_json_string(entry->url), "state", pf_entry_state_name(entry->state), "reason",
                     pf_output_json_string(entry->reason), "attempts", (json_int_t)entry->attempts, "next_attempt",
                     pf_output_json_time(entry->next_attempt), "feed", pf_output_json_string(entry->feed), "guid",
                     pf_output_json_string(entry->guid), "title", pf_output_json_string(entry->title), "file",
                     pf_output_json_string(entry->file), "source", pf_source_name(entry->source), "created",
                     pf_output_json_time(entry->created), "updated", pf_output_json_time(entry->updated), "thing",
                     thing_to_json(entry), "period", pf_output_json_string(*entry->period ? entry->period : NULL));
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
    json_t *object = pf_queue_json_entry(entry);
    json_t *events = json_array();

    for (guint i = 0; i < story->len; i++)
        json_array_append_new(events, event_to_json(story->pdata[i]));
    json_object_set_new(object, "own_faults", json_integer(entry->own_faults));
    json_object_set_new(object, "doubt", pf_output_json_time(entry->doubt));
    json_object_set_new(object, "sent_as", pf_output_json_string(entry->sent_as));
    json_object_set_new(object, "by_hand", json_boolean(entry->by_hand));
    json_object_set_new(object, "counted", pf_output_json_time(entry->counted));
    json_object_set_new(object, "enclosure", pf_output_json_string(entry->enclosure));
    json_object_set_new(object, "published", pf_output_json_time(entry->published));
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
read_names(Reader *reader, PfEntry *entry)
{
    g_autofree char *state = read_text(reader, "state", TRUE);
    g_autofree char *source = read_text(reader, "source", TRUE);

    if (reader->fault)
        return;
    if (!pf_entry_state_from_name(state, &entry->state))
        reader->fault = "state";
    else if (!pf_source_from_name(source, &entry->source))
        reader->fault = "source";
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

static PfEntry *
read_entry(Reader *reader)
{
    PfEntry *entry = pf_entry_new();

    entry->key = read_text(reader, "key", TRUE);
    entry->period = read_text(reader, "period", FALSE);
    entry->url = read_text(reader, "url", TRUE);
    read_names(reader, entry);
    entry->reason = read_text(reader, "reason", FALSE);
    entry->attempts = read_count(reader, "attempts");
    entry->own_faults = read_count(reader, "own_faults");
    entry->next_attempt = read_time(reader, "next_attempt", FALSE);
    entry->doubt = read_time(reader, "doubt", FALSE);
    entry->sent_as = read_text(reader, "sent_as", FALSE);
    entry->feed = read_text(reader, "feed", FALSE);
    entry->guid = read_text(reader, "guid", FALSE);
    entry->title = read_text(reader, "title", FALSE);
    entry->file = read_text(reader, "file", FALSE);
    entry->enclosure = read_text(reader, "enclosure", FALSE);
    entry->published = read_time(reader, "published", FALSE);
    entry->by_hand = json_is_true(json_object_get(reader->object, "by_hand"));
    entry->counted = read_time(reader, "counted", FALSE);
    entry->created = read_time(reader, "created", TRUE);
    entry->updated = read_time(reader, "updated", FALSE);
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
