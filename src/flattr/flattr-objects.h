/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libflattr's errors, and the API's objects as answers hold them. Include flattr/flattr.h, which says what holds for
 * all.
 */
#ifndef FLATTR_OBJECTS_H
#define FLATTR_OBJECTS_H

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
    FLATTR_ERROR_ARGUMENT,     /* an argument that cannot be sent, such as a token with a line break; nothing was */
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

/* --- objects ---
 *
 * The accessors know what the API documents. flattr_…_dup_json() gives the whole object as the server sent it, one JSON
 * object in UTF-8 (transfer full), for what they do not know.
 *
 * Each takes NULL for the object, and then returns what it returns for an absent field: NULL (every text and every
 * object may be NULL, only lists of tags never are), 0 or FALSE. So flattr_user_get_username(flattr_thing_get_owner(
 * thing)) needs no check in between.
 */

/**
 * A person. API page "Users". In other objects only the first three are there, unless these come in full. What takes a
 * scope is there for the token's person alone.
 */
typedef struct FlattrUser FlattrUser;
void flattr_user_free(FlattrUser *user);
char *flattr_user_dup_json(const FlattrUser *user);
const char *flattr_user_get_username(const FlattrUser *user);
const char *flattr_user_get_resource(const FlattrUser *user); /* address in the API */
const char *flattr_user_get_link(const FlattrUser *user);     /* page for people */
const char *flattr_user_get_firstname(const FlattrUser *user);
const char *flattr_user_get_lastname(const FlattrUser *user);
const char *flattr_user_get_email(const FlattrUser *user);  /* takes scope "email" or "extendedread" */
const char *flattr_user_get_url(const FlattrUser *user);    /* their own page, elsewhere */
const char *flattr_user_get_avatar(const FlattrUser *user); /* address of a picture */
const char *flattr_user_get_about(const FlattrUser *user);  /* what they say of themselves */
const char *flattr_user_get_city(const FlattrUser *user);
const char *flattr_user_get_country(const FlattrUser *user);
gint64 flattr_user_get_registered_at(const FlattrUser *user); /* seconds since the epoch; takes scope "extendedread" */

/** Something that can be flattred. API page "Things". */
typedef struct FlattrThing FlattrThing;
void flattr_thing_free(FlattrThing *thing);
char *flattr_thing_dup_json(const FlattrThing *thing);
gint64 flattr_thing_get_id(const FlattrThing *thing); /* 0 when absent */
const char *flattr_thing_get_url(const FlattrThing *thing);
const char *flattr_thing_get_link(const FlattrThing *thing);
const char *flattr_thing_get_title(const FlattrThing *thing);
const FlattrUser *flattr_thing_get_owner(const FlattrThing *thing);
gint64 flattr_thing_get_flattrs(const FlattrThing *thing);    /* how often it was flattred */
gboolean flattr_thing_get_flattred(const FlattrThing *thing); /* by the token's person */
const char *flattr_thing_get_description(const FlattrThing *thing);
const char *flattr_thing_get_category(const FlattrThing *thing);
const char *flattr_thing_get_language(const FlattrThing *thing);
const char *const *flattr_thing_get_tags(const FlattrThing *thing); /* NULL-terminated, never NULL itself */
gint64 flattr_thing_get_created_at(const FlattrThing *thing);       /* seconds since the epoch */
gboolean flattr_thing_get_subscribed(const FlattrThing *thing);     /* by the token's person */
gboolean flattr_thing_get_hidden(const FlattrThing *thing);
const char *flattr_thing_get_resource(const FlattrThing *thing);      /* address in the API */
const char *flattr_thing_get_image(const FlattrThing *thing);         /* address of a picture */
gint64 flattr_thing_get_flattrs_user_count(const FlattrThing *thing); /* how many people flattred it */
gint64 flattr_thing_get_last_flattr_at(const FlattrThing *thing); /* seconds since the epoch; of an own thing only */
gint64 flattr_thing_get_updated_at(const FlattrThing *thing);     /* when its owner changed it: as last_flattr_at */

/** That somebody flattred a thing. API page "Flattrs". */
typedef struct FlattrFlattr FlattrFlattr;
void flattr_flattr_free(FlattrFlattr *flattr);
char *flattr_flattr_dup_json(const FlattrFlattr *flattr);
const FlattrThing *flattr_flattr_get_thing(const FlattrFlattr *flattr); /* NULL when absent */
gint64 flattr_flattr_get_created_at(const FlattrFlattr *flattr);        /* seconds since the epoch, 0 when absent */
const FlattrUser *flattr_flattr_get_owner(const FlattrFlattr *flattr);  /* who flattred */

/** That somebody flattrs a thing every month. API page "Subscriptions". */
typedef struct FlattrSubscription FlattrSubscription;
void flattr_subscription_free(FlattrSubscription *subscription);
char *flattr_subscription_dup_json(const FlattrSubscription *subscription);
const FlattrThing *flattr_subscription_get_thing(const FlattrSubscription *subscription); /* NULL when absent */
gboolean flattr_subscription_get_active(const FlattrSubscription *subscription);          /* else it pauses */
gint64 flattr_subscription_get_created_at(const FlattrSubscription *subscription);        /* seconds since the epoch */
gint64 flattr_subscription_get_started_at(const FlattrSubscription *subscription);        /* when last set going */

/** An item of an activity stream. API page "Activities". */
typedef struct FlattrActivity FlattrActivity;
void flattr_activity_free(FlattrActivity *activity);
char *flattr_activity_dup_json(const FlattrActivity *activity);
const char *flattr_activity_get_title(const FlattrActivity *activity);
const char *flattr_activity_get_published(const FlattrActivity *activity); /* RFC 3339, as the server wrote it */
const char *flattr_activity_get_verb(const FlattrActivity *activity);      /* "like" */
const char *flattr_activity_get_actor_name(const FlattrActivity *activity);
const char *flattr_activity_get_object_name(const FlattrActivity *activity);
const char *flattr_activity_get_object_url(const FlattrActivity *activity); /* page for people */
const char *flattr_activity_get_actor_url(const FlattrActivity *activity);  /* page for people */
const char *flattr_activity_get_id(const FlattrActivity *activity);         /* a tag URI (RFC 4151) */

/** A category or a language to choose. API pages "Categories" and "Languages". */
typedef struct FlattrChoice FlattrChoice;
void flattr_choice_free(FlattrChoice *choice);
char *flattr_choice_dup_json(const FlattrChoice *choice);
const char *flattr_choice_get_id(const FlattrChoice *choice);   /* "en_GB" */
const char *flattr_choice_get_text(const FlattrChoice *choice); /* "English", also where the server calls it "name" */

/** How many requests are allowed. API page "Rate limiting". */
typedef struct {
    gint64 limit;       /* requests a window */
    gint64 remaining;   /* left in this one */
    gint64 current;     /* made in this one */
    gint64 reset;       /* when the next window begins, seconds since the epoch */
    gint64 reserved[4]; /* 0, until later versions need them */
} FlattrRateLimit;

/** Where a page of a search's results stands among all. API page "Search things". */
typedef struct {
    gint64 total;       /* results there are, on all pages; -1 when the server does not say */
    gint64 items;       /* results on this page */
    gint64 page;        /* from 1 */
    gint64 reserved[4]; /* 0, until later versions need them */
} FlattrPage;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrUser, flattr_user_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrThing, flattr_thing_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrFlattr, flattr_flattr_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrSubscription, flattr_subscription_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrActivity, flattr_activity_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlattrChoice, flattr_choice_free)

G_END_DECLS

#endif
