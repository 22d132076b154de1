/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings_check.h"

#include "base/clock.h"
#include "base/file_access.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/session_bus.h"
#include "base/text.h"
#include "base/url.h"
#include "feed/store.h"
#include "login/authorize.h"
#include "queue/arrival.h"
#include "queue/play_record.h"
#include "sources/podcatcher.h"
#include "sources/subscriptions.h"
#include "sources/sync_server.h"
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long to wait for the look at files and folders, seconds. */
#define TIMEOUT 5

/* One check, which two threads share: the one that looks, and the one that waits for it. */
typedef struct {
    gint references;
    PfConfig *config;
    char *state_dir;
    gboolean is_logged; /* nobody waits: what is found is logged */

    /* of what is looked at now; the looking thread's alone */
    const char *podcatcher;
    guint feeds;
    gint64 list_changed;

    GMutex lock; /* for what follows */
    GCond changed;
    PfSettingsCheck *check;
    char *place; /* what is looked at, for a message */
    gboolean is_done;
} Task;

static Task *
task_new(const PfApp *app, gboolean is_logged)
{
    Task *task = g_new0(Task, 1);

    task->references = 2;
    task->config = pf_config_copy(app->config);
    task->state_dir = g_strdup(app->state_dir);
    task->is_logged = is_logged;
    task->check = g_new0(PfSettingsCheck, 1);
    task->check->reports = g_ptr_array_new();
    g_mutex_init(&task->lock);
    g_cond_init(&task->changed);
    return task;
}

static void
task_release(Task *task)
{
    if (!g_atomic_int_dec_and_test(&task->references))
        return;
    pf_config_free(task->config);
    g_free(task->state_dir);
    pf_settings_check_free(task->check);
    g_free(task->place);
    g_mutex_clear(&task->lock);
    g_cond_clear(&task->changed);
    g_free(task);
}

static void
report_free(gpointer data)
{
    PfSettingReport *report = data;

    g_free(report->key);
    g_free(report->text);
    g_free(report);
}

void
pf_settings_check_free(PfSettingsCheck *check)
{
    if (!check)
        return;
    g_ptr_array_set_free_func(check->reports, report_free);
    g_ptr_array_unref(check->reports);
    g_free(check);
}

const char *
pf_setting_result_name(PfSettingResult result)
{
    static const char *const names[] = {[PF_SETTING_OK] = "ok", [PF_SETTING_WARN] = "warn", [PF_SETTING_FAIL] = "FAIL"};

    return names[result];
}

/* --- reporting --- */

static void
add_report(Task *task, PfSettingResult result, const char *key, char *text_taken)
{
    PfSettingReport *report = g_new0(PfSettingReport, 1);

    *report = (PfSettingReport){.podcatcher = task->podcatcher,
                                .feeds = task->feeds,
                                .changed = task->list_changed,
                                .result = result,
                                .key = g_strdup(key),
                                .text = text_taken};
    g_mutex_lock(&task->lock);
    g_ptr_array_add(task->check->reports, report);
    g_mutex_unlock(&task->lock);
}

/* @group, @key: where it stands; @key NULL for a group of its own, which is a feed's */
G_GNUC_PRINTF(5, 6)
static void
tell(Task *task, PfSettingResult result, const char *group, const char *key, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *place = pf_config_dup_place(task->config, group, key);
    add_report(task, result, key ? key : "rule",
               result == PF_SETTING_OK ? g_steal_pointer(&text) : g_strdup_printf("%s: %s", place, text));
}

/* Notes what is looked at next: a call that does not return cannot say so. */
static void
look_at(Task *task, const char *group, const char *key, const char *what)
{
    g_autofree char *place = pf_config_dup_place(task->config, group, key);
    g_autofree char *shown = pf_log_printable(what);

    g_mutex_lock(&task->lock);
    g_free(task->place);
    task->place = g_strdup_printf("%s: %s", place, shown);
    g_mutex_unlock(&task->lock);
}

/* --- [flattr] --- */

static void
check_address(Task *task, const char *key, const char *value)
{
    g_autofree char *bare = pf_url_dup_bare(value);

    if (*value && (!pf_url_is_web(value) || !bare || strpbrk(value, " \t")))
        tell(task, PF_SETTING_FAIL, "flattr", key,
             _("'%s' is not an http or https URL; use the one that your server documents"), value);
}

static void
check_ca_file(Task *task)
{
    g_autofree char *path = pf_config_dup_path(task->config->ca_file);
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;

    if (!*task->config->ca_file)
        return;
    look_at(task, "flattr", "ca-file", path);
    if (!g_file_get_contents(path, &text, NULL, &failure))
        tell(task, PF_SETTING_FAIL, "flattr", "ca-file",
             _("%s; name a file of certificates that you can read, or remove the setting to use the system's"),
             failure->message);
    else if (!strstr(text, "-----BEGIN "))
        tell(task, PF_SETTING_FAIL, "flattr", "ca-file",
             _("'%s' contains no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"), path);
}

static void
check_token_store(Task *task)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *address = NULL;

    if (task->config->token_store != PF_TOKEN_STORE_SECRET_SERVICE)
        return;
    address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, &failure);
    if (!address)
        tell(task, PF_SETTING_FAIL, "flattr", "token-store",
             _("the keyring cannot be reached, because there is no session bus (D-Bus) here: %s; run podflattr in your "
               "desktop session, or set token-store = file"),
             failure->message);
}

static void
check_server(Task *task)
{
    const PfConfig *config = task->config;
    g_autoptr(GError) failure = NULL;
    PfRedirect *redirect = pf_redirect_parse(config->redirect, &failure);

    check_ca_file(task);
    check_address(task, "authorize", config->authorize);
    check_address(task, "token-endpoint", config->token_endpoint);
    check_address(task, "revocation-endpoint", config->revocation_endpoint);
    if (!redirect)
        tell(task, PF_SETTING_FAIL, "flattr", "redirect", "%s", failure->message);
    pf_redirect_free(redirect);
    check_token_store(task);
}

/* --- [watch] --- */

static void
check_folder(Task *task, const char *name)
{
    g_autofree char *path = pf_config_dup_path(name);
    g_autofree char *shown = pf_log_printable(path);
    const char *fix = pf_config_explain_part(name);
    struct stat status;

    look_at(task, "watch", "folders", path);
    gboolean is_missing = pf_file_stat_in_time(path, &status) != 0;
    if (is_missing && errno == ETIMEDOUT)
        tell(task, PF_SETTING_FAIL, "watch", "folders",
             _("%s: does not answer; its file system hangs: reconnect or unmount it"), shown);
    else if (is_missing)
        tell(task, PF_SETTING_FAIL, "watch", "folders", "%s: %s; %s", shown, g_strerror(errno),
             fix               ? fix
             : errno == ENOENT ? _("create the folder, or connect the disk that it is on")
                               : _("give yourself permission to read it"));
    else if (!S_ISDIR(status.st_mode))
        tell(task, PF_SETTING_FAIL, "watch", "folders",
             _("%s: not a folder; name the folder that files are downloaded to"), shown);
    else if (access(path, R_OK | X_OK) != 0)
        tell(task, PF_SETTING_FAIL, "watch", "folders", _("%s: %s; give yourself permission to read it"), shown,
             g_strerror(errno));
    else
        tell(task, PF_SETTING_OK, "watch", "folders", "%s", shown);
}

/* The folders that a podcatcher says. */
static void
check_podcatcher(Task *task, const PfPodcatcherKind *kind)
{
    g_autoptr(GPtrArray) found = pf_podcatcher_find(kind);

    task->podcatcher = kind->name;
    for (guint i = 0; i < found->len; i++) {
        const PfPodcatcher *podcatcher = found->pdata[i];
        g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) failure = NULL;

        look_at(task, "watch", "folders", podcatcher->list);
        if (!pf_podcatcher_list_folders(podcatcher, folders, &failure)) {
            g_autofree char *shown = pf_log_printable(failure->message);
            tell(task, PF_SETTING_FAIL, "watch", "folders", "%s: %s", kind->name, shown);
        } else if (folders->len == 0) {
            tell(task, PF_SETTING_WARN, "watch", "folders",
                 _("%s: %s names no folder to download to; name that folder here by its path"), kind->name,
                 podcatcher->list);
        }
        for (guint j = 0; j < folders->len; j++) {
            g_autofree char *shown = pf_log_printable(folders->pdata[j]);
            if (g_file_test(folders->pdata[j], G_FILE_TEST_IS_DIR))
                tell(task, PF_SETTING_OK, "watch", "folders", "%s: %s", kind->name, shown);
            else
                tell(task, PF_SETTING_WARN, "watch", "folders",
                     _("%s: %s does not exist yet; it is watched once %s has created it"), kind->name, shown,
                     kind->title);
        }
    }
    if (found->len == 0)
        tell(task, PF_SETTING_FAIL, "watch", "folders",
             _("%s: %s is not set up here; start it once, or remove its name"), kind->name, kind->title);
    task->podcatcher = NULL;
}

static void
check_watch(Task *task)
{
    const PfConfig *config = task->config;
    g_autofree char *extensions = g_strjoinv(", ", config->extensions);

    for (char **folder = config->folders; *folder; folder++) {
        const PfPodcatcherKind *kind = pf_podcatcher_get_kind(*folder);
        if (kind)
            check_podcatcher(task, kind);
        else
            check_folder(task, *folder);
    }
    if (!*config->folders && !*config->subscriptions)
        tell(task, PF_SETTING_WARN, "watch", "folders",
             _("no folders and no subscriptions are set, so only hooks that name a payment link have an effect; set "
               "folders in [watch] and subscriptions in [feeds]"));
    else if (!*config->folders)
        tell(task, PF_SETTING_WARN, "watch", "folders", _("no folders are set, so only hooks report episodes"));
    if (*config->extensions)
        tell(task, PF_SETTING_OK, "watch", "extensions", "%s", extensions);
}

/* --- [feeds] --- */

/* How long ago a podcatcher changed its list. Returns: (transfer full): "changed 3 hours ago". */
static char *
dup_age(gint64 changed)
{
    gint64 minutes = (pf_clock_now() - changed) / 60, hours = minutes / 60, days = hours / 24;

    if (days > 0)
        return g_strdup_printf(ngettext("changed %" PRId64 " day ago", "changed %" PRId64 " days ago", (gulong)days),
                               days);
    if (hours > 0)
        return g_strdup_printf(ngettext("changed %" PRId64 " hour ago", "changed %" PRId64 " hours ago", (gulong)hours),
                               hours);
    if (minutes > 0)
        return g_strdup_printf(
            ngettext("changed %" PRId64 " minute ago", "changed %" PRId64 " minutes ago", (gulong)minutes), minutes);
    return g_strdup(_("changed just now"));
}

static void
tell_podcatcher(Task *task, const PfSubscription *subscription)
{
    g_autofree char *age = dup_age(subscription->changed);
    g_autofree char *left_out =
        subscription->left_out > 0
            ? g_strdup_printf(
                  ngettext("; %u entry names no feed that can be fetched (a query, a program), and is left out",
                           "; %u entries name no feed that can be fetched (queries, programs), and are left out",
                           subscription->left_out),
                  subscription->left_out)
            : NULL;

    tell(task, PF_SETTING_OK, "feeds", "subscriptions",
         ngettext("%s: follows %u feed, %s%s", "%s: follows %u feeds, %s%s", subscription->feeds), subscription->name,
         subscription->feeds, age, left_out ? left_out : "");
}

static void
tell_subscription(Task *task, const PfSubscription *subscription)
{
    const char *name = subscription->name;

    if (subscription->fault && subscription->kind == PF_SUBSCRIPTION_PODCATCHER)
        tell(task, PF_SETTING_FAIL, "feeds", "subscriptions", "%s: %s", name, subscription->fault);
    else if (subscription->fault)
        tell(task, PF_SETTING_FAIL, "feeds", "subscriptions", "%s", subscription->fault);
    else if (subscription->kind == PF_SUBSCRIPTION_PODCATCHER)
        tell_podcatcher(task, subscription);
    else if (subscription->kind == PF_SUBSCRIPTION_URL)
        tell(task, PF_SETTING_OK, "feeds", "subscriptions", _("%s: a feed, or a list of feeds on the web"), name);
    else if (subscription->kind == PF_SUBSCRIPTION_FILE)
        tell(task, PF_SETTING_OK, "feeds", "subscriptions", _("%s: a feed"), name);
    else if (subscription->left_out > 0)
        tell(task, PF_SETTING_OK, "feeds", "subscriptions",
             _("%s: a list of %u feeds; %u entries name none that can be read, such as a podcatcher's own queries, and "
               "are left out"),
             name, subscription->feeds, subscription->left_out);
    else
        tell(task, PF_SETTING_OK, "feeds", "subscriptions",
             ngettext("%s: a list of %u feed", "%s: a list of %u feeds", subscription->feeds), name,
             subscription->feeds);
}

/* Returns: (transfer full): the feeds that the configuration names, of char *. */
static GPtrArray *
check_subscriptions(Task *task)
{
    GPtrArray *feeds = g_ptr_array_new_with_free_func(g_free);
    guint lists = 0;

    for (char **name = task->config->subscriptions; *name; name++) {
        char *const one[] = {*name, NULL};
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)pf_subscription_free);

        look_at(task, "feeds", "subscriptions", *name);
        g_autoptr(GPtrArray) urls = pf_subscriptions_read((char **)one, task->state_dir, NULL, found);
        const PfSubscription *subscription = found->pdata[0];
        lists += subscription->kind == PF_SUBSCRIPTION_LIST;
        if (subscription->kind == PF_SUBSCRIPTION_PODCATCHER) {
            const PfPodcatcherKind *kind = pf_podcatcher_get_kind(*name);
            task->podcatcher = kind ? kind->name : PF_SYNC_NAME;
            task->feeds = subscription->feeds;
            task->list_changed = subscription->changed;
        }
        tell_subscription(task, subscription);
        task->podcatcher = NULL;
        task->feeds = 0;
        task->list_changed = 0;
        for (guint i = 0; i < urls->len; i++)
            if (!g_ptr_array_find_with_equal_func(feeds, urls->pdata[i], g_str_equal, NULL))
                g_ptr_array_add(feeds, g_strdup(urls->pdata[i]));
    }
    if (!*task->config->subscriptions && *task->config->folders)
        tell(task, PF_SETTING_WARN, "feeds", "subscriptions",
             _("no subscriptions are set, so only feeds that hooks name are known; name feeds or your podcatcher's "
               "list"));
    g_mutex_lock(&task->lock);
    task->check->feeds = feeds->len;
    task->check->lists = lists;
    g_mutex_unlock(&task->lock);
    return feeds;
}

/* What was said at the last look, from the queue: nothing is asked of the network. */
static void
tell_sync(Task *task, const PfSyncServer *server)
{
    g_autofree char *path = g_build_filename(task->state_dir, "queue.db", NULL);
    g_autoptr(PfQueue) queue =
        g_file_test(path, G_FILE_TEST_EXISTS) ? pf_queue_open(task->state_dir, PF_BUSY_STATUS_MS, NULL) : NULL;
    g_auto(PfPlayRecord) record = {0};

    if (queue && !pf_play_record_load(queue, server->name, &record, NULL))
        return;
    if (record.fault)
        tell(task, PF_SETTING_FAIL, "feeds", "sync", "%s", record.fault);
    else if (record.asked == 0)
        tell(task, PF_SETTING_WARN, "feeds", "sync",
             _("%s: not asked yet; run 'podflattr login --sync' and start the service"), server->name);
    else
        tell(task, PF_SETTING_OK, "feeds", "sync", "%s", server->name);
}

static void
check_sync(Task *task)
{
    const PfConfig *config = task->config;
    g_auto(PfSyncServer) server = {0};
    g_autoptr(GError) failure = NULL;

    if (*config->sync && !pf_sync_server_parse(config->sync, &server, &failure))
        tell(task, PF_SETTING_FAIL, "feeds", "sync", "%s", failure->message);
    else if (*config->sync)
        tell_sync(task, &server);
    else if (g_strv_contains((const char *const *)config->subscriptions, PF_SYNC_NAME))
        tell(task, PF_SETTING_FAIL, "feeds", "subscriptions",
             _("'sync' stands for the subscriptions of a synchronisation server, but no server is set; set sync in "
               "[feeds]"));
}

/* --- [policy] --- */

/* Whether one of the podcatchers that are named keeps a record of what is played with it. */
static gboolean
names_teller(const PfConfig *config)
{
    g_autoptr(GPtrArray) named = pf_podcatchers_list_named(config);
    gboolean any = FALSE;

    for (guint i = 0; i < named->len; i++)
        any |= ((const PfPodcatcher *)named->pdata[i])->kind->list_plays != NULL;
    return any;
}

static void
check_trigger(Task *task)
{
    g_autofree char *path = g_build_filename(task->state_dir, "queue.db", NULL);
    g_autoptr(PfQueue) queue = NULL;
    gboolean any = FALSE;

    if (task->config->trigger != PF_TRIGGER_PLAY)
        return;
    queue = g_file_test(path, G_FILE_TEST_EXISTS) ? pf_queue_open(task->state_dir, PF_BUSY_STATUS_MS, NULL) : NULL;
    if ((queue && (!pf_arrival_has_played(queue, &any, NULL) || any)) || *task->config->sync)
        return;
    if (names_teller(task->config))
        return;
    g_autofree char *bus = pf_session_bus_dup_address();
    if (task->config->players && bus)
        tell(task, PF_SETTING_OK, "policy", "trigger",
             _("play: players on the session bus (MPRIS) are noticed; none has played an episode yet"));
    else
        tell(task, PF_SETTING_WARN, "policy", "trigger",
             _("trigger = play, but no player has reported a played episode yet, and %s: install the plugin for your "
               "player "
               "(share/podflattr/plugins), or have it run 'podflattr hook --event played FILE'"),
             !task->config->players ? _("players = no in [watch] keeps the service from noticing them")
                                    : _("there is no session bus here on which players could be noticed"));
}

/* --- [notify] --- */

static void
check_notify(Task *task)
{
    g_autoptr(GError) failure = NULL;
    g_auto(GStrv) line = NULL;

    if (!*task->config->notify_command)
        return;
    if (!g_shell_parse_argv(task->config->notify_command, NULL, &line, &failure)) {
        tell(task, PF_SETTING_FAIL, "notify", "command", _("%s; quote its words as for a shell"), failure->message);
        return;
    }
    g_autofree char *program = g_find_program_in_path(*line);
    if (program)
        tell(task, PF_SETTING_OK, "notify", "command", "%s", program);
    else
        tell(task, PF_SETTING_FAIL, "notify", "command",
             _("there is no program %s that you can run; give its full path (~ is not expanded), and make it "
               "executable"),
             *line);
    if (task->config->notify_level == PF_NOTIFY_NONE)
        tell(task, PF_SETTING_WARN, "notify", "command",
             _("level = none, so it is never run; set level to all or problems"));
}

/* --- rules --- */

static gboolean
take_known(const PfKnownFeed *feed, gpointer data)
{
    g_ptr_array_add(data, g_strdup(feed->url));
    if (!g_str_equal(feed->url, feed->address))
        g_ptr_array_add(data, g_strdup(feed->address));
    return TRUE;
}

static void
add_known_feeds(const Task *task, GPtrArray *feeds)
{
    g_autoptr(PfFeedStore) store = pf_feed_store_open_existing(task->state_dir, PF_BUSY_STATUS_MS, NULL);

    if (store)
        (void)pf_feed_store_each(store, take_known, feeds, NULL);
}

static void
check_rule(Task *task, const char *rule, const GPtrArray *feeds, GHashTable *keys)
{
    g_autofree char *group = g_strconcat("feed ", rule, NULL);
    const char *fix = pf_config_explain_part(rule);
    g_autofree char *key = pf_url_rule_key(rule);

    if (key && g_hash_table_contains(keys, key))
        return;
    const char *similar = pf_text_find_similar(rule, (const char *const *)feeds->pdata);
    g_autofree char *shown = pf_url_printable(rule);
    g_autofree char *meant = similar ? pf_url_printable(similar) : NULL;
    if (meant)
        tell(task, PF_SETTING_WARN, group, NULL,
             _("no known feed has the address %s, so the rule has no effect; did you mean '%s'?"), shown, meant);
    else if (fix)
        tell(task, PF_SETTING_WARN, group, NULL, _("no known feed has the address %s, so the rule has no effect; %s"),
             shown, fix);
    else
        tell(task, PF_SETTING_WARN, group, NULL,
             _("no known feed has the address %s, so the rule has no effect yet; write the address as in the "
               "subscriptions"),
             shown);
}

/* @feeds_taken: those that the subscriptions name */
static void
check_rules(Task *task, GPtrArray *feeds_taken)
{
    g_autoptr(GPtrArray) feeds = feeds_taken;
    g_auto(GStrv) rules = pf_config_list_feeds(task->config);
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!*rules)
        return;
    add_known_feeds(task, feeds);
    g_ptr_array_add(feeds, NULL);
    for (guint i = 0; feeds->pdata[i]; i++) {
        char *key = pf_url_rule_key(feeds->pdata[i]);
        if (key)
            g_hash_table_add(keys, key);
    }
    for (char **rule = rules; *rule; rule++)
        check_rule(task, *rule, feeds, keys);
}

static void
tell_repetition(const char *key, guint before, guint line, gpointer data)
{
    Task *task = data;

    add_report(
        task, PF_SETTING_WARN, key,
        g_strdup_printf(_("%s:%u: '%s' is set in line %u already, so that line has no effect; remove one of them"),
                        task->config->path, line, key, before));
}

/* --- the thread --- */

static void
log_reports(const PfSettingsCheck *check)
{
    for (guint i = 0; i < check->reports->len; i++) {
        const PfSettingReport *report = check->reports->pdata[i];
        if (report->result != PF_SETTING_OK && !g_str_equal(report->key, "subscriptions"))
            g_message("%s", report->text);
    }
}

static gpointer
run(gpointer data)
{
    Task *task = data;

    check_server(task);
    check_watch(task);
    GPtrArray *feeds = check_subscriptions(task);
    check_sync(task);
    check_trigger(task);
    check_notify(task);
    check_rules(task, feeds);
    pf_config_each_repetition(task->config, tell_repetition, task);
    g_mutex_lock(&task->lock);
    task->is_done = TRUE;
    if (task->is_logged)
        log_reports(task->check);
    g_cond_signal(&task->changed);
    g_mutex_unlock(&task->lock);
    task_release(task);
    return NULL;
}

static GThread *
start(Task *task)
{
    return g_thread_new("settings", run, task);
}

PfSettingsCheck *
pf_settings_check(const PfApp *app)
{
    Task *task = task_new(app, FALSE);
    gint64 end = g_get_monotonic_time() + TIMEOUT * G_TIME_SPAN_SECOND;

    GThread *thread = start(task);
    g_mutex_lock(&task->lock);
    while (!task->is_done && g_cond_wait_until(&task->changed, &task->lock, end))
        ;
    PfSettingsCheck *check = g_steal_pointer(&task->check);
    gboolean is_done = task->is_done;
    if (!is_done) {
        PfSettingReport *hung = g_new0(PfSettingReport, 1);
        hung->result = PF_SETTING_FAIL;
        hung->key = g_strdup("settings");
        hung->text =
            g_strdup_printf(_("%s: does not answer within %d seconds; its file system hangs: reconnect or unmount "
                              "it"),
                            task->place, TIMEOUT);
        g_ptr_array_add(check->reports, hung);
        /* What the thread still finds goes nowhere. */
        task->check = g_new0(PfSettingsCheck, 1);
        task->check->reports = g_ptr_array_new();
    }
    g_mutex_unlock(&task->lock);
    if (is_done)
        g_thread_join(thread); /* so that what libraries keep for the thread is freed before the program ends */
    else
        g_thread_unref(thread);
    task_release(task);
    return check;
}

void
pf_settings_check_log(const PfApp *app)
{
    Task *task = task_new(app, TRUE);

    g_thread_unref(start(task));
    task_release(task);
}
