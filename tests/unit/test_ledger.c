/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/edit.h"
#include "queue/ledger.h"
#include "queue/submit.h"
#include "scratch_queue.h"

#define DAY ((gint64)86400)
#define NOW (20000 * DAY + 3600)
#define FLATTR "https://flattr.com/thing/1"

#define SERVER "[flattr]\napi = https://flattr.example/rest/v2\n"

static PfSubmitted
submit_at(Scratch *scratch, const char *settings, PfSubmission item, const char *link, const char *channel_link,
          gint64 now)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_parse(settings, "c", &error);
    g_autoptr(PfItem) parsed = pf_item_new();
    g_autoptr(PfFeed) feed = pf_feed_new("f");
    PfSubmitted submitted;

    g_assert_no_error(error);
    if (link)
        g_ptr_array_add(parsed->payment_links, g_strdup(link));
    if (channel_link)
        g_ptr_array_add(feed->payment_links, g_strdup(channel_link));
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(parsed, NULL);
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);
    item.payments = payments;
    item.channel_payments = channel_payments;
    scratch_begin(scratch);
    item.now = now;
    pf_submit_item(scratch->queue, config, &item, &submitted, &error);
    g_assert_no_error(error);
    scratch_end();
    return submitted;
}

static PfSubmitted
submit(Scratch *scratch, const char *settings, PfSubmission item, const char *link)
{
    return submit_at(scratch, settings, item, link, NULL, NOW);
}

static PfSubmission
item(const char *guid)
{
    return (PfSubmission){.source = PF_SOURCE_WATCH,
                          .feed = "https://f.example/rss",
                          .feed_title = "The show",
                          .guid = guid,
                          .title = "T",
                          .file = "/p/1.mp3"};
}

static void
an_episode_without_a_flattr_link_is_owed(Scratch *scratch, gconstpointer data)
{
    PfSubmission read_of = item("2"), matched = item("3");

    (void)data;
    read_of.source = PF_SOURCE_SCAN;
    read_of.file = NULL;
    matched.source = PF_SOURCE_ADD;
    PfSubmitted owed = submit(scratch, SERVER, item("1"), "https://paypal.example/donate");
    g_assert_true(owed.added);
    g_assert_cmpint(owed.state, ==, PF_ENTRY_OWED);
    g_assert_cmpstr(owed.reason, ==, PF_OWED_NO_LINK);
    g_autoptr(PfEntry) entry = scratch_read(scratch, owed.id);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_OWED);
    g_assert_null(entry->url);
    g_assert_cmpint(entry->next_attempt, ==, 0);
    g_assert_cmpstr(entry->show, ==, "f.example:/rss?");
    g_assert_null(scratch_claim(scratch, G_MAXINT64));
    /* A feed that was only read owes nothing to anybody. */
    g_assert_cmpint(submit(scratch, SERVER, read_of, NULL).id, ==, 0);
    g_assert_cmpint(submit(scratch, SERVER, matched, NULL).state, ==, PF_ENTRY_OWED);
}

static void
an_episode_is_owed_once_whatever_its_feed_says_later(Scratch *scratch, gconstpointer data)
{
    PfSubmission respelt = item("1"), other = item("1"), renamed = item(NULL), without = item(NULL);

    (void)data;
    respelt.feed = "http://f.example/rss/";
    other.feed = "https://other.example/rss";
    without.enclosure = "https://f.example/2.mp3";
    renamed.enclosure = "http://f.example/2.mp3";
    renamed.file = "/p/2 (1).mp3";
    PfSubmitted owed = submit(scratch, SERVER, item("1"), NULL);
    g_assert_cmpint(submit(scratch, SERVER, item("1"), NULL).id, ==, owed.id);
    g_assert_cmpint(submit(scratch, SERVER, respelt, NULL).id, ==, owed.id);
    /* The link came later, of its own or of its channel. */
    g_assert_false(submit(scratch, SERVER, item("1"), FLATTR).added);
    PfSubmitted channel = submit_at(scratch, SERVER, item("1"), NULL, "https://flattr.com/profile/ann", NOW);
    g_assert_false(channel.added);
    g_assert_cmpint(channel.id, ==, owed.id);
    g_assert_true(submit(scratch, SERVER, other, NULL).added);
    PfSubmitted second = submit(scratch, SERVER, without, NULL);
    g_assert_true(second.added);
    g_assert_cmpint(submit(scratch, SERVER, renamed, NULL).id, ==, second.id);
    g_assert_cmpint(submit(scratch, SERVER, renamed, FLATTR).id, ==, second.id);
}

static void
a_flattr_is_not_owed_as_well(Scratch *scratch, gconstpointer data)
{
    PfSubmitted sent = submit(scratch, SERVER, item("1"), FLATTR);

    (void)data;
    g_assert_cmpint(sent.state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpint(submit(scratch, SERVER, item("1"), NULL).id, ==, sent.id);
}

static void
without_a_server_every_episode_is_owed(Scratch *scratch, gconstpointer data)
{
    PfSubmission read_of = item("3");

    (void)data;
    read_of.file = NULL;
    PfSubmitted linked = submit(scratch, "", item("1"), FLATTR);
    PfSubmitted channel = submit_at(scratch, "", item("2"), NULL, "https://flattr.com/profile/ann", NOW);
    g_assert_cmpint(linked.state, ==, PF_ENTRY_OWED);
    g_assert_cmpstr(linked.reason, ==, PF_OWED_NO_SERVER);
    g_assert_true(channel.added);
    g_assert_cmpstr(channel.reason, ==, PF_OWED_NO_SERVER);
    g_assert_cmpstr(submit(scratch, "[flattr]\napi = none\n", item("4"), NULL).reason, ==, PF_OWED_NO_LINK);
    /* What the user names by hand waits for a server. */
    g_assert_cmpint(submit(scratch, "", read_of, "https://flattr.com/thing/3").state, ==, PF_ENTRY_QUEUED);
    /* One that is configured later sends nothing of it. */
    g_assert_false(submit(scratch, SERVER, item("1"), FLATTR).added);
    g_assert_false(submit_at(scratch, SERVER, item("2"), NULL, "https://flattr.com/profile/ann", NOW).added);
    g_autoptr(PfEntry) claimed = scratch_claim(scratch, G_MAXINT64);
    g_assert_cmpstr(claimed->key, ==, "thing:3");
    g_assert_null(scratch_claim(scratch, G_MAXINT64));
}

static void
rules_and_limits_hold_for_what_is_owed(Scratch *scratch, gconstpointer data)
{
    static const struct {
        const char *settings;
        PfEntryState state;
        const char *reason;
    } cases[] = {
        {SERVER "[feed https://f.example/rss]\nrule = never\n", PF_ENTRY_DROPPED, "never"},
        {SERVER "[feed https://f.example/rss]\nrule = ask\n", PF_ENTRY_HELD, "ask"},
        {SERVER "[policy]\nconfirm = yes\n", PF_ENTRY_HELD, "confirm"},
        {SERVER "[policy]\ndelay = 1d\n", PF_ENTRY_HELD, "delay"},
        {SERVER "[policy]\nper-feed-per-day = 1\n", PF_ENTRY_OWED, PF_OWED_NO_LINK},
        {SERVER "[policy]\nper-feed-per-day = 1\n", PF_ENTRY_HELD, "per_feed_per_day"},
    };

    (void)data;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *guid = g_strdup_printf("%u", i);
        PfSubmission one = item(guid);

        /* A feed for each kind but the last, which has more than a day allows. */
        g_test_message("%s", cases[i].settings);
        PfSubmitted submitted = submit_at(scratch, cases[i].settings, one, NULL, NULL, NOW + (i < 4 ? 0 : 2 * DAY));
        g_assert_cmpint(submitted.state, ==, cases[i].state);
        g_assert_cmpstr(submitted.reason, ==, cases[i].reason);
    }
}

static void
what_was_held_is_owed_when_its_time_comes_and_wakes_nobody(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfSubmitted held = submit(scratch, SERVER "[policy]\ndelay = 1d\n", item("1"), NULL);
    PfSubmitted asked = submit(scratch, SERVER "[policy]\nconfirm = yes\n", item("2"), NULL);
    g_autoptr(PfEntry) answer = scratch_read(scratch, asked.id);
    gint64 due;

    (void)data;
    g_assert_true(pf_queue_read_next_due(scratch->queue, &due, &error));
    g_assert_cmpint(due, ==, G_MAXINT64);
    g_assert_true(pf_ledger_release_due(scratch->queue, NOW + DAY - 1, &error));
    g_autoptr(PfEntry) before = scratch_read(scratch, held.id);
    g_assert_cmpint(before->state, ==, PF_ENTRY_HELD);
    g_assert_true(pf_ledger_release_due(scratch->queue, NOW + DAY, &error));
    g_autoptr(PfEntry) after = scratch_read(scratch, held.id);
    g_assert_cmpint(after->state, ==, PF_ENTRY_OWED);
    g_assert_cmpstr(after->reason, ==, PF_OWED_NO_LINK);
    g_assert_cmpint(after->next_attempt, ==, 0);
    /* The user's release, a drop that was taken back: owed, and never sent. */
    scratch_begin(scratch);
    g_assert_true(pf_queue_steer(scratch->queue, PF_STEER_RELEASE, answer, NOW, &error));
    g_assert_true(pf_queue_steer(scratch->queue, PF_STEER_DROP, answer, NOW, &error));
    g_assert_true(pf_queue_steer(scratch->queue, PF_STEER_RETRY, answer, NOW, &error));
    scratch_end();
    g_autoptr(PfEntry) released = scratch_read(scratch, asked.id);
    g_assert_cmpint(released->state, ==, PF_ENTRY_OWED);
    g_assert_null(scratch_claim(scratch, G_MAXINT64));
    g_autofree char *history = scratch_story(scratch, asked.id);
    g_assert_cmpstr(history, ==, "added:held release:owed drop:dropped retry:owed");
}

typedef struct {
    GString *text;
    guint most;
} Listing;

static gboolean
list_one(const PfLedgerEntry *entry, gpointer data)
{
    Listing *listing = data;

    g_string_append_printf(listing->text, "%s/%s/%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "%s%s%s ", entry->show,
                           entry->title, entry->state, entry->seconds, entry->heard, entry->payee ? "/" : "",
                           entry->payee ? entry->payee : "", entry->channel ? "/channel" : "");
    return --listing->most > 0;
}

static char *
list(Scratch *scratch, gint64 from, gint64 to, guint most)
{
    g_autoptr(GError) error = NULL;
    Listing listing = {g_string_new(NULL), most};

    g_assert_true(pf_ledger_each(scratch->queue, from, to, list_one, &listing, &error));
    g_assert_no_error(error);
    return g_strchomp(g_string_free(listing.text, FALSE));
}

static void
the_ledger_lists_what_came_in_a_time_in_order(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfSubmission late = item("1"), early = item("2"), sent = item("3"), channel = item("4"), read_of = item("5");

    (void)data;
    late.show = "917393E3-1B1E-5CEF-ACE4-EDAA54E1F810";
    late.seconds = 1800;
    early.title = "Early";
    sent.title = "Sent";
    read_of.file = NULL;
    PfSubmitted first = submit_at(scratch, SERVER, late, NULL, NULL, NOW + 2);
    submit_at(scratch, SERVER, early, NULL, NULL, NOW + 1);
    submit_at(scratch, SERVER, sent, FLATTR, NULL, NOW + 3);
    submit_at(scratch, SERVER, channel, NULL, "https://flattr.com/profile/ann", NOW + 4);
    submit_at(scratch, SERVER, read_of, "https://flattr.com/thing/5", NULL, NOW + 3);
    scratch_begin(scratch);
    g_assert_true(pf_ledger_note_heard(scratch->queue, first.id, 900, &error));
    g_assert_true(pf_ledger_note_heard(scratch->queue, first.id, 600, &error));
    scratch_end();
    g_autofree char *all = list(scratch, 0, G_MAXINT64, 100);
    g_assert_cmpstr(
        all, ==,
        "f.example:/rss?/Early/owed/0/0 917393e3-1b1e-5cef-ace4-edaa54e1f810/T/owed/1800/900 "
        "f.example:/rss?/Sent/queued/0/0/host:flattr.com f.example:/rss?/The show/queued/0/0/user:ann/channel");
    g_autofree char *within = list(scratch, NOW + 2, NOW + 3, 100);
    g_assert_cmpstr(within, ==, "917393e3-1b1e-5cef-ace4-edaa54e1f810/T/owed/1800/900");
    g_autofree char *one = list(scratch, 0, G_MAXINT64, 1);
    g_assert_cmpstr(one, ==, "f.example:/rss?/Early/owed/0/0");
}

#define ADD(name, function) g_test_add("/ledger/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("an episode without a Flattr link is owed", an_episode_without_a_flattr_link_is_owed);
    ADD("an episode is owed once, whatever its feed says later", an_episode_is_owed_once_whatever_its_feed_says_later);
    ADD("a flattr is not owed as well", a_flattr_is_not_owed_as_well);
    ADD("without a server every episode is owed", without_a_server_every_episode_is_owed);
    ADD("rules and limits hold for what is owed", rules_and_limits_hold_for_what_is_owed);
    ADD("what was held is owed when its time comes, and wakes nobody",
        what_was_held_is_owed_when_its_time_comes_and_wakes_nobody);
    ADD("the ledger lists what came in a time, in order", the_ledger_lists_what_came_in_a_time_in_order);
    return g_test_run();
}
