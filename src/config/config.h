/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: one table of options feeds the parser, the defaults, the example file and the help.
 *
 * The file is a GKeyFile. Everything that is wrong in it is reported at once, each with its line, and nothing of it is
 * used: a program that deals with money does not start on half of its rules.
 */
#pragma once

#include "base/money.h"
#include <glib.h>

#define PF_CONFIG_ERROR (pf_config_error_quark())
GQuark pf_config_error_quark(void);

typedef enum {
    PF_CONFIG_ERROR_FILE,    /* cannot be read */
    PF_CONFIG_ERROR_CONTENT, /* the message has a line for each mistake */
} PfConfigError;

typedef enum {
    PF_TRIGGER_DOWNLOAD,
    PF_TRIGGER_PLAY,
} PfTrigger;

typedef enum {
    PF_CHANNEL_LINKS_MONTHLY,
    PF_CHANNEL_LINKS_NEVER,
} PfChannelLinks;

typedef enum {
    PF_RULE_ALWAYS,
    PF_RULE_NEVER,
    PF_RULE_ASK,
} PfRule;

typedef enum {
    PF_TOKEN_STORE_FILE,
    PF_TOKEN_STORE_SECRET_SERVICE,
} PfTokenStore;

/** What the desktop is told of. */
typedef enum {
    PF_NOTIFY_ALL,
    PF_NOTIFY_PROBLEMS, /* what waits for the user */
    PF_NOTIFY_NONE,
} PfNotifyLevel;

/** What a show's part of the report's budget is measured by. */
typedef enum {
    PF_WEIGHT_EPISODES,
    PF_WEIGHT_MINUTES, /* heard, or of the episode where that is not known */
    PF_WEIGHT_SHOWS,   /* each show the same */
} PfWeight;

/** The largest factor of a show's weight, in thousandths. */
#define PF_CONFIG_MAX_FACTOR 100000

/** What the user has decided for a feed, beside its rule. */
typedef struct {
    char *show;              /* feeds with the same one are one show, of this name; NULL for none */
    char *link;              /* how the user wants to pay it: a URL or a Lightning address; NULL for none */
    gint64 factor;           /* of its share, in thousandths */
    gboolean paid_elsewhere; /* is shown, off the budget */
} PfFeedSettings;

/** All options with their values; durations in seconds. */
typedef struct {
    char *path; /* the file it was read from; NULL when there was none */
    char *text; /* what stood in it */

    char *api;     /* the server's, or PF_CONFIG_NO_SERVER; what the command line or the environment say goes before */
    char *ca_file; /* empty: the system's authorities */
    char *authorize;
    char *token_endpoint;
    char *revocation_endpoint;
    char *client_id;
    char *client_secret;
    char *redirect;
    gint64 token_store; /* a PfTokenStore */

    char **folders;      /* as written: paths, and names of podcatchers */
    char **folder_paths; /* absolute; with those of the podcatchers after pf_podcatchers_resolve() */
    char **extensions;
    gint64 settle;
    gboolean players; /* players on the session bus are listened to */

    char **subscriptions;
    char *sync; /* the synchronisation server, see sources/sync_server.h; empty: none */
    gint64 refresh;
    char *contact;

    gint64 trigger;         /* a PfTrigger */
    gint64 played_at_least; /* percent */
    gint64 delay;
    gboolean confirm;
    gint64 channel_links; /* a PfChannelLinks */
    gboolean html_links;
    gboolean discoverable;
    gint64 per_feed_per_day; /* 0: no limit, as in the next three */
    gint64 per_payee_per_day;
    gint64 per_day;
    gint64 per_month;

    PfMoney budget;     /* of a month */
    gint64 weight;      /* a PfWeight */
    gint64 cap_percent; /* the most that one show gets of the budget */
    gint64 minimum;     /* less is carried over: ten-thousandths of the budget's currency */
    gboolean carry;

    gint64 notify_level;  /* a PfNotifyLevel */
    char *notify_command; /* empty: none */

    GHashTable *feeds; /* of pf_url_rule_key() to PfFeedSettings */
    GHashTable *rules; /* of pf_url_rule_key() to PfRule + 1 */
} PfConfig;

/**
 * Reads a configuration file.
 *
 * @path: the file
 * @must_exist: whether a missing file is an error; when it is none, the defaults are returned
 *
 * Returns: (transfer full): the configuration; NULL with a PF_CONFIG_ERROR set.
 */
PfConfig *pf_config_load(const char *path, gboolean must_exist, GError **error);

/**
 * Reads what is right in a configuration file, and leaves the rest at its default: for the commands that say what is
 * wrong, never for one that pays.
 *
 * @fault: (out): what is wrong, as pf_config_load() sets it; NULL when nothing is
 *
 * Returns: (transfer full): never NULL.
 */
PfConfig *pf_config_load_rest(const char *path, gboolean must_exist, GError **fault);

/** Reads a configuration from text; @path is for messages. Errors as pf_config_load(). Pure. */
PfConfig *pf_config_parse(const char *text, const char *path, GError **error);

/** Copies one, for another thread. Returns: (transfer full). Pure. */
PfConfig *pf_config_copy(const PfConfig *config);

void pf_config_free(PfConfig *config);

typedef void (*PfConfigRepetitionFunc)(const char *key, guint before, guint line, gpointer data);

/**
 * Calls @func for each line of the file whose setting stands in another line before, which has no effect therefore. The
 * groups of a feed are one, however its address is written.
 */
void pf_config_each_repetition(const PfConfig *config, PfConfigRepetitionFunc func, gpointer data);

/**
 * Where a setting stands, for messages: "FILE:LINE: KEY"; the key alone when it stands nowhere. Pure.
 *
 * @key: NULL for the group itself
 *
 * Returns: (transfer full).
 */
char *pf_config_dup_place(const PfConfig *config, const char *group, const char *key);

/**
 * Finds out why a part of a list (a folder, a subscription) is probably not what it was meant to be: quotes, a comma
 * where a semicolon belongs, a comment behind it, a variable of the shell. Pure.
 *
 * Returns: what to do, "remove the quotes"; NULL when nothing is striking.
 */
const char *pf_config_explain_part(const char *part);

/** The `api` that names no server. */
#define PF_CONFIG_NO_SERVER "none"

/** Whether there is a server to flattr at. */
gboolean pf_config_has_server(const PfConfig *config);

/** What the user has decided for a feed, by its URL in any spelling, see pf_url_rule_key(); PF_RULE_ALWAYS where
 * nothing is said. @feed may be NULL. */
PfRule pf_config_get_rule(const PfConfig *config, const char *feed);

/** The feeds that have groups of their own, [feed URL], as they are written. Pure. Returns: (transfer full). */
char **pf_config_list_feeds(const PfConfig *config);

/** What the user has decided for a feed beside its rule, by its URL in any spelling. @feed may be NULL. Returns:
 * (transfer none): settings of which nothing is set, for a feed that has none. */
const PfFeedSettings *pf_config_get_feed(const PfConfig *config, const char *feed);

/** The podcatchers that folders and subscriptions may name, see sources/podcatcher.h; ends with NULL. */
extern const char *const pf_config_podcatchers[];

/** The names of weights in the configuration, in the order of PfWeight; ends with NULL. */
extern const char *const pf_config_weights[];

/** The minimum in the smallest unit of a currency. */
gint64 pf_config_get_minimum(const PfConfig *config, const char *currency);

/**
 * The absolute name of a file or folder that the configuration names: "~" and "~/…" are the home's, anything else that
 * does not begin with a slash is the current folder's. Pure but for these two.
 *
 * Returns: (transfer full): without slashes at its end, so that a folder has one name.
 */
char *pf_config_dup_path(const char *name);

/** Writes an example file: every option with its meaning and its default. Returns: (transfer full): its text. */
char *pf_config_dup_example(void);

/**
 * The outermost watched folder ([watch] folders) that a file is in. Its name is the user's choice and no show's. Pure.
 * Any thread.
 *
 * @path: absolute
 *
 * Returns: (transfer full): NULL when the file is in none.
 */
char *pf_config_dup_watched_folder(const PfConfig *config, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfConfig, pf_config_free)

/*
 * Changes a configuration file's text in place: all that is not changed stays as it is, comments and order too. Pure,
 * any thread.
 */

/** What is done with a setting that the text has already. */
typedef enum {
    PF_CONFIG_EDIT_KEEP, /* it stays */
    PF_CONFIG_EDIT_ADD,  /* it is a list, and gets one more part, unless it has that */
} PfConfigEdit;

/**
 * Changes one setting. One that is missing is written behind its line in the example, where that has stayed as a
 * comment, or at the beginning of its group, which is made at the end when it is missing.
 *
 * @text: as of a file that pf_config_parse() accepts, or ""
 * @value: one part of the list; or all of the value
 *
 * Returns: (transfer full): the new text; the same when nothing is to be changed.
 */
char *pf_config_edit(const char *text, const char *group, const char *key, const char *value, PfConfigEdit edit);
