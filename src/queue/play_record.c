/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/play_record.h"

#include "base/clock.h"
#include "base/url.h"
#include "queue/arrival.h"
#include "queue/queue_private.h"
#include "sources/play.h"

/* The highest speed at which anybody listens, times normal speed. */
#define FASTEST 3

/* A position is reported when it has moved on by this part of the episode. */
#define PARTS 20

/* The same where nobody knows how long it is, seconds. */
#define A_PART 120

/* A piece that was reported longer ago is not reported again, seconds: servers are asked for less. */
#define PIECES_KEPT ((gint64)60 * 86400)

/* What was heard longer ago than this is looked for as if it had been heard then, seconds: what comes late is not given
 * up at once for having been looked for in vain. */
#define OLDEST ((gint64)6 * 86400)

void
pf_play_record_clear(PfPlayRecord *record)
{
    g_clear_pointer(&record->fault, g_free);
}

static gboolean
take_record(sqlite3_stmt *row, gpointer data)
{
    *(PfPlayRecord *)data = (PfPlayRecord){.first = sqlite3_column_int64(row, 0),
                                           .asked = sqlite3_column_int64(row, 1),
                                           .since = sqlite3_column_int64(row, 2),
                                           .failures = sqlite3_column_int64(row, 3),
                                           .fault = pf_database_dup_text(row, 4)};
    return FALSE;
}

gboolean
pf_play_record_load(PfQueue *queue, const char *name, PfPlayRecord *record, GError **error)
{
    gint64 now = pf_clock_now();

    *record = (PfPlayRecord){0};
    gboolean loaded = pf_database_each(
        queue->database,
        pf_database_prepare(queue->database, error,
                            "SELECT first, asked, since, failures, fault FROM play_record WHERE name = ?", "s", name),
        take_record, record, error);
    /* A clock was wrong, here or at the server: nothing would be new for as long. */
    record->first = MIN(record->first, now);
    record->asked = MIN(record->asked, now);
    record->since = MIN(record->since, now);
    return loaded;
}

gboolean
pf_play_record_save(PfQueue *queue, const char *name, const PfPlayRecord *record, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO play_record (name, first, asked, since, failures, fault)"
                           " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET first = excluded.first,"
                           " asked = excluded.asked, since = excluded.since, failures = excluded.failures,"
                           " fault = excluded.fault",
                           "siiiis", name, record->first, record->asked, record->since, record->failures,
                           record->fault);
}

/* What was known of a play when its record was last looked at. */
typedef struct {
    gboolean is_known;
    gint64 place;  /* the position, or the count */
    gint64 unsaid; /* seconds that were heard and not reported yet */
    gint64 at;     /* of that position */
} Known;

static gboolean
take_known(sqlite3_stmt *row, gpointer data)
{
    *(Known *)data =
        (Known){TRUE, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
    return FALSE;
}

static gboolean
load_known(PfQueue *queue, const char *record, const char *name, Known *known, GError **error)
{
    *known = (Known){0};
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error,
                                                "SELECT place, unsaid, at FROM play WHERE record = ? AND name = ?",
                                                "ss", record, name),
                            take_known, known, error);
}

static gboolean
save_known(PfQueue *queue, const char *record, const PfPlay *play, const Known *known, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO play (record, name, is_piece, place, unsaid, at) VALUES (?, ?, ?, ?, ?, ?)"
                           " ON CONFLICT (record, name) DO UPDATE SET place = excluded.place,"
                           " unsaid = excluded.unsaid, at = excluded.at",
                           "ssiiii", record, play->name, (gint64)(play->kind == PF_PLAY_PIECE), known->place,
                           known->unsaid, known->at);
}

/* Whether it says what was played: a file, or an address. */
static gboolean
has_place(const PfPlay *play)
{
    const char *place = play->path ? play->path : play->enclosure;

    return place && (*place == '/' || pf_url_is_web(place));
}

/* @heard: seconds, 0 when it was played to its end */
static gboolean
add_arrival(PfQueue *queue, const PfPlay *play, gint64 heard, gint64 now, GError **error)
{
    g_autoptr(PfArrival) arrival = pf_arrival_new();
    gboolean is_new;
    gint64 id;

    arrival->source = PF_SOURCE_PLAY;
    arrival->path = g_strdup(play->path ? play->path : play->enclosure);
    arrival->feed = g_strdup(play->feed);
    arrival->enclosure = g_strdup(play->enclosure);
    arrival->guid = g_strdup(play->guid);
    arrival->title = g_strdup(play->title);
    arrival->played = TRUE;
    arrival->heard = heard;
    arrival->duration = play->duration;
    arrival->progress = heard > 0 ? -1 : 100;
    arrival->seen = CLAMP(play->at > 0 ? play->at : now, now - OLDEST, now);
    arrival->next_try = now;
    return pf_arrival_add(queue, arrival, &id, &is_new, error);
}

/* Seconds that were heard between what was known and what is said now. */
static gint64
measure(const PfPlayRecord *record, const PfPlay *play, const Known *known, gint64 now)
{
    gint64 moved = play->position - (known->is_known ? known->place : 0);
    gint64 since = play->at > 0 ? (known->is_known ? known->at : record->first) : record->asked;
    gint64 until = play->at > 0 ? MIN(play->at, now) : now;

    return CLAMP(moved, 0, MAX(until - since, 0) * FASTEST);
}

/* @heard: (out): to be reported: seconds, 0 for all; negative for nothing */
static void
compare(const PfPlayRecord *record, const PfPlay *play, gint64 now, Known *known, gint64 *heard)
{
    gboolean is_old = record->first == 0 || (play->at > 0 && play->at < record->first);

    *heard = -1;
    switch (play->kind) {
    case PF_PLAY_PIECE:
        if (!is_old && !known->is_known && play->heard > 0)
            *heard = play->heard;
        break;
    case PF_PLAY_COUNT:
        if (!is_old && play->count > (known->is_known ? known->place : 0))
            *heard = 0;
        known->place = play->count;
        break;
    case PF_PLAY_POSITION:
        known->unsaid += is_old ? 0 : measure(record, play, known, now);
        known->place = play->position;
        if (known->unsaid > 0 && known->unsaid >= (play->duration > 0 ? play->duration / PARTS : A_PART)) {
            *heard = known->unsaid;
            known->unsaid = 0;
        }
        break;
    }
    known->at = play->at > 0 ? MIN(play->at, now) : now;
}

gboolean
pf_play_record_take(PfQueue *queue, const char *name, const PfPlayRecord *record, const GPtrArray *plays, gint64 now,
                    guint *added, GError **error)
{
    *added = 0;
    for (guint i = 0; i < plays->len; i++) {
        const PfPlay *play = plays->pdata[i];
        Known known;
        gint64 heard;

        if (!load_known(queue, name, play->name, &known, error))
            return FALSE;
        const Known before = known;
        compare(record, play, now, &known, &heard);
        /* A record of thousands is written where something has changed in it. */
        if (before.is_known && before.place == known.place && before.unsaid == known.unsaid && heard < 0)
            continue;
        if (!save_known(queue, name, play, &known, error))
            return FALSE;
        if (heard < 0 || !has_place(play))
            continue;
        if (!add_arrival(queue, play, heard, now, error))
            return FALSE;
        ++*added;
    }
    return pf_database_run(queue->database, error, "DELETE FROM play WHERE record = ? AND is_piece AND at < ?", "si",
                           name, now - PIECES_KEPT);
}
