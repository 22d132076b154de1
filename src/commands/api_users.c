/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api users, user and activities: people, and what they did. */
#include "commands/api.h"

/* --- users, user --- */

static gboolean
get_users(PfApiCall *call, GError **error)
{
    for (guint i = 0; i < call->count; i++) {
        g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_user_named(call->operands[i]), error);
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
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, flattr_request_new_user(), error);
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

static const PfApiVerb users_verbs[] = {
    {"get", "NAME…", 1, PF_API_ANY, "", "show users by their names", user_columns, get_users},
    {"verify", "NAME IDENTITY", 2, 2, "", "tie partner:NAMESPACE:ID to a user (for partners)", NULL, verify_user},
    {0},
};

const PfApiResource pf_api_users = {"users", "Everybody", users_verbs};

static const PfApiVerb user_verbs[] = {
    {"get", "", 0, 0, "", "show whose access token it is", NULL, get_own},
    {"verify", "IDENTITY", 1, 1, "", "tie partner:NAMESPACE:ID to yourself", NULL, verify_own},
    {0},
};

const PfApiResource pf_api_user = {"user", "Yourself", user_verbs};

/* --- activities --- */

static gboolean
list_activities(PfApiCall *call, GError **error)
{
    gboolean incoming = g_strcmp0(call->options.type, "incoming") == 0;
    g_autoptr(FlattrReply) reply =
        pf_api_send_take(call, flattr_request_new_activities(call->options.user, incoming), error);
    g_autoptr(GPtrArray) activities = reply ? flattr_reply_read_activities(reply, error) : NULL;

    for (guint i = 0; activities && i < activities->len; i++)
        pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_activity_dup_json(activities->pdata[i])));
    return activities != NULL;
}

static const PfApiColumn activity_columns[] = {{"WHEN", "published", 20}, {"WHO", "actor", 16}, {"WHAT", "title", 0}};

static const PfApiVerb activities_verbs[] = {
    {"list", "", 0, 0, "user type", "list what a user flattred, or was flattred for", activity_columns,
     list_activities},
    {0},
};

const PfApiResource pf_api_activities = {"activities", "What users did", activities_verbs};
