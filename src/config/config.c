/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

#include "base/file_access.h"
#include "base/i18n.h"
#include "base/text.h"
#include "base/url.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

/*
 * The table of options. Private to config/.
 */

typedef enum {
    PF_OPTION_TEXT,     /* char * */
    PF_OPTION_LIST,     /* char **, separated by ";" */
    PF_OPTION_FOLDERS,  /* as a list, of podcatchers' names and of whole paths, or such from the home folder ("~/") */
    PF_OPTION_ENDINGS,  /* as a list, of file name extensions, which may be written "*.mp3" and ".mp3" too */
    PF_OPTION_YES_NO,   /* gboolean */
    PF_OPTION_NUMBER,   /* gint64 */
    PF_OPTION_DURATION, /* gint64 seconds; written with a unit: 90, 90s, 15m, 6h, 2d */
    PF_OPTION_CHOICE,   /* gint64: the index of a word in `choices` */
    PF_OPTION_MONEY,    /* PfMoney */
    PF_OPTION_DECIMAL,  /* gint64 ten-thousandths */
} PfOptionType;
typedef struct {
    const char *group;
    const char *key;
    PfOptionType type;
    gsize offset;               /* in PfConfig */
    const char *initial;        /* the default, as it would be written */
    gint64 least, most;         /* of numbers and durations */
    const char *const *choices; /* NULL-terminated */
    const char *help;           /* one sentence */
} PfOption;
/* All options, grouped, in the order of the example file; ends with an option whose group is NULL. */
extern const PfOption pf_options[];
/* What may follow "rule = " in a [feed URL] group; in the order of PfRule. */
extern const char *const pf_option_rules[];

static const char *const triggers[] = {"download", "play", NULL};
static const char *const channel_links[] = {"monthly", "never", NULL};
static const char *const token_stores[] = {"file", "secret-service", NULL};
static const char *const notify_levels[] = {"all", "problems", "none", NULL};
const char *const pf_config_weights[] = {N_("episodes"), N_("minutes"), N_("shows"), NULL};
const char *const pf_config_podcatchers[] = {"gpodder", "newsboat",    "podget", "castget",        "greg",
                                             "yt-dlp",  "rhythmbox",   "kasts",  "gnome-podcasts", "clementine",
                                             "castero", "shellcaster", NULL};
const char *const pf_option_rules[] = {"always", "never", "ask", NULL};

#define AT(member) offsetof(PfConfig, member)
#define YEAR ((gint64)366 * 86400)
#define DECIMAL 10000

const PfOption pf_options[] = {
    {"flattr", "api", PF_OPTION_TEXT, AT(api), PF_CONFIG_NO_SERVER, 0, 0, NULL,
     N_("A server to flattr at, by the address of its REST API (https, or http on loopback), such as\n"
        "# https://flattr.example.org/rest/v2. With none, nothing is sent: each episode is recorded as owed, and\n"
        "# 'podflattr report' shows whom you owe for each month. flattr.com closed in January 2024.")},
    {"flattr", "ca-file", PF_OPTION_TEXT, AT(ca_file), "", 0, 0, NULL,
     N_("Certification authorities (PEM) to trust for the API instead of the system's; empty for the system's.")},
    {"flattr", "authorize", PF_OPTION_TEXT, AT(authorize), "https://flattr.com/oauth/authorize", 0, 0, NULL,
     N_("The server's authorization page.")},
    {"flattr", "token-endpoint", PF_OPTION_TEXT, AT(token_endpoint), "https://flattr.com/oauth/token", 0, 0, NULL,
     N_("The address that exchanges an authorization for an access token.")},
    {"flattr", "revocation-endpoint", PF_OPTION_TEXT, AT(revocation_endpoint), "", 0, 0, NULL,
     N_("The address that revokes a token (RFC 7009); empty if the server has none.")},
    {"flattr", "client-id", PF_OPTION_TEXT, AT(client_id), "", 0, 0, NULL,
     N_("The client id that the server issued for podflattr.")},
    {"flattr", "client-secret", PF_OPTION_TEXT, AT(client_secret), "", 0, 0, NULL, N_("The secret for client-id.")},
    {"flattr", "redirect", PF_OPTION_TEXT, AT(redirect), "http://127.0.0.1/", 0, 0, NULL,
     N_("Where the server sends the browser after a login, as registered there; without a port, a free one is used.")},
    {"flattr", "token-store", PF_OPTION_CHOICE, AT(token_store), "file", 0, 0, token_stores,
     N_("Where to store the access token: in a file, or in the desktop's keyring (Secret Service).")},

    {"watch", "folders", PF_OPTION_FOLDERS, AT(folders), "", 0, 0, NULL,
     /* The same names as in pf_config_podcatchers. */
     N_("The download folders to watch, with their subfolders, separated by semicolons: paths from / or ~/, or the\n"
        "# name of a podcatcher (gpodder, newsboat, podget, castget, greg, yt-dlp,\n"
        "# rhythmbox, kasts, gnome-podcasts, clementine, castero, shellcaster) for its own.")},
    {"watch", "extensions", PF_OPTION_ENDINGS, AT(extensions), "", 0, 0, NULL,
     N_("The only file name extensions that count, such as mp3;ogg. If empty, audio and video of any name count.")},
    {"watch", "settle", PF_OPTION_DURATION, AT(settle), "2s", 0, 3600, NULL,
     N_("How long a file must be unchanged before it counts as finished.")},
    {"watch", "players", PF_OPTION_YES_NO, AT(players), "yes", 0, 0, NULL,
     N_("Let the service notice what media players play (MPRIS, on the session bus); only known episodes are "
        "recorded.")},

    {"feeds", "subscriptions", PF_OPTION_LIST, AT(subscriptions), "", 0, 0, NULL,
     N_("The feeds to match files with, separated by semicolons: feed URLs, OPML files, or the name of a podcatcher, "
        "as\n"
        "# in folders, for those that it follows; or sync, for those on the synchronisation server.")},
    {"feeds", "sync", PF_OPTION_TEXT, AT(sync), "", 0, 0, NULL,
     N_("A synchronisation server, such as https://USER@gpodder.net, its clone oPodSync, or Nextcloud's GPodder Sync\n"
        "# (https://USER@HOST/index.php/apps/gpoddersync): what was played on a phone counts too. It is asked when "
        "feeds "
        "are,\n"
        "# and nothing is changed on it. 'podflattr login --sync' asks for the password.")},
    {"feeds", "refresh", PF_OPTION_DURATION, AT(refresh), "6h", 300, YEAR, NULL, N_("How often to fetch each feed.")},
    {"feeds", "contact", PF_OPTION_TEXT, AT(contact), "", 0, 0, NULL,
     N_("Your address or web page, sent with every feed request so that the feed's operator can reach you.")},

    {"policy", "trigger", PF_OPTION_CHOICE, AT(trigger), "download", 0, 0, triggers,
     N_("When to flattr an episode: when it is downloaded, or when it has been played.")},
    {"policy", "played-at-least", PF_OPTION_NUMBER, AT(played_at_least), "80", 1, 100, NULL,
     N_("How much of an episode must have been heard, in percent; what is heard in pieces adds up.")},
    {"policy", "delay", PF_OPTION_DURATION, AT(delay), "0s", 0, YEAR, NULL,
     N_("How long to hold an entry before it is sent; until then you can drop it.")},
    {"policy", "confirm", PF_OPTION_YES_NO, AT(confirm), "no", 0, 0, NULL,
     N_("Hold every entry until you release it.")},
    {"policy", "channel-links", PF_OPTION_CHOICE, AT(channel_links), "monthly", 0, 0, channel_links,
     N_("For an episode without a payment link: flattr its podcast, once a month, or never.")},
    {"policy", "html-links", PF_OPTION_YES_NO, AT(html_links), "yes", 0, 0, NULL,
     N_("Search episode descriptions for payment links too.")},
    {"policy", "discoverable", PF_OPTION_YES_NO, AT(discoverable), "no", 0, 0, NULL,
     N_("Use links to GitHub, SoundCloud, Twitter and Instagram pages, whose owner the server looks up.")},
    {"policy", "per-feed-per-day", PF_OPTION_NUMBER, AT(per_feed_per_day), "10", 0, 1000000, NULL,
     N_("The most episodes of one feed to flattr in a day; 0 for no limit.")},
    {"policy", "per-payee-per-day", PF_OPTION_NUMBER, AT(per_payee_per_day), "10", 0, 1000000, NULL,
     N_("The most episodes to flattr in a day for one payee, over all feeds; 0 for no limit.")},
    {"policy", "per-day", PF_OPTION_NUMBER, AT(per_day), "0", 0, 1000000, NULL,
     N_("The most episodes to flattr in a day; 0 for no limit.")},
    {"policy", "per-month", PF_OPTION_NUMBER, AT(per_month), "0", 0, 1000000, NULL,
     N_("The most flattrs to send in a month; 0 for no limit.")},

    {"report", "budget", PF_OPTION_MONEY, AT(budget), "10 EUR", 0, 0, NULL,
     N_("What a month's report splits among the shows: an amount and a currency by ISO 4217, or sats.")},
    {"report", "weight", PF_OPTION_CHOICE, AT(weight), "episodes", 0, 0, pf_config_weights,
     N_("What a show's share is measured by: its episodes, their minutes, or the same for each show.")},
    {"report", "cap-percent", PF_OPTION_NUMBER, AT(cap_percent), "100", 1, 100, NULL,
     N_("The most that one show gets of the budget, in percent; the rest is split among the others.")},
    {"report", "minimum", PF_OPTION_DECIMAL, AT(minimum), "1.00", 0, (gint64)1000000 * DECIMAL, NULL,
     N_("The smallest amount worth a payment, in the budget's currency; less is carried over for the show.")},
    {"report", "carry", PF_OPTION_YES_NO, AT(carry), "yes", 0, 0, NULL,
     N_("Add what was not paid to the next month's share.")},

    {"notify", "level", PF_OPTION_CHOICE, AT(notify_level), "all", 0, 0, notify_levels,
     N_("Which desktop notifications to show: all, or problems only (what waits for you), or none.")},
    {"notify", "command", PF_OPTION_TEXT, AT(notify_command), "", 0, 0, NULL,
     N_("A program, with its arguments, that gets each notice as JSON on its standard input. No shell is involved.")},
    {.group = NULL},
};

/* What the extension of a file name may have. */
#define EXTENSION_LETTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-~"

/* Finds an option. @has_group: (out): whether there is such a group at all. Returns NULL when there is none. */
static const PfOption *
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

/* Extensions as the watcher compares them, whether they are written "mp3", ".mp3" or "*.mp3", with any separator: an
 * extension has neither commas nor blanks. */
static char **
split_extensions(const char *value)
{
    g_auto(GStrv) parts = g_strsplit_set(value, ";, \t", -1);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (char **part = parts; *part; part++) {
        const char *extension = *part + (pf_has_prefix(*part, "*.") ? 2 : **part == '.');
        if (*extension)
            g_strv_builder_add(list, extension);
    }
    return g_strv_builder_end(list);
}

/* Returns: (transfer none): the first that no file name can have; NULL when there is none. */
static const char *
find_bad_extension(char **extensions)
{
    for (; *extensions; extensions++)
        if ((*extensions)[strspn(*extensions, EXTENSION_LETTERS)])
            return *extensions;
    return NULL;
}

const char *
pf_config_explain_part(const char *part)
{
    static const struct {
        const char *pattern, *fix;
        gboolean in_urls; /* means the same in a URL */
    } patterns[] = {
        {"^['\"\302\342]|['\"]$", N_("remove the quotes"), TRUE},
        {"\\s#", N_("put the comment on a line of its own"), TRUE},
        {"[,\\s]\\s*(~?/|[a-z]+:)|,\\s|,$|[:|]\\s*~?/(?!/)", N_("separate the parts of a list by semicolons"), TRUE},
        {"^~[^/]", N_("write the folder's whole path; only ~/ is replaced, by the home folder"), FALSE},
        {"\\$", N_("write ~/ for the home folder; variables are not replaced here"), FALSE},
        {"[*?]", N_("name each of them; patterns are not allowed here"), FALSE},
    };
    gboolean is_url = strstr(part, "://") != NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++)
        if ((!is_url || patterns[i].in_urls) && g_regex_match_simple(patterns[i].pattern, part, G_REGEX_RAW, 0))
            return _(patterns[i].fix);
    return NULL;
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

/* Reads a number with up to four decimals. */
static gboolean
read_decimal(const char *value, gint64 least, gint64 most, gint64 *number)
{
    const char *point = strpbrk(value, ".,");
    g_autofree char *whole = g_strndup(value, point ? (gsize)(point - value) : strlen(value));
    gboolean comma = point && *point == ',';
    gint64 decimals = 0;
    gint64 read;

    if (!g_ascii_string_to_signed(whole, 10, 0, G_MAXINT64 / DECIMAL - 1, &read, NULL))
        return FALSE;
    if (point) {
        gsize length = strlen(++point);
        /* Three digits behind a comma may be decimals or thousands. */
        if (length == 0 || length > 4 || (comma && length == 3) || strspn(point, "0123456789") != length)
            return FALSE;
        for (gsize i = 0; i < 4; i++)
            decimals = decimals * 10 + (i < length ? point[i] - '0' : 0);
    }
    read = read * DECIMAL + decimals;
    if (read < least || read > most)
        return FALSE;
    *number = read;
    return TRUE;
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

/* Where a service is started is nothing that its configuration could be relative to. Returns: (transfer full): as
 * pf_option_set(). */
static char *
check_paths(char **paths)
{
    for (char **path = paths; *path; path++) {
        const char *fix = pf_config_explain_part(*path);
        if (g_path_is_absolute(*path) || g_str_equal(*path, "~") || g_str_has_prefix(*path, "~/") ||
            g_strv_contains(pf_config_podcatchers, *path))
            continue;
        const char *similar = fix ? NULL : pf_text_find_similar(*path, pf_config_podcatchers);
        if (similar)
            return g_strdup_printf(_("must be absolute paths, beginning with / or ~/, or podcatchers' names; did you "
                                     "mean '%s'?"),
                                   similar);
        return g_strdup_printf(_("must be absolute paths, beginning with / or ~/, or podcatchers' names%s%s"),
                               fix ? "; " : "", fix ? fix : "");
    }
    return NULL;
}

/* Returns: (transfer full): the folders that are named by their paths. */
static char **
dup_folder_paths(char **folders)
{
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();

    for (char **folder = folders; *folder; folder++) {
        g_autofree char *path = pf_config_dup_path(*folder);
        if (!g_strv_contains(pf_config_podcatchers, *folder))
            g_strv_builder_add(paths, path);
    }
    return g_strv_builder_end(paths);
}

/*
 * Reads a value and stores it in its place in @config.
 *
 * Returns: (transfer full): NULL when it is good, else what is wrong, "must be …".
 */
static char *
pf_option_set(const PfOption *option, PfConfig *config, const char *value)
{
    void *place = (char *)config + option->offset;
    g_autofree char *words = NULL;
    g_auto(GStrv) list = NULL;
    const char *bad;

    switch (option->type) {
    case PF_OPTION_TEXT:
        g_free(*(char **)place);
        *(char **)place = g_strdup(value);
        return NULL;
    case PF_OPTION_FOLDERS:
    case PF_OPTION_LIST:
        list = split_list(value);
        words = option->type == PF_OPTION_FOLDERS ? check_paths(list) : NULL;
        if (words)
            return g_steal_pointer(&words);
        g_strfreev(*(char ***)place);
        *(char ***)place = g_steal_pointer(&list);
        return NULL;
    case PF_OPTION_ENDINGS:
        list = split_extensions(value);
        bad = find_bad_extension(list);
        if (bad)
            return g_strdup_printf(_("must be file name extensions such as mp3;ogg; '%s' is not one"), bad);
        g_strfreev(*(char ***)place);
        *(char ***)place = g_steal_pointer(&list);
        return NULL;
    case PF_OPTION_YES_NO:
        return read_yes_no(value, place) ? NULL : g_strdup(_("must be yes or no"));
    case PF_OPTION_CHOICE:
        if (read_choice(option->choices, value, place))
            return NULL;
        words = g_strjoinv(_(" or "), (char **)option->choices);
        bad = pf_text_find_similar(value, option->choices);
        return bad ? g_strdup_printf(_("must be %s; did you mean '%s'?"), words, bad)
                   : g_strdup_printf(_("must be %s"), words);
    case PF_OPTION_MONEY:
        return pf_money_parse(value, place)
                   ? NULL
                   : g_strdup(_("must be an amount with its currency, such as 10 EUR or 5000 sat"));
    case PF_OPTION_DECIMAL:
        return read_decimal(value, option->least, option->most, place)
                   ? NULL
                   : g_strdup_printf(_("must be a number from 0 to %" PRId64 ", such as 1.00"), option->most / DECIMAL);
    case PF_OPTION_NUMBER:
        return read_number(option, value, place)
                   ? NULL
                   : g_strdup_printf(_("must be a number from %" PRId64 " to %" PRId64), option->least, option->most);
    case PF_OPTION_DURATION:
        return read_number(option, value, place)
                   ? NULL
                   : g_strdup_printf(
                         _("must be a duration such as 90s, 15m, 6h or 2d, from %" PRId64 " to %" PRId64 " seconds"),
                         option->least, option->most);
    }
    g_assert_not_reached();
}

#define FEED_GROUP "feed "

#define BYTE_ORDER_MARK "\357\273\277"

G_DEFINE_QUARK(pf_config_error, pf_config_error)

/* --- mistakes --- */

typedef struct {
    const char *path;
    char **lines;
    GString *report; /* a line each */
} Mistakes;

/* GKeyFile does not say where things stand, so the line is looked up for a message; @key NULL finds the group's own
 * line. */
static guint
find_line(char **lines, const char *group, const char *key)
{
    g_autofree char *header = g_strdup_printf("[%s]", group);
    gboolean inside = FALSE;
    guint found = 0;

    for (guint i = 0; lines[i]; i++) {
        g_autofree char *line = g_strstrip(g_strdup(lines[i]));
        gsize length = strcspn(line, "=");
        if (*line == '[') {
            inside = g_str_equal(line, header);
            if (inside && !key)
                return i + 1;
        } else if (inside && key && line[length] == '=') {
            line[length] = '\0';
            /* The last of several counts, as for GKeyFile. */
            if (g_str_equal(g_strchomp(line), key))
                found = i + 1;
        }
    }
    return found;
}

G_GNUC_PRINTF(4, 5)
static void
add_mistake(Mistakes *mistakes, const char *group, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    g_string_append_printf(mistakes->report, "%s%s:%u: %s", mistakes->report->len ? "\n" : "", mistakes->path,
                           find_line(mistakes->lines, group, key), text);
}

/* --- reading --- */

static void
feed_settings_free(PfFeedSettings *settings)
{
    g_free(settings->show);
    g_free(settings->link);
    g_free(settings);
}

static PfConfig *
config_new(void)
{
    PfConfig *config = g_new0(PfConfig, 1);

    config->feeds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)feed_settings_free);
    config->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const PfOption *option = pf_options; option->group; option++) {
        g_autofree char *fault = pf_option_set(option, config, option->initial);
        g_assert(!fault);
    }
    config->folder_paths = dup_folder_paths(config->folders);
    return config;
}

void
pf_config_free(PfConfig *config)
{
    if (!config)
        return;
    for (const PfOption *option = pf_options; option->group; option++) {
        void *place = (char *)config + option->offset;
        if (option->type == PF_OPTION_TEXT)
            g_free(*(char **)place);
        else if (option->type == PF_OPTION_LIST || option->type == PF_OPTION_FOLDERS ||
                 option->type == PF_OPTION_ENDINGS)
            g_strfreev(*(char ***)place);
    }
    g_strfreev(config->folder_paths);
    g_hash_table_unref(config->feeds);
    g_hash_table_unref(config->rules);
    g_free(config->path);
    g_free(config->text);
    g_free(config);
}

static PfFeedSettings *
settings_of(PfConfig *config, const char *group)
{
    g_autofree char *feed = g_strstrip(g_strdup(group + strlen(FEED_GROUP)));
    g_autofree char *identity = pf_url_rule_key(feed);
    PfFeedSettings *settings = g_hash_table_lookup(config->feeds, identity);

    if (!settings) {
        settings = g_new0(PfFeedSettings, 1);
        settings->factor = 1000;
        g_hash_table_insert(config->feeds, g_steal_pointer(&identity), settings);
    }
    return settings;
}

/* What a browser opens to pay, or a Lightning address. */
static gboolean
is_way_to_pay(const char *value)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "lightning:"};
    const char *at = strchr(value, '@');

    if (!*value || strpbrk(value, " \t\"<>"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(value, schemes[i], strlen(schemes[i])) == 0)
            return value[strlen(schemes[i])] != '\0';
    return at && at > value && at[1] && !strpbrk(value, ":/");
}

/* Returns: (transfer full): NULL when it is good, else what is wrong. */
static char *
set_feed(PfFeedSettings *settings, const char *key, const char *value)
{
    if (g_str_equal(key, "show")) {
        if (!*value)
            return g_strdup(_("must be the show's name"));
        g_free(settings->show);
        settings->show = g_strdup(value);
    } else if (g_str_equal(key, "link")) {
        if (!is_way_to_pay(value))
            return g_strdup(_("must be an http, https, mailto or lightning URL, or a Lightning address"));
        g_free(settings->link);
        settings->link = g_strdup(value);
    } else if (g_str_equal(key, "share")) {
        gint64 number;
        if (!read_decimal(value, 0, (gint64)PF_CONFIG_MAX_FACTOR * DECIMAL / 1000, &number))
            return g_strdup_printf(_("must be a number from 0 to %d, such as 0.5 or 2"), PF_CONFIG_MAX_FACTOR / 1000);
        settings->factor = number * 1000 / DECIMAL;
    } else if (!read_yes_no(value, &settings->paid_elsewhere)) {
        return g_strdup(_("must be yes or no"));
    }
    return NULL;
}

static const char *const feed_keys[] = {"rule", "show", "link", "share", "paid-elsewhere", NULL};

static void
read_rule(PfConfig *config, const char *group, const char *key, const char *value, Mistakes *mistakes)
{
    gboolean is_rule = g_str_equal(key, "rule");

    if (!is_rule && g_strv_contains(feed_keys, key)) {
        g_autofree char *fault = set_feed(settings_of(config, group), key, value);
        if (fault)
            add_mistake(mistakes, group, key, _("%s '%s' %s"), key, value, fault);
        return;
    }
    if (!is_rule) {
        const char *similar = pf_text_find_similar(key, feed_keys);
        if (similar)
            add_mistake(mistakes, group, key, _("unknown key '%s' in [%s]; did you mean '%s'?"), key, group, similar);
        else
            add_mistake(mistakes, group, key,
                        _("unknown key '%s' in [%s]; use rule, show, share, paid-elsewhere or link"), key, group);
        return;
    }
    for (guint rule = 0; pf_option_rules[rule]; rule++) {
        if (g_str_equal(value, pf_option_rules[rule])) {
            g_autofree char *feed = g_strstrip(g_strdup(group + strlen(FEED_GROUP)));
            char *key_of_feed = pf_url_rule_key(feed);
            guint known = GPOINTER_TO_UINT(g_hash_table_lookup(config->rules, key_of_feed));
            /* Of two rules for one feed the more careful one holds. */
            gboolean keeps = known == PF_RULE_NEVER + 1 || (known == PF_RULE_ASK + 1 && rule == PF_RULE_ALWAYS);
            g_hash_table_replace(config->rules, key_of_feed, GUINT_TO_POINTER(keeps ? known : rule + 1));
            return;
        }
    }
    const char *similar = pf_text_find_similar(value, pf_option_rules);
    if (similar)
        add_mistake(mistakes, group, key, _("rule '%s' must be always, never or ask; did you mean '%s'?"), value,
                    similar);
    else
        add_mistake(mistakes, group, key, _("rule '%s' must be always, never or ask"), value);
}

/* A key may be mistyped, or stand in a group that is not its own. */
static void
tell_unknown(Mistakes *mistakes, const char *group, const char *key)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();

    for (const PfOption *option = pf_options; option->group; option++) {
        if (g_str_equal(option->key, key)) {
            add_mistake(mistakes, group, key, _("key '%s' belongs in [%s], not in [%s]"), key, option->group, group);
            return;
        }
        if (g_str_equal(option->group, group))
            g_ptr_array_add(keys, (gpointer)option->key);
    }
    g_ptr_array_add(keys, NULL);
    const char *similar = pf_text_find_similar(key, (const char *const *)keys->pdata);
    if (similar)
        add_mistake(mistakes, group, key, _("unknown key '%s' in [%s]; did you mean '%s'?"), key, group, similar);
    else
        add_mistake(mistakes, group, key, _("unknown key '%s' in [%s]; see 'podflattr config --example'"), key, group);
}

static void
read_key(PfConfig *config, const char *group, const char *key, const char *value, Mistakes *mistakes)
{
    gboolean has_group;
    const PfOption *option = pf_option_find(group, key, &has_group);

    if (!option) {
        tell_unknown(mistakes, group, key);
        return;
    }
    g_autofree char *fault = pf_option_set(option, config, value);
    if (fault)
        add_mistake(mistakes, group, key, _("%s '%s' %s"), key, value, fault);
}

static void
tell_unknown_group(Mistakes *mistakes, const char *group)
{
    g_autoptr(GPtrArray) groups = g_ptr_array_new();

    for (const PfOption *option = pf_options; option->group; option++)
        if (option == pf_options || !g_str_equal(option->group, option[-1].group))
            g_ptr_array_add(groups, (gpointer)option->group);
    g_ptr_array_add(groups, NULL);
    const char *similar = pf_text_find_similar(group, (const char *const *)groups->pdata);
    if (similar) {
        add_mistake(mistakes, group, NULL, _("unknown group [%s]; did you mean [%s]?"), group, similar);
        return;
    }
    g_autofree char *all = g_strjoinv("], [", (char **)groups->pdata);
    add_mistake(mistakes, group, NULL, _("unknown group [%s]; use [%s] or [feed URL]"), group, all);
}

static void
read_group(PfConfig *config, GKeyFile *file, const char *group, Mistakes *mistakes)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
    gboolean is_feed = g_str_has_prefix(group, FEED_GROUP);
    gboolean has_group = is_feed;

    if (!is_feed)
        (void)pf_option_find(group, "", &has_group);
    if (!has_group) {
        tell_unknown_group(mistakes, group);
        return;
    }
    for (char **key = keys; *key; key++) {
        g_autoptr(GError) error = NULL;
        /* A key that stands twice is listed twice, with its last value. */
        if (g_strv_contains((const char *const *)key + 1, *key))
            continue;
        g_autofree char *value = g_key_file_get_string(file, group, *key, &error);

        /* A value with an unknown escape is returned together with an error. */
        if (error)
            add_mistake(mistakes, group, *key, "%s: %s", *key, error->message);
        else if (is_feed)
            read_rule(config, group, *key, g_strstrip(value), mistakes);
        else
            read_key(config, group, *key, g_strstrip(value), mistakes);
    }
}

/* The line that GKeyFile could not read; its own message has the text of it but not the place. */
static guint
find_unreadable_line(char **lines)
{
    gboolean inside = FALSE;

    for (guint i = 0; lines[i]; i++) {
        g_autofree char *line = g_strstrip(g_strdup(lines[i]));
        gboolean is_group = *line == '[' && g_str_has_suffix(line, "]");
        if (*line == '\0' || *line == '#')
            continue;
        if (!is_group && (!inside || !strchr(line, '=')))
            return i + 1;
        inside = inside || is_group;
    }
    return 1;
}

/* What a file quotes of itself may be any bytes; an error's message must not. */
static void
set_content_error(GError **error, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_set_error_literal(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, valid);
}

/* Reads what is right of a text. @fault: (out) (optional): what is wrong, NULL when nothing is */
static PfConfig *
parse_rest(const char *text, const char *path, GError **fault)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) failure = NULL;
    g_autoptr(GString) report = g_string_new(NULL);
    PfConfig *config = config_new();

    /* Some editors mark UTF-8 by it; it is no part of the first line. */
    text += pf_has_prefix(text, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Mistakes mistakes = {.path = path, .lines = lines, .report = report};
    config->path = g_strdup(path);
    config->text = g_strdup(text);
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_KEEP_TRANSLATIONS, &failure)) {
        g_autofree char *message = g_strdup_printf("%s:%u: %s", path, find_unreadable_line(lines), failure->message);
        set_content_error(fault, message);
        return config;
    }
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (char **group = groups; *group; group++)
        read_group(config, file, *group, &mistakes);
    g_strfreev(config->folder_paths);
    config->folder_paths = dup_folder_paths(config->folders);
    if (report->len > 0)
        set_content_error(fault, report->str);
    return config;
}

/* Whole, or an error. */
static PfConfig *
refuse_faults(PfConfig *config_taken, GError *fault_taken, GError **error)
{
    if (!fault_taken)
        return config_taken;
    pf_config_free(config_taken);
    g_propagate_error(error, fault_taken);
    return NULL;
}

PfConfig *
pf_config_parse(const char *text, const char *path, GError **error)
{
    GError *fault = NULL;
    PfConfig *config = parse_rest(text, path, &fault);

    return refuse_faults(config, fault, error);
}

/* GKeyFile has the last of several count, without a word: of two rules for a feed, or two lists of folders, one has no
 * effect. Two spellings of a feed's address are one. */
void
pf_config_each_repetition(const PfConfig *config, PfConfigRepetitionFunc func, gpointer data)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(config->text ? config->text : "", "\n", -1);
    g_autofree char *group = g_strdup("");

    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);
        gsize length = strcspn(line, "=");

        if (*line == '[') {
            g_autofree char *name = g_strndup(line + 1, strcspn(line + 1, "]"));
            g_autofree char *feed =
                pf_has_prefix(name, FEED_GROUP) ? g_strstrip(g_strdup(name + strlen(FEED_GROUP))) : NULL;
            g_free(group);
            group = feed ? pf_url_rule_key(feed) : g_steal_pointer(&name);
            continue;
        }
        if (*line == '#' || line[length] != '=')
            continue;
        g_autofree char *key = g_strchomp(g_strndup(line, length));
        char *place = g_strconcat(group ? group : "", "\n", key, NULL);
        guint before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, place));
        if (before > 0)
            func(key, before, i + 1, data);
        g_hash_table_replace(seen, place, GUINT_TO_POINTER(i + 1));
    }
}

PfConfig *
pf_config_copy(const PfConfig *config)
{
    return config->text ? parse_rest(config->text, config->path, NULL) : config_new();
}

/* Reads a file that was replaced since the service confined itself. Returns: (transfer full) (nullable). */
static char *
read_replaced(const char *path, gsize *length)
{
    g_autofree char *full = g_canonicalize_filename(path, NULL);
    int file = pf_file_open(full);
    g_autoptr(GIOChannel) channel = file < 0 ? NULL : g_io_channel_unix_new(file);
    char *text = NULL;

    if (!channel)
        return NULL;
    g_io_channel_set_encoding(channel, NULL, NULL);
    g_io_channel_read_to_end(channel, &text, length, NULL);
    close(file);
    return text;
}

PfConfig *
pf_config_load_rest(const char *path, gboolean must_exist, GError **fault)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;

    if (!g_file_get_contents(path, &text, &length, &failure) &&
        g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_ACCES))
        text = read_replaced(path, &length);
    if (text && strlen(text) < length) {
        /* What follows it would have no effect, which might be a rule that forbids payments. */
        g_autofree char *message =
            g_strdup_printf(_("%s: is not a text file: there is a NUL character in it; save it as UTF-8"), path);
        set_content_error(fault, message);
        return config_new();
    }
    if (text)
        return parse_rest(text, path, fault);
    gboolean is_missing = g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    if (must_exist || !is_missing)
        g_set_error(fault, PF_CONFIG_ERROR, PF_CONFIG_ERROR_FILE, _("cannot read the configuration: %s; %s"),
                    failure->message,
                    is_missing ? _("make one with 'podflattr config --example'") : _("name a file that you can read"));
    return config_new();
}

PfConfig *
pf_config_load(const char *path, gboolean must_exist, GError **error)
{
    GError *fault = NULL;
    PfConfig *config = pf_config_load_rest(path, must_exist, &fault);

    return refuse_faults(config, fault, error);
}

char *
pf_config_dup_place(const PfConfig *config, const char *group, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(config->text ? config->text : "", "\n", -1);
    guint line = find_line(lines, group, key);
    const char *name = key ? key : group;

    return line > 0 ? g_strdup_printf("%s:%u: %s", config->path, line, name) : g_strdup(name);
}

gboolean
pf_config_has_server(const PfConfig *config)
{
    return !g_str_equal(config->api, PF_CONFIG_NO_SERVER);
}

PfRule
pf_config_get_rule(const PfConfig *config, const char *feed)
{
    g_autofree char *key = feed && g_hash_table_size(config->rules) > 0 ? pf_url_rule_key(feed) : NULL;
    guint rule = key ? GPOINTER_TO_UINT(g_hash_table_lookup(config->rules, key)) : 0;

    return rule ? (PfRule)(rule - 1) : PF_RULE_ALWAYS;
}

char **
pf_config_list_feeds(const PfConfig *config)
{
    g_autoptr(GStrvBuilder) feeds = g_strv_builder_new();
    g_auto(GStrv) lines = g_strsplit(config->text ? config->text : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        gsize length = strlen(g_strstrip(*line));
        if (pf_has_prefix(*line, "[" FEED_GROUP) && (*line)[length - 1] == ']') {
            g_autofree char *feed = g_strndup(*line + strlen("[" FEED_GROUP), length - strlen("[" FEED_GROUP "]"));
            g_strv_builder_add(feeds, feed);
        }
    }
    return g_strv_builder_end(feeds);
}

const PfFeedSettings *
pf_config_get_feed(const PfConfig *config, const char *feed)
{
    static const PfFeedSettings none = {.factor = 1000};
    g_autofree char *key = feed && g_hash_table_size(config->feeds) > 0 ? pf_url_rule_key(feed) : NULL;
    const PfFeedSettings *settings = key ? g_hash_table_lookup(config->feeds, key) : NULL;

    return settings ? settings : &none;
}

gint64
pf_config_get_minimum(const PfConfig *config, const char *currency)
{
    gint64 minimum = config->minimum;

    for (int digits = pf_money_get_digits(currency); digits < 4; digits++)
        minimum /= 10;
    return minimum;
}

/* --- the example --- */

char *
pf_config_dup_path(const char *name)
{
    gboolean in_home = g_str_equal(name, "~") || g_str_has_prefix(name, "~/");
    g_autofree char *path = in_home ? g_build_filename(g_get_home_dir(), name + 1, NULL) : g_strdup(name);

    return g_canonicalize_filename(path, NULL);
}

char *
pf_config_dup_example(void)
{
    GString *text = g_string_new(
        _("# podflattr configuration: every setting with its default. See podflattr.conf(5).\n"
          "# Save it as ~/.config/podflattr/podflattr.conf and remove the # before a setting to change it.\n"));
    const char *group = "";

    for (const PfOption *option = pf_options; option->group; option++) {
        if (!g_str_equal(group, option->group))
            g_string_append_printf(text, "\n[%s]\n", option->group);
        group = option->group;
        g_string_append_printf(text, "# %s\n", _(option->help));
        if (option->choices) {
            g_autofree char *words = g_strjoinv(" | ", (char **)option->choices);
            g_string_append_printf(text, "# (%s)\n", words);
        }
        g_string_append_printf(text, "#%s = %s\n", option->key, option->initial);
    }
    g_string_append(
        text, _("\n"
                "# The rule for one feed, by its URL: flattr its episodes (always), ignore them (never), or hold\n"
                "# them until you release them (ask).\n"
                "#[feed https://example.org/feed.xml]\n"
                "#rule = never\n"
                "# In the report: how you want to pay its show; how much more or less than others it gets (0 for "
                "nothing);\n"
                "# whether you pay it elsewhere, for example as a member; a name, the same for feeds that are one "
                "show.\n"
                "#link = https://example.org/donate\n"
                "#share = 1\n"
                "#paid-elsewhere = no\n"
                "#show = Example\n"));
    return g_string_free(text, FALSE);
}

char *
pf_config_dup_watched_folder(const PfConfig *config, const char *path)
{
    const char *outermost = NULL;

    for (char **folder = config->folder_paths; *folder; folder++)
        if (pf_file_is_beneath(path, *folder) && (!outermost || strlen(outermost) > strlen(*folder)))
            outermost = *folder;
    return g_strdup(outermost);
}

/* Where a setting stands, or is to stand: line numbers from 0, -1 for none. */
typedef struct {
    gint set;     /* the last line that sets it, which counts */
    gint example; /* the line of the example, a comment */
    gint group;   /* the header of its group */
} Place;

/* Whether a line sets a key. */
static gboolean
sets(const char *line, const char *key)
{
    gsize length = strcspn(line, "=");
    g_autofree char *name = g_strndup(line, length);

    return line[length] == '=' && g_str_equal(g_strstrip(name), key);
}

static Place
find_place(char **lines, const char *group, const char *key)
{
    g_autofree char *header = g_strdup_printf("[%s]", group);
    Place place = {-1, -1, -1};
    gboolean inside = FALSE;

    for (gint i = 0; lines[i]; i++) {
        g_autofree char *line = g_strstrip(g_strdup(lines[i]));
        if (*line == '[') {
            inside = g_str_equal(line, header);
            if (inside && place.group < 0)
                place.group = i;
        } else if (inside && *line == '#' && sets(line + 1, key)) {
            place.example = i;
        } else if (inside && *line != '#' && sets(line, key)) {
            place.set = i;
        }
    }
    return place;
}

static gboolean
has_part(const char *list, const char *part)
{
    g_auto(GStrv) parts = g_strsplit(list, ";", -1);

    for (char **at = parts; *at; at++)
        if (g_str_equal(g_strstrip(*at), part))
            return TRUE;
    return FALSE;
}

/* Returns: (transfer full): the line with one more part in its list. */
static char *
dup_line_added(const char *line, const char *part)
{
    const char *value = strchr(line, '=') + 1;
    g_autofree char *kept = g_strchomp(g_strdup(line));
    const char *ending = g_str_has_suffix(line, "\r") ? "\r" : "";

    if (has_part(value, part))
        return g_strdup(line);
    gboolean is_empty = g_str_has_suffix(kept, "=");
    return g_strconcat(kept, is_empty || g_str_has_suffix(kept, ";") ? " " : "; ", part, ending, NULL);
}

/* What stands behind a backslash would be read as something else. */
static char *
dup_escaped(const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, "\\", -1);

    return g_strjoinv("\\\\", parts);
}

char *
pf_config_edit(const char *text, const char *group, const char *key, const char *value, PfConfigEdit edit)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *escaped = dup_escaped(value);
    Place place = find_place(lines, group, key);

    if (place.set >= 0) {
        if (edit == PF_CONFIG_EDIT_ADD) {
            char *line = dup_line_added(lines[place.set], escaped);
            g_free(lines[place.set]);
            lines[place.set] = line;
        }
        return g_strjoinv("\n", lines);
    }
    gint before = place.example >= 0 ? place.example : place.group;
    if (before < 0) {
        const char *gap = !*text ? "" : g_str_has_suffix(text, "\n") ? "\n" : "\n\n";
        return g_strdup_printf("%s%s[%s]\n%s = %s\n", text, gap, group, key, escaped);
    }
    const char *ending = g_str_has_suffix(lines[before], "\r") ? "\r" : "";
    char *line = g_strdup_printf("%s\n%s = %s%s", lines[before], key, escaped, ending);
    g_free(lines[before]);
    lines[before] = line;
    return g_strjoinv("\n", lines);
}
