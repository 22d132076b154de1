/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/sax.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <string.h>

#include "base/log.h"
#include "feed/xml_repair.h"

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
        g_autofree char *message = pf_log_printable(error->message ? error->message : "broken XML");
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
