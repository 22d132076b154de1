/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "things": what can be flattred, found by number or by URL, registered by its owner or made at the
 * first flattr. Lists of things are in things_list.h.
 */
#pragma once

#include "sandbox/request.h"
#include "sandbox/service.h"
#include "sandbox/urls.h"

/*
 * What a client may say of a thing when it creates or changes one: title, description, category, language, tags,
 * hidden. Pure; any thread.
 */

/**
 * Checks what one of a thing's texts is to be.
 *
 * @name: title, description, category, language or tags
 * @text: NULL when nothing is said of it, which is right
 *
 * Returns: NULL; or a static sentence on what is wrong.
 */
const char *sandbox_thing_text_check(const char *name, const char *text);

/**
 * Reads a request's fields into a thing, and checks those.
 *
 * @thing: fields that are absent stay as they are, unchecked, but get their defaults where they were NULL; the title
 * has none
 *
 * Returns: NULL; or a static sentence on what is wrong, when @thing is half read and of no use.
 */
const char *sandbox_thing_fields_read(const SandboxRequest *request, SandboxThing *thing);

/**
 * Checks what an auto-submit URL says of the thing that it would create: title, description and tags. A category or
 * language that there is not is no fault: the thing gets the default, and its author is paid.
 *
 * Returns: NULL when a thing may be made of it; else a static sentence that says what is wrong.
 */
const char *sandbox_thing_fields_check_url(const SandboxUrl *url);

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

/*
 * The API's lists of things. A hidden thing is in none of them, but for its owner with a token of the scope
 * "extendedread".
 */

/** GET /user/things?count=&page=&full: the token's user's, newest first. Errors: invalid_parameters. */
void sandbox_things_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/things?count=&page=&full, newest first. Errors: not_found, invalid_parameters. */
void sandbox_things_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /things/search, see search.h; also count, page and full. Errors: invalid_parameters. */
void sandbox_things_search(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
