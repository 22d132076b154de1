/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/item.h"

#include <string.h>

G_DEFINE_QUARK(pf_feed_error, pf_feed_error)

void
pf_feed_fault_keep(PfFeedFault *fault, guint line, const char *format, ...)
{
    va_list arguments;

    if (fault->text)
        return;
    va_start(arguments, format);
    fault->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fault->line = line;
}

void
pf_feed_fault_clear(PfFeedFault *fault)
{
    g_clear_pointer(&fault->text, g_free);
    fault->line = 0;
}

PfEnclosure *
pf_enclosure_new_take(char *url, char *type, gint64 length)
{
    PfEnclosure *enclosure = g_new(PfEnclosure, 1);

    *enclosure = (PfEnclosure){.url = url, .type = type, .length = length};
    return enclosure;
}

void
pf_enclosure_free(PfEnclosure *enclosure)
{
    if (!enclosure)
        return;
    g_free(enclosure->url);
    g_free(enclosure->type);
    g_free(enclosure);
}

static void
free_enclosure(gpointer enclosure)
{
    pf_enclosure_free(enclosure);
}

PfItemText *
pf_item_text_new_take(char *html, char *base)
{
    PfItemText *text = g_new(PfItemText, 1);

    *text = (PfItemText){.html = html, .base = base};
    return text;
}

void
pf_item_text_free(PfItemText *text)
{
    if (!text)
        return;
    g_free(text->html);
    g_free(text->base);
    g_free(text);
}

static void
free_text(gpointer text)
{
    pf_item_text_free(text);
}

PfFunding *
pf_funding_new_take(char *url)
{
    PfFunding *funding = g_new0(PfFunding, 1);

    funding->url = url;
    return funding;
}

void
pf_funding_free(PfFunding *funding)
{
    if (!funding)
        return;
    g_free(funding->url);
    g_free(funding->text);
    g_free(funding);
}

static void
free_funding(gpointer funding)
{
    pf_funding_free(funding);
}

void
pf_recipient_free(PfRecipient *recipient)
{
    if (!recipient)
        return;
    g_free(recipient->name);
    g_free(recipient->type);
    g_free(recipient->address);
    g_free(recipient->custom_key);
    g_free(recipient->custom_value);
    g_free(recipient);
}

static void
free_recipient(gpointer recipient)
{
    pf_recipient_free(recipient);
}

PfValue *
pf_value_new(void)
{
    PfValue *value = g_new0(PfValue, 1);

    value->recipients = g_ptr_array_new_with_free_func(free_recipient);
    return value;
}

void
pf_value_free(PfValue *value)
{
    if (!value)
        return;
    g_free(value->type);
    g_free(value->method);
    g_free(value->suggested);
    g_ptr_array_unref(value->recipients);
    g_free(value);
}

static void
free_value(gpointer value)
{
    pf_value_free(value);
}

PfFeed *
pf_feed_new(const char *address)
{
    PfFeed *feed = g_new0(PfFeed, 1);

    feed->address = g_strdup(address);
    feed->payment_links = g_ptr_array_new_with_free_func(g_free);
    feed->texts = g_ptr_array_new_with_free_func(free_text);
    feed->feeds = g_ptr_array_new_with_free_func(g_free);
    feed->left_out = g_ptr_array_new_with_free_func(g_free);
    feed->funding = g_ptr_array_new_with_free_func(free_funding);
    feed->values = g_ptr_array_new_with_free_func(free_value);
    return feed;
}

void
pf_feed_free(PfFeed *feed)
{
    if (!feed)
        return;
    g_free(feed->address);
    g_free(feed->title);
    g_free(feed->link);
    g_free(feed->guid);
    g_free(feed->owner);
    g_free(feed->image);
    g_free(feed->new_address);
    g_free(feed->next_page);
    g_ptr_array_unref(feed->payment_links);
    g_ptr_array_unref(feed->texts);
    g_ptr_array_unref(feed->feeds);
    g_ptr_array_unref(feed->left_out);
    g_ptr_array_unref(feed->funding);
    g_ptr_array_unref(feed->values);
    g_free(feed);
}

PfItem *
pf_item_new(void)
{
    PfItem *item = g_new0(PfItem, 1);

    item->duration = -1;
    item->enclosures = g_ptr_array_new_with_free_func(free_enclosure);
    item->payment_links = g_ptr_array_new_with_free_func(g_free);
    item->texts = g_ptr_array_new_with_free_func(free_text);
    item->funding = g_ptr_array_new_with_free_func(free_funding);
    item->values = g_ptr_array_new_with_free_func(free_value);
    return item;
}

void
pf_item_free(PfItem *item)
{
    if (!item)
        return;
    g_free(item->guid);
    g_free(item->title);
    g_free(item->link);
    g_ptr_array_unref(item->enclosures);
    g_ptr_array_unref(item->payment_links);
    g_ptr_array_unref(item->texts);
    g_ptr_array_unref(item->funding);
    g_ptr_array_unref(item->values);
    g_free(item);
}

gsize
pf_item_get_size(const PfItem *item)
{
    const char *const strings[] = {item->guid, item->title, item->link};
    gsize size = sizeof *item;

    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        size += strings[i] ? strlen(strings[i]) : 0;
    for (guint i = 0; i < item->enclosures->len; i++)
        size += strlen(((PfEnclosure *)item->enclosures->pdata[i])->url);
    for (guint i = 0; i < item->texts->len; i++)
        size += strlen(((PfItemText *)item->texts->pdata[i])->html);
    for (guint i = 0; i < item->payment_links->len; i++)
        size += strlen(item->payment_links->pdata[i]);
    return size;
}

void
pf_item_drop_texts(PfItem *item)
{
    g_ptr_array_set_size(item->texts, 0);
}

GPtrArray *
pf_item_set_intersect(const GPtrArray *one, const GPtrArray *other)
{
    GPtrArray *both = g_ptr_array_new();

    for (guint i = 0; i < one->len; i++) {
        if (g_ptr_array_find((GPtrArray *)other, one->pdata[i], NULL))
            g_ptr_array_add(both, one->pdata[i]);
    }
    return both;
}

GPtrArray *
pf_item_set_join(const GPtrArray *one, const GPtrArray *other)
{
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < one->len; i++)
        g_ptr_array_add(all, one->pdata[i]);
    for (guint i = 0; i < other->len; i++) {
        if (!g_ptr_array_find(all, other->pdata[i], NULL))
            g_ptr_array_add(all, other->pdata[i]);
    }
    return all;
}

void
pf_item_set_keep_only(GPtrArray *items, const GPtrArray *kept)
{
    g_ptr_array_set_size(items, 0);
    for (guint i = 0; i < kept->len; i++)
        g_ptr_array_add(items, kept->pdata[i]);
}

PfKnownFeed *
pf_known_feed_new(void)
{
    return g_new0(PfKnownFeed, 1);
}

void
pf_known_feed_free(PfKnownFeed *feed)
{
    if (!feed)
        return;
    g_free(feed->url);
    g_free(feed->address);
    g_free(feed->title);
    g_free(feed->payments);
    g_free(feed->etag);
    g_free(feed->last_modified);
    g_free(feed->fault);
    g_free(feed->next_page);
    g_free(feed->show);
    g_free(feed);
}

PfKnownItem *
pf_known_item_new(void)
{
    PfKnownItem *item = g_new0(PfKnownItem, 1);

    item->item = pf_item_new();
    return item;
}

void
pf_known_item_free(PfKnownItem *item)
{
    if (!item)
        return;
    pf_known_feed_free(item->feed);
    pf_item_free(item->item);
    g_free(item->payments);
    g_free(item);
}
