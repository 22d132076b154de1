/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/spool.h"
#include "scratch_queue.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#define NOW ((gint64)1760000000)

/* A literal for a field that is not written through. */
#define TEXT(literal) ((char *)(literal))

static void
leave(Scratch *scratch, const PfArrival *arrival)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_hook_file_write(scratch->folder, arrival, &error));
    g_assert_no_error(error);
}

static void
leave_path(Scratch *scratch, const char *path)
{
    PfArrival arrival = {
        .source = PF_SOURCE_HOOK, .path = (char *)path, .size = 5, .changed = 456, .progress = -1, .seen = NOW};

    leave(scratch, &arrival);
}

/* Takes at most so many files. Returns: how many were taken. */
static guint
take(Scratch *scratch, PfHookInbox *inbox, guint most)
{
    g_autoptr(GError) error = NULL;
    guint taken = 7;

    g_assert_true(pf_hook_inbox_take(inbox, scratch->queue, most, &taken, &error));
    g_assert_no_error(error);
    g_assert_false(pf_hook_inbox_has_left(inbox));
    return taken;
}

static PfHookInbox *
list(const Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    PfHookInbox *inbox = pf_hook_inbox_open(scratch->folder, &error);

    g_assert_no_error(error);
    return inbox;
}

static guint
collect(Scratch *scratch)
{
    g_autoptr(PfHookInbox) inbox = list(scratch);
    guint taken = take(scratch, inbox, 100);

    g_assert_true(pf_hook_inbox_is_done(inbox));
    return taken;
}

static char *
hooks_of(const Scratch *scratch)
{
    return g_build_filename(scratch->folder, "hooks", NULL);
}

static guint
count_files(const Scratch *scratch, const char *ending)
{
    g_autofree char *path = hooks_of(scratch);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    guint count = 0;

    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_suffix(name, ending))
            count++;
    return count;
}

static void
plant(const Scratch *scratch, const char *name, const char *text)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *path = g_build_filename(hooks, name, NULL);

    g_assert_cmpint(g_mkdir_with_parents(hooks, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static GPtrArray *
list_due(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *due = pf_arrival_list_due(scratch->queue, NOW, 100, &error);

    g_assert_no_error(error);
    return due;
}

static void
nothing_left_is_nothing_taken(Scratch *scratch, gconstpointer data)
{
    (void)data;
    g_assert_cmpuint(collect(scratch), ==, 0);
}

static void
every_byte_comes_through(Scratch *scratch, gconstpointer data)
{
    PfArrival left = {.source = PF_SOURCE_PLAY,
                      .path = TEXT("/p/100% \"new\"\nline \xff\xfe\x01 ü.mp3"),
                      .size = G_GINT64_CONSTANT(5000000000),
                      .changed = G_GINT64_CONSTANT(1760000000123456789),
                      .former = TEXT("\xff.part"),
                      .played = TRUE,
                      .progress = 80,
                      .feed = TEXT("https://user:secret@a.example/feed?a=1&b=%20"),
                      .enclosure = TEXT("not a URL \\"),
                      .guid = TEXT("\xc3"),
                      .title = TEXT("Vier — Vienna"),
                      .payment = TEXT("https://flattr.com/t/1"),
                      .seen = NOW};

    (void)data;
    leave(scratch, &left);
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_assert_cmpuint(count_files(scratch, ""), ==, 0);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 1);
    const PfArrival *taken = due->pdata[0];
    g_assert_cmpint(taken->source, ==, PF_SOURCE_PLAY);
    g_assert_cmpstr(taken->path, ==, left.path);
    g_assert_cmpint(taken->size, ==, left.size);
    g_assert_cmpint(taken->changed, ==, left.changed);
    g_assert_cmpstr(taken->former, ==, left.former);
    g_assert_true(taken->played);
    g_assert_cmpint(taken->progress, ==, 80);
    g_assert_cmpstr(taken->feed, ==, left.feed);
    g_assert_cmpstr(taken->enclosure, ==, left.enclosure);
    g_assert_cmpstr(taken->guid, ==, left.guid);
    g_assert_cmpstr(taken->title, ==, left.title);
    g_assert_cmpstr(taken->payment, ==, left.payment);
    g_assert_cmpint(taken->state, ==, PF_ARRIVAL_NEW);
    g_assert_cmpint(taken->seen, ==, NOW);
    g_assert_cmpint(taken->next_try, ==, NOW);
}

static void
files_are_private_and_whole(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    mode_t before = umask(0);
    struct stat status;

    (void)data;
    leave_path(scratch, "/p/1.mp3");
    umask(before);
    g_assert_cmpint(stat(hooks, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0700);
    g_assert_cmpuint(count_files(scratch, ""), ==, 1);
    g_autoptr(GDir) folder = g_dir_open(hooks, 0, NULL);
    g_autofree char *path = g_build_filename(hooks, g_dir_read_name(folder), NULL);
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void
the_earliest_is_taken_first(Scratch *scratch, gconstpointer data)
{
    (void)data;
    leave_path(scratch, "/p/z.mp3");
    leave_path(scratch, "/p/y.mp3");
    leave_path(scratch, "/p/x.mp3");
    g_assert_cmpuint(collect(scratch), ==, 3);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 3);
    g_assert_cmpstr(((const PfArrival *)due->pdata[0])->path, ==, "/p/z.mp3");
    g_assert_cmpstr(((const PfArrival *)due->pdata[2])->path, ==, "/p/x.mp3");
}

static void
what_is_damaged_or_foreign_is_set_aside_and_told_once(Scratch *scratch, gconstpointer data)
{
    static const char *const texts[] = {
        "",
        "{\"version\":1,\"source\":\"hook\",\"si",
        "[]",
        "{}",
        "{\"version\":2,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"/p\"}",
        "{\"version\":1,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1}",
        "{\"version\":1,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"relative\"}",
        "{\"version\":1,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"/p%00\"}",
        "{\"version\":1,\"source\":\"hook\",\"size\":\"1\",\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"/p\"}",
        "{\"version\":1,\"source\":\"nobody\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"/p\"}",
        "{\"version\":1,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
        "\"path\":\"/p\",\"title\":7}",
    };
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *pipe = g_build_filename(hooks, "0-pipe.json", NULL);
    g_autofree char *folder = g_build_filename(hooks, "0-folder.json", NULL);

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *name = g_strdup_printf("0-%" G_GSIZE_FORMAT ".json", i);
        plant(scratch, name, texts[i]);
    }
    plant(scratch, "notes.txt", "not ours");
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    leave_path(scratch, "/p/1.mp3");
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*13 reports by hooks could not be read*/hooks/0-*.bad");
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_test_assert_expected_messages();
    g_assert_cmpuint(count_files(scratch, ".bad"), ==, G_N_ELEMENTS(texts) + 2);
    g_assert_cmpuint(count_files(scratch, ".json"), ==, 0);
    g_assert_cmpuint(count_files(scratch, "notes.txt"), ==, 1);
    g_assert_cmpuint(collect(scratch), ==, 0);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 1);
}

static void
settle(Scratch *scratch, PfArrival *arrival, PfArrivalState state)
{
    g_autoptr(GError) error = NULL;

    arrival->state = state;
    scratch_begin(scratch);
    g_assert_true(pf_arrival_settle(scratch->queue, arrival, &error));
    scratch_end();
}

/* The file of a process that was killed between the commit and the removal, or that another one has read as well. */
static void
what_was_taken_already_is_not_doubled(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *aside = g_build_filename(scratch->folder, "aside", NULL);

    (void)data;
    leave_path(scratch, "/p/1.mp3");
    g_autoptr(GDir) folder = g_dir_open(hooks, 0, NULL);
    g_autofree char *path = g_build_filename(hooks, g_dir_read_name(folder), NULL);
    g_assert_cmpint(link(path, aside), ==, 0);
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 1);
    settle(scratch, due->pdata[0], PF_ARRIVAL_MATCHED);
    g_assert_cmpint(g_rename(aside, path), ==, 0);
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_autoptr(GPtrArray) none = list_due(scratch);
    g_assert_cmpuint(none->len, ==, 0);
    /* The same words again are the podcatcher's second download. */
    leave_path(scratch, "/p/1.mp3");
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_autoptr(GPtrArray) again = list_due(scratch);
    g_assert_cmpuint(again->len, ==, 1);
}

static void
no_more_are_taken_at_once_than_were_asked_for(Scratch *scratch, gconstpointer data)
{
    const guint expected[] = {2, 2, 1};

    (void)data;
    for (int i = 0; i < 5; i++) {
        g_autofree char *path = g_strdup_printf("/p/%d.mp3", i);
        leave_path(scratch, path);
    }
    g_autoptr(PfHookInbox) inbox = list(scratch);
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_false(pf_hook_inbox_is_done(inbox));
        g_assert_cmpuint(take(scratch, inbox, 2), ==, expected[i]);
    }
    g_assert_true(pf_hook_inbox_is_done(inbox));
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 5);
}

static void
what_another_process_has_taken_is_nobodys_fault(Scratch *scratch, gconstpointer data)
{
    (void)data;
    leave_path(scratch, "/p/1.mp3");
    leave_path(scratch, "/p/2.mp3");
    g_autoptr(PfHookInbox) late = list(scratch);
    g_assert_cmpuint(collect(scratch), ==, 2);
    g_assert_cmpuint(take(scratch, late, 100), ==, 0);
    g_assert_cmpuint(count_files(scratch, ""), ==, 0);
}

/* Where somebody else may have put them, events are not believed. */
static void
what_others_may_have_written_is_not_taken_in(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *elsewhere = g_build_filename(scratch->folder, "elsewhere", NULL);
    g_autofree char *planted = g_build_filename(hooks, "1.json", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    leave_path(scratch, "/p/0.mp3");
    g_assert_cmpint(g_chmod(hooks, 0777), ==, 0);
    g_assert_null(pf_hook_inbox_open(scratch->folder, &error));
    g_assert_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER);
    g_assert_nonnull(strstr(error->message, "chmod go-w"));
    g_clear_error(&error);
    g_assert_cmpint(g_chmod(hooks, 0700), ==, 0);
    g_assert_cmpint(g_rename(hooks, elsewhere), ==, 0);
    g_assert_cmpint(symlink("elsewhere", hooks), ==, 0);
    g_assert_null(pf_hook_inbox_open(scratch->folder, &error));
    g_assert_nonnull(strstr(error->message, "symbolic link"));
    g_clear_error(&error);
    PfArrival arrival = {.source = PF_SOURCE_HOOK, .path = (char *)"/p/1.mp3", .progress = -1};
    g_assert_false(pf_hook_file_write(scratch->folder, &arrival, &error));
    g_assert_nonnull(strstr(error->message, "symbolic link"));
    g_assert_cmpint(g_unlink(hooks), ==, 0);
    g_assert_cmpint(g_rename(elsewhere, hooks), ==, 0);
    plant(scratch, "1.json", "{}");
    g_assert_cmpint(g_chmod(planted, 0666), ==, 0);
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*set aside*1.json.bad*");
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_test_assert_expected_messages();
}

/* Neither is lost, nor does it keep the others waiting, nor is it tried again without end. Root may do everything, so
 * another user does it. */
static void
what_can_neither_be_read_nor_removed_now_stays(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *readable = g_build_filename(hooks, "1.json", NULL);
    g_autofree char *unreadable = g_build_filename(hooks, "0.json", NULL);
    const gboolean is_root = geteuid() == 0;

    (void)data;
    leave_path(scratch, "/p/0.mp3");
    g_assert_cmpuint(collect(scratch), ==, 1);
    plant(scratch, "0.json", "{}");
    plant(scratch, "1.json",
          "{\"version\":1,\"source\":\"hook\",\"size\":1,\"changed\":0,\"played\":false,\"progress\":-1,\"seen\":1,"
          "\"path\":\"/p/1.mp3\"}");
    g_assert_cmpint(g_chmod(scratch->folder, 0755), ==, 0);
    g_assert_cmpint(g_chmod(readable, 0644), ==, 0);
    g_assert_cmpint(g_chmod(unreadable, 0), ==, 0);
    g_assert_cmpint(g_chmod(hooks, 0555), ==, 0);
    if (is_root) {
        g_assert_cmpint(chown(hooks, 65534, 65534), ==, 0);
        g_assert_cmpint(chown(readable, 65534, 65534), ==, 0);
        g_assert_cmpint(chown(unreadable, 65534, 65534), ==, 0);
    }
    g_assert_cmpint(is_root ? seteuid(65534) : 0, ==, 0);
    for (int times = 0; times < 2; times++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PfHookInbox) inbox = list(scratch);
        guint taken = 0;

        g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*0.json*stay there*");
        g_assert_true(pf_hook_inbox_take(inbox, scratch->queue, 100, &taken, &error));
        g_assert_no_error(error);
        g_test_assert_expected_messages();
        g_assert_cmpuint(taken, ==, 1);
        g_assert_true(pf_hook_inbox_has_left(inbox));
        g_assert_true(pf_hook_inbox_is_done(inbox));
    }
    g_assert_cmpint(is_root ? seteuid(0) : 0, ==, 0);
    g_assert_cmpint(g_chmod(hooks, 0700), ==, 0);
    g_assert_cmpuint(count_files(scratch, ".json"), ==, 2);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 2);
}

static void
what_a_killed_hook_has_left_unfinished_is_removed_a_day_later(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *old = g_build_filename(hooks, "1.json.ABCDEF", NULL);
    const gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    struct utimbuf day_before = {now - 90000, now - 90000};

    (void)data;
    plant(scratch, "1.json.ABCDEF", "{");
    plant(scratch, "2.json.ABCDEF", "{");
    plant(scratch, "3.json.bad", "{");
    /* Not by g_utime(): GLib's time_t need not be as wide as ours. */
    g_assert_cmpint(utime(old, &day_before), ==, 0);
    g_assert_cmpuint(collect(scratch), ==, 0);
    g_assert_cmpuint(count_files(scratch, "1.json.ABCDEF"), ==, 0);
    g_assert_cmpuint(count_files(scratch, ""), ==, 2);
}

static void
files_stay_until_the_database_has_them(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfQueue) other = pf_queue_open(scratch->folder, 1000, &error);
    g_autoptr(PfQueue) hasty = pf_queue_open(scratch->folder, 0, &error);
    guint taken = 7;

    (void)data;
    g_assert_no_error(error);
    leave_path(scratch, "/p/1.mp3");
    g_autoptr(PfHookInbox) inbox = list(scratch);
    PfTransaction *transaction = pf_queue_begin(other, &error);
    g_assert_false(pf_hook_inbox_take(inbox, hasty, 100, &taken, &error));
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY);
    g_assert_cmpuint(taken, ==, 0);
    g_assert_false(pf_hook_inbox_is_done(inbox));
    g_assert_cmpuint(count_files(scratch, ".json"), ==, 1);
    g_clear_error(&error);
    g_assert_true(pf_transaction_commit(transaction, &error));
    g_assert_cmpuint(take(scratch, inbox, 100), ==, 1);
}

static void
a_folder_that_cannot_be_made_is_named(Scratch *scratch, gconstpointer data)
{
    PfArrival arrival = {.source = PF_SOURCE_HOOK, .path = TEXT("/p/1.mp3")};
    g_autofree char *state = g_build_filename(scratch->folder, "file", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_true(g_file_set_contents(state, "", 0, NULL));
    g_assert_false(pf_hook_file_write(state, &arrival, &error));
    g_assert_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER);
    g_assert_nonnull(strstr(error->message, state));
}

#define ADD(name, function) g_test_add("/hook_file/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("nothing left is nothing taken", nothing_left_is_nothing_taken);
    ADD("every byte comes through", every_byte_comes_through);
    ADD("files are private and whole", files_are_private_and_whole);
    ADD("the earliest is taken first", the_earliest_is_taken_first);
    ADD("what is damaged or foreign is set aside and told once", what_is_damaged_or_foreign_is_set_aside_and_told_once);
    ADD("what was taken already is not doubled", what_was_taken_already_is_not_doubled);
    ADD("no more are taken at once than were asked for", no_more_are_taken_at_once_than_were_asked_for);
    ADD("what others may have written is not taken in", what_others_may_have_written_is_not_taken_in);
    ADD("what another process has taken is nobody's fault", what_another_process_has_taken_is_nobodys_fault);
    ADD("what can neither be read nor removed now stays", what_can_neither_be_read_nor_removed_now_stays);
    ADD("what a killed hook has left unfinished is removed a day later",
        what_a_killed_hook_has_left_unfinished_is_removed_a_day_later);
    ADD("files stay until the database has them", files_stay_until_the_database_has_them);
    ADD("a folder that cannot be made is named", a_folder_that_cannot_be_made_is_named);
    return g_test_run();
}
