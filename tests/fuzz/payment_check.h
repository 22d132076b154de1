/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold of every payment that is read out of any bytes: its key is what a server makes of it, and mending what
 * is sent changes no key. For the fuzz targets.
 */
#pragma once

#include "payment/payment_link.h"
#include "sandbox/urls.h"

/** What the sandbox has under each of a page's addresses, as the site has it: once. Returns: (transfer full). */
static inline char *
payment_check_dup_page(const char *page)
{
    static const struct {
        const char *pattern;
        const char *replacement;
    } sites[] = {
        {"^https://gist\\.github\\.com/[^/]+/", "https://gist.github.com/"},
        {"^https://twitter\\.com/[^/]+/status(es)?/", "https://twitter.com/i/status/"},
    };
    char *known = g_strdup(page);

    for (gsize i = 0; i < G_N_ELEMENTS(sites); i++) {
        g_autoptr(GRegex) regex = g_regex_new(sites[i].pattern, 0, 0, NULL);
        g_autofree char *address = known;
        known = g_regex_replace_literal(regex, address, -1, 0, sites[i].replacement, 0, NULL);
    }
    return known;
}

/**
 * What the sandbox would flattr for a URL: a name that differs when the thing differs.
 *
 * Returns: (transfer full): NULL when it refuses it, or what it is to it is another matter than to us.
 */
static inline char *
payment_check_dup_thing(const char *url, PfPaymentKind kind)
{
    g_autoptr(SandboxUrl) at_server = sandbox_url_read(url);

    if (at_server->kind == SANDBOX_URL_THING && kind == PF_PAYMENT_THING)
        return g_strdup_printf("thing:%" G_GINT64_FORMAT, at_server->id);
    if (at_server->kind == SANDBOX_URL_DISCOVERABLE && kind == PF_PAYMENT_DISCOVERABLE)
        return payment_check_dup_page(at_server->page);
    if (at_server->kind != SANDBOX_URL_AUTO_SUBMIT || kind != PF_PAYMENT_AUTO_SUBMIT)
        return NULL;
    /* A page that is known by itself has one key, however it is linked to. */
    g_autoptr(PfPayment) page = pf_payment_new(at_server->page);
    if (page && page->kind == PF_PAYMENT_PROFILE)
        return g_strdup(page->key);
    if (page && (page->kind == PF_PAYMENT_THING || page->kind == PF_PAYMENT_DISCOVERABLE))
        return payment_check_dup_thing(page->url, page->kind);
    return g_strdup(at_server->page);
}

/** Ends the program when @payment, whose key is set, is not as it must be. */
static inline void
payment_check_key(const PfPayment *payment)
{
    g_autofree char *sent = pf_payment_dup_request_url(payment);
    g_autoptr(PfPayment) again = pf_payment_new(sent);
    g_autofree char *thing = payment_check_dup_thing(sent, payment->kind);

    g_assert_true(payment->key && g_utf8_validate(payment->key, -1, NULL));
    g_assert_true(again && again->kind == payment->kind && g_str_equal(again->key, payment->key));
    if (thing)
        g_assert_cmpstr(payment->key, ==, thing);
}
