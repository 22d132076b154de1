/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/i18n.h"
#include "flattr/private.h"
#include <curl/curl.h>
#include <string.h>

static gboolean
is_url_without_fragment(const char *text)
{
    CURLU *url = curl_url();
    gboolean is_url = url && !strchr(text, '#') && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;

    curl_url_cleanup(url);
    return is_url;
}

char *
flattr_oauth_dup_authorize_url(const char *authorize, const char *client_id, const char *redirect_uri,
                               const char *scope, const char *state, GError **error)
{
    g_return_val_if_fail(authorize && client_id && state, NULL);
    const char *const parameters[][2] = {{"response_type", "code"},
                                         {"client_id", client_id},
                                         {"redirect_uri", redirect_uri},
                                         {"scope", scope},
                                         {"state", state}};

    if (!*state || !is_url_without_fragment(authorize)) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT, "%s",
                    *state ? _("the authorization endpoint is not a URL") : _("the login's state is empty"));
        return NULL;
    }
    g_autoptr(GString) address = g_string_new(authorize);
    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++) {
        if (!parameters[i][1])
            continue;
        g_autofree char *value = g_uri_escape_string(parameters[i][1], NULL, FALSE);
        g_string_append_printf(address, "%c%s=%s", strchr(address->str, '?') ? '&' : '?', parameters[i][0], value);
    }
    return g_strdup(address->str);
}

/* Returns (transfer full) the parameters of an address, or NULL. */
static GHashTable *
read_parameters(const char *address)
{
    CURLU *url = curl_url();
    char *query = NULL;
    GHashTable *parameters = NULL;

    if (url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
        parameters = g_uri_parse_params(query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
    curl_free(query);
    curl_url_cleanup(url);
    return parameters;
}

/* Takes as long wherever the first difference is: who can measure that must not find out the state byte by byte. */
static gboolean
is_same_secret(const char *given, const char *wanted)
{
    gsize length = strlen(wanted);
    guchar difference = 0;

    if (!given || strlen(given) != length)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        difference |= (guchar)given[i] ^ (guchar)wanted[i];
    return difference == 0;
}

char *
flattr_oauth_dup_code(const char *redirected, const char *state, GError **error)
{
    g_return_val_if_fail(redirected && state && *state, NULL);
    g_autoptr(GHashTable) parameters = read_parameters(redirected);
    const char *code = parameters ? g_hash_table_lookup(parameters, "code") : NULL;
    const char *refusal = parameters ? g_hash_table_lookup(parameters, "error") : NULL;

    /* Before anything else: what lacks the state may come from anybody. */
    if (!parameters || !is_same_secret(g_hash_table_lookup(parameters, "state"), state)) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                    _("the address does not belong to this login: its state is missing or does not match"));
        return NULL;
    }
    if (refusal) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED, _("the login was refused: %s"), refusal);
        return NULL;
    }
    if (!code || !*code) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the address contains no code"));
        return NULL;
    }
    return g_strdup(code);
}

/* How a client shows itself: by Basic authentication. */
static void
set_client(FlattrRequest *request, const char *client_id, const char *client_secret)
{
    g_autofree char *pair = g_strconcat(client_id, ":", client_secret, NULL);
    g_autofree char *encoded = g_base64_encode((const guint8 *)pair, strlen(pair));
    g_autofree char *basic = g_strconcat("Basic ", encoded, NULL);

    flattr_request_set_authorization(request, basic);
}

FlattrRequest *
flattr_request_new_revocation(const char *client_id, const char *client_secret, const char *token)
{
    g_return_val_if_fail(client_id && client_secret && token, NULL);
    g_autofree char *escaped = g_uri_escape_string(token, NULL, FALSE);
    FlattrRequest *request = flattr_request_new_take("POST", g_strdup(""), NULL);

    flattr_request_set_form_take(request, g_strconcat("token=", escaped, "&token_type_hint=access_token", NULL));
    set_client(request, client_id, client_secret);
    return request;
}

static FlattrRequest *
new_token_request(const char *client_id, const char *client_secret, const char *code, const char *redirect_uri,
                  const char *verifier)
{
    g_autofree char *plain_code = flattr_request_dup_utf8(code);
    g_autofree char *plain_uri = flattr_request_dup_utf8(redirect_uri);
    json_t *fields =
        json_pack("{s:s, s:s, s:s}", "grant_type", "authorization_code", "code", plain_code, "redirect_uri", plain_uri);

    if (verifier)
        json_object_set_new(fields, "code_verifier", json_string(verifier));
    FlattrRequest *request = flattr_request_new_take("POST", g_strdup(""), fields);
    set_client(request, client_id, client_secret);
    return request;
}

FlattrRequest *
flattr_request_new_token(const char *client_id, const char *client_secret, const char *code, const char *redirect_uri)
{
    g_return_val_if_fail(client_id && client_secret && code && redirect_uri, NULL);
    return new_token_request(client_id, client_secret, code, redirect_uri, NULL);
}

FlattrRequest *
flattr_request_new_token_verified(const char *client_id, const char *client_secret, const char *code,
                                  const char *redirect_uri, const char *verifier)
{
    g_return_val_if_fail(client_id && client_secret && code && redirect_uri && verifier, NULL);
    return new_token_request(client_id, client_secret, code, redirect_uri, verifier);
}

char *
flattr_oauth_dup_challenge(const char *verifier)
{
    g_return_val_if_fail(verifier, NULL);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;

    g_checksum_update(checksum, (const guchar *)verifier, -1);
    g_checksum_get_digest(checksum, digest, &length);
    /* The alphabet for URLs, without padding. */
    char *text = g_base64_encode(digest, length);
    g_strdelimit(text, "+", '-');
    g_strdelimit(text, "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

char *
flattr_reply_read_token(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);
    const char *token = flattr_json_get_string(object, "access_token");
    const char *type = flattr_json_get_string(object, "token_type");

    if (object && (!token || !*token || (type && g_ascii_strcasecmp(type, "bearer") != 0))) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server's answer contains no bearer token"));
        return NULL;
    }
    return g_strdup(token);
}
