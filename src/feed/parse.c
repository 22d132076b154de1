/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/parse.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"
#include "feed/decode.h"
#include "feed/items.h"
#include "feed/json_feed.h"
#include "feed/sniff.h"
#include "feed/web_page.h"
#include "feed/xml_repair.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <string.h>

/* An element of ours around everything: libxml2 ends with its root, and a feed may have several. It never closes. */
#define ROOT "<_>"

/* NOENT does not mean that a DTD's entities are expanded, there are none: without it an attribute's "&amp;" comes as
 * "&#38;". */
#define OPTIONS (XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT)

/* libxml2 2.12 made the error that a handler gets constant. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *PfXmlError;
#else
typedef xmlError *PfXmlError;
#endif

struct PfFeedXml {
    xmlParserCtxtPtr context;
    PfFeedElements *elements;
    gboolean has_root;  /* ours */
    gboolean is_marked; /* the end tag that comes is none of the feed's */
    PfFeedFault fault;
};

static guint
current_line(const PfFeedXml *xml)
{
    return (guint)MAX(xmlSAX2GetLineNumber(xml->context), 1);
}

static void
start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
              const xmlChar **declared, int attribute_count, int defaulted, const xmlChar **values)
{
    PfFeedXml *xml = data;
    PfTag tag = {.name = (const char *)name,
                 .prefix = (const char *)prefix,
                 .uri = (const char *)uri,
                 .attributes = {.values = values, .count = attribute_count - defaulted},
                 .line = current_line(xml)};

    (void)namespace_count;
    (void)declared;
    if (xml->has_root && !pf_feed_elements_is_over(xml->elements))
        pf_feed_elements_start(xml->elements, &tag);
    xml->has_root = TRUE;
}

static void
end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    PfFeedXml *xml = data;

    (void)prefix;
    (void)uri;
    if (!xml->is_marked && !pf_feed_elements_is_over(xml->elements))
        pf_feed_elements_end(xml->elements, (const char *)name, current_line(xml));
    xml->is_marked = FALSE;
}

static void
characters(void *data, const xmlChar *text, int length)
{
    PfFeedXml *xml = data;

    if (!pf_feed_elements_is_over(xml->elements))
        pf_feed_elements_add_text(xml->elements, (const char *)text, (gsize)length);
}

/* PF_FEED_TAGS_MARK, the only instruction there is. */
static void
mark(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target;
    (void)text;
    ((PfFeedXml *)data)->is_marked = TRUE;
}

static void
note_fault(void *data, PfXmlError error)
{
    PfFeedXml *xml = data;

    if (error->level < XML_ERR_ERROR)
        return;
    if (!xml->fault.text) {
        g_autofree char *message = pf_log_printable(error->message ? error->message : _("broken XML"));
        pf_feed_fault_keep(&xml->fault, (guint)MAX(error->line, 1), "%s", message);
    }
}

static void
ignore_error(void *data, PfXmlError error)
{
    (void)data;
    (void)error;
}

static xmlParserCtxtPtr
new_context(PfFeedXml *xml)
{
    /* With no handler for entities and DTDs there is none to expand, in memory or from elsewhere. */
    xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = start_element,
        .endElementNs = end_element,
        .characters = characters,
        .ignorableWhitespace = characters,
        .cdataBlock = characters,
        .processingInstruction = mark,
        .serror = (xmlStructuredErrorFunc)note_fault,
    };
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, xml, NULL, 0, NULL);

    if (!context)
        g_error("out of memory"); /* what GLib's own allocations do */
    xmlCtxtUseOptions(context, OPTIONS);
    return context;
}

PfFeedXml *
pf_feed_xml_new(PfFeedElements *elements)
{
    PfFeedXml *xml = g_new0(PfFeedXml, 1);

    xml->elements = elements;
    xml->context = new_context(xml);
    xmlParseChunk(xml->context, ROOT, (int)strlen(ROOT), FALSE);
    return xml;
}

void
pf_feed_xml_free(PfFeedXml *xml)
{
    if (!xml)
        return;
    xmlFreeParserCtxt(xml->context);
    pf_feed_fault_clear(&xml->fault);
    g_free(xml);
}

/* libxml2 is never told that the feed ends: where it breaks off is known from what is open, and libxml2 would have
 * another word for it with each release. A last mark makes it give out the text before. */
static void
parse(PfFeedXml *xml, const GString *text, gboolean final)
{
    /* Some faults come without the parser that they belong to; libxml2 would print them. */
    xmlStructuredErrorFunc other = xmlStructuredError;
    void *other_data = xmlStructuredErrorContext;

    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore_error);
    xmlParseChunk(xml->context, text->str, (int)text->len, FALSE);
    if (final)
        xmlParseChunk(xml->context, PF_FEED_TAGS_MARK, (int)strlen(PF_FEED_TAGS_MARK), FALSE);
    xmlSetStructuredErrorFunc(other_data, other);
}

gboolean
pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error)
{
    if (text && !pf_feed_elements_is_over(xml->elements))
        parse(xml, text, final);
    if (final)
        pf_feed_elements_finish(xml->elements);

    const GError *failure = pf_feed_elements_get_error(xml->elements);
    if (failure)
        g_propagate_error(error, g_error_copy(failure));
    return !failure;
}

const PfFeedFault *
pf_feed_xml_get_fault(const PfFeedXml *xml)
{
    return &xml->fault;
}

#define PIECE 16384 /* bytes handed on at once */

struct PfFeedParser {
    PfFeed *feed;

    /* The stations on a feed's way, in this order; a page's way, and JSON's, ends elsewhere. */
    PfFeedDecode *decode;
    PfFeedFront *front;
    PfXmlRepair *repair;
    PfFeedXml *xml;
    PfFeedElements *elements;
    PfFeedPage *page;
    PfFeedJson *json;

    PfFeedFault end; /* that the feed breaks off */
    char *fault;     /* the first of all, with its line */
};

PfFeedParser *
pf_feed_parser_new(const char *address, PfItemFunc item, gpointer data)
{
    PfFeedParser *parser = g_new0(PfFeedParser, 1);

    parser->feed = pf_feed_new(address);
    parser->decode = pf_feed_decode_new();
    parser->front = pf_feed_front_new();
    parser->repair = pf_xml_repair_new();
    parser->elements = pf_feed_elements_new(parser->feed, item, data);
    parser->xml = pf_feed_xml_new(parser->elements);
    return parser;
}

void
pf_feed_parser_free(PfFeedParser *parser)
{
    if (!parser)
        return;
    pf_feed_decode_free(parser->decode);
    pf_feed_front_free(parser->front);
    pf_xml_repair_free(parser->repair);
    pf_feed_elements_free(parser->elements);
    pf_feed_xml_free(parser->xml);
    pf_feed_page_free(parser->page);
    pf_feed_json_free(parser->json);
    pf_feed_free(parser->feed);
    pf_feed_fault_clear(&parser->end);
    g_free(parser->fault);
    g_free(parser);
}

void
pf_feed_parser_set_charset(PfFeedParser *parser, const char *charset)
{
    pf_feed_decode_set_charset(parser->decode, charset);
}

void
pf_feed_parser_add_link_header(PfFeedParser *parser, const char *value)
{
    GPtrArray *links = parser->feed->payment_links;
    g_autofree char *base = pf_url_dup_base(parser->feed->address, NULL);
    g_autoptr(GPtrArray) found = pf_feed_header_find_links(value, "payment", base);

    for (guint i = 0; i < found->len && links->len < PF_FEED_MAX_LINKS; i++)
        g_ptr_array_add(links, g_strdup(found->pdata[i]));
}

/* Of all faults, the one furthest up in the feed is told; of those on one line, the first station's. */
static void
tell_fault(PfFeedParser *parser)
{
    const PfFeedFault *const faults[] = {
        pf_feed_decode_get_fault(parser->decode),
        pf_feed_front_get_fault(parser->front),
        pf_xml_repair_get_fault(parser->repair),
        pf_feed_xml_get_fault(parser->xml),
        pf_feed_elements_get_fault(parser->elements),
        &parser->end,
        parser->page ? pf_feed_page_get_fault(parser->page) : &parser->end,
        parser->json ? pf_feed_json_get_fault(parser->json) : &parser->end,
    };
    const PfFeedFault *first = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
        if (faults[i]->text && (!first || faults[i]->line < first->line))
            first = faults[i];
        if (faults[i]->text && faults[i] != pf_feed_xml_get_fault(parser->xml))
            parser->feed->is_damaged = TRUE;
    }
    g_clear_pointer(&parser->fault, g_free);
    if (first)
        parser->fault = g_strdup_printf(_("line %u: %s"), first->line, first->text);
}

/* Hands text on to the parser of what it turned out to be. */
static gboolean
parse_text(PfFeedParser *parser, const GString *text, gboolean final, GError **error)
{
    if (pf_feed_front_get_kind(parser->front) == PF_FRONT_PAGE) {
        if (!parser->page) {
            parser->feed->kind = PF_FEED_KIND_PAGE;
            parser->page = pf_feed_page_new(parser->feed);
        }
        pf_feed_page_push(parser->page, text, final);
        return TRUE;
    }
    if (pf_feed_front_get_kind(parser->front) == PF_FRONT_JSON) {
        if (!parser->json)
            parser->json = pf_feed_json_new(parser->feed, parser->elements);
        return pf_feed_json_push(parser->json, text, final, error);
    }
    const GString *repaired = pf_xml_repair_push(parser->repair, text, final);
    return pf_feed_xml_push(parser->xml, repaired, final, error);
}

static gboolean
parse_bytes(PfFeedParser *parser, const char *bytes, gsize length, gboolean final, GError **error)
{
    if (pf_feed_elements_is_over(parser->elements))
        return pf_feed_xml_push(parser->xml, NULL, final, error);

    const GString *decoded = pf_feed_decode_push(parser->decode, bytes, length, final);
    const GString *text = pf_feed_front_push(parser->front, decoded, final);
    gboolean good = !text || parse_text(parser, text, final, error);
    const char *open = final ? pf_feed_elements_get_open(parser->elements) : NULL;
    if (open)
        pf_feed_fault_keep(&parser->end, pf_xml_repair_get_line(parser->repair), _("the feed ends within <%s>"), open);
    tell_fault(parser);
    return good;
}

gboolean
pf_feed_parser_push(PfFeedParser *parser, const char *bytes, gsize length, GError **error)
{
    for (gsize at = 0; at < length; at += PIECE)
        if (!parse_bytes(parser, bytes + at, MIN(length - at, PIECE), FALSE, error))
            return FALSE;
    return TRUE;
}

/* Says that a page or an empty document is no feed; a page that names one, or a way to pay, is what it should be. */
static gboolean
check_rest(PfFeedParser *parser, GError **error)
{
    if (parser->page && (parser->feed->feeds->len > 0 || parser->feed->payment_links->len > 0))
        return TRUE;
    if (parser->page) {
        const PfFeedFault *left_out = pf_feed_page_get_fault(parser->page);
        guint line = pf_feed_front_get_line(parser->front);
        if (left_out->text)
            g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED,
                        _("not a feed: line %u begins an <html> document, which names no feed on the web (%s)"), line,
                        left_out->text);
        else
            g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED,
                        _("not a feed: line %u begins an <html> document, which names no feed on the web"), line);
        return FALSE;
    }
    g_autofree char *start = pf_feed_front_describe(parser->front);
    g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, _("not a feed: %s"), start);
    return FALSE;
}

gboolean
pf_feed_parser_finish(PfFeedParser *parser, GError **error)
{
    if (!parse_bytes(parser, "", 0, TRUE, error))
        return FALSE;
    return pf_feed_elements_has_feed(parser->elements) || check_rest(parser, error);
}

gboolean
pf_feed_parser_is_done(const PfFeedParser *parser)
{
    return pf_feed_elements_is_done(parser->elements);
}

PfFeed *
pf_feed_parser_steal_feed(PfFeedParser *parser)
{
    return g_steal_pointer(&parser->feed);
}

const char *
pf_feed_parser_get_fault(const PfFeedParser *parser)
{
    return parser->fault;
}
