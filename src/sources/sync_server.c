/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/sync_server.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"
#include "sources/play.h"

#include <jansson.h>
#include <string.h>

/* How the address of Nextcloud's app ends. */
#define NEXTCLOUD "/apps/gpoddersync"

/* More feeds than anybody follows. */
#define MOST_FEEDS 5000

G_DEFINE_QUARK(pf_sync_error, pf_sync_error)

void
pf_sync_server_clear(PfSyncServer *server)
{
    g_free(server->base);
    g_free(server->user);
    g_free(server->name);
    *server = (PfSyncServer){0};
}

/* --- addresses --- */

static gboolean
is_loopback(const char *url)
{
    g_autofree char *host = pf_url_dup_host(url);

    return g_str_equal(host, "localhost") || g_str_equal(host, "127.0.0.1") || g_str_equal(host, "[::1]");
}

/* Returns: NULL when the address is a server's, else what is wrong. */
static const char *
explain(const char *bare, const char *user, const char *password)
{
    if (!bare)
        return _("must be the address of a server, such as https://USER@gpodder.net");
    if (password)
        return _("must not contain a password; run 'podflattr login --sync', which asks for it");
    if (!user || !*user)
        return _("must name the user, as in https://USER@gpodder.net");
    if (!pf_url_has_scheme(bare, "https") && !is_loopback(bare))
        return _("must be https, since the password would be sent in the clear otherwise");
    if (strpbrk(bare, "?#"))
        return _("must end with the server's host or path");
    return NULL;
}

gboolean
pf_sync_server_parse(const char *setting, PfSyncServer *server, GError **error)
{
    g_autofree char *user = NULL, *password = NULL, *split = NULL;
    gboolean is_web = pf_url_is_web(setting);

    *server = (PfSyncServer){0};
    if (is_web)
        split = pf_url_split(setting, &user, &password);
    g_autofree char *bare = split ? pf_url_dup_bare(split) : NULL;
    const char *fault = explain(bare, user, password);
    if (fault) {
        g_autofree char *shown = pf_url_printable(setting);
        g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_ADDRESS, "%s: %s", shown, fault);
        return FALSE;
    }
    while (g_str_has_suffix(bare, "/"))
        bare[strlen(bare) - 1] = '\0';
    server->name = pf_url_join(bare, user, NULL);
    server->is_nextcloud = g_str_has_suffix(bare, NEXTCLOUD);
    server->base = g_steal_pointer(&bare);
    server->user = g_steal_pointer(&user);
    return TRUE;
}

char *
pf_sync_server_dup_devices(const PfSyncServer *server)
{
    g_autofree char *user = g_uri_escape_string(server->user, NULL, FALSE);

    return server->is_nextcloud ? NULL : g_strdup_printf("%s/api/2/devices/%s.json", server->base, user);
}

char *
pf_sync_server_dup_feeds(const PfSyncServer *server, const char *device)
{
    g_autofree char *user = g_uri_escape_string(server->user, NULL, FALSE);
    g_autofree char *name = device ? g_uri_escape_string(device, NULL, FALSE) : NULL;

    return server->is_nextcloud
               ? g_strdup_printf("%s/subscriptions?since=0", server->base)
               : g_strdup_printf("%s/api/2/subscriptions/%s/%s.json?since=0", server->base, user, name);
}

char *
pf_sync_server_dup_plays(const PfSyncServer *server, gint64 since)
{
    g_autofree char *user = g_uri_escape_string(server->user, NULL, FALSE);

    return server->is_nextcloud
               ? g_strdup_printf("%s/episode_action?since=%" G_GINT64_FORMAT, server->base, since)
               : g_strdup_printf("%s/api/2/episodes/%s.json?since=%" G_GINT64_FORMAT, server->base, user, since);
}

/* --- answers --- */

/* Returns: (transfer full): NULL with @error set. */
static json_t *
load(const char *text, gsize length, const char *what, GError **error)
{
    json_error_t fault;
    /* One number that is too large for an integer is not to make all the rest unreadable. */
    json_t *root = json_loadb(text, length, JSON_DECODE_INT_AS_REAL, &fault);

    if (!root) {
        /* It quotes the answer, and may cut a character. */
        g_autofree char *shown = pf_log_printable(fault.text);
        g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_ANSWER, _("%s: not JSON (%s); check the server's address"),
                    what, shown);
    }
    return root;
}

static gboolean
set_other(const char *what, GError **error)
{
    g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_ANSWER,
                _("%s: not in the form that gpodder.net's API uses; check the server's address"), what);
    return FALSE;
}

gboolean
pf_sync_read_devices(const char *text, gsize length, GPtrArray *devices, GError **error)
{
    json_t *root = load(text, length, _("the list of devices"), error);
    json_t *device;
    size_t i;

    if (!root)
        return FALSE;
    gboolean is_list = json_is_array(root) || set_other(_("the list of devices"), error);
    json_array_foreach (root, i, device) {
        const char *id = json_string_value(json_object_get(device, "id"));
        if (id && *id)
            g_ptr_array_add(devices, g_strdup(id));
    }
    json_decref(root);
    return is_list;
}

gboolean
pf_sync_read_feeds(const char *text, gsize length, GPtrArray *feeds, GError **error)
{
    json_t *root = load(text, length, _("the subscriptions"), error);
    json_t *list = json_object_get(root, "add"), *feed;
    size_t i;

    if (!root)
        return FALSE;
    gboolean is_list = json_is_array(list) || set_other(_("the subscriptions"), error);
    json_array_foreach (list, i, feed) {
        const char *address = json_string_value(feed);
        g_autofree char *bare = address && pf_url_is_web(address) ? pf_url_dup_bare(address) : NULL;
        if (feeds->len < MOST_FEEDS && bare && !g_ptr_array_find_with_equal_func(feeds, address, g_str_equal, NULL))
            g_ptr_array_add(feeds, g_strdup(address));
    }
    json_decref(root);
    return is_list;
}

/* Seconds; servers pass on what clients have sent, which may be a text or have a fraction. */
static gint64
read_seconds(const json_t *action, const char *key)
{
    const json_t *value = json_object_get(action, key);
    double seconds = json_is_string(value)   ? g_ascii_strtod(json_string_value(value), NULL)
                     : json_is_number(value) ? json_number_value(value)
                                             : -1;

    return seconds >= 0 && seconds <= (double)PF_PLAY_LONGEST ? (gint64)seconds : -1;
}

/* When it was: a number, or ISO 8601, which is UTC where nothing is said. Returns: 0 unknown. */
static gint64
read_time(const json_t *value)
{
    const char *text = json_string_value(value);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;

    if (json_is_real(value))
        return pf_play_read_time((gint64)CLAMP(json_real_value(value), 0, 1e18));
    return time ? MAX(g_date_time_to_unix(time), 0) : 0;
}

static char *
dup_string(const json_t *action, const char *key)
{
    const char *text = json_string_value(json_object_get(action, key));

    return text && *text ? g_strdup(text) : NULL;
}

static void
take_action(const json_t *action, GPtrArray *plays)
{
    const char *kind = json_string_value(json_object_get(action, "action"));
    gint64 started = read_seconds(action, "started"), position = read_seconds(action, "position");
    gint64 total = MAX(read_seconds(action, "total"), 0);
    g_autoptr(PfPlay) play = g_new0(PfPlay, 1);

    /* Without both, a player was started, and nobody knows for how long. */
    if (!kind || g_ascii_strcasecmp(kind, "play") != 0 || started < 0 || position <= started)
        return;
    play->kind = PF_PLAY_PIECE;
    play->feed = dup_string(action, "podcast");
    play->enclosure = dup_string(action, "episode");
    play->guid = dup_string(action, "guid");
    play->heard = total > 0 ? MIN(position, total) - MIN(started, total) : position - started;
    play->duration = total;
    play->at = read_time(json_object_get(action, "timestamp"));
    if (!play->feed || !pf_url_is_web(play->feed) || !play->enclosure || !pf_url_is_web(play->enclosure) ||
        play->heard <= 0 || play->at == 0)
        return;
    g_autofree char *piece =
        g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, play->at, started, position);
    const char *const parts[] = {play->feed, play->enclosure, json_string_value(json_object_get(action, "device")),
                                 piece};
    play->name = pf_play_dup_name(parts, G_N_ELEMENTS(parts));
    g_ptr_array_add(plays, g_steal_pointer(&play));
}

gboolean
pf_sync_read_plays(const char *text, gsize length, GPtrArray *plays, gint64 *since, GError **error)
{
    json_t *root = load(text, length, _("the episode actions"), error);
    json_t *list = json_object_get(root, "actions"), *action;
    size_t i;

    if (!root)
        return FALSE;
    gboolean is_list = json_is_array(list) || set_other(_("the episode actions"), error);
    json_array_foreach (list, i, action)
        take_action(action, plays);
    if (is_list && json_is_real(json_object_get(root, "timestamp")))
        *since = read_time(json_object_get(root, "timestamp"));
    json_decref(root);
    return is_list;
}
