/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a file for `queue import`, taken into an empty queue: read whole or refused in words that name the line.
 * What was taken in is taken in no second time, also as the queue itself exports it.
 */
#include "commands/queue_command.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);
gboolean fuzz_inputs_read(const guint8 *bytes, gsize size);

/* One of each kind. */
extern const char *const fuzz_inputs[];
const char *const fuzz_inputs[] = {
    "{\"version\":1,\"id\":1,\"key\":\"https://a.example/1\",\"period\":\"2026-01\",\"url\":\"https://flattr.com/"
    "submit/"
    "auto?url=https%3A%2F%2Fa.example%2F1&user_id=a\",\"state\":\"flattred\",\"reason\":null,\"attempts\":1,"
    "\"next_attempt\":null,\"feed\":\"https://a.example/"
    "f\",\"guid\":\"g\",\"title\":\"T\xc3\xbc\",\"source\":\"watch\","
    "\"created\":\"2026-01-01T00:00:00Z\",\"updated\":\"2026-01-01T00:00:09Z\",\"thing\":{\"id\":7,\"link\":\"l\","
    "\"title\":\"T\"},\"events\":[{\"at\":\"2026-01-01T00:00:00Z\",\"what\":\"added\",\"state\":\"queued\"}]}\n",
    "{\"version\":1,\"key\":\"k\",\"url\":\"https://a.example/\",\"state\":\"sending\",\"source\":\"add\","
    "\"created\":\"0226-01-01T00:00:00Z\",\"by_hand\":true}\n"
    "{\"version\":1,\"key\":\"o\",\"state\":\"owed\",\"owed\":\"no_link\",\"source\":\"hook\",\"guid\":\"g\","
    "\"feed\":\"https://a.example/f\",\"created\":\"2026-01-01T00:00:00Z\",\"month\":\"2026-01\"}\n",
    "{\"version\":1,\"kind\":\"settled-month\",\"month\":\"2026-01\",\"budget\":1000,\"currency\":\"EUR\","
    "\"weight\":\"episodes\",\"frozen\":\"2026-02-01T00:00:00Z\"}\n",
    NULL,
};

static PfQueue *queue;
static char *folder;

static void
remove_queue(void)
{
    g_autoptr(GDir) names = g_dir_open(folder, 0, NULL);
    const char *name;

    pf_queue_close(queue);
    while (names && (name = g_dir_read_name(names))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        (void)g_remove(path);
    }
    (void)g_rmdir(folder);
    g_free(folder);
}

static void
open_queue(void)
{
    g_autoptr(GError) error = NULL;

    folder = g_mkdtemp(g_strdup("/dev/shm/podflattr-fuzz-XXXXXX"));
    queue = pf_queue_open(folder, 1000, &error);
    g_assert_no_error(error);
    (void)atexit(remove_queue);
}

static gboolean
take_in(const guint8 *bytes, gsize size, guint results[PF_IMPORT_RESULTS], GError **error)
{
    FILE *file = fmemopen((void *)bytes, size, "r");

    memset(results, 0, PF_IMPORT_RESULTS * sizeof *results);
    gboolean done = pf_queue_import_lines(queue, file, "input", results, error);
    fclose(file);
    return done;
}

static gboolean
add_line(const PfEntry *entry, gpointer text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) story = pf_queue_read_history(queue, entry->id, &error);

    g_assert_no_error(error);
    json_t *object = pf_queue_json_whole(entry, story);
    char *line = json_dumps(object, JSON_COMPACT);
    g_string_append_printf(text, "%s\n", line);
    free(line);
    json_decref(object);
    return TRUE;
}

static void
assert_known(const char *text, gsize size)
{
    g_autoptr(GError) error = NULL;
    guint results[PF_IMPORT_RESULTS];

    g_assert_true(take_in((const guint8 *)text, size, results, &error));
    g_assert_cmpuint(results[PF_IMPORT_ADDED], ==, 0);
    g_assert_cmpuint(results[PF_IMPORT_ADVANCED], ==, 0);
}

/* Returns whether a line was taken in. */
gboolean
fuzz_inputs_read(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    guint results[PF_IMPORT_RESULTS];

    if (size == 0)
        return FALSE;
    if (!queue)
        open_queue();
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, &error);
    g_assert_no_error(error);
    if (!take_in(bytes, size, results, &error)) {
        g_assert_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA);
        g_assert_true(g_str_has_prefix(error->message, "input:") && g_utf8_validate(error->message, -1, NULL));
        return FALSE;
    }
    assert_known((const char *)bytes, size);
    g_autoptr(GString) text = g_string_new("\n");
    g_assert_true(pf_queue_each(queue, PF_ENTRY_STATES, add_line, text, &error));
    assert_known(text->str, text->len);
    return results[PF_IMPORT_ADDED] > 0;
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    (void)fuzz_inputs_read(bytes, size);
    return 0;
}
