/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/i18n.h"
#include "flattr/private.h"

#include "flattr/flattr.h"
#include "flattr/retry_after.h"

#include <string.h>

G_DEFINE_QUARK(flattr_error, flattr_error)

const char *
flattr_get_version(void)
{
    return G_STRINGIFY(FLATTR_MAJOR_VERSION) "." G_STRINGIFY(FLATTR_MINOR_VERSION) "." G_STRINGIFY(
        FLATTR_MICRO_VERSION);
}

gboolean
flattr_error_from_code(const char *code, FlattrError *error)
{
    g_return_val_if_fail(error, FALSE);
    static const struct {
        const char *code;
        FlattrError error;
    } table[] = {
        {"invalid_request", FLATTR_ERROR_INVALID_REQUEST},
        {"invalid_parameters", FLATTR_ERROR_INVALID_PARAMETERS},
        {"validation", FLATTR_ERROR_VALIDATION},
        {"no_means", FLATTR_ERROR_NO_MEANS},
        {"no_money", FLATTR_ERROR_NO_MEANS},
        {"unauthorized", FLATTR_ERROR_UNAUTHORIZED},
        {"flattr_once", FLATTR_ERROR_FLATTR_ONCE},
        {"flattr_owner", FLATTR_ERROR_FLATTR_OWNER},
        {"insufficient_scope", FLATTR_ERROR_INSUFFICIENT_SCOPE},
        {"invalid_scope", FLATTR_ERROR_INVALID_SCOPE},
        {"rate_limit_exceeded", FLATTR_ERROR_RATE_LIMIT_EXCEEDED},
        {"forbidden", FLATTR_ERROR_FORBIDDEN},
        {"thing_owner", FLATTR_ERROR_THING_OWNER},
        {"subscribed", FLATTR_ERROR_SUBSCRIBED},
        {"not_found", FLATTR_ERROR_NOT_FOUND},
        {"not_acceptable", FLATTR_ERROR_NOT_ACCEPTABLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (g_strcmp0(code, table[i].code) == 0) {
            *error = table[i].error;
            return TRUE;
        }
    }
    return FALSE;
}

struct FlattrReply {
    gatomicrefcount references;
    guint status;
    GHashTable *headers; /* of lower-cased name to value */
    GString *body;
    json_t *json; /* of the body, once it was looked at */
    gboolean json_read;
};

FlattrReply *
flattr_reply_new(void)
{
    FlattrReply *reply = g_new0(FlattrReply, 1);

    g_atomic_ref_count_init(&reply->references);
    reply->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    reply->body = g_string_new(NULL);
    return reply;
}

FlattrReply *
flattr_reply_ref(FlattrReply *reply)
{
    g_return_val_if_fail(reply, NULL);
    g_atomic_ref_count_inc(&reply->references);
    return reply;
}

void
flattr_reply_free(FlattrReply *reply)
{
    if (!reply || !g_atomic_ref_count_dec(&reply->references))
        return;
    g_hash_table_unref(reply->headers);
    g_string_free(reply->body, TRUE);
    json_decref(reply->json);
    g_free(reply);
}

/* --- filling --- */

void
flattr_reply_add_head_line(FlattrReply *reply, const char *line, gsize length)
{
    g_return_if_fail(reply && line);
    g_autofree char *text = g_strndup(line, length);
    char *colon;

    g_strchomp(text);
    if (g_str_has_prefix(text, "HTTP/")) {
        const char *space = strchr(text, ' ');
        g_hash_table_remove_all(reply->headers);
        reply->status = space ? (guint)g_ascii_strtoull(space, NULL, 10) : 0;
    } else if ((colon = strchr(text, ':'))) {
        *colon = '\0';
        g_hash_table_replace(reply->headers, g_ascii_strdown(text, -1), g_strstrip(g_strdup(colon + 1)));
    }
}

gboolean
flattr_reply_append_body(FlattrReply *reply, const char *bytes, gsize length)
{
    g_return_val_if_fail(reply && bytes, FALSE);
    if (length > FLATTR_REPLY_MAX_BODY - reply->body->len)
        return FALSE;
    g_string_append_len(reply->body, bytes, (gssize)length);
    return TRUE;
}

/* --- the head --- */

guint
flattr_reply_get_status(const FlattrReply *reply)
{
    return reply ? reply->status : 0;
}

const char *
flattr_reply_get_header(const FlattrReply *reply, const char *name)
{
    g_return_val_if_fail(name, NULL);
    if (!reply)
        return NULL;
    g_autofree char *key = g_ascii_strdown(name, -1);

    return g_hash_table_lookup(reply->headers, key);
}

char **
flattr_reply_dup_headers(const FlattrReply *reply)
{
    g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
    GHashTableIter iterator;
    gpointer name, value;

    g_return_val_if_fail(reply, NULL);
    g_hash_table_iter_init(&iterator, reply->headers);
    while (g_hash_table_iter_next(&iterator, &name, &value)) {
        g_autofree char *line = g_strconcat(name, ": ", value, NULL);
        g_strv_builder_add(lines, line);
    }
    return g_strv_builder_end(lines);
}

const char *
flattr_reply_get_body(const FlattrReply *reply, gsize *length)
{
    if (length)
        *length = reply ? reply->body->len : 0;
    return reply ? reply->body->str : "";
}

static gboolean
get_number(const FlattrReply *reply, const char *name, gint64 *number)
{
    const char *text = flattr_reply_get_header(reply, name);

    return text && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, number, NULL);
}

gboolean
flattr_reply_get_rate_limit(const FlattrReply *reply, FlattrRateLimit *limit)
{
    g_return_val_if_fail(limit, FALSE);
    FlattrRateLimit read = {0};

    if (!get_number(reply, "X-RateLimit-Limit", &read.limit) ||
        !get_number(reply, "X-RateLimit-Remaining", &read.remaining) ||
        !get_number(reply, "X-RateLimit-Reset", &read.reset))
        return FALSE;
    if (!get_number(reply, "X-RateLimit-Current", &read.current))
        read.current = MAX(read.limit - read.remaining, 0);
    *limit = read;
    return TRUE;
}

gint64
flattr_reply_get_retry_after(const FlattrReply *reply, gint64 now)
{
    return pf_retry_after_parse(flattr_reply_get_header(reply, "Retry-After"), now);
}

/* --- the body --- */

static const json_t *
get_json(FlattrReply *reply)
{
    if (!reply)
        return NULL;
    if (!reply->json_read) {
        reply->json = json_loadb(reply->body->str, reply->body->len, 0, NULL);
        reply->json_read = TRUE;
    }
    return reply->json;
}

gboolean
flattr_reply_is_json(FlattrReply *reply)
{
    return get_json(reply) != NULL;
}

gboolean
flattr_reply_is_empty(const FlattrReply *reply)
{
    return !reply || reply->body->len == 0;
}

gboolean
flattr_reply_is_accepted(FlattrReply *reply)
{
    const json_t *json = get_json(reply);
    const json_t *message = json_object_get(json, "message");
    gboolean says_so = message && !json_is_null(message) ? g_strcmp0(json_string_value(message), "ok") == 0
                                                         : json_is_object(json_object_get(json, "thing"));

    return reply && reply->status >= 200 && reply->status < 300 && says_so;
}

const char *
flattr_reply_get_error_code(FlattrReply *reply)
{
    const json_t *json = get_json(reply);
    const char *code = json_string_value(json_object_get(json, "error"));

    /* A lookup that finds nothing says so in "message", without an "error". */
    if (!code && flattr_reply_get_status(reply) == 404)
        code = json_string_value(json_object_get(json, "message"));
    return code;
}

const char *
flattr_reply_get_message(FlattrReply *reply)
{
    return json_string_value(json_object_get(get_json(reply), "message"));
}

const char *
flattr_reply_get_description(FlattrReply *reply)
{
    const char *text = json_string_value(json_object_get(get_json(reply), "error_description"));

    return text ? text : json_string_value(json_object_get(get_json(reply), "description"));
}

const char *
flattr_reply_get_scope(FlattrReply *reply)
{
    return json_string_value(json_object_get(get_json(reply), "scope"));
}

gboolean
flattr_reply_check(FlattrReply *reply, GError **error)
{
    g_return_val_if_fail(reply, FALSE);
    if (reply->status >= 200 && reply->status < 400)
        return TRUE;

    const char *code = flattr_reply_get_error_code(reply);
    const char *text = flattr_reply_get_description(reply);
    FlattrError known = FLATTR_ERROR_SERVER;

    if (!code) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_SERVER,
                    _("the server answered %u, but not with an error of the API"), reply->status);
        return FALSE;
    }
    (void)flattr_error_from_code(code, &known);
    g_set_error(error, FLATTR_ERROR, (int)known, _("the server answered %u %s%s%s"), reply->status, code,
                text ? ": " : "", text ? text : "");
    return FALSE;
}

/* Media types are the same in capitals (RFC 9110 §8.3.1), and parameters may follow. */
static gboolean
has_json_type(const FlattrReply *reply)
{
    static const char json[] = "application/json";
    const char *type = flattr_reply_get_header(reply, "Content-Type");

    return type && g_ascii_strncasecmp(type, json, strlen(json)) == 0 && strchr("; \t", type[strlen(json)]);
}

gboolean
flattr_reply_read_done(FlattrReply *reply, GError **error)
{
    if (!flattr_reply_check(reply, error))
        return FALSE;

    const json_t *json = get_json(reply);
    /* The type of an empty answer says whose it is. */
    gboolean wordless = reply->status == 204 || (reply->body->len == 0 && has_json_type(reply));
    if (reply->status < 300 && (wordless || (json && !json_object_get(json, "error"))))
        return TRUE;
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                _("the server answered %u, which is neither success nor an error; is this the address of its API?"),
                reply->status);
    return FALSE;
}

const json_t *
flattr_reply_read_object(FlattrReply *reply, GError **error)
{
    if (!flattr_reply_check(reply, error))
        return NULL;
    if (!json_is_object(get_json(reply))) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                    _("the server answered %u with %zu bytes that are not a complete JSON object"), reply->status,
                    reply->body->len);
        return NULL;
    }
    return get_json(reply);
}

const json_t *
flattr_reply_read_array(FlattrReply *reply, const char *of, GError **error)
{
    if (!flattr_reply_check(reply, error))
        return NULL;
    if (!json_is_array(get_json(reply))) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server answered %u without a list of %s"),
                    reply->status, of);
        return NULL;
    }
    return get_json(reply);
}

gboolean
flattr_reply_read_hello(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return FALSE;
    if (g_strcmp0(json_string_value(json_object_get(object, "message")), "hello_world") == 0)
        return TRUE;
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                _("the server answered %u, but not in the format of the API"), reply->status);
    return FALSE;
}

FlattrThing *
flattr_reply_read_flattr(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return NULL;
    FlattrThing *thing = flattr_thing_new_from_json(json_object_get(object, "thing"));
    if (!thing)
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server answered %u without a thing"),
                    reply->status);
    return thing;
}

FlattrUser *
flattr_reply_read_user(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    return object ? flattr_user_new_from_json(object) : NULL;
}

gboolean
flattr_reply_read_rate_limit(FlattrReply *reply, FlattrRateLimit *limit, GError **error)
{
    g_return_val_if_fail(limit, FALSE);
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return FALSE;
    *limit = (FlattrRateLimit){
        .limit = flattr_json_get_integer(object, "hourly_limit"),
        .remaining = flattr_json_get_integer(object, "remaining_hits"),
        .current = flattr_json_get_integer(object, "current_hits"),
        .reset = flattr_json_get_integer(object, "reset_time_in_seconds"),
    };
    return TRUE;
}

gboolean
flattr_reply_get_page(FlattrReply *reply, FlattrPage *page)
{
    g_return_val_if_fail(page, FALSE);
    const json_t *object = get_json(reply);

    if (!json_is_array(json_object_get(object, "things")))
        return FALSE;
    *page = (FlattrPage){
        .total = json_object_get(object, "total_items") ? flattr_json_get_integer(object, "total_items") : -1,
        .items = (gint64)json_array_size(json_object_get(object, "things")),
        .page = json_object_get(object, "page") ? flattr_json_get_integer(object, "page") : 1,
    };
    return TRUE;
}

gint64
flattr_reply_read_lookup(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return 0;
    const char *location = flattr_reply_get_header(reply, "Location");
    if (!location)
        location = json_string_value(json_object_get(object, "location"));
    /* The address is read, never followed: only the id at its end counts. */
    const char *slash = location ? strrchr(location, '/') : NULL;
    gint64 id = 0;
    if (!slash || !g_ascii_string_to_signed(slash + 1, 10, 1, G_MAXINT64, &id, NULL)) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server's answer to a lookup names no thing"));
        return 0;
    }
    return id;
}

/* Answers that are lists of objects, and those that tell what became of one. */

typedef gpointer (*NewFromJson)(const json_t *json);

/* Items that are no objects are left out. */
static GPtrArray *
read_items(const json_t *list, NewFromJson new_item, GDestroyNotify free_item)
{
    GPtrArray *items = g_ptr_array_new_with_free_func(free_item);

    for (size_t i = 0; i < json_array_size(list); i++) {
        gpointer item = new_item(json_array_get(list, i));
        if (item)
            g_ptr_array_add(items, item);
    }
    return items;
}

static gpointer
new_flattr(const json_t *json)
{
    return flattr_flattr_new_from_json(json);
}

static gpointer
new_thing(const json_t *json)
{
    return flattr_thing_new_from_json(json);
}

static gpointer
new_subscription(const json_t *json)
{
    return flattr_subscription_new_from_json(json);
}

static gpointer
new_activity(const json_t *json)
{
    return flattr_activity_new_from_json(json);
}

static gpointer
new_choice(const json_t *json)
{
    return flattr_choice_new_from_json(json);
}

GPtrArray *
flattr_reply_read_flattrs(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "flattrs", error);

    return list ? read_items(list, new_flattr, (GDestroyNotify)flattr_flattr_free) : NULL;
}

GPtrArray *
flattr_reply_read_things(FlattrReply *reply, GError **error)
{
    g_return_val_if_fail(reply, NULL);
    const json_t *object = flattr_reply_read_object(reply, NULL);
    const json_t *list = object ? json_object_get(object, "things") : flattr_reply_read_array(reply, "things", error);

    /* A single thing comes as it is, and a list where the API's own page shows a single one. */
    if (object && !list && json_object_get(object, "id")) {
        GPtrArray *single = g_ptr_array_new_with_free_func((GDestroyNotify)flattr_thing_free);
        g_ptr_array_add(single, flattr_thing_new_from_json(object));
        return single;
    }
    if (object && !json_is_array(list)) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server answered %u without things"),
                    flattr_reply_get_status(reply));
        return NULL;
    }
    return list ? read_items(list, new_thing, (GDestroyNotify)flattr_thing_free) : NULL;
}

gint64
flattr_reply_read_created(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);
    gint64 id = object ? flattr_json_get_integer(object, "id") : 0;

    if (object && id <= 0) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server does not say which thing it created"));
        return 0;
    }
    return id;
}

GPtrArray *
flattr_reply_read_subscriptions(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "subscriptions", error);

    return list ? read_items(list, new_subscription, (GDestroyNotify)flattr_subscription_free) : NULL;
}

gboolean
flattr_reply_read_toggled(FlattrReply *reply, gboolean *active, GError **error)
{
    g_return_val_if_fail(active, FALSE);
    const json_t *object = flattr_reply_read_object(reply, error);
    const char *message = object ? json_string_value(json_object_get(object, "message")) : NULL;
    gboolean started = g_strcmp0(message, "started") == 0;

    if (!object)
        return FALSE;
    if (!started && g_strcmp0(message, "paused") != 0) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                    _("the server does not say whether the subscription was started or paused"));
        return FALSE;
    }
    *active = started;
    return TRUE;
}

GPtrArray *
flattr_reply_read_activities(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return NULL;
    if (!json_is_array(json_object_get(object, "items"))) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the server answered %u without activities"),
                    flattr_reply_get_status(reply));
        return NULL;
    }
    return read_items(json_object_get(object, "items"), new_activity, (GDestroyNotify)flattr_activity_free);
}

GPtrArray *
flattr_reply_read_choices(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "choices", error);

    return list ? read_items(list, new_choice, (GDestroyNotify)flattr_choice_free) : NULL;
}
