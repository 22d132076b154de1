/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sending side of the service: keeps a runner (queue/runner.h) going with the settings and the token of the moment,
 * makes a new one when these change, and starts it again when the store has failed. Everything happens on the thread's
 * default main context. The caller holds the sender's lock.
 */
#pragma once

#include "config/app.h"
#include "queue/queue.h"

typedef struct PfDispatch PfDispatch;

typedef struct {
    PfQueue *queue;
    const PfApp *app;             /* read anew at each pf_dispatch_renew() */
    void (*sent)(gpointer data);  /* a run has ended: counts and gate may have changed */
    void (*ended)(gpointer data); /* pf_dispatch_stop() is done */
    gpointer data;
} PfDispatchSettings;

/** Makes one and begins to send. */
PfDispatch *pf_dispatch_new(const PfDispatchSettings *settings);

/** Frees it; it must have ended. */
void pf_dispatch_free(PfDispatch *dispatch);

/** Says that the queue has changed: what is due is sent. A token that has changed is taken up. */
void pf_dispatch_nudge(PfDispatch *dispatch);

/** Takes up changed settings, once what is under way has been answered. */
void pf_dispatch_renew(PfDispatch *dispatch);

/** Ends it in order: what is under way gets some seconds, then `ended` is called. */
void pf_dispatch_stop(PfDispatch *dispatch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfDispatch, pf_dispatch_free)
