/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/formats.h"

#include <stdlib.h>
#include <string.h>

/* --- choosing --- */

/* In the order of preference where several are accepted. */
static const struct {
    SandboxForm form;
    const char *types[2]; /* that an Accept header may name */
} forms[] = {
    {SANDBOX_FORM_JSON, {"application/json", "application/stream+json"}},
    {SANDBOX_FORM_STREAM, {"application/stream+json", "application/json"}},
    {SANDBOX_FORM_ATOM, {"application/atom+xml", NULL}},
    {SANDBOX_FORM_XML, {"text/xml", "application/xml"}},
    {SANDBOX_FORM_YAML, {"application/yaml", NULL}},
    {SANDBOX_FORM_TEXT, {"text/plain", NULL}},
};

static gboolean
is_refused(char **parameters)
{
    for (char **at = parameters; *at; at++) {
        const char *text = g_strstrip(*at);
        if (g_ascii_strncasecmp(text, "q=", 2) == 0 && g_ascii_strtod(text + 2, NULL) <= 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
accepts(const char *accept, const char *type)
{
    g_autofree char *whole = g_strndup(type, strcspn(type, "/"));
    g_autofree char *any = g_strconcat(whole, "/*", NULL);
    const char *const covering[] = {"*/*", any, type};
    gboolean accepted = FALSE;
    int closest = -1;

    if (!accept || !*accept)
        return TRUE;

    g_auto(GStrv) ranges = g_strsplit(accept, ",", -1);
    for (char **range = ranges; *range; range++) {
        g_auto(GStrv) parts = g_strsplit(*range, ";", -1);
        const char *name = parts[0] ? g_strstrip(parts[0]) : "";
        for (int i = 0; i < (int)G_N_ELEMENTS(covering); i++) {
            if (i >= closest && g_ascii_strcasecmp(name, covering[i]) == 0) {
                closest = i;
                accepted = !is_refused(parts + 1);
            }
        }
    }
    return accepted;
}

SandboxForm
sandbox_formats_choose(const SandboxRequest *request, guint offered)
{
    if (request->form != SANDBOX_FORM_NONE)
        return offered & (1U << request->form) ? request->form : SANDBOX_FORM_OTHER;
    for (gsize type = 0; type < G_N_ELEMENTS(forms[0].types); type++) {
        for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
            /* A list's stream must be asked for by its suffix: who accepts one kind of JSON only means a list. */
            gboolean usual = forms[i].form != SANDBOX_FORM_STREAM || !(offered & (1U << SANDBOX_FORM_JSON));
            if (usual && (offered & (1U << forms[i].form)) && forms[i].types[type] &&
                accepts(request->accept, forms[i].types[type]))
                return forms[i].form;
        }
    }
    return SANDBOX_FORM_OTHER;
}

gboolean
sandbox_formats_is_callback(const char *name)
{
    gsize length = strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_$.");

    return length > 0 && length <= 64 && !name[length] && !g_ascii_isdigit(*name);
}

/* --- quirks --- */

static gboolean
is_empty(const json_t *value)
{
    return (json_is_string(value) && !*json_string_value(value)) || (json_is_array(value) && !json_array_size(value));
}

/* Returns (transfer full) the same as the real service wrote it at times. */
static json_t *
make_odd(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;

    if (json_is_integer(value))
        return json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value))
        return json_integer(json_is_true(value));
    if (json_is_array(value)) {
        json_t *list = json_array();
        json_array_foreach ((json_t *)value, index, member)
            json_array_append_new(list, make_odd(member));
        return list;
    }
    if (!json_is_object(value))
        return json_deep_copy(value);
    json_t *object = json_object();
    json_object_foreach ((json_t *)value, name, member)
        if (!is_empty(member))
            json_object_set_new(object, name, make_odd(member));
    return object;
}

/* --- XML, YAML, text --- */

/* XML 1.0 has no way to write these, not even as references. */
static gboolean
is_forbidden(gunichar character)
{
    return (character < 0x20 && character != '\t' && character != '\n' && character != '\r') || character == 0xFFFE ||
           character == 0xFFFF;
}

/* Returns (transfer full) a text as XML holds it. @text: NULL for none */
static char *
escape(const char *text)
{
    g_autoptr(GString) allowed = g_string_new(NULL);

    for (const char *at = text ? text : ""; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        g_string_append_unichar(allowed, is_forbidden(character) ? 0xFFFD : character);
    }
    return g_markup_escape_text(allowed->str, -1);
}

static void
add_element(GString *xml, const char *name, const json_t *value)
{
    const char *member_name, *text = json_string_value(value);
    const json_t *member;
    size_t index;

    g_string_append_printf(xml, "<%s>", name);
    if (json_is_object(value)) {
        json_object_foreach ((json_t *)value, member_name, member)
            add_element(xml, member_name, member);
    } else if (json_is_array(value)) {
        json_array_foreach ((json_t *)value, index, member) {
            const char *type = json_string_value(json_object_get(member, "type"));
            add_element(xml, type ? type : "item", member);
        }
    } else {
        char *number = text ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        g_autofree char *escaped = escape(text ? text : number);
        g_string_append(xml, escaped);
        free(number);
    }
    g_string_append_printf(xml, "</%s>", name);
}

static char *
dup_xml(const json_t *json)
{
    GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    const char *type = json_string_value(json_object_get(json, "type"));

    add_element(xml, type ? type : "response", json);
    g_string_append_c(xml, '\n');
    return g_string_free(xml, FALSE);
}

/* A value behind "name:" or "-". JSON's texts and numbers are YAML's too. */
static void
add_yaml(GString *yaml, const json_t *value, int depth)
{
    const char *name;
    const json_t *member;
    size_t index;

    if ((!json_is_object(value) || !json_object_size(value)) && (!json_is_array(value) || !json_array_size(value))) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        g_string_append_printf(yaml, "%s%s\n", depth ? " " : "", text);
        free(text);
        return;
    }
    if (depth)
        g_string_append_c(yaml, '\n');
    json_object_foreach ((json_t *)value, name, member) {
        g_string_append_printf(yaml, "%*s%s:", 2 * depth, "", name);
        add_yaml(yaml, member, depth + 1);
    }
    json_array_foreach ((json_t *)value, index, member) {
        g_string_append_printf(yaml, "%*s-", 2 * depth, "");
        add_yaml(yaml, member, depth + 1);
    }
}

static char *
dup_yaml(const json_t *json)
{
    GString *yaml = g_string_new(NULL);

    add_yaml(yaml, json, 0);
    return g_string_free(yaml, FALSE);
}

/* Categories and languages, one a line. */
static char *
dup_lines(const json_t *list)
{
    GString *lines = g_string_new(NULL);
    const json_t *item;
    size_t index;

    json_array_foreach ((json_t *)list, index, item)
        g_string_append_printf(lines, "%s %s\n", json_string_value(json_object_get(item, "id")),
                               json_string_value(json_object_get(item, "text")));
    return g_string_free(lines, FALSE);
}

/* --- activity streams --- */

/* Returns (transfer full) a time as the documentation's streams have it: an hour ahead of UTC, as at Flattr's. */
static char *
dup_time(gint64 time)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_offset(3600);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time);
    g_autoptr(GDateTime) local = utc ? g_date_time_to_timezone(utc, zone) : NULL;

    return local ? g_date_time_format(local, "%Y-%m-%dT%H:%M:%S+01:00") : g_strdup("");
}

/* Returns (transfer full) a title as it stands in a thing's address: words with hyphens between them. */
static char *
dup_slug(const char *title)
{
    GString *slug = g_string_new(NULL);

    for (const char *at = title; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_isalnum(character))
            g_string_append_unichar(slug, character);
        else if (character != '\'' && slug->len && slug->str[slug->len - 1] != '-')
            g_string_append_c(slug, '-');
    }
    if (slug->len && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    g_autofree char *plain = g_string_free(slug, FALSE);
    return g_uri_escape_string(plain, NULL, FALSE);
}

static const char *
get_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* Writes a flattr, or a thing that was submitted, as an item of a stream. */
static json_t *
make_item(const json_t *object)
{
    gboolean flattred = g_str_equal(get_text(object, "type"), "flattr");
    const json_t *thing = flattred ? json_object_get(object, "thing") : object;
    const json_t *owner = json_object_get(object, "owner");
    const char *user = get_text(owner, "username"), *name = get_text(thing, "title");
    json_int_t id = json_integer_value(json_object_get(thing, "id"));
    g_autofree char *published = dup_time(json_integer_value(json_object_get(object, "created_at")));
    g_autofree char *title = g_strdup_printf("%s %s \"%s\"", user, flattred ? "flattred" : "submitted", name);
    g_autofree char *slug = dup_slug(name);
    g_autofree char *address = g_strconcat(get_text(thing, "link"), *slug ? "/" : "", slug, NULL);
    /* A tag URI (RFC 4151) names the day; the time's first ten letters are it. */
    g_autofree char *tag = g_strdup_printf("tag:flattr.com,%.10s:%s/%s/%" JSON_INTEGER_FORMAT, published, user,
                                           flattred ? "flattr" : "thing", id);

    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:s, s:{s:s, s:s, s:s}, s:s}", "published", published, "title",
                     title, "actor", "displayName", user, "url", get_text(owner, "link"), "objectType", "person",
                     "verb", flattred ? "like" : "post", "object", "displayName", name, "url", address, "objectType",
                     "bookmark", "id", tag);
}

/* Returns (transfer full) the items of a list of flattrs or things. */
static json_t *
make_items(const json_t *list)
{
    json_t *items = json_array();
    const json_t *object;
    size_t index;

    json_array_foreach ((json_t *)list, index, object)
        json_array_append_new(items, make_item(object));
    return items;
}

/* Atom feeds (RFC 4287), with the Atom Activity Extensions of Activity Streams 1.0. */
#define SCHEMA "http://activitystrea.ms/schema/1.0/"

/* Returns (transfer full) what a member of an object, or of an object in it, says, escaped. */
static char *
dup_escaped(const json_t *object, const char *of, const char *name)
{
    return escape(json_string_value(json_object_get(of ? json_object_get(object, of) : object, name)));
}

static void
add_person(GString *feed, const json_t *item)
{
    g_autofree char *name = dup_escaped(item, "actor", "displayName");
    g_autofree char *url = dup_escaped(item, "actor", "url");

    g_string_append_printf(feed,
                           "<author><name>%s</name><uri>%s</uri><activity:object-type>" SCHEMA
                           "person</activity:object-type></author>\n",
                           name, url);
}

static void
add_object(GString *feed, const json_t *item)
{
    g_autofree char *title = dup_escaped(item, "object", "displayName");
    g_autofree char *url = dup_escaped(item, "object", "url");

    g_string_append_printf(feed,
                           "<activity:object><id>%s</id><title>%s</title><link rel=\"alternate\" href=\"%s\"/>"
                           "<activity:object-type>" SCHEMA "bookmark</activity:object-type></activity:object>\n",
                           url, title, url);
}

static void
add_entry(GString *feed, const json_t *item)
{
    g_autofree char *id = dup_escaped(item, NULL, "id");
    g_autofree char *title = dup_escaped(item, NULL, "title");
    g_autofree char *published = dup_escaped(item, NULL, "published");
    g_autofree char *url = dup_escaped(item, "object", "url");
    g_autofree char *verb = dup_escaped(item, NULL, "verb");

    g_string_append_printf(feed,
                           "<entry>\n<id>%s</id><title>%s</title><published>%s</published><updated>%s</updated>"
                           "<link rel=\"alternate\" href=\"%s\"/>\n<activity:verb>" SCHEMA "%s</activity:verb>\n",
                           id, title, published, published, url, verb);
    add_person(feed, item);
    add_object(feed, item);
    g_string_append(feed, "</entry>\n");
}

/*
 * Writes a feed.
 *
 * @address: of the feed itself
 * @now: seconds since the epoch; when a feed without items was changed last
 * @items: of the stream as JSON, the newest first
 *
 * Returns: (transfer full): the feed. Characters that XML cannot hold are replaced.
 */
static char *
dup_feed(const char *address, gint64 now, const json_t *items)
{
    g_autofree char *text = dup_time(now);
    GString *feed = g_string_new("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                 "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
                                 "xmlns:activity=\"http://activitystrea.ms/spec/1.0/\">\n");
    g_autofree char *escaped = g_markup_escape_text(address, -1);
    g_autofree char *newest = dup_escaped(json_array_get(items, 0), NULL, "published");

    g_string_append_printf(feed,
                           "<id>%s</id><title>Activities</title><updated>%s</updated><link rel=\"self\" "
                           "href=\"%s\"/>\n",
                           escaped, *newest ? newest : text, escaped);
    for (size_t i = 0; i < json_array_size(items); i++)
        add_entry(feed, json_array_get(items, i));
    g_string_append(feed, "</feed>\n");
    return g_string_free(feed, FALSE);
}

static char *
dup_atom(const SandboxRequest *request, const char *base, const json_t *list)
{
    const char *type = g_hash_table_lookup(request->query, "type");
    g_autofree char *path = g_uri_escape_string(request->path, "/:@", FALSE);
    g_autofree char *address = g_strconcat(base, "/rest/v2", path, ".atom", type ? "?type=" : NULL, type, NULL);
    json_t *items = make_items(list);
    char *feed = dup_feed(address, request->now, items);

    json_decref(items);
    return feed;
}

/* --- all of them --- */

static void
set_take(SandboxAnswer *answer, const char *type, char *text)
{
    sandbox_answer_set_text(answer, answer->status, type, text);
    g_free(text);
}

/* Calls back with what JSON would be the answer. */
static void
wrap(SandboxAnswer *answer, const char *callback)
{
    set_take(answer, "application/javascript;charset=utf-8",
             g_strdup_printf("%s(%s);", callback, answer->body ? answer->body : ""));
}

static void
set_json_take(SandboxAnswer *answer, const char *type, gboolean quirks, json_t *json)
{
    json_t *odd = quirks ? make_odd(json) : json_incref(json);
    char *text = json_dumps(odd, JSON_COMPACT | (quirks ? JSON_ESCAPE_SLASH : 0));

    sandbox_answer_set_text(answer, answer->status, type, text);
    free(text);
    json_decref(odd);
    json_decref(json);
}

void
sandbox_formats_apply(const SandboxRequest *request, SandboxForm form, const char *base, gboolean quirks,
                      SandboxAnswer *answer)
{
    const char *callback = g_hash_table_lookup(request->query, "jsonp");
    json_t *json = answer->body ? json_loadb(answer->body, answer->length, 0, NULL) : NULL;
    gboolean listed = json_is_array(json), streamed = form == SANDBOX_FORM_STREAM || form == SANDBOX_FORM_ATOM;

    if (!json)
        return;
    /* What a search found is a list in an object. */
    if (streamed && json_is_array(json_object_get(json, "things"))) {
        json_t *things = json_incref(json_object_get(json, "things"));
        json_decref(json);
        json = things;
        listed = TRUE;
    }
    if (form == SANDBOX_FORM_XML)
        set_take(answer, "text/xml;charset=utf-8", dup_xml(json));
    else if (form == SANDBOX_FORM_YAML)
        set_take(answer, "application/yaml;charset=utf-8", dup_yaml(json));
    else if (form == SANDBOX_FORM_TEXT && listed)
        set_take(answer, "text/plain;charset=utf-8", dup_lines(json));
    else if (form == SANDBOX_FORM_ATOM && listed)
        set_take(answer, "application/atom+xml;charset=utf-8", dup_atom(request, base, json));
    else if (form == SANDBOX_FORM_STREAM && listed)
        set_json_take(answer, "application/stream+json", quirks, json_pack("{s:o}", "items", make_items(json)));
    else if (quirks)
        set_json_take(answer, answer->type, quirks, json_incref(json));
    if (callback && *callback && sandbox_formats_is_callback(callback) && (!streamed || form == SANDBOX_FORM_STREAM) &&
        form != SANDBOX_FORM_XML && form != SANDBOX_FORM_YAML && form != SANDBOX_FORM_TEXT)
        wrap(answer, callback);
    json_decref(json);
}
