/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a server's answer: what stands before the first empty line is its head, the rest its body. Every reader must
 * either give something or say in an error why not.
 */
#include <string.h>

#include "flattr/flattr.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

typedef GPtrArray *(*ListReader)(FlattrReply *reply, GError **error);

static const ListReader lists[] = {flattr_reply_read_flattrs, flattr_reply_read_things, flattr_reply_read_subscriptions,
                                   flattr_reply_read_activities, flattr_reply_read_choices};

static FlattrReply *
make_reply(const char *bytes, gsize size)
{
    FlattrReply *reply = flattr_reply_new();
    const char *end = g_strstr_len(bytes, (gssize)size, "\n\n");
    const gsize head = end ? (gsize)(end - bytes) : 0;
    g_autofree char *text = g_strndup(bytes, head);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    flattr_reply_add_head_line(reply, "HTTP/1.1 200 OK", strlen("HTTP/1.1 200 OK"));
    for (char **line = lines; *line; line++)
        flattr_reply_add_head_line(reply, *line, strlen(*line));
    flattr_reply_append_body(reply, bytes + head, size - head);
    return reply;
}

/* Whether a reader has told how it went. */
static void
check(gboolean is_read, GError *error_taken)
{
    g_assert_true(is_read == !error_taken);
    g_assert_true(!error_taken || g_utf8_validate(error_taken->message, -1, NULL));
    g_clear_error(&error_taken);
}

static void
read_objects(FlattrReply *reply)
{
    FlattrRateLimit limit;
    gboolean active;
    GError *error = NULL;
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, &error);

    check(thing != NULL, g_steal_pointer(&error));
    g_autoptr(FlattrUser) user = flattr_reply_read_user(reply, &error);
    check(user != NULL, g_steal_pointer(&error));
    g_autofree char *token = flattr_reply_read_token(reply, &error);
    check(token != NULL, g_steal_pointer(&error));
    gboolean is_read = flattr_reply_read_rate_limit(reply, &limit, &error);
    check(is_read, g_steal_pointer(&error));
    is_read = flattr_reply_read_toggled(reply, &active, &error);
    check(is_read, g_steal_pointer(&error));
    gint64 id = flattr_reply_read_lookup(reply, &error);
    check(id != 0, g_steal_pointer(&error));
    id = flattr_reply_read_created(reply, &error);
    check(id != 0, g_steal_pointer(&error));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *copy = g_memdup2(bytes, size); /* so that a sanitizer sees every byte read beyond it */
    g_autoptr(FlattrReply) reply = make_reply(copy ? copy : "", size);
    FlattrRateLimit limit;
    GError *error = NULL;

    flattr_reply_is_json(reply);
    flattr_reply_is_accepted(reply);
    flattr_reply_get_error_code(reply);
    flattr_reply_get_rate_limit(reply, &limit);
    g_assert_cmpint(flattr_reply_get_retry_after(reply, 1700000000), >=, -1);
    gboolean is_good = flattr_reply_check(reply, &error);
    check(is_good, g_steal_pointer(&error));
    read_objects(reply);
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GPtrArray) list = lists[i](reply, &error);
        check(list != NULL, g_steal_pointer(&error));
    }
    return 0;
}
