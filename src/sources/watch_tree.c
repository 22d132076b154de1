/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inotifytools/inotifytools.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

/* The library keeps dead watches: so many, or as many as there are living ones. Their memory is strewn over pages that
 * cannot be given back; and since a restart takes longer the more there is to watch, it must be worth it. */
#define DEAD_AT_LEAST 256

static guint names;
static guint made; /* watches of this beginning, the dead ones too */
static guint dead;

/* The lowest free descriptor is the one that the library will get. */
static int
check_descriptors(void)
{
    int probe = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (probe < 0)
        return errno;
    g_close(probe, NULL);
    return probe < FD_SETSIZE ? 0 : EMFILE;
}

int
pf_inotify_start(void)
{
    int error = check_descriptors();

    if (error)
        return error;
    if (!inotifytools_initialize())
        return inotifytools_error() ? inotifytools_error() : EIO;
    made = dead = 0;
    while (pf_inotify_next(FALSE))
        continue;
    return 0;
}

void
pf_inotify_stop(void)
{
    inotifytools_cleanup();
}

/* "/" and "/./" mean the same to the kernel, so they can spell a number. */
static char *
make_name(int descriptor)
{
    GString *name = g_string_new("/proc");

    for (guint rest = ++names; rest; rest >>= 1)
        g_string_append(name, rest & 1 ? "/./" : "/");
    g_string_append_printf(name, "self/fd/%d", descriptor);
    return g_string_free(name, FALSE);
}

int
pf_inotify_watch(int descriptor, guint32 mask)
{
    g_autofree char *name = make_name(descriptor);

    if (!inotifytools_watch_file(name, (int)(mask | IN_MASK_CREATE)))
        return inotifytools_error() ? -inotifytools_error() : -EIO;
    made++;
    return inotifytools_wd_from_filename(name);
}

void
pf_inotify_unwatch(int watch)
{
    inotifytools_remove_watch_by_wd(watch);
}

gboolean
pf_inotify_note_dead(void)
{
    dead++;
    return dead > MAX(DEAD_AT_LEAST, made - MIN(made, dead));
}

const struct inotify_event *
pf_inotify_next(gboolean wait)
{
    return inotifytools_next_events(wait ? -1 : 0, 1);
}

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
