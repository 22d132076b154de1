/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_list.h"

#define AUTO "https://flattr.com/submit/auto?url="

static PfItem *
item_with_links(const char *const *links)
{
    PfItem *item = pf_item_new();

    for (; *links; links++)
        g_ptr_array_add(item->payment_links, g_strdup(*links));
    return item;
}

/* The URLs of a list, a line each. */
static char *
urls_of(const GPtrArray *payments)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < payments->len; i++)
        g_string_append_printf(text, "%s\n", ((const PfPayment *)payments->pdata[i])->url);
    return g_string_free(text, FALSE);
}

static void
better_kinds_come_first_and_then_the_document_counts(void)
{
    static const char *const links[] = {
        "https://pay.example/",
        "https://github.com/ann",
        "https://flattr.com/@ann",
        "nonsense",
        "https://flattr.com/t/1",
        AUTO "http://a.example/\n&title=A title",
        NULL,
    };
    g_autoptr(PfItem) item = item_with_links(links);
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    g_autofree char *urls = urls_of(payments);

    g_assert_cmpstr(urls, ==,
                    "https://flattr.com/t/1\n" AUTO "http://a.example/&title=A%20title\n"
                    "https://flattr.com/@ann\nhttps://github.com/ann\nhttps://pay.example/\nnonsense\n");
    g_assert_null(((const PfPayment *)payments->pdata[5])->key);
}

static char *
best_urls(const char *const *links, const char *html)
{
    g_autoptr(PfItem) item = item_with_links(links);

    g_ptr_array_add(item->texts, pf_item_text_new_take(g_strdup(html), NULL));
    g_autoptr(GPtrArray) payments = pf_payment_list_best_of_item(item, NULL);
    return urls_of(payments);
}

static void
texts_are_not_searched_where_a_link_goes_before_all_that_they_could_have(void)
{
    static const char *const thing[] = {"https://pay.example/", "https://flattr.com/t/1", NULL};
    static const char *const profile[] = {"https://flattr.com/@ann", NULL};
    static const char *const none[] = {NULL};
    const char *html = "<a href='https://flattr.com/t/2'>";
    g_autofree char *unsearched = best_urls(thing, html);
    g_autofree char *searched = best_urls(profile, html);
    g_autofree char *text_alone = best_urls(none, html);

    g_assert_cmpstr(unsearched, ==, "https://flattr.com/t/1\nhttps://pay.example/\n");
    g_assert_cmpstr(searched, ==, "https://flattr.com/@ann\nhttps://flattr.com/t/2\n");
    g_assert_cmpstr(text_alone, ==, "https://flattr.com/t/2\n");
}

static void
a_thing_is_listed_once(void)
{
    static const char *const links[] = {
        "https://flattr.com/t/1",
        "http://flattr.com/thing/1/slug",
        "https://flattr.com/t/2",
        "nonsense",
        "nonsense",
        NULL,
    };
    g_autoptr(PfItem) item = item_with_links(links);
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    g_autofree char *urls = urls_of(payments);

    g_assert_cmpstr(urls, ==, "https://flattr.com/t/1\nhttps://flattr.com/t/2\nnonsense\n");
}

static void
what_cannot_be_paid_hides_nothing_that_can(void)
{
    static const char *const links[] = {"https://a.example/1", "https://github.com/ann/proj", NULL};
    const char *html = "<a href='" AUTO "https%3A%2F%2Fa.example%2F1&amp;user_id=ann'>"
                       "<a href='" AUTO "https%3A%2F%2Fgithub.com%2Fann%2Fproj&amp;user_id=ann'>";
    g_autofree char *urls = best_urls(links, html);

    g_assert_cmpstr(urls, ==,
                    "https://github.com/ann/proj\nhttps://a.example/1\n" AUTO
                    "https%3A%2F%2Fa.example%2F1&user_id=ann\n" AUTO
                    "https%3A%2F%2Fgithub.com%2Fann%2Fproj&user_id=ann\n");
}

static void
a_list_survives_being_stored(void)
{
    static const char *const texts[] = {
        "[]",
        "[{\"url\":\"https://flattr.com/t/1\",\"from\":\"link\"},{\"url\":\"https://flattr.com/t/"
        "2\",\"from\":\"button\"}"
        ",{\"url\":\"https://flattr.com/@\303\274\",\"from\":\"html\"},{\"url\":\"a \\\"b\\\\\",\"from\":\"html\"}]",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GPtrArray) payments = pf_payment_list_from_text(texts[i]);
        g_autofree char *text = pf_payment_list_to_text(payments);
        g_assert_cmpstr(text, ==, texts[i]);
    }
}

static void
kinds_keys_and_order_of_a_stored_list_are_computed_again(void)
{
    g_autoptr(GPtrArray) payments =
        pf_payment_list_from_text("[{\"url\":\"https://flattr.com/t/2\",\"from\":\"html\",\"kind\":\"other\"},"
                                  "{\"url\":\"https://flattr.com/thing/1\",\"from\":\"link\"}]");
    const PfPayment *first = payments->pdata[0];

    g_assert_cmpuint(payments->len, ==, 2);
    g_assert_cmpstr(first->key, ==, "thing:1");
    g_assert_cmpint(first->kind, ==, PF_PAYMENT_THING);
    g_assert_cmpint(first->from, ==, PF_PAYMENT_FROM_LINK);
}

static void
nonsense_is_stored_links_of_nothing(void)
{
    static const char *const texts[] = {
        NULL,
        "",
        "x",
        "{}",
        "[",
        "null",
        "[1,null,[],{}]",
        "[{\"url\":1,\"from\":\"link\"}]",
        "[{\"url\":\"https://a/\"}]",
        "[{\"url\":\"https://a.example/\",\"from\":\"elsewhere\"}]",
        "[{\"url\":\"a\\u0000b\",\"from\":\"link\"}]",
        "[{\"url\":\"\377\",\"from\":\"link\"}]",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GPtrArray) payments = pf_payment_list_from_text(texts[i]);
        g_test_message("%s", texts[i] ? texts[i] : "NULL");
        g_assert_cmpuint(payments->len, ==, 0);
    }
}

static void
what_may_not_be_used_is_passed_over(void)
{
    g_autoptr(GPtrArray) payments =
        pf_payment_list_from_text("[{\"url\":\"https://github.com/ann\",\"from\":\"link\"},"
                                  "{\"url\":\"https://pay.example/\",\"from\":\"link\"},"
                                  "{\"url\":\"https://flattr.com/t/1\",\"from\":\"html\"}]");
    const PfPayment *found = pf_payment_list_choose(payments, TRUE, TRUE);
    const PfPayment *in_text = pf_payment_list_choose(payments, FALSE, TRUE);

    g_assert_cmpstr(found->url, ==, "https://github.com/ann");
    g_assert_cmpstr(in_text->url, ==, "https://flattr.com/t/1");
    g_assert_true(pf_payment_list_choose(payments, TRUE, FALSE) == found);
    g_assert_null(pf_payment_list_choose(payments, FALSE, FALSE));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment list/better kinds come first, and then the document counts",
                    better_kinds_come_first_and_then_the_document_counts);
    g_test_add_func("/payment list/texts are not searched where a link goes before all that they could have",
                    texts_are_not_searched_where_a_link_goes_before_all_that_they_could_have);
    g_test_add_func("/payment list/a thing is listed once", a_thing_is_listed_once);
    g_test_add_func("/payment list/what cannot be paid hides nothing that can",
                    what_cannot_be_paid_hides_nothing_that_can);
    g_test_add_func("/payment list/a list survives being stored", a_list_survives_being_stored);
    g_test_add_func("/payment list/kinds, keys and order of a stored list are computed again",
                    kinds_keys_and_order_of_a_stored_list_are_computed_again);
    g_test_add_func("/payment list/nonsense is stored links of nothing", nonsense_is_stored_links_of_nothing);
    g_test_add_func("/payment list/what may not be used is passed over", what_may_not_be_used_is_passed_over);
    return g_test_run();
}
