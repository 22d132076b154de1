/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry of the queue: a plain struct, and the names of its states and sources.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_ENTRY_HELD,     /* waits for its delay or for the user */
    PF_ENTRY_QUEUED,   /* waits to be sent */
    PF_ENTRY_SENDING,  /* its request is on the way, or was when the program ended */
    PF_ENTRY_FLATTRED, /* the server said so */
    PF_ENTRY_OWNED,    /* the thing is the user's own: nothing to pay */
    PF_ENTRY_FAILED,   /* can never be paid; reason says why */
    PF_ENTRY_DROPPED,  /* the user, or a rule, decided against it */
    PF_ENTRY_STATES,   /* how many there are */
} PfEntryState;

typedef enum {
    PF_SOURCE_WATCH,
    PF_SOURCE_HOOK,
    PF_SOURCE_SCAN,
    PF_SOURCE_ADD,
    PF_SOURCE_PLAY,
    PF_SOURCES,
} PfSource;

/** An entry. Strings are NULL where nothing is known; times are seconds since the epoch, 0 for none. */
typedef struct {
    gint64 id;
    char *key;    /* names the thing that is flattred, see pf_payment_new() */
    char *period; /* "" for what is flattred once for good; "2014-06" for a channel's link, once a month */
    char *url;    /* what is sent */
    PfEntryState state;
    char *reason;
    gint64 attempts;     /* requests sent for it */
    gint64 own_faults;   /* those of them that failed through the entry itself */
    gint64 next_attempt; /* for queued and held */
    gint64 doubt;        /* when a request was sent whose result is still unknown */
    char *sent_as;       /* fingerprint of the account that the last request was sent with, see pf_account_new() */
    gint64 checked;      /* when the server was last asked about it in full, and did not have it */
    char *feed;
    char *guid;
    char *title;
    char *file;
    char *enclosure;  /* its address's identity, see web_address.h; kept where there is no guid */
    gint64 published; /* when, as the feed says; kept where there is no guid */
    PfSource source;
    gboolean by_hand; /* the user has named or released it; not only what the source says */
    gint64 counted;   /* the first second of the day in which it counts against its feed's daily limit */
    gint64 created;
    gint64 updated;
    gint64 thing_id;
    char *thing_link;
    char *thing_title;
} PfEntry;

PfEntry *pf_entry_new(void);
void pf_entry_free(PfEntry *entry);

/** The state's name in JSON and in the store. */
const char *pf_entry_state_name(PfEntryState state);

/** The state of a name. Returns FALSE, and leaves @state, for one that is none. */
gboolean pf_entry_state_from_name(const char *name, PfEntryState *state);

/** The source's name in JSON and in the store. */
const char *pf_source_name(PfSource source);

/** The source of a name. Returns FALSE, and leaves @source, for one that is none. */
gboolean pf_source_from_name(const char *name, PfSource *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEntry, pf_entry_free)
