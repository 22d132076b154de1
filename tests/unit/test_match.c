/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of items and of files that podcatchers make of them, each looked for by its keys and then chosen. */
#include "feed/file_name.h"
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
    g_autofree char *plain = pf_name_strip_collision(folder);

    return pf_name_compare_texts(folder, title) != PF_NAMES_DIFFER ||
           pf_name_compare_texts(plain, title) != PF_NAMES_DIFFER;
}

static void
set_folder(PfMatch *match, const char *path)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autofree char *folder = g_path_get_dirname(path);

    for (int level = 0; level < 5 && ids->len == 0; level++) {
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

static PfChoice
choose_of(const Row *row, gboolean reverse, GPtrArray **candidates)
{
    PfFileClues clues = row->clues;
    PfChoice choice;

    if (clues.size == 0)
        clues.size = -1;
    g_autoptr(PfMatch) match = pf_match_new(&clues);
    set_folder(match, clues.path);
    *candidates = list_candidates(row, match, reverse);
    pf_match_choose(match, *candidates, &choice);
    return choice;
}

/* Returns: what was chosen, as a row expects it. */
static char *
choose(const Row *row, gboolean reverse)
{
    g_autoptr(GPtrArray) candidates = NULL;
    g_auto(PfChoice) choice = choose_of(row, reverse, &candidates);

    return row_word(choice.items, choice.sure);
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

    for (guint i = 0; i < 2; i++) {
        g_autoptr(PfMatch) match = pf_match_new(&clues);
        g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
        g_ptr_array_add(candidates, make_candidate(&row, i));
        g_ptr_array_add(candidates, make_candidate(&row, 1 - i));
        g_auto(PfChoice) choice = {0};
        pf_match_choose(match, candidates, &choice);
        g_assert_cmpuint(choice.items->len, ==, 1);
        g_assert_cmpint(((const PfKnownItem *)choice.items->pdata[0])->id, ==, 1);
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
what_was_not_looked_through_to_the_end_is_not_sure(void)
{
    static const struct {
        gboolean identifiers, names, parts, sure;
    } cases[] = {{FALSE, TRUE, FALSE, FALSE}, {TRUE, FALSE, TRUE, TRUE}};
    const Row *row = names;

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfMatch) match = pf_match_new(&row->clues);
        g_autoptr(GPtrArray) candidates = list_candidates(row, match, FALSE);
        g_auto(PfChoice) choice = {0};
        set_folder(match, row->clues.path);
        pf_match_set_incomplete(match, cases[i].identifiers, cases[i].names, cases[i].parts);
        pf_match_choose(match, candidates, &choice);
        g_assert_cmpuint(choice.items->len, ==, 1);
        g_assert_cmpint(choice.sure, ==, cases[i].sure);
    }
}

/* --- random feeds, folders and names --- */

#define SHOWS 5
#define KNOWN 3 /* of them, the first ones */
#define EPISODES 6

typedef struct {
    const char *title;
    char *titles[EPISODES];
    char *stems[EPISODES];
    char *guids[EPISODES];
    gint64 sizes[EPISODES];
    gint64 days[EPISODES];
} Show;

static const char *
pick(GRand *random, const char *const *words, guint count)
{
    return words[g_rand_int_range(random, 0, (gint32)count)];
}

#define PICK(random, words) pick(random, words, G_N_ELEMENTS(words))

/* Names that others have too, and some that tell whose they are. The last known show imitates the first one. */
static void
make_show(GRand *random, Show *show, guint number, const Show *first)
{
    static const char *const shows[SHOWS] = {"Garden Radio", "Tiny Cast: A/B", "Garden Radio", "Night Notes",
                                             "Hörspiel & Co"};
    static const char *const weak[] = {"Intro", "Hello", "Episode 10", "Folge 3: Anfang", "Part 1/1", "Über uns"};
    static const char *const weak_stems[] = {"episode1", "media", "010", "intro", "audio", "ep-2"};

    show->title = shows[number];
    for (guint i = 0; i < EPISODES; i++) {
        gboolean copy = number == KNOWN - 1 && g_rand_boolean(random);
        gboolean telling = g_rand_boolean(random);
        show->titles[i] = copy      ? g_strdup(first->titles[i])
                          : telling ? g_strdup_printf("%u%u: What %c%c%c is for here?", number, i, 'A' + number,
                                                      'k' + i, 'a' + number)
                                    : g_strdup(PICK(random, weak));
        show->stems[i] = copy      ? g_strdup(first->stems[i])
                         : telling ? g_strdup_printf("%c%c%c%u%u-x", 'a' + number, 'm' + number, 'q' + i, number, i)
                                   : g_strdup(PICK(random, weak_stems));
        show->guids[i] =
            copy ? g_strdup(first->guids[i]) : g_strdup_printf("urn:show:%u:%08x", number, g_rand_int(random));
        show->sizes[i] = copy ? first->sizes[i] : g_rand_int_range(random, 100000, 90000000);
        show->days[i] = copy ? first->days[i] : 20000 + 10 * (gint64)(number * EPISODES + i);
    }
}

static void
clear_show(Show *show)
{
    for (guint i = 0; i < EPISODES; i++) {
        g_free(show->titles[i]);
        g_free(show->stems[i]);
        g_free(show->guids[i]);
    }
}

/* What a podcatcher calls a file of an episode. */
static char *
name_file(GRand *random, const Show *show, guint episode)
{
    static const char *const signs[] = {"_", "", "-", " "};
    g_autofree char *title = g_strdelimit(g_strdup(show->titles[episode]), ":/?", '_');
    g_autofree char *show_title = g_strdelimit(g_strdup(show->title), ":/?", *PICK(random, signs) ? '_' : '-');
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(show->days[episode] * 86400 + 43200);
    g_autofree char *day = g_date_time_format(date, g_rand_boolean(random) ? "%Y-%m-%d" : "%Y%m%d");

    switch (g_rand_int_range(random, 0, 10)) {
    case 0:
        return g_strconcat(title, ".mp3", NULL);
    case 1:
        return g_strconcat(day, "-", title, ".mp3", NULL);
    case 2:
        return g_strconcat(show_title, " - ", title, ".mp3", NULL);
    case 3:
        return g_strconcat(title, " [", show->guids[episode], "].mp3", NULL);
    case 4:
        return g_strdup_printf("%03d - %s.mp3", g_rand_int_range(random, 1, 300), title);
    case 5:
        return g_strconcat(show->stems[episode], ".mp3.1", NULL);
    case 6:
        return g_strdup_printf("%s.%d.mp3", title, g_rand_int_range(random, 1, 300));
    case 7:
        return g_strconcat(day, "_10h00m_", show->stems[episode], ".mp3", NULL);
    case 8:
        return g_strdup_printf("%d.mp3", g_rand_int_range(random, 1, 300));
    default:
        return g_strconcat(show->stems[episode], ".mp3", NULL);
    }
}

static PfKnownItem *
make_episode(const Show *show, guint number, guint episode)
{
    PfKnownItem *known = pf_known_item_new();

    known->id = (gint64)(number * EPISODES + episode + 1);
    known->feed = pf_known_feed_new();
    known->feed->id = number + 1;
    known->feed->url = g_strdup_printf("https://f%u.example/rss", number);
    known->feed->address = g_strdup(known->feed->url);
    known->feed->title = g_strdup(show->title);
    known->payments = g_strdup_printf("pay %u", number);
    known->item->guid = g_strdup(show->guids[episode]);
    known->item->title = g_strdup(show->titles[episode]);
    known->item->has_published = TRUE;
    known->item->published = show->days[episode] * 86400 + 43200;
    g_ptr_array_add(
        known->item->enclosures,
        pf_enclosure_new_take(g_strdup_printf("https://f%u.example/%u/%s.mp3", number, episode, show->stems[episode]),
                              NULL, show->sizes[episode]));
    return known;
}

/* Whether an item is of the show, whatever its number: its feed may list one twice. */
static gboolean
is_chosen_of(const PfChoice *choice, guint number)
{
    return ((const PfKnownItem *)choice->items->pdata[0])->feed->id == number + 1;
}

/* Where a file may say that it comes from: its own address, one that it was redirected to, or nowhere. */
static char *
make_origin(GRand *random, const Show *show, guint number, guint episode)
{
    switch (g_rand_int_range(random, 0, 4)) {
    case 0:
        return g_strdup_printf("https://f%u.example/%u/%s.mp3?token=1", number, episode, show->stems[episode]);
    case 1:
        return g_strdup_printf("https://cdn.example/%u/%s.mp3", number, show->stems[episode]);
    default:
        return NULL;
    }
}

/* Returns: whether the file was found beyond doubt. */
static gboolean
try_random_file(GRand *random)
{
    Show shows[SHOWS] = {0};
    g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(GArray) named = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint number = (guint)g_rand_int_range(random, 0, SHOWS), episode = (guint)g_rand_int_range(random, 0, EPISODES);

    for (guint i = 0; i < SHOWS; i++)
        make_show(random, &shows[i], i, shows);
    for (guint i = 0; i < KNOWN * EPISODES; i++)
        g_ptr_array_add(candidates, make_episode(&shows[i / EPISODES], i / EPISODES, i % EPISODES));
    g_autofree char *name = name_file(random, &shows[number], episode);
    g_autofree char *folder = g_strdelimit(g_strdup(shows[number].title), ":/?", '_');
    gboolean in_own_folder = g_rand_boolean(random);
    const char *above = g_rand_boolean(random) ? "2026" : "";
    g_autofree char *origin = make_origin(random, &shows[number], number, episode);
    g_autofree char *path = in_own_folder ? g_build_filename("/pods", folder, above, name, NULL)
                                          : g_build_filename("/pods", above, name, NULL);
    for (gint64 id = 1; in_own_folder && id <= KNOWN; id++) {
        if (g_str_equal(shows[id - 1].title, shows[number].title))
            g_array_append_val(named, id);
    }
    const PfFileClues clues = {.path = path, .root = "/pods", .size = shows[number].sizes[episode], .origin = origin};
    g_autoptr(PfMatch) match = pf_match_new(&clues);
    g_auto(PfChoice) choice = {0};
    pf_match_set_folder_feeds(match, named);
    pf_match_choose(match, candidates, &choice);
    gboolean sure = choice.sure;
    if (sure && !is_chosen_of(&choice, number))
        g_printerr("%s is of show %u, and was taken for one of %s\n", path, number,
                   ((const PfKnownItem *)choice.items->pdata[0])->feed->url);
    g_assert_true(!sure || is_chosen_of(&choice, number));
    for (guint i = 0; i < SHOWS; i++)
        clear_show(&shows[i]);
    return sure;
}

static void
nobody_is_paid_for_a_file_of_another_show(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)g_test_rand_int());
    guint rounds = g_test_slow() ? 100000 : 2000, sure = 0;

    for (guint i = 0; i < rounds; i++)
        sure += try_random_file(random) ? 1 : 0;
    /* Of the known shows, a good part is found all the same. */
    g_test_message("%u of %u", sure, rounds);
    g_assert_cmpuint(sure, >, rounds / 5);
}

static void
the_witnesses_are_said(void)
{
    g_autofree char *none = pf_witness_dup_names(0);
    g_autofree char *all = pf_witness_dup_names(PF_WITNESS_TITLE | PF_WITNESS_FOLDER | PF_WITNESS_OTHER_SIZE);

    g_assert_null(none);
    g_assert_cmpstr(all, ==, "title, folder, other size");
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
    g_test_add_func("/feed match/what was not looked through to the end is not sure",
                    what_was_not_looked_through_to_the_end_is_not_sure);
    g_test_add_func("/feed match/nobody is paid for a file of another show", nobody_is_paid_for_a_file_of_another_show);
    g_test_add_func("/feed match/the witnesses are said", the_witnesses_are_said);
    return g_test_run();
}
