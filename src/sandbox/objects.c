/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/objects.h"

#include "base/clock.h"

/* Links lead to where a thing was at flattr.com: sent as the url of a flattr, they name the thing here too. */
#define LINK_BASE "https://flattr.com"

static void
set_text(json_t *object, const char *name, char *text)
{
    json_object_set_new(object, name, json_string(text));
    g_free(text);
}

/* Names hold colons ("github:octocat"), which may stand in a path, and whatever else a link's author made up. */
static char *
make_address(const char *base, const char *folder, const char *name)
{
    g_autofree char *escaped = g_uri_escape_string(name, ":@", TRUE);

    return g_strconcat(base, folder, escaped, NULL);
}

/* Writes a user of whom only the name is wanted. */
static json_t *
sandbox_object_of_name(const SandboxService *service, const char *name)
{
    json_t *object = json_pack("{s:s}", "type", "user");
    g_autofree char *endpoint = g_strconcat(service->base, "/rest/v2", NULL);

    set_text(object, "resource", make_address(endpoint, "/users/", name));
    set_text(object, "link", make_address(LINK_BASE, "/profile/", name));
    json_object_set_new(object, "username", json_string(name));
    return object;
}

json_t *
sandbox_object_of_user(const SandboxService *service, const SandboxUser *user, const char *scopes)
{
    static const char *const blank[] = {"url", "firstname", "lastname", "avatar", "about", "city", "country"};
    json_t *object = sandbox_object_of_name(service, user->name);
    gboolean extended = sandbox_scopes_hold(scopes, "extendedread");

    for (gsize i = 0; i < G_N_ELEMENTS(blank); i++)
        json_object_set_new(object, blank[i], json_string(""));
    if (extended || sandbox_scopes_hold(scopes, "email"))
        set_text(object, "email", g_strconcat(user->name, "@example.com", NULL));
    if (extended)
        json_object_set_new(object, "registered_at", json_integer(user->registered_at));
    return object;
}

json_t *
sandbox_object_of_mini_thing(const SandboxService *service, const SandboxThing *thing)
{
    json_t *object = json_pack("{s:s}", "type", "thing");

    set_text(object, "resource", g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id));
    set_text(object, "link", g_strdup_printf(LINK_BASE "/thing/%" G_GINT64_FORMAT, thing->id));
    json_object_set_new(object, "id", json_integer(thing->id));
    json_object_set_new(object, "url", json_string(thing->url));
    json_object_set_new(object, "title", json_string(thing->title));
    json_object_set_new(object, "image", json_string(""));
    json_object_set_new(object, "flattrs", json_integer(thing->flattrs));
    return object;
}

static json_t *
make_tags(const char *tags)
{
    json_t *list = json_array();
    g_auto(GStrv) words = g_strsplit(tags, ",", -1);

    for (char **word = words; *word; word++) {
        if (*g_strstrip(*word))
            json_array_append_new(list, json_string(*word));
    }
    return list;
}

static json_t *
make_owner(const SandboxService *service, const SandboxRequest *request, const char *name)
{
    if (sandbox_request_wants_full(request)) {
        g_autoptr(SandboxUser) owner = sandbox_store_get_user(service->store, name);
        if (owner)
            return sandbox_object_of_user(service, owner, NULL);
    }
    return sandbox_object_of_name(service, name);
}

static void
add_own_view(const SandboxService *service, const SandboxRequest *request, const SandboxThing *thing, json_t *object)
{
    char month[PF_CLOCK_MONTH_SIZE];

    pf_clock_month(request->now, month);
    json_object_set_new(object, "flattred",
                        json_boolean(sandbox_store_has_flattr(service->store, request->user->id, thing->id, month)));
    g_autoptr(SandboxSubscription) subscription =
        sandbox_store_get_subscription(service->store, request->user->id, thing->id);
    json_object_set_new(object, "subscribed", json_boolean(subscription != NULL));
    if (request->user->id == thing->owner_id) {
        json_object_set_new(object, "last_flattr_at", json_integer(thing->last_flattr_at));
        json_object_set_new(object, "updated_at", json_integer(thing->updated_at));
    }
}

json_t *
sandbox_object_of_thing(const SandboxService *service, const SandboxRequest *request, const SandboxThing *thing)
{
    json_t *object = sandbox_object_of_mini_thing(service, thing);

    json_object_set_new(object, "flattrs_user_count",
                        json_integer(sandbox_store_count_flattrers(service->store, thing->id)));
    json_object_set_new(object, "description", json_string(thing->description));
    json_object_set_new(object, "tags", make_tags(thing->tags));
    json_object_set_new(object, "language", json_string(thing->language));
    json_object_set_new(object, "category", json_string(thing->category));
    json_object_set_new(object, "created_at", json_integer(thing->created_at));
    json_object_set_new(object, "hidden", json_boolean(thing->hidden != 0));
    json_object_set_new(object, "owner", make_owner(service, request, thing->owner));
    if (request->user)
        add_own_view(service, request, thing, object);
    return object;
}

/* The thing as lists of other objects show it: small with its owner, or in full when that was asked for. */
static json_t *
make_thing(const SandboxService *service, const SandboxRequest *request, const SandboxThing *thing)
{
    if (sandbox_request_wants_full(request))
        return sandbox_object_of_thing(service, request, thing);

    json_t *object = sandbox_object_of_mini_thing(service, thing);
    json_object_set_new(object, "owner", make_owner(service, request, thing->owner));
    return object;
}

static json_t *
make_flattr(const SandboxService *service, const SandboxRequest *request, const SandboxFlattr *flattr)
{
    return json_pack("{s:s, s:o, s:o, s:I}", "type", "flattr", "thing", make_thing(service, request, flattr->thing),
                     "owner", make_owner(service, request, flattr->user), "created_at", (json_int_t)flattr->created_at);
}

json_t *
sandbox_object_of_flattrs(const SandboxService *service, const SandboxRequest *request, const GPtrArray *flattrs)
{
    json_t *list = json_array();

    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(list, make_flattr(service, request, g_ptr_array_index(flattrs, i)));
    return list;
}

json_t *
sandbox_object_of_subscription(const SandboxService *service, const SandboxRequest *request,
                               const SandboxSubscription *subscription)
{
    return json_pack("{s:s, s:b, s:I, s:I, s:o}", "type", "subscription", "active", subscription->active, "created_at",
                     (json_int_t)subscription->created_at, "started_at", (json_int_t)subscription->started_at, "thing",
                     sandbox_object_of_thing(service, request, subscription->thing));
}

void
sandbox_users_get_hello(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:s, s:s}", "message", "hello_world", "description",
                                       "This is flattr-sandbox, a test server of the Flattr API"));
}

void
sandbox_users_get_self(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    sandbox_answer_take_json(answer, 200, sandbox_object_of_user(service, request->user, request->scopes));
}

void
sandbox_users_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (user)
        sandbox_answer_take_json(answer, 200, sandbox_object_of_user(service, user, NULL));
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No such user");
}

void
sandbox_users_get_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxRate rate = sandbox_rate_limit_peek(service->rates, sandbox_request_client(request), request->now);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(rate.reset);
    g_autofree char *text = date ? g_date_time_format(date, "%a, %d %b %Y %H:%M:%S +0000 GMT") : g_strdup("");

    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:I, s:I, s:I, s:I, s:s}", "hourly_limit", (json_int_t)rate.limit,
                                       "remaining_hits", (json_int_t)rate.remaining, "current_hits",
                                       (json_int_t)rate.current, "reset_time_in_seconds", (json_int_t)rate.reset,
                                       "reset_time", text));
}

#define ITEMS_MAX 30

static void
list_activities(SandboxService *service, const SandboxRequest *request, SandboxFlattrFilter filter, gint64 user_id,
                SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");

    if (!type || !*type || g_str_equal(type, "outgoing")) {
        filter.user_id = user_id;
    } else if (g_str_equal(type, "incoming")) {
        filter.owner_id = user_id;
    } else {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "type must be outgoing or incoming");
        return;
    }
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &filter, ITEMS_MAX, 0);
    sandbox_answer_take_json(answer, 200, sandbox_object_of_flattrs(service, request, flattrs));
}

void
sandbox_activities_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");
    /* What one gave is never hidden from oneself; what others gave is. */
    const SandboxFlattrFilter filter = {.shown = g_strcmp0(type, "incoming") == 0,
                                        .viewer_id = sandbox_request_viewer(request)};

    list_activities(service, request, filter, request->user->id, answer);
}

void
sandbox_activities_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    const SandboxFlattrFilter filter = {.shown = TRUE, .viewer_id = sandbox_request_viewer(request)};
    if (user)
        list_activities(service, request, filter, user->id, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No such user");
}
