/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/arrival.h"
#include "queue/repair.h"
#include "scratch_queue.h"
#include <string.h>

#define ENTRIES 2000
#define NOW ((gint64)1760000000)

static char *
file_of(const Scratch *scratch)
{
    return g_build_filename(scratch->folder, "queue.db", NULL);
}

static void
fill_some(Scratch *scratch, guint entries)
{
    g_autoptr(GError) error = NULL;

    scratch_begin(scratch);
    for (guint i = 0; i < entries && !error; i++) {
        g_autofree char *key = g_strdup_printf("https://a.example/%u/%0100u", i, i);
        PfEntry draft = {.key = key,
                         .url = key,
                         .state = PF_ENTRY_QUEUED,
                         .source = PF_SOURCE_WATCH,
                         .next_attempt = NOW - i,
                         .created = NOW};
        gboolean added;
        gint64 id;
        pf_queue_add(scratch->queue, &draft, &id, &added, &error);
    }
    g_assert_no_error(error);
    scratch_end();
}

/* Many entries, the last of them claimed and another one in doubt; closed, so that all is in the one file. */
static void
fill(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;

    fill_some(scratch, ENTRIES);
    g_autoptr(PfEntry) sending = scratch_claim(scratch, NOW);
    g_autoptr(PfEntry) doubtful = scratch_claim(scratch, NOW);
    doubtful->state = PF_ENTRY_QUEUED;
    doubtful->doubt = NOW - 7;
    scratch_begin(scratch);
    g_assert_true(pf_queue_settle(scratch->queue, doubtful, pf_event_of("answer", NULL, NOW), &error));
    scratch_end();
    scratch_close(scratch);
}

/* The numbers of the pages of a table that are leaves, as SQLite's own index of pages would give them: found by what a
 * leaf of a table begins with. */
static GArray *
find_leaves(const char *bytes, gsize length, gsize page, const char *content)
{
    GArray *leaves = g_array_new(FALSE, FALSE, sizeof(gsize));

    for (gsize at = page; at + page <= length; at += page)
        if (bytes[at] == 13 && memmem(bytes + at, page, content, strlen(content)))
            g_array_append_val(leaves, at);
    return leaves;
}

/* Overwrites the entries' leaf pages for which @share says so, and returns how many these were. */
static guint
spoil(const Scratch *scratch, gboolean (*share)(guint index, guint count))
{
    g_autofree char *path = file_of(scratch);
    g_autofree char *bytes = NULL;
    gsize length = 0, page = 4096;
    guint spoilt = 0;

    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    g_autoptr(GArray) leaves = find_leaves(bytes, length, page, "watch");
    g_assert_cmpuint(leaves->len, >, 20);
    for (guint i = 0; i < leaves->len; i++) {
        if (share(i, leaves->len)) {
            memset(bytes + g_array_index(leaves, gsize, i), 0xA5, page);
            spoilt++;
        }
    }
    FILE *file = fopen(path, "r+e");
    g_assert_nonnull(file);
    g_assert_cmpuint(fwrite(bytes, 1, length, file), ==, length);
    g_assert_cmpint(fclose(file), ==, 0);
    return spoilt;
}

static PfQueueHealth *
check(const Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    PfQueueHealth *health = pf_queue_check(scratch->folder, 1000, &error);

    g_assert_no_error(error);
    return health;
}

static PfSalvage *
salvage(const Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    PfSalvage *result = pf_queue_salvage(scratch->folder, NOW, &error);

    g_assert_no_error(error);
    return result;
}

static gboolean
middle(guint index, guint count)
{
    return index == count / 2;
}

static gboolean
every_tenth(guint index, guint count)
{
    return index % 10 == 5 && index + 5 < count;
}

static gboolean
last(guint index, guint count)
{
    return index + 1 == count;
}

static gboolean
none(guint index, guint count)
{
    (void)index;
    (void)count;
    return FALSE;
}

/* The rows of so many pages are lost, and no others. */
static void
salvage_after(Scratch *scratch, gboolean (*share)(guint index, guint count))
{
    fill(scratch);
    guint spoilt = spoil(scratch, share);
    g_autoptr(PfQueueHealth) damaged = check(scratch);
    g_assert_cmpuint(damaged->damages->len, >, 0);

    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_assert_cmpint(saved->expected, ==, ENTRIES);
    /* No page holds more than 40 of these rows. */
    g_assert_cmpint(saved->entries, >=, ENTRIES - (gint64)spoilt * 40);
    g_assert_cmpint(saved->entries, <, ENTRIES);
    g_assert_true(g_file_test(saved->aside, G_FILE_TEST_EXISTS));
    g_assert_true(g_str_has_suffix(saved->aside, "queue.db.damaged-20251009T085320Z"));

    g_autoptr(PfQueueHealth) sound = check(scratch);
    g_assert_cmpuint(sound->damages->len, ==, 0);
    g_assert_false(sound->miscounted);
    g_assert_cmpint(sound->entries, ==, saved->entries);
    scratch_open(scratch);
}

static void
rows_on_both_sides_of_a_bad_page_are_saved(Scratch *scratch, gconstpointer data)
{
    (void)data;
    salvage_after(scratch, middle);
}

static void
rows_between_bad_pages_are_saved(Scratch *scratch, gconstpointer data)
{
    (void)data;
    salvage_after(scratch, every_tenth);
    g_autoptr(PfEntry) first = scratch_read(scratch, 1);
    g_assert_nonnull(first);
    g_autofree char *story = scratch_story(scratch, 1);
    g_assert_cmpstr(story, ==, "added:queued");
}

static void
what_was_in_doubt_still_is(Scratch *scratch, gconstpointer data)
{
    (void)data;
    salvage_after(scratch, middle);
    g_autoptr(PfEntry) sending = scratch_read(scratch, ENTRIES);
    g_autoptr(PfEntry) doubtful = scratch_read(scratch, ENTRIES - 1);
    g_assert_cmpint(sending->state, ==, PF_ENTRY_SENDING);
    g_assert_cmpint(doubtful->doubt, ==, NOW - 7);
    g_autofree char *story = scratch_story(scratch, ENTRIES);
    g_assert_cmpstr(story, ==, "added:queued sending:sending");
}

static void
a_lost_end_does_not_hide_the_rest(Scratch *scratch, gconstpointer data)
{
    (void)data;
    salvage_after(scratch, last);
}

static gboolean
list_path(const PfArrival *arrival, gpointer data)
{
    g_string_append_printf(data, "%s:%s ", pf_arrival_state_name(arrival->state), arrival->path);
    return TRUE;
}

/* Without them, files would be missed, or those that were always there taken for new. */
static void
arrivals_and_marks_of_folders_are_saved(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) open = g_string_new(NULL);
    PfArrival unmatched = {.source = PF_SOURCE_WATCH, .path = (char *)"/p/\xff.mp3", .state = PF_ARRIVAL_UNMATCHED};
    PfArrival matched = {.source = PF_SOURCE_WATCH, .path = (char *)"/p/2.mp3", .state = PF_ARRIVAL_MATCHED, .size = 7};
    gboolean added;
    gint64 id, first, mark;

    (void)data;
    scratch_begin(scratch);
    g_assert_true(pf_arrival_add(scratch->queue, &unmatched, &id, &added, &error));
    g_assert_true(pf_arrival_add(scratch->queue, &matched, &id, &added, &error));
    g_assert_true(pf_arrival_save_marks(scratch->queue, "/p/\xff", NOW * 1000000000 + 9, NOW, &error));
    g_assert_true(pf_arrival_save_marks(scratch->queue, "/q", NOW * 1000000000, NOW - 1, &error));
    scratch_end();
    salvage_after(scratch, middle);
    g_assert_true(pf_arrival_each_open(scratch->queue, list_path, open, &error));
    g_assert_cmpstr(open->str, ==, "unmatched:/p/\xff.mp3 ");
    scratch_begin(scratch);
    g_assert_true(pf_arrival_add(scratch->queue, &matched, &id, &added, &error));
    g_assert_false(added);
    scratch_end();
    g_assert_true(pf_arrival_load_marks(scratch->queue, "/p/\xff", &first, &mark, &error));
    g_assert_cmpint(first, ==, NOW * 1000000000 + 9);
    g_assert_cmpint(mark, ==, NOW);
    g_assert_true(pf_arrival_load_marks(scratch->queue, "/q", &first, &mark, &error));
    g_assert_cmpint(mark, ==, NOW - 1);
    g_assert_no_error(error);
}

/* Overwrites a part of the database file. */
static void
overwrite(const Scratch *scratch, gsize at, char byte, gsize length)
{
    g_autofree char *path = file_of(scratch);
    g_autofree char *bytes = g_malloc(length);
    FILE *file = fopen(path, "r+e");

    memset(bytes, byte, length);
    g_assert_nonnull(file);
    g_assert_cmpint(fseek(file, (long)at, SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(bytes, 1, length, file), ==, length);
    g_assert_cmpint(fclose(file), ==, 0);
}

static gsize
length_of(const Scratch *scratch)
{
    g_autofree char *path = file_of(scratch);
    g_autofree char *bytes = NULL;
    gsize length = 0;

    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return length;
}

/* How many entries there are that today's program reads. */
static gint64
count_entries(const Scratch *scratch)
{
    g_autoptr(PfQueueHealth) health = check(scratch);

    g_assert_cmpuint(health->damages->len, ==, 0);
    g_assert_false(health->miscounted);
    return health->entries;
}

/* Which page it is makes no difference: those are lost that are in it, also when it is the first one, one that says
 * which tables there are, or one that leads to all others. */
static void
no_page_takes_others_with_it(Scratch *scratch, gconstpointer data)
{
    const guint entries = 200;
    const gsize page = 4096;
    g_autofree char *path = file_of(scratch);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    gint64 lost = 0;

    (void)data;
    fill_some(scratch, entries);
    scratch_close(scratch);
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (gsize at = 0; at < length; at += page) {
        g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
        overwrite(scratch, at, 0, page);
        g_autoptr(PfSalvage) saved = salvage(scratch);
        g_assert_cmpint(saved->entries, >=, entries - 40);
        g_assert_cmpint(count_entries(scratch), ==, saved->entries);
        lost += entries - saved->entries;
    }
    /* Every entry is in one page. */
    g_assert_cmpint(lost, ==, entries);
    scratch_open(scratch);
}

/* Without the first page, it is not known which pages have rows of another time: the server is asked before any of them
 * is sent. */
static void
without_its_first_page_the_queue_is_as_old_as_a_backup(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_true(pf_queue_adopt_copy(scratch->queue, NOW, &error));
    fill_some(scratch, 3);
    scratch_close(scratch);
    overwrite(scratch, 0, '\xA5', 4096);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_assert_cmpint(saved->entries, ==, 3);
    g_assert_true(saved->is_old);
    scratch_open(scratch);
    g_assert_true(pf_queue_adopt_copy(scratch->queue, NOW, &error));
    g_assert_no_error(error);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 2);
    g_assert_cmpint(entry->doubt, ==, NOW);
}

/* Rows that were deleted are in pages that are not in use any more. */
static void
what_was_deleted_does_not_come_back(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autoptr(GError) error = NULL;

    (void)data;
    fill_some(scratch, 1000);
    scratch_close(scratch);
    g_autoptr(PfDatabase) database = pf_database_open(path, 1000, &error);
    g_assert_true(pf_database_execute(database, "DELETE FROM entry WHERE id BETWEEN 300 AND 900", &error));
    g_clear_pointer(&database, pf_database_close);
    guint spoilt = spoil(scratch, middle);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_assert_cmpuint(spoilt, ==, 1);
    g_assert_false(saved->is_old);
    g_assert_cmpint(saved->entries, <=, 399);
    g_assert_cmpint(saved->entries, >=, 399 - 40);
    scratch_open(scratch);
    g_assert_null(scratch_read(scratch, 600));
}

/* A text as long as three pages is in pages of its own. */
static void
long_rows_are_saved_from_their_pages(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autoptr(GError) error = NULL;

    (void)data;
    fill_some(scratch, 200);
    scratch_close(scratch);
    g_autoptr(PfDatabase) database = pf_database_open(path, 1000, &error);
    g_assert_true(pf_database_execute(
        database, "UPDATE entry SET title = printf('%012000d', id), thing_id = -id * 70000 WHERE id % 50 = 7", &error));
    g_clear_pointer(&database, pf_database_close);
    overwrite(scratch, 0, 0, 4096);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_assert_cmpint(saved->entries, ==, 200);
    scratch_open(scratch);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 107);
    g_assert_cmpuint(strlen(entry->title), ==, 12000);
    g_assert_true(g_str_has_suffix(entry->title, "000107"));
    g_assert_cmpint(entry->thing_id, ==, -107 * 70000);
}

static void
who_was_asked_and_which_hooks_came_is_saved(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autoptr(GError) error = NULL;
    gint64 rows = 0;

    (void)data;
    fill(scratch);
    g_autoptr(PfDatabase) old = pf_database_open(path, 1000, &error);
    g_assert_true(pf_database_execute(
        old, "INSERT INTO hook VALUES ('a.hook', 1), ('b.hook', 2); INSERT INTO person VALUES ('token', 'anna')",
        &error));
    g_clear_pointer(&old, pf_database_close);
    spoil(scratch, middle);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_autoptr(PfDatabase) repaired = pf_database_open(path, 1000, &error);
    g_assert_true(pf_database_read_number(
        repaired, &rows, &error, "SELECT (SELECT count(*) FROM hook) * 10 + (SELECT count(*) FROM person)", ""));
    g_assert_cmpint(rows, ==, 21);
    scratch_open(scratch);
}

/* It is kept, and the queue begins again. */
static void
nothing_readable_is_said_and_kept(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autofree char *kept = NULL;
    gsize kept_length;

    (void)data;
    fill(scratch);
    gsize length = length_of(scratch);
    overwrite(scratch, 0, '\xA5', length);
    g_autoptr(PfQueueHealth) damaged = check(scratch);
    g_assert_cmpuint(damaged->damages->len, >, 0);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    g_assert_cmpint(saved->entries, ==, 0);
    g_assert_cmpint(saved->expected, ==, -1);
    g_assert_true(g_file_get_contents(saved->aside, &kept, &kept_length, NULL));
    g_assert_cmpuint(kept_length, ==, length);
    g_assert_cmpint(kept[length - 1], ==, '\xA5');
    scratch_open(scratch);
}

/* To read what is left changes nothing. */
static void
a_damaged_queue_is_read_in_memory(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfSalvage) saved = NULL;

    (void)data;
    fill(scratch);
    spoil(scratch, middle);
    g_autoptr(PfQueue) queue = pf_queue_open_salvaged(scratch->folder, &saved, &error);
    g_assert_no_error(error);
    g_assert_cmpint(saved->entries, <, ENTRIES);
    g_autoptr(PfEntry) entry = NULL;
    g_assert_true(pf_queue_read(queue, 1, &entry, &error));
    g_assert_nonnull(entry);
    g_autoptr(PfQueueHealth) damaged = check(scratch);
    g_assert_cmpuint(damaged->damages->len, >, 0);
    scratch_open(scratch);
}

/* Also what only the -wal holds, as a killed program leaves it. */
static void
what_only_the_wal_holds_is_saved(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;

    (void)data;
    fill(scratch);
    spoil(scratch, middle);
    sqlite3 *database = NULL;
    g_assert_cmpint(sqlite3_open(path, &database), ==, SQLITE_OK);
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    g_assert_cmpint(sqlite3_exec(database, "UPDATE entry SET title = 'in the wal' WHERE id = 1", NULL, NULL, NULL), ==,
                    SQLITE_OK);
    sqlite3_close(database);
    g_assert_true(g_file_get_contents(wal, &bytes, &length, NULL));
    g_assert_cmpuint(length, >, 0);
    g_autoptr(PfSalvage) saved = salvage(scratch);
    scratch_open(scratch);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpstr(entry->title, ==, "in the wal");
}

static void
a_sound_database_is_found_sound(Scratch *scratch, gconstpointer data)
{
    (void)data;
    fill(scratch);
    g_assert_cmpuint(spoil(scratch, none), ==, 0);
    g_autoptr(PfQueueHealth) health = check(scratch);
    g_assert_true(health->exists);
    g_assert_cmpuint(health->damages->len, ==, 0);
    g_assert_false(health->miscounted);
    g_assert_cmpint(health->entries, ==, ENTRIES);
    g_assert_cmpint(health->newest, ==, NOW);
}

static void
wrong_counts_are_found_and_corrected(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = file_of(scratch);
    g_autoptr(GError) error = NULL;

    (void)data;
    fill(scratch);
    g_autoptr(PfDatabase) database = pf_database_open(path, 1000, &error);
    g_assert_true(pf_database_execute(database, "UPDATE tally SET entries = 3 WHERE state = 'queued'", &error));
    g_autoptr(PfQueueHealth) wrong = check(scratch);
    g_assert_true(wrong->miscounted);
    g_assert_cmpuint(wrong->damages->len, ==, 0);
    g_assert_true(pf_queue_recount(scratch->folder, 1000, &error));
    g_autoptr(PfQueueHealth) right = check(scratch);
    g_assert_false(right->miscounted);
}

static void
a_folder_without_a_database_is_no_fault(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(scratch->folder, "empty", NULL);

    (void)data;
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_autoptr(PfQueueHealth) health = pf_queue_check(folder, 1000, &error);
    g_assert_no_error(error);
    g_assert_false(health->exists);
    g_assert_null(pf_queue_salvage(folder, NOW, &error));
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN);
}

#define ADD(name, function)                                                                                            \
    g_test_add("/queue_salvage/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("rows on both sides of a bad page are saved", rows_on_both_sides_of_a_bad_page_are_saved);
    ADD("rows between bad pages are saved", rows_between_bad_pages_are_saved);
    ADD("what was in doubt still is", what_was_in_doubt_still_is);
    ADD("a lost end does not hide the rest", a_lost_end_does_not_hide_the_rest);
    ADD("arrivals and marks of folders are saved", arrivals_and_marks_of_folders_are_saved);
    ADD("no page takes others with it", no_page_takes_others_with_it);
    ADD("without its first page the queue is as old as a backup",
        without_its_first_page_the_queue_is_as_old_as_a_backup);
    ADD("what was deleted does not come back", what_was_deleted_does_not_come_back);
    ADD("long rows are saved from their pages", long_rows_are_saved_from_their_pages);
    ADD("who was asked and which hooks came is saved", who_was_asked_and_which_hooks_came_is_saved);
    ADD("a damaged queue is read in memory", a_damaged_queue_is_read_in_memory);
    ADD("nothing readable is said and kept", nothing_readable_is_said_and_kept);
    ADD("what only the wal holds is saved", what_only_the_wal_holds_is_saved);
    ADD("a sound database is found sound", a_sound_database_is_found_sound);
    ADD("wrong counts are found and corrected", wrong_counts_are_found_and_corrected);
    ADD("a folder without a database is no fault", a_folder_without_a_database_is_no_fault);
    return g_test_run();
}
