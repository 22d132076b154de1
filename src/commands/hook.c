/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr hook: a podcatcher or player reports one file. It is only recorded: everything else, the database and the
 * file itself included, is left to those who can wait. The file may be on a disk that does not answer. */
#include "base/i18n.h"
#include "commands/command.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/wakeup_socket.h"
#include "queue/spool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *event;
    char *progress;
    char *heard;
    char *position;
    char *duration;
    char *started;
    char *feed;
    char *enclosure;
    char *guid;
    char *title;
    char *payment;
    gboolean strict;
} Options;

/* Texts are taken as file names are: in the bytes that were given. Converted from the locale's encoding, they would be
 * refused where that is unset, as it is under cron. */
static const PfCommandOption hook_options[] = {
    {"event", G_OPTION_ARG_FILENAME, offsetof(Options, event), N_("downloaded (default) or played"), N_("EVENT"), 0, 0},
    {"progress", G_OPTION_ARG_FILENAME, offsetof(Options, progress), N_("How much of it was played, 0 to 100"),
     N_("PERCENT"), 0, 0},
    {"heard", G_OPTION_ARG_FILENAME, offsetof(Options, heard),
     N_("How much was heard this time, not counting skipped parts"), N_("SECONDS"), 0, 0},
    {"position", G_OPTION_ARG_FILENAME, offsetof(Options, position), N_("Position at which playback stopped"),
     "SECONDS", 0, 0},
    {"duration", G_OPTION_ARG_FILENAME, offsetof(Options, duration), N_("How long it is"), N_("SECONDS"), 0, 0},
    {"started", G_OPTION_ARG_FILENAME, offsetof(Options, started),
     N_("When playback started, in seconds since 1970-01-01 UTC"), N_("TIME"), 0, 0},
    {"feed", G_OPTION_ARG_FILENAME, offsetof(Options, feed), N_("The feed it comes from"), N_("URL"), 0, 0},
    {"enclosure", G_OPTION_ARG_FILENAME, offsetof(Options, enclosure), N_("Where it was downloaded from"), N_("URL"), 0,
     0},
    {"guid", G_OPTION_ARG_FILENAME, offsetof(Options, guid), N_("Its item's GUID"), N_("GUID"), 0, 0},
    {"title", G_OPTION_ARG_FILENAME, offsetof(Options, title), N_("Its item's title"), N_("TITLE"), 0, 0},
    {"payment", G_OPTION_ARG_FILENAME, offsetof(Options, payment), N_("Its item's payment link"), N_("URL"), 0, 0},
    {"strict", G_OPTION_ARG_NONE, offsetof(Options, strict), N_("Report failures in the exit status"), NULL, 0, 0},
    {0},
};

/* --- reading the command line --- */

/* Podcatchers fill in templates, and leave empty what they do not know. */
static char *
dup_given(const char *text)
{
    return text && *text ? g_strdup(text) : NULL;
}

/* The longest episode, and the latest time, that are accepted; seconds. */
#define LONGEST 10e6
#define LATEST 1e11

/* Reads a number that may have decimals, as players have them. @number: (out): whole; -1 when none is given */
static gboolean
read_number(const char *text, const char *option, double most, gint64 *number, GError **error)
{
    char *end = NULL;

    *number = -1;
    if (!text || !*text)
        return TRUE;
    double value = g_ascii_strtod(text, &end);
    if (!g_ascii_isdigit(*text) || *end || !(value >= 0 && value <= most))
        return pf_command_refuse(error, _("%s must be a number of seconds from 0 to %.0f"), option, most);
    *number = (gint64)value;
    return TRUE;
}

/* Reads the options in seconds. @progress: (inout): percent; set when a position gives it */
static gboolean
read_seconds(const Options *options, PfArrival *arrival, gint64 *progress, GError **error)
{
    gint64 heard, position, duration, started;

    if (!read_number(options->heard, "--heard", LONGEST, &heard, error) ||
        !read_number(options->position, "--position", LONGEST, &position, error) ||
        !read_number(options->duration, "--duration", LONGEST, &duration, error) ||
        !read_number(options->started, "--started", LATEST, &started, error))
        return FALSE;
    arrival->heard = MAX(heard, 0);
    arrival->duration = MAX(duration, 0);
    arrival->started = MAX(started, 0);
    /* A position says how much was heard only when that was not counted. */
    if (*progress < 0 && heard < 0 && position >= 0 && duration > 0)
        *progress = MIN(position * 100 / duration, 100);
    else if (*progress < 0 && (heard == 0 || position >= 0))
        *progress = 0;
    return TRUE;
}

static gboolean
read_event(const Options *options, PfArrival *arrival, GError **error)
{
    gboolean has_progress = options->progress && *options->progress;
    gint64 progress = -1;

    arrival->played = g_strcmp0(options->event, "played") == 0;
    if (options->event && *options->event && !arrival->played && !g_str_equal(options->event, "downloaded"))
        return pf_command_refuse(error, _("--event must be downloaded or played"));
    if (has_progress && !g_ascii_string_to_signed(options->progress, 10, 0, 100, &progress, NULL))
        return pf_command_refuse(error, _("--progress must be a whole number from 0 to 100"));
    if (!read_seconds(options, arrival, &progress, error))
        return FALSE;
    arrival->progress = arrival->played && progress < 0 && arrival->heard == 0 ? 100 : progress;
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

/* A path in a directory that no longer exists is reported as any missing file is: GLib would take it for one in
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
                        _("cannot determine the working directory (%s); nothing was recorded: use the file's absolute "
                          "path"),
                        g_strerror(errno));
            return NULL;
        }
    }
    free(folder);
    return g_canonicalize_filename(file, *deleted);
}

static gboolean
is_address(const char *text)
{
    g_autofree char *scheme = NULL;
    g_autofree char *host = NULL;

    return g_uri_split(text, G_URI_FLAGS_PARSE_RELAXED, &scheme, NULL, &host, NULL, NULL, NULL, NULL, NULL) && scheme &&
           (g_ascii_strcasecmp(scheme, "http") == 0 || g_ascii_strcasecmp(scheme, "https") == 0) && host && *host;
}

/* Players name files by URL, too, and play what is not downloaded. */
static char *
dup_place(const char *file, char **deleted, GError **error)
{
    g_autofree char *local = g_str_has_prefix(file, "file:///") ? g_filename_from_uri(file, NULL, NULL) : NULL;

    if (is_address(file)) {
        *deleted = NULL;
        return g_strdup(file);
    }
    return dup_path(local ? local : file, deleted, error);
}

static PfArrival *
make_arrival(const Options *options, const char *file, char **deleted, GError **error)
{
    g_autoptr(PfArrival) arrival = pf_arrival_new();

    if (!read_event(options, arrival, error) || !(arrival->path = dup_place(file, deleted, error)))
        return NULL;
    arrival->source = arrival->played ? PF_SOURCE_PLAY : PF_SOURCE_HOOK;
    arrival->feed = dup_given(options->feed);
    arrival->enclosure = dup_given(options->enclosure);
    arrival->guid = dup_given(options->guid);
    arrival->title = dup_given(options->title);
    arrival->payment = dup_given(options->payment);
    arrival->seen = arrival->next_try = pf_clock_now();
    return g_steal_pointer(&arrival);
}

/* --- keeping it --- */

static gboolean
keep(const char *state_dir, const PfArrival *arrival, GError **error)
{
    gboolean kept = pf_hook_file_write(state_dir, arrival, error);

    /* Also after a failure, when it may be there all the same: the service looks for it. */
    pf_wakeup_socket_signal(state_dir);
    return kept;
}

/* --- arguments that may be wrong --- */

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
                    _("%s is not an http(s) URL (the file was recorded with it as given)"), addresses[i].option);
        return FALSE;
    }
    return TRUE;
}

/* Only after it was recorded, since the file's disk may not answer. */
static gboolean
check_kind(const PfArrival *arrival, const Options *options, GError **error)
{
    if (!options->strict || !g_file_test(arrival->path, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autofree char *shown = pf_log_printable(arrival->path);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("%s is a folder; name the file that was downloaded"),
                shown);
    return FALSE;
}

static gboolean
check_folder(const PfArrival *arrival, const char *deleted, GError **error)
{
    if (!deleted)
        return TRUE;
    g_autofree char *shown = pf_log_printable(arrival->path);
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                _("the working directory was deleted (the file was recorded as %s, where it would have been); use the "
                  "file's absolute path"),
                shown);
    return FALSE;
}

/* --- the command --- */

static gboolean
tell(const PfApp *app, const Options *options, const char *file, GError **error)
{
    g_autofree char *deleted = NULL;
    g_autoptr(PfArrival) arrival = make_arrival(options, file, &deleted, error);

    return arrival && pf_app_check_state(app, error) && keep(app->state_dir, arrival, error) &&
           check_folder(arrival, deleted, error) && check_kind(arrival, options, error) &&
           check_addresses(arrival, error);
}

/* For a command line that cannot be parsed, after which GLib has forgotten what it had read before the mistake. */
static gboolean
says_strict(char **line)
{
    for (char **word = line + 1; *word && !g_str_equal(*word, "--"); word++)
        if (g_str_equal(*word, "--strict"))
            return TRUE;
    return FALSE;
}

static gboolean
forgives(const void *options, char **line)
{
    return !(options ? ((const Options *)options)->strict : says_strict(line));
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    if (call->count == 0 || !*call->operands[0])
        return pf_command_refuse(error, _("missing FILE"));
    if (call->count > 1)
        return pf_command_refuse(error, _("more than one FILE; quote a name that contains spaces"));
    return tell(call->app, call->options, call->operands[0], error);
}

const PfCommand pf_command_hook = {
    .name = "hook",
    .operands = N_("FILE"),
    .most = PF_COMMAND_ANY,
    .summary = N_("Report a file that was downloaded or played"),
    .description =
        N_("For podcatchers and players: it returns at once and needs no daemon. Failures are reported on stderr\n"
           "and the exit status is still 0, so that they never break a podcatcher's run (but see --strict).\n"
           "FILE need not exist any more. Put '--' before a name that begins with '-'."),
    .options = hook_options,
    .options_size = sizeof(Options),
    .examples = "  podflattr hook ~/Podcasts/show/episode.mp3\n"
                "  podflattr hook --event played --progress 90 ~/Podcasts/show/episode.mp3\n"
                "  podflattr hook --event played --heard 1260 https://example.org/episode.mp3\n",
    .run = run,
    .forgives = forgives,
    .needs = PF_COMMAND_NEEDS_STATE,
};
