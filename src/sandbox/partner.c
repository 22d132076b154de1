/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/partner.h"

#include "sandbox/request.h"

#include <string.h>

/* Names of settings. */
#define PARTNER_USER "partner_user"
#define PARTNER_NAMESPACE "partner_namespace"
#define PARTNER_HOOK "partner_hook"

/* Returns what is wrong with an identity that is to be "partner:NAMESPACE:ID"; NULL when nothing is. */
static const char *
check_identity(SandboxService *service, const char *identity)
{
    g_autofree char *wanted = sandbox_store_get_setting(service->store, PARTNER_NAMESPACE);
    g_auto(GStrv) parts = g_strsplit(identity, ":", 3);

    if (g_strv_length(parts) != 3 || !g_str_equal(parts[0], "partner") || !*parts[1] || !*parts[2])
        return "identity must be partner:NAMESPACE:ID";
    if (wanted && *wanted && !g_str_equal(wanted, parts[1]))
        return "The identity's namespace belongs to another partner";
    return NULL;
}

static void
verify(SandboxService *service, const SandboxRequest *request, const SandboxUser *user, SandboxAnswer *answer)
{
    const char *identity = NULL;

    if (!sandbox_request_get_field(request, "identity", &identity) || !identity) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters",
                                 "The identity parameter is missing or is not a string");
        return;
    }
    const char *wrong = check_identity(service, identity);
    g_autofree char *holder = sandbox_store_get_identity(service->store, identity);
    if (!wrong && holder && !g_str_equal(holder, user->name))
        wrong = "The identity belongs to another user";
    if (wrong) {
        sandbox_answer_set_error(answer, 401, "unauthorized", wrong);
        return;
    }
    if (!holder)
        sandbox_store_claim_identity(service->store, identity, user->id);
    sandbox_answer_set_done(answer, 200);
}

void
sandbox_partner_verify_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *partner = sandbox_store_get_setting(service->store, PARTNER_USER);

    if (!g_str_equal(request->user->name, partner ? partner : service->user)) {
        sandbox_answer_set_error(answer, 401, "unauthorized", "The access token does not belong to the partner");
        return;
    }
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);
    if (user)
        verify(service, request, user, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No such user");
}

void
sandbox_partner_verify_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    verify(service, request, request->user, answer);
}

void
sandbox_partner_configure(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *name = service->user, *space = "", *hook = "";

    if (!sandbox_request_read_object(request, answer, "{s?s, s?s, s?s}", "user", &name, "namespace", &space, "hook",
                                     &hook))
        return;
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, name);
    if (!user || strchr(space, ':') || (*hook && !sandbox_hooks_allow(hook))) {
        sandbox_answer_take_json(answer, 400,
                                 json_pack("{s:s}", "message",
                                           user ? "'namespace' must not contain a colon, and 'hook' must be a web "
                                                  "address at 127.0.0.1, ::1 or localhost"
                                                : "No such user"));
        return;
    }
    sandbox_store_set_setting(service->store, PARTNER_USER, name);
    sandbox_store_set_setting(service->store, PARTNER_NAMESPACE, space);
    sandbox_store_set_setting(service->store, PARTNER_HOOK, hook);
    sandbox_answer_take_json(answer, 200, json_pack("{s:s}", "message", "ok"));
}

void
sandbox_partner_list_hooks(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)request;
    sandbox_answer_take_json(answer, 200, sandbox_hooks_list(service->hooks));
}

void
sandbox_partner_tell(SandboxService *service, const SandboxUser *user, const SandboxThing *thing)
{
    /* Accounts' names hold no colon, identifiers and discovered owners do. */
    g_autofree char *hook = strchr(thing->owner, ':') ? sandbox_store_get_setting(service->store, PARTNER_HOOK) : NULL;

    if (!hook || !*hook)
        return;
    g_autofree char *owner = g_uri_escape_string(thing->owner, NULL, FALSE);
    g_autofree char *flattrer = g_uri_escape_string(user->hides_flattrs ? "" : user->name, NULL, FALSE);
    g_autofree char *claim = g_strdup_printf("%s/claim", service->base);
    g_autofree char *claim_escaped = g_uri_escape_string(claim, NULL, FALSE);
    g_autofree char *body =
        g_strdup_printf("_event=pendingclickcreate&thing_id=%" G_GINT64_FORMAT
                        "&thing_owner_id=%s&thing_clicks_total=%" G_GINT64_FORMAT "&flattrer_username=%s&claim_url=%s",
                        thing->id, owner, thing->flattrs, flattrer, claim_escaped);
    sandbox_hooks_add(service->hooks, hook, body);
}
