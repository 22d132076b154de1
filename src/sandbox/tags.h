/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tag expressions of searches: "game | games ! software". Pure; any thread.
 *
 * A tag is what stands between operators, without the blanks around it; capitals do not matter. "|" (or a comma) joins
 * alternatives and binds closest, "&" adds what must be there too, "!" what must not. So the example asks for either of
 * the first two and not the third.
 */
#pragma once

#include <glib.h>

typedef struct SandboxTags SandboxTags;

/**
 * Reads an expression.
 *
 * Returns: (transfer full): the expression, which all tags match when it names none; never NULL.
 */
SandboxTags *sandbox_tags_read(const char *text);
void sandbox_tags_free(SandboxTags *tags);

/**
 * Tells whether a thing's tags match an expression.
 *
 * @list: the thing's tags, separated by commas
 */
gboolean sandbox_tags_match(const SandboxTags *tags, const char *list);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxTags, sandbox_tags_free)
