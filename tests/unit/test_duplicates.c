/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/enqueue.h"
#include "scratch_queue.h"

#define NOW ((gint64)1760000000)
#define CHANGED (NOW * G_GINT64_CONSTANT(1000000000) + 5)
#define FEED "https://a.example/feed"
#define TEXT(literal) ((char *)(literal))

/* One that the watcher has told. */
static PfArrival
watched(gint64 changed)
{
    return (PfArrival){.source = PF_SOURCE_WATCH,
                       .path = TEXT("/p/latest.mp3"),
                       .size = 1000,
                       .changed = changed,
                       .progress = -1,
                       .seen = NOW,
                       .next_try = NOW};
}

/* One that a hook has told of a file that is not there. */
static PfArrival
told(const char *guid, gint64 seen)
{
    return (PfArrival){.source = PF_SOURCE_HOOK,
                       .path = TEXT("/p/latest.mp3"),
                       .size = -1,
                       .progress = -1,
                       .feed = TEXT(FEED),
                       .guid = (char *)guid,
                       .seen = seen,
                       .next_try = seen};
}

/* The item with that guid, published an hour before NOW, at an address that all have. */
static PfKnownItem *
make_item(const char *guid)
{
    PfKnownItem *known = pf_known_item_new();

    known->feed = pf_known_feed_new();
    known->feed->url = g_strdup(FEED);
    known->feed->address = g_strdup("https://cdn.example/feed.xml");
    known->item->guid = g_strdup(guid);
    known->item->title = g_strdup("One");
    known->item->has_published = TRUE;
    known->item->published = NOW - 3600;
    g_ptr_array_add(known->item->enclosures,
                    pf_enclosure_new_take(g_strdup("https://a.example/latest.mp3"), g_strdup("audio/mpeg"), 1000));
    return known;
}

static void
words_decide_what_may_mean_the_same(void)
{
    const PfArrival file = watched(CHANGED), tagged = watched(CHANGED + 1);
    const PfArrival gone = told("1", NOW);
    PfArrival wordless = told(NULL, NOW), other_title = watched(CHANGED), moved = watched(CHANGED);
    PfArrival other_guid = watched(CHANGED), other_feed = watched(CHANGED), same_address = watched(CHANGED);
    PfArrival led_on = watched(CHANGED), only_payment = told(NULL, NOW), only_title = told(NULL, NOW);
    g_autoptr(PfKnownItem) item = make_item("1");

    wordless.feed = only_payment.feed = only_title.feed = NULL;
    only_payment.payment = TEXT("https://flattr.com/t/2");
    only_title.title = other_title.title = TEXT("Two");
    moved.feed = TEXT("http://cdn.example/feed.xml");
    other_guid.guid = TEXT("2");
    other_feed.feed = TEXT("https://b.example/feed");
    same_address.enclosure = TEXT("http://A.example/latest.mp3");
    led_on.enclosure = TEXT("https://cdn.example/x/latest.mp3");
    const struct {
        const char *what;
        const PfArrival *arrival, *matched;
        const PfKnownItem *item;
        gboolean same;
    } cases[] = {
        {"the watcher and a hook, of the same bytes", &file, &file, item, TRUE},
        {"the same bytes, by a payment link alone", &file, &file, NULL, TRUE},
        {"other bytes", &tagged, &file, item, FALSE},
        {"a hook whose file was gone says nothing of these bytes", &file, &gone, item, FALSE},
        {"a feed by its other address", &moved, &file, item, TRUE},
        {"an address in another spelling", &same_address, &file, item, TRUE},
        {"another address", &led_on, &file, item, FALSE},
        {"another title", &other_title, &file, item, FALSE},
        {"another guid", &other_guid, &file, item, FALSE},
        {"another feed", &other_feed, &file, item, FALSE},
        {"words that nobody can compare, of the same bytes", &other_guid, &file, NULL, TRUE},
        {"the same words", &gone, &gone, NULL, TRUE},
        {"the item's words", &gone, &file, item, TRUE},
        {"words that nobody can compare, of unknown bytes", &gone, &file, NULL, FALSE},
        {"no words", &wordless, &file, item, TRUE},
        {"a payment link that is another's", &only_payment, &file, item, FALSE},
        {"a title that is another's", &only_title, &gone, item, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        g_assert_cmpint(pf_duplicates_is_same(cases[i].arrival, cases[i].matched, cases[i].item), ==, cases[i].same);
    }
    const PfArrival later = told("1", NOW + 1);
    g_assert_false(pf_duplicates_is_same(&later, &gone, item));
    /* A page of HTML that was there first. */
    PfArrival page = watched(CHANGED - 1);
    page.state = PF_ARRIVAL_REFUSED;
    g_assert_true(pf_duplicates_is_same(&page, &file, item));
    page.guid = TEXT("2");
    g_assert_false(pf_duplicates_is_same(&page, &file, item));
    led_on.guid = TEXT("1");
    g_assert_true(pf_duplicates_is_same(&led_on, &file, item));
}

static gint64
add(Scratch *scratch, const PfArrival *draft, PfArrivalState state, gint64 entry)
{
    g_autoptr(GError) error = NULL;
    PfArrival arrival = *draft;
    gboolean added;

    scratch_begin(scratch);
    pf_arrival_add(scratch->queue, &arrival, &arrival.id, &added, &error);
    g_assert_no_error(error);
    g_assert_true(added);
    arrival.state = state;
    arrival.entry = entry;
    arrival.next_try = state == PF_ARRIVAL_WAITING ? NOW + 100 : 0;
    g_assert_true(pf_arrival_settle(scratch->queue, &arrival, &error));
    scratch_end();
    return arrival.id;
}

static gboolean
append(const PfArrival *arrival, gpointer data)
{
    g_string_append_printf(data, "%s ", arrival->guid ? arrival->guid : "-");
    return TRUE;
}

static void
what_one_teller_knows_settles_what_another_told_of_the_same_file(Scratch *scratch, gconstpointer data)
{
    const PfArrival file = watched(CHANGED), before = watched(CHANGED - 1), next = told("2", NOW);
    const PfArrival matched = {
        .path = TEXT("/p/latest.mp3"), .size = 1000, .changed = CHANGED, .seen = NOW, .entry = 7};
    g_autoptr(PfKnownItem) item = make_item("1");
    g_autoptr(GString) open = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    PfArrival elsewhere = watched(CHANGED), refused = watched(CHANGED);

    (void)data;
    elsewhere.path = TEXT("/p/other.mp3");
    elsewhere.guid = TEXT("elsewhere");
    refused.played = TRUE;
    add(scratch, &file, PF_ARRIVAL_WAITING, 0);
    add(scratch, &refused, PF_ARRIVAL_REFUSED, 0);
    add(scratch, &before, PF_ARRIVAL_UNMATCHED, 0);
    add(scratch, &next, PF_ARRIVAL_WAITING, 0);
    add(scratch, &elsewhere, PF_ARRIVAL_WAITING, 0);
    scratch_begin(scratch);
    g_assert_true(pf_duplicates_settle(scratch->queue, &matched, item, &error));
    scratch_end();
    g_assert_true(pf_arrival_each_open(scratch->queue, append, open, &error));
    g_assert_cmpstr(open->str, ==, "- 2 elsewhere ");
}

/* What was paid for a file that is found to be an item now. */
static gint64
find_paid(Scratch *scratch, const PfArrival *arrival, const PfKnownItem *item)
{
    g_autoptr(GError) error = NULL;
    gint64 entry;

    g_assert_true(pf_duplicates_find_paid(scratch->queue, arrival, item, &entry, &error));
    g_assert_no_error(error);
    return entry;
}

static void
a_file_that_was_paid_by_its_podcatchers_link_is_paid_when_it_is_rewritten(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfKnownItem) item = make_item("1"), other = make_item("2"), later = make_item(NULL);
    const PfArrival tagged = watched(CHANGED + 1);
    PfArrival paid = told(NULL, NOW), worded = watched(CHANGED + 2);

    (void)data;
    worded.guid = TEXT("1");
    paid.payment = TEXT("https://flattr.com/t/2");
    g_assert_cmpint(find_paid(scratch, &tagged, item), ==, 0);
    add(scratch, &paid, PF_ARRIVAL_MATCHED, 7);
    g_assert_cmpint(find_paid(scratch, &tagged, item), ==, 7);
    g_assert_cmpint(find_paid(scratch, &worded, item), ==, 0);
    later->item->published = NOW + 86400;
    g_assert_cmpint(find_paid(scratch, &tagged, later), ==, 0);
    /* What was told last counts. */
    paid.guid = TEXT("2");
    add(scratch, &paid, PF_ARRIVAL_MATCHED, 8);
    g_assert_cmpint(find_paid(scratch, &tagged, item), ==, 0);
    g_assert_cmpint(find_paid(scratch, &tagged, other), ==, 8);
}

#define ADD(name, function) g_test_add("/same_file/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/same_file/words decide what may mean the same", words_decide_what_may_mean_the_same);
    ADD("what one teller knows settles what another told of the same file",
        what_one_teller_knows_settles_what_another_told_of_the_same_file);
    ADD("a file that was paid by its podcatcher's link is paid when it is rewritten",
        a_file_that_was_paid_by_its_podcatchers_link_is_paid_when_it_is_rewritten);
    return g_test_run();
}
