/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue: every flattr that is to be paid, was paid or was decided against, kept in one SQLite database until the
 * server has answered. What is in here is the truth; a process may be killed at any moment without losing or doubling
 * an entry.
 *
 * Any number of processes may add and read at once; only the holder of the sender's lock (pf_queue_lock_take()) claims
 * and settles. Functions that write must be called in a transaction (pf_queue_begin()): what they did is durable when
 * pf_transaction_commit() returned TRUE, and not before. Errors are PF_DATABASE_ERRORs. One thread per PfQueue.
 */
#pragma once

#include "base/database.h"
#include "queue/gate.h"
#include <glib.h>

/*
 * One entry of the queue: a plain struct, and the names of its states and sources.
 */

typedef enum {
    PF_ENTRY_HELD,     /* waits for its delay or for the user */
    PF_ENTRY_QUEUED,   /* waits to be sent */
    PF_ENTRY_SENDING,  /* its request is on the way, or was when the program ended */
    PF_ENTRY_FLATTRED, /* the server said so */
    PF_ENTRY_OWNED,    /* the thing is the user's own: nothing to pay */
    PF_ENTRY_FAILED,   /* can never be paid; reason says why */
    PF_ENTRY_DROPPED,  /* the user, or a rule, decided against it */
    PF_ENTRY_OWED,     /* thanks that are owed, and nothing that can be sent for it */
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
    char *url;    /* what is sent; NULL when there is no link */
    char *payee;  /* who gets it, see pf_payment_dup_payee(); "" when there is no link */
    PfEntryState state;
    char *reason;
    gint64 attempts;     /* requests sent for it */
    gint64 own_faults;   /* those of them that failed through the entry itself */
    gint64 next_attempt; /* for queued and held */
    gint64 doubt;        /* when a request was sent whose result is still unknown */
    gint64 doubt_server; /* the same by the server's clock; 0 where that was not known */
    char *sent_as;       /* fingerprint of the account that the last request was sent with, see pf_account_new() */
    gint64 checked;      /* when the server was last asked about it in full, and did not have it */
    char *feed;
    char *guid;
    char *title;
    char *file;
    char *address;    /* where the feed was found in the end, which rules may name as well; NULL where it is feed */
    char *enclosure;  /* its address's identity, see url.h */
    gint64 published; /* when, as the feed says */
    PfSource source;
    gboolean by_hand; /* the user has named or released it; not only what the source says */
    gint64 counted;   /* the first second of the day in which it counts against its feed's daily limit */
    gint64 created;
    gint64 updated;
    gint64 thing_id;
    char *thing_link;
    char *thing_title;
    char *owed;       /* why it is never sent, PF_OWED_…: it is owed instead of queued; NULL for what can be sent */
    char *show;       /* names its show, see PfSubmission; NULL for what is of none */
    char *show_title; /* the show's title */
    gint64 seconds;   /* how long the episode is; 0 unknown */
    gint64 heard;     /* seconds of it that were heard; 0 unknown */
    char *month;      /* the frozen month that it counts in, see ledger.h; NULL for none */
} PfEntry;

/** Why an entry can only be owed: its feed has no link for a Flattr server; no server was configured when it came. What
 * came later, a link or a server, changes nothing: old months are not sent. */
#define PF_OWED_NO_LINK "no_link"
#define PF_OWED_NO_SERVER "no_server"

PfEntry *pf_entry_new(void);
void pf_entry_free(PfEntry *entry);

/** The state's name in JSON and in the store. */
const char *pf_entry_state_name(PfEntryState state);

/** The state of a name. Returns FALSE, and leaves @state, for one that is none. */
gboolean pf_entry_state_from_name(const char *name, PfEntryState *state);

/** The source's name in JSON and in the store. */
const char *pf_source_name(PfSource source);

/** What an entry is made of: all members, the id last. */
extern const PfColumns pf_entry_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEntry, pf_entry_free)

typedef struct PfQueue PfQueue;

/**
 * Opens the queue in a state folder, making both (private to their owner) when missing.
 *
 * @busy_ms: how long calls wait for other processes, milliseconds
 *
 * Returns: (transfer full): the queue; NULL with @error set.
 */
PfQueue *pf_queue_open(const char *state_dir, int busy_ms, GError **error);

/**
 * Opens a copy of the queue in memory, for reading where the state folder is read-only or its disk full: the log beside
 * the database cannot be read without writing. What is changed in it is lost. This process must have no PfQueue open
 * there: to read the files releases its locks.
 *
 * Returns: (transfer full): the copy; NULL with a PF_DATABASE_ERROR set.
 */
PfQueue *pf_queue_open_copy(const char *state_dir, GError **error);

void pf_queue_close(PfQueue *queue);

/** Gives memory back that a quiet service does not need; see pf_database_shrink(). */
gboolean pf_queue_shrink(PfQueue *queue);

/** Changes how long calls wait for other processes, milliseconds. */
void pf_queue_set_busy_timeout(PfQueue *queue, int busy_ms);

/** Begins a transaction, see pf_database_begin(). */
PfTransaction *pf_queue_begin(PfQueue *queue, GError **error);

/** Begins a transaction that only reads, see pf_database_begin_reading(). */
PfTransaction *pf_queue_begin_reading(PfQueue *queue, GError **error);

/**
 * Adds an entry, unless it is there already: one of the same episode (see episode.h), no matter in which state it is
 * and what it pays.
 *
 * A draft that claims another entry's thing for another payee is held as "contested", and so is the other entry while
 * it waits to be sent: only the user can say who is right. A claim that failed or was dropped stands in nobody's way.
 *
 * @draft: key, period, url, state, reason, next_attempt, counted, feed, address, guid, title, file, source, owed, show,
 * show_title, seconds, heard, enclosure and published are taken; payee too, or read from the url where it is NULL;
 * created is the time. state, reason and next_attempt are changed when it is contested.
 * @id: (out): the entry's id, the earlier one's if there is one
 * @added: (out): whether it is new
 */
gboolean pf_queue_add(PfQueue *queue, PfEntry *draft, gint64 *id, gboolean *added, GError **error);

/** One thing that happened to an entry. Strings are NULL where there is nothing to say. */
typedef struct {
    gint64 at;    /* seconds since the epoch */
    char *what;   /* one word: "added", "sending", "answer", "interrupted", "due", "retry", "imported" … */
    char *state;  /* the entry's state after it, by name */
    char *reason; /* its reason after it */
    char *answer; /* what the server said */
    gint64 times; /* how often it happened, the last time at @at */
} PfEvent;

void pf_event_free(PfEvent *event);

/** An event to be written: one word, what was said (or NULL), both borrowed, and the time in seconds since the epoch.
 */
static inline PfEvent
pf_event_of(const char *what, const char *answer, gint64 at)
{
    return (PfEvent){.at = at, .what = (char *)what, .answer = (char *)answer};
}

/** Adds a line to an entry's history. To be called in a transaction. @event: as pf_event_of() makes it */
gboolean pf_queue_note(PfQueue *queue, gint64 entry, PfEvent event, GError **error);

/**
 * Finds the entry of an episode that a file was queued for.
 *
 * @draft: its file, and the item's guid; where that is NULL, the item is known by the enclosure's address, which may be
 * NULL as well
 * @id: (out): 0 when there is none
 */
gboolean pf_queue_find_file(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error);

/**
 * Finds the entry that is to be sent next: by hand before by itself, then the one due for longest. Entries in doubt
 * about which the server has not been asked are passed over.
 *
 * Returns: (transfer full): the entry; NULL without an error when nothing is due at @now.
 */
PfEntry *pf_queue_find_due(PfQueue *queue, gint64 now, GError **error);

/**
 * Takes an entry to be sent: it becomes `sending`, in @entry and in the store.
 *
 * @account: the fingerprint of the account it is sent with
 */
gboolean pf_queue_claim(PfQueue *queue, PfEntry *entry, const char *account, gint64 now, GError **error);

/**
 * Takes up what a sender that was killed has left: entries that are `sending` while nobody sends. Each may have been
 * paid, so it is queued again with the doubt noted. The caller holds the sender's lock.
 */
gboolean pf_queue_adopt_orphans(PfQueue *queue, gint64 now, GError **error);

/**
 * Makes due what was postponed while the clock was ahead: such entries were last changed in what is now the future, and
 * would wait until the clock is there again. The caller holds the sender's lock.
 */
gboolean pf_queue_correct_times(PfQueue *queue, gint64 now, GError **error);

/**
 * Puts the question to what waits from an earlier month and was never sent from here: another machine, or this one
 * before a backup was restored, may have paid it then. Such entries become doubtful, so the server is asked first. The
 * caller holds the sender's lock.
 */
gboolean pf_queue_question_old(PfQueue *queue, gint64 now, GError **error);

/**
 * Notices that the database is a copy: of an earlier day (a backup that was restored), or from another machine. What
 * waits in it may have been paid since, so it becomes doubtful. The caller holds the sender's lock.
 */
gboolean pf_queue_adopt_copy(PfQueue *queue, gint64 now, GError **error);

/**
 * Notes with the doubts since a time what the server's clock showed then, where that is not noted yet.
 *
 * @since: our clock has not been set since then, seconds since the epoch
 * @ahead: by how much the server's is ahead of it, seconds
 */
gboolean pf_queue_date_doubts(PfQueue *queue, gint64 since, gint64 ahead, GError **error);

/** Checks that the database is still the file at its place. Returns FALSE with PF_DATABASE_ERROR_MOVED set if not. */
gboolean pf_queue_check_place(PfQueue *queue, GError **error);

/**
 * Lists entries that are due but in doubt, and about which the server has to be asked first.
 *
 * @most: how many, at the most
 *
 * Returns: (transfer full): of PfEntry *, maybe none; NULL with @error set.
 */
GPtrArray *pf_queue_list_doubtful(PfQueue *queue, gint64 now, guint most, GError **error);

/**
 * Writes back an entry's state, reason, attempts, own_faults, next_attempt, doubt, checked, sent_as and thing, and adds
 * to its history.
 *
 * @event: as pf_event_of() makes it; its time becomes the entry's `updated`, in @entry and in the store
 */
gboolean pf_queue_settle(PfQueue *queue, PfEntry *entry, PfEvent event, GError **error);

/**
 * Finds the time at which the next queued or held entry is due.
 *
 * @due: set to seconds since the epoch; G_MAXINT64 when nothing waits for a time
 */
gboolean pf_queue_read_next_due(PfQueue *queue, gint64 *due, GError **error);

/** What entries a limit is for. */
typedef enum {
    PF_DAY_LIMIT_FEED,  /* those of one feed, by its address as it was given with them */
    PF_DAY_LIMIT_PAYEE, /* those for one payee */
    PF_DAY_LIMIT_ALL,   /* all that came by themselves */
} PfDayLimitKind;

/** How many entries a day may have. */
typedef struct {
    PfDayLimitKind kind;
    const char *value; /* the feed or the payee; NULL has none */
    gint64 most;       /* so many fill a day */
} PfDayLimit;

/**
 * Lists the days that have their share of entries (PfEntry.counted), those left out that failed or were dropped.
 *
 * @today: the first second of the first day that matters, seconds since the epoch
 *
 * Returns: (transfer full): of gint64, first seconds of days, ascending; NULL with @error set.
 */
GArray *pf_queue_list_full_days(PfQueue *queue, PfDayLimit limit, gint64 today, GError **error);

/** Forgets which entries counted on days that began before @before, seconds since the epoch. */
gboolean pf_queue_forget_days(PfQueue *queue, gint64 before, GError **error);

/** Counts the flattrs that were paid since a time, seconds since the epoch. */
gboolean pf_queue_count_paid_since(PfQueue *queue, gint64 since, gint64 *count, GError **error);

/** Reads how many entries are in each state. */
gboolean pf_queue_count(PfQueue *queue, gint64 counts[PF_ENTRY_STATES], GError **error);

/** Is called for one entry, which is the caller's only during the call. Returns whether to go on. */
typedef gboolean (*PfEntryFunc)(const PfEntry *entry, gpointer data);

/**
 * Reads one entry.
 *
 * @entry: (out) (transfer full): it, or NULL when there is none with that id
 */
gboolean pf_queue_read(PfQueue *queue, gint64 id, PfEntry **entry, GError **error);

/** Calls @each for every entry in @state (PF_ENTRY_STATES: in any), by id. */
gboolean pf_queue_each(PfQueue *queue, PfEntryState state, PfEntryFunc each, gpointer data, GError **error);

/** Which entries are listed. */
typedef struct {
    PfEntryState state;    /* PF_ENTRY_STATES: any */
    gint64 since, until;   /* that were created then or later, and before then; seconds since the epoch; 0: no bound */
    const char *feed;      /* a part of the feed's address, without regard to capital letters; NULL: any */
    const char *show;      /* a part of the show's title, likewise */
    gint64 limit;          /* how many at most, the newest; 0: all */
    gboolean newest_first; /* else the oldest */
} PfQueueFilter;

/** Calls @each for every entry that the filter lets through. */
gboolean pf_queue_list(PfQueue *queue, const PfQueueFilter *filter, PfEntryFunc each, gpointer data, GError **error);

/** An entry of which there is news. Strings are NULL where nothing is known; times are seconds since the epoch. */
typedef struct {
    gint64 event; /* the news' place in the order in which things happened */
    gint64 at;    /* when */
    gint64 id;
    char *key;
    PfEntryState state;
    char *reason;
    gint64 next_attempt; /* when what is held goes on by itself; 0: never */
    char *title;
    char *show_title;
} PfQueueNews;

/** Finds the last thing that happened to any entry. @event: (out): its place in the order, 0 for none. */
gboolean pf_queue_read_last_event(PfQueue *queue, gint64 *event, GError **error);

/**
 * Lists what a person wants to know of: entries that were flattred, and those that came by themselves and are owed, or
 * are held for their delay or for the user. Those that are in another state by now are left out.
 *
 * @after: only what happened after this event
 * @most: how many, at the most, the earliest
 *
 * Returns: (transfer full): of PfQueueNews *, in order, maybe none; NULL with @error set.
 */
GPtrArray *pf_queue_list_news(PfQueue *queue, gint64 after, guint most, GError **error);

/** Is called for a reason (NULL for none) and how many entries are held for it. */
typedef void (*PfReasonFunc)(const char *reason, gint64 count, gpointer data);

/** Says why entries are held, the most frequent reason first. */
gboolean pf_queue_each_held_reason(PfQueue *queue, PfReasonFunc each, gpointer data, GError **error);

/**
 * Reads an entry's history, from when it was added to the server's last answer.
 *
 * @entry: its id
 *
 * Returns: (transfer full): of PfEvent *, as it happened; empty when there is no such entry; NULL with @error set.
 */
GPtrArray *pf_queue_read_history(PfQueue *queue, gint64 entry, GError **error);

/**
 * Reads what was answered to the last request, of whichever entry; or why no answer came.
 *
 * @answer: (out) (transfer full): the words; NULL when nothing was ever sent
 */
gboolean pf_queue_read_last_answer(PfQueue *queue, char **answer, GError **error);

/**
 * Reads the gate. While the user has paused sending it is shut for PF_GATE_PAUSED; what it was closed for besides is
 * kept, and comes back when sending is resumed.
 *
 * @token: (out) (transfer full): the fingerprint of the token it closed on, or NULL
 */
gboolean pf_queue_load_gate(PfQueue *queue, PfGate *gate, char **token, GError **error);

/** Writes the gate. PF_GATE_PAUSED is the user's and not written by this: see pf_queue_pause(). */
gboolean pf_queue_save_gate(PfQueue *queue, const PfGate *gate, const char *token, GError **error);

/**
 * Pauses sending, or resumes it. A sender that is at work takes no further entry from then on.
 *
 * @now: since when, seconds since the epoch
 * @changed: (out): FALSE when it was so already
 */
gboolean pf_queue_pause(PfQueue *queue, gint64 now, gboolean *changed, GError **error);
gboolean pf_queue_resume(PfQueue *queue, gboolean *changed, GError **error);

/** Reads whether the user has paused. */
gboolean pf_queue_read_paused(PfQueue *queue, gboolean *paused, GError **error);

/** The rate limit as the server last told it; all 0 when it never did. Times in seconds since the epoch. */
typedef struct {
    gint64 limit;
    gint64 remaining;
    gint64 current;
    gint64 reset;
} PfRateLimit;

gboolean pf_queue_load_rate_limit(PfQueue *queue, PfRateLimit *limit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEvent, pf_event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfQueue, pf_queue_close)

/*
 * The lock that makes one process the sender: a locked file in the state folder that holds the process's id. The kernel
 * releases it when the process ends, however it ends.
 */

#define PF_QUEUE_LOCK_ERROR (pf_queue_lock_error_quark())
GQuark pf_queue_lock_error_quark(void);

typedef enum {
    PF_QUEUE_LOCK_ERROR_HELD, /* another process sends; the message names it */
    PF_QUEUE_LOCK_ERROR_FILE, /* the file cannot be made or locked */
} PfQueueLockError;

typedef struct PfQueueLock PfQueueLock;

/** Takes the lock of a state folder, without waiting. Returns NULL with a PF_QUEUE_LOCK_ERROR set. */
PfQueueLock *pf_queue_lock_take(const char *state_dir, GError **error);
void pf_queue_lock_release(PfQueueLock *lock);

/** The process that holds the lock of a state folder; 0 when nobody does. */
gint64 pf_queue_lock_get_holder(const char *state_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfQueueLock, pf_queue_lock_release)
