/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service notifies its user of, and when: a decision without I/O and clock. What has happened is read from the
 * stores (PfNews), so that nothing is told twice or lost when the service is started again; what was told is in a
 * PfNoticeMemory. notices.c does the reading and writing, notifier.c brings notices to the desktop.
 */
#pragma once

#include "config/config.h"
#include "queue/arrival.h"
#include "queue/queue.h"

/** Episodes are told of in one notice, and files in another, so often at the most, seconds. */
#define PF_NOTICE_EVERY 600

/** How long what comes together may take to come, seconds. */
#define PF_NOTICE_GATHER 10

/** How many of its entries a notice names at the most; the others are in it without a title. */
#define PF_NOTICE_NAMED 50

typedef enum {
    PF_NOTICE_THANKED,   /* episodes were flattred, or noted as owed */
    PF_NOTICE_PENDING,   /* they will be, unless the user drops them before */
    PF_NOTICE_ASKED,     /* they wait for the user's yes */
    PF_NOTICE_NO_MEANS,  /* sending stopped: the means are used up */
    PF_NOTICE_LOGIN,     /* sending stopped: the user has to log in */
    PF_NOTICE_UNMATCHED, /* files whose episode was not found beyond doubt */
    PF_NOTICE_REPORT,    /* a month has ended */
    PF_NOTICE_KINDS,     /* how many there are */
} PfNoticeKind;

/** What has happened. */
typedef struct {
    GPtrArray *entries; /* of PfQueueNews *, by event */
    PfGate gate;
    gint64 waiting;   /* entries that wait to be sent */
    GPtrArray *files; /* of PfArrival *: all that wait for the user */
    char month[16];   /* the one that has ended last, "2026-11" */
    gint64 episodes;  /* that came in it */
    gint64 month_end; /* when the month that runs now ends, seconds since the epoch */
} PfNews;

/** What was told already. Times are seconds since the epoch, 0 for never. */
typedef struct {
    gint64 event;        /* entries' events up to this one */
    gint64 entries_told; /* when */
    gint64 files_told;
    GArray *files; /* of gint64: the arrivals */
    gint64 gate_since;
    char month[16];
} PfNoticeMemory;

/** A notice. Strings and arrays are its own. */
typedef struct {
    PfNoticeKind kind;
    char *title;
    char *body;            /* lines, plain text */
    GPtrArray *entries;    /* of PfQueueNews *, lent by the news; empty for what is about none */
    const PfArrival *file; /* lent by the news; NULL for what is about none */
    const char *reason;    /* of the gate; NULL for what is not about it */
    char month[16];        /* "" for what is not about one */
} PfNotice;

/** The kind of a name as JSON has it ("thanked", "pending", "asked", "no_means", "login", "unmatched", "report");
 * PF_NOTICE_KINDS for one that is none. */
PfNoticeKind pf_notice_kind_from_name(const char *name);

void pf_notice_free(PfNotice *notice);

/** Frees what a memory holds. */
void pf_notice_memory_clear(PfNoticeMemory *memory);

/**
 * Decides what to tell now.
 *
 * @memory: is brought up to date
 * @level: a PfNotifyLevel; what it leaves out counts as told
 * @now: seconds since the epoch
 * @again: (out): when to ask again, if nothing happens before; seconds since the epoch
 *
 * Returns: (transfer full): of PfNotice *, maybe none. They lend from @news. Pure; any thread.
 */
GPtrArray *pf_notice_decide(const PfNews *news, PfNoticeMemory *memory, gint64 level, gint64 now, gint64 *again);

/**
 * Writes a notice as one line of JSON, as it is given to programs: event, title, body, and what it is about (entries,
 * more: how many of these have no title, file, candidates, reason, month). Returns: (transfer full).
 */
char *pf_notice_to_json(const PfNotice *notice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfNotice, pf_notice_free)
