/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench_known STATE-FOLDER FEEDS ITEMS: writes so many feeds of so many items, see known_feeds.h, into a feed store. */
#include "known_feeds.h"
#include <stdio.h>
#include <sysexits.h>

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 feeds = 0, items = 0;

    if (argc != 4 || !g_ascii_string_to_unsigned(argv[2], 10, 1, 1000000, &feeds, &error) ||
        !g_ascii_string_to_unsigned(argv[3], 10, 1, 1000000, &items, &error)) {
        fprintf(stderr, "usage: bench_known STATE-FOLDER FEEDS ITEMS\n");
        return EX_USAGE;
    }
    PfFeedStore *store = pf_feed_store_open(argv[1], 1000, &error);
    for (guint i = 0; i < feeds && !error; i++)
        known_feeds_write(store, i, (guint)items, &error);
    pf_feed_store_close(store);
    if (!error)
        return EX_OK;
    fprintf(stderr, "bench_known: %s\n", error->message);
    return EX_SOFTWARE;
}
