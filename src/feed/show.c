/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/show.h"

#include <jansson.h>
#include <string.h>

static void
free_funding(gpointer funding)
{
    pf_funding_free(funding);
}

static void
free_value(gpointer value)
{
    pf_value_free(value);
}

PfShow *
pf_show_new(void)
{
    PfShow *show = g_new0(PfShow, 1);

    show->payment_links = g_ptr_array_new_with_free_func(g_free);
    show->funding = g_ptr_array_new_with_free_func(free_funding);
    show->values = g_ptr_array_new_with_free_func(free_value);
    return show;
}

void
pf_show_free(PfShow *show)
{
    if (!show)
        return;
    g_free(show->url);
    g_free(show->address);
    g_free(show->title);
    g_free(show->page);
    g_free(show->guid);
    g_free(show->owner);
    g_free(show->image);
    g_ptr_array_unref(show->payment_links);
    g_ptr_array_unref(show->funding);
    g_ptr_array_unref(show->values);
    g_free(show);
}

/* --- the ways to pay --- */

void
pf_way_free(PfWay *way)
{
    if (!way)
        return;
    g_free(way->address);
    g_free(way->text);
    g_free(way);
}

static void
free_way(gpointer way)
{
    pf_way_free(way);
}

static void
add_way(GPtrArray *ways, PfWayKind kind, const char *address, const char *text)
{
    for (guint i = 0; i < ways->len; i++)
        if (g_str_equal(((const PfWay *)ways->pdata[i])->address, address))
            return;
    PfWay *way = g_new(PfWay, 1);
    *way = (PfWay){.kind = kind, .address = g_strdup(address), .text = g_strdup(text)};
    g_ptr_array_add(ways, way);
}

#define ALPHANUMERIC "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A name and a host's, by LUD-16, and the "+" that many add. What else an address has would end up in the link that
 * opens a wallet, or make it look like somebody else's. */
static gboolean
is_lightning_address(const char *address)
{
    gsize name = strspn(address, ALPHANUMERIC "-_.+");
    const char *host = address + name + 1;

    return name > 0 && address[name] == '@' && strspn(host, ALPHANUMERIC "-.") == strlen(host) &&
           g_ascii_isalnum(*host);
}

/* Whether a recipient is a person with a Lightning address, and no service that takes its fee. */
static gboolean
has_lightning_address(const PfRecipient *recipient)
{
    return recipient->address && is_lightning_address(recipient->address) && !recipient->fee &&
           g_strcmp0(recipient->type, "lnaddress") == 0;
}

static gint
compare_shares(gconstpointer one, gconstpointer other)
{
    gint64 first = (*(const PfRecipient *const *)one)->split, second = (*(const PfRecipient *const *)other)->split;

    return first > second ? -1 : first < second;
}

static void
add_lightning(GPtrArray *ways, const GPtrArray *values)
{
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();

    for (guint i = 0; i < values->len; i++) {
        const PfValue *value = values->pdata[i];
        for (guint j = 0; j < value->recipients->len; j++)
            if (has_lightning_address(value->recipients->pdata[j]))
                g_ptr_array_add(recipients, value->recipients->pdata[j]);
    }
    g_ptr_array_sort(recipients, compare_shares);
    for (guint i = 0; i < recipients->len; i++) {
        const PfRecipient *recipient = recipients->pdata[i];
        add_way(ways, PF_WAY_LIGHTNING, recipient->address, recipient->name);
    }
}

GPtrArray *
pf_show_list_ways(const PfShow *show, const PfItem *item)
{
    GPtrArray *ways = g_ptr_array_new_with_free_func(free_way);
    const GPtrArray *funding = item && item->funding->len > 0 ? item->funding : show->funding;

    add_lightning(ways, item && item->values->len > 0 ? item->values : show->values);
    for (guint i = 0; i < funding->len; i++) {
        const PfFunding *one = funding->pdata[i];
        add_way(ways, PF_WAY_FUNDING, one->url, one->text);
    }
    for (guint i = 0; i < show->payment_links->len; i++)
        add_way(ways, PF_WAY_PAYMENT_LINK, show->payment_links->pdata[i], NULL);
    if (show->page)
        add_way(ways, PF_WAY_PAGE, show->page, NULL);
    return ways;
}

/* --- as text --- */

static json_t *
recipient_to_json(const PfRecipient *recipient)
{
    return json_pack("{s:s*, s:s*, s:s*, s:I, s:s*, s:s*, s:b}", "name", recipient->name, "type", recipient->type,
                     "address", recipient->address, "split", (json_int_t)recipient->split, "key", recipient->custom_key,
                     "value", recipient->custom_value, "fee", recipient->fee);
}

static json_t *
value_to_json(const PfValue *value)
{
    json_t *recipients = json_array();

    for (guint i = 0; i < value->recipients->len; i++)
        json_array_append_new(recipients, recipient_to_json(value->recipients->pdata[i]));
    return json_pack("{s:s*, s:s*, s:s*, s:o}", "type", value->type, "method", value->method, "suggested",
                     value->suggested, "recipients", recipients);
}

char *
pf_show_pack_ways(const GPtrArray *funding, const GPtrArray *values)
{
    json_t *links, *pays, *both;

    if (funding->len + values->len == 0)
        return NULL;
    links = json_array();
    for (guint i = 0; i < funding->len; i++) {
        const PfFunding *one = funding->pdata[i];
        json_array_append_new(links, json_pack("{s:s, s:s*}", "url", one->url, "text", one->text));
    }
    pays = json_array();
    for (guint i = 0; i < values->len; i++)
        json_array_append_new(pays, value_to_json(values->pdata[i]));
    both = json_pack("{s:o, s:o}", "funding", links, "values", pays);
    char *text = json_dumps(both, JSON_COMPACT);
    json_decref(both);
    return text;
}

static char *
dup_member(const json_t *object, const char *name)
{
    return g_strdup(json_string_value(json_object_get(object, name)));
}

static PfRecipient *
recipient_from_json(const json_t *object)
{
    PfRecipient *recipient = g_new0(PfRecipient, 1);

    recipient->name = dup_member(object, "name");
    recipient->type = dup_member(object, "type");
    recipient->address = dup_member(object, "address");
    recipient->split = json_integer_value(json_object_get(object, "split"));
    recipient->custom_key = dup_member(object, "key");
    recipient->custom_value = dup_member(object, "value");
    recipient->fee = json_is_true(json_object_get(object, "fee"));
    return recipient;
}

static PfValue *
value_from_json(const json_t *object)
{
    PfValue *value = pf_value_new();
    const json_t *recipients = json_object_get(object, "recipients");

    value->type = dup_member(object, "type");
    value->method = dup_member(object, "method");
    value->suggested = dup_member(object, "suggested");
    for (gsize i = 0; i < json_array_size(recipients); i++)
        g_ptr_array_add(value->recipients, recipient_from_json(json_array_get(recipients, i)));
    return value;
}

void
pf_show_unpack_ways(const char *text, GPtrArray *funding, GPtrArray *values)
{
    json_t *both = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *links = json_object_get(both, "funding"), *pays = json_object_get(both, "values");

    for (gsize i = 0; i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        PfFunding *one;

        if (!json_is_string(json_object_get(link, "url")))
            continue;
        one = pf_funding_new_take(dup_member(link, "url"));
        one->text = dup_member(link, "text");
        g_ptr_array_add(funding, one);
    }
    for (gsize i = 0; i < json_array_size(pays); i++)
        g_ptr_array_add(values, value_from_json(json_array_get(pays, i)));
    json_decref(both);
}
