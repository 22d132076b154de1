/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api hello, categories, languages and rate-limit: what holds for the server as a whole. */
#include "commands/api.h"

static gboolean
list_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) choices = reply ? flattr_reply_read_choices(reply, error) : NULL;

    for (guint i = 0; choices && i < choices->len; i++) {
        const FlattrChoice *choice = choices->pdata[i];
        json_t *object = pf_api_output_read_take(flattr_choice_dup_json(choice));
        /* Some servers call it otherwise. */
        if (!json_object_get(object, "text") && flattr_choice_get_text(choice))
            json_object_set_new(object, "text", json_string(flattr_choice_get_text(choice)));
        pf_api_output_row_take(&call->output, object);
    }
    return choices != NULL;
}

static gboolean
list_categories(PfApiCall *call, GError **error)
{
    return list_take(call, flattr_request_new_categories(), error);
}

static gboolean
list_languages(PfApiCall *call, GError **error)
{
    return list_take(call, flattr_request_new_languages(), error);
}

static gboolean
get_hello(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_hello(), error);

    if (!reply || !flattr_reply_read_hello(reply, error))
        return FALSE;
    pf_api_output_object_take(&call->output, json_pack("{s:s}", "message", "hello_world"));
    return TRUE;
}

static gboolean
get_rate_limit(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_rate_limit(), error);
    FlattrRateLimit limit;

    if (!reply || !flattr_reply_read_rate_limit(reply, &limit, error))
        return FALSE;
    pf_api_output_object_take(&call->output,
                              json_pack("{s:I, s:I, s:I, s:I}", "hourly_limit", (json_int_t)limit.limit,
                                        "remaining_hits", (json_int_t)limit.remaining, "current_hits",
                                        (json_int_t)limit.current, "reset_time_in_seconds", (json_int_t)limit.reset));
    return TRUE;
}

static const PfApiVerb hello_verbs[] = {
    {"get", "", 0, 0, "", "ask whether the API is there", NULL, get_hello},
    {0},
};

const PfApiResource pf_api_hello = {"hello", "Whether the server is there and speaks this API", hello_verbs};

static const PfApiColumn columns[] = {{"ID", "id", 12}, {"NAME", "text", 0}};

static const PfApiVerb categories_verbs[] = {
    {"list", "", 0, 0, "", "list the categories that things can have", columns, list_categories},
    {0},
};

const PfApiResource pf_api_categories = {"categories", "What things can be", categories_verbs};

static const PfApiVerb languages_verbs[] = {
    {"list", "", 0, 0, "", "list the languages that things can have", columns, list_languages},
    {0},
};

const PfApiResource pf_api_languages = {"languages", "What things can be written or spoken in", languages_verbs};

static const PfApiVerb rate_limit_verbs[] = {
    {"get", "", 0, 0, "", "show how many more requests are allowed, and until when", NULL, get_rate_limit},
    {0},
};

const PfApiResource pf_api_rate_limit = {"rate-limit", "How much may be asked", rate_limit_verbs};
