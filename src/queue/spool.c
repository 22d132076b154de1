/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/spool.h"

#include "base/crash.h"
#include "base/files.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The version of a file; one that is not known is not guessed at. */
#define FILE_VERSION 1

G_DEFINE_QUARK(pf_hook_file_error, pf_hook_file_error)

char *
pf_hook_file_folder(const char *state_dir)
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

static json_t *
arrival_to_json(const PfArrival *arrival)
{
    json_t *object = json_pack("{s:i}", "version", FILE_VERSION);

    for (gsize i = 0; i < PF_ARRIVAL_TOLD; i++) {
        const PfColumn *column = &pf_arrival_columns.columns[i];
        gconstpointer member = G_STRUCT_MEMBER_P(arrival, column->offset);
        json_t *value = NULL;

        switch (column->kind) {
        case PF_COLUMN_TEXT:
        case PF_COLUMN_BYTES:
            if (*(char *const *)member) {
                /* What is UTF-8 stays readable, every other byte is escaped: no byte is lost. */
                g_autofree char *encoded = g_uri_escape_string(*(char *const *)member, " !$&'()*+,/:;=?@", TRUE);
                value = json_string(encoded);
            }
            break;
        case PF_COLUMN_NUMBER:
        case PF_COLUMN_TIME:
            value = json_integer(*(const gint64 *)member);
            break;
        case PF_COLUMN_NAME:
            value = json_string(column->names[*(const guint *)member]);
            break;
        default:
            value = json_boolean(*(const gboolean *)member);
        }
        if (value)
            json_object_set_new(object, column->member, value);
    }
    return object;
}

static gboolean
read_member(const json_t *value, const PfColumn *column, gpointer member)
{
    switch (column->kind) {
    case PF_COLUMN_TEXT:
    case PF_COLUMN_BYTES:
        if (!value)
            return TRUE;
        *(char **)member = json_is_string(value) ? g_uri_unescape_string(json_string_value(value), NULL) : NULL;
        return *(char **)member != NULL;
    case PF_COLUMN_NUMBER:
    case PF_COLUMN_TIME:
        *(gint64 *)member = json_integer_value(value);
        return json_is_integer(value);
    case PF_COLUMN_NAME:
        *(guint *)member = pf_column_index_of(column->names, column->count, json_string_value(value));
        return *(guint *)member < column->count;
    default:
        *(gboolean *)member = json_is_true(value);
        return json_is_boolean(value);
    }
}

/* Returns NULL for what is no arrival. */
static PfArrival *
arrival_from_json(json_t *object)
{
    g_autoptr(PfArrival) arrival = pf_arrival_new();
    const json_t *version = json_object_get(object, "version");

    if (!json_is_integer(version) || json_integer_value(version) != FILE_VERSION)
        return NULL;
    for (gsize i = 0; i < PF_ARRIVAL_TOLD; i++) {
        const PfColumn *column = &pf_arrival_columns.columns[i];

        if (!read_member(json_object_get(object, column->member), column, G_STRUCT_MEMBER_P(arrival, column->offset)))
            return NULL;
    }
    if (!arrival->path || !g_path_is_absolute(arrival->path))
        return NULL;
    arrival->next_try = arrival->seen;
    return g_steal_pointer(&arrival);
}

/* --- writing --- */

/* Root may run a hook for the user whom the state folder belongs to: then what it makes in @folder, which is that
 * user's, is given to that user, who could never take it in otherwise. */
static void
give_to_owner(const char *state_dir, const char *folder, const char *name)
{
    struct stat owner, status;
    int directory;

    if (geteuid() != 0 || stat(state_dir, &owner) != 0 || owner.st_uid == 0)
        return;
    directory = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return;
    if (fstat(directory, &status) == 0 && status.st_uid == owner.st_uid &&
        fchownat(directory, name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
        g_message("cannot give %s/%s to the owner of %s: %s", folder, name, state_dir, g_strerror(errno));
    close(directory);
}

static gboolean
make_folder(const char *state_dir, const char *folder, GError **error)
{
    g_autofree char *name = g_path_get_basename(folder);

    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail(error, PF_HOOK_FILE_ERROR_FOLDER, "make the folder", folder);
    give_to_owner(state_dir, state_dir, name);
    /* If this fails, the file is written all the same. */
    (void)pf_folder_flush(state_dir);
    return TRUE;
}

gboolean
pf_hook_file_write(const char *state_dir, const PfArrival *arrival, GError **error)
{
    g_autofree char *folder = pf_hook_file_folder(state_dir);
    g_autofree char *unique = g_uuid_string_random();
    /* By their names, the files are in order of time. */
    g_autofree char *name =
        g_strdup_printf("%020" G_GINT64_FORMAT "-%s" PF_HOOK_FILE_ENDING, g_get_real_time(), unique);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) failure = NULL;

    if (!make_folder(state_dir, folder, error))
        return FALSE;
    json_t *object = arrival_to_json(arrival);
    char *text = json_dumps(object, JSON_COMPACT);
    PF_CRASH_POINT();
    gboolean written = pf_private_file_write(path, text, &failure);
    free(text);
    json_decref(object);
    PF_CRASH_POINT();
    if (!written) {
        g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_WRITE, failure->message);
        return FALSE;
    }
    give_to_owner(state_dir, folder, name);
    return pf_folder_flush(folder) || fail(error, PF_HOOK_FILE_ERROR_WRITE, "write the folder", folder);
}

/* --- reading --- */

PfArrival *
pf_hook_file_read(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    struct stat status;
    gsize length;

    if (lstat(path, &status) != 0) {
        fail(error, errno == ENOENT ? PF_HOOK_FILE_ERROR_GONE : PF_HOOK_FILE_ERROR_READ, "read", path);
        return NULL;
    }
    /* A pipe would never end, a link may lead anywhere. */
    gboolean readable = S_ISREG(status.st_mode) && status.st_size <= PF_HOOK_FILE_MAX_SIZE;
    if (readable && !g_file_get_contents(path, &text, &length, &failure)) {
        gboolean gone = g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT);
        g_set_error_literal(error, PF_HOOK_FILE_ERROR, gone ? PF_HOOK_FILE_ERROR_GONE : PF_HOOK_FILE_ERROR_READ,
                            failure->message);
        return NULL;
    }
    json_t *object = readable ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    PfArrival *arrival = json_is_object(object) ? arrival_from_json(object) : NULL;

    json_decref(object);
    if (!arrival)
        g_set_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED, "%s is not what a hook writes", path);
    return arrival;
}
