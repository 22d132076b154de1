/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One answer as the handlers fill it, and the bodies that all of them share: JSON and the API's errors. How it goes out
 * (whole, or spoilt by a fault) is written beside it and done by the server.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

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
