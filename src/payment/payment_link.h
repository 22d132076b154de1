/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says what a payment link is and which thing it names, from the text of its URL alone: nothing is fetched, no redirect
 * followed. Pure; any thread.
 *
 * Sources: Flattr's auto-submit and thing URLs, and the discoverable URLs of its API page "Things" (GitHub, SoundCloud,
 * Twitter, Instagram).
 */
#pragma once

#include <glib.h>

#include "base/url.h"

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
 * Returns: (transfer full): the link, as one from a link; NULL when @url is no absolute http or https URL that libcurl
 * accepts, has a control character or is longer than PF_PAYMENT_MAX_URL.
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
 * auto-submit URL with a receiver and for a profile, "podcast:NAME", else "host:NAME", the site that is paid: of the
 * page that is submitted, or of the link itself. What a payee cannot choose at will, unlike a feed's address.
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
