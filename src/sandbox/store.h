/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sandbox remembers: users, tokens, things, flattrs, subscriptions and a few settings, in SQLite. No other
 * module knows SQL.
 *
 * One request is one transaction: sandbox_store_begin(), any number of calls, sandbox_store_end(). The calls in between
 * report no error of their own; the first failure of SQLite is kept, everything after it is void, and
 * sandbox_store_end() tells. So a handler reads like the rule that it implements, and nothing is half done.
 *
 * Not locked: one thread at a time (the service's lock sees to it).
 */
#pragma once

#include <glib.h>

typedef struct SandboxStore SandboxStore;

typedef struct {
    gint64 id;
    char *name;
    gint64 means; /* how many flattrs they can still pay */
    gint64 registered_at;
    gboolean hides_flattrs; /* from everybody else */
} SandboxUser;

/** What a user let a program do: a token, without the secret itself. */
typedef struct {
    gint64 id;
    char *application; /* what the user knows the program by */
    char *scopes;      /* separated by spaces */
    gint64 created_at;
} SandboxGrant;

/** A program that users may let act for them. */
typedef struct {
    char *id;
    char *secret;
    char *redirect_uri; /* where it has users led back to; "" when any place will do */
    char *name;         /* that users know it by; "" for none */
} SandboxClient;

typedef struct {
    gint64 id;
    char *url;
    gint64 owner_id;
    char *owner; /* the owner's name */
    char *title;
    char *description;
    char *language;
    char *category;
    char *tags; /* a list by comma */
    gint64 hidden;
    gint64 flattrs; /* by anybody, in any month */
    gint64 created_at;
    gint64 last_flattr_at; /* 0: never */
    gint64 updated_at;     /* 0: never */
} SandboxThing;

typedef struct {
    char *user; /* who flattred */
    SandboxThing *thing;
    gint64
        accepted; /* how many requests were answered "ok" for this user, thing and month: more than 1 is paid twice */
    gint64 created_at;
} SandboxFlattr;

/** Which flattrs a list is to hold; a field that is 0 lets all through. */
typedef struct {
    gint64 user_id;   /* who flattred */
    gint64 thing_id;  /* what */
    gint64 owner_id;  /* whose */
    gboolean shown;   /* leaves out what is not for all: of users who hide what they flattr, and of hidden things */
    gint64 viewer_id; /* whose hidden things are let through nevertheless */
} SandboxFlattrFilter;

/** That a user flattrs a thing every month. */
typedef struct {
    gint64 id;
    gint64 user_id;
    SandboxThing *thing;
    gboolean active; /* else it pauses */
    gint64 created_at;
    gint64 started_at; /* when it was last set going */
} SandboxSubscription;

void sandbox_user_free(SandboxUser *user);
void sandbox_grant_free(SandboxGrant *grant);
void sandbox_client_free(SandboxClient *client);
void sandbox_thing_free(SandboxThing *thing);
void sandbox_flattr_free(SandboxFlattr *flattr);
void sandbox_subscription_free(SandboxSubscription *subscription);

/**
 * Opens a store, makes its tables when it is new, and brings them up to date when an older version made them. A new
 * file is readable by its owner alone, since it holds tokens.
 *
 * @file: the database, or NULL to keep everything in memory
 * @error: G_FILE_ERROR with a sentence that names the file: it cannot be opened, or is something else's database
 *
 * Returns: (transfer full): the store, or NULL.
 */
SandboxStore *sandbox_store_open(const char *file, GError **error);
void sandbox_store_close(SandboxStore *store);

/** Begins a request's transaction. */
void sandbox_store_begin(SandboxStore *store);

/**
 * Ends a request's transaction.
 *
 * @keep: whether what it wrote shall stay
 *
 * Returns: NULL; or what failed, in which case nothing was kept (valid until the next begin).
 */
const char *sandbox_store_end(SandboxStore *store, gboolean keep);

/**
 * Reads a setting.
 *
 * Returns: (transfer full): its value, or NULL when it was never set.
 */
char *sandbox_store_get_setting(SandboxStore *store, const char *name);
void sandbox_store_set_setting(SandboxStore *store, const char *name, const char *value);

/** Finds a program by its id. Returns (transfer full) it, or NULL. */
SandboxClient *sandbox_store_get_client(SandboxStore *store, const char *id);

/** Registers a program, or changes the one with that id. */
void sandbox_store_set_client(SandboxStore *store, const SandboxClient *client);

/**
 * Finds a user by name.
 *
 * Returns: (transfer full): the user, or NULL.
 */
SandboxUser *sandbox_store_get_user(SandboxStore *store, const char *name);

/**
 * Finds a user by name, and makes one without means when there is none.
 *
 * @now: seconds since the epoch, when they register
 *
 * Returns: (transfer full): the user; NULL only when SQLite failed.
 */
SandboxUser *sandbox_store_need_user(SandboxStore *store, const char *name, gint64 now);

/** Finds a user by number. Returns (transfer full) it, or NULL. */
SandboxUser *sandbox_store_get_user_by_id(SandboxStore *store, gint64 id);

/**
 * Lists users by name.
 *
 * @count: how many at most
 *
 * Returns: (transfer full): of SandboxUser.
 */
GPtrArray *sandbox_store_list_users(SandboxStore *store, gint64 count);
void sandbox_store_set_means(SandboxStore *store, gint64 user_id, gint64 means);
void sandbox_store_set_hides_flattrs(SandboxStore *store, gint64 user_id, gboolean hides);

/**
 * Finds whose token that is.
 *
 * @scopes: set to (transfer full) what the token is good for, separated by spaces; on success only
 *
 * Returns: (transfer full): the user, or NULL when the token is unknown or revoked.
 */
SandboxUser *sandbox_store_get_bearer(SandboxStore *store, const char *token, char **scopes);

/** Adds a token. @grant: what it is for; its id does not count. */
void sandbox_store_add_token(SandboxStore *store, const char *token, gint64 user_id, const SandboxGrant *grant);

/**
 * Finds a user's oldest token that is not revoked.
 *
 * Returns: (transfer full): the token, or NULL.
 */
char *sandbox_store_get_token(SandboxStore *store, gint64 user_id);

/** Revokes a token. Returns whether it was known and good until now. */
gboolean sandbox_store_revoke_token(SandboxStore *store, const char *token);

/** Lists what a user granted and did not revoke, newest first, @count at most. Returns (transfer full) SandboxGrants.
 */
GPtrArray *sandbox_store_list_grants(SandboxStore *store, gint64 user_id, gint64 count);

/** Revokes a grant of that user. Returns whether there was one with that id. */
gboolean sandbox_store_revoke_grant(SandboxStore *store, gint64 user_id, gint64 id);

/** Finds the name of the user who proved to be @identity ("partner:site:123"). Returns (transfer full) it, or NULL. */
char *sandbox_store_get_identity(SandboxStore *store, const char *identity);

/** Ties an identity, which nobody has yet, to a user, and gives them the things that wait under its name. */
void sandbox_store_claim_identity(SandboxStore *store, const char *identity, gint64 user_id);

/** Finds a thing by its number. Returns (transfer full) it, or NULL. */
SandboxThing *sandbox_store_get_thing(SandboxStore *store, gint64 id);

/** Finds a thing by its URL, compared byte by byte. Returns (transfer full) it, or NULL. */
SandboxThing *sandbox_store_find_thing(SandboxStore *store, const char *url);

/**
 * Registers a thing. There must be none with that URL.
 *
 * @thing: everything but id, owner, flattrs and last_flattr_at is stored
 *
 * Returns: (transfer full): the thing as stored; NULL only when SQLite failed.
 */
SandboxThing *sandbox_store_add_thing(SandboxStore *store, const SandboxThing *thing);

/** Writes a thing's title, description, language, category, tags, hidden and updated_at. @thing: found by its id. */
void sandbox_store_update_thing(SandboxStore *store, const SandboxThing *thing);

/** Deletes a thing and its subscriptions. Its flattrs stay, and show it as it was. */
void sandbox_store_delete_thing(SandboxStore *store, gint64 id);

/**
 * Lists a user's things, newest first.
 *
 * @hidden_too: whether hidden ones are among them
 * @count: how many at most
 * @skip: how many newer ones to leave out
 *
 * Returns: (transfer full): of SandboxThing.
 */
GPtrArray *sandbox_store_list_things(SandboxStore *store, gint64 owner_id, gboolean hidden_too, gint64 count,
                                     gint64 skip);

/** Tells whether a list is to hold a thing. Must not call the store. */
typedef gboolean (*SandboxThingFilter)(const SandboxThing *thing, gconstpointer data);

/**
 * Goes through all things, newest first.
 *
 * @filter: which to keep; NULL: all
 * @data: for the filter
 * @most: how many to keep at most
 *
 * Returns: (transfer full): of SandboxThing.
 */
GPtrArray *sandbox_store_filter_things(SandboxStore *store, SandboxThingFilter filter, gconstpointer data, gsize most);

/** Counts the users that ever flattred a thing. */
gint64 sandbox_store_count_flattrers(SandboxStore *store, gint64 thing_id);

/**
 * Tells whether a user flattred a thing in a month.
 *
 * @month: "2014-06"
 */
gboolean sandbox_store_has_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month);

/**
 * Records an accepted flattr and counts it at the thing. One that is there already for that month is counted once more,
 * so that a fault in the rules above would show in its @accepted.
 *
 * @month: "2014-06"
 * @now: seconds since the epoch
 */
void sandbox_store_add_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month, gint64 now);

/** Counts flattrs since a time. Returns (transfer full) a table of a thing's id to its count, both gint64 pointers. */
GHashTable *sandbox_store_count_flattrs_since(SandboxStore *store, gint64 since);

/**
 * Lists flattrs, newest first.
 *
 * @filter: which
 * @count: how many at most; -1 for all
 * @skip: how many newer ones to leave out
 *
 * Returns: (transfer full): of SandboxFlattr.
 */
GPtrArray *sandbox_store_list_flattrs(SandboxStore *store, const SandboxFlattrFilter *filter, gint64 count,
                                      gint64 skip);

/** Finds a user's subscription of a thing. Returns (transfer full) it, or NULL. */
SandboxSubscription *sandbox_store_get_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id);

/** Adds an active subscription; there must be none of that user and thing. @now: seconds since the epoch. */
void sandbox_store_add_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id, gint64 now);

/** Sets a subscription going or pauses it. @started_at: seconds since the epoch. */
void sandbox_store_set_active(SandboxStore *store, gint64 id, gboolean active, gint64 started_at);

/** Deletes a subscription. Returns whether there was one. */
gboolean sandbox_store_delete_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id);

/**
 * Lists subscriptions, newest first.
 *
 * @user_id: whose; 0 for everybody's
 * @active_only: without those that pause
 *
 * Returns: (transfer full): of SandboxSubscription.
 */
GPtrArray *sandbox_store_list_subscriptions(SandboxStore *store, gint64 user_id, gboolean active_only);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxStore, sandbox_store_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxUser, sandbox_user_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxThing, sandbox_thing_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxFlattr, sandbox_flattr_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxGrant, sandbox_grant_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxClient, sandbox_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxSubscription, sandbox_subscription_free)
