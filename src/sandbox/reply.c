/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/reply.h"

#include <stdlib.h>
#include <string.h>

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
