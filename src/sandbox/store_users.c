/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

void
sandbox_user_free(SandboxUser *user)
{
    if (!user)
        return;
    g_free(user->name);
    g_free(user);
}

static SandboxUser *
read_user(SandboxStore *store, sqlite3_stmt *row)
{
    if (!store_next(store, row))
        return NULL;

    SandboxUser *user = g_new0(SandboxUser, 1);
    user->id = sqlite3_column_int64(row, 0);
    user->name = store_text(row, 1);
    user->means = sqlite3_column_int64(row, 2);
    user->registered_at = sqlite3_column_int64(row, 3);
    user->hides_flattrs = sqlite3_column_int64(row, 4) != 0;
    return user;
}

SandboxUser *
sandbox_store_get_user(SandboxStore *store, const char *name)
{
    return read_user(store, store_start(store, STORE_GET_USER, "t", name));
}

SandboxUser *
sandbox_store_need_user(SandboxStore *store, const char *name, gint64 now)
{
    SandboxUser *user = sandbox_store_get_user(store, name);

    if (user)
        return user;
    store_next(store, store_start(store, STORE_ADD_USER, "ti", name, now));
    return sandbox_store_get_user(store, name);
}

SandboxUser *
sandbox_store_get_user_by_id(SandboxStore *store, gint64 id)
{
    return read_user(store, store_start(store, STORE_GET_USER_BY_ID, "i", id));
}

GPtrArray *
sandbox_store_list_users(SandboxStore *store, gint64 count)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_user_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_USERS, "i", count);
    SandboxUser *user;

    while ((user = read_user(store, row)))
        g_ptr_array_add(list, user);
    return list;
}

void
sandbox_store_set_hides_flattrs(SandboxStore *store, gint64 user_id, gboolean hides)
{
    store_next(store, store_start(store, STORE_SET_HIDES, "ii", (gint64)(hides != FALSE), user_id));
}

void
sandbox_store_set_means(SandboxStore *store, gint64 user_id, gint64 means)
{
    store_next(store, store_start(store, STORE_SET_MEANS, "ii", means, user_id));
}

SandboxUser *
sandbox_store_get_bearer(SandboxStore *store, const char *token, char **scopes)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_BEARER, "t", token);
    SandboxUser *user = read_user(store, row);

    if (user)
        *scopes = store_text(row, 5);
    return user;
}

void
sandbox_store_add_token(SandboxStore *store, const char *token, gint64 user_id, const SandboxGrant *grant)
{
    store_next(store, store_start(store, STORE_ADD_TOKEN, "titti", token, user_id, grant->scopes, grant->application,
                                  grant->created_at));
}

char *
sandbox_store_get_token(SandboxStore *store, gint64 user_id)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_TOKEN, "i", user_id);

    return store_next(store, row) ? store_text(row, 0) : NULL;
}

gboolean
sandbox_store_revoke_token(SandboxStore *store, const char *token)
{
    store_next(store, store_start(store, STORE_REVOKE_TOKEN, "t", token));
    return sqlite3_changes(store->database) > 0;
}

void
sandbox_grant_free(SandboxGrant *grant)
{
    if (!grant)
        return;
    g_free(grant->application);
    g_free(grant->scopes);
    g_free(grant);
}

GPtrArray *
sandbox_store_list_grants(SandboxStore *store, gint64 user_id, gint64 count)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_grant_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_GRANTS, "ii", user_id, count);

    while (store_next(store, row)) {
        SandboxGrant *grant = g_new0(SandboxGrant, 1);
        grant->id = sqlite3_column_int64(row, 0);
        grant->application = store_text(row, 1);
        grant->scopes = store_text(row, 2);
        grant->created_at = sqlite3_column_int64(row, 3);
        g_ptr_array_add(list, grant);
    }
    return list;
}

gboolean
sandbox_store_revoke_grant(SandboxStore *store, gint64 user_id, gint64 id)
{
    store_next(store, store_start(store, STORE_REVOKE_GRANT, "ii", user_id, id));
    return sqlite3_changes(store->database) > 0;
}

char *
sandbox_store_get_identity(SandboxStore *store, const char *identity)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_IDENTITY, "t", identity);

    return store_next(store, row) ? store_text(row, 0) : NULL;
}

void
sandbox_store_claim_identity(SandboxStore *store, const char *identity, gint64 user_id)
{
    store_next(store, store_start(store, STORE_ADD_IDENTITY, "ti", identity, user_id));
    store_next(store, store_start(store, STORE_CLAIM_THINGS, "it", user_id, identity));
}
