/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_event.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "payment/payment_link.h"
#include <string.h>

#define EVENT "pendingclickcreate"

/* How much of a text from outside goes into a message, characters. */
#define SHOWN_MAX 60

/* All that a URI may consist of (RFC 3986 §2). */
#define URI_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._~:/?#[]@!$&'()*+,;=%"

typedef enum { NUMBER, TEXT, ADDRESS } Kind;

enum { THING_ID, THING_OWNER_ID, THING_CLICKS_TOTAL, FLATTRER_USERNAME, CLAIM_URL, FIELDS };

static const struct {
    const char *name; /* in the form and in JSON */
    const char *variable;
    Kind kind;
} fields[FIELDS] = {
    [THING_ID] = {"thing_id", "PODFLATTR_THING_ID", NUMBER},
    [THING_OWNER_ID] = {"thing_owner_id", "PODFLATTR_THING_OWNER_ID", TEXT},
    [THING_CLICKS_TOTAL] = {"thing_clicks_total", "PODFLATTR_THING_CLICKS_TOTAL", NUMBER},
    [FLATTRER_USERNAME] = {"flattrer_username", "PODFLATTR_FLATTRER_USERNAME", TEXT},
    [CLAIM_URL] = {"claim_url", "PODFLATTR_CLAIM_URL", ADDRESS},
};

struct PfPartnerEvent {
    char *values[FIELDS]; /* NULL when missing or empty */
    char *email;          /* NULL when unknown */
    gint64 received;
};

G_DEFINE_QUARK(pf_partner_event_error, pf_partner_event_error)

void
pf_partner_event_free(PfPartnerEvent *event)
{
    if (!event)
        return;
    for (gsize i = 0; i < FIELDS; i++)
        g_free(event->values[i]);
    g_free(event->email);
    g_free(event);
}

/* --- reading --- */

static char *
dup_shown(const char *text)
{
    return g_utf8_strlen(text, -1) > SHOWN_MAX ? g_utf8_substring(text, 0, SHOWN_MAX) : g_strdup(text);
}

static gboolean
refuse(GError **error, const char *name, const char *fault)
{
    g_set_error(error, PF_PARTNER_EVENT_ERROR, PF_PARTNER_EVENT_ERROR_FORM, "%s %s", name, fault);
    return FALSE;
}

/* Address parsers let pass what others stumble over, line ends among it; a web address needs none of that. */
static gboolean
is_address(const char *value)
{
    return (g_str_has_prefix(value, "https://") || g_str_has_prefix(value, "http://")) &&
           value[strspn(value, URI_CHARACTERS)] == '\0' && g_uri_is_valid(value, G_URI_FLAGS_NONE, NULL);
}

static gboolean
check_value(Kind kind, const char *name, const char *value, GError **error)
{
    gint64 number;

    if (kind == NUMBER && !g_ascii_string_to_signed(value, 10, 0, G_MAXINT64, &number, NULL))
        return refuse(error, name, _("is not a number"));
    if (kind == ADDRESS && !is_address(value))
        return refuse(error, name, _("is not a web address"));
    return TRUE;
}

/* Returns FALSE with @error set when the field is there and cannot be used. @value: (out) (transfer full): or NULL */
static gboolean
read_field(const GPtrArray *parameters, const char *name, Kind kind, char **value, GError **error)
{
    const PfParameter *found = NULL;

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (g_strcmp0(parameter->name, name) != 0)
            continue;
        if (found)
            return refuse(error, name, _("comes twice"));
        found = parameter;
    }
    if (found && !found->value)
        return refuse(error, name, _("is not UTF-8 text"));
    if (found && *found->value) {
        if (!check_value(kind, name, found->value, error))
            return FALSE;
        *value = g_strdup(found->value);
    }
    return TRUE;
}

static gboolean
check_event(const GPtrArray *parameters, GError **error)
{
    g_autofree char *name = NULL;

    if (!read_field(parameters, "_event", TEXT, &name, error))
        return FALSE;
    if (!name)
        return refuse(error, "_event", _("is missing"));
    if (g_str_equal(name, EVENT))
        return TRUE;
    g_autofree char *shown = dup_shown(name);
    g_set_error(error, PF_PARTNER_EVENT_ERROR, PF_PARTNER_EVENT_ERROR_UNKNOWN, _("the event '%s' is unknown"), shown);
    return FALSE;
}

PfPartnerEvent *
pf_partner_event_read(const char *body, gsize length, gint64 received, GError **error)
{
    if (memchr(body, '\0', length)) {
        refuse(error, _("the body"), _("is not a form"));
        return NULL;
    }
    g_autofree char *text = g_strndup(body, length);
    g_autoptr(GPtrArray) parameters = pf_parameters_read(text);
    if (!check_event(parameters, error))
        return NULL;

    g_autoptr(PfPartnerEvent) event = g_new0(PfPartnerEvent, 1);
    event->received = received;
    for (gsize i = 0; i < FIELDS; i++)
        if (!read_field(parameters, fields[i].name, fields[i].kind, &event->values[i], error))
            return NULL;
    return g_steal_pointer(&event);
}

/* --- what is made of it --- */

const char *
pf_partner_event_get_thing(const PfPartnerEvent *event)
{
    return event->values[THING_ID];
}

char *
pf_partner_event_dup_email_hash(const PfPartnerEvent *event)
{
    const char *owner = event->values[THING_OWNER_ID];

    return owner && g_str_has_prefix(owner, "email:") ? g_ascii_strdown(owner + strlen("email:"), -1) : NULL;
}

void
pf_partner_event_set_email(PfPartnerEvent *event, const char *email)
{
    g_autofree char *escaped = g_uri_escape_string(email, NULL, FALSE);
    g_autofree char *claim = event->values[CLAIM_URL];

    event->values[CLAIM_URL] = claim ? g_strconcat(claim, "/owner/", escaped, NULL) : NULL;
    g_free(event->email);
    event->email = g_strdup(email);
}

json_t *
pf_partner_event_to_json(const PfPartnerEvent *event)
{
    char text[PF_CLOCK_TEXT_SIZE];
    json_t *object = json_pack("{s:s, s:s}", "event", EVENT, "received", pf_clock_format(event->received, text));

    for (gsize i = 0; i < FIELDS; i++) {
        const char *value = event->values[i];
        json_t *json = !value                     ? json_null()
                       : fields[i].kind == NUMBER ? json_integer(g_ascii_strtoll(value, NULL, 10))
                                                  : json_string(value);
        json_object_set_new(object, fields[i].name, json);
    }
    json_object_set_new(object, "owner_email", event->email ? json_string(event->email) : json_null());
    return object;
}

char **
pf_partner_event_set_environment(const PfPartnerEvent *event, char **environment)
{
    environment = g_environ_setenv(environment, "PODFLATTR_EVENT", EVENT, TRUE);
    for (gsize i = 0; i < FIELDS; i++)
        environment = g_environ_setenv(environment, fields[i].variable, event->values[i] ? event->values[i] : "", TRUE);
    return g_environ_setenv(environment, "PODFLATTR_OWNER_EMAIL", event->email ? event->email : "", TRUE);
}
