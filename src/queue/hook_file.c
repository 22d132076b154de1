/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/hook_file.h"

#include "base/crash.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The version of a file; one that is not known is not guessed at. */
#define FILE_VERSION 1

#define ENDING ".json"

G_DEFINE_QUARK(pf_hook_file_error, pf_hook_file_error)

static char *
folder_of(const char *state_dir)
{
    return g_build_filename(state_dir, "hooks", NULL);
}

static gboolean
fail(GError **error, PfHookFileError code, const char *what, const char *path)
{
    g_set_error(error, PF_HOOK_FILE_ERROR, (int)code, "cannot %s %s: %s", what, path, g_strerror(errno));
    return FALSE;
}

/* --- an arrival as JSON --- */

/* The strings of an arrival, in no order. */
static const struct {
    const char *name;
    gsize offset;
} texts[] = {
    {"path", G_STRUCT_OFFSET(PfArrival, path)},       {"former", G_STRUCT_OFFSET(PfArrival, former)},
    {"feed", G_STRUCT_OFFSET(PfArrival, feed)},       {"enclosure", G_STRUCT_OFFSET(PfArrival, enclosure)},
    {"guid", G_STRUCT_OFFSET(PfArrival, guid)},       {"title", G_STRUCT_OFFSET(PfArrival, title)},
    {"payment", G_STRUCT_OFFSET(PfArrival, payment)},
};

static json_t *
arrival_to_json(const PfArrival *arrival)
{
    json_t *object = json_pack("{s:i, s:s, s:I, s:I, s:b, s:I, s:I}", "version", FILE_VERSION, "source",
                               pf_source_name(arrival->source), "size", (json_int_t)arrival->size, "changed",
                               (json_int_t)arrival->changed, "played", arrival->played, "progress",
                               (json_int_t)arrival->progress, "seen", (json_int_t)arrival->seen);

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *text = G_STRUCT_MEMBER(const char *, arrival, texts[i].offset);
        /* What is UTF-8 stays readable, every other byte is escaped: no byte is lost. */
        g_autofree char *encoded = text ? g_uri_escape_string(text, " !$&'()*+,/:;=?@", TRUE) : NULL;
        if (encoded)
            json_object_set_new(object, texts[i].name, json_string(encoded));
    }
    return object;
}

static gboolean
read_texts(const json_t *object, PfArrival *arrival)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const json_t *value = json_object_get(object, texts[i].name);
        char **text = &G_STRUCT_MEMBER(char *, arrival, texts[i].offset);

        if (!value)
            continue;
        *text = json_is_string(value) ? g_uri_unescape_string(json_string_value(value), NULL) : NULL;
        if (!*text)
            return FALSE;
    }
    return arrival->path && g_path_is_absolute(arrival->path);
}

/* Returns NULL for what is no arrival. */
static PfArrival *
arrival_from_json(json_t *object)
{
    g_autoptr(PfArrival) arrival = pf_arrival_new();
    json_int_t size, changed, progress, seen;
    const char *source;
    int version;

    if (json_unpack(object, "{s:i, s:s, s:I, s:I, s:b, s:I, s:I}", "version", &version, "source", &source, "size",
                    &size, "changed", &changed, "played", &arrival->played, "progress", &progress, "seen",
                    &seen) != 0 ||
        version != FILE_VERSION || !pf_source_from_name(source, &arrival->source) || !read_texts(object, arrival))
        return NULL;
    arrival->size = size;
    arrival->changed = changed;
    arrival->progress = progress;
    arrival->seen = seen;
    arrival->next_try = seen;
    return g_steal_pointer(&arrival);
}

/* --- writing --- */

/* A file is there for certain only when its folder says so on the disk. */
static gboolean
sync_folder(const char *path, GError **error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = folder >= 0 && fsync(folder) == 0;

    if (!done)
        fail(error, PF_HOOK_FILE_ERROR_WRITE, "write the folder", path);
    if (folder >= 0)
        close(folder);
    return done;
}

gboolean
pf_hook_file_write(const char *state_dir, const PfArrival *arrival, GError **error)
{
    g_autofree char *folder = folder_of(state_dir);
    g_autofree char *unique = g_uuid_string_random();
    /* By their names, the files are in order of time. */
    g_autofree char *path = g_strdup_printf("%s/%020" G_GINT64_FORMAT "-%s" ENDING, folder, g_get_real_time(), unique);
    g_autoptr(GError) failure = NULL;

    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail(error, PF_HOOK_FILE_ERROR_FOLDER, "make the folder", folder);
    json_t *object = arrival_to_json(arrival);
    char *text = json_dumps(object, JSON_COMPACT);
    PF_CRASH_POINT();
    gboolean written = g_file_set_contents_full(
        path, text, (gssize)strlen(text), G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &failure);
    free(text);
    json_decref(object);
    PF_CRASH_POINT();
    if (written)
        return sync_folder(folder, error);
    g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_WRITE, failure->message);
    return FALSE;
}

/* --- collecting --- */

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of all files, the earliest first; empty when there is no folder. */
static GPtrArray *
list_files(const char *state_dir, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = folder_of(state_dir);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &failure);
    const char *name;

    if (!folder && !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, failure->message);
        return NULL;
    }
    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_suffix(name, ENDING))
            g_ptr_array_add(paths, g_build_filename(path, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return g_steal_pointer(&paths);
}

/* Returns NULL for what is no arrival. */
static PfArrival *
read_file(const char *path)
{
    g_autofree char *text = NULL;
    struct stat status;
    gsize length;

    /* A pipe would never end, a link may lead anywhere. */
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > PF_HOOK_FILE_MAX_SIZE ||
        !g_file_get_contents(path, &text, &length, NULL))
        return NULL;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    PfArrival *arrival = json_is_object(object) ? arrival_from_json(object) : NULL;

    json_decref(object);
    return arrival;
}

static gboolean
add_all(PfQueue *queue, const GPtrArray *arrivals, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean added;
    gint64 id;

    if (pf_queue_begin(queue, &failure)) {
        for (guint i = 0; i < arrivals->len && !failure; i++)
            pf_arrival_add(queue, arrivals->pdata[i], &id, &added, &failure);
        pf_queue_end(queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void
set_aside(const GPtrArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *aside = g_strconcat(paths->pdata[i], ".bad", NULL);
        (void)g_rename(paths->pdata[i], aside);
    }
}

gboolean
pf_hook_file_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error)
{
    g_autoptr(GPtrArray) paths = list_files(state_dir, error);
    g_autoptr(GPtrArray) arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);
    g_autoptr(GPtrArray) good = g_ptr_array_new(), bad = g_ptr_array_new();

    *taken = 0;
    for (guint i = 0; paths && i < paths->len; i++) {
        PfArrival *arrival = read_file(paths->pdata[i]);

        g_ptr_array_add(arrival ? good : bad, paths->pdata[i]);
        if (arrival)
            g_ptr_array_add(arrivals, arrival);
    }
    if (!paths || (good->len > 0 && !add_all(queue, arrivals, error)))
        return FALSE;
    for (guint i = 0; i < good->len; i++) {
        PF_CRASH_POINT();
        g_unlink(good->pdata[i]);
    }
    *taken = good->len;
    if (bad->len == 0)
        return TRUE;
    set_aside(bad);
    g_set_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED,
                "%u of what hooks have left could not be read and was set aside, first %s.bad", bad->len,
                (const char *)bad->pdata[0]);
    return FALSE;
}
