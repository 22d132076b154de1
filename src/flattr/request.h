/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How libflattr's own files make requests. Private to the library.
 */
#pragma once

#include "flattr/flattr.h"
#include <jansson.h>

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
