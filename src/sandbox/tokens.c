/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/tokens.h"

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
