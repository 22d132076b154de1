/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/request.h"
#include "sandbox/things.h"

#include <string.h>

static void
tag_operators_bind_as_documented(void)
{
    static const struct {
        const char *expression;
        const char *tags;
        gboolean match;
    } cases[] = {
        {"", "", TRUE},
        {"", "a", TRUE},
        {"a", "", FALSE},
        {"a", "a", TRUE},
        {"a", "ab", FALSE},
        {"A", "a", TRUE},
        {"ÄPFEL", "äpfel", TRUE},
        {"a", "b, a ,c", TRUE},
        {"open source", "open source", TRUE},
        {"open source", "open", FALSE},
        {"game | games ! software", "game", TRUE},
        {"game | games ! software", "games,fun", TRUE},
        {"game | games ! software", "game,software", FALSE},
        {"game | games ! software", "fun", FALSE},
        {"photo & flickr ! illustrations", "photo,flickr", TRUE},
        {"photo & flickr ! illustrations", "photo", FALSE},
        {"photo & flickr ! illustrations", "photo,flickr,illustrations", FALSE},
        {"photos & travel & iphone !flickr", "photos,travel,iphone", TRUE},
        {"a & b | c", "a,c", TRUE},
        {"a & b | c", "c", FALSE},
        {"a | !b", "c", TRUE},
        {"a | !b", "b", FALSE},
        {"a | !b", "a,b", TRUE},
        {"!a & !b", "c", TRUE},
        {"!a & !b", "b", FALSE},
        {"a,b", "b", TRUE},
        {"|||&&&!!!", "a", TRUE},
        {"  & a", "a", TRUE},
        {"a |", "a", TRUE},
        {"a |", "b", FALSE},
        {"!!a", "a", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxTags) tags = sandbox_tags_read(cases[i].expression);

        g_test_message("'%s' and '%s'", cases[i].expression, cases[i].tags);
        g_assert_cmpint(sandbox_tags_match(tags, cases[i].tags), ==, cases[i].match);
    }
}

static SandboxThing *
new_thing(gint64 id, const char *title, const char *tags, const char *category, gint64 flattrs)
{
    SandboxThing *thing = g_new0(SandboxThing, 1);

    thing->id = id;
    thing->url = g_strdup_printf("http://e.org/%" G_GINT64_FORMAT, id);
    thing->owner = g_strdup("Alice");
    thing->title = g_strdup(title);
    thing->description = g_strdup("About apples");
    thing->language = g_strdup("en_GB");
    thing->category = g_strdup(category);
    thing->tags = g_strdup(tags);
    thing->flattrs = flattrs;
    return thing;
}

/* Reads "name=value&…" as a search. */
static SandboxSearch *
read_search(const char *text, const char **problem)
{
    g_autoptr(GHashTable) query = sandbox_form_read(text, strlen(text));

    return sandbox_search_new(query, problem);
}

static void
every_parameter_must_match(void)
{
    static const struct {
        const char *query;
        gboolean match;
    } cases[] = {
        {"", TRUE},
        {"query=", TRUE},
        {"query=pear", TRUE},
        {"query=PEAR+apples", TRUE},
        {"query=pear+plum", FALSE},
        {"query=e.org/7", TRUE},
        {"query=%25", FALSE},
        {"category=text", TRUE},
        {"category=audio,text", TRUE},
        {"category=audio", FALSE},
        {"language=EN_gb", TRUE},
        {"language=de_DE", FALSE},
        {"user=alice", TRUE},
        {"user=bob", FALSE},
        {"user=,", TRUE},
        {"url=http://e.org/7", TRUE},
        {"url=http://e.org/", FALSE},
        {"tags=fruit", TRUE},
        {"tags=!fruit", FALSE},
        {"query=pear&category=text&tags=fruit&user=alice&language=en_GB", TRUE},
        {"query=pear&category=text&tags=fruit&user=bob", FALSE},
    };
    g_autoptr(SandboxThing) thing = new_thing(7, "A pear tree", "fruit,tree", "text", 0);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *problem = NULL;
        g_autoptr(SandboxSearch) search = read_search(cases[i].query, &problem);

        g_test_message("%s", cases[i].query);
        g_assert_nonnull(search);
        g_assert_cmpint(sandbox_search_match(search, thing), ==, cases[i].match);
    }
}

static void
orders_are_stable_and_the_newest_come_first(void)
{
    static const struct {
        const char *query;
        gint64 since;
        gint64 order[3];
    } cases[] = {
        {"", -1, {3, 2, 1}},
        {"sort=relevance&query=pear", -1, {1, 3, 2}},
        {"sort=flattrs", -1, {2, 3, 1}},
        {"sort=flattrs_day", 1000000 - 86400, {3, 2, 1}},
        {"sort=flattrs_week", 1000000 - 7 * 86400, {3, 2, 1}},
        {"sort=flattrs_month", 1000000 - 30 * 86400, {3, 2, 1}},
        {"sort=trend", 1000000 - 3 * 86400, {3, 2, 1}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *problem = NULL;
        const gint64 lately = 3;
        const gint64 count = 5;
        g_autoptr(SandboxSearch) search = read_search(cases[i].query, &problem);
        g_autoptr(GPtrArray) things = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_thing_free);
        g_autoptr(GHashTable) recent = g_hash_table_new(g_int64_hash, g_int64_equal);

        g_hash_table_insert(recent, (gpointer)&lately, (gpointer)&count);
        g_ptr_array_add(things, new_thing(3, "Another tree", "pear", "text", 1));
        g_ptr_array_add(things, new_thing(2, "Another tree", "", "text", 9));
        g_ptr_array_add(things, new_thing(1, "A pear tree", "pear", "text", 1));
        g_test_message("%s", cases[i].query);
        g_assert_cmpint(sandbox_search_since(search, 1000000), ==, cases[i].since);
        sandbox_search_sort(search, things, cases[i].since < 0 ? NULL : recent);
        for (guint j = 0; j < 3; j++)
            g_assert_cmpint(((SandboxThing *)g_ptr_array_index(things, j))->id, ==, cases[i].order[j]);
    }
}

static void
an_unknown_order_is_a_problem(void)
{
    const char *problem = NULL;

    g_assert_null(read_search("sort=best", &problem));
    g_assert_nonnull(problem);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-search/tag operators bind as documented", tag_operators_bind_as_documented);
    g_test_add_func("/sandbox-search/every parameter must match", every_parameter_must_match);
    g_test_add_func("/sandbox-search/orders are stable and the newest come first",
                    orders_are_stable_and_the_newest_come_first);
    g_test_add_func("/sandbox-search/an unknown order is a problem", an_unknown_order_is_a_problem);
    return g_test_run();
}
