/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_parse.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/log.h"
#include "feed/feed_address.h"
#include "feed/feed_attributes.h"
#include "feed/feed_build.h"
#include "feed/feed_mend.h"
#include "feed/feed_opml.h"
#include "feed/feed_place.h"

#define PIECE 65536 /* bytes given to libxml2 at once */

/* libxml2 2.12 made the error that a handler gets constant. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *PfXmlError;
#else
typedef xmlError *PfXmlError;
#endif

G_DEFINE_QUARK(pf_feed_error, pf_feed_error)

/* An open element. */
typedef struct {
    PfPlace place;
    const char *name; /* in libxml2's dictionary */
    char *base;       /* its own or the nearest ancestor's; NULL: there is nothing to resolve against */
} Element;

struct PfFeedParser {
    xmlParserCtxtPtr xml;
    PfFeedMend *mend;
    PfBuild build;
    PfItemFunc item_func;
    gpointer item_data;
    guint items;

    GArray *elements; /* of Element; the first is the document, above the root */
    char *root_uri;
    guint text_depth; /* elements->len when the element whose text is being kept was open; 0: no text is kept */
    GString *text;
    gboolean text_is_full;
    gboolean tag_is_doubtful; /* libxml2 found a fault in the tag that it reads, and may have lost part of a value */
    char *closing;            /* what an end tag names that libxml2 takes for another one's */

    gboolean has_root;
    gboolean done;
    GError *error; /* ended the parse */
    guint fault_line;
    char *fault;      /* libxml2's first */
    char *fault_told; /* the first of libxml2's and the mender's, with its line */
};

static void
clear_element(gpointer element)
{
    g_free(((Element *)element)->base);
}

static guint
current_line(const PfFeedParser *parser)
{
    int line = parser->xml ? xmlSAX2GetLineNumber(parser->xml) : 1;

    return (guint)MAX(line, 1) + pf_feed_mend_get_skipped_lines(parser->mend);
}

static void G_GNUC_PRINTF(3, 4) fail(PfFeedParser *parser, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (!parser->error) {
        va_start(arguments, format);
        parser->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
        va_end(arguments);
    }
    xmlStopParser(parser->xml);
}

static void
deliver_item(PfFeedParser *parser)
{
    GError *error = NULL;

    if (parser->items == PF_FEED_MAX_ITEMS) {
        fail(parser, PF_FEED_ERROR_LIMIT, "line %u: more than %d items", current_line(parser), PF_FEED_MAX_ITEMS);
        return;
    }
    parser->items++;
    if (parser->item_func(parser->build.feed, pf_build_steal_item(&parser->build), parser->item_data, &error))
        return;
    parser->error = error;
    parser->done = !error;
    xmlStopParser(parser->xml);
}

static const Element *
innermost(const PfFeedParser *parser)
{
    return &g_array_index(parser->elements, Element, parser->elements->len - 1);
}

/* Opens an element that means something; its attributes are those of the tag. */
static void
enter_place(PfFeedParser *parser, Element *element, const PfAttributes *attributes)
{
    const char *outer = innermost(parser)->base;

    element->base = attributes->base ? pf_feed_address_base(attributes->base, outer) : NULL;
    if (!element->base)
        element->base = g_strdup(outer);
    if (element->place == PF_PLACE_ITEM || element->place == PF_PLACE_ENTRY)
        pf_build_begin_item(&parser->build);
    if (element->place >= PF_PLACE_FIRST_TEXT && !parser->text_depth) {
        parser->text_depth = parser->elements->len + 1;
        parser->text_is_full = FALSE;
        g_string_truncate(parser->text, 0);
    }
    pf_build_add_attributes(&parser->build, element->place, attributes, element->base);
}

static void
fail_for_root(PfFeedParser *parser, const char *name)
{
    g_autofree char *shown = g_strndup(name, pf_text_cut(name, strlen(name), 40));

    fail(parser, PF_FEED_ERROR_NOT_A_FEED, "not a feed: line %u begins an <%s> document", current_line(parser), shown);
}

static void
start_element(void *data, const xmlChar *local_name, const xmlChar *prefix, const xmlChar *namespace_uri,
              int namespace_count, const xmlChar **declared, int attribute_count, int defaulted, const xmlChar **values)
{
    PfFeedParser *parser = data;
    const char *name = (const char *)local_name;
    const char *uri = (const char *)namespace_uri;
    gboolean is_root = parser->elements->len == 1;
    g_auto(PfAttributes) attributes = {0};

    (void)namespace_count;
    (void)declared;
    if (parser->elements->len > PF_FEED_MAX_DEPTH) {
        fail(parser, PF_FEED_ERROR_LIMIT, "line %u: elements within each other more than %d deep", current_line(parser),
             PF_FEED_MAX_DEPTH);
        return;
    }
    if (is_root) {
        g_free(parser->root_uri);
        parser->root_uri = g_strdup(uri);
        parser->has_root = TRUE;
    }
    guint namespaces = pf_place_namespaces(uri, prefix != NULL, parser->root_uri);
    Element element = {.place = pf_place_of(innermost(parser)->place, namespaces, name), .name = name};
    gboolean is_opml = pf_opml_take_element(parser->build.feed, is_root, name, values,
                                            parser->tag_is_doubtful ? 0 : attribute_count - defaulted);
    if (is_root && element.place == PF_PLACE_NOWHERE && !is_opml) {
        fail_for_root(parser, name);
        return;
    }
    if (element.place != PF_PLACE_NOWHERE) {
        if (!parser->tag_is_doubtful) /* what a DTD adds to a tag comes last, and is not what the feed says */
            pf_attributes_keep(&attributes, values, attribute_count - defaulted);
        if (element.place == PF_PLACE_ATOM_LINK && !attributes.href) /* RSS's <link>, where its namespace is Atom's */
            element.place = pf_place_of(innermost(parser)->place, namespaces & ~(guint)PF_NAMESPACE_ATOM, name);
        enter_place(parser, &element, &attributes);
    }
    parser->tag_is_doubtful = FALSE;
    g_array_append_val(parser->elements, element);
}

/* Closes the innermost element; one that its own end tag closes is complete, and its text or item counts. */
static void
leave_element(PfFeedParser *parser, gboolean complete)
{
    const Element *element = innermost(parser);
    PfPlace place = element->place;

    if (parser->text_depth == parser->elements->len) {
        parser->text_depth = 0;
        if (complete)
            pf_build_add_text(&parser->build, place, parser->text->str, element->base);
    }
    g_array_set_size(parser->elements, parser->elements->len - 1);
    if (place != PF_PLACE_ITEM && place != PF_PLACE_ENTRY)
        return;
    if (complete)
        deliver_item(parser);
    else
        pf_item_free(pf_build_steal_item(&parser->build));
}

/* An end tag that does not fit closes what it names, with all that was left open in there; one that names nothing open
 * is passed over. (libxml2 would let it close whatever is innermost, and from there on mistake every level.) */
static void
end_element(void *data, const xmlChar *local_name, const xmlChar *prefix, const xmlChar *uri)
{
    PfFeedParser *parser = data;
    g_autofree char *closing = g_steal_pointer(&parser->closing);
    const char *name = closing ? closing : (const char *)local_name;
    guint at = parser->elements->len - 1;

    (void)prefix;
    (void)uri;
    if (parser->error || parser->done)
        return;
    while (at > 0 && !g_str_equal(g_array_index(parser->elements, Element, at).name, name))
        at--;
    while (at > 0 && parser->elements->len > at)
        leave_element(parser, parser->elements->len == at + 1);
}

static void
characters(void *data, const xmlChar *text, int length)
{
    PfFeedParser *parser = data;
    const char *bytes = (const char *)text;

    if (!parser->text_depth || parser->text_is_full)
        return;
    gsize room = PF_FEED_MAX_TEXT - parser->text->len;
    g_string_append_len(parser->text, bytes, (gssize)pf_text_cut(bytes, (gsize)length, room));
    parser->text_is_full = (gsize)length > room; /* then nothing that follows may close the gap */
}

static void
note_fault(void *data, PfXmlError error)
{
    PfFeedParser *parser = data;

    if (error->level < XML_ERR_ERROR)
        return;
    /* Also what libxml2 calls a feed that breaks off; pf_feed_parser_finish() says it better. */
    if (error->code == XML_ERR_DOCUMENT_END && (parser->elements->len > 1 || !parser->has_root))
        return;
    if (error->code == XML_ERR_TAG_NAME_MISMATCH) {
        g_free(parser->closing);
        parser->closing = g_strdup(error->str2 ? error->str2 : "");
    } else if (error->domain == XML_FROM_PARSER && parser->xml &&
               (parser->xml->instate == XML_PARSER_START_TAG || parser->xml->instate == XML_PARSER_ATTRIBUTE_VALUE)) {
        parser->tag_is_doubtful = TRUE;
    }
    if (!parser->fault) {
        parser->fault = pf_log_printable(error->message ? error->message : "broken XML");
        parser->fault_line = (guint)MAX(error->line, 1) + pf_feed_mend_get_skipped_lines(parser->mend);
    }
}

static void
ignore_error(void *data, PfXmlError error)
{
    (void)data;
    (void)error;
}

static xmlParserCtxtPtr
new_context(PfFeedParser *parser)
{
    /* With no handler for entities and DTDs there is none to expand, in memory or from elsewhere. */
    xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = start_element,
        .endElementNs = end_element,
        .characters = characters,
        .ignorableWhitespace = characters,
        .cdataBlock = characters,
        .serror = (xmlStructuredErrorFunc)note_fault,
    };
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, parser, NULL, 0, NULL);

    if (!context)
        g_error("out of memory"); /* what GLib's own allocations do */
    /* NOENT does not mean that a DTD's entities are expanded, there are none: without it an attribute's "&amp;" comes
     * as "&#38;". */
    xmlCtxtUseOptions(context, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT);
    return context;
}

PfFeedParser *
pf_feed_parser_new(const char *address, PfItemFunc item, gpointer data)
{
    PfFeedParser *parser = g_new0(PfFeedParser, 1);
    Element document = {.place = PF_PLACE_DOCUMENT, .name = "", .base = pf_feed_address_base(address, NULL)};

    parser->mend = pf_feed_mend_new();
    parser->build.feed = pf_feed_new(address);
    parser->item_func = item;
    parser->item_data = data;
    parser->text = g_string_new(NULL);
    parser->elements = g_array_new(FALSE, FALSE, sizeof(Element));
    g_array_set_clear_func(parser->elements, clear_element);
    g_array_append_val(parser->elements, document);
    parser->xml = new_context(parser);
    return parser;
}

void
pf_feed_parser_free(PfFeedParser *parser)
{
    if (!parser)
        return;
    /* libxml2 makes a document for the declarations of a DTD, and leaves it to us. */
    xmlFreeDoc(parser->xml->myDoc);
    parser->xml->myDoc = NULL;
    xmlFreeParserCtxt(parser->xml);
    g_array_unref(parser->elements);
    g_string_free(parser->text, TRUE);
    pf_item_free(parser->build.item);
    pf_feed_free(parser->build.feed);
    pf_feed_mend_free(parser->mend);
    g_clear_error(&parser->error);
    g_free(parser->root_uri);
    g_free(parser->closing);
    g_free(parser->fault);
    g_free(parser->fault_told);
    g_free(parser);
}

/* Whether libxml2 takes no more bytes: it was stopped, or has met with a fault that it cannot go on after. */
static gboolean
is_over(const PfFeedParser *parser)
{
    return parser->error || parser->done || parser->xml->instate == XML_PARSER_EOF;
}

/* Of libxml2's first fault and the mender's, the one further up in the feed is told. */
static void
tell_fault(PfFeedParser *parser)
{
    const char *mended = pf_feed_mend_get_fault(parser->mend);
    guint mended_line = pf_feed_mend_get_fault_line(parser->mend);
    gboolean is_mended = mended && (!parser->fault || mended_line <= parser->fault_line);

    if (!mended && !parser->fault)
        return;
    g_free(parser->fault_told);
    parser->fault_told = g_strdup_printf("line %u: %s", is_mended ? mended_line : parser->fault_line,
                                         is_mended ? mended : parser->fault);
}

static gboolean
parse(PfFeedParser *parser, const char *bytes, gsize length, gboolean final, GError **error)
{
    const GString *mended = is_over(parser) ? NULL : pf_feed_mend_push(parser->mend, bytes, length, final);

    if (mended && (mended->len > 0 || final)) {
        /* Faults in an encoding come without the parser that they belong to; libxml2 would print them. */
        xmlStructuredErrorFunc other = xmlStructuredError;
        void *other_data = xmlStructuredErrorContext;
        xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore_error);
        xmlParseChunk(parser->xml, mended->str, (int)mended->len, final);
        xmlSetStructuredErrorFunc(other_data, other);
    }
    tell_fault(parser);
    if (parser->error)
        g_propagate_error(error, g_error_copy(parser->error));
    return !parser->error;
}

gboolean
pf_feed_parser_push(PfFeedParser *parser, const char *bytes, gsize length, GError **error)
{
    for (gsize at = 0; at < length; at += PIECE)
        if (!parse(parser, bytes + at, MIN(length - at, PIECE), FALSE, error))
            return FALSE;
    return TRUE;
}

gboolean
pf_feed_parser_finish(PfFeedParser *parser, GError **error)
{
    if (!parse(parser, "", 0, TRUE, error))
        return FALSE;
    if (parser->has_root) {
        if (parser->elements->len > 1 && !parser->done && !parser->fault) {
            parser->fault = g_strdup_printf("the feed ends within <%s>", innermost(parser)->name);
            parser->fault_line = current_line(parser);
            tell_fault(parser);
        }
        return TRUE;
    }

    g_autofree char *start = pf_feed_mend_describe_start(parser->mend);
    const char *fault = parser->fault_told ? parser->fault_told : "there is no element in it";
    fail(parser, PF_FEED_ERROR_NOT_A_FEED, "not a feed: %s", start ? start : fault);
    g_propagate_error(error, g_error_copy(parser->error));
    return FALSE;
}

gboolean
pf_feed_parser_is_done(const PfFeedParser *parser)
{
    return parser->done;
}

const PfFeed *
pf_feed_parser_get_feed(const PfFeedParser *parser)
{
    return parser->build.feed;
}

PfFeed *
pf_feed_parser_steal_feed(PfFeedParser *parser)
{
    return g_steal_pointer(&parser->build.feed);
}

const char *
pf_feed_parser_get_fault(const PfFeedParser *parser)
{
    return parser->fault_told;
}
