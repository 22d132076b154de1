/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api things: finds, makes and changes what can be flattred. */
#include "commands/api.h"

/* podflattr api flattrs: who flattred what. Flattring by it goes past the queue, its limits and its memory. */

static void
print_row(PfApiCall *call, const FlattrFlattr *flattr)
{
    pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_flattr_dup_json(flattr)));
}

static gboolean
walk(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    guint limit = pf_api_options_limit(call->options);
    GError *failure = NULL;

    if (call->options->full)
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
    if (call->options->full)
        flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) flattrs = reply ? flattr_reply_read_flattrs(reply, error) : NULL;

    for (guint i = 0; flattrs && i < flattrs->len; i++)
        print_row(call, flattrs->pdata[i]);
    return flattrs != NULL;
}

static gboolean
list_flattrs(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;
    guint count = pf_api_options_count(options), page = pf_api_options_page(options);
    gint64 id = 0;

    if (options->user && options->thing)
        return pf_command_refuse(error, "--user cannot be used with --thing");
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

    g_message("this pays at once, bypassing the queue; 'podflattr add URL' never pays twice");
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, &failure);
    g_autoptr(FlattrThing) thing = reply ? flattr_reply_read_flattr(reply, &failure) : NULL;
    if (thing) {
        pf_api_print_thing(call, thing);
        return TRUE;
    }
    if (is_in_doubt(failure))
        g_prefix_error(&failure, "it may have been flattred nevertheless; check with 'podflattr api flattrs list': ");
    g_propagate_error(error, failure);
    return FALSE;
}

static gboolean
create_flattr(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;
    gint64 id = 0;

    if (!options->url == !options->thing)
        return pf_command_refuse(error, "either --url or --thing is required");
    if (options->url)
        return flattr_take(call, flattr_request_new_flattr_url(options->url), error);
    return pf_api_parse_id(options->thing, &id, error) && flattr_take(call, flattr_request_new_flattr_thing(id), error);
}

static const PfApiColumn flattr_columns[] = {
    {"WHEN", "created_at", 16}, {"WHO", "owner", 16}, {"ID", "thing.id", 8}, {"THING", "thing.title", 0}};

const PfCommand pf_api_flattrs[] = {
    PF_API_VERB("list", "list the flattrs of a user or a thing, newest first", NULL, 0, 0, "user thing " PF_API_PAGING,
                flattr_columns, list_flattrs),
    PF_API_VERB("create", "flattr at once, bypassing the queue", NULL, 0, 0, "url thing", NULL, create_flattr),
    {0},
};

/* podflattr api hello, categories, languages and rate-limit: what holds for the server as a whole. */

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

const PfCommand pf_api_hello[] = {
    PF_API_VERB("get", "check that the API answers", NULL, 0, 0, "", NULL, get_hello),
    {0},
};

static const PfApiColumn catalog_columns[] = {{"ID", "id", 12}, {"NAME", "text", 0}};

const PfCommand pf_api_categories[] = {
    PF_API_VERB("list", "list the categories that things can have", NULL, 0, 0, "", catalog_columns, list_categories),
    {0},
};

const PfCommand pf_api_languages[] = {
    PF_API_VERB("list", "list the languages that things can have", NULL, 0, 0, "", catalog_columns, list_languages),
    {0},
};

const PfCommand pf_api_rate_limit[] = {
    PF_API_VERB("get", "show how many requests are left, and when the limit resets", NULL, 0, 0, "", NULL,
                get_rate_limit),
    {0},
};

/* podflattr api subscriptions: what is flattred every month. */

static GPtrArray *
read_all(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_subscriptions(), error);

    return reply ? flattr_reply_read_subscriptions(reply, error) : NULL;
}

static gboolean
list_subscriptions(PfApiCall *call, GError **error)
{
    g_autoptr(GPtrArray) subscriptions = read_all(call, error);

    for (guint i = 0; subscriptions && i < subscriptions->len; i++)
        pf_api_output_row_take(&call->output,
                               pf_api_output_read_take(flattr_subscription_dup_json(subscriptions->pdata[i])));
    return subscriptions != NULL;
}

static gboolean
create_subscription(PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_create(id), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " is subscribed: it is flattred every month", id);
    return TRUE;
}

/* @active: (out): whether the subscription of that thing is */
static gboolean
find(PfApiCall *call, gint64 id, gboolean *active, GError **error)
{
    g_autoptr(GPtrArray) subscriptions = read_all(call, error);

    for (guint i = 0; subscriptions && i < subscriptions->len; i++) {
        const FlattrThing *thing = flattr_subscription_get_thing(subscriptions->pdata[i]);
        if (!thing || flattr_thing_get_id(thing) != id)
            continue;
        *active = flattr_subscription_get_active(subscriptions->pdata[i]);
        return TRUE;
    }
    if (subscriptions)
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND,
                    "you are not subscribed to thing %" G_GINT64_FORMAT "; see 'podflattr api subscriptions'", id);
    return FALSE;
}

static gboolean
toggle(PfApiCall *call, gint64 id, gboolean *active, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_subscription_toggle(id), error);

    return reply && flattr_reply_read_toggled(reply, active, error);
}

/*
 * The API can only turn a subscription over, so that pausing a paused one would start it. Hence the look before; and
 * when somebody else was faster between the look and the turn, it is turned back.
 */
static gboolean
set_active(PfApiCall *call, gboolean wanted, GError **error)
{
    gboolean active = !wanted;
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) || !find(call, id, &active, error))
        return FALSE;
    for (int turns = 0; active != wanted && turns < 2; turns++)
        if (!toggle(call, id, &active, error))
            return FALSE;
    if (active != wanted) {
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_SERVER,
                            "somebody else changed the subscription at the same time; try again");
        return FALSE;
    }
    g_message("the subscription of thing %" G_GINT64_FORMAT " %s", id, active ? "is active" : "is paused");
    return TRUE;
}

static gboolean
pause_it(PfApiCall *call, GError **error)
{
    return set_active(call, FALSE, error);
}

static gboolean
resume(PfApiCall *call, GError **error)
{
    return set_active(call, TRUE, error);
}

static gboolean
delete_subscription(PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_delete(id), error))
        return FALSE;
    g_message("the subscription of thing %" G_GINT64_FORMAT " was deleted", id);
    return TRUE;
}

static const PfApiColumn subscription_columns[] = {
    {"ID", "thing.id", 8}, {"ACTIVE", "active", 6}, {"SINCE", "started_at", 16}, {"THING", "thing.title", 0}};

const PfCommand pf_api_subscriptions[] = {
    PF_API_VERB("list", "list your subscriptions", NULL, 0, 0, "", subscription_columns, list_subscriptions),
    PF_API_VERB("create", "flattr a thing every month, beginning with the next", "ID", 1, 1, "", NULL,
                create_subscription),
    PF_API_VERB("pause", "stop flattring the thing until it is resumed", "ID", 1, 1, "", NULL, pause_it),
    PF_API_VERB("resume", "flattr the thing every month again", "ID", 1, 1, "", NULL, resume),
    PF_API_VERB("delete", "end the subscription of a thing", "ID", 1, 1, "", NULL, delete_subscription),
    {0},
};

static FlattrRequest *
make_full(FlattrRequest *request, const PfApiOptions *options)
{
    if (options->full)
        flattr_request_set_full(request);
    return request;
}

/* --- finding --- */

static gboolean
api_resources_walk(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    guint limit = pf_api_options_limit(call->options);
    GError *failure = NULL;

    if (call->options->full)
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
list_things(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;

    if (pf_api_options_walk(options))
        return api_resources_walk(call, flattr_session_iterate_things(call->session, options->user), error);
    FlattrRequest *request =
        flattr_request_new_things_of_user(options->user, pf_api_options_count(options), pf_api_options_page(options));
    return pf_api_list_things_take(call, make_full(request, options), error);
}

static gboolean
search(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;
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
        return api_resources_walk(call, flattr_session_iterate_search(call->session, &wanted), error);
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
    FlattrRequest *request = make_full(flattr_request_new_things(ids, call->count), call->options);
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
create_thing(PfApiCall *call, GError **error)
{
    const FlattrThingFields fields = make_fields(call->options);

    if (!fields.url)
        return pf_command_refuse(error, "missing --url");
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_thing_create(&fields), error);
    gint64 id = reply ? flattr_reply_read_created(reply, error) : 0;
    if (id)
        print_id(call, id);
    return id != 0;
}

static gboolean
update(PfApiCall *call, GError **error)
{
    const FlattrThingFields fields = make_fields(call->options);
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error))
        return FALSE;
    if (!fields.title && !fields.description && !fields.category && !fields.language && !fields.tags && !fields.hide &&
        !fields.show)
        return pf_command_refuse(error, "nothing to change; see 'podflattr api things update --help'");
    if (!pf_api_do_take(call, flattr_request_new_thing_update(id, &fields), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " was changed", id);
    return TRUE;
}

static gboolean
delete_thing(PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_thing_delete(id), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " was deleted", id);
    return TRUE;
}

const PfCommand pf_api_things[] = {
    PF_API_VERB("list", "list the things of a user, newest first", NULL, 0, 0, "user " PF_API_PAGING,
                pf_api_thing_columns, list_things),
    PF_API_VERB("get", "show things by ID", "ID…", 1, PF_COMMAND_ANY, "full", pf_api_thing_columns, get),
    PF_API_VERB("lookup", "find the ID of the thing with this page or auto-submit URL", "URL", 1, 1, "", NULL, lookup),
    PF_API_VERB("search", "find things by words, tags and more", NULL, 0, 0,
                "query url tags language category user sort " PF_API_PAGING, pf_api_thing_columns, search),
    PF_API_VERB("create", "register a page as a thing of yours", NULL, 0, 0,
                "url title description category language tags hidden", NULL, create_thing),
    PF_API_VERB("update", "change a thing of yours", "ID", 1, 1,
                "title description category language tags hidden visible", NULL, update),
    PF_API_VERB("delete", "delete a thing of yours", "ID", 1, 1, "", NULL, delete_thing),
    {0},
};

/* podflattr api users, user and activities: people, and what they did. */

/* --- users, user --- */

static gboolean
get_users(PfApiCall *call, GError **error)
{
    for (guint i = 0; i < call->count; i++) {
        g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_user(call->operands[i]), error);
        g_autoptr(FlattrUser) user = reply ? flattr_reply_read_user(reply, error) : NULL;
        if (!user)
            return FALSE;
        json_t *object = pf_api_output_read_take(flattr_user_dup_json(user));
        if (call->count == 1)
            pf_api_output_object_take(&call->output, object);
        else
            pf_api_output_row_take(&call->output, object);
    }
    return TRUE;
}

static gboolean
get_own(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_user(NULL), error);
    g_autoptr(FlattrUser) user = reply ? flattr_reply_read_user(reply, error) : NULL;

    if (user)
        pf_api_output_object_take(&call->output, pf_api_output_read_take(flattr_user_dup_json(user)));
    return user != NULL;
}

static gboolean
verify(PfApiCall *call, const char *username, const char *identity, GError **error)
{
    if (!pf_api_do_take(call, flattr_request_new_verify(username, identity), error))
        return FALSE;
    g_message("'%s' is verified as %s", identity, username ? username : "yours");
    return TRUE;
}

static gboolean
verify_user(PfApiCall *call, GError **error)
{
    return verify(call, call->operands[0], call->operands[1], error);
}

static gboolean
verify_own(PfApiCall *call, GError **error)
{
    return verify(call, NULL, call->operands[0], error);
}

static const PfApiColumn user_columns[] = {
    {"USERNAME", "username", 20}, {"FIRST NAME", "firstname", 16}, {"LAST NAME", "lastname", 16}, {"PAGE", "link", 0}};

const PfCommand pf_api_users[] = {
    PF_API_VERB("get", "show users by name", "NAME…", 1, PF_COMMAND_ANY, "", user_columns, get_users),
    PF_API_VERB("verify", "tie partner:NAMESPACE:ID to a user (for partners)", "NAME IDENTITY", 2, 2, "", NULL,
                verify_user),
    {0},
};

const PfCommand pf_api_user[] = {
    PF_API_VERB("get", "show the account that the access token belongs to", NULL, 0, 0, "", NULL, get_own),
    PF_API_VERB("verify", "tie partner:NAMESPACE:ID to yourself", "IDENTITY", 1, 1, "", NULL, verify_own),
    {0},
};

/* --- activities --- */

static gboolean
list_activities(PfApiCall *call, GError **error)
{
    gboolean incoming = g_strcmp0(call->options->type, "incoming") == 0;
    g_autoptr(FlattrReply) reply =
        pf_api_send_take(call, flattr_request_new_activities(call->options->user, incoming), error);
    g_autoptr(GPtrArray) activities = reply ? flattr_reply_read_activities(reply, error) : NULL;

    for (guint i = 0; activities && i < activities->len; i++)
        pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_activity_dup_json(activities->pdata[i])));
    return activities != NULL;
}

static const PfApiColumn activity_columns[] = {{"WHEN", "published", 20}, {"WHO", "actor", 16}, {"WHAT", "title", 0}};

const PfCommand pf_api_activities[] = {
    PF_API_VERB("list", "list what a user flattred, or received flattrs for", NULL, 0, 0, "user type", activity_columns,
                list_activities),
    {0},
};
