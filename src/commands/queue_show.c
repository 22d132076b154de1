/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue show: one entry with its whole story. */
#include "commands/queue_command.h"

#include "base/clock.h"
#include "commands/output.h"
#include "commands/queue_json.h"
#include "queue/history.h"
#include <stdio.h>

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
            *story = pf_queue_read_story(queue, id, &failure);
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
