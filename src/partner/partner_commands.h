/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hands events to the partner's own command: the fields as environment variables, the event as JSON on its standard
 * input, and never through a shell. Some run at once, the others wait in order; one that takes too long is killed with
 * all that it has started. An event is in the store until its command has ended with exit status 0, and its command is
 * run again until then: so it is handed over at least once, and may be twice. Everything happens on the thread's
 * default main context.
 */
#pragma once

#include "partner/partner_event.h"
#include "partner/partner_store.h"

/** Commands that run at once, at the most. */
#define PF_PARTNER_COMMANDS_AT_ONCE 4

/** Events that wait, at the most. */
#define PF_PARTNER_COMMANDS_WAITING 1000

typedef struct PfPartnerCommands PfPartnerCommands;

/** Is called when nothing runs and nothing waits for its turn any more. */
typedef void (*PfPartnerCommandsIdle)(gpointer data);

/**
 * Makes a runner of a command; nothing runs yet.
 *
 * @argv: the command and its arguments; must outlive it
 * @seconds: how long it may take
 * @store: where the events are; must outlive it
 */
PfPartnerCommands *pf_partner_commands_new(const char *const *argv, guint seconds, PfPartnerStore *store);

/** Frees it: what runs is killed; what was not dealt with stays in the store, and a message says how much. */
void pf_partner_commands_free(PfPartnerCommands *commands);

/**
 * Hands an event over. The command's failures are told by messages.
 *
 * @event: (transfer full)
 * @name: (transfer full): what the store calls it
 */
void pf_partner_commands_add_take(PfPartnerCommands *commands, PfPartnerEvent *event, char *name);

/** Whether fewer than PF_PARTNER_COMMANDS_WAITING events wait, those that failed among them. */
gboolean pf_partner_commands_have_room(const PfPartnerCommands *commands);

/** Runs the commands that failed again, now. */
void pf_partner_commands_retry(PfPartnerCommands *commands);

/** Has @idle called once everything was handed over or has failed; at once when nothing is left. */
void pf_partner_commands_finish(PfPartnerCommands *commands, PfPartnerCommandsIdle idle, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPartnerCommands, pf_partner_commands_free)
