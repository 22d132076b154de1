/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is done with URLs but fetching: which are of the web, their parts, which two are one address, where a
 * reference leads, and how they are shown without secrets. On libcurl's own parser, so that what is checked is what is
 * asked; nothing else in the program uses that parser, but for libflattr, which stands alone. Pure; any thread.
 */
#pragma once

#include <glib.h>

/* --- schemes --- */

/** Whether a text begins with "http://" or "https://", in any case: what is asked of a server, and no file's name. */
gboolean pf_url_is_web(const char *text);

/** Bytes of the scheme that a text begins with, without the ":"; 0 when it begins with none. */
gsize pf_url_scheme_length(const char *text);

/** Whether a text begins with a scheme and ":", in any case. g_uri_peek_scheme() keeps each scheme that it meets for as
 * long as the program runs, and feeds may make up as many as they like. */
gboolean pf_url_has_scheme(const char *text, const char *scheme);

/* --- parts --- */

typedef enum {
    PF_URL_SCHEME, /* in small letters, as the next */
    PF_URL_HOST,
    PF_URL_PATH,
    PF_URL_QUERY,
} PfUrlPart;

/**
 * Copies a part of a URL of any scheme.
 *
 * Returns: (transfer full): as it is written, but for "." and ".." in a path; NULL when @url has no such part or is no
 * URL as it stands.
 */
char *pf_url_dup_part(const char *url, PfUrlPart part);

/** Returns: (transfer full): the host in small letters; "" when it is not a URL, even with its blanks escaped. */
char *pf_url_dup_host(const char *url);

/** Bytes of a URL. An auto-submit URL's description of 1,000 characters may take 12,000 bytes, its title 1,200. */
#define PF_URL_PARTS_MAX 16384

/** A URL taken apart that would not mean one thing to a person and another to a server. */
typedef struct {
    struct Curl_URL *url; /* libcurl's handle */
    char *host;           /* lower case */
    char *query;          /* as it is written, or NULL */
    gboolean is_plain;    /* default port, no user, host written without escapes: nothing that hides where it leads */
    GStrv segments;       /* of the path, one trailing slash left out */
    guint count;          /* of segments */
} PfUrlParts;

/**
 * Takes a URL apart.
 *
 * @text: may be NULL
 * @allow_blank: whether " " may be in it, as in a value that a form has encoded
 *
 * Returns: (transfer full): NULL when @text is NULL or no absolute http or https URL that libcurl accepts, has a
 * control character, white space or what cannot be seen, is no UTF-8 or longer than PF_URL_PARTS_MAX.
 */
PfUrlParts *pf_url_parts_new(const char *text, gboolean allow_blank);
void pf_url_parts_free(PfUrlParts *parts);

/** The whole URL as libcurl writes it, with its host in small letters. Returns: (transfer full). */
char *pf_url_parts_dup_normalised(const PfUrlParts *parts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfUrlParts, pf_url_parts_free)

/* --- identity: feeds, podcatchers and servers write one address in many ways --- */

/**
 * Spells an address as all its spellings have in common: without the scheme (http or https), user and password, a port
 * that is the default, a fragment and slashes at the end; the host in small letters, "&amp;" as "&", and percent
 * escapes decoded. It serves comparing, not fetching.
 *
 * Returns: (transfer full): that spelling, bytes that need not be UTF-8; what is not an http or https URL, such as a
 * GUID or a file's name, as it is.
 */
char *pf_url_identity(const char *address);

/**
 * Spells a feed's address so that a rule of the user's holds however a feed, a podcatcher or a list writes it: as
 * pf_url_identity(), and also without "feed:", "www.", steps in the path ("." and "..", escaped or not), and without
 * regard to capital letters; all names of this machine are one. A file's name is made canonical. Two addresses that
 * differ may have one key: a rule holds for too much rather than for too little.
 *
 * Returns: (transfer full).
 */
char *pf_url_rule_key(const char *address);

/**
 * The last part of an address's path: what a podcatcher names a file after.
 *
 * @address: an http or https URL; of anything else (a path) what follows its last slash is taken
 * @decoded: whether percent escapes are decoded
 *
 * Returns: (transfer full): not empty and without query and fragment; NULL when there is none. Bytes.
 */
char *pf_url_basename(const char *address, gboolean decoded);

/**
 * Lists where a file is that an address leads to: that address, and those that stand within its path, since services
 * that count downloads put themselves in front ("https://dts.podtrac.com/redirect.mp3/HOST/PATH",
 * "https://op3.dev/e/https://HOST/PATH").
 *
 * Returns: (transfer full): each without its query, spelt as pf_url_identity() spells it; the address's own first; none
 * for what is not an http or https URL.
 */
char **pf_url_list_places(const char *address);

/** Whether scheme, host and port are the same. */
gboolean pf_url_is_same_origin(const char *url, const char *other);

/** Whether a URL is on the site of the one that was named, which at most has begun to use TLS since: same host and
 * port, or https on its own port after http on its own. */
gboolean pf_url_is_same_site(const char *named, const char *moved);

/** Whether a document at @address that names @url (may be NULL) thereby names another place on the web. */
gboolean pf_url_leads_elsewhere(const char *url, const char *address);

/* --- between transfers --- */

/**
 * Splits the user and the password off a URL. Blanks are escaped in one that would otherwise be none.
 *
 * @user, @password: (out) (transfer full): decoded, NULL where there is none
 *
 * Returns: (transfer full): the URL without them; as it is when it is not a URL.
 */
char *pf_url_split(const char *url, char **user, char **password);

/** Puts a user and a password, decoded, NULL for none, into a URL. Returns: (transfer full); as it is if it is none. */
char *pf_url_join(const char *url, const char *user, const char *password);

/** Returns: (transfer full): the URL without user and password, with its blanks escaped; NULL when it is none. */
char *pf_url_dup_bare(const char *url);

/**
 * Resolves a reference. Blanks and what is not ASCII are escaped in a relative one, and in an absolute one that would
 * otherwise be no URL.
 *
 * Returns: (transfer full): an absolute URL; NULL when it would be none.
 */
char *pf_url_resolve(const char *base, const char *reference);

/* --- the addresses in a document: what is absolute stays byte for byte, what is relative is resolved --- */

/**
 * Makes a base that addresses can be resolved against.
 *
 * @text: an xml:base or a feed's address, as written
 * @outer: the base that it may itself be relative to, or NULL
 *
 * Returns: (transfer full): an absolute http or https URL without user, password and fragment; NULL when it is none.
 */
char *pf_url_dup_base(const char *text, const char *outer);

/**
 * Resolves an address.
 *
 * @text: as written in the feed; may be NULL
 * @base: as pf_url_dup_base() made it, or NULL
 *
 * Returns: (transfer full): the trimmed address, absolute where that is possible; NULL when it is empty. One that lacks
 * only the scheme, and has no base to take it from, gets https.
 */
char *pf_url_make_absolute(const char *text, const char *base);

/**
 * Reads "feed://a.example/x" and "feed:https://a.example/x", as links that open a podcatcher have them; itpc, pcast,
 * podcast and rss mean the same.
 *
 * Returns: (transfer full): the http or https URL that such an address stands for; a copy of any other text.
 */
char *pf_url_dup_web(const char *text);

/**
 * Whether a text looks like an address of the web that lacks its scheme, as people type it: "a.example/x",
 * "127.0.0.1:8000/x". It may be a file's name all the same.
 */
gboolean pf_url_is_bare(const char *text);

/** As pf_url_dup_web(), and puts "http://" before what pf_url_is_bare(). Returns: (transfer full). */
char *pf_url_dup_typed(const char *text);

/* --- printing --- */

/**
 * Copies a URL for people to read: without its password.
 *
 * Returns: (transfer full): one line, safe for a terminal; else unchanged where there is no password. Of what is not a
 * URL but may be meant for one with a password, all before the last "@" is left out. Any thread.
 */
char *pf_url_printable(const char *url);
