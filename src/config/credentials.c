/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/credentials.h"

#include "base/files.h"
#include "base/i18n.h"
#include "base/state_folder.h"
#include "base/text.h"
#include "config/config.h"
#include "config/secret_service.h"
#include "flattr/flattr.h"

#include <gio/gio.h>
#include <glib.h>
#include <string.h>
#include <sys/prctl.h>

/*
 * The access token in a file of its own, `credentials` in the state folder, readable by its owner alone:
 *
 *     [credentials]
 *     api = https://api.example.org/rest/v2
 *     access-token = …
 *
 * The password of a synchronisation server is in `sync-password`, which has the same form.
 */

#define GROUP "credentials"

static char *
path_in(const PfCredentials *credentials)
{
    return g_build_filename(credentials->state_dir, credentials->is_password ? "sync-password" : "credentials", NULL);
}

static gboolean
set_fault(GError **error, const char *path, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, "%s: %s", path, fault);
    return FALSE;
}

static gboolean
take_token(const char *path, const char *text, const PfCredentials *credentials, char **token, GError **error)
{
    const char *endpoint = credentials->endpoint;
    g_autoptr(GKeyFile) file = g_key_file_new();

    /* GKeyFile's own message would quote a line, and that line may hold the token. */
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return set_fault(error, path, _("not a valid [credentials] file"));

    g_autofree char *api = g_key_file_get_string(file, GROUP, "api", NULL);
    g_autofree char *normalized = credentials->is_password ? g_strdup(api)
                                  : api                    ? flattr_endpoint_normalize(api, NULL)
                                                           : NULL;
    g_autofree char *found = g_key_file_get_string(file, GROUP, "access-token", NULL);
    if (!api || !found)
        return set_fault(error, path, _("needs 'api' and 'access-token' in [credentials]"));
    if (!pf_text_is_token(found))
        return set_fault(error, path, _("access-token is empty or contains spaces or control characters"));
    if (g_strcmp0(normalized, endpoint) == 0)
        *token = g_steal_pointer(&found);
    else
        g_message(_("%s is for %s, not for %s; ignoring its token"), path,
                  normalized ? normalized : _("another server"), endpoint);
    return TRUE;
}

/*
 * Finds the token for a server. Functions here set a PF_CONFIG_ERROR or a PF_PRIVATE_FILE_ERROR, and no message holds
 * the token.
 *
 * @token: (out) (transfer full): NULL when there is none for that server
 */
static gboolean
pf_token_file_load(const PfCredentials *credentials, char **token, GError **error)
{
    g_autofree char *path = path_in(credentials);
    g_autofree char *text = NULL;

    *token = NULL;
    return pf_private_file_read(path, &text, error) && (!text || take_token(path, text, credentials, token, error));
}

/* Stores a token in place of what was there. */
static gboolean
pf_token_file_save(const PfCredentials *credentials, const char *token, GError **error)
{
    g_autofree char *path = path_in(credentials);
    g_autoptr(GKeyFile) file = g_key_file_new();

    g_key_file_set_string(file, GROUP, "api", credentials->endpoint);
    g_key_file_set_string(file, GROUP, "access-token", token);
    g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
    return pf_state_folder_prepare(credentials->state_dir, error) && pf_private_file_write(path, text, error);
}

/* Removes the file, for whatever server it is. @was_there: (out) */
static gboolean
pf_token_file_remove(const PfCredentials *credentials, gboolean *was_there, GError **error)
{
    g_autofree char *path = path_in(credentials);

    return pf_private_file_remove(path, was_there, error);
}

#define VARIABLE "PODFLATTR_TOKEN"
#define SYSTEMD_NAME "podflattr-token"

struct PfCredentialsLoad {
    PfTokenStore store;
    char *state_dir;
    char *endpoint;
    gboolean is_password;
    PfCredentialsLoaded loaded; /* NULL: abandoned */
    gpointer data;
};

static gboolean
take_checked(const char *place, char *found, char **token, GError **error)
{
    *token = g_strstrip(found);
    if (pf_text_is_token(*token))
        return TRUE;
    g_clear_pointer(token, g_free);
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT,
                _("%s: not a token: empty, or contains spaces or control characters"), place);
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
    if (given && *given && !credentials->is_password)
        return take_checked(VARIABLE, g_strdup(given), token, error);
    if (path && !credentials->is_password)
        return load_from_systemd(path, token, error);
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_load(credentials->endpoint, token, error);
    return pf_token_file_load(credentials, token, error);
}

/* A password may have any character, and is kept with %XX for those that a token has not. @token: taken */
static gboolean
take_password(char *token, char **password)
{
    *password = token ? g_uri_unescape_string(token, NULL) : NULL;
    g_free(token);
    return TRUE;
}

static gboolean
save(const PfCredentials *credentials, const char *token, GError **error)
{
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_save(credentials->endpoint, token, error);
    return pf_token_file_save(credentials, token, error);
}

gboolean
pf_credentials_save(const PfCredentials *credentials, const char *token, GError **error)
{
    g_autofree char *escaped = credentials->is_password ? g_uri_escape_string(token, NULL, FALSE) : NULL;

    return save(credentials, escaped ? escaped : token, error);
}

gboolean
pf_credentials_forget(const PfCredentials *credentials, gboolean *was_there, GError **error)
{
    if (credentials->store == PF_TOKEN_STORE_SECRET_SERVICE)
        return pf_secret_service_forget(credentials->endpoint, was_there, error);
    return pf_token_file_remove(credentials, was_there, error);
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
    return load(credentials, token, error) && (!credentials->is_password || take_password(*token, token));
}

/* --- without waiting --- */

static void
load_free(gpointer data)
{
    PfCredentialsLoad *load = data;

    g_free(load->state_dir);
    g_free(load->endpoint);
    g_free(load);
}

static void
load_for_task(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const PfCredentialsLoad *asked = data;
    const PfCredentials credentials = {asked->store, asked->state_dir, asked->endpoint, asked->is_password};
    GError *error = NULL;
    char *token = NULL;

    (void)source;
    (void)cancellable;
    if (pf_credentials_load(&credentials, &token, &error))
        g_task_return_pointer(task, token, g_free);
    else
        g_task_return_error(task, error);
}

static void
load_ended(GObject *source, GAsyncResult *result, gpointer data)
{
    const PfCredentialsLoad *asked = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;
    g_autofree char *token = g_task_propagate_pointer(G_TASK(result), &error);

    (void)source;
    (void)data;
    if (asked->loaded)
        asked->loaded(asked->endpoint, g_steal_pointer(&token), error, asked->data);
}

PfCredentialsLoad *
pf_credentials_load_begin(const PfCredentials *credentials, PfCredentialsLoaded loaded, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, load_ended, NULL);
    PfCredentialsLoad *asked = g_new0(PfCredentialsLoad, 1);

    asked->store = credentials->store;
    asked->state_dir = g_strdup(credentials->state_dir);
    asked->endpoint = g_strdup(credentials->endpoint);
    asked->is_password = credentials->is_password;
    asked->loaded = loaded;
    asked->data = data;
    g_task_set_task_data(task, asked, load_free);
    /* A file can be read at once; a thread for that would only cost memory. */
    if (asked->store == PF_TOKEN_STORE_SECRET_SERVICE)
        g_task_run_in_thread(task, load_for_task);
    else
        load_for_task(task, NULL, asked, NULL);
    return asked;
}

void
pf_credentials_load_abandon(PfCredentialsLoad *asked)
{
    if (asked)
        asked->loaded = NULL;
}
