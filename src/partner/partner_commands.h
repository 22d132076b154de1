/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hands events to the partner's own command: the fields as environment variables, the event as JSON on its standard
 * input, and never through a shell. Some run at once, the others wait in order; one that takes too long is killed with
 * all that it has started. Everything happens on the thread's default main context.
 */
#pragma once

#include "partner/partner_event.h"

/** Commands that run at once, at the most. */
#define PF_PARTNER_COMMANDS_AT_ONCE 4

/** Events that wait, at the most. */
#define PF_PARTNER_COMMANDS_WAITING 1000

typedef struct PfPartnerCommands PfPartnerCommands;

/** Is called when nothing runs and nothing waits any more. */
typedef void (*PfPartnerCommandsIdle)(gpointer data);

/**
 * Makes a runner of a command; nothing runs yet.
 *
 * @argv: the command and its arguments; must outlive it
 * @seconds: how long it may take
 */
PfPartnerCommands *pf_partner_commands_new(const char *const *argv, guint seconds);

/** Frees it: what runs is killed, what waits is dropped, and a message names both. */
void pf_partner_commands_free(PfPartnerCommands *commands);

/**
 * Hands an event over. The command's failures are told by messages.
 *
 * @event: (transfer full)
 *
 * Returns: FALSE when PF_PARTNER_COMMANDS_WAITING events wait already; the event is then gone all the same.
 */
gboolean pf_partner_commands_add_take(PfPartnerCommands *commands, PfPartnerEvent *event);

/** Whether another event would be taken. */
gboolean pf_partner_commands_have_room(const PfPartnerCommands *commands);

/** Has @idle called once everything has been handed over; at once when nothing is left. */
void pf_partner_commands_finish(PfPartnerCommands *commands, PfPartnerCommandsIdle idle, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPartnerCommands, pf_partner_commands_free)
