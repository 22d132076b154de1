/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/rate_limit.h"

/* Beyond so many clients those whose window is over are forgotten. */
#define CLIENTS_MANY 4096

typedef struct {
    gint64 begin; /* seconds since the epoch */
    gint64 current;
} Window;

struct SandboxRateLimit {
    gint64 limit;
    gint64 window;
    GHashTable *clients; /* name to Window */
};

SandboxRateLimit *
sandbox_rate_limit_new(gint64 limit, gint64 window)
{
    SandboxRateLimit *rates = g_new0(SandboxRateLimit, 1);

    rates->clients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sandbox_rate_limit_set(rates, limit, window);
    return rates;
}

void
sandbox_rate_limit_free(SandboxRateLimit *rates)
{
    if (!rates)
        return;
    g_hash_table_unref(rates->clients);
    g_free(rates);
}

void
sandbox_rate_limit_set(SandboxRateLimit *rates, gint64 limit, gint64 window)
{
    rates->limit = limit;
    rates->window = window;
    g_hash_table_remove_all(rates->clients);
}

/* A clock that was turned back ends a window too: it would otherwise last for as long as it was turned. */
static gboolean
is_over(const SandboxRateLimit *rates, const Window *window, gint64 now)
{
    return now < window->begin || now - window->begin >= rates->window;
}

static void
forget_old(SandboxRateLimit *rates, gint64 now)
{
    GHashTableIter iterator;
    gpointer window;

    g_hash_table_iter_init(&iterator, rates->clients);
    while (g_hash_table_iter_next(&iterator, NULL, &window)) {
        if (is_over(rates, window, now))
            g_hash_table_iter_remove(&iterator);
    }
}

static Window *
get_window(SandboxRateLimit *rates, const char *client, gint64 now)
{
    Window *window = g_hash_table_lookup(rates->clients, client);

    if (!window) {
        if (g_hash_table_size(rates->clients) >= CLIENTS_MANY)
            forget_old(rates, now);
        window = g_new0(Window, 1);
        window->begin = now;
        g_hash_table_insert(rates->clients, g_strdup(client), window);
    } else if (is_over(rates, window, now)) {
        window->begin = now;
        window->current = 0;
    }
    return window;
}

static SandboxRate
describe(const SandboxRateLimit *rates, gint64 current, gint64 begin)
{
    return (SandboxRate){
        .limit = rates->limit,
        .remaining = rates->limit - current,
        .current = current,
        .reset = begin + rates->window,
    };
}

SandboxRate
sandbox_rate_limit_peek(SandboxRateLimit *rates, const char *client, gint64 now)
{
    const Window *window = g_hash_table_lookup(rates->clients, client);

    if (!window || is_over(rates, window, now))
        return describe(rates, 0, now);
    return describe(rates, window->current, window->begin);
}

gboolean
sandbox_rate_limit_take(SandboxRateLimit *rates, const char *client, gint64 now, SandboxRate *rate)
{
    Window *window = get_window(rates, client, now);
    gboolean may = window->current < rates->limit;

    if (may)
        window->current++;
    *rate = describe(rates, window->current, window->begin);
    return may;
}
