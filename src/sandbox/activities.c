/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/activities.h"

#include "base/clock.h"
#include "sandbox/objects.h"

#include <glib.h>
#include <jansson.h>

/*
 * Activity streams as Atom feeds (RFC 4287, with the Atom Activity Extensions of Activity Streams 1.0). Pure; any
 * thread.
 */

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

/*
 * Writes a feed.
 *
 * @address: of the feed itself
 * @now: seconds since the epoch; when a feed without items was changed last
 * @items: of the stream as JSON, the newest first, as sandbox_object_of_activity() writes them
 *
 * Returns: (transfer full): the feed. Characters that XML cannot hold are replaced.
 */
static char *
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

#define ITEMS_MAX 30

static void
answer_take_items(SandboxService *service, const SandboxRequest *request, json_t *items, SandboxAnswer *answer)
{
    if (sandbox_request_choose_form(request, TRUE) == SANDBOX_FORM_STREAM) {
        sandbox_answer_take_json_as(answer, 200, "application/stream+json", json_pack("{s:o}", "items", items));
        return;
    }
    const char *type = g_hash_table_lookup(request->query, "type");
    g_autofree char *path = g_uri_escape_string(request->path, "/:@", FALSE);
    g_autofree char *address =
        g_strconcat(service->base, "/rest/v2", path, ".atom", type ? "?type=" : NULL, type, NULL);
    g_autofree char *feed = sandbox_atom_dup_feed(address, request->now, items);
    sandbox_answer_set_text(answer, 200, "application/atom+xml;charset=utf-8", feed);
    json_decref(items);
}

static void
list_activities(SandboxService *service, const SandboxRequest *request, SandboxFlattrFilter filter, gint64 user_id,
                SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");

    if (!type || g_str_equal(type, "outgoing")) {
        filter.user_id = user_id;
    } else if (g_str_equal(type, "incoming")) {
        filter.owner_id = user_id;
    } else {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "type must be outgoing or incoming");
        return;
    }
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &filter, ITEMS_MAX, 0);
    json_t *items = json_array();
    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(items, sandbox_object_of_activity(g_ptr_array_index(flattrs, i)));
    answer_take_items(service, request, items, answer);
}

void
sandbox_activities_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");
    /* What one gave is never hidden from oneself; what others gave is. */
    const SandboxFlattrFilter filter = {.shown = g_strcmp0(type, "incoming") == 0,
                                        .viewer_id = sandbox_request_viewer(request)};

    list_activities(service, request, filter, request->user->id, answer);
}

void
sandbox_activities_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    const SandboxFlattrFilter filter = {.shown = TRUE, .viewer_id = sandbox_request_viewer(request)};
    if (user)
        list_activities(service, request, filter, user->id, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
}
