/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every version of the schema that there has been has a dump in tests/data/queue; each is brought to today's. */
#include "scratch_queue.h"

/* The tables and columns of version 1, which every later version has too. */
static const char *const kept[] = {
    "SELECT id, key, period, url, state, reason, attempts, own_faults, next_attempt, doubt, priority, feed, guid, "
    "title,"
    " file, source, created, updated, thing_id, thing_link, thing_title FROM entry ORDER BY id",
    "SELECT id, entry, at, what, state, reason, answer FROM event ORDER BY id",
    "SELECT state, entries FROM tally ORDER BY state",
    "SELECT id, reason, since, next_probe, probes, token FROM gate",
    "SELECT id, hits_limit, remaining, current, reset FROM rate_limit",
};

/* Those that came with version 6. */
static const char *const kept_since_6[] = {
    "SELECT id, source, hex(path), size, changed, hex(former), played, progress, feed, enclosure, guid, title, payment,"
    " state, reason, candidates, seen, next_try, tries, entry FROM arrival ORDER BY id",
    "SELECT hex(folder), first, mark FROM watched ORDER BY folder",
};

/* Those that came with version 7. */
static const char *const kept_since_7[] = {
    "SELECT id, enclosure, published FROM entry WHERE enclosure IS NOT NULL ORDER BY id",
    "SELECT hex(folder), first_part FROM watched ORDER BY folder",
};

/* Those that came with version 8. */
static const char *const kept_since_8[] = {"SELECT name, taken FROM hook ORDER BY name"};

static char *
dump_path(gint64 version)
{
    const char *source = g_getenv("PF_SOURCE");
    g_autofree char *name = g_strdup_printf("v%" G_GINT64_FORMAT ".sql", version);

    return g_build_filename(source ? source : ".", "tests/data/queue", name, NULL);
}

/* All rows of a query as text. */
static char *
query(sqlite3 *database, const char *sql)
{
    GString *text = g_string_new(NULL);
    sqlite3_stmt *row = NULL;

    g_assert_cmpint(sqlite3_prepare_v2(database, sql, -1, &row, NULL), ==, SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const char *value = (const char *)sqlite3_column_text(row, i);
            g_string_append_printf(text, "%s|", value ? value : "NULL");
        }
        g_string_append_c(text, '\n');
    }
    sqlite3_finalize(row);
    return g_string_free(text, FALSE);
}

static sqlite3 *
open_file(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "queue.db", NULL);
    sqlite3 *database = NULL;

    g_assert_cmpint(sqlite3_open(path, &database), ==, SQLITE_OK);
    return database;
}

/* All that is to be kept of a database that was of that version. */
static char *
query_kept(sqlite3 *database, gint64 version)
{
    GString *rows = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
        g_autofree char *text = query(database, kept[i]);
        g_string_append(rows, text);
    }
    for (gsize i = 0; version >= 6 && i < G_N_ELEMENTS(kept_since_6); i++) {
        g_autofree char *text = query(database, kept_since_6[i]);
        g_assert_cmpstr(text, !=, "");
        g_string_append(rows, text);
    }
    for (gsize i = 0; version >= 7 && i < G_N_ELEMENTS(kept_since_7); i++) {
        g_autofree char *text = query(database, kept_since_7[i]);
        g_assert_cmpstr(text, !=, "");
        g_string_append(rows, text);
    }
    for (gsize i = 0; version >= 8 && i < G_N_ELEMENTS(kept_since_8); i++) {
        g_autofree char *text = query(database, kept_since_8[i]);
        g_assert_cmpstr(text, !=, "");
        g_string_append(rows, text);
    }
    return g_string_free(rows, FALSE);
}

static char *
load_dump(const char *folder, gint64 version)
{
    g_autofree char *path = dump_path(version);
    g_autofree char *sql = NULL;
    sqlite3 *database = open_file(folder);

    g_assert_true(g_file_get_contents(path, &sql, NULL, NULL));
    g_assert_cmpint(sqlite3_exec(database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    char *rows = query_kept(database, version);
    sqlite3_close(database);
    return rows;
}

/* What defines the database: the columns of every table, the indexes and the triggers. */
static char *
describe_schema(const char *folder)
{
    sqlite3 *database = open_file(folder);
    g_autofree char *columns = query(database, "SELECT t.name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
                                               " FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
                                               " WHERE t.type = 'table' ORDER BY t.name, c.cid");
    g_autofree char *others =
        query(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table' ORDER BY name");
    g_autofree char *version = query(database, "PRAGMA user_version");

    sqlite3_close(database);
    return g_strconcat(columns, others, version, NULL);
}

static gint64
todays_version(const char *folder)
{
    sqlite3 *database = open_file(folder);
    g_autofree char *version = query(database, "PRAGMA user_version");

    sqlite3_close(database);
    return g_ascii_strtoll(version, NULL, 10);
}

static void
migrate(gint64 version, const char *expected_schema)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("podflattr-schema-XXXXXX", NULL);
    g_autofree char *before = load_dump(folder, version);
    PfQueue *queue = pf_queue_open(folder, 1000, &error);

    g_test_message("from version %" G_GINT64_FORMAT, version);
    g_assert_no_error(error);
    pf_queue_close(queue);
    sqlite3 *database = open_file(folder);
    g_autofree char *after = query_kept(database, version);
    g_autofree char *sound = query(database, "PRAGMA integrity_check");
    g_autofree char *linked = query(database, "PRAGMA foreign_key_check");
    sqlite3_close(database);
    g_assert_cmpstr(after, ==, before);
    g_assert_cmpstr(sound, ==, "ok|\n");
    g_assert_cmpstr(linked, ==, "");
    g_autofree char *schema = describe_schema(folder);
    g_assert_cmpstr(schema, ==, expected_schema);
    scratch_remove(folder);
}

static void
every_version_becomes_todays_with_all_its_rows(Scratch *scratch, gconstpointer data)
{
    g_autofree char *schema = describe_schema(scratch->folder);
    gint64 today = todays_version(scratch->folder);

    (void)data;
    g_assert_cmpint(today, >=, 2);
    for (gint64 version = 1; version <= today; version++)
        migrate(version, schema);
}

static void
a_pause_of_version_1_is_one_still(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(scratch->folder, "old", NULL);
    g_autofree char *token = NULL;
    PfGate gate;

    (void)data;
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_autofree char *rows = load_dump(folder, 1);
    sqlite3 *database = open_file(folder);
    g_assert_cmpint(sqlite3_exec(database, "UPDATE gate SET reason = 'paused', next_probe = NULL", NULL, NULL, NULL),
                    ==, SQLITE_OK);
    sqlite3_close(database);
    g_autoptr(PfQueue) queue = pf_queue_open(folder, 1000, &error);
    g_assert_no_error(error);
    g_assert_true(pf_queue_load_gate(queue, &gate, &token, &error));
    g_assert_cmpint(gate.reason, ==, PF_GATE_PAUSED);
    g_assert_cmpint(gate.since, ==, 1760000020);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/queue_schema/every version becomes today's with all its rows", Scratch, NULL, scratch_set_up,
               every_version_becomes_todays_with_all_its_rows, scratch_tear_down);
    g_test_add("/queue_schema/a pause of version 1 is one still", Scratch, NULL, scratch_set_up,
               a_pause_of_version_1_is_one_still, scratch_tear_down);
    return g_test_run();
}
