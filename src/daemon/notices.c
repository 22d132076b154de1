/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notices.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/main_loop.h"
#include "daemon/notice.h"
#include "daemon/notifier.h"
#include "queue/ledger.h"
#include "statement/statement.h"
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

/* Entries that are read at once; more are told of the next time. */
#define MOST 500

struct PfNotices {
    PfQueue *queue;
    const PfApp *app;
    char *path;
    PfAlarm *alarm;
    PfNoticeMemory memory;
    gboolean remembers; /* the memory is the file's */
};

/* --- the memory --- */

static char *
memory_to_text(const PfNoticeMemory *memory)
{
    json_t *files = json_array();

    for (guint i = 0; memory->files && i < memory->files->len; i++)
        json_array_append_new(files, json_integer(g_array_index(memory->files, gint64, i)));
    json_t *object = json_pack("{s:I, s:I, s:I, s:o, s:I, s:s}", "event", (json_int_t)memory->event, "entries_told",
                               (json_int_t)memory->entries_told, "files_told", (json_int_t)memory->files_told, "files",
                               files, "gate_since", (json_int_t)memory->gate_since, "month", memory->month);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

static gboolean
memory_from_text(PfNoticeMemory *memory, const char *text)
{
    json_int_t event, entries_told, files_told, gate_since;
    const char *month;
    json_t *files, *file;
    size_t i;
    json_t *object = json_loads(text, 0, NULL);

    if (!object ||
        json_unpack(object, "{s:I, s:I, s:I, s:o, s:I, s:s}", "event", &event, "entries_told", &entries_told,
                    "files_told", &files_told, "files", &files, "gate_since", &gate_since, "month", &month) != 0) {
        json_decref(object);
        return FALSE;
    }
    memory->event = event;
    memory->entries_told = entries_told;
    memory->files_told = files_told;
    memory->gate_since = gate_since;
    g_strlcpy(memory->month, month, sizeof memory->month);
    memory->files = g_array_new(FALSE, FALSE, sizeof(gint64));
    json_array_foreach (files, i, file) {
        gint64 id = json_integer_value(file);
        g_array_append_val(memory->files, id);
    }
    json_decref(object);
    return TRUE;
}

static void
save(PfNotices *notices)
{
    g_autofree char *text = memory_to_text(&notices->memory);
    g_autoptr(GError) failure = NULL;

    if (!pf_private_file_write(notices->path, text, &failure))
        g_info(_("%s (notices may be shown again)"), failure->message);
}

static void
forget(PfNotices *notices)
{
    gboolean was_there;

    pf_alarm_set(notices->alarm, G_MAXINT64);
    pf_notice_memory_clear(&notices->memory);
    notices->memory = (PfNoticeMemory){0};
    notices->remembers = FALSE;
    (void)pf_private_file_remove(notices->path, &was_there, NULL);
}

/* --- the news --- */

static gboolean
add_file(const PfArrival *arrival, gpointer data)
{
    gboolean waits = arrival->state == PF_ARRIVAL_UNMATCHED ||
                     (arrival->state == PF_ARRIVAL_WAITING && g_strcmp0(arrival->reason, "unsure") == 0);

    if (waits) {
        PfArrival *copy = pf_arrival_new();
        copy->id = arrival->id;
        copy->path = g_strdup(arrival->path);
        copy->candidates = g_strdup(arrival->candidates);
        copy->seen = arrival->seen;
        g_ptr_array_add(data, copy);
    }
    return TRUE;
}

static gboolean
count_entry(const PfLedgerEntry *entry, gpointer data)
{
    (void)entry;
    (*(gint64 *)data)++;
    return TRUE;
}

static void
free_arrival(gpointer arrival)
{
    pf_arrival_free(arrival);
}

static void
clear_news(PfNews *news)
{
    g_clear_pointer(&news->entries, g_ptr_array_unref);
    g_clear_pointer(&news->files, g_ptr_array_unref);
}

/* All of one moment. */
static gboolean
read_news(PfNotices *notices, gint64 now, PfNews *news, GError **error)
{
    g_autoptr(PfTransaction) reading = pf_queue_begin_reading(notices->queue, error);
    g_autofree char *token = NULL;
    char current[PF_MONTH_SIZE], before[PF_MONTH_SIZE];
    gint64 counts[PF_ENTRY_STATES] = {0}, last = 0;

    news->files = g_ptr_array_new_with_free_func(free_arrival);
    if (!reading || !pf_queue_read_last_event(notices->queue, &last, error))
        return FALSE;
    /* A backup of the queue that was restored has fewer events than were remembered. */
    notices->memory.event = MIN(notices->memory.event, last);
    news->entries = pf_queue_list_news(notices->queue, notices->memory.event, MOST, error);
    if (!news->entries || !pf_queue_load_gate(notices->queue, &news->gate, &token, error) ||
        !pf_queue_count(notices->queue, counts, error) ||
        !pf_arrival_each_open(notices->queue, add_file, news->files, error))
        return FALSE;
    news->waiting = counts[PF_ENTRY_QUEUED];
    news->month_end = pf_month_end(pf_month_of(now, current));
    g_strlcpy(news->month, pf_month_before(now, before), sizeof news->month);
    if (strcmp(notices->memory.month, news->month) >= 0 || !notices->remembers)
        return TRUE;
    return pf_ledger_each(notices->queue, pf_month_end(pf_month_before(pf_month_end(before) - 1, current)),
                          pf_month_end(before), count_entry, &news->episodes, error);
}

/* What is there now is not told. */
static gboolean
begin(PfNotices *notices, gint64 now, GError **error)
{
    g_autofree char *text = NULL;
    PfNews news = {0};

    if (pf_private_file_read(notices->path, &text, NULL) && text && memory_from_text(&notices->memory, text)) {
        notices->remembers = TRUE;
        return TRUE;
    }
    gboolean read = pf_queue_read_last_event(notices->queue, &notices->memory.event, error) &&
                    read_news(notices, now, &news, error);
    if (read) {
        notices->memory.files = g_array_new(FALSE, FALSE, sizeof(gint64));
        for (guint i = 0; i < news.files->len; i++) {
            const PfArrival *file = news.files->pdata[i];
            g_array_append_val(notices->memory.files, file->id);
        }
        g_strlcpy(notices->memory.month, news.month, sizeof notices->memory.month);
        notices->remembers = TRUE;
        save(notices);
    }
    clear_news(&news);
    return read;
}

static gboolean
tell(PfNotices *notices, gint64 now, gint64 *again, GError **error)
{
    g_autoptr(GPtrArray) told = NULL;
    PfNews news = {0};

    if ((!notices->remembers && !begin(notices, now, error)) || !read_news(notices, now, &news, error)) {
        clear_news(&news);
        return FALSE;
    }
    g_autofree char *before = memory_to_text(&notices->memory);
    told = pf_notice_decide(&news, &notices->memory, notices->app->config->notify_level, now, again);
    g_autofree char *after = memory_to_text(&notices->memory);
    if (news.entries->len == MOST)
        *again = MIN(*again, now + PF_NOTICE_EVERY);
    /* First remembered, then told: what is told twice because of a crash is worse than what is not told. */
    if (!g_str_equal(before, after))
        save(notices);
    for (guint i = 0; i < told->len; i++) {
        g_autofree char *text = pf_notice_to_json(told->pdata[i]);
        pf_notifier_send(text);
    }
    clear_news(&news);
    return TRUE;
}

void
pf_notices_look(PfNotices *notices)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now(), again = G_MAXINT64;

    if (notices->app->config->notify_level == PF_NOTIFY_NONE) {
        if (notices->remembers || g_file_test(notices->path, G_FILE_TEST_EXISTS))
            forget(notices);
        return;
    }
    if (!tell(notices, now, &again, &failure))
        g_info(_("%s (notices are shown later)"), failure->message);
    pf_alarm_set(notices->alarm, again);
}

static void
alarm_rang(gpointer data)
{
    pf_notices_look(data);
}

PfNotices *
pf_notices_new(PfQueue *queue, const PfApp *app)
{
    PfNotices *notices = g_new0(PfNotices, 1);

    notices->queue = queue;
    notices->app = app;
    notices->path = g_build_filename(app->state_dir, "notices.json", NULL);
    notices->alarm = pf_alarm_new(alarm_rang, notices);
    return notices;
}

void
pf_notices_free(PfNotices *notices)
{
    if (!notices)
        return;
    pf_alarm_free(notices->alarm);
    pf_notice_memory_clear(&notices->memory);
    g_free(notices->path);
    g_free(notices);
}
