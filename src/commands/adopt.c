/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr adopt: treats files that were in the watched folders before these were watched as new episodes. */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "commands/command.h"
#include "commands/output.h"
#include "queue/arrival.h"
#include "sources/media.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *since;
    gboolean yes;
} Options;

static const PfCommandOption options[] = {
    {"since", G_OPTION_ARG_STRING, offsetof(Options, since), N_("Only files last modified on this day or later"),
     N_("DATE"), 0, 0},
    {"yes", G_OPTION_ARG_NONE, offsetof(Options, yes), N_("Adopt them without asking"), NULL, 0, 'y'},
    PF_COMMAND_FORMAT,
    {0},
};

typedef struct {
    const PfConfig *config;
    gint64 since;
    gint64 now;
    GHashTable *folders; /* of char *, a device and an inode: those that were searched */
    GPtrArray *files;    /* of PfArrival * */
    GArray *written;     /* of gint64: when each was, seconds since the epoch */
} Search;

/* --- finding --- */

static gboolean
is_episode(const Search *search, const char *path, const char *name)
{
    g_autofree char *reason = NULL;
    gboolean certain;

    switch (pf_watch_name_sort(name, (const char *const *)search->config->extensions)) {
    case PF_WATCH_NAME_MEDIA:
        return pf_media_check(path, &reason);
    case PF_WATCH_NAME_UNKNOWN:
        return pf_media_check_certain(path, &certain) == 0 && certain;
    default:
        return FALSE;
    }
}

static void
take_file(Search *search, const char *path, const struct stat *status)
{
    PfArrival *arrival = pf_arrival_new();

    arrival->source = PF_SOURCE_WATCH;
    arrival->path = g_strdup(path);
    arrival->size = status->st_size;
    arrival->changed = status->st_ctim.tv_sec * PF_CLOCK_NANOSECONDS + status->st_ctim.tv_nsec;
    arrival->seen = arrival->next_try = search->now;
    arrival->device = (gint64)status->st_dev;
    arrival->inode = (gint64)status->st_ino;
    g_ptr_array_add(search->files, arrival);
    g_array_append_val(search->written, (gint64){status->st_mtim.tv_sec});
}

/* Whether a folder was not searched yet: links may form a loop, and folders may be named twice. */
static gboolean
is_new_folder(Search *search, const char *folder)
{
    struct stat status;

    return stat(folder, &status) != 0 ||
           g_hash_table_add(search->folders, g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                             (guint64)status.st_dev, (guint64)status.st_ino));
}

static void
search_folder(Search *search, const char *folder)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) listing = is_new_folder(search, folder) ? g_dir_open(folder, 0, &failure) : NULL;
    const char *name;

    if (failure)
        g_warning("%s", failure->message);
    while (listing && (name = g_dir_read_name(listing))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat status;

        if (*name == '.' || stat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            search_folder(search, path);
        } else if (S_ISREG(status.st_mode) && status.st_mtim.tv_sec >= search->since &&
                   is_episode(search, path, name)) {
            take_file(search, path, &status);
        }
    }
}

/* --- adopting --- */

/* Adds the files that are not known, and removes the others from the lists; committing the transaction keeps them. */
static gboolean
add_new(PfQueue *queue, Search *search, GError **error)
{
    for (guint i = search->files->len; i-- > 0;) {
        gboolean added;
        gint64 id;

        if (!pf_arrival_add(queue, search->files->pdata[i], &id, &added, error))
            return FALSE;
        if (!added) {
            g_ptr_array_remove_index(search->files, i);
            g_array_remove_index(search->written, i);
        }
    }
    return TRUE;
}

static gboolean
adopt(PfQueue *queue, Search *search, gboolean keep, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);

    return transaction && add_new(queue, search, error) &&
           (!keep || pf_transaction_commit(g_steal_pointer(&transaction), error));
}

static void
print(const Search *search, gboolean json)
{
    for (guint i = 0; i < search->files->len; i++) {
        const PfArrival *file = search->files->pdata[i];
        gint64 written = g_array_index(search->written, gint64, i);

        if (json) {
            pf_output_json_take(json_pack("{s:o, s:I, s:o}", "file", pf_output_json_string(file->path), "size",
                                          (json_int_t)file->size, "written", pf_output_json_time(written)));
        } else {
            static const PfOutputColumn columns[] = {{N_("WRITTEN"), 16, 0, PF_OUTPUT_TIME},
                                                     {N_("FILE"), 0, 0, PF_OUTPUT_TEXT}};
            g_autofree char *when = pf_output_dup_time(written);
            pf_output_row(columns, (const char *[]){when, file->path});
        }
    }
    fflush(stdout);
}

/* Asks for the user's consent; without a terminal there is none. */
static gboolean
ask(guint files)
{
    char answer[16] = "";

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        g_message(ngettext("%u file not adopted; run 'podflattr adopt --yes' to adopt it",
                           "%u files not adopted; run 'podflattr adopt --yes' to adopt them", files),
                  files);
        return FALSE;
    }
    fprintf(stderr,
            ngettext("Adopt %u file as if it were new? [y/N] ", "Adopt %u files as if they were new? [y/N] ", files),
            files);
    return fgets(answer, sizeof answer, stdin) && pf_output_is_yes(g_strstrip(answer));
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    const PfConfig *config = call->app->config;
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);
    g_autoptr(GArray) written = g_array_new(FALSE, FALSE, sizeof(gint64));
    Search search = {config, G_MININT64, pf_clock_now(), folders, files, written};

    if (given->since && !pf_clock_parse_local(given->since, &search.since))
        return pf_command_refuse(error, _("--since must be a date such as 2026-01-31"));
    if (!*config->folder_paths)
        return pf_exit_status_set(error, EX_CONFIG, _("no folder is watched; set folders in [watch]"));
    if (config->trigger == PF_TRIGGER_PLAY)
        return pf_exit_status_set(
            error, EX_CONFIG,
            _("with 'trigger = play' in [policy], a file counts only when it is played, so there is nothing to adopt"));
    g_autoptr(PfQueue) queue = pf_command_open_queue(call->app, error);
    if (!queue)
        return FALSE;
    for (char **folder = config->folder_paths; *folder; folder++)
        search_folder(&search, *folder);
    if (!adopt(queue, &search, given->yes, error))
        return FALSE;
    print(&search, call->json);
    if (files->len == 0) {
        g_message(_("no files to adopt: all episodes in the watched folders are known"));
        return TRUE;
    }
    if (!given->yes) {
        if (!ask(files->len))
            return TRUE;
        if (!adopt(queue, &search, TRUE, error))
            return FALSE;
    }
    g_message(_("%u adopted; the service or 'podflattr send' will identify their episodes"), files->len);
    return TRUE;
}

const PfCommand pf_command_adopt = {
    .name = "adopt",
    .summary = N_("Treat files from before the first start as new episodes"),
    .description =
        N_("The service ignores files that were in a folder before it was first watched. This command lists those\n"
           "that may be episodes, asks, and then treats them as new files. Rules and limits apply; an episode that\n"
           "is already paid or owed is not counted twice."),
    .examples = "  podflattr adopt\n"
                "  podflattr adopt --since 2026-01-01\n",
    .options = options,
    .options_size = sizeof(Options),
    .run = run,
    .rings = TRUE,
};
