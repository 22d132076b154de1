/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "payment/payment_link.h"

#define AUTO "https://flattr.com/submit/auto"

typedef struct {
    const char *url;
    const char *kind; /* NULL: no payment link at all */
    const char *key;
} Case;

static void
check(const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(PfPayment) payment = pf_payment_new(cases[i].url);

        g_test_message("%s", cases[i].url);
        if (!cases[i].kind) {
            g_assert_null(payment);
            continue;
        }
        g_assert_nonnull(payment);
        g_assert_cmpstr(payment->url, ==, cases[i].url);
        g_assert_cmpstr(pf_payment_kind_name(payment->kind), ==, cases[i].kind);
        g_assert_cmpstr(payment->key, ==, cases[i].key);
    }
}

static void
auto_submit_links_are_keyed_by_their_page(void)
{
    static const Case cases[] = {
        {AUTO "?url=https%3A%2F%2Fa.example%2F1&user_id=ann", "auto-submit", "https://a.example/1"},
        {"http://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F1", "auto-submit", "https://a.example/1"},
        {"HTTPS://WWW.Flattr.COM:443/submit/auto/?uid=ann&url=http://a.example/1", "auto-submit", "http://a.example/1"},
        {"http://flattr.com:80/submit/auto?url=http://a.example", "auto-submit", "http://a.example"},
        {AUTO "?user_id=ann&title=a+b&url=http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2%23z", "auto-submit",
         "http://a.example/?x=1&y=2#z"},
        {AUTO "?user_id=ann&amp;url=http%3A%2F%2Fa.example%2F", "auto-submit", "http://a.example/"},
        {AUTO "?user_id=ann&amp;amp;url=http%3A%2F%2Fa.example%2F", "auto-submit", "http://a.example/"},
        {AUTO "?url=http%3A%2F%2Fa.example%2Fc%2B%2B", "auto-submit", "http://a.example/c++"},
        {AUTO "?url=http%3A%2F%2Fa.example%2Fa+b", "auto-submit", "http://a.example/a b"},
        {AUTO "?url=HTTP%3a%2f%2fA.example%2F%C3%BC", "auto-submit", "HTTP://A.example/\303\274"},
        {AUTO "?url=http%3A%2F%2Fa.example%2F%252F", "auto-submit", "http://a.example/%2F"},
        {AUTO "?url=http://a.example/&url=http%3A%2F%2Fa.example%2F", "auto-submit", "http://a.example/"},
        {AUTO "?url=http://a.example/#fragment", "auto-submit", "http://a.example/"},
        {AUTO "?url=https%3A%2F%2Fflattr.com%2Fprofile%2Fann", "auto-submit", "profile:ann"},
        {AUTO "?url=https%3A%2F%2Fgithub.com%2FAnn%2FRadio%23readme", "auto-submit", "https://github.com/ann/radio"},
        {AUTO "?url=http%3A%2F%2Fwww.flattr.com%2Fthing%2F12%2Fslug", "auto-submit", "thing:12"},
        {AUTO "?url=https%3A%2F%2Fgithub.com%2FAnn%2FRadio%2Fissues", "auto-submit",
         "https://github.com/Ann/Radio/issues"},
        {AUTO "?url=https%3A%2F%2Fflattr.com%2Fsubmit%2Fauto%3Furl%3Dhttp%3A%2F%2Fa.example%2F", "auto-submit",
         "https://flattr.com/submit/auto?url=http://a.example/"},
        /* What submits nothing that is certain is no auto-submit link. */
        {AUTO, "other", AUTO},
        {AUTO "?user_id=ann", "other", AUTO "?user_id=ann"},
        {AUTO "?url=", "other", AUTO "?url="},
        {AUTO "?URL=http://a.example/", "other", AUTO "?URL=http://a.example/"},
        {AUTO "?url=http://a.example/&url=http://b.example/", "other",
         AUTO "?url=http://a.example/&url=http://b.example/"},
        {AUTO "?url=javascript%3Aalert(1)", "other", AUTO "?url=javascript%3Aalert(1)"},
        {AUTO "?url=ftp://a.example/", "other", AUTO "?url=ftp://a.example/"},
        {AUTO "?url=/relative", "other", AUTO "?url=/relative"},
        {AUTO "?url=http://", "other", AUTO "?url=http://"},
        {AUTO "?url=http%3A%2F%2Fa.example%2F%zz", "other", AUTO "?url=http%3A%2F%2Fa.example%2F%zz"},
        {AUTO "?url=http%3A%2F%2Fa.example%2F%00", "other", AUTO "?url=http%3A%2F%2Fa.example%2F%00"},
        {AUTO "?url=http%3A%2F%2Fa.example%2F%0Ab", "other", AUTO "?url=http%3A%2F%2Fa.example%2F%0Ab"},
        {AUTO "?url=http%3A%2F%2Fa.example%2F%FF", "other", AUTO "?url=http%3A%2F%2Fa.example%2F%FF"},
        {"https://flattr.com/submit?url=http://a.example/", "other", "https://flattr.com/submit?url=http://a.example/"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
things_and_profiles_are_keyed_by_their_names(void)
{
    static const Case cases[] = {
        {"https://flattr.com/thing/123", "thing", "thing:123"},
        {"http://flattr.com/thing/123/A-podcast", "thing", "thing:123"},
        {"https://www.flattr.com/thing/123/A%20podcast/", "thing", "thing:123"},
        {"https://flattr.com/t/123", "thing", "thing:123"},
        {"https://flattr.com/t/123/?x=y#z", "thing", "thing:123"},
        {"https://flattr.com/thing/0123", "other", "https://flattr.com/thing/0123"},
        {"https://flattr.com/thing/12a", "other", "https://flattr.com/thing/12a"},
        {"https://flattr.com/thing/-1", "other", "https://flattr.com/thing/-1"},
        {"https://flattr.com/thing/99999999999999999999", "other", "https://flattr.com/thing/99999999999999999999"},
        {"https://flattr.com/thing//123", "other", "https://flattr.com/thing//123"},
        {"https://flattr.com/thing/123/a/b", "other", "https://flattr.com/thing/123/a/b"},
        {"https://flattr.com/THING/123", "other", "https://flattr.com/THING/123"},
        {"https://flattr.com/profile/Ann", "profile", "profile:ann"},
        {"https://flattr.com/@ANN/", "profile", "profile:ann"},
        {"https://flattr.com/profile/ann/things", "other", "https://flattr.com/profile/ann/things"},
        {"https://flattr.com/profile/a%6En", "other", "https://flattr.com/profile/a%6En"},
        {"https://flattr.com/profile/..", "other", "https://flattr.com/profile/.."},
        {"https://flattr.com/@", "other", "https://flattr.com/@"},
        {"https://flattr.com", "other", "https://flattr.com/"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
a_host_that_only_looks_like_flattr_is_another(void)
{
    static const Case cases[] = {
        {"https://flattr.com@evil.example/thing/1", "other", "https://flattr.com@evil.example/thing/1"},
        {"https://ann@flattr.com/thing/1", "other", "https://ann@flattr.com/thing/1"},
        {"https://ann:secret@flattr.com/thing/1", "other", "https://ann:secret@flattr.com/thing/1"},
        {"https://@flattr.com/thing/1", "other", "https://@flattr.com/thing/1"},
        {"https://flattr.com.evil.example/thing/1", "other", "https://flattr.com.evil.example/thing/1"},
        {"https://evilflattr.com/thing/1", "other", "https://evilflattr.com/thing/1"},
        {"https://api.flattr.com/thing/1", "other", "https://api.flattr.com/thing/1"},
        {"https://www.www.flattr.com/thing/1", "other", "https://www.www.flattr.com/thing/1"},
        {"https://flattr.com./thing/1", "other", "https://flattr.com./thing/1"},
        {"https://flattr.com:8443/thing/1", "other", "https://flattr.com:8443/thing/1"},
        {"https://flattr.com:80/thing/1", "other", "https://flattr.com:80/thing/1"},
        {"http://flattr.com:443/thing/1", "other", "http://flattr.com:443/thing/1"},
        {"https://fl\320\260ttr.com/thing/1", "other", "https://fl\320\260ttr.com/thing/1"},
        {"https://xn--flttr-3ve.com/thing/1", "other", "https://xn--flttr-3ve.com/thing/1"},
        {"https://flattr%2Ecom/thing/1", "other", "https://flattr.com/thing/1"},
        {"https://flattr.com/thing%2F1", "other", "https://flattr.com/thing%2F1"},
        {"https://flattr.com/x/../thing/1", "other", "https://flattr.com/x/../thing/1"},
        {"https://flattr.com%2Fthing/1", NULL, NULL},
        {"https://evil.example/https://flattr.com/thing/1", "other", "https://evil.example/https://flattr.com/thing/1"},
        {"https://evil.example#@flattr.com/thing/1", "other", "https://evil.example/#@flattr.com/thing/1"},
        {"https://evil.example\\@flattr.com/thing/1", "other", "https://evil.example\\@flattr.com/thing/1"},
        {"https://flattr.com\\@evil.example/thing/1", "other", "https://flattr.com\\@evil.example/thing/1"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
pages_whose_owner_the_server_finds_are_discoverable(void)
{
    static const Case cases[] = {
        {"https://github.com/ann", "discoverable", "https://github.com/ann"},
        {"http://www.GitHub.com/ann/radio/?tab=readme#top", "discoverable", "https://github.com/ann/radio"},
        {"https://github.com/ann/radio/commit/0a1b2c3", "discoverable", "https://github.com/ann/radio/commit/0a1b2c3"},
        {"https://gist.github.com/ann/0a1b2c", "discoverable", "https://gist.github.com/0a1b2c"},
        {"https://gist.github.com/123456", "discoverable", "https://gist.github.com/123456"},
        {"https://soundcloud.com/ann/sets/all", "discoverable", "https://soundcloud.com/ann/sets/all"},
        {"https://soundcloud.com/ann/one", "discoverable", "https://soundcloud.com/ann/one"},
        {"https://twitter.com/ann?s=20", "discoverable", "https://twitter.com/ann"},
        {"https://twitter.com/ann/status/123", "discoverable", "https://twitter.com/i/status/123"},
        {"https://www.twitter.com/bob/statuses/123", "discoverable", "https://twitter.com/i/status/123"},
        {"https://instagram.com/p/Abc_-1/", "discoverable", "https://instagram.com/p/Abc_-1"},
        {"https://github.com/", "other", "https://github.com/"},
        {"https://github.com/sponsors/ann", "other", "https://github.com/sponsors/ann"},
        {"https://github.com/Features", "other", "https://github.com/Features"},
        {"https://github.com/ann/radio/issues/1", "other", "https://github.com/ann/radio/issues/1"},
        {"https://ann.github.com/ann", "other", "https://ann.github.com/ann"},
        {"https://twitter.com/intent/tweet", "other", "https://twitter.com/intent/tweet"},
        {"https://instagram.com/ann", "other", "https://instagram.com/ann"},
        {"https://ann:x@github.com/ann", "other", "https://ann:x@github.com/ann"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
other_links_are_keyed_by_the_normalised_url(void)
{
    static const Case cases[] = {
        {"HTTPS://PayPal.ME:443/Ann", "other", "https://paypal.me/Ann"},
        {"http://Patreon.example:80", "other", "http://patreon.example/"},
        {"https://pay.example/a/../B/?q=%7e&x#Y", "other", "https://pay.example/a/../B/?q=%7e&x#Y"},
        {"https://pay.example:8443/", "other", "https://pay.example:8443/"},
        {"http://[::1]/pay", "other", "http://[::1]/pay"},
        {"https://pay.example/\303\274", "other", "https://pay.example/\303\274"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
what_is_no_web_address_is_no_payment_link(void)
{
    static const Case cases[] = {
        {"", NULL, NULL},
        {"flattr.com/thing/1", NULL, NULL},
        {"/thing/1", NULL, NULL},
        {"//flattr.com/thing/1", NULL, NULL},
        {"mailto:ann@a.example", NULL, NULL},
        {"bitcoin:1abc", NULL, NULL},
        {"javascript:alert(1)", NULL, NULL},
        {"ftp://flattr.com/thing/1", NULL, NULL},
        {"https:/flattr.com/thing/1", NULL, NULL},
        {"https:///flattr.com/thing/1", NULL, NULL},
        {"https://", NULL, NULL},
        {"https://?x", NULL, NULL},
        {" https://flattr.com/thing/1", NULL, NULL},
        {"https://flattr.com/thing/1 ", NULL, NULL},
        {"https://flattr.com/a b", NULL, NULL},
        {"https://flattr.com/thing/1\n", NULL, NULL},
        {"https://flattr.com/\177", NULL, NULL},
        {"https://flattr.com/\302\205", NULL, NULL},
        {"https://flattr.com/\342\200\256", NULL, NULL},
        {"https://flattr.com/\357\277\275", NULL, NULL},
        {"https://flattr.com/\377", NULL, NULL},
        {"https://pay%EF.example/", NULL, NULL},
        {"https://pay%E2%80%AE.example/", NULL, NULL},
        {"https://flattr.com:99999/thing/1", NULL, NULL},
        {"https://flattr.com:http/thing/1", NULL, NULL},
    };
    g_autofree char *padding = g_strnfill(PF_PAYMENT_MAX_URL, 'a');
    g_autofree char *too_long = g_strconcat("https://pay.example/", padding, NULL);

    check(cases, G_N_ELEMENTS(cases));
    g_assert_null(pf_payment_new(NULL));
    g_assert_null(pf_payment_new(too_long));
    too_long[PF_PAYMENT_MAX_URL] = '\0';
    g_autoptr(PfPayment) payment = pf_payment_new(too_long);
    g_assert_nonnull(payment);
}

static void
hosts_written_in_hostile_ways_are_not_flattrs(void)
{
    static const Case cases[] = {
        {"https://flattr.com:pw@evil.example/submit/auto?url=https%3A%2F%2Fa.example%2F", "other",
         "https://flattr.com:pw@evil.example/submit/auto?url=https%3A%2F%2Fa.example%2F"},
        {"https://flattr.com%40evil.example/thing/1", NULL, NULL},
        {"https://flattr.com%00.evil.example/thing/1", NULL, NULL},
        {"https://flattr.com%2Eevil.example/thing/1", "other", "https://flattr.com.evil.example/thing/1"},
        {"https://%66lattr.com/thing/1", "other", "https://flattr.com/thing/1"},
        {"https://flattr.com%20/thing/1", NULL, NULL},
        {"https://flattr.com:443@evil.example/thing/1", "other", "https://flattr.com:443@evil.example/thing/1"},
        {"https://evil.example\\.flattr.com/thing/1", NULL, NULL},
        {"https://flattr.com\\thing\\1", NULL, NULL},
        {"https:\\\\flattr.com\\thing\\1", NULL, NULL},
        {"https://flattr.com\t/thing/1", NULL, NULL},
        {"https://flattr\t.com/thing/1", NULL, NULL},
        {"java\tscript:alert(1)", NULL, NULL},
        {"data:text/html,<a href=https://flattr.com/t/1>", NULL, NULL},
        {"vbscript:x", NULL, NULL},
        {"file:///etc/passwd", NULL, NULL},
        {"gopher://flattr.com/thing/1", NULL, NULL},
        {"wss://flattr.com/thing/1", NULL, NULL},
        {"view-source:https://flattr.com/thing/1", NULL, NULL},
        {"blob:https://flattr.com/1", NULL, NULL},
        {"https:flattr.com/thing/1", NULL, NULL},
        {"https//flattr.com/thing/1", NULL, NULL},
        {"HTTPS://FLATTR.COM/thing/1", "thing", "thing:1"},
        {"https://FLATTR.com./submit/auto?url=https%3A%2F%2Fa.example%2F", "other",
         "https://flattr.com./submit/auto?url=https%3A%2F%2Fa.example%2F"},
        {"https://flattr.com../thing/1", NULL, NULL},
        {"https://.flattr.com/thing/1", "other", "https://.flattr.com/thing/1"},
        {"https://flattr..com/thing/1", "other", "https://flattr..com/thing/1"},
        {"https://flattr.com,evil.example/thing/1", NULL, NULL},
        {"https://flattr.com;evil.example/thing/1", NULL, NULL},
        {"https://flattr.com:0443/thing/1", "thing", "thing:1"},
        {"https://flattr.com:/thing/1", "thing", "thing:1"},
        {"https://flattr.com:0/thing/1", "other", "https://flattr.com:0/thing/1"},
        {"https://flattr.com:443:80/thing/1", NULL, NULL},
        {"https://xn--flattr-hub.com/thing/1", "other", "https://xn--flattr-hub.com/thing/1"},
        {"https://flattr.xn--com-0na/thing/1", "other", "https://flattr.xn--com-0na/thing/1"},
        {"https://\357\275\206lattr.com/thing/1", "other", "https://\357\275\206lattr.com/thing/1"},
        {"https://flattr\343\200\202com/thing/1", "other", "https://flattr\343\200\202com/thing/1"},
        {"https://fl\303\240ttr.com/thing/1", "other", "https://fl\303\240ttr.com/thing/1"},
        {"https://flattr.com\342\200\213/thing/1", NULL, NULL},
        {"https://flattr.co\314\201m/thing/1", "other", "https://flattr.co\314\201m/thing/1"},
        {"http://127.0.0.1/submit/auto?url=https://a.example/", "other",
         "http://127.0.0.1/submit/auto?url=https://a.example/"},
        {"http://2130706433/thing/1", "other", "http://127.0.0.1/thing/1"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
paths_written_in_hostile_ways_name_nothing_else(void)
{
    static const Case cases[] = {
        {"https://flattr.com/thing\n/1", NULL, NULL},
        {"https://flattr.com/thing/1\r\nHost: evil.example", NULL, NULL},
        {"https://flattr.com/./thing/1", "other", "https://flattr.com/./thing/1"},
        {"https://flattr.com//thing/1", "other", "https://flattr.com//thing/1"},
        {"https://flattr.com/thing/1//", "thing", "thing:1"},
        {"https://flattr.com/thing/1/..", "other", "https://flattr.com/thing/1/.."},
        {"https://flattr.com/thing/1/.", "other", "https://flattr.com/thing/1/."},
        {"https://flattr.com/thing/1/%2e%2e", "other", "https://flattr.com/thing/1/%2e%2e"},
        {"https://flattr.com/thing/1/%2E.", "other", "https://flattr.com/thing/1/%2E."},
        {"https://flattr.com/thing/1/..%2f2", "other", "https://flattr.com/thing/1/..%2f2"},
        {"https://flattr.com/thing/1%2f2", "other", "https://flattr.com/thing/1%2f2"},
        {"https://flattr.com/thing/1%00", "other", "https://flattr.com/thing/1%00"},
        {"https://flattr.com/thing/+1", "other", "https://flattr.com/thing/+1"},
        {"https://flattr.com/thing/1;2", "other", "https://flattr.com/thing/1;2"},
        {"https://flattr.com/thing/1?id=2", "thing", "thing:1"},
        {"https://flattr.com/thing/1#/thing/2", "thing", "thing:1"},
        {"https://flattr.com/thing/1e3", "other", "https://flattr.com/thing/1e3"},
        {"https://flattr.com/thing/0x1", "other", "https://flattr.com/thing/0x1"},
        {"https://flattr.com/thing/\331\241", "other", "https://flattr.com/thing/\331\241"},
        {"https://flattr.com/thing/9223372036854775807", "other", "https://flattr.com/thing/9223372036854775807"},
        {"https://flattr.com/t/1/slug", "thing", "thing:1"},
        {"https://flattr.com/t/1/a/b", "other", "https://flattr.com/t/1/a/b"},
        {"https://flattr.com/podcast/Radio-1", "profile", "podcast:Radio-1"},
        {"https://flattr.com/podcast/", "other", "https://flattr.com/podcast/"},
        {"https://flattr.com/profile/ann%2Fthings", "other", "https://flattr.com/profile/ann%2Fthings"},
        {"https://flattr.com/profile/%61nn", "other", "https://flattr.com/profile/%61nn"},
        {"https://flattr.com/@ann@evil.example", "other", "https://flattr.com/@ann@evil.example"},
        {"https://flattr.com/%40ann", "other", "https://flattr.com/%40ann"},
        {"https://flattr.com/Submit/Auto?url=https://a.example/", "other",
         "https://flattr.com/Submit/Auto?url=https://a.example/"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
queries_written_in_hostile_ways_submit_no_other_page(void)
{
    static const Case cases[] = {
        {AUTO "%3Furl=https://a.example/", "other", AUTO "%3Furl=https://a.example/"},
        {AUTO "#?url=https://a.example/", "other", AUTO "#?url=https://a.example/"},
        {"https://flattr.com/submit//auto?url=https://a.example/", "other",
         "https://flattr.com/submit//auto?url=https://a.example/"},
        {AUTO ";x?url=https://a.example/", "other", AUTO ";x?url=https://a.example/"},
        {"https://flattr.com/submit%2Fauto?url=https://a.example/", "other",
         "https://flattr.com/submit%2Fauto?url=https://a.example/"},
        {AUTO "/x?url=https://a.example/", "other", AUTO "/x?url=https://a.example/"},
        {AUTO "??url=https://a.example/", "other", AUTO "??url=https://a.example/"},
        {AUTO "?url=https://a.example/&%75rl=https://evil.example/", "other",
         AUTO "?url=https://a.example/&%75rl=https://evil.example/"},
        {AUTO "?%75rl=https://a.example/", "auto-submit", "https://a.example/"},
        {AUTO "?url%00=https://a.example/&url=https://b.example/", "other",
         AUTO "?url%00=https://a.example/&url=https://b.example/"},
        {AUTO "?url=https://a.example/&amp;url=https://evil.example/", "other",
         AUTO "?url=https://a.example/&amp;url=https://evil.example/"},
        {AUTO "?url=https://a.example/;url=https://evil.example/", "auto-submit",
         "https://a.example/;url=https://evil.example/"},
        {AUTO "?url[]=https://a.example/", "other", AUTO "?url[]=https://a.example/"},
        {AUTO "? url=https://a.example/", NULL, NULL},
        {AUTO "?+url=https://a.example/", "other", AUTO "?+url=https://a.example/"},
        {AUTO "?url=https%253A%252F%252Fa.example%252F", "other", AUTO "?url=https%253A%252F%252Fa.example%252F"},
        {AUTO "?url=https%3A%2F%2Fa.example%2F%09x", "other", AUTO "?url=https%3A%2F%2Fa.example%2F%09x"},
        {AUTO "?url=https%3A%2F%2Fa.example%2F%C0%AF", "other", AUTO "?url=https%3A%2F%2Fa.example%2F%C0%AF"},
        {AUTO "?url=https%3A%2F%2Fa.example%2F%E2%80%AE", "other", AUTO "?url=https%3A%2F%2Fa.example%2F%E2%80%AE"},
        {AUTO "?url=%20https%3A%2F%2Fa.example%2F", "other", AUTO "?url=%20https%3A%2F%2Fa.example%2F"},
        {AUTO "?url=https%3A%2F%2Fa.example%40evil.example%2F", "auto-submit", "https://a.example@evil.example/"},
        {AUTO "?url=https%3A%2F%2FA.Example%2F..%2Fx", "auto-submit", "https://A.Example/../x"},
        {AUTO "?url=https%3A%2F%2Fa.example", "auto-submit", "https://a.example"},
        {AUTO "?url=data%3Atext%2Fhtml%2Cx", "other", AUTO "?url=data%3Atext%2Fhtml%2Cx"},
        {AUTO "?url=%2F%2Fa.example%2F", "other", AUTO "?url=%2F%2Fa.example%2F"},
        {AUTO "?url=https%3A%5C%5Ca.example%2F", "other", AUTO "?url=https%3A%5C%5Ca.example%2F"},
        {AUTO "?url=https://a.example/?x=1&y=2&user_id=ann", "auto-submit", "https://a.example/?x=1"},
        {AUTO "?url=https%3A%2F%2Fa.example%2F&url", "other", AUTO "?url=https%3A%2F%2Fa.example%2F&url"},
        {AUTO "?url=https%3A%2F%2Fa.example%2F&", "auto-submit", "https://a.example/"},
        {AUTO "?&&url=https%3A%2F%2Fa.example%2F", "auto-submit", "https://a.example/"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
discoverable_pages_have_one_key_however_they_are_written(void)
{
    static const Case cases[] = {
        {"https://github.com/Ann/Radio", "discoverable", "https://github.com/ann/radio"},
        {"https://github.com/ann%2Fradio", "other", "https://github.com/ann%2Fradio"},
        {"https://github.com/ann/..", "other", "https://github.com/ann/.."},
        {"https://gist.github.com/Ann/0A1B", "discoverable", "https://gist.github.com/0a1b"},
        {"https://twitter.com/ANN/status/12", "discoverable", "https://twitter.com/i/status/12"},
        {"https://instagram.com/p/AbC", "discoverable", "https://instagram.com/p/AbC"},
        {"https://instagram.com/p/..", "other", "https://instagram.com/p/.."},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
a_url_of_100_kilobytes_is_no_payment_link(void)
{
    static const char *const starts[] = {"https://", "https://flattr.com/thing/1", AUTO "?url=https://a.example/",
                                         AUTO "?title=", "https://flattr.com/@"};
    g_autofree char *padding = g_strnfill(100000, 'a');
    g_autofree char *slashes = g_strnfill(100000, '/');

    for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
        g_autofree char *with_padding = g_strconcat(starts[i], padding, NULL);
        g_autofree char *with_slashes = g_strconcat(starts[i], slashes, NULL);
        g_assert_null(pf_payment_new(with_padding));
        g_assert_null(pf_payment_new(with_slashes));
    }
}

static void
several_receivers_are_another_payee_than_each_of_them(void)
{
    static const struct {
        const char *query, *payee;
    } cases[] = {
        {"user_id=Ann", "user:ann"},
        {"user_id=ann&uid=ann&user_id=", "user:ann"},
        {"user_id=ann&user_id=bob", "user:ann user:bob"},
        {"owner=partner:x:1&user_id=ann", "user:ann owner:partner:x:1"},
        {"user_id=", "host:a.example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url =
            g_strconcat("https://flattr.com/submit/auto?url=https://a.example/1&", cases[i].query, NULL);
        g_autofree char *payee = pf_payment_dup_payee(url);
        g_assert_cmpstr(payee, ==, cases[i].payee);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment link/auto-submit links are keyed by their page",
                    auto_submit_links_are_keyed_by_their_page);
    g_test_add_func("/payment link/things and profiles are keyed by their names",
                    things_and_profiles_are_keyed_by_their_names);
    g_test_add_func("/payment link/a host that only looks like Flattr is another",
                    a_host_that_only_looks_like_flattr_is_another);
    g_test_add_func("/payment link/pages whose owner the server finds are discoverable",
                    pages_whose_owner_the_server_finds_are_discoverable);
    g_test_add_func("/payment link/other links are keyed by the normalised URL",
                    other_links_are_keyed_by_the_normalised_url);
    g_test_add_func("/payment link/what is no web address is no payment link",
                    what_is_no_web_address_is_no_payment_link);
    g_test_add_func("/payment link/hosts written in hostile ways are not Flattr's",
                    hosts_written_in_hostile_ways_are_not_flattrs);
    g_test_add_func("/payment link/paths written in hostile ways name nothing else",
                    paths_written_in_hostile_ways_name_nothing_else);
    g_test_add_func("/payment link/queries written in hostile ways submit no other page",
                    queries_written_in_hostile_ways_submit_no_other_page);
    g_test_add_func("/payment link/discoverable pages have one key, however they are written",
                    discoverable_pages_have_one_key_however_they_are_written);
    g_test_add_func("/payment link/a URL of 100 kilobytes is no payment link",
                    a_url_of_100_kilobytes_is_no_payment_link);
    g_test_add_func("/payment link/several receivers are another payee than each of them",
                    several_receivers_are_another_payee_than_each_of_them);
    return g_test_run();
}
