/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/arrival.h"

static const char *const state_names[PF_ARRIVAL_STATES] = {
    [PF_ARRIVAL_NEW] = "new",         [PF_ARRIVAL_WAITING] = "waiting", [PF_ARRIVAL_UNMATCHED] = "unmatched",
    [PF_ARRIVAL_MATCHED] = "matched", [PF_ARRIVAL_REFUSED] = "refused",
};

PfArrival *
pf_arrival_new(void)
{
    PfArrival *arrival = g_new0(PfArrival, 1);

    arrival->size = -1;
    arrival->progress = -1;
    return arrival;
}

void
pf_arrival_free(PfArrival *arrival)
{
    if (!arrival)
        return;
    g_free(arrival->path);
    g_free(arrival->former);
    g_free(arrival->feed);
    g_free(arrival->enclosure);
    g_free(arrival->guid);
    g_free(arrival->title);
    g_free(arrival->payment);
    g_free(arrival->reason);
    g_free(arrival->candidates);
    g_free(arrival);
}

const char *
pf_arrival_state_name(PfArrivalState state)
{
    return state_names[state];
}
