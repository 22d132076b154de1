/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr hook: a podcatcher or player tells of one file. It is written down, nothing more: all else, the database
 * too, is the work of those who have time. */
#include "commands/command.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/wakeup_socket.h"
#include "queue/spool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *event;
    char *progress;
    char *feed;
    char *enclosure;
    char *guid;
    char *title;
    char *payment;
    gboolean strict;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->event);
    g_free(options->progress);
    g_free(options->feed);
    g_free(options->enclosure);
    g_free(options->guid);
    g_free(options->title);
    g_free(options->payment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean
refuse(GError **error, const char *text)
{
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

/* --- reading the command line --- */

/* Texts are taken as file names are: in the bytes that were given. Converted from the locale's encoding, they would be
 * refused where that is unset, as it is under cron. */
static gboolean
parse(Options *options, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"event", 0, 0, G_OPTION_ARG_FILENAME, &options->event, "downloaded (this when nothing is said) or played",
         "EVENT"},
        {"progress", 0, 0, G_OPTION_ARG_FILENAME, &options->progress, "How much of it was played, 0 to 100", "PERCENT"},
        {"feed", 0, 0, G_OPTION_ARG_FILENAME, &options->feed, "The feed it is from", "URL"},
        {"enclosure", 0, 0, G_OPTION_ARG_FILENAME, &options->enclosure, "Where it was downloaded from", "URL"},
        {"guid", 0, 0, G_OPTION_ARG_FILENAME, &options->guid, "Its item's GUID", "GUID"},
        {"title", 0, 0, G_OPTION_ARG_FILENAME, &options->title, "Its item's title", "TITLE"},
        {"payment", 0, 0, G_OPTION_ARG_FILENAME, &options->payment, "Its item's payment link", "URL"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &options->strict, "Let the exit status say what went wrong", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_hook, entries, argc, argv, error))
        return FALSE;
    if (*argc < 2 || !*(*argv)[1])
        return refuse(error, "which file?");
    return *argc == 2 || refuse(error, "one file at a time: quote a name that has spaces");
}

/* Podcatchers fill in templates: what they do not know they leave empty. */
static char *
dup_given(const char *text)
{
    return text && *text ? g_strdup(text) : NULL;
}

static gboolean
read_event(const Options *options, PfArrival *arrival, GError **error)
{
    gboolean has_progress = options->progress && *options->progress;
    gint64 progress = -1;

    arrival->played = g_strcmp0(options->event, "played") == 0;
    if (options->event && *options->event && !arrival->played && !g_str_equal(options->event, "downloaded"))
        return refuse(error, "--event must be downloaded or played");
    if (has_progress && !g_ascii_string_to_signed(options->progress, 10, 0, 100, &progress, NULL))
        return refuse(error, "--progress must be a whole number from 0 to 100");
    arrival->progress = arrival->played && !has_progress ? 100 : progress;
    return TRUE;
}

/* The working directory was deleted: where it was, as the kernel remembers it. Returns: (transfer full) (nullable):
 * with errno set when that is not known either. */
static char *
dup_deleted_folder(void)
{
    static const char mark[] = " (deleted)";
    g_autofree char *folder = g_file_read_link("/proc/self/cwd", NULL);

    if (!folder || !g_str_has_suffix(folder, mark)) {
        errno = ENOENT;
        return NULL;
    }
    return g_strndup(folder, strlen(folder) - strlen(mark));
}

/* A path in a directory that is not there any more is told of as any file that is not: GLib would take it for one in
 * the root directory. @deleted: (out) (transfer full): that directory, NULL when there is nothing to say. */
static char *
dup_path(const char *file, char **deleted, GError **error)
{
    char *folder = g_path_is_absolute(file) ? NULL : getcwd(NULL, 0);

    *deleted = NULL;
    if (!folder && !g_path_is_absolute(file)) {
        *deleted = errno == ENOENT ? dup_deleted_folder() : NULL;
        if (!*deleted) {
            g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                        "the working directory cannot be told (%s), so nothing is noted: name the file with its whole "
                        "path",
                        g_strerror(errno));
            return NULL;
        }
    }
    free(folder);
    return g_canonicalize_filename(file, *deleted);
}

/* A file that is not there any more, or not yet, is told of all the same. */
static void
look_at_file(PfArrival *arrival)
{
    struct stat status;

    if (stat(arrival->path, &status) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            g_message("%s cannot be looked at: %s", arrival->path, g_strerror(errno));
        return;
    }
    arrival->size = status.st_size;
    arrival->changed = (gint64)status.st_ctim.tv_sec * PF_CLOCK_NANOSECONDS + status.st_ctim.tv_nsec;
}

static PfArrival *
make_arrival(const Options *options, const char *file, char **deleted, GError **error)
{
    g_autoptr(PfArrival) arrival = pf_arrival_new();

    if (!read_event(options, arrival, error) || !(arrival->path = dup_path(file, deleted, error)))
        return NULL;
    arrival->source = PF_SOURCE_HOOK;
    arrival->feed = dup_given(options->feed);
    arrival->enclosure = dup_given(options->enclosure);
    arrival->guid = dup_given(options->guid);
    arrival->title = dup_given(options->title);
    arrival->payment = dup_given(options->payment);
    arrival->seen = arrival->next_try = pf_clock_now();
    look_at_file(arrival);
    return g_steal_pointer(&arrival);
}

/* --- keeping it --- */

static gboolean
keep(const char *state_dir, const PfArrival *arrival, GError **error)
{
    gboolean kept = pf_hook_file_write(state_dir, arrival, error);

    /* Also when that is not certain: whoever hears it looks. */
    pf_bell_ring(state_dir);
    return kept;
}

/* --- what was told may be wrong --- */

static gboolean
is_address(const char *text)
{
    g_autofree char *scheme = NULL;
    g_autofree char *host = NULL;

    return g_uri_split(text, G_URI_FLAGS_PARSE_RELAXED, &scheme, NULL, &host, NULL, NULL, NULL, NULL, NULL) && scheme &&
           (g_ascii_strcasecmp(scheme, "http") == 0 || g_ascii_strcasecmp(scheme, "https") == 0) && host && *host;
}

/* The text itself is not shown: there may be a password in it. */
static gboolean
check_addresses(const PfArrival *arrival, GError **error)
{
    const struct {
        const char *option;
        const char *text;
    } addresses[] = {{"--feed", arrival->feed}, {"--enclosure", arrival->enclosure}, {"--payment", arrival->payment}};

    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        if (!addresses[i].text || is_address(addresses[i].text))
            continue;
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                    "%s is no http or https URL (the file is noted with it, as it was given)", addresses[i].option);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_folder(const PfArrival *arrival, const char *deleted, GError **error)
{
    if (!deleted)
        return TRUE;
    g_autofree char *shown = pf_log_printable(arrival->path);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                "the working directory was deleted (the file is noted as %s, where it would have been); name the file "
                "with its whole path",
                shown);
    return FALSE;
}

/* --- the command --- */

static gboolean
tell(const PfApp *app, const Options *options, const char *file, GError **error)
{
    g_autofree char *deleted = NULL;
    g_autoptr(PfArrival) arrival = make_arrival(options, file, &deleted, error);

    return arrival && keep(app->state_dir, arrival, error) && check_folder(arrival, deleted, error) &&
           check_addresses(arrival, error);
}

/* For a command line that cannot be parsed, after which GLib has forgotten what it had read before the mistake. */
static gboolean
says_strict(int argc, char **argv)
{
    for (int i = 1; i < argc && !g_str_equal(argv[i], "--"); i++)
        if (g_str_equal(argv[i], "--strict"))
            return TRUE;
    return FALSE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) failure = NULL;
    gboolean strict = says_strict(argc, argv);

    if (parse(&options, &argc, &argv, &failure)) {
        strict = options.strict;
        tell(app, &options, argv[1], &failure);
    }
    if (failure && strict)
        g_propagate_error(error, g_steal_pointer(&failure));
    else if (failure)
        g_warning("%s", failure->message);
    return EX_OK;
}

const PfCommand pf_command_hook = {
    "hook",
    "FILE",
    "Tell of a file that was downloaded or played",
    "For podcatchers and players: it ends at once, needs no daemon, and its exit status is 0 whatever happens,\n"
    "so that it never spoils a podcatcher's run. What went wrong is said on stderr.\n"
    "FILE need not exist any more. In front of a name that begins with '-', put '--'.",
    run,
    PF_COMMAND_NEEDS_STATE,
    FALSE};
