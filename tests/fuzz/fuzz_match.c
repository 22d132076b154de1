/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a file's name and as what a feed says of two items, a line each. Beside not crashing, this must hold: what
 * is chosen is one of the items, with a reason, and their order makes no difference.
 */
#include "feed/file_name.h"
#include "feed/item_identity.h"
#include "feed/match.h"

#define LINES 9

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

/* Returns: a line as a feed's parser would give it: UTF-8, or NULL for an empty one. */
static char *
dup_text(const char *line)
{
    return *line ? g_utf8_make_valid(line, -1) : NULL;
}

static PfKnownItem *
make_item(gint64 id, char *const *lines)
{
    PfKnownItem *item = pf_known_item_new();

    item->id = id;
    item->feed = pf_known_feed_new();
    item->feed->id = 1;
    item->feed->url = g_strdup("https://alpha.example/feed");
    item->feed->address = g_strdup(item->feed->url);
    item->feed->title = g_strdup("Alpha");
    item->item->guid = dup_text(lines[0]);
    item->item->title = dup_text(lines[1]);
    if (*lines[2])
        g_ptr_array_add(item->item->enclosures, pf_enclosure_new_take(dup_text(lines[2]), NULL, -1));
    return item;
}

/* Returns: the id of what was chosen, -1 for several, 0 for none. */
static gint64
choose(const PfMatch *match, PfKnownItem *first, PfKnownItem *second)
{
    g_autoptr(GPtrArray) candidates = g_ptr_array_new();
    g_auto(PfChoice) choice = {0};

    g_ptr_array_add(candidates, first);
    g_ptr_array_add(candidates, second);
    pf_match_choose(match, candidates, &choice);
    g_assert_true(!choice.sure || choice.items->len == 1);
    g_assert_true((choice.witnesses == 0) == (choice.items->len == 0));
    for (guint i = 0; i < choice.items->len; i++)
        g_assert_true(choice.items->pdata[i] == first || choice.items->pdata[i] == second);
    return choice.items->len == 1 ? ((const PfKnownItem *)choice.items->pdata[0])->id : -(gint64)choice.items->len;
}

static void
try_match(char *const *lines)
{
    g_autofree char *path = g_strconcat("/pods/Alpha/", lines[0], NULL);
    const PfFileClues clues = {
        .path = path, .former = *lines[1] ? lines[1] : NULL, .size = -1, .title = *lines[2] ? lines[2] : NULL};
    g_autoptr(PfKnownItem) first = make_item(1, lines + 3);
    g_autoptr(PfKnownItem) second = make_item(2, lines + 6);
    g_autoptr(PfMatch) match = pf_match_new(&clues);
    g_autoptr(GArray) identifiers = NULL;
    g_autoptr(GArray) names = NULL;
    g_autoptr(GArray) parts = NULL;
    g_autoptr(GArray) keys = pf_feed_key_list(first->item);

    pf_match_list_keys(match, &identifiers, &names, &parts);
    g_assert_cmpint(choose(match, first, second), ==, choose(match, second, first));
    pf_match_set_incomplete(match, FALSE, TRUE, TRUE);
    g_assert_cmpint(choose(match, first, second), ==, choose(match, second, first));
}

static void
try_name(const char *name, const char *title)
{
    g_autofree char *plain = pf_name_strip_collision(name);
    g_autofree char *canonical = pf_name_dup_canonical(name);
    g_autoptr(PfName) read = pf_name_new(name);
    g_autoptr(PfFileName) file = pf_file_name_new(name);

    g_assert_true(g_utf8_validate(canonical, -1, NULL));
    g_assert_cmpstr(canonical, ==, read->canonical);
    g_assert_cmpuint(file->forms->len, >, 0);
    for (guint i = 0; i < file->forms->len; i++)
        g_assert_true(g_utf8_validate(((const PfNameForm *)file->forms->pdata[i])->name->text, -1, NULL));
    pf_name_compare_texts(name, title);
    pf_name_compare_texts(plain, title);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    char *lines[LINES];
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_auto(GStrv) parts = g_strsplit(text, "\n", LINES);
    const guint count = g_strv_length(parts);

    for (guint i = 0; i < LINES; i++)
        lines[i] = i < count ? parts[i] : (char *)"";
    try_name(lines[0], lines[1]);
    try_match(lines);
    return 0;
}
