/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a FlattrRequest travels over a libcurl easy handle: what the blocking session and podflattr's own main loop
 * share. Private to this source tree, not installed.
 */
#pragma once

#include "flattr/flattr.h"
#include <curl/curl.h>

#define FLATTR_TRANSFER_CONNECT_SECONDS 20L
#define FLATTR_TRANSFER_TOTAL_SECONDS 60L
#define FLATTR_TRANSFER_MAX_HEAD ((gsize)256 * 1024) /* bytes of an answer besides its body */

/** One request on its way and the answer that comes back. */
typedef struct FlattrTransfer FlattrTransfer;

/**
 * Makes a handle for calls of the API: http and https only, no redirect followed (the token would go along), bounded in
 * time. May be used for one transfer after the other, which keeps the connection.
 */
CURL *flattr_transfer_new_handle(const char *user_agent);

/**
 * Says whose certificates a handle trusts.
 *
 * @path: a file of certification authorities in PEM form, which count instead of the system's; NULL or "" for the
 * system's. What is wrong with it is an error of each transfer. Copied.
 */
void flattr_transfer_set_ca_file(CURL *handle, const char *path);

/** Sets how long transfers take at most, milliseconds: to connect, and altogether; 0 for the limits above. */
void flattr_transfer_set_timeouts(CURL *handle, guint connect, guint total);

/** Sets what ends a transfer, looked at once a second at least. @cancellable: (nullable): must outlive the handle */
void flattr_transfer_set_cancellable(CURL *handle, GCancellable *cancellable);

/**
 * Prepares @handle to send @request.
 *
 * @endpoint: as flattr_endpoint_normalize() returns it
 * @request: (transfer full)
 * @token: bearer token or NULL
 *
 * Returns: (transfer full): the transfer, to be ended by flattr_transfer_finish() before the handle goes.
 */
FlattrTransfer *flattr_transfer_begin_take(CURL *handle, const char *endpoint, FlattrRequest *request,
                                           const char *token);

/** The same with a request that stays the caller's, who frees it after flattr_transfer_finish(). */
FlattrTransfer *flattr_transfer_begin(CURL *handle, const char *endpoint, FlattrRequest *request, const char *token);

/**
 * Ends a transfer, whether it was carried out or given up.
 *
 * @transfer: (transfer full)
 * @code: what libcurl says of it
 *
 * Returns: (transfer full): the answer; NULL with FLATTR_ERROR_UNREACHABLE set when nothing had been sent, or
 * FLATTR_ERROR_NO_ANSWER when the server may have acted upon it.
 */
FlattrReply *flattr_transfer_finish(FlattrTransfer *transfer, CURLcode code, GError **error);
