/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libflattr's objects, made from the JSON of answers. Private to the library.
 */
#pragma once

#include "flattr/flattr.h"
#include <jansson.h>

/** Makes an object from its JSON. Returns NULL when @json is no JSON object; @json is borrowed. */
FlattrUser *flattr_user_new_from_json(const json_t *json);
FlattrThing *flattr_thing_new_from_json(const json_t *json);
FlattrFlattr *flattr_flattr_new_from_json(const json_t *json);
FlattrSubscription *flattr_subscription_new_from_json(const json_t *json);
FlattrActivity *flattr_activity_new_from_json(const json_t *json);
FlattrChoice *flattr_choice_new_from_json(const json_t *json);

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
