/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's two fixed lists: categories and languages.
 */
#pragma once

#include "sandbox/service.h"

/** GET /categories */
void sandbox_catalog_list_categories(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /languages */
void sandbox_catalog_list_languages(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** Tells whether there is a category with that id. Any thread. */
gboolean sandbox_catalog_has_category(const char *id);

/** Tells whether there is a language with that id. Any thread. */
gboolean sandbox_catalog_has_language(const char *id);
