/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys against the server's own reading of URLs: a key that is not the thing pays the wrong one, or one thing twice. */
#include "../fuzz/payment_check.h"

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
                                         "https://GitHub.com/Ann/Radio",
                                         "http%3A%2F%2Fgist.github.com%2Fann%2F0A",
                                         "https://flattr.com/thing/12/x",
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
        g_autofree char *sent = pf_payment_dup_request_url(payment);
        g_autofree char *thing = payment_check_dup_thing(sent, payment->kind);
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
