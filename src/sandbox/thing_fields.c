/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/thing_fields.h"

#include "sandbox/catalog.h"

#define TAGS_MAX 1000

/* Returns FALSE when the field is no text. Leaves the target as it was when the field is absent. */
static gboolean
read_text(const SandboxRequest *request, const char *name, const char *otherwise, char **target)
{
    const char *text = NULL;

    if (!sandbox_request_get_field(request, name, &text))
        return FALSE;
    if (!text && !*target)
        text = otherwise;
    if (text) {
        g_free(*target);
        *target = g_strdup(text);
    }
    return TRUE;
}

static gboolean
read_hidden(const SandboxRequest *request, gint64 *hidden)
{
    static const char *const yes[] = {"1", "true", "yes", NULL}, *const no[] = {"0", "false", "no", "", NULL};
    g_autofree char *word = NULL;
    const char *text = NULL;

    if (!sandbox_request_get_field(request, "hidden", &text))
        return FALSE;
    if (!text)
        return TRUE;
    /* Python's forms say "True" and "False". */
    word = g_ascii_strdown(text, -1);
    if (!g_strv_contains(yes, word) && !g_strv_contains(no, word))
        return FALSE;
    *hidden = g_strv_contains(yes, word);
    return TRUE;
}

/* Lengths are in characters, not bytes. */
static gboolean
is_outside(const char *text, glong least, glong most)
{
    glong length = g_utf8_strlen(text, -1);

    return length < least || length > most;
}

const char *
sandbox_thing_fields_read(const SandboxRequest *request, SandboxThing *thing)
{
    if (!read_text(request, "title", NULL, &thing->title) ||
        !read_text(request, "description", "", &thing->description) ||
        !read_text(request, "category", "rest", &thing->category) ||
        !read_text(request, "language", "en_GB", &thing->language) || !read_text(request, "tags", "", &thing->tags))
        return "title, description, category, language and tags must be texts";
    if (!read_hidden(request, &thing->hidden))
        return "hidden must be true or false";
    if (g_hash_table_contains(request->fields, "title") && is_outside(thing->title, 5, 100))
        return "The title must have 5 to 100 characters";
    if (*thing->description && is_outside(thing->description, 5, 1000))
        return "The description must have 5 to 1000 characters";
    if (!sandbox_catalog_has_category(thing->category))
        return "There is no such category";
    if (!sandbox_catalog_has_language(thing->language))
        return "There is no such language";
    if (is_outside(thing->tags, 0, TAGS_MAX))
        return "The tags must have at most 1000 characters";
    return NULL;
}
