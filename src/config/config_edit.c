/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config_edit.h"

#include <string.h>

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
