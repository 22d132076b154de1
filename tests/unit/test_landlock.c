/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cannot be undone is done in a process of its own: GTest runs the test's second half there (subprocess). */
#include "daemon/landlock.h"

#include "base/database.h"
#include "base/file_access.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Made by the first process, for both. */
#define SCRATCH "PODFLATTR_TEST_SCRATCH"

static char *
in_scratch(const char *name)
{
    return g_build_filename(g_getenv(SCRATCH), name, NULL);
}

static void
write_file(const char *name, const char *text)
{
    g_autofree char *path = in_scratch(name);
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
set_up(void)
{
    g_autofree char *scratch = g_dir_make_tmp("podflattr-confine-XXXXXX", NULL);

    g_assert_nonnull(scratch);
    g_setenv(SCRATCH, scratch, TRUE);
    write_file("state/old", "state");
    write_file("home/named/file", "named");
    write_file("home/neighbour/file", "neighbour");
    write_file("private/file", "private");
}

static void
tear_down(void)
{
    const char *arguments[] = {"rm", "-rf", "--", g_getenv(SCRATCH), NULL};

    g_assert_true(
        g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
    g_unsetenv(SCRATCH);
}

/* Confines this process to the scratch folder's state and home/named, and returns how far that went. */
static PfLandlockResult
confine(void)
{
    g_autofree char *state = in_scratch("state");
    g_autofree char *named = in_scratch("home/named");
    const char *const readable[] = {named, NULL};
    const PfLandlockRules rules = {.state_dir = state, .readable = readable};
    g_autoptr(GError) error = NULL;
    PfLandlockResult result = PF_LANDLOCK_ABSENT;

    g_assert_true(pf_file_helper_start(readable, NULL, NULL, pf_landlock_only_read));
    pf_landlock_restrict(&rules, &result, &error);
    g_assert_no_error(error);
    return result;
}

/* Runs the calling test again in a process of its own. Returns whether this is that process, and it is confined. */
static gboolean
is_confined(void)
{
    if (g_test_subprocess()) {
        PfLandlockResult result = confine();
        if (result == PF_LANDLOCK_ABSENT)
            g_print("no Landlock\n");
        return result != PF_LANDLOCK_ABSENT;
    }
    set_up();
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed();
    tear_down();
    return FALSE;
}

static void
skip_without_landlock(void)
{
#ifdef HAVE_LINUX_LANDLOCK_H
    gboolean missing = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0;
#else
    gboolean missing = TRUE;
#endif
    if (!g_test_subprocess() && missing)
        g_test_skip("there is no Landlock, in this kernel or this build");
}

/* Opens and closes; returns 0 or what went wrong. */
static int
try_open(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC, 0600);

    if (file < 0)
        return errno;
    close(file);
    return 0;
}

static int
try_scratch(const char *name, int flags)
{
    g_autofree char *path = in_scratch(name);

    return try_open(path, flags);
}

static void
the_state_folder_can_be_written(void)
{
    if (is_confined()) {
        g_autofree char *folder = in_scratch("state/hooks");
        g_autofree char *made = in_scratch("state/hooks/made");
        g_autofree char *moved = in_scratch("state/moved");
        g_autofree char *bell = in_scratch("state/bell");
        g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
        g_assert_cmpint(try_open(made, O_RDWR | O_CREAT | O_EXCL), ==, 0);
        g_assert_cmpint(try_open(made, O_WRONLY | O_TRUNC), ==, 0);
        g_assert_cmpint(rename(made, moved), ==, 0);
        g_assert_cmpint(try_open(moved, O_RDONLY), ==, 0);
        g_assert_cmpint(mknod(bell, S_IFSOCK | 0600, 0), ==, 0);
        g_assert_cmpint(g_unlink(bell), ==, 0);
        g_assert_cmpint(g_unlink(moved), ==, 0);
        g_assert_cmpint(g_rmdir(folder), ==, 0);
        g_assert_cmpint(try_open("/dev/null", O_WRONLY | O_TRUNC), ==, 0);
    }
    skip_without_landlock();
}

static void
nothing_else_can_be_written(void)
{
    if (is_confined()) {
        g_autofree char *named = in_scratch("home/named/file");
        g_autofree char *into = in_scratch("home/named/old");
        g_autofree char *old = in_scratch("state/old");
        g_autofree char *folder = in_scratch("home/named/folder");
        g_assert_cmpint(try_open(named, O_WRONLY), ==, EACCES);
        g_assert_cmpint(try_scratch("home/named/new", O_WRONLY | O_CREAT), ==, EACCES);
        g_assert_cmpint(try_open("/tmp/podflattr-confine-new", O_WRONLY | O_CREAT), ==, EACCES);
        g_assert_cmpint(g_mkdir(folder, 0700), ==, -1);
        g_assert_cmpint(errno, ==, EACCES);
        g_assert_cmpint(g_unlink(named), ==, -1);
        g_assert_cmpint(errno, ==, EACCES);
        g_assert_cmpint(rename(old, into), ==, -1);
    }
    skip_without_landlock();
}

static void
what_was_not_named_cannot_be_read(void)
{
    if (is_confined()) {
        g_assert_cmpint(try_scratch("home/named/file", O_RDONLY), ==, 0);
        g_assert_cmpint(try_scratch("private/file", O_RDONLY), ==, EACCES);
        g_assert_cmpint(try_scratch("home/neighbour/file", O_RDONLY), ==, EACCES);
        /* It shows when the named folder comes back. */
        g_assert_cmpint(try_scratch("home", O_RDONLY | O_DIRECTORY), ==, 0);
        g_assert_cmpint(try_open("/var/tmp", O_RDONLY | O_DIRECTORY), ==, EACCES);
    }
    skip_without_landlock();
}

static void
what_tls_and_name_service_need_can_be_read(void)
{
    if (is_confined()) {
        static const char *const needed[] = {
            "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/ssl/certs", "/usr/share/zoneinfo", "/usr/lib/locale",
            "/proc/self/fd",    "/sys/class/net",     "/run",           "/etc/localtime"};
        for (gsize i = 0; i < G_N_ELEMENTS(needed); i++) {
            int fault = try_open(needed[i], O_RDONLY);
            g_assert_true(fault == 0 || fault == ENOENT);
        }
        g_assert_cmpint(try_open("/etc/passwd", O_RDONLY), ==, 0);
        g_assert_cmpint(try_open("/dev/urandom", O_RDONLY), ==, 0);
    }
    skip_without_landlock();
}

static void
no_program_can_be_executed(void)
{
    if (is_confined()) {
        g_assert_cmpint(execl("/bin/true", "true", NULL), ==, -1);
        g_assert_cmpint(errno, ==, EACCES);
    }
    skip_without_landlock();
}

/* Starts a process that is not confined and, once it gets a byte, deletes the named folder and makes it again. */
static pid_t
start_replacer(int *tell)
{
    g_autofree char *file = in_scratch("home/named/file");
    g_autofree char *folder = in_scratch("home/named");
    int ends[2];
    char byte;

    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t replacer = fork();
    if (replacer == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 && unlink(file) == 0 && rmdir(folder) == 0 && mkdir(folder, 0700) == 0 &&
                      try_open(file, O_WRONLY | O_CREAT) == 0
                  ? 0
                  : 1);
    }
    close(ends[0]);
    *tell = ends[1];
    return replacer;
}

static void
a_folder_that_is_made_again_can_be_read(void)
{
    int tell = -1, status = -1;
    pid_t replacer = g_test_subprocess() ? start_replacer(&tell) : 0;

    if (is_confined()) {
        g_assert_cmpint(write(tell, "!", 1), ==, 1);
        g_assert_cmpint(waitpid(replacer, &status, 0), ==, replacer);
        g_assert_cmpint(status, ==, 0);
        g_assert_cmpint(try_scratch("home/named", O_RDONLY | O_DIRECTORY), ==, 0);
        g_autofree char *named = in_scratch("home/named/file");
        g_autofree char *neighbour = in_scratch("home/neighbour/file");
        g_autofree char *round_about = in_scratch("home/named/../neighbour/file");
        int file = pf_file_open(named);
        g_assert_cmpint(file, >=, 0);
        close(file);
        g_assert_cmpint(pf_file_open(neighbour), ==, -1);
        g_assert_cmpint(errno, ==, EACCES);
        g_assert_cmpint(pf_file_open(round_about), ==, -1);
    }
    if (tell >= 0)
        close(tell);
    skip_without_landlock();
}

static void
sqlite_finds_room_for_what_it_cannot_keep_in_memory(void)
{
    if (is_confined()) {
        g_autofree char *path = in_scratch("state/queue.db");
        g_autoptr(GError) error = NULL;
        g_autoptr(PfDatabase) database = pf_database_open(path, 0, &error);
        gint64 rows = 0;
        g_assert_no_error(error);
        pf_database_execute(database,
                            "CREATE TABLE t (x); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
                            "i + 1 FROM n WHERE i < 60000) SELECT randomblob(100) FROM n;"
                            "CREATE INDEX i ON t (x); UPDATE t SET x = randomblob(99); VACUUM;",
                            &error);
        g_assert_no_error(error);
        pf_database_read_number(database, &rows, &error,
                                "SELECT count(*) FROM (SELECT x || '' AS y FROM t ORDER BY y LIMIT -1 OFFSET 1)", "");
        g_assert_no_error(error);
        g_assert_cmpint(rows, ==, 59999);
    }
    skip_without_landlock();
}

static void
a_missing_state_folder_is_told(void)
{
    if (g_test_subprocess()) {
        const char *const readable[] = {NULL};
        const PfLandlockRules rules = {.state_dir = "/nonexistent/state", .readable = readable};
        g_autoptr(GError) error = NULL;
        PfLandlockResult result = PF_LANDLOCK_ABSENT;
        if (pf_landlock_restrict(&rules, &result, &error)) {
            g_assert_cmpint(result, ==, PF_LANDLOCK_ABSENT);
            return;
        }
        g_assert_error(error, PF_LANDLOCK_ERROR, PF_LANDLOCK_ERROR_FOLDER);
        g_assert_nonnull(strstr(error->message, "/nonexistent/state"));
        g_assert_cmpint(try_open("/var/tmp", O_RDONLY | O_DIRECTORY), ==, 0);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed();
}

/* Whether the plan grants what is at @path: absolute, or beneath the scratch folder. */
static gboolean
grants(GPtrArray *plan, const char *path, PfLandlockAccess access)
{
    g_autofree char *full = g_canonicalize_filename(path, g_getenv(SCRATCH));

    for (guint i = 0; i < plan->len; i++) {
        const PfLandlockGrant *grant = plan->pdata[i];
        if (g_str_equal(grant->path, full) && grant->access == access)
            return TRUE;
    }
    return FALSE;
}

static GPtrArray *
plan_for(const char *name)
{
    g_autofree char *state = in_scratch("state");
    g_autofree char *path = in_scratch(name);
    const char *const readable[] = {path, NULL};
    const PfLandlockRules rules = {.state_dir = state, .readable = readable};

    return pf_landlock_plan(&rules);
}

/* Each case is a path to be read, and where listing must be granted for it; in the scratch folder all. */
static void
names_are_granted_at_the_nearest_existing_parent(void)
{
    static const struct {
        const char *path;
        const char *granted;
    } cases[] = {
        {"home/named", "home"},
        {"home/named/file", "home/named"},
        {"home/none", "home"},
        {"home/none/at/all", "home"},
        {"home/link", "home"},
        {"home/link", "private"},
        {"home/link/x", "private/to"},
        {"home/dangling/x/y", "private"},
        {"home/dangling/x/y", "home"},
        {"via/link", "private"},
        {"home/named/file/x/y", "home/named"},
        {"home/loop/x", "home"},
    };
    set_up();
    g_autofree char *scratch = in_scratch("");
    write_file("private/to/file", "");
    g_assert_cmpint(chdir(scratch), ==, 0);
    g_assert_cmpint(symlink("../private/to", "home/link"), ==, 0);
    g_assert_cmpint(symlink("../private/unmounted", "home/dangling"), ==, 0);
    g_assert_cmpint(symlink("loop", "home/loop"), ==, 0);
    g_assert_cmpint(symlink("home", "via"), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) plan = plan_for(cases[i].path);
        g_test_message("%s: %s", cases[i].path, cases[i].granted);
        g_assert_true(grants(plan, cases[i].granted, PF_LANDLOCK_LIST));
        g_assert_false(grants(plan, cases[i].granted, PF_LANDLOCK_READ));
        g_assert_true(grants(plan, cases[i].path, PF_LANDLOCK_READ));
    }
    g_assert_cmpint(chdir("/"), ==, 0);
    tear_down();
}

static void
only_the_state_folder_is_granted_for_writing(void)
{
    guint writable = 0;

    set_up();
    g_autoptr(GPtrArray) plan = plan_for("home/named");
    for (guint i = 0; i < plan->len; i++)
        writable += ((PfLandlockGrant *)plan->pdata[i])->access == PF_LANDLOCK_WRITE ? 1 : 0;
    g_assert_cmpuint(writable, ==, 2);
    g_assert_true(grants(plan, "state", PF_LANDLOCK_WRITE));
    g_assert_true(grants(plan, "/dev/null", PF_LANDLOCK_WRITE));
    tear_down();
}

static void
certificates_that_the_environment_names_are_granted(void)
{
    set_up();
    g_autofree char *bundle = in_scratch("private/bundle.pem");
    g_autofree char *folders = g_strconcat(g_getenv(SCRATCH), "/home/named/a:", g_getenv(SCRATCH), "/none/b", NULL);
    g_setenv("CURL_CA_BUNDLE", bundle, TRUE);
    g_setenv("SSL_CERT_DIR", folders, TRUE);
    g_autoptr(GPtrArray) plan = plan_for("home/named");
    g_assert_true(grants(plan, "private", PF_LANDLOCK_READ));
    g_assert_true(grants(plan, "home/named", PF_LANDLOCK_READ));
    g_assert_true(grants(plan, ".", PF_LANDLOCK_READ));
    g_unsetenv("CURL_CA_BUNDLE");
    g_unsetenv("SSL_CERT_DIR");
    tear_down();
}

/* A mount that another machine serves is known by its point; the path of a link to it begins elsewhere. */
static void
a_path_is_on_the_mount_that_its_links_lead_to(void)
{
    g_autofree char *folder = g_dir_make_tmp("links-XXXXXX", NULL);
    const struct {
        const char *link, *target, *mount;
    } cases[] = {{"absolute", "/proc", "/proc"},
                 {"relative", "absolute/self", "/proc"},
                 {"endless", "endless", NULL},
                 {"dangling", "nothing", NULL}};
    g_autofree char *own = pf_file_dup_mount_point(folder);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *link = g_build_filename(folder, cases[i].link, NULL);
        g_autofree char *path = g_build_filename(link, "file.mp3", NULL);
        g_assert_cmpint(symlink(cases[i].target, link), ==, 0);
        g_autofree char *mount = pf_file_dup_mount_point(path);
        g_assert_cmpstr(mount, ==, cases[i].mount ? cases[i].mount : own);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *link = g_build_filename(folder, cases[i].link, NULL);
        g_assert_cmpint(unlink(link), ==, 0);
    }
    g_assert_cmpint(rmdir(folder), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mount/a path is on the mount that its links lead to",
                    a_path_is_on_the_mount_that_its_links_lead_to);
    g_test_add_func("/confine/the state folder can be written", the_state_folder_can_be_written);
    g_test_add_func("/confine/nothing else can be written", nothing_else_can_be_written);
    g_test_add_func("/confine/what was not named cannot be read", what_was_not_named_cannot_be_read);
    g_test_add_func("/confine/what TLS and name service need can be read", what_tls_and_name_service_need_can_be_read);
    g_test_add_func("/confine/no program can be executed", no_program_can_be_executed);
    g_test_add_func("/confine/a folder that is made again can be read", a_folder_that_is_made_again_can_be_read);
    g_test_add_func("/confine/SQLite finds room for what it cannot keep in memory",
                    sqlite_finds_room_for_what_it_cannot_keep_in_memory);
    g_test_add_func("/confine/a missing state folder is told", a_missing_state_folder_is_told);
    g_test_add_func("/confine/names are granted at the nearest existing parent",
                    names_are_granted_at_the_nearest_existing_parent);
    g_test_add_func("/confine/only the state folder is granted for writing",
                    only_the_state_folder_is_granted_for_writing);
    g_test_add_func("/confine/certificates that the environment names are granted",
                    certificates_that_the_environment_names_are_granted);
    return g_test_run();
}
