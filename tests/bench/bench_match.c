/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_match STATE-FOLDER FEEDS ROUNDS: writes so many feeds of 100 items into a new feed store, then finds the items
 * of so many files, named after basenames and titles in turn. Prints items written per second, bytes of the store per
 * item, and the median time that finding one needed, in microseconds; in time of the processor, since on a machine with
 * other work the clock on the wall says what that needed.
 */
#include "feed/find.h"
#include "known_feeds.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

#define ITEMS_OF_FEED 100

/* Returns: microseconds that this process has computed. */
static gint64
computed(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* Finds one file's item. Returns: the microseconds that it took. */
static gint64
find_one(PfFeedStore *store, guint feed, guint number, gboolean by_title, GError **error)
{
    g_autofree char *guid = g_strdup_printf("https://podcast%u.example/episodes/%u", feed, number);
    g_autofree char *name = by_title ? g_strdup_printf("/pods/Episode %u_ how cast %u came to be.mp3", number, feed)
                                     : g_strdup_printf("/pods/Cast number %u/cast%u-episode%u.mp3", feed, feed, number);
    const PfFileClues clues = {.path = name, .size = -1};
    g_auto(PfFound) found = {0};
    gint64 start = computed();

    if (!pf_feed_find(store, &clues, &found, error))
        return 0;
    gint64 took = computed() - start;
    if (found.items->len != 1 || !g_str_equal(((const PfKnownItem *)found.items->pdata[0])->item->guid, guid))
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OTHER, "%s: found %u items", name, found.items->len);
    return took;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const gint64 *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static gint64
measure_finding(PfFeedStore *store, guint feeds, guint rounds, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));

    for (guint i = 0; i < rounds && !*error; i++) {
        gint64 took = find_one(store, i * 7919 % feeds, i % ITEMS_OF_FEED, i % 2 == 1, error);
        g_array_append_val(times, took);
    }
    g_array_sort(times, compare);
    return g_array_index(times, gint64, times->len / 2);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 feeds = 0, rounds = 0;
    gint64 median = 0;
    struct stat status = {0};

    if (argc != 4 || !g_ascii_string_to_unsigned(argv[2], 10, 1, 1000000, &feeds, &error) ||
        !g_ascii_string_to_unsigned(argv[3], 10, 1, 1000000, &rounds, &error)) {
        fprintf(stderr, "usage: bench_match STATE-FOLDER FEEDS ROUNDS\n");
        return EX_USAGE;
    }
    g_autofree char *path = g_build_filename(argv[1], "feeds.db", NULL);
    PfFeedStore *store = pf_feed_store_open(argv[1], 1000, &error);
    gint64 start = computed();
    for (guint i = 0; i < feeds && !error; i++)
        known_feeds_write(store, i, ITEMS_OF_FEED, &error);
    gint64 wrote = computed() - start;
    if (!error)
        median = measure_finding(store, (guint)feeds, (guint)rounds, &error);
    pf_feed_store_close(store);
    if (error || stat(path, &status) != 0) {
        fprintf(stderr, "bench_match: %s\n", error ? error->message : "no store");
        return EX_SOFTWARE;
    }
    gint64 items = (gint64)feeds * ITEMS_OF_FEED;
    printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", items * G_USEC_PER_SEC / MAX(wrote, 1),
           (gint64)status.st_size / items, median);
    return EX_OK;
}
