/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notice.h"

#include <string.h>

#define NOW ((gint64)1780000000)

/* What a test has happen, and what was told so far. */
typedef struct {
    PfNews news;
    PfNoticeMemory memory;
    gint64 again;
} Scene;

static void
scene_begin(Scene *scene)
{
    *scene = (Scene){.news = {.entries = g_ptr_array_new_with_free_func(g_free),
                              .files = g_ptr_array_new_with_free_func(g_free),
                              .month = "2026-04",
                              .month_end = NOW + 86400},
                     .memory = {.month = "2026-04"}};
}

static void
scene_end(Scene *scene)
{
    g_ptr_array_unref(scene->news.entries);
    g_ptr_array_unref(scene->news.files);
    pf_notice_memory_clear(&scene->memory);
}

static PfQueueNews *
add_entry(Scene *scene, gint64 id, PfEntryState state, gint64 at)
{
    PfQueueNews *entry = g_new0(PfQueueNews, 1);

    *entry = (PfQueueNews){.event = id, .at = at, .id = id, .state = state, .title = (char *)"Five <b>"};
    g_ptr_array_add(scene->news.entries, entry);
    return entry;
}

static PfArrival *
add_file(Scene *scene, gint64 id, gint64 seen)
{
    PfArrival *file = g_new0(PfArrival, 1);

    *file = (PfArrival){.id = id, .seen = seen, .path = (char *)"/pods/a.mp3"};
    g_ptr_array_add(scene->news.files, file);
    return file;
}

/* By PfNoticeKind. */
static const char *const kind_names[] = {"thanked", "pending", "asked", "no_means", "login", "unmatched", "report"};
G_STATIC_ASSERT(G_N_ELEMENTS(kind_names) == PF_NOTICE_KINDS);

/* The kinds that are told now, by name, with blanks between them. */
static char *
tell(Scene *scene, gint64 level, gint64 now)
{
    g_autoptr(GPtrArray) notices = pf_notice_decide(&scene->news, &scene->memory, level, now, &scene->again);
    GString *kinds = g_string_new(NULL);

    for (guint i = 0; i < notices->len; i++) {
        const PfNotice *notice = notices->pdata[i];
        g_string_append_printf(kinds, "%s%s", i ? " " : "", kind_names[notice->kind]);
    }
    return g_string_free(kinds, FALSE);
}

static void
assert_told(Scene *scene, gint64 level, gint64 now, const char *expected)
{
    g_autofree char *told = tell(scene, level, now);

    g_assert_cmpstr(told, ==, expected);
}

static void
nothing_new_is_told_of_nothing_and_waits_for_the_month(void)
{
    Scene scene;

    scene_begin(&scene);
    assert_told(&scene, PF_NOTIFY_ALL, NOW, "");
    g_assert_cmpint(scene.again, ==, NOW + 86400);
    scene_end(&scene);
}

static void
episodes_gather_and_are_told_once(void)
{
    Scene scene;

    scene_begin(&scene);
    add_entry(&scene, 1, PF_ENTRY_FLATTRED, NOW);
    add_entry(&scene, 2, PF_ENTRY_OWED, NOW + 5);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 5, "");
    g_assert_cmpint(scene.again, ==, NOW + PF_NOTICE_GATHER);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + PF_NOTICE_GATHER, "thanked");
    g_assert_cmpint(scene.memory.event, ==, 2);
    g_assert_cmpint(scene.memory.entries_told, ==, NOW + PF_NOTICE_GATHER);
    scene_end(&scene);
}

static void
the_next_ones_wait_ten_minutes(void)
{
    Scene scene;

    scene_begin(&scene);
    scene.memory.entries_told = NOW;
    add_entry(&scene, 1, PF_ENTRY_FLATTRED, NOW + 60);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 599, "");
    g_assert_cmpint(scene.again, ==, NOW + PF_NOTICE_EVERY);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 600, "thanked");
    scene_end(&scene);
}

static void
what_can_still_be_dropped_is_told_before_it_goes(void)
{
    Scene scene;

    scene_begin(&scene);
    scene.memory.entries_told = NOW;
    PfQueueNews *entry = add_entry(&scene, 1, PF_ENTRY_HELD, NOW + 10);
    entry->reason = (char *)"delay";
    entry->next_attempt = NOW + 10 + 120;
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 39, "");
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 40, "pending");
    scene_end(&scene);
}

static void
what_waits_for_the_user_is_a_notice_of_its_own(void)
{
    Scene scene;

    scene_begin(&scene);
    add_entry(&scene, 1, PF_ENTRY_HELD, NOW)->reason = (char *)"ask";
    add_entry(&scene, 2, PF_ENTRY_OWED, NOW);
    add_entry(&scene, 3, PF_ENTRY_HELD, NOW)->reason = (char *)"delay";
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 60, "thanked pending asked");
    scene_end(&scene);
}

static void
a_level_leaves_out_and_does_not_make_up_for_it(void)
{
    Scene scene;

    scene_begin(&scene);
    add_entry(&scene, 1, PF_ENTRY_FLATTRED, NOW);
    add_entry(&scene, 2, PF_ENTRY_HELD, NOW)->reason = (char *)"confirm";
    scene.news.gate = (PfGate){.reason = PF_GATE_NO_MEANS, .since = NOW};
    scene.news.waiting = 2;
    assert_told(&scene, PF_NOTIFY_PROBLEMS, NOW + 60, "no_means asked");
    g_assert_cmpint(scene.memory.event, ==, 2);
    scene_end(&scene);
    scene_begin(&scene);
    add_entry(&scene, 1, PF_ENTRY_FLATTRED, NOW);
    scene.news.gate = (PfGate){.reason = PF_GATE_NO_MEANS, .since = NOW};
    scene.news.waiting = 2;
    assert_told(&scene, PF_NOTIFY_NONE, NOW + 60, "");
    scene_end(&scene);
}

static void
a_closed_gate_is_told_once_each_time_it_closes(void)
{
    static const struct {
        PfGateReason reason;
        const char *told;
    } rows[] = {{PF_GATE_NO_MEANS, "no_means"},
                {PF_GATE_NO_TOKEN, "login"},
                {PF_GATE_UNAUTHORIZED, "login"},
                {PF_GATE_INSUFFICIENT_SCOPE, "login"},
                {PF_GATE_RATE_LIMIT, ""},
                {PF_GATE_UNREACHABLE, ""},
                {PF_GATE_PAUSED, ""},
                {PF_GATE_OPEN, ""}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Scene scene;
        scene_begin(&scene);
        scene.news.gate = (PfGate){.reason = rows[i].reason, .since = NOW};
        assert_told(&scene, PF_NOTIFY_ALL, NOW, "");
        scene.news.waiting = 1;
        assert_told(&scene, PF_NOTIFY_ALL, NOW, rows[i].told);
        assert_told(&scene, PF_NOTIFY_ALL, NOW + 86400, "");
        scene.news.gate.since = NOW + 7;
        assert_told(&scene, PF_NOTIFY_ALL, NOW + 86400, rows[i].told);
        scene_end(&scene);
    }
}

static void
files_are_asked_for_together_and_once(void)
{
    Scene scene;

    scene_begin(&scene);
    add_file(&scene, 4, NOW);
    add_file(&scene, 5, NOW);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 9, "");
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 10, "unmatched");
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 3600, "");
    add_file(&scene, 6, NOW + 20);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 100, "");
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 610, "unmatched");
    g_assert_cmpuint(scene.memory.files->len, ==, 3);
    /* What is open no more is forgotten. */
    g_ptr_array_set_size(scene.news.files, 1);
    assert_told(&scene, PF_NOTIFY_ALL, NOW + 5000, "");
    g_assert_cmpuint(scene.memory.files->len, ==, 1);
    scene_end(&scene);
}

static void
a_month_that_had_episodes_is_told_when_it_has_ended(void)
{
    Scene scene;

    scene_begin(&scene);
    g_strlcpy(scene.news.month, "2026-05", sizeof scene.news.month);
    scene.news.episodes = 3;
    assert_told(&scene, PF_NOTIFY_PROBLEMS, NOW, "");
    g_strlcpy(scene.memory.month, "2026-04", sizeof scene.memory.month);
    assert_told(&scene, PF_NOTIFY_ALL, NOW, "report");
    assert_told(&scene, PF_NOTIFY_ALL, NOW, "");
    g_strlcpy(scene.news.month, "2026-06", sizeof scene.news.month);
    scene.news.episodes = 0;
    assert_told(&scene, PF_NOTIFY_ALL, NOW, "");
    scene_end(&scene);
}

static void
a_clock_that_was_set_back_holds_nothing_up(void)
{
    Scene scene;

    scene_begin(&scene);
    scene.memory.entries_told = scene.memory.files_told = NOW + 86400;
    add_entry(&scene, 1, PF_ENTRY_FLATTRED, NOW);
    add_file(&scene, 4, NOW);
    assert_told(&scene, PF_NOTIFY_ALL, NOW, "thanked unmatched");
    scene_end(&scene);
}

static void
a_notice_is_one_line_of_json(void)
{
    Scene scene;

    scene_begin(&scene);
    add_entry(&scene, 1, PF_ENTRY_OWED, NOW);
    g_autoptr(GPtrArray) notices = pf_notice_decide(&scene.news, &scene.memory, PF_NOTIFY_ALL, NOW + 60, &scene.again);
    g_autofree char *json = pf_notice_to_json(notices->pdata[0]);
    g_assert_cmpstr(json, ==,
                    "{\"event\":\"thanked\",\"title\":\"1 episode noted as owed\",\"body\":\"Five <b>\",\"entries\":"
                    "[{\"id\":1,\"state\":\"owed\",\"reason\":null,\"title\":\"Five <b>\",\"show\":null}],\"more\":0}");
    scene_end(&scene);
}

/* A button acts on all that the notice is about. */
static void
a_notice_of_many_has_all_entries_and_the_titles_of_some(void)
{
    Scene scene;

    scene_begin(&scene);
    for (gint64 id = 1; id <= PF_NOTICE_NAMED + 2; id++)
        add_entry(&scene, id, PF_ENTRY_OWED, NOW);
    g_autoptr(GPtrArray) notices = pf_notice_decide(&scene.news, &scene.memory, PF_NOTIFY_ALL, NOW + 60, &scene.again);
    g_autofree char *json = pf_notice_to_json(notices->pdata[0]);
    g_assert_nonnull(strstr(json, "{\"id\":50,\"state\":\"owed\",\"reason\":null,\"title\":\"Five <b>\""));
    g_assert_nonnull(
        strstr(json, "{\"id\":51,\"state\":\"owed\",\"reason\":null,\"title\":null,\"show\":null},{\"id\":52,"));
    g_assert_nonnull(strstr(json, "],\"more\":2}"));
    scene_end(&scene);
}

static void
a_hundred_thousand_files_take_no_time(void)
{
    Scene scene;
    gint64 begin = g_get_monotonic_time();

    scene_begin(&scene);
    for (gint64 id = 1; id <= 100000; id++)
        add_file(&scene, id, NOW);
    for (guint look = 0; look < 3; look++) {
        g_autofree char *told = tell(&scene, PF_NOTIFY_ALL, NOW + 3600 * (look + 1));
        g_assert_cmpstr(told, ==, look == 0 ? "unmatched" : "");
    }
    g_assert_cmpuint(scene.memory.files->len, ==, 100000);
    /* Comparing each with each would take minutes. */
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 10 * G_TIME_SPAN_SECOND);
    scene_end(&scene);
}

static void
every_kind_has_a_name(void)
{
    for (PfNoticeKind kind = 0; kind < PF_NOTICE_KINDS; kind++)
        g_assert_cmpint(pf_notice_kind_from_name(kind_names[kind]), ==, kind);
    g_assert_cmpint(pf_notice_kind_from_name("none of them"), ==, PF_NOTICE_KINDS);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/notice/" #name, name)
    TEST(nothing_new_is_told_of_nothing_and_waits_for_the_month);
    TEST(episodes_gather_and_are_told_once);
    TEST(the_next_ones_wait_ten_minutes);
    TEST(what_can_still_be_dropped_is_told_before_it_goes);
    TEST(what_waits_for_the_user_is_a_notice_of_its_own);
    TEST(a_level_leaves_out_and_does_not_make_up_for_it);
    TEST(a_closed_gate_is_told_once_each_time_it_closes);
    TEST(files_are_asked_for_together_and_once);
    TEST(a_month_that_had_episodes_is_told_when_it_has_ended);
    TEST(a_clock_that_was_set_back_holds_nothing_up);
    TEST(a_notice_is_one_line_of_json);
    TEST(a_notice_of_many_has_all_entries_and_the_titles_of_some);
    TEST(a_hundred_thousand_files_take_no_time);
    TEST(every_kind_has_a_name);
    return g_test_run();
}
