/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "things": what can be flattred, found by number or by URL, registered by its owner or made at the
 * first flattr. Lists of things are in things_list.h.
 */
#pragma once

#include "sandbox/service.h"
#include "sandbox/urls.h"

/** GET /things/:id, also with several ids by comma. Errors: not_found. */
void sandbox_things_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /things/lookup?url=. Errors: invalid_request, invalid_parameters, validation; "not found" is no error object. */
void sandbox_things_lookup(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /things: registers the token's user's thing. Errors: validation. */
void sandbox_things_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** PATCH /things/:id: changes what is given. Errors: not_found, forbidden, validation. */
void sandbox_things_update(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /things/:id with _method=patch: for clients that cannot send PATCH. Errors: as above, invalid_request. */
void sandbox_things_post(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** DELETE /things/:id. Errors: not_found, forbidden. */
void sandbox_things_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/**
 * Finds the thing that a URL names.
 *
 * @text: the URL as the client gave it
 * @url: the same, read
 *
 * Returns: (transfer full): the thing, or NULL when there is none (yet). Under the service's lock.
 */
SandboxThing *sandbox_things_find(SandboxService *service, const char *text, const SandboxUrl *url);

/**
 * Finds the thing that a URL names, or makes the one that it describes.
 *
 * @text: the URL as the client gave it
 * @answer: gets the error when there is no thing and none can be made: not_found, validation, invalid_parameters
 *
 * Returns: (transfer full): the thing, or NULL. Under the service's lock.
 */
SandboxThing *sandbox_things_need(SandboxService *service, const char *text, gint64 now, SandboxAnswer *answer);

/**
 * Registers a thing.
 *
 * @page: its URL; there is no thing with it yet
 * @owner: the name of its owner, who is made when there is no such user
 * @title: NULL for the page's URL
 * @about: the rest of its description; may be NULL
 *
 * Returns: (transfer full): the thing; NULL only when the store failed. Under the service's lock.
 */
SandboxThing *sandbox_things_add(SandboxService *service, const char *page, const char *owner, const char *title,
                                 const SandboxUrl *about, gint64 now);
