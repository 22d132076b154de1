/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/options.h"

#include <stddef.h>
#include <string.h>

static const char *const triggers[] = {"download", "play", NULL};
static const char *const channel_links[] = {"monthly", "never", NULL};
static const char *const token_stores[] = {"file", "secret-service", NULL};
const char *const pf_option_rules[] = {"always", "never", "ask", NULL};

#define AT(member) offsetof(PfConfig, member)
#define YEAR ((gint64)366 * 86400)

const PfOption pf_options[] = {
    {"flattr", "api", PF_OPTION_TEXT, AT(api), "https://api.flattr.com/rest/v2", 0, 0, NULL,
     "Where the server's REST API is: https, or http on loopback. flattr.com itself closed in January 2024."},
    {"flattr", "ca-file", PF_OPTION_TEXT, AT(ca_file), "", 0, 0, NULL,
     "The certification authorities (PEM) to trust with the API instead of the system's; empty for these."},
    {"flattr", "authorize", PF_OPTION_TEXT, AT(authorize), "https://flattr.com/oauth/authorize", 0, 0, NULL,
     "The server's page on which you allow podflattr to flattr."},
    {"flattr", "token-endpoint", PF_OPTION_TEXT, AT(token_endpoint), "https://flattr.com/oauth/token", 0, 0, NULL,
     "Where that permission is exchanged for an access token."},
    {"flattr", "revocation-endpoint", PF_OPTION_TEXT, AT(revocation_endpoint), "", 0, 0, NULL,
     "Where a logout has that token revoked (RFC 7009); empty for a server that has no such place."},
    {"flattr", "client-id", PF_OPTION_TEXT, AT(client_id), "", 0, 0, NULL,
     "The id under which the server knows podflattr."},
    {"flattr", "client-secret", PF_OPTION_TEXT, AT(client_secret), "", 0, 0, NULL,
     "The secret that belongs to client-id."},
    {"flattr", "redirect", PF_OPTION_TEXT, AT(redirect), "http://127.0.0.1/", 0, 0, NULL,
     "Where the server leads your browser back to, as registered with it; without a port, a free one is taken."},
    {"flattr", "token-store", PF_OPTION_CHOICE, AT(token_store), "file", 0, 0, token_stores,
     "Where a login puts the access token: a file, or the desktop's keyring (Secret Service)."},

    {"watch", "folders", PF_OPTION_FOLDERS, AT(folders), "", 0, 0, NULL,
     "The download folders to watch, with all folders in them: whole paths, or from ~/, separated by semicolons."},
    {"watch", "extensions", PF_OPTION_LIST, AT(extensions),
     "mp3;m4a;m4b;ogg;oga;opus;flac;aac;wav;mp4;m4v;mkv;webm;ogv", 0, 0, NULL,
     "The endings of file names that may be episodes."},
    {"watch", "settle", PF_OPTION_DURATION, AT(settle), "2s", 0, 3600, NULL,
     "How long a file must stay unchanged before it counts as finished."},

    {"feeds", "subscriptions", PF_OPTION_LIST, AT(subscriptions), "", 0, 0, NULL,
     "The feeds that files are matched with: OPML files or feed URLs, separated by semicolons."},
    {"feeds", "refresh", PF_OPTION_DURATION, AT(refresh), "6h", 300, YEAR, NULL, "How often feeds are fetched anew."},
    {"feeds", "contact", PF_OPTION_TEXT, AT(contact), "", 0, 0, NULL,
     "Your address or page, for those who run the feeds' servers; every fetch of a feed tells it to them."},

    {"policy", "trigger", PF_OPTION_CHOICE, AT(trigger), "download", 0, 0, triggers,
     "Flattr an episode when it is downloaded, or when it was played."},
    {"policy", "played-at-least", PF_OPTION_NUMBER, AT(played_at_least), "80", 1, 100, NULL,
     "How much of an episode counts as played, in percent."},
    {"policy", "delay", PF_OPTION_DURATION, AT(delay), "0s", 0, YEAR, NULL,
     "How long an entry waits before it is sent; until then it can be dropped."},
    {"policy", "confirm", PF_OPTION_YES_NO, AT(confirm), "no", 0, 0, NULL, "Hold every entry until you release it."},
    {"policy", "channel-links", PF_OPTION_CHOICE, AT(channel_links), "monthly", 0, 0, channel_links,
     "Flattr the podcast itself, once a month, for episodes without a link of their own; or never."},
    {"policy", "html-links", PF_OPTION_YES_NO, AT(html_links), "yes", 0, 0, NULL,
     "Look for Flattr links in the descriptions of episodes too."},
    {"policy", "discoverable", PF_OPTION_YES_NO, AT(discoverable), "no", 0, 0, NULL,
     "Use payment links to GitHub, SoundCloud, Twitter and Instagram pages, whose owner the server finds."},
    {"policy", "per-feed-per-day", PF_OPTION_NUMBER, AT(per_feed_per_day), "10", 0, 1000000, NULL,
     "How many episodes of one feed are flattred in a day, at the most; 0 for no limit."},
    {"policy", "per-month", PF_OPTION_NUMBER, AT(per_month), "0", 0, 1000000, NULL,
     "How many flattrs are sent in a month, at the most; 0 for no limit."},
    {.group = NULL},
};

const PfOption *
pf_option_find(const char *group, const char *key, gboolean *has_group)
{
    *has_group = FALSE;
    for (const PfOption *option = pf_options; option->group; option++) {
        if (!g_str_equal(option->group, group))
            continue;
        *has_group = TRUE;
        if (g_str_equal(option->key, key))
            return option;
    }
    return NULL;
}

static char **
split_list(const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ";", -1);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (char **part = parts; *part; part++)
        if (*g_strstrip(*part))
            g_strv_builder_add(list, *part);
    return g_strv_builder_end(list);
}

static gboolean
read_yes_no(const char *value, gboolean *yes)
{
    static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        for (int j = 0; j < 2; j++) {
            if (g_ascii_strcasecmp(value, words[i][j]) == 0) {
                *yes = j;
                return TRUE;
            }
        }
    }
    return FALSE;
}

static gboolean
read_number(const PfOption *option, const char *value, gint64 *number)
{
    static const struct {
        const char *unit;
        gint64 seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    g_autofree char *digits = g_strdup(value);
    gint64 factor = 1;

    for (gsize i = 0; option->type == PF_OPTION_DURATION && i < G_N_ELEMENTS(units); i++) {
        if (g_str_has_suffix(digits, units[i].unit)) {
            digits[strlen(digits) - 1] = '\0';
            factor = units[i].seconds;
            break;
        }
    }
    if (!g_ascii_string_to_signed(g_strstrip(digits), 10, 0, G_MAXINT64 / 86400, number, NULL))
        return FALSE;
    *number *= factor;
    return *number >= option->least && *number <= option->most;
}

static gboolean
read_choice(const char *const *choices, const char *value, gint64 *index)
{
    for (gint64 i = 0; choices[i]; i++) {
        if (g_str_equal(choices[i], value)) {
            *index = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* Where a service is started is nothing that its configuration could be relative to. */
static gboolean
are_whole_paths(const char *value)
{
    g_auto(GStrv) paths = split_list(value);

    for (char **path = paths; *path; path++)
        if (!g_path_is_absolute(*path) && !g_str_equal(*path, "~") && !g_str_has_prefix(*path, "~/"))
            return FALSE;
    return TRUE;
}

char *
pf_option_set(const PfOption *option, PfConfig *config, const char *value)
{
    void *place = (char *)config + option->offset;
    g_autofree char *words = NULL;

    switch (option->type) {
    case PF_OPTION_TEXT:
        g_free(*(char **)place);
        *(char **)place = g_strdup(value);
        return NULL;
    case PF_OPTION_FOLDERS:
        if (!are_whole_paths(value))
            return g_strdup("must be whole paths, which begin with / or ~/");
        G_GNUC_FALLTHROUGH;
    case PF_OPTION_LIST:
        g_strfreev(*(char ***)place);
        *(char ***)place = split_list(value);
        return NULL;
    case PF_OPTION_YES_NO:
        return read_yes_no(value, place) ? NULL : g_strdup("must be yes or no");
    case PF_OPTION_CHOICE:
        if (read_choice(option->choices, value, place))
            return NULL;
        words = g_strjoinv(" or ", (char **)option->choices);
        return g_strdup_printf("must be %s", words);
    case PF_OPTION_NUMBER:
        return read_number(option, value, place)
                   ? NULL
                   : g_strdup_printf("must be a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option->least,
                                     option->most);
    case PF_OPTION_DURATION:
        return read_number(option, value, place)
                   ? NULL
                   : g_strdup_printf("must be a duration such as 90s, 15m, 6h or 2d, from %" G_GINT64_FORMAT
                                     " to %" G_GINT64_FORMAT " seconds",
                                     option->least, option->most);
    }
    g_assert_not_reached();
}
