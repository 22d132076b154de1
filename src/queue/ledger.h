/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: every episode that came by itself, as a download or because it was heard, in the order in which they
 * came. It is the queue's entries seen from another side, for those who thank by the month instead of by the episode:
 * those in state "owed" wait for that, the others are thanked for, decided against, or not decided yet.
 *
 * Errors are PF_DATABASE_ERRORs. In the queue's thread.
 */
#pragma once

#include "queue/queue.h"

/** An entry of the ledger. Strings are NULL where nothing is known. */
typedef struct {
    gint64 id;        /* the queue's */
    char *show;       /* names the show: its podcast:guid, else the identity (url.h) of its feed's address;
                         never NULL */
    char *show_title; /* as the feed had it when the episode came */
    char *feed;       /* the feed's address, as the user or the hook named it, without a password */
    char *guid;       /* the episode's */
    char *title;      /* the episode's; the show's when the channel's link was flattred for it */
    gint64 when;      /* when it came, seconds since the epoch */
    gint64 seconds;   /* how long it is; 0 unknown */
    char *state;      /* by its name: "owed", "held", "flattred", "dropped" … */
    char *reason;     /* "no_link" or "no_server" when owed; else as in the queue */
    char *payee;      /* whom its link pays, see pf_payment_dup_payee(); NULL without a link */
    gint64 heard;     /* seconds of it that were heard; 0 unknown */
    char *month;      /* the frozen month that it counts in, see PfSettledMonth; NULL for none */
    gboolean channel; /* a flattr of the channel, once a month, in place of its episodes */
} PfLedgerEntry;

/** Is called for one entry, which is the caller's only during the call. Returns whether to go on. */
typedef gboolean (*PfLedgerFunc)(const PfLedgerEntry *entry, gpointer data);

/**
 * Calls @each for every entry that came in a time, in the order in which they came; what was only read of ("scan
 * --submit", "add") did not come. They are read one by one: what is kept of them is the caller's to decide.
 *
 * @from: the first second, since the epoch
 * @to: the second after the last one
 *
 * Returns: FALSE with @error set. That @each has ended it early is no failure.
 */
gboolean pf_ledger_each(PfQueue *queue, gint64 from, gint64 to, PfLedgerFunc each, gpointer data, GError **error);

/**
 * Makes owed what was held until now, for its delay or for the feed's daily limit. For those who look at the ledger;
 * nothing wakes up for it. In a transaction of its own, which is begun only when there is something to do.
 *
 * @now: seconds since the epoch
 */
gboolean pf_ledger_release_due(PfQueue *queue, gint64 now, GError **error);

/**
 * Notes how much of an episode was heard, if that is more than is known.
 *
 * @entry: its id
 * @heard: seconds
 */
gboolean pf_ledger_note_heard(PfQueue *queue, gint64 entry, gint64 heard, GError **error);

/*
 * What was paid by hand or by a wallet for the shows of the ledger, month by month: a journal, in which nothing is
 * removed. A month is frozen when its first share is settled: its shares are written down beside the payments, and each
 * entry that they are made of is marked with the month, so that what comes later counts in the next one.
 *
 * Functions that write are called in a transaction (pf_queue_begin()). Errors are PF_DATABASE_ERRORs. In the queue's
 * thread.
 */

/** A payment for a show. Strings are NULL where nothing is known; amounts in the currency's smallest unit (money.h);
 * times are seconds since the epoch, 0 for none. */
typedef struct {
    gint64 row;
    char *id;    /* a UUID: the same payment wherever the queue is imported */
    char *month; /* "2026-11": whose shares it pays */
    char *show;  /* the show's key, and its title then */
    char *title;
    gint64 amount;
    char *currency;
    gint64 paid_at; /* when, as the user says */
    gint64 noted;   /* when that was written down, and by whom */
    char *who;
    char *how;    /* "by hand", or as the user says */
    char *method; /* which of the show's ways, by its name; as statement.h has them */
    char *link;   /* what it was paid to */
    gint64 fee;
    char *reference;
    gint64 undone; /* when it was taken back; 0: it stands */
} PfSettlement;

/** A month that is frozen. */
typedef struct {
    char *month;
    gint64 frozen; /* when */
    gint64 budget;
    char *currency;
    char *weight; /* by its name in the configuration */
} PfSettledMonth;

/** A show's share of a frozen month. */
typedef struct {
    gint64 row;
    char *month;
    gint64 frozen; /* as the month's: which freezing it belongs to */
    char *show;
    char *title;
    gint64 episodes;
    gint64 seconds;
    gint64 share;
    char *currency;
} PfSettledShare;

extern const PfColumns pf_settlement_columns;
extern const PfColumns pf_settled_month_columns;
extern const PfColumns pf_settled_share_columns;

void pf_settlement_free(PfSettlement *settlement);
void pf_settled_month_free(PfSettledMonth *month);
void pf_settled_share_free(PfSettledShare *share);

/** Is called with a new record, which is the function's to keep or free. */
typedef void (*PfSettledMonthFunc)(PfSettledMonth *month, gpointer data);
typedef void (*PfSettledShareFunc)(PfSettledShare *share, gpointer data);
typedef void (*PfSettlementFunc)(PfSettlement *settlement, gpointer data);

/** Reads all of them: months and shares by month, payments as they were noted. */
gboolean pf_settled_month_each(PfQueue *queue, PfSettledMonthFunc each, gpointer data, GError **error);
gboolean pf_settled_share_each(PfQueue *queue, PfSettledShareFunc each, gpointer data, GError **error);
gboolean pf_settlement_each(PfQueue *queue, PfSettlementFunc each, gpointer data, GError **error);

/**
 * Freezes a month: marks the owed entries that came before its end, and are not of a frozen month, as counted in it.
 *
 * @month: frozen is the time
 * @end: the first second after it
 */
gboolean pf_settled_month_add(PfQueue *queue, const PfSettledMonth *month, gint64 end, GError **error);

/** Writes a share of a frozen month down. */
gboolean pf_settled_share_add(PfQueue *queue, const PfSettledShare *share, GError **error);

/** Writes a payment down; row is not taken. */
gboolean pf_settlement_add(PfQueue *queue, const PfSettlement *settlement, GError **error);

/** Takes a payment back. Months after the last one that a payment stands for are not frozen any more. */
gboolean pf_settlement_undo(PfQueue *queue, gint64 row, gint64 now, GError **error);

/**
 * Takes over what another queue has. A payment that is here too stays, and is undone when it is in either; a month that
 * is frozen here stays as it is, and takes no shares of another freezing. @added: (out): whether it is new here.
 */
gboolean pf_settlement_import(PfQueue *queue, const PfSettlement *settlement, gboolean *added, GError **error);
gboolean pf_settled_month_import(PfQueue *queue, const PfSettledMonth *month, gboolean *added, GError **error);
gboolean pf_settled_share_import(PfQueue *queue, const PfSettledShare *share, gboolean *added, GError **error);

/**
 * Marks an entry that was counted in a frozen month there, so that it is not counted once more here; not when the month
 * was frozen here by itself, without it: then it counts in the next one. After the months.
 *
 * @month: (nullable): the other queue's, NULL when it did not say
 */
gboolean pf_settled_entry_import(PfQueue *queue, gint64 entry, const char *name, const PfSettledMonth *month,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSettlement, pf_settlement_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSettledMonth, pf_settled_month_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSettledShare, pf_settled_share_free)
