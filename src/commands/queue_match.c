/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue match, queue dismiss: the user says which episode a file is, or that it is none. */
#include "commands/queue_command.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/enqueue.h"
#include "daemon/duplicates.h"
#include "feed/find.h"
#include "queue/arrival.h"
#include <stdio.h>

#define BUSY_MS 10000

static void
set_not_waiting(const char *path, const char *fault, GError **error)
{
    g_autofree char *shown = pf_log_printable(path);

    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                "%s: %s; 'podflattr queue --state unmatched' lists the files that wait for their episode", shown,
                fault);
}

/* The arrival of a file; a file that nobody told of is one from now on. */
static gboolean
find_arrival(PfQueue *queue, const char *file, PfArrival **arrival, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);

    if (!pf_arrival_find(queue, path, arrival, error))
        return FALSE;
    if (*arrival)
        return TRUE;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        set_not_waiting(path, "there is no such file, and none of this name waits", error);
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
    g_autoptr(PfPayment) payment = pf_payment_new(name);

    if (payment && payment->kind != PF_PAYMENT_OTHER) {
        g_free(arrival->payment);
        arrival->payment = g_strdup(name);
        return TRUE;
    }
    g_autofree char *shown = pf_log_printable(name);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                "no known episode has the GUID or the URL '%s', and it is no link that can be flattred", shown);
    return FALSE;
}

/* @item: (out): NULL when it is the payment link that counts */
static gboolean
find_item(PfApp *app, PfArrival *arrival, const char *name, PfKnownItem **item, GError **error)
{
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open(app->state_dir, BUSY_MS, error);
    g_auto(PfFound) found = {0};

    *item = NULL;
    if (!feeds || !pf_feed_find_named(feeds, name, &found, error))
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
        "%u known episodes have the GUID or the URL '%s'; name the one's enclosure or page, or what is to be flattred",
        found.items->len, shown);
    return FALSE;
}

static gboolean
submit(PfApp *app, PfQueue *queue, PfArrival *arrival, const PfKnownItem *item, PfSubmitted *submitted, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now();

    if (pf_queue_begin(queue, &failure)) {
        if (pf_admit_item(queue, app->config, PF_SOURCE_ADD, arrival, item, now, submitted, &failure)) {
            arrival->state = PF_ARRIVAL_MATCHED;
            g_clear_pointer(&arrival->reason, g_free);
            g_clear_pointer(&arrival->candidates, g_free);
            arrival->next_try = 0;
            arrival->entry = submitted->id;
            /* One that was refused too, which the user knows better; and whatever else was told of this file. */
            (void)((!arrival->id || pf_arrival_settle(queue, arrival, &failure)) &&
                   pf_same_file_settle(queue, arrival, item, &failure));
        }
        pf_queue_end(queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

int
pf_queue_run_match(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(PfArrival) arrival = NULL;
    g_autoptr(PfKnownItem) item = NULL;
    PfSubmitted submitted;

    if (!queue || !find_arrival(queue, arguments->operands[0], &arrival, error) ||
        !find_item(app, arrival, arguments->operands[1], &item, error) ||
        !submit(app, queue, arrival, item, &submitted, error))
        return EX_OK;
    if (submitted.id == 0) {
        g_message("this episode has nothing to flattr; the file is settled");
        return EX_OK;
    }
    const char *state = !submitted.added ? "known" : pf_entry_state_name(submitted.state);
    g_autofree char *title = pf_log_printable(item ? item->item->title : arguments->operands[1]);
    printf("%s #%" G_GINT64_FORMAT "  %s\n", state, submitted.id, title ? title : "");
    return EX_OK;
}

/* --- dismissing --- */

/* All that was told of a file; that nothing was, is an error. */
static gboolean
dismiss(PfQueue *queue, const char *file, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    g_autoptr(GPtrArray) open = pf_arrival_list_path(queue, path, error);
    gboolean settled = open != NULL;

    if (open && open->len == 0) {
        set_not_waiting(path, "no file of this name waits", error);
        return FALSE;
    }
    for (guint i = 0; settled && i < open->len; i++) {
        PfArrival *arrival = open->pdata[i];

        arrival->state = PF_ARRIVAL_MATCHED;
        g_free(arrival->reason);
        arrival->reason = g_strdup("dismissed");
        g_clear_pointer(&arrival->candidates, g_free);
        arrival->next_try = 0;
        settled = pf_arrival_settle(queue, arrival, error);
    }
    return settled;
}

int
pf_queue_run_dismiss(PfApp *app, const PfQueueArguments *arguments, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(GError) failure = NULL;

    if (!queue)
        return EX_OK;
    if (pf_queue_begin(queue, &failure)) {
        for (guint i = 0; i < arguments->count && !failure; i++)
            dismiss(queue, arguments->operands[i], &failure);
        pf_queue_end(queue, &failure);
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    else
        g_message("%u file%s dismissed", arguments->count, arguments->count == 1 ? "" : "s");
    return EX_OK;
}
