/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SECRET_BYTES 20

char *
sandbox_secret_new(void)
{
    unsigned char bytes[SECRET_BYTES];
    GString *text = g_string_new(NULL);

    /* Up to 256 bytes come whole or not at all, and not at all only where the kernel lacks the call. */
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        g_error("cannot get random numbers from the system");
    for (gsize i = 0; i < sizeof bytes; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *scope;
    const char *words;
} meanings[] = {
    {"flattr", "flattr things with your means, and subscribe to things"},
    {"thing", "create, change and delete your things"},
    {"email", "read your e-mail address"},
    {"extendedread", "read your private details and find your hidden things"},
};

gboolean
sandbox_scopes_hold(const char *scopes, const char *scope)
{
    if (!scopes)
        return FALSE;

    g_auto(GStrv) words = g_strsplit_set(scopes, " ,", -1);
    return g_strv_contains((const char *const *)words, scope);
}

char *
sandbox_scopes_read(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    g_autoptr(GString) scopes = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        if (!sandbox_scopes_hold(SANDBOX_SCOPES, *word))
            return NULL;
        g_string_append_printf(scopes, "%s%s", scopes->len ? " " : "", *word);
    }
    return g_strdup(scopes->str);
}

const char *
sandbox_scope_explain(const char *scope)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (g_str_equal(scope, meanings[i].scope))
            return meanings[i].words;
    }
    return scope;
}

#define ERROR_URI "https://developers.flattr.net/api"
#define JSON_TYPE "application/json;charset=utf-8"

SandboxAnswer *
sandbox_answer_new(void)
{
    SandboxAnswer *answer = g_new0(SandboxAnswer, 1);

    answer->status = 204;
    answer->headers = g_ptr_array_new_with_free_func(g_free);
    return answer;
}

void
sandbox_answer_free(SandboxAnswer *answer)
{
    if (!answer)
        return;
    g_free(answer->body);
    g_ptr_array_unref(answer->headers);
    g_free(answer);
}

void
sandbox_answer_set_text(SandboxAnswer *answer, unsigned int status, const char *type, const char *text)
{
    g_free(answer->body);
    answer->body = g_strdup(text);
    answer->length = text ? strlen(text) : 0;
    answer->type = type;
    answer->status = status;
}

void
sandbox_answer_set_empty(SandboxAnswer *answer, unsigned int status)
{
    sandbox_answer_set_text(answer, status, NULL, NULL);
}

void
sandbox_answer_take_json_as(SandboxAnswer *answer, unsigned int status, const char *type, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);

    /* jansson allocates with malloc(), which is not GLib's allocator by contract: so a copy. */
    sandbox_answer_set_text(answer, status, type, text);
    free(text);
    json_decref(json);
}

void
sandbox_answer_take_json(SandboxAnswer *answer, unsigned int status, json_t *json)
{
    sandbox_answer_take_json_as(answer, status, JSON_TYPE, json);
}

void
sandbox_answer_set_message(SandboxAnswer *answer, unsigned int status, const char *message, const char *description)
{
    sandbox_answer_take_json(answer, status, json_pack("{s:s, s:s}", "message", message, "description", description));
}

void
sandbox_answer_set_error_at(SandboxAnswer *answer, unsigned int status, const char *code, const char *description,
                            const char *uri)
{
    sandbox_answer_take_json(
        answer, status,
        json_pack("{s:s, s:s, s:s}", "error", code, "error_description", description, "error_uri", uri));
}

void
sandbox_answer_set_error(SandboxAnswer *answer, unsigned int status, const char *code, const char *description)
{
    sandbox_answer_set_error_at(answer, status, code, description, ERROR_URI);
}

void
sandbox_answer_set_done(SandboxAnswer *answer, unsigned int status)
{
    sandbox_answer_set_text(answer, status, JSON_TYPE, NULL);
}

void
sandbox_answer_add_header(SandboxAnswer *answer, const char *name, const char *value)
{
    g_ptr_array_add(answer->headers, g_strdup(name));
    g_ptr_array_add(answer->headers, g_strdup(value));
}

/* Returns NULL when the text is no form encoding of UTF-8 without NULs. */
static char *
decode(const char *text, gsize length)
{
    GString *plain = g_string_sized_new(length);

    for (gsize i = 0; i < length; i++) {
        char byte = text[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            if (i + 2 >= length || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2])) {
                g_string_free(plain, TRUE);
                return NULL;
            }
            byte = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        }
        g_string_append_c(plain, byte);
    }
    /* Given a length, g_utf8_validate() refuses NULs too. */
    gboolean valid = g_utf8_validate(plain->str, (gssize)plain->len, NULL);
    return g_string_free(plain, !valid);
}

/*
 * Makes an empty table of the kind that sandbox_form_read() returns.
 *
 * Returns: (transfer full): the table.
 */
static GHashTable *
sandbox_form_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

GHashTable *
sandbox_form_read(const char *text, gsize length)
{
    g_autoptr(GHashTable) fields = sandbox_form_new();
    const char *end = text + length;

    while (text < end) {
        const char *next = memchr(text, '&', (gsize)(end - text));
        const char *stop = next ? next : end;
        const char *equals = memchr(text, '=', (gsize)(stop - text));
        const char *name_end = equals ? equals : stop;

        if (stop > text) {
            g_autofree char *name = decode(text, (gsize)(name_end - text));
            g_autofree char *value = equals ? decode(equals + 1, (gsize)(stop - equals - 1)) : g_strdup("");
            if (!name || !value)
                return NULL;
            g_hash_table_replace(fields, g_steal_pointer(&name), g_steal_pointer(&value));
        }
        text = next ? next + 1 : end;
    }
    return g_steal_pointer(&fields);
}

static const struct {
    const char *prefix;
    SandboxArea area;
} areas[] = {
    {"/rest/v2", SANDBOX_AREA_API},
    {"/oauth", SANDBOX_AREA_OAUTH},
    {"/_sandbox", SANDBOX_AREA_CONTROL},
};

/* Only the documented suffixes count, since a user's name may hold a dot. */
static const struct {
    const char *suffix;
    SandboxForm form;
} forms[] = {
    {".json", SANDBOX_FORM_JSON}, {".as", SANDBOX_FORM_STREAM}, {".atom", SANDBOX_FORM_ATOM},
    {".xml", SANDBOX_FORM_XML},   {".yaml", SANDBOX_FORM_YAML}, {".txt", SANDBOX_FORM_TEXT},
};

/* A lookup as it was before the URL became a parameter: what follows is all the URL's. */
#define OLD_LOOKUP "/things/lookup/q/"

static void
strip_slashes(char *path)
{
    gsize length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
}

static void
split_path(SandboxRequest *request, const char *whole)
{
    gsize skip = 0;

    request->area = SANDBOX_AREA_NONE;
    for (gsize i = 0; i < G_N_ELEMENTS(areas); i++) {
        gsize length = strlen(areas[i].prefix);
        if (g_str_has_prefix(whole, areas[i].prefix) && (whole[length] == '/' || whole[length] == '\0')) {
            request->area = areas[i].area;
            skip = length;
        }
    }
    request->path = whole[skip] ? g_utf8_make_valid(whole + skip, -1) : g_strdup("/");
    if (request->area == SANDBOX_AREA_API && g_str_has_prefix(request->path, OLD_LOOKUP)) {
        g_hash_table_replace(request->query, g_strdup("url"), g_strdup(request->path + strlen(OLD_LOOKUP)));
        g_free(request->path);
        request->path = g_strdup("/things/lookup");
        return;
    }
    strip_slashes(request->path);
    for (gsize i = 0; i < G_N_ELEMENTS(forms) && request->area == SANDBOX_AREA_API; i++) {
        if (g_str_has_suffix(request->path, forms[i].suffix)) {
            request->form = forms[i].form;
            request->path[strlen(request->path) - strlen(forms[i].suffix)] = '\0';
            break;
        }
    }
}

SandboxRequest *
sandbox_request_new(const char *method, const char *path)
{
    SandboxRequest *request = g_new0(SandboxRequest, 1);

    request->method = g_strdup(method);
    request->query = sandbox_form_new();
    request->fields = sandbox_form_new();
    split_path(request, path);
    return request;
}

void
sandbox_request_free(SandboxRequest *request)
{
    if (!request)
        return;
    g_free(request->method);
    g_free(request->path);
    g_free(request->accept);
    g_free(request->authorization);
    g_free(request->cookies);
    g_free(request->host);
    g_free(request->origin);
    g_free(request->address);
    g_hash_table_unref(request->query);
    g_hash_table_unref(request->fields);
    json_decref(request->json);
    for (gsize i = 0; i < SANDBOX_CAPTURES_MAX; i++)
        g_free(request->captures[i]);
    sandbox_user_free(request->user);
    g_free(request->scopes);
    g_free(request);
}

static gboolean
is_type(const char *header, const char *type)
{
    gsize length = strcspn(header, "; \t");

    return length == strlen(type) && g_ascii_strncasecmp(header, type, length) == 0;
}

static void
read_json(SandboxRequest *request, const char *bytes, gsize length)
{
    const char *name;
    json_t *value;

    request->json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(request->json)) {
        request->body_problem = "The body is not a JSON object";
        return;
    }
    json_object_foreach (request->json, name, value) {
        char *text = NULL;
        if (json_is_string(value))
            text = g_strdup(json_string_value(value));
        else if (json_is_integer(value))
            text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (json_is_boolean(value))
            text = g_strdup(json_is_true(value) ? "1" : "0");
        if (text)
            g_hash_table_replace(request->fields, g_strdup(name), text);
    }
}

void
sandbox_body_read(SandboxRequest *request, const char *type, const char *bytes, gsize length)
{
    if (length == 0)
        return;
    if (type && is_type(type, "application/json")) {
        read_json(request, bytes, length);
    } else if (type && is_type(type, "application/x-www-form-urlencoded")) {
        GHashTable *fields = sandbox_form_read(bytes, length);
        if (fields) {
            g_hash_table_unref(request->fields);
            request->fields = fields;
        } else {
            request->body_problem = "The body is not a form in UTF-8";
        }
    } else {
        request->body_problem = "The body must be application/json or application/x-www-form-urlencoded";
    }
}

gboolean
sandbox_request_get_field(const SandboxRequest *request, const char *name, const char **value)
{
    const json_t *member = request->json ? json_object_get(request->json, name) : NULL;

    *value = g_hash_table_lookup(request->fields, name);
    return *value || !member || json_is_null(member);
}

const char *
sandbox_request_get_parameter(const SandboxRequest *request, const char *name)
{
    const char *text = g_hash_table_lookup(request->query, name);

    return text && *text ? text : NULL;
}

gint64
sandbox_request_get_id(const SandboxRequest *request)
{
    guint64 id = 0;

    return g_ascii_string_to_unsigned(request->captures[0], 10, 1, G_MAXINT64, &id, NULL) ? (gint64)id : 0;
}

gboolean
sandbox_request_wants_full(const SandboxRequest *request)
{
    const char *full = sandbox_request_get_parameter(request, "full");

    return full && !g_str_equal(full, "0") && g_ascii_strcasecmp(full, "false") != 0;
}

gint64
sandbox_request_viewer(const SandboxRequest *request)
{
    return request->user && sandbox_scopes_hold(request->scopes, "extendedread") ? request->user->id : 0;
}

const char *
sandbox_request_token(const SandboxRequest *request)
{
    const char *header = request->authorization;

    if (!header || g_ascii_strncasecmp(header, "Bearer ", strlen("Bearer ")) != 0)
        return NULL;
    header += strlen("Bearer ");
    return header + strspn(header, " ");
}

const char *
sandbox_request_client(const SandboxRequest *request)
{
    /* An unknown token counts for the address, or guessing tokens would be without limit. */
    return request->user ? sandbox_request_token(request) : request->address;
}

#define COUNT_DEFAULT 30
#define COUNT_MAX 1000
#define PAGE_MAX 1000000

/* Leaves the default where there is no such parameter, and makes what is beyond the maximum the maximum. */
static gboolean
read_number(const SandboxRequest *request, const char *name, guint64 least, guint64 most, guint64 *number)
{
    const char *text = sandbox_request_get_parameter(request, name);

    if (!text || g_ascii_string_to_unsigned(text, 10, least, most, number, NULL))
        return TRUE;
    if (text[strspn(text, G_CSET_DIGITS)] || !text[strspn(text, "0")])
        return FALSE;
    *number = most;
    return TRUE;
}

gboolean
sandbox_paging_read(const SandboxRequest *request, SandboxPaging *paging, SandboxAnswer *answer)
{
    guint64 count = COUNT_DEFAULT, page = 1;

    if (!read_number(request, "count", 1, COUNT_MAX, &count) || !read_number(request, "page", 0, PAGE_MAX, &page)) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "count and page must be positive numbers");
        return FALSE;
    }
    /* Clients that count pages from 0 are given the first one twice. */
    page = MAX(page, 1);
    paging->count = (gint64)count;
    paging->page = (gint64)page;
    paging->skip = (gint64)((page - 1) * count);
    return TRUE;
}

static void
refuse_object(SandboxAnswer *answer, const char *message)
{
    sandbox_answer_take_json(answer, 400, json_pack("{s:s}", "message", message));
}

gboolean
sandbox_request_read_object(const SandboxRequest *request, SandboxAnswer *answer, const char *format, ...)
{
    json_error_t problem;
    va_list targets;

    if (!request->json) {
        refuse_object(answer, "The body must be a JSON object, sent as application/json");
        return FALSE;
    }
    va_start(targets, format);
    int result = json_vunpack_ex(request->json, &problem, JSON_STRICT, format, targets);
    va_end(targets);
    if (result != 0)
        refuse_object(answer, problem.text);
    return result == 0;
}
