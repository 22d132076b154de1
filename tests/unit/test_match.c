/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of items and of files that podcatchers make of them, each looked for by its keys and then chosen. */
#include "feed/item_identity.h"
#include "feed/match.h"
#include "feed_match_rows.h"

static PfKnownItem *
make_candidate(const Row *row, guint index)
{
    PfKnownItem *item = make_item(&row->items[index].words);
    int feed = row->items[index].feed;

    item->id = index + 1;
    item->feed = pf_known_feed_new();
    item->feed->id = feed + 1;
    item->feed->url = g_strdup(feeds[feed].url);
    item->feed->address = g_strdup(feeds[feed].url);
    item->feed->title = g_strdup(feeds[feed].title);
    return item;
}

static gboolean
share_key(const GArray *one, const GArray *other)
{
    for (guint i = 0; i < one->len; i++) {
        for (guint j = 0; j < other->len; j++) {
            if (g_array_index(one, gint64, i) == g_array_index(other, gint64, j))
                return TRUE;
        }
    }
    return FALSE;
}

/* The items of a row that the file's keys find, in the order of the row or the reverse. */
static GPtrArray *
list_candidates(const Row *row, const PfMatch *match, gboolean reverse)
{
    GPtrArray *candidates = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(GArray) identifiers = NULL;
    g_autoptr(GArray) name_keys = NULL;
    g_autoptr(GArray) part_keys = NULL;

    pf_match_list_keys(match, &identifiers, &name_keys, &part_keys);
    for (guint i = 0; i < MOST_ITEMS; i++) {
        guint index = reverse ? MOST_ITEMS - 1 - i : i;
        if (!row->items[index].words.guid)
            continue;
        g_autoptr(PfKnownItem) item = make_candidate(row, index);
        g_autoptr(GArray) keys = pf_feed_key_list(item->item);
        if (share_key(keys, identifiers) || share_key(keys, name_keys) || share_key(keys, part_keys))
            g_ptr_array_add(candidates, g_steal_pointer(&item));
    }
    return candidates;
}

static gboolean
is_named_after(const char *folder, const char *title)
{
    g_autofree char *plain = pf_feed_name_strip_collision(folder);

    return pf_feed_name_compare(folder, title) != PF_NAMES_DIFFER ||
           pf_feed_name_compare(plain, title) != PF_NAMES_DIFFER;
}

static void
set_folder(PfMatch *match, const char *path)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autofree char *folder = g_path_get_dirname(path);

    for (int level = 0; level < 2 && ids->len == 0; level++) {
        g_autofree char *name = g_path_get_basename(folder);
        for (gint64 i = 0; i < (gint64)G_N_ELEMENTS(feeds); i++) {
            gint64 id = i + 1;
            if (is_named_after(name, feeds[i].title))
                g_array_append_val(ids, id);
        }
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
    pf_match_set_folder_feeds(match, ids);
}

/* Returns: what was chosen, as a row expects it. */
static char *
choose(const Row *row, gboolean reverse)
{
    PfFileClues clues = row->clues;
    const char *how;

    if (clues.size == 0)
        clues.size = -1;
    g_autoptr(PfMatch) match = pf_match_new(&clues);
    set_folder(match, clues.path);
    g_autoptr(GPtrArray) candidates = list_candidates(row, match, reverse);
    g_autoptr(GPtrArray) chosen = pf_match_choose(match, candidates, &how);
    g_assert_cmpint(how == NULL, ==, chosen->len == 0);
    return g_strdup(chosen->len == 0   ? NONE
                    : chosen->len == 1 ? ((const PfKnownItem *)chosen->pdata[0])->item->guid
                                       : SEVERAL);
}

static void
a_file_is_the_item_that_it_was_made_of(void)
{
    guint wrong = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *chosen = choose(names + i, FALSE);
        if (!g_str_equal(chosen, names[i].expected)) {
            g_printerr("%s: %s: \"%s\", not \"%s\"\n", names[i].who, names[i].clues.path, chosen, names[i].expected);
            wrong++;
        }
    }
    g_assert_cmpint(wrong, ==, 0);
}

static void
the_order_of_candidates_makes_no_difference(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *chosen = choose(names + i, FALSE);
        g_autofree char *reversed = choose(names + i, TRUE);
        g_assert_cmpstr(chosen, ==, reversed);
    }
}

/* A feed may list an episode twice without a GUID: which of the two is paid must not depend on how they were found. */
static void
of_twins_it_is_always_the_same_one(void)
{
    static const Row row = {.items = {{{.title = "Twin", .enclosure = "https://a.example/twin.mp3"}, 0},
                                      {{.title = "Twin", .enclosure = "https://a.example/twin.mp3"}, 0}}};
    static const PfFileClues clues = {.path = "/p/twin.mp3", .size = -1};
    const char *how;

    for (guint i = 0; i < 2; i++) {
        g_autoptr(PfMatch) match = pf_match_new(&clues);
        g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
        g_ptr_array_add(candidates, make_candidate(&row, i));
        g_ptr_array_add(candidates, make_candidate(&row, 1 - i));
        g_autoptr(GPtrArray) chosen = pf_match_choose(match, candidates, &how);
        g_assert_cmpuint(chosen->len, ==, 1);
        g_assert_cmpint(((const PfKnownItem *)chosen->pdata[0])->id, ==, 1);
    }
}

/* Whatever a file that has nothing to do with a feed is called, items more or less never make it one of theirs. */
static void
a_stranger_stays_a_stranger(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        Row row = names[i];
        row.clues = (PfFileClues){.path = "/music/Stranger - Song of the Sea.flac", .size = 4};
        g_autofree char *chosen = choose(&row, FALSE);
        g_assert_cmpstr(chosen, ==, NONE);
    }
}

static void
what_was_not_looked_through_to_the_end_is_not_unique(void)
{
    const Row *row = names;
    const char *how;
    g_autoptr(PfMatch) match = pf_match_new(&row->clues);
    g_autoptr(GPtrArray) candidates = list_candidates(row, match, FALSE);

    pf_match_set_incomplete(match, FALSE, TRUE, FALSE);
    g_autoptr(GPtrArray) chosen = pf_match_choose(match, candidates, &how);
    g_assert_cmpint(chosen->len, ==, 0);
    pf_match_set_incomplete(match, TRUE, FALSE, TRUE);
    g_autoptr(GPtrArray) again = pf_match_choose(match, candidates, &how);
    g_assert_cmpint(again->len, ==, 1);
    g_assert_cmpstr(how, ==, "name");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed match/a file is the item that it was made of", a_file_is_the_item_that_it_was_made_of);
    g_test_add_func("/feed match/the order of candidates makes no difference",
                    the_order_of_candidates_makes_no_difference);
    g_test_add_func("/feed match/of twins it is always the same one", of_twins_it_is_always_the_same_one);
    g_test_add_func("/feed match/a stranger stays a stranger", a_stranger_stays_a_stranger);
    g_test_add_func("/feed match/what was not looked through to the end is not unique",
                    what_was_not_looked_through_to_the_end_is_not_unique);
    return g_test_run();
}
