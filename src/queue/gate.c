/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/gate.h"

#include "base/clock.h"
#include "base/i18n.h"

gint64
pf_backoff_seconds(guint tries, gint64 first, gint64 cap, double random)
{
    gint64 bound = first;

    while (tries-- > 0 && bound < cap)
        bound *= 2;
    bound = MIN(bound, cap);
    return 1 + (gint64)(random * (double)bound) % bound;
}

#define HOUR ((gint64)3600)
#define DAY (24 * HOUR)
#define LONGEST_WAIT (31 * DAY) /* for the month to turn */

/* Means are given out when the month turns; some minutes later the server has done so. */
#define MEANS_AFTER_MONTH ((gint64)600)

static const struct {
    const char *name;
    const char *text;
} reasons[PF_GATE_REASONS] = {
    [PF_GATE_OPEN] = {NULL, ""},
    [PF_GATE_NO_TOKEN] = {"no_token", N_("there is no access token; run 'podflattr login' to get one")},
    [PF_GATE_UNAUTHORIZED] = {"unauthorized",
                              N_("the server refuses the access token; run 'podflattr login' to get a new one")},
    [PF_GATE_INSUFFICIENT_SCOPE] = {"insufficient_scope",
                                    N_("the access token may not flattr; run 'podflattr login' to get one that may")},
    [PF_GATE_NO_MEANS] = {"no_means", N_("your means are used up; add some at the server")},
    [PF_GATE_RATE_LIMIT] = {"rate_limit", N_("the server's hourly limit of requests is reached")},
    [PF_GATE_UNREACHABLE] = {"unreachable", N_("the server cannot be reached, or is not working")},
    [PF_GATE_PAUSED] = {"paused", N_("sending is paused; run 'podflattr queue resume' to continue")},
    [PF_GATE_PER_MONTH] = {"per_month", N_("your own monthly limit of flattrs (per-month) is reached")},
};

const char *
pf_gate_reason_name(PfGateReason reason)
{
    return reasons[reason].name;
}

const char *
pf_gate_reason_text(PfGateReason reason)
{
    return *reasons[reason].text ? _(reasons[reason].text) : "";
}

PfGateReason
pf_gate_reason_from_name(const char *name)
{
    for (PfGateReason reason = PF_GATE_OPEN + 1; reason < PF_GATE_REASONS; reason++)
        if (g_strcmp0(name, reasons[reason].name) == 0)
            return reason;
    return PF_GATE_OPEN;
}

/* The times of a gate that closed in what is now the future are worth nothing: the clock was set back since. Nor is a
 * wait longer than any that is ever given. */
static gboolean
was_set_on_another_clock(const PfGate *gate, gint64 now)
{
    return gate->since > now || gate->next_probe > now + LONGEST_WAIT;
}

PfGatePass
pf_gate_check(const PfGate *gate, gint64 now)
{
    if (gate->reason == PF_GATE_OPEN)
        return PF_GATE_PASS;
    if (gate->next_probe == 0)
        return PF_GATE_SHUT;
    return gate->next_probe <= now || was_set_on_another_clock(gate, now) ? PF_GATE_PROBE : PF_GATE_SHUT;
}

static gint64
next_means_probe(guint probes, gint64 now)
{
    static const gint64 waits[] = {6 * HOUR, 12 * HOUR, DAY};
    gint64 wait = waits[MIN(probes, G_N_ELEMENTS(waits) - 1)];

    return MIN(now + wait, pf_clock_next_month(now) + MEANS_AFTER_MONTH);
}

/* A reset that is missing, has passed or lies days ahead is no help; the documented window is an hour. */
static gint64
next_rate_probe(gint64 reset, gint64 now)
{
    if (reset > now && reset <= now + DAY)
        return reset;
    return reset != 0 && reset <= now ? now + 60 : now + HOUR;
}

static gint64
next_probe(PfGateReason reason, guint probes, gint64 now, PfGateHints hints, double random)
{
    switch (reason) {
    case PF_GATE_NO_MEANS:
        return next_means_probe(probes, now);
    case PF_GATE_RATE_LIMIT:
        return next_rate_probe(hints.rate_reset, now);
    case PF_GATE_UNREACHABLE:
        return now + pf_backoff_seconds(probes, 30, HOUR, random);
    case PF_GATE_PER_MONTH:
        return pf_clock_next_month(now);
    default:
        return 0;
    }
}

void
pf_gate_close(PfGate *gate, PfGateReason reason, gint64 now, PfGateHints hints, double random)
{
    if (gate->reason == reason) {
        if (pf_gate_check(gate, now) != PF_GATE_PROBE)
            return;
        gate->probes++;
        gate->since = MIN(gate->since, now);
    } else {
        *gate = (PfGate){.reason = reason, .since = now};
    }
    gate->next_probe = next_probe(reason, gate->probes, now, hints, random);
    /* A wait for the user stays one: no server can shorten it. */
    if (hints.retry_after >= 0 && gate->next_probe != 0)
        gate->next_probe = now + CLAMP(hints.retry_after, 1, DAY);
    /* A server that names a moment, and refuses again then, is asked less and less all the same. */
    if (gate->probes > 0 && gate->next_probe != 0)
        gate->next_probe = MAX(gate->next_probe, now + pf_backoff_seconds(gate->probes - 1, 30, HOUR, random));
}

void
pf_gate_open(PfGate *gate)
{
    *gate = (PfGate){.reason = PF_GATE_OPEN};
}
