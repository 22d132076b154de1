/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/syncing.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/url.h"
#include "net/http.h"
#include "net/multi.h"
#include "queue/play_record.h"
#include "sources/play.h"
#include "sources/subscriptions.h"
#include "sources/sync_server.h"

/* More devices than anybody has: each is a request. */
#define MOST_DEVICES 32

/* Some servers go by when a piece was played, not by when they learnt of it, and a phone may have been without a
 * network: so far back, seconds, is asked each time. What was told before is recognized. */
#define OVERLAP ((gint64)7 * 86400)

struct PfSyncing {
    PfQueue *queue;
    const char *state_dir;
    PfMulti *multi; /* NULL until something was asked */

    /* while an answer is waited for */
    PfSyncServer server; /* name NULL when none is */
    char *contact;
    gboolean wants_feeds;
    PfCredentialsLoad *loading;
    char *password;
    PfHttp *http;
    GString *body;
    GPtrArray *devices; /* of char *: still to be asked */
    GPtrArray *feeds;   /* of char * */
    gboolean (*take)(PfSyncing *syncing, GError **error);
    PfPlayRecord record;
    PfSyncingResult result;
    PfSyncingDone done;
    gpointer data;
};

/* --- one request --- */

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    GString *body = data;

    if (body->len + size * count > (gsize)PF_SYNC_MAX_BYTES)
        return 0;
    g_string_append_len(body, bytes, (gssize)(size * count));
    return size * count;
}

/* Returns: (transfer full): a transfer into @body that goes with the password. */
static PfHttp *
make_request(const PfSyncServer *server, const char *password, const char *contact, const char *url, GString *body)
{
    g_autofree char *whole = pf_url_join(url, server->user, password);
    PfHttp *http = pf_http_new(whole, PF_SYNC_MAX_BYTES);
    CURL *handle = pf_http_get_handle(http);

    pf_http_set_contact(http, contact);
    pf_http_set_last(http, TRUE);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
    g_string_truncate(body, 0);
    return http;
}

/* Sets @error for a transfer that has failed. */
static void
explain(const PfSyncServer *server, PfHttp *http, CURLcode code, GError **error)
{
    long status = pf_http_get_status(http);
    g_autofree char *words = pf_http_explain(http, code);

    if (status == 401 || status == 403)
        g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_REFUSED,
                    _("%s: the server refuses the user or the password; run 'podflattr login --sync'"), server->name);
    else if (status == 404)
        g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_FAILED,
                    _("%s: the server has nothing there (404); check the address and the user"), server->name);
    else
        g_set_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_FAILED, "%s: %s", server->name, words);
}

/* --- one round --- */

static void
clear_round(PfSyncing *syncing)
{
    pf_credentials_load_abandon(g_steal_pointer(&syncing->loading));
    if (syncing->http) {
        pf_multi_remove(syncing->multi, pf_http_get_handle(syncing->http));
        g_clear_pointer(&syncing->http, pf_http_free);
    }
    pf_sync_server_clear(&syncing->server);
    pf_play_record_clear(&syncing->record);
    g_clear_pointer(&syncing->contact, g_free);
    g_clear_pointer(&syncing->password, g_free);
    g_clear_pointer(&syncing->devices, g_ptr_array_unref);
    g_clear_pointer(&syncing->feeds, g_ptr_array_unref);
    if (syncing->body)
        g_string_free(g_steal_pointer(&syncing->body), TRUE);
}

static gboolean
save_record(PfSyncing *syncing, const GPtrArray *plays, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(syncing->queue, error);

    return transaction &&
           (!plays || pf_play_record_take(syncing->queue, syncing->server.name, &syncing->record, plays,
                                          syncing->record.asked, &syncing->result.added, error)) &&
           pf_play_record_save(syncing->queue, syncing->server.name, &syncing->record, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* Ends a round. @failure: NULL when it went well */
static void
finish(PfSyncing *syncing, const GError *failure)
{
    PfPlayRecord *record = &syncing->record;
    g_autoptr(GError) unwritten = NULL;

    if (failure) {
        if (g_strcmp0(record->fault, failure->message) != 0)
            g_message(_("%s; retrying later"), failure->message);
        record->failures++;
        g_free(record->fault);
        record->fault = g_strdup(failure->message);
        if (!save_record(syncing, NULL, &unwritten))
            g_info("%s", unwritten->message);
    }
    syncing->result.failures = record->failures;
    const PfSyncingResult result = syncing->result;
    clear_round(syncing);
    syncing->done(&result, syncing->data);
}

static void answered(CURL *handle, CURLcode code, gpointer data);

static void
ask(PfSyncing *syncing, const char *url, gboolean (*take)(PfSyncing *syncing, GError **error))
{
    syncing->take = take;
    syncing->http = make_request(&syncing->server, syncing->password, syncing->contact, url, syncing->body);
    pf_multi_add(syncing->multi, pf_http_get_handle(syncing->http), answered, syncing);
}

static void
answered(CURL *handle, CURLcode code, gpointer data)
{
    PfSyncing *syncing = data;
    g_autoptr(GError) failure = NULL;

    if (code == CURLE_OK && pf_http_follow(syncing->http)) {
        g_string_truncate(syncing->body, 0);
        pf_multi_add(syncing->multi, handle, answered, syncing);
        return;
    }
    g_autoptr(PfHttp) http = g_steal_pointer(&syncing->http);
    if (code != CURLE_OK || pf_http_is_refused(http) || pf_http_is_redirect(http)) {
        syncing->result.retry_after = pf_http_get_retry_after(http);
        explain(&syncing->server, http, code, &failure);
    } else if (syncing->take(syncing, &failure)) {
        return;
    }
    finish(syncing, failure);
}

/* --- what was played --- */

/* Who can name any address is not to have machines of the user's own network asked for, unless it is one of these. */
static gboolean
may_name(const PfSyncing *syncing, const char *address)
{
    g_autofree char *own = pf_url_dup_host(syncing->server.base);
    g_autofree char *host = pf_url_dup_host(address);

    return pf_http_is_private_name(own) || !pf_http_is_private_name(host);
}

static gboolean
take_plays(PfSyncing *syncing, GError **error)
{
    g_autoptr(GPtrArray) plays = pf_play_list_new();
    PfPlayRecord *record = &syncing->record;
    gint64 first = record->first, since = record->since;
    gint64 now = pf_clock_now();

    if (!pf_sync_read_plays(syncing->body->str, syncing->body->len, plays, &record->since, error))
        return FALSE;
    for (guint i = plays->len; i > 0; i--)
        if (!may_name(syncing, ((PfPlay *)plays->pdata[i - 1])->feed))
            g_ptr_array_remove_index(plays, i - 1);
    record->asked = now;
    record->failures = 0;
    g_clear_pointer(&record->fault, g_free);
    /* What was played before it was first asked is old, by whatever clock. */
    if (first == 0)
        record->first = now;
    if (!save_record(syncing, plays, error)) {
        /* finish() writes the record: what could not be kept has to be asked for again. */
        record->first = first;
        record->since = since;
        return FALSE;
    }
    finish(syncing, NULL);
    return TRUE;
}

static gboolean
ask_plays(PfSyncing *syncing)
{
    const PfPlayRecord *record = &syncing->record;
    gint64 since = record->first ? MAX(record->first, record->since - OVERLAP) : pf_clock_now();
    g_autofree char *url = pf_sync_server_dup_plays(&syncing->server, since);

    ask(syncing, url, take_plays);
    return TRUE;
}

/* --- subscriptions --- */

/* Writes the list where it has changed: who follows it reads it then. */
static gboolean
save_feeds(PfSyncing *syncing, GError **error)
{
    g_autofree char *path = pf_subscriptions_dup_sync_list(syncing->state_dir);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *before = NULL;

    for (guint i = 0; i < syncing->feeds->len; i++)
        if (may_name(syncing, syncing->feeds->pdata[i]))
            g_string_append_printf(text, "%s\n", (char *)syncing->feeds->pdata[i]);
    if (g_file_get_contents(path, &before, NULL, NULL) && g_str_equal(before, text->str))
        return TRUE;
    return pf_private_file_write(path, text->str, error);
}

static gboolean ask_feeds(PfSyncing *syncing, GError **error);

static gboolean
take_feeds(PfSyncing *syncing, GError **error)
{
    return pf_sync_read_feeds(syncing->body->str, syncing->body->len, syncing->feeds, error) &&
           ask_feeds(syncing, error);
}

/* Asks for the next device's; after the last, what was played. */
static gboolean
ask_feeds(PfSyncing *syncing, GError **error)
{
    if (syncing->devices->len == 0)
        return save_feeds(syncing, error) && ask_plays(syncing);
    g_autofree char *device = g_ptr_array_steal_index(syncing->devices, 0);
    g_autofree char *url = pf_sync_server_dup_feeds(&syncing->server, device);
    ask(syncing, url, take_feeds);
    return TRUE;
}

static gboolean
take_devices(PfSyncing *syncing, GError **error)
{
    if (!pf_sync_read_devices(syncing->body->str, syncing->body->len, syncing->devices, error))
        return FALSE;
    g_ptr_array_set_size(syncing->devices, (int)MIN(syncing->devices->len, MOST_DEVICES));
    return ask_feeds(syncing, error);
}

static void
ask_first(PfSyncing *syncing)
{
    g_autofree char *devices = pf_sync_server_dup_devices(&syncing->server);
    g_autofree char *feeds = devices ? NULL : pf_sync_server_dup_feeds(&syncing->server, NULL);

    if (!syncing->wants_feeds)
        ask_plays(syncing);
    else if (devices)
        ask(syncing, devices, take_devices);
    else
        ask(syncing, feeds, take_feeds);
}

/* --- beginning --- */

static void
loaded(const char *name, char *password, const GError *error, gpointer data)
{
    PfSyncing *syncing = data;
    g_autoptr(GError) failure = error ? g_error_copy(error) : NULL;

    (void)name;
    syncing->loading = NULL;
    syncing->password = password;
    if (!failure && !password)
        g_set_error(&failure, PF_SYNC_ERROR, PF_SYNC_ERROR_REFUSED,
                    _("%s: its password is not known; run 'podflattr login --sync'"), syncing->server.name);
    if (failure)
        finish(syncing, failure);
    else
        ask_first(syncing);
}

gboolean
pf_syncing_is_busy(const PfSyncing *syncing)
{
    return syncing && syncing->server.name;
}

PfCredentials
pf_syncing_get_credentials(const PfConfig *config, const char *state_dir, const char *name)
{
    return (PfCredentials){
        .store = (PfTokenStore)config->token_store, .state_dir = state_dir, .endpoint = name, .is_password = TRUE};
}

void
pf_syncing_begin(PfSyncing *syncing, const PfConfig *config, PfSyncingDone done, gpointer data)
{
    /* What is wrong with the setting is reported by pf_settings_check(), and with the store by all others. */
    if (!*config->sync || pf_syncing_is_busy(syncing) || !pf_sync_server_parse(config->sync, &syncing->server, NULL))
        return;
    if (!pf_play_record_load(syncing->queue, syncing->server.name, &syncing->record, NULL)) {
        clear_round(syncing);
        return;
    }
    syncing->record.asked = pf_clock_now();
    if (!syncing->multi)
        syncing->multi = pf_multi_new();
    syncing->contact = g_strdup(config->contact);
    syncing->wants_feeds = g_strv_contains((const char *const *)config->subscriptions, PF_SYNC_NAME);
    syncing->body = g_string_new(NULL);
    syncing->devices = g_ptr_array_new_with_free_func(g_free);
    syncing->feeds = g_ptr_array_new_with_free_func(g_free);
    syncing->result = (PfSyncingResult){0};
    syncing->done = done;
    syncing->data = data;
    const PfCredentials credentials = pf_syncing_get_credentials(config, syncing->state_dir, syncing->server.name);
    syncing->loading = pf_credentials_load_begin(&credentials, loaded, syncing);
}

gboolean
pf_syncing_load(PfQueue *queue, const PfConfig *config, gint64 *asked, gint64 *failures, GError **error)
{
    g_auto(PfSyncServer) server = {0};
    g_auto(PfPlayRecord) record = {0};

    *asked = *failures = 0;
    if (!*config->sync || !pf_sync_server_parse(config->sync, &server, NULL))
        return TRUE;
    if (!pf_play_record_load(queue, server.name, &record, error))
        return FALSE;
    *asked = record.asked;
    *failures = record.failures;
    return TRUE;
}

gboolean
pf_syncing_note_login(PfQueue *queue, const PfConfig *config, GError **error)
{
    g_auto(PfSyncServer) server = {0};
    g_auto(PfPlayRecord) record = {0};

    if (!pf_sync_server_parse(config->sync, &server, error))
        return FALSE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    if (!transaction || !pf_play_record_load(queue, server.name, &record, error))
        return FALSE;
    record.asked = record.failures = 0;
    g_clear_pointer(&record.fault, g_free);
    return pf_play_record_save(queue, server.name, &record, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

gboolean
pf_syncing_try(const PfConfig *config, const char *password, guint *devices, GError **error)
{
    g_auto(PfSyncServer) server = {0};
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) body = g_string_new(NULL);

    *devices = 0;
    if (!pf_sync_server_parse(config->sync, &server, error))
        return FALSE;
    g_autofree char *listed = pf_sync_server_dup_devices(&server);
    g_autofree char *url = listed ? g_strdup(listed) : pf_sync_server_dup_feeds(&server, NULL);
    g_autoptr(PfHttp) http = make_request(&server, password, config->contact, url, body);
    CURLcode code = curl_easy_perform(pf_http_get_handle(http));
    while (code == CURLE_OK && pf_http_follow(http)) {
        g_string_truncate(body, 0);
        code = curl_easy_perform(pf_http_get_handle(http));
    }
    if (code != CURLE_OK || pf_http_is_refused(http) || pf_http_is_redirect(http)) {
        explain(&server, http, code, error);
        return FALSE;
    }
    if (!(listed ? pf_sync_read_devices : pf_sync_read_feeds)(body->str, body->len, found, error))
        return FALSE;
    *devices = found->len;
    return TRUE;
}

PfSyncing *
pf_syncing_new(PfQueue *queue, const char *state_dir)
{
    PfSyncing *syncing = g_new0(PfSyncing, 1);

    syncing->queue = queue;
    syncing->state_dir = state_dir;
    return syncing;
}

void
pf_syncing_free(PfSyncing *syncing)
{
    if (!syncing)
        return;
    clear_round(syncing);
    if (syncing->multi)
        pf_multi_free(syncing->multi);
    g_free(syncing);
}
