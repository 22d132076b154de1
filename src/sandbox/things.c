/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/things.h"

#include "sandbox/objects.h"
#include "sandbox/request.h"

#include <string.h>

typedef struct {
    const char *id;
    const char *text;
} Item;

static const Item categories[] = {
    {"text", "Text"},         {"images", "Images"}, {"video", "Video"}, {"audio", "Audio"},
    {"software", "Software"}, {"people", "People"}, {"rest", "Other"},
};

/* English first, since it is the default; then by name. */
static const Item languages[] = {
    {"en_GB", "English"},    {"sq_AL", "Albanian"},   {"ar_DZ", "Arabic"},     {"be_BY", "Belarusian"},
    {"bg_BG", "Bulgarian"},  {"ca_ES", "Catalan"},    {"zh_CN", "Chinese"},    {"hr_HR", "Croatian"},
    {"cs_CZ", "Czech"},      {"da_DK", "Danish"},     {"nl_NL", "Dutch"},      {"eo_EO", "Esperanto"},
    {"et_EE", "Estonian"},   {"fi_FI", "Finnish"},    {"fr_FR", "French"},     {"es_GL", "Galician"},
    {"de_DE", "German"},     {"el_GR", "Greek"},      {"iw_IL", "Hebrew"},     {"hi_IN", "Hindi"},
    {"hu_HU", "Hungarian"},  {"is_IS", "Icelandic"},  {"in_ID", "Indonesian"}, {"ga_IE", "Irish"},
    {"it_IT", "Italian"},    {"ja_JP", "Japanese"},   {"ko_KR", "Korean"},     {"lv_LV", "Latvian"},
    {"lt_LT", "Lithuanian"}, {"mk_MK", "Macedonian"}, {"ms_MY", "Malay"},      {"mt_MT", "Maltese"},
    {"no_NO", "Norwegian"},  {"nn_NO", "Nynorsk"},    {"fa_FA", "Persian"},    {"pl_PL", "Polish"},
    {"pt_PT", "Portuguese"}, {"ro_RO", "Romanian"},   {"ru_RU", "Russian"},    {"sr_RS", "Serbian"},
    {"sk_SK", "Slovak"},     {"sl_SI", "Slovenian"},  {"es_ES", "Spanish"},    {"sv_SE", "Swedish"},
    {"th_TH", "Thai"},       {"tr_TR", "Turkish"},    {"uk_UA", "Ukrainian"},  {"vi_VN", "Vietnamese"},
};

static void
list_items(const Item *items, gsize count, SandboxAnswer *answer)
{
    json_t *list = json_array();

    for (gsize i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "id", items[i].id, "text", items[i].text));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_catalog_list_categories(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    list_items(categories, G_N_ELEMENTS(categories), answer);
}

void
sandbox_catalog_list_languages(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    list_items(languages, G_N_ELEMENTS(languages), answer);
}

static gboolean
has_item(const Item *items, gsize count, const char *id)
{
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(items[i].id, id))
            return TRUE;
    }
    return FALSE;
}

/* Tells whether there is a category with that id. Any thread. */
static gboolean
sandbox_catalog_has_category(const char *id)
{
    return has_item(categories, G_N_ELEMENTS(categories), id);
}

/* Tells whether there is a language with that id. Any thread. */
static gboolean
sandbox_catalog_has_language(const char *id)
{
    return has_item(languages, G_N_ELEMENTS(languages), id);
}

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
    return is_outside(text, 5, 100) ? "The title must be 5 to 100 characters long" : NULL;
}

static const char *
check_description(const char *text)
{
    return *text && is_outside(text, 5, 1000) ? "The description must be 5 to 1000 characters long" : NULL;
}

static const char *
check_category(const char *text)
{
    return sandbox_catalog_has_category(text) ? NULL : "No such category";
}

static const char *
check_language(const char *text)
{
    return sandbox_catalog_has_language(text) ? NULL : "No such language";
}

static const char *
check_tags(const char *text)
{
    return is_outside(text, 0, 1000) ? "The tags must be at most 1000 characters long" : NULL;
}

static const struct {
    const char *name;
    glong place;
    const char *otherwise; /* of a new thing without it; NULL: it stays unset */
    const char *(*check)(const char *text);
} texts[] = {
    {"title", G_STRUCT_OFFSET(SandboxThing, title), NULL, check_title},
    {"description", G_STRUCT_OFFSET(SandboxThing, description), "", check_description},
    {"category", G_STRUCT_OFFSET(SandboxThing, category), "rest", check_category},
    {"language", G_STRUCT_OFFSET(SandboxThing, language), "en_GB", check_language},
    {"tags", G_STRUCT_OFFSET(SandboxThing, tags), "", check_tags},
};

/*
 * Checks what one of a thing's texts is to be.
 *
 * @name: title, description, category, language or tags
 * @text: NULL when nothing is said of it, which is right
 *
 * Returns: NULL; or a static sentence on what is wrong.
 */
static const char *
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
        return "title, description, category, language and tags must be strings";
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
    } given[] = {{"title", url->title}, {"description", url->description}, {"tags", url->tags}};
    const char *wrong = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(given) && !wrong; i++)
        wrong = sandbox_thing_text_check(given[i].name, given[i].text);
    return wrong;
}

static const char no_thing[] = "No thing was found";

static const char *
or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

/* Which category or language a thing gets that was not checked. */
static const char *
known_or_else(const char *name, const char *text, const char *otherwise)
{
    return text && !sandbox_thing_text_check(name, text) ? text : otherwise;
}

SandboxThing *
sandbox_things_add(SandboxService *service, const SandboxUrl *about, gint64 now)
{
    g_autofree char *verified = sandbox_store_get_identity(service->store, about->owner);
    g_autoptr(SandboxUser) user = sandbox_store_need_user(service->store, verified ? verified : about->owner, now);

    if (!user)
        return NULL;
    /* The store only reads the texts. */
    const SandboxThing thing = {
        .url = about->page,
        .owner_id = user->id,
        .title = (char *)or_else(about->title, about->page),
        .description = (char *)or_else(about->description, ""),
        .language = (char *)known_or_else("language", about->language, "en_GB"),
        .category = (char *)known_or_else("category", about->category, "rest"),
        .tags = (char *)or_else(about->tags, ""),
        .hidden = about->hidden,
        .created_at = now,
    };
    return sandbox_store_add_thing(service->store, &thing);
}

/*
 * Finds the thing that a URL names.
 *
 * @text: the URL as the client gave it
 * @url: the same, read
 *
 * Returns: (transfer full): the thing, or NULL when there is none (yet). Under the service's lock.
 */
static SandboxThing *
sandbox_things_find(SandboxService *service, const char *text, const SandboxUrl *url)
{
    SandboxThing *thing = NULL;

    if (url->kind == SANDBOX_URL_THING)
        return sandbox_store_get_thing(service->store, url->id);
    /* A page that somebody registered is theirs, also at a site where owners are discovered. */
    if (url->kind == SANDBOX_URL_DISCOVERABLE)
        thing = sandbox_store_find_thing(service->store, text);
    return thing ? thing : sandbox_store_find_thing(service->store, url->page);
}

/* Sets the error and returns TRUE when an auto-submit URL claims another's thing. */
static gboolean
is_claimed_wrongly(SandboxService *service, const SandboxUrl *url, const SandboxThing *thing, SandboxAnswer *answer)
{
    if (url->kind != SANDBOX_URL_AUTO_SUBMIT || !url->owner || g_str_equal(url->owner, thing->owner))
        return FALSE;
    g_autofree char *verified = sandbox_store_get_identity(service->store, url->owner);
    if (g_strcmp0(verified, thing->owner) == 0)
        return FALSE;
    sandbox_answer_set_error(answer, 400, "validation", "Owner mismatch: the thing belongs to another user");
    return TRUE;
}

static gboolean
may_be_made(const SandboxUrl *url, SandboxAnswer *answer)
{
    const char *wrong = url->kind == SANDBOX_URL_AUTO_SUBMIT ? sandbox_thing_fields_check_url(url) : NULL;

    if (url->kind != SANDBOX_URL_AUTO_SUBMIT && url->kind != SANDBOX_URL_DISCOVERABLE) {
        sandbox_answer_set_error(answer, 404, "not_found", no_thing);
        return FALSE;
    }
    if (wrong)
        sandbox_answer_set_error(answer, 400, "validation", wrong);
    return !wrong;
}

SandboxThing *
sandbox_things_need(SandboxService *service, const char *text, gint64 now, SandboxAnswer *answer)
{
    g_autoptr(SandboxUrl) url = sandbox_url_read(text);

    if (url->kind == SANDBOX_URL_BAD) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", url->problem);
        return NULL;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_find(service, text, url);
    if (thing)
        return is_claimed_wrongly(service, url, thing, answer) ? NULL : g_steal_pointer(&thing);
    if (url->kind == SANDBOX_URL_AUTO_SUBMIT && !url->owner) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters",
                                 "The auto-submit URL has neither user_id nor owner, and its thing does not exist yet");
        return NULL;
    }
    return may_be_made(url, answer) ? sandbox_things_add(service, url, now) : NULL;
}

void
sandbox_things_lookup(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    /* "q" is what the parameter was called before. */
    const char *given = sandbox_request_get_parameter(request, "url");
    const char *text = given ? given : sandbox_request_get_parameter(request, "q");
    g_autoptr(SandboxUrl) url = sandbox_url_read(text);

    if (!text) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The url parameter is missing");
        return;
    }
    if (url->kind == SANDBOX_URL_BAD) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", url->problem);
        return;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_find(service, text, url);
    if (!thing) {
        sandbox_answer_take_json(answer, 404, json_pack("{s:s, s:s}", "message", "not_found", "description", no_thing));
        return;
    }
    if (is_claimed_wrongly(service, url, thing, answer))
        return;
    g_autofree char *location = g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id);
    sandbox_answer_add_header(answer, "Location", location);
    sandbox_answer_take_json(answer, 302, json_pack("{s:s, s:s}", "message", "found", "location", location));
}

void
sandbox_things_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) wanted = g_new0(SandboxThing, 1);
    const char *wrong = sandbox_thing_fields_read(request, wanted);
    const char *page = NULL;

    if (!sandbox_request_get_field(request, "url", &page) || !sandbox_url_is_web(page)) {
        /* This one refusal is documented with the address of the site as it was then. */
        sandbox_answer_set_error_at(answer, 400, "validation", "Invalid url", "http://developers.flattr.net/api");
        return;
    }
    if (!wrong) {
        g_autoptr(SandboxThing) known = sandbox_store_find_thing(service->store, page);
        wrong = known ? "A thing with that url already exists" : NULL;
    }
    if (wrong) {
        sandbox_answer_set_error(answer, 400, "validation", wrong);
        return;
    }
    wanted->url = g_strdup(page);
    wanted->owner_id = request->user->id;
    wanted->created_at = request->now;
    if (!wanted->title)
        wanted->title = g_strdup(page);
    g_autoptr(SandboxThing) thing = sandbox_store_add_thing(service->store, wanted);
    if (!thing)
        return;
    g_autofree char *link = g_strdup_printf("%s/rest/v2/things/%" G_GINT64_FORMAT, service->base, thing->id);
    sandbox_answer_take_json(answer, 201,
                             json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)thing->id, "link", link, "message",
                                       "ok", "description", "Thing was created successfully"));
}

/* Finds the thing of the path when it is the token's user's; else answers. Returns (transfer full) it, or NULL. */
static SandboxThing *
need_own(SandboxService *service, const SandboxRequest *request, const char *refusal, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, sandbox_request_get_id(request));

    if (!thing)
        sandbox_answer_set_error(answer, 404, "not_found", no_thing);
    else if (thing->owner_id != request->user->id)
        sandbox_answer_set_error(answer, 403, "forbidden", refusal);
    else
        return g_steal_pointer(&thing);
    return NULL;
}

void
sandbox_things_update(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = need_own(service, request, "You are not allowed to update the thing", answer);

    if (!thing)
        return;
    const char *wrong = sandbox_thing_fields_read(request, thing);
    if (wrong) {
        sandbox_answer_set_error(answer, 400, "validation", wrong);
        return;
    }
    thing->updated_at = request->now;
    sandbox_store_update_thing(service->store, thing);
    sandbox_answer_set_message(answer, 200, "ok", "Thing was updated correctly");
}

void
sandbox_things_post(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *method = NULL;

    if (!sandbox_request_get_field(request, "_method", &method) || !method || g_ascii_strcasecmp(method, "patch") != 0)
        sandbox_answer_set_error(answer, 400, "invalid_request", "POST to a thing requires _method=patch");
    else
        sandbox_things_update(service, request, answer);
}

void
sandbox_things_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    /* Deleting has one refusal for both, where other calls have insufficient_scope. */
    if (!sandbox_scopes_hold(request->scopes, "thing")) {
        sandbox_answer_set_error(answer, 403, "forbidden", "The access token lacks the scope 'thing'");
        return;
    }
    g_autoptr(SandboxThing) thing = need_own(service, request, "You are not allowed to delete the thing", answer);
    if (!thing)
        return;
    sandbox_store_delete_thing(service->store, thing->id);
    sandbox_answer_set_done(answer, 204);
}

static json_t *
describe_thing(SandboxService *service, const SandboxRequest *request, const char *id_text)
{
    guint64 id = 0;

    if (!g_ascii_string_to_unsigned(id_text, 10, 1, G_MAXINT64, &id, NULL))
        return NULL;
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, (gint64)id);
    return thing ? sandbox_object_of_thing(service, request, thing) : NULL;
}

void
sandbox_things_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_auto(GStrv) ids = g_strsplit(request->captures[0], ",", -1);
    json_t *list = json_array();

    for (char **id = ids; *id; id++) {
        json_t *object = describe_thing(service, request, *id);
        if (!object) {
            json_decref(list);
            sandbox_answer_set_error(answer, 404, "not_found", "The resource was not found");
            return;
        }
        json_array_append_new(list, object);
    }
    if (json_array_size(list) == 1) {
        sandbox_answer_take_json(answer, 200, json_incref(json_array_get(list, 0)));
        json_decref(list);
    } else {
        sandbox_answer_take_json(answer, 200, list);
    }
}

typedef struct {
    const SandboxSearch *search;
    gint64 viewer_id; /* who sees their own hidden things too; 0: nobody */
} Filter;

static json_t *
describe_things(SandboxService *service, const SandboxRequest *request, GPtrArray *things, gint64 first, gint64 count)
{
    json_t *list = json_array();

    for (gint64 i = first; i < MIN(first + count, things->len); i++)
        json_array_append_new(list, sandbox_object_of_thing(service, request, g_ptr_array_index(things, i)));
    return list;
}

static void
list_things(SandboxService *service, const SandboxRequest *request, const SandboxUser *owner, SandboxAnswer *answer)
{
    SandboxPaging paging;

    if (!sandbox_paging_read(request, &paging, answer))
        return;
    g_autoptr(GPtrArray) things = sandbox_store_list_things(
        service->store, owner->id, sandbox_request_viewer(request) == owner->id, paging.count, paging.skip);
    sandbox_answer_take_json(answer, 200, describe_things(service, request, things, 0, paging.count));
}

void
sandbox_things_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    list_things(service, request, request->user, answer);
}

void
sandbox_things_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (user)
        list_things(service, request, user, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No such user");
}

static gboolean
is_found(const SandboxThing *thing, gconstpointer data)
{
    const Filter *filter = data;

    return (!thing->hidden || thing->owner_id == filter->viewer_id) && sandbox_search_match(filter->search, thing);
}

void
sandbox_things_search(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *problem = NULL;
    SandboxPaging paging;
    g_autoptr(SandboxSearch) search = sandbox_search_new(request->query, &problem);

    if (!search) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", problem);
        return;
    }
    if (!sandbox_paging_read(request, &paging, answer))
        return;
    const Filter filter = {.search = search, .viewer_id = sandbox_request_viewer(request)};
    gint64 since = sandbox_search_since(search, request->now);
    g_autoptr(GPtrArray) things = sandbox_store_filter_things(service->store, is_found, &filter, G_MAXUINT);
    g_autoptr(GHashTable) recent = since >= 0 ? sandbox_store_count_flattrs_since(service->store, since) : NULL;
    sandbox_search_sort(search, things, recent);
    json_t *page = describe_things(service, request, things, paging.skip, paging.count);
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:I, s:I, s:I, s:o}", "total_items", (json_int_t)things->len, "items",
                                       (json_int_t)json_array_size(page), "page", (json_int_t)paging.page, "things",
                                       page));
}
