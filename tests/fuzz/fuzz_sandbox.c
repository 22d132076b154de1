/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as requests to flattr-sandbox, one after the other, each "METHOD /path?query\nAccept\nbody", with a form feed
 * between two. Each is answered as HTTP allows, and none is the server's own failure.
 */
#include "sandbox/routes.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);
gboolean fuzz_inputs_read(const guint8 *bytes, gsize size);

/* One of each kind. */
extern const char *const fuzz_inputs[];
const char *const fuzz_inputs[] = {
    "POST /rest/v2/flattr\n\nurl=https%3A%2F%2Fflattr.com%2Fsubmit%2Fauto%3Furl%3Dhttp%253A%252F%252Fa.example%26user_"
    "id%3Dann",
    "GET /rest/v2/user/flattrs.atom?full=1&count=2&page=1",
    "POST /rest/v2/things\napplication/json\n{\"url\":\"http://a.example/\",\"title\":\"Title\",\"tags\":\"a,b\"}",
    "GET /rest/v2/things/search?query=a%20b&tags=a%26!b|c&sort=flattrs_month&jsonp=call\ntext/xml",
    "POST /rest/v2/things\n\nurl=http%3A%2F%2Fa.example%2F\fGET /rest/v2/things/lookup?url=http://a.example/",
    "POST /rest/v2/things\n\nurl=http%3A%2F%2Fa.example%2F\fPATCH /rest/v2/things/1\n\ntitle=Other+title&hidden=1\f"
    "GET /rest/v2/things/1?full=1\fDELETE /rest/v2/things/1",
    "PUT /_sandbox/user\n\n{\"user\":\"ann\",\"means\":3,\"scopes\":\"flattr\"}",
    "PUT /_sandbox/thing\n\n{\"url\":\"http://a.example/\",\"user\":\"ann\",\"title\":\"A title\"}",
    "GET /oauth/authorize?client_id=id&redirect_uri=http://127.0.0.1:1/back&response_type=code&scope=flattr&state=s",
    "GET /\ntext/html",
    NULL,
};

static SandboxService *
start_service(void)
{
    g_autoptr(GError) error = NULL;
    SandboxStore *store = sandbox_store_open(NULL, &error);
    const SandboxGrant grant = {.application = (char *)"fuzzer", .scopes = (char *)SANDBOX_SCOPES, .created_at = 1};
    const SandboxClient client = {
        .id = (char *)"id", .secret = (char *)"secret", .redirect_uri = (char *)"", .name = (char *)""};

    g_assert_no_error(error);
    sandbox_store_begin(store);
    g_autoptr(SandboxUser) user = sandbox_store_need_user(store, "demo", 1);
    sandbox_store_set_means(store, user->id, 100);
    sandbox_store_add_token(store, "token", user->id, &grant);
    sandbox_store_set_client(store, &client);
    g_assert_null(sandbox_store_end(store, TRUE));
    SandboxService *service = sandbox_service_new(store, "demo", G_MAXINT);
    service->base = g_strdup("http://127.0.0.1:1");
    return service;
}

static void
check_answer(const SandboxAnswer *answer)
{
    g_assert_cmpuint(answer->status, >=, 200);
    g_assert_cmpuint(answer->status, <, 500);
    for (guint i = 0; i < answer->headers->len; i++)
        g_assert_null(strpbrk(answer->headers->pdata[i], "\r\n"));
    if (answer->length > 0)
        g_assert_true(g_utf8_validate(answer->body, (gssize)answer->length, NULL));
    if (answer->length > 0 && answer->type && g_str_has_prefix(answer->type, "application/json")) {
        json_t *body = json_loadb(answer->body, answer->length, JSON_REJECT_DUPLICATES, NULL);
        g_assert_nonnull(body);
        json_decref(body);
    }
}

/* Returns the answer's status; 0 when it is no request that a server would be given. */
static guint
ask(SandboxService *service, const char *text, gsize size)
{
    const char *line_end = memchr(text, '\n', size);
    g_autofree char *line = g_strndup(text, line_end ? (gsize)(line_end - text) : size);
    const char *rest = line_end ? line_end + 1 : text + size, *end = text + size;
    const char *accept_end = memchr(rest, '\n', (gsize)(end - rest));
    char *path = strchr(line, ' ');

    /* The hook of a partner would be asked by the network. */
    if (!path || path[1] != '/' || strstr(path, "/partner"))
        return 0;
    *path++ = '\0';
    char *query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    g_autoptr(SandboxRequest) request = sandbox_request_new(line, path);
    GHashTable *parameters = query ? sandbox_form_read(query, strlen(query)) : NULL;
    if (parameters) {
        g_hash_table_unref(request->query);
        request->query = parameters;
    }
    request->accept = g_strndup(rest, (gsize)((accept_end ? accept_end : end) - rest));
    request->authorization = g_strdup("Bearer token");
    request->host = g_strdup("127.0.0.1:1");
    request->address = g_strdup("127.0.0.1");
    const char *body = accept_end ? accept_end + 1 : end;
    sandbox_body_read(request, body < end && *body == '{' ? "application/json" : "application/x-www-form-urlencoded",
                      body, (gsize)(end - body));
    g_autoptr(SandboxAnswer) answer = sandbox_answer_new();
    sandbox_handle(service, request, answer);
    check_answer(answer);
    /* One that is ordered here may wait for an hour, or fail on purpose. */
    sandbox_faults_clear(service->faults);
    return answer->status;
}

/* Returns whether all was done that was asked for. */
gboolean
fuzz_inputs_read(const guint8 *bytes, gsize size)
{
    /* Kept until a request changes it, since a new one takes a hundred times as long as a request. */
    static SandboxService *service;
    const char *text = (const char *)bytes, *end = text + size;
    gboolean done = size > 0, changed = FALSE;

    if (!service)
        service = start_service();
    while (text < end) {
        const char *stop = memchr(text, '\f', (gsize)(end - text));
        guint status = ask(service, text, (gsize)((stop ? stop : end) - text));
        done = done && status >= 200 && status < 400;
        changed = changed || (status >= 200 && status < 400 && *text != 'G');
        text = stop ? stop + 1 : end;
    }
    if (changed)
        g_clear_pointer(&service, sandbox_service_free);
    return done;
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    (void)fuzz_inputs_read(bytes, size);
    return 0;
}
