/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sending side of the service: keeps the send loop (queue/send_loop.h) going with the settings and the token of the
 * moment, makes a new one when these change, and starts it again when the store has failed. Everything happens on the
 * thread's default main context. The caller holds the sender's lock.
 */
#pragma once

#include "config/app.h"
#include "queue/queue.h"

typedef struct PfSendService PfSendService;

typedef struct {
    PfQueue *queue;
    const PfApp *app;                                     /* read again at each pf_send_service_restart() */
    void (*sent)(gpointer data);                          /* a run has ended: counts and gate may have changed */
    void (*ended)(gpointer data);                         /* pf_send_service_stop() is done */
    void (*failed)(const GError *failure, gpointer data); /* the store failed; it is tried again unless stopped */
    gpointer data;
} PfSendServiceSettings;

/** Makes one and begins to send. */
PfSendService *pf_send_service_new(const PfSendServiceSettings *settings);

/** Frees it; it must have ended. */
void pf_send_service_free(PfSendService *service);

/** Says that the queue has changed: what is due is sent. A token that has changed is taken up. */
void pf_send_service_wake(PfSendService *service);

/** Takes up changed settings, once what is under way has been answered. */
void pf_send_service_restart(PfSendService *service);

/** Ends it in order: what is under way gets some seconds, then `ended` is called. */
void pf_send_service_stop(PfSendService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSendService, pf_send_service_free)
