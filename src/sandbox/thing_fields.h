/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client may say of a thing when it creates or changes one: title, description, category, language, tags,
 * hidden. Pure; any thread.
 */
#pragma once

#include "sandbox/request.h"
#include "sandbox/urls.h"

/**
 * Checks what one of a thing's texts is to be.
 *
 * @name: title, description, category, language or tags
 * @text: NULL when nothing is said of it, which is right
 *
 * Returns: NULL; or a static sentence on what is wrong.
 */
const char *sandbox_thing_text_check(const char *name, const char *text);

/**
 * Reads a request's fields into a thing, and checks those.
 *
 * @thing: fields that are absent stay as they are, unchecked, but get their defaults where they were NULL; the title
 * has none
 *
 * Returns: NULL; or a static sentence on what is wrong, when @thing is half read and of no use.
 */
const char *sandbox_thing_fields_read(const SandboxRequest *request, SandboxThing *thing);

/**
 * Checks what an auto-submit URL says of the thing that it would create: title, description and tags. A category or
 * language that there is not is no fault: the thing gets the default, and its author is paid.
 *
 * Returns: NULL when a thing may be made of it; else a static sentence that says what is wrong.
 */
const char *sandbox_thing_fields_check_url(const SandboxUrl *url);
