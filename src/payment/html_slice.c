/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/html_slice.h"

#include <string.h>

#define COMMENT "<!--"

static const char *
after(const char *at, const char *closing)
{
    const char *found = strstr(at, closing);

    return found ? found + strlen(closing) : at + strlen(at);
}

/* The end of a tag: a quote counts where a value may begin. */
static const char *
end_of_tag(const char *tag)
{
    const char *at = tag;

    while (*at && *at != '>') {
        gboolean is_value = *at++ == '=';
        if (!is_value)
            continue;
        at += strspn(at, " \t\r\n\f");
        if (*at == '"' || *at == '\'') {
            const char *closing = strchr(at + 1, *at);
            at = closing ? closing + 1 : at + strlen(at);
        }
    }
    return *at ? at + 1 : at;
}

/* Whether a tag opens an element whose text is no markup up to its end tag. */
static gboolean
is_raw(const char *tag, const char *name)
{
    gsize length = strlen(name);

    return g_ascii_strncasecmp(tag + 1, name, length) == 0 && !g_ascii_isalnum(tag[1 + length]);
}

/* Without its end tag it goes on to the end. */
static const char *
end_of_raw(const char *text, const char *name)
{
    for (const char *at = text; (at = strstr(at, "</")); at++)
        if (g_ascii_strncasecmp(at + 2, name, strlen(name)) == 0)
            return at;
    return text + strlen(text);
}

/* The end of the tag, comment, script or style at a place, or of the text before the next one. */
static const char *
end_of_one(const char *at)
{
    static const char *const raw[] = {"script", "style"};

    if (g_str_has_prefix(at, COMMENT))
        return after(at + strlen(COMMENT), "-->");
    if (*at != '<' || !(g_ascii_isalpha(at[1]) || at[1] == '/')) {
        const char *next = strchr(at + 1, '<');
        return next ? next : at + strlen(at);
    }
    const char *end = end_of_tag(at);
    for (gsize i = 0; i < G_N_ELEMENTS(raw); i++) {
        if (is_raw(at, raw[i]))
            return end_of_raw(end, raw[i]);
    }
    return end;
}

gsize
pf_html_slice(const char *html, gboolean *is_absurd)
{
    const char *end = html;

    while (*end && end - html < PF_HTML_SLICE) {
        const char *next = end_of_one(end);

        if (end > html && next - html > PF_HTML_SLICE)
            break;
        end = next;
    }
    *is_absurd = end - html > PF_HTML_SLICE && html[0] == '<' && (g_ascii_isalpha(html[1]) || html[1] == '/');
    return (gsize)(end - html);
}
