/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/credentials.h"

#include "config/secret_service.h"
#include "config/token_file.h"
#include <sys/prctl.h>

#define VARIABLE "PODFLATTR_TOKEN"
#define SYSTEMD_NAME "podflattr-token"

gboolean
pf_credentials_is_token(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return *text != '\0';
}

static gboolean
take_checked(const char *place, char *found, char **token, GError **error)
{
    *token = g_strstrip(found);
    if (pf_credentials_is_token(*token))
        return TRUE;
    g_clear_pointer(token, g_free);
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT,
                "%s: is empty or holds spaces or control characters, so it is no token", place);
    return FALSE;
}

/* Returns (transfer full) the path of the credential that systemd has loaded for this unit; NULL when there is none. */
static char *
dup_systemd_path(void)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *path = folder && *folder ? g_build_filename(folder, SYSTEMD_NAME, NULL) : NULL;

    return path && g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

static gboolean
load_from_systemd(const char *path, char **token, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char *text = NULL;

    if (g_file_get_contents(path, &text, NULL, &failure))
        return take_checked(path, text, token, error);
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_FILE, "%s", failure->message);
    return FALSE;
}

static gboolean
load(const PfCredentials *credentials, char **token, GError **error)
{
    g_autofree char *path = dup_systemd_path();
    const char *given = g_getenv(VARIABLE);

    *token = NULL;
    if (given && *given)
        return take_checked(VARIABLE, g_strdup(given), token, error);
    if (path)
        return load_from_systemd(path, token, error);
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_load(credentials->endpoint, token, error);
    return pf_token_file_load(credentials->state_dir, credentials->endpoint, token, error);
}

gboolean
pf_credentials_save(const PfCredentials *credentials, const char *token, GError **error)
{
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_save(credentials->endpoint, token, error);
    return pf_token_file_save(credentials->state_dir, credentials->endpoint, token, error);
}

gboolean
pf_credentials_forget(const PfCredentials *credentials, gboolean *was_there, GError **error)
{
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_forget(credentials->endpoint, was_there, error);
    return pf_token_file_remove(credentials->state_dir, was_there, error);
}

char *
pf_credentials_dup_override(void)
{
    const char *given = g_getenv(VARIABLE);

    return given && *given ? g_strdup(VARIABLE) : dup_systemd_path();
}

gboolean
pf_credentials_load(const PfCredentials *credentials, char **token, GError **error)
{
    /* From here on the token is in memory, which must end up in no core file and be read by no other of the user's
     * programs. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    return load(credentials, token, error);
}
