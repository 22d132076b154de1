/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/sessions.h"

#include "sandbox/secret.h"

#include <string.h>

#define SESSIONS_MAX 1000

struct SandboxSessions {
    GHashTable *sessions; /* name to SandboxSession, which owns the name */
    guint64 uses;
};

static void
free_session(gpointer data)
{
    SandboxSession *session = data;

    g_free(session->name);
    g_free(session->form_token);
    g_free(session->user);
    g_free(session);
}

SandboxSessions *
sandbox_sessions_new(void)
{
    SandboxSessions *sessions = g_new0(SandboxSessions, 1);

    sessions->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_session);
    return sessions;
}

void
sandbox_sessions_free(SandboxSessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_unref(sessions->sessions);
    g_free(sessions);
}

SandboxSession *
sandbox_sessions_find(SandboxSessions *sessions, const char *cookies)
{
    g_auto(GStrv) pairs = g_strsplit(cookies ? cookies : "", ";", -1);
    SandboxSession *session = NULL;

    for (char **pair = pairs; *pair && !session; pair++) {
        const char *text = g_strstrip(*pair);
        if (g_str_has_prefix(text, SANDBOX_SESSION_COOKIE "="))
            session = g_hash_table_lookup(sessions->sessions, text + strlen(SANDBOX_SESSION_COOKIE "="));
    }
    if (session)
        session->used = ++sessions->uses;
    return session;
}

static void
forget_oldest(SandboxSessions *sessions)
{
    GHashTableIter iterator;
    gpointer value;
    SandboxSession *oldest = NULL;

    g_hash_table_iter_init(&iterator, sessions->sessions);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        SandboxSession *session = value;
        if (!oldest || session->used < oldest->used)
            oldest = session;
    }
    if (oldest)
        sandbox_sessions_remove(sessions, oldest);
}

SandboxSession *
sandbox_sessions_add(SandboxSessions *sessions, const char *user)
{
    SandboxSession *session = g_new0(SandboxSession, 1);

    if (g_hash_table_size(sessions->sessions) >= SESSIONS_MAX)
        forget_oldest(sessions);
    session->name = sandbox_secret_new();
    session->form_token = sandbox_secret_new();
    session->user = g_strdup(user);
    session->used = ++sessions->uses;
    g_hash_table_insert(sessions->sessions, session->name, session);
    return session;
}

void
sandbox_sessions_remove(SandboxSessions *sessions, SandboxSession *session)
{
    g_hash_table_remove(sessions->sessions, session->name);
}
