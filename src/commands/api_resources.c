/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api: the verbs of each resource. */
#include "base/i18n.h"
#include "commands/api.h"

#include <string.h>

/* podflattr api flattrs: who flattred what. Flattring by it goes past the queue, its limits and its memory. */

static void
print_row(PfApiCall *call, const FlattrFlattr *flattr)
{
    pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_flattr_dup_json(flattr)));
}

static FlattrRequest *
make_full(FlattrRequest *request, const PfApiOptions *options)
{
    if (options->full)
        flattr_request_set_full(request);
    return request;
}

/* Shows the next item of a list; FALSE at its end, and with @error set. */
typedef gboolean (*ShowNext)(PfApiCall *call, FlattrIterator *iterator, GError **error);

static gboolean
show_next_flattr(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    const FlattrFlattr *flattr = flattr_iterator_next_flattr(iterator, error);

    if (flattr)
        print_row(call, flattr);
    return flattr != NULL;
}

static gboolean
show_next_thing(PfApiCall *call, FlattrIterator *iterator, GError **error)
{
    const FlattrThing *thing = flattr_iterator_next_thing(iterator, error);

    if (thing)
        pf_api_print_thing_row(call, thing);
    return thing != NULL;
}

/* @iterator: (transfer full) */
static gboolean
walk_take(PfApiCall *call, FlattrIterator *iterator, ShowNext show_next, GError **error)
{
    guint limit = pf_api_options_limit(call->options);
    GError *failure = NULL;

    if (call->options->full)
        flattr_iterator_set_full(iterator);
    while (call->output.rows < limit && show_next(call, iterator, &failure))
        ;
    flattr_iterator_free(iterator);
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static gboolean
list_page_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, make_full(request, call->options), error);
    g_autoptr(GPtrArray) flattrs = reply ? flattr_reply_read_flattrs(reply, error) : NULL;

    for (guint i = 0; flattrs && i < flattrs->len; i++)
        print_row(call, flattrs->pdata[i]);
    if (flattrs)
        pf_api_say_more(call, reply);
    return flattrs != NULL;
}

static gboolean
list_flattrs(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;
    guint count = pf_api_options_count(options), page = pf_api_options_page(options);
    gint64 id = 0;

    if (options->user && options->thing)
        return pf_command_refuse(error, _("--user cannot be used with --thing"));
    if (options->thing && !pf_api_parse_id(options->thing, &id, error))
        return FALSE;
    if (pf_api_options_walk(options))
        return walk_take(call,
                         id ? flattr_session_iterate_flattrs_of_thing(call->session, id)
                            : flattr_session_iterate_flattrs(call->session, options->user),
                         show_next_flattr, error);
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

    g_message(_("this pays at once, bypassing the queue; 'podflattr add URL' never pays twice"));
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, &failure);
    g_autoptr(FlattrThing) thing = reply ? flattr_reply_read_flattr(reply, &failure) : NULL;
    if (thing) {
        pf_api_print_thing(call, thing);
        return TRUE;
    }
    if (is_in_doubt(failure))
        g_prefix_error(&failure,
                       _("it may have been flattred nevertheless; check with 'podflattr api flattrs list': "));
    g_propagate_error(error, failure);
    return FALSE;
}

/* A wrong operand is found before anything is asked for the others. @urls: whether an address will do too */
static gboolean
check_things(const PfApiCall *call, gboolean urls, GError **error)
{
    gint64 id;

    for (guint i = 0; i < call->count; i++)
        if (!(urls && strstr(call->operands[i], "://")) && !pf_api_parse_id(call->operands[i], &id, error))
            return FALSE;
    return TRUE;
}

/* A thing's number, or the address of a page. */
static gboolean
flattr_operand(PfApiCall *call, const char *operand, GError **error)
{
    gint64 id = 0;

    if (strstr(operand, "://"))
        return flattr_take(call, flattr_request_new_flattr_url(operand), error);
    return pf_api_parse_id(operand, &id, error) && flattr_take(call, flattr_request_new_flattr_thing(id), error);
}

static gboolean
create_flattr(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;
    gint64 id = 0;

    if ((options->url != NULL) + (options->thing != NULL) + (call->count > 0) != 1)
        return pf_command_refuse(error, _("one of URL, ID, --url and --thing is required"));
    if (call->count > 0)
        return check_things(call, TRUE, error) && pf_api_for_each(call, flattr_operand, error);
    if (options->url)
        return flattr_take(call, flattr_request_new_flattr_url(options->url), error);
    return pf_api_parse_id(options->thing, &id, error) && flattr_take(call, flattr_request_new_flattr_thing(id), error);
}

static const PfApiColumn flattr_columns[] = {{N_("WHEN"), "created_at", 16},
                                             {N_("WHO"), "owner", 16},
                                             {N_("ID"), "thing.id", 8},
                                             {N_("THING"), "thing.title", 0}};

const PfCommand pf_api_flattrs[] = {
    PF_API_VERB("list", N_("list the flattrs of a user or a thing, newest first"), NULL, 0, 0,
                "user thing " PF_API_PAGING, flattr_columns, list_flattrs),
    PF_API_VERB("create", N_("flattr at once, bypassing the queue"), N_("[URL|ID…]"), 0, PF_COMMAND_ANY, "url thing",
                NULL, create_flattr),
    {0},
};

/* podflattr api hello, categories, languages and rate-limit: what holds for the server as a whole. */

static gboolean
list_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, error);
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
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, flattr_request_new_hello(), error);

    if (!reply || !flattr_reply_read_hello(reply, error))
        return FALSE;
    pf_api_print_reply(call, reply);
    return TRUE;
}

static gboolean
get_rate_limit(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, flattr_request_new_rate_limit(), error);
    FlattrRateLimit limit;

    if (!reply || !flattr_reply_read_rate_limit(reply, &limit, error))
        return FALSE;
    pf_api_print_reply(call, reply);
    return TRUE;
}

const PfCommand pf_api_hello[] = {
    PF_API_VERB("get", N_("check that the API answers"), NULL, 0, 0, "", NULL, get_hello),
    {0},
};

static const PfApiColumn catalog_columns[] = {{N_("ID"), "id", 12}, {N_("NAME"), "text", 0}};

const PfCommand pf_api_categories[] = {
    PF_API_VERB("list", N_("list the categories that things can have"), NULL, 0, 0, "", catalog_columns,
                list_categories),
    {0},
};

const PfCommand pf_api_languages[] = {
    PF_API_VERB("list", N_("list the languages that things can have"), NULL, 0, 0, "", catalog_columns, list_languages),
    {0},
};

const PfCommand pf_api_rate_limit[] = {
    PF_API_VERB("get", N_("show how many requests are left, and when the limit resets"), NULL, 0, 0, "", NULL,
                get_rate_limit),
    {0},
};

/* podflattr api subscriptions: what is flattred every month. */

static GPtrArray *
read_all(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, flattr_request_new_subscriptions(), error);

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
subscribe(PfApiCall *call, const char *operand, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(operand, &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_create(id), error))
        return FALSE;
    g_message(_("thing %" PRId64 " is subscribed: it is flattred every month"), id);
    return TRUE;
}

static gboolean
create_subscription(PfApiCall *call, GError **error)
{
    return check_things(call, FALSE, error) && pf_api_for_each(call, subscribe, error);
}

static gboolean
set_active(PfApiCall *call, const char *operand, gboolean wanted, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(operand, &id, error))
        return FALSE;
    if (!flattr_session_set_subscription_active(call->session, id, wanted, error)) {
        if (error && g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND))
            g_prefix_error(error, _("see 'podflattr api subscriptions': "));
        return FALSE;
    }
    /* The last answer is the list of subscriptions where there was nothing to change. */
    FlattrReply *reply = flattr_session_get_last_reply(call->session);
    if (call->output.json && flattr_reply_get_message(reply))
        pf_api_print_reply(call, reply);
    g_message(wanted ? _("the subscription of thing %" PRId64 " is active")
                     : _("the subscription of thing %" PRId64 " is paused"),
              id);
    return TRUE;
}

static gboolean
pause_one(PfApiCall *call, const char *operand, GError **error)
{
    return set_active(call, operand, FALSE, error);
}

static gboolean
pause_it(PfApiCall *call, GError **error)
{
    return check_things(call, FALSE, error) && pf_api_for_each(call, pause_one, error);
}

static gboolean
resume_one(PfApiCall *call, const char *operand, GError **error)
{
    return set_active(call, operand, TRUE, error);
}

static gboolean
resume(PfApiCall *call, GError **error)
{
    return check_things(call, FALSE, error) && pf_api_for_each(call, resume_one, error);
}

static gboolean
unsubscribe(PfApiCall *call, const char *operand, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(operand, &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_delete(id), error))
        return FALSE;
    g_message(_("the subscription of thing %" PRId64 " was deleted"), id);
    return TRUE;
}

static gboolean
delete_subscription(PfApiCall *call, GError **error)
{
    return check_things(call, FALSE, error) && pf_api_for_each(call, unsubscribe, error);
}

static const PfApiColumn subscription_columns[] = {{N_("ID"), "thing.id", 8},
                                                   {N_("ACTIVE"), "active", 6},
                                                   {N_("SINCE"), "started_at", 16},
                                                   {N_("THING"), "thing.title", 0}};

const PfCommand pf_api_subscriptions[] = {
    PF_API_VERB("list", N_("list your subscriptions"), NULL, 0, 0, "", subscription_columns, list_subscriptions),
    PF_API_VERB("create", N_("flattr a thing every month, beginning with the next"), N_("ID…"), 1, PF_COMMAND_ANY, "",
                NULL, create_subscription),
    PF_API_VERB("pause", N_("stop flattring the thing until it is resumed"), N_("ID…"), 1, PF_COMMAND_ANY, "", NULL,
                pause_it),
    PF_API_VERB("resume", N_("flattr the thing every month again"), N_("ID…"), 1, PF_COMMAND_ANY, "", NULL, resume),
    PF_API_VERB("delete", N_("end the subscription of a thing"), N_("ID…"), 1, PF_COMMAND_ANY, "", NULL,
                delete_subscription),
    {0},
};

/* podflattr api things: finds, makes and changes what can be flattred. */

/* --- finding --- */

static gboolean
list_things(PfApiCall *call, GError **error)
{
    const PfApiOptions *options = call->options;

    if (pf_api_options_walk(options))
        return walk_take(call, flattr_session_iterate_things(call->session, options->user), show_next_thing, error);
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
        return walk_take(call, flattr_session_iterate_search(call->session, &wanted), show_next_thing, error);
    FlattrRequest *request =
        flattr_request_new_search(&wanted, pf_api_options_count(options), pf_api_options_page(options));
    return pf_api_list_things_take(call, make_full(request, options), error);
}

/* A thing by its number, or by the address of its page. */
static gboolean
get_one(PfApiCall *call, const char *operand, GError **error)
{
    gint64 id = 0;

    if (strstr(operand, "://")) {
        g_autoptr(FlattrReply) found =
            flattr_session_call_take(call->session, flattr_request_new_lookup(operand), error);
        id = found ? flattr_reply_read_lookup(found, error) : 0;
    } else {
        pf_api_parse_id(operand, &id, error);
    }
    if (!id)
        return FALSE;
    FlattrRequest *request = make_full(flattr_request_new_things(&id, 1), call->options);
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;
    if (things && things->len == 0) {
        /* What a server leaves out it does not have. */
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND, _("the server has no thing %" PRId64), id);
        return FALSE;
    }
    for (guint i = 0; things && i < things->len; i++) {
        if (call->count == 1)
            pf_api_print_thing(call, things->pdata[i]);
        else
            pf_api_print_thing_row(call, things->pdata[i]);
    }
    return things != NULL;
}

/* Several numbers are asked for at once; where one is unknown, which a server refuses or leaves out, each by itself. */
static gboolean
get_many(PfApiCall *call, GError **error)
{
    g_autofree gint64 *ids = g_new(gint64, call->count);
    guint count = 0;

    while (count < call->count && pf_api_parse_id(call->operands[count], &ids[count], NULL))
        count++;
    FlattrRequest *request = count == call->count ? flattr_request_new_things(ids, count) : NULL;
    g_autoptr(FlattrReply) reply =
        request ? flattr_session_call_take(call->session, make_full(request, call->options), NULL) : NULL;
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, NULL) : NULL;
    if (!things || things->len < count)
        return pf_api_for_each(call, get_one, error);
    for (guint i = 0; i < things->len; i++)
        pf_api_print_thing_row(call, things->pdata[i]);
    return TRUE;
}

static gboolean
get(PfApiCall *call, GError **error)
{
    g_autofree char *joined = g_strjoinv(",", call->operands);
    g_auto(GStrv) ids = g_strsplit(joined, ",", -1);
    PfApiCall each = *call;

    /* Numbers are separated by commas too; an address may hold commas of its own. */
    if (*joined && !strstr(joined, "://")) {
        each.operands = ids;
        each.count = g_strv_length(ids);
    }
    if (!check_things(&each, TRUE, error))
        return FALSE;
    gboolean done = each.count == 1 ? get_one(&each, each.operands[0], error) : get_many(&each, error);
    call->output.rows = each.output.rows;
    return done;
}

/* For programs all that the server sent, for people the number alone. */
static void
print_id(PfApiCall *call, FlattrReply *reply, gint64 id)
{
    json_t *object = json_loads(call->output.json ? flattr_reply_get_body(reply, NULL) : "{}", 0, NULL);

    json_object_set_new(object, "id", json_integer(id));
    pf_api_output_object_take(&call->output, object);
}

static gboolean
lookup(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply =
        flattr_session_call_take(call->session, flattr_request_new_lookup(call->operands[0]), error);
    gint64 id = reply ? flattr_reply_read_lookup(reply, error) : 0;

    if (id)
        print_id(call, reply, id);
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
        return pf_command_refuse(error, _("missing --url"));
    g_autoptr(FlattrReply) reply =
        flattr_session_call_take(call->session, flattr_request_new_thing_create(&fields), error);
    gint64 id = reply ? flattr_reply_read_created(reply, error) : 0;
    if (id)
        print_id(call, reply, id);
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
        return pf_command_refuse(error, _("nothing to change; see 'podflattr api things update --help'"));
    if (!pf_api_do_take(call, flattr_request_new_thing_update(id, &fields), error))
        return FALSE;
    g_message(_("thing %" PRId64 " was changed"), id);
    return TRUE;
}

static gboolean
delete_one(PfApiCall *call, const char *operand, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(operand, &id, error) || !pf_api_do_take(call, flattr_request_new_thing_delete(id), error))
        return FALSE;
    g_message(_("thing %" PRId64 " was deleted"), id);
    return TRUE;
}

static gboolean
delete_thing(PfApiCall *call, GError **error)
{
    return check_things(call, FALSE, error) && pf_api_for_each(call, delete_one, error);
}

const PfCommand pf_api_things[] = {
    PF_API_VERB("list", N_("list the things of a user, newest first"), NULL, 0, 0, "user " PF_API_PAGING,
                pf_api_thing_columns, list_things),
    PF_API_VERB("get", N_("show things by ID or page"), N_("ID|URL…"), 1, PF_COMMAND_ANY, "full", pf_api_thing_columns,
                get),
    PF_API_VERB("lookup", N_("find the ID of the thing with this page or auto-submit URL"), N_("URL"), 1, 1, "", NULL,
                lookup),
    PF_API_VERB("search", N_("find things by words, tags and more"), NULL, 0, 0,
                "query url tags language category user sort " PF_API_PAGING, pf_api_thing_columns, search),
    PF_API_VERB("create", N_("register a page as a thing of yours"), NULL, 0, 0,
                "url title description category language tags hidden", NULL, create_thing),
    PF_API_VERB("update", N_("change a thing of yours"), N_("ID"), 1, 1,
                "title description category language tags hidden visible", NULL, update),
    PF_API_VERB("delete", N_("delete a thing of yours"), N_("ID…"), 1, PF_COMMAND_ANY, "", NULL, delete_thing),
    {0},
};

/* podflattr api users, user and activities: people, and what they did. */

/* --- users, user --- */

static gboolean
get_user(PfApiCall *call, const char *operand, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, flattr_request_new_user(operand), error);
    g_autoptr(FlattrUser) user = reply ? flattr_reply_read_user(reply, error) : NULL;

    if (!user)
        return FALSE;
    json_t *object = pf_api_output_read_take(flattr_user_dup_json(user));
    if (call->count == 1)
        pf_api_output_object_take(&call->output, object);
    else
        pf_api_output_row_take(&call->output, object);
    return TRUE;
}

static gboolean
get_users(PfApiCall *call, GError **error)
{
    return pf_api_for_each(call, get_user, error);
}

static gboolean
get_own(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, flattr_request_new_user(NULL), error);
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
    g_message(_("'%s' is verified as %s"), identity, username ? username : "yours");
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

static const PfApiColumn user_columns[] = {{N_("USERNAME"), "username", 20},
                                           {N_("FIRST NAME"), "firstname", 16},
                                           {N_("LAST NAME"), "lastname", 16},
                                           {N_("PAGE"), "link", 0}};

const PfCommand pf_api_users[] = {
    PF_API_VERB("get", N_("show users by name"), N_("NAME…"), 1, PF_COMMAND_ANY, "", user_columns, get_users),
    PF_API_VERB("verify", N_("link partner:NAMESPACE:ID to a user (for partners)"), N_("NAME IDENTITY"), 2, 2, "", NULL,
                verify_user),
    {0},
};

const PfCommand pf_api_user[] = {
    PF_API_VERB("get", N_("show the account that the access token belongs to"), NULL, 0, 0, "", NULL, get_own),
    PF_API_VERB("verify", N_("link partner:NAMESPACE:ID to your account"), N_("IDENTITY"), 1, 1, "", NULL, verify_own),
    {0},
};

/* --- activities --- */

static gboolean
list_activities(PfApiCall *call, GError **error)
{
    gboolean incoming = g_strcmp0(call->options->type, "incoming") == 0;
    g_autoptr(FlattrReply) reply =
        flattr_session_call_take(call->session, flattr_request_new_activities(call->options->user, incoming), error);
    g_autoptr(GPtrArray) activities = reply ? flattr_reply_read_activities(reply, error) : NULL;

    for (guint i = 0; activities && i < activities->len; i++)
        pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_activity_dup_json(activities->pdata[i])));
    return activities != NULL;
}

static const PfApiColumn activity_columns[] = {
    {N_("WHEN"), "published", 20}, {N_("WHO"), "actor", 16}, {N_("WHAT"), "title", 0}};

const PfCommand pf_api_activities[] = {
    PF_API_VERB("list", N_("list what a user flattred, or received flattrs for"), NULL, 0, 0, "user type",
                activity_columns, list_activities),
    {0},
};

/* podflattr api GET, POST, PUT, PATCH, DELETE: any path of the API, also one that none of the above is for. */

/* Appends "name=value" to the query of a path. */
static void
add_to_query(GString *path, const char *name, const char *value)
{
    g_autofree char *escaped_name = g_uri_escape_string(name, NULL, FALSE);
    g_autofree char *escaped_value = g_uri_escape_string(value, NULL, FALSE);

    g_string_append_printf(path, "%c%s=%s", strchr(path->str, '?') ? '&' : '?', escaped_name, escaped_value);
}

static gboolean
send_raw(PfApiCall *call, GError **error)
{
    gboolean has_body = !g_str_equal(call->method, "GET") && !g_str_equal(call->method, "DELETE");
    g_autoptr(GString) path = g_string_new(call->operands[0]);
    json_t *fields = json_object();

    if (*path->str != '/') {
        json_decref(fields);
        return pf_command_refuse(error, _("'%s' is not a path below the API's address, such as /user"), path->str);
    }
    for (guint i = 1; i < call->count; i++) {
        g_auto(GStrv) field = g_strsplit(call->operands[i], "=", 2);
        if (!field[0] || !field[1] || !g_utf8_validate(call->operands[i], -1, NULL)) {
            json_decref(fields);
            return pf_command_refuse(error, _("'%s' is not KEY=VALUE"), call->operands[i]);
        }
        if (has_body)
            json_object_set_new(fields, field[0], json_string(field[1]));
        else
            add_to_query(path, field[0], field[1]);
    }
    char *body = has_body ? json_dumps(fields, JSON_COMPACT) : NULL;
    json_decref(fields);
    FlattrRequest *request = flattr_request_new(call->method, path->str, body);
    free(body);
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, error);
    if (!reply)
        return FALSE;
    /* A look-up's redirection is an answer of the API's as well. */
    if (flattr_reply_get_status(reply) >= 300 ? !flattr_reply_is_json(reply) : !flattr_reply_read_done(reply, error)) {
        if (error && !*error)
            g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                        _("the server answered %u, but not in the format of the API"), flattr_reply_get_status(reply));
        return FALSE;
    }
    pf_api_print_reply(call, reply);
    return TRUE;
}

const PfApiVerb pf_api_raw = {NULL, send_raw};

#define RESOURCE(resource, about, verbs)                                                                               \
    {                                                                                                                  \
        .name = resource, .operands = N_("[VERB] …"), .summary = about, .subcommands = verbs, .has_default = TRUE      \
    }

static const PfCommand resources[] = {
    RESOURCE("things", N_("What can be flattred"), pf_api_things),
    RESOURCE("flattrs", N_("Who flattred what"), pf_api_flattrs),
    RESOURCE("subscriptions", N_("What is flattred every month, by the thing's ID"), pf_api_subscriptions),
    RESOURCE("users", N_("All users"), pf_api_users),
    RESOURCE("user", N_("Your own account"), pf_api_user),
    RESOURCE("activities", N_("What users did"), pf_api_activities),
    RESOURCE("categories", N_("The categories of things"), pf_api_categories),
    RESOURCE("languages", N_("The languages of things"), pf_api_languages),
    RESOURCE("rate-limit", N_("How many requests are allowed"), pf_api_rate_limit),
    PF_API_RAW("GET"),
    PF_API_RAW("POST"),
    PF_API_RAW("PUT"),
    PF_API_RAW("PATCH"),
    PF_API_RAW("DELETE"),
    RESOURCE("hello", N_("Whether the server is up and speaks this API"), pf_api_hello),
    {0},
};

const PfCommand pf_command_api = {
    .name = "api",
    .operands = N_("RESOURCE [VERB] …"),
    .summary = N_("Call any method of the server's API"),
    .description =
        N_("See 'podflattr api RESOURCE VERB --help' for the options of each. The first verb of a resource is\n"
           "the default."),
    .examples = "  podflattr api things get 1 2\n"
                "  podflattr api flattrs list --format=json\n",
    .subcommands = resources,
    .options = pf_api_options,
    .options_size = sizeof(PfApiOptions),
    .needs = PF_COMMAND_NEEDS_SERVER,
};
