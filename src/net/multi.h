/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many transfers at once on a GLib main loop: libcurl's multi interface, driven by its sockets and one timer, so that
 * nothing wakes up while nothing moves. Connections are kept and shared by all transfers of one PfMulti.
 *
 * Everything happens in the thread that runs the main context.
 */
#pragma once

#include <curl/curl.h>
#include <glib.h>

typedef struct PfMulti PfMulti;

/** Is called when a transfer has ended, once, from the main loop; the handle is already out of the multi. */
typedef void (*PfMultiDone)(CURL *handle, CURLcode code, gpointer data);

/** Makes an idle one on the thread's default main context. */
PfMulti *pf_multi_new(void);

/** Frees it; transfers still under way must have been removed. */
void pf_multi_free(PfMulti *multi);

/** Starts a transfer. @handle stays the caller's; its CURLOPT_PRIVATE is used here. */
void pf_multi_add(PfMulti *multi, CURL *handle, PfMultiDone done, gpointer data);

/** Gives a transfer up: its callback is not called. */
void pf_multi_remove(PfMulti *multi, CURL *handle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMulti, pf_multi_free)
