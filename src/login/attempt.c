/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/attempt.h"

#include "base/clock.h"
#include "base/files.h"
#include "login/login_error.h"
#include <string.h>
#include <sys/random.h>

#define GROUP "login"
#define STATE_BYTES 16

G_DEFINE_QUARK(pf_login_error, pf_login_error)

static char *
make_state(void)
{
    guchar bytes[STATE_BYTES];
    GString *text = g_string_new(NULL);

    /* Up to 256 bytes come whole or not at all, and not at all only where the kernel lacks the call. */
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        g_error("the system gives no random numbers");
    for (gsize i = 0; i < sizeof bytes; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

PfAttempt *
pf_attempt_new(const char *endpoint, const char *redirect)
{
    PfAttempt *attempt = g_new0(PfAttempt, 1);

    attempt->endpoint = g_strdup(endpoint);
    attempt->redirect = g_strdup(redirect);
    attempt->state = make_state();
    attempt->begun = pf_clock_now();
    return attempt;
}

void
pf_attempt_free(PfAttempt *attempt)
{
    if (!attempt)
        return;
    g_free(attempt->endpoint);
    g_free(attempt->redirect);
    g_free(attempt->state);
    g_free(attempt);
}

static char *
path_in(const char *state_dir)
{
    return g_build_filename(state_dir, "login", NULL);
}

gboolean
pf_attempt_save(const PfAttempt *attempt, const char *state_dir, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autoptr(GKeyFile) file = g_key_file_new();

    g_key_file_set_string(file, GROUP, "api", attempt->endpoint);
    g_key_file_set_string(file, GROUP, "redirect", attempt->redirect);
    g_key_file_set_string(file, GROUP, "state", attempt->state);
    g_key_file_set_int64(file, GROUP, "begun", attempt->begun);
    g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
    return pf_private_file_write(path, text, error);
}

/* Returns (transfer full) what a file says, whole or not; NULL when it is no such file. */
static PfAttempt *
read_text(const char *text)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return NULL;
    PfAttempt *attempt = g_new0(PfAttempt, 1);
    attempt->endpoint = g_key_file_get_string(file, GROUP, "api", NULL);
    attempt->redirect = g_key_file_get_string(file, GROUP, "redirect", NULL);
    attempt->state = g_key_file_get_string(file, GROUP, "state", NULL);
    attempt->begun = g_key_file_get_int64(file, GROUP, "begun", NULL);
    return attempt;
}

static gboolean
is_usable(const PfAttempt *attempt, const char *endpoint)
{
    gint64 age = attempt ? pf_clock_now() - attempt->begun : 0;

    return attempt && g_strcmp0(attempt->endpoint, endpoint) == 0 && attempt->redirect && attempt->state &&
           *attempt->state && age >= 0 && age <= PF_ATTEMPT_SECONDS;
}

PfAttempt *
pf_attempt_load(const char *state_dir, const char *endpoint, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autofree char *text = NULL;

    if (!pf_private_file_read(path, &text, error))
        return NULL;
    g_autoptr(PfAttempt) attempt = text ? read_text(text) : NULL;
    if (is_usable(attempt, endpoint))
        return g_steal_pointer(&attempt);
    g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_FOREIGN,
                "no login at %s was begun here in the last hour; begin one with 'podflattr login --no-browser'",
                endpoint);
    return NULL;
}

gboolean
pf_attempt_forget(const char *state_dir, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    gboolean was_there;

    return pf_private_file_remove(path, &was_there, error);
}
