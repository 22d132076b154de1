/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libflattr: a client of Flattr's REST API v2, for any server that speaks it.
 *
 * Two layers. Requests and replies are built and read without I/O: whoever has an HTTP client of its own sends what a
 * FlattrRequest holds and fills a FlattrReply with what comes back. FlattrSession is the blocking driver for everybody
 * else, over libcurl.
 *
 * Strings are UTF-8. Functions returning `const char *` lend it as long as the object lives; functions with `dup` or
 * `new` in their name give it away, and those with `take` free what they are given, also when they fail. Objects are
 * not locked: each may be used by one thread at a time, different objects by different threads. Unknown fields of
 * answers are ignored and missing ones tolerated, as the API's documentation asks; accessors then return NULL, 0 or
 * FALSE.
 *
 * No argument may be NULL but @error, those marked (nullable), what a free function is given, and the object of an
 * accessor. Anything else is a mistake of the program, as an unset (out) argument is: it is logged as critical by
 * GLib, and the call returns NULL, 0 or FALSE without an error.
 *
 * This library is not Flattr's. flattr.com closed in January 2024, so there is no default endpoint here.
 */
#ifndef FLATTR_H
#define FLATTR_H

#include <flattr/flattr-objects.h>
#include <flattr/flattr-version.h>
#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* --- version: flattr-version.h has that of these headers --- */

/** Whether these headers are of that version or a later one: for the preprocessor. */
#define FLATTR_CHECK_VERSION(major, minor, micro)                                                                      \
    (FLATTR_MAJOR_VERSION > (major) || (FLATTR_MAJOR_VERSION == (major) && FLATTR_MINOR_VERSION > (minor)) ||          \
     (FLATTR_MAJOR_VERSION == (major) && FLATTR_MINOR_VERSION == (minor) && FLATTR_MICRO_VERSION >= (micro)))

/** The version of the library that runs, "0.2.0". Static; any thread. */
const char *flattr_get_version(void);

/* --- requests ---
 *
 * Each says which function reads its answer. flattr_reply_check() is not enough for that: it only turns the API's
 * refusals into errors, and lets a redirection and a proxy's page pass.
 */

/** One call of the API, ready to be sent: method, path, headers, body. */
typedef struct FlattrRequest FlattrRequest;

/** GET /, the endpoint itself: is this API there? Needs no token. Read by flattr_reply_read_hello(). */
FlattrRequest *flattr_request_new_hello(void);

/** GET /rate_limit: what is left of the hourly limit; does not count against it. Read by
 * flattr_reply_read_rate_limit().
 */
FlattrRequest *flattr_request_new_rate_limit(void);

/** GET /users/:username. @username: (nullable): for the token's person, GET /user. Read by flattr_reply_read_user(). */
FlattrRequest *flattr_request_new_user(const char *username);

/** GET /things/:id,:id…: @count things by their numbers, at least one. Read by flattr_reply_read_things(). */
FlattrRequest *flattr_request_new_things(const gint64 *ids, gsize count);

/** GET /things/lookup: is there a thing for @url (plain or auto-submit)? Read by flattr_reply_read_lookup(). */
FlattrRequest *flattr_request_new_lookup(const char *url);

/**
 * GET /users/:username/things, newest first. Read by flattr_reply_read_things().
 *
 * @username: (nullable): for the token's person
 * @count: a page's length, at least 1
 * @page: from 1
 */
FlattrRequest *flattr_request_new_things_of_user(const char *username, guint count, guint page);

/** What to search for. What is NULL does not matter; lists by comma mean any of them. */
typedef struct {
    const char *query; /* words */
    const char *url;
    const char *tags; /* with the operators | & ! */
    const char *language;
    const char *category;
    const char *user;
    const char *sort;     /* relevance trend flattrs flattrs_month flattrs_week flattrs_day */
    gpointer reserved[4]; /* NULL, until later versions need them */
} FlattrSearch;

/** GET /things/search. @count, @page: as above. Read by flattr_reply_read_things() and flattr_reply_get_page(). */
FlattrRequest *flattr_request_new_search(const FlattrSearch *search, guint count, guint page);

/** What is said of a thing that is created or changed. What is NULL is left out. */
typedef struct {
    const char *url; /* of a new thing only */
    const char *title;
    const char *description;
    const char *category;
    const char *language;
    const char *tags;     /* separated by commas */
    gboolean hide;        /* sets it hidden */
    gboolean show;        /* sets it not hidden; neither of both leaves it as it is */
    gpointer reserved[4]; /* NULL, until later versions need them */
} FlattrThingFields;

/** POST /things: registers a thing of the token's person; fields->url must be there. Scope "thing". Read by
 * flattr_reply_read_created(). */
FlattrRequest *flattr_request_new_thing_create(const FlattrThingFields *fields);

/** POST /things/:id with _method=patch, which every server understands: changes an own thing. Scope "thing". Read by
 * flattr_reply_read_done(). */
FlattrRequest *flattr_request_new_thing_update(gint64 id, const FlattrThingFields *fields);

/** DELETE /things/:id: deletes an own thing. Scope "thing". Read by flattr_reply_read_done(). */
FlattrRequest *flattr_request_new_thing_delete(gint64 id);

/** POST /flattr: flattrs @url, which is a registered, a discoverable or an auto-submit URL. Scope "flattr". Read by
 * flattr_reply_read_flattr(). */
FlattrRequest *flattr_request_new_flattr_url(const char *url);

/** POST /things/:id/flattr: flattrs a thing by its number. Scope "flattr". Read by flattr_reply_read_flattr(). */
FlattrRequest *flattr_request_new_flattr_thing(gint64 id);

/**
 * GET /users/:username/flattrs: what they flattred, newest first; empty also when they hide it. Read by
 * flattr_reply_read_flattrs().
 *
 * @username: (nullable): for the token's person
 * @count, @page: as above
 */
FlattrRequest *flattr_request_new_flattrs_of_user(const char *username, guint count, guint page);

/** GET /things/:id/flattrs, newest first. @count, @page: as above. Read by flattr_reply_read_flattrs(). */
FlattrRequest *flattr_request_new_flattrs_of_thing(gint64 id, guint count, guint page);

/** GET /user/subscriptions. Scope "flattr", like the three that follow. Read by flattr_reply_read_subscriptions(). */
FlattrRequest *flattr_request_new_subscriptions(void);

/** POST /things/:id/subscriptions: subscribes. Read by flattr_reply_read_done(). */
FlattrRequest *flattr_request_new_subscription_create(gint64 id);

/** PUT /things/:id/subscriptions: pauses an active one, starts a paused one. Read by flattr_reply_read_toggled(). */
FlattrRequest *flattr_request_new_subscription_toggle(gint64 id);

/** DELETE /things/:id/subscriptions. Read by flattr_reply_read_done(). */
FlattrRequest *flattr_request_new_subscription_delete(gint64 id);

/**
 * GET /users/:username/activities.as. Read by flattr_reply_read_activities().
 *
 * @username: (nullable): for the token's person
 * @incoming: what they got, not gave
 */
FlattrRequest *flattr_request_new_activities(const char *username, gboolean incoming);

/** GET /categories, GET /languages: what a thing's may be. Both read by flattr_reply_read_choices(). */
FlattrRequest *flattr_request_new_categories(void);
FlattrRequest *flattr_request_new_languages(void);

/**
 * POST /users/:username/verify: ties @identity, "partner:NAMESPACE:ID", to them. For partners. Read by
 * flattr_reply_read_done().
 *
 * @username: (nullable): for the token's person
 */
FlattrRequest *flattr_request_new_verify(const char *username, const char *identity);

/**
 * Any other call: what a server offers beyond those above. The token goes with it.
 *
 * @method: "GET", "POST", "PUT", "PATCH" or "DELETE"
 * @path: begins with "/", query included, percent-encoded
 * @body: (nullable): JSON, for an application/json body; copied
 */
FlattrRequest *flattr_request_new(const char *method, const char *path, const char *body);

/**
 * POST to OAuth's token endpoint, a code for a token. Goes to a session with the token endpoint as its endpoint. Read
 * by flattr_reply_read_token() and flattr_reply_get_scope().
 *
 * @redirect_uri: the one that the code was asked for with
 */
FlattrRequest *flattr_request_new_token(const char *client_id, const char *client_secret, const char *code,
                                        const char *redirect_uri);

/** The same for a code that was asked for with a challenge. @verifier: what flattr_oauth_dup_challenge() was given */
FlattrRequest *flattr_request_new_token_verified(const char *client_id, const char *client_secret, const char *code,
                                                 const char *redirect_uri, const char *verifier);

/**
 * POST to OAuth's revocation endpoint (RFC 7009, which Flattr itself had not): the token is to be good for nothing from
 * now on. Goes to a session with the revocation endpoint as its endpoint. A status of 200 to 299 with an empty body or
 * JSON says so, also when the server did not know the token.
 */
FlattrRequest *flattr_request_new_revocation(const char *client_id, const char *client_secret, const char *token);

/**
 * Has the answer show its objects in full: a thing's owner with all that everybody may know of them, and the things in
 * lists of flattrs with all that is known of those. Of requests for things, flattrs and searches; once, and before the
 * request is sent.
 */
void flattr_request_set_full(FlattrRequest *request);

/**
 * Tells whether the arguments that a request was made with can be sent: no URL with control characters, no empty user
 * name, no other method than those above, no path with "/../" in it. Sessions check it themselves.
 *
 * Returns: FALSE with FLATTR_ERROR_ARGUMENT set when not; the request must not be sent then.
 */
gboolean flattr_request_check(const FlattrRequest *request, GError **error);

void flattr_request_free(FlattrRequest *request);

/** "GET", "POST" … */
const char *flattr_request_get_method(const FlattrRequest *request);

/** What follows the endpoint's address: begins with "/", query included, percent-encoded. Empty for OAuth's requests.
 */
const char *flattr_request_get_path(const FlattrRequest *request);

/** The body, NUL-terminated JSON or a form; NULL when there is none. @length: (out) (nullable): bytes without the NUL.
 */
const char *flattr_request_get_body(const FlattrRequest *request, gsize *length);

/**
 * The headers to send, "Name: value" each.
 *
 * @token: (nullable): the bearer token (RFC 6750 §2.1), or NULL for a call without one. It goes into the
 *         "Authorization" header, so whoever sends these must send them to the API's host alone, and follow no redirect
 *         with them.
 *
 * Returns: (transfer full) (nullable): a NULL-terminated array for g_strfreev(); NULL when flattr_token_check() refuses
 * the token.
 */
char **flattr_request_dup_headers(const FlattrRequest *request, const char *token);

/** Tells whether @token can stand in a header: not empty, and visible ASCII characters only. Returns: FALSE with
 * FLATTR_ERROR_ARGUMENT set when not. */
gboolean flattr_token_check(const char *token, GError **error);

/* --- replies --- */

/** An answer that is too long to be one of the API's is refused beyond this many bytes. */
#define FLATTR_REPLY_MAX_BODY ((gsize)4 * 1024 * 1024)

/** An answer: filled by whoever received it, then read. */
typedef struct FlattrReply FlattrReply;

FlattrReply *flattr_reply_new(void);

/** Another reference to a reply; each is given back by flattr_reply_free(). Returns @reply. */
FlattrReply *flattr_reply_ref(FlattrReply *reply);
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

/** The headers, "name: value" each, names in small letters, in no order. Returns: (transfer full): for g_strfreev(). */
char **flattr_reply_dup_headers(const FlattrReply *reply);

/** The body as it came, with a NUL behind it; "" when there is none. @length: (out) (nullable): its bytes. */
const char *flattr_reply_get_body(const FlattrReply *reply, gsize *length);

/**
 * The X-RateLimit-… headers, which stand on refusals too. @limit is set on success only.
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

/**
 * Whether the answer to a flattr says that it was made: a status of 200 to 299 with "message":"ok" or, where there is
 * no message, the thing.
 */
gboolean flattr_reply_is_accepted(FlattrReply *reply);

/** The API's error code in the body ("flattr_once" …); NULL when there is none. A lookup's 404 counts as "not_found".
 */
const char *flattr_reply_get_error_code(FlattrReply *reply);

/** What the body says in "message", such as "ok" or "found"; NULL when there is none. */
const char *flattr_reply_get_message(FlattrReply *reply);

/** The sentence for people in the body: "description", or "error_description" of a refusal; NULL when there is none. */
const char *flattr_reply_get_description(FlattrReply *reply);

/**
 * Turns the API's refusals into errors: returns TRUE for a status of 200 to 399, else FALSE with @error set. TRUE does
 * not mean that anything was done, see flattr_reply_read_done().
 */
gboolean flattr_reply_check(FlattrReply *reply, GError **error);

/**
 * Reads the answer to a request that asks for something to be done, where the answer says no more than that it was:
 * update, delete, subscribe, unsubscribe, verify. Whole JSON without an error with a status of 200 to 299 says so, and
 * so do a 204 and, since the API documents some like that, an empty JSON answer. A redirection does not, nor does the
 * page of a proxy.
 *
 * Returns: FALSE with @error set: the API's refusal, or FLATTR_ERROR_MALFORMED.
 */
gboolean flattr_reply_read_done(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_hello(). FALSE with @error set when something else than this API answered. */
gboolean flattr_reply_read_hello(FlattrReply *reply, GError **error);

/** Reads the answer to a flattr. Returns: (transfer full): the flattred thing; NULL with @error set. */
FlattrThing *flattr_reply_read_flattr(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_user(). Returns: (transfer full): the person; NULL with @error set. */
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

/** Where a search's page stands, whose things flattr_reply_read_things() reads. @page is set on success only. Returns:
 * whether the answer says it. */
gboolean flattr_reply_get_page(FlattrReply *reply, FlattrPage *page);

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

/** The scopes that the token is good for, by spaces; NULL when the server does not say: those that were asked for. */
const char *flattr_reply_get_scope(FlattrReply *reply);

/* --- OAuth 2 --- */

/**
 * Writes the address that a person opens to allow the program to act for them.
 *
 * @authorize: the server's authorization endpoint
 * @redirect_uri: (nullable): where to lead them back; NULL for the one that the program is registered with
 * @scope: (nullable): separated by spaces
 * @state: unguessable, and not empty: without it, anybody can have a person log in to another account (RFC 6749
 *         §10.12). It comes back with the code, see flattr_oauth_dup_code()
 *
 * Returns: (transfer full): the address; NULL with FLATTR_ERROR_ARGUMENT set when @authorize is not a URL or @state
 * empty.
 */
char *flattr_oauth_dup_authorize_url(const char *authorize, const char *client_id, const char *redirect_uri,
                                     const char *scope, const char *state, GError **error);

/**
 * Writes what PKCE (RFC 7636) puts into that address as code_challenge, with code_challenge_method=S256: then a code is
 * of use only to who knows the verifier.
 *
 * @verifier: 43 to 128 letters, digits or "-._~", unguessable; see flattr_request_new_token_verified()
 *
 * Returns: (transfer full).
 */
char *flattr_oauth_dup_challenge(const char *verifier);

/**
 * Reads the address that the person was led back to.
 *
 * @redirected: the whole address
 * @state: what it must carry; not empty
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
 * Returns: (transfer full): the session; NULL with FLATTR_ERROR_ENDPOINT set, or FLATTR_ERROR_ARGUMENT when @user_agent
 * has control characters.
 */
FlattrSession *flattr_session_new(const char *endpoint, const char *user_agent, GError **error);
void flattr_session_free(FlattrSession *session);

/**
 * Sets the bearer token of the calls to come. Copied.
 *
 * @token: (nullable): NULL for none
 *
 * Returns: FALSE with FLATTR_ERROR_ARGUMENT set when flattr_token_check() refuses it; the session then has none.
 */
gboolean flattr_session_set_token(FlattrSession *session, const char *token, GError **error);

/**
 * Sets a file of certification authorities in PEM form, which count instead of the system's; for a server whose
 * certificate is signed by none of these. Before the first call. Copied.
 *
 * @path: (nullable): NULL or "" for the system's
 */
void flattr_session_set_ca_file(FlattrSession *session, const char *path);

/** Sets how long calls wait, in milliseconds: for a connection (0: 20 s), and altogether (0: 60 s). */
void flattr_session_set_timeouts(FlattrSession *session, guint connect, guint total);

/**
 * Sets what ends a call before its time, from any thread: the call then fails within a second, like one that has no
 * network, with FLATTR_ERROR_UNREACHABLE or, when the request was sent already, FLATTR_ERROR_NO_ANSWER.
 *
 * @cancellable: (nullable): referenced
 */
void flattr_session_set_cancellable(FlattrSession *session, GCancellable *cancellable);

/**
 * What is called before each request is sent, with neither @reply nor @failure, and after it, with one of both. Nothing
 * of it holds the token. For logs.
 */
typedef void (*FlattrTraceFunc)(const FlattrRequest *request, FlattrReply *reply, const GError *failure,
                                gpointer user_data);

/** @trace: (nullable). @user_data: (nullable): for it */
void flattr_session_set_trace(FlattrSession *session, FlattrTraceFunc trace, gpointer user_data);

/*
 * Two ways to call everything. With a function of its own for each call below; or with a request, which
 * flattr_session_call_take() sends, and the function that reads its answer.
 */

/**
 * Sends a request and waits for the answer. Redirects are not followed.
 *
 * @request: (transfer full)
 *
 * Returns: (transfer full): the answer, whatever its status; NULL with FLATTR_ERROR_UNREACHABLE, _NO_ANSWER or
 * _ARGUMENT set.
 */
FlattrReply *flattr_session_send_take(FlattrSession *session, FlattrRequest *request, GError **error);

/** The same, with a refusal of the API's as an error too: see flattr_reply_check(). */
FlattrReply *flattr_session_call_take(FlattrSession *session, FlattrRequest *request, GError **error);

/**
 * The answer to the last call, lent until the next one: its status, its body, what is left of the rate limit, also
 * where the call failed. NULL when there was none.
 */
FlattrReply *flattr_session_get_last_reply(const FlattrSession *session);

/** GET /. Returns whether the API answers; FALSE with @error set when not. */
gboolean flattr_session_hello(FlattrSession *session, GError **error);

/** GET /rate_limit. @limit is set on success only. */
gboolean flattr_session_get_rate_limit(FlattrSession *session, FlattrRateLimit *limit, GError **error);

/** GET /users/:username. @username: (nullable): for the token's person. Returns: (transfer full): NULL with @error set.
 */
FlattrUser *flattr_session_get_user(FlattrSession *session, const char *username, GError **error);

/** GET /things/:id. Returns: (transfer full): the thing; NULL with @error set. */
FlattrThing *flattr_session_get_thing(FlattrSession *session, gint64 id, GError **error);

/** GET /things/lookup. Returns the thing's id; 0 with @error set, FLATTR_ERROR_NOT_FOUND when no thing has that URL. */
gint64 flattr_session_lookup_url(FlattrSession *session, const char *url, GError **error);

/** POST /things. Returns the new thing's id; 0 with @error set. */
gint64 flattr_session_create_thing(FlattrSession *session, const FlattrThingFields *fields, GError **error);

/** Changes, or deletes, an own thing. FALSE with @error set. */
gboolean flattr_session_update_thing(FlattrSession *session, gint64 id, const FlattrThingFields *fields,
                                     GError **error);
gboolean flattr_session_delete_thing(FlattrSession *session, gint64 id, GError **error);

/** Flattrs a URL, or a thing. Returns: (transfer full): the flattred thing; NULL with @error set. */
FlattrThing *flattr_session_flattr_url(FlattrSession *session, const char *url, GError **error);
FlattrThing *flattr_session_flattr_thing(FlattrSession *session, gint64 id, GError **error);

/** Begins, or ends, the subscription of a thing. FALSE with @error set. */
gboolean flattr_session_subscribe(FlattrSession *session, gint64 id, GError **error);
gboolean flattr_session_unsubscribe(FlattrSession *session, gint64 id, GError **error);

/**
 * Pauses a subscription, or starts it again; one that is so already stays so. The API can only turn it over, so this
 * looks first, and turns it back when somebody else was faster in between.
 *
 * Returns: FALSE with @error set: FLATTR_ERROR_NOT_FOUND when there is no subscription of that thing.
 */
gboolean flattr_session_set_subscription_active(FlattrSession *session, gint64 id, gboolean active, GError **error);

/** GET /categories, GET /languages. Returns: (transfer full): of FlattrChoice *; NULL with @error set. */
GPtrArray *flattr_session_list_categories(FlattrSession *session, GError **error);
GPtrArray *flattr_session_list_languages(FlattrSession *session, GError **error);

/** POST /users/:username/verify, for partners. @username: (nullable): for the token's person. FALSE with @error set. */
gboolean flattr_session_verify(FlattrSession *session, const char *username, const char *identity, GError **error);

/**
 * A list that comes in pages: asks for the next one when the last is used up, until one is empty (or the same as the
 * one before, from a server that knows no pages).
 */
typedef struct FlattrIterator FlattrIterator;
void flattr_iterator_free(FlattrIterator *iterator);

/** Goes through a user's things. @username: (nullable): for the token's person's. @session: not owned, must outlive it
 */
FlattrIterator *flattr_session_iterate_things(FlattrSession *session, const char *username);

/** Goes through what a search finds. @search: copied. @session: as above */
FlattrIterator *flattr_session_iterate_search(FlattrSession *session, const FlattrSearch *search);

/** Goes through what a user flattred. @username: (nullable): for the token's person. @session: as above */
FlattrIterator *flattr_session_iterate_flattrs(FlattrSession *session, const char *username);

/** Goes through the flattrs of a thing. @session: as above */
FlattrIterator *flattr_session_iterate_flattrs_of_thing(FlattrSession *session, gint64 id);

/** Goes through the subscriptions of the token's person. @session: as above */
FlattrIterator *flattr_session_iterate_subscriptions(FlattrSession *session);

/** Goes through what a user did, or got (@incoming). @username: (nullable): for the token's person. @session: as above
 */
FlattrIterator *flattr_session_iterate_activities(FlattrSession *session, const char *username, gboolean incoming);

/** Has all objects come in full, see flattr_request_set_full(); before the first one is asked for. */
void flattr_iterator_set_full(FlattrIterator *iterator);

/** How many there are, all pages together: -1 when the server does not say, as only searches do, or with @error set.
 * Asks for the first page, when that was not done yet. */
gint64 flattr_iterator_get_total(FlattrIterator *iterator, GError **error);

/** The next thing, lent until the next call; NULL at the end, or with @error set. Of things and searches only. */
const FlattrThing *flattr_iterator_next_thing(FlattrIterator *iterator, GError **error);

/** The next flattr, as above. Of lists of flattrs only. */
const FlattrFlattr *flattr_iterator_next_flattr(FlattrIterator *iterator, GError **error);

/** The next subscription, the next activity, as above. */
const FlattrSubscription *flattr_iterator_next_subscription(FlattrIterator *iterator, GError **error);
const FlattrActivity *flattr_iterator_next_activity(FlattrIterator *iterator, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrIterator, flattr_iterator_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrRequest, flattr_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrReply, flattr_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrSession, flattr_session_free)

G_END_DECLS

#endif
