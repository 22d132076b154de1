/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/atom.h"

#include "base/clock.h"

#define SCHEMA "http://activitystrea.ms/schema/1.0/"

/* XML 1.0 has no way to write these, not even as references. */
static gboolean
is_forbidden(gunichar character)
{
    return (character < 0x20 && character != '\t' && character != '\n' && character != '\r') || character == 0xFFFE ||
           character == 0xFFFF;
}

/* Returns (transfer full) what a member of an object, or of an object in it, says, escaped. */
static char *
dup_text(const json_t *object, const char *of, const char *name)
{
    const char *text = json_string_value(json_object_get(of ? json_object_get(object, of) : object, name));
    g_autoptr(GString) allowed = g_string_new(NULL);

    for (const char *at = text ? text : ""; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        g_string_append_unichar(allowed, is_forbidden(character) ? 0xFFFD : character);
    }
    return g_markup_escape_text(allowed->str, -1);
}

static void
add_person(GString *feed, const json_t *item)
{
    g_autofree char *name = dup_text(item, "actor", "displayName");
    g_autofree char *url = dup_text(item, "actor", "url");

    g_string_append_printf(feed,
                           "<author><name>%s</name><uri>%s</uri><activity:object-type>" SCHEMA
                           "person</activity:object-type></author>\n",
                           name, url);
}

static void
add_object(GString *feed, const json_t *item)
{
    g_autofree char *title = dup_text(item, "object", "displayName");
    g_autofree char *url = dup_text(item, "object", "url");

    g_string_append_printf(feed,
                           "<activity:object><id>%s</id><title>%s</title><link rel=\"alternate\" href=\"%s\"/>"
                           "<activity:object-type>" SCHEMA "bookmark</activity:object-type></activity:object>\n",
                           url, title, url);
}

static void
add_entry(GString *feed, const json_t *item)
{
    g_autofree char *id = dup_text(item, NULL, "id");
    g_autofree char *title = dup_text(item, NULL, "title");
    g_autofree char *published = dup_text(item, NULL, "published");
    g_autofree char *url = dup_text(item, "object", "url");

    g_string_append_printf(feed,
                           "<entry>\n<id>%s</id><title>%s</title><published>%s</published><updated>%s</updated>"
                           "<link rel=\"alternate\" href=\"%s\"/>\n<activity:verb>" SCHEMA "like</activity:verb>\n",
                           id, title, published, published, url);
    add_person(feed, item);
    add_object(feed, item);
    g_string_append(feed, "</entry>\n");
}

char *
sandbox_atom_dup_feed(const char *address, gint64 now, const json_t *items)
{
    char text[PF_CLOCK_TEXT_SIZE];
    GString *feed = g_string_new("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                 "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
                                 "xmlns:activity=\"http://activitystrea.ms/spec/1.0/\">\n");
    g_autofree char *escaped = g_markup_escape_text(address, -1);
    g_autofree char *newest = dup_text(json_array_get(items, 0), NULL, "published");

    pf_clock_format(now, text);
    g_string_append_printf(feed,
                           "<id>%s</id><title>Activities</title><updated>%s</updated><link rel=\"self\" "
                           "href=\"%s\"/>\n",
                           escaped, *newest ? newest : text, escaped);
    for (size_t i = 0; i < json_array_size(items); i++)
        add_entry(feed, json_array_get(items, i));
    g_string_append(feed, "</feed>\n");
    return g_string_free(feed, FALSE);
}
