/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/url.h"
#include "net/http.h"

static gboolean
is_private(const char *text)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
        return pf_http_is_private((struct sockaddr *)&ipv4);
    g_assert_cmpint(inet_pton(AF_INET6, text, &ipv6.sin6_addr), ==, 1);
    return pf_http_is_private((struct sockaddr *)&ipv6);
}

static void
private_addresses_are_told_from_public_ones(void)
{
    static const char *const private_ones[] = {
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fdff::1",
        "ff02::1",
        "2002:7f00:1::1",
        "::127.0.0.1",
        "192.0.0.8",
        "198.19.0.1",
    };
    static const char *const public_ones[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",       "126.255.255.255",  "128.0.0.1",
        "172.15.0.1",      "172.32.0.1",      "192.167.0.1",    "100.63.255.255",   "100.128.0.1",
        "223.255.255.255", "2001:4860::8888", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(private_ones); i++) {
        g_test_message("%s", private_ones[i]);
        g_assert_true(is_private(private_ones[i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(public_ones); i++) {
        g_test_message("%s", public_ones[i]);
        g_assert_false(is_private(public_ones[i]));
    }
}

static void
names_of_private_networks_are_told_from_public_ones(void)
{
    static const char *const private_ones[] = {"localhost",   "router",      "nas.local",     "fritz.LAN",
                                               "a.localhost", "db.internal", "x.home.arpa",   "10.1.2.3",
                                               "127.0.0.1",   "[::1]",       "[fe80::1%25e]", "[fd00::1]"};
    static const char *const public_ones[] = {"a.example", "local.example", "1.1.1.1", "[2001:4860::8888]",
                                              "notlocal.com"};

    for (gsize i = 0; i < G_N_ELEMENTS(private_ones); i++) {
        g_test_message("%s", private_ones[i]);
        g_assert_true(pf_http_is_private_name(private_ones[i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(public_ones); i++) {
        g_test_message("%s", public_ones[i]);
        g_assert_false(pf_http_is_private_name(public_ones[i]));
    }
}

static void
passwords_are_not_shown(void)
{
    static const struct {
        const char *url;
        const char *shown;
    } cases[] = {
        {"https://a.example/feed", "https://a.example/feed"},
        {"https://A.example:443/Feed?x=a@b:c", "https://A.example:443/Feed?x=a@b:c"},
        {"https://ann:secret@a.example/feed", "https://ann@a.example/feed"},
        {"https://:secret@a.example/feed", "https://@a.example/feed"},
        {"http://ann@a.example/", "http://ann@a.example/"},
        {"ftp://ann:secret@a.example/", "ftp://ann@a.example/"},
        {"https://ann:sec ret@a.example/", "https://…@a.example/"},
        {"https://ann:secret@a.example:99999/", "https://…@a.example:99999/"},
        {"https:/ann:secret@a.example/", "https://ann@a.example/"},
        {"https:ann:secret@a.example/", "https:…@a.example/"},
        {"https//ann:secret@a.example/", "https//…@a.example/"},
        {"ann:sec/r@et@a.example/feed", "…@a.example/feed"},
        {"ann:secret@a.example/feed", "…@a.example/feed"},
        {"shows/ann@home.xml", "shows/ann@home.xml"},
        {"shows/12:30/ann@home.xml", "shows/12:30/ann@home.xml"},
        {"/shows/12:30/ann@home.xml", "/shows/12:30/ann@home.xml"},
        {"https.xml", "https.xml"},
        {"httpd@home", "httpd@home"},
        {"a@b://c", "a@b://c"},
        {"bad\033[2J", "bad\357\277\275[2J"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = pf_url_printable(cases[i].url);
        g_assert_cmpstr(shown, ==, cases[i].shown);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/private addresses are told from public ones", private_addresses_are_told_from_public_ones);
    g_test_add_func("/http/names of private networks are told from public ones",
                    names_of_private_networks_are_told_from_public_ones);
    g_test_add_func("/http/passwords are not shown", passwords_are_not_shown);
    return g_test_run();
}
