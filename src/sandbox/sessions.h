/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sits at which browser: sessions by cookie, each with the token that its forms must carry, so that no other site
 * can send them. Kept in memory, for as long as the server runs; of too many the one unused longest is forgotten.
 *
 * Not locked: one thread at a time.
 */
#pragma once

#include <glib.h>

/** The cookie's name. */
#define SANDBOX_SESSION_COOKIE "flattr_sandbox"

typedef struct SandboxSessions SandboxSessions;

typedef struct {
    char *name;       /* the cookie's value, secret */
    char *form_token; /* secret */
    char *user;       /* who logged in; NULL: nobody yet */
    guint64 used;     /* the higher, the later */
} SandboxSession;

SandboxSessions *sandbox_sessions_new(void);
void sandbox_sessions_free(SandboxSessions *sessions);

/**
 * Finds the session that a request belongs to.
 *
 * @cookies: the Cookie header, or NULL
 *
 * Returns: the session, which belongs to @sessions and is good until the next call; or NULL.
 */
SandboxSession *sandbox_sessions_find(SandboxSessions *sessions, const char *cookies);

/**
 * Begins a session.
 *
 * @user: who logged in, or NULL
 *
 * Returns: the session, as above.
 */
SandboxSession *sandbox_sessions_add(SandboxSessions *sessions, const char *user);

/** Ends a session. */
void sandbox_sessions_remove(SandboxSessions *sessions, SandboxSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxSessions, sandbox_sessions_free)
