/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/entry.h"

static const char *const state_names[PF_ENTRY_STATES] = {
    [PF_ENTRY_HELD] = "held",         [PF_ENTRY_QUEUED] = "queued", [PF_ENTRY_SENDING] = "sending",
    [PF_ENTRY_FLATTRED] = "flattred", [PF_ENTRY_OWNED] = "owned",   [PF_ENTRY_FAILED] = "failed",
    [PF_ENTRY_DROPPED] = "dropped",
};

static const char *const source_names[PF_SOURCES] = {
    [PF_SOURCE_WATCH] = "watch", [PF_SOURCE_HOOK] = "hook", [PF_SOURCE_SCAN] = "scan",
    [PF_SOURCE_ADD] = "add",     [PF_SOURCE_PLAY] = "play",
};

PfEntry *
pf_entry_new(void)
{
    return g_new0(PfEntry, 1);
}

void
pf_entry_free(PfEntry *entry)
{
    if (!entry)
        return;
    g_free(entry->key);
    g_free(entry->period);
    g_free(entry->url);
    g_free(entry->reason);
    g_free(entry->feed);
    g_free(entry->guid);
    g_free(entry->title);
    g_free(entry->file);
    g_free(entry->enclosure);
    g_free(entry->sent_as);
    g_free(entry->thing_link);
    g_free(entry->thing_title);
    g_free(entry);
}

static gboolean
index_of(const char *const *names, gsize count, const char *name, gsize *index)
{
    for (gsize i = 0; i < count; i++) {
        if (g_strcmp0(name, names[i]) == 0) {
            *index = i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *
pf_entry_state_name(PfEntryState state)
{
    return state_names[state];
}

gboolean
pf_entry_state_from_name(const char *name, PfEntryState *state)
{
    gsize index;

    if (!index_of(state_names, PF_ENTRY_STATES, name, &index))
        return FALSE;
    *state = (PfEntryState)index;
    return TRUE;
}

const char *
pf_source_name(PfSource source)
{
    return source_names[source];
}

gboolean
pf_source_from_name(const char *name, PfSource *source)
{
    gsize index;

    if (!index_of(source_names, PF_SOURCES, name, &index))
        return FALSE;
    *source = (PfSource)index;
    return TRUE;
}
