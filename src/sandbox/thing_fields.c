/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/thing_fields.h"

#include "sandbox/catalog.h"

/* Lengths are in characters, not bytes. */
static gboolean
is_outside(const char *text, glong least, glong most)
{
    glong length = g_utf8_strlen(text, -1);

    return length < least || length > most;
}

static const char *
check_title(const char *text)
{
    return is_outside(text, 5, 100) ? "The title must have 5 to 100 characters" : NULL;
}

static const char *
check_description(const char *text)
{
    return *text && is_outside(text, 5, 1000) ? "The description must have 5 to 1000 characters" : NULL;
}

static const char *
check_category(const char *text)
{
    return sandbox_catalog_has_category(text) ? NULL : "There is no such category";
}

static const char *
check_language(const char *text)
{
    return sandbox_catalog_has_language(text) ? NULL : "There is no such language";
}

static const char *
check_tags(const char *text)
{
    return is_outside(text, 0, 1000) ? "The tags must have at most 1000 characters" : NULL;
}

static const struct {
    const char *name;
    glong place;
    const char *otherwise; /* of a new thing that is not told; NULL: it stays without */
    const char *(*check)(const char *text);
} texts[] = {
    {"title", G_STRUCT_OFFSET(SandboxThing, title), NULL, check_title},
    {"description", G_STRUCT_OFFSET(SandboxThing, description), "", check_description},
    {"category", G_STRUCT_OFFSET(SandboxThing, category), "rest", check_category},
    {"language", G_STRUCT_OFFSET(SandboxThing, language), "en_GB", check_language},
    {"tags", G_STRUCT_OFFSET(SandboxThing, tags), "", check_tags},
};

const char *
sandbox_thing_text_check(const char *name, const char *text)
{
    gsize i = 0;

    while (!g_str_equal(texts[i].name, name))
        i++;
    return text ? texts[i].check(text) : NULL;
}

/* Only what is given is checked: what the thing is like already is no fault of the request. */
static const char *
read_text(const SandboxRequest *request, gsize which, SandboxThing *thing)
{
    char **target = G_STRUCT_MEMBER_P(thing, texts[which].place);
    const char *text = NULL;

    if (!sandbox_request_get_field(request, texts[which].name, &text))
        return "title, description, category, language and tags must be texts";
    const char *wrong = text ? texts[which].check(text) : NULL;
    if (!text && !*target)
        text = texts[which].otherwise;
    if (text) {
        g_free(*target);
        *target = g_strdup(text);
    }
    return wrong;
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

const char *
sandbox_thing_fields_read(const SandboxRequest *request, SandboxThing *thing)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *wrong = read_text(request, i, thing);
        if (wrong)
            return wrong;
    }
    return read_hidden(request, &thing->hidden) ? NULL : "hidden must be true or false";
}

const char *
sandbox_thing_fields_check_url(const SandboxUrl *url)
{
    const struct {
        const char *name, *text;
    } told[] = {{"title", url->title}, {"description", url->description}, {"tags", url->tags}};
    const char *wrong = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(told) && !wrong; i++)
        wrong = sandbox_thing_text_check(told[i].name, told[i].text);
    return wrong;
}
