/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/sniff.h"

#include "base/html.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"

#include <string.h>

#define TOKEN "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define QUOTED "\"(?:[^\"\\\\]|\\\\.)*+\""
#define PARAMETER "\\s*;\\s*(?:(" TOKEN ")(?:\\s*=\\s*(" QUOTED "|[^\\s;,\"]*))?)?"
#define MEDIA_TYPE "^\\s*" TOKEN "/" TOKEN "((?:" PARAMETER ")*+)\\s*$"
/* A link, or a member of the list that is none, to the comma after it. Nothing is looked through twice. */
#define LINK "<([^<>]*+)>((?:" PARAMETER ")*+)\\s*(?=,|$)"
#define NO_LINK "(?:<[^<>]*+>|\"(?:[^\"\\\\]|\\\\.)*+\\\\?\"?|[^,<\"]++|<)++"
#define MEMBER "\\G[\\s,]*+(?:" LINK "|" NO_LINK ")"

/* Takes the quotes off a quoted string, and the backslash off each quoted pair. */
static char *
unquote(const char *quoted)
{
    static gsize cache;
    const GRegex *pair = pf_pattern_get(&cache, "\\\\(.)", G_REGEX_DOTALL);

    return g_regex_replace(pair, quoted + 1, (gssize)strlen(quoted) - 2, 0, "\\1", 0, NULL);
}

/* Finds the first parameter of a name, which is the one that counts. Returns: (transfer full): unquoted, or NULL. */
static char *
find_parameter(const char *parameters, const char *wanted)
{
    static gsize cache;
    const GRegex *regex = pf_pattern_get(&cache, PARAMETER, 0);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, parameters, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *name = g_match_info_fetch(match, 1);
        g_autofree char *value = g_match_info_fetch(match, 2);
        if (!name || g_ascii_strcasecmp(name, wanted) != 0)
            continue;
        if (value && *value == '"')
            return unquote(value);
        return g_strdup(value ? value : "");
    }
    return NULL;
}

GPtrArray *
pf_feed_header_find_links(const char *value, const char *rel, const char *base)
{
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    static gsize cache;
    const GRegex *regex = pf_pattern_get(&cache, MEMBER, 0);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, value, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *target = g_match_info_fetch(match, 1);
        g_autofree char *parameters = g_match_info_fetch(match, 2);
        g_autofree char *kinds = parameters ? find_parameter(parameters, "rel") : NULL;
        if (!kinds || !pf_html_has_word(kinds, rel))
            continue;
        g_autofree char *anchor = find_parameter(parameters, "anchor");
        g_autofree char *context = anchor ? pf_url_make_absolute(anchor, base) : NULL;
        if (context && g_strcmp0(context, base) != 0)
            continue;
        char *url = g_utf8_validate(target, -1, NULL) ? pf_url_make_absolute(target, base) : NULL;
        if (url)
            g_ptr_array_add(urls, url);
    }
    return urls;
}

char *
pf_feed_header_find_charset(const char *value)
{
    static gsize cache;
    const GRegex *regex = pf_pattern_get(&cache, MEDIA_TYPE, 0);
    g_autoptr(GMatchInfo) match = NULL;

    if (!value || !g_regex_match(regex, value, 0, &match))
        return NULL;
    g_autofree char *parameters = g_match_info_fetch(match, 1);
    return find_parameter(parameters, "charset");
}

#define START_SIZE 40 /* bytes shown of what is no feed */
#define XML_SPACE " \t\r\n"

struct PfFeedFront {
    PfFrontKind kind;
    GString *held;
    gsize at;    /* how far held was looked through */
    guint line;  /* at that place */
    guint first; /* line of the first tag of a page */
    gboolean saw_html;
    char *words; /* that the document begins with, where it should not */
    PfFeedFault fault;
};

static const char *const feed_roots[] = {"rss", "RDF", "feed", "opml", "channel", "entry", "item"};
static const char *const page_roots[] = {"html", "head", "body"};

PfFeedFront *
pf_feed_front_new(void)
{
    PfFeedFront *front = g_new0(PfFeedFront, 1);

    front->held = g_string_new(NULL);
    front->line = 1;
    return front;
}

void
pf_feed_front_free(PfFeedFront *front)
{
    if (!front)
        return;
    g_string_free(front->held, TRUE);
    pf_feed_fault_clear(&front->fault);
    g_free(front->words);
    g_free(front);
}

/* Goes on to a later place. */
static void
advance(PfFeedFront *front, gsize to)
{
    for (; front->at < to; front->at++)
        front->line += front->held->str[front->at] == '\n';
}

/* Passes over text in front of the next tag. Returns FALSE when that tag is not there yet. */
static gboolean
skip_text(PfFeedFront *front, gboolean final)
{
    const char *text = front->held->str + front->at;
    gsize blank = strspn(text, XML_SPACE);
    gsize length = strcspn(text, "<");

    if (!text[length] && !final)
        return FALSE;
    advance(front, front->at + blank);
    if (blank < length && !front->saw_html && !front->words) {
        g_autofree char *start = g_strndup(text + blank, MIN(length - blank, START_SIZE));
        g_autofree char *line = g_utf8_make_valid(start, (gssize)strcspn(start, "\r\n"));
        front->words = pf_log_printable(line);
        pf_feed_fault_keep(&front->fault, front->line, _("\"%s\" comes before the first tag"), front->words);
    }
    advance(front, front->at + length - blank);
    return TRUE;
}

/* Where a literal ends that a quote may begin; the quote itself where it begins none: outside of what a DTD declares,
 * none has a tag in it. Returns NULL when its end is not there yet. */
static const char *
end_of_literal(const char *quote, gboolean is_declared)
{
    const char stops[] = {*quote, is_declared ? '\0' : '<', '\0'};
    const char *stop = quote + 1 + strcspn(quote + 1, stops);

    return *stop == *quote ? stop : *stop ? quote : NULL;
}

/* Where a DTD ends (XML 1.0, production 28); NULL when its end is not there yet. */
static const char *
end_of_doctype(const char *text)
{
    gboolean is_declared = FALSE; /* between "[" and "]" */

    for (const char *at = text; *at; at++) {
        const char *end = at;

        if (*at == '"' || *at == '\'')
            end = end_of_literal(at, is_declared);
        else if (is_declared && pf_has_prefix(at, "<!--"))
            end = strstr(at, "-->");
        else if (is_declared && pf_has_prefix(at, "<?"))
            end = strstr(at, "?>");
        else if (*at == '[' || *at == ']')
            is_declared = *at == '[';
        else if (*at == '>' && !is_declared)
            return at;
        if (!end)
            return NULL;
        at = end;
    }
    return NULL;
}

/* Passes over a comment, an instruction, a DTD or an end tag. Returns FALSE when its end is not there yet. */
static gboolean
skip_other(PfFeedFront *front)
{
    const char *text = front->held->str + front->at;
    const char *closing = pf_has_prefix(text, "<!--") ? "-->" : text[1] == '?' ? "?>" : ">";
    gboolean is_doctype = g_ascii_strncasecmp(text, "<!DOCTYPE", strlen("<!DOCTYPE")) == 0;

    front->saw_html = front->saw_html || g_ascii_strncasecmp(text, "<!doctype html", 14) == 0;

    const char *end = is_doctype ? end_of_doctype(text) : strstr(text, closing);
    if (!end)
        return FALSE;
    advance(front, (gsize)(end - front->held->str) + strlen(closing));
    return TRUE;
}

static gboolean
is_one_of(const char *name, const char *const *names, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (g_str_equal(name, names[i]))
            return TRUE;
    return FALSE;
}

/* Decides by a start tag's name, which is whole. */
static void
classify_tag(PfFeedFront *front, const char *name)
{
    const char *colon = strchr(name, ':');
    g_autofree char *small = g_ascii_strdown(name, -1);

    if (is_one_of(colon ? colon + 1 : name, feed_roots, G_N_ELEMENTS(feed_roots))) {
        front->kind = PF_FRONT_XML;
    } else if (is_one_of(small, page_roots, G_N_ELEMENTS(page_roots))) {
        front->first = front->line;
        front->kind = PF_FRONT_PAGE;
    } else if (pf_html_is_element(small) || front->saw_html) {
        /* A page that begins in its middle, or what a server wrote in front of a feed. */
        if (front->first == 0)
            front->first = front->line;
        front->saw_html = TRUE;
    } else {
        front->kind = PF_FRONT_XML;
    }
}

/* Looks through what is held, as far as that can be told. */
static void
seek(PfFeedFront *front, gboolean final)
{
    while (front->kind == PF_FRONT_SEEKING && skip_text(front, final)) {
        const char *tag = front->held->str + front->at;
        gsize length = 1 + strcspn(tag + (*tag != '\0'), XML_SPACE "/><");
        if (!*tag || !tag[1] || strncmp("<!--", tag, strnlen(tag, strlen("<!--") + 1)) == 0)
            return; /* more bytes are needed */
        if (strchr("!?/", tag[1])) {
            if (!skip_other(front))
                return;
        } else if (g_ascii_isalpha(tag[1]) || tag[1] == '_') {
            if (!tag[length])
                return;
            g_autofree char *name = g_strndup(tag + 1, length - 1);
            classify_tag(front, name);
            if (front->kind == PF_FRONT_SEEKING)
                advance(front, front->at + length);
        } else {
            advance(front, front->at + 1);
        }
    }
}

/* Puts line ends in place of what stands before the feed. */
static void
drop_front(PfFeedFront *front)
{
    g_autofree char *lines = g_strnfill(front->line - 1, '\n');

    g_string_erase(front->held, 0, (gssize)front->at);
    g_string_prepend(front->held, lines);
}

/* Whether a document begins as an object of JSON does; what a template may have before a feed, "{{" or "{%", is none.
 */
static gboolean
begins_json(const char *text)
{
    text += strspn(text, XML_SPACE);
    return *text == '{' && text[1 + strspn(text + 1, XML_SPACE)] == '"';
}

const GString *
pf_feed_front_push(PfFeedFront *front, const GString *text, gboolean final)
{
    if (front->kind != PF_FRONT_SEEKING)
        return text;
    g_string_append_len(front->held, text->str, (gssize)text->len);
    if (front->at == 0 && begins_json(front->held->str))
        front->kind = PF_FRONT_JSON;
    seek(front, final);
    if (front->kind == PF_FRONT_SEEKING && (final || front->held->len > PF_FEED_FRONT_HELD)) {
        gboolean in_tag = front->held->str[front->at] == '<' && g_ascii_isalpha(front->held->str[front->at + 1]);
        front->kind = front->saw_html ? PF_FRONT_PAGE : in_tag || !final ? PF_FRONT_XML : PF_FRONT_NOTHING;
    }
    if (front->kind == PF_FRONT_XML)
        drop_front(front);
    return front->kind == PF_FRONT_SEEKING || front->kind == PF_FRONT_NOTHING ? NULL : front->held;
}

PfFrontKind
pf_feed_front_get_kind(const PfFeedFront *front)
{
    return front->kind;
}

guint
pf_feed_front_get_line(const PfFeedFront *front)
{
    return MAX(front->first, 1);
}

const PfFeedFault *
pf_feed_front_get_fault(const PfFeedFront *front)
{
    return &front->fault;
}

char *
pf_feed_front_describe(const PfFeedFront *front)
{
    if (front->words)
        return g_strdup_printf(_("line %u begins with \"%s\""), front->fault.line, front->words);
    return g_strdup(front->held->str[strspn(front->held->str, XML_SPACE)] ? _("it contains no element")
                                                                          : _("it is empty"));
}
