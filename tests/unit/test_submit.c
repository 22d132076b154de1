/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/edit.h"
#include "queue/submit.h"
#include "scratch_queue.h"

#define DAY ((gint64)86400)
#define NOW (20000 * DAY + 3600)

static PfConfig *
configure(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *whole = g_strconcat("[flattr]\napi = https://flattr.example/rest/v2\n", text, NULL);
    PfConfig *config = pf_config_parse(whole, "c", &error);

    g_assert_no_error(error);
    return config;
}

/* Submits an item with one link of its own, or with none when @link is NULL. */
static PfSubmitted
submit(Scratch *scratch, const PfConfig *config, PfSubmission item, const char *link, const char *channel_link)
{
    g_autoptr(PfItem) parsed = pf_item_new();
    g_autoptr(PfFeed) feed = pf_feed_new("f");
    g_autoptr(GError) error = NULL;
    PfSubmitted submitted;

    if (link)
        g_ptr_array_add(parsed->payment_links, g_strdup(link));
    if (channel_link)
        g_ptr_array_add(feed->payment_links, g_strdup(channel_link));
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(parsed, NULL);
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);
    item.payments = payments;
    item.channel_payments = channel_payments;
    scratch_begin(scratch);
    item.now = NOW;
    pf_submit_item(scratch->queue, config, &item, &submitted, &error);
    g_assert_no_error(error);
    scratch_end();
    return submitted;
}

static PfSubmission
item(PfSource source, const char *feed, const char *guid)
{
    return (PfSubmission){.source = source, .feed = feed, .guid = guid, .title = "T"};
}

#define THING(n) "https://flattr.com/thing/" #n

static void
a_decision_against_paying_is_kept(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("[feed https://n/]\nrule=never\n[feed https://q/]\nrule=ask\n");
    PfSubmitted never = submit(scratch, config, item(PF_SOURCE_SCAN, "https://n/", "1"), THING(1), NULL);
    PfSubmitted moved =
        submit(scratch, config, (PfSubmission){.source = PF_SOURCE_HOOK, .feed = "https://o/", .address = "https://n/"},
               THING(2), NULL);
    PfSubmitted asked = submit(scratch, config, item(PF_SOURCE_WATCH, "https://q/", "1"), THING(3), NULL);
    PfSubmitted by_hand = submit(scratch, config, item(PF_SOURCE_SCAN, "https://q/", "2"), THING(4), NULL);

    (void)data;
    g_assert_true(never.added);
    g_assert_cmpint(never.state, ==, PF_ENTRY_DROPPED);
    g_assert_cmpstr(never.reason, ==, "never");
    g_assert_cmpint(moved.state, ==, PF_ENTRY_DROPPED);
    g_assert_cmpint(asked.state, ==, PF_ENTRY_HELD);
    g_assert_cmpstr(asked.reason, ==, "ask");
    g_assert_cmpint(by_hand.state, ==, PF_ENTRY_QUEUED);
    g_autoptr(PfEntry) kept = scratch_read(scratch, never.id);
    g_assert_cmpstr(kept->reason, ==, "never");
    g_assert_cmpstr(kept->title, ==, "T");
}

static PfSubmitted
submit_text(Scratch *scratch, const PfConfig *config, const char *guid, const char *payments)
{
    g_autoptr(GPtrArray) own = pf_payment_list_from_text(payments);
    g_autoptr(GPtrArray) none = pf_payment_list_from_text(NULL);
    PfSubmission submission = item(PF_SOURCE_WATCH, "https://f/", guid);
    g_autoptr(GError) error = NULL;
    PfSubmitted submitted;

    submission.payments = own;
    submission.channel_payments = none;
    scratch_begin(scratch);
    submission.now = NOW;
    pf_submit_item(scratch->queue, config, &submission, &submitted, &error);
    g_assert_no_error(error);
    scratch_end();
    return submitted;
}

static void
links_in_texts_are_paid_only_where_the_user_wants_it(Scratch *scratch, gconstpointer data)
{
    static const char text[] = "[{\"url\":\"https://flattr.com/t/1\",\"from\":\"html\"},"
                               "{\"url\":\"https://flattr.com/t/2\",\"from\":\"button\"},"
                               "{\"url\":\"https://pay.example/\",\"from\":\"link\"}]";
    static const char both[] = "[{\"url\":\"https://flattr.com/t/3\",\"from\":\"html\"},"
                               "{\"url\":\"https://flattr.com/@ann\",\"from\":\"link\"}]";
    g_autoptr(PfConfig) on = configure("");
    g_autoptr(PfConfig) off = configure("[policy]\nhtml-links=no\n");

    (void)data;
    g_assert_cmpint(submit_text(scratch, off, "1", text).id, ==, 0);
    PfSubmitted button = submit_text(scratch, on, "1", text);
    g_autoptr(PfEntry) first = scratch_read(scratch, button.id);
    g_assert_cmpstr(first->key, ==, "thing:2");
    PfSubmitted link = submit_text(scratch, off, "2", both);
    g_autoptr(PfEntry) second = scratch_read(scratch, link.id);
    g_assert_cmpstr(second->key, ==, "profile:ann");
}

static void
a_link_that_was_escaped_twice_is_sent_corrected(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmitted one =
        submit(scratch, config, item(PF_SOURCE_SCAN, "https://f/", "1"),
               "https://flattr.com/submit/auto?url=http%3A%2F%2Fa.example%2F%26amp%3B&amp;amp;user_id=ann", NULL);
    g_autoptr(PfEntry) entry = scratch_read(scratch, one.id);

    (void)data;
    g_assert_cmpstr(entry->url, ==,
                    "https://flattr.com/submit/auto?url=http%3A%2F%2Fa.example%2F%26amp%3B&user_id=ann");
    g_assert_cmpstr(entry->key, ==, "http://a.example/&amp;");
}

static void
a_feed_gets_so_many_a_day(Scratch *scratch, gconstpointer data)
{
    static const char *const links[] = {THING(1), THING(2), THING(3), THING(4), THING(5), THING(6)};
    static const char *const guids[] = {"1", "2", "3", "4", "5", "6"};
    g_autoptr(PfConfig) config = configure("[policy]\nper-feed-per-day=2\n");
    gint64 next[G_N_ELEMENTS(links)];

    (void)data;
    for (gsize i = 0; i < 5; i++) {
        PfSubmitted one = submit(scratch, config, item(PF_SOURCE_WATCH, "https://f/", guids[i]), links[i], NULL);
        g_autoptr(PfEntry) entry = scratch_read(scratch, one.id);
        next[i] = entry->next_attempt;
        g_assert_cmpstr(entry->reason, ==, i < 2 ? NULL : "per_feed_per_day");
    }
    g_assert_cmpint(next[1], ==, NOW);
    g_assert_cmpint(next[2], ==, 20001 * DAY);
    g_assert_cmpint(next[3], ==, 20001 * DAY);
    g_assert_cmpint(next[4], ==, 20002 * DAY);
    PfSubmitted other = submit(scratch, config, item(PF_SOURCE_WATCH, "https://g/", "1"), links[5], NULL);
    g_assert_cmpint(other.state, ==, PF_ENTRY_QUEUED);
}

static void
a_channel_is_paid_once_a_month_whatever_its_items_are_called(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    g_autoptr(PfConfig) off = configure("[policy]\nchannel-links=never\n");
    PfSubmitted first = submit(scratch, config, item(PF_SOURCE_WATCH, "https://f/", "1"), NULL, THING(1));
    PfSubmitted second = submit(scratch, config, item(PF_SOURCE_WATCH, "https://f/", "2"), NULL, THING(1));
    PfSubmitted none = submit(scratch, off, item(PF_SOURCE_WATCH, "https://f/", "3"), NULL, THING(2));

    (void)data;
    g_assert_true(first.added);
    g_assert_false(second.added);
    g_assert_cmpint(second.id, ==, first.id);
    g_assert_cmpint(none.id, ==, 0);
    g_autoptr(PfEntry) entry = scratch_read(scratch, first.id);
    g_assert_cmpstr(entry->period, ==, "2024-10");
    g_assert_null(entry->guid);
}

#define PAGE(page) "https://flattr.com/submit/auto?user_id=ann&url=" page

static void
an_episode_is_paid_once_whichever_feed_names_it(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    const char *global = "5f0c4e3a-1d5b-4a57-9ac4-3cf0a0e1b0d2";
    PfSubmitted mp3 = submit(scratch, config, item(PF_SOURCE_WATCH, "https://f/mp3", global), PAGE("http://p/1"), NULL);
    PfSubmitted ogg = submit(scratch, config, item(PF_SOURCE_HOOK, "https://f/ogg", global), PAGE("http://p/2"), NULL);
    PfSubmitted one = submit(scratch, config, item(PF_SOURCE_WATCH, "https://a/", "1"), THING(3), NULL);
    PfSubmitted another = submit(scratch, config, item(PF_SOURCE_WATCH, "https://b/", "1"), THING(4), NULL);
    PfSubmitted same = submit(scratch, config, item(PF_SOURCE_WATCH, "http://A/", "1"), THING(5), NULL);

    (void)data;
    g_assert_false(ogg.added);
    g_assert_cmpint(ogg.id, ==, mp3.id);
    g_assert_true(another.added);
    g_assert_false(same.added);
    g_assert_cmpint(same.id, ==, one.id);
}

#define CLAIM(user) "https://flattr.com/submit/auto?user_id=" user "&url=https%3A%2F%2Fp.example%2F1"

static void
set_state(Scratch *scratch, gint64 id, PfEntryState state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfEntry) entry = scratch_read(scratch, id);

    entry->state = state;
    scratch_begin(scratch);
    g_assert_true(pf_queue_settle(scratch->queue, entry, pf_event_of("answer", NULL, NOW), &error));
    scratch_end();
}

static void
a_thing_claimed_for_two_payees_is_left_to_the_user(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmitted eve = submit(scratch, config, item(PF_SOURCE_WATCH, "https://e/", "1"), CLAIM("eve"), NULL);
    PfSubmitted ann = submit(scratch, config, item(PF_SOURCE_WATCH, "https://a/", "1"), CLAIM("ann"), NULL);
    g_autoptr(PfEntry) first = scratch_read(scratch, eve.id), second = scratch_read(scratch, ann.id);

    (void)data;
    g_assert_true(ann.added);
    g_assert_cmpint(ann.state, ==, PF_ENTRY_HELD);
    g_assert_cmpstr(ann.reason, ==, "contested");
    g_assert_cmpint(first->state, ==, PF_ENTRY_HELD);
    g_assert_cmpstr(first->reason, ==, "contested");
    g_assert_cmpint(second->next_attempt, ==, 0);
    g_autofree char *story = scratch_story(scratch, eve.id);
    g_assert_cmpstr(story, ==, "added:queued contested:held");
    /* What was read before is known. */
    g_assert_false(submit(scratch, config, item(PF_SOURCE_WATCH, "https://e/", "1"), CLAIM("eve"), NULL).added);
    g_assert_false(submit(scratch, config, item(PF_SOURCE_WATCH, "https://a/", "1"), CLAIM("Ann"), NULL).added);
}

static void
a_claim_that_is_over_blocks_nobody(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    const char *const users[] = {CLAIM("eve"), CLAIM("mallory"), CLAIM("ann")};
    const PfEntryState states[] = {PF_ENTRY_FAILED, PF_ENTRY_DROPPED, PF_ENTRY_FLATTRED};
    const char *const feeds[] = {"https://e/", "https://m/", "https://a/"};

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
        PfSubmitted one = submit(scratch, config, item(PF_SOURCE_WATCH, feeds[i], "1"), users[i], NULL);
        g_assert_true(one.added);
        g_assert_cmpint(one.state, ==, PF_ENTRY_QUEUED);
        set_state(scratch, one.id, states[i]);
    }
    PfSubmitted late = submit(scratch, config, item(PF_SOURCE_WATCH, "https://l/", "1"), CLAIM("late"), NULL);
    g_assert_cmpint(late.state, ==, PF_ENTRY_HELD);
}

static void
a_payee_gets_so_many_a_day_under_any_address(Scratch *scratch, gconstpointer data)
{
    static const char *const feeds[] = {"https://f/?v=1", "https://f/?v=2", "https://f/?v=3", "https://f/?v=4"};
    static const char *const links[] = {PAGE("http://p/1"), PAGE("http://p/2"), "https://flattr.com/@Ann",
                                        PAGE("http://p/4")};
    g_autoptr(PfConfig) config = configure("[policy]\nper-feed-per-day=1\nper-payee-per-day=2\nper-day=3\n");

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
        PfSubmitted one = submit(scratch, config, item(PF_SOURCE_WATCH, feeds[i], "1"), links[i], NULL);
        g_autoptr(PfEntry) entry = scratch_read(scratch, one.id);
        g_assert_cmpstr(entry->reason, ==, i < 2 ? NULL : "per_payee_per_day");
        g_assert_cmpint(entry->next_attempt, ==, i < 2 ? NOW : 20001 * DAY);
    }
    PfSubmitted third = submit(scratch, config, item(PF_SOURCE_WATCH, "https://g/", "1"), THING(1), NULL);
    g_assert_cmpint(third.state, ==, PF_ENTRY_QUEUED);
    PfSubmitted fourth = submit(scratch, config, item(PF_SOURCE_WATCH, "https://h/", "1"), THING(2), NULL);
    g_assert_cmpstr(fourth.reason, ==, "per_day");
}

static void
a_file_that_moved_with_its_host_is_known(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmission old = item(PF_SOURCE_WATCH, "https://old.example/f", "https://old.example/1");

    (void)data;
    old.enclosure = "https://old.example/audio/1.mp3";
    old.published = NOW - DAY;
    PfSubmission moved = old;
    moved.feed = "https://new.example/f";
    moved.guid = "https://new.example/1/";
    moved.enclosure = "https://cdn.new.example/audio/1.mp3?x=1";
    PfSubmission next = moved;
    next.published = NOW;
    PfSubmitted paid = submit(scratch, config, old, PAGE("https://old.example/1"), NULL);
    PfSubmitted again = submit(scratch, config, moved, PAGE("https://new.example/1/"), NULL);
    g_assert_false(again.added);
    g_assert_cmpint(again.id, ==, paid.id);
    g_assert_true(submit(scratch, config, next, PAGE("https://new.example/2/"), NULL).added);
}

static void
an_episode_whose_page_got_a_certificate_is_the_same(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmission first = item(PF_SOURCE_WATCH, "https://f/", NULL), other_title = first, other_feed = first;
    PfSubmission untitled = first;

    (void)data;
    other_title.title = "U";
    other_feed.feed = "https://g/";
    untitled.title = NULL;
    PfSubmitted one = submit(scratch, config, first, PAGE("http://p.example/1"), NULL);
    PfSubmitted same = submit(scratch, config, first, PAGE("https://www.p.example/1"), NULL);
    g_assert_false(same.added);
    g_assert_cmpint(same.id, ==, one.id);
    g_assert_true(submit(scratch, config, first, PAGE("https://p.example/2"), NULL).added);
    g_assert_true(submit(scratch, config, other_title, PAGE("https://p.example/1"), NULL).added);
    g_assert_true(submit(scratch, config, other_feed, PAGE("https://www.p.example/1"), NULL).added);
    g_assert_true(submit(scratch, config, untitled, PAGE("http://www.p.example/1"), NULL).added);
}

static void
an_episode_without_a_guid_is_known_by_its_enclosure(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmission first = item(PF_SOURCE_WATCH, "https://f/", NULL);

    (void)data;
    first.enclosure = "https://cdn.example/latest.mp3";
    first.published = NOW - 3600;
    PfSubmission respelt = first, next_day = first, next_title = first, elsewhere = first, moved = first, guid = first;
    respelt.enclosure = "http://CDN.example/latest%2Emp3#x";
    respelt.guid = "1";
    next_day.published = NOW - 3600 + DAY;
    next_title.title = "U";
    elsewhere.feed = "https://g/";
    moved.enclosure = "https://cdn.example/earliest.mp3";
    guid.guid = "2";
    guid.enclosure = "https://cdn.example/2.mp3";
    PfSubmitted one = submit(scratch, config, first, THING(1), NULL);
    PfSubmitted same = submit(scratch, config, respelt, THING(2), NULL);
    g_assert_false(same.added);
    g_assert_cmpint(same.id, ==, one.id);
    g_assert_true(submit(scratch, config, next_day, THING(3), NULL).added);
    g_assert_true(submit(scratch, config, next_title, THING(4), NULL).added);
    g_assert_true(submit(scratch, config, elsewhere, THING(5), NULL).added);
    g_assert_true(submit(scratch, config, moved, THING(6), NULL).added);
    PfSubmitted named = submit(scratch, config, guid, THING(7), NULL);
    g_autoptr(PfEntry) lean = scratch_read(scratch, named.id), kept = scratch_read(scratch, one.id);
    g_assert_cmpstr(lean->enclosure, ==, "cdn.example:/2.mp3?");
    g_assert_cmpint(lean->published, ==, NOW - 3600);
    g_assert_cmpstr(kept->enclosure, ==, "cdn.example:/latest.mp3?");
    g_assert_cmpint(kept->published, ==, NOW - 3600);
}

static void
what_a_podcatcher_knew_little_of_is_known_again(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfConfig) config = configure("");
    PfSubmission hook = {.source = PF_SOURCE_HOOK, .feed = "https://f/", .enclosure = "https://cdn.example/latest.mp3"};
    PfSubmission listed = item(PF_SOURCE_WATCH, "https://f/", "tag:f,2026:1");

    (void)data;
    listed.enclosure = hook.enclosure;
    listed.published = NOW - DAY;
    PfSubmission later = listed;
    later.guid = "tag:f,2026:2";
    later.published = NOW + DAY;
    PfSubmitted paid = submit(scratch, config, hook, THING(1), NULL);
    PfSubmitted found = submit(scratch, config, listed, THING(2), NULL);
    g_assert_false(found.added);
    g_assert_cmpint(found.id, ==, paid.id);
    g_assert_true(submit(scratch, config, later, THING(3), NULL).added);
    /* Two links that nothing else is known of are two things. */
    g_assert_true(submit(scratch, config, hook, THING(4), NULL).added);
}

/* What the review makes of a fresh entry of a source; it is changed as the review says. */
static PfEntry *
review(Scratch *scratch, PfSource source, const char *feed, const char *link, const char *settings, gboolean *may)
{
    g_autoptr(PfConfig) initial = configure("[policy]\ndiscoverable=yes\n");
    g_autoptr(PfConfig) now = configure(settings);
    PfSubmitted submitted = submit(scratch, initial, item(source, feed, NULL), link, NULL);
    PfEntry *entry = scratch_read(scratch, submitted.id);

    *may = pf_submit_review(now, entry, NOW + 60);
    return entry;
}

static void
what_was_switched_off_meanwhile_is_not_sent(Scratch *scratch, gconstpointer data)
{
    static const struct {
        PfSource source;
        const char *link, *settings;
        gboolean may;
        PfEntryState state;
        const char *reason;
        gint64 next;
    } cases[] = {
        {PF_SOURCE_WATCH, THING(1), "", TRUE, PF_ENTRY_QUEUED, NULL, NOW},
        {PF_SOURCE_WATCH, THING(2), "[feed https://f/]\nrule=never\n", FALSE, PF_ENTRY_DROPPED, "never", 0},
        {PF_SOURCE_SCAN, THING(3), "[feed https://f/]\nrule=never\n", FALSE, PF_ENTRY_DROPPED, "never", 0},
        {PF_SOURCE_WATCH, THING(4), "[feed https://f/]\nrule=ask\n", FALSE, PF_ENTRY_HELD, "ask", 0},
        {PF_SOURCE_SCAN, THING(5), "[feed https://f/]\nrule=ask\n", TRUE, PF_ENTRY_QUEUED, NULL, NOW},
        {PF_SOURCE_PLAY, THING(6), "[policy]\nconfirm=yes\n", FALSE, PF_ENTRY_HELD, "confirm", 0},
        {PF_SOURCE_HOOK, THING(7), "[policy]\ndelay=1h\n", FALSE, PF_ENTRY_HELD, "delay", NOW + 3600},
        {PF_SOURCE_HOOK, THING(8), "[policy]\ndelay=1m\n", TRUE, PF_ENTRY_QUEUED, NULL, NOW},
        {PF_SOURCE_HOOK, "https://github.com/a/b", "", FALSE, PF_ENTRY_DROPPED, "discoverable", 0},
        {PF_SOURCE_SCAN, "https://github.com/a/c", "", TRUE, PF_ENTRY_QUEUED, NULL, NOW},
    };

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean may;
        g_autoptr(PfEntry) entry =
            review(scratch, cases[i].source, "https://f/", cases[i].link, cases[i].settings, &may);

        g_test_message("%s, %s", cases[i].link, cases[i].settings);
        g_assert_cmpint(may, ==, cases[i].may);
        g_assert_cmpint(entry->state, ==, cases[i].state);
        g_assert_cmpstr(entry->reason, ==, cases[i].reason);
        g_assert_cmpint(entry->next_attempt, ==, cases[i].next);
    }
}

static void
what_the_user_released_is_asked_about_no_more(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = configure("[policy]\nconfirm=yes\n");
    PfSubmitted held = submit(scratch, config, item(PF_SOURCE_WATCH, "https://f/", "1"), THING(1), NULL);
    g_autoptr(PfEntry) entry = scratch_read(scratch, held.id);

    (void)data;
    g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
    scratch_begin(scratch);
    g_assert_true(pf_queue_steer(scratch->queue, PF_STEER_RELEASE, entry, NOW, &error));
    scratch_end();
    g_autoptr(PfEntry) released = scratch_read(scratch, held.id);
    g_assert_true(pf_submit_review(config, released, NOW));
}

#define ADD(name, function) g_test_add("/submit/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a decision against paying is kept", a_decision_against_paying_is_kept);
    ADD("links in texts are paid only where the user wants it", links_in_texts_are_paid_only_where_the_user_wants_it);
    ADD("a link that was escaped twice is sent corrected", a_link_that_was_escaped_twice_is_sent_corrected);
    ADD("a feed gets so many a day", a_feed_gets_so_many_a_day);
    ADD("a channel is paid once a month, whatever its items are called",
        a_channel_is_paid_once_a_month_whatever_its_items_are_called);
    ADD("an episode is paid once, whichever feed names it", an_episode_is_paid_once_whichever_feed_names_it);
    ADD("an episode whose page got a certificate is the same", an_episode_whose_page_got_a_certificate_is_the_same);
    ADD("an episode without a guid is known by its enclosure", an_episode_without_a_guid_is_known_by_its_enclosure);
    ADD("what a podcatcher knew little of is known again", what_a_podcatcher_knew_little_of_is_known_again);
    ADD("what was switched off meanwhile is not sent", what_was_switched_off_meanwhile_is_not_sent);
    ADD("what the user released is asked about no more", what_the_user_released_is_asked_about_no_more);
    ADD("a thing claimed for two payees is left to the user", a_thing_claimed_for_two_payees_is_left_to_the_user);
    ADD("a claim that is over blocks nobody", a_claim_that_is_over_blocks_nobody);
    ADD("a payee gets so many a day under any address", a_payee_gets_so_many_a_day_under_any_address);
    ADD("a file that moved with its host is known", a_file_that_moved_with_its_host_is_known);
    return g_test_run();
}
