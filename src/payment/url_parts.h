/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A URL taken apart by libcurl, and refused where it would mean one thing to a person and another to a server. Pure;
 * any thread.
 */
#pragma once

#include <curl/curl.h>
#include <glib.h>

/** Bytes of a URL. An auto-submit URL's description of 1,000 characters may take 12,000 bytes, its title 1,200. */
#define PF_URL_PARTS_MAX 16384

typedef struct {
    CURLU *url;
    char *host;        /* lower case */
    char *query;       /* as it is written, or NULL */
    gboolean is_plain; /* default port, no user, host written without escapes: nothing that hides where it leads */
    GStrv segments;    /* of the path, one trailing slash left out */
    guint count;       /* of segments */
} PfUrlParts;

/**
 * Takes a URL apart.
 *
 * @allow_blank: whether " " may be in it, as in a value that a form has encoded
 *
 * Returns: (transfer full): NULL when @text is NULL or no absolute http or https URL that libcurl accepts, has a
 * control character, white space or what cannot be seen, is no UTF-8 or longer than PF_URL_PARTS_MAX.
 */
PfUrlParts *pf_url_parts_new(const char *text, gboolean allow_blank);
void pf_url_parts_free(PfUrlParts *parts);

/** The whole URL as libcurl writes it, with its host in small letters. Returns: (transfer full). */
char *pf_url_parts_dup_normalised(const PfUrlParts *parts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfUrlParts, pf_url_parts_free)
