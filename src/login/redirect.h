/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address that the server leads the person's browser back to, with its answer. On loopback it is this program that
 * listens there (RFC 8252, 7.3); anywhere else the person has to carry the answer over. Pure; any thread.
 */
#pragma once

#include <gio/gio.h>
#include <glib.h>

/** A redirect address, taken apart. */
typedef struct {
    GUri *uri;
    GInetAddress *listen; /* where to listen; NULL: it is not for this machine to listen there */
    guint16 port;         /* where to listen; 0 for any that is free */
} PfRedirect;

/**
 * Reads the setting.
 *
 * Returns: (transfer full): the address; NULL with a PF_CONFIG_ERROR set when it is neither http on loopback nor https,
 * or has a user, a query or a fragment.
 */
PfRedirect *pf_redirect_parse(const char *text, GError **error);
void pf_redirect_free(PfRedirect *redirect);

/**
 * Writes the address as it is sent to the server.
 *
 * @port: the one that is listened at; 0 when none is
 *
 * Returns: (transfer full).
 */
char *pf_redirect_dup_address(const PfRedirect *redirect, guint16 port);

/**
 * Whether a request is for the redirect address, and not for some other page that browsers ask for by themselves.
 *
 * @target: of the request: path and query, as they came
 */
gboolean pf_redirect_is_target(const PfRedirect *redirect, const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfRedirect, pf_redirect_free)
