/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server of a partner's web hook: libmicrohttpd on the thread's default main context, and nothing of what is
 * received. It is open to everybody who can reach it, so everything is bounded: PF_PARTNER_SERVER_MAX_BODY bytes,
 * PF_PARTNER_SERVER_CONNECTIONS connections, and each is closed after its answer, or after
 * PF_PARTNER_SERVER_SECONDS without having got one.
 */
#pragma once

#include <gio/gio.h>

#define PF_PARTNER_SERVER_MAX_BODY ((gsize)64 * 1024)
#define PF_PARTNER_SERVER_CONNECTIONS 64
#define PF_PARTNER_SERVER_SECONDS 10

typedef struct PfPartnerServer PfPartnerServer;

/** Is called for the body of each POST to the path. Returns the HTTP status to answer: 200, 400 or 503. */
typedef guint (*PfPartnerServerReceived)(const char *body, gsize length, gpointer data);

/**
 * Listens, and serves from the main loop.
 *
 * @address: where; port 0 takes a free one
 * @path: what must be asked for, "/…"; everything else is answered 404, in a time that does not tell how near it was
 *
 * Returns: (transfer full): the server; NULL with a GIOError set when the address cannot be had.
 */
PfPartnerServer *pf_partner_server_start(GInetSocketAddress *address, const char *path,
                                         PfPartnerServerReceived received, gpointer data, GError **error);

/** Stops listening and closes every connection. */
void pf_partner_server_free(PfPartnerServer *server);

/** Where it listens: "http://127.0.0.1:8080". */
const char *pf_partner_server_get_base(const PfPartnerServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPartnerServer, pf_partner_server_free)
