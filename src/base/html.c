/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/html.h"

#include <string.h>

#include "base/prefix.h"

#define COMMENT "<!--"

/* A quote counts where a value may begin. @breaks_off: (out): whether the text ends within a value. */
static const char *
end_of_tag(const char *tag, gboolean *breaks_off)
{
    gboolean in_value = FALSE; /* without quotes */
    const char *at = tag;

    while (at && *at && *at != '>') {
        gboolean is_value = *at == '=';
        in_value = is_value || (in_value && !g_ascii_isspace(*at));
        at++;
        if (!is_value)
            continue;
        at += strspn(at, " \t\r\n\f");
        if (*at == '"' || *at == '\'') {
            const char *closing = strchr(at + 1, *at);
            at = closing ? closing + 1 : NULL;
            in_value = FALSE;
        }
    }
    *breaks_off = !at || (!*at && in_value);
    return at && *at ? at + 1 : NULL;
}

/* Whether a tag ends with "/>", where the "/" is not the end of a value without quotes; libxml2 goes by that. */
static gboolean
is_empty(const char *tag, const char *end)
{
    const char *at = end - strlen("/>");

    if (at <= tag || *at != '/')
        return FALSE;
    while (at > tag && !g_ascii_isspace(at[-1]) && !strchr("\"'=", at[-1]))
        at--;
    return at == tag || at[-1] != '=';
}

/* Where the text of an element ends that is no markup up to its end tag. */
static const char *
end_of_raw(const char *text, const char *name)
{
    for (const char *at = text; (at = strstr(at, "</")); at++)
        if (g_ascii_strncasecmp(at + 2, name, strlen(name)) == 0)
            return at;
    return NULL;
}

gboolean
pf_html_is_tag(const char *at, const char *name)
{
    gsize length = strlen(name);

    return *at == '<' && g_ascii_strncasecmp(at + 1, name, length) == 0 && strchr(" \t\r\n\f/>", at[1 + length]);
}

gboolean
pf_html_is_absurd(const char *tag, const char *end)
{
    guint marks = 0;

    if (*tag != '<' || !(g_ascii_isalpha(tag[1]) || tag[1] == '/'))
        return FALSE;
    if (end - tag > PF_HTML_MAX_TAG)
        return TRUE;
    gboolean breaks_off;
    const char *closing = end_of_tag(tag, &breaks_off); /* before the text of a script */
    if (breaks_off)
        return TRUE;
    for (const char *at = tag + 1; at < (closing ? closing - 1 : end); at++)
        marks += *at == '=' || (g_ascii_isspace(at[-1]) && !g_ascii_isspace(*at));
    return marks > 2 * PF_HTML_MAX_ATTRIBUTES;
}

const char *
pf_html_end_of_piece(const char *at)
{
    static const char *const raw[] = {"script", "style"};

    if (pf_has_prefix(at, COMMENT)) {
        const char *closing = strstr(at + strlen(COMMENT), "-->");
        return closing ? closing + strlen("-->") : NULL;
    }
    if (*at != '<' || (at[1] && !g_ascii_isalpha(at[1]) && at[1] != '/'))
        return at + 1 + strcspn(at + 1, "<");
    gboolean breaks_off;
    const char *end = end_of_tag(at, &breaks_off);
    for (gsize i = 0; end && i < G_N_ELEMENTS(raw); i++)
        if (pf_html_is_tag(at, raw[i]) && !is_empty(at, end))
            return end_of_raw(end, raw[i]);
    return end;
}
