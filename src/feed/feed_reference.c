/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_reference.h"

#include "base/html_names.h"

#define MAX_REFERENCE 34 /* bytes of "&name;": HTML's longest name has 8 letters, a number may have zeros */

/* How many bytes of "&…;" there are at @at; 0: a bare "&"; -1: more bytes are needed to tell. */
static int
reference_length(const char *at, const char *end, gboolean final)
{
    gboolean numeric = FALSE, hexadecimal = FALSE;

    for (int i = 1; i < MAX_REFERENCE; i++) {
        if (at + i == end)
            return final ? 0 : -1;
        if (at[i] == ';')
            return i > 1 + numeric + hexadecimal ? i + 1 : 0;
        if (i == 1 && at[i] == '#')
            numeric = TRUE;
        else if (i == 2 && numeric && at[i] == 'x')
            hexadecimal = TRUE;
        else if (numeric ? !(hexadecimal ? g_ascii_isxdigit(at[i]) : g_ascii_isdigit(at[i])) : !g_ascii_isalnum(at[i]))
            return 0;
    }
    return 0;
}

/* Whether a numeric reference is to a character that XML can have. */
static gboolean
is_character(const char *digits)
{
    gboolean hexadecimal = digits[0] == 'x';
    guint64 code = g_ascii_strtoull(digits + hexadecimal, NULL, hexadecimal ? 16 : 10);

    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
           (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code <= 0x10FFFF);
}

gsize
pf_feed_reference_mend(GString *out, const char *at, const char *end, gboolean final, guint line, PfFeedFault *fault)
{
    static const struct {
        const char *name;
        const char *numeric;
    } own[] = {{"amp", "&#38;"}, {"lt", "&#60;"}, {"gt", "&#62;"}, {"quot", "&#34;"}, {"apos", "&#39;"}};
    int length = reference_length(at, end, final);

    if (length < 0)
        return 0;
    if (length == 0) {
        pf_feed_fault_keep(fault, line, "a bare \"&\", taken as \"&amp;\"");
        g_string_append(out, "&#38;");
        return 1;
    }
    g_autofree char *name = g_strndup(at + 1, (gsize)length - 2);
    const char *numeric = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        numeric = g_str_equal(name, own[i].name) ? own[i].numeric : numeric;
    gunichar html = numeric ? 0 : pf_html_entity(name);

    if (name[0] == '#' && !is_character(name + 1)) {
        pf_feed_fault_keep(fault, line, "\"&%s;\" is no character", name);
    } else if (name[0] == '#') {
        g_string_append_len(out, at, length);
    } else if (numeric) {
        g_string_append(out, numeric);
    } else if (html) {
        pf_feed_fault_keep(fault, line, "\"&%s;\" is a name of HTML's, not of XML's", name);
        g_string_append_printf(out, "&#%u;", html);
    } else {
        pf_feed_fault_keep(fault, line, "\"&%s;\" stands for nothing that XML knows, taken as that text", name);
        g_string_append_printf(out, "&#38;%s;", name);
    }
    return (gsize)length;
}
