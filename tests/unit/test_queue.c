/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *folder;
    PfQueue *queue;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    fixture->folder = g_dir_make_tmp("podflattr-queue-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->queue = pf_queue_open(fixture->folder, 1000, &error);
    g_assert_no_error(error);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    static const char *const names[] = {"queue.db", "queue.db-wal", "queue.db-shm", "sender.lock"};

    (void)data;
    pf_queue_close(fixture->queue);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(fixture->folder, names[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(fixture->folder), ==, 0);
    g_free(fixture->folder);
}

static PfTransaction *transaction; /* the one that is open */

static void
begin(PfQueue *queue)
{
    g_autoptr(GError) error = NULL;

    transaction = pf_queue_begin(queue, &error);
    g_assert_no_error(error);
}

static void
end(void)
{
    g_autoptr(GError) error = NULL;

    pf_transaction_commit(g_steal_pointer(&transaction), &error);
    g_assert_no_error(error);
}

/* Adds an entry in a transaction of its own. */
static gint64
add(PfQueue *queue, const char *key, const char *period, PfSource source, gint64 now, gboolean *added)
{
    g_autoptr(GError) error = NULL;
    PfEntry draft = {.key = (char *)key,
                     .period = (char *)period,
                     .url = (char *)"https://flattr.com/t/1",
                     .state = PF_ENTRY_QUEUED,
                     .title = (char *)"T",
                     .feed = (char *)"f",
                     .source = source,
                     .created = now,
                     .next_attempt = now};
    gboolean is_new;
    gint64 id = 0;

    begin(queue);
    g_assert_true(pf_queue_add(queue, &draft, &id, &is_new, &error));
    g_assert_no_error(error);
    end();
    if (added)
        *added = is_new;
    return id;
}

static PfEntry *
claim(PfQueue *queue, gint64 now)
{
    g_autoptr(GError) error = NULL;

    begin(queue);
    PfEntry *entry = pf_queue_find_due(queue, now, &error);
    g_assert_no_error(error);
    if (entry)
        g_assert_true(pf_queue_claim(queue, entry, "account", now, &error));
    end();
    return entry;
}

static gint64
count(PfQueue *queue, PfEntryState state)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    g_assert_true(pf_queue_count(queue, counts, NULL));
    return counts[state];
}

static void
a_key_is_one_entry_in_a_period(Fixture *fixture, gconstpointer data)
{
    gboolean first, second, monthly, next_month;

    (void)data;
    gint64 id = add(fixture->queue, "https://a/", "", PF_SOURCE_ADD, 1000, &first);
    g_assert_cmpint(add(fixture->queue, "https://a/", "", PF_SOURCE_SCAN, 2000, &second), ==, id);
    g_assert_cmpint(add(fixture->queue, "https://a/", "2026-01", PF_SOURCE_SCAN, 3000, &monthly), !=, id);
    add(fixture->queue, "https://a/", "2026-02", PF_SOURCE_SCAN, 3000, &next_month);
    g_assert_true(first);
    g_assert_false(second);
    g_assert_true(monthly);
    g_assert_true(next_month);
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_QUEUED), ==, 3);
}

static void
what_was_named_by_hand_goes_first_then_the_oldest(Fixture *fixture, gconstpointer data)
{
    const char *const expected[] = {"by hand", "scanned", "oldest", "newer"};

    (void)data;
    add(fixture->queue, "newer", NULL, PF_SOURCE_WATCH, 300, NULL);
    add(fixture->queue, "oldest", NULL, PF_SOURCE_HOOK, 200, NULL);
    add(fixture->queue, "scanned", NULL, PF_SOURCE_SCAN, 410, NULL);
    add(fixture->queue, "by hand", NULL, PF_SOURCE_ADD, 400, NULL);
    add(fixture->queue, "later", NULL, PF_SOURCE_ADD, 9000, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autoptr(PfEntry) entry = claim(fixture->queue, 1000);
        g_assert_nonnull(entry);
        g_assert_cmpstr(entry->key, ==, expected[i]);
        g_assert_cmpint(entry->state, ==, PF_ENTRY_SENDING);
        g_assert_cmpint(entry->attempts, ==, 1);
        g_assert_cmpstr(entry->title, ==, "T");
        g_assert_cmpstr(entry->feed, ==, "f");
    }
    g_assert_null(claim(fixture->queue, 1000));
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_SENDING), ==, 4);

    gint64 due = 0;
    g_assert_true(pf_queue_read_next_due(fixture->queue, &due, NULL));
    g_assert_cmpint(due, ==, 9000);
}

static void
a_verdict_is_kept(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gint64 paid = 0, due = 0;

    (void)data;
    add(fixture->queue, "k", NULL, PF_SOURCE_ADD, 100, NULL);
    g_autoptr(PfEntry) entry = claim(fixture->queue, 100);
    entry->state = PF_ENTRY_FLATTRED;
    entry->next_attempt = 0;
    entry->thing_id = 7;
    entry->thing_link = g_strdup("https://flattr.com/thing/7");
    entry->thing_title = g_strdup("Seven");
    begin(fixture->queue);
    g_assert_true(pf_queue_settle(fixture->queue, entry, pf_event_of("answer", "done: 200", 150), &error));
    end();

    g_assert_cmpint(count(fixture->queue, PF_ENTRY_FLATTRED), ==, 1);
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_SENDING), ==, 0);
    g_assert_null(claim(fixture->queue, G_MAXINT64));
    g_assert_true(pf_queue_read_next_due(fixture->queue, &due, NULL));
    g_assert_cmpint(due, ==, G_MAXINT64);
    g_assert_true(pf_queue_count_paid_since(fixture->queue, 150, &paid, NULL));
    g_assert_cmpint(paid, ==, 1);
    g_assert_true(pf_queue_count_paid_since(fixture->queue, 151, &paid, NULL));
    g_assert_cmpint(paid, ==, 0);
}

static void
what_a_killed_sender_left_is_in_doubt(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    add(fixture->queue, "k", NULL, PF_SOURCE_ADD, 100, NULL);
    pf_entry_free(claim(fixture->queue, 200));
    begin(fixture->queue);
    g_assert_true(pf_queue_adopt_orphans(fixture->queue, 900, &error));
    end();
    /* It is not sent before the server was asked. */
    g_assert_null(claim(fixture->queue, 1000));
    g_autoptr(GPtrArray) doubtful = pf_queue_list_doubtful(fixture->queue, 1000, 10, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(doubtful->len, ==, 1);
    PfEntry *entry = doubtful->pdata[0];
    g_assert_cmpstr(entry->reason, ==, "interrupted");
    g_assert_cmpint(entry->doubt, ==, 200);
    g_assert_cmpint(entry->attempts, ==, 1);

    entry->checked = 950;
    begin(fixture->queue);
    g_assert_true(pf_queue_settle(fixture->queue, entry, pf_event_of("asked", NULL, 950), &error));
    end();
    g_autoptr(PfEntry) again = claim(fixture->queue, 1000);
    g_assert_nonnull(again);
    g_assert_cmpint(again->attempts, ==, 2);
    g_assert_cmpint(again->doubt, ==, 200);
}

static void
a_transaction_that_is_rolled_back_leaves_nothing(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfEntry draft = {.key = (char *)"k", .url = (char *)"u", .state = PF_ENTRY_QUEUED, .created = 1};
    gboolean added;
    gint64 id;

    (void)data;
    begin(fixture->queue);
    g_assert_true(pf_queue_add(fixture->queue, &draft, &id, &added, &error));
    pf_transaction_rollback(g_steal_pointer(&transaction));
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_QUEUED), ==, 0);
    add(fixture->queue, "k", NULL, PF_SOURCE_ADD, 1, &added);
    g_assert_true(added);
}

static void
the_gate_is_kept_with_the_token_it_closed_on(Fixture *fixture, gconstpointer data)
{
    PfGate gate = {0}, read = {0};
    g_autofree char *token = NULL;
    g_autofree char *none = NULL;

    (void)data;
    pf_gate_close(&gate, PF_GATE_NO_MEANS, 1000, PF_GATE_NO_HINTS, 0);
    begin(fixture->queue);
    g_assert_true(pf_queue_save_gate(fixture->queue, &gate, "abc", NULL));
    end();
    g_assert_true(pf_queue_load_gate(fixture->queue, &read, &token, NULL));
    g_assert_cmpint(read.reason, ==, PF_GATE_NO_MEANS);
    g_assert_cmpint(read.since, ==, gate.since);
    g_assert_cmpint(read.next_probe, ==, gate.next_probe);
    g_assert_cmpstr(token, ==, "abc");

    pf_gate_open(&gate);
    begin(fixture->queue);
    g_assert_true(pf_queue_save_gate(fixture->queue, &gate, "abc", NULL));
    end();
    g_assert_true(pf_queue_load_gate(fixture->queue, &read, &none, NULL));
    g_assert_cmpint(read.reason, ==, PF_GATE_OPEN);
    g_assert_null(none);
}

static void
what_is_no_database_is_named_as_such(Fixture *fixture, gconstpointer data)
{
    g_autofree char *folder = g_build_filename(fixture->folder, "other", NULL);
    g_autofree char *path = g_build_filename(folder, "queue.db", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, "this is a shopping list, and a long one at that", -1, NULL));
    g_assert_null(pf_queue_open(folder, 1000, &error));
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT);
    g_unlink(path);
    g_rmdir(folder);
}

static void
only_one_process_is_the_sender(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfQueueLock *lock = pf_queue_lock_take(fixture->folder, &error);

    (void)data;
    g_assert_no_error(error);
    g_assert_cmpint(pf_queue_lock_get_holder(fixture->folder), ==, getpid());
    g_assert_null(pf_queue_lock_take(fixture->folder, &error));
    g_assert_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD);
    pf_queue_lock_release(lock);
    g_assert_cmpint(pf_queue_lock_get_holder(fixture->folder), ==, 0);
}

static void
the_files_are_their_owners_alone(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->folder, "queue.db", NULL);
    struct stat status;

    (void)data;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
}

/* Whether somebody has locked the file: asked through an open file of its own, which this process's locks are others'
 * to. */
static gboolean
is_locked(const char *path)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    g_assert_cmpint(file, >=, 0);
    g_assert_cmpint(fcntl(file, F_OFD_GETLK, &lock), ==, 0);
    /* Left open: closing it would release them. */
    return lock.l_type != F_UNLCK;
}

static void
a_second_connection_leaves_the_locks_of_the_first(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(fixture->folder, "queue.db", NULL);

    (void)data;
    pf_queue_close(pf_queue_open(fixture->folder, 1000, &error));
    g_assert_no_error(error);
    g_assert_true(is_locked(path));
}

/* Whatever ends the process: there is no file left that it would have to remove. */
static void
a_copy_has_no_files_that_could_stay_behind(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    guint found = 0;
    const char *name;

    (void)data;
    add(fixture->queue, "a", "", PF_SOURCE_ADD, 1, NULL);
    g_autoptr(PfQueue) copy = pf_queue_open_copy(fixture->folder, &error);
    g_assert_no_error(error);
    g_autoptr(GDir) descriptors = g_dir_open("/proc/self/fd", 0, &error);
    g_assert_no_error(error);
    while ((name = g_dir_read_name(descriptors))) {
        g_autofree char *path = g_build_filename("/proc/self/fd", name, NULL);
        g_autofree char *target = g_file_read_link(path, NULL);
        if (!target || !g_str_has_prefix(target, "/dev/shm/podflattr-"))
            continue;
        found++;
        g_assert_true(g_str_has_suffix(target, " (deleted)"));
    }
    g_assert_cmpuint(found, >, 0);
    g_assert_cmpint(count(copy, PF_ENTRY_QUEUED), ==, 1);
    add(copy, "b", "", PF_SOURCE_ADD, 1, NULL);
    g_assert_cmpint(count(copy, PF_ENTRY_QUEUED), ==, 2);
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_QUEUED), ==, 1);
}

/* Makes what a process leaves that is killed while it copies. Returns: (transfer full): the folder's path. */
static char *
leave_copy(gint64 seconds_ago)
{
    char *folder = g_strdup("/dev/shm/podflattr-XXXXXX");
    const struct timespec times[2] = {{.tv_sec = g_get_real_time() / G_USEC_PER_SEC - seconds_ago},
                                      {.tv_sec = g_get_real_time() / G_USEC_PER_SEC - seconds_ago}};

    g_assert_nonnull(g_mkdtemp(folder));
    g_autofree char *file = g_build_filename(folder, "queue.db", NULL);
    g_assert_true(g_file_set_contents(file, "half of it", -1, NULL));
    g_assert_cmpint(utimensat(AT_FDCWD, folder, times, 0), ==, 0);
    return folder;
}

static void
a_copy_that_a_killed_process_left_goes_with_the_next(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *abandoned = leave_copy(7200);
    g_autofree char *recent = leave_copy(60);
    g_autofree char *file = g_build_filename(recent, "queue.db", NULL);

    (void)data;
    g_autoptr(PfQueue) copy = pf_queue_open_copy(fixture->folder, &error);
    g_assert_no_error(error);
    g_assert_false(g_file_test(abandoned, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_unlink(file), ==, 0);
    g_assert_cmpint(g_rmdir(recent), ==, 0);
}

static void
what_was_put_off_on_a_fast_clock_is_due(Fixture *fixture, gconstpointer data)
{
    const gint64 now = 1700000000;
    g_autoptr(GError) error = NULL;

    (void)data;
    add(fixture->queue, "http://past/", "", PF_SOURCE_ADD, now, NULL);
    add(fixture->queue, "http://future/", "", PF_SOURCE_WATCH, now + 9999999, NULL);
    for (int i = 0; i < 2; i++)
        pf_entry_free(claim(fixture->queue, now));
    g_assert_cmpint(count(fixture->queue, PF_ENTRY_SENDING), ==, 1);
    begin(fixture->queue);
    g_assert_true(pf_queue_correct_times(fixture->queue, now, &error));
    end();
    g_autoptr(PfEntry) entry = claim(fixture->queue, now);
    g_assert_cmpstr(entry->key, ==, "http://future/");
}

static void
days_that_are_past_count_no_more(Fixture *fixture, gconstpointer data)
{
    const gint64 day = 20000 * (gint64)86400;
    g_autoptr(GError) error = NULL;

    (void)data;
    for (gint64 i = 0; i < 4; i++) {
        g_autofree char *key = g_strdup_printf("http://day/%d", (int)i);
        PfEntry draft = {.key = key,
                         .url = (char *)"https://flattr.com/t/1",
                         .state = PF_ENTRY_QUEUED,
                         .source = PF_SOURCE_WATCH,
                         .created = day,
                         .counted = day + i / 2 * 86400};
        gboolean added;
        gint64 id;
        begin(fixture->queue);
        g_assert_true(pf_queue_add(fixture->queue, &draft, &id, &added, &error));
        end();
    }
    for (gint64 before = day; before <= day + 2 * 86400; before += 86400) {
        g_assert_true(pf_queue_forget_days(fixture->queue, before, &error));
        g_autoptr(GArray) full =
            pf_queue_list_full_days(fixture->queue, (PfDayLimit){PF_DAY_LIMIT_ALL, NULL, 2}, 0, &error);
        g_assert_cmpint(full->len, ==, 2 - (before - day) / 86400);
    }
}

#define ADD(name, function) g_test_add("/queue/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a key is one entry in a period", a_key_is_one_entry_in_a_period);
    ADD("what was named by hand goes first, then the oldest", what_was_named_by_hand_goes_first_then_the_oldest);
    ADD("a verdict is kept", a_verdict_is_kept);
    ADD("what a killed sender left is in doubt", what_a_killed_sender_left_is_in_doubt);
    ADD("a transaction that fails leaves nothing", a_transaction_that_is_rolled_back_leaves_nothing);
    ADD("the gate is kept with the token it closed on", the_gate_is_kept_with_the_token_it_closed_on);
    ADD("what is no database is named as such", what_is_no_database_is_named_as_such);
    ADD("only one process is the sender", only_one_process_is_the_sender);
    ADD("the files are their owner's alone", the_files_are_their_owners_alone);
    ADD("a second connection leaves the locks of the first", a_second_connection_leaves_the_locks_of_the_first);
    ADD("a copy has no files that could stay behind", a_copy_has_no_files_that_could_stay_behind);
    ADD("a copy that a killed process left goes with the next", a_copy_that_a_killed_process_left_goes_with_the_next);
    ADD("what was put off on a fast clock is due", what_was_put_off_on_a_fast_clock_is_due);
    ADD("days that are past count no more", days_that_are_past_count_no_more);
    return g_test_run();
}
