/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month's statement: which shows are thanked with how much of the budget, what of that is paid, what waits and what
 * was left out. It is made of what the queue and the known feeds have, which is given to it piece by piece, and of no
 * I/O; months and days are those of the local time zone.
 *
 * A share below the minimum is kept for its show until its shares add up to it; then they are due together. A month is
 * frozen when its first share is settled: from then on its shares are those that were written down, and what comes
 * later counts in the next month. Pure but for the time zone; one thread.
 */
#pragma once

#include "config/config.h"
#include "feed/show.h"
#include "queue/ledger.h"

/** Room for a month as it is written everywhere, "2026-11". */
#define PF_MONTH_SIZE 8

/** What the user wants. Strings are lent. */
typedef struct {
    char month[PF_MONTH_SIZE];
    PfMoney budget;
    PfWeight weight;
    guint cap_percent;
    gint64 minimum;   /* in the budget's currency: less than this is carried over */
    gboolean carry;   /* whether what was not paid is added to the next month's */
    gint64 now;       /* seconds since the epoch */
    gboolean settles; /* whether a share is to be settled: PfStatement.freezing and to_freeze are made then */
} PfStatementRequest;

/** A way to pay a show. Strings as in the feed; NULL where there is nothing. */
typedef struct {
    const char *method; /* "link" (the user's), "lightning", "funding", "payment" or "page"; static, with N_() */
    char *payee;        /* what it is called, or whom it pays */
    char *address;      /* a URL, or user@host */
    char *url;          /* what opens it: http, https, mailto or lightning; NULL when nothing safe does */
} PfStatementWay;

typedef enum {
    PF_SHARE_NOTHING, /* no share: no budget, or its factor is 0 */
    PF_SHARE_CARRIED, /* less than the minimum, kept */
    PF_SHARE_DUE,
    PF_SHARE_PART_PAID, /* and the rest is due */
    PF_SHARE_PAID,
    PF_SHARE_ELSEWHERE, /* the user pays it elsewhere */
    PF_SHARE_STATES,
} PfShareState;

/** The state's name in JSON and CSV: "due", "carried", "paid" … */
const char *pf_share_state_name(PfShareState state);

/** A show in the statement. Amounts are in the currency's smallest unit. */
typedef struct {
    guint number; /* from 1, the largest first */
    char *show;   /* its key: "guid" or feed, see ledger.h */
    char *title;
    char *feed;       /* the address of one of its feeds, as the user knows it; NULL unknown */
    GPtrArray *feeds; /* of char *: those of all its feeds, as pf_url_identity() spells them */
    char *page;       /* NULL unknown, as the next */
    char *owner;
    gint64 episodes;
    gint64 seconds;
    gint64 share;   /* of this month */
    gint64 carried; /* of the months before, not paid then; below 0 what was paid too much */
    gint64 paid;    /* for this month */
    gint64 due;     /* what is to be paid now */
    PfShareState state;
    GPtrArray *ways;        /* of PfStatementWay *, best first */
    GPtrArray *settlements; /* of PfSettlement *, lent by the statement: those of this month that stand */
} PfStatementRow;

/** Episodes of one show that wait, or were left out, for one reason. */
typedef struct {
    char *state;  /* of the queue */
    char *reason; /* NULL unknown */
    char *show;   /* its title */
    char *title;  /* of the first of them */
    gint64 episodes;
} PfStatementGroup;

/** A file without an episode. */
typedef struct {
    char *name; /* without its folder; made printable */
    char *reason;
    gint64 seen;
} PfStatementFile;

/** A month in a row of months. */
typedef struct {
    char month[PF_MONTH_SIZE];
    gint64 episodes;
    gint64 paid; /* in the statement's currency */
} PfStatementMonth;

/** A statement. */
typedef struct {
    PfStatementRequest request; /* of a frozen month the budget and the weight that it had */
    gint64 from, to;            /* its first second, and the one after its last */
    gboolean frozen;
    gboolean over; /* whether the month has ended */
    guint shows;   /* with episodes in the month */
    gint64 episodes;
    gint64 seconds;
    gint64 unknown; /* episodes whose length is not known */
    gint64 shared;  /* what the shares add up to */
    gint64 due;     /* what is due, all together */
    gint64 paid;
    GPtrArray *rows;     /* of PfStatementRow *, by number */
    GPtrArray *waiting;  /* of PfStatementGroup * */
    GPtrArray *left_out; /* of PfStatementGroup * */
    GPtrArray *files;    /* of PfStatementFile * */
    guint days;
    gint64 episodes_by_day[31];
    GArray *months;         /* of PfStatementMonth: this one and up to eleven before it, without gaps */
    GPtrArray *settlements; /* of PfSettlement *, all that were given */
    GPtrArray *to_freeze;   /* of PfSettledShare *: of the months up to this one that are not frozen */
    GPtrArray *freezing;    /* of PfSettledMonth *: those months, the oldest first */
} PfStatement;

void pf_statement_free(PfStatement *statement);

/** Asks the configuration. @month: (nullable): this one. @budget: (nullable): the configuration's */
void pf_statement_request_init(PfStatementRequest *request, const PfConfig *config, const char *month,
                               const PfMoney *budget, gint64 now);

/** Whether a text is a month, "2026-11", from 1970 to 9998. */
gboolean pf_month_is_valid(const char *text);

/** The local month that a time lies in: the user's; pf_clock_month() tells the server's. @month: room for
 * PF_MONTH_SIZE. Returns: @month. */
const char *pf_month_of(gint64 time, char *month);

/** The local month before the one that a time lies in. @month: room for PF_MONTH_SIZE. Returns: @month. */
const char *pf_month_before(gint64 time, char *month);

/** The first second of a month. */
gint64 pf_month_start(const char *month);

/** The first second after a month. */
gint64 pf_month_end(const char *month);

/* --- making one --- */

typedef struct PfStatementMaker PfStatementMaker;

PfStatementMaker *pf_statement_maker_new(const PfStatementRequest *request);
void pf_statement_maker_free(PfStatementMaker *maker);

/** Adds what is settled: first months, then shares. Consumes them. */
void pf_statement_maker_take_month(PfStatementMaker *maker, PfSettledMonth *month);
void pf_statement_maker_take_share(PfStatementMaker *maker, PfSettledShare *share);
void pf_statement_maker_take_settlement(PfStatementMaker *maker, PfSettlement *settlement);

/** Adds a known show. Consumes it. */
void pf_statement_maker_take_show(PfStatementMaker *maker, PfShow *show);

/** Adds an entry, after the months. The first second after the month is where entries stop to matter. */
void pf_statement_maker_add_entry(PfStatementMaker *maker, const PfLedgerEntry *entry);

/** Adds a file without an episode; those of other months are left out. */
void pf_statement_maker_add_file(PfStatementMaker *maker, const char *path, const char *reason, gint64 seen);

/** Makes the statement. Consumes @maker. @config: what the user has decided for feeds. Returns: (transfer full). */
PfStatement *pf_statement_maker_finish(PfStatementMaker *maker, const PfConfig *config);

/** A URL that opens an address: http, https, mailto and lightning only. Returns: (transfer full): NULL for none. */
char *pf_statement_dup_url(const char *address);

/**
 * Puts an amount into a payment page's address, for pages that are known to read it from there.
 *
 * Returns: (transfer full): NULL where the page is not known to, or has an amount already.
 */
char *pf_statement_dup_url_with_amount(const char *url, gint64 minor, const char *currency);

/** Whole minutes, rounded. */
gint64 pf_statement_minutes(gint64 seconds);

/** "November 2026". @month: "2026-11". Returns: (transfer full). */
char *pf_month_dup_name(const char *month);

/** What a state and a reason of the queue say, for people: "held: waits for your release". Returns: (transfer full). */
char *pf_statement_dup_reason(const PfStatementGroup *group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfStatement, pf_statement_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfStatementMaker, pf_statement_maker_free)
