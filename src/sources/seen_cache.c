/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/seen_cache.h"

#include <string.h>

#define GENERATION 16384
#define MANY 4096

struct PfTold {
    GHashTable *young;
    GHashTable *old; /* full; goes when the young one is full too */
};

static guint
version_hash(gconstpointer pointer)
{
    const PfToldVersion *version = pointer;
    guint64 mixed = version->inode * 31 + (guint64)version->changed;

    return (guint)(mixed ^ mixed >> 32) * 31 + (guint)version->name;
}

static gboolean
version_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(PfToldVersion)) == 0;
}

static GHashTable *
make_generation(void)
{
    return g_hash_table_new_full(version_hash, version_equal, g_free, NULL);
}

PfTold *
pf_told_new(void)
{
    PfTold *told = g_new0(PfTold, 1);

    told->young = make_generation();
    told->old = make_generation();
    return told;
}

void
pf_told_free(PfTold *told)
{
    if (!told)
        return;
    g_hash_table_unref(told->young);
    g_hash_table_unref(told->old);
    g_free(told);
}

gboolean
pf_told_add(PfTold *told, const PfToldVersion *version)
{
    if (g_hash_table_contains(told->young, version) || g_hash_table_contains(told->old, version))
        return FALSE;
    if (g_hash_table_size(told->young) >= GENERATION) {
        g_hash_table_unref(told->old);
        told->old = told->young;
        told->young = make_generation();
    }
    g_hash_table_add(told->young, g_memdup2(version, sizeof *version));
    return TRUE;
}

gboolean
pf_told_shrink(PfTold *told)
{
    if (g_hash_table_size(told->young) + g_hash_table_size(told->old) <= MANY)
        return FALSE;
    g_hash_table_remove_all(told->young);
    g_hash_table_remove_all(told->old);
    return TRUE;
}
