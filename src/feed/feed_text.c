/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_text.h"

#include <string.h>

#include "base/html.h"
#include "base/html_names.h"
#include "feed/feed_address.h"
#include "feed/parse.h"

struct PfFeedText {
    PfTextKind kind;
    GString *string;
    gboolean is_full;
};

PfFeedText *
pf_feed_text_new(void)
{
    PfFeedText *text = g_new0(PfFeedText, 1);

    text->string = g_string_new(NULL);
    return text;
}

void
pf_feed_text_free(PfFeedText *text)
{
    if (!text)
        return;
    g_string_free(text->string, TRUE);
    g_free(text);
}

/* Atom's two ways of saying what a text is: 1.0's type, and 0.3's type with mode. */
static PfTextKind
kind_of_content(const PfAttributes *attributes)
{
    g_autofree char *type = pf_attributes_dup_word(attributes, "type");
    g_autofree char *mode = pf_attributes_dup_word(attributes, "mode");
    g_autofree char *small = g_ascii_strdown(type ? type : "text", -1);
    gboolean is_html = strstr(small, "html") && !strstr(small, "xhtml");

    if (g_strcmp0(mode, "base64") == 0)
        return PF_TEXT_BASE64;
    if (g_strcmp0(mode, "escaped") == 0)
        return g_str_equal(small, "text/plain") ? PF_TEXT_ESCAPED : PF_TEXT_HTML;
    return is_html ? PF_TEXT_HTML : PF_TEXT_ESCAPED;
}

void
pf_feed_text_begin(PfFeedText *text, PfPlace place, const PfAttributes *attributes)
{
    text->kind = place == PF_PLACE_HTML      ? PF_TEXT_HTML
                 : place == PF_PLACE_CONTENT ? kind_of_content(attributes)
                                             : PF_TEXT_PLAIN;
    text->is_full = FALSE;
    g_string_truncate(text->string, 0);
}

/* Adds as much as there is room for; what is cut off is not gone on with. */
static void
add_raw(PfFeedText *text, const char *characters, gsize length)
{
    gsize room = PF_FEED_MAX_TEXT - text->string->len;

    if (text->is_full)
        return;
    g_string_append_len(text->string, characters, (gssize)pf_text_cut(characters, length, room));
    text->is_full = length > room;
}

/* Adds what must come whole. */
static void
add_whole(PfFeedText *text, const char *markup)
{
    if (strlen(markup) <= PF_FEED_MAX_TEXT - text->string->len)
        add_raw(text, markup, strlen(markup));
    else
        text->is_full = TRUE;
}

static void
add_escaped(PfFeedText *text, const char *characters, gsize length)
{
    while (length > 0 && !text->is_full) {
        gsize plain = 0;
        while (plain < length && !strchr("<>&\"", characters[plain]))
            plain++;
        add_raw(text, characters, plain);
        if (plain < length) {
            char special = characters[plain++];
            add_whole(text, special == '<' ? "&lt;" : special == '>' ? "&gt;" : special == '&' ? "&amp;" : "&quot;");
        }
        characters += plain;
        length -= plain;
    }
}

void
pf_feed_text_add(PfFeedText *text, const char *characters, gsize length, gboolean inner)
{
    if (text->kind == PF_TEXT_ESCAPED || (text->kind == PF_TEXT_HTML && inner))
        add_escaped(text, characters, length);
    else
        add_raw(text, characters, length);
}

/* Whether an attribute of HTML's holds an address that a link could be. */
static gboolean
is_address(const char *name)
{
    return g_str_equal(name, "href") || g_str_equal(name, "src") || g_str_equal(name, "action");
}

void
pf_feed_text_add_start(PfFeedText *text, const char *name, const PfAttributes *attributes, const char *base)
{
    if (text->kind != PF_TEXT_HTML && text->kind != PF_TEXT_ESCAPED)
        return;
    add_whole(text, "<");
    add_raw(text, name, strlen(name));
    for (int i = 0; i < attributes->count; i++) {
        const char *const *value = (const char *const *)attributes->values + (gsize)i * 5;
        g_autofree char *written = g_strndup(value[3], (gsize)(value[4] - value[3]));
        g_autofree char *address = base && is_address(value[0]) ? pf_feed_address_resolve(written, base) : NULL;
        const char *shown = address ? address : written;

        if (value[1]) /* xml:lang and the like */
            continue;
        add_whole(text, " ");
        add_raw(text, value[0], strlen(value[0]));
        add_whole(text, "=\"");
        add_escaped(text, shown, strlen(shown));
        add_whole(text, "\"");
    }
    add_whole(text, ">");
}

void
pf_feed_text_add_end(PfFeedText *text, const char *name)
{
    if ((text->kind != PF_TEXT_HTML && text->kind != PF_TEXT_ESCAPED) || pf_html_is_void(name))
        return;
    add_whole(text, "</");
    add_raw(text, name, strlen(name));
    add_whole(text, ">");
}

/* A tag that was cut off could be taken for a link to somewhere else. */
static void
drop_half_tag(GString *html)
{
    const char *at = html->str;

    while (*at) {
        const char *end = pf_html_end_of_piece(at);

        if (!end)
            g_string_truncate(html, (gsize)(at - html->str));
        at = end ? end : html->str + html->len;
    }
}

const char *
pf_feed_text_finish(PfFeedText *text)
{
    gsize length;

    if (text->kind == PF_TEXT_BASE64 && text->string->len > 0) {
        g_autofree guchar *bytes = g_base64_decode(text->string->str, &length);
        g_autofree char *decoded = g_utf8_make_valid((const char *)bytes, (gssize)length);
        g_string_assign(text->string, decoded);
    }
    if (text->is_full && text->kind != PF_TEXT_PLAIN)
        drop_half_tag(text->string);
    return text->string->str;
}

gboolean
pf_feed_text_is_cut(const PfFeedText *text)
{
    return text->is_full;
}
