/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void
text_from_outside_cannot_drive_a_terminal(void)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"plain", "plain"},
        {"  two\n\twords  ", "two words"},
        {"\033[2J\007wiped", "\357\277\275[2J\357\277\275wiped"},
        {"caf\303\251", "caf\303\251"},
        {"bad \377 byte", "bad \357\277\275 byte"},
        {"right\342\200\256tfel", "right\357\277\275tfel"},
        {"c1 \302\233 control", "c1 \357\277\275 control"},
        /* Joined emojis and letters are what they are; a joiner in an address hides in it. */
        {"\360\237\221\251\342\200\215\360\237\221\247", "\360\237\221\251\342\200\215\360\237\221\247"},
        {"a\342\200\215b", "a\357\277\275b"},
        {"\342\200\215", "\357\277\275"},
        {"", ""},
        {NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *printable = pf_log_printable(cases[i].text);
        g_assert_cmpstr(printable, ==, cases[i].expected);
    }
}

/* Where the journal's sockets are; only a stderr that is connected beneath it counts as the journal. */
#define JOURNAL "/run/systemd/journal"

static gboolean
put(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    gboolean written = write(file, text, strlen(text)) == (ssize_t)strlen(text);

    close(file);
    return written;
}

/* Gives this process a /run of its own, with a place for the journal's sockets. Returns FALSE where that is not
 * allowed. */
static gboolean
make_own_run(void)
{
    g_autofree char *users = g_strdup_printf("0 %u 1", (guint)getuid());
    g_autofree char *groups = g_strdup_printf("0 %u 1", (guint)getgid());

    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put("/proc/self/setgroups", "deny") &&
           put("/proc/self/uid_map", users) && put("/proc/self/gid_map", groups) &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", "/run", "tmpfs", 0, NULL) == 0 &&
           g_mkdir_with_parents(JOURNAL, 0700) == 0;
}

static gboolean
may_make_own_run(void)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(make_own_run() ? 0 : 1);
    return waitpid(child, &status, 0) == child && status == 0;
}

/* Listens at @path as the journal does. */
static int
listen_at(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof address), ==, 0);
    if (type == SOCK_STREAM)
        g_assert_cmpint(listen(listener, 1), ==, 0);
    return listener;
}

/* Connects stderr to a journal, as systemd does for a service. Returns the journal's end of messages with fields. */
static int
start_journal(int *stream)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = JOURNAL "/stdout"};
    int listener = listen_at(JOURNAL "/stdout", SOCK_STREAM);

    g_assert_cmpint(close(STDERR_FILENO), ==, 0);
    g_assert_cmpint(socket(AF_UNIX, SOCK_STREAM, 0), ==, STDERR_FILENO);
    g_assert_cmpint(connect(STDERR_FILENO, (struct sockaddr *)&address, sizeof address), ==, 0);
    *stream = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return listen_at(JOURNAL "/socket", SOCK_DGRAM);
}

static char *
receive(int from)
{
    char text[4096];
    ssize_t length = recv(from, text, sizeof text, MSG_DONTWAIT);

    return length < 0 ? NULL : g_strndup(text, (gsize)length);
}

static gboolean
has_line(const char *message, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

    return g_strv_contains((const char *const *)lines, line);
}

static void
assert_message_reaches(int journal)
{
    pf_log_about(G_LOG_LEVEL_MESSAGE,
                 &(PfLogSubject){.file = "/pods/a b.mp3", .feed = "https://feeds.example/a", .entry = 7}, "%s",
                 "fetched \033[2J\nPRIORITY=0");
    g_autofree char *message = receive(journal);
    g_assert_nonnull(message);
    g_assert_true(has_line(message, "MESSAGE=fetched \357\277\275[2J PRIORITY=0"));
    g_assert_true(has_line(message, "PRIORITY=5"));
    g_assert_true(has_line(message, "SYSLOG_IDENTIFIER=podflattr"));
    g_assert_true(has_line(message, "PODFLATTR_FEED=https://feeds.example/a"));
    g_assert_true(has_line(message, "PODFLATTR_FILE=/pods/a b.mp3"));
    g_assert_true(has_line(message, "PODFLATTR_ENTRY=7"));
    g_assert_false(has_line(message, "PRIORITY=0"));
}

/* Runs in a process of its own, since its stderr and its /run are lost. */
static void
talk_to_a_journal(void)
{
    int stream;

    g_assert_true(make_own_run());
    int journal = start_journal(&stream);
    pf_log_start("podflattr", PF_LOG_NORMAL);
    assert_message_reaches(journal);
    g_info("not asked for");
    g_assert_null(receive(journal));
    g_assert_null(receive(stream));
    close(journal);
    g_message("nobody takes fields");
    g_autofree char *line = receive(stream);
    g_assert_cmpstr(line, ==, "podflattr: nobody takes fields\n");
}

static void
the_journal_gets_fields_and_harmless_text(void)
{
    if (g_test_subprocess()) {
        talk_to_a_journal();
        return;
    }
    if (!may_make_own_run()) {
        g_test_skip("this user may not make namespaces");
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed();
}

static void
stderr_gets_one_line_a_message(void)
{
    if (g_test_subprocess()) {
        pf_log_start("podflattr", PF_LOG_NORMAL);
        g_message("one\ntwo");
        g_info("not asked for");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("podflattr: one two\n");
}

static char *written;

static void
write_aside(GLogLevelFlags level, const char *text)
{
    g_free(written);
    written = g_strdup_printf("%d %s", level & G_LOG_LEVEL_MESSAGE ? 1 : 0, text);
}

/* In a process of its own, since the level is the process's. */
static void
another_writer_gets_what_is_shown(void)
{
    if (g_test_subprocess()) {
        pf_log_start("podflattr", PF_LOG_NORMAL);
        pf_log_set_writer(write_aside);
        g_message("one\n two");
        g_info("not asked for");
        g_assert_cmpstr(written, ==, "1 one two");
        pf_log_set_writer(NULL);
        g_message("three");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("podflattr: three\n");
}

static void
json_cannot_drive_a_terminal(void)
{
    static const struct {
        const char *json, *expected;
    } cases[] = {
        {"{\"a\":[1,null]}", "{\"a\":[1,null]}"},
        {"\"\\u001b \\\\ \303\244 \342\200\246 \360\237\216\247\"",
         "\"\\u001b \\\\ \303\244 \342\200\246 \360\237\216\247\""},
        {"\"\177\302\205\302\233\"", "\"\\u007f\\u0085\\u009b\""},                                /* DEL, C1 */
        {"\"\342\200\256\342\201\246\342\200\217\330\234\"", "\"\\u202e\\u2066\\u200f\\u061c\""}, /* directions */
        {"\"\342\200\250\342\200\251\302\255\357\273\277\"",
         "\"\\u2028\\u2029\\u00ad\\ufeff\""},             /* lines, soft hyphen, BOM */
        {"\"\363\240\200\201x\"", "\"\\udb40\\udc01x\""}, /* a tag, as a pair */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = pf_log_json_printable(cases[i].json);
        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/text from outside cannot drive a terminal", text_from_outside_cannot_drive_a_terminal);
    g_test_add_func("/log/JSON cannot drive a terminal", json_cannot_drive_a_terminal);
    g_test_add_func("/log/stderr gets one line a message", stderr_gets_one_line_a_message);
    g_test_add_func("/log/another writer gets what is shown", another_writer_gets_what_is_shown);
    g_test_add_func("/log/the journal gets fields and harmless text", the_journal_gets_fields_and_harmless_text);
    return g_test_run();
}
