/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/html.h"
#include "payment/payment_html.h"
#include "payment/payment_list.h"
#include <string.h>

#define AUTO "https://flattr.com/submit/auto?url="
#define PAGE AUTO "https%3A%2F%2Fa.example%2F1"

typedef struct {
    const char *html;
    const char *found; /* "SOURCE KIND URL\n" for each link, in the order in which they are found */
} Case;

static char *
find(const char *html, const char *base)
{
    g_autoptr(GPtrArray) payments = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);
    PfItemText text = {.html = (char *)html, .base = (char *)base};
    GString *found = g_string_new(NULL);

    pf_payment_html_find(&text, payments);
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        g_string_append_printf(found, "%s %s %s\n", pf_payment_from_name(payment->from),
                               pf_payment_kind_name(payment->kind), payment->url);
    }
    return g_string_free(found, FALSE);
}

static void
check(const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *found = find(cases[i].html, "https://base.example/dir/page");
        g_test_message("%s", cases[i].html);
        g_assert_cmpstr(found, ==, cases[i].found);
    }
}

static void
links_to_flattr_are_found_in_texts(void)
{
    static const Case cases[] = {
        {"<p>Please <a href=\"" AUTO "http://a.example/&amp;user_id=ann\">flattr</a>!",
         "html auto-submit " AUTO "http://a.example/&user_id=ann\n"},
        {"<a href=\"" AUTO "http://a.example/&user_id=ann&copy=1&lang=de\">bare</a>",
         "html auto-submit " AUTO "http://a.example/&user_id=ann&copy=1&lang=de\n"},
        {"<a href='" AUTO "http://a.example/&amp;amp;user_id=ann'>twice</a>",
         "html auto-submit " AUTO "http://a.example/&amp;user_id=ann\n"},
        {"<A TITLE=x HREF=http://www.flattr.com/thing/1/slug>caps</A>",
         "html thing http://www.flattr.com/thing/1/slug\n"},
        {"<a href='https://flattr.com/t/1'>1</a><a href='https://flattr.com/t/1'>2</a>",
         "html thing https://flattr.com/t/1\nhtml thing https://flattr.com/t/1\n"},
        {"<a href='https://flattr.com/@ann'>", "html profile https://flattr.com/@ann\n"},
        {"<a href='https://flattr.com/profile/ann'>", "html profile https://flattr.com/profile/ann\n"},
        {"<a href='https://flattr.com/podcast/radio'>", "html profile https://flattr.com/podcast/radio\n"},
        {"<a href='&#104;ttps://flattr.com/t/&#x31;'>", "html thing https://flattr.com/t/1\n"},
        {"<a href='https://fl&#97;ttr.com/t/1'>", "html thing https://flattr.com/t/1\n"},
        {"<a href='https://fla&#X74;tr.com/t/1'>", "html thing https://flattr.com/t/1\n"},
        {"<a href='  https://flattr.com/t/1\n'>", "html thing https://flattr.com/t/1\n"},
        {"<a href='//flattr.com/t/1'>", "html thing https://flattr.com/t/1\n"},
        {"<a href='https://flattr.com/submit/auto?user_id=ann&amp;title=A title\n\tthat is "
         "long&url=https://a.example/1'>",
         "html auto-submit "
         "https://flattr.com/submit/auto?user_id=ann&title=A%20titlethat%20is%20long&url=https://a.example/1\n"},
        {"<a href='https://flattr.com /t/1'>", ""},
        {"<noscript><a href='https://flattr.com/t/1'><img src='https://flattr.com/t/2'></a></noscript>",
         "html thing https://flattr.com/t/1\n"},
        {"<table><tr><td><ul><li><a href='https://flattr.com/t/1'>broken <b>nest</a></b></table></div>",
         "html thing https://flattr.com/t/1\n"},
        {"<a href='https://flattr.com/t/1'", "html thing https://flattr.com/t/1\n"},
        {"<meta charset=utf-16><a href='https://flattr.com/@ann'>\303\274</a>",
         "html profile https://flattr.com/@ann\n"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
payment_links_in_texts_may_lead_anywhere(void)
{
    static const Case cases[] = {
        {"<a rel=payment href='https://patreon.example/ann'>", "html other https://patreon.example/ann\n"},
        {"<a rel='nofollow  PAYMENT' href='/pay?x=1'>", "html other https://base.example/pay?x=1\n"},
        {"<a rel='p&#x61yment' href='pay'>", "html other https://base.example/dir/pay\n"},
        {"<a rel='payment' href='pay'>", "html other https://base.example/dir/pay\n"},
        {"<a rel='payment' href='https://github.com/ann'>", "html discoverable https://github.com/ann\n"},
        {"<a rel='payment' href='bitcoin:1abc'>", "html other bitcoin:1abc\n"},
        {"<a rel='payment' href='JavaScript:alert(1)'>", ""},
        {"<a rel='payment' href=' data:text/html,x'>", ""},
        {"<a rel='repayment payments' href='https://patreon.example/ann'>", ""},
        {"<a rel='payment'>", ""},
        {"<a rel='payment' href=''>", ""},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
what_is_no_link_in_a_text_is_none(void)
{
    static const Case cases[] = {
        {"https://flattr.com/t/1", ""},
        {"<a>https://flattr.com/t/1</a>", ""},
        {"&lt;a href=\"https://flattr.com/t/1\"&gt;escaped&lt;/a&gt;", ""},
        {"&amp;lt;a href=\"https://flattr.com/t/1\"&amp;gt;", ""},
        {"<!-- <a href='https://flattr.com/t/1'> -->", ""},
        {"<script>document.write(\"<a href='https://flattr.com/t/1'>\")</script>", ""},
        {"<img src='https://flattr.com/t/1'><link rel=payment href='https://flattr.com/t/1'>", ""},
        {"<a title=\"<a href='https://flattr.com/t/1'>\">", ""},
        {"<a href='https://flattr.com/'><a href='https://flattr.com/about'>", ""},
        {"<a href='https://github.com/ann'>", ""},
        {"<a href='https://evil.example/?https://flattr.com/t/1'>", ""},
        {"<a href='https://flattr.com@evil.example/t/1'>", ""},
        {"<a href='t/1'>", ""},
        {"<!DOCTYPE x [<!ENTITY e 'https://flattr.com/t/1'>]><a href='&e;'>", ""},
        {"<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/'><p>", ""},
        {"", ""},
        {NULL, ""},
    };
    check(cases, G_N_ELEMENTS(cases));
    g_autofree char *relative = find("<a href='/t/1'>", NULL);
    g_assert_cmpstr(relative, ==, "");
    g_autofree char *without_scheme = find("<a href='//flattr.com/t/1'>", NULL);
    g_assert_cmpstr(without_scheme, ==, "html thing https://flattr.com/t/1\n");
    g_autofree char *within = find("<a href='t/1'>", "https://flattr.com/");
    g_assert_cmpstr(within, ==, "html thing https://flattr.com/t/1\n");
}

static void
buttons_become_the_links_that_they_stood_for(void)
{
    static const Case cases[] = {
        {"<a class=\"FlattrButton\" style=\"display:none;\" title=\"A title\" href=\"https://a.example/1\" "
         "rel=\"flattr;uid:ann;language:en_GB;category:audio;tags:a,b c;hidden:1;button:compact;\"> A\n <b>long</b> "
         "description </a>",
         "button auto-submit " PAGE "&user_id=ann&title=A%20title&description=A%20long%20description&language=en_GB"
         "&category=audio&tags=a%2Cb%20c&hidden=1\n"},
        {"<a class='big FlattrButton' href='https://a.example/1' rev='flattr;uid:ann'></a>",
         "button auto-submit " PAGE "&user_id=ann\n"},
        {"<a class='FlattrButton' lang='de_DE' data-flattr-uid='ann' data-flattr-category='text' "
         "data-flattr-tags='a, b' data-flattr-hidden='0' data-flattr-revsharekey='K1' href='https://a.example/1'>",
         "button auto-submit " PAGE
         "&user_id=ann&language=de_DE&category=text&tags=a%2C%20b&hidden=0&revsharekey=K1\n"},
        {"<a class='FlattrButton' data-flattr-owner='twitter:user:id:123' href='https://a.example/1'>",
         "button auto-submit " PAGE "&owner=twitter%3Auser%3Aid%3A123\n"},
        {"<a class='FlattrButton' rel='flattr;uid:bob;tags:b' data-flattr-uid='ann' href='https://a.example/1'>",
         "button auto-submit " PAGE "&user_id=ann&tags=b\n"},
        {"<a class='FlattrButton' rel='flattr;uid:ann' data-flattr-owner='partner:x:1' href='https://a.example/1'>",
         "button auto-submit " PAGE "&user_id=ann\n"},
        {"<a class='FlattrButton' data-flattr-uid=ann href='../x?a=1&amp;b=2#c'>",
         "button auto-submit " AUTO "https%3A%2F%2Fbase.example%2Fx%3Fa%3D1%26b%3D2%23c&user_id=ann\n"},
        {"<a class='FlattrButton' data-flattr-uid=ann href='" AUTO "http://a.example/&amp;user_id=ann'>",
         "button auto-submit " AUTO "http://a.example/&user_id=ann\n"},
        /* It pays nobody, so it is no auto-submit link. */
        {"<a class='FlattrButton' href='https://a.example/1'>", "button other https://a.example/1\n"},
        {"<a class='FlattrButton' rel='notflattr;uid:ann' href='https://a.example/1'>",
         "button other https://a.example/1\n"},
        {"<a class='FlattrButton' data-flattr-uid=ann>", ""},
        {"<a class='FlattrButton' data-flattr-uid=ann href='javascript:x'>", ""},
        {"<a class='FlattrButtons' data-flattr-uid=ann href='https://a.example/1'>", ""},
        {"<span class='FlattrButton' data-flattr-uid=ann href='https://a.example/1'>", ""},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
a_script_says_what_holds_for_all_buttons(void)
{
    static const Case cases[] = {
        {"<script "
         "src='//api.flattr.com/js/0.6/load.js?mode=auto&amp;language=de_DE&amp;uid=ann&category=audio'></script>"
         "<a class='FlattrButton' href='https://a.example/1'></a>",
         "button auto-submit " PAGE "&user_id=ann&language=de_DE&category=audio\n"},
        {"<a class='FlattrButton' href='https://a.example/1' data-flattr-category=text></a>"
         "<script>/* <![CDATA[ */ s.async = 1; s.src = "
         "'http://api.flattr.com/js/0.6/load.js?mode=auto&uid=ann&category="
         "audio'; /* ]]> */</script>",
         "button auto-submit " PAGE "&user_id=ann&category=text\n"},
        {"<a class='FlattrButton' href='https://a.example/1' data-flattr-uid=bob></a>"
         "<script src='https://api.flattr.com/js/0.6/load.js?uid=ann'></script>",
         "button auto-submit " PAGE "&user_id=bob\n"},
        {"<a class='FlattrButton' href='https://a.example/1'></a>"
         "<script src='https://evil.example/js/0.6/load.js?uid=ann'></script>",
         "button other https://a.example/1\n"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void
a_button_says_no_more_than_a_server_takes(void)
{
    g_autoptr(GString) title = g_string_new(NULL);
    g_autoptr(GString) description = g_string_new(NULL);

    for (guint i = 0; i < 2000; i++) {
        g_string_append(title, "t");
        g_string_append(description, "\342\202\254");
    }
    g_autofree char *long_title =
        g_strdup_printf("<a class=FlattrButton data-flattr-uid=ann href='https://a.example/1' "
                        "title='%s'>d</a>",
                        title->str);
    g_autofree char *titled = find(long_title, NULL);
    g_string_truncate(title, 100);
    g_autofree char *expected = g_strconcat("button auto-submit " PAGE "&user_id=ann&title=", title->str, "\n", NULL);
    g_assert_cmpstr(titled, ==, expected);

    g_autofree char *long_text = g_strdup_printf("<a class=FlattrButton data-flattr-uid=ann href='https://a.example/1' "
                                                 "title='Title'>%s</a>",
                                                 description->str);
    g_autofree char *described = find(long_text, NULL);
    g_assert_true(g_str_has_prefix(described, "button auto-submit " PAGE "&user_id=ann&title=Title&description=%E2"));
    g_assert_cmpuint(strlen(strstr(described, "%E2")), ==, strlen("%E2%82%AC") * 1000 + strlen("\n"));

    /* With such an address it would be too long for a server. */
    g_autofree char *padding = g_strnfill(PF_PAYMENT_MAX_URL - 9000, 'x');
    g_autofree char *far = g_strdup_printf("<a class=FlattrButton data-flattr-uid=ann href='https://a.example/1%s' "
                                           "title='Title'>%s</a>",
                                           padding, description->str);
    g_autofree char *addressed = find(far, NULL);
    g_autofree char *bare = g_strconcat("button auto-submit " PAGE, padding, "&user_id=ann&title=Title\n", NULL);
    g_assert_cmpstr(addressed, ==, bare);
}

/* Appends the numbers from 0, each between two pieces. */
static void
append_many(GString *html, guint count, const char *before, const char *after)
{
    for (guint i = 0; i < count; i++)
        g_string_append_printf(html, "%s%u%s", before, i, after);
}

static void
whatever_is_before_a_link_it_is_found(void)
{
    static const char link[] = "<a href='https://flattr.com/t/1'>";
    static const struct {
        guint count;
        const char *start, *before, *after, *end;
    } cases[] = {
        {400, "", "<b>", "", ""},
        {300000, "", "<p>", "<br>", ""},
        {5000, "<i ", "a", "=1 ", ">"},
        {5000, "<!--", "<i>", "</i>", "-->"},
        {20000, "<i ", "a", "=1 ", ">"},
        {20000, "<i title='", "\303\274", "", "'>"},
        {20000, "", "<b>x", "</b>", ""},
        {20000, "", "<b>", "</i>", ""},
        {1, "<textarea><title>", "", "", ""},
        {1, "<plaintext><svg><![CDATA[", "", "", "]]>"},
        {1, "<script src=x/>", "", "", "</script>"},
        {1, "<select><table><iframe><style>", "x", "", "</style>"},
        {20000, "", "<a>", "", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) html = g_string_new(cases[i].start);
        append_many(html, cases[i].count, cases[i].before, cases[i].after);
        g_string_append_printf(html, "%s%s", cases[i].end, link);
        g_autofree char *found = find(html->str, NULL);
        g_assert_cmpstr(found, ==, "html thing https://flattr.com/t/1\n");
    }
}

/* A piece ends where a parser could begin: links in comments and in values are none, wherever they stand. */
static void
a_long_text_is_cut_between_its_tags(void)
{
    static const struct {
        const char *start, *end;
        guint count;
    } cases[] = {
        {"<!--", "-->", 1000},
        {"<!--", "-->", 20000},
        {"<img alt=\"", "\">", 1000},
        {"<img alt = \"", "\">", 20000},
        {"<script>'", "'</script>", 1000},
        {"<STYLE>", "</Style>", 20000},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) html = g_string_new(NULL);
        append_many(html, 10000, "<p>", "");
        g_string_append(html, cases[i].start);
        append_many(html, cases[i].count, "<a href='https://flattr.com/t/9", "'>9</a>");
        g_string_append_printf(html, "%s<a href='https://flattr.com/t/1'>", cases[i].end);
        g_autofree char *found = find(html->str, NULL);
        g_assert_cmpstr(found, ==, "html thing https://flattr.com/t/1\n");
    }
}

static gboolean
finds_all(const char *html)
{
    g_autoptr(GPtrArray) payments = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);

    return pf_payment_html_find(&(PfItemText){.html = (char *)html}, payments);
}

static void
a_tag_of_very_many_attributes_is_passed_over(void)
{
    g_autoptr(GString) html = g_string_new("<p>Notes</p><i ");

    append_many(html, 1001, "a", "=1 ");
    g_string_append(html, "><a href='https://flattr.com/t/1'>");
    g_assert_cmpuint(html->len, <, PF_HTML_MAX_TAG);
    g_autofree char *found = find(html->str, NULL);
    g_assert_cmpstr(found, ==, "html thing https://flattr.com/t/1\n");
    g_assert_false(finds_all(html->str));
}

static void
a_link_that_breaks_off_with_its_text_is_none(void)
{
    static const char *const texts[] = {
        "Notes <a href=\"https://flattr.com/t/12",
        "Notes <a href=https://flattr.com/t/12",
        "Notes <a title='x > y' href='https://flattr.com/t/12",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *found = find(texts[i], NULL);

        g_assert_cmpstr(found, ==, "");
        g_assert_false(finds_all(texts[i]));
    }
}

static void
a_limit_that_is_hit_is_told(void)
{
    g_autoptr(GString) tag = g_string_new("<a href='https://flattr.com/t/1'><i ");
    g_autoptr(GString) elsewhere = g_string_new("<a href='https://flattr.com/t/1'></a>");

    append_many(tag, 20000, "a", "=1 ");
    append_many(elsewhere, 2 * PF_PAYMENT_HTML_MAX, "<a href='https://a.example/", "'></a>");
    g_string_append(elsewhere, "<a href='https://flattr.com/t/2'></a>");
    g_assert_false(finds_all(tag->str));
    g_assert_true(finds_all("<a href='https://flattr.com/t/1'></a>"));
    g_assert_true(finds_all(elsewhere->str));
    g_autofree char *found = find(elsewhere->str, NULL);
    g_assert_cmpstr(found, ==, "html thing https://flattr.com/t/1\nhtml thing https://flattr.com/t/2\n");
}

static void
so_many_links_of_a_text_are_kept(void)
{
    g_autoptr(GString) html = g_string_new(NULL);

    for (guint i = 0; i < 3 * PF_PAYMENT_HTML_MAX; i++)
        g_string_append_printf(html, "<a href='https://flattr.com/t/%u'>", i + 1);
    g_autoptr(GPtrArray) payments = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);
    g_assert_false(pf_payment_html_find(&(PfItemText){.html = html->str}, payments));
    g_assert_cmpuint(payments->len, ==, PF_PAYMENT_HTML_MAX);
}

static void
an_items_links_come_before_those_in_its_texts(void)
{
    g_autoptr(PfItem) item = pf_item_new();
    static const char text[] = "<a href='https://flattr.com/t/1'></a><a href='https://flattr.com/t/3'></a>"
                               "<a href='https://flattr.com/@ann'></a>"
                               "<a class=FlattrButton data-flattr-uid=ann href='https://a.example/1'></a>";

    g_ptr_array_add(item->payment_links, g_strdup("https://pay.example/"));
    g_ptr_array_add(item->payment_links, g_strdup("https://flattr.com/thing/3"));
    g_ptr_array_add(item->texts, pf_item_text_new_take(g_strdup("<a href='https://flattr.com/@bob'>"), NULL));
    g_ptr_array_add(item->texts, pf_item_text_new_take(g_strdup(text), NULL));
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    static const char *const keys[] = {"thing:3", "https://pay.example/", "https://a.example/1",
                                       "thing:1", "profile:bob",          "profile:ann"};
    g_assert_cmpuint(payments->len, ==, G_N_ELEMENTS(keys));
    for (guint i = 0; i < payments->len; i++)
        g_assert_cmpstr(((const PfPayment *)payments->pdata[i])->key, ==, keys[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment html/links to Flattr are found in texts", links_to_flattr_are_found_in_texts);
    g_test_add_func("/payment html/payment links in texts may lead anywhere", payment_links_in_texts_may_lead_anywhere);
    g_test_add_func("/payment html/what is no link in a text is none", what_is_no_link_in_a_text_is_none);
    g_test_add_func("/payment html/buttons become the links that they stood for",
                    buttons_become_the_links_that_they_stood_for);
    g_test_add_func("/payment html/a script says what holds for all buttons", a_script_says_what_holds_for_all_buttons);
    g_test_add_func("/payment html/a button says no more than a server takes",
                    a_button_says_no_more_than_a_server_takes);
    g_test_add_func("/payment html/whatever is before a link, it is found", whatever_is_before_a_link_it_is_found);
    g_test_add_func("/payment html/a long text is cut between its tags", a_long_text_is_cut_between_its_tags);
    g_test_add_func("/payment html/a tag of very many attributes is passed over",
                    a_tag_of_very_many_attributes_is_passed_over);
    g_test_add_func("/payment html/a link that breaks off with its text is none",
                    a_link_that_breaks_off_with_its_text_is_none);
    g_test_add_func("/payment html/a limit that is hit is told", a_limit_that_is_hit_is_told);
    g_test_add_func("/payment html/so many links of a text are kept", so_many_links_of_a_text_are_kept);
    g_test_add_func("/payment html/an item's links come before those in its texts",
                    an_items_links_come_before_those_in_its_texts);
    return g_test_run();
}
