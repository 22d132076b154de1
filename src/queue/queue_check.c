/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue_check.h"

#include "queue/schema.h"

static PfQueueHealth *
health_new(void)
{
    PfQueueHealth *health = g_new0(PfQueueHealth, 1);

    health->damages = g_ptr_array_new_with_free_func(g_free);
    return health;
}

void
pf_queue_health_free(PfQueueHealth *health)
{
    if (!health)
        return;
    g_ptr_array_unref(health->damages);
    g_free(health);
}

static void
add_damage(PfQueueHealth *health, char *text)
{
    if (health->damages->len < PF_QUEUE_CHECK_MAX_DAMAGES)
        g_ptr_array_add(health->damages, text);
    else
        g_free(text);
}

/* What is too damaged to be checked is damaged. Returns whether anything else went wrong. */
static gboolean
take_corruption(PfQueueHealth *health, GError **failure, GError **error)
{
    if (!*failure)
        return TRUE;
    if (!g_error_matches(*failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT)) {
        g_propagate_error(error, g_steal_pointer(failure));
        return FALSE;
    }
    add_damage(health, g_strdup((*failure)->message));
    g_clear_error(failure);
    return TRUE;
}

static gboolean
check_pages(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(database, &failure, "PRAGMA integrity_check(10)", "");

    while (row && pf_database_step(database, row, &failure)) {
        g_autofree char *text = pf_database_dup_text(row, 0);
        if (g_strcmp0(text, "ok") != 0)
            add_damage(health, g_steal_pointer(&text));
    }
    return take_corruption(health, &failure, error);
}

static gboolean
check_links(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(database, &failure, "PRAGMA foreign_key_check", "");

    while (row && pf_database_step(database, row, &failure))
        add_damage(health,
                   g_strdup_printf("row %" G_GINT64_FORMAT " of table %s belongs to nothing",
                                   (gint64)sqlite3_column_int64(row, 1), (const char *)sqlite3_column_text(row, 0)));
    return take_corruption(health, &failure, error);
}

static gboolean
count_entries(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 wrong = 0;

    if (pf_database_read_number(database, &wrong, &failure,
                                "SELECT count(*) FROM tally WHERE entries <>"
                                " (SELECT count(*) FROM entry WHERE entry.state = tally.state)",
                                "") &&
        pf_database_read_number(database, &health->entries, &failure, "SELECT count(*) FROM entry", "") &&
        pf_database_read_number(database, &health->unknown, &failure,
                                "SELECT count(*) FROM entry WHERE state = 'held' AND reason = 'unknown'", ""))
        pf_database_read_number(database, &health->newest, &failure, "SELECT max(at) FROM event", "");
    health->miscounted = wrong > 0;
    return take_corruption(health, &failure, error);
}

static gboolean
check_open(PfDatabase *database, const char *path, PfQueueHealth *health, GError **error)
{
    gint64 tables = 0;
    g_autoptr(GError) failure = NULL;

    if (!pf_queue_schema_check(database, path, &failure))
        return take_corruption(health, &failure, error);
    if (!check_pages(database, health, error))
        return FALSE;
    pf_database_read_number(database, &tables, &failure,
                            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                            "('entry', 'event', 'tally')",
                            "");
    if (failure || health->damages->len > 0)
        return take_corruption(health, &failure, error);
    /* A file that nothing was written to yet has no tables. */
    return tables < 3 || (check_links(database, health, error) && count_entries(database, health, error));
}

PfQueueHealth *
pf_queue_check(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfQueueHealth) health = health_new();
    g_autoptr(GError) failure = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&health);
    health->exists = TRUE;
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, &failure);
    if (!(database ? check_open(database, path, health, error) : take_corruption(health, &failure, error)))
        return NULL;
    return g_steal_pointer(&health);
}

gboolean
pf_queue_recount(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, error);

    return database && pf_database_run(database, error,
                                       "UPDATE tally SET entries ="
                                       " (SELECT count(*) FROM entry WHERE entry.state = tally.state)",
                                       "");
}
