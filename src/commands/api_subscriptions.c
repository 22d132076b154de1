/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api subscriptions: what is flattred every month. */
#include "commands/api.h"

static GPtrArray *
read_all(PfApiCall *call, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_subscriptions(), error);

    return reply ? flattr_reply_read_subscriptions(reply, error) : NULL;
}

static gboolean
list(PfApiCall *call, GError **error)
{
    g_autoptr(GPtrArray) subscriptions = read_all(call, error);

    for (guint i = 0; subscriptions && i < subscriptions->len; i++)
        pf_api_output_row_take(&call->output,
                               pf_api_output_read_take(flattr_subscription_dup_json(subscriptions->pdata[i])));
    return subscriptions != NULL;
}

static gboolean
create(PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_create(id), error))
        return FALSE;
    g_message("thing %" G_GINT64_FORMAT " is subscribed to: it is flattred every month", id);
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
                    "you have not subscribed to thing %" G_GINT64_FORMAT
                    "; 'podflattr api subscriptions' shows what you have",
                    id);
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
                            "the subscription is turned on and off by somebody else at the same time; try again");
        return FALSE;
    }
    g_message("the subscription of thing %" G_GINT64_FORMAT " %s", id, active ? "is active" : "pauses");
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

static gboolean delete (PfApiCall *call, GError **error)
{
    gint64 id = 0;

    if (!pf_api_parse_id(call->operands[0], &id, error) ||
        !pf_api_do_take(call, flattr_request_new_subscription_delete(id), error))
        return FALSE;
    g_message("the subscription of thing %" G_GINT64_FORMAT " has ended", id);
    return TRUE;
}

static const PfApiColumn columns[] = {
    {"ID", "thing.id", 8}, {"ACTIVE", "active", 6}, {"SINCE", "started_at", 16}, {"THING", "thing.title", 0}};

static const PfApiVerb verbs[] = {
    {"list", "", 0, 0, "", "list your subscriptions", columns, list},
    {"create", "ID", 1, 1, "", "flattr a thing every month from the next on", NULL, create},
    {"pause", "ID", 1, 1, "", "flattr the thing no more until it is resumed", NULL, pause_it},
    {"resume", "ID", 1, 1, "", "flattr the thing every month again", NULL, resume},
    {"delete", "ID", 1, 1, "", "end the subscription of a thing", NULL, delete},
    {0},
};

const PfApiResource pf_api_subscriptions = {"subscriptions", "What is flattred every month, by the thing's ID", verbs};
