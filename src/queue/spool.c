/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/spool.h"

#include "base/crash.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/state_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The version of a file; one that is not known is not guessed at. */
#define FILE_VERSION 1

G_DEFINE_QUARK(pf_hook_file_error, pf_hook_file_error)

/* The folder in the state folder. */
#define HOOKS "hooks"

char *
pf_hook_file_folder(const char *state_dir)
{
    return g_build_filename(state_dir, HOOKS, NULL);
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
        if (!value)
            return TRUE;
        *(gint64 *)member = json_integer_value(value);
        return json_is_integer(value);
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

/* Returns NULL for what is not an arrival. */
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
    if (!arrival->path || !(g_path_is_absolute(arrival->path) || pf_arrival_is_stream(arrival)))
        return NULL;
    arrival->next_try = arrival->seen;
    return g_steal_pointer(&arrival);
}

/* --- writing --- */

/* Writes a file whole, under another name first. Root may run a hook for the user whom the state folder belongs to: the
 * file is given to that user, who could never take it in otherwise. Returns FALSE with errno set. */
static gboolean
write_file(int folder, const char *name, const char *text, const struct stat *owner)
{
    /* The name itself is unique. */
    g_autofree char *beside = g_strconcat(name, PF_FILE_TEMPORARY "000000", NULL);
    int file = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (file < 0)
        return FALSE;
    gboolean written = (geteuid() == owner->st_uid || fchown(file, owner->st_uid, owner->st_gid) == 0) &&
                       pf_file_write_all(file, text);
    int fault = errno;
    if (close(file) != 0 && written) {
        written = FALSE;
        fault = errno;
    }
    PF_CRASH_POINT();
    if (written && renameat(folder, beside, folder, name) == 0)
        return pf_folder_flush_open(folder);
    if (written)
        fault = errno;
    unlinkat(folder, beside, 0);
    errno = fault;
    return FALSE;
}

gboolean
pf_hook_file_write(const char *state_dir, const PfArrival *arrival, GError **error)
{
    g_autofree char *path = pf_hook_file_folder(state_dir);
    g_autofree char *unique = g_uuid_string_random();
    /* By their names, the files are in order of time. */
    g_autofree char *name =
        g_strdup_printf("%020" G_GINT64_FORMAT "-%s" PF_HOOK_FILE_ENDING, g_get_real_time(), unique);
    g_autoptr(GError) failure = NULL;
    struct stat owner;
    int state = pf_state_folder_open(state_dir, &owner, &failure);
    int folder = state < 0 ? -1 : pf_state_folder_open_within(state, path, &owner, TRUE, &failure);

    if (state >= 0) {
        /* If this fails, the file is written all the same. */
        (void)fsync(state);
        close(state);
    }
    if (folder < 0) {
        if (g_error_matches(failure, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_MAKE))
            g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, failure->message);
        else
            g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    json_t *object = arrival_to_json(arrival);
    char *text = json_dumps(object, JSON_COMPACT);
    PF_CRASH_POINT();
    gboolean written = write_file(folder, name, text, &owner);
    if (!written)
        g_set_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_WRITE, _("cannot write to %s: %s%s"), path,
                    g_strerror(errno), pf_file_advice(errno));
    free(text);
    json_decref(object);
    close(folder);
    return written;
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
        g_set_error(error, PF_HOOK_FILE_ERROR, errno == ENOENT ? PF_HOOK_FILE_ERROR_GONE : PF_HOOK_FILE_ERROR_READ,
                    _("cannot read %s: %s"), path, g_strerror(errno));
        return NULL;
    }
    /* A pipe would never end, a link may lead anywhere, and somebody else may have written what is not ours. */
    gboolean readable = S_ISREG(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 022) &&
                        status.st_size <= PF_HOOK_FILE_MAX_SIZE;
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
        g_set_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED, _("%s was not written by a hook"), path);
    return arrival;
}
