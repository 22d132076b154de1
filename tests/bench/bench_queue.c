/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_queue STATE-FOLDER ROUNDS: takes the next due entry of a queue so often, each time in a transaction that is
 * rolled back, and prints the median time that taking it needed, in microseconds.
 */
#include "base/clock.h"
#include "queue/queue.h"
#include <stdio.h>
#include <sysexits.h>

static gint64
measure(PfQueue *queue, gint64 now, GError **error)
{
    PfTransaction *transaction = pf_queue_begin(queue, error);

    if (!transaction)
        return 0;
    gint64 start = g_get_monotonic_time();
    g_autoptr(PfEntry) entry = pf_queue_find_due(queue, now, error);
    if (entry)
        pf_queue_claim(queue, entry, "account", now, error);
    gint64 took = g_get_monotonic_time() - start;
    pf_transaction_rollback(transaction);
    if (!entry && !*error)
        g_set_error_literal(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OTHER, "no entry is due");
    return took;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const gint64 *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 rounds = 0;

    if (argc != 3 || !g_ascii_string_to_unsigned(argv[2], 10, 1, 1000000, &rounds, &error)) {
        fprintf(stderr, "usage: bench_queue STATE-FOLDER ROUNDS\n");
        return EX_USAGE;
    }
    g_autoptr(PfQueue) queue = pf_queue_open(argv[1], 1000, &error);
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    while (queue && !error && times->len < rounds) {
        gint64 took = measure(queue, pf_clock_now(), &error);
        g_array_append_val(times, took);
    }
    if (error) {
        fprintf(stderr, "bench_queue: %s\n", error->message);
        return EX_SOFTWARE;
    }
    g_array_sort(times, compare);
    printf("%" G_GINT64_FORMAT "\n", g_array_index(times, gint64, times->len / 2));
    return EX_OK;
}
