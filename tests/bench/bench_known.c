/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench_known STATE-FOLDER FEEDS ITEMS: writes so many feeds of so many items, see known_feeds.h, into a feed store. */
#include "base/clock.h"
#include "known_feeds.h"
#include <stdio.h>
#include <sysexits.h>

/* Has just been fetched, so that no measurement fetches it. */
static gboolean
write_fetched(PfFeedStore *store, guint number, guint items, GError **error)
{
    g_autoptr(PfKnownFeed) feed = NULL;
    gint64 id = known_feeds_write(store, number, items, error);

    if (!id || !pf_feed_store_read(store, id, &feed, error))
        return FALSE;
    feed->fetched = feed->tried = pf_clock_now();
    feed->next = feed->tried + 86400;
    return pf_feed_store_put_feed(store, feed, G_MAXINT64, 0, error);
}

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
        write_fetched(store, i, (guint)items, &error);
    pf_feed_store_close(store);
    if (!error)
        return EX_OK;
    fprintf(stderr, "bench_known: %s\n", error->message);
    return EX_SOFTWARE;
}
