/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/things.h"

#include "sandbox/objects.h"

static const char no_thing[] = "No thing was found";

static const char *
or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

SandboxThing *
sandbox_things_add(SandboxService *service, const char *page, const char *owner, const char *title,
                   const SandboxUrl *about, gint64 now)
{
    static const SandboxUrl nothing;
    g_autoptr(SandboxUser) user = sandbox_store_need_user(service->store, owner, now);

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
        .language = (char *)or_else(about->language, "en_GB"),
        .category = (char *)or_else(about->category, "rest"),
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
is_claimed_wrongly(const SandboxUrl *url, const SandboxThing *thing, SandboxAnswer *answer)
{
    if (url->kind != SANDBOX_URL_AUTO_SUBMIT || !url->owner || g_str_equal(url->owner, thing->owner))
        return FALSE;
    sandbox_answer_set_error(answer, 400, "validation", "Owner mismatch: the thing belongs to another user");
    return TRUE;
}

static gboolean
may_be_made(const SandboxUrl *url, SandboxAnswer *answer)
{
    const char *wrong = url->kind == SANDBOX_URL_AUTO_SUBMIT ? sandbox_url_check_description(url) : NULL;

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
        return is_claimed_wrongly(url, thing, answer) ? NULL : g_steal_pointer(&thing);
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
    if (is_claimed_wrongly(url, thing, answer))
        return;
    g_autofree char *location = g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id);
    sandbox_answer_add_header(answer, "Location", location);
    sandbox_answer_take_json(answer, 302, json_pack("{s:s, s:s}", "message", "found", "location", location));
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
