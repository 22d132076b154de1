/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/tags.h"

#include <string.h>

#define OPERATORS "|&!,"

typedef struct {
    char *name; /* case folded */
    gboolean wanted;
} Term;

struct SandboxTags {
    GPtrArray *clauses; /* of GPtrArray of Term: one of each clause must hold */
};

static void
free_term(gpointer data)
{
    Term *term = data;

    g_free(term->name);
    g_free(term);
}

static char *
fold(const char *text, gsize length)
{
    g_autofree char *copy = g_strndup(text, length);

    return g_utf8_casefold(g_strstrip(copy), -1);
}

static void
add_term(SandboxTags *tags, gboolean alternative, gboolean wanted, char *name)
{
    Term *term = g_new0(Term, 1);

    term->name = name;
    term->wanted = wanted;
    if (!alternative || tags->clauses->len == 0)
        g_ptr_array_add(tags->clauses, g_ptr_array_new_with_free_func(free_term));
    g_ptr_array_add(g_ptr_array_index(tags->clauses, tags->clauses->len - 1), term);
}

SandboxTags *
sandbox_tags_read(const char *text)
{
    SandboxTags *tags = g_new0(SandboxTags, 1);
    gboolean alternative = FALSE, wanted = TRUE;

    tags->clauses = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    while (*text) {
        gsize length = strcspn(text, OPERATORS);
        g_autofree char *name = fold(text, length);

        if (*name) {
            add_term(tags, alternative, wanted, g_steal_pointer(&name));
            alternative = FALSE;
            wanted = TRUE;
        }
        text += length;
        for (; *text && strchr(OPERATORS " ", *text); text++) {
            if (*text == '|' || *text == ',')
                alternative = TRUE;
            else if (*text == '&')
                alternative = FALSE;
            else if (*text == '!')
                wanted = FALSE;
        }
    }
    return tags;
}

void
sandbox_tags_free(SandboxTags *tags)
{
    if (!tags)
        return;
    g_ptr_array_unref(tags->clauses);
    g_free(tags);
}

static gboolean
clause_holds(const GPtrArray *clause, char **own)
{
    for (guint i = 0; i < clause->len; i++) {
        const Term *term = g_ptr_array_index(clause, i);
        if (g_strv_contains((const char *const *)own, term->name) == term->wanted)
            return TRUE;
    }
    return FALSE;
}

gboolean
sandbox_tags_match(const SandboxTags *tags, const char *list)
{
    g_auto(GStrv) own = g_strsplit(list, ",", -1);

    for (char **tag = own; *tag; tag++) {
        char *folded = fold(*tag, strlen(*tag));
        g_free(*tag);
        *tag = folded;
    }
    for (guint i = 0; i < tags->clauses->len; i++) {
        if (!clause_holds(g_ptr_array_index(tags->clauses, i), own))
            return FALSE;
    }
    return TRUE;
}
