/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/faults.h"

#include <string.h>

/* An hour: longer than any test waits, and short enough that a slip does not look like a hang for good. */
#define SECONDS_MAX 3600

static const struct {
    const char *name;
    int status; /* unless the order says another one; 0: the fault has none */
    gboolean handled;
    SandboxDelivery delivery;
} kinds[] = {
    [SANDBOX_FAULT_STATUS] = {"status", 503, FALSE, SANDBOX_DELIVERY_WHOLE},
    [SANDBOX_FAULT_HTML] = {"html", 503, FALSE, SANDBOX_DELIVERY_WHOLE},
    [SANDBOX_FAULT_TRUNCATE] = {"truncate", 0, TRUE, SANDBOX_DELIVERY_TRUNCATED},
    [SANDBOX_FAULT_SLOW] = {"slow", 0, TRUE, SANDBOX_DELIVERY_SLOW},
    [SANDBOX_FAULT_DELAY] = {"delay", 0, TRUE, SANDBOX_DELIVERY_WHOLE},
    [SANDBOX_FAULT_RESET] = {"reset", 0, FALSE, SANDBOX_DELIVERY_RESET},
    [SANDBOX_FAULT_LOST_REPLY] = {"lost-reply", 0, TRUE, SANDBOX_DELIVERY_DROPPED},
    [SANDBOX_FAULT_REDIRECT] = {"redirect", 302, FALSE, SANDBOX_DELIVERY_WHOLE},
    [SANDBOX_FAULT_HUGE] = {"huge", 0, FALSE, SANDBOX_DELIVERY_HUGE},
};

struct SandboxFaults {
    GPtrArray *orders; /* of SandboxFault */
};

static void
clear_fault(gpointer data)
{
    SandboxFault *fault = data;

    g_free(fault->path);
    g_free(fault->error);
    if (fault->headers)
        g_ptr_array_unref(fault->headers);
}

void
sandbox_fault_unref(SandboxFault *fault)
{
    if (fault)
        g_atomic_rc_box_release_full(fault, clear_fault);
}

SandboxFaults *
sandbox_faults_new(void)
{
    SandboxFaults *faults = g_new0(SandboxFaults, 1);

    faults->orders = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_fault_unref);
    return faults;
}

void
sandbox_faults_free(SandboxFaults *faults)
{
    if (!faults)
        return;
    g_ptr_array_unref(faults->orders);
    g_free(faults);
}

void
sandbox_faults_clear(SandboxFaults *faults)
{
    g_ptr_array_set_size(faults->orders, 0);
}

static gboolean
find_kind(const char *name, SandboxFaultKind *kind)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_equal(name, kinds[i].name)) {
            *kind = (SandboxFaultKind)i;
            return TRUE;
        }
    }
    return FALSE;
}

/* What would end the header and begin another one, or the body, must not get in. */
static gboolean
read_headers(json_t *headers, GPtrArray *list)
{
    const char *name;
    json_t *value;

    json_object_foreach (headers, name, value) {
        if (!*name || strpbrk(name, " \t\r\n:") || !json_is_string(value) || strpbrk(json_string_value(value), "\r\n"))
            return FALSE;
        g_ptr_array_add(list, g_strdup(name));
        g_ptr_array_add(list, g_strdup(json_string_value(value)));
    }
    return TRUE;
}

static char *
check_fault(const SandboxFault *fault)
{
    if (fault->path[0] != '/' && !g_str_equal(fault->path, "*"))
        return g_strdup("'path' must begin with a slash, or be \"*\"");
    if (fault->times < 1)
        return g_strdup("'times' must be at least 1");
    if (fault->status < 200 || fault->status > 599)
        return g_strdup("'status' must be from 200 to 599");
    if (fault->error && fault->kind != SANDBOX_FAULT_STATUS)
        return g_strdup("'error' can be used with the kind status only");
    if (!(fault->seconds >= 0 && fault->seconds <= SECONDS_MAX))
        return g_strdup_printf("'seconds' must be from 0 to %d", SECONDS_MAX);
    return NULL;
}

char *
sandbox_faults_add(SandboxFaults *faults, json_t *order)
{
    const char *path = NULL, *kind = NULL, *code = NULL;
    json_int_t times = 1;
    json_int_t status = 0;
    double seconds = 1;
    json_t *headers = NULL;
    json_error_t problem;

    if (json_unpack_ex(order, &problem, JSON_STRICT, "{s:s, s:s, s?I, s?I, s?s, s?F, s?o}", "path", &path, "kind",
                       &kind, "times", &times, "status", &status, "error", &code, "seconds", &seconds, "headers",
                       &headers) != 0)
        return g_strdup(problem.text);

    g_autoptr(SandboxFault) fault = g_atomic_rc_box_new0(SandboxFault);
    fault->path = g_strdup(path);
    fault->error = g_strdup(code);
    fault->headers = g_ptr_array_new_with_free_func(g_free);
    if (!find_kind(kind, &fault->kind))
        return g_strdup("'kind' must be status, html, truncate, slow, delay, reset, lost-reply, redirect or huge");
    if (status < 0 || status > 599)
        return g_strdup("'status' must be an HTTP status");
    fault->times = times;
    fault->seconds = seconds;
    fault->status = status ? (int)status : kinds[fault->kind].status;
    if (fault->status == 0)
        fault->status = 200;
    if (headers && (!json_is_object(headers) || !read_headers(headers, fault->headers)))
        return g_strdup("'headers' must be an object of header names and their values");

    char *wrong = check_fault(fault);
    if (!wrong)
        g_ptr_array_add(faults->orders, g_steal_pointer(&fault));
    return wrong;
}

SandboxFault *
sandbox_faults_take(SandboxFaults *faults, const char *path)
{
    for (guint i = 0; i < faults->orders->len; i++) {
        SandboxFault *fault = g_ptr_array_index(faults->orders, i);
        if (!g_str_equal(fault->path, "*") && !g_str_equal(fault->path, path))
            continue;
        g_atomic_rc_box_acquire(fault);
        if (--fault->times == 0)
            g_ptr_array_remove_index(faults->orders, i);
        return fault;
    }
    return NULL;
}

gboolean
sandbox_fault_is_handled(const SandboxFault *fault)
{
    return kinds[fault->kind].handled;
}

static void
fill_page(const SandboxFault *fault, SandboxAnswer *answer)
{
    g_autofree char *page =
        g_strdup_printf("<!DOCTYPE html>\n<html><head><title>%d</title></head>\n"
                        "<body><h1>%d</h1><p>The gateway could not get an answer.</p></body></html>\n",
                        fault->status, fault->status);

    sandbox_answer_set_text(answer, (unsigned int)fault->status, "text/html; charset=utf-8", page);
}

static gboolean
has_header(const SandboxFault *fault, const char *name)
{
    for (guint i = 0; i < fault->headers->len; i += 2) {
        if (g_ascii_strcasecmp(g_ptr_array_index(fault->headers, i), name) == 0)
            return TRUE;
    }
    return FALSE;
}

void
sandbox_fault_apply(const SandboxFault *fault, const char *path, SandboxAnswer *answer)
{
    if (fault->kind == SANDBOX_FAULT_HTML)
        fill_page(fault, answer);
    else if (fault->error)
        sandbox_answer_set_error(answer, (unsigned int)fault->status, fault->error,
                                 "This fault was ordered with /_sandbox/faults");
    else if (!kinds[fault->kind].handled)
        sandbox_answer_set_empty(answer, (unsigned int)fault->status);

    for (guint i = 0; i < fault->headers->len; i += 2)
        sandbox_answer_add_header(answer, g_ptr_array_index(fault->headers, i),
                                  g_ptr_array_index(fault->headers, i + 1));
    if (fault->kind == SANDBOX_FAULT_REDIRECT && !has_header(fault, "Location")) {
        g_autofree char *elsewhere = g_strconcat("http://127.0.0.2:1", path, NULL);
        sandbox_answer_add_header(answer, "Location", elsewhere);
    }
    if (fault->kind == SANDBOX_FAULT_HUGE)
        answer->type = "application/json;charset=utf-8";
    answer->delivery = kinds[fault->kind].delivery;
    answer->delivery_seconds = fault->seconds;
}
