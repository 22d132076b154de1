# SPDX-License-Identifier: GPL-2.0-or-later
# from bytes to items, and from a file to its item
noinst_LIBRARIES += libfeed.a
libfeed_a_SOURCES = \
	src/feed/decode.c src/feed/decode.h \
	src/feed/fetch.c src/feed/fetch.h \
	src/feed/file_name.c src/feed/file_name.h \
	src/feed/find.c src/feed/find.h \
	src/feed/item.c src/feed/item.h \
	src/feed/item_identity.c src/feed/item_identity.h \
	src/feed/items.c src/feed/items.h \
	src/feed/json_feed.c src/feed/json_feed.h \
	src/feed/match.c src/feed/match.h \
	src/feed/opml.c src/feed/opml.h \
	src/feed/parse.c src/feed/parse.h \
	src/feed/show.c src/feed/show.h \
	src/feed/sniff.c src/feed/sniff.h \
	src/feed/store.c src/feed/store.h \
	src/feed/web_page.c src/feed/web_page.h \
	src/feed/xml_repair.c src/feed/xml_repair.h
