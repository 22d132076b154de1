/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the modules of the queue share: its struct, its schema, and the columns of entries and arrivals. Private to
 * them.
 */
#pragma once

#include "queue/arrival.h"
#include "queue/queue.h"

struct PfQueue {
    PfDatabase *database;
    char *generation_path; /* of the file that names the generation, see schema.c */
};

/*
 * The columns but for the id, each as COLUMN(column, member of the struct, kind); the kinds are in records.c. So a list
 * of them ends with the id, whether columns are selected or a new row takes NULL for it.
 */
#define PF_ENTRY_COLUMNS(COLUMN)                                                                                       \
    COLUMN(key, key, TEXT)                                                                                             \
    COLUMN(url, url, TEXT)                                                                                             \
    COLUMN(state, state, ENTRY_STATE)                                                                                  \
    COLUMN(reason, reason, TEXT)                                                                                       \
    COLUMN(attempts, attempts, NUMBER)                                                                                 \
    COLUMN(next_attempt, next_attempt, TIME_OR_NULL)                                                                   \
    COLUMN(feed, feed, TEXT)                                                                                           \
    COLUMN(guid, guid, TEXT)                                                                                           \
    COLUMN(title, title, TEXT)                                                                                         \
    COLUMN(file, file, TEXT)                                                                                           \
    COLUMN(source, source, SOURCE)                                                                                     \
    COLUMN(created, created, TIME)                                                                                     \
    COLUMN(updated, updated, TIME)                                                                                     \
    COLUMN(thing_id, thing_id, NUMBER_OR_NULL)                                                                         \
    COLUMN(thing_link, thing_link, TEXT)                                                                               \
    COLUMN(thing_title, thing_title, TEXT)                                                                             \
    COLUMN(period, period, TEXT)                                                                                       \
    COLUMN(own_faults, own_faults, NUMBER)                                                                             \
    COLUMN(doubt, doubt, TIME_OR_NULL)                                                                                 \
    COLUMN(sent_as, sent_as, TEXT)                                                                                     \
    COLUMN(priority, by_hand, INVERTED_FLAG)                                                                           \
    COLUMN(counted, counted, TIME_OR_NULL)                                                                             \
    COLUMN(enclosure, enclosure, TEXT)                                                                                 \
    COLUMN(published, published, TIME_OR_NULL)                                                                         \
    COLUMN(owed, owed, TEXT)                                                                                           \
    COLUMN(show, show, TEXT)                                                                                           \
    COLUMN(show_title, show_title, TEXT)                                                                               \
    COLUMN(seconds, seconds, NUMBER_OR_NULL)                                                                           \
    COLUMN(heard, heard, NUMBER_OR_NULL)                                                                               \
    COLUMN(payee, payee, TEXT)                                                                                         \
    COLUMN(doubt_server, doubt_server, TIME_OR_NULL)                                                                   \
    COLUMN(address, address, TEXT)                                                                                     \
    COLUMN(month, month, TEXT)                                                                                         \
    COLUMN(checked, checked, TIME_OR_NULL)

#define PF_ARRIVAL_COLUMNS(COLUMN)                                                                                     \
    COLUMN(source, source, SOURCE)                                                                                     \
    COLUMN(path, path, BYTES)                                                                                          \
    COLUMN(size, size, NUMBER)                                                                                         \
    COLUMN(changed, changed, NUMBER)                                                                                   \
    COLUMN(former, former, BYTES)                                                                                      \
    COLUMN(played, played, FLAG)                                                                                       \
    COLUMN(progress, progress, NUMBER)                                                                                 \
    COLUMN(feed, feed, TEXT)                                                                                           \
    COLUMN(enclosure, enclosure, TEXT)                                                                                 \
    COLUMN(guid, guid, TEXT)                                                                                           \
    COLUMN(title, title, TEXT)                                                                                         \
    COLUMN(payment, payment, TEXT)                                                                                     \
    COLUMN(heard, heard, NUMBER)                                                                                       \
    COLUMN(duration, duration, NUMBER)                                                                                 \
    COLUMN(started, started, NUMBER)                                                                                   \
    COLUMN(seen, seen, TIME)                                                                                           \
    COLUMN(state, state, ARRIVAL_STATE)                                                                                \
    COLUMN(reason, reason, TEXT)                                                                                       \
    COLUMN(candidates, candidates, TEXT)                                                                               \
    COLUMN(next_try, next_try, TIME_OR_NULL)                                                                           \
    COLUMN(tries, tries, NUMBER)                                                                                       \
    COLUMN(entry, entry, NUMBER_OR_NULL)                                                                               \
    COLUMN(episode, episode, TEXT)                                                                                     \
    COLUMN(device, device, NUMBER_OR_NULL)                                                                             \
    COLUMN(inode, inode, NUMBER_OR_NULL)

/* For lists of them in SQL: "a, b, " and ":a, :b, ". */
#define PF_COLUMN_SQL_NAME(column, member, kind) #column ", "
#define PF_COLUMN_SQL_ARGUMENT(column, member, kind) ":" #member ", "

/** Brings a database to the schema: makes it in an empty one, and refuses one of another version
 * (PF_DATABASE_ERROR_VERSION). All or nothing, in one transaction. @path is for the message. */
gboolean pf_queue_schema_prepare(PfDatabase *database, const char *path, GError **error);

/** Reads a database's version and refuses one of another version (PF_DATABASE_ERROR_VERSION), without changing
 * anything.
 */
gboolean pf_queue_schema_check(PfDatabase *database, const char *path, GError **error);

/** The name of a damaged database in a scratch folder, where it may be changed. */
#define PF_QUEUE_DAMAGED "damaged.db"

/** Adds a row to an entry's history, with its state and reason. @event: at, what and answer are taken */
gboolean pf_queue_add_event(PfQueue *queue, const PfEntry *entry, PfEvent event, GError **error);

/** Inserts an entry as it is, but for its id. @id: (out): the one that it gets. */
gboolean pf_queue_insert(PfQueue *queue, const PfEntry *entry, gint64 *id, GError **error);

/** Writes what sending changes of an entry: everything from its state to the thing, and `updated`. */
gboolean pf_queue_update(PfQueue *queue, const PfEntry *entry, GError **error);

/**
 * Finds the entry that a draft would double, by the rule of pf_queue_add().
 *
 * @id: (out): 0 when there is none
 * @rival: (out): one that claims the same for another payee, and neither failed nor was dropped; 0 when there is none
 */
gboolean pf_queue_find_same(PfQueue *queue, const PfEntry *draft, gint64 *id, gint64 *rival, GError **error);

/** Notes in both histories that two entries claim one thing for two payees; the earlier one is held if it waits. */
gboolean pf_queue_contest(PfQueue *queue, gint64 id, gint64 rival, gint64 now, GError **error);
