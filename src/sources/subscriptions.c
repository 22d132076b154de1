/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/subscriptions.h"

#include "base/file_access.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "config/config.h"
#include "feed/fetch.h"
#include "feed/opml.h"
#include "sources/podcatcher.h"
#include "sources/sync_server.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any list that is kept by hand. */
#define MAX_LIST ((gsize)4 * 1024 * 1024)

typedef struct {
    GPtrArray *feeds;
    GHashTable *known; /* the same, owned by feeds */
    GPtrArray *files;
    const char *state_dir;
} Reader;

void
pf_subscription_free(PfSubscription *subscription)
{
    if (!subscription)
        return;
    g_free(subscription->name);
    g_free(subscription->fault);
    g_free(subscription);
}

static void
add_feed(Reader *reader, PfSubscription *subscription, const char *url)
{
    subscription->feeds++;
    if (g_hash_table_contains(reader->known, url))
        return;
    g_ptr_array_add(reader->feeds, g_strdup(url));
    g_hash_table_add(reader->known, g_ptr_array_index(reader->feeds, reader->feeds->len - 1));
}

/* A feed in place of a list: one item is enough to recognize it. */
static gboolean
stop_at_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)data;
    (void)error;
    pf_item_free(item);
    return FALSE;
}

/* --- lists as podcatchers keep them --- */

/* Reads a text of at the most MAX_LIST bytes. Returns: (transfer full); NULL when it is none or does not come. */
static GString *
load_text(const char *path)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char piece[65536];
    gssize got = 0;
    int file = pf_file_open_in_time(path);

    if (file < 0)
        return NULL;
    while (text->len <= MAX_LIST && (got = pf_file_read_in_time(path, file, piece, sizeof piece)) > 0)
        g_string_append_len(text, piece, got);
    close(file);
    return got == 0 && strlen(text->str) == text->len ? g_steal_pointer(&text) : NULL;
}

/* Returns: whether the file is such a list. */
static gboolean
read_lines(Reader *reader, PfSubscription *subscription, const char *path)
{
    g_autoptr(GString) text = load_text(path);

    if (!text)
        return FALSE;
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    for (char **line = lines; *line; line++) {
        gboolean is_program;
        g_autofree char *url = pf_podcatcher_dup_listed(*line, &is_program);

        if (url)
            add_feed(reader, subscription, url);
        subscription->left_out += is_program;
    }
    return subscription->feeds > 0 || subscription->left_out > 0;
}

/* --- files --- */

/* Whether a file can be read; if not, that is noted. Who reads a pipe waits for it without end. */
static gboolean
is_readable(PfSubscription *subscription, const char *path, goffset *size)
{
    g_autofree char *shown = pf_log_printable(path);
    const char *fix = pf_config_explain_part(path);
    struct stat status;

    gboolean is_missing = pf_file_stat_in_time(path, &status) != 0;
    if (is_missing && errno == ETIMEDOUT)
        subscription->fault =
            g_strdup_printf(_("%s: does not answer; its file system hangs: reconnect or unmount it"), shown);
    else if (is_missing)
        subscription->fault = g_strdup_printf("%s: %s; %s", shown, g_strerror(errno),
                                              fix ? fix : _("export the subscriptions there, or remove it"));
    else if (S_ISDIR(status.st_mode))
        subscription->fault = g_strdup_printf(_("%s: a folder; name the feed or the list of feeds in it, or, if "
                                                "episodes are downloaded there, set it as folders in [watch]"),
                                              shown);
    else if (!S_ISREG(status.st_mode))
        subscription->fault = g_strdup_printf(_("%s: not a regular file; name a feed or a list of feeds"), shown);
    else
        *size = status.st_size;
    return !subscription->fault;
}

static void
take_document(Reader *reader, PfSubscription *subscription, const char *path, const PfFeedSummary *summary)
{
    g_autofree char *shown = pf_log_printable(path);
    const PfFeed *feed = summary->feed;

    if (feed->kind == PF_FEED_KIND_FEED) {
        g_autofree char *url = g_filename_to_uri(path, NULL, NULL);
        subscription->kind = PF_SUBSCRIPTION_FILE;
        subscription->is_whole = TRUE;
        add_feed(reader, subscription, url);
        return;
    }
    if (feed->kind != PF_FEED_KIND_OPML) {
        subscription->fault =
            g_strdup_printf(_("%s: a web page, neither a feed nor a list of feeds; name the feed by its URL"), shown);
        return;
    }
    subscription->kind = PF_SUBSCRIPTION_LIST;
    subscription->is_whole = !summary->fault || !feed->is_damaged;
    subscription->left_out = feed->left_out->len;
    g_autofree char *left_out = pf_opml_dup_left_out(feed);
    if (left_out)
        g_message("%s: %s", shown, left_out);
    for (guint i = 0; i < feed->feeds->len; i++)
        add_feed(reader, subscription, feed->feeds->pdata[i]);
    if (!subscription->is_whole)
        subscription->fault = g_strdup_printf(
            _("%s: the list is broken, and only a part of it was read: %s; export it again"), shown, summary->fault);
    else if (subscription->feeds == 0)
        subscription->fault =
            g_strdup_printf(_("%s: the OPML file lists no feeds; export the subscriptions there"), shown);
}

static void
watch_file(Reader *reader, const char *path)
{
    if (reader->files && !g_ptr_array_find_with_equal_func(reader->files, path, g_str_equal, NULL))
        g_ptr_array_add(reader->files, g_strdup(path));
}

static void
read_file(Reader *reader, PfSubscription *subscription, const char *path)
{
    g_auto(PfFeedSummary) summary = {0};
    g_autoptr(GError) error = NULL;
    goffset size = 0;

    watch_file(reader, path);
    if (!is_readable(subscription, path, &size))
        return;
    if (pf_feed_fetch(path, stop_at_item, NULL, &summary, &error)) {
        take_document(reader, subscription, path, &summary);
    } else if (error->code == PF_FEED_ERROR_NOT_A_FEED && (gsize)size <= MAX_LIST &&
               read_lines(reader, subscription, path)) {
        subscription->kind = PF_SUBSCRIPTION_LIST;
        subscription->is_whole = TRUE;
    } else if (error->code == PF_FEED_ERROR_NOT_A_FEED) {
        g_autofree char *shown = pf_log_printable(path);
        subscription->fault =
            g_strdup_printf(_("%s: neither a feed, nor an OPML file, nor a list with one address per line"), shown);
    } else {
        subscription->fault = g_strdup(error->message);
    }
}

/* --- podcatchers --- */

/* Reads what one that is set up here says. @faults: what is wrong with it is appended */
static void
read_podcatcher(Reader *reader, PfSubscription *subscription, const PfPodcatcher *podcatcher, GString *faults)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfPodcatcherFeeds) feeds = pf_podcatcher_list_feeds(podcatcher, &failure);

    if (reader->files)
        pf_podcatcher_add_files(podcatcher, reader->files);
    subscription->changed = MAX(subscription->changed, pf_podcatcher_read_changed(podcatcher));
    if (!feeds) {
        g_autofree char *shown = pf_log_printable(failure->message);
        g_string_append_printf(faults, "%s%s", faults->len > 0 ? "; " : "", shown);
        return;
    }
    subscription->left_out += feeds->left_out;
    for (guint i = 0; i < feeds->urls->len; i++)
        add_feed(reader, subscription, feeds->urls->pdata[i]);
}

/* What is not there, or cannot be read now, may be later: the feeds that it had are kept. */
static void
read_podcatchers(Reader *reader, PfSubscription *subscription, const PfPodcatcherKind *kind)
{
    g_autoptr(GPtrArray) found = pf_podcatcher_find(kind);
    g_autoptr(GString) faults = g_string_new(NULL);

    subscription->kind = PF_SUBSCRIPTION_PODCATCHER;
    for (guint i = 0; i < found->len; i++)
        read_podcatcher(reader, subscription, found->pdata[i], faults);
    if (!kind->list_feeds)
        g_string_printf(faults, _("%s follows no feeds; name those that you follow, by their URLs"), kind->title);
    else if (found->len == 0)
        g_string_printf(faults,
                        _("%s is not set up here; start it once and subscribe to a podcast in it, or remove its "
                          "name"),
                        kind->title);
    subscription->is_whole = faults->len == 0;
    subscription->fault = faults->len > 0 ? g_strdup(faults->str) : NULL;
}

/* --- the synchronisation server --- */

char *
pf_subscriptions_dup_sync_list(const char *state_dir)
{
    return g_build_filename(state_dir, "sync-feeds", NULL);
}

/* What it has said last; daemon/syncing.c writes that. */
static void
read_sync(Reader *reader, PfSubscription *subscription)
{
    g_autofree char *path = pf_subscriptions_dup_sync_list(reader->state_dir);
    struct stat status;

    subscription->kind = PF_SUBSCRIPTION_PODCATCHER;
    watch_file(reader, path);
    subscription->is_whole = stat(path, &status) == 0;
    if (!subscription->is_whole) {
        subscription->fault = g_strdup(_("the subscriptions of the synchronisation server are not known yet: set sync "
                                         "in [feeds], run 'podflattr login --sync' and start the service"));
        return;
    }
    subscription->changed = status.st_mtime;
    (void)read_lines(reader, subscription, path);
}

/* Returns: (transfer full): the file that a subscription names; NULL when it names none. */
static char *
dup_path(const char *subscription)
{
    if (g_ascii_strncasecmp(subscription, "file:", 5) == 0)
        return g_filename_from_uri(subscription, NULL, NULL);
    if (g_str_has_prefix(subscription, "~/"))
        return g_build_filename(g_get_home_dir(), subscription + 2, NULL);
    return g_path_is_absolute(subscription) ? g_strdup(subscription) : NULL;
}

static PfSubscription *
read_subscription(Reader *reader, const char *text)
{
    PfSubscription *subscription = g_new0(PfSubscription, 1);
    g_autofree char *url = pf_url_dup_typed(text);
    g_autofree char *path = dup_path(text);
    const char *fix = path ? NULL : pf_config_explain_part(text);
    const PfPodcatcherKind *podcatcher = pf_podcatcher_get_kind(text);

    *subscription = (PfSubscription){.kind = PF_SUBSCRIPTION_NONE, .name = pf_url_printable(text)};
    if (podcatcher) {
        read_podcatchers(reader, subscription, podcatcher);
    } else if (g_str_equal(text, PF_SYNC_NAME)) {
        read_sync(reader, subscription);
    } else if (path) {
        read_file(reader, subscription, path);
    } else if (!fix && pf_url_is_web(url)) {
        subscription->kind = PF_SUBSCRIPTION_URL;
        subscription->is_whole = TRUE;
        add_feed(reader, subscription, url);
    } else {
        const char *similar = fix ? NULL : pf_text_find_similar(text, pf_config_podcatchers);
        subscription->fault =
            similar
                ? g_strdup_printf(_("'%s' is neither a feed's URL, nor a file, nor a podcatcher; did you mean '%s'?"),
                                  subscription->name, similar)
                : g_strdup_printf(_("'%s' is neither a feed's URL nor a file; %s"), subscription->name,
                                  fix ? fix : _("give an http or https URL, or a path that begins with / or ~/"));
    }
    return subscription;
}

GPtrArray *
pf_subscriptions_read(char **subscriptions, const char *state_dir, GPtrArray *files, GPtrArray *found)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    Reader reader = {
        .feeds = g_ptr_array_new_with_free_func(g_free), .known = known, .files = files, .state_dir = state_dir};

    for (char **text = subscriptions; text && *text; text++) {
        g_autoptr(PfSubscription) subscription = read_subscription(&reader, *text);
        if (found)
            g_ptr_array_add(found, g_steal_pointer(&subscription));
    }
    return reader.feeds;
}
