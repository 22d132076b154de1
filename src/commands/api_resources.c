/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api things: finds, makes and changes what can be flattred. */
#include "commands/api.h"

static FlattrRequest *
make_full(FlattrRequest *request, const PfApiOptions *options)
{
    if (options->full)
        flattr_request_set_full(request);
    return request;
}

/* --- finding --- */

static gboolean
walk(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    guint limit = pf_api_options_limit(&call->options);
    GError *failure = NULL;

    if (call->options.full)
        flattr_iterator_set_full(iterator);
    while (call->output.rows < limit) {
        const FlattrThing *thing = flattr_iterator_next_thing(iterator, &failure);
        if (!thing)
            break;
        pf_api_print_thing_row(call, thing);
    }
    flattr_iterator_free(iterator);
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static gboolean
list(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = &call->options;

    if (pf_api_options_walk(options))
        return walk(call, flattr_session_iterate_things(call->session, options->user), error);
    FlattrRequest *request =
        flattr_request_new_user_things(options->user, pf_api_options_count(options), pf_api_options_page(options));
    return pf_api_list_things_take(call, make_full(request, options), error);
}

static gboolean
search(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = &call->options;
    const FlattrSearch wanted = {
        .query = options->query,
        .url = options->url,
        .tags = options->tags,
        .language = options->language,
        .category = options->category,
        .user = options->user,
        .sort = options->sort,
    };

    if (pf_api_options_walk(options))
        return walk(call, flattr_session_iterate_search(call->session, &wanted), error);
    FlattrRequest *request =
        flattr_request_new_search(&wanted, pf_api_options_count(options), pf_api_options_page(options));
    return pf_api_list_things_take(call, make_full(request, options), error);
}

static gboolean
get_one(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;

    for (guint i = 0; things && i < things->len; i++)
        pf_api_print_thing(call, things->pdata[i]);
    return things != NULL;
}

static gboolean
get(PfApiCall *call, GError **error)
{
    g_autofree gint64 *ids = g_new(gint64, call->count);

    for (guint i = 0; i < call->count; i++)
        if (!pf_api_parse_id(call->operands[i], &ids[i], error))
            return FALSE;
    FlattrRequest *request = make_full(flattr_request_new_things(ids, call->count), &call->options);
    return call->count == 1 ? get_one(call, request, error) : pf_api_list_things_take(call, request, error);
}

static void
print_id(PfApiCall *call, gint64 id)
{
    pf_api_output_object_take(&call->output, json_pack("{s:I}", "id", (json_int_t)id));
}

static gboolean
lookup(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_lookup(call->operands[0]), error);
    gint64 id = reply ? flattr_reply_read_lookup(reply, error) : 0;

    if (id)
        print_id(call, id);
    return id != 0;
}

/* --- making and changing --- */

static FlattrThingFields
make_fields(const PfApiOptions *options)
{
    return (FlattrThingFields){
        .url = options->url,
        .title = options->title,
        .description = options->description,
        .category = options->category,
        .language = options->language,
        .tags = options->tags,
        .hide = options->hidden,
        .show = options->visible,
    };
}

static gboolean
create(PfApiCall *call, GError **error)
{
    const FlattrThingFields fields = make_fields(&call->options);

    if (!fields.url)
        return pf_api_refuse_usage(error, "which page? --url says it");
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_thing_create(&fields), error);
    gint64 id = reply ? flattr_reply_read_created(reply, error) : 0;
    if (id)
        print_id(call, id);
    return id != 0;
}

static gboolean
update(PfApiCall *call, GError **error)
{
    const FlattrThingFields fields = make_fields(&call->options);
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error))
        return FALSE;
    if (!fields.title && !fields.description && !fields.category && !fields.language && !fields.tags && !fields.hide &&
        !fields.show)
        return pf_api_refuse_usage(error, "change what? 'podflattr api things update --help' tells what can be");
    if (!pf_api_do_take(call, flattr_request_new_thing_update(id, &fields), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " is changed", id);
    return TRUE;
}

static gboolean delete (PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_thing_delete(id), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " is deleted", id);
    return TRUE;
}

static const PfApiVerb verbs[] = {
    {"list", "", 0, 0, "user " PF_API_PAGING, "list the things of a user, the newest first", pf_api_thing_columns,
     list},
    {"get", "ID…", 1, PF_API_ANY, "full", "show things by their numbers", pf_api_thing_columns, get},
    {"lookup", "URL", 1, 1, "", "find the number of the thing with that page or auto-submit URL", NULL, lookup},
    {"search", "", 0, 0, "query url tags language category user sort " PF_API_PAGING,
     "find things by words, tags and more", pf_api_thing_columns, search},
    {"create", "", 0, 0, "url title description category language tags hidden", "register a page as a thing of yours",
     NULL, create},
    {"update", "ID", 1, 1, "title description category language tags hidden visible", "change a thing of yours", NULL,
     update},
    {"delete", "ID", 1, 1, "", "delete a thing of yours", NULL, delete},
    {0},
};

const PfApiResource pf_api_things = {"things", "What can be flattred", verbs};
