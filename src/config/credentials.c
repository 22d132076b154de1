/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/credentials.h"

#include "config/config.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "credentials"

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

static gboolean
read_file(const char *path, const char *endpoint, char **token, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    /* GKeyFile's own message would quote a line, and that line may hold the token. */
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
        return set_fault(error, path, "cannot be read as a [credentials] file");

    g_autofree char *api = g_key_file_get_string(file, GROUP, "api", NULL);
    g_autofree char *text = g_key_file_get_string(file, GROUP, "access-token", NULL);
    if (!api || !text)
        return set_fault(error, path, "needs 'api' and 'access-token' in [credentials]");
    if (!is_token(text))
        return set_fault(error, path, "the access-token is empty or holds spaces or control characters");
    if (g_str_equal(api, endpoint))
        *token = g_steal_pointer(&text);
    else
        g_message("%s is for %s, not for %s: its token is not used", path, api, endpoint);
    return TRUE;
}

gboolean
pf_credentials_load(const char *state_dir, const char *endpoint, char **token, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "credentials", NULL);
    const char *given = g_getenv("PODFLATTR_TOKEN");
    struct stat status;

    *token = NULL;
    if (given && *given) {
        if (!is_token(given))
            return set_fault(error, "PODFLATTR_TOKEN", "holds spaces or control characters");
        *token = g_strdup(given);
        return TRUE;
    }
    if (stat(path, &status) != 0) {
        if (errno == ENOENT)
            return TRUE;
        return set_fault(error, path, g_strerror(errno));
    }
    return check_access(path, &status, error) && read_file(path, endpoint, token, error);
}
