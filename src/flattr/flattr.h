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

#include <glib.h>

G_BEGIN_DECLS

/* --- errors --- */

#define FLATTR_ERROR (flattr_error_quark())
GQuark flattr_error_quark(void);

/**
 * What went wrong. The first group are the API's own error codes by name ("error" in an answer's body); these decide,
 * the HTTP status never does.
 */
typedef enum {
    FLATTR_ERROR_INVALID_REQUEST,     /* 400: the request cannot be read */
    FLATTR_ERROR_INVALID_PARAMETERS,  /* 400 */
    FLATTR_ERROR_VALIDATION,          /* 400: a field's value is refused */
    FLATTR_ERROR_NO_MEANS,            /* 401: no money left to flattr with (also sent as "no_money") */
    FLATTR_ERROR_UNAUTHORIZED,        /* 401: token missing, wrong or revoked */
    FLATTR_ERROR_FLATTR_ONCE,         /* 403: already flattred by this person in this period */
    FLATTR_ERROR_FLATTR_OWNER,        /* 403: the person owns the thing */
    FLATTR_ERROR_INSUFFICIENT_SCOPE,  /* 403: the token lacks the scope */
    FLATTR_ERROR_INVALID_SCOPE,       /* 403 */
    FLATTR_ERROR_RATE_LIMIT_EXCEEDED, /* 403: see flattr_reply_get_rate_limit() for when it ends */
    FLATTR_ERROR_FORBIDDEN,           /* 403 */
    FLATTR_ERROR_THING_OWNER,         /* 403: subscription to an own thing */
    FLATTR_ERROR_SUBSCRIBED,          /* 403: subscribed already */
    FLATTR_ERROR_NOT_FOUND,           /* 404: thing, user or URL unknown */
    FLATTR_ERROR_NOT_ACCEPTABLE,      /* 406: a format was asked for that the server does not write; a bug here */

    FLATTR_ERROR_SERVER = 100, /* another error code, or a refusal that is none of the API's (a proxy's page …) */
    FLATTR_ERROR_MALFORMED,    /* the answer is not what the API documents: cut short, no JSON, wrong types */
    FLATTR_ERROR_UNREACHABLE,  /* nothing was sent: no such host, no connection, no TLS */
    FLATTR_ERROR_NO_ANSWER,    /* the request was sent, but no whole answer came: it may have been carried out */
    FLATTR_ERROR_ENDPOINT,     /* the endpoint is no URL, or its protocol would show the token to others */
} FlattrError;

/**
 * Finds the error for an API error code.
 *
 * @code: as in an answer's "error", such as "flattr_once"
 * @error: set on success
 *
 * Returns: whether the code is one that the API documents.
 */
gboolean flattr_error_from_code(const char *code, FlattrError *error);

/* --- objects --- */

/** A person. API page "Users". */
typedef struct FlattrUser FlattrUser;
void flattr_user_free(FlattrUser *user);
const char *flattr_user_get_username(const FlattrUser *user);
const char *flattr_user_get_resource(const FlattrUser *user); /* address in the API */
const char *flattr_user_get_link(const FlattrUser *user);     /* page for people */
const char *flattr_user_get_firstname(const FlattrUser *user);
const char *flattr_user_get_lastname(const FlattrUser *user);
const char *flattr_user_get_email(const FlattrUser *user); /* with scope "email" only */

/** Something that can be flattred. API page "Things". */
typedef struct FlattrThing FlattrThing;
void flattr_thing_free(FlattrThing *thing);
gint64 flattr_thing_get_id(const FlattrThing *thing); /* 0 when absent */
const char *flattr_thing_get_url(const FlattrThing *thing);
const char *flattr_thing_get_link(const FlattrThing *thing);
const char *flattr_thing_get_title(const FlattrThing *thing);
const char *flattr_thing_get_owner(const FlattrThing *thing); /* user name */
gint64 flattr_thing_get_flattrs(const FlattrThing *thing);    /* how often it was flattred */
gboolean flattr_thing_get_flattred(const FlattrThing *thing); /* by the token's person */

/** That somebody flattred a thing. API page "Flattrs". */
typedef struct FlattrFlattr FlattrFlattr;
void flattr_flattr_free(FlattrFlattr *flattr);
const FlattrThing *flattr_flattr_get_thing(const FlattrFlattr *flattr); /* NULL when absent */
gint64 flattr_flattr_get_created_at(const FlattrFlattr *flattr);        /* seconds since the epoch, 0 when absent */

/** How many requests are allowed. API page "Rate limiting". */
typedef struct {
    gint64 limit;     /* requests a window */
    gint64 remaining; /* left in this one */
    gint64 current;   /* made in this one */
    gint64 reset;     /* when the next window begins, seconds since the epoch */
} FlattrRateLimit;

/* --- requests --- */

/** One call of the API, ready to be sent: method, path, headers, body. Immutable. */
typedef struct FlattrRequest FlattrRequest;

/** POST /flattr: flattrs @url, which is a registered, a discoverable or an auto-submit URL. Scope "flattr". */
FlattrRequest *flattr_request_new_flattr_url(const char *url);

/** GET /user: the person that the token belongs to. */
FlattrRequest *flattr_request_new_user(void);

/** GET /rate_limit: what is left of the hourly limit; does not count against it. */
FlattrRequest *flattr_request_new_rate_limit(void);

/** GET /things/lookup: is there a thing for @url (plain or auto-submit)? */
FlattrRequest *flattr_request_new_lookup(const char *url);

/** GET /user/flattrs: what the token's person flattred, newest first. @count: a page's length; @page: from 1. */
FlattrRequest *flattr_request_new_user_flattrs(guint count, guint page);

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

/** Whether the answer says that what was asked was done: a status of 200 to 299 with "message":"ok" or the thing. */
gboolean flattr_reply_is_accepted(FlattrReply *reply);

/** The API's error code in the body ("flattr_once" …); NULL when there is none. A lookup's 404 counts as "not_found".
 */
const char *flattr_reply_get_error_code(FlattrReply *reply);

/** Turns a refusal into an error: returns TRUE for a status of 200 to 399, else FALSE with @error set. */
gboolean flattr_reply_check(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_flattr_url(). Returns: (transfer full): the flattred thing. */
FlattrThing *flattr_reply_read_flattr(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_user(). Returns: (transfer full): the person. */
FlattrUser *flattr_reply_read_user(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_rate_limit(). @limit is set on success only. */
gboolean flattr_reply_read_rate_limit(FlattrReply *reply, FlattrRateLimit *limit, GError **error);

/** Reads the answer to flattr_request_new_lookup(). Returns the thing's id; 0 with @error set (NOT_FOUND …) if none. */
gint64 flattr_reply_read_lookup(FlattrReply *reply, GError **error);

/** Reads the answer to flattr_request_new_user_flattrs(). Returns: (transfer full): of FlattrFlattr *; NULL with @error
 * set. */
GPtrArray *flattr_reply_read_flattrs(FlattrReply *reply, GError **error);

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrUser, flattr_user_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrThing, flattr_thing_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrFlattr, flattr_flattr_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrRequest, flattr_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrReply, flattr_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrSession, flattr_session_free)

G_END_DECLS

#endif
