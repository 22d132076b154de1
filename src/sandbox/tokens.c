/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/tokens.h"

#include <sys/random.h>

#define SECRET_BYTES 20

char *
sandbox_secret_new(void)
{
    unsigned char bytes[SECRET_BYTES];
    GString *text = g_string_new(NULL);

    /* Up to 256 bytes come whole or not at all, and not at all only where the kernel lacks the call. */
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        g_error("the system gives no random numbers");
    for (gsize i = 0; i < sizeof bytes; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *scope;
    const char *words;
} meanings[] = {
    {"flattr", "flattr things with your means, and subscribe to things"},
    {"thing", "create, change and delete your things"},
    {"email", "read your e-mail address"},
    {"extendedread", "read your private details and find your hidden things"},
};

gboolean
sandbox_scopes_hold(const char *scopes, const char *scope)
{
    if (!scopes)
        return FALSE;

    g_auto(GStrv) words = g_strsplit_set(scopes, " ,", -1);
    return g_strv_contains((const char *const *)words, scope);
}

char *
sandbox_scopes_read(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    g_autoptr(GString) scopes = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        if (!sandbox_scopes_hold(SANDBOX_SCOPES, *word))
            return NULL;
        g_string_append_printf(scopes, "%s%s", scopes->len ? " " : "", *word);
    }
    return g_strdup(scopes->str);
}

const char *
sandbox_scope_explain(const char *scope)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (g_str_equal(scope, meanings[i].scope))
            return meanings[i].words;
    }
    return scope;
}
