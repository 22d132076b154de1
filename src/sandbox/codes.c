/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/codes.h"

#include "sandbox/secret.h"

#define CODE_SECONDS 600

struct SandboxCodes {
    GHashTable *codes; /* name to SandboxCode */
};

void
sandbox_code_free(SandboxCode *code)
{
    if (!code)
        return;
    g_free(code->user);
    g_free(code->redirect_uri);
    g_free(code->scopes);
    g_free(code);
}

static void
free_value(gpointer code)
{
    sandbox_code_free(code);
}

SandboxCodes *
sandbox_codes_new(void)
{
    SandboxCodes *codes = g_new0(SandboxCodes, 1);

    codes->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
    return codes;
}

void
sandbox_codes_free(SandboxCodes *codes)
{
    if (!codes)
        return;
    g_hash_table_unref(codes->codes);
    g_free(codes);
}

static gboolean
is_old(gpointer name, gpointer code, gpointer now)
{
    (void)name;
    return ((const SandboxCode *)code)->end <= *(const gint64 *)now;
}

char *
sandbox_codes_add(SandboxCodes *codes, const char *user, const char *redirect_uri, const char *scopes, gint64 now)
{
    char *name = sandbox_secret_new();
    SandboxCode *code = g_new0(SandboxCode, 1);

    g_hash_table_foreach_remove(codes->codes, is_old, &now);
    code->user = g_strdup(user);
    code->redirect_uri = g_strdup(redirect_uri);
    code->scopes = g_strdup(scopes);
    code->end = now + CODE_SECONDS;
    g_hash_table_insert(codes->codes, g_strdup(name), code);
    return name;
}

SandboxCode *
sandbox_codes_take(SandboxCodes *codes, const char *name, const char *redirect_uri, gint64 now)
{
    gpointer key = NULL, value = NULL;

    if (!name || !g_hash_table_steal_extended(codes->codes, name, &key, &value))
        return NULL;
    g_free(key);
    g_autoptr(SandboxCode) code = value;
    gboolean fits = now < code->end && g_strcmp0(redirect_uri, code->redirect_uri) == 0;
    return fits ? g_steal_pointer(&code) : NULL;
}
