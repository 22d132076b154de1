/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of `podflattr api` share. api_resources.c has the verbs of each resource, api.c the table of
 * resources.
 */
#pragma once

#include "commands/command.h"
#include "flattr/flattr.h"
#include <glib.h>
#include <jansson.h>

/*
 * The options of `podflattr api`, all in one table; each verb takes some of them. Pure.
 */

/** What was given; NULL, or PF_API_NO_NUMBER, where it was not. */
typedef struct {
    char *user;
    char *thing;
    char *url;
    char *title;
    char *description;
    char *category;
    char *language;
    char *tags;
    char *query;
    char *sort;
    char *type;
    int count;
    int page;
    int limit;
    gboolean all;
    gboolean full;
    gboolean hidden;
    gboolean visible;
} PfApiOptions;

#define PF_API_NO_NUMBER G_MININT

/** What lists that come in pages take. */
#define PF_API_PAGING "count page all limit full"

/** Those who read it into PfApiOptions: of all verbs; the last has no name. */
extern const PfCommandOption pf_api_options[];

/** Whether a list is to be gone through from its beginning, rather than shown by the page. */
gboolean pf_api_options_walk(const PfApiOptions *options);

/** The most items of a list to show. */
guint pf_api_options_limit(const PfApiOptions *options);

/** A page's length, and its number. */
guint pf_api_options_count(const PfApiOptions *options);
guint pf_api_options_page(const PfApiOptions *options);

/*
 * How `podflattr api` shows objects: as JSON Lines, every field as the server sent it, or for people: a list as a table
 * of its most useful columns, a single object as lines of "field: value". Times in fields that end in "_at" are then
 * local, and what a server wrote is made printable.
 */

/** A column of a table. */
typedef struct {
    const char *heading;
    const char *field; /* by the API's names: "thing.title" */
    int width;         /* terminal columns; 0 for the last column of a table, and that one only */
} PfApiColumn;

/** Where to show objects; begins with all zero but for json and columns. */
typedef struct {
    gboolean json;
    const PfApiColumn *columns; /* of the table, up to the one of width 0 */
    guint rows;                 /* so many were shown */
} PfApiOutput;

/** Reads what libflattr gave. Consumes @text. Returns: (transfer full). */
json_t *pf_api_output_read_take(char *text);

/** Shows one object of a list. Consumes @object. */
void pf_api_output_row_take(PfApiOutput *output, json_t *object);

/** Shows the only object there is. Consumes @object. */
void pf_api_output_object_take(PfApiOutput *output, json_t *object);

/** One run of one verb. */
typedef struct {
    FlattrSession *session; /* has the token, if there is one */
    const PfApiOptions *options;
    char **operands; /* lent, `count` of them and a NULL */
    guint count;
    const char *method; /* the verb's name */
    PfApiOutput output;
} PfApiCall;

/** What a verb has beside its entry in the table of commands. */
typedef struct {
    const PfApiColumn *columns; /* of its table; NULL when it shows one object at the most */
    /* Does it. Returns FALSE with @error set: a FLATTR_ERROR or a PF_COMMAND_ERROR. */
    gboolean (*run)(PfApiCall *call, GError **error);
} PfApiVerb;

/** Runs the verb that was called, as a PfCommand's run(). */
gboolean pf_api_run(const PfCommandCall *call, GError **error);

/**
 * The entry of a verb.
 *
 * @options: the names of those that it takes besides --format, "" for none
 * @columns: of its table; NULL when it shows one object at the most
 */
#define PF_API_VERB(verb, about, what, fewest, greatest, options, columns, function)                                   \
    {                                                                                                                  \
        .name = verb, .operands = what, .least = fewest, .most = greatest, .summary = about,                           \
        .takes = "format " options, .detail = &(const PfApiVerb){columns, function}, .run = pf_api_run                 \
    }

/** The verbs of each resource; the last has no name. */
extern const PfCommand pf_api_activities[];
extern const PfCommand pf_api_categories[];
extern const PfCommand pf_api_flattrs[];
extern const PfCommand pf_api_hello[];
extern const PfCommand pf_api_languages[];
extern const PfCommand pf_api_rate_limit[];
extern const PfCommand pf_api_subscriptions[];
extern const PfCommand pf_api_things[];
extern const PfCommand pf_api_user[];
extern const PfCommand pf_api_users[];

/** Columns of tables of things and of flattrs. */
extern const PfApiColumn pf_api_thing_columns[];

/** Reads a thing's number. Returns FALSE with a PF_COMMAND_ERROR set when it is none. */
gboolean pf_api_parse_id(const char *text, gint64 *id, GError **error);

/**
 * Sends a request whose answer says no more than that it was done.
 *
 * @request: (transfer full)
 *
 * Returns: FALSE with a FLATTR_ERROR set.
 */
gboolean pf_api_do_take(PfApiCall *call, FlattrRequest *request, GError **error);

/** Shows all that an answer holds, as the server sent it: an object, or each item of a list. Nothing for an empty one.
 */
void pf_api_print_reply(PfApiCall *call, FlattrReply *reply);

/** What is done for one operand. Returns FALSE with @error set. */
typedef gboolean (*PfApiEach)(PfApiCall *call, const char *operand, GError **error);

/**
 * Does it for each operand; one that fails is reported, and does not stop the others.
 *
 * Returns: FALSE with @error set: the failure of the only operand, or the status of the first of several to fail.
 */
gboolean pf_api_for_each(PfApiCall *call, PfApiEach each, GError **error);

/** Says on stderr that a list goes on beyond the page that was shown. @reply: with that page */
void pf_api_say_more(const PfApiCall *call, FlattrReply *reply);

/** Runs GET, POST, PUT, PATCH or DELETE for a path, as a PfCommand's run(). */
extern const PfApiVerb pf_api_raw;

/** The entry of a method of HTTP. */
#define PF_API_RAW(method)                                                                                             \
    {                                                                                                                  \
        .name = method, .operands = "/PATH [KEY=VALUE…]", .least = 1, .most = PF_COMMAND_ANY,                          \
        .summary = "make any other call, with the access token", .takes = "format", .detail = &pf_api_raw,             \
        .run = pf_api_run                                                                                              \
    }

/** Shows a thing: the only one that was asked for, or one of a list. */
void pf_api_print_thing(PfApiCall *call, const FlattrThing *thing);
void pf_api_print_thing_row(PfApiCall *call, const FlattrThing *thing);

/** Shows the answer to a request for things, a line each. @request: (transfer full). Returns as the verbs do. */
gboolean pf_api_list_things_take(PfApiCall *call, FlattrRequest *request, GError **error);
