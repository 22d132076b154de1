/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/json_feed.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/url.h"

#include <jansson.h>
#include <string.h>

struct PfFeedJson {
    PfFeed *feed;
    PfFeedElements *elements;
    char *base; /* what addresses are relative to, or NULL */

    GString *rest; /* all but what stands in "items" */
    GString *item; /* the one that is being read */
    guint line;
    guint item_line; /* where it begins */
    guint depth;     /* of open objects and lists */
    gboolean in_items;
    gboolean in_string;
    gboolean is_escaped;  /* the next character of a string */
    gsize name;           /* where in the rest the last string of the outermost object begins */
    gboolean is_items;    /* that string was "items": a list after it is theirs */
    gboolean is_item_cut; /* it is too large, and was not kept whole */
    gboolean is_rest_cut;
    gboolean is_begun; /* the rest was looked at when the items began */

    PfFeedFault fault;
};

PfFeedJson *
pf_feed_json_new(PfFeed *feed, PfFeedElements *elements)
{
    PfFeedJson *json = g_new0(PfFeedJson, 1);

    json->feed = feed;
    json->elements = elements;
    json->base = pf_url_dup_base(feed->address, NULL);
    json->rest = g_string_new(NULL);
    json->item = g_string_new(NULL);
    json->line = 1;
    return json;
}

void
pf_feed_json_free(PfFeedJson *json)
{
    if (!json)
        return;
    g_string_free(json->rest, TRUE);
    g_string_free(json->item, TRUE);
    g_free(json->base);
    pf_feed_fault_clear(&json->fault);
    g_free(json);
}

const PfFeedFault *
pf_feed_json_get_fault(const PfFeedJson *json)
{
    return &json->fault;
}

/* --- members --- */

/* Returns: (transfer full) (nullable): a text, trimmed; NULL when there is none. */
static char *
dup_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    g_autofree char *trimmed = text ? g_strstrip(g_strdup(text)) : NULL;

    return trimmed && *trimmed ? g_steal_pointer(&trimmed) : NULL;
}

/* Ids are texts, but some write numbers. */
static char *
dup_id(const json_t *object)
{
    const json_t *id = json_object_get(object, "id");

    if (json_is_integer(id))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(id));
    return json_is_real(id) ? g_strdup_printf("%.17g", json_real_value(id)) : dup_text(object, "id");
}

static char *
dup_url(const PfFeedJson *json, const json_t *object, const char *name)
{
    g_autofree char *text = dup_text(object, name);

    return pf_url_make_absolute(text, json->base);
}

/* A number that is not negative, or -1. */
static gint64
number_of(const json_t *object, const char *name)
{
    const json_t *number = json_object_get(object, name);
    double value = json_number_value(number);

    return json_is_number(number) && value >= 0 && value < 9e15 ? (gint64)value : -1;
}

/* --- items --- */

static void
add_attachments(const PfFeedJson *json, const json_t *object, PfItem *item)
{
    const json_t *list = json_object_get(object, "attachments");

    for (gsize i = 0; i < json_array_size(list) && i < PF_FEED_MAX_LINKS; i++) {
        const json_t *attachment = json_array_get(list, i);
        char *url = dup_url(json, attachment, "url");

        if (!url)
            continue;
        g_ptr_array_add(item->enclosures, pf_enclosure_new_take(url, dup_text(attachment, "mime_type"),
                                                                number_of(attachment, "size_in_bytes")));
        if (item->duration < 0)
            item->duration = number_of(attachment, "duration_in_seconds");
    }
}

static PfItem *
make_item(const PfFeedJson *json, const json_t *object)
{
    PfItem *item = pf_item_new();
    g_autofree char *published = dup_text(object, "date_published");
    g_autofree char *modified = dup_text(object, "date_modified");
    char *html = dup_text(object, "content_html");

    item->guid = dup_id(object);
    item->title = dup_text(object, "title");
    item->link = dup_url(json, object, "url");
    item->has_published = pf_clock_parse(published, &item->published) || pf_clock_parse(modified, &item->published);
    add_attachments(json, object, item);
    if (html)
        g_ptr_array_add(item->texts, pf_item_text_new_take(html, g_strdup(json->base)));
    return item;
}

/* Delivers the item that has been read. */
static void
end_item(PfFeedJson *json)
{
    json_error_t failure;
    json_t *object = json->is_item_cut ? NULL : json_loadb(json->item->str, json->item->len, 0, &failure);

    if (json->is_item_cut)
        pf_feed_fault_keep(&json->fault, json->item_line, _("an item larger than %u MiB was left out"),
                           (guint)(PF_FEED_MAX_JSON / 1024 / 1024));
    else if (!object)
        pf_feed_fault_keep(&json->fault, json->item_line + (guint)MAX(failure.line - 1, 0),
                           _("an item that is not valid JSON was left out"));
    else if (json_is_object(object))
        pf_feed_elements_add_item(json->elements, make_item(json, object), json->line);
    json_decref(object);
    json->is_item_cut = FALSE;
    g_string_truncate(json->item, 0);
}

/* --- the feed itself --- */

static void
set(char **where, char *value_taken)
{
    if (!*where)
        *where = g_steal_pointer(&value_taken);
    g_free(value_taken);
}

static void
take_feed(PfFeedJson *json, const json_t *object)
{
    PfFeed *feed = json->feed;
    const json_t *authors = json_object_get(object, "authors");
    const json_t *author = json_array_get(authors, 0);

    set(&feed->title, dup_text(object, "title"));
    set(&feed->link, dup_url(json, object, "home_page_url"));
    set(&feed->image, dup_url(json, object, "icon"));
    set(&feed->next_page, dup_url(json, object, "next_url"));
    set(&feed->owner, dup_text(author ? author : json_object_get(object, "author"), "name"));
}

static gboolean
is_json_feed(const json_t *object)
{
    const char *version = json_string_value(json_object_get(object, "version"));

    return version && strstr(version, "jsonfeed.org/version/");
}

/* Reads what stands beside the items, as far as it has come: an item is delivered with what is known of its feed. */
static void
begin_items(PfFeedJson *json)
{
    g_autofree char *text = g_strconcat(json->rest->str, "]}", NULL);
    json_t *object = json_loads(text, 0, NULL);

    if (is_json_feed(object))
        take_feed(json, object);
    json_decref(object);
}

static gboolean
end_feed(PfFeedJson *json, GError **error)
{
    gboolean is_whole = json->depth == 0 && !json->in_string;
    const char *end = is_whole ? "" : json->in_items ? "]}" : "}";
    g_autofree char *text = g_strconcat(json->rest->str, end, NULL);
    json_t *object = json->is_rest_cut ? NULL : json_loads(text, 0, NULL);
    gboolean is_feed = is_json_feed(object);

    if (is_feed) {
        take_feed(json, object);
        pf_feed_elements_begin(json->elements);
        json->feed->breaks_off = !is_whole;
        if (!is_whole)
            pf_feed_fault_keep(&json->fault, json->line, _("the feed breaks off"));
    } else if (json->is_rest_cut) {
        g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT, _("line %u: more than %u MiB beside the feed's items"),
                    json->line, (guint)(PF_FEED_MAX_JSON / 1024 / 1024));
    } else {
        g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, _("not a feed: %s"),
                    object ? _("JSON, but not a JSON Feed: its version is not one of jsonfeed.org's")
                           : _("JSON that cannot be read"));
    }
    json_decref(object);
    return is_feed;
}

/* --- characters --- */

/* What stands between the items is nothing. */
static void
keep(PfFeedJson *json, char character)
{
    gboolean in_item = json->item_line > 0;
    GString *where = in_item ? json->item : json->rest;

    if (json->in_items && json->depth == 2 && !in_item)
        return;
    if (where->len < PF_FEED_MAX_JSON)
        g_string_append_c(where, character);
    else if (in_item)
        json->is_item_cut = TRUE;
    else
        json->is_rest_cut = TRUE;
}

static void
take_in_string(PfFeedJson *json, char character)
{
    keep(json, character);
    if (json->is_escaped) {
        json->is_escaped = FALSE;
    } else if (character == '\\') {
        json->is_escaped = TRUE;
    } else if (character == '"') {
        json->in_string = FALSE;
        json->is_items = json->depth == 1 && g_str_equal(json->rest->str + json->name, "\"items\"");
    }
}

static void
open_list(PfFeedJson *json, char character)
{
    gboolean begins_items = json->depth == 1 && character == '[' && json->is_items;

    if (json->in_items && json->depth == 2)
        json->item_line = json->line;
    json->depth++;
    keep(json, character);
    if (!begins_items)
        return;
    json->in_items = TRUE;
    if (!json->is_begun)
        begin_items(json);
    json->is_begun = TRUE;
}

static void
close_list(PfFeedJson *json, char character)
{
    json->depth -= json->depth > 0;
    if (json->in_items && json->depth == 1) {
        json->in_items = json->is_items = FALSE;
        keep(json, character);
        return;
    }
    keep(json, character);
    if (!json->in_items || json->depth != 2)
        return;
    end_item(json);
    json->item_line = 0;
}

static void
take(PfFeedJson *json, char character)
{
    json->line += character == '\n';
    if (json->in_string) {
        take_in_string(json, character);
    } else if (character == '"') {
        json->in_string = TRUE;
        json->name = json->rest->len;
        keep(json, character);
    } else if (character == '{' || character == '[') {
        open_list(json, character);
    } else if (character == '}' || character == ']') {
        close_list(json, character);
    } else {
        keep(json, character);
    }
}

gboolean
pf_feed_json_push(PfFeedJson *json, const GString *text, gboolean final, GError **error)
{
    for (gsize i = 0; i < text->len && !pf_feed_elements_is_over(json->elements); i++) {
        take(json, text->str[i]);
        if (json->depth > PF_FEED_MAX_DEPTH) {
            g_set_error(error, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT,
                        _("line %u: objects and lists nested more than %d deep"), json->line, PF_FEED_MAX_DEPTH);
            return FALSE;
        }
    }
    const GError *failure = pf_feed_elements_get_error(json->elements);
    if (failure) {
        g_propagate_error(error, g_error_copy(failure));
        return FALSE;
    }
    return !final || pf_feed_elements_is_over(json->elements) || end_feed(json, error);
}
