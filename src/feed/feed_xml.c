/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/log.h"

/* libxml2 ends where it takes the root for closed, which stray end tags can do, and a second root. So it is given roots
 * of ours around everything, one for each stray tag that is survived; when they are used up, it begins anew. */
#define SHELLS 32
#define SHELL "<_>"
#define LAST_SHELLS 2 /* open ones, with the one being closed, at which it begins anew */

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
    guint shells;             /* open ones of ours */
    gboolean tag_is_doubtful; /* libxml2 found a fault in the tag that it reads, and may have lost part of a value */
    char *closing;            /* what an end tag names that libxml2 takes for another one's */
    GString *rest;            /* text that libxml2 had when its shells were used up; NULL: they are not */
    guint line;               /* at its beginning */
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

/* Stops behind an end tag, where libxml2 takes nothing but shells for open. */
static void
keep_rest(PfFeedXml *xml)
{
    const xmlParserInput *input = xml->context->input;

    xml->rest = g_string_new_len((const char *)input->cur, input->end - input->cur);
    xml->line = current_line(xml);
    xmlStopParser(xml->context);
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
    if (xml->context->nameNr <= LAST_SHELLS && xml->context->instate != XML_PARSER_EOF)
        keep_rest(xml);
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
    xmlCtxtUseOptions(context, OPTIONS);
    return context;
}

static void
open_shells(PfFeedXml *xml)
{
    g_autoptr(GString) shells = g_string_new(NULL);

    xml->shells = 0;
    for (int i = 0; i < SHELLS; i++)
        g_string_append(shells, SHELL);
    xmlParseChunk(xml->context, shells->str, (int)shells->len, FALSE);
}

PfFeedXml *
pf_feed_xml_new(PfFeedElements *elements)
{
    PfFeedXml *xml = g_new0(PfFeedXml, 1);

    xml->elements = elements;
    xml->context = new_context(xml);
    open_shells(xml);
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

/* Goes on with shells as at first. What is open stays so: its names are libxml2's, which keeps them over a reset. */
static void
begin_anew(PfFeedXml *xml)
{
    if (xmlCtxtResetPush(xml->context, NULL, 0, NULL, NULL) != 0)
        g_error("out of memory"); /* what GLib's own allocations do */
    xmlCtxtUseOptions(xml->context, OPTIONS);
    open_shells(xml);
    xml->context->input->line = (int)xml->line;
}

static void
parse_all(PfFeedXml *xml, const GString *text, gboolean final)
{
    gboolean ends_with_return = !final && text->len > 0 && text->str[text->len - 1] == '\r';

    xmlParseChunk(xml->context, text->str, (int)text->len, final);
    while (xml->rest) {
        g_autoptr(GString) rest = g_steal_pointer(&xml->rest);
        if (ends_with_return) /* libxml2 had not looked at it yet */
            g_string_append_c(rest, '\r');
        begin_anew(xml);
        xmlParseChunk(xml->context, rest->str, (int)rest->len, final);
    }
}

static void
parse(PfFeedXml *xml, const GString *text, gboolean final)
{
    /* Some faults come without the parser that they belong to; libxml2 would print them. */
    xmlStructuredErrorFunc other = xmlStructuredError;
    void *other_data = xmlStructuredErrorContext;

    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore_error);
    parse_all(xml, text, final);
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
