/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When two items or entries are the same episode although they name different things to pay: a podcast's mp3 feed and
 * its ogg feed, or a feed before and after it moved, carry the same GUID with links that differ. Paying both would be
 * paying twice.
 *
 * A GUID is unique within its feed by definition. Beyond its feed it is taken for unique when it looks as if somebody
 * had made it so: a URL, a tag: or urn: URI, or 16 bytes and more that are not digits alone (a UUID, a checksum). What
 * is shorter ("1", "episode-7") says nothing outside of its feed. Where this is wrong, an episode is not paid rather
 * than paid twice.
 *
 * Where an episode has no GUID, its page may be its name. To Flattr, "http://a.example/1" and "https://www.a.example/1"
 * are two things, as every part of an auto-submit URL's page identifies the thing; to a podcast they are one page
 * before and after it got a certificate, or lost its "www.". That one of them answers with something else, under the
 * same title and in the same feed, is not to be expected. Any other difference makes another page.
 *
 * Pure; any thread.
 */
#pragma once

#include <glib.h>

/** How many other spellings a page has. */
#define PF_EPISODE_SPELLINGS 3

/**
 * Spells a page's address in the other ways: with http or https, with "www." or without.
 *
 * Returns: (transfer full): PF_EPISODE_SPELLINGS of them, ended by NULL; none for what is no http or https URL.
 */
char **pf_episode_list_spellings(const char *page);

/** Whether a GUID means the same episode in every feed. @guid may be NULL, which means none. */
gboolean pf_episode_guid_is_global(const char *guid);

/**
 * Whether two addresses are the same feed: what pf_url_identity() leaves out, and "feed:" in front, make no
 * difference. What is no such URL (a file's name) is compared as it is. NULL is the same feed as none.
 */
gboolean pf_episode_same_feed(const char *one, const char *other);
