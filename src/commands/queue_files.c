/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue --state unmatched, match and dismiss: the files whose episode is not known, which the user decides.
 */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "commands/output.h"
#include "commands/queue_command.h"
#include "daemon/enqueue.h"
#include "feed/find.h"
#include "queue/arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- which files --- */

/* By folder, in it the newest file first. */
static gint
compare_places(gconstpointer a, gconstpointer b)
{
    const PfArrival *one = *(PfArrival *const *)a, *other = *(PfArrival *const *)b;
    g_autofree char *folder = g_path_get_dirname(one->path);
    g_autofree char *other_folder = g_path_get_dirname(other->path);
    int order = strcmp(folder, other_folder);

    return order != 0                 ? order
           : one->seen != other->seen ? (one->seen < other->seen ? 1 : -1)
           : one->id < other->id      ? 1
                                      : -1;
}

/* A file that was reported more than once is listed once, by its last report, which knows most. Returns: (transfer
 * full): of PfArrival *, by id; NULL with @error set. */
static GPtrArray *
list_files(PfQueue *queue, GError **error)
{
    g_autoptr(GPtrArray) all = pf_arrival_list_open(queue, error);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);
    g_autoptr(GHashTable) last = g_hash_table_new(g_str_hash, g_str_equal);

    if (!all)
        return NULL;
    for (guint i = 0; i < all->len; i++)
        g_hash_table_insert(last, ((PfArrival *)all->pdata[i])->path, all->pdata[i]);
    for (guint i = 0; i < all->len; i++) {
        PfArrival *arrival = all->pdata[i];
        if (g_hash_table_lookup(last, arrival->path) == arrival)
            g_ptr_array_add(files, g_steal_pointer(&all->pdata[i]));
    }
    return g_steal_pointer(&files);
}

/* The path of the file that the user means: by the id of a report of it, or by its name. Returns: (transfer full); NULL
 * with @error set. */
static char *
find_path(PfQueue *queue, const char *word, GError **error)
{
    g_autoptr(PfArrival) arrival = NULL;
    guint64 id;

    if (g_ascii_string_to_unsigned(*word == '#' ? word + 1 : word, 10, 1, G_MAXINT64, &id, NULL)) {
        if (!pf_arrival_read(queue, (gint64)id, &arrival, error))
            return NULL;
        if (arrival && arrival->state != PF_ARRIVAL_MATCHED)
            return g_strdup(arrival->path);
    }
    return g_canonicalize_filename(word, NULL);
}

static void
set_not_waiting(const char *path, const char *fault, GError **error)
{
    g_autofree char *shown = pf_log_printable(path);

    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                _("%s: %s; 'podflattr queue --state unmatched' lists the files whose episode is unknown"), shown,
                fault);
}

/* --- candidates --- */

/* What the matching has written, an empty list where it has not. Returns: (transfer full). */
static json_t *
candidates_of(const PfArrival *arrival)
{
    json_t *candidates = arrival->candidates ? json_loads(arrival->candidates, 0, NULL) : NULL;

    if (json_is_array(candidates))
        return candidates;
    json_decref(candidates);
    return json_array();
}

static const char *
member(const json_t *candidate, const char *name)
{
    return json_string_value(json_object_get(candidate, name));
}

static void
print_candidates(const PfArrival *arrival, int indent)
{
    json_t *candidates = candidates_of(arrival);
    const json_t *candidate;
    size_t i;

    json_array_foreach (candidates, i, candidate) {
        const char *show =
            member(candidate, "feed_title") ? member(candidate, "feed_title") : member(candidate, "feed");
        const char *title = member(candidate, "title") ? member(candidate, "title") : member(candidate, "enclosure");
        g_autofree char *line = g_strdup_printf("%zu. %s: %s", i + 1, show ? show : _("unknown show"),
                                                title ? title : _("without a title"));
        pf_output_field("", indent, line);
    }
    json_decref(candidates);
}

static gboolean
is_candidate(const PfKnownItem *known, const json_t *candidate)
{
    g_autofree char *feed = pf_url_printable(known->feed->url);
    const GPtrArray *enclosures = known->item->enclosures;
    const PfEnclosure *first = enclosures->len > 0 ? enclosures->pdata[0] : NULL;

    return g_strcmp0(feed, member(candidate, "feed")) == 0 &&
           g_strcmp0(known->item->guid, member(candidate, "guid")) == 0 &&
           g_strcmp0(first ? first->url : NULL, member(candidate, "enclosure")) == 0;
}

/* @item: (out): unchanged when the store does not have it any more */
static gboolean
find_candidate(PfFeedStore *feeds, const json_t *candidate, PfKnownItem **item, GError **error)
{
    const char *const names[] = {member(candidate, "guid"), member(candidate, "enclosure")};

    for (gsize i = 0; i < G_N_ELEMENTS(names) && !*item; i++) {
        g_auto(PfFound) found = {0};

        if (!names[i])
            continue;
        if (!pf_feed_find_named(feeds, names[i], &found, error))
            return FALSE;
        for (guint j = 0; j < found.items->len && !*item; j++)
            if (is_candidate(found.items->pdata[j], candidate))
                *item = g_ptr_array_steal_index(found.items, j);
    }
    return TRUE;
}

/* The candidate that a number names. Returns: (transfer full): NULL when there is none of that number. */
static json_t *
dup_numbered(const PfArrival *arrival, const char *word)
{
    json_t *candidates = candidates_of(arrival);
    gsize count = json_array_size(candidates);
    guint64 number;
    json_t *candidate = count > 0 && g_ascii_string_to_unsigned(word, 10, 1, count, &number, NULL)
                            ? json_incref(json_array_get(candidates, number - 1))
                            : NULL;

    json_decref(candidates);
    return candidate;
}

/* @candidate_taken: what the user named by the number @word */
static gboolean
take_candidate(PfFeedStore *feeds, json_t *candidate_taken, const char *word, PfKnownItem **item, GError **error)
{
    gboolean found = find_candidate(feeds, candidate_taken, item, error);

    json_decref(candidate_taken);
    if (found && !*item)
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                    _("episode %s is no longer known from its feed; use its page or the link to flattr instead"), word);
    return *item != NULL;
}

/* --- matching --- */

/* A file whose episode the user names. */
typedef struct {
    PfApp *app;
    PfQueue *queue;
    PfArrival *arrival;
} Matching;

/* The report of a file; a file that was never reported becomes one. */
static gboolean
find_arrival(PfQueue *queue, const char *word, PfArrival **arrival, GError **error)
{
    g_autofree char *path = find_path(queue, word, error);

    if (!path || !pf_arrival_find(queue, path, arrival, error))
        return FALSE;
    if (*arrival)
        return TRUE;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        set_not_waiting(path, _("no such file, and no file of this name or ID is waiting"), error);
        return FALSE;
    }
    *arrival = pf_arrival_new();
    (*arrival)->source = PF_SOURCE_ADD;
    (*arrival)->path = g_steal_pointer(&path);
    (*arrival)->size = (*arrival)->progress = -1;
    (*arrival)->seen = pf_clock_now();
    return TRUE;
}

/* What the user named, when no known item is called so: a link that can be paid. */
static gboolean
take_payment(PfArrival *arrival, const char *name, GError **error)
{
    g_autofree char *bare = g_strstrip(g_strdup(name));
    g_autofree char *written = pf_payment_dup_written(bare);
    g_autoptr(PfPayment) payment = pf_payment_new(written);

    if (payment && payment->kind != PF_PAYMENT_OTHER) {
        g_free(arrival->payment);
        arrival->payment = g_steal_pointer(&written);
        return TRUE;
    }
    g_autofree char *shown = pf_log_printable(name);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                _("no known episode has the GUID or URL '%s', and it is not a link that can be flattred"), shown);
    return FALSE;
}

/* @item: (out): NULL when it is the payment link that counts */
static gboolean
find_item(PfApp *app, PfArrival *arrival, const char *name, PfKnownItem **item, GError **error)
{
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open(app->state_dir, PF_BUSY_COMMAND_MS, error);
    g_auto(PfFound) found = {0};

    *item = NULL;
    if (!feeds)
        return FALSE;
    json_t *candidate = dup_numbered(arrival, name);
    if (candidate)
        return take_candidate(feeds, candidate, name, item, error);
    if (!pf_feed_find_named(feeds, name, &found, error))
        return FALSE;
    if (found.items->len == 0)
        return take_payment(arrival, name, error);
    if (found.items->len == 1) {
        *item = g_ptr_array_steal_index(found.items, 0);
        return TRUE;
    }
    g_autofree char *shown = pf_log_printable(name);
    g_set_error(
        error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
        _("%u known episodes have the GUID or URL '%s'; use an enclosure, a page or the link to flattr instead"),
        found.items->len, shown);
    return FALSE;
}

static gboolean
submit(const Matching *matching, const PfKnownItem *item, PfSubmitted *submitted, GError **error)
{
    const PfConfig *config = matching->app->config;
    PfQueue *queue = matching->queue;
    PfArrival *arrival = matching->arrival;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    const PfEnqueueing what = {.arrival = arrival, .source = PF_SOURCE_ADD, .item = item, .now = pf_clock_now()};

    if (!transaction || !pf_enqueue_item(queue, config, &what, submitted, error))
        return FALSE;
    arrival->state = PF_ARRIVAL_MATCHED;
    g_clear_pointer(&arrival->reason, g_free);
    g_clear_pointer(&arrival->candidates, g_free);
    arrival->next_try = 0;
    arrival->entry = submitted->id;
    /* Also one that was refused, since the user knows better, and all other reports of this file. */
    return pf_enqueue_note_folder(queue, config, &what, PF_ARRIVAL_FOLDER_FILES, error) &&
           (!arrival->id || pf_arrival_settle(queue, arrival, error)) &&
           pf_duplicates_settle(queue, arrival, item, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* @name: what the user says that it is: a number of its candidates, a GUID or a URL */
static gboolean
match(const Matching *matching, const char *name, GError **error)
{
    g_autoptr(PfKnownItem) item = NULL;
    PfSubmitted submitted;

    if (!find_item(matching->app, matching->arrival, name, &item, error) || !submit(matching, item, &submitted, error))
        return FALSE;
    if (submitted.id == 0) {
        g_message(_("this episode has nothing to flattr; the file is no longer waiting"));
        return TRUE;
    }
    const char *state = !submitted.added ? "known" : pf_entry_state_name(submitted.state);
    g_autofree char *title = pf_log_printable(item ? item->item->title : name);
    printf("%s #%" G_GINT64_FORMAT "  %s\n", state, submitted.id, title ? title : "");
    return TRUE;
}

/* --- dismissing --- */

/* Settles every report of a file. @count: is increased by how many there were */
static gboolean
dismiss(PfQueue *queue, const char *path, guint *count, GError **error)
{
    g_autoptr(GPtrArray) open = pf_arrival_list_path(queue, path, error);
    gboolean settled = open != NULL;

    for (guint i = 0; settled && i < open->len; i++) {
        PfArrival *arrival = open->pdata[i];

        arrival->state = PF_ARRIVAL_MATCHED;
        g_free(arrival->reason);
        arrival->reason = g_strdup("dismissed");
        g_clear_pointer(&arrival->candidates, g_free);
        arrival->next_try = 0;
        settled = pf_arrival_settle(queue, arrival, error);
    }
    *count += open && open->len > 0;
    return settled;
}

static gboolean
is_in_folder(const char *path, const char *folder)
{
    gsize length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || folder[length - 1] == '/');
}

/* @folder: NULL for all files */
static gboolean
dismiss_folder(PfQueue *queue, const char *folder, guint *count, GError **error)
{
    g_autoptr(GPtrArray) files = list_files(queue, error);
    gboolean done = files != NULL;

    for (guint i = 0; done && i < files->len; i++) {
        const char *path = ((const PfArrival *)files->pdata[i])->path;
        if (!folder || is_in_folder(path, folder))
            done = dismiss(queue, path, count, error);
    }
    return done;
}

/* A file by its id or name, or all files in a folder; it is an error when there is none. */
static gboolean
dismiss_named(PfQueue *queue, const char *word, guint *count, GError **error)
{
    g_autofree char *path = find_path(queue, word, error);
    guint before = *count;

    if (!path || !dismiss(queue, path, count, error))
        return FALSE;
    if (*count == before && !dismiss_folder(queue, path, count, error))
        return FALSE;
    if (*count > before)
        return TRUE;
    set_not_waiting(path, _("no file of this name or ID, or in this folder, is waiting"), error);
    return FALSE;
}

gboolean
pf_queue_run_dismiss(const PfCommandCall *call, GError **error)
{
    gboolean all = ((const PfQueueOptions *)call->options)->all;
    guint count = 0;

    if (all == (call->count > 0))
        return pf_command_refuse(error, _("either files, folders or IDs, or --all is required"));
    g_autoptr(PfQueue) queue = pf_command_open_queue(call->app, error);
    g_autoptr(PfTransaction) transaction = queue ? pf_queue_begin(queue, error) : NULL;
    if (!transaction || (all && !dismiss_folder(queue, NULL, &count, error)))
        return FALSE;
    for (guint i = 0; i < call->count; i++)
        if (!dismiss_named(queue, call->operands[i], &count, error))
            return FALSE;
    if (!pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    g_message(ngettext("%u file dismissed", "%u files dismissed", count), count);
    return TRUE;
}

/* --- looking again --- */

gboolean
pf_queue_retry_files(PfQueue *queue, const char *word, gint64 now, guint *count, GError **error)
{
    g_autofree char *path = word ? find_path(queue, word, error) : NULL;
    g_autoptr(GPtrArray) files = path || !word ? list_files(queue, error) : NULL;
    gboolean done = files != NULL;
    guint before = *count;

    for (guint i = 0; done && i < files->len; i++) {
        PfArrival *arrival = files->pdata[i];
        if (arrival->state == PF_ARRIVAL_REFUSED ||
            (path && !g_str_equal(arrival->path, path) && !is_in_folder(arrival->path, path)))
            continue;
        arrival->state = PF_ARRIVAL_WAITING;
        arrival->tries = 0;
        arrival->next_try = now;
        done = pf_arrival_settle(queue, arrival, error);
        ++*count;
    }
    if (!done || !word || *count > before)
        return done;
    set_not_waiting(path, _("no file of this name, or in this folder, is waiting"), error);
    return FALSE;
}

/* --- asking --- */

static void
print_question(const PfArrival *arrival, guint number, guint count)
{
    g_autofree char *size = arrival->size < 0 ? NULL : pf_output_dup_size(arrival->size);
    g_autofree char *seen = pf_output_dup_time(arrival->seen);

    g_autofree char *counted = g_strdup_printf(_("\n%u of %u"), number, count);
    pf_output_field(counted, 0, arrival->path);
    printf("%s%s%s%s%s\n", size ? size : "", size ? ", " : "", seen ? seen : "", arrival->reason ? ", " : "",
           arrival->reason ? arrival->reason : "");
    print_candidates(arrival, 0);
    printf(_("Which episode? A number, GUID or URL; s to skip, d to dismiss, q to quit: "));
    fflush(stdout);
}

/* Does what was answered. @again: (out): the answer was none, and is asked for once more. Returns whether to go on. */
static gboolean
follow_answer(const Matching *matching, const char *answer, gboolean *again, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint count = 0;

    *again = FALSE;
    if (!*answer || g_str_equal(answer, "s"))
        return TRUE;
    if (g_str_equal(answer, "q"))
        return FALSE;
    if (g_str_equal(answer, "d")) {
        g_autoptr(PfTransaction) transaction = pf_queue_begin(matching->queue, error);
        return transaction && dismiss(matching->queue, matching->arrival->path, &count, error) &&
               pf_transaction_commit(g_steal_pointer(&transaction), error);
    }
    if (match(matching, answer, &failure))
        return TRUE;
    *again = failure->domain == PF_COMMAND_ERROR;
    if (*again)
        printf("%s\n", failure->message);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return *again;
}

/* Asks about each of these files. */
static gboolean
ask(PfApp *app, PfQueue *queue, const GPtrArray *files, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char *line = NULL;
    size_t room = 0;
    gboolean again = FALSE, goes_on = TRUE;

    for (guint i = 0; goes_on && i < files->len; i += !again) {
        const Matching matching = {app, queue, files->pdata[i]};

        print_question(matching.arrival, i + 1, files->len);
        goes_on = getline(&line, &room, stdin) >= 0 && follow_answer(&matching, g_strstrip(line), &again, &failure);
    }
    free(line);
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
ask_about_all(PfApp *app, PfQueue *queue, GError **error)
{
    g_autoptr(GPtrArray) files = list_files(queue, error);

    if (!files)
        return FALSE;
    if (files->len == 0)
        g_message(_("no files"));
    g_ptr_array_sort(files, compare_places);
    return ask(app, queue, files, error);
}

gboolean
pf_queue_run_match(const PfCommandCall *call, GError **error)
{
    g_autoptr(PfArrival) arrival = NULL;

    if (call->count < 2 && !isatty(STDIN_FILENO))
        return pf_command_refuse(error,
                                 _("missing argument; usage: podflattr queue match FILE|ID N|GUID|URL (asks on a "
                                   "terminal only)"));
    g_autoptr(PfQueue) queue = pf_command_open_queue(call->app, error);
    if (!queue)
        return FALSE;
    if (call->count == 0)
        return ask_about_all(call->app, queue, error);
    if (!find_arrival(queue, call->operands[0], &arrival, error))
        return FALSE;
    if (call->count == 2)
        return match(&(Matching){call->app, queue, arrival}, call->operands[1], error);
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, arrival);
    return ask(call->app, queue, one, error);
}

/* --- listing --- */

static void
print_json(const PfArrival *arrival)
{
    pf_output_json_take(json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "id", (json_int_t)arrival->id, "file",
        pf_output_json_string(arrival->path), "size", arrival->size < 0 ? json_null() : json_integer(arrival->size),
        "seen", pf_output_json_time(arrival->seen), "reason", pf_output_json_string(arrival->reason), "candidates",
        candidates_of(arrival), "state", pf_arrival_state_name(arrival->state), "next_try",
        pf_output_json_time(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0)));
}

static const PfOutputColumn file_columns[] = {
    {N_("ID"), 5, 0, PF_OUTPUT_WHOLE},    {N_("STATE"), 9, 0, PF_OUTPUT_TEXT},
    {N_("SEEN"), 16, 60, PF_OUTPUT_TIME}, {N_("NEXT TRY"), 16, 100, PF_OUTPUT_TIME},
    {N_("WHY"), 12, 80, PF_OUTPUT_TEXT},  {N_("FILE"), 0, 0, PF_OUTPUT_TEXT}};

/* @folder: (inout): the last that was printed; owned */
static void
print_row(const PfArrival *arrival, char **folder)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, arrival->id);
    g_autofree char *seen = pf_output_dup_time(arrival->seen);
    g_autofree char *next = pf_output_dup_time(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0);
    const char *slash = strrchr(arrival->path, '/');
    char *own = g_path_get_dirname(arrival->path);

    if (!*folder)
        pf_output_row(file_columns, NULL);
    if (g_strcmp0(*folder, own) != 0) {
        g_autofree char *shown = pf_log_printable(own);
        printf("%s\n", shown);
    }
    g_free(*folder);
    *folder = own;
    pf_output_row(file_columns, (const char *[]){id, pf_arrival_state_name(arrival->state), seen, next, arrival->reason,
                                                 slash && slash[1] ? slash + 1 : arrival->path});
    print_candidates(arrival, 5);
}

gboolean
pf_queue_list_files(const PfCommandCall *call, guint most, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    g_autoptr(GPtrArray) files = queue ? list_files(queue, error) : NULL;
    g_autofree char *folder = NULL;

    if (!files)
        return FALSE;
    if (!call->json)
        g_ptr_array_sort(files, compare_places);
    guint shown = most > 0 ? MIN(most, files->len) : files->len;
    for (guint i = 0; i < shown; i++) {
        if (call->json)
            print_json(files->pdata[i]);
        else
            print_row(files->pdata[i], &folder);
    }
    if (!call->json && files->len == 0)
        g_message(_("no files"));
    else if (!call->json && shown < files->len)
        g_message(_("%u more; --all shows them"), files->len - shown);
    return TRUE;
}
