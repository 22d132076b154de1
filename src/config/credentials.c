/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/credentials.h"

#include "config/config.h"
#include "flattr/flattr.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "credentials"

/* More than any token needs. */
#define CREDENTIALS_MAX 65536

/* No token holds white space or control characters (RFC 6750, b64token); one that does would add headers of its own. */
static gboolean
is_token(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return *text != '\0';
}

static gboolean
set_fault(GError **error, const char *path, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, "%s: %s", path, fault);
    return FALSE;
}

static gboolean
check_access(const char *path, const struct stat *status, GError **error)
{
    if (!S_ISREG(status->st_mode))
        return set_fault(error, path, "is no ordinary file");
    if (status->st_uid != geteuid())
        return set_fault(error, path, "belongs to somebody else; it must be yours");
    if (status->st_mode & 077) {
        g_set_error(
            error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT,
            "%s: can be read by others, so its token is not used; run: chmod 600 '%s' (and have the token revoked if "
            "somebody may have read it)",
            path, path);
        return FALSE;
    }
    return TRUE;
}

/* Reads the file that was checked, whatever its name leads to by now. */
static char *
read_checked(const char *path, GError **error)
{
    char *text = g_malloc0(CREDENTIALS_MAX + 1);
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    gboolean usable = FALSE;

    if (file < 0 || fstat(file, &status) != 0)
        set_fault(error, path, g_strerror(errno));
    else if (check_access(path, &status, error)) {
        usable = read(file, text, CREDENTIALS_MAX) >= 0;
        if (!usable)
            set_fault(error, path, g_strerror(errno));
    }
    if (file >= 0)
        close(file);
    if (!usable)
        g_clear_pointer(&text, g_free);
    return text;
}

static gboolean
take_token(const char *path, const char *text, const char *endpoint, char **token, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    /* GKeyFile's own message would quote a line, and that line may hold the token. */
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return set_fault(error, path, "cannot be read as a [credentials] file");

    g_autofree char *api = g_key_file_get_string(file, GROUP, "api", NULL);
    g_autofree char *normalized = api ? flattr_endpoint_normalize(api, NULL) : NULL;
    g_autofree char *found = g_key_file_get_string(file, GROUP, "access-token", NULL);
    if (!api || !found)
        return set_fault(error, path, "needs 'api' and 'access-token' in [credentials]");
    if (!is_token(found))
        return set_fault(error, path, "the access-token is empty or holds spaces or control characters");
    if (g_strcmp0(normalized, endpoint) == 0)
        *token = g_steal_pointer(&found);
    else
        g_message("%s is for %s, not for %s: its token is not used", path, normalized ? normalized : "another server",
                  endpoint);
    return TRUE;
}

static gboolean
load(const char *state_dir, const char *endpoint, char **token, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "credentials", NULL);
    const char *given = g_getenv("PODFLATTR_TOKEN");

    *token = NULL;
    if (given && *given) {
        if (!is_token(given))
            return set_fault(error, "PODFLATTR_TOKEN", "holds spaces or control characters");
        *token = g_strdup(given);
        return TRUE;
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autofree char *text = read_checked(path, error);
    return text && take_token(path, text, endpoint, token, error);
}

gboolean
pf_credentials_load(const char *state_dir, const char *endpoint, char **token, GError **error)
{
    /* From here on the token is in memory, which must end up in no core file and be read by no other of the user's
     * programs. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    return load(state_dir, endpoint, token, error);
}
