/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The faults that a test orders: the next N requests to a path go wrong in one of nine ways. A list of orders, served
 * first come, first used up; what a fault does to the answer is here, sending such an answer is the server's work.
 *
 * Not locked: one thread at a time.
 */
#pragma once

#include "sandbox/request.h"

#include <glib.h>

typedef enum {
    SANDBOX_FAULT_STATUS,   /* an answer with the status and headers ordered, empty or an error. Nothing is recorded */
    SANDBOX_FAULT_HTML,     /* a proxy's error page instead of the API's answer. Nothing is recorded */
    SANDBOX_FAULT_TRUNCATE, /* the request is handled AND RECORDED; half of the answer comes, then the connection ends
                             */
    SANDBOX_FAULT_SLOW,     /* the request is handled AND RECORDED; the answer comes byte by byte */
    SANDBOX_FAULT_DELAY,    /* nothing for some seconds, then the request is handled AND RECORDED and answered */
    SANDBOX_FAULT_RESET,    /* the connection is reset (TCP RST). Nothing is recorded */
    SANDBOX_FAULT_LOST_REPLY, /* the request is handled AND RECORDED; the connection ends without an answer */
    SANDBOX_FAULT_REDIRECT,   /* a redirection to another host. Nothing is recorded */
    SANDBOX_FAULT_HUGE,       /* an answer without end, in chunks. Nothing is recorded */
} SandboxFaultKind;

typedef struct {
    char *path; /* relative to the API's endpoint; "*" for any */
    SandboxFaultKind kind;
    gint64 times;       /* how often still */
    int status;         /* of STATUS, HTML and REDIRECT */
    double seconds;     /* of DELAY and SLOW */
    char *error;        /* of STATUS: the API's code that the answer holds; NULL: the answer is empty */
    GPtrArray *headers; /* names and values by turns */
} SandboxFault;

typedef struct SandboxFaults SandboxFaults;

SandboxFaults *sandbox_faults_new(void);
void sandbox_faults_free(SandboxFaults *faults);

/**
 * Adds an order.
 *
 * @order: {"path","kind","times","status","error","seconds","headers"}; only path and kind must be there
 *
 * Returns: NULL; or (transfer full) a sentence on what is wrong with the order, which is then not added.
 */
char *sandbox_faults_add(SandboxFaults *faults, json_t *order);

/** Forgets all orders. */
void sandbox_faults_clear(SandboxFaults *faults);

/**
 * Takes the fault that a request is to meet, and counts it as met.
 *
 * @path: the request's, relative to the API's endpoint
 *
 * Returns: (transfer full): the fault, or NULL.
 */
SandboxFault *sandbox_faults_take(SandboxFaults *faults, const char *path);
void sandbox_fault_unref(SandboxFault *fault);

/** Tells whether a request that meets this fault is handled nevertheless. */
gboolean sandbox_fault_is_handled(const SandboxFault *fault);

/**
 * Spoils an answer.
 *
 * @path: the request's, relative to the API's endpoint
 * @answer: the right one when sandbox_fault_is_handled(), else empty
 */
void sandbox_fault_apply(const SandboxFault *fault, const char *path, SandboxAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxFaults, sandbox_faults_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxFault, sandbox_fault_unref)
