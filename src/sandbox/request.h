/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request as the handlers see it: no socket, no HTTP library, only what was asked, by whom and when.
 */
#pragma once

#include "sandbox/store.h"
#include <glib.h>
#include <jansson.h>

/*
 * The scopes of tokens: what a program may do for a user. Pure; any thread.
 */

/*
 * Secrets: tokens, codes, session names. Any thread.
 */

/**
 * Makes a secret that nobody can guess.
 *
 * Returns: (transfer full): 40 hexadecimal digits.
 */
char *sandbox_secret_new(void);

/** Every scope that there is. */
#define SANDBOX_SCOPES "flattr thing email extendedread"

/**
 * Tells whether a token's scopes hold one.
 *
 * @scopes: separated by spaces or commas, or NULL
 */
gboolean sandbox_scopes_hold(const char *scopes, const char *scope);

/**
 * Reads a list of scopes, by spaces or commas.
 *
 * Returns: (transfer full): the same by spaces; NULL when one is none of the API's.
 */
char *sandbox_scopes_read(const char *text);

/** Says what a scope lets a program do, in a few words for the user; static. @scope: one of SANDBOX_SCOPES */
const char *sandbox_scope_explain(const char *scope);

/*
 * One answer as the handlers fill it, and the bodies that all of them share: JSON and the API's errors. How it goes out
 * (whole, or spoilt by a fault) is written beside it and done by the server.
 */

/** How an answer reaches the client. */
typedef enum {
    SANDBOX_DELIVERY_WHOLE,     /* as it should */
    SANDBOX_DELIVERY_TRUNCATED, /* its length promised, half of it sent, then closed */
    SANDBOX_DELIVERY_SLOW,      /* byte by byte over @delivery_seconds */
    SANDBOX_DELIVERY_HUGE,      /* a body without end instead of this one */
    SANDBOX_DELIVERY_RESET,     /* the connection is reset */
    SANDBOX_DELIVERY_DROPPED,   /* the connection is closed without a byte */
} SandboxDelivery;

typedef struct {
    unsigned int status; /* HTTP's */
    char *body;          /* owned; NULL for an empty one */
    gsize length;        /* of the body, in bytes */
    const char *type;    /* Content-Type, static; NULL: no such header */
    GPtrArray *headers;  /* names and values by turns, owned */
    gboolean keeps;      /* what was written to the store stays, although this is a refusal */
    SandboxDelivery delivery;
    double delivery_seconds;
} SandboxAnswer;

/**
 * Makes an answer: 204, empty, delivered whole.
 *
 * Returns: (transfer full): the answer.
 */
SandboxAnswer *sandbox_answer_new(void);
void sandbox_answer_free(SandboxAnswer *answer);

/**
 * Gives an answer a JSON body, in place of any earlier one. Headers stay.
 *
 * @status: HTTP's
 * @json: (transfer full): what to send
 */
void sandbox_answer_take_json(SandboxAnswer *answer, unsigned int status, json_t *json);

/**
 * Gives an answer the body of an API error.
 *
 * @status: HTTP's
 * @code: the API's word for it, "flattr_once"
 * @description: a sentence for people
 */
void sandbox_answer_set_error(SandboxAnswer *answer, unsigned int status, const char *code, const char *description);

/** The same, with the address of the page that explains it; static. */
void sandbox_answer_set_error_at(SandboxAnswer *answer, unsigned int status, const char *code, const char *description,
                                 const char *uri);

/** Answers that something was done, without words: the type of JSON, and no body. */
void sandbox_answer_set_done(SandboxAnswer *answer, unsigned int status);

/** Gives an answer a text body of a static content type; the text is copied. */
void sandbox_answer_set_text(SandboxAnswer *answer, unsigned int status, const char *type, const char *text);

/** As sandbox_answer_take_json(), with a static content type other than JSON's own. */
void sandbox_answer_take_json_as(SandboxAnswer *answer, unsigned int status, const char *type, json_t *json);

/** Answers {"message","description"}, as the API does where there is nothing else to tell. */
void sandbox_answer_set_message(SandboxAnswer *answer, unsigned int status, const char *message,
                                const char *description);

/** Takes an answer's body and type away. */
void sandbox_answer_set_empty(SandboxAnswer *answer, unsigned int status);

/** Adds a header; both texts are copied. */
void sandbox_answer_add_header(SandboxAnswer *answer, const char *name, const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxAnswer, sandbox_answer_free)

/*
 * Reads application/x-www-form-urlencoded text: request bodies and the query of an auto-submit URL. Pure; any thread.
 */

/**
 * Reads "name=value&…" into a table. "+" and "%XX" are decoded; of a name that comes twice the last value stays.
 *
 * @text: the encoded text, need not end in NUL
 * @length: its bytes
 *
 * Returns: (transfer full): names to values, both owned by the table; NULL when a name or a value is not UTF-8 or holds
 * a NUL, or a "%" is not followed by two hexadecimal digits.
 */
GHashTable *sandbox_form_read(const char *text, gsize length);

/** How long a request's body may be, in bytes; a longer one is answered 413. */
#define SANDBOX_BODY_MAX ((gsize)64 * 1024)

/** What a path may capture: "/users/:username" captures one. */
#define SANDBOX_CAPTURES_MAX 1

/** The parts of the server, each with paths of its own. */
typedef enum {
    SANDBOX_AREA_API,     /* below /rest/v2 */
    SANDBOX_AREA_OAUTH,   /* below /oauth */
    SANDBOX_AREA_CONTROL, /* below /_sandbox */
    SANDBOX_AREA_NONE,    /* anything else: the pages for people */
} SandboxArea;

/** The forms that an answer can have. */
typedef enum {
    SANDBOX_FORM_NONE, /* none is asked for by the path's suffix */
    SANDBOX_FORM_JSON,
    SANDBOX_FORM_XML,
    SANDBOX_FORM_YAML,
    SANDBOX_FORM_TEXT,   /* a list as lines, ".txt" */
    SANDBOX_FORM_STREAM, /* an activity stream as JSON, ".as" */
    SANDBOX_FORM_ATOM,   /* an activity stream as an Atom feed, ".atom" */
    SANDBOX_FORM_OTHER,  /* one that is not to be had */
} SandboxForm;

typedef struct {
    /* What came in: set by the server. */
    char *method;
    SandboxArea area;
    char *path;          /* relative to the area, with a slash in front, none behind and no format suffix */
    SandboxForm form;    /* that the suffix asks for */
    char *accept;        /* the header; NULL without one */
    char *authorization; /* the header; NULL without one */
    char *cookies;       /* the header; NULL without one */
    char *host;          /* the header; NULL without one */
    char *origin;        /* the header; NULL without one */
    gboolean from_page;  /* a browser sends it from some page: it says so by Origin, Referer or Sec-Fetch-Site */
    char *address;       /* the client's, without port */
    GHashTable *query;   /* name to value */

    /* The body: set by sandbox_body_read(). */
    GHashTable *fields;       /* name to value, of a form or of a JSON object's plain members */
    json_t *json;             /* the JSON object; NULL when the body is a form or empty */
    const char *body_problem; /* why the body cannot be read; NULL when it can */
    gboolean body_too_long;

    /* Found out on the way: set by the service. */
    char *captures[SANDBOX_CAPTURES_MAX];
    SandboxUser *user;  /* whose token it is; NULL without a token */
    char *scopes;       /* of the token, separated by spaces; NULL without one */
    gint64 now;         /* seconds since the epoch, by the sandbox's clock */
    SandboxForm formed; /* that the answer has; SANDBOX_FORM_OTHER: JSON, since none was acceptable */
} SandboxRequest;

/**
 * Makes a request of what the server knows before the body.
 *
 * @method: "GET" and so on
 * @path: the whole decoded path; bytes that are not UTF-8 are replaced
 *
 * Returns: (transfer full): the request, with empty @query and @fields.
 */
SandboxRequest *sandbox_request_new(const char *method, const char *path);
void sandbox_request_free(SandboxRequest *request);

/**
 * Reads a body into @fields and @json, or sets @body_problem.
 *
 * @request: changed
 * @type: the Content-Type header, or NULL
 * @bytes: the body, need not end in NUL
 * @length: its bytes
 */
void sandbox_body_read(SandboxRequest *request, const char *type, const char *bytes, gsize length);

/** Reads a parameter of the query: NULL when it is absent or empty. */
const char *sandbox_request_get_parameter(const SandboxRequest *request, const char *name);

/**
 * Reads a field of the body.
 *
 * @value: set to the text, which belongs to @request; to NULL when the field is absent or null
 *
 * Returns: FALSE when the field is there, but is a list, an object or a fraction.
 */
gboolean sandbox_request_get_field(const SandboxRequest *request, const char *name, const char **value);

/** Reads a number in a path: the first capture. Returns 0 when it is none, or not above 0. */
gint64 sandbox_request_get_id(const SandboxRequest *request);

/** Tells whether the query asks for full objects instead of small ones. */
gboolean sandbox_request_wants_full(const SandboxRequest *request);

/**
 * Finds who lists may show hidden things to, their own that is: the token's user, if the token has the scope for it.
 *
 * Returns: the user's id, or 0 for nobody.
 */
gint64 sandbox_request_viewer(const SandboxRequest *request);

/** Returns the bearer token of the Authorization header, which belongs to @request; NULL when it has none. */
const char *sandbox_request_token(const SandboxRequest *request);

/** Returns who the rate limit counts the request for, by a text that belongs to @request. */
const char *sandbox_request_client(const SandboxRequest *request);

/**
 * Reads the JSON object of a control call by a format of jansson's.
 *
 * @answer: gets the 400 when there is no object, or it does not fit
 *
 * Returns: whether it fits.
 */
gboolean sandbox_request_read_object(const SandboxRequest *request, SandboxAnswer *answer, const char *format, ...);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxRequest, sandbox_request_free)

/*
 * The parameters "count" and "page" that every list takes.
 */

typedef struct {
    gint64 count; /* how many on a page */
    gint64 page;  /* from 1; a client that asks for page 0 means the first */
    gint64 skip;  /* how many are on the pages before */
} SandboxPaging;

/**
 * Reads the parameters; the first 30 where there are none or they are empty. A count over the maximum is the maximum.
 *
 * @paging: set on success
 * @answer: gets invalid_parameters when one is no number from 1 on; page may be 0
 *
 * Returns: whether both can be used.
 */
gboolean sandbox_paging_read(const SandboxRequest *request, SandboxPaging *paging, SandboxAnswer *answer);
