/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/items.h"

#include <string.h>

#include "feed/feed_address.h"
#include "feed/feed_build.h"
#include "feed/opml.h"
#include "feed/feed_place.h"
#include "feed/feed_text.h"

#define XHTML "http://www.w3.org/1999/xhtml"

/* How far down, and how many elements on, a feed is looked for in a document that begins with something else. */
#define MAX_WRAPPERS 8
#define MAX_OTHERS 100

/* An open element. */
typedef struct {
    PfPlace place;
    char *name;
    const char *base;    /* own_base or the nearest ancestor's; NULL: there is nothing to resolve against */
    char *own_base;      /* or NULL */
    gboolean is_foreign; /* within a text, and no HTML */
} Element;

struct PfFeedElements {
    PfBuild build;
    PfItemFunc item_func;
    gpointer item_data;
    guint items;

    GArray *open;  /* of Element; the first is the document, above the root */
    char *own_uri; /* the root's namespace, and what it means */
    guint own;
    guint others;     /* elements seen that are no feed */
    char *first_root; /* what the document begins with, for telling that it is no feed */
    guint first_line;
    gboolean has_feed;
    guint line; /* of the tag that is being handled */

    guint text_depth; /* open->len when the element whose text is being kept was open; 0: no text is kept */
    PfFeedText *text;

    PfFeedFault fault; /* a text that was too large */
    gboolean done;
    GError *error; /* ended the parse */
};

static void
clear_element(gpointer element)
{
    g_free(((Element *)element)->own_base);
    g_free(((Element *)element)->name);
}

static void G_GNUC_PRINTF(3, 4) fail(PfFeedElements *elements, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (elements->error)
        return;
    va_start(arguments, format);
    elements->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
    va_end(arguments);
}

static void
deliver_item(PfFeedElements *elements)
{
    GError *error = NULL;

    if (elements->items == PF_FEED_MAX_ITEMS) {
        fail(elements, PF_FEED_ERROR_LIMIT, "line %u: more than %d items", elements->line, PF_FEED_MAX_ITEMS);
        return;
    }
    elements->items++;
    if (elements->item_func(elements->build.feed, pf_build_steal_item(&elements->build), elements->item_data, &error))
        return;
    elements->error = error;
    elements->done = !error;
}

static const Element *
innermost(const PfFeedElements *elements)
{
    return &g_array_index(elements->open, Element, elements->open->len - 1);
}

static gboolean
is_item(PfPlace place)
{
    return place == PF_PLACE_ITEM || place == PF_PLACE_ENTRY;
}

/* --- end tags --- */

static void
keep_text(PfFeedElements *elements, const Element *element)
{
    const char *text = pf_feed_text_finish(elements->text);

    if (!pf_build_add_text(&elements->build, element->place, text, element->base))
        pf_feed_fault_keep(&elements->fault, elements->line,
                           "too much text in one episode, of which a part was left out");
    else if (pf_feed_text_is_cut(elements->text))
        pf_feed_fault_keep(&elements->fault, elements->line, "a text larger than 1 MiB, of which a part was left out");
}

/* Closes the innermost element; one that its own end tag closes is complete, and its text or item counts. */
static void
leave_element(PfFeedElements *elements, gboolean complete)
{
    const Element *element = innermost(elements);
    PfPlace place = element->place;

    if (elements->text_depth == elements->open->len) {
        elements->text_depth = 0;
        if (complete)
            keep_text(elements, element);
    } else if (elements->text_depth && !element->is_foreign) {
        pf_feed_text_add_end(elements->text, element->name);
    }
    g_array_set_size(elements->open, elements->open->len - 1);
    if (!is_item(place))
        return;
    if (complete)
        deliver_item(elements);
    else
        pf_item_free(pf_build_steal_item(&elements->build));
}

/* An end tag that does not fit closes what it names, with all that was left open in there; one that names nothing open
 * is passed over. */
void
pf_feed_elements_end(PfFeedElements *elements, const char *name, guint line)
{
    guint at = elements->open->len - 1;

    elements->line = line;
    while (at > 0 && !g_str_equal(g_array_index(elements->open, Element, at).name, name))
        at--;
    while (at > 0 && elements->open->len > at && !pf_feed_elements_is_over(elements))
        leave_element(elements, elements->open->len == at + 1);
}

/* --- start tags --- */

/* Looks for the base of an element, which is its own, or the one around it. */
static void
find_base(Element *element, const PfAttributes *attributes, const char *outer)
{
    g_autofree char *written = pf_attributes_dup(attributes, PF_ATTRIBUTES_XML, "base");

    element->own_base = written ? pf_feed_address_base(written, outer) : NULL;
    element->base = element->own_base ? element->own_base : outer;
}

/* A document's first element says what its namespace, and none, mean: a <feed> is Atom's whatever it calls itself. */
static void
settle_own(PfFeedElements *elements, const PfTag *tag)
{
    gboolean is_atom = g_str_equal(tag->name, "feed") || g_str_equal(tag->name, "entry");

    g_free(elements->own_uri);
    elements->own_uri = g_strdup(tag->uri);
    elements->own = PF_NAMESPACE_RSS;
    if (is_atom && !(pf_place_namespaces(tag->uri, tag->prefix, NULL, 0) & PF_NAMESPACE_ATOM))
        elements->own |= PF_NAMESPACE_ATOM;
}

/* An element around the feed, or beside it. Returns whether to look into it. */
static gboolean
pass_other(PfFeedElements *elements, const char *name)
{
    if (!elements->first_root) {
        elements->first_root = g_strndup(name, pf_text_cut(name, strlen(name), 40));
        elements->first_line = elements->line;
    }
    if (!elements->has_feed && ++elements->others > MAX_OTHERS)
        fail(elements, PF_FEED_ERROR_NOT_A_FEED, "not a feed: line %u begins an <%s> document", elements->first_line,
             elements->first_root);
    return elements->open->len <= MAX_WRAPPERS;
}

/* Tells an element's place from where it stands. */
static PfPlace
place_of(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace parent = innermost(elements)->place;

    if (parent == PF_PLACE_DOCUMENT && !elements->has_feed)
        settle_own(elements, tag);
    guint namespaces = pf_place_namespaces(tag->uri, tag->prefix, elements->own_uri, elements->own);
    PfPlace place = pf_place_of(parent, namespaces, tag->name);
    /* An RSS link in a feed whose own namespace is Atom's. */
    PfPlace other = place == PF_PLACE_ATOM_LINK && !pf_attributes_has(&tag->attributes, "href")
                        ? pf_place_of(parent, namespaces & ~(guint)PF_NAMESPACE_ATOM, tag->name)
                        : PF_PLACE_NOWHERE;
    if (other != PF_PLACE_NOWHERE)
        place = other;
    if (parent == PF_PLACE_DOCUMENT && place == PF_PLACE_NOWHERE && pass_other(elements, tag->name))
        place = PF_PLACE_DOCUMENT;
    return place;
}

/* An element of a list of feeds has no place in a feed. */
static gboolean
take_list(PfFeedElements *elements, const PfTag *tag)
{
    gboolean is_full = elements->build.feed->feeds->len == PF_FEED_MAX_ITEMS;

    if (!pf_opml_take_element(elements->build.feed, elements->open->len == 1, tag->name, tag->attributes.values,
                              tag->attributes.count))
        return FALSE;
    elements->has_feed = TRUE;
    if (is_full)
        pf_feed_fault_keep(&elements->fault, tag->line, "more than %d feeds in a list, of which the rest was left out",
                           PF_FEED_MAX_ITEMS);
    return TRUE;
}

/* Tells of attributes that are not kept whole. */
static void
note_cut(PfFeedElements *elements, const PfTag *tag)
{
    for (int i = 0; i < tag->attributes.count; i++) {
        const unsigned char **value = tag->attributes.values + (gsize)i * 5;

        if (value[4] - value[3] > (gssize)PF_FEED_MAX_TEXT)
            pf_feed_fault_keep(&elements->fault, tag->line,
                               "an attribute larger than 1 MiB, of which a part was left out");
    }
}

/* Whether an element is an item where the innermost one, an item itself, stands. */
static gboolean
is_next_item(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace outer = g_array_index(elements->open, Element, elements->open->len - 2).place;
    guint namespaces = pf_place_namespaces(tag->uri, tag->prefix, elements->own_uri, elements->own);

    return g_str_equal(innermost(elements)->name, tag->name) && is_item(pf_place_of(outer, namespaces, tag->name));
}

/* Closes what lacks its end tag: a link or an enclosure has nothing in it, and an item no item. */
static void
end_unclosed(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace place = innermost(elements)->place;

    if (place >= PF_PLACE_RECIPIENT && place <= PF_PLACE_ATOM_LINK)
        leave_element(elements, TRUE);
    if (is_item(innermost(elements)->place) && is_next_item(elements, tag))
        leave_element(elements, TRUE);
}

/* Opens an element that means something. */
static void
enter_place(PfFeedElements *elements, const Element *element, const PfAttributes *attributes)
{
    elements->has_feed = elements->has_feed || element->place != PF_PLACE_DOCUMENT;
    if (is_item(element->place))
        pf_build_begin_item(&elements->build, attributes);
    if (element->place >= PF_PLACE_FIRST_TEXT) {
        elements->text_depth = elements->open->len + 1;
        pf_feed_text_begin(elements->text, element->place, attributes);
    }
    pf_build_add_attributes(&elements->build, element->place, attributes, element->base);
    if (elements->build.is_cut)
        pf_feed_fault_keep(&elements->fault, elements->line, "more than %d of one kind, of which the rest was left out",
                           PF_FEED_MAX_LINKS);
}

/* Opens an element within a text. What has a namespace of another language is passed over, but not what is in it: an
 * Atom link there would look like HTML's. */
static void
enter_text(PfFeedElements *elements, Element *element, const PfTag *tag)
{
    const char *outer = g_array_index(elements->open, Element, elements->text_depth - 1).base;
    gboolean same = g_strcmp0(element->base, outer) == 0;

    element->is_foreign = tag->prefix && g_strcmp0(tag->uri, XHTML) != 0;
    if (!element->is_foreign)
        pf_feed_text_add_start(elements->text, element->name, &tag->attributes, same ? NULL : element->base);
}

void
pf_feed_elements_start(PfFeedElements *elements, const PfTag *tag)
{
    Element element = {0};

    elements->line = tag->line;
    if (elements->open->len > PF_FEED_MAX_DEPTH)
        fail(elements, PF_FEED_ERROR_LIMIT, "line %u: elements within each other more than %d deep", tag->line,
             PF_FEED_MAX_DEPTH);
    else
        end_unclosed(elements, tag);
    if (pf_feed_elements_is_over(elements))
        return;
    note_cut(elements, tag);
    element.name = g_strdup(tag->name);
    element.place = take_list(elements, tag) ? PF_PLACE_NOWHERE : place_of(elements, tag);
    if (element.place != PF_PLACE_NOWHERE || elements->text_depth)
        find_base(&element, &tag->attributes, innermost(elements)->base);
    if (element.place != PF_PLACE_NOWHERE)
        enter_place(elements, &element, &tag->attributes);
    else if (elements->text_depth)
        enter_text(elements, &element, tag);
    g_array_append_val(elements->open, element);
}

void
pf_feed_elements_add_text(PfFeedElements *elements, const char *text, gsize length)
{
    if (elements->text_depth)
        pf_feed_text_add(elements->text, text, length, elements->open->len > elements->text_depth);
}

/* --- the whole --- */

PfFeedElements *
pf_feed_elements_new(PfFeed *feed, PfItemFunc item, gpointer data)
{
    PfFeedElements *elements = g_new0(PfFeedElements, 1);
    Element document = {
        .place = PF_PLACE_DOCUMENT, .name = g_strdup(""), .own_base = pf_feed_address_base(feed->address, NULL)};

    document.base = document.own_base;
    elements->build.feed = feed;
    elements->item_func = item;
    elements->item_data = data;
    elements->own = PF_NAMESPACE_RSS;
    elements->text = pf_feed_text_new();
    elements->open = g_array_new(FALSE, FALSE, sizeof(Element));
    g_array_set_clear_func(elements->open, clear_element);
    g_array_append_val(elements->open, document);
    return elements;
}

void
pf_feed_elements_free(PfFeedElements *elements)
{
    if (!elements)
        return;
    g_array_unref(elements->open);
    pf_feed_text_free(elements->text);
    pf_build_clear(&elements->build);
    g_clear_error(&elements->error);
    pf_feed_fault_clear(&elements->fault);
    g_free(elements->own_uri);
    g_free(elements->first_root);
    g_free(elements);
}

void
pf_feed_elements_finish(PfFeedElements *elements)
{
    elements->build.feed->breaks_off = pf_feed_elements_get_open(elements) != NULL;
    if (!elements->has_feed && elements->first_root)
        fail(elements, PF_FEED_ERROR_NOT_A_FEED, "not a feed: line %u begins an <%s> document", elements->first_line,
             elements->first_root);
}

const char *
pf_feed_elements_get_open(const PfFeedElements *elements)
{
    return elements->open->len > 1 && !pf_feed_elements_is_over(elements) ? innermost(elements)->name : NULL;
}

gboolean
pf_feed_elements_is_over(const PfFeedElements *elements)
{
    return elements->error || elements->done;
}

gboolean
pf_feed_elements_is_done(const PfFeedElements *elements)
{
    return elements->done;
}

gboolean
pf_feed_elements_has_feed(const PfFeedElements *elements)
{
    return elements->has_feed;
}

const GError *
pf_feed_elements_get_error(const PfFeedElements *elements)
{
    return elements->error;
}

const PfFeedFault *
pf_feed_elements_get_fault(const PfFeedElements *elements)
{
    return &elements->fault;
}
