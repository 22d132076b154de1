/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

#include "config/options.h"
#include <string.h>

#define FEED_GROUP "feed "

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

static PfConfig *
config_new(void)
{
    PfConfig *config = g_new0(PfConfig, 1);

    config->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const PfOption *option = pf_options; option->group; option++) {
        g_autofree char *fault = pf_option_set(option, config, option->initial);
        g_assert(!fault);
    }
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
        else if (option->type == PF_OPTION_LIST || option->type == PF_OPTION_FOLDERS)
            g_strfreev(*(char ***)place);
    }
    g_hash_table_unref(config->rules);
    g_free(config->path);
    g_free(config);
}

static void
read_rule(PfConfig *config, const char *group, const char *key, const char *value, Mistakes *mistakes)
{
    if (!g_str_equal(key, "rule")) {
        add_mistake(mistakes, group, key, "unknown key '%s' in [%s]; there is only 'rule'", key, group);
        return;
    }
    for (guint rule = 0; pf_option_rules[rule]; rule++) {
        if (g_str_equal(value, pf_option_rules[rule])) {
            g_autofree char *feed = g_strstrip(g_strdup(group + strlen(FEED_GROUP)));
            g_hash_table_replace(config->rules, g_steal_pointer(&feed), GUINT_TO_POINTER(rule + 1));
            return;
        }
    }
    add_mistake(mistakes, group, key, "rule '%s' must be always, never or ask", value);
}

static void
read_key(PfConfig *config, const char *group, const char *key, const char *value, Mistakes *mistakes)
{
    gboolean has_group;
    const PfOption *option = pf_option_find(group, key, &has_group);

    if (!option) {
        add_mistake(mistakes, group, key, "unknown key '%s' in [%s]; 'podflattr config --example' shows all there are",
                    key, group);
        return;
    }
    g_autofree char *fault = pf_option_set(option, config, value);
    if (fault)
        add_mistake(mistakes, group, key, "%s '%s' %s", key, value, fault);
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
        add_mistake(mistakes, group, NULL,
                    "unknown group [%s]; there are [flattr], [watch], [feeds], [policy] and [feed URL]", group);
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

PfConfig *
pf_config_parse(const char *text, const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfConfig) config = config_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) report = g_string_new(NULL);
    Mistakes mistakes = {.path = path, .lines = lines, .report = report};

    config->path = g_strdup(path);
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_KEEP_TRANSLATIONS, &failure)) {
        g_autofree char *fault = g_strdup_printf("%s:%u: %s", path, find_unreadable_line(lines), failure->message);
        set_content_error(error, fault);
        return NULL;
    }
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (char **group = groups; *group; group++)
        read_group(config, file, *group, &mistakes);
    if (report->len > 0) {
        set_content_error(error, report->str);
        return NULL;
    }
    return g_steal_pointer(&config);
}

PfConfig *
pf_config_load(const char *path, gboolean must_exist, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;

    if (g_file_get_contents(path, &text, NULL, &failure))
        return pf_config_parse(text, path, error);
    if (!must_exist && g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return config_new();
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_FILE, "cannot read the configuration: %s", failure->message);
    return NULL;
}

PfRule
pf_config_get_rule(const PfConfig *config, const char *feed)
{
    guint rule = feed ? GPOINTER_TO_UINT(g_hash_table_lookup(config->rules, feed)) : 0;

    return rule ? (PfRule)(rule - 1) : PF_RULE_ALWAYS;
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
    GString *text =
        g_string_new("# podflattr's configuration: every option with its default. See podflattr(1).\n"
                     "# Goes to ~/.config/podflattr/podflattr.conf; lines that begin with # change nothing.\n");
    const char *group = "";

    for (const PfOption *option = pf_options; option->group; option++) {
        if (!g_str_equal(group, option->group))
            g_string_append_printf(text, "\n[%s]\n", option->group);
        group = option->group;
        g_string_append_printf(text, "# %s\n", option->help);
        if (option->choices) {
            g_autofree char *words = g_strjoinv(" | ", (char **)option->choices);
            g_string_append_printf(text, "# (%s)\n", words);
        }
        g_string_append_printf(text, "#%s = %s\n", option->key, option->initial);
    }
    g_string_append(text,
                    "\n# What holds for one feed, by its URL: always, never, or ask (its episodes are held until you\n"
                    "# release them).\n#[feed https://example.org/feed.xml]\n#rule = never\n");
    return g_string_free(text, FALSE);
}
