/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/state_folder.h"

#include "base/files.h"
#include "base/i18n.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(pf_state_folder_error, pf_state_folder_error)

/* --- where it is --- */

char *
pf_state_folder_find(const char *option, GError **error)
{
    const char *named = g_getenv("PODFLATTR_STATE_DIR");
    const char *state = g_getenv("XDG_STATE_HOME");
    const char *home = g_get_home_dir();

    if (option && *option)
        return g_canonicalize_filename(option, NULL);
    if (named && g_path_is_absolute(named))
        return g_canonicalize_filename(named, NULL);
    if (named && *named) {
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_PLACE,
                    _("PODFLATTR_STATE_DIR is %s, which is not an absolute path: the queue's place would depend on the "
                      "current folder; set it to a path that begins with /"),
                    named);
        return NULL;
    }
    if (state && g_path_is_absolute(state))
        return g_build_filename(state, "podflattr", NULL);
    if (home && g_path_is_absolute(home))
        return g_build_filename(home, ".local", "state", "podflattr", NULL);
    g_set_error(
        error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_PLACE,
        _("HOME is '%s', which is not an absolute path, so there is no place for the state folder; set HOME, or "
          "name the folder with --state-dir"),
        home ? home : "");
    return NULL;
}

/* --- whose it is --- */

static char *
dup_user_name(uid_t user)
{
    const struct passwd *entry = getpwuid(user);

    return entry ? g_strdup(entry->pw_name) : g_strdup_printf("#%lu", (unsigned long)user);
}

static gboolean
refuse_owner(GError **error, const char *path, uid_t owner)
{
    g_autofree char *name = dup_user_name(owner);
    g_autofree char *self = dup_user_name(geteuid());

    if (geteuid() == 0)
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_FOREIGN,
                    _("%s belongs to %s, and %s could not use what root creates there; run podflattr as that user: "
                      "sudo -u %s podflattr …"),
                    path, name, name, name);
    else
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_FOREIGN,
                    _("%s belongs to %s, not to you; run: sudo chown -R %s '%s'"), path, name, self, path);
    return FALSE;
}

/* @is_folder: what it has to be */
static gboolean
check_status(const char *path, const struct stat *status, gboolean is_folder, uid_t owner, GError **error)
{
    if (S_ISLNK(status->st_mode) || (is_folder && !S_ISDIR(status->st_mode))) {
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_FOREIGN,
                    S_ISLNK(status->st_mode) ? _("%s is a symbolic link, which podflattr does not follow; remove it")
                                             : _("%s is not a folder, so podflattr does not use it; remove it"),
                    path);
        return FALSE;
    }
    if (status->st_uid != owner)
        return refuse_owner(error, path, status->st_uid);
    if (status->st_mode & 022) {
        g_set_error(
            error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_FOREIGN,
            _("other users can write to %s, so its contents are not trusted; check them and run: chmod go-w '%s'"),
            path, path);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_contents(int folder, const char *path, GError **error)
{
    static const char *const names[] = {"queue.db",     "queue.db-wal", "queue.db-shm", "feeds.db", "feeds.db-wal",
                                        "feeds.db-shm", "sender.lock",  "credentials",  "hooks"};
    struct stat status;

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *file = g_build_filename(path, names[i], NULL);
        if (fstatat(folder, names[i], &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            !check_status(file, &status, g_str_equal(names[i], "hooks"), geteuid(), error))
            return FALSE;
    }
    return TRUE;
}

/* --- opening and making --- */

/* Root follows no link that a user may have planted. */
static gboolean
check_links(const char *path, GError **error)
{
    struct stat status;
    const char *end = path;

    do {
        end = strchrnul(end + 1, '/');
        g_autofree char *part = g_strndup(path, (gsize)(end - path));
        if (lstat(part, &status) != 0)
            return TRUE;
        if (!S_ISLNK(status.st_mode) || status.st_uid == 0)
            continue;
        g_autofree char *name = dup_user_name(status.st_uid);
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_FOREIGN,
                    _("%s is a symbolic link that belongs to %s, which root does not follow; name the folder that it "
                      "leads to with --state-dir"),
                    part, name);
        return FALSE;
    } while (*end);
    return TRUE;
}

/* Makes a folder in an open one, as the outer one's owner's, and opens it. Returns: -1 with errno set. */
static int
make_within(int folder, const char *name, const struct stat *outer)
{
    if (mkdirat(folder, name, 0700) != 0 && errno != EEXIST)
        return -1;
    int made = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (made >= 0 && geteuid() == 0 && outer->st_uid != 0 && fstat(made, &status) == 0 && status.st_uid == 0 &&
        fchown(made, outer->st_uid, outer->st_gid) != 0) {
        int fault = errno;
        close(made);
        errno = fault;
        return -1;
    }
    return made;
}

/* Opens the path's folder, and makes what is missing of it. Returns: -1 with errno set. */
static int
open_path(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder >= 0 || errno != ENOENT || g_str_equal(path, "/"))
        return folder;
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    struct stat status;
    int outer = open_path(parent);
    if (outer < 0)
        return -1;
    folder = fstat(outer, &status) == 0 ? make_within(outer, name, &status) : -1;
    int fault = errno;
    if (folder >= 0)
        (void)fsync(outer);
    close(outer);
    errno = fault;
    return folder;
}

int
pf_state_folder_open(const char *path, struct stat *owner, GError **error)
{
    if (geteuid() == 0 && !check_links(path, error))
        return -1;
    int folder = open_path(path);
    if (folder < 0 || fstat(folder, owner) != 0) {
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_MAKE,
                    _("cannot open the state folder %s: %s%s"), path, g_strerror(errno), pf_file_advice(errno));
        if (folder >= 0)
            close(folder);
        return -1;
    }
    /* Root acts for the owner. */
    if (check_status(path, owner, TRUE, geteuid() == 0 ? owner->st_uid : geteuid(), error))
        return folder;
    close(folder);
    return -1;
}

int
pf_state_folder_open_within(int folder, const char *path, const struct stat *owner, gboolean make, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    int within = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (within < 0 && errno == ENOENT && make)
        within = make_within(folder, name, owner);
    int fault = errno;
    if (within < 0 && fault == ENOENT && !make)
        return -1;
    if (within < 0 && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode)) {
        check_status(path, &status, TRUE, owner->st_uid, error);
        errno = EACCES;
        return -1;
    }
    if (within < 0 || fstat(within, &status) != 0) {
        g_set_error(error, PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_MAKE, _("cannot open %s: %s%s"), path,
                    g_strerror(within < 0 ? fault : errno), pf_file_advice(within < 0 ? fault : errno));
    } else if (check_status(path, &status, TRUE, owner->st_uid, error)) {
        return within;
    }
    if (within >= 0)
        close(within);
    errno = EACCES;
    return -1;
}

gboolean
pf_state_folder_check_root(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat status;

    if (geteuid() != 0)
        return TRUE;
    while (stat(parent, &status) != 0 && !g_str_equal(parent, "/")) {
        char *above = g_path_get_dirname(parent);
        g_free(parent);
        parent = above;
    }
    return status.st_uid == 0 || refuse_owner(error, parent, status.st_uid);
}

gboolean
pf_state_folder_prepare(const char *path, GError **error)
{
    struct stat status;

    if (access(path, F_OK) != 0 && !pf_state_folder_check_root(path, error))
        return FALSE;
    int folder = pf_state_folder_open(path, &status, error);
    if (folder < 0)
        return FALSE;
    gboolean ours =
        status.st_uid == geteuid() ? check_contents(folder, path, error) : refuse_owner(error, path, status.st_uid);
    close(folder);
    return ours;
}
