/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/hook_inbox.h"
#include "scratch_queue.h"
#include <string.h>
#include <sys/stat.h>

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

static guint
collect(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    gboolean more = TRUE;
    guint taken = 0;

    g_assert_true(pf_hook_inbox_take(scratch->queue, scratch->folder, 100, &taken, &more, &error));
    g_assert_no_error(error);
    g_assert_false(more);
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
    g_autoptr(GError) error = NULL;
    gboolean more = TRUE;
    guint taken = 0;

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *name = g_strdup_printf("0-%" G_GSIZE_FORMAT ".json", i);
        plant(scratch, name, texts[i]);
    }
    plant(scratch, "notes.txt", "not ours");
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    leave_path(scratch, "/p/1.mp3");
    g_assert_false(pf_hook_inbox_take(scratch->queue, scratch->folder, 100, &taken, &more, &error));
    g_assert_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED);
    g_assert_nonnull(strstr(error->message, "/hooks/0-"));
    g_assert_cmpuint(taken, ==, 1);
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
    g_assert_true(pf_queue_begin(scratch->queue, &error));
    g_assert_true(pf_arrival_settle(scratch->queue, arrival, &error));
    g_assert_true(pf_queue_end(scratch->queue, &error));
}

/* The file of a process that was killed between the commit and the removal: its arrival waits still, or was decided. */
static void
what_was_taken_already_is_not_doubled(Scratch *scratch, gconstpointer data)
{
    (void)data;
    leave_path(scratch, "/p/1.mp3");
    g_assert_cmpuint(collect(scratch), ==, 1);
    leave_path(scratch, "/p/1.mp3");
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 1);
    settle(scratch, due->pdata[0], PF_ARRIVAL_MATCHED);
    leave_path(scratch, "/p/1.mp3");
    g_assert_cmpuint(collect(scratch), ==, 1);
    g_autoptr(GPtrArray) none = list_due(scratch);
    g_assert_cmpuint(none->len, ==, 0);
}

static void
no_more_are_taken_than_were_asked_for(Scratch *scratch, gconstpointer data)
{
    const guint expected[] = {2, 2, 1, 0};

    (void)data;
    for (int i = 0; i < 5; i++) {
        g_autofree char *path = g_strdup_printf("/p/%d.mp3", i);
        leave_path(scratch, path);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autoptr(GError) error = NULL;
        gboolean more;
        guint taken;

        g_assert_true(pf_hook_inbox_take(scratch->queue, scratch->folder, 2, &taken, &more, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(taken, ==, expected[i]);
        g_assert_cmpint(more, ==, i < 2);
    }
    g_autoptr(GPtrArray) due = list_due(scratch);
    g_assert_cmpuint(due->len, ==, 5);
}

static void
a_file_that_another_process_has_taken_is_not_damaged(Scratch *scratch, gconstpointer data)
{
    g_autofree char *hooks = hooks_of(scratch);
    g_autofree char *gone = g_build_filename(hooks, "1.json", NULL);
    g_autofree char *empty = g_build_filename(hooks, "2.json", NULL);
    gboolean is_gone = FALSE;

    (void)data;
    plant(scratch, "2.json", "");
    g_assert_null(pf_hook_file_read(gone, &is_gone));
    g_assert_true(is_gone);
    g_assert_null(pf_hook_file_read(empty, &is_gone));
    g_assert_false(is_gone);
}

static void
files_stay_until_the_database_has_them(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfQueue) other = pf_queue_open(scratch->folder, 1000, &error);
    g_autoptr(PfQueue) hasty = pf_queue_open(scratch->folder, 0, &error);
    gboolean more = TRUE;
    guint taken = 7;

    (void)data;
    g_assert_no_error(error);
    leave_path(scratch, "/p/1.mp3");
    g_assert_true(pf_queue_begin(other, &error));
    g_assert_false(pf_hook_inbox_take(hasty, scratch->folder, 100, &taken, &more, &error));
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY);
    g_assert_cmpuint(taken, ==, 0);
    g_assert_cmpuint(count_files(scratch, ".json"), ==, 1);
    g_clear_error(&error);
    g_assert_true(pf_queue_end(other, &error));
    g_assert_cmpuint(collect(scratch), ==, 1);
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
    ADD("no more are taken than were asked for", no_more_are_taken_than_were_asked_for);
    ADD("a file that another process has taken is not damaged", a_file_that_another_process_has_taken_is_not_damaged);
    ADD("files stay until the database has them", files_stay_until_the_database_has_them);
    ADD("a folder that cannot be made is named", a_folder_that_cannot_be_made_is_named);
    return g_test_run();
}
