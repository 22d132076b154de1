/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says what a payment link is and which thing it names, from the text of its URL alone: nothing is fetched, no redirect
 * followed. Pure; any thread.
 *
 * Sources: Flattr's auto-submit and thing URLs, and the discoverable URLs of its API page "Things" (GitHub, SoundCloud,
 * Twitter, Instagram).
 */
#pragma once

#include "base/url.h"
#include <glib.h>

typedef enum {
    PF_PAYMENT_AUTO_SUBMIT,  /* flattr.com/submit/auto?url=… */
    PF_PAYMENT_THING,        /* flattr.com/thing/ID, /t/ID */
    PF_PAYMENT_PROFILE,      /* flattr.com/profile/USER, /@USER, /podcast/NAME */
    PF_PAYMENT_DISCOVERABLE, /* a page whose owner the server finds by itself */
    PF_PAYMENT_OTHER,        /* anything else: PayPal, Patreon, a web page … */
} PfPaymentKind;

/** Where a link was found, in the order of preference. */
typedef enum {
    PF_PAYMENT_FROM_LINK,   /* a rel="payment" link of the feed, or the user's word */
    PF_PAYMENT_FROM_BUTTON, /* an embedded button in a text, turned into the auto-submit URL that it stands for */
    PF_PAYMENT_FROM_HTML,   /* a link in a text */
} PfPaymentFrom;

typedef struct {
    char *url; /* as it was given */
    PfPaymentKind kind;
    PfPaymentFrom from;
    char *key; /* names the thing: equal keys are the same thing, however the URLs are written */
} PfPayment;

/**
 * Classifies a URL.
 *
 * Returns: (transfer full): the link, as one from a link; NULL when @url is not an absolute http or https URL that
 * libcurl accepts, has a control character or is longer than PF_PAYMENT_MAX_URL.
 */
PfPayment *pf_payment_new(const char *url);
void pf_payment_free(PfPayment *payment);

/**
 * Reads an address as browsers do where it is written by hand into a page or a feed (URL Standard, 4.4): without line
 * breaks and tabs, its blanks escaped.
 *
 * @address: without blanks around it
 *
 * Returns: (transfer full).
 */
char *pf_payment_dup_written(const char *address);

/**
 * The URL to ask a server to flattr: the one that was given, but with "&amp;" read as "&" in an auto-submit
 * URL, since a server would not find the owner in it.
 *
 * Returns: (transfer full).
 */
char *pf_payment_dup_request_url(const PfPayment *payment);

/**
 * Says who is paid by a link, as far as its text says so: "user:NAME" or "owner:IDENTIFIER" (in small letters) for an
 * auto-submit URL with a receiver, all of them with blanks between for one with several, and for a profile,
 * "podcast:NAME", else "host:NAME", the site that is paid: of the page that is submitted, or of the link itself. What a
 * payee cannot choose at will, unlike a feed's address.
 *
 * @url: may be none at all, which has no payee
 *
 * Returns: (transfer full): "" for no payee.
 */
char *pf_payment_dup_payee(const char *url);

#define PF_PAYMENT_MAX_URL PF_URL_PARTS_MAX /* bytes */

/** A kind's name in the JSON of `podflattr scan`: "auto-submit", "thing", "profile", "discoverable" or "other". */
const char *pf_payment_kind_name(PfPaymentKind kind);

/** A source's name in JSON: "link", "button" or "html". */
const char *pf_payment_from_name(PfPaymentFrom from);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPayment, pf_payment_free)

/*
 * Auto-submit URLs: made of their parameters, and checked. Pure; any thread.
 *
 * Source: Flattr's pages on auto-submit and on partner sites. The parameters are `url` (the page), one of `user_id`
 * (once `uid`), `fid` (which Flattr's own buttons had later) and `owner`, and as one likes `title`, `description`,
 * `language`, `tags`, `category`, `hidden` and `revsharekey`.
 */

/*
 * The parameters of a URL's query, decoded and encoded the way of HTML forms. Pure; any thread.
 */

typedef struct {
    char *name;  /* decoded; NULL when it cannot be */
    char *value; /* decoded; "" when there is none, NULL when it cannot be decoded */
} PfParameter;

/**
 * Reads a query.
 *
 * A parameter whose "&" was escaped once too often is called "amp;url" there, and is read as "url". What has a bad
 * escape, or is no UTF-8 without NUL when it is decoded, cannot be decoded.
 *
 * @query: what follows the "?", or NULL
 *
 * Returns: (transfer full): of PfParameter *, in the query's order; empty ones ("&&") are left out.
 */
GPtrArray *pf_parameters_read(const char *query);

/** Makes an empty list, for pf_parameters_add(). */
GPtrArray *pf_parameters_new(void);

/** Adds a parameter to a list; one whose value is NULL or empty is none. */
void pf_parameters_add(GPtrArray *parameters, const char *name, const char *value);

/** The first value of a name; NULL when it is not there or cannot be decoded. */
const char *pf_parameters_get(const GPtrArray *parameters, const char *name);

/** Undoes in a whole URL what pf_parameters_read() reads past: "&amp;" is "&" then. Returns: (transfer full). */
char *pf_parameters_unescape(const char *url);

/** Lengths of a title and of a description, in characters. */
#define PF_AUTO_SUBMIT_MIN_TEXT 5
#define PF_AUTO_SUBMIT_MAX_TITLE 100
#define PF_AUTO_SUBMIT_MAX_DESCRIPTION 1000

/**
 * Makes the URL; nothing is checked.
 *
 * @parameters: of PfParameter *, see pf_parameters_add()
 *
 * Returns: (transfer full).
 */
char *pf_auto_submit_new_url(const GPtrArray *parameters);

/**
 * Reads the parameters of an auto-submit URL, also of one that lacks what it needs and is none therefore.
 *
 * Returns: (transfer full) (nullable): of PfParameter *; NULL when the URL is not at auto-submit's address.
 */
GPtrArray *pf_auto_submit_read_url(const char *url);

/**
 * Checks one parameter.
 *
 * Returns: (transfer full) (nullable): what is wrong with it, as the end of a sentence that begins with its name ("must
 * have …"); NULL when nothing is. A name that is none of auto-submit's is wrong.
 */
char *pf_auto_submit_find_fault(const char *name, const char *value);

/**
 * Checks all of them, and that what is needed is there, once.
 *
 * Returns: (transfer full): of char *, sentences that say what is wrong; empty when a server would take the URL.
 */
GPtrArray *pf_auto_submit_find_faults(const GPtrArray *parameters);
