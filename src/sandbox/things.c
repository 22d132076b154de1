/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/things.h"

#include "sandbox/objects.h"
#include "sandbox/thing_fields.h"

static const char no_thing[] = "No thing was found";

static const char *
or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

/* Which category or language a thing gets that was not checked. */
static const char *
known_or_else(const char *name, const char *text, const char *otherwise)
{
    return text && !sandbox_thing_text_check(name, text) ? text : otherwise;
}

SandboxThing *
sandbox_things_add(SandboxService *service, const char *page, const char *owner, const char *title,
                   const SandboxUrl *about, gint64 now)
{
    static const SandboxUrl nothing;
    g_autofree char *verified = sandbox_store_get_identity(service->store, owner);
    g_autoptr(SandboxUser) user = sandbox_store_need_user(service->store, verified ? verified : owner, now);

    if (!user)
        return NULL;
    if (!about)
        about = &nothing;
    /* The store only reads the texts. */
    const SandboxThing thing = {
        .url = (char *)page,
        .owner_id = user->id,
        .title = (char *)or_else(title, page),
        .description = (char *)or_else(about->description, ""),
        .language = (char *)known_or_else("language", about->language, "en_GB"),
        .category = (char *)known_or_else("category", about->category, "rest"),
        .tags = (char *)or_else(about->tags, ""),
        .hidden = about->hidden,
        .created_at = now,
    };
    return sandbox_store_add_thing(service->store, &thing);
}

SandboxThing *
sandbox_things_find(SandboxService *service, const char *text, const SandboxUrl *url)
{
    SandboxThing *thing = NULL;

    if (url->kind == SANDBOX_URL_THING)
        return sandbox_store_get_thing(service->store, url->id);
    /* A page that somebody registered is theirs, also at a site where owners are discovered. */
    if (url->kind == SANDBOX_URL_DISCOVERABLE)
        thing = sandbox_store_find_thing(service->store, text);
    return thing ? thing : sandbox_store_find_thing(service->store, url->page);
}

/* Sets the error and returns TRUE when an auto-submit URL claims another's thing. */
static gboolean
is_claimed_wrongly(SandboxService *service, const SandboxUrl *url, const SandboxThing *thing, SandboxAnswer *answer)
{
    if (url->kind != SANDBOX_URL_AUTO_SUBMIT || !url->owner || g_str_equal(url->owner, thing->owner))
        return FALSE;
    g_autofree char *verified = sandbox_store_get_identity(service->store, url->owner);
    if (g_strcmp0(verified, thing->owner) == 0)
        return FALSE;
    sandbox_answer_set_error(answer, 400, "validation", "Owner mismatch: the thing belongs to another user");
    return TRUE;
}

static gboolean
may_be_made(const SandboxUrl *url, SandboxAnswer *answer)
{
    const char *wrong = url->kind == SANDBOX_URL_AUTO_SUBMIT ? sandbox_thing_fields_check_url(url) : NULL;

    if (url->kind != SANDBOX_URL_AUTO_SUBMIT && url->kind != SANDBOX_URL_DISCOVERABLE) {
        sandbox_answer_set_error(answer, 404, "not_found", no_thing);
        return FALSE;
    }
    if (wrong)
        sandbox_answer_set_error(answer, 400, "validation", wrong);
    return !wrong;
}

SandboxThing *
sandbox_things_need(SandboxService *service, const char *text, gint64 now, SandboxAnswer *answer)
{
    g_autoptr(SandboxUrl) url = sandbox_url_read(text);

    if (url->kind == SANDBOX_URL_BAD) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", url->problem);
        return NULL;
    }
    if (url->kind == SANDBOX_URL_AUTO_SUBMIT && !url->owner) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters",
                                 "The auto-submit URL names no user_id and no owner");
        return NULL;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_find(service, text, url);
    if (thing)
        return is_claimed_wrongly(service, url, thing, answer) ? NULL : g_steal_pointer(&thing);
    return may_be_made(url, answer) ? sandbox_things_add(service, url->page, url->owner, url->title, url, now) : NULL;
}

void
sandbox_things_lookup(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *text = g_hash_table_lookup(request->query, "url");
    g_autoptr(SandboxUrl) url = sandbox_url_read(text);

    if (!text) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The url parameter is missing");
        return;
    }
    if (url->kind == SANDBOX_URL_BAD) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", url->problem);
        return;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_find(service, text, url);
    if (!thing) {
        sandbox_answer_take_json(answer, 404, json_pack("{s:s, s:s}", "message", "not_found", "description", no_thing));
        return;
    }
    if (is_claimed_wrongly(service, url, thing, answer))
        return;
    g_autofree char *location = g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id);
    sandbox_answer_add_header(answer, "Location", location);
    sandbox_answer_take_json(answer, 302, json_pack("{s:s, s:s}", "message", "found", "location", location));
}

void
sandbox_things_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) wanted = g_new0(SandboxThing, 1);
    const char *wrong = sandbox_thing_fields_read(request, wanted);
    const char *page = NULL;

    if (!sandbox_request_get_field(request, "url", &page) || !sandbox_url_is_web(page))
        wrong = "Invalid url";
    if (!wrong) {
        g_autoptr(SandboxThing) known = sandbox_store_find_thing(service->store, page);
        wrong = known ? "There is a thing with that url already" : NULL;
    }
    if (wrong) {
        sandbox_answer_set_error(answer, 400, "validation", wrong);
        return;
    }
    wanted->url = g_strdup(page);
    wanted->owner_id = request->user->id;
    wanted->created_at = request->now;
    if (!wanted->title)
        wanted->title = g_strdup(page);
    g_autoptr(SandboxThing) thing = sandbox_store_add_thing(service->store, wanted);
    if (!thing)
        return;
    g_autofree char *link = g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id);
    sandbox_answer_take_json(answer, 201,
                             json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)thing->id, "link", link, "message",
                                       "ok", "description", "Thing was created successfully"));
}

/* Finds the thing of the path when it is the token's user's; else answers. Returns (transfer full) it, or NULL. */
static SandboxThing *
need_own(SandboxService *service, const SandboxRequest *request, const char *refusal, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, sandbox_request_get_id(request));

    if (!thing)
        sandbox_answer_set_error(answer, 404, "not_found", no_thing);
    else if (thing->owner_id != request->user->id)
        sandbox_answer_set_error(answer, 403, "forbidden", refusal);
    else
        return g_steal_pointer(&thing);
    return NULL;
}

void
sandbox_things_update(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = need_own(service, request, "You are not allowed to update the thing", answer);

    if (!thing)
        return;
    const char *wrong = sandbox_thing_fields_read(request, thing);
    if (wrong) {
        sandbox_answer_set_error(answer, 400, "validation", wrong);
        return;
    }
    thing->updated_at = request->now;
    sandbox_store_update_thing(service->store, thing);
    sandbox_answer_set_message(answer, 200, "ok", "Thing was updated correctly");
}

void
sandbox_things_post(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *method = NULL;

    if (!sandbox_request_get_field(request, "_method", &method) || !method || g_ascii_strcasecmp(method, "patch") != 0)
        sandbox_answer_set_error(answer, 400, "invalid_request", "A thing is posted to with _method=patch only");
    else
        sandbox_things_update(service, request, answer);
}

void
sandbox_things_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = need_own(service, request, "You are not allowed to delete the thing", answer);

    if (!thing)
        return;
    sandbox_store_delete_thing(service->store, thing->id);
    sandbox_answer_set_empty(answer, 204);
}

static json_t *
describe_thing(SandboxService *service, const SandboxRequest *request, const char *id_text)
{
    guint64 id = 0;

    if (!g_ascii_string_to_unsigned(id_text, 10, 1, G_MAXINT64, &id, NULL))
        return NULL;
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, (gint64)id);
    return thing ? sandbox_object_of_thing(service, request, thing) : NULL;
}

void
sandbox_things_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_auto(GStrv) ids = g_strsplit(request->captures[0], ",", -1);
    json_t *list = json_array();

    for (char **id = ids; *id; id++) {
        json_t *object = describe_thing(service, request, *id);
        if (!object) {
            json_decref(list);
            sandbox_answer_set_error(answer, 404, "not_found", no_thing);
            return;
        }
        json_array_append_new(list, object);
    }
    if (json_array_size(list) == 1) {
        sandbox_answer_take_json(answer, 200, json_incref(json_array_get(list, 0)));
        json_decref(list);
    } else {
        sandbox_answer_take_json(answer, 200, list);
    }
}
