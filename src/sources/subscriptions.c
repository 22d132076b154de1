/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/subscriptions.h"

#include "base/log.h"
#include "base/url.h"
#include "feed/fetch.h"
#include <errno.h>
#include <sys/stat.h>

typedef struct {
    GPtrArray *feeds;
    GHashTable *known; /* the same, owned by feeds */
    GPtrArray *files;
    GPtrArray *faults;
} Reader;

static void
add_feed(Reader *reader, const char *url)
{
    if (g_hash_table_contains(reader->known, url))
        return;
    g_ptr_array_add(reader->feeds, g_strdup(url));
    g_hash_table_add(reader->known, g_ptr_array_index(reader->feeds, reader->feeds->len - 1));
}

/* A feed where a list should be: one item is enough to know it. */
static gboolean
stop_at_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)data;
    (void)error;
    pf_item_free(item);
    return FALSE;
}

/* Whether a list can be read; if not, that is noted. Who reads a pipe waits for it without end. */
static gboolean
is_readable(Reader *reader, const char *path)
{
    g_autofree char *shown = pf_log_printable(path);
    struct stat status;

    if (stat(path, &status) != 0)
        g_ptr_array_add(reader->faults, g_strdup_printf("%s: %s; export the subscriptions there, or "
                                                        "fix [feeds] subscriptions",
                                                        shown, g_strerror(errno)));
    else if (!S_ISREG(status.st_mode))
        g_ptr_array_add(reader->faults, g_strdup_printf("%s: not a file, as an OPML list must be; fix [feeds] "
                                                        "subscriptions",
                                                        shown));
    else
        return TRUE;
    return FALSE;
}

static void
read_list(Reader *reader, const char *path)
{
    g_auto(PfFeedSummary) summary = {0};
    g_autoptr(GError) error = NULL;

    if (reader->files && !g_ptr_array_find_with_equal_func(reader->files, path, g_str_equal, NULL))
        g_ptr_array_add(reader->files, g_strdup(path));
    if (!is_readable(reader, path))
        return;
    if (!pf_feed_fetch(path, stop_at_item, NULL, &summary, &error)) {
        g_ptr_array_add(reader->faults, g_strdup(error->message));
    } else if (summary.feed->kind != PF_FEED_KIND_OPML) {
        g_autofree char *shown = pf_log_printable(path);
        g_ptr_array_add(reader->faults, g_strdup_printf("%s: not an OPML file; name feeds by their URLs", shown));
    } else {
        for (guint i = 0; i < summary.feed->feeds->len; i++)
            add_feed(reader, summary.feed->feeds->pdata[i]);
        if (summary.fault && summary.feed->is_damaged)
            g_ptr_array_add(reader->faults,
                            g_strdup_printf("%s: the list is broken, what is complete of it was read: %s",
                                            summary.feed->address, summary.fault));
    }
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

GPtrArray *
pf_subscriptions_read(char **subscriptions, GPtrArray *files, GPtrArray *faults)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    Reader reader = {.feeds = g_ptr_array_new_with_free_func(g_free), .known = known, .files = files, .faults = faults};

    for (char **subscription = subscriptions; subscription && *subscription; subscription++) {
        g_autofree char *url = pf_url_dup_web(*subscription);
        g_autofree char *path = dup_path(*subscription);

        if (path) {
            read_list(&reader, path);
        } else if (pf_url_is_web(url)) {
            add_feed(&reader, url);
        } else {
            g_autofree char *shown = pf_url_printable(*subscription);
            g_ptr_array_add(faults,
                            g_strdup_printf("'%s' is neither a feed's URL nor an OPML file; give an http or https "
                                            "URL, or a path that begins with / or ~/",
                                            shown));
        }
    }
    return reader.feeds;
}
