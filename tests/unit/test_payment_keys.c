/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys against the server's own reading of URLs: a key that is not the thing pays the wrong one, or one thing twice. */
#include "payment/payment_link.h"
#include "sandbox/urls.h"

/* What the sandbox has under each of a page's addresses, as the site has it: once. */
static char *
dup_site_page(const char *page)
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

/* What the sandbox would flattr for a URL: a name that differs when the thing differs; NULL when it refuses. */
static char *
thing_at_server(const PfPayment *payment)
{
    g_autofree char *sent = pf_payment_dup_request_url(payment);
    g_autoptr(SandboxUrl) url = sandbox_url_read(sent);

    switch (url->kind) {
    case SANDBOX_URL_THING:
        return g_strdup_printf("thing:%" G_GINT64_FORMAT, url->id);
    case SANDBOX_URL_AUTO_SUBMIT:
    case SANDBOX_URL_DISCOVERABLE:
        return dup_site_page(url->page);
    default:
        return NULL;
    }
}

/* A URL put together by chance from pieces that mean something to the one or the other. */
static char *
random_url(void)
{
    static const char *const schemes[] = {"http://", "https://", "HTTPS://"};
    static const char *const hosts[] = {"flattr.com",     "flattr.com",    "flattr.com",      "www.flattr.com",
                                        "FLATTR.com:443", "flattr.com:80", "m.flattr.com",    "flattr.com.",
                                        "x@flattr.com",   "github.com",    "www.twitter.com", "gist.github.com",
                                        "soundcloud.com", "instagram.com"};
    static const char *const paths[] = {"/submit/auto", "/submit/auto",   "/submit/auto", "/submit/auto/", "/thing/12",
                                        "/thing/12/a",  "/t/12/",         "/t/012",       "/thing/12/..",  "/@Ann",
                                        "/profile/ann", "/Ann",           "/ann/Radio",   "/ann/status/1", "/p/AbC",
                                        "/ann/sets/x",  "/ann/commit/0A", "/%61nn",       "/./ann"};
    static const char *const pieces[] = {"url=",
                                         "URL=",
                                         "%75rl=",
                                         "&",
                                         "&amp;",
                                         "&amp;amp;",
                                         "user_id=ann",
                                         "uid=1",
                                         "owner=",
                                         "title=",
                                         "#",
                                         ";",
                                         "+",
                                         "%2B",
                                         "%20",
                                         "%26",
                                         "%3D",
                                         "%23",
                                         "%00",
                                         "%",
                                         "%C3%BC",
                                         "http://a.example/",
                                         "http%3A%2F%2Fa.example%2F",
                                         "HTTP://A.example",
                                         "/..",
                                         "https%3A%2F%2Fb.example%2F%3Fx%3D1%26y%3D2",
                                         "?",
                                         "b",
                                         "/",
                                         "&url=http://a.example/"};
#define ANY(list) list[g_test_rand_int_range(0, G_N_ELEMENTS(list))]
    GString *url = g_string_new(ANY(schemes));

    g_string_append_printf(url, "%s%s", ANY(hosts), ANY(paths));
    if (g_test_rand_bit())
        g_string_append(url, g_test_rand_bit() ? "?user_id=ann&url=" : "?url=");
    for (int left = g_test_rand_int_range(0, 8); left > 0; left--)
        g_string_append(url, ANY(pieces));
    return g_string_free(url, FALSE);
}

static void
a_key_is_the_thing_that_the_server_would_make(void)
{
    guint common = 0;

    for (guint i = 0; i < 50000; i++) {
        g_autofree char *url = random_url();
        g_autoptr(PfPayment) payment = pf_payment_new(url);
        if (!payment || payment->kind == PF_PAYMENT_OTHER || payment->kind == PF_PAYMENT_PROFILE)
            continue;
        g_autofree char *thing = thing_at_server(payment);
        /* What the server refuses is not paid, whatever its key. */
        if (thing && g_strcmp0(thing, payment->key) != 0)
            g_error("%s: the server would pay %s, the key is %s", url, thing, payment->key);
        common += thing != NULL;
    }
    g_test_message("%u URLs that both take", common);
    g_assert_cmpuint(common, >, 1000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment keys/a key is the thing that the server would make",
                    a_key_is_the_thing_that_the_server_would_make);
    return g_test_run();
}
