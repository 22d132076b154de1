/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A web server on loopback for the one request that a login waits for. Each connection has a thread of its own, so the
 * one that is worked on does not keep others from being told no.
 */
#pragma once

#include "login/authorize.h"

/*
 * What the person's browser shows at the end of a login: a page that says what happened, in plain HTML that needs no
 * style, script or picture. Everything that comes from elsewhere is escaped. Pure; any thread.
 */

/** What to say. */
typedef struct {
    guint status;      /* of HTTP */
    const char *title; /* of the window and of the main heading; static */
    char *text;        /* one paragraph, plain text; owned */
} PfPage;

/** The headers that go with every page, "Name", "value", …, NULL: nothing is fetched, framed, kept or passed on. */
extern const char *const pf_page_headers[];

/** Writes it as HTML. Returns: (transfer full). */
char *pf_page_dup_html(const PfPage *page);

typedef struct PfLoginServer PfLoginServer;

/**
 * Is called with the address that a browser was led to, in the connection's thread and maybe in several at once.
 *
 * @page: (out): what the browser is to show; its text is freed by the server
 *
 * Returns: whether this was what was waited for; see pf_login_server_claim().
 */
typedef gboolean (*PfLoginServerFunc)(PfLoginServer *server, const char *address, PfPage *page, gpointer data);

/**
 * Takes the address and the port; who connects waits for pf_login_server_start().
 *
 * @redirect: where; lent, must outlive the server; its `listen` is not NULL
 *
 * Returns: (transfer full): the server; NULL with a PF_LOGIN_ERROR_LISTEN set.
 */
PfLoginServer *pf_login_server_new(const PfRedirect *redirect, GError **error);

/** Begins to answer. Once. Returns FALSE with a PF_LOGIN_ERROR_LISTEN set. */
gboolean pf_login_server_start(PfLoginServer *server, PfLoginServerFunc func, gpointer data, GError **error);

/** Stops listening; waits for the connections that are worked on. */
void pf_login_server_free(PfLoginServer *server);

/** The port that is listened at. */
guint16 pf_login_server_get_port(const PfLoginServer *server);

/**
 * Takes what is waited for, from within a PfLoginServerFunc: once, by whoever comes first. Who has it is not
 * interrupted, however long that takes.
 */
gboolean pf_login_server_claim(PfLoginServer *server);

/**
 * Waits until a call that had claimed has returned and its page was shown, or the browser has gone away.
 *
 * Returns: whether that was so; FALSE when nobody had claimed in @seconds, and then nobody can any more.
 */
gboolean pf_login_server_wait(PfLoginServer *server, gint64 seconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfLoginServer, pf_login_server_free)
