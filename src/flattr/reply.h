/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How libflattr's own files read answers. Private to the library.
 */
#pragma once

#include "flattr/flattr.h"
#include <jansson.h>

/** Checks the status and that there is a JSON object, lent until the reply is freed; NULL with @error set when not. */
const json_t *flattr_reply_read_object(FlattrReply *reply, GError **error);

/** Checks the status and that there is a JSON array, as above. @of: what the list is of, for the message */
const json_t *flattr_reply_read_array(FlattrReply *reply, const char *of, GError **error);
