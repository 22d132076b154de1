/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podflattr init: finds the installed podcatchers, and sets podflattr up for them; takes that back.
 *
 * What is changed is first worked out as a whole, each file with its bytes before and after. Then that is recorded in
 * the state folder, and only then done, so that an interrupted run can be taken back too.
 */
#include "base/files.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/session_bus.h"
#include "base/state_folder.h"
#include "base/url.h"
#include "commands/command.h"
#include "commands/output.h"
#include "config/config.h"
#include "sources/podcatcher.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERVICE "podflattr.service"
#define EXTENSION "zz_podflattr"
#define RECORD "init.json"

/* Larger than any file that is changed here. */
#define MAX_FILE ((gsize)4 * 1024 * 1024)

/* --- changes --- */

/* A file that is changed, or made; or a link that is made. */
typedef struct {
    char *path;
    char *before; /* NULL when it was not there */
    char *after;  /* of a link: where it leads */
    gboolean is_link;
    mode_t mode;
    char *what; /* for the user; NULL for what is not worth a line */
} Change;

typedef struct {
    const PfApp *app;
    GPtrArray *changes; /* of Change * */
    GPtrArray *notes;   /* of char *: what the user has to know or to do */
    gboolean enables;   /* the service is enabled and started */
    gboolean restarts;  /* the service runs, and is to see the new settings */
    guint podcatchers;  /* that were found */
} Plan;

static void
change_free(gpointer data)
{
    Change *change = data;

    g_free(change->path);
    g_free(change->before);
    g_free(change->after);
    g_free(change->what);
    g_free(change);
}

static void
plan_clear(Plan *plan)
{
    g_clear_pointer(&plan->changes, g_ptr_array_unref);
    g_clear_pointer(&plan->notes, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

G_GNUC_PRINTF(2, 3)
static void
note(Plan *plan, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(plan->notes, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* Reads a file as it is. @text: (out) (transfer full): NULL when there is none. Returns FALSE with @error set. */
static gboolean
read_file(const char *path, char **text, mode_t *mode, GError **error)
{
    g_autoptr(GError) failure = NULL;
    struct stat status;
    gsize length = 0;

    *text = NULL;
    *mode = 0600;
    if (stat(path, &status) != 0 && errno == ENOENT)
        return TRUE;
    if (!g_file_get_contents(path, text, &length, &failure)) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, "%s", failure->message);
        return FALSE;
    }
    *mode = status.st_mode & 07777;
    if (length <= MAX_FILE && strlen(*text) == length)
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, _("%s: not a text file"), path);
    g_clear_pointer(text, g_free);
    return FALSE;
}

/* A file is replaced, but not a link to it, even when the link's target does not exist yet. Returns: (transfer full).
 */
static char *
dup_real_path(const char *path)
{
    char *real = realpath(path, NULL);
    g_autofree char *target = !real && errno == ENOENT ? g_file_read_link(path, NULL) : NULL;
    char *copy = g_strdup(real ? real : path);

    free(real);
    if (!target)
        return copy;
    g_autofree char *link = copy, *folder = g_path_get_dirname(link), *real_folder = dup_real_path(folder);
    g_autofree char *next = g_canonicalize_filename(target, real_folder);
    return dup_real_path(next);
}

/* Adds a change of a file, and takes its strings; its path is that of the file itself, once no link leads there. */
static void
add_change_take(Plan *plan, Change change)
{
    g_autofree char *path = change.path;

    change.path = dup_real_path(path);
    g_ptr_array_add(plan->changes, g_memdup2(&change, sizeof change));
}

/* Adds a change that makes a link to a plugin. */
static void
add_link(Plan *plan, const char *path, const char *plugin)
{
    Change *change = g_new(Change, 1);

    *change = (Change){.path = g_strdup(path),
                       .after = g_strdup(plugin),
                       .is_link = TRUE,
                       .what = g_strdup_printf(_("%s: a link to %s"), path, plugin)};
    g_ptr_array_add(plan->changes, change);
}

/* --- the configuration --- */

typedef struct {
    Plan *plan;
    char *text;    /* as it becomes */
    GString *what; /* what is new in it */
} Configuration;

static void
edit(Configuration *configuration, const char *group, const char *key, const char *value, PfConfigEdit kind)
{
    g_autofree char *text = pf_config_edit(configuration->text, group, key, value, kind);

    if (g_str_equal(text, configuration->text))
        return;
    g_string_append_printf(configuration->what, "%s[%s] %s = %s", configuration->what->len > 0 ? ", " : "", group, key,
                           value);
    g_free(configuration->text);
    configuration->text = g_steal_pointer(&text);
}

/* Prints what was found in a place, and takes it into the configuration. */
static void
take_podcatcher(Configuration *configuration, const PfPodcatcher *podcatcher)
{
    Plan *plan = configuration->plan;
    const PfPodcatcherKind *kind = podcatcher->kind;
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) no_feeds = NULL, no_folders = NULL;
    g_autoptr(PfPodcatcherFeeds) feeds = pf_podcatcher_list_feeds(podcatcher, &no_feeds);
    g_autoptr(GString) line = g_string_new(kind->title);
    g_autoptr(GString) names = g_string_new(NULL);

    g_string_append_printf(line, ": %s; ", podcatcher->list);
    if (feeds)
        g_string_append_printf(line, ngettext("follows %u feed", "follows %u feeds", feeds->urls->len),
                               feeds->urls->len);
    else
        g_string_append_printf(line, _("its list of feeds cannot be read: %s"), no_feeds->message);
    if (feeds && feeds->left_out > 0)
        g_string_append_printf(line,
                               ngettext(" (%u entry has no address that can be fetched)",
                                        " (%u entries have no address that can be fetched)", feeds->left_out),
                               feeds->left_out);
    (void)pf_podcatcher_list_folders(podcatcher, folders, &no_folders);
    for (guint i = 0; i < folders->len; i++)
        g_string_append_printf(names, "%s%s", i == 0 ? "" : ", ", (char *)folders->pdata[i]);
    if (folders->len > 0)
        g_string_append_printf(line, _("; downloads to %s"), names->str);
    pf_output_field(_("found"), 8, line->str);
    if (no_folders)
        note(plan, "%s: %s", kind->title, no_folders->message);
    if (folders->len > 0)
        edit(configuration, "watch", "folders", kind->name, PF_CONFIG_EDIT_ADD);
    if (kind->list_feeds)
        edit(configuration, "feeds", "subscriptions", kind->name, PF_CONFIG_EDIT_ADD);
    plan->podcatchers++;
}

/* Asks for a line. Returns: (transfer full): NULL for none, and without a terminal. */
static char *
ask_line(const char *question)
{
    char answer[4096] = "";

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return NULL;
    fprintf(stderr, "%s ", question);
    if (!fgets(answer, sizeof answer, stdin) || !*g_strstrip(answer))
        return NULL;
    return g_strdup(answer);
}

typedef struct {
    gboolean yes;
    gboolean dry_run;
    gboolean undo;
    char *folder;
    char *feed;
} Options;

/* Whether a list in the configuration can have this as a part, and it is read again as it is. */
static gboolean
check_part(const char *part, GError **error)
{
    g_autofree char *stripped = g_strstrip(g_strdup(part));

    if (!strpbrk(part, ";\n\r") && g_str_equal(stripped, part) && g_utf8_validate(part, -1, NULL))
        return TRUE;
    return pf_command_refuse(
        error,
        _("%s: the configuration cannot store this in a list, because it contains a semicolon or a line break, begins "
          "or ends with a space, or is not UTF-8; in a URL, write such a character as %%XX (%%3B for a semicolon); for "
          "a path, make a symbolic link with another name and use that"),
        part);
}

/* What the user names, for want of a podcatcher or beside it. */
static gboolean
take_named(Configuration *configuration, const Options *given, GError **error)
{
    const PfConfig *config = configuration->plan->app->config;
    gboolean lacks = configuration->plan->podcatchers == 0 && !*config->folders && !*config->subscriptions;
    g_autofree char *folder = g_strdup(given->folder), *feed = g_strdup(given->feed);

    if (configuration->plan->podcatchers == 0)
        printf(_("found     no podcatcher that podflattr knows\n"));
    if (lacks && !folder && !given->dry_run)
        folder = ask_line(_("Which folder are episodes downloaded to? (empty for none)"));
    if (lacks && !feed && !given->dry_run)
        feed = ask_line(_("Which feed, or list of feeds (OPML), do you follow? (empty for none)"));
    if (folder) {
        g_autofree char *path = pf_config_dup_path(folder);
        if (!g_file_test(path, G_FILE_TEST_IS_DIR))
            return pf_command_refuse(error, _("%s: not a folder; name the one that episodes are downloaded to"), path);
        if (!check_part(path, error))
            return FALSE;
        edit(configuration, "watch", "folders", path, PF_CONFIG_EDIT_ADD);
    }
    if (feed) {
        g_autofree char *file = pf_config_dup_path(feed);
        g_autofree char *url = pf_url_dup_typed(feed);
        gboolean is_file = g_file_test(file, G_FILE_TEST_EXISTS);
        if (!is_file && !pf_url_is_web(url))
            return pf_command_refuse(
                error,
                _("%s: neither a feed's URL nor a file; give an http or https URL, or the path of a list of feeds"),
                feed);
        if (!check_part(is_file ? file : feed, error))
            return FALSE;
        edit(configuration, "feeds", "subscriptions", is_file ? file : feed, PF_CONFIG_EDIT_ADD);
    }
    if (lacks && !folder && !feed)
        note(configuration->plan, _("there is nothing to watch yet: run 'podflattr init' again once you have a "
                                    "podcatcher, or name a folder and a feed: podflattr init --folder DIR --feed URL"));
    return TRUE;
}

static void
note_server(Configuration *configuration)
{
    g_autoptr(PfConfig) config = pf_config_parse(configuration->text, "", NULL);

    if (config && !pf_config_has_server(config))
        note(configuration->plan, _("there is no server (api = none), so nothing is sent or paid: every episode is "
                                    "recorded, and 'podflattr report' shows whom you owe for each month"));
}

static gboolean
plan_configuration(Plan *plan, const Options *given, GError **error)
{
    const PfApp *app = plan->app;
    g_autofree char *before = NULL, *path = dup_real_path(app->config_path);
    g_autoptr(GString) what = g_string_new(NULL);
    mode_t mode;

    if (!read_file(path, &before, &mode, error))
        return FALSE;
    Configuration configuration = {plan, g_strdup(before ? before : ""), what};
    for (const PfPodcatcherKind *const *kind = pf_podcatcher_kinds; *kind; kind++) {
        g_autoptr(GPtrArray) found = pf_podcatcher_find(*kind);
        for (guint i = 0; i < found->len; i++)
            take_podcatcher(&configuration, found->pdata[i]);
    }
    gboolean planned = take_named(&configuration, given, error);
    if (planned) {
        edit(&configuration, "flattr", "api", app->api ? app->api : PF_CONFIG_NO_SERVER, PF_CONFIG_EDIT_KEEP);
        note_server(&configuration);
    }
    /* What is written must be what is read again. */
    g_autoptr(PfConfig) config = planned ? pf_config_parse(configuration.text, path, error) : NULL;
    if (config && what->len > 0) {
        g_autofree char *backup = g_strconcat(path, ".before-init", NULL);
        gboolean is_kept = before && !g_file_test(backup, G_FILE_TEST_EXISTS);
        g_autofree char *shown = is_kept
                                     ? g_strdup_printf(_("%s: %s; the old file is kept as %s"), path, what->str, backup)
                                     : g_strdup_printf("%s: %s", path, what->str);
        if (is_kept)
            add_change_take(plan, (Change){.path = g_strdup(backup), .after = g_strdup(before), .mode = mode});
        add_change_take(plan, (Change){.path = g_strdup(path),
                                       .before = g_steal_pointer(&before),
                                       .after = g_strdup(configuration.text),
                                       .mode = mode,
                                       .what = g_steal_pointer(&shown)});
    }
    g_free(configuration.text);
    return config != NULL;
}

/* --- gPodder's extension --- */

/* Where the plugins are installed: beside this program, which may have been moved with all that belongs to it.
 * Returns: (transfer full). */
static char *
dup_plugin(const char *name)
{
    const char *named = g_getenv("PODFLATTR_PLUGINS");

    return g_build_filename(named ? named : pf_plugins_folder, name, NULL);
}

/* gPodder's settings with the extension enabled, or disabled. Returns: (transfer full): the same text when they are so
 * already; NULL when they are not understood. */
static char *
dup_settings(const char *settings, gboolean enabled)
{
    json_t *root = json_loads(settings, 0, NULL);
    json_t *list = json_object_get(json_object_get(root, "extensions"), "enabled");
    size_t count = json_array_size(list), at = 0;
    char *text = NULL;

    while (at < count && g_strcmp0(json_string_value(json_array_get(list, at)), EXTENSION) != 0)
        at++;
    if (json_is_array(list) && (at < count) == enabled) {
        text = g_strdup(settings);
    } else if (json_is_array(list)) {
        if (enabled)
            json_array_append_new(list, json_string(EXTENSION));
        else
            json_array_remove(list, at);
        char *dumped = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
        text = g_strconcat(dumped, "\n", NULL);
        free(dumped);
    }
    json_decref(root);
    return text;
}

static void
enable_extension(Plan *plan, const char *home)
{
    g_autofree char *path = g_build_filename(home, "Settings.json", NULL);
    g_autofree char *before = NULL, *after = NULL;
    mode_t mode;

    if (read_file(path, &before, &mode, NULL) && before)
        after = dup_settings(before, TRUE);
    if (after && g_str_equal(after, before))
        return;
    if (!after) {
        note(plan, _("gPodder: enable the extension yourself: tick 'podflattr' in Preferences, Extensions, or run: gpo "
                     "extension enable zz_podflattr"));
        return;
    }
    g_autofree char *what = g_strdup_printf(_("%s: the extension is enabled"), path);
    add_change_take(plan, (Change){.path = g_strdup(path),
                                   .before = g_steal_pointer(&before),
                                   .after = g_strdup(after),
                                   .mode = mode,
                                   .what = g_steal_pointer(&what)});
    note(plan, _("gPodder: if it is running, quit it before you continue and start it again afterwards: it overwrites "
                 "its settings when it quits"));
}

static void
plan_extension(Plan *plan, const PfPodcatcher *podcatcher)
{
    g_autofree char *home = g_path_get_dirname(podcatcher->list);
    g_autofree char *path = g_build_filename(home, "Extensions", EXTENSION ".py", NULL);
    g_autofree char *plugin = dup_plugin("gpodder/" EXTENSION ".py");
    struct stat status;

    if (lstat(path, &status) == 0) {
        enable_extension(plan, home);
        return;
    }
    if (podcatcher->is_sandboxed) {
        note(plan, _("gPodder: a Flatpak or a Snap cannot start podflattr, so no hook is set and podflattr reads its "
                     "list of feeds instead"));
        return;
    }
    if (!g_file_test(plugin, G_FILE_TEST_EXISTS)) {
        note(plan, _("gPodder: %s is not installed, so no hook is set and podflattr reads its list of feeds instead"),
             plugin);
        return;
    }
    add_link(plan, path, plugin);
    enable_extension(plan, home);
}

/* --- other programs' hooks --- */

/* Whether a configuration calls podflattr already, in a line that is no comment: then it is left as it is. */
static gboolean
calls_podflattr(const char *text)
{
    return g_regex_match_simple("^[^#\n]*podflattr(-[a-z]|[\"']?[ \t]+hook)", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

/* What begins so is in the folder for configurations, wherever that is. */
#define CONFIG ".config/"

/* Adds a link to a plugin, where there is nothing yet and it is installed. */
static void
plan_link(Plan *plan, const char *path, const char *plugin_name)
{
    g_autofree char *plugin = dup_plugin(plugin_name);
    struct stat status;

    if (lstat(path, &status) != 0 && g_file_test(plugin, G_FILE_TEST_EXISTS))
        add_link(plan, path, plugin);
}

/* Finds the first of some files that is there, in the home folder. Returns: (transfer full) (nullable). */
static char *
find_at_home(const char *const *names)
{
    for (; *names; names++) {
        const char *in_config = g_str_has_prefix(*names, CONFIG) ? *names + strlen(CONFIG) : NULL;
        char *path = in_config ? g_build_filename(g_get_user_config_dir(), in_config, NULL)
                               : g_build_filename(g_get_home_dir(), *names, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return path;
        g_free(path);
    }
    return NULL;
}

/* mpv's script reports for how long each file was heard. */
static void
plan_mpv(Plan *plan)
{
    g_autofree char *program = g_find_program_in_path("mpv");
    g_autofree char *script = g_build_filename(g_get_user_config_dir(), "mpv", "scripts", "podflattr.lua", NULL);

    if (program)
        plan_link(plan, script, "mpv/podflattr.lua");
}

/* Returns: (transfer full): a text with a line more at its end. */
static char *
append_line(const char *text, const char *line)
{
    gboolean is_whole = !*text || g_str_has_suffix(text, "\n");

    return g_strconcat(text, is_whole ? "" : "\n", line, "\n", NULL);
}

static char *
edit_ytdlp(const char *text, const char *plugin)
{
    (void)plugin;
    return append_line(text,
                       "# podflattr\n--exec \"after_move:podflattr hook --feed %(playlist_webpage_url|)q --enclosure "
                       "%(webpage_url|)q --title %(title|)q -- %(filepath)q\"");
}

static char *
edit_greg(const char *text, const char *plugin)
{
    g_autofree char *program = g_find_program_in_path("curl");
    g_autofree char *quoted = strpbrk(plugin, " \t\"'\\") ? g_shell_quote(plugin) : g_strdup(plugin);
    g_autofree char *handler = g_strconcat(quoted, " {link} {fullpath} {title}", NULL);
    char *edited = pf_config_edit(text, "DEFAULT", "downloadhandler", handler, PF_CONFIG_EDIT_KEEP);

    if (!program || g_str_equal(edited, text))
        g_clear_pointer(&edited, g_free);
    return edited;
}

static char *
edit_aria2(const char *text, const char *plugin)
{
    g_autofree char *line = g_strconcat("on-download-complete=", plugin, NULL);
    gboolean is_taken = g_regex_match_simple("^\\s*on-download-complete\\s*=", text, G_REGEX_MULTILINE, 0);

    return is_taken ? NULL : append_line(text, line);
}

/* podboat's player is run by a wrapper of ours, which reports for how long it ran. mpv has a script of its own, which
 * knows that better. */
static char *
edit_newsboat(const char *text, const char *plugin)
{
    const GRegexCompileFlags flags = G_REGEX_MULTILINE | G_REGEX_RAW;
    g_autoptr(GRegex) quoted = g_regex_new("^([ \t]*player[ \t]+)\"[ \t]*([^\"\n]*[^\" \t\n])[ \t]*\"", flags, 0, NULL);
    g_autoptr(GRegex) bare = g_regex_new("^([ \t]*player[ \t]+)([^\\s\"#]+)", flags, 0, NULL);
    g_autofree char *with = g_strconcat("\\1\"", plugin, " \\2\"", NULL);

    if (!g_regex_match_simple("^[ \t]*player[ \t]", text, flags, 0) ||
        g_regex_match_simple("^[ \t]*player[ \t]+\"?(?:[^\\s\"]*/)?mpv(?![^\\s\"])", text, flags, 0))
        return g_strdup(text);
    if (strpbrk(plugin, "\\\" "))
        return NULL;
    g_autofree char *half = g_regex_replace(quoted, text, -1, 0, with, 0, NULL);
    return g_str_equal(half, text) ? g_regex_replace(bare, text, -1, 0, with, 0, NULL) : g_steal_pointer(&half);
}

/* A configuration that another program's hook is set in. */
typedef struct {
    const char *plugin;         /* what it is to call; NULL for podflattr itself */
    const char *const names[5]; /* of the configuration, in the home folder; the first that is there counts */
    /* Returns: (transfer full): the text with the hook, or as it is where there is nothing to hook into; NULL when
     * the hook cannot be set beside what is there. */
    char *(*edit)(const char *text, const char *plugin);
} Hook;

static const Hook hooks[] = {
    {NULL, {".config/yt-dlp/config", ".config/yt-dlp.conf", ".yt-dlp/config", "yt-dlp.conf"}, edit_ytdlp},
    {"greg/podflattr-greg", {".config/greg/greg.conf"}, edit_greg},
    {"aria2/podflattr-aria2", {".config/aria2/aria2.conf", ".aria2/aria2.conf"}, edit_aria2},
    {"newsboat/podflattr-play", {".config/newsboat/config", ".newsboat/config"}, edit_newsboat},
};

static void
plan_hook(Plan *plan, const Hook *hook)
{
    g_autofree char *plugin = hook->plugin ? dup_plugin(hook->plugin) : NULL;
    g_autofree char *path = find_at_home(hook->names);
    g_autofree char *before = NULL, *after = NULL;
    g_autoptr(GError) unread = NULL;
    const char *called = plugin ? plugin : "podflattr hook";
    mode_t mode;

    if (!path || (plugin && !g_file_test(plugin, G_FILE_TEST_IS_EXECUTABLE)))
        return;
    if (!read_file(path, &before, &mode, &unread)) {
        note(plan, _("%s; no hook was set there"), unread->message);
        return;
    }
    if (!before || calls_podflattr(before))
        return;
    after = hook->edit(before, plugin);
    if (!after) {
        note(plan, _("%s: its own setting is kept, so it does not report to podflattr; have it call %s as well"), path,
             called);
        return;
    }
    if (g_str_equal(after, before))
        return;
    g_autofree char *what = g_strdup_printf(_("%s: calls %s"), path, plugin ? plugin : "podflattr");
    add_change_take(plan, (Change){.path = g_strdup(path),
                                   .before = g_steal_pointer(&before),
                                   .after = g_strdup(after),
                                   .mode = mode,
                                   .what = g_steal_pointer(&what)});
}

static void
plan_hooks(Plan *plan)
{
    g_autoptr(GPtrArray) found = pf_podcatcher_find(&pf_podcatcher_gpodder);

    for (guint i = 0; i < found->len; i++)
        plan_extension(plan, found->pdata[i]);
    plan_mpv(plan);
    for (gsize i = 0; i < G_N_ELEMENTS(hooks); i++)
        plan_hook(plan, &hooks[i]);
}

/* --- the service --- */

/* Runs systemctl for the user. @option: NULL for none. Returns: whether it succeeded. */
static gboolean
systemctl(const char *verb, const char *option)
{
    const char *arguments[] = {
        "systemctl", "--user", "--quiet", verb, option ? option : SERVICE, option ? SERVICE : NULL, NULL};
    int status = 0;

    return g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                        NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

/* Whether systemd runs for this user. */
static gboolean
has_systemd(void)
{
    const char *runtime = pf_runtime_folder_find();
    g_autofree char *manager = runtime ? g_build_filename(runtime, "systemd", NULL) : NULL;
    g_autofree char *program = g_find_program_in_path("systemctl");

    return program && manager && g_file_test(manager, G_FILE_TEST_IS_DIR);
}

/* The service reads the configuration and the state folder that it finds by itself. */
static gboolean
is_of_service(const PfApp *app)
{
    g_autofree char *state = g_build_filename(g_get_user_state_dir(), "podflattr", NULL);

    return !app->config_named && g_str_equal(state, app->state_dir);
}

static void
plan_service(Plan *plan)
{
    if (!is_of_service(plan->app)) {
        note(plan, _("the service is not started: it uses the default configuration and state folder, not the ones "
                     "that you named"));
    } else if (!has_systemd()) {
        note(plan, _("systemd is not running for your user: start 'podflattr daemon' with your session, or run "
                     "'podflattr send' regularly"));
    } else if (systemctl("is-enabled", NULL)) {
        plan->restarts = plan->changes->len > 0 && systemctl("is-active", NULL);
    } else if (systemctl("cat", NULL)) {
        plan->enables = TRUE;
        if (g_getenv("GPODDER_HOME") || g_getenv("GPODDER_DOWNLOAD_DIR"))
            note(plan, _("gPodder: the service does not see GPODDER_HOME and GPODDER_DOWNLOAD_DIR as set in your "
                         "shell; set them in ~/.config/environment.d/gpodder.conf too, and log in again"));
    } else {
        note(plan, _("systemd cannot find podflattr.service: install podflattr where systemd looks for units, or start "
                     "'podflattr daemon' with your session"));
    }
}

/* --- the record --- */

static char *
dup_record_path(const PfApp *app)
{
    return g_build_filename(app->state_dir, RECORD, NULL);
}

/* Bytes in JSON. */
static json_t *
bytes_to_json(const char *bytes)
{
    g_autofree char *encoded = bytes ? g_base64_encode((const guchar *)bytes, strlen(bytes)) : NULL;

    return encoded ? json_string(encoded) : json_null();
}

static char *
bytes_of_json(const json_t *value)
{
    gsize length;
    g_autofree guchar *bytes = json_is_string(value) ? g_base64_decode(json_string_value(value), &length) : NULL;

    return bytes ? g_strndup((const char *)bytes, length) : NULL;
}

/* @record: (out): an object; a new one where there is none */
static gboolean
load_record(const PfApp *app, json_t **record, GError **error)
{
    g_autofree char *path = dup_record_path(app);
    g_autofree char *text = NULL;
    mode_t mode;

    if (!read_file(path, &text, &mode, error))
        return FALSE;
    *record = text ? json_loads(text, 0, NULL)
                   : json_pack("{s:i, s:[], s:[], s:b}", "version", 1, "changes", "folders", "enabled", FALSE);
    if (json_is_object(*record) && json_integer_value(json_object_get(*record, "version")) == 1)
        return TRUE;
    json_decref(*record);
    *record = NULL;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT,
                _("%s: not a record of what 'podflattr init' has done; move it away"), path);
    return FALSE;
}

static gboolean
save_record(const PfApp *app, const json_t *record, GError **error)
{
    g_autofree char *path = dup_record_path(app);
    char *text = json_dumps(record, JSON_INDENT(1));
    gboolean saved = pf_state_folder_prepare(app->state_dir, error) && pf_private_file_write(path, text, error);

    free(text);
    return saved;
}

/* Adds a change to the record. Of a file that is as it was left, the first "before" stays. */
static void
record_change(json_t *changes, const Change *change)
{
    json_t *path = bytes_to_json(change->path), *before = bytes_to_json(change->before), *known;
    size_t i;

    json_array_foreach (changes, i, known) {
        g_autofree char *left = bytes_of_json(json_object_get(known, "after"));
        if (json_equal(json_object_get(known, "path"), path) && g_strcmp0(left, change->before) == 0) {
            json_object_set_new(known, "after", bytes_to_json(change->after));
            json_decref(path);
            json_decref(before);
            return;
        }
    }
    json_array_append_new(changes,
                          json_pack("{s:o, s:o, s:o, s:b, s:i}", "path", path, "before", before, "after",
                                    bytes_to_json(change->after), "link", change->is_link, "mode", (int)change->mode));
}

/* Adds the folders that are made for a file, the outermost first. */
static void
record_folders(json_t *folders, const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (g_file_test(folder, G_FILE_TEST_EXISTS))
        return;
    record_folders(folders, folder);
    json_array_append_new(folders, bytes_to_json(folder));
}

/* --- doing it --- */

static gboolean
set_write_error(GError **error, const char *path)
{
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE,
                _("%s: %s; run 'podflattr init --undo' to take back what was done"), path, g_strerror(errno));
    return FALSE;
}

static gboolean
apply_change(const Change *change, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(change->path);

    if (g_mkdir_with_parents(folder, 0700) != 0)
        return set_write_error(error, folder);
    if (change->is_link)
        return symlink(change->after, change->path) == 0 || set_write_error(error, change->path);
    return pf_file_replace(change->path, change->after, change->mode, error);
}

/* gPodder may have ended, and written its settings, while the user was asked. And what root makes, no user could use.
 */
static gboolean
check_changes(const Plan *plan, GError **error)
{
    for (guint i = 0; i < plan->changes->len; i++) {
        const Change *change = plan->changes->pdata[i];
        g_autofree char *now = NULL;
        mode_t mode;
        if (!pf_state_folder_check_root(change->path, error))
            return FALSE;
        if (change->is_link)
            continue;
        if (!read_file(change->path, &now, &mode, error))
            return FALSE;
        if (g_strcmp0(now, change->before) == 0)
            continue;
        g_autofree char *message = g_strdup_printf(
            _("%s was changed in the meantime, so nothing was done; run 'podflattr init' again"), change->path);
        return pf_exit_status_set(error, EX_TEMPFAIL, message);
    }
    return TRUE;
}

static gboolean
apply(const Plan *plan, GError **error)
{
    g_autofree char *path = dup_record_path(plan->app);
    json_t *record;

    if (!check_changes(plan, error) || !load_record(plan->app, &record, error))
        return FALSE;
    record_folders(json_object_get(record, "folders"), path);
    for (guint i = 0; i < plan->changes->len; i++) {
        const Change *change = plan->changes->pdata[i];
        record_folders(json_object_get(record, "folders"), change->path);
        record_change(json_object_get(record, "changes"), change);
    }
    if (plan->enables)
        json_object_set_new(record, "enabled", json_true());
    gboolean applied = save_record(plan->app, record, error);
    json_decref(record);
    for (guint i = 0; applied && i < plan->changes->len; i++)
        applied = apply_change(plan->changes->pdata[i], error);
    if (!applied)
        return FALSE;
    if (plan->enables && !systemctl("enable", "--now"))
        return pf_exit_status_set(error, EX_UNAVAILABLE,
                                  _("systemd could not start the service; see 'systemctl --user status podflattr'"));
    return !plan->restarts || systemctl("try-restart", NULL) ||
           pf_exit_status_set(error, EX_UNAVAILABLE,
                              _("the service could not be restarted; see 'systemctl --user status podflattr'"));
}

/* --- taking it back --- */

typedef struct {
    char *path, *before, *after;
    gboolean is_link;
    mode_t mode;
} Recorded;

static void
recorded_clear(Recorded *recorded)
{
    g_free(recorded->path);
    g_free(recorded->before);
    g_free(recorded->after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recorded, recorded_clear)

static Recorded
read_recorded(const json_t *change)
{
    return (Recorded){.path = bytes_of_json(json_object_get(change, "path")),
                      .before = bytes_of_json(json_object_get(change, "before")),
                      .after = bytes_of_json(json_object_get(change, "after")),
                      .is_link = json_is_true(json_object_get(change, "link")),
                      .mode = (mode_t)json_integer_value(json_object_get(change, "mode"))};
}

static gboolean
undo_link(const Recorded *recorded, GError **error)
{
    g_autofree char *target = g_file_read_link(recorded->path, NULL);

    /* Anything but our link is the user's. */
    if (g_strcmp0(target, recorded->after) != 0)
        return TRUE;
    return unlink(recorded->path) == 0 || set_write_error(error, recorded->path);
}

/* Splits a text into lines, each with what ends it. Returns: (transfer full). */
static GPtrArray *
split_lines(const char *text)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    for (const char *end; *text; text = end) {
        end = strchr(text, '\n');
        end = end ? end + 1 : text + strlen(text);
        g_ptr_array_add(lines, g_strndup(text, (gsize)(end - text)));
    }
    return lines;
}

static gboolean
is_line(const GPtrArray *lines, guint at, const char *line)
{
    return at < lines->len && g_str_equal(lines->pdata[at], line);
}

/* Lines of two texts: so many from a place of the one became so many from a place of the other. */
typedef struct {
    guint old_at, old_count, new_at, new_count;
} Hunk;

/* Finds what init has done to a text: it adds lines, and writes others in their place. Returns: (transfer full): of
 * Hunk. */
static GArray *
find_hunks(const GPtrArray *before, const GPtrArray *after)
{
    GArray *hunks = g_array_new(FALSE, FALSE, sizeof(Hunk));
    guint i = 0, j = 0;

    while (i < before->len || j < after->len) {
        if (i < before->len && is_line(after, j, before->pdata[i])) {
            i++, j++;
            continue;
        }
        Hunk hunk = {.old_at = i, .new_at = j};
        guint same = after->len;
        /* To the next line that was there before, and still is. */
        for (; i < before->len; i++) {
            for (same = j; same < after->len && !is_line(after, same, before->pdata[i]); same++)
                ;
            if (same < after->len)
                break;
        }
        j = same;
        hunk.old_count = i - hunk.old_at;
        hunk.new_count = j - hunk.new_at;
        g_array_append_val(hunks, hunk);
    }
    return hunks;
}

/* Replaces what a hunk has added by what it has removed, if the former is still there, and only once. */
static gboolean
take_back(GPtrArray *now, const Hunk *hunk, const GPtrArray *before, const GPtrArray *after)
{
    guint hits = 0, at = 0;

    for (guint i = 0; hunk->new_count > 0 && i + hunk->new_count <= now->len; i++) {
        guint same = 0;
        while (same < hunk->new_count && is_line(now, i + same, after->pdata[hunk->new_at + same]))
            same++;
        hits += same == hunk->new_count;
        at = same == hunk->new_count ? i : at;
    }
    if (hits != 1)
        return FALSE;
    g_ptr_array_remove_range(now, at, hunk->new_count);
    for (guint i = 0; i < hunk->old_count; i++)
        g_ptr_array_insert(now, (gint)(at + i), g_strdup(before->pdata[hunk->old_at + i]));
    return TRUE;
}

/* A text without what init has added, but with what the user has changed since. Returns: (transfer full): NULL when the
 * two cannot be told apart. */
static char *
dup_without_ours(const Recorded *recorded, const char *now)
{
    if (!now || !recorded->before)
        return NULL;
    g_autoptr(GPtrArray) before = split_lines(recorded->before), after = split_lines(recorded->after);
    g_autoptr(GPtrArray) lines = split_lines(now);
    g_autoptr(GArray) hunks = find_hunks(before, after);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = hunks->len; i > 0; i--)
        if (!take_back(lines, &g_array_index(hunks, Hunk, i - 1), before, after))
            return NULL;
    for (guint i = 0; i < lines->len; i++) {
        gboolean is_cut = text->len > 0 && text->str[text->len - 1] != '\n';
        g_string_append_printf(text, "%s%s", is_cut ? "\n" : "", (char *)lines->pdata[i]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* @is_kept: (out): the file was changed since, so it stays as it is */
static gboolean
undo_file(const Recorded *recorded, const PfApp *app, gboolean *is_kept, GError **error)
{
    g_autofree char *now = NULL, *without = NULL;
    mode_t mode;

    *is_kept = FALSE;
    pf_private_file_sweep_beside(recorded->path);
    if (!read_file(recorded->path, &now, &mode, NULL)) {
        *is_kept = TRUE;
        return TRUE;
    }
    if (g_strcmp0(now, recorded->before) == 0)
        return TRUE;
    if (g_strcmp0(now, recorded->after) == 0) {
        if (recorded->before)
            return pf_file_replace(recorded->path, recorded->before, recorded->mode, error);
        return unlink(recorded->path) == 0 || set_write_error(error, recorded->path);
    }
    /* gPodder rewrites its settings whenever it quits: then only our name is removed from them. */
    if (now && g_str_has_suffix(recorded->path, "/Settings.json"))
        without = dup_settings(now, FALSE);
    else
        without = dup_without_ours(recorded, now);
    /* A setting that was added to a section of ours would be in another section, or in none. */
    g_autofree char *configuration = dup_real_path(app->config_path);
    if (without && g_str_equal(configuration, recorded->path)) {
        g_autoptr(PfConfig) config = pf_config_parse(without, recorded->path, NULL);
        if (!config)
            g_clear_pointer(&without, g_free);
    }
    if (without)
        return pf_file_replace(recorded->path, without, mode, error);
    *is_kept = TRUE;
    return TRUE;
}

static void
tell_kept(const Recorded *recorded)
{
    g_autofree char *backup = g_strconcat(recorded->path, ".before-init", NULL);
    g_autofree char *text = NULL;
    mode_t mode;

    if (recorded->before && read_file(backup, &text, &mode, NULL) && g_strcmp0(text, recorded->before) == 0)
        g_message(_("%s: has changed since and was left alone; its old contents are in %s"), recorded->path, backup);
    else if (recorded->before)
        g_message(_("%s: has changed since and was left alone"), recorded->path);
    else
        g_message(
            _("%s: has changed since and was left alone; it did not exist before: remove it if you do not need it"),
            recorded->path);
}

/* Undoes all changes in the record, the last first, and goes on when one fails. @kept: (out): how many files were
 * changed since. Returns FALSE with the first @error set. */
static gboolean
undo_changes(const json_t *changes, const PfApp *app, guint *kept, GError **error)
{
    gboolean undone = TRUE;

    *kept = 0;
    for (size_t i = json_array_size(changes); i > 0; i--) {
        g_auto(Recorded) recorded = read_recorded(json_array_get(changes, i - 1));
        gboolean is_kept = FALSE;
        /* While a configuration could not be restored, its copy is the only one. */
        if (!recorded.path || ((*kept > 0 || !undone) && g_str_has_suffix(recorded.path, ".before-init")))
            continue;
        GError **first = undone ? error : NULL;
        gboolean restored = recorded.is_link ? undo_link(&recorded, first) : undo_file(&recorded, app, &is_kept, first);
        if (is_kept)
            tell_kept(&recorded);
        else if (restored)
            printf(_("restored  %s\n"), recorded.path);
        undone &= restored;
        *kept += is_kept;
    }
    return undone;
}

/* Stops the service that init has enabled. Returns FALSE with @error set when systemd refuses to. */
static gboolean
undo_service(GError **error)
{
    if (!has_systemd()) {
        g_warning(_("the service was not disabled, because systemd is not running for your user; run 'systemctl --user "
                    "disable --now podflattr' in your session"));
        return TRUE;
    }
    if (systemctl("disable", "--now")) {
        printf(_("stopped   %s\n"), SERVICE);
        return TRUE;
    }
    /* A unit that is no longer installed has nothing to stop. */
    return !systemctl("cat", NULL) ||
           pf_exit_status_set(error, EX_UNAVAILABLE,
                              _("systemd could not stop the service; see 'systemctl --user status podflattr', then run "
                                "'podflattr init --undo' again"));
}

static gboolean
undo(const PfApp *app, GError **error)
{
    g_autofree char *path = dup_record_path(app);
    g_autoptr(GError) refusal = NULL;
    json_t *record = NULL;
    guint kept;

    pf_private_file_sweep_beside(path);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_message(_("there is nothing to undo"));
        return TRUE;
    }
    if (!load_record(app, &record, error))
        return FALSE;
    gboolean is_enabled = json_is_true(json_object_get(record, "enabled"));
    gboolean is_stopped = !is_enabled || undo_service(&refusal);
    gboolean undone = undo_changes(json_object_get(record, "changes"), app, &kept, error);
    if (undone && !is_stopped) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        undone = FALSE;
    }
    if (undone && unlink(path) != 0)
        undone = set_write_error(error, path);
    const json_t *folders = json_object_get(record, "folders");
    for (size_t i = undone ? json_array_size(folders) : 0; i > 0; i--) {
        g_autofree char *folder = bytes_of_json(json_array_get(folders, i - 1));
        if (folder)
            (void)rmdir(folder); /* others may have put something into it */
    }
    json_decref(record);
    if (!undone)
        return FALSE;
    if (!is_enabled && is_of_service(app) && has_systemd() && systemctl("is-active", NULL))
        (void)systemctl("try-restart", NULL);
    return kept == 0 || pf_exit_status_set(error, EX_DATAERR, _("not everything was restored"));
}

/* --- the command --- */

static void
print_plan(const Plan *plan)
{
    for (guint i = 0; i < plan->changes->len; i++) {
        const Change *change = plan->changes->pdata[i];
        if (!change->what)
            continue;
        pf_output_field(_("change"), 8, change->what);
    }
    if (plan->enables)
        printf(_("change    %s: enabled and started\n"), SERVICE);
    if (plan->restarts)
        printf(_("change    %s: restarted\n"), SERVICE);
    for (guint i = 0; i < plan->notes->len; i++) {
        pf_output_field(_("note"), 8, plan->notes->pdata[i]);
    }
    fflush(stdout);
}

/* Whether the user consents. */
static gboolean
has_consent(const Options *given)
{
    if (given->yes && !given->dry_run)
        return TRUE;
    g_autofree char *answer = given->dry_run ? NULL : ask_line(_("Make these changes? [y/N]"));
    if (answer && pf_output_is_yes(answer))
        return TRUE;
    g_message(given->dry_run
                  ? _("nothing was changed; run 'podflattr init' to make these changes")
                  : _("nothing was changed; run 'podflattr init --yes' to make these changes without being asked"));
    return FALSE;
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    g_auto(Plan) plan = {.app = call->app,
                         .changes = g_ptr_array_new_with_free_func(change_free),
                         .notes = g_ptr_array_new_with_free_func(g_free)};

    if (given->undo && given->dry_run)
        return pf_command_refuse(error, _("--undo and --dry-run cannot be used together"));
    if (given->undo)
        return undo(call->app, error);
    /* A missing configuration is not an error here. */
    if (g_file_test(call->app->config_path, G_FILE_TEST_EXISTS) && !pf_app_check(call->app, error))
        return FALSE;
    if (!plan_configuration(&plan, given, error))
        return FALSE;
    plan_hooks(&plan);
    plan_service(&plan);
    print_plan(&plan);
    if (plan.changes->len == 0 && !plan.enables) {
        g_message(_("nothing to change"));
        return TRUE;
    }
    if (!has_consent(given))
        return TRUE;
    if (!apply(&plan, error))
        return FALSE;
    g_message(_("done; 'podflattr status' shows what podflattr sees, and 'podflattr init --undo' undoes everything"));
    return TRUE;
}

static const PfCommandOption options[] = {
    {"yes", G_OPTION_ARG_NONE, offsetof(Options, yes), N_("Make the changes without asking"), NULL, 0, 'y'},
    {"dry-run", G_OPTION_ARG_NONE, offsetof(Options, dry_run), N_("Show what would be changed, and change nothing"),
     NULL, 0, 'n'},
    {"undo", G_OPTION_ARG_NONE, offsetof(Options, undo), N_("Undo what 'podflattr init' has changed"), NULL, 0, 0},
    {"folder", G_OPTION_ARG_FILENAME, offsetof(Options, folder), N_("A folder that episodes are downloaded to"),
     N_("DIR"), 0, 0},
    {"feed", G_OPTION_ARG_STRING, offsetof(Options, feed), N_("A feed, or a list of feeds, that you follow"), "URL", 0,
     0},
    {0},
};

const PfCommand pf_command_init = {
    .name = "init",
    .summary = N_("Find your podcatchers, and set podflattr up for them"),
    .description =
        N_("Shows what it has found and what it would change, and asks. An existing configuration is edited in\n"
           "place; podcatchers' hooks are set, and the service is started where systemd runs."),
    .options = options,
    .options_size = sizeof(Options),
    .examples = "  podflattr init\n"
                "  podflattr init --folder ~/Podcasts --feed https://example.org/feed.xml\n"
                "  podflattr init --undo\n",
    .run = run,
    .needs = PF_COMMAND_NEEDS_FAULTS,
};
