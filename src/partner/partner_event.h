/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the server tells a partner's web hook: the form is read and checked, and made into what is handed on. Anybody
 * may have sent it, so a value is never more than a value: names are those of a table here. Pure; any thread.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#define PF_PARTNER_EVENT_ERROR (pf_partner_event_error_quark())
GQuark pf_partner_event_error_quark(void);

typedef enum {
    PF_PARTNER_EVENT_ERROR_FORM,    /* no form, or a field that is not what it should be */
    PF_PARTNER_EVENT_ERROR_UNKNOWN, /* a form, but another event: not for us */
} PfPartnerEventError;

/** The event "pendingclickcreate": a thing that nobody has claimed yet was flattred. */
typedef struct PfPartnerEvent PfPartnerEvent;

/**
 * Reads the body of a request. The event's name is looked at before anything else.
 *
 * @body: application/x-www-form-urlencoded, need not end in NUL
 * @length: its bytes
 * @received: when it came, seconds since the epoch
 *
 * Fields that are missing are tolerated and unknown ones ignored; one that comes twice is refused, since readers would
 * differ on which of the two counts.
 *
 * Returns: (transfer full): the event; NULL with a PF_PARTNER_EVENT_ERROR set, whose message holds texts from outside.
 */
PfPartnerEvent *pf_partner_event_read(const char *body, gsize length, gint64 received, GError **error);
void pf_partner_event_free(PfPartnerEvent *event);

/** The thing's number as it came, for messages; NULL when it was missing. */
const char *pf_partner_event_get_thing(const PfPartnerEvent *event);

/** The hash in an owner "email:MD5", lower-cased; NULL when the owner is of another kind. (transfer full) */
char *pf_partner_event_dup_email_hash(const PfPartnerEvent *event);

/**
 * Completes the event for the person whose address the hash in the owner stands for: the address where they claim
 * their things gets "/owner/EMAIL" appended, percent-encoded.
 */
void pf_partner_event_set_email(PfPartnerEvent *event, const char *email);

/**
 * Writes the event as JSON: event, received, thing_id, thing_owner_id, thing_clicks_total, flattrer_username, claim_url
 * and owner_email; null where there is nothing (an anonymous flattrer's name too). Returns: (transfer full).
 */
json_t *pf_partner_event_to_json(const PfPartnerEvent *event);

/**
 * Puts the event into an environment: PODFLATTR_EVENT, PODFLATTR_THING_ID, PODFLATTR_THING_OWNER_ID,
 * PODFLATTR_THING_CLICKS_TOTAL, PODFLATTR_FLATTRER_USERNAME, PODFLATTR_CLAIM_URL and PODFLATTR_OWNER_EMAIL. All are
 * set, empty where there is nothing, so that none is left over from elsewhere.
 *
 * @environment: (transfer full): as for g_environ_setenv()
 *
 * Returns: (transfer full): the environment.
 */
char **pf_partner_event_set_environment(const PfPartnerEvent *event, char **environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPartnerEvent, pf_partner_event_free)
