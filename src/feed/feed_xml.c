/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/log.h"
#include "feed/feed_address.h"
#include "feed/feed_build.h"
#include "feed/feed_text.h"

/* libxml2 ends where it takes the root for closed, which stray end tags can do, and a second root. So it is given roots
 * of ours around everything, one for each stray tag that is survived. */
#define SHELLS 32
#define SHELL "_"

/* How far down, and how many elements on, a feed is looked for in a document that begins with something else. */
#define MAX_WRAPPERS 8
#define MAX_OTHERS 100

/* libxml2 2.12 made the error that a handler gets constant. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *PfXmlError;
#else
typedef xmlError *PfXmlError;
#endif

/* An open element. */
typedef struct {
    PfPlace place;
    const char *name; /* in libxml2's dictionary */
    char *base;       /* its own or the nearest ancestor's; NULL: there is nothing to resolve against */
} Element;

struct PfFeedXml {
    xmlParserCtxtPtr context;
    PfBuild build;
    PfItemFunc item_func;
    gpointer item_data;
    guint items;

    guint shells;     /* open ones of ours */
    GArray *elements; /* of Element; the first is the document, above the root */
    char *own_uri;    /* the root's namespace, and what it means */
    guint own;
    guint others;     /* elements seen that are no feed */
    char *first_root; /* what the document begins with, for telling that it is no feed */
    guint first_line;
    gboolean has_feed;

    guint text_depth; /* elements->len when the element whose text is being kept was open; 0: no text is kept */
    PfFeedText *text;
    gboolean tag_is_doubtful; /* libxml2 found a fault in the tag that it reads, and may have lost part of a value */
    char *closing;            /* what an end tag names that libxml2 takes for another one's */

    gboolean done;
    GError *error; /* ended the parse */
    PfFeedFault fault;
};

static void
clear_element(gpointer element)
{
    g_free(((Element *)element)->base);
}

static guint
current_line(const PfFeedXml *xml)
{
    return (guint)MAX(xmlSAX2GetLineNumber(xml->context), 1);
}

static void G_GNUC_PRINTF(3, 4) fail(PfFeedXml *xml, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (!xml->error) {
        va_start(arguments, format);
        xml->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
        va_end(arguments);
    }
    xmlStopParser(xml->context);
}

static void
deliver_item(PfFeedXml *xml)
{
    GError *error = NULL;

    if (xml->items == PF_FEED_MAX_ITEMS) {
        fail(xml, PF_FEED_ERROR_LIMIT, "line %u: more than %d items", current_line(xml), PF_FEED_MAX_ITEMS);
        return;
    }
    xml->items++;
    if (xml->item_func(xml->build.feed, pf_build_steal_item(&xml->build), xml->item_data, &error))
        return;
    xml->error = error;
    xml->done = !error;
    xmlStopParser(xml->context);
}

static const Element *
innermost(const PfFeedXml *xml)
{
    return &g_array_index(xml->elements, Element, xml->elements->len - 1);
}

static gboolean
is_item(PfPlace place)
{
    return place == PF_PLACE_ITEM || place == PF_PLACE_ENTRY;
}

/* --- end tags --- */

/* Closes the innermost element; one that its own end tag closes is complete, and its text or item counts. */
static void
leave_element(PfFeedXml *xml, gboolean complete)
{
    const Element *element = innermost(xml);
    PfPlace place = element->place;

    if (xml->text_depth == xml->elements->len) {
        xml->text_depth = 0;
        if (complete)
            pf_build_add_text(&xml->build, place, pf_feed_text_finish(xml->text), element->base);
    } else if (xml->text_depth) {
        pf_feed_text_add_end(xml->text, element->name);
    }
    g_array_set_size(xml->elements, xml->elements->len - 1);
    if (!is_item(place))
        return;
    if (complete)
        deliver_item(xml);
    else
        pf_item_free(pf_build_steal_item(&xml->build));
}

/* An end tag that does not fit closes what it names, with all that was left open in there; one that names nothing open
 * is passed over. (libxml2 would let it close whatever is innermost, and from there on mistake every level.) */
static void
end_element(void *data, const xmlChar *local_name, const xmlChar *prefix, const xmlChar *uri)
{
    PfFeedXml *xml = data;
    g_autofree char *closing = g_steal_pointer(&xml->closing);
    const char *name = closing ? closing : (const char *)local_name;
    guint at = xml->elements->len - 1;

    (void)prefix;
    (void)uri;
    if (xml->error || xml->done)
        return;
    while (at > 0 && !g_str_equal(g_array_index(xml->elements, Element, at).name, name))
        at--;
    while (at > 0 && xml->elements->len > at && !xml->error && !xml->done)
        leave_element(xml, xml->elements->len == at + 1);
}

/* --- start tags --- */

/* Looks for the base of an element, which is its own, or the one around it. */
static char *
base_of(const PfAttributes *attributes, const char *outer)
{
    g_autofree char *own = pf_attributes_dup(attributes, PF_ATTRIBUTES_XML, "base");
    char *base = own ? pf_feed_address_base(own, outer) : NULL;

    return base ? base : g_strdup(outer);
}

/* A document's first element says what its namespace, and none, mean: a <feed> is Atom's whatever it calls itself. */
static void
settle_own(PfFeedXml *xml, const char *name, const char *prefix, const char *uri)
{
    g_free(xml->own_uri);
    xml->own_uri = g_strdup(uri);
    xml->own = PF_NAMESPACE_RSS;
    if ((g_str_equal(name, "feed") || g_str_equal(name, "entry")) &&
        !(pf_place_namespaces(uri, prefix, NULL, 0) & PF_NAMESPACE_ATOM))
        xml->own |= PF_NAMESPACE_ATOM;
}

/* An element around the feed, or beside it. Returns whether to look into it. */
static gboolean
pass_other(PfFeedXml *xml, const char *name)
{
    if (!xml->first_root) {
        xml->first_root = g_strndup(name, pf_text_cut(name, strlen(name), 40));
        xml->first_line = current_line(xml);
    }
    if (!xml->has_feed && ++xml->others > MAX_OTHERS)
        fail(xml, PF_FEED_ERROR_NOT_A_FEED, "not a feed: line %u begins an <%s> document", xml->first_line,
             xml->first_root);
    return xml->elements->len <= MAX_WRAPPERS;
}

/* Tells an element's place from where it stands. */
static PfPlace
place_of(PfFeedXml *xml, const char *name, const char *prefix, const char *uri, const PfAttributes *attributes)
{
    PfPlace parent = innermost(xml)->place;

    if (parent == PF_PLACE_DOCUMENT && !xml->has_feed)
        settle_own(xml, name, prefix, uri);
    guint namespaces = pf_place_namespaces(uri, prefix, xml->own_uri, xml->own);
    PfPlace place = pf_place_of(parent, namespaces, name);
    if (place == PF_PLACE_ATOM_LINK && (namespaces & PF_NAMESPACE_RSS)) { /* RSS's, where its namespace is Atom's */
        g_autofree char *href = pf_attributes_dup(attributes, NULL, "href");
        if (!href)
            place = pf_place_of(parent, namespaces & ~(guint)PF_NAMESPACE_ATOM, name);
    }
    if (parent == PF_PLACE_DOCUMENT && place == PF_PLACE_NOWHERE && pass_other(xml, name))
        place = PF_PLACE_DOCUMENT;
    return place;
}

/* Closes what lacks its end tag: a link or an enclosure has nothing in it, and an item no item. */
static void
end_unclosed(PfFeedXml *xml, const char *name)
{
    PfPlace place = innermost(xml)->place;

    if (place >= PF_PLACE_RECIPIENT && place <= PF_PLACE_ATOM_LINK)
        leave_element(xml, TRUE);
    if (is_item(innermost(xml)->place) && g_str_equal(innermost(xml)->name, name))
        leave_element(xml, TRUE);
}

/* Opens an element that means something. */
static void
enter_place(PfFeedXml *xml, const Element *element, const PfAttributes *attributes)
{
    xml->has_feed = xml->has_feed || element->place != PF_PLACE_DOCUMENT;
    if (is_item(element->place))
        pf_build_begin_item(&xml->build, attributes);
    if (element->place >= PF_PLACE_FIRST_TEXT) {
        xml->text_depth = xml->elements->len + 1;
        pf_feed_text_begin(xml->text, element->place, attributes);
    }
    pf_build_add_attributes(&xml->build, element->place, attributes, element->base);
}

/* Opens an element within a text. */
static void
enter_text(PfFeedXml *xml, const Element *element, const PfAttributes *attributes)
{
    const char *outer = g_array_index(xml->elements, Element, xml->text_depth - 1).base;
    gboolean same = g_strcmp0(element->base, outer) == 0;

    pf_feed_text_add_start(xml->text, element->name, attributes, same ? NULL : element->base);
}

static void
start_element(void *data, const xmlChar *local_name, const xmlChar *prefix, const xmlChar *namespace_uri,
              int namespace_count, const xmlChar **declared, int attribute_count, int defaulted, const xmlChar **values)
{
    PfFeedXml *xml = data;
    const char *name = (const char *)local_name;
    PfAttributes attributes = {.values = values, .count = xml->tag_is_doubtful ? 0 : attribute_count - defaulted};

    (void)namespace_count;
    (void)declared;
    xml->tag_is_doubtful = FALSE;
    if (xml->shells < SHELLS) {
        xml->shells++;
        return;
    }
    if (xml->elements->len > PF_FEED_MAX_DEPTH) {
        fail(xml, PF_FEED_ERROR_LIMIT, "line %u: elements within each other more than %d deep", current_line(xml),
             PF_FEED_MAX_DEPTH);
        return;
    }
    end_unclosed(xml, name);
    if (xml->error || xml->done)
        return;
    Element element = {.place = place_of(xml, name, (const char *)prefix, (const char *)namespace_uri, &attributes),
                       .name = name};
    if (element.place != PF_PLACE_NOWHERE || xml->text_depth)
        element.base = base_of(&attributes, innermost(xml)->base);
    if (element.place != PF_PLACE_NOWHERE)
        enter_place(xml, &element, &attributes);
    else if (xml->text_depth)
        enter_text(xml, &element, &attributes);
    g_array_append_val(xml->elements, element);
}

/* --- text, faults --- */

static void
characters(void *data, const xmlChar *text, int length)
{
    PfFeedXml *xml = data;

    if (xml->text_depth)
        pf_feed_text_add(xml->text, (const char *)text, (gsize)length, xml->elements->len > xml->text_depth);
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

/* --- the parser --- */

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
pf_feed_xml_new(PfFeed *feed, PfItemFunc item, gpointer data)
{
    PfFeedXml *xml = g_new0(PfFeedXml, 1);
    Element document = {.place = PF_PLACE_DOCUMENT, .name = "", .base = pf_feed_address_base(feed->address, NULL)};

    xml->build.feed = feed;
    xml->item_func = item;
    xml->item_data = data;
    xml->own = PF_NAMESPACE_RSS;
    xml->text = pf_feed_text_new();
    xml->elements = g_array_new(FALSE, FALSE, sizeof(Element));
    g_array_set_clear_func(xml->elements, clear_element);
    g_array_append_val(xml->elements, document);
    xml->context = new_context(xml);
    for (int i = 0; i < SHELLS; i++)
        xmlParseChunk(xml->context, "<" SHELL ">", (int)strlen("<" SHELL ">"), FALSE);
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
    g_array_unref(xml->elements);
    pf_feed_text_free(xml->text);
    pf_build_clear(&xml->build);
    g_clear_error(&xml->error);
    pf_feed_fault_clear(&xml->fault);
    g_free(xml->own_uri);
    g_free(xml->first_root);
    g_free(xml->closing);
    g_free(xml);
}

/* Says at the end what kind of document this was, or that it breaks off. */
static void
judge_end(PfFeedXml *xml)
{
    if (!xml->has_feed && xml->first_root)
        fail(xml, PF_FEED_ERROR_NOT_A_FEED, "not a feed: line %u begins an <%s> document", xml->first_line,
             xml->first_root);
    else if (xml->elements->len > 1 && !xml->done)
        pf_feed_fault_keep(&xml->fault, current_line(xml), "the feed ends within <%s>", innermost(xml)->name);
}

gboolean
pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error)
{
    if (!pf_feed_xml_is_over(xml)) {
        /* Some faults come without the parser that they belong to; libxml2 would print them. */
        xmlStructuredErrorFunc other = xmlStructuredError;
        void *other_data = xmlStructuredErrorContext;
        xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore_error);
        xmlParseChunk(xml->context, text->str, (int)text->len, final);
        xmlSetStructuredErrorFunc(other_data, other);
    }
    if (final && !xml->error)
        judge_end(xml);
    if (xml->error)
        g_propagate_error(error, g_error_copy(xml->error));
    return !xml->error;
}

gboolean
pf_feed_xml_is_over(const PfFeedXml *xml)
{
    return xml->error || xml->done || xml->context->instate == XML_PARSER_EOF;
}

gboolean
pf_feed_xml_is_done(const PfFeedXml *xml)
{
    return xml->done;
}

gboolean
pf_feed_xml_has_feed(const PfFeedXml *xml)
{
    return xml->has_feed;
}

const PfFeedFault *
pf_feed_xml_get_fault(const PfFeedXml *xml)
{
    return &xml->fault;
}
