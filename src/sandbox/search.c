/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/search.h"

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

#define DAY ((gint64)86400)

/* How much a word counts by where it stands. */
#define IN_TITLE 4
#define IN_TAGS 2
#define IN_TEXT 1

typedef enum { BY_RELEVANCE, BY_FLATTRS, BY_RECENT } Key;

static const struct {
    const char *name;
    Key key;
    gint64 seconds; /* of BY_RECENT: how far back flattrs count */
} orders[] = {
    {"relevance", BY_RELEVANCE, 0},       {"flattrs", BY_FLATTRS, 0},      {"flattrs_month", BY_RECENT, 30 * DAY},
    {"flattrs_week", BY_RECENT, 7 * DAY}, {"flattrs_day", BY_RECENT, DAY}, {"trend", BY_RECENT, 3 * DAY},
};

struct SandboxSearch {
    GStrv words; /* case folded */
    GStrv languages;
    GStrv categories;
    GStrv users;
    SandboxTags *tags;
    char *url; /* NULL: any */
    gsize order;
};

typedef struct {
    SandboxThing *thing;
    gint64 score;
    guint place; /* before sorting */
} Found;

/* NULL where there is nothing to choose by. */
static GStrv
read_list(GHashTable *query, const char *name, const char *separators)
{
    const char *text = g_hash_table_lookup(query, name);
    g_autofree char *folded = g_utf8_casefold(text ? text : "", -1);
    g_auto(GStrv) parts = g_strsplit_set(folded, separators, -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    gsize count = 0;

    for (char **part = parts; *part; part++) {
        if (*g_strstrip(*part)) {
            g_strv_builder_add(kept, *part);
            count++;
        }
    }
    return count ? g_strv_builder_end(kept) : NULL;
}

SandboxSearch *
sandbox_search_new(GHashTable *query, const char **problem)
{
    const char *sort = g_hash_table_lookup(query, "sort");
    const char *tags = g_hash_table_lookup(query, "tags");
    const char *url = g_hash_table_lookup(query, "url");
    gsize order = 0;

    while (sort && *sort && order < G_N_ELEMENTS(orders) && !g_str_equal(sort, orders[order].name))
        order++;
    if (order == G_N_ELEMENTS(orders)) {
        *problem = "sort must be relevance, trend, flattrs, flattrs_month, flattrs_week or flattrs_day";
        return NULL;
    }
    SandboxSearch *search = g_new0(SandboxSearch, 1);
    search->order = order;
    search->words = read_list(query, "query", " \t\r\n");
    search->languages = read_list(query, "language", ",");
    search->categories = read_list(query, "category", ",");
    search->users = read_list(query, "user", ",");
    search->tags = sandbox_tags_read(tags ? tags : "");
    search->url = url && *url ? g_strdup(url) : NULL;
    return search;
}

void
sandbox_search_free(SandboxSearch *search)
{
    if (!search)
        return;
    g_strfreev(search->words);
    g_strfreev(search->languages);
    g_strfreev(search->categories);
    g_strfreev(search->users);
    sandbox_tags_free(search->tags);
    g_free(search->url);
    g_free(search);
}

static gboolean
is_among(GStrv list, const char *text)
{
    g_autofree char *folded = list ? g_utf8_casefold(text, -1) : NULL;

    return !list || g_strv_contains((const char *const *)list, folded);
}

/* 0 when a word is nowhere. */
static gint64
score_words(const SandboxSearch *search, const SandboxThing *thing)
{
    g_autofree char *title = g_utf8_casefold(thing->title, -1);
    g_autofree char *tags = g_utf8_casefold(thing->tags, -1);
    g_autofree char *text = g_utf8_casefold(thing->description, -1);
    g_autofree char *url = g_utf8_casefold(thing->url, -1);
    gint64 score = 0;

    for (char **word = search->words; *word; word++) {
        gint64 found = (strstr(title, *word) ? IN_TITLE : 0) + (strstr(tags, *word) ? IN_TAGS : 0) +
                       (strstr(text, *word) || strstr(url, *word) ? IN_TEXT : 0);
        if (!found)
            return 0;
        score += found;
    }
    return score;
}

gboolean
sandbox_search_match(const SandboxSearch *search, const SandboxThing *thing)
{
    return is_among(search->languages, thing->language) && is_among(search->categories, thing->category) &&
           is_among(search->users, thing->owner) && (!search->url || g_str_equal(search->url, thing->url)) &&
           sandbox_tags_match(search->tags, thing->tags) && (!search->words || score_words(search, thing) > 0);
}

gint64
sandbox_search_since(const SandboxSearch *search, gint64 now)
{
    return orders[search->order].key == BY_RECENT ? now - orders[search->order].seconds : -1;
}

static gint64
score(const SandboxSearch *search, const SandboxThing *thing, GHashTable *recent)
{
    const gint64 *count = recent ? g_hash_table_lookup(recent, &thing->id) : NULL;

    switch (orders[search->order].key) {
    case BY_RELEVANCE:
        return search->words ? score_words(search, thing) : 0;
    case BY_FLATTRS:
        return thing->flattrs;
    case BY_RECENT:
        return count ? *count : 0;
    }
    return 0;
}

static int
compare(const void *a, const void *b)
{
    const Found *first = a, *second = b;

    if (first->score != second->score)
        return first->score > second->score ? -1 : 1;
    return first->place < second->place ? -1 : 1;
}

void
sandbox_search_sort(const SandboxSearch *search, GPtrArray *things, GHashTable *recent)
{
    g_autoptr(GArray) found = g_array_sized_new(FALSE, FALSE, sizeof(Found), things->len);

    for (guint i = 0; i < things->len; i++) {
        SandboxThing *thing = g_ptr_array_index(things, i);
        const Found entry = {.thing = thing, .score = score(search, thing, recent), .place = i};
        g_array_append_val(found, entry);
    }
    g_array_sort(found, compare);
    for (guint i = 0; i < found->len; i++)
        things->pdata[i] = g_array_index(found, Found, i).thing;
}
