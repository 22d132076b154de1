/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_state.h"

#define SECOND ((gint64)1000000000)
#define NOW (1000 * SECOND)

static const PfFileStamp look = {.size = 10, .changed = NOW};

static void
the_wait_follows_the_table(void)
{
    static const struct {
        PfSettleCause cause;
        gint64 settle;
        gint64 changed;
        gint64 wait; /* milliseconds */
    } cases[] = {
        {PF_SETTLE_TIMER_CLOSED, 0, NOW, 0},
        {PF_SETTLE_TIMER_CLOSED, 2, NOW, 2000},
        {PF_SETTLE_TIMER_CLOSED, 2, 0, 2000},
        {PF_SETTLE_TIMER_LISTED, 2, NOW, 2000},
        {PF_SETTLE_TIMER_LISTED, 2, NOW - SECOND / 2, 1500},
        {PF_SETTLE_TIMER_LISTED, 2, NOW - 2 * SECOND, 0},
        {PF_SETTLE_TIMER_LISTED, 2, 0, 0},
        {PF_SETTLE_TIMER_LISTED, 2, NOW + 3600 * SECOND, 2000},
        {PF_SETTLE_TIMER_LISTED, 0, NOW + 3600 * SECOND, 0},
        {PF_SETTLE_TIMER_MADE, 0, NOW, 60000},
        {PF_SETTLE_TIMER_MADE, 2, NOW, 60000},
        {PF_SETTLE_TIMER_MADE, 90, NOW, 90000},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(pf_settle_timer_wait(cases[i].cause, cases[i].settle, cases[i].changed, NOW), ==,
                        cases[i].wait * 1000);
}

static void
the_earliest_file_decides_when_to_look(void)
{
    g_autoptr(PfSettleTimer) finish = pf_settle_timer_new();
    g_autoptr(PfPending) first = NULL;
    int folder;

    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, G_MAXINT64);
    pf_settle_timer_add(finish, &(PfPending){.folder = &folder, .name = (char *)"late", .look = look, .due = 300});
    pf_settle_timer_add(finish, &(PfPending){.folder = &folder, .name = (char *)"early", .look = look, .due = 100});
    pf_settle_timer_add(finish, &(PfPending){.folder = &folder, .name = (char *)"middle", .look = look, .due = 200});
    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, 100);
    g_assert_null(pf_settle_timer_take_due(finish, 99));
    first = pf_settle_timer_take_due(finish, 100);
    g_assert_cmpstr(first->name, ==, "early");
    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, 200);
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 2);
}

static void
a_file_that_is_seen_again_starts_to_wait_again_and_keeps_its_first_name(void)
{
    g_autoptr(PfSettleTimer) finish = pf_settle_timer_new();
    g_autoptr(PfPending) pending = NULL;
    int folder;

    pf_settle_timer_add(finish, &(PfPending){.folder = &folder,
                                             .name = (char *)"ep.mp3",
                                             .old_name = (char *)"ep.mp3.part",
                                             .look = look,
                                             .open = TRUE,
                                             .due = 100});
    g_assert_true(pf_settle_timer_find(finish, &folder, "ep.mp3")->open);
    pf_settle_timer_add(finish, &(PfPending){.folder = &folder,
                                             .name = (char *)"ep.mp3",
                                             .old_name = (char *)"other.mp3",
                                             .look = (PfFileStamp){.size = 20, .changed = 5},
                                             .due = 400});
    g_assert_false(pf_settle_timer_find(finish, &folder, "ep.mp3")->open);
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 1);
    g_assert_null(pf_settle_timer_take_due(finish, 399));
    pending = pf_settle_timer_take_due(finish, 400);
    g_assert_cmpstr(pending->old_name, ==, "ep.mp3.part");
    g_assert_cmpint(pending->look.size, ==, 20);
    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, G_MAXINT64);
}

static void
names_belong_to_their_folder(void)
{
    g_autoptr(PfSettleTimer) finish = pf_settle_timer_new();
    g_autoptr(PfPending) stolen = NULL;
    int one;
    int other;

    pf_settle_timer_add(finish, &(PfPending){.folder = &one, .name = (char *)"ep.mp3", .look = look, .due = 100});
    pf_settle_timer_add(finish, &(PfPending){.folder = &other, .name = (char *)"ep.mp3", .look = look, .due = 200});
    pf_settle_timer_add(finish, &(PfPending){.folder = &other, .name = (char *)"b.mp3", .look = look, .due = 50});
    g_assert_nonnull(pf_settle_timer_find(finish, &one, "ep.mp3"));
    g_assert_null(pf_settle_timer_steal(finish, &one, "b.mp3"));
    pf_settle_timer_forget_folder(finish, &other);
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 1);
    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, 100);
    stolen = pf_settle_timer_steal(finish, &one, "ep.mp3");
    g_assert_nonnull(stolen);
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 0);
}

static void
a_file_that_waits_for_no_time_is_kept_and_not_counted(void)
{
    g_autoptr(PfSettleTimer) finish = pf_settle_timer_new();
    g_autoptr(PfPending) taken = NULL;
    int folder;

    pf_settle_timer_add(finish,
                        &(PfPending){.folder = &folder, .name = (char *)"ep.mp3", .look = look, .due = G_MAXINT64});
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 0);
    g_assert_cmpint(pf_settle_timer_next_due(finish), ==, G_MAXINT64);
    g_assert_null(pf_settle_timer_take_due(finish, G_MAXINT64 - 1));
    pf_settle_timer_add(finish, &(PfPending){.folder = &folder, .name = (char *)"ep.mp3", .look = look, .due = 100});
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 1);
    taken = pf_settle_timer_take_due(finish, 100);
    g_assert_nonnull(taken);
    pf_settle_timer_add(finish,
                        &(PfPending){.folder = &folder, .name = (char *)"gone.mp3", .look = look, .due = G_MAXINT64});
    pf_settle_timer_forget_folder(finish, &folder);
    g_assert_cmpuint(pf_settle_timer_count(finish), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finish/the_wait_follows_the_table", the_wait_follows_the_table);
    g_test_add_func("/finish/the_earliest_file_decides_when_to_look", the_earliest_file_decides_when_to_look);
    g_test_add_func("/finish/a_file_that_is_seen_again_starts_to_wait_again_and_keeps_its_first_name",
                    a_file_that_is_seen_again_starts_to_wait_again_and_keeps_its_first_name);
    g_test_add_func("/finish/a_file_that_waits_for_no_time_is_kept_and_not_counted",
                    a_file_that_waits_for_no_time_is_kept_and_not_counted);
    g_test_add_func("/finish/names_belong_to_their_folder", names_belong_to_their_folder);
    return g_test_run();
}
