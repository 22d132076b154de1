/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/log.h"

/* libxml2 ends where it takes the root for closed, which stray end tags can do, and a second root. So it is given roots
 * of ours around everything, one for each stray tag that is survived. */
#define SHELLS 32
#define SHELL "<_>"

/* libxml2 2.12 made the error that a handler gets constant. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *PfXmlError;
#else
typedef xmlError *PfXmlError;
#endif

struct PfFeedXml {
    xmlParserCtxtPtr context;
    PfFeedElements *elements;
    guint shells;             /* open ones of ours */
    gboolean tag_is_doubtful; /* libxml2 found a fault in the tag that it reads, and may have lost part of a value */
    char *closing;            /* what an end tag names that libxml2 takes for another one's */
    PfFeedFault fault;
};

static guint
current_line(const PfFeedXml *xml)
{
    return (guint)MAX(xmlSAX2GetLineNumber(xml->context), 1);
}

static void
stop_when_over(PfFeedXml *xml)
{
    if (pf_feed_elements_is_over(xml->elements))
        xmlStopParser(xml->context);
}

static void
start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
              const xmlChar **declared, int attribute_count, int defaulted, const xmlChar **values)
{
    PfFeedXml *xml = data;
    PfTag tag = {.name = (const char *)name,
                 .prefix = (const char *)prefix,
                 .uri = (const char *)uri,
                 .attributes = {.values = values, .count = xml->tag_is_doubtful ? 0 : attribute_count - defaulted},
                 .line = current_line(xml)};

    (void)namespace_count;
    (void)declared;
    xml->tag_is_doubtful = FALSE;
    if (xml->shells < SHELLS)
        xml->shells++;
    else if (!pf_feed_elements_is_over(xml->elements))
        pf_feed_elements_start(xml->elements, &tag);
    stop_when_over(xml);
}

/* libxml2 lets an end tag that does not fit close whatever is innermost; here it closes what it names. */
static void
end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    PfFeedXml *xml = data;
    g_autofree char *closing = g_steal_pointer(&xml->closing);

    (void)prefix;
    (void)uri;
    if (!pf_feed_elements_is_over(xml->elements))
        pf_feed_elements_end(xml->elements, closing ? closing : (const char *)name, current_line(xml));
    stop_when_over(xml);
}

static void
characters(void *data, const xmlChar *text, int length)
{
    pf_feed_elements_add_text(((PfFeedXml *)data)->elements, (const char *)text, (gsize)length);
}

static void
note_fault(void *data, PfXmlError error)
{
    PfFeedXml *xml = data;

    /* That the feed breaks off is told better at its end. */
    if (error->level < XML_ERR_ERROR || error->code == XML_ERR_DOCUMENT_END)
        return;
    if (error->code == XML_ERR_TAG_NAME_MISMATCH) {
        g_free(xml->closing);
        xml->closing = g_strdup(error->str2 ? error->str2 : "");
    } else if (error->domain == XML_FROM_PARSER && xml->context &&
               (xml->context->instate == XML_PARSER_START_TAG || xml->context->instate == XML_PARSER_ATTRIBUTE_VALUE)) {
        xml->tag_is_doubtful = TRUE;
    }
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
        .serror = (xmlStructuredErrorFunc)note_fault,
    };
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, xml, NULL, 0, NULL);

    if (!context)
        g_error("out of memory"); /* what GLib's own allocations do */
    /* NOENT does not mean that a DTD's entities are expanded, there are none: without it an attribute's "&amp;" comes
     * as "&#38;". */
    xmlCtxtUseOptions(context, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT);
    return context;
}

PfFeedXml *
pf_feed_xml_new(PfFeedElements *elements)
{
    PfFeedXml *xml = g_new0(PfFeedXml, 1);

    xml->elements = elements;
    xml->context = new_context(xml);
    g_autoptr(GString) shells = g_string_new(NULL);
    for (int i = 0; i < SHELLS; i++)
        g_string_append(shells, SHELL);
    xmlParseChunk(xml->context, shells->str, (int)shells->len, FALSE);
    return xml;
}

void
pf_feed_xml_free(PfFeedXml *xml)
{
    if (!xml)
        return;
    xmlFreeDoc(xml->context->myDoc);
    xml->context->myDoc = NULL;
    xmlFreeParserCtxt(xml->context);
    pf_feed_fault_clear(&xml->fault);
    g_free(xml->closing);
    g_free(xml);
}

static void
parse(PfFeedXml *xml, const GString *text, gboolean final)
{
    /* Some faults come without the parser that they belong to; libxml2 would print them. */
    xmlStructuredErrorFunc other = xmlStructuredError;
    void *other_data = xmlStructuredErrorContext;

    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore_error);
    xmlParseChunk(xml->context, text->str, (int)text->len, final);
    xmlSetStructuredErrorFunc(other_data, other);
}

gboolean
pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error)
{
    if (text && !pf_feed_elements_is_over(xml->elements) && xml->context->instate != XML_PARSER_EOF)
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
