/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_schema.h"
#include "feed/feed_store_private.h"
#include <errno.h>
#include <glib/gstdio.h>

/* What is lost with the last moments before a power cut can be fetched again. Keys lie far apart in the file: a longer
 * log and a larger cache write a page once that many items change. */
#define PRAGMAS "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8192;"

static void
remove_beside(const char *path, const char *suffix)
{
    g_autofree char *beside = g_strconcat(path, suffix, NULL);

    g_unlink(beside);
}

static gboolean
set_aside(const char *path, const char *why, GError **error)
{
    g_autofree char *old = g_strconcat(path, ".old", NULL);

    if (g_rename(path, old) != 0 && errno != ENOENT) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_WRITE, "cannot rename the damaged %s: %s; remove it",
                    path, g_strerror(errno));
        return FALSE;
    }
    remove_beside(path, "-wal");
    remove_beside(path, "-shm");
    g_message("%s cannot be used (%s): begun anew, the feeds are fetched again; the old file is %s", path, why, old);
    return TRUE;
}

static PfDatabase *
open_database(const char *path, int busy_ms, GError **error)
{
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, error);

    if (!database || !pf_database_execute(database, PRAGMAS, error) || !pf_feed_schema_prepare(database, error))
        return NULL;
    return g_steal_pointer(&database);
}

PfFeedStore *
pf_feed_store_open(const char *state_dir, int busy_ms, GError **error)
{
    g_autoptr(PfFeedStore) store = g_new0(PfFeedStore, 1);
    g_autoptr(GError) failure = NULL;

    if (g_mkdir_with_parents(state_dir, 0700) != 0) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, "cannot make the state folder %s: %s", state_dir,
                    g_strerror(errno));
        return NULL;
    }
    store->path = g_build_filename(state_dir, "feeds.db", NULL);
    store->database = open_database(store->path, busy_ms, &failure);
    if (g_error_matches(failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT)) {
        if (!set_aside(store->path, failure->message, error))
            return NULL;
        g_clear_error(&failure);
        store->database = open_database(store->path, busy_ms, &failure);
    }
    return pf_feed_store_finish(store, &failure, error) ? g_steal_pointer(&store) : NULL;
}

void
pf_feed_store_close(PfFeedStore *store)
{
    if (!store)
        return;
    pf_database_close(store->database);
    if (store->damaged)
        set_aside(store->path, "it is damaged", NULL);
    g_free(store->path);
    g_free(store);
}

gboolean
pf_feed_store_shrink(PfFeedStore *store)
{
    return pf_database_shrink(store->database);
}

gboolean
pf_feed_store_finish(PfFeedStore *store, GError **failure, GError **error)
{
    if (!*failure)
        return TRUE;
    if (g_error_matches(*failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT))
        store->damaged = TRUE;
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

gboolean
pf_feed_store_end(PfFeedStore *store, GError **failure, GError **error)
{
    pf_database_end(store->database, failure);
    return pf_feed_store_finish(store, failure, error);
}

/* --- the structs --- */

PfKnownFeed *
pf_known_feed_new(void)
{
    return g_new0(PfKnownFeed, 1);
}

void
pf_known_feed_free(PfKnownFeed *feed)
{
    if (!feed)
        return;
    g_free(feed->url);
    g_free(feed->address);
    g_free(feed->title);
    g_free(feed->payments);
    g_free(feed->etag);
    g_free(feed->last_modified);
    g_free(feed->fault);
    g_free(feed);
}

PfKnownItem *
pf_known_item_new(void)
{
    PfKnownItem *item = g_new0(PfKnownItem, 1);

    item->item = pf_item_new();
    return item;
}

void
pf_known_item_free(PfKnownItem *item)
{
    if (!item)
        return;
    pf_known_feed_free(item->feed);
    pf_item_free(item->item);
    g_free(item->payments);
    g_free(item);
}
