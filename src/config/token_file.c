/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/token_file.h"

#include "base/files.h"
#include "config/config.h"
#include "config/credentials.h"
#include "flattr/flattr.h"
#include <string.h>

#define GROUP "credentials"

static char *
path_in(const char *state_dir)
{
    return g_build_filename(state_dir, "credentials", NULL);
}

static gboolean
set_fault(GError **error, const char *path, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, "%s: %s", path, fault);
    return FALSE;
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
    if (!pf_credentials_is_token(found))
        return set_fault(error, path, "the access-token is empty or holds spaces or control characters");
    if (g_strcmp0(normalized, endpoint) == 0)
        *token = g_steal_pointer(&found);
    else
        g_message("%s is for %s, not for %s: its token is not used", path, normalized ? normalized : "another server",
                  endpoint);
    return TRUE;
}

gboolean
pf_token_file_load(const char *state_dir, const char *endpoint, char **token, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autofree char *text = NULL;

    *token = NULL;
    return pf_private_file_read(path, &text, error) && (!text || take_token(path, text, endpoint, token, error));
}

gboolean
pf_token_file_save(const char *state_dir, const char *endpoint, const char *token, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autoptr(GKeyFile) file = g_key_file_new();

    g_key_file_set_string(file, GROUP, "api", endpoint);
    g_key_file_set_string(file, GROUP, "access-token", token);
    g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
    return pf_private_file_write(path, text, error);
}

gboolean
pf_token_file_remove(const char *state_dir, gboolean *was_there, GError **error)
{
    g_autofree char *path = path_in(state_dir);

    return pf_private_file_remove(path, was_there, error);
}
