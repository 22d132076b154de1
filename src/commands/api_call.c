/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs of several resources do alike. */
#include "commands/api.h"

#include "commands/command.h"
#include "commands/output.h"

#include <string.h>

#define JSON_TYPE "application/json"

const PfApiColumn pf_api_thing_columns[] = {
    {"ID", "id", 8}, {"FLATTRS", "flattrs", 7}, {"TITLE", "title", 40}, {"URL", "url", 0}};

gboolean
pf_api_refuse_usage(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

gboolean
pf_api_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &number, NULL))
        return pf_api_refuse_usage(error, "'%s' is no thing's number; 'podflattr api things lookup URL' finds it",
                                   text);
    *id = (gint64)number;
    return TRUE;
}

FlattrReply *
pf_api_send_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(call->session, request, error);
    GError *refusal = NULL;
    FlattrRateLimit limit;

    if (!reply || flattr_reply_check(reply, &refusal))
        return g_steal_pointer(&reply);
    if (g_error_matches(refusal, FLATTR_ERROR, FLATTR_ERROR_RATE_LIMIT_EXCEEDED) &&
        flattr_reply_get_rate_limit(reply, &limit)) {
        g_autofree char *reset = pf_output_dup_time(limit.reset);
        g_prefix_error(&refusal, "try again after %s: ", reset ? reset : "an hour");
    }
    g_propagate_error(error, refusal);
    return NULL;
}

/* Media types are the same in capitals (RFC 9110 §8.3.1), and parameters may follow. */
static gboolean
has_json_type(const FlattrReply *reply)
{
    const char *type = flattr_reply_get_header(reply, "Content-Type");

    return type && g_ascii_strncasecmp(type, JSON_TYPE, strlen(JSON_TYPE)) == 0 &&
           strchr("; \t", type[strlen(JSON_TYPE)]);
}

/* 204, or the 200 without a body that the API's documentation shows for some calls; the type says whose it is. */
static gboolean
is_wordless(const FlattrReply *reply)
{
    return flattr_reply_get_status(reply) == 204 || (flattr_reply_is_empty(reply) && has_json_type(reply));
}

gboolean
pf_api_check_done(FlattrReply *reply, GError **error)
{
    guint status = flattr_reply_get_status(reply);

    if (status < 300 && (flattr_reply_is_json(reply) || is_wordless(reply)))
        return TRUE;
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                "the server answered %u, which says neither yes nor no; is that address its API?", status);
    return FALSE;
}

gboolean
pf_api_do_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);

    return reply && pf_api_check_done(reply, error);
}

void
pf_api_print_thing(PfApiCall *call, const FlattrThing *thing)
{
    pf_api_output_object_take(&call->output, pf_api_output_read_take(flattr_thing_dup_json(thing)));
}

void
pf_api_print_thing_row(PfApiCall *call, const FlattrThing *thing)
{
    pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_thing_dup_json(thing)));
}

gboolean
pf_api_list_things_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;

    for (guint i = 0; things && i < things->len; i++)
        pf_api_print_thing_row(call, things->pdata[i]);
    return things != NULL;
}
