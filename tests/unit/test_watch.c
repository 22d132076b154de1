/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The user nobody. */
#define NOBODY 65534

#define DEADLINE (60 * G_USEC_PER_SEC)

static const char *const extensions[] = {"mp3", "ogg", NULL};

static int disk_is_broken;     /* reading folders fails, as on a disk that cannot be read; atomic */
static int file_is_unreadable; /* unreadable.mp3 has a time, say, that stat() has no room for; atomic */

/* On 32 bits, glibc has other functions under these names for programs with large files and times. */
#ifdef __USE_FILE_OFFSET64
#define READDIR "readdir64"
#define FSTATAT (sizeof(time_t) > sizeof(long) ? "__fstatat64_time64" : "fstatat64")
#else
#define READDIR "readdir"
#define FSTATAT "fstatat"
#endif

/* In place of the C library's, as readdir() below. */
int
fstatat(int folder, const char *restrict name, struct stat *restrict status, int flags)
{
    static int (*real)(int, const char *, struct stat *, int);

    if (g_atomic_int_get(&file_is_unreadable) && g_str_has_suffix(name, "unreadable.mp3")) {
        errno = EOVERFLOW;
        return -1;
    }
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, FSTATAT);
    return real(folder, name, status, flags);
}

/* Whoever reads a folder with this inode has to wait until it is 0 again. */
static struct {
    GMutex mutex;
    GCond changed;
    ino_t inode;
    gboolean is_waiting;
} slow;

static void
wait_if_slow(DIR *stream)
{
    struct stat status;

    g_mutex_lock(&slow.mutex);
    while (slow.inode && fstat(dirfd(stream), &status) == 0 && status.st_ino == slow.inode) {
        slow.is_waiting = TRUE;
        g_cond_wait(&slow.changed, &slow.mutex);
    }
    slow.is_waiting = FALSE;
    g_mutex_unlock(&slow.mutex);
}

static void
set_slow(ino_t inode)
{
    g_mutex_lock(&slow.mutex);
    slow.inode = inode;
    g_cond_signal(&slow.changed);
    g_mutex_unlock(&slow.mutex);
}

static gboolean
is_slow_one_waiting(void)
{
    g_mutex_lock(&slow.mutex);
    gboolean is_waiting = slow.is_waiting;
    g_mutex_unlock(&slow.mutex);
    return is_waiting;
}

/* In place of the C library's. */
struct dirent *
readdir(DIR *stream)
{
    static struct dirent *(*real)(DIR *);

    if (g_atomic_int_get(&disk_is_broken)) {
        errno = EIO;
        return NULL;
    }
    wait_if_slow(stream);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, READDIR);
    return real(stream);
}

/* A scratch folder with a watcher, and what that has told. */
typedef struct {
    char *base;
    PfWatch *watch;
    GHashTable *told;     /* path → how often, as a pointer */
    GHashTable *formers;  /* path → former */
    GHashTable *versions; /* path, size and ctime, of all that was told */
    GHashTable *marks;    /* folder → mark, as a pointer */
    guint files;          /* told of */
    guint twice;          /* versions told of twice */
    gint64 size;          /* the last one's */
    gint64 settle;
    gint64 first;       /* seconds */
    gint64 exact_first; /* nanoseconds; counts in its stead if it is not 0 */
    gint64 mark;
    gboolean ends_at_once; /* the first file told of ends the watcher */
} Fixture;

static void
found(const PfWatchFile *file, gpointer data)
{
    Fixture *fixture = data;
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(fixture->told, file->path));

    fixture->files++;
    fixture->size = file->size;
    g_hash_table_replace(fixture->told, g_strdup(file->path), GUINT_TO_POINTER(times + 1));
    g_hash_table_replace(fixture->formers, g_strdup(file->path), g_strdup(file->old_name));
    if (!g_hash_table_add(fixture->versions, g_strdup_printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, file->path,
                                                             file->size, file->changed)))
        fixture->twice++;
    if (fixture->ends_at_once)
        g_clear_pointer(&fixture->watch, pf_watch_free);
}

static void
looked(const char *folder, gint64 mark, gpointer data)
{
    Fixture *fixture = data;

    g_hash_table_replace(fixture->marks, g_strdup(folder), GSIZE_TO_POINTER((gsize)mark));
}

static void
changed(gpointer data)
{
    (void)data;
}

static char *
in(Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->base, name, NULL);
}

static gint64
now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static void
begin(Fixture *fixture)
{
    fixture->base = g_dir_make_tmp("watch-XXXXXX", NULL);
    fixture->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    fixture->formers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    fixture->versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    fixture->marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    fixture->first = now() - 10;
    fixture->mark = fixture->first;
    g_autofree char *state = in(fixture, "state");
    g_assert_cmpint(g_mkdir(state, 0700), ==, 0);
}

static PfWatch *
start(Fixture *fixture, const char *one, const char *other)
{
    g_autofree char *state = in(fixture, "state");
    g_autofree char *one_path = in(fixture, one);
    g_autofree char *other_path = other ? in(fixture, other) : NULL;
    g_autoptr(GError) error = NULL;
    gint64 first = fixture->exact_first ? fixture->exact_first : fixture->first * G_GINT64_CONSTANT(1000000000);
    PfWatchFolder folders[] = {{one_path, first, fixture->mark}, {other_path, first, fixture->mark}};
    PfWatchSettings settings = {.folders = folders,
                                .n_folders = other ? 2 : 1,
                                .extensions = extensions,
                                .settle = fixture->settle,
                                .state_dir = state,
                                .found = found,
                                .looked = looked,
                                .data = fixture,
                                .changed = changed,
                                .changed_data = fixture};

    fixture->watch = pf_watch_new(&settings, &error);
    g_assert_no_error(error);
    return fixture->watch;
}

static void
stop(Fixture *fixture)
{
    g_clear_pointer(&fixture->watch, pf_watch_free);
}

static void
end(Fixture *fixture)
{
    const char *remove[] = {"rm", "-rf", fixture->base, NULL};

    stop(fixture);
    g_assert_true(g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
    g_hash_table_unref(fixture->told);
    g_hash_table_unref(fixture->formers);
    g_hash_table_unref(fixture->versions);
    g_hash_table_unref(fixture->marks);
    g_free(fixture->base);
}

static gboolean
wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* Runs the main loop until a condition holds. */
#define WAIT_FOR(condition)                                                                                            \
    do {                                                                                                               \
        gint64 deadline = g_get_monotonic_time() + DEADLINE;                                                           \
        guint waker = g_timeout_add(20, wake, NULL);                                                                   \
        while (!(condition) && g_get_monotonic_time() < deadline)                                                      \
            g_main_context_iteration(NULL, TRUE);                                                                      \
        g_source_remove(waker);                                                                                        \
        g_assert_true(condition);                                                                                      \
    } while (0)

static PfWatchState
state_of(Fixture *fixture, guint index)
{
    const PfWatchReport *reports;

    g_assert_cmpuint(pf_watch_get_report(fixture->watch, &reports), >, index);
    return reports[index].state;
}

static guint
watches_of(Fixture *fixture, guint index)
{
    const PfWatchReport *reports;

    g_assert_cmpuint(pf_watch_get_report(fixture->watch, &reports), >, index);
    return reports[index].watches;
}

static guint
times(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);

    return GPOINTER_TO_UINT(g_hash_table_lookup(fixture->told, path));
}

static const char *
former(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);

    return g_hash_table_lookup(fixture->formers, path);
}

static void
make_folder(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);

    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
}

/* Writes a file in its place, without a rename. */
static void
write_file(Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = in(fixture, name);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    g_assert_cmpint(descriptor, >=, 0);
    g_assert_cmpint(write(descriptor, text, strlen(text)), ==, (gssize)strlen(text));
    close(descriptor);
}

static void
move(Fixture *fixture, const char *from, const char *to)
{
    g_autofree char *from_path = in(fixture, from);
    g_autofree char *to_path = in(fixture, to);

    g_assert_cmpint(g_rename(from_path, to_path), ==, 0);
}

/* A file that is complete when it comes: without a time to settle, a listing of a new folder would tell of one that is
 * just written, and its end is told of once more, rightly. It is written beside its place, under a name that does not
 * count, since a file system may be mounted there. */
static void
put_file(Fixture *fixture, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(name);
    g_autofree char *hidden = g_build_filename(folder, ".put", NULL);

    write_file(fixture, hidden, "a");
    move(fixture, hidden, name);
}

static void
link_to(Fixture *fixture, const char *target, const char *name, gboolean symbolic)
{
    g_autofree char *target_path = in(fixture, target);
    g_autofree char *path = in(fixture, name);

    g_assert_cmpint(symbolic ? symlink(target_path, path) : link(target_path, path), ==, 0);
}

static void
remove_tree(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);
    const char *remove[] = {"rm", "-rf", path, NULL};

    g_assert_true(g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
}

/* Everything that was done before this is told of, since a file that is made now is. */
static void
wait_until_all_is_told(Fixture *fixture, const char *folder)
{
    static guint serial;
    g_autofree char *name = g_strdup_printf("%s/flag-%u.mp3", folder, serial++);

    write_file(fixture, name, "x");
    WAIT_FOR(times(fixture, name) == 1);
    fixture->files--;
}

static void
start_and_wait(Fixture *fixture, const char *folder)
{
    start(fixture, folder, NULL);
    WAIT_FOR(state_of(fixture, 0) == PF_WATCH_ON);
}

static void
a_closed_file_is_told_of_at_once_and_others_are_not(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/.hidden");
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "pods/ep.mp3", "one");
    write_file(&fixture, "pods/EP2.OGG", "two");
    write_file(&fixture, "pods/feed.xml", "<rss/>");
    write_file(&fixture, "pods/other.mp3.part", "no");
    write_file(&fixture, "pods/.ep.mp3", "no");
    write_file(&fixture, "pods/cover.jpg", "no");
    write_file(&fixture, "pods/.hidden/ep.mp3", "no");
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/ep.mp3"), ==, 1);
    g_assert_cmpuint(times(&fixture, "pods/EP2.OGG"), ==, 1);
    g_assert_cmpuint(times(&fixture, "pods/feed.xml"), ==, 1);
    g_assert_cmpuint(fixture.files, ==, 3);
    end(&fixture);
}

static void
every_file_of_many_new_folders_is_told_of_once(void)
{
    guint folders = g_test_thorough() ? 500 : 50;
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    for (guint i = 0; i < folders; i++) {
        g_autofree char *folder = g_strdup_printf("pods/show %u", i);
        make_folder(&fixture, folder);
        for (guint k = 0; k < 40; k++) {
            g_autofree char *file = g_strdup_printf("%s/ep %u.mp3", folder, k);
            write_file(&fixture, file, "episode");
        }
    }
    WAIT_FOR(g_hash_table_size(fixture.told) == 40 * folders);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.twice, ==, 0);
    WAIT_FOR(watches_of(&fixture, 0) == folders + 1);
    end(&fixture);
}

static void
a_tree_is_told_of_whether_it_is_made_or_moved_in(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    make_folder(&fixture, "other/x/y");
    write_file(&fixture, "other/top.mp3", "a");
    write_file(&fixture, "other/x/y/deep.mp3", "b");
    start_and_wait(&fixture, "pods");
    make_folder(&fixture, "pods/a/b/c/d");
    put_file(&fixture, "pods/a/b/c/d/ep.mp3");
    move(&fixture, "other", "pods/moved");
    WAIT_FOR(times(&fixture, "pods/a/b/c/d/ep.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/moved/top.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/moved/x/y/deep.mp3") == 1);
    WAIT_FOR(watches_of(&fixture, 0) == 8);
    g_assert_cmpuint(fixture.twice, ==, 0);
    end(&fixture);
}

/* Returns: a file's ctime, nanoseconds. */
static gint64
changed_at(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);
    struct stat status;

    g_assert_cmpint(stat(path, &status), ==, 0);
    return (gint64)status.st_ctim.tv_sec * G_GINT64_CONSTANT(1000000000) + status.st_ctim.tv_nsec;
}

static void
what_was_changed_before_the_folder_was_first_watched_is_not_told_of(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/new");
    write_file(&fixture, "pods/new/old.mp3", "old");
    fixture.exact_first = changed_at(&fixture, "pods/new/old.mp3");
    fixture.mark = fixture.first;
    gint64 second = now();
    WAIT_FOR(now() > second);
    start_and_wait(&fixture, "pods");
    wait_until_all_is_told(&fixture, "pods");
    stop(&fixture);
    g_assert_cmpuint(fixture.files, ==, 0);
    fixture.exact_first = 0;
    fixture.first = now() - 3600;
    fixture.mark = fixture.first;
    start_and_wait(&fixture, "pods");
    WAIT_FOR(times(&fixture, "pods/new/old.mp3") == 1);
    end(&fixture);
}

/* The clock was ahead when the folder was first watched, and is right now. */
static void
a_first_look_in_the_future_was_when_the_watcher_began(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/old.mp3", "a");
    gint64 second = now();
    WAIT_FOR(now() > second);
    fixture.first = now() + 86400;
    fixture.mark = now() - 3600;
    start_and_wait(&fixture, "pods");
    second = now();
    WAIT_FOR(now() > second);
    write_file(&fixture, "pods/ep.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/old.mp3"), ==, 0);
    end(&fixture);
}

static void
the_first_look_parts_what_was_made_in_one_second(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/before.mp3", "a");
    fixture.exact_first = changed_at(&fixture, "pods/before.mp3");
    /* The kernel's clock for files goes in steps. */
    do {
        remove_tree(&fixture, "pods/after.mp3");
        write_file(&fixture, "pods/after.mp3", "b");
    } while (changed_at(&fixture, "pods/after.mp3") == fixture.exact_first);
    start_and_wait(&fixture, "pods");
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/after.mp3"), ==, 1);
    g_assert_cmpuint(times(&fixture, "pods/before.mp3"), ==, 0);
    end(&fixture);
}

static void
a_start_tells_of_what_changed_since_the_mark(void)
{
    Fixture fixture = {0};
    g_autofree char *pods = NULL;

    begin(&fixture);
    pods = in(&fixture, "pods");
    make_folder(&fixture, "pods/show");
    write_file(&fixture, "pods/show/ep.mp3", "a");
    write_file(&fixture, "pods/show/feed.xml", "a");
    start_and_wait(&fixture, "pods");
    WAIT_FOR(times(&fixture, "pods/show/ep.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/show/feed.xml") == 1);
    WAIT_FOR(g_hash_table_contains(fixture.marks, pods));
    g_assert_cmpint((gint64)GPOINTER_TO_SIZE(g_hash_table_lookup(fixture.marks, pods)), >=, fixture.first);
    g_assert_cmpint((gint64)GPOINTER_TO_SIZE(g_hash_table_lookup(fixture.marks, pods)), <=, now());
    stop(&fixture);
    /* As if an hour had gone by. */
    fixture.first = now() - 3600;
    fixture.mark = now() + 3600;
    start_and_wait(&fixture, "pods");
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/show/ep.mp3"), ==, 1);
    /* Feeds every time: what was read of them may be gone. */
    g_assert_cmpuint(times(&fixture, "pods/show/feed.xml"), ==, 2);
    end(&fixture);
}

/* Whether the file system keeps when a file was made. */
static gboolean
keeps_birth(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);
    struct statx status;

    return statx(AT_FDCWD, path, 0, STATX_BTIME, &status) == 0 && status.stx_mask & STATX_BTIME;
}

static void
a_download_that_was_under_way_at_the_first_look_counts_and_a_rewritten_file_does_not(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/download.mp3.part", "a");
    write_file(&fixture, "pods/old.mp3", "a");
    if (!keeps_birth(&fixture, "pods/old.mp3")) {
        g_test_skip("this file system does not keep when a file was made");
        end(&fixture);
        return;
    }
    fixture.exact_first = changed_at(&fixture, "pods/old.mp3");
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "pods/old.mp3", "and a tag");
    move(&fixture, "pods/download.mp3.part", "pods/download.mp3");
    WAIT_FOR(times(&fixture, "pods/download.mp3") == 1);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/old.mp3"), ==, 0);
    end(&fixture);
}

/* Marks are whole seconds, and a second earlier than the look, for the file system's clock may lag behind. */
static gboolean
is_later_than(gint64 second)
{
    return now() > second;
}

static void
a_start_tells_of_a_tree_that_was_moved_in(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/show/extra");
    make_folder(&fixture, "other/x/y");
    write_file(&fixture, "pods/show/extra/old.mp3", "a");
    write_file(&fixture, "other/x/y/deep.mp3", "b");
    gint64 written = now();
    WAIT_FOR(is_later_than(written + 2));
    fixture.mark = now() - 1;
    move(&fixture, "other", "pods/moved");
    start_and_wait(&fixture, "pods");
    WAIT_FOR(times(&fixture, "pods/moved/x/y/deep.mp3") == 1);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.files, ==, 1);
    end(&fixture);
}

static void
a_renamed_file_tells_its_first_name(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/show");
    fixture.settle = 1;
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "pods/show/tracked.mp3.partial", "abc");
    move(&fixture, "pods/show/tracked.mp3.partial", "pods/show/ep2.mp3");
    move(&fixture, "pods/show/ep2.mp3", "pods/show/2026 ep2.mp3");
    write_file(&fixture, "pods/show/plain.mp3", "abc");
    WAIT_FOR(times(&fixture, "pods/show/2026 ep2.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/show/plain.mp3") == 1);
    g_assert_cmpstr(former(&fixture, "pods/show/2026 ep2.mp3"), ==, "tracked.mp3.partial");
    g_assert_null(former(&fixture, "pods/show/plain.mp3"));
    g_assert_cmpuint(times(&fixture, "pods/show/ep2.mp3"), ==, 0);
    g_assert_cmpuint(fixture.files, ==, 2);
    end(&fixture);
}

static void
a_renamed_folder_is_watched_under_its_new_name(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/old/deep");
    start_and_wait(&fixture, "pods");
    move(&fixture, "pods/old", "pods/new");
    put_file(&fixture, "pods/new/ep.mp3");
    put_file(&fixture, "pods/new/deep/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/new/ep.mp3") == 1 && times(&fixture, "pods/new/deep/ep.mp3") == 1);
    move(&fixture, "pods/new", "away");
    write_file(&fixture, "away/gone.mp3", "c");
    WAIT_FOR(watches_of(&fixture, 0) == 1);
    move(&fixture, "away", "pods/back");
    WAIT_FOR(times(&fixture, "pods/back/gone.mp3") == 1);
    WAIT_FOR(watches_of(&fixture, 0) == 3);
    g_assert_cmpuint(times(&fixture, "away/gone.mp3"), ==, 0);
    g_assert_cmpuint(fixture.twice, ==, 0);
    end(&fixture);
}

static void
a_second_name_of_a_file_counts(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "outside.mp3", "a");
    start_and_wait(&fixture, "pods");
    link_to(&fixture, "outside.mp3", "pods/linked.mp3", FALSE);
    link_to(&fixture, "outside.mp3", "pods/symbolic.mp3", TRUE);
    WAIT_FOR(times(&fixture, "pods/linked.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/symbolic.mp3") == 1);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.files, ==, 2);
    end(&fixture);
}

/* As git-annex keeps them. */
static void
a_link_into_a_hidden_folder_is_the_file(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/.annex");
    write_file(&fixture, "pods/.annex/one", "episode");
    write_file(&fixture, "pods/.annex/two", "another episode");
    link_to(&fixture, "pods/.annex/one", "pods/one.mp3", TRUE);
    start_and_wait(&fixture, "pods");
    link_to(&fixture, "pods/.annex/two", "pods/two.mp3", TRUE);
    WAIT_FOR(times(&fixture, "pods/one.mp3") == 1);
    WAIT_FOR(times(&fixture, "pods/two.mp3") == 1);
    g_assert_cmpint(fixture.size, ==, strlen("another episode"));
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.files, ==, 2);
    end(&fixture);
}

static void
a_file_is_unfinished_while_a_downloaders_file_is_beside_it(void)
{
    static const char *const endings[] = {".aria2", ".st", ".part", ".crdownload"};
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/listed.mp3", "a");
    write_file(&fixture, "pods/listed.mp3.aria2", "a");
    start_and_wait(&fixture, "pods");
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *file = g_strdup_printf("pods/%zu.mp3", i);
        g_autofree char *beside = g_strconcat(file, endings[i], NULL);

        write_file(&fixture, beside, "a");
        write_file(&fixture, file, "a");
        wait_until_all_is_told(&fixture, "pods");
        g_assert_cmpuint(times(&fixture, file), ==, 0);
        remove_tree(&fixture, beside);
        WAIT_FOR(times(&fixture, file) == 1);
    }
    g_assert_cmpuint(times(&fixture, "pods/listed.mp3"), ==, 0);
    remove_tree(&fixture, "pods/listed.mp3.aria2");
    WAIT_FOR(times(&fixture, "pods/listed.mp3") == 1);
    end(&fixture);
}

/* As browsers do it. */
static void
a_finished_download_takes_the_place_of_an_empty_file(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "pods/ep.mp3.part", "an episode");
    write_file(&fixture, "pods/ep.mp3", "");
    wait_until_all_is_told(&fixture, "pods");
    move(&fixture, "pods/ep.mp3.part", "pods/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    g_assert_cmpint(fixture.size, ==, strlen("an episode"));
    g_assert_cmpstr(former(&fixture, "pods/ep.mp3"), ==, "ep.mp3.part");
    end(&fixture);
}

static void
a_file_that_gets_its_name_late_counts_when_it_is_closed(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    g_autofree char *folder = in(&fixture, "pods");
    g_autofree char *path = in(&fixture, "pods/ep.mp3");
    int descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        g_test_skip("this file system has no files without a name");
        end(&fixture);
        return;
    }
    g_autofree char *open_file = g_strdup_printf("/proc/self/fd/%d", descriptor);
    g_assert_cmpint(write(descriptor, "abc", 3), ==, 3);
    g_assert_cmpint(linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW), ==, 0);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/ep.mp3"), ==, 0);
    gint64 begun = g_get_monotonic_time();
    close(descriptor);
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    /* Not by the wait of a file that nobody closes. */
    g_assert_cmpint(g_get_monotonic_time() - begun, <, 50 * G_USEC_PER_SEC);
    end(&fixture);
}

static void
names_that_say_nothing_count_by_their_first_bytes(void)
{
    static const char *const names[] = {"pods/ep.mp3.1", "pods/ep.mp3_", "pods/ep.ogg (2)", "pods/ep.mp3_source=rss"};
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        write_file(&fixture, names[i], "OggS and so on\x01");
    write_file(&fixture, "pods/page.mp3.2", "<html>not found</html>");
    write_file(&fixture, "pods/not wanted.opus", "OggS and so on\x01");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        WAIT_FOR(times(&fixture, names[i]) == 1);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.files, ==, G_N_ELEMENTS(names));
    end(&fixture);
}

static void
a_file_written_in_a_hundred_steps_is_told_of_when_it_settles(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    fixture.settle = 3;
    start_and_wait(&fixture, "pods");
    for (guint i = 0; i < 100; i++) {
        write_file(&fixture, "pods/ep.mp3", "0123456789");
        g_main_context_iteration(NULL, FALSE);
    }
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    g_assert_cmpint(fixture.size, ==, 1000);
    write_file(&fixture, "pods/ep.mp3", "a tag");
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 2);
    g_assert_cmpint(fixture.size, ==, 1005);
    end(&fixture);
}

static void
a_file_that_vanishes_or_is_not_changed_is_not_told_of(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    fixture.settle = 1;
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "pods/kept.mp3", "a");
    write_file(&fixture, "pods/gone.mp3", "a");
    remove_tree(&fixture, "pods/gone.mp3");
    WAIT_FOR(times(&fixture, "pods/kept.mp3") == 1);
    write_file(&fixture, "pods/kept.mp3", "");
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.files, ==, 1);
    end(&fixture);
}

static void
a_missing_folder_is_waited_for(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    start(&fixture, "a/b/pods", NULL);
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
    make_folder(&fixture, "a/b/pods/show");
    put_file(&fixture, "a/b/pods/show/ep.mp3");
    WAIT_FOR(times(&fixture, "a/b/pods/show/ep.mp3") == 1);
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_ON);
    end(&fixture);
}

/* A folder may come between the look for it and the watch that would tell of it. */
static void
a_missing_folder_is_not_missed_while_its_way_is_made(void)
{
    static const char *const way[] = {"a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/pods"};
    Fixture fixture = {0};

    begin(&fixture);
    start(&fixture, "a/b/c/d/pods", NULL);
    for (guint round = 0; round < 100; round++) {
        g_autofree char *file = g_strdup_printf("a/b/c/d/pods/ep%u.mp3", round);

        WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
        for (gsize i = 0; i < G_N_ELEMENTS(way); i++) {
            make_folder(&fixture, way[i]);
            g_usleep(g_test_rand_int_range(0, 200)); /* chance decides where the watcher is by then */
        }
        put_file(&fixture, file);
        WAIT_FOR(times(&fixture, file) == 1);
        remove_tree(&fixture, "a");
    }
    end(&fixture);
}

static void
a_folder_may_be_deleted_and_made_again_or_moved_away_and_back(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "a/pods/show");
    start_and_wait(&fixture, "a/pods");
    remove_tree(&fixture, "a/pods");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
    make_folder(&fixture, "a/pods");
    put_file(&fixture, "a/pods/one.mp3");
    WAIT_FOR(times(&fixture, "a/pods/one.mp3") == 1);
    move(&fixture, "a/pods", "a/elsewhere");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
    write_file(&fixture, "a/elsewhere/two.mp3", "a");
    move(&fixture, "a/elsewhere", "a/pods");
    WAIT_FOR(times(&fixture, "a/pods/two.mp3") == 1);
    move(&fixture, "a", "b");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
    move(&fixture, "b", "a");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_ON);
    write_file(&fixture, "a/pods/three.mp3", "a");
    WAIT_FOR(times(&fixture, "a/pods/three.mp3") == 1);
    g_assert_cmpuint(fixture.twice, ==, 0);
    end(&fixture);
}

static void
links_to_folders_are_followed_once_and_loops_end(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/show");
    make_folder(&fixture, "disk/far");
    write_file(&fixture, "disk/far/before.mp3", "a");
    link_to(&fixture, "pods", "pods/show/loop", TRUE);
    link_to(&fixture, "disk", "pods/a link", TRUE);
    link_to(&fixture, "disk", "pods/b link", TRUE);
    link_to(&fixture, "pods", "pods/here", TRUE);
    start_and_wait(&fixture, "pods");
    WAIT_FOR(fixture.files == 1);
    WAIT_FOR(watches_of(&fixture, 0) == 4);
    write_file(&fixture, "disk/far/after.mp3", "a");
    write_file(&fixture, "pods/show/ep.mp3", "a");
    wait_until_all_is_told(&fixture, "pods");
    WAIT_FOR(fixture.files == 3);
    g_assert_cmpuint(times(&fixture, "pods/show/ep.mp3"), ==, 1);
    /* The other link still leads there when the first one has gone. */
    remove_tree(&fixture, "pods/a link");
    remove_tree(&fixture, "pods/b link");
    WAIT_FOR(watches_of(&fixture, 0) == 2);
    link_to(&fixture, "disk", "pods/new link", TRUE);
    WAIT_FOR(watches_of(&fixture, 0) == 4);
    write_file(&fixture, "disk/far/last.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/new link/far/last.mp3") == 1);
    end(&fixture);
}

static void
what_a_link_leads_to_may_go_and_come_back(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    make_folder(&fixture, "disk/show");
    link_to(&fixture, "disk/show", "pods/linked", TRUE);
    link_to(&fixture, "later/show", "pods/dangling", TRUE);
    link_to(&fixture, "annex/content", "pods/annexed.mp3", TRUE);
    start_and_wait(&fixture, "pods");
    WAIT_FOR(watches_of(&fixture, 0) == 2);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *file = g_strdup_printf("pods/linked/%u.mp3", i);
        move(&fixture, "disk", "unplugged");
        WAIT_FOR(watches_of(&fixture, 0) == 1);
        move(&fixture, "unplugged", "disk");
        WAIT_FOR(watches_of(&fixture, 0) == 2);
        put_file(&fixture, file);
        WAIT_FOR(times(&fixture, file) == 1);
    }
    remove_tree(&fixture, "disk");
    WAIT_FOR(watches_of(&fixture, 0) == 1);
    make_folder(&fixture, "disk/show");
    put_file(&fixture, "disk/show/again.mp3");
    WAIT_FOR(times(&fixture, "pods/linked/again.mp3") == 1);
    make_folder(&fixture, "later/show");
    put_file(&fixture, "later/show/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/dangling/ep.mp3") == 1);
    make_folder(&fixture, "annex");
    put_file(&fixture, "annex/content");
    WAIT_FOR(times(&fixture, "pods/annexed.mp3") == 1);
    g_assert_cmpuint(fixture.twice, ==, 0);
    end(&fixture);
}

static void
a_configured_link_may_be_turned_to_another_folder(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "one");
    link_to(&fixture, "one", "pods", TRUE);
    start_and_wait(&fixture, "pods");
    write_file(&fixture, "one/a.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/a.mp3") == 1);
    link_to(&fixture, "two", "next", TRUE);
    move(&fixture, "next", "pods");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_MISSING);
    make_folder(&fixture, "two");
    put_file(&fixture, "two/b.mp3");
    WAIT_FOR(times(&fixture, "pods/b.mp3") == 1);
    end(&fixture);
}

static void
a_configured_folder_inside_another_is_told_of_once(void)
{
    static const char *const orders[][2] = {{"pods", "pods/show"}, {"pods/show", "pods"}, {"pods", "pods"}};

    for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
        Fixture fixture = {0};
        begin(&fixture);
        make_folder(&fixture, "pods/show");
        write_file(&fixture, "pods/show/before.mp3", "a");
        start(&fixture, orders[i][0], orders[i][1]);
        WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_ON && state_of(&fixture, 1) == PF_WATCH_ON);
        write_file(&fixture, "pods/show/after.mp3", "a");
        write_file(&fixture, "pods/top.mp3", "a");
        WAIT_FOR(fixture.files == 3);
        wait_until_all_is_told(&fixture, "pods");
        g_assert_cmpuint(fixture.files, ==, 3);
        end(&fixture);
    }
}

static void
what_the_kernel_could_not_queue_is_found_by_listing(void)
{
    g_autofree char *text = NULL;
    gint64 room;
    Fixture fixture = {0};

    g_assert_true(g_file_get_contents("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL));
    room = g_ascii_strtoll(text, NULL, 10);
    if (room > 40000) {
        g_test_skip("the kernel's queue of events is too long to be flooded");
        return;
    }
    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    /* The thread waits for the main loop with 4096 files on its hands, while each file makes two events and more. */
    for (gint64 i = 0; i < room + 6000; i++) {
        g_autofree char *name = g_strdup_printf("pods/%" G_GINT64_FORMAT ".mp3", i);
        write_file(&fixture, name, "a");
    }
    WAIT_FOR(g_hash_table_size(fixture.told) == (guint)room + 6000);
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(fixture.twice, ==, 0);
    end(&fixture);
}

static guint
count_descriptors(void)
{
    DIR *stream = opendir("/proc/self/fd");
    guint count = 0;

    while (readdir(stream))
        count++;
    closedir(stream);
    return count;
}

static void
it_ends_while_it_is_busy_and_leaves_nothing_open(void)
{
    Fixture fixture = {0};
    g_autofree char *state = NULL;
    guint before;

    begin(&fixture);
    state = in(&fixture, "state");
    make_folder(&fixture, "pods");
    for (guint i = 0; i < 100; i++) {
        g_autofree char *folder = g_strdup_printf("pods/%u/x", i);
        make_folder(&fixture, folder);
    }
    start_and_wait(&fixture, "pods");
    stop(&fixture);
    before = count_descriptors();
    for (guint i = 0; i < 20; i++) {
        start(&fixture, "pods", NULL);
        for (guint k = 0; k < 20 * i; k++) {
            g_autofree char *name = g_strdup_printf("pods/%u/%u.mp3", k % 100, i);
            write_file(&fixture, name, "a");
        }
        stop(&fixture);
    }
    g_assert_cmpuint(count_descriptors(), ==, before);
    /* Nothing is left in the state folder, which can be removed. */
    g_assert_cmpint(g_rmdir(state), ==, 0);
    end(&fixture);
}

static void
there_is_only_one_at_a_time(void)
{
    g_autoptr(GError) error = NULL;
    Fixture fixture = {0};
    PfWatchSettings settings = {.state_dir = "/nonexistent", .extensions = extensions};

    g_assert_null(pf_watch_new(&settings, &error));
    g_assert_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_STATE);
    g_clear_error(&error);
    begin(&fixture);
    start(&fixture, "pods", NULL);
    g_assert_null(pf_watch_new(&settings, &error));
    g_assert_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_BUSY);
    end(&fixture);
}

static void
an_end_with_nothing_under_way_saves_a_mark(void)
{
    Fixture fixture = {0};
    g_autofree char *pods = NULL;

    begin(&fixture);
    pods = in(&fixture, "pods");
    make_folder(&fixture, "pods");
    fixture.mark = now() - 7200;
    fixture.first = fixture.mark;
    fixture.settle = 600;
    start_and_wait(&fixture, "pods");
    WAIT_FOR(g_hash_table_contains(fixture.marks, pods));
    g_hash_table_remove_all(fixture.marks);
    write_file(&fixture, "pods/waits.mp3", "a");
    stop(&fixture);
    g_assert_cmpuint(g_hash_table_size(fixture.marks), ==, 0);
    g_assert_cmpuint(fixture.files, ==, 0);
    end(&fixture);
}

static void
write_text(const char *path, const char *text)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);

    if (descriptor < 0 || write(descriptor, text, strlen(text)) != (gssize)strlen(text))
        _exit(77);
    close(descriptor);
}

/* In a process of its own, in a user namespace of its own: /proc/sys/user holds the limits of the namespace that one is
 * in, and of no other, unlike /proc/sys/fs/inotify. Exits with 77 when there can be none. */
static void
run_apart(int namespaces, const char *limit, const char *value, void (*test)(void))
{
    g_autofree char *users = g_strdup_printf("0 %u 1\n", (guint)getuid());
    g_autofree char *groups = g_strdup_printf("0 %u 1\n", (guint)getgid());
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (unshare(CLONE_NEWUSER | namespaces) != 0)
            _exit(77);
        write_text("/proc/self/uid_map", users);
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/gid_map", groups);
        if (limit)
            write_text(limit, value);
        test();
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        g_test_skip("no user namespace can be made here to lower inotify's limits or to mount in");
    else
        g_assert_cmpint(status, ==, 0);
}

static const char *
fault_of(Fixture *fixture)
{
    const PfWatchReport *reports;

    pf_watch_get_report(fixture->watch, &reports);
    return reports[0].fault;
}

static void
use_up_watches(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    for (guint i = 0; i < 30; i++) {
        g_autofree char *folder = g_strdup_printf("pods/%u", i);
        g_autofree char *file = g_strdup_printf("pods/%u/ep.mp3", i);
        make_folder(&fixture, folder);
        write_file(&fixture, file, "a");
    }
    start(&fixture, "pods", NULL);
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_POLLED);
    WAIT_FOR(fixture.files == 30);
    g_test_message("%s", fault_of(&fixture));
    g_assert_nonnull(strstr(fault_of(&fixture), "fs.inotify.max_user_watches="));
    g_assert_cmpuint(watches_of(&fixture, 0), <, 31);
    end(&fixture);
}

static void
folders_beyond_the_limit_of_watches_are_polled(void)
{
    run_apart(0, "/proc/sys/user/max_inotify_watches", "12\n", use_up_watches);
}

static void
do_without_instances(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/show");
    write_file(&fixture, "pods/show/ep.mp3", "a");
    start(&fixture, "pods", NULL);
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_POLLED);
    WAIT_FOR(fixture.files == 1);
    g_assert_nonnull(strstr(fault_of(&fixture), "fs.inotify.max_user_instances"));
    end(&fixture);
}

static void
without_an_instance_everything_is_polled(void)
{
    run_apart(0, "/proc/sys/user/max_inotify_instances", "0\n", do_without_instances);
}

static void
mount_here(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);

    if (mount("none", path, "tmpfs", 0, NULL) != 0)
        _exit(77);
}

static void
unmount_here(Fixture *fixture, const char *name)
{
    g_autofree char *path = in(fixture, name);

    /* It is busy for as long as it is being looked through. */
    gboolean unmounted = FALSE;
    WAIT_FOR(unmounted || (unmounted = umount(path) == 0));
}

static void
mount_and_unmount(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/sub");
    start_and_wait(&fixture, "pods");
    mount_here(&fixture, "pods");
    put_file(&fixture, "pods/mounted.mp3");
    WAIT_FOR(times(&fixture, "pods/mounted.mp3") == 1);
    unmount_here(&fixture, "pods");
    put_file(&fixture, "pods/below.mp3");
    WAIT_FOR(times(&fixture, "pods/below.mp3") == 1);
    mount_here(&fixture, "pods/sub");
    make_folder(&fixture, "pods/sub/deep");
    put_file(&fixture, "pods/sub/deep/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/sub/deep/ep.mp3") == 1);
    unmount_here(&fixture, "pods/sub");
    put_file(&fixture, "pods/sub/last.mp3");
    WAIT_FOR(times(&fixture, "pods/sub/last.mp3") == 1);
    end(&fixture);
}

static void
file_systems_may_come_and_go(void)
{
    run_apart(CLONE_NEWNS, NULL, NULL, mount_and_unmount);
}

static void
mount_all_the_time(void)
{
    Fixture fixture = {0};
    guint wakeups = 0;

    begin(&fixture);
    make_folder(&fixture, "pods");
    make_folder(&fixture, "other");
    start_and_wait(&fixture, "pods");
    for (guint i = 0; i < 50; i++) {
        mount_here(&fixture, "other");
        unmount_here(&fixture, "other");
        while (g_main_context_iteration(NULL, FALSE))
            wakeups++;
    }
    g_assert_cmpuint(wakeups, <, 25);
    /* Those of the pause are not lost. */
    mount_here(&fixture, "pods");
    put_file(&fixture, "pods/mounted.mp3");
    WAIT_FOR(times(&fixture, "pods/mounted.mp3") == 1);
    unmount_here(&fixture, "pods");
    end(&fixture);
}

static void
a_host_that_mounts_all_the_time_does_not_wake_it_all_the_time(void)
{
    run_apart(CLONE_NEWNS, NULL, NULL, mount_all_the_time);
}

/* Has the watcher read a folder while other things happen, of which it is told in this order: so many events, that a
 * file system is being unmounted, and that its watch has ended. By then another one is there, with the numbers of the
 * first. */
static void
mount_again_behind_events(Fixture *fixture, guint events)
{
    g_autofree char *before = g_strdup_printf("pods/sub/before-%u.mp3", events);
    g_autofree char *after = g_strdup_printf("pods/sub/after-%u.mp3", events);
    g_autofree char *busy = g_strdup_printf("pods/busy-%u", events);
    g_autofree char *made = in(fixture, "busy");
    g_autofree char *link = in(fixture, "pods/link");
    struct stat status;

    mount_here(fixture, "pods/sub");
    put_file(fixture, before);
    WAIT_FOR(times(fixture, before) == 1);
    make_folder(fixture, "busy");
    g_assert_cmpint(stat(made, &status), ==, 0);
    set_slow(status.st_ino);
    move(fixture, "busy", busy);
    WAIT_FOR(is_slow_one_waiting());
    for (guint i = 0; i < events; i++)
        g_assert_cmpint(i % 2 ? unlink(link) : symlink("nowhere", link), ==, 0);
    unmount_here(fixture, "pods/sub");
    mount_here(fixture, "pods/sub");
    put_file(fixture, after);
    set_slow(0);
    WAIT_FOR(times(fixture, after) == 1);
    unmount_here(fixture, "pods/sub");
    unlink(link);
}

static void
mount_again(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/sub");
    start_and_wait(&fixture, "pods");
    /* The watcher reads 256 events before it lists a folder. */
    for (guint events = 246; events < 260; events++)
        mount_again_behind_events(&fixture, events);
    end(&fixture);
}

static void
a_file_system_with_the_numbers_of_the_one_before_is_another(void)
{
    run_apart(CLONE_NEWNS, NULL, NULL, mount_again);
}

static void
bind_here(Fixture *fixture, const char *what, const char *name)
{
    g_autofree char *from = in(fixture, what);
    g_autofree char *path = in(fixture, name);

    if (mount(from, path, NULL, MS_BIND, NULL) != 0)
        _exit(77);
}

/* These mounts end without IN_UNMOUNT, since their file system stays. */
static void
mount_what_names_lead_to(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods/own");
    make_folder(&fixture, "pods/place");
    make_folder(&fixture, "media");
    make_folder(&fixture, "one/show");
    make_folder(&fixture, "two/show");
    write_file(&fixture, "one/show/one.mp3", "a");
    write_file(&fixture, "two/show/two.mp3", "a");
    link_to(&fixture, "media/show", "pods/link", TRUE);
    start_and_wait(&fixture, "pods");
    bind_here(&fixture, "one", "media");
    WAIT_FOR(times(&fixture, "pods/link/one.mp3") == 1);
    unmount_here(&fixture, "media");
    WAIT_FOR(watches_of(&fixture, 0) == 3);
    bind_here(&fixture, "two", "media");
    WAIT_FOR(times(&fixture, "pods/link/two.mp3") == 1);
    unmount_here(&fixture, "media");
    WAIT_FOR(watches_of(&fixture, 0) == 3);
    bind_here(&fixture, "pods/own", "pods/place");
    WAIT_FOR(watches_of(&fixture, 0) == 2);
    unmount_here(&fixture, "pods/place");
    put_file(&fixture, "pods/place/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/place/ep.mp3") == 1);
    end(&fixture);
}

static void
a_mount_turns_names_to_other_folders(void)
{
    run_apart(CLONE_NEWNS, NULL, NULL, mount_what_names_lead_to);
}

static gboolean
read_byte(int descriptor, GIOCondition condition, gpointer data)
{
    char byte;

    (void)condition;
    (void)data;
    g_assert_cmpint(read(descriptor, &byte, 1), ==, 1);
    return G_SOURCE_REMOVE;
}

static void
mount_beside_urgent_work(void)
{
    Fixture fixture = {0};
    int ends[2];

    begin(&fixture);
    make_folder(&fixture, "pods");
    start_and_wait(&fixture, "pods");
    g_assert_true(g_unix_open_pipe(ends, FD_CLOEXEC, NULL));
    g_unix_fd_add_full(G_PRIORITY_HIGH, ends[0], G_IO_IN, read_byte, NULL, NULL);
    /* The main loop finds both at once. */
    g_assert_cmpint(write(ends[1], "x", 1), ==, 1);
    mount_here(&fixture, "pods");
    put_file(&fixture, "pods/ep.mp3");
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    unmount_here(&fixture, "pods");
    close(ends[0]);
    close(ends[1]);
    end(&fixture);
}

static void
a_mount_is_noticed_while_the_main_loop_has_urgent_work(void)
{
    run_apart(CLONE_NEWNS, NULL, NULL, mount_beside_urgent_work);
}

static void
it_may_be_ended_from_a_callback(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/one.mp3", "a");
    write_file(&fixture, "pods/two.mp3", "a");
    fixture.ends_at_once = TRUE;
    start(&fixture, "pods", NULL);
    WAIT_FOR(!fixture.watch);
    g_assert_cmpuint(fixture.files, ==, 1);
    /* The other file was not told of, so no mark may pass it by. */
    g_assert_cmpuint(g_hash_table_size(fixture.marks), ==, 0);
    end(&fixture);
}

static void
it_goes_on_after_thousands_of_folders_have_gone(void)
{
    /* More than the library may keep dead watches of before it is started over. */
    guint folders = g_test_thorough() ? 10000 : 1000;
    g_autofree char *text = NULL;
    Fixture fixture = {0};

    g_assert_true(g_file_get_contents("/proc/sys/fs/inotify/max_user_watches", &text, NULL, NULL));
    if (g_ascii_strtoll(text, NULL, 10) < 4 * (gint64)folders) {
        g_test_skip("the limit of watches is too low for thousands of folders");
        return;
    }
    begin(&fixture);
    for (guint i = 0; i < folders; i++) {
        g_autofree char *folder = g_strdup_printf("pods/%u/%u", i % 100, i);
        make_folder(&fixture, folder);
    }
    start_and_wait(&fixture, "pods");
    WAIT_FOR(watches_of(&fixture, 0) == folders + 101);
    remove_tree(&fixture, "pods");
    make_folder(&fixture, "pods/new");
    WAIT_FOR(state_of(&fixture, 0) == PF_WATCH_ON && watches_of(&fixture, 0) == 2);
    write_file(&fixture, "pods/new/ep.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/new/ep.mp3") == 1);
    end(&fixture);
}

static void
do_with_an_unreadable_folder(void)
{
    Fixture fixture = {0};
    g_autofree char *closed = NULL;

    begin(&fixture);
    make_folder(&fixture, "pods/closed");
    make_folder(&fixture, "pods/open");
    write_file(&fixture, "pods/closed/before.mp3", "a");
    closed = in(&fixture, "pods/closed");
    g_assert_cmpint(g_chmod(closed, 0), ==, 0);
    start_and_wait(&fixture, "pods");
    WAIT_FOR(fault_of(&fixture) != NULL);
    g_assert_nonnull(strstr(fault_of(&fixture), "pods/closed"));
    write_file(&fixture, "pods/open/ep.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/open/ep.mp3") == 1);
    /* What it has is owed: no mark passes it by, and it is read as soon as it can be. */
    g_autofree char *pods = in(&fixture, "pods");
    g_assert_false(g_hash_table_contains(fixture.marks, pods));
    g_assert_cmpint(g_chmod(closed, 0700), ==, 0);
    WAIT_FOR(fault_of(&fixture) == NULL);
    WAIT_FOR(times(&fixture, "pods/closed/before.mp3") == 1);
    write_file(&fixture, "pods/closed/after.mp3", "a");
    WAIT_FOR(times(&fixture, "pods/closed/after.mp3") == 1);
    /* A file, likewise. */
    g_autofree char *file = in(&fixture, "pods/open/ep.ogg (2)");
    write_file(&fixture, "pods/open/.hidden", "OggS\x01");
    g_autofree char *hidden = in(&fixture, "pods/open/.hidden");
    g_assert_cmpint(g_chmod(hidden, 0), ==, 0);
    move(&fixture, "pods/open/.hidden", "pods/open/ep.ogg (2)");
    wait_until_all_is_told(&fixture, "pods");
    g_assert_cmpuint(times(&fixture, "pods/open/ep.ogg (2)"), ==, 0);
    g_assert_cmpint(g_chmod(file, 0600), ==, 0);
    WAIT_FOR(times(&fixture, "pods/open/ep.ogg (2)") == 1);
    end(&fixture);
}

/* Root may read every folder, and becomes somebody else for this. */
static void
an_unreadable_folder_does_not_stop_the_rest(void)
{
    gboolean is_root = geteuid() == 0;
    pid_t child = is_root ? fork() : 0;
    int status;

    if (child == 0) {
        if (is_root && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(1);
        if (is_root && access(g_get_tmp_dir(), W_OK | X_OK) != 0)
            _exit(77);
        do_with_an_unreadable_folder();
        if (is_root)
            _exit(0);
        return;
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        g_test_skip("the user nobody cannot make a folder in TMPDIR");
    else
        g_assert_cmpint(status, ==, 0);
}

static void
a_listing_that_breaks_off_sets_no_mark_and_is_told_of(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/ep.mp3", "a");
    g_atomic_int_set(&disk_is_broken, 1);
    start(&fixture, "pods", NULL);
    WAIT_FOR(fault_of(&fixture) && strstr(fault_of(&fixture), g_strerror(EIO)));
    /* An event that comes after the listing: what it tells does not hide that the listing broke off. */
    write_file(&fixture, "pods/other.mp3", "b");
    WAIT_FOR(times(&fixture, "pods/other.mp3") == 1);
    stop(&fixture);
    g_assert_cmpuint(times(&fixture, "pods/ep.mp3"), ==, 0);
    g_assert_cmpuint(g_hash_table_size(fixture.marks), ==, 0);
    g_atomic_int_set(&disk_is_broken, 0);
    start_and_wait(&fixture, "pods");
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    WAIT_FOR(g_hash_table_size(fixture.marks) == 1);
    end(&fixture);
}

static void
a_file_that_cannot_be_looked_at_is_reported_and_looked_at_again(void)
{
    Fixture fixture = {0};

    begin(&fixture);
    make_folder(&fixture, "pods");
    write_file(&fixture, "pods/ep.mp3", "a");
    write_file(&fixture, "pods/unreadable.mp3", "b");
    g_atomic_int_set(&file_is_unreadable, 1);
    start(&fixture, "pods", NULL);
    WAIT_FOR(fault_of(&fixture) && strstr(fault_of(&fixture), g_strerror(EOVERFLOW)));
    WAIT_FOR(times(&fixture, "pods/ep.mp3") == 1);
    stop(&fixture);
    g_assert_cmpuint(g_hash_table_size(fixture.marks), ==, 0);
    g_atomic_int_set(&file_is_unreadable, 0);
    start_and_wait(&fixture, "pods");
    WAIT_FOR(times(&fixture, "pods/unreadable.mp3") == 1);
    WAIT_FOR(g_hash_table_size(fixture.marks) == 1);
    g_assert_null(fault_of(&fixture));
    /* One that comes later is no other matter. */
    g_atomic_int_set(&file_is_unreadable, 1);
    write_file(&fixture, "pods/later-unreadable.mp3", "c");
    WAIT_FOR(fault_of(&fixture) && strstr(fault_of(&fixture), g_strerror(EOVERFLOW)));
    g_atomic_int_set(&file_is_unreadable, 0);
    end(&fixture);
}

#define ADD(name) g_test_add_func("/watch/" #name, name)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* Those that fork come first, while there is one thread only. */
    ADD(folders_beyond_the_limit_of_watches_are_polled);
    ADD(without_an_instance_everything_is_polled);
    ADD(file_systems_may_come_and_go);
    ADD(a_host_that_mounts_all_the_time_does_not_wake_it_all_the_time);
    ADD(a_file_system_with_the_numbers_of_the_one_before_is_another);
    ADD(a_mount_turns_names_to_other_folders);
    ADD(a_mount_is_noticed_while_the_main_loop_has_urgent_work);
    ADD(an_unreadable_folder_does_not_stop_the_rest);
    ADD(a_closed_file_is_told_of_at_once_and_others_are_not);
    ADD(every_file_of_many_new_folders_is_told_of_once);
    ADD(a_tree_is_told_of_whether_it_is_made_or_moved_in);
    ADD(what_was_changed_before_the_folder_was_first_watched_is_not_told_of);
    ADD(a_first_look_in_the_future_was_when_the_watcher_began);
    ADD(the_first_look_parts_what_was_made_in_one_second);
    ADD(a_start_tells_of_what_changed_since_the_mark);
    ADD(a_download_that_was_under_way_at_the_first_look_counts_and_a_rewritten_file_does_not);
    ADD(a_start_tells_of_a_tree_that_was_moved_in);
    ADD(a_renamed_file_tells_its_first_name);
    ADD(a_renamed_folder_is_watched_under_its_new_name);
    ADD(a_second_name_of_a_file_counts);
    ADD(a_link_into_a_hidden_folder_is_the_file);
    ADD(a_file_is_unfinished_while_a_downloaders_file_is_beside_it);
    ADD(a_finished_download_takes_the_place_of_an_empty_file);
    ADD(a_file_that_gets_its_name_late_counts_when_it_is_closed);
    ADD(names_that_say_nothing_count_by_their_first_bytes);
    ADD(a_file_written_in_a_hundred_steps_is_told_of_when_it_settles);
    ADD(a_file_that_vanishes_or_is_not_changed_is_not_told_of);
    ADD(a_missing_folder_is_waited_for);
    ADD(a_missing_folder_is_not_missed_while_its_way_is_made);
    ADD(a_folder_may_be_deleted_and_made_again_or_moved_away_and_back);
    ADD(links_to_folders_are_followed_once_and_loops_end);
    ADD(what_a_link_leads_to_may_go_and_come_back);
    ADD(a_configured_link_may_be_turned_to_another_folder);
    ADD(a_configured_folder_inside_another_is_told_of_once);
    ADD(what_the_kernel_could_not_queue_is_found_by_listing);
    ADD(it_ends_while_it_is_busy_and_leaves_nothing_open);
    ADD(it_may_be_ended_from_a_callback);
    ADD(it_goes_on_after_thousands_of_folders_have_gone);
    ADD(there_is_only_one_at_a_time);
    ADD(an_end_with_nothing_under_way_saves_a_mark);
    ADD(a_file_that_cannot_be_looked_at_is_reported_and_looked_at_again);
    ADD(a_listing_that_breaks_off_sets_no_mark_and_is_told_of);
    return g_test_run();
}
