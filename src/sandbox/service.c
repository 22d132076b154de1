/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/service.h"

#include "base/clock.h"
#include "sandbox/request.h"

#include <string.h>

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

#define SESSIONS_MAX 1000

struct SandboxSessions {
    GHashTable *sessions; /* name to SandboxSession, which owns the name */
    guint64 uses;
};

static void
free_session(gpointer data)
{
    SandboxSession *session = data;

    g_free(session->name);
    g_free(session->form_token);
    g_free(session->user);
    g_free(session);
}

SandboxSessions *
sandbox_sessions_new(void)
{
    SandboxSessions *sessions = g_new0(SandboxSessions, 1);

    sessions->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_session);
    return sessions;
}

void
sandbox_sessions_free(SandboxSessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_unref(sessions->sessions);
    g_free(sessions);
}

SandboxSession *
sandbox_sessions_find(SandboxSessions *sessions, const char *cookies)
{
    g_auto(GStrv) pairs = g_strsplit(cookies ? cookies : "", ";", -1);
    SandboxSession *session = NULL;

    for (char **pair = pairs; *pair && !session; pair++) {
        const char *text = g_strstrip(*pair);
        if (g_str_has_prefix(text, SANDBOX_SESSION_COOKIE "="))
            session = g_hash_table_lookup(sessions->sessions, text + strlen(SANDBOX_SESSION_COOKIE "="));
    }
    if (session)
        session->used = ++sessions->uses;
    return session;
}

static void
forget_oldest(SandboxSessions *sessions)
{
    GHashTableIter iterator;
    gpointer value;
    SandboxSession *oldest = NULL;

    g_hash_table_iter_init(&iterator, sessions->sessions);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        SandboxSession *session = value;
        if (!oldest || session->used < oldest->used)
            oldest = session;
    }
    if (oldest)
        sandbox_sessions_remove(sessions, oldest);
}

SandboxSession *
sandbox_sessions_add(SandboxSessions *sessions, const char *user)
{
    SandboxSession *session = g_new0(SandboxSession, 1);

    if (g_hash_table_size(sessions->sessions) >= SESSIONS_MAX)
        forget_oldest(sessions);
    session->name = sandbox_secret_new();
    session->form_token = sandbox_secret_new();
    session->user = g_strdup(user);
    session->used = ++sessions->uses;
    g_hash_table_insert(sessions->sessions, session->name, session);
    return session;
}

void
sandbox_sessions_remove(SandboxSessions *sessions, SandboxSession *session)
{
    g_hash_table_remove(sessions->sessions, session->name);
}

#define CODE_SECONDS 600

struct SandboxCodes {
    GHashTable *codes; /* name to SandboxCode */
    GHashTable *used;  /* the same, of those that a token was given for */
};

void
sandbox_code_free(SandboxCode *code)
{
    if (!code)
        return;
    g_free(code->user);
    g_free(code->client_id);
    g_free(code->redirect_uri);
    g_free(code->scopes);
    g_free(code->challenge);
    g_free(code->token);
    g_free(code);
}

static void
free_value(gpointer code)
{
    sandbox_code_free(code);
}

SandboxCodes *
sandbox_codes_new(void)
{
    SandboxCodes *codes = g_new0(SandboxCodes, 1);

    codes->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
    codes->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
    return codes;
}

void
sandbox_codes_free(SandboxCodes *codes)
{
    if (!codes)
        return;
    g_hash_table_unref(codes->codes);
    g_hash_table_unref(codes->used);
    g_free(codes);
}

static gboolean
is_old(gpointer name, gpointer code, gpointer now)
{
    (void)name;
    return ((const SandboxCode *)code)->end <= *(const gint64 *)now;
}

char *
sandbox_codes_add(SandboxCodes *codes, const SandboxCode *wanted, gint64 now)
{
    char *name = sandbox_secret_new();
    SandboxCode *code = g_new0(SandboxCode, 1);

    g_hash_table_foreach_remove(codes->codes, is_old, &now);
    g_hash_table_foreach_remove(codes->used, is_old, &now);
    code->user = g_strdup(wanted->user);
    code->client_id = g_strdup(wanted->client_id);
    code->redirect_uri = g_strdup(wanted->redirect_uri);
    code->scopes = g_strdup(wanted->scopes);
    code->challenge = g_strdup(wanted->challenge);
    code->end = now + CODE_SECONDS;
    g_hash_table_insert(codes->codes, g_strdup(name), code);
    return name;
}

SandboxCode *
sandbox_codes_take(SandboxCodes *codes, const char *name, const char *redirect_uri, gint64 now)
{
    gpointer key = NULL, value = NULL;

    if (!name || !g_hash_table_steal_extended(codes->codes, name, &key, &value))
        return NULL;
    g_free(key);
    g_autoptr(SandboxCode) code = value;
    gboolean fits = now < code->end && g_strcmp0(redirect_uri, code->redirect_uri) == 0;
    return fits ? g_steal_pointer(&code) : NULL;
}

void
sandbox_codes_add_used(SandboxCodes *codes, const char *name, SandboxCode *code, const char *token)
{
    code->token = g_strdup(token);
    g_hash_table_insert(codes->used, g_strdup(name), code);
}

const char *
sandbox_codes_find_used(const SandboxCodes *codes, const char *name)
{
    const SandboxCode *code = name ? g_hash_table_lookup(codes->used, name) : NULL;

    return code ? code->token : NULL;
}

#define HOUR 3600

SandboxService *
sandbox_service_new(SandboxStore *store, const char *user, gint64 rate_limit)
{
    SandboxService *service = g_new0(SandboxService, 1);

    g_mutex_init(&service->lock);
    g_cond_init(&service->woken);
    service->store = store;
    service->rates = sandbox_rate_limit_new(rate_limit, HOUR);
    service->faults = sandbox_faults_new();
    service->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    service->codes = sandbox_codes_new();
    service->sessions = sandbox_sessions_new();
    service->hooks = sandbox_hooks_new();
    service->user = g_strdup(user);
    return service;
}

void
sandbox_service_free(SandboxService *service)
{
    if (!service)
        return;
    sandbox_store_close(service->store);
    sandbox_rate_limit_free(service->rates);
    sandbox_faults_free(service->faults);
    g_hash_table_unref(service->counts);
    sandbox_codes_free(service->codes);
    sandbox_sessions_free(service->sessions);
    sandbox_hooks_free(service->hooks);
    g_free(service->user);
    g_free(service->base);
    g_mutex_clear(&service->lock);
    g_cond_clear(&service->woken);
    g_free(service);
}

gint64
sandbox_service_now(const SandboxService *service)
{
    return pf_clock_now() + service->clock_offset;
}

gboolean
sandbox_service_wait(SandboxService *service, double seconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    gboolean waited;

    g_mutex_lock(&service->lock);
    guint delays_ended = service->delays_ended;
    while (!service->stopping && service->delays_ended == delays_ended &&
           g_cond_wait_until(&service->woken, &service->lock, end))
        ;
    waited = !service->stopping;
    g_mutex_unlock(&service->lock);
    return waited;
}

void
sandbox_service_end_delays(SandboxService *service)
{
    service->delays_ended++;
    g_cond_broadcast(&service->woken);
}

void
sandbox_service_stop(SandboxService *service)
{
    g_mutex_lock(&service->lock);
    service->stopping = TRUE;
    g_cond_broadcast(&service->woken);
    g_mutex_unlock(&service->lock);
}
