/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as what else comes from outside; the first one says as which: a hook's file, the address that ends a login, the
 * body of a web hook, a date, a file that should be media, a partner's list of e-mail addresses. Each is read, or
 * refused in words that can be shown.
 */
#include "base/clock.h"
#include "flattr/flattr.h"
#include "login/authorize.h"
#include "partner/partner_event.h"
#include "partner/partner_store.h"
#include "queue/spool.h"
#include "sources/media.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);
gboolean fuzz_inputs_read(const guint8 *bytes, gsize size);

/* One of each kind. */
extern const char *const fuzz_inputs[];
const char *const fuzz_inputs[] = {
    "0{\"version\":1,\"source\":\"hook\",\"path\":\"/p/a%20b.mp3\",\"size\":7,\"changed\":0,\"played\":false,"
    "\"progress\":-1,\"feed\":\"https://a.example/f.xml\",\"guid\":\"g\",\"title\":\"T\",\"heard\":60,"
    "\"duration\":600,\"started\":1400000000,\"seen\":1400000060}",
    "1http://127.0.0.1:40123/?code=abc%20d&state=state",
    "1http://127.0.0.1:40123/back",
    "2_event=pendingclickcreate&thing_id=7&thing_owner_id=email%3Ad41d8cd98f00b204e9800998ecf8427e&"
    "thing_clicks_total=1&flattrer_username=a%20b&claim_url=https%3A%2F%2Fa.example%2Fc%3Ft%3D1",
    "3Tue, 03 Jun 2014 12:00:00 +0200",
    "3 2014-06-03T12:00:00.5Z",
    "4ID3\x04\x01\x01\x01\x01\x01\x7fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xff\xfb\x90\x64",
    "4OggS\x01\x02\x01\x01\x01\x01\x01\x01\x01",
    "5# of our users\nann@a.example\n  Bob@B.Example\t\n",
    NULL,
};

static void
check_message(gconstpointer result, const GError *error)
{
    g_assert_true((result == NULL) == (error != NULL));
    if (error)
        g_assert_true(*error->message);
}

static char file_path[] = "/dev/shm/podflattr-fuzz-XXXXXX";

static void
remove_file(void)
{
    (void)unlink(file_path);
}

/* A file of the fuzzer's own, written again for each input. */
static const char *
write_file(const guint8 *bytes, gsize size)
{
    static int file = -1;

    if (file < 0) {
        file = g_mkstemp(file_path);
        (void)atexit(remove_file);
    }
    g_assert_cmpint(ftruncate(file, 0), ==, 0);
    g_assert_cmpint(pwrite(file, bytes, size, 0), ==, (gssize)size);
    return file_path;
}

static gboolean
read_hook(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfArrival) arrival = pf_hook_file_read(write_file(bytes, size), &error);

    check_message(arrival, error);
    if (arrival)
        g_assert_true(g_path_is_absolute(arrival->path) || pf_arrival_is_stream(arrival));
    return arrival != NULL;
}

static gboolean
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
    return code || redirect;
}

static gboolean
read_web_hook(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfPartnerEvent) event = pf_partner_event_read((const char *)bytes, size, 1, &error);

    check_message(event, error);
    if (!event)
        return FALSE;
    g_autofree char *hash = pf_partner_event_dup_email_hash(event);
    (void)pf_partner_event_get_thing(event);
    return TRUE;
}

static gboolean
read_date(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    gint64 time = -1, again = -1;
    char written[PF_CLOCK_TEXT_SIZE];

    if (!pf_clock_parse(text, &time)) {
        g_assert_cmpint(time, ==, -1);
        return FALSE;
    }
    g_assert_true(pf_clock_parse(pf_clock_format(time, written), &again));
    g_assert_cmpint(time, ==, again);
    return TRUE;
}

static gboolean
read_media(const guint8 *bytes, gsize size)
{
    const char *reason = pf_media_classify(bytes, size);
    gboolean is_media = FALSE;

    if (pf_media_is_certain(bytes, size))
        g_assert_null(reason);
    (void)pf_media_check_certain(write_file(bytes, size), &is_media);
    return !reason;
}

/* Each address is found by its own hash, and none has a line's end or a blank in it. */
static gboolean
read_emails(const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) emails = pf_partner_emails_load(write_file(bytes, size), &error);
    GHashTableIter each;
    gpointer hash, email;

    check_message(emails, error);
    if (!emails)
        return FALSE;
    g_hash_table_iter_init(&each, emails);
    while (g_hash_table_iter_next(&each, &hash, &email)) {
        g_autofree char *own = g_compute_checksum_for_string(G_CHECKSUM_MD5, email, -1);
        g_assert_cmpstr(g_hash_table_lookup(emails, own), ==, email);
        g_assert_true(strchr(email, '@') && !strpbrk(email, " \t\r\n\v\f\x1b\x7f"));
        g_assert_true(g_utf8_validate(email, -1, NULL));
    }
    return g_hash_table_size(emails) > 0;
}

/* Returns whether it is one of the kind that its first byte says, "0" the first. */
gboolean
fuzz_inputs_read(const guint8 *bytes, gsize size)
{
    static gboolean (*const kinds[])(const guint8 *bytes, gsize size) = {read_hook, read_redirect, read_web_hook,
                                                                         read_date, read_media,    read_emails};

    return size > 0 && kinds[(guint8)(bytes[0] - '0') % G_N_ELEMENTS(kinds)](bytes + 1, size - 1);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    (void)fuzz_inputs_read(bytes, size);
    return 0;
}
