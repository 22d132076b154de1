/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database of another version is refused and left alone, whether it is older or newer. */
#include "scratch_queue.h"

static void
is_refused(const char *folder, const char *version, const char *way)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(folder, "queue.db", NULL);
    g_autofree char *sql = g_strconcat("PRAGMA user_version = ", version, NULL);
    g_autoptr(PfDatabase) database = pf_database_open(path, 1000, &error);
    gint64 left = 0;

    g_assert_no_error(error);
    g_assert_true(pf_database_execute(database, sql, &error));
    g_assert_null(pf_queue_open(folder, 1000, &error));
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_VERSION);
    g_assert_nonnull(strstr(error->message, way));
    g_clear_error(&error);
    g_assert_true(pf_database_read_number(database, &left, &error, "PRAGMA user_version", ""));
    g_assert_cmpint(left, ==, g_ascii_strtoll(version, NULL, 10));
    g_assert_true(pf_database_read_number(database, &left, &error, "SELECT count(*) FROM entry", ""));
    g_assert_cmpint(left, ==, 1);
}

static void
another_version_is_refused(Scratch *scratch, gconstpointer data)
{
    PfEntry draft = {.key = (char *)"k", .created = 1};
    const char *const *version_and_way = data;

    g_assert_cmpint(scratch_add(scratch, draft), >, 0);
    scratch_close(scratch);
    is_refused(scratch->folder, version_and_way[0], version_and_way[1]);
}

static void
a_missing_database_is_made(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(scratch->folder, "new", NULL);

    (void)data;
    g_autoptr(PfQueue) queue = pf_queue_open(folder, 1000, &error);
    g_assert_no_error(error);
    g_clear_pointer(&queue, pf_queue_close);
    queue = pf_queue_open(folder, 1000, &error);
    g_assert_no_error(error);
}

int
main(int argc, char **argv)
{
    static const char *const older[] = {"7", "queue export"};
    static const char *const unnumbered[] = {"0", "queue export"};
    static const char *const newer[] = {"4711", "use that version"};

    g_test_init(&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add("/schema/" name, Scratch, data, scratch_set_up, test, scratch_tear_down)
    ADD("a database of an older version is refused and left alone", older, another_version_is_refused);
    ADD("tables without a version are refused and left alone", unnumbered, another_version_is_refused);
    ADD("a database of a newer version is refused and left alone", newer, another_version_is_refused);
    ADD("a missing database is made, and opened again", NULL, a_missing_database_is_made);
    return g_test_run();
}
