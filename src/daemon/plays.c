/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/plays.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/main_loop.h"
#include "queue/play_record.h"
#include "sources/play.h"
#include "sources/podcatcher.h"

#include <gio/gio.h>

/* A podcatcher that plays writes its database every few seconds; so long it is not looked at again, seconds. */
#define LOOK_EVERY 60

struct PfPlays {
    PfQueue *queue;
    const PfConfig *config;
    void (*heard)(gpointer data);
    gpointer data;
    PfAlarm *alarm;
    GCancellable *reading; /* NULL when nothing is being read */
    gboolean again;        /* something has changed since that began */
    gint64 looked;         /* when the last look began, 0 for never */
};

/* What one podcatcher's record says. */
typedef struct {
    char *name;
    GPtrArray *plays; /* of PfPlay */
} Record;

static void
record_free(gpointer data)
{
    Record *record = data;

    g_free(record->name);
    g_ptr_array_unref(record->plays);
    g_free(record);
}

/* --- reading, in a thread --- */

static void
read_one(const PfPodcatcher *podcatcher, GPtrArray *records)
{
    g_autoptr(GPtrArray) plays = pf_play_list_new();
    g_autoptr(GError) failure = NULL;
    Record *record;

    if (!podcatcher->kind->list_plays)
        return;
    /* One that cannot be asked is shown with its feeds, and said nothing. */
    if (!podcatcher->kind->list_plays(podcatcher, plays, &failure)) {
        g_info("%s", failure->message);
        return;
    }
    record = g_new(Record, 1);
    record->name = g_strdup(podcatcher->list);
    record->plays = g_steal_pointer(&plays);
    g_ptr_array_add(records, record);
}

static void
read_all(GTask *task, gpointer source, gpointer config, GCancellable *cancellable)
{
    g_autoptr(GPtrArray) named = pf_podcatchers_list_named(config);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(record_free);

    (void)source;
    (void)cancellable;
    for (guint i = 0; i < named->len; i++)
        read_one(named->pdata[i], records);
    g_task_return_pointer(task, g_steal_pointer(&records), (GDestroyNotify)g_ptr_array_unref);
}

/* --- taking --- */

static gboolean
take(PfPlays *plays, const Record *record, guint *added, GError **error)
{
    g_auto(PfPlayRecord) known = {0};
    gint64 now = pf_clock_now();
    guint count = 0;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(plays->queue, error);

    if (!transaction || !pf_play_record_load(plays->queue, record->name, &known, error) ||
        !pf_play_record_take(plays->queue, record->name, &known, record->plays, now, &count, error))
        return FALSE;
    known.asked = now;
    if (known.first == 0)
        known.first = now;
    *added += count;
    return pf_play_record_save(plays->queue, record->name, &known, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static void
was_read(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GPtrArray) records = g_task_propagate_pointer(G_TASK(result), NULL);
    PfPlays *plays = data;
    guint added = 0;

    (void)source;
    if (!records) /* given up: there is nobody any more to tell */
        return;
    g_clear_object(&plays->reading);
    for (guint i = 0; i < records->len; i++) {
        g_autoptr(GError) failure = NULL;
        if (!take(plays, records->pdata[i], &added, &failure)) {
            g_info(_("%s (what was played is taken later)"), failure->message);
            plays->again = TRUE;
        }
    }
    if (added > 0)
        plays->heard(plays->data);
    if (plays->again)
        pf_plays_look(plays, plays->config);
}

static void
look_now(gpointer data)
{
    PfPlays *plays = data;

    plays->again = FALSE;
    plays->looked = pf_clock_now();
    pf_alarm_set(plays->alarm, G_MAXINT64);
    plays->reading = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(NULL, plays->reading, was_read, plays);
    g_task_set_task_data(task, pf_config_copy(plays->config), (GDestroyNotify)pf_config_free);
    g_task_run_in_thread(task, read_all);
}

void
pf_plays_look(PfPlays *plays, const PfConfig *config)
{
    gint64 now = pf_clock_now();

    plays->config = config;
    if (config->trigger != PF_TRIGGER_PLAY)
        return;
    if (plays->reading)
        plays->again = TRUE;
    else if (plays->looked == 0 || plays->looked > now || plays->looked + LOOK_EVERY <= now)
        look_now(plays);
    else
        pf_alarm_set(plays->alarm, plays->looked + LOOK_EVERY);
}

PfPlays *
pf_plays_new(PfQueue *queue, void (*heard)(gpointer data), gpointer data)
{
    PfPlays *plays = g_new0(PfPlays, 1);

    *plays = (PfPlays){.queue = queue, .heard = heard, .data = data};
    plays->alarm = pf_alarm_new(look_now, plays);
    return plays;
}

void
pf_plays_free(PfPlays *plays)
{
    if (!plays)
        return;
    if (plays->reading)
        g_cancellable_cancel(plays->reading);
    g_clear_object(&plays->reading);
    pf_alarm_free(plays->alarm);
    g_free(plays);
}
