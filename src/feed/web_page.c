/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/web_page.h"

#include "base/i18n.h"
#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/html.h"
#include "base/text.h"
#include "base/url.h"

struct PfFeedPage {
    htmlParserCtxtPtr context;
    PfFeed *feed;
    char *base;
    gboolean has_base; /* the page's own */
    GString *title;    /* while its element is open */
    GString *text;     /* the page */
    PfFeedFault fault;
};

/* The first <base> of a page counts. */
static void
set_base(PfFeedPage *page, const char *href)
{
    char *base = href && !page->has_base ? pf_url_dup_base(href, page->base) : NULL;

    if (!base)
        return;
    g_free(page->base);
    page->base = base;
    page->has_base = TRUE;
}

static gboolean
is_feed_type(const char *type)
{
    static const char *const types[] = {"application/rss+xml", "application/atom+xml", "application/rdf+xml",
                                        "application/feed+json"};
    g_autofree char *bare = g_strstrip(g_strndup(type ? type : "", strcspn(type ? type : "", ";")));

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_ascii_strcasecmp(bare, types[i]) == 0)
            return TRUE;
    return FALSE;
}

/* What can only be found from where the page came from is nowhere when it came from a file, and no file is named. */
static void
add_feed(GPtrArray *feeds, const char *url)
{
    g_autofree char *web = pf_url_dup_web(url);

    if (pf_url_is_web(web) && feeds->len < PF_FEED_MAX_LINKS &&
        !g_ptr_array_find_with_equal_func(feeds, web, g_str_equal, NULL))
        g_ptr_array_add(feeds, g_steal_pointer(&web));
}

static void
add_link(PfFeedPage *page, const char *rel, const char *type, const char *href)
{
    PfFeed *feed = page->feed;
    g_autofree char *url = href ? pf_url_make_absolute(href, page->base) : NULL;

    if (!url)
        return;
    if (pf_html_has_word(rel, "payment") && feed->payment_links->len < PF_FEED_MAX_LINKS)
        g_ptr_array_add(feed->payment_links, g_strdup(url));
    if (pf_html_has_word(rel, "alternate") && is_feed_type(type))
        add_feed(feed->feeds, url);
}

static void
start_element(void *data, const xmlChar *name, const xmlChar **attributes)
{
    PfFeedPage *page = data;

    if (g_str_equal((const char *)name, "link"))
        add_link(page, pf_html_get_attribute(attributes, "rel"), pf_html_get_attribute(attributes, "type"),
                 pf_html_get_attribute(attributes, "href"));
    else if (g_str_equal((const char *)name, "base"))
        set_base(page, pf_html_get_attribute(attributes, "href"));
    else if (g_str_equal((const char *)name, "title") && !page->feed->title && !page->title)
        page->title = g_string_new(NULL);
}

static void
end_element(void *data, const xmlChar *name)
{
    PfFeedPage *page = data;

    if (!page->title || !g_str_equal((const char *)name, "title"))
        return;
    char *title = g_strstrip(g_string_free(g_steal_pointer(&page->title), FALSE));
    if (*title)
        page->feed->title = g_steal_pointer(&title);
    g_free(title);
}

static void
characters(void *data, const xmlChar *text, int length)
{
    PfFeedPage *page = data;
    const char *bytes = (const char *)text;

    if (page->title)
        g_string_append_len(page->title, bytes,
                            (gssize)pf_utf8_cut(bytes, (gsize)length, PF_FEED_MAX_TEXT - page->title->len));
}

PfFeedPage *
pf_feed_page_new(PfFeed *feed)
{
    PfFeedPage *page = g_new0(PfFeedPage, 1);
    htmlSAXHandler handler = {.startElement = start_element, .endElement = end_element, .characters = characters};

    page->feed = feed;
    page->base = pf_url_dup_base(feed->address, NULL);
    page->text = g_string_new(NULL);
    page->context = htmlCreatePushParserCtxt(&handler, page, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (!page->context)
        g_error("out of memory"); /* what GLib's own allocations do */
    htmlCtxtUseOptions(page->context, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                          HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
    return page;
}

void
pf_feed_page_free(PfFeedPage *page)
{
    if (!page)
        return;
    xmlFreeDoc(page->context->myDoc);
    page->context->myDoc = NULL;
    htmlFreeParserCtxt(page->context);
    if (page->title)
        g_string_free(page->title, TRUE);
    g_string_free(page->text, TRUE);
    pf_feed_fault_clear(&page->fault);
    g_free(page->base);
    g_free(page);
}

/* Chooses what counts, without what the parser would need very long for. A title's own attributes say nothing. */
static GString *
choose_markup(PfFeedPage *page)
{
    GString *chosen = g_string_new(NULL);
    gboolean in_title = FALSE;
    guint line = 1;

    for (const char *at = page->text->str, *end; *at; at = end) {
        gboolean is_link = pf_html_is_tag(at, "link") || pf_html_is_tag(at, "base");

        end = pf_html_end_of_piece(at);
        end = end ? end : page->text->str + page->text->len;
        if (in_title && is_link) { /* whose end tag is missing */
            g_string_append(chosen, "</title>");
            in_title = FALSE;
        }
        if (pf_html_is_tag(at, "title"))
            g_string_append(chosen, in_title ? "" : "<title>");
        else if ((is_link || pf_html_is_tag(at, "/title")) && !pf_html_is_unreadable(at, end))
            g_string_append_len(chosen, at, end - at);
        else if (is_link)
            pf_feed_fault_keep(&page->fault, line,
                               _("a tag that breaks off, or with more than %d attributes or 64 KiB"),
                               PF_HTML_MAX_ATTRIBUTES);
        else if (in_title)
            pf_html_append_text(chosen, at, end); /* a title has no markup, to HTML 5 and older libxml2 alike */
        in_title = pf_html_is_tag(at, "title") || (in_title && !pf_html_is_tag(at, "/title"));
        for (; at < end; at++)
            line += *at == '\n';
    }
    return chosen;
}

void
pf_feed_page_push(PfFeedPage *page, const GString *text, gboolean final)
{
    gsize kept = pf_utf8_cut(text->str, text->len, PF_FEED_PAGE_MAX - page->text->len);

    g_string_append_len(page->text, text->str, (gssize)kept);
    if (kept < text->len)
        pf_feed_fault_keep(&page->fault, 1, _("a web page larger than %d MiB; the rest was left out"),
                           (int)(PF_FEED_PAGE_MAX >> 20));
    if (!final)
        return;
    g_autoptr(GString) chosen = choose_markup(page);
    htmlParseChunk(page->context, chosen->str, (int)chosen->len, TRUE);
}

const PfFeedFault *
pf_feed_page_get_fault(const PfFeedPage *page)
{
    return &page->fault;
}
