/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the URLs that a client may flattr: auto-submit URLs, the addresses of things at flattr.com and pages whose
 * owner Flattr finds by itself. Reads from the text alone and fetches nothing. Pure; any thread.
 */
#pragma once

#include <glib.h>

/** The longest URL that is read, in bytes; an auto-submit URL with all that it may have is shorter. */
#define SANDBOX_URL_MAX 16384

typedef enum {
    SANDBOX_URL_BAD,          /* cannot be flattred, whatever is registered: see @problem */
    SANDBOX_URL_AUTO_SUBMIT,  /* names a page and its owner, and may describe it */
    SANDBOX_URL_THING,        /* names a thing by its number */
    SANDBOX_URL_DISCOVERABLE, /* a page at a site where the owner shows in the address */
    SANDBOX_URL_PAGE,         /* any other page: a thing only when it is registered */
} SandboxUrlKind;

typedef struct {
    SandboxUrlKind kind;
    const char *problem; /* BAD: what is wrong with it, a static sentence */
    char *page;          /* all but BAD and THING: the address of what is flattred; of DISCOVERABLE in one spelling */
    char *owner;         /* AUTO_SUBMIT and DISCOVERABLE; NULL when an auto-submit URL names none */
    gint64 id;           /* THING */
    /* AUTO_SUBMIT: as given, unchecked; NULL when absent or empty. */
    char *title;
    char *description;
    char *language;
    char *category;
    char *tags;
    gboolean hidden;
} SandboxUrl;

/**
 * Reads a URL.
 *
 * @text: the URL; NULL and what is not an absolute http or https URL is read as SANDBOX_URL_BAD
 *
 * Returns: (transfer full): what it names.
 */
SandboxUrl *sandbox_url_read(const char *text);
void sandbox_url_free(SandboxUrl *url);

/** Tells whether a text is an absolute http or https URL no longer than SANDBOX_URL_MAX. */
gboolean sandbox_url_is_web(const char *text);

/**
 * Tells whether a person may be led to a text after a login: an absolute web address, or one with a scheme of a
 * program's own (RFC 8252 §7.1), such as "gpodder://flattr-token/"; none that a browser would open or run itself.
 */
gboolean sandbox_url_is_callback(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxUrl, sandbox_url_free)
