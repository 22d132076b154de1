/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forms that answers come in. Handlers answer in JSON, with a list of flattrs where an activity stream is asked
 * for; what is wanted instead (XML, YAML, plain text, an activity stream, JSONP) is written from that JSON. Pure; any
 * thread.
 */
#pragma once

#include "sandbox/request.h"

/** Sets of forms that a resource can be had in. */
#define SANDBOX_FORMS_PLAIN ((1U << SANDBOX_FORM_JSON) | (1U << SANDBOX_FORM_XML) | (1U << SANDBOX_FORM_YAML))
#define SANDBOX_FORMS_STREAM ((1U << SANDBOX_FORM_STREAM) | (1U << SANDBOX_FORM_ATOM))
#define SANDBOX_FORMS_LIST (SANDBOX_FORMS_PLAIN | SANDBOX_FORMS_STREAM)
#define SANDBOX_FORMS_CHOICES (SANDBOX_FORMS_PLAIN | (1U << SANDBOX_FORM_TEXT))

/**
 * Finds the form of the answer: the one that the path's suffix asks for, else the first to be had that the Accept
 * header lets pass with a quality above 0; the range that names it most closely decides. A client that always accepts
 * one kind of JSON is given the other one where that is all there is.
 *
 * @offered: of the sets above
 *
 * Returns: a form of @offered; SANDBOX_FORM_OTHER when none of them is acceptable.
 */
SandboxForm sandbox_formats_choose(const SandboxRequest *request, guint offered);

/** Whether a text can be the name of a callback for JSONP: letters, digits, "_", "$" and ".", 64 at most. */
gboolean sandbox_formats_is_callback(const char *name);

/**
 * Writes an answer's JSON in another form. Refusals, and all that is not a list, stay JSON where a stream was asked
 * for.
 *
 * @form: as sandbox_formats_choose() returns it
 * @base: the server's address, for the links of feeds
 * @quirks: whether numbers come as texts, booleans as 0 and 1, slashes escaped, and what is empty not at all
 * @answer: changed when its body is JSON
 */
void sandbox_formats_apply(const SandboxRequest *request, SandboxForm form, const char *base, gboolean quirks,
                           SandboxAnswer *answer);
