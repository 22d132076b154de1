/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libflattr: a client of Flattr's REST API v2, for any server that speaks it.
 *
 * Two layers. Requests and replies are built and read without I/O: whoever has an HTTP client of its own sends what a
 * FlattrRequest holds and fills a FlattrReply with what comes back. FlattrSession is the blocking driver for everybody
 * else, over libcurl.
 *
 * Strings are UTF-8. Functions returning `const char *` lend it as long as the object lives; functions with `dup` or
 * `new` in their name give it away. free functions accept NULL. Objects are not locked: each may be used by one thread
 * at a time, different objects by different threads. Unknown fields of answers are ignored and missing ones tolerated,
 * as the API's documentation asks; accessors then return NULL, 0 or FALSE.
 *
 * This library is not Flattr's. flattr.com closed in January 2024, so there is no default endpoint here.
 */
#ifndef FLATTR_H
#define FLATTR_H

#include <flattr/flattr-objects.h>
#include <glib.h>

G_BEGIN_DECLS

/* --- requests --- */

/** One call of the API, ready to be sent: method, path, headers, body. */
typedef struct FlattrRequest FlattrRequest;

/** POST /flattr: flattrs @url, which is a registered, a discoverable or an auto-submit URL. Scope "flattr". */
FlattrRequest *flattr_request_new_flattr_url(const char *url);

/** GET /, the endpoint itself: is this API there? Needs no token. */
FlattrRequest *flattr_request_new_hello(void);

/** GET /user: the person that the token belongs to. */
FlattrRequest *flattr_request_new_user(void);

/** GET /rate_limit: what is left of the hourly limit; does not count against it. */
FlattrRequest *flattr_request_new_rate_limit(void);

/** GET /things/lookup: is there a thing for @url (plain or auto-submit)? */
FlattrRequest *flattr_request_new_lookup(const char *url);

/** GET /user/flattrs: what the token's person flattred, newest first. @count: a page's length; @page: from 1. */
FlattrRequest *flattr_request_new_user_flattrs(guint count, guint page);

/** GET /users/:username. */
FlattrRequest *flattr_request_new_user_named(const char *username);

/** What is said of a thing that is created or changed. What is NULL is left out. */
typedef struct {
    const char *url; /* of a new thing only */
    const char *title;
    const char *description;
    const char *category;
    const char *language;
    const char *tags; /* separated by commas */
    gboolean hide;    /* sets it hidden */
    gboolean show;    /* sets it not hidden; neither of both leaves it as it is */
} FlattrThingFields;

/** POST /things: registers a thing of the token's person; fields->url must be there. Scope "thing". */
FlattrRequest *flattr_request_new_thing_create(const FlattrThingFields *fields);

/** POST /things/:id with _method=patch, which every server understands: changes an own thing. Scope "thing". */
FlattrRequest *flattr_request_new_thing_update(gint64 id, const FlattrThingFields *fields);

/** DELETE /things/:id: deletes an own thing. Scope "thing". */
FlattrRequest *flattr_request_new_thing_delete(gint64 id);

/** GET /things/:id,:id…: @count things by their numbers. */
FlattrRequest *flattr_request_new_things(const gint64 *ids, gsize count);

/** GET /users/:username/things, newest first; @username NULL: the token's person's. @count, @page: as above. */
FlattrRequest *flattr_request_new_user_things(const char *username, guint count, guint page);

/** What to search for. What is NULL does not matter; lists by comma mean any of them. */
typedef struct {
    const char *query; /* words */
    const char *url;
    const char *tags; /* with the operators | & ! */
    const char *language;
    const char *category;
    const char *user;
    const char *sort; /* relevance trend flattrs flattrs_month flattrs_week flattrs_day */
} FlattrSearch;

/** GET /things/search. @count, @page: as above. */
FlattrRequest *flattr_request_new_search(const FlattrSearch *search, guint count, guint page);

/** POST /things/:id/flattr: flattrs a thing by its number; read by flattr_reply_read_flattr(). Scope "flattr". */
FlattrRequest *flattr_request_new_flattr_thing(gint64 id);

/** GET /users/:username/flattrs, newest first: empty also when they hide them. @count, @page: as above. */
FlattrRequest *flattr_request_new_flattrs_of_user(const char *username, guint count, guint page);

/** GET /things/:id/flattrs, newest first. @count, @page: as above. */
FlattrRequest *flattr_request_new_flattrs_of_thing(gint64 id, guint count, guint page);

/** GET /user/subscriptions. Scope "flattr", like the three that follow. */
FlattrRequest *flattr_request_new_subscriptions(void);

/** POST /things/:id/subscriptions: subscribes. */
FlattrRequest *flattr_request_new_subscription_create(gint64 id);

/** PUT /things/:id/subscriptions: pauses an active one, starts a paused one. */
FlattrRequest *flattr_request_new_subscription_toggle(gint64 id);

/** DELETE /things/:id/subscriptions. */
FlattrRequest *flattr_request_new_subscription_delete(gint64 id);

/** GET /users/:username/activities.as; @username NULL: the token's person's. @incoming: what they got, not gave. */
FlattrRequest *flattr_request_new_activities(const char *username, gboolean incoming);

/** GET /categories, GET /languages: what a thing's may be. */
FlattrRequest *flattr_request_new_categories(void);
FlattrRequest *flattr_request_new_languages(void);

/** POST /users/:username/verify: ties "partner:NAMESPACE:ID" to them; @username NULL: to the token's person. */
FlattrRequest *flattr_request_new_verify(const char *username, const char *identity);

/**
 * POST to OAuth's token endpoint, a code for a token; read by flattr_reply_read_token(). Goes to a session with the
 * token endpoint as its endpoint.
 *
 * @redirect_uri: the one that the code was asked for with
 */
FlattrRequest *flattr_request_new_token(const char *client_id, const char *client_secret, const char *code,
                                        const char *redirect_uri);

/**
 * POST to OAuth's revocation endpoint (RFC 7009, which Flattr itself had not): the token is to be good for nothing from
 * now on. Any status of 200 to 299 says so, also when the server did not know the token. Goes to a session with the
 * revocation endpoint as its endpoint.
 */
FlattrRequest *flattr_request_new_revocation(const char *client_id, const char *client_secret, const char *token);

/**
 * Has the answer show its objects in full: a thing's owner with all that everybody may know of them, and the things in
 * lists of flattrs with all that is known of those. Of requests for things, flattrs and searches; once, and before the
 * request is sent.
 */
void flattr_request_set_full(FlattrRequest *request);

void flattr_request_free(FlattrRequest *request);

/** "GET", "POST" … */
const char *flattr_request_get_method(const FlattrRequest *request);

/** What follows the endpoint's address: begins with "/", query included, percent-encoded. */
const char *flattr_request_get_path(const FlattrRequest *request);

/** The body, NUL-terminated JSON; NULL when there is none. @length: (out) (optional): bytes without the NUL. */
const char *flattr_request_get_body(const FlattrRequest *request, gsize *length);

/**
 * The headers to send, "Name: value" each.
 *
 * @token: the bearer token (RFC 6750 §2.1), or NULL for a call without one. It goes into the "Authorization" header, so
 *         whoever sends these must send them to the API's host alone, and follow no redirect with them.
 *
 * Returns: (transfer full): a NULL-terminated array for g_strfreev().
 */
char **flattr_request_dup_headers(const FlattrRequest *request, const char *token);

/* --- replies --- */

/** An answer that is too long to be one of the API's is refused beyond this many bytes. */
#define FLATTR_REPLY_MAX_BODY ((gsize)4 * 1024 * 1024)

/** An answer: filled by whoever received it, then read. */
typedef struct FlattrReply FlattrReply;

FlattrReply *flattr_reply_new(void);
void flattr_reply_free(FlattrReply *reply);

/**
 * Adds a line of the answer's head, as it came: the status line (which forgets the head before it, so that interim
 * answers of 1xx do no harm) or a "Name: value" line; line ends are ignored.
 */
void flattr_reply_add_head_line(FlattrReply *reply, const char *line, gsize length);

/** Adds bytes of the body. Returns FALSE, and keeps nothing of them, once FLATTR_REPLY_MAX_BODY would be passed. */
gboolean flattr_reply_append_body(FlattrReply *reply, const char *bytes, gsize length);

/** The HTTP status, 0 when no status line was added. */
guint flattr_reply_get_status(const FlattrReply *reply);

/** The value of a header, by name in any case; NULL when absent, the last one when repeated. */
const char *flattr_reply_get_header(const FlattrReply *reply, const char *name);

/**
 * The X-RateLimit-… headers. @limit is set on success only.
 *
 * Returns: whether -Limit, -Remaining and -Reset are there and are numbers.
 */
gboolean flattr_reply_get_rate_limit(const FlattrReply *reply, FlattrRateLimit *limit);

/**
 * The Retry-After header (RFC 9110 §10.2.3), in both of its forms.
 *
 * @now: seconds since the epoch
 *
 * Returns: seconds to wait, never negative; -1 when there is no such header or it cannot be read.
 */
gint64 flattr_reply_get_retry_after(const FlattrReply *reply, gint64 now);

/** Whether the body is a whole JSON object or array, as every answer of the API is but an empty 204. */
gboolean flattr_reply_is_json(FlattrReply *reply);

/** Whether there is no body: after a 204, and after some calls that the API's documentation answers with a bare 200. */
gboolean flattr_reply_is_empty(const FlattrReply *reply);

/** Whether the answer says that what was asked was done: a status of 200 to 299 with "message":"ok" or the thing. */
gboolean flattr_reply_is_accepted(FlattrReply *reply);

/** The API's error code in the body ("flattr_once" …); NULL when there is none. A lookup's 404 counts as "not_found".
 */
const char *flattr_reply_get_error_code(FlattrReply *reply);

/** Turns a refusal into an error: returns TRUE for a status of 200 to 399, else FALSE with @error set. */
gboolean flattr_reply_check(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_hello(). FALSE with @error set when something else than this API answered. */
gboolean flattr_reply_read_hello(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_flattr_url(). Returns: (transfer full): the flattred thing. */
FlattrThing *flattr_reply_read_flattr(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_user(). Returns: (transfer full): the person. */
FlattrUser *flattr_reply_read_user(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_rate_limit(). @limit is set on success only. */
gboolean flattr_reply_read_rate_limit(FlattrReply *reply, FlattrRateLimit *limit, GError **error);

/** Reads the answer to flattr_request_new_lookup(). Returns the thing's id; 0 with @error set (NOT_FOUND …) if none. */
gint64 flattr_reply_read_lookup(FlattrReply *reply, GError **error);

/** Reads a list of flattrs. Returns: (transfer full): of FlattrFlattr *; NULL with @error set. */
GPtrArray *flattr_reply_read_flattrs(FlattrReply *reply, GError **error);

/** Reads things: one, a list, or what a search found. Returns: (transfer full): of FlattrThing *; NULL with @error set.
 */
GPtrArray *flattr_reply_read_things(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_thing_create(). Returns the thing's id; 0 with @error set. */
gint64 flattr_reply_read_created(FlattrReply *reply, GError **error);

/** Reads subscriptions. Returns: (transfer full): of FlattrSubscription *; NULL with @error set. */
GPtrArray *flattr_reply_read_subscriptions(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_subscription_toggle(). @active: set on success to whether it is active now.
 */
gboolean flattr_reply_read_toggled(FlattrReply *reply, gboolean *active, GError **error);

/** Reads an activity stream. Returns: (transfer full): of FlattrActivity *; NULL with @error set. */
GPtrArray *flattr_reply_read_activities(FlattrReply *reply, GError **error);

/** Reads categories or languages. Returns: (transfer full): of FlattrChoice *; NULL with @error set. */
GPtrArray *flattr_reply_read_choices(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_token(). Returns: (transfer full): the bearer token; NULL with @error set. */
char *flattr_reply_read_token(FlattrReply *reply, GError **error);

/* --- OAuth 2 --- */

/**
 * Writes the address that a person opens to allow the program to act for them.
 *
 * @authorize: the server's authorization endpoint
 * @scope: separated by spaces
 * @state: unguessable; it comes back with the code, see flattr_oauth_dup_code()
 *
 * Returns: (transfer full): the address; NULL when @authorize is no URL.
 */
char *flattr_oauth_dup_authorize_url(const char *authorize, const char *client_id, const char *redirect_uri,
                                     const char *scope, const char *state);

/**
 * Reads the address that the person was led back to.
 *
 * @redirected: the whole address
 * @state: what it must carry
 *
 * Returns: (transfer full): the code; NULL with FLATTR_ERROR_UNAUTHORIZED set when they refused, or
 * FLATTR_ERROR_MALFORMED when the state is another one or there is no code.
 */
char *flattr_oauth_dup_code(const char *redirected, const char *state, GError **error);

/* --- the blocking driver --- */

/**
 * Checks and normalizes an endpoint: an https URL without query, fragment or user; plain http on loopback only, since
 * the token would be readable on the way.
 *
 * Returns: (transfer full): the endpoint without a final slash; NULL with FLATTR_ERROR_ENDPOINT set.
 */
char *flattr_endpoint_normalize(const char *endpoint, GError **error);

typedef struct FlattrSession FlattrSession;

/**
 * Makes a session; nothing is sent yet. Connections are kept and reused.
 *
 * @endpoint: such as "https://api.flattr.com/rest/v2", see flattr_endpoint_normalize()
 * @user_agent: who asks, "program/version"
 *
 * Returns: (transfer full): the session; NULL with FLATTR_ERROR_ENDPOINT set.
 */
FlattrSession *flattr_session_new(const char *endpoint, const char *user_agent, GError **error);
void flattr_session_free(FlattrSession *session);

/** Sets the bearer token of the calls to come; NULL for none. Copied. */
void flattr_session_set_token(FlattrSession *session, const char *token);

/**
 * Sets a file of certification authorities in PEM form, which count instead of the system's; for a server whose
 * certificate is signed by none of these. NULL or "": the system's. Before the first call. Copied.
 */
void flattr_session_set_ca_file(FlattrSession *session, const char *path);

/**
 * Sends a request and waits for the answer: 20 s for a connection, 60 s for the whole. Redirects are not followed.
 *
 * @request: (transfer full)
 *
 * Returns: (transfer full): the answer, whatever its status; NULL with FLATTR_ERROR_UNREACHABLE or _NO_ANSWER set.
 */
FlattrReply *flattr_session_send_take(FlattrSession *session, FlattrRequest *request, GError **error);

/** POST /flattr. Returns: (transfer full): the flattred thing; NULL with a FLATTR_ERROR set. */
FlattrThing *flattr_session_flattr_url(FlattrSession *session, const char *url, GError **error);

/** GET /user. Returns: (transfer full): the token's person; NULL with a FLATTR_ERROR set. */
FlattrUser *flattr_session_get_user(FlattrSession *session, GError **error);

/** GET /rate_limit. @limit is set on success only. */
gboolean flattr_session_get_rate_limit(FlattrSession *session, FlattrRateLimit *limit, GError **error);

/** GET /things/lookup. Returns the thing's id; 0 with @error set, FLATTR_ERROR_NOT_FOUND when no thing has that URL. */
gint64 flattr_session_lookup_url(FlattrSession *session, const char *url, GError **error);

/**
 * A list that comes in pages: asks for the next one when the last is used up, until one is empty (or the same as the
 * one before, from a server that knows no pages).
 */
typedef struct FlattrIterator FlattrIterator;
void flattr_iterator_free(FlattrIterator *iterator);

/** Goes through a user's things; @username NULL: the token's person's. @session: not owned, must outlive it. */
FlattrIterator *flattr_session_iterate_things(FlattrSession *session, const char *username);

/** Goes through what a search finds. @search: copied. @session: as above */
FlattrIterator *flattr_session_iterate_search(FlattrSession *session, const FlattrSearch *search);

/** Goes through what a user flattred; @username NULL: the token's person. @session: as above */
FlattrIterator *flattr_session_iterate_flattrs(FlattrSession *session, const char *username);

/** Goes through the flattrs of a thing. @session: as above */
FlattrIterator *flattr_session_iterate_flattrs_of_thing(FlattrSession *session, gint64 id);

/** Has all objects come in full, see flattr_request_set_full(); before the first one is asked for. */
void flattr_iterator_set_full(FlattrIterator *iterator);

/** The next thing, lent until the next call; NULL at the end, or with @error set. Of things and searches only. */
const FlattrThing *flattr_iterator_next_thing(FlattrIterator *iterator, GError **error);

/** The next flattr, as above. Of lists of flattrs only. */
const FlattrFlattr *flattr_iterator_next_flattr(FlattrIterator *iterator, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrIterator, flattr_iterator_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrRequest, flattr_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrReply, flattr_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrSession, flattr_session_free)

G_END_DECLS

#endif
