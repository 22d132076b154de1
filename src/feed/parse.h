/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the bytes of a feed into items, as they come and without I/O: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, in any
 * encoding; JSON Feed; of a web page, the feeds that it names.
 *
 * A push parser: memory depends on the largest item, not on the feed. No DTD is heeded, no entity but XML's own and
 * HTML's characters is expanded, nothing is fetched. Broken XML is read on as far as that is certain: every complete
 * item is delivered, a tag that may have lost part of an address gives none, and the first fault is kept with its line
 * for the caller to tell. A parser belongs to one thread at a time; parsers share nothing.
 *
 * The way of the bytes: decode.h makes UTF-8 of them, sniff.h finds where the feed begins and what it is, xml_repair.h
 * repairs what is broken, the XML parser (or web_page.h, json_feed.h) parses, items.h puts the feed and its items
 * together.
 */
#pragma once

#include "feed/item.h"
#include "feed/items.h"

/*
 * The XML parser: repaired text in, a feed's elements out, on libxml2's SAX2 interface.
 *
 * Memory depends on the largest tag, not on the feed. It relies on xml_repair.h: what comes is well-formed but for
 * its end. What libxml2 finds wrong all the same is shown, and decides nothing. One thread at a time.
 */

typedef struct PfFeedXml PfFeedXml;

/** Makes a parser. @elements: where all goes; lent, and to be freed before the parser */
PfFeedXml *pf_feed_xml_new(PfFeedElements *elements);
void pf_feed_xml_free(PfFeedXml *xml);

/**
 * Parses more text; what comes after the elements are over is passed over.
 *
 * @text: from pf_xml_repair_push(), without a DTD; NULL for none
 * @final: whether the feed ends with it
 *
 * Returns: FALSE with @error set when the parse is over for bad.
 */
gboolean pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error);

/** The first fault; owned by @xml. */
const PfFeedFault *pf_feed_xml_get_fault(const PfFeedXml *xml);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedXml, pf_feed_xml_free)

typedef struct PfFeedParser PfFeedParser;

/**
 * Makes a parser for one feed.
 *
 * @address: the feed's final URL, its file name, or "-"; URLs resolve relative links
 */
PfFeedParser *pf_feed_parser_new(const char *address, PfItemFunc item, gpointer data);
void pf_feed_parser_free(PfFeedParser *parser);

/**
 * Tells it what HTTP said about the feed; both are to be called before the first push, and need not be.
 *
 * @charset: the parameter of Content-Type, which goes before what the document says; NULL for none
 * @value: of a Link header, whose payment links are the channel's; once for each
 */
void pf_feed_parser_set_charset(PfFeedParser *parser, const char *charset);
void pf_feed_parser_add_link_header(PfFeedParser *parser, const char *value);

/** Feeds it more bytes, cut anywhere. Returns FALSE with @error set when the parse is over for bad. */
gboolean pf_feed_parser_push(PfFeedParser *parser, const char *bytes, gsize length, GError **error);

/**
 * Tells it that the feed is over. Returns FALSE with @error set when this was no feed, nor a page that names feeds or a
 * way to pay (PfFeed.kind tells which).
 */
gboolean pf_feed_parser_finish(PfFeedParser *parser, GError **error);

/** Whether the item callback has ended the parse quietly, so that no more bytes need be read. */
gboolean pf_feed_parser_is_done(const PfFeedParser *parser);

/** Gives the channel away; to be called last. Returns: (transfer full): the channel as read so far. */
PfFeed *pf_feed_parser_steal_feed(PfFeedParser *parser);

/** The first fault of a feed that was read all the same, "line 12: …", or NULL. Owned by the parser. */
const char *pf_feed_parser_get_fault(const PfFeedParser *parser);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedParser, pf_feed_parser_free)
