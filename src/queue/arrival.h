/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrivals: files that were finished or played, as the watcher, a hook or a player told of them, kept in the queue's
 * database until the item behind each is known. An arrival is written (there, or by a hook into a file, spool.h)
 * before anything is done about it, so a process that dies loses none.
 *
 * As with PfQueue: writing functions are called in a transaction (pf_queue_begin()); errors are PF_DATABASE_ERRORs; one
 * thread.
 */
#pragma once

#include "queue/queue.h"

typedef enum {
    PF_ARRIVAL_NEW,       /* to be looked at as soon as next_try */
    PF_ARRIVAL_WAITING,   /* no item was found yet; it is tried again at next_try */
    PF_ARRIVAL_UNMATCHED, /* several items may be meant, or none was found for a week: the user decides; of the latter
                           * it is looked again at next_try whether a feed has brought one */
    PF_ARRIVAL_MATCHED,   /* its item was found and submitted; entry is the queue's, 0 when there was nothing to pay */
    PF_ARRIVAL_REFUSED,   /* no episode: reason says why */
    PF_ARRIVAL_STATES,    /* how many there are */
} PfArrivalState;

/** The reason of what a player has told of and nobody has called an episode, while it waits for feeds that may have it:
 * it is not shown. */
#define PF_ARRIVAL_STRAY "stray"

/** Strings are NULL where nothing is known; times are seconds since the epoch, 0 for none. */
typedef struct {
    gint64 id;
    PfSource source; /* PF_SOURCE_WATCH, PF_SOURCE_HOOK or PF_SOURCE_PLAY */
    char *path;      /* absolute; bytes as the file system has them, maybe no UTF-8; of a stream its http(s) URL */
    gint64 size;     /* bytes, -1 unknown */
    gint64 changed;  /* the file's ctime, nanoseconds since the epoch; 0 unknown */
    char *former;    /* base name that it had before it was renamed in its folder; bytes, as path */
    gboolean played; /* played, not only downloaded */
    gint64 progress; /* percent that was played, -1 unknown */
    char *feed;      /* what the reporter knows: the feed's URL … */
    char *enclosure; /* … the enclosure's URL … */
    char *guid;      /* … the item's GUID … */
    char *title;     /* … its title … */
    char *payment;   /* … and a payment link */
    gint64 heard;    /* seconds of the episode that were heard, at whatever speed; 0 unknown */
    gint64 duration; /* how long it is by the player, seconds; 0 unknown */
    gint64 started;  /* when it began to be heard, to end when it was told of; 0 unknown */
    PfArrivalState state;
    char *reason;     /* a short code: "several", "not_found", "no_media" … */
    char *candidates; /* JSON array text of what may be meant, for the user; NULL for none */
    gint64 seen;      /* when it was told of */
    gint64 next_try;  /* for new, waiting and unmatched; 0 for never */
    gint64 tries;     /* how often its item was looked for */
    gint64 entry;     /* the queue's, 0 for none */
    char *episode;    /* of one that was played: what names the episode that it was found to be; else NULL */
    gint64 device;    /* the file's st_dev and st_ino, as it was when it was looked at; 0 unknown */
    gint64 inode;
} PfArrival;

/** Makes an arrival that nothing is known of: size and progress are -1. Returns: (transfer full). Any thread. */
PfArrival *pf_arrival_new(void);
void pf_arrival_free(PfArrival *arrival);

/** What an arrival is made of: first those members that a hook knows, up to PF_ARRIVAL_TOLD; the id last. */
extern const PfColumns pf_arrival_columns;
#define PF_ARRIVAL_TOLD 16

/** The state's name in JSON and in the store. */
const char *pf_arrival_state_name(PfArrivalState state);

/**
 * Adds an arrival, unless it is known. What the watcher tells is known when path, size, changed and played are those of
 * an earlier one, no matter who reported that; what a hook or a player tells, when path, played, feed, enclosure and
 * guid are those of one that is neither matched nor refused yet; a piece that was heard is always new. One that is
 * known so learns what is new: a title or payment link that it lacked, the greater progress, and what more was heard. A
 * played file that nothing is told of but its path is what a hook named it when it last told of that path.
 *
 * @draft: all but id is taken; path must be set
 * @id: (out): its id, the earlier one's if it is known
 * @added: (out): whether it is new
 */
gboolean pf_arrival_add(PfQueue *queue, const PfArrival *draft, gint64 *id, gboolean *added, GError **error);

/** Writes back size and changed where they are unknown (a hook does not look at its file), feed, enclosure, guid, title
 * (a podcatcher's list may have said more than who told of it), state, reason, candidates,
 * next_try, tries, entry, device and inode. */
gboolean pf_arrival_settle(PfQueue *queue, const PfArrival *arrival, GError **error);

/**
 * Lists the arrivals of a path that are not matched, by id.
 *
 * @path: absolute; bytes as in PfArrival
 *
 * Returns: (transfer full): of PfArrival *, maybe none; NULL with @error set.
 */
GPtrArray *pf_arrival_list_path(PfQueue *queue, const char *path, GError **error);

/**
 * Lists new, waiting and unmatched arrivals that are due, the longest overdue first. A time that was written while the
 * clock was ahead counts as now.
 *
 * @now: seconds since the epoch
 * @most: how many, at the most
 *
 * Returns: (transfer full): of PfArrival *, maybe none; NULL with @error set.
 */
GPtrArray *pf_arrival_list_due(PfQueue *queue, gint64 now, guint most, GError **error);

/** Finds when the next new, waiting or unmatched arrival is due, seconds since the epoch; G_MAXINT64 for none. One that
 * pf_arrival_list_due() takes for put off on another clock is due at @now. */
gboolean pf_arrival_read_next_due(PfQueue *queue, gint64 now, gint64 *due, GError **error);

/** Makes all waiting arrivals due at @now, if they are not before: feeds have brought something new. @with_unmatched:
 * also the unmatched ones that are still looked for. @count: (out): how many. */
gboolean pf_arrival_hurry(PfQueue *queue, gboolean with_unmatched, gint64 now, guint *count, GError **error);

/** Is called for one arrival, which is the caller's only during the call. Returns whether to go on. */
typedef gboolean (*PfArrivalFunc)(const PfArrival *arrival, gpointer data);

/** Calls @each for every waiting, unmatched and refused arrival, by id: what `queue --state unmatched` shows. */
gboolean pf_arrival_each_open(PfQueue *queue, PfArrivalFunc each, gpointer data, GError **error);

/** Lists the same. Returns: (transfer full): of PfArrival *, by id, maybe none; NULL with @error set. */
GPtrArray *pf_arrival_list_open(PfQueue *queue, GError **error);

/** Reads one. @arrival: (out) (transfer full): it, or NULL when there is none with that id. */
gboolean pf_arrival_read(PfQueue *queue, gint64 id, PfArrival **arrival, GError **error);

/** Counts the arrivals that pf_arrival_each_open() goes through. @refused: (out): those of them that are no media. */
gboolean pf_arrival_count_open(PfQueue *queue, gint64 *count, gint64 *refused, GError **error);

/**
 * Finds the newest arrival of a path that is not matched.
 *
 * @path: absolute; bytes as in PfArrival
 * @arrival: (out) (transfer full): it, or NULL when there is none
 */
gboolean pf_arrival_find(PfQueue *queue, const char *path, PfArrival **arrival, GError **error);

/**
 * Finds the newest arrival of a path that was matched, has an entry, and came with a payment link.
 *
 * @path: absolute; bytes as in PfArrival
 * @arrival: (out) (transfer full): it, or NULL when there is none
 */
gboolean pf_arrival_find_paid(PfQueue *queue, const char *path, PfArrival **arrival, GError **error);

/** Whether anything told of a file that was played, as far as arrivals are kept. @any: (out). */
gboolean pf_arrival_has_played(PfQueue *queue, gboolean *any, GError **error);

/** Whether an arrival is a stream: its path is an address. Pure. */
gboolean pf_arrival_is_stream(const PfArrival *arrival);

/** What was heard of an episode, in one piece or in all. */
typedef struct {
    gint64 seconds; /* heard, each second that was heard twice counted twice; 0 unknown */
    gint64 percent; /* of the episode, 0 to 100; -1 when that cannot be told */
} PfHeard;

/** A piece that was heard: from an arrival. */
typedef struct {
    gint64 started, ended; /* seconds since the epoch; started 0 unknown */
    gint64 heard;          /* as PfArrival */
    gint64 duration;       /* as PfArrival */
    gint64 progress;       /* as PfArrival */
} PfHeardPiece;

/**
 * Adds up pieces. What two reporters heard at the same time (a player's own script, and the service on the
 * session bus) was heard once. Pure.
 *
 * @pieces: of PfHeardPiece, by `ended`
 * @length: how long the episode is as far as its feed says, seconds; 0 unknown. A player knows better.
 */
PfHeard pf_heard_sum(const GArray *pieces, gint64 length);

/**
 * Notes which episode a played arrival is of, and adds up all that was heard of that.
 *
 * @id: the arrival's
 * @episode: names the episode
 * @since: what was told of before does not count, seconds since the epoch
 * @length: as for pf_heard_sum()
 * @heard: (out)
 */
gboolean pf_arrival_note_episode(PfQueue *queue, gint64 id, const char *episode, gint64 since, gint64 length,
                                 PfHeard *heard, GError **error);

/** Forgets one. */
gboolean pf_arrival_remove(PfQueue *queue, gint64 id, GError **error);

/**
 * Lists the arrivals that have an entry and were a file of this number when they were looked at.
 *
 * @arrival: its device and inode are taken; itself is left out
 *
 * Returns: (transfer full): of PfArrival *, maybe none; NULL with @error set.
 */
GPtrArray *pf_arrival_list_inode(PfQueue *queue, const PfArrival *arrival, GError **error);

/** Forgets decided (matched, refused) arrivals seen before a time, so that the table does not grow for ever. */
gboolean pf_arrival_forget(PfQueue *queue, gint64 before, GError **error);

/** Files of one show, and of no other, that make a folder the show's. */
#define PF_ARRIVAL_FOLDER_FILES 3

/**
 * Notes that files in the folder of another one are of a feed.
 *
 * @path: of the file, absolute; bytes as in PfArrival
 * @feed: its URL
 * @files: how many; PF_ARRIVAL_FOLDER_FILES when the user has said so
 */
gboolean pf_arrival_note_folder(PfQueue *queue, const char *path, const char *feed, gint64 files, GError **error);

/**
 * Lists the feeds that the folder of a file has files of: the one that it has PF_ARRIVAL_FOLDER_FILES of, or several.
 *
 * @path: as for pf_arrival_note_folder()
 *
 * Returns: (transfer full): URLs, ended by NULL, maybe none; NULL with @error set.
 */
char **pf_arrival_list_folder(PfQueue *queue, const char *path, GError **error);

/**
 * Has the files that came while the clock was not set, before PF_CLOCK_EARLIEST, or more than 40 days ahead of @now,
 * come at @now, seconds since the epoch; not by a clock that still is not set. Otherwise they would be of an age at
 * which they are given up and forgotten, or of none, and kept for ever.
 */
gboolean pf_arrival_date(PfQueue *queue, gint64 now, GError **error);

/**
 * Gives up files whose episode was not found and that were seen before a time: they are no longer shown, and forgotten
 * like other decided ones.
 *
 * @count: (out): how many
 */
gboolean pf_arrival_give_up(PfQueue *queue, gint64 before, guint *count, GError **error);

/**
 * Reads the marks of a watched folder, in the file system's clock (ctime).
 *
 * @folder: absolute; bytes as the file system has them
 * @first: (out): when it was first watched, nanoseconds since the epoch: files changed then or before are never
 * flattred; 0 when it never was
 * @mark: (out): the last time at which all of it was looked at, seconds since the epoch; 0 when it never was
 */
gboolean pf_arrival_load_marks(PfQueue *queue, const char *folder, gint64 *first, gint64 *mark, GError **error);

/** Writes them. */
gboolean pf_arrival_save_marks(PfQueue *queue, const char *folder, gint64 first, gint64 mark, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfArrival, pf_arrival_free)
