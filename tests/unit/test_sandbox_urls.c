/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/things.h"

#define AUTO "https://flattr.com/submit/auto?"

static void
each_kind_of_url_is_read(void)
{
    static const struct {
        const char *text;
        SandboxUrlKind kind;
        const char *page;
        const char *owner;
        gint64 id;
    } cases[] = {
        {AUTO "url=http%3A%2F%2Fe.org%2F&user_id=mario", SANDBOX_URL_AUTO_SUBMIT, "http://e.org/", "mario", 0},
        {AUTO "user_id=mario&url=http://e.org/", SANDBOX_URL_AUTO_SUBMIT, "http://e.org/", "mario", 0},
        {"HTTP://WWW.Flattr.COM/submit/auto/?uid=m&url=http://e.org/", SANDBOX_URL_AUTO_SUBMIT, "http://e.org/", "m",
         0},
        {AUTO "owner=twitter:user:id:1&url=http://e.org/", SANDBOX_URL_AUTO_SUBMIT, "http://e.org/",
         "twitter:user:id:1", 0},
        {AUTO "url=http%3A%2F%2Fe.org%2F%3Fa%3D1%26b%3D2%23c&user_id=m", SANDBOX_URL_AUTO_SUBMIT,
         "http://e.org/?a=1&b=2#c", "m", 0},
        {AUTO "url=http://e.org/", SANDBOX_URL_AUTO_SUBMIT, "http://e.org/", NULL, 0},
        {AUTO "user_id=m", SANDBOX_URL_BAD, NULL, NULL, 0},
        {AUTO "url=podcast&user_id=m", SANDBOX_URL_BAD, NULL, NULL, 0},
        {AUTO "url=http://e.org/%00&user_id=m", SANDBOX_URL_BAD, NULL, NULL, 0},
        {AUTO "url=http://e.org/%zz&user_id=m", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"https://flattr.com/thing/423405", SANDBOX_URL_THING, NULL, NULL, 423405},
        {"http://flattr.com/thing/7/A-title", SANDBOX_URL_THING, NULL, NULL, 7},
        {"https://flattr.com/t/7", SANDBOX_URL_THING, NULL, NULL, 7},
        {"https://flattr.com/thing/-7", SANDBOX_URL_PAGE, "https://flattr.com/thing/-7", NULL, 0},
        {"https://flattr.com/thing/99999999999999999999", SANDBOX_URL_PAGE,
         "https://flattr.com/thing/99999999999999999999", NULL, 0},
        {"https://flattr.com/profile/mario", SANDBOX_URL_PAGE, "https://flattr.com/profile/mario", NULL, 0},
        {"https://github.com/Simon", SANDBOX_URL_DISCOVERABLE, "https://github.com/simon", "github:simon", 0},
        {"http://www.github.com/simon/flattr/", SANDBOX_URL_DISCOVERABLE, "https://github.com/simon/flattr",
         "github:simon", 0},
        {"https://github.com/simon/flattr/commit/a1b2", SANDBOX_URL_DISCOVERABLE,
         "https://github.com/simon/flattr/commit/a1b2", "github:simon", 0},
        {"https://github.com/simon/flattr/issues/1", SANDBOX_URL_PAGE, "https://github.com/simon/flattr/issues/1", NULL,
         0},
        {"https://github.com/pricing", SANDBOX_URL_PAGE, "https://github.com/pricing", NULL, 0},
        {"https://gist.github.com/simon/123", SANDBOX_URL_DISCOVERABLE, "https://gist.github.com/simon/123",
         "github:simon", 0},
        {"https://soundcloud.com/mario/sets/best", SANDBOX_URL_DISCOVERABLE, "https://soundcloud.com/mario/sets/best",
         "soundcloud:mario", 0},
        {"https://mobile.twitter.com/mario/status/12", SANDBOX_URL_DISCOVERABLE, "https://twitter.com/mario/status/12",
         "twitter:mario", 0},
        {"http://instagram.com/p/AbC/", SANDBOX_URL_DISCOVERABLE, "https://instagram.com/p/AbC", "instagram:AbC", 0},
        {"https://notgithub.com/simon", SANDBOX_URL_PAGE, "https://notgithub.com/simon", NULL, 0},
        {"http://example.org/page", SANDBOX_URL_PAGE, "http://example.org/page", NULL, 0},
        {"ftp://example.org/", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"javascript:alert(1)", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"/thing/1", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"http://e.org/\n", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"http://e.org/\xff", SANDBOX_URL_BAD, NULL, NULL, 0},
        {"", SANDBOX_URL_BAD, NULL, NULL, 0},
        {NULL, SANDBOX_URL_BAD, NULL, NULL, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxUrl) url = sandbox_url_read(cases[i].text);

        g_test_message("%s", cases[i].text ? cases[i].text : "NULL");
        g_assert_cmpint(url->kind, ==, cases[i].kind);
        g_assert_cmpint(url->id, ==, cases[i].id);
        g_assert_true((url->problem != NULL) == (cases[i].kind == SANDBOX_URL_BAD));
        if (cases[i].kind != SANDBOX_URL_BAD) {
            g_assert_cmpstr(url->page, ==, cases[i].page);
            g_assert_cmpstr(url->owner, ==, cases[i].owner);
        }
    }
}

static void
an_overlong_url_is_refused(void)
{
    g_autofree char *path = g_strnfill(SANDBOX_URL_MAX, 'x');
    g_autofree char *text = g_strconcat("http://e.org/", path, NULL);
    g_autoptr(SandboxUrl) url = sandbox_url_read(text);

    g_assert_cmpint(url->kind, ==, SANDBOX_URL_BAD);
}

static void
an_auto_submit_url_describes_its_thing(void)
{
    g_autoptr(SandboxUrl) url = sandbox_url_read(AUTO "url=http://e.org/&user_id=m&title=Eine+gro%C3%9Fe+Sendung"
                                                      "&description=&language=de_DE&category=audio&tags=a,b&hidden=1");

    g_assert_cmpstr(url->title, ==, "Eine große Sendung");
    g_assert_cmpstr(url->description, ==, NULL);
    g_assert_cmpstr(url->language, ==, "de_DE");
    g_assert_cmpstr(url->category, ==, "audio");
    g_assert_cmpstr(url->tags, ==, "a,b");
    g_assert_true(url->hidden);
}

static void
descriptions_are_measured_in_characters(void)
{
    static const struct {
        const char *letter;
        gsize title, description, tags; /* how many of it; 0: none */
        gboolean good;
    } cases[] = {
        {"x", 0, 0, 0, TRUE},    {"x", 4, 0, 0, FALSE},   {"x", 5, 0, 0, TRUE},    {"x", 100, 0, 0, TRUE},
        {"x", 101, 0, 0, FALSE}, {"ß", 100, 0, 0, TRUE},  {"ß", 4, 0, 0, FALSE},   {"x", 0, 4, 0, FALSE},
        {"x", 0, 5, 0, TRUE},    {"x", 0, 1000, 0, TRUE}, {"ß", 0, 1000, 0, TRUE}, {"x", 0, 1001, 0, FALSE},
        {"x", 0, 0, 1, TRUE},    {"x", 0, 0, 1000, TRUE}, {"ß", 0, 0, 1000, TRUE}, {"x", 0, 0, 1001, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) title = g_string_new(NULL);
        g_autoptr(GString) description = g_string_new(NULL);
        g_autoptr(GString) tags = g_string_new(NULL);
        for (gsize n = 0; n < cases[i].title; n++)
            g_string_append(title, cases[i].letter);
        for (gsize n = 0; n < cases[i].description; n++)
            g_string_append(description, cases[i].letter);
        for (gsize n = 0; n < cases[i].tags; n++)
            g_string_append(tags, cases[i].letter);
        const SandboxUrl url = {
            .title = title->len ? title->str : NULL,
            .description = description->len ? description->str : NULL,
            .tags = tags->len ? tags->str : NULL,
        };
        g_test_message("%s: %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT, cases[i].letter,
                       cases[i].title, cases[i].description, cases[i].tags);
        g_assert_true((sandbox_thing_fields_check_url(&url) == NULL) == cases[i].good);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-urls/each kind of URL is read", each_kind_of_url_is_read);
    g_test_add_func("/sandbox-urls/an overlong URL is refused", an_overlong_url_is_refused);
    g_test_add_func("/sandbox-urls/an auto-submit URL describes its thing", an_auto_submit_url_describes_its_thing);
    g_test_add_func("/sandbox-urls/descriptions are measured in characters", descriptions_are_measured_in_characters);
    return g_test_run();
}
