/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "things": what can be flattred, found by number or by URL, registered by its owner or made at the
 * first flattr; the searches for it, and the lists that it is filed under.
 */
#pragma once

#include "sandbox/request.h"
#include "sandbox/service.h"
#include "sandbox/store.h"
#include "sandbox/urls.h"
#include <glib.h>

/*
 * The API's two fixed lists: categories and languages.
 */

/** GET /categories */
void sandbox_catalog_list_categories(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /languages */
void sandbox_catalog_list_languages(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/*
 * What GET /things/search looks for, and in which order it shows what it found. Pure; any thread.
 */

/*
 * The tag expressions of searches: "game | games ! software". Pure; any thread.
 *
 * A tag is what stands between operators, without the blanks around it; capitals do not matter. "|" (or a comma) joins
 * alternatives and binds closest, "&" adds what must be there too, "!" what must not. So the example asks for either of
 * the first two and not the third.
 */

typedef struct SandboxTags SandboxTags;

/**
 * Reads an expression.
 *
 * Returns: (transfer full): the expression, which all tags match when it names none; never NULL.
 */
SandboxTags *sandbox_tags_read(const char *text);
void sandbox_tags_free(SandboxTags *tags);

/**
 * Tells whether a thing's tags match an expression.
 *
 * @list: the thing's tags, separated by commas
 */
gboolean sandbox_tags_match(const SandboxTags *tags, const char *list);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxTags, sandbox_tags_free)

typedef struct SandboxSearch SandboxSearch;

/**
 * Reads a search.
 *
 * @query: the request's parameters: query url tags language category user sort. Lists by comma mean any of them
 * @problem: set to a static sentence when it cannot be read
 *
 * Returns: (transfer full): the search; NULL when sort is none that there is.
 */
SandboxSearch *sandbox_search_new(GHashTable *query, const char **problem);
void sandbox_search_free(SandboxSearch *search);

/** Tells whether a thing is what is looked for. */
gboolean sandbox_search_match(const SandboxSearch *search, const SandboxThing *thing);

/**
 * Tells since when flattrs must be counted for the order.
 *
 * @now: seconds since the epoch
 *
 * Returns: seconds since the epoch; -1 when none need be.
 */
gint64 sandbox_search_since(const SandboxSearch *search, gint64 now);

/**
 * Puts things into the order asked for; those that are equal in it, the newest first.
 *
 * @things: of SandboxThing, the newest first
 * @recent: a thing's id to its flattrs since sandbox_search_since(), gint64 pointers; NULL when there are none
 */
void sandbox_search_sort(const SandboxSearch *search, GPtrArray *things, GHashTable *recent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxSearch, sandbox_search_free)

/*
 * What a client may say of a thing when it creates or changes one: title, description, category, language, tags,
 * hidden. Pure; any thread.
 */

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
 * Finds the thing that a URL names, or makes the one that it describes.
 *
 * @text: the URL as the client gave it
 * @answer: gets the error when there is no thing and none can be made: not_found, validation, invalid_parameters
 *
 * Returns: (transfer full): the thing, or NULL. Under the service's lock.
 */
SandboxThing *sandbox_things_need(SandboxService *service, const char *text, gint64 now, SandboxAnswer *answer);

/**
 * Registers a thing of whose page there is none yet.
 *
 * @about: what it is: its page, and the name of its owner, who is made when there is no such user; without a title, it
 * has its page's URL
 *
 * Returns: (transfer full): the thing; NULL only when the store failed. Under the service's lock.
 */
SandboxThing *sandbox_things_add(SandboxService *service, const SandboxUrl *about, gint64 now);

/*
 * The API's lists of things. A hidden thing is in none of them, but for its owner with a token of the scope
 * "extendedread".
 */

/** GET /user/things?count=&page=&full: the token's user's, newest first. Errors: invalid_parameters. */
void sandbox_things_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/things?count=&page=&full, newest first. Errors: not_found, invalid_parameters. */
void sandbox_things_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /things/search, with the parameters of SandboxSearch; also count, page and full. Errors: invalid_parameters. */
void sandbox_things_search(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
