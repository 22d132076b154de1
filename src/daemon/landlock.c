/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/landlock.h"

#include "base/file_access.h"
#include "base/i18n.h"
#include "sources/podcatcher.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether a link leads to where nothing may answer, by their texts. */
static gboolean
may_hang(GPtrArray *remote, const char *link)
{
    g_autofree char *target = g_file_read_link(link, NULL);
    g_autofree char *folder = g_path_get_dirname(link);
    g_autofree char *place = target ? g_canonicalize_filename(target, folder) : NULL;
    gboolean may = FALSE;

    for (guint i = 0; place && i < remote->len && !may; i++)
        may = pf_file_is_beneath(place, remote->pdata[i]);
    return may;
}

static void
list_links(const char *path, gpointer data)
{
    g_autoptr(GPtrArray) remote = pf_file_list_remote_mounts();
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *link = g_build_filename(path, name, NULL);
        /* What is mounted in the folder need not answer, and is no link. */
        if (!g_ptr_array_find_with_equal_func(remote, link, g_str_equal, NULL) &&
            g_file_test(link, G_FILE_TEST_IS_SYMLINK) &&
            (may_hang(remote, link) || !g_file_test(link, G_FILE_TEST_IS_REGULAR)))
            g_ptr_array_add(data, g_steal_pointer(&link));
    }
}

static void
free_links(gpointer links)
{
    g_ptr_array_unref(links);
}

/* A disk beside the home folder is mostly brought in by a link in the folder that is watched; it need not be there now.
 */
static void
add_links(GPtrArray *readable, const char *path)
{
    GPtrArray *links = g_ptr_array_new_with_free_func(g_free);

    if (pf_call_in_time(path, PF_FILE_TIMEOUT_MS, list_links, links, free_links))
        g_ptr_array_extend_and_steal(readable, links);
    else
        g_message(
            _("%s does not answer; its file system may hang: the folders that links in it lead to are read only after "
              "a restart"),
            path);
}

GPtrArray *
pf_landlock_list_readable(const PfConfig *config)
{
    g_autoptr(GPtrArray) readable = g_ptr_array_new_with_free_func(g_free);

    if (config->path)
        g_ptr_array_add(readable, pf_config_dup_path(config->path));
    for (char **folder = config->folder_paths; *folder; folder++) {
        g_ptr_array_add(readable, g_strdup(*folder));
        add_links(readable, *folder);
    }
    for (char **source = config->subscriptions; *source; source++) {
        char *file = g_filename_from_uri(*source, NULL, NULL);
        if (file || (!strstr(*source, "://") && !pf_podcatcher_get_kind(*source)))
            g_ptr_array_add(readable, file ? file : pf_config_dup_path(*source));
    }
    g_ptr_array_extend_and_steal(readable, pf_podcatchers_list_readable(config));
    g_ptr_array_add(readable, NULL);
    return g_steal_pointer(&readable);
}

/* As many symbolic links in a path as the kernel follows. */
#define MAX_LINKS 40

G_DEFINE_QUARK(pf_landlock_error, pf_landlock_error)

static const char *const system_paths[] = {
    "/usr",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store", /* where NixOS and Guix have what others have in /usr */
    "/gnu/store",
    "/proc",
    "/sys",
    "/dev/random",
    "/dev/urandom",
    "/run",                     /* resolv.conf of systemd-resolved and NetworkManager */
    "/var/lib/ca-certificates", /* openSUSE's */
    "/var/lib/sss",             /* users and hosts by SSSD */
};

static void
free_grant(gpointer data)
{
    PfLandlockGrant *grant = data;

    g_free(grant->path);
    g_free(grant);
}

static void
add_grant_take(GPtrArray *plan, char *path, PfLandlockAccess access)
{
    PfLandlockGrant *grant = g_new0(PfLandlockGrant, 1);

    grant->path = path;
    grant->access = access;
    g_ptr_array_add(plan, grant);
}

static char *
dup_existing_parent(const char *path)
{
    char *parent = g_path_get_dirname(path);

    while (!g_file_test(parent, G_FILE_TEST_IS_DIR)) {
        char *above = g_path_get_dirname(parent);
        g_free(parent);
        parent = above;
    }
    return parent;
}

/* The absolute path with its first symbolic link followed; NULL when it has none. */
static char *
dup_first_link_followed(const char *path)
{
    const char *end = path;

    do {
        end = strchrnul(end + 1, '/');
        g_autofree char *link = g_strndup(path, (gsize)(end - path));
        g_autofree char *target = g_file_read_link(link, NULL);
        if (target) {
            g_autofree char *folder = g_path_get_dirname(link);
            g_autofree char *place = g_canonicalize_filename(target, folder);
            return g_build_filename(place, end, NULL);
        }
    } while (*end);
    return NULL;
}

/* What is mounted at one of the path's folders may be unmounted and mounted again: that is seen from the folder that
 * the mount point is in, which is on another file system. */
static void
add_places_of_mounts(GPtrArray *plan, const char *path)
{
    g_autofree char *mount = pf_file_dup_mount_point(path);

    while (!g_str_equal(mount, "/")) {
        g_autofree char *place = g_path_get_dirname(mount);
        add_grant_take(plan, g_strdup(place), PF_LANDLOCK_LIST);
        g_free(mount);
        mount = pf_file_dup_mount_point(place);
    }
}

/* Where the user keeps everything else, too. */
static gboolean
is_home_or_above(const char *path)
{
    g_autofree char *home = g_canonicalize_filename(g_get_home_dir(), "/");

    return g_str_equal(path, "/") || g_str_equal(path, home) ||
           (g_str_has_prefix(home, path) && home[strlen(path)] == '/');
}

/* Where the links lead to need not exist, so realpath(3) does not help.
 *
 * @beside: what is granted where it lies, for it to be seen there when it is replaced */
static void
add_readable(GPtrArray *plan, const char *path, PfLandlockAccess beside)
{
    g_autofree char *at = g_canonicalize_filename(path, NULL);

    add_grant_take(plan, g_strdup(at), PF_LANDLOCK_READ);
    for (int links = 0; at && links <= MAX_LINKS; links++) {
        char *parent = dup_existing_parent(at);
        add_grant_take(plan, parent, is_home_or_above(parent) ? PF_LANDLOCK_LIST : beside);
        add_places_of_mounts(plan, at);
        char *followed = dup_first_link_followed(at);
        g_free(at);
        at = followed;
    }
}

/* Others open these for us, and they are replaced when they are renewed. */
static void
add_certificates(GPtrArray *plan)
{
    static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"};

    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);
        g_auto(GStrv) paths = g_strsplit(value ? value : "", ":", -1);
        for (char **path = paths; *path; path++)
            if (**path)
                add_readable(plan, *path, PF_LANDLOCK_READ);
    }
}

/* --- in time: a file system may not answer --- */

typedef struct {
    GPtrArray *plan;
} Planned;

static void
plan_readable(const char *path, gpointer data)
{
    add_readable(((Planned *)data)->plan, path, PF_LANDLOCK_LIST);
}

static void
free_planned(gpointer data)
{
    g_ptr_array_unref(((Planned *)data)->plan);
    g_free(data);
}

/* A path that does not answer is granted by its text. */
static void
add_readable_in_time(GPtrArray *plan, const char *path)
{
    g_autofree char *full = g_canonicalize_filename(path, NULL);
    Planned *planned = g_new0(Planned, 1);

    planned->plan = g_ptr_array_new_with_free_func(free_grant);
    if (pf_call_in_time(full, PF_FILE_TIMEOUT_MS, plan_readable, planned, free_planned)) {
        g_ptr_array_extend_and_steal(plan, g_steal_pointer(&planned->plan));
        g_free(planned);
        return;
    }
    add_places_of_mounts(plan, full);
}

GPtrArray *
pf_landlock_plan(const PfLandlockRules *rules)
{
    GPtrArray *plan = g_ptr_array_new_with_free_func(free_grant);

    add_grant_take(plan, g_canonicalize_filename(rules->state_dir, NULL), PF_LANDLOCK_WRITE);
    add_grant_take(plan, g_strdup("/dev/null"), PF_LANDLOCK_WRITE);
    for (gsize i = 0; i < G_N_ELEMENTS(system_paths); i++)
        add_grant_take(plan, g_strdup(system_paths[i]), PF_LANDLOCK_READ);
    /* It is a link to anywhere on some systems. */
    add_readable(plan, "/etc/resolv.conf", PF_LANDLOCK_READ);
    if (rules->ca_file)
        add_readable(plan, rules->ca_file, PF_LANDLOCK_READ);
    add_certificates(plan);
    for (const char *const *path = rules->readable; *path; path++)
        add_readable_in_time(plan, *path);
    return plan;
}

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>

/* Headers may be older than the kernel. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define LIST LANDLOCK_ACCESS_FS_READ_DIR
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LIST)
#define WRITE                                                                                                          \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                  \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                        \
     LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)
/* Is handled, and so forbidden, but granted nowhere. */
#define NEVER                                                                                                          \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                       \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)
/* The rights that can be granted for a file; the kernel takes no others for one. */
#define OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

/* The rights to files that this version of the kernel's interface knows. */
static guint64
rights_of_version(long version)
{
    guint64 rights = READ | WRITE | NEVER;

    if (version < 2)
        rights &= ~(guint64)LANDLOCK_ACCESS_FS_REFER;
    if (version < 3)
        rights &= ~(guint64)LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

static gboolean
fail(GError **error, PfLandlockError code, const char *what)
{
    g_set_error(error, PF_LANDLOCK_ERROR, (int)code, _("%s: cannot be used to confine the daemon: %s"), what,
                g_strerror(errno));
    return FALSE;
}

static gboolean
add_rule(int ruleset, const PfLandlockGrant *grant, guint64 known, GError **error)
{
    static const guint64 rights[] = {
        [PF_LANDLOCK_LIST] = LIST, [PF_LANDLOCK_READ] = READ, [PF_LANDLOCK_WRITE] = READ | WRITE};
    struct landlock_path_beneath_attr rule = {.allowed_access = rights[grant->access]};
    struct stat status;

    rule.parent_fd = open(grant->path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) {
        /* What cannot be reached now is not read either. Without its state folder, the daemon is nothing. */
        if (grant->access != PF_LANDLOCK_WRITE &&
            (errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == ELOOP))
            return TRUE;
        return fail(error, PF_LANDLOCK_ERROR_FOLDER, grant->path);
    }
    rule.allowed_access &= known;
    if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.allowed_access &= OF_FILES;
    gboolean added = rule.allowed_access == 0 ||
                     syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ||
                     fail(error, PF_LANDLOCK_ERROR_KERNEL, grant->path);
    close(rule.parent_fd);
    return added;
}

static gboolean
restrict_to(int ruleset, const PfLandlockRules *rules, guint64 known, GError **error)
{
    g_autoptr(GPtrArray) plan = pf_landlock_plan(rules);

    for (guint i = 0; i < plan->len; i++)
        if (!add_rule(ruleset, plan->pdata[i], known, error))
            return FALSE;
    return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ||
           fail(error, PF_LANDLOCK_ERROR_KERNEL, rules->state_dir);
}

/* Newer than some headers: struct landlock_ruleset_attr of version 4, and its rights to TCP. */
typedef struct {
    guint64 files;
    guint64 network;
} Handled;
#define BIND_TCP (1ULL << 0)
#define CONNECT_TCP (1ULL << 1)

void
pf_landlock_only_read(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const Handled handled = {rights_of_version(version) & ~(guint64)READ, BIND_TCP | CONNECT_TCP};

    if (version < 1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return;
    int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &handled, version < 4 ? sizeof handled.files : sizeof handled, 0);
    if (ruleset < 0)
        return;
    syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

static gboolean
confine_files(const PfLandlockRules *rules, PfLandlockResult *result, GError **error)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (version < 1) {
        *result = PF_LANDLOCK_ABSENT;
        return TRUE;
    }
    struct landlock_ruleset_attr handled = {.handled_access_fs = rights_of_version(version)};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (ruleset < 0)
        return fail(error, PF_LANDLOCK_ERROR_KERNEL, rules->state_dir);
    gboolean confined = restrict_to(ruleset, rules, handled.handled_access_fs, error);
    close(ruleset);
    if (confined)
        *result = version < 3 ? PF_LANDLOCK_PARTLY : PF_LANDLOCK_FULLY;
    return confined;
}
#else
void
pf_landlock_only_read(void)
{
}

static gboolean
confine_files(const PfLandlockRules *rules, PfLandlockResult *result, GError **error)
{
    (void)rules;
    (void)error;
    *result = PF_LANDLOCK_ABSENT;
    return TRUE;
}
#endif

gboolean
pf_landlock_restrict(const PfLandlockRules *rules, PfLandlockResult *result, GError **error)
{
    g_autofree char *state_dir = g_canonicalize_filename(rules->state_dir, NULL);

    g_setenv("SQLITE_TMPDIR", state_dir, TRUE);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        g_set_error(error, PF_LANDLOCK_ERROR, PF_LANDLOCK_ERROR_KERNEL,
                    _("the kernel does not let the daemon give up new privileges: %s"), g_strerror(errno));
        return FALSE;
    }
    return confine_files(rules, result, error);
}
