/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/seen_cache.h"

#include <string.h>

#define GENERATION 16384
#define MANY 4096

struct PfSeenCache {
    GHashTable *young;
    GHashTable *old; /* full; goes when the young one is full too */
};

static guint
version_hash(gconstpointer pointer)
{
    const PfFileVersion *version = pointer;
    guint64 mixed = version->inode * 31 + (guint64)version->changed;

    return (guint)(mixed ^ mixed >> 32) * 31 + (guint)version->name;
}

static gboolean
version_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(PfFileVersion)) == 0;
}

static GHashTable *
make_generation(void)
{
    return g_hash_table_new_full(version_hash, version_equal, g_free, NULL);
}

PfSeenCache *
pf_seen_cache_new(void)
{
    PfSeenCache *cache = g_new0(PfSeenCache, 1);

    cache->young = make_generation();
    cache->old = make_generation();
    return cache;
}

void
pf_seen_cache_free(PfSeenCache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->young);
    g_hash_table_unref(cache->old);
    g_free(cache);
}

gboolean
pf_seen_cache_add(PfSeenCache *cache, const PfFileVersion *version)
{
    if (g_hash_table_contains(cache->young, version) || g_hash_table_contains(cache->old, version))
        return FALSE;
    if (g_hash_table_size(cache->young) >= GENERATION) {
        g_hash_table_unref(cache->old);
        cache->old = cache->young;
        cache->young = make_generation();
    }
    g_hash_table_add(cache->young, g_memdup2(version, sizeof *version));
    return TRUE;
}

gboolean
pf_seen_cache_shrink(PfSeenCache *cache)
{
    if (g_hash_table_size(cache->young) + g_hash_table_size(cache->old) <= MANY)
        return FALSE;
    g_hash_table_remove_all(cache->young);
    g_hash_table_remove_all(cache->old);
    return TRUE;
}
