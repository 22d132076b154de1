/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an entry and an arrival are made of, described once: reading and writing the store, export, import and the spool
 * all go by these tables. Without SQLite, which a hook does not link.
 */
#include "queue/queue_private.h"

static const char *const state_names[PF_ENTRY_STATES] = {
    [PF_ENTRY_HELD] = "held",         [PF_ENTRY_QUEUED] = "queued", [PF_ENTRY_SENDING] = "sending",
    [PF_ENTRY_FLATTRED] = "flattred", [PF_ENTRY_OWNED] = "owned",   [PF_ENTRY_FAILED] = "failed",
    [PF_ENTRY_DROPPED] = "dropped",   [PF_ENTRY_OWED] = "owed",
};

static const char *const source_names[PF_SOURCES] = {
    [PF_SOURCE_WATCH] = "watch", [PF_SOURCE_HOOK] = "hook", [PF_SOURCE_SCAN] = "scan",
    [PF_SOURCE_ADD] = "add",     [PF_SOURCE_PLAY] = "play",
};

static const char *const arrival_state_names[PF_ARRIVAL_STATES] = {
    [PF_ARRIVAL_NEW] = "new",         [PF_ARRIVAL_WAITING] = "waiting", [PF_ARRIVAL_UNMATCHED] = "unmatched",
    [PF_ARRIVAL_MATCHED] = "matched", [PF_ARRIVAL_REFUSED] = "refused",
};

#define TEXT PF_COLUMN_TEXT, FALSE, NULL, 0
#define BYTES PF_COLUMN_BYTES, FALSE, NULL, 0
#define NUMBER PF_COLUMN_NUMBER, FALSE, NULL, 0
#define NUMBER_OR_NULL PF_COLUMN_NUMBER, TRUE, NULL, 0
#define TIME PF_COLUMN_TIME, FALSE, NULL, 0
#define TIME_OR_NULL PF_COLUMN_TIME, TRUE, NULL, 0
#define FLAG PF_COLUMN_FLAG, FALSE, NULL, 0
#define INVERTED_FLAG PF_COLUMN_INVERTED_FLAG, FALSE, NULL, 0
#define ENTRY_STATE PF_COLUMN_NAME, FALSE, state_names, PF_ENTRY_STATES
#define ARRIVAL_STATE PF_COLUMN_NAME, FALSE, arrival_state_names, PF_ARRIVAL_STATES
#define SOURCE PF_COLUMN_NAME, FALSE, source_names, PF_SOURCES

#define OF_ENTRY(column, member, kind) {#member, G_STRUCT_OFFSET(PfEntry, member), kind},
#define OF_ARRIVAL(column, member, kind) {#member, G_STRUCT_OFFSET(PfArrival, member), kind},

static const PfColumn entry_columns[] = {PF_ENTRY_COLUMNS(OF_ENTRY) OF_ENTRY(id, id, NUMBER)};
static const PfColumn arrival_columns[] = {PF_ARRIVAL_COLUMNS(OF_ARRIVAL) OF_ARRIVAL(id, id, NUMBER)};

const PfColumns pf_entry_columns = {entry_columns, G_N_ELEMENTS(entry_columns)};
const PfColumns pf_arrival_columns = {arrival_columns, G_N_ELEMENTS(arrival_columns)};

/* --- entries --- */

PfEntry *
pf_entry_new(void)
{
    return g_new0(PfEntry, 1);
}

void
pf_entry_free(PfEntry *entry)
{
    pf_columns_free(&pf_entry_columns, entry);
}

const char *
pf_entry_state_name(PfEntryState state)
{
    return state_names[state];
}

gboolean
pf_entry_state_from_name(const char *name, PfEntryState *state)
{
    guint index = pf_column_index_of(state_names, PF_ENTRY_STATES, name);

    if (index < PF_ENTRY_STATES)
        *state = (PfEntryState)index;
    return index < PF_ENTRY_STATES;
}

const char *
pf_source_name(PfSource source)
{
    return source_names[source];
}

/* --- arrivals --- */

PfArrival *
pf_arrival_new(void)
{
    PfArrival *arrival = g_new0(PfArrival, 1);

    arrival->size = -1;
    arrival->progress = -1;
    return arrival;
}

void
pf_arrival_free(PfArrival *arrival)
{
    pf_columns_free(&pf_arrival_columns, arrival);
}

gboolean
pf_arrival_is_stream(const PfArrival *arrival)
{
    return g_ascii_strncasecmp(arrival->path, "http://", 7) == 0 ||
           g_ascii_strncasecmp(arrival->path, "https://", 8) == 0;
}

const char *
pf_arrival_state_name(PfArrivalState state)
{
    return arrival_state_names[state];
}
