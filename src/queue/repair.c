/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/repair.h"

#include "base/crash.h"
#include "base/database.h"
#include "base/files.h"
#include "base/i18n.h"
#include "queue/queue_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What is too damaged, or cannot be read, to be checked is damaged. Returns whether anything else went wrong. */
static gboolean
take_corruption(PfQueueHealth *health, GError **failure, GError **error)
{
    if (!*failure)
        return TRUE;
    if (!pf_database_error_is_damage(*failure)) {
        g_propagate_error(error, g_steal_pointer(failure));
        return FALSE;
    }
    add_damage(health, g_strdup((*failure)->message));
    g_clear_error(failure);
    return TRUE;
}

static gboolean
take_complaint(sqlite3_stmt *row, gpointer data)
{
    g_autofree char *text = pf_database_dup_text(row, 0);

    if (g_strcmp0(text, "ok") != 0)
        add_damage(data, g_steal_pointer(&text));
    return TRUE;
}

static gboolean
check_pages(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;

    pf_database_each(database, pf_database_prepare(database, &failure, "PRAGMA integrity_check(10)", ""),
                     take_complaint, health, &failure);
    return take_corruption(health, &failure, error);
}

static gboolean
take_orphan(sqlite3_stmt *row, gpointer data)
{
    add_damage(data, g_strdup_printf(_("row %" PRId64 " of table %s belongs to a row that is missing"),
                                     (gint64)sqlite3_column_int64(row, 1), (const char *)sqlite3_column_text(row, 0)));
    return TRUE;
}

static gboolean
check_links(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;

    pf_database_each(database, pf_database_prepare(database, &failure, "PRAGMA foreign_key_check", ""), take_orphan,
                     health, &failure);
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

/*
 * Copies the rows of one table of a damaged database.
 *
 * First SQLite is asked for them, from the front and from the back up to the damage. Rows that lie between, or whose
 * way from the table's root leads through the damage, are then read from the pages themselves, by SQLite's documented
 * file format: each page that ends such a way (a leaf) has whole rows, and says nothing of the table it is of, which
 * is known by the number of columns and by what today's table takes.
 */

typedef struct {
    const char *name;
    const char *key; /* of a table WITHOUT ROWID; NULL for another */
} Table;

/* The pages of the damaged file, with what its log held written into them. */
typedef struct {
    GMappedFile *file;
    const guint8 *bytes;
    gsize page; /* bytes */
    gsize count;
    guint8 *is_free; /* by page number from 1 on: not in use, what is there is of another time */
    gboolean has_free_list;
} Pages;

typedef struct {
    sqlite3 *from;
    sqlite3 *to;
    const Table *table;
    char *columns;     /* as both have them */
    char *all_columns; /* as the new one has them */
    int count, all_count;
    gboolean has_row_id; /* its first column is the row id */
    sqlite3_stmt *insert;
} Walk;

/* A damaged schema may not tell a table's columns, so each is tried. */
static gboolean
has_column(sqlite3 *database, const char *table, const char *column)
{
    g_autofree char *sql = g_strdup_printf("SELECT \"%s\".\"%s\" FROM \"%s\"", table, column, table);
    sqlite3_stmt *statement = NULL;
    gboolean has = sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK;

    sqlite3_finalize(statement);
    return has;
}

static gboolean
find_columns(Walk *walk)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT name, pk > 0 AND type = 'INTEGER' FROM pragma_table_info('%s')", walk->table->name);
    g_autoptr(GString) columns = g_string_new(NULL);
    g_autoptr(GString) all = g_string_new(NULL);
    sqlite3_stmt *row = NULL;

    if (sqlite3_prepare_v2(walk->to, sql, -1, &row, NULL) != SQLITE_OK)
        return FALSE;
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(row, 0);
        walk->has_row_id |= walk->all_count == 0 && sqlite3_column_int(row, 1);
        g_string_append_printf(all, "%s\"%s\"", walk->all_count++ > 0 ? ", " : "", name);
        if (has_column(walk->from, walk->table->name, name))
            g_string_append_printf(columns, "%s\"%s\"", walk->count++ > 0 ? ", " : "", name);
    }
    sqlite3_finalize(row);
    walk->columns = g_string_free(g_steal_pointer(&columns), FALSE);
    walk->all_columns = g_string_free(g_steal_pointer(&all), FALSE);
    return TRUE;
}

static gboolean
prepare_insert(Walk *walk, const char *columns, int count)
{
    g_autoptr(GString) sql = g_string_new(NULL);

    g_string_printf(sql, "INSERT OR IGNORE INTO \"%s\" (%s) VALUES (", walk->table->name, columns);
    for (int i = 0; i < count; i++)
        g_string_append(sql, i > 0 ? ", ?" : "?");
    g_string_append_c(sql, ')');
    sqlite3_finalize(walk->insert);
    walk->insert = NULL;
    return sqlite3_prepare_v2(walk->to, sql->str, -1, &walk->insert, NULL) == SQLITE_OK;
}

/* A row that today's table refuses (a value of the wrong kind, an event without its entry) is none of ours. */
static gboolean
insert_row(Walk *walk)
{
    int code = sqlite3_step(walk->insert);

    sqlite3_reset(walk->insert);
    return code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH;
}

/* Walks until the end or the damage. Returns whether the end was reached; *written says whether all could be kept. */
static gboolean
walk_rows(Walk *walk, const char *direction, gboolean *written)
{
    const Table *table = walk->table;
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM \"%s\" NOT INDEXED ORDER BY %s %s", walk->columns,
                                           table->name, table->key ? table->key : "rowid", direction);
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(walk->from, sql, -1, &row, NULL);

    if (code != SQLITE_OK)
        return FALSE;
    while (*written && (code = sqlite3_step(row)) == SQLITE_ROW) {
        for (int i = 0; i < walk->count; i++)
            sqlite3_bind_value(walk->insert, i + 1, sqlite3_column_value(row, i));
        *written = insert_row(walk);
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE;
}

/* --- rows out of pages --- */

static guint64
read_big_endian(const guint8 *bytes, gsize count)
{
    guint64 value = 0;

    for (gsize i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* A number in the file format's variable length. Moves *at behind it; FALSE when it is not whole before @end. */
static gboolean
read_varint(const guint8 **at, const guint8 *end, guint64 *value)
{
    *value = 0;
    for (int i = 0; i < 9 && *at < end; i++) {
        guint8 byte = *(*at)++;
        if (i == 8) {
            *value = *value << 8 | byte;
            return TRUE;
        }
        *value = *value << 7 | (byte & 0x7f);
        if (!(byte & 0x80))
            return TRUE;
    }
    return FALSE;
}

static const guint8 *
find_page(const Pages *pages, guint64 number)
{
    return number >= 1 && number <= pages->count ? pages->bytes + (number - 1) * pages->page : NULL;
}

/* A row of which a part is in further pages is put together. Returns: (transfer full): @size bytes; NULL: not whole. */
static guint8 *
dup_payload(const Pages *pages, const guint8 *start, const guint8 *end, gsize size)
{
    gsize most = pages->page - 35, least = (pages->page - 12) * 32 / 255 - 23;
    gsize here = size;

    if (size > pages->count * pages->page)
        return NULL;
    if (size > most) {
        here = least + (size - least) % (pages->page - 4);
        here = here <= most ? here : least;
    }
    if (here > (gsize)(end - start) || (here < size && (gsize)(end - start) < here + 4))
        return NULL;
    g_autofree guint8 *payload = g_memdup2(start, here);
    guint64 next = here < size ? read_big_endian(start + here, 4) : 0;
    payload = g_realloc(payload, MAX(size, 1));
    while (here < size) {
        const guint8 *page = find_page(pages, next);
        gsize part = MIN(size - here, pages->page - 4);
        if (!page)
            return NULL;
        memcpy(payload + here, page + 4, part);
        here += part;
        next = read_big_endian(page, 4);
    }
    return g_steal_pointer(&payload);
}

/* Binds the value that a record has for a column. Returns: how many bytes it takes; -1: more than there are. */
static gssize
bind_field(sqlite3_stmt *insert, int index, guint64 kind, const guint8 *bytes, gsize left)
{
    static const guint8 sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    gsize size = kind < G_N_ELEMENTS(sizes) ? sizes[kind] : kind >= 12 ? (gsize)((kind - 12) / 2) : 0;

    if (size > left)
        return -1;
    if (kind >= 12 && kind % 2 == 0) {
        sqlite3_bind_blob(insert, index, bytes, (int)size, SQLITE_STATIC);
    } else if (kind >= 13) {
        sqlite3_bind_text(insert, index, (const char *)bytes, (int)size, SQLITE_STATIC);
    } else if (kind >= 1 && kind <= 6) {
        guint64 value = read_big_endian(bytes, size);
        sqlite3_bind_int64(insert, index, (gint64)(value << (64 - 8 * size)) >> (64 - 8 * size));
    } else if (kind == 8 || kind == 9) {
        sqlite3_bind_int64(insert, index, (gint64)kind - 8);
    } else {
        sqlite3_bind_null(insert, index); /* no column of ours holds fractions */
    }
    return (gssize)size;
}

/* Binds a record to the insertion. Returns whether it has the table's columns. */
static gboolean
bind_record(Walk *walk, const guint8 *record, gsize size, gint64 row_id)
{
    const guint8 *kinds = record, *end = record + size;
    guint64 header = 0, kind = 1;
    int count = 0;

    if (!read_varint(&kinds, end, &header) || header > size)
        return FALSE;
    const guint8 *fields_end = record + header, *field = fields_end;
    for (; kinds < fields_end; count++) {
        if (count == walk->all_count || !read_varint(&kinds, fields_end, &kind))
            return FALSE;
        /* A column that is the row id is kept as NULL, and nothing else of ours begins with one. */
        if (count == 0 && (kind == 0) != walk->has_row_id)
            return FALSE;
        gssize used = bind_field(walk->insert, count + 1, kind, field, (gsize)(end - field));
        if (used < 0)
            return FALSE;
        field += used;
    }
    if (walk->has_row_id)
        sqlite3_bind_int64(walk->insert, 1, row_id);
    return count == walk->all_count;
}

static gboolean
scan_cell(Walk *walk, const Pages *pages, const guint8 *cell, const guint8 *end)
{
    guint64 size = 0, row_id = 0;

    if (!read_varint(&cell, end, &size) || !read_varint(&cell, end, &row_id))
        return TRUE;
    g_autofree guint8 *record = dup_payload(pages, cell, end, (gsize)size);
    return !record || !bind_record(walk, record, (gsize)size, (gint64)row_id) || insert_row(walk);
}

/* A leaf of a table is known by its first byte. */
#define LEAF 13
#define LEAF_HEADER 8

static gboolean
scan_leaf(Walk *walk, const Pages *pages, const guint8 *page)
{
    gsize cells = (gsize)read_big_endian(page + 3, 2);
    gboolean written = TRUE;

    for (gsize i = 0; i < cells && LEAF_HEADER + 2 * i + 2 <= pages->page && written; i++) {
        gsize at = (gsize)read_big_endian(page + LEAF_HEADER + 2 * i, 2);
        if (at < pages->page)
            written = scan_cell(walk, pages, page + at, page + pages->page);
        sqlite3_clear_bindings(walk->insert);
    }
    return written;
}

static gboolean
scan_pages(Walk *walk, const Pages *pages)
{
    gboolean written = prepare_insert(walk, walk->all_columns, walk->all_count);

    /* The first page is never one of a table of ours. */
    for (gsize number = 2; number <= pages->count && written; number++) {
        const guint8 *page = find_page(pages, number);
        if (page[0] == LEAF && !pages->is_free[number])
            written = scan_leaf(walk, pages, page);
    }
    return written;
}

/* Marks the pages that are not in use, as the first page lists them. */
static gboolean
read_free_list(Pages *pages)
{
    guint64 expected = read_big_endian(pages->bytes + 36, 4), found = 0;
    guint64 number = read_big_endian(pages->bytes + 32, 4);
    const guint8 *trunk;

    while (number && found < expected && (trunk = find_page(pages, number))) {
        guint64 leaves = read_big_endian(trunk + 4, 4);
        pages->is_free[number] = 1;
        found++;
        for (guint64 i = 0; i < leaves && 8 + 4 * i + 4 <= pages->page; i++) {
            guint64 leaf = read_big_endian(trunk + 8 + 4 * i, 4);
            if (find_page(pages, leaf))
                pages->is_free[leaf] = 1;
            found++;
        }
        number = read_big_endian(trunk, 4);
    }
    return number == 0 && found == expected;
}

static void
pages_clear(Pages *pages)
{
    g_clear_pointer(&pages->file, g_mapped_file_unref);
    g_clear_pointer(&pages->is_free, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pages, pages_clear)

/* What is no database has no pages. */
static void
pages_load(Pages *pages, const char *path)
{
    pages->file = g_mapped_file_new(path, FALSE, NULL);
    gsize length = pages->file ? g_mapped_file_get_length(pages->file) : 0;

    if (length < 512)
        return;
    pages->bytes = (const guint8 *)g_mapped_file_get_contents(pages->file);
    pages->page = (gsize)read_big_endian(pages->bytes + 16, 2);
    pages->page = pages->page == 1 ? 65536 : pages->page;
    if (pages->page < 512 || (pages->page & (pages->page - 1)))
        return;
    pages->count = length / pages->page;
    pages->is_free = g_new0(guint8, pages->count + 1);
    pages->has_free_list = read_free_list(pages);
}

/*
 * Copies every row that can be read, and that today's table takes, from one database into another. Columns that only
 * one of the two has are left out.
 *
 * @from: the damaged one
 * @to: the new one, in a transaction
 * @table: its name, in both
 * @pages: the file of @from
 * @scanned: is set when rows were looked for outside of what the table's root leads to
 *
 * Returns: FALSE when the new database could not be written; what is wrong is then @to's last error. That a table of
 * @from is unreadable altogether is no failure. In the connections' thread.
 */
static gboolean
salvage_table(sqlite3 *from, sqlite3 *to, const Table *table, const Pages *pages, gboolean *scanned)
{
    Walk walk = {.from = from, .to = to, .table = table};
    gboolean written = find_columns(&walk);
    gboolean whole = FALSE;

    if (written && walk.count > 0 && (written = prepare_insert(&walk, walk.columns, walk.count)))
        whole = walk_rows(&walk, "", &written) || walk_rows(&walk, "DESC", &written);
    if (!whole && written && !table->key && pages->count > 0) {
        *scanned = TRUE;
        written = scan_pages(&walk, pages);
    }
    sqlite3_finalize(walk.insert);
    g_free(walk.columns);
    g_free(walk.all_columns);
    return written;
}

/*
 * The files of a salvage: the damaged database is locked, copied aside, and in the end replaced. Errors are
 * PF_DATABASE_ERRORs. Any thread.
 */

/* Where SQLite's locks are in a database file (its documented "pending", "reserved" and "shared" bytes): whoever has
 * the file open in WAL mode holds one of them. */
#define SQLITE_LOCK_START 0x40000000
#define SQLITE_LOCK_LENGTH 512

static gboolean fail(GError **error, PfDatabaseError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean
fail(GError **error, PfDatabaseError code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    g_autofree char *cause = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error(error, PF_DATABASE_ERROR, (int)code, _("%s (the damaged database was not changed)"), cause);
    return FALSE;
}

/*
 * Locks a database against every other program that uses SQLite.
 *
 * Returns: a descriptor, which holds the lock until it is closed; -1 with @error set, BUSY when a program has it open.
 */
static int
lock_database(const char *path, GError **error)
{
    /* This kind of lock belongs to the descriptor: closing another one of the same file does not drop it. */
    struct flock lock = {.l_type = F_WRLCK, .l_start = SQLITE_LOCK_START, .l_len = SQLITE_LOCK_LENGTH};
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file < 0) {
        fail(error, PF_DATABASE_ERROR_OPEN, _("cannot open %s: %s"), path, g_strerror(errno));
        return -1;
    }
    if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY,
                        _("%s: another program has it open; stop that program, then try again"), path);
        else
            fail(error, PF_DATABASE_ERROR_OPEN, _("cannot lock %s: %s"), path, g_strerror(errno));
        close(file);
        return -1;
    }
    return file;
}

/* How much is read at once, and how much is given up where the disk cannot read it, bytes. */
#define COPY_CHUNK 65536
#define COPY_SECTOR 4096

static void
note_unreadable(GPtrArray *unreadable, const char *name, off_t from, off_t to)
{
    g_ptr_array_add(unreadable,
                    g_strdup_printf(_("%s: bytes %" PRId64 " to %" PRId64), name, (gint64)from, (gint64)to - 1));
}

/* A file that is copied. */
typedef struct {
    int from, to;
    const char *name;
    GPtrArray *unreadable; /* takes what cannot be read of it */
    off_t bad;             /* where the unreadable piece began that reaches up to here, -1 for none */
} Copy;

/* Reads a chunk piece by piece; a piece that cannot be read is zeros. Returns FALSE with errno set for other errors. */
static gboolean
read_pieces(Copy *copy, char *bytes, gsize size, off_t offset)
{
    for (gsize done = 0; done < size; done += COPY_SECTOR) {
        gsize part = MIN(COPY_SECTOR, size - done);
        ssize_t got = pf_file_read_at(copy->from, bytes + done, part, offset + (off_t)done);
        if (got < 0 && errno != EIO)
            return FALSE;
        memset(bytes + done + MAX(got, 0), 0, part - (gsize)MAX(got, 0));
        if (got < 0 && copy->bad < 0)
            copy->bad = offset + (off_t)done;
        if (got >= 0 && copy->bad >= 0) {
            note_unreadable(copy->unreadable, copy->name, copy->bad, offset + (off_t)done);
            copy->bad = -1;
        }
    }
    return TRUE;
}

static gboolean
write_bytes(int to, const char *bytes, gsize size)
{
    for (gsize done = 0; done < size;) {
        ssize_t put = write(to, bytes + done, size - done);
        if (put < 0)
            return FALSE;
        done += (gsize)put;
    }
    return TRUE;
}

static gboolean
copy_bytes(Copy *copy)
{
    char bytes[COPY_CHUNK];
    struct stat status;

    if (fstat(copy->from, &status) != 0)
        return FALSE;
    for (off_t at = 0; at < status.st_size; at += COPY_CHUNK) {
        gsize size = (gsize)MIN(COPY_CHUNK, status.st_size - at);
        ssize_t got = copy->bad < 0 ? pread(copy->from, bytes, size, at) : -1;
        if (got != (ssize_t)size && !read_pieces(copy, bytes, size, at))
            return FALSE;
        if (!write_bytes(copy->to, bytes, size))
            return FALSE;
    }
    if (copy->bad >= 0)
        note_unreadable(copy->unreadable, copy->name, copy->bad, status.st_size);
    return fsync(copy->to) == 0;
}

static gboolean
copy_file(const char *from, const char *to, const char *name, GPtrArray *unreadable, GError **error)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);

    if (source < 0)
        return fail(error, PF_DATABASE_ERROR_OPEN, _("cannot read %s: %s"), from, g_strerror(errno));
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gboolean done = target >= 0 && copy_bytes(&(Copy){source, target, name, unreadable, -1});
    if (!done)
        fail(error, PF_DATABASE_ERROR_WRITE, _("cannot copy to %s: %s"), to, g_strerror(errno));
    if (target >= 0 && close(target) != 0 && done)
        done = fail(error, PF_DATABASE_ERROR_WRITE, _("cannot copy to %s: %s"), to, g_strerror(errno));
    if (target >= 0 && !done)
        g_unlink(to);
    close(source);
    return done;
}

/* Copies a database and its -wal, page by page past what the disk cannot read. */
static gboolean
copy_database(const char *from, const char *to, GPtrArray *unreadable, GError **error)
{
    g_autofree char *log = g_strconcat(from, "-wal", NULL);
    g_autofree char *log_copy = g_strconcat(to, "-wal", NULL);

    if (!copy_file(from, to, "queue.db", unreadable, error))
        return FALSE;
    if (!g_file_test(log, G_FILE_TEST_EXISTS) || copy_file(log, log_copy, "queue.db-wal", unreadable, error))
        return TRUE;
    g_unlink(to);
    return FALSE;
}

static gboolean
flush_folder(const char *path, GError **error)
{
    return pf_folder_flush(path) ||
           fail(error, PF_DATABASE_ERROR_WRITE, _("cannot write the folder %s: %s"), path, g_strerror(errno));
}

/* Removes such a copy again, for a salvage that came to nothing. */
static void
remove_aside(const char *aside)
{
    g_autofree char *wal = g_strconcat(aside, "-wal", NULL);

    g_unlink(aside);
    g_unlink(wal);
}

/*
 * Copies the database and its -wal to a dated name in the same folder, durably.
 *
 * @now: the date, seconds since the epoch
 * @unreadable: takes what could not be read
 *
 * Returns: (transfer full): the copy's path; NULL with @error set, nothing being left behind.
 */
static char *
copy_aside(const char *state_dir, gint64 now, GPtrArray *unreadable, GError **error)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
    g_autofree char *stamp = g_date_time_format(date, "%Y%m%dT%H%M%SZ");
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autofree char *aside = g_strdup_printf("%s.damaged-%s", path, stamp);

    for (guint twin = 2; g_file_test(aside, G_FILE_TEST_EXISTS); twin++) {
        g_free(aside);
        aside = g_strdup_printf("%s.damaged-%s-%u", path, stamp, twin);
    }
    if (!copy_database(path, aside, unreadable, error))
        return NULL;
    if (!flush_folder(state_dir, error)) {
        remove_aside(aside);
        return NULL;
    }
    return g_steal_pointer(&aside);
}

/* Makes an empty scratch folder, without what an earlier attempt has left. Returns: (transfer full): its path. */
static char *
make_scratch(const char *state_dir, GError **error)
{
    g_autofree char *scratch = g_build_filename(state_dir, "salvage", NULL);

    pf_scratch_folder_remove(scratch);
    if (g_mkdir_with_parents(scratch, 0700) == 0)
        return g_steal_pointer(&scratch);
    fail(error, PF_DATABASE_ERROR_WRITE, _("cannot create %s: %s"), scratch, g_strerror(errno));
    return NULL;
}

/* Gives the folder another name than the database has, and so the server is asked before any of its entries is sent,
 * see pf_queue_adopt_copy(). */
static gboolean
mark_as_old(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "generation", NULL);
    g_autoptr(GError) failure = NULL;

    if (pf_private_file_write(path, "salvaged", &failure))
        return TRUE;
    return fail(error, PF_DATABASE_ERROR_WRITE, "%s", failure->message);
}

static gboolean
put_in_place(const char *from, const char *to, const char *state_dir, GError **error)
{
    if (g_rename(from, to) != 0)
        return fail(error, PF_DATABASE_ERROR_WRITE, _("cannot replace %s by the new database: %s"), to,
                    g_strerror(errno));
    return flush_folder(state_dir, error);
}

/*
 * Puts the scratch folder's new database in the place of the damaged one, whose -wal and -shm go.
 *
 * An old -wal beside the new file would be replayed into it, and the damaged file without its -wal lacks what was sent
 * last. So the damaged one's copy, into which the -wal was written, comes first: replaying that once more changes
 * nothing, and neither does its end. The copy is locked as the damaged one is, since nothing that is written to it is
 * kept.
 */
static gboolean
replace_database(const char *state_dir, const char *scratch, gboolean is_old, GError **error)
{
    g_autofree char *fresh = g_build_filename(scratch, "queue.db", NULL);
    g_autofree char *damaged = g_build_filename(scratch, PF_QUEUE_DAMAGED, NULL);
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    int lock = lock_database(damaged, error);
    gboolean done = lock >= 0 && (!is_old || mark_as_old(state_dir, error));

    if (done && fsync(lock) != 0)
        done = fail(error, PF_DATABASE_ERROR_WRITE, _("cannot write %s: %s"), damaged, g_strerror(errno));
    PF_CRASH_POINT();
    done = done && put_in_place(damaged, path, state_dir, error);
    PF_CRASH_POINT();
    if (done) {
        pf_database_remove_files(state_dir, "queue.db", TRUE);
        PF_CRASH_POINT();
        done = flush_folder(state_dir, error) && put_in_place(fresh, path, state_dir, error);
        PF_CRASH_POINT();
    }
    if (lock >= 0)
        close(lock);
    return done;
}

void
pf_salvage_free(PfSalvage *salvage)
{
    if (!salvage)
        return;
    g_free(salvage->aside);
    g_ptr_array_unref(salvage->unreadable);
    g_free(salvage);
}

static PfSalvage *
salvage_new(void)
{
    PfSalvage *salvage = g_new0(PfSalvage, 1);

    salvage->unreadable = g_ptr_array_new_with_free_func(g_free);
    return salvage;
}

static gboolean
repair_fail(GError **error, sqlite3 *connection, const char *path)
{
    int code = sqlite3_errcode(connection) & 0xff;

    return fail(error, code == SQLITE_FULL || code == SQLITE_IOERR ? PF_DATABASE_ERROR_WRITE : PF_DATABASE_ERROR_OTHER,
                "%s: %s", path, sqlite3_errmsg(connection));
}

/* --- the first pages --- */

#define MAGIC "SQLite format 3"
#define PAGE 4096
#define TABLE_INSIDE 5

static gboolean
is_zero(const char *bytes, gsize size)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static void
write_page(int file, char *page, gsize at)
{
    if (at == 0) {
        /* With two counters that differ the file's own length holds. The list of free pages is not known. */
        memset(page + 24, 0xff, 4);
        memset(page + 32, 0, 8);
    }
    if (pwrite(file, page, PAGE, (off_t)at) != PAGE)
        g_info(_("page %zu of the copy cannot be written: %s"), at / PAGE + 1, g_strerror(errno));
}

/*
 * Without the page that begins it, or those that say which tables there are, SQLite reads nothing of a database. But
 * these pages are the same in every queue of this version, and are taken from the new one where they are lost.
 *
 * Returns whether the first one was.
 */
static gboolean
restore_schema(const char *damaged, const char *fresh)
{
    g_autofree char *pages = NULL;
    char old[PAGE];
    gsize length = 0;
    gboolean first = FALSE;
    int file = open(damaged, O_RDWR | O_CLOEXEC);

    if (file < 0 || !g_file_get_contents(fresh, &pages, &length, NULL))
        length = 0;
    for (gsize at = 0; at + PAGE <= length; at += PAGE) {
        char *page = pages + at;
        const guint8 *header = (const guint8 *)page + (at == 0 ? 100 : 0);
        gboolean is_schema = header[0] == TABLE_INSIDE || (header[0] == LEAF && read_big_endian(header + 3, 2) > 0);
        if (!is_schema || pread(file, old, PAGE, (off_t)at) != PAGE)
            continue;
        gboolean is_lost = at == 0 ? memcmp(old, MAGIC, sizeof MAGIC) != 0 : is_zero(old, PAGE);
        if (is_lost)
            write_page(file, page, at);
        first |= is_lost && at == 0;
    }
    if (file >= 0)
        close(file);
    return first;
}

/* --- the tables --- */

/* Opens the copy, and writes what its -wal holds into it. A schema that is malformed in places is read as far as it
 * goes. */
static sqlite3 *
open_damaged(const char *path, gboolean *log_lost, GError **error)
{
    sqlite3 *connection = NULL;

    if (sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        repair_fail(error, connection, path);
        sqlite3_close(connection);
        return NULL;
    }
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* A log that is too damaged to be written into the file is lost in any case, but not one that had no room. */
    int code = sqlite3_exec(connection, "PRAGMA writable_schema=ON; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_IOERR) {
        repair_fail(error, connection, path);
        sqlite3_close(connection);
        return NULL;
    }
    *log_lost = code != SQLITE_OK;
    return connection;
}

static gint64
read_number(sqlite3 *connection, const char *sql, gint64 initial)
{
    sqlite3_stmt *row = NULL;
    gint64 number = initial;

    if (sqlite3_prepare_v2(connection, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) != SQLITE_NULL)
        number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return number;
}

static gboolean
copy_tables(sqlite3 *from, sqlite3 *to, const Pages *pages, PfSalvage *salvage, GError **error)
{
    const char *path = sqlite3_db_filename(to, "main");
    /* Entries before their events; what stands alone last. */
    static const Table tables[] = {
        {"entry", NULL},         {"event", NULL},         {"gate", NULL},       {"rate_limit", NULL},
        {"pause", NULL},         {"arrival", NULL},       {"folder", NULL},     {"watched", NULL},
        {"hook", "name"},        {"play_record", NULL},   {"play", NULL},       {"person", "token"},
        {"settled_month", NULL}, {"settled_share", NULL}, {"settlement", NULL}, {"generation", NULL}};
    gboolean scanned = FALSE;

    salvage->expected = read_number(from, "SELECT sum(entries) FROM tally", -1);
    if (sqlite3_exec(to, "PRAGMA foreign_keys=ON; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return repair_fail(error, to, path);
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
        if (!salvage_table(from, to, &tables[i], pages, &scanned))
            return repair_fail(error, to, path);
    salvage->is_old |= scanned && !pages->has_free_list;
    salvage->entries = read_number(to, "SELECT count(*) FROM entry", 0);
    salvage->events = read_number(to, "SELECT count(*) FROM event", 0);
    /* Without a -wal beside it, the file can take the damaged one's place by a single rename. */
    if (sqlite3_exec(to, "COMMIT; PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return repair_fail(error, to, path);
    return TRUE;
}

/* Fills the new queue from the damaged copy, both in the scratch folder. */
static gboolean
fill(const char *folder, PfSalvage *salvage, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "queue.db", NULL);
    g_autofree char *damaged = g_build_filename(folder, PF_QUEUE_DAMAGED, NULL);
    g_auto(Pages) pages = {0};
    PfQueue *queue = pf_queue_open(folder, 0, error);
    sqlite3 *to = NULL;
    gboolean log_lost = FALSE;

    if (!queue)
        return FALSE;
    pf_queue_close(queue);
    for (guint i = 0; i < salvage->unreadable->len; i++)
        salvage->is_old |= g_str_has_prefix(salvage->unreadable->pdata[i], "queue.db-wal");
    salvage->is_old |= restore_schema(damaged, path);
    sqlite3 *from = open_damaged(damaged, &log_lost, error);
    salvage->is_old |= log_lost;
    if (from)
        pages_load(&pages, damaged);
    gboolean done = from && (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
                                 ? copy_tables(from, to, &pages, salvage, error)
                                 : repair_fail(error, to, path));
    sqlite3_close(from);
    sqlite3_close(to);
    return done;
}

PfSalvage *
pf_queue_salvage(const char *state_dir, gint64 now, GError **error)
{
    g_autoptr(PfSalvage) salvage = salvage_new();
    g_autoptr(GPtrArray) none = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = NULL;
    g_autofree char *damaged = NULL;
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    int lock = lock_database(path, error);

    if (lock < 0)
        return NULL;
    salvage->aside = copy_aside(state_dir, now, salvage->unreadable, error);
    if (salvage->aside)
        folder = make_scratch(state_dir, error);
    if (folder)
        damaged = g_build_filename(folder, PF_QUEUE_DAMAGED, NULL);
    gboolean filled = damaged && copy_database(salvage->aside, damaged, none, error) && fill(folder, salvage, error);
    if (salvage->aside && !filled)
        remove_aside(salvage->aside);
    gboolean done = filled && replace_database(state_dir, folder, salvage->is_old, error);
    if (folder)
        pf_scratch_folder_remove(folder);
    close(lock);
    return done ? g_steal_pointer(&salvage) : NULL;
}

PfQueue *
pf_queue_open_salvaged(const char *state_dir, PfSalvage **salvage, GError **error)
{
    g_autoptr(PfSalvage) saved = salvage_new();
    g_autofree char *folder = pf_scratch_folder_make_in_memory(error);
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);

    if (!folder)
        return NULL;
    g_autofree char *damaged = g_build_filename(folder, PF_QUEUE_DAMAGED, NULL);
    gboolean done = copy_database(path, damaged, saved->unreadable, error) && fill(folder, saved, error);
    PfQueue *queue = done ? pf_queue_open(folder, 0, error) : NULL;
    /* SQLite goes on with the open files. */
    pf_scratch_folder_remove(folder);
    if (queue)
        *salvage = g_steal_pointer(&saved);
    return queue;
}
