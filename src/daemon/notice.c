/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notice.h"

#include "base/i18n.h"
#include "base/log.h"
#include "statement/statement.h"
#include <jansson.h>
#include <string.h>

/* Titles that stand in the text of a notice; the others are counted. */
#define SHOWN 3

/* The most of a title, characters. */
#define TITLE 120

static const char *const names[] = {"thanked", "pending", "asked", "no_means", "login", "unmatched", "report"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == PF_NOTICE_KINDS);

PfNoticeKind
pf_notice_kind_from_name(const char *name)
{
    return (PfNoticeKind)pf_column_index_of(names, G_N_ELEMENTS(names), name);
}

void
pf_notice_free(PfNotice *notice)
{
    if (!notice)
        return;
    g_free(notice->title);
    g_free(notice->body);
    g_ptr_array_unref(notice->entries);
    g_free(notice);
}

void
pf_notice_memory_clear(PfNoticeMemory *memory)
{
    g_clear_pointer(&memory->files, g_array_unref);
}

static PfNotice *
notice_new(PfNoticeKind kind)
{
    PfNotice *notice = g_new0(PfNotice, 1);

    notice->kind = kind;
    notice->entries = g_ptr_array_new();
    return notice;
}

static void
free_notice(gpointer notice)
{
    pf_notice_free(notice);
}

/* --- entries --- */

static gboolean
needs_answer(const PfQueueNews *entry)
{
    return entry->state == PF_ENTRY_HELD && g_strcmp0(entry->reason, "delay") != 0;
}

static PfNoticeKind
kind_of(const PfQueueNews *entry)
{
    if (entry->state != PF_ENTRY_HELD)
        return PF_NOTICE_THANKED;
    return needs_answer(entry) ? PF_NOTICE_ASKED : PF_NOTICE_PENDING;
}

/* Text of a feed's making in a line of its own. */
static char *
dup_line(const char *text)
{
    g_autofree char *line = pf_log_printable(text);

    if (g_utf8_strlen(line, -1) <= TITLE)
        return g_steal_pointer(&line);
    g_autofree char *start = g_utf8_substring(line, 0, TITLE - 1);
    return g_strconcat(start, "…", NULL);
}

static void
append_episode(GString *text, const PfQueueNews *entry)
{
    g_autofree char *title = dup_line(entry->title ? entry->title : entry->key);
    g_autofree char *show = entry->show_title ? dup_line(entry->show_title) : NULL;

    g_string_append_printf(text, "%s%s%s%s", text->len ? "\n" : "", title, show ? " – " : "", show ? show : "");
}

static void
write_texts(PfNotice *notice)
{
    GString *body = g_string_new(NULL);
    guint count = notice->entries->len, flattred = 0;

    for (guint i = 0; i < count; i++) {
        const PfQueueNews *entry = notice->entries->pdata[i];
        flattred += entry->state == PF_ENTRY_FLATTRED;
        if (i < SHOWN)
            append_episode(body, entry);
    }
    if (count > SHOWN)
        g_string_append_printf(body, _("\nand %u more"), count - SHOWN);
    notice->body = g_string_free(body, FALSE);
    if (notice->kind == PF_NOTICE_PENDING)
        notice->title =
            g_strdup_printf(ngettext("%u episode will be thanked", "%u episodes will be thanked", count), count);
    else if (notice->kind == PF_NOTICE_ASKED)
        notice->title = g_strdup_printf(
            ngettext("%u episode waits for your confirmation", "%u episodes wait for your confirmation", count), count);
    else if (flattred == count)
        notice->title = g_strdup_printf(ngettext("%u episode flattred", "%u episodes flattred", count), count);
    else if (flattred == 0)
        notice->title =
            g_strdup_printf(ngettext("%u episode noted as owed", "%u episodes noted as owed", count), count);
    else
        notice->title = g_strdup_printf(
            ngettext("%u episode flattred or noted as owed", "%u episodes flattred or noted as owed", count), count);
}

/* When the entries are told of: after a moment, in which others may come, and not too often; but before what can still
 * be dropped is sent. */
static gint64
entries_due(const PfNews *news, const PfNoticeMemory *memory)
{
    const PfQueueNews *first = news->entries->pdata[0];
    gint64 due = MAX(first->at + PF_NOTICE_GATHER, memory->entries_told + PF_NOTICE_EVERY);

    for (guint i = 0; i < news->entries->len; i++) {
        const PfQueueNews *entry = news->entries->pdata[i];
        if (kind_of(entry) == PF_NOTICE_PENDING && entry->next_attempt)
            due = MIN(due, entry->at + (entry->next_attempt - entry->at) / 4);
    }
    return due;
}

static gboolean
allows(gint64 level, PfNoticeKind kind)
{
    gboolean is_problem =
        kind == PF_NOTICE_ASKED || kind == PF_NOTICE_NO_MEANS || kind == PF_NOTICE_LOGIN || kind == PF_NOTICE_UNMATCHED;

    return level == PF_NOTIFY_ALL || (level == PF_NOTIFY_PROBLEMS && is_problem);
}

static void
add(GPtrArray *notices, gint64 level, PfNotice *notice)
{
    if (allows(level, notice->kind))
        g_ptr_array_add(notices, notice);
    else
        pf_notice_free(notice);
}

static void
tell_entries(const PfNews *news, GPtrArray *notices, gint64 level)
{
    for (PfNoticeKind kind = PF_NOTICE_THANKED; kind <= PF_NOTICE_ASKED; kind++) {
        PfNotice *notice = notice_new(kind);
        for (guint i = 0; i < news->entries->len; i++)
            if (kind_of(news->entries->pdata[i]) == kind)
                g_ptr_array_add(notice->entries, news->entries->pdata[i]);
        if (notice->entries->len == 0) {
            pf_notice_free(notice);
            continue;
        }
        write_texts(notice);
        add(notices, level, notice);
    }
}

/* What is decided on, and what comes of it: the arguments of pf_notice_decide(), and what it returns. */
typedef struct {
    const PfNews *news;
    PfNoticeMemory *memory;
    gint64 level, now;
    GPtrArray *notices;
    gint64 *again;
} Decision;

static void
decide_entries(const Decision *on)
{
    const PfNews *news = on->news;
    PfNoticeMemory *memory = on->memory;
    if (news->entries->len == 0)
        return;
    const PfQueueNews *last = news->entries->pdata[news->entries->len - 1];
    gint64 due = entries_due(news, memory);
    /* A clock that was set back is waited for by nobody. */
    if (due > on->now && due <= on->now + PF_NOTICE_EVERY) {
        *on->again = MIN(*on->again, due);
        return;
    }
    guint before = on->notices->len;
    tell_entries(news, on->notices, on->level);
    memory->event = last->event;
    if (on->notices->len > before)
        memory->entries_told = on->now;
}

/* --- the gate --- */

static void
decide_gate(const Decision *on)
{
    const PfNews *news = on->news;
    PfNoticeMemory *memory = on->memory;
    gboolean no_means = news->gate.reason == PF_GATE_NO_MEANS;
    gboolean login = news->gate.reason == PF_GATE_NO_TOKEN || news->gate.reason == PF_GATE_UNAUTHORIZED ||
                     news->gate.reason == PF_GATE_INSUFFICIENT_SCOPE;

    if ((!no_means && !login) || news->waiting == 0 || news->gate.since == memory->gate_since)
        return;
    memory->gate_since = news->gate.since;
    PfNotice *notice = notice_new(no_means ? PF_NOTICE_NO_MEANS : PF_NOTICE_LOGIN);
    notice->reason = pf_gate_reason_name(news->gate.reason);
    notice->title = g_strdup(no_means ? _("No means left") : _("Log in to continue"));
    notice->body =
        g_strdup_printf(ngettext("%" PRId64 " episode waits to be flattred. %s.",
                                 "%" PRId64 " episodes wait to be flattred. %s.", (gulong)news->waiting),
                        news->waiting, no_means ? _("Add means to your account") : _("The server wants you to log in"));
    add(on->notices, on->level, notice);
}

/* --- files --- */

/* Thousands of files may wait. Returns: (transfer full): a set of the ids. */
static GHashTable *
make_set(const GArray *ids)
{
    GHashTable *set = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    for (guint i = 0; ids && i < ids->len; i++)
        g_hash_table_add(set, g_memdup2(&g_array_index(ids, gint64, i), sizeof(gint64)));
    return set;
}

/* What is open no more need not be remembered. @told: a set of those that were told of */
static void
forget_files(const PfNews *news, PfNoticeMemory *memory, GHashTable *told)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(gint64));

    for (guint i = 0; i < news->files->len; i++) {
        const PfArrival *file = news->files->pdata[i];
        if (g_hash_table_contains(told, &file->id))
            g_array_append_val(kept, file->id);
    }
    if (memory->files)
        g_array_unref(memory->files);
    memory->files = kept;
}

static void
decide_files(const Decision *on)
{
    const PfNews *news = on->news;
    PfNoticeMemory *memory = on->memory;
    const PfArrival *first = NULL;
    guint count = 0;

    g_autoptr(GHashTable) told = make_set(memory->files);
    forget_files(news, memory, told);
    for (guint i = 0; i < news->files->len; i++) {
        const PfArrival *file = news->files->pdata[i];
        if (g_hash_table_contains(told, &file->id))
            continue;
        first = first ? first : file;
        count++;
    }
    if (!first)
        return;
    gint64 due = MAX(first->seen + PF_NOTICE_GATHER, memory->files_told + PF_NOTICE_EVERY);
    if (due > on->now && due <= on->now + PF_NOTICE_EVERY) {
        *on->again = MIN(*on->again, due);
        return;
    }
    for (guint i = 0; i < news->files->len; i++) {
        const PfArrival *file = news->files->pdata[i];
        if (!g_hash_table_contains(told, &file->id))
            g_array_append_val(memory->files, file->id);
    }
    g_autofree char *base = g_path_get_basename(first->path);
    g_autofree char *name = dup_line(base);
    PfNotice *notice = notice_new(PF_NOTICE_UNMATCHED);
    notice->file = first;
    notice->title = count == 1 ? g_strdup(_("Which episode is this file?"))
                               : g_strdup_printf(_("Which episodes are these %u files?"), count);
    notice->body =
        count == 1 ? g_strdup(name) : g_strdup_printf(_("%s\nand %u more: podflattr queue match"), name, count - 1);
    guint before = on->notices->len;
    add(on->notices, on->level, notice);
    if (on->notices->len > before)
        memory->files_told = on->now;
}

/* --- the month --- */

static void
decide_report(const Decision *on)
{
    const PfNews *news = on->news;
    PfNoticeMemory *memory = on->memory;
    *on->again = MIN(*on->again, news->month_end);
    if (strcmp(memory->month, news->month) >= 0)
        return;
    g_strlcpy(memory->month, news->month, sizeof memory->month);
    if (news->episodes == 0)
        return;
    g_autofree char *name = pf_month_dup_name(news->month);
    PfNotice *notice = notice_new(PF_NOTICE_REPORT);
    g_strlcpy(notice->month, news->month, sizeof notice->month);
    notice->title = g_strdup_printf(_("Your report for %s is ready"), name);
    notice->body = g_strdup_printf(ngettext("%" PRId64 " episode", "%" PRId64 " episodes", (gulong)news->episodes),
                                   news->episodes);
    add(on->notices, on->level, notice);
}

GPtrArray *
pf_notice_decide(const PfNews *news, PfNoticeMemory *memory, gint64 level, gint64 now, gint64 *again)
{
    GPtrArray *notices = g_ptr_array_new_with_free_func(free_notice);
    const Decision decision = {news, memory, level, now, notices, again};

    *again = G_MAXINT64;
    decide_gate(&decision);
    decide_entries(&decision);
    decide_files(&decision);
    decide_report(&decision);
    return notices;
}

/* --- as JSON --- */

static json_t *
list_entries(const PfNotice *notice)
{
    json_t *list = json_array();

    for (guint i = 0; i < notice->entries->len; i++) {
        const PfQueueNews *entry = notice->entries->pdata[i];
        gboolean is_named = i < PF_NOTICE_NAMED;
        g_autofree char *title = is_named ? dup_line(entry->title ? entry->title : entry->key) : NULL;
        g_autofree char *show = is_named && entry->show_title ? dup_line(entry->show_title) : NULL;
        json_array_append_new(list, json_pack("{s:I, s:s, s:s?, s:s?, s:s?}", "id", (json_int_t)entry->id, "state",
                                              pf_entry_state_name(entry->state), "reason", entry->reason, "title",
                                              title, "show", show));
    }
    return list;
}

char *
pf_notice_to_json(const PfNotice *notice)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "event", names[notice->kind], "title", notice->title, "body", notice->body);

    if (notice->entries->len > 0) {
        json_object_set_new(object, "entries", list_entries(notice));
        json_object_set_new(object, "more", json_integer(MAX((json_int_t)notice->entries->len - PF_NOTICE_NAMED, 0)));
    }
    if (notice->file) {
        g_autofree char *path = g_filename_display_name(notice->file->path);
        json_t *candidates = notice->file->candidates ? json_loads(notice->file->candidates, 0, NULL) : NULL;
        json_object_set_new(object, "id", json_integer(notice->file->id));
        json_object_set_new(object, "file", json_string(path));
        json_object_set_new(object, "candidates", candidates ? candidates : json_array());
    }
    if (notice->reason)
        json_object_set_new(object, "reason", json_string(notice->reason));
    if (*notice->month)
        json_object_set_new(object, "month", json_string(notice->month));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}
