/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of `podflattr api` share. Each resource of the API has a table of verbs, in a file of its own; api.c
 * has the table of resources, from which parser and help are made.
 */
#pragma once

#include "commands/api_options.h"
#include "commands/api_output.h"
#include "flattr/flattr.h"

typedef struct PfApiVerb PfApiVerb;

/** One run of one verb. */
typedef struct {
    FlattrSession *session; /* has the token, if there is one */
    PfApiOptions options;
    char **operands; /* lent, `count` of them and a NULL */
    guint count;
    PfApiOutput output;
} PfApiCall;

/** What can be done with a resource. */
struct PfApiVerb {
    const char *name;
    const char *operands; /* for the help: "ID…"; "" when there are none */
    guint least, most;    /* how many of them */
    const char *options;  /* names of those it takes, see api_options.h; "" for none */
    const char *summary;
    const PfApiColumn *columns; /* of its table; NULL when it shows one object at the most */
    /* Does it. Returns FALSE with @error set: a FLATTR_ERROR or a PF_COMMAND_ERROR. */
    gboolean (*run)(PfApiCall *call, GError **error);
};

/** A resource; the first of its verbs is done when none is named. */
typedef struct {
    const char *name;
    const char *summary;
    const PfApiVerb *verbs; /* the last one has no name */
} PfApiResource;

extern const PfApiResource pf_api_activities;
extern const PfApiResource pf_api_categories;
extern const PfApiResource pf_api_flattrs;
extern const PfApiResource pf_api_hello;
extern const PfApiResource pf_api_languages;
extern const PfApiResource pf_api_rate_limit;
extern const PfApiResource pf_api_subscriptions;
extern const PfApiResource pf_api_things;
extern const PfApiResource pf_api_user;
extern const PfApiResource pf_api_users;

/** For a verb that shows as many as it is given. */
#define PF_API_ANY G_MAXUINT

/** Columns of tables of things and of flattrs. */
extern const PfApiColumn pf_api_thing_columns[];

/** Reads a thing's number. Returns FALSE with a PF_COMMAND_ERROR set when it is none. */
gboolean pf_api_parse_id(const char *text, gint64 *id, GError **error);

/** Says that the command line is wrong. Returns FALSE. */
gboolean pf_api_refuse_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * Sends a request and waits for the answer.
 *
 * @request: (transfer full)
 *
 * Returns: (transfer full): the answer, which is no refusal; NULL with a FLATTR_ERROR set.
 */
FlattrReply *pf_api_send_take(PfApiCall *call, FlattrRequest *request, GError **error);

/**
 * Whether a reply that is no refusal says that what was asked was done: a plain yes, in JSON or without words. A
 * redirection, or a page of somebody else's, is none.
 *
 * Returns: FALSE with FLATTR_ERROR_MALFORMED set.
 */
gboolean pf_api_check_done(FlattrReply *reply, GError **error);

/** As pf_api_send_take(), for requests whose answer says no more than that. Returns FALSE with a FLATTR_ERROR set. */
gboolean pf_api_do_take(PfApiCall *call, FlattrRequest *request, GError **error);

/** Shows a thing: the only one that was asked for, or one of a list. */
void pf_api_print_thing(PfApiCall *call, const FlattrThing *thing);
void pf_api_print_thing_row(PfApiCall *call, const FlattrThing *thing);

/** Shows the answer to a request for things, a line each. @request: (transfer full). Returns as the verbs do. */
gboolean pf_api_list_things_take(PfApiCall *call, FlattrRequest *request, GError **error);
