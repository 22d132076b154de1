/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as what else comes from outside; the first one says as which: a hook's file, the address that ends a login, the
 * body of a web hook, a date, a file that should be media. Each is read, or refused in words that can be shown.
 */
#include "base/clock.h"
#include "flattr/flattr.h"
#include "login/redirect.h"
#include "partner/partner_event.h"
#include "queue/spool.h"
#include "sources/media.h"
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static void
check_message(gconstpointer result, const GError *error)
{
    g_assert_true((result == NULL) == (error != NULL));
    if (error)
        g_assert_true(*error->message);
}

/* A file of the fuzzer's own, written again for each input. */
static const char *
write_file(const guint8 *bytes, gsize size)
{
    static char path[] = "/dev/shm/podflattr-fuzz-XXXXXX";
    static int file = -1;

    if (file < 0)
        file = g_mkstemp(path);
    g_assert_cmpint(ftruncate(file, 0), ==, 0);
    g_assert_cmpint(pwrite(file, bytes, size, 0), ==, (gssize)size);
    return path;
}

static void
read_hook(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfArrival) arrival = pf_hook_file_read(write_file(bytes, size), &error);

    check_message(arrival, error);
    if (arrival)
        g_assert_true(g_path_is_absolute(arrival->path));
}

static void
read_redirect(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autoptr(GError) error = NULL;
    g_autofree char *code = flattr_oauth_dup_code(text, "state", &error);
    g_autoptr(PfRedirect) redirect = pf_redirect_parse(text, NULL);

    check_message(code, error);
    if (code)
        g_assert_true(*code && strstr(text, "state"));
    if (redirect)
        (void)pf_redirect_is_target(redirect, text);
}

static void
read_web_hook(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfPartnerEvent) event = pf_partner_event_read((const char *)bytes, size, 1, &error);

    check_message(event, error);
    if (!event)
        return;
    g_autofree char *hash = pf_partner_event_dup_email_hash(event);
    (void)pf_partner_event_get_thing(event);
}

static void
read_date(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    gint64 time = -1;

    if (!pf_clock_parse(text, &time))
        g_assert_cmpint(time, ==, -1);
}

static void
read_media(const guint8 *bytes, gsize size)
{
    const char *reason = pf_media_judge(bytes, size);
    gboolean is_media = FALSE;

    if (pf_media_is_certain(bytes, size))
        g_assert_null(reason);
    (void)pf_media_check_certain(write_file(bytes, size), &is_media);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    static void (*const kinds[])(const guint8 *bytes, gsize size) = {read_hook, read_redirect, read_web_hook, read_date,
                                                                     read_media};

    if (size > 0)
        kinds[bytes[0] % G_N_ELEMENTS(kinds)](bytes + 1, size - 1);
    return 0;
}
