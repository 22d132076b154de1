/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api flattrs: who flattred what. Flattring by it goes past the queue, its limits and its memory. */
#include "commands/api.h"

static void
print_row(PfApiCall *call, const FlattrFlattr *flattr)
{
    pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_flattr_dup_json(flattr)));
}

static gboolean
walk(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    guint limit = pf_api_options_limit(&call->options);
    GError *failure = NULL;

    if (call->options.full)
        flattr_iterator_set_full(iterator);
    while (call->output.rows < limit) {
        const FlattrFlattr *flattr = flattr_iterator_next_flattr(iterator, &failure);
        if (!flattr)
            break;
        print_row(call, flattr);
    }
    flattr_iterator_free(iterator);
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static gboolean
list_page_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    if (call->options.full)
        flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) flattrs = reply ? flattr_reply_read_flattrs(reply, error) : NULL;

    for (guint i = 0; flattrs && i < flattrs->len; i++)
        print_row(call, flattrs->pdata[i]);
    return flattrs != NULL;
}

static gboolean
list(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = &call->options;
    guint count = pf_api_options_count(options), page = pf_api_options_page(options);
    gint64 id = 0;

    if (options->user && options->thing)
        return pf_api_refuse_usage(error, "a user's or a thing's? --user and --thing are both there");
    if (options->thing && !pf_api_parse_id(options->thing, &id, error))
        return FALSE;
    if (pf_api_options_walk(options))
        return walk(call,
                    id ? flattr_session_iterate_flattrs_of_thing(call->session, id)
                       : flattr_session_iterate_flattrs(call->session, options->user),
                    error);
    return list_page_take(call,
                          id ? flattr_request_new_flattrs_of_thing(id, count, page)
                             : flattr_request_new_flattrs_of_user(options->user, count, page),
                          error);
}

/* Whether the flattr may have been made although no answer says so. */
static gboolean
is_in_doubt(const GError *error)
{
    return g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_NO_ANSWER) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_SERVER);
}

static gboolean
flattr_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    GError *failure = NULL;

    g_message("this pays at once, past the queue; 'podflattr add URL' is the way that cannot pay twice");
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, &failure);
    g_autoptr(FlattrThing) thing = reply ? flattr_reply_read_flattr(reply, &failure) : NULL;
    if (thing) {
        pf_api_print_thing(call, thing);
        return TRUE;
    }
    if (is_in_doubt(failure))
        g_prefix_error(&failure, "it may be flattred all the same; 'podflattr api flattrs list' tells: ");
    g_propagate_error(error, failure);
    return FALSE;
}

static gboolean
create(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = &call->options;
    gint64 id = 0;

    if (!options->url == !options->thing)
        return pf_api_refuse_usage(error, "flattr what? one of --url and --thing says it");
    if (options->url)
        return flattr_take(call, flattr_request_new_flattr_url(options->url), error);
    return pf_api_parse_id(options->thing, &id, error) && flattr_take(call, flattr_request_new_flattr_thing(id), error);
}

static const PfApiColumn columns[] = {
    {"WHEN", "created_at", 16}, {"WHO", "owner", 16}, {"ID", "thing.id", 8}, {"THING", "thing.title", 0}};

static const PfApiVerb verbs[] = {
    {"list", "", 0, 0, "user thing " PF_API_PAGING, "list the flattrs of a user or of a thing, the newest first",
     columns, list},
    {"create", "", 0, 0, "url thing", "flattr at once, past the queue", NULL, create},
    {0},
};

const PfApiResource pf_api_flattrs = {"flattrs", "Who flattred what", verbs};
