/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sending side of the service: keeps the send loop (queue/sender.h) going with the settings and the token of the
 * moment, makes a new one when these change, and starts it again when the store has failed. Everything happens on the
 * thread's default main context. The caller holds the sender's lock.
 */
#pragma once

#include "base/main_loop.h"
#include "config/app.h"
#include "daemon/owner.h"
#include "queue/queue.h"

typedef struct PfSendService PfSendService;

typedef struct {
    PfQueue *queue;
    const PfApp *app;     /* read again at each pf_send_service_restart() */
    PfMainLoop *loop;     /* is quit when pf_send_service_stop() is done */
    const PfOwner *owner; /* is told after each run: counts and gate may have changed */
} PfSendServiceSettings;

/** Makes one and begins to send. */
PfSendService *pf_send_service_new(const PfSendServiceSettings *settings);

/** Frees it; it must have ended. */
void pf_send_service_free(PfSendService *service);

/** Says that the queue has changed: what is due is sent. A token that has changed is taken up. */
void pf_send_service_wake(PfSendService *service);

/** Takes up changed settings, once what is under way has been answered. */
void pf_send_service_restart(PfSendService *service);

/** Asks the server again, whatever the gate is closed for, unless the user has paused. */
void pf_send_service_retry(PfSendService *service);

/** Ends it in order: what is under way gets some seconds, then the main loop is quit. */
void pf_send_service_stop(PfSendService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSendService, pf_send_service_free)
