/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libflattr's own files share: making requests, reading answers, and the objects made from their JSON. Private to
 * the library.
 */
#pragma once

#include "flattr/flattr.h"
#include <jansson.h>

/* --- requests (request.c) --- */

/**
 * Makes a request.
 *
 * @method: static
 * @path: (transfer full): what follows the endpoint's address
 * @body: (transfer full): JSON; NULL for none
 */
FlattrRequest *flattr_request_new_take(const char *method, char *path, json_t *body);

/** Gives a request a body as HTML forms send it (application/x-www-form-urlencoded). */
void flattr_request_set_form_take(FlattrRequest *request, char *form);

/** Gives a request an Authorization header of its own, which goes out instead of a token. Copied. */
void flattr_request_set_authorization(FlattrRequest *request, const char *value);

/** Copies a text for jansson, which takes UTF-8 alone: the bytes of any other are percent-encoded. */
char *flattr_request_dup_utf8(const char *text);

/* --- answers (reply.c) --- */

/** Checks the status and that there is a JSON object, lent until the reply is freed; NULL with @error set when not. */
const json_t *flattr_reply_read_object(FlattrReply *reply, GError **error);

/** Checks the status and that there is a JSON array, as above. @of: what the list is of, for the message */
const json_t *flattr_reply_read_array(FlattrReply *reply, const char *of, GError **error);

/* --- objects (objects.c) --- */

/** Makes an object from its JSON. Returns NULL when @json is not a JSON object; @json is borrowed. */
FlattrUser *flattr_user_new_from_json(const json_t *json);
FlattrThing *flattr_thing_new_from_json(const json_t *json);
FlattrFlattr *flattr_flattr_new_from_json(const json_t *json);
FlattrSubscription *flattr_subscription_new_from_json(const json_t *json);
FlattrActivity *flattr_activity_new_from_json(const json_t *json);
FlattrChoice *flattr_choice_new_from_json(const json_t *json);

/** Whether a text has an ASCII control character, which libcurl would put into a request as it is. */
gboolean flattr_has_control_character(const char *text);

/** Another reference to a value that nobody changes any more. */
json_t *flattr_json_share(const json_t *json);

/** A value as compact JSON. Returns: (transfer full). */
char *flattr_json_dup_text(const json_t *json);

/**
 * A member as text (which @object lends), integer or truth; NULL, 0, FALSE when it is absent or of another type, or
 * @object is no object. Numbers may come as text.
 */
const char *flattr_json_get_string(const json_t *object, const char *name);
gint64 flattr_json_get_integer(const json_t *object, const char *name);
gboolean flattr_json_get_boolean(const json_t *object, const char *name);
