/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A web server on loopback for the one request that a login waits for. Each connection has a thread of its own, so the
 * one that is worked on does not keep others from being told no.
 */
#pragma once

#include "login/page.h"
#include "login/redirect.h"

typedef struct PfListener PfListener;

/**
 * Is called with the address that a browser was led to, in the connection's thread and maybe in several at once.
 *
 * @page: (out): what the browser is to show; its text is freed by the listener
 *
 * Returns: whether this was what was waited for; see pf_listener_claim().
 */
typedef gboolean (*PfListenerFunc)(PfListener *listener, const char *address, PfPage *page, gpointer data);

/**
 * Takes the address and the port; who connects waits for pf_listener_start().
 *
 * @redirect: where; lent, must outlive the listener; its `listen` is not NULL
 *
 * Returns: (transfer full): the listener; NULL with a PF_LOGIN_ERROR_LISTEN set.
 */
PfListener *pf_listener_new(const PfRedirect *redirect, GError **error);

/** Begins to answer. Once. Returns FALSE with a PF_LOGIN_ERROR_LISTEN set. */
gboolean pf_listener_start(PfListener *listener, PfListenerFunc func, gpointer data, GError **error);

/** Stops listening; waits for the connections that are worked on. */
void pf_listener_free(PfListener *listener);

/** The port that is listened at. */
guint16 pf_listener_get_port(const PfListener *listener);

/**
 * Takes what is waited for, from within a PfListenerFunc: once, by whoever comes first. Who has it is not interrupted,
 * however long that takes.
 */
gboolean pf_listener_claim(PfListener *listener);

/**
 * Waits until a call that had claimed has returned and its page was shown, or the browser has gone away.
 *
 * Returns: whether that was so; FALSE when nobody had claimed in @seconds, and then nobody can any more.
 */
gboolean pf_listener_wait(PfListener *listener, gint64 seconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfListener, pf_listener_free)
