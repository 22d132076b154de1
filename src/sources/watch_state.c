/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_state.h"

#include <string.h>

/* --- the folders --- */

struct PfTree {
    GHashTable *folders; /* all; owned */
    GHashTable *by_watch;
    GHashTable *by_inode;
    GHashTable *by_name; /* those that have one above */
};

static guint
inode_hash(gconstpointer pointer)
{
    const PfFolder *folder = pointer;

    return g_int64_hash(&folder->inode) ^ g_int64_hash(&folder->device);
}

static gboolean
inode_equal(gconstpointer a, gconstpointer b)
{
    const PfFolder *left = a;
    const PfFolder *right = b;

    return left->inode == right->inode && left->device == right->device;
}

static guint
name_hash(gconstpointer pointer)
{
    const PfFolder *folder = pointer;

    return g_str_hash(folder->name) * 31 + g_direct_hash(folder->above);
}

static gboolean
name_equal(gconstpointer a, gconstpointer b)
{
    const PfFolder *left = a;
    const PfFolder *right = b;

    return left->above == right->above && g_str_equal(left->name, right->name);
}

static void
free_folder(gpointer pointer)
{
    PfFolder *folder = pointer;

    g_free(folder->name);
    g_clear_pointer(&folder->links, g_ptr_array_unref);
    g_free(folder);
}

PfTree *
pf_tree_new(void)
{
    PfTree *tree = g_new0(PfTree, 1);

    tree->folders = g_hash_table_new_full(NULL, NULL, free_folder, NULL);
    tree->by_watch = g_hash_table_new(NULL, NULL);
    tree->by_inode = g_hash_table_new(inode_hash, inode_equal);
    tree->by_name = g_hash_table_new(name_hash, name_equal);
    return tree;
}

void
pf_tree_free(PfTree *tree)
{
    if (!tree)
        return;
    g_hash_table_unref(tree->by_name);
    g_hash_table_unref(tree->by_inode);
    g_hash_table_unref(tree->by_watch);
    g_hash_table_unref(tree->folders);
    g_free(tree);
}

PfFolder *
pf_tree_add(PfTree *tree, PfFolder *above, const char *name, guint64 device, guint64 inode)
{
    PfFolder *folder = g_new0(PfFolder, 1);

    folder->above = above;
    folder->name = g_strdup(name);
    folder->watch = -1;
    folder->device = device;
    folder->inode = inode;
    g_hash_table_add(tree->folders, folder);
    g_hash_table_add(tree->by_inode, folder);
    if (above)
        g_hash_table_add(tree->by_name, folder);
    return folder;
}

gboolean
pf_tree_has(const PfTree *tree, const PfFolder *folder)
{
    return g_hash_table_contains(tree->folders, folder);
}

static void
forget_name(PfTree *tree, PfFolder *folder)
{
    if (folder->above)
        g_hash_table_remove(tree->by_name, folder);
}

void
pf_tree_remove(PfTree *tree, PfFolder *folder)
{
    pf_tree_set_watch(tree, folder, -1);
    forget_name(tree, folder);
    g_hash_table_remove(tree->by_inode, folder);
    g_hash_table_remove(tree->folders, folder);
}

PfFolder *
pf_tree_find_watch(PfTree *tree, int watch)
{
    return g_hash_table_lookup(tree->by_watch, GINT_TO_POINTER(watch));
}

PfFolder *
pf_tree_find_inode(PfTree *tree, guint64 device, guint64 inode)
{
    PfFolder wanted = {.device = device, .inode = inode};

    return g_hash_table_lookup(tree->by_inode, &wanted);
}

PfFolder *
pf_tree_find_name(PfTree *tree, const PfFolder *above, const char *name)
{
    PfFolder wanted = {.above = (PfFolder *)above, .name = (char *)name};

    return g_hash_table_lookup(tree->by_name, &wanted);
}

void
pf_tree_set_watch(PfTree *tree, PfFolder *folder, int watch)
{
    if (folder->watch >= 0)
        g_hash_table_remove(tree->by_watch, GINT_TO_POINTER(folder->watch));
    folder->watch = watch;
    if (watch >= 0)
        g_hash_table_insert(tree->by_watch, GINT_TO_POINTER(watch), folder);
}

static void
place_folder(PfTree *tree, PfFolder *folder, PfFolder *above, const char *name)
{
    g_autofree char *new_name = g_strdup(name);

    forget_name(tree, folder);
    folder->above = above;
    g_free(folder->name);
    folder->name = g_steal_pointer(&new_name);
    if (above)
        g_hash_table_add(tree->by_name, folder);
}

void
pf_tree_move(PfTree *tree, PfFolder *folder, PfFolder *above, const char *name)
{
    place_folder(tree, folder, above, name);
    folder->moved_away = FALSE;
}

void
pf_tree_set_moved_away(PfTree *tree, PfFolder *folder)
{
    place_folder(tree, folder, NULL, folder->name);
    folder->moved_away = TRUE;
}

char *
pf_tree_path(const PfFolder *folder, const char *name)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    GString *path;

    if (name)
        g_ptr_array_add(parts, (gpointer)name);
    for (; folder; folder = folder->above) {
        if (folder->moved_away)
            return NULL;
        g_ptr_array_add(parts, folder->name);
    }
    path = g_string_new(g_ptr_array_index(parts, parts->len - 1));
    for (guint i = parts->len - 1; i > 0; i--) {
        if (!g_str_has_suffix(path->str, "/"))
            g_string_append_c(path, '/');
        g_string_append(path, g_ptr_array_index(parts, i - 1));
    }
    return g_string_free(path, FALSE);
}

gboolean
pf_tree_is_below(const PfFolder *folder, const PfFolder *top)
{
    while (folder && folder != top)
        folder = folder->above;
    return folder == top;
}

static guint
depth_of(const PfFolder *folder)
{
    guint depth = 0;

    while ((folder = folder->above) != NULL)
        depth++;
    return depth;
}

static gint
compare_depth(gconstpointer a, gconstpointer b)
{
    guint left = depth_of(*(PfFolder *const *)a);
    guint right = depth_of(*(PfFolder *const *)b);

    return (left > right) - (left < right);
}

GPtrArray *
pf_tree_list(PfTree *tree, const PfFolder *top)
{
    GPtrArray *folders = g_ptr_array_new();
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, tree->folders);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!top || pf_tree_is_below(key, top))
            g_ptr_array_add(folders, key);
    }
    g_ptr_array_sort(folders, compare_depth);
    return folders;
}

/* --- files that wait --- */

struct PfSettleTimer {
    GHashTable *files;  /* PfPending, by folder and name */
    GSequence *by_time; /* the same, by due */
    guint untimed;      /* of them: due at no time */
};

gint64
pf_settle_timer_wait(PfSettleCause cause, gint64 settle, gint64 changed, gint64 now)
{
    gint64 whole = settle * G_USEC_PER_SEC;

    if (cause == PF_SETTLE_TIMER_MADE)
        return MAX(settle, PF_SETTLE_TIMER_UNCLOSED) * G_USEC_PER_SEC;
    if (cause == PF_SETTLE_TIMER_CLOSED)
        return whole;
    return CLAMP(whole - (now - changed) / 1000, 0, whole);
}

void
pf_pending_free(PfPending *pending)
{
    if (!pending)
        return;
    g_free(pending->name);
    g_free(pending->old_name);
    g_free(pending);
}

static guint
pending_hash(gconstpointer pointer)
{
    const PfPending *pending = pointer;

    return g_str_hash(pending->name) * 31 + g_direct_hash(pending->folder);
}

static gboolean
pending_equal(gconstpointer a, gconstpointer b)
{
    const PfPending *left = a;
    const PfPending *right = b;

    return left->folder == right->folder && g_str_equal(left->name, right->name);
}

static gint
compare_due(gconstpointer a, gconstpointer b, gpointer data)
{
    const PfPending *left = a;
    const PfPending *right = b;

    (void)data;
    return (left->due > right->due) - (left->due < right->due);
}

PfSettleTimer *
pf_settle_timer_new(void)
{
    PfSettleTimer *timer = g_new0(PfSettleTimer, 1);

    timer->files = g_hash_table_new(pending_hash, pending_equal);
    timer->by_time = g_sequence_new(NULL);
    return timer;
}

static void
free_pending(gpointer pending, gpointer data)
{
    (void)data;
    pf_pending_free(pending);
}

void
pf_settle_timer_free(PfSettleTimer *timer)
{
    if (!timer)
        return;
    g_hash_table_unref(timer->files);
    g_sequence_foreach(timer->by_time, free_pending, NULL);
    g_sequence_free(timer->by_time);
    g_free(timer);
}

static PfPending *
find_pending(PfSettleTimer *timer, gpointer folder, const char *name)
{
    PfPending wanted = {.folder = folder, .name = (char *)name};

    return g_hash_table_lookup(timer->files, &wanted);
}

void
pf_settle_timer_add(PfSettleTimer *timer, const PfPending *file)
{
    PfPending *pending = find_pending(timer, file->folder, file->name);
    gint64 due = file->due;

    if (!pending) {
        pending = g_new0(PfPending, 1);
        pending->folder = file->folder;
        pending->name = g_strdup(file->name);
        pending->due = due;
        timer->untimed += due == G_MAXINT64;
        g_hash_table_add(timer->files, pending);
        pending->place = g_sequence_insert_sorted(timer->by_time, pending, compare_due, NULL);
    }
    if (!pending->old_name)
        pending->old_name = g_strdup(file->old_name);
    pending->look = file->look;
    pending->open = file->open;
    if (pending->due != due) {
        timer->untimed += (due == G_MAXINT64) - (pending->due == G_MAXINT64);
        pending->due = due;
        g_sequence_sort_changed(pending->place, compare_due, NULL);
    }
}

const PfPending *
pf_settle_timer_find(PfSettleTimer *timer, gpointer folder, const char *name)
{
    return find_pending(timer, folder, name);
}

const PfPending *
pf_settle_timer_find_open(PfSettleTimer *timer, gpointer folder, guint64 inode)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, timer->files);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const PfPending *pending = key;
        if (pending->folder == folder && pending->open && pending->look.inode == inode)
            return pending;
    }
    return NULL;
}

static PfPending *
take_out(PfSettleTimer *timer, PfPending *pending)
{
    if (!pending)
        return NULL;
    g_hash_table_remove(timer->files, pending);
    g_sequence_remove(pending->place);
    pending->place = NULL;
    timer->untimed -= pending->due == G_MAXINT64;
    return pending;
}

PfPending *
pf_settle_timer_steal(PfSettleTimer *timer, gpointer folder, const char *name)
{
    return take_out(timer, find_pending(timer, folder, name));
}

PfPending *
pf_settle_timer_take_due(PfSettleTimer *timer, gint64 now)
{
    GSequenceIter *first = g_sequence_get_begin_iter(timer->by_time);
    PfPending *pending = g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);

    return pending && pending->due <= now ? take_out(timer, pending) : NULL;
}

gint64
pf_settle_timer_next_due(PfSettleTimer *timer)
{
    GSequenceIter *first = g_sequence_get_begin_iter(timer->by_time);

    return g_sequence_iter_is_end(first) ? G_MAXINT64 : ((PfPending *)g_sequence_get(first))->due;
}

guint
pf_settle_timer_count(PfSettleTimer *timer)
{
    return g_hash_table_size(timer->files) - timer->untimed;
}

void
pf_settle_timer_forget_folder(PfSettleTimer *timer, gpointer folder)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, timer->files);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        PfPending *pending = key;
        if (pending->folder != folder)
            continue;
        g_hash_table_iter_remove(&iter);
        g_sequence_remove(pending->place);
        timer->untimed -= pending->due == G_MAXINT64;
        pf_pending_free(pending);
    }
}

/* --- versions that were reported --- */

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
