/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/secret_service.h"

#include "base/i18n.h"
#include "base/session_bus.h"
#include "base/text.h"
#include "config/config.h"
#include <gio/gio.h>
#include <string.h>

#define NAME "org.freedesktop.secrets"
#define PATH "/org/freedesktop/secrets"
#define SERVICE "org.freedesktop.Secret.Service"
#define COLLECTION "org.freedesktop.Secret.Collection"
#define ITEM "org.freedesktop.Secret.Item"
#define PROMPT "org.freedesktop.Secret.Prompt"
#define SCHEMA "org.podflattr.Token"

/* The service may have to be started first. */
#define ANSWER_MS 20000

/* How long a person may take to type a password. */
#define PROMPT_SECONDS 120

/* The longest token that is taken, bytes: more is another thing stored under our name. */
#define MAX_TOKEN 4096

/* How the service says that there is no object. */
#define NO_OBJECT "/"

/*
 * Why not libsecret: a prompt of it has no time limit, its GCancellable only asks the service to dismiss the prompt and
 * waits on for the answer, and a service that ended while it asked looks like a user who refused.
 */

G_DEFINE_QUARK(pf_secret_service_error, pf_secret_service_error)

/* --- the connection --- */

static gboolean
fail(GError **error, PfSecretServiceError code, const char *text)
{
    const char *remedy = code == PF_SECRET_SERVICE_ERROR_LOCKED
                             ? _("unlock it and try again")
                             : _("start one (GNOME Keyring, KWallet, KeePassXC), or set "
                                 "token-store = file in the configuration");

    g_set_error(error, PF_SECRET_SERVICE_ERROR, (int)code, _("the keyring (token-store = secret-service): %s; %s"),
                text, remedy);
    return FALSE;
}

static gboolean
fail_take(GError **error, PfSecretServiceError code, GError *cause)
{
    g_dbus_error_strip_remote_error(cause);
    fail(error, code, cause->message);
    g_error_free(cause);
    return FALSE;
}

static GDBusConnection *
connect_bus(GError **error)
{
    GError *cause = NULL;
    GDBusConnection *bus = pf_session_bus_connect(&cause);

    if (!bus)
        fail_take(error, PF_SECRET_SERVICE_ERROR_ABSENT, cause);
    return bus;
}

/* A method of the specification, and the type of its answer. */
typedef struct {
    const char *interface, *name, *type;
} Method;

static const Method search_items = {SERVICE, "SearchItems", "(aoao)"};
static const Method open_plain_session = {SERVICE, "OpenSession", "(vo)"};
static const Method unlock_objects = {SERVICE, "Unlock", "(aoo)"};
static const Method read_alias = {SERVICE, "ReadAlias", "(o)"};
static const Method create_item = {COLLECTION, "CreateItem", "(oo)"};
static const Method get_secret = {ITEM, "GetSecret", "((oayays))"};
static const Method delete_item = {ITEM, "Delete", "(o)"};
static const Method show_prompt = {PROMPT, "Prompt", "()"};

/* Calls a method of the object @path. @parameters is consumed. Returns (transfer full) what it answers. */
static GVariant *
call(GDBusConnection *bus, const char *path, const Method *method, GVariant *parameters, GError **error)
{
    GError *cause = NULL;
    GVariant *answer =
        g_dbus_connection_call_sync(bus, NAME, path, method->interface, method->name, parameters,
                                    G_VARIANT_TYPE(method->type), G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, NULL, &cause);

    if (!answer)
        fail_take(error,
                  g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ? PF_SECRET_SERVICE_ERROR_ABSENT
                                                                                     : PF_SECRET_SERVICE_ERROR_FAILED,
                  cause);
    return answer;
}

/* --- questions to the user --- */

typedef struct {
    GMainLoop *loop;
    gboolean answered;
    gboolean dismissed;
    gboolean vanished; /* the service, or the bus, ended before it answered */
} Question;

static void
question_answered(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
                  GVariant *parameters, gpointer data)
{
    Question *question = data;

    (void)bus;
    (void)sender;
    (void)path;
    (void)interface;
    (void)signal;
    /* An answer of another type is not a yes. */
    question->dismissed = TRUE;
    if (g_variant_is_of_type(parameters, G_VARIANT_TYPE("(bv)")))
        g_variant_get(parameters, "(bv)", &question->dismissed, NULL);
    question->answered = TRUE;
    g_main_loop_quit(question->loop);
}

static gboolean
question_too_old(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

/* Called for the owner that the service's name has at first, too: only its loss ends the question. */
static void
owner_changed(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
              GVariant *parameters, gpointer data)
{
    Question *question = data;
    const char *owner = "";

    (void)bus;
    (void)sender;
    (void)path;
    (void)interface;
    (void)signal;
    if (g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sss)")))
        g_variant_get(parameters, "(&s&s&s)", NULL, NULL, &owner);
    if (*owner)
        return;
    question->vanished = TRUE;
    g_main_loop_quit(question->loop);
}

static void
bus_closed(GDBusConnection *bus, gboolean remote_peer_vanished, GError *cause, gpointer data)
{
    Question *question = data;

    (void)bus;
    (void)remote_peer_vanished;
    (void)cause;
    question->vanished = TRUE;
    g_main_loop_quit(question->loop);
}

static gboolean
wait_for_answer(GDBusConnection *bus, const char *prompt, GMainContext *context, GError **error)
{
    Question question = {.loop = g_main_loop_new(context, FALSE)};
    GSource *limit = g_timeout_source_new_seconds(PROMPT_SECONDS);
    guint answers = g_dbus_connection_signal_subscribe(bus, NAME, PROMPT, "Completed", prompt, NULL,
                                                       G_DBUS_SIGNAL_FLAGS_NONE, question_answered, &question, NULL);
    guint owners = g_dbus_connection_signal_subscribe(bus, "org.freedesktop.DBus", "org.freedesktop.DBus",
                                                      "NameOwnerChanged", "/org/freedesktop/DBus", NAME,
                                                      G_DBUS_SIGNAL_FLAGS_NONE, owner_changed, &question, NULL);
    gulong closed = g_signal_connect(bus, "closed", G_CALLBACK(bus_closed), &question);
    g_autoptr(GVariant) asked = call(bus, prompt, &show_prompt, g_variant_new("(s)", ""), error);

    g_source_set_callback(limit, question_too_old, question.loop, NULL);
    g_source_attach(limit, context);
    if (asked && !g_dbus_connection_is_closed(bus))
        g_main_loop_run(question.loop);
    g_signal_handler_disconnect(bus, closed);
    g_dbus_connection_signal_unsubscribe(bus, answers);
    g_dbus_connection_signal_unsubscribe(bus, owners);
    g_source_destroy(limit);
    g_source_unref(limit);
    g_main_loop_unref(question.loop);
    if (asked && !question.answered && (question.vanished || g_dbus_connection_is_closed(bus)))
        return fail(error, PF_SECRET_SERVICE_ERROR_ABSENT, _("it exited while it was asking for the password"));
    if (asked && (!question.answered || question.dismissed))
        return fail(error, PF_SECRET_SERVICE_ERROR_LOCKED, _("it was not unlocked"));
    return asked != NULL;
}

/* Has the service ask the user what it wants to know, if anything. */
static gboolean
ask(GDBusConnection *bus, const char *prompt, GError **error)
{
    if (g_str_equal(prompt, NO_OBJECT))
        return TRUE;
    /* The signal is to come here, in whichever thread this is. */
    g_autoptr(GMainContext) context = g_main_context_new();
    g_main_context_push_thread_default(context);
    gboolean answered = wait_for_answer(bus, prompt, context, error);
    g_main_context_pop_thread_default(context);
    return answered;
}

/* --- items --- */

static GVariant *
make_attributes(const char *endpoint, gboolean with_schema)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
    if (with_schema)
        g_variant_builder_add(&builder, "{ss}", "xdg:schema", SCHEMA);
    g_variant_builder_add(&builder, "{ss}", "api", endpoint);
    return g_variant_builder_end(&builder);
}

/* Paths of items. */
typedef struct {
    char **unlocked, **locked;
} Items;

static void
items_clear(Items *items)
{
    g_strfreev(items->unlocked);
    g_strfreev(items->locked);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Items, items_clear)

static gboolean
search(GDBusConnection *bus, const char *endpoint, gboolean with_schema, Items *items, GError **error)
{
    g_autoptr(GVariant) found =
        call(bus, PATH, &search_items, g_variant_new("(@a{ss})", make_attributes(endpoint, with_schema)), error);

    if (found)
        g_variant_get(found, "(^ao^ao)", &items->unlocked, &items->locked);
    return found != NULL;
}

/* What is locked may be another program's: GNOME's keyring keeps no item's schema where it can read it before it has
 * been unlocked once, so without a token of ours those count that have the same address. */
static gboolean
find(GDBusConnection *bus, const char *endpoint, Items *items, GError **error)
{
    g_auto(Items) others = {0};

    if (!search(bus, endpoint, TRUE, items, error))
        return FALSE;
    if (*items->unlocked || *items->locked)
        return TRUE;
    if (!search(bus, endpoint, FALSE, &others, error))
        return FALSE;
    g_strfreev(items->locked);
    items->locked = g_steal_pointer(&others.locked);
    return TRUE;
}

/* The session bus is the user's own, so the secret goes over it as it is. Returns (transfer full) the session. */
static char *
open_session(GDBusConnection *bus, GError **error)
{
    g_autoptr(GVariant) opened =
        call(bus, PATH, &open_plain_session, g_variant_new("(sv)", "plain", g_variant_new_string("")), error);
    char *session = NULL;

    if (opened)
        g_variant_get(opened, "(vo)", NULL, &session);
    return session;
}

static char *
read_secret(GDBusConnection *bus, const char *item, GError **error)
{
    g_autofree char *session = open_session(bus, error);
    g_autoptr(GVariant) answer = session ? call(bus, item, &get_secret, g_variant_new("(o)", session), error) : NULL;
    gsize length = 0;

    if (!answer)
        return NULL;
    g_autoptr(GVariant) secret = g_variant_get_child_value(answer, 0);
    g_autoptr(GVariant) value = g_variant_get_child_value(secret, 2);
    const char *bytes = g_variant_get_fixed_array(value, &length, 1);
    /* A byte 0 would cut it, and what is left could be a token of somebody else. */
    g_autofree char *token = g_strndup(bytes ? bytes : "", length);
    if (length <= MAX_TOKEN && strlen(token) == length && pf_text_is_token(token))
        return g_steal_pointer(&token);
    fail(error, PF_SECRET_SERVICE_ERROR_FAILED, _("what it stores for podflattr is not a token"));
    return NULL;
}

static gboolean
unlock(GDBusConnection *bus, const char *object, GError **error)
{
    const char *const objects[] = {object, NULL};
    g_autoptr(GVariant) answer = call(bus, PATH, &unlock_objects, g_variant_new("(^ao)", objects), error);
    const char *prompt;

    if (!answer)
        return FALSE;
    g_variant_get(answer, "(ao&o)", NULL, &prompt);
    return ask(bus, prompt, error);
}

static char *
find_collection(GDBusConnection *bus, GError **error)
{
    g_autoptr(GVariant) answer = call(bus, PATH, &read_alias, g_variant_new("(s)", "default"), error);
    char *collection = NULL;

    if (!answer)
        return NULL;
    g_variant_get(answer, "(o)", &collection);
    if (g_str_equal(collection, NO_OBJECT)) {
        g_clear_pointer(&collection, g_free);
        fail(error, PF_SECRET_SERVICE_ERROR_ABSENT, _("it has no default collection"));
    }
    return collection;
}

static GVariant *
make_item(const char *session, const char *endpoint, const char *token)
{
    g_autofree char *label = g_strdup_printf(_("podflattr's access token for %s"), endpoint);
    GVariantBuilder properties;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", ITEM ".Label", g_variant_new_string(label));
    g_variant_builder_add(&properties, "{sv}", ITEM ".Attributes", make_attributes(endpoint, TRUE));
    return g_variant_new("(a{sv}(o@ay@ays)b)", &properties, session,
                         g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, "", 0, 1),
                         g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, token, strlen(token), 1), "text/plain", TRUE);
}

static gboolean
create(GDBusConnection *bus, const char *endpoint, const char *token, GError **error)
{
    g_autofree char *collection = find_collection(bus, error);
    g_autofree char *session = collection && unlock(bus, collection, error) ? open_session(bus, error) : NULL;
    g_autoptr(GVariant) created =
        session ? call(bus, collection, &create_item, make_item(session, endpoint, token), error) : NULL;
    const char *prompt;

    if (!created)
        return FALSE;
    g_variant_get(created, "(&o&o)", NULL, &prompt);
    return ask(bus, prompt, error);
}

static gboolean
unlock_all(GDBusConnection *bus, char **items, GError **error)
{
    for (char **item = items; *item; item++) {
        if (!unlock(bus, *item, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
delete_all(GDBusConnection *bus, char **items, GError **error)
{
    for (char **item = items; *item; item++) {
        const char *prompt;
        g_autoptr(GVariant) deleted = call(bus, *item, &delete_item, g_variant_new("()"), error);

        if (!deleted)
            return FALSE;
        g_variant_get(deleted, "(&o)", &prompt);
        if (!ask(bus, prompt, error))
            return FALSE;
    }
    return TRUE;
}

/* --- what is asked of it --- */

gboolean
pf_secret_service_load(const char *endpoint, char **token, GError **error)
{
    g_autoptr(GDBusConnection) bus = connect_bus(error);
    g_auto(Items) items = {0};

    *token = NULL;
    if (!bus || !find(bus, endpoint, &items, error))
        return FALSE;
    if (*items.unlocked)
        *token = read_secret(bus, *items.unlocked, error);
    else if (*items.locked)
        return fail(error, PF_SECRET_SERVICE_ERROR_LOCKED, _("it is locked"));
    return *token || !*items.unlocked;
}

gboolean
pf_secret_service_save(const char *endpoint, const char *token, GError **error)
{
    g_autoptr(GDBusConnection) bus = connect_bus(error);

    return bus && create(bus, endpoint, token, error);
}

gboolean
pf_secret_service_forget(const char *endpoint, gboolean *was_there, GError **error)
{
    g_autoptr(GDBusConnection) bus = connect_bus(error);
    g_auto(Items) found = {0}, ours = {0};

    *was_there = FALSE;
    if (!bus || !find(bus, endpoint, &found, error) || !unlock_all(bus, found.locked, error))
        return FALSE;
    /* Only now does the schema show whose they are. */
    if (!search(bus, endpoint, TRUE, &ours, error))
        return FALSE;
    *was_there = *ours.unlocked != NULL;
    return *ours.locked ? fail(error, PF_SECRET_SERVICE_ERROR_LOCKED, _("it is locked"))
                        : delete_all(bus, ours.unlocked, error);
}
