/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of the token, of the server and of the clock. */
#include "commands/doctor.h"

#include "base/clock.h"
#include "base/version.h"
#include "config/credentials.h"
#include "flattr/flattr.h"

/* This program was not there before; a clock that says so has lost its battery. */
#define EARLIEST ((gint64)1735689600) /* 2025-01-01 */

/* A clock may differ by so much: flattrs count by the month, and a month's end is a matter of minutes. */
#define TOLERANCE ((gint64)300)

static char *
check_token(PfDoctor *doctor, gboolean *usable)
{
    g_autoptr(GError) failure = NULL;
    char *token = NULL;

    *usable = pf_app_load_token(doctor->app, &token, &failure);
    if (!*usable)
        pf_doctor_tell_error_take(doctor, "credentials", g_steal_pointer(&failure));
    else if (token)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "credentials", "there is an access token for %s",
                       doctor->app->endpoint);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "credentials",
                       "there is no access token for %s, so entries wait; 'podflattr login' gets one",
                       doctor->app->endpoint);
    return token;
}

static void
tell_clock(PfDoctor *doctor, gint64 now, const char *whose, gint64 other)
{
    char here[PF_CLOCK_TEXT_SIZE], there[PF_CLOCK_TEXT_SIZE];

    pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "clock",
                   "says %s, but %s says %s; set it (timedatectl set-ntp true): months are counted by it",
                   pf_clock_format(now, here), whose, pf_clock_format(other, there));
}

static void
check_clock(PfDoctor *doctor, const FlattrReply *reply)
{
    const char *date = reply ? flattr_reply_get_header(reply, "Date") : NULL;
    gint64 now = pf_clock_now();
    char text[PF_CLOCK_TEXT_SIZE];
    gint64 server;

    if (now < EARLIEST)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_OSERR, "clock",
                       "says %s, which is before this program was written; set it (timedatectl set-ntp true)",
                       pf_clock_format(now, text));
    else if (pf_clock_parse(date, &server) && ABS(server - now) > TOLERANCE)
        tell_clock(doctor, now, "the server's", server);
    else if (doctor->newest > now + TOLERANCE)
        tell_clock(doctor, now, "the queue's last change", doctor->newest);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "clock", "%s", pf_clock_format(now, text));
}

static void
judge_reply(PfDoctor *doctor, FlattrReply *reply, gboolean has_token)
{
    g_autoptr(GError) refusal = NULL;
    FlattrRateLimit limit;

    if (flattr_reply_read_rate_limit(reply, &limit, &refusal)) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "server",
                       "answers; %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " requests are left", limit.remaining,
                       limit.limit);
    } else if (!has_token && g_error_matches(refusal, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED)) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "server", "answers, and asks for a token");
    } else {
        pf_doctor_tell_error_take(doctor, "server", g_steal_pointer(&refusal));
    }
}

static FlattrReply *
check_server(PfDoctor *doctor, const char *token)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(FlattrSession) session = pf_command_open_session(doctor->app, token, &failure);
    FlattrReply *reply = NULL;

    if (session)
        reply = flattr_session_send_take(session, flattr_request_new_rate_limit(), &failure);
    if (reply)
        judge_reply(doctor, reply, token != NULL);
    else
        pf_doctor_tell_error_take(doctor, "server", g_steal_pointer(&failure));
    return reply;
}

void
pf_doctor_check_account(PfDoctor *doctor)
{
    g_autofree char *token = NULL;
    g_autoptr(FlattrReply) reply = NULL;
    gboolean usable = FALSE;

    /* Without an address there is nothing that a token could be for; that was told with the configuration. */
    if (doctor->app->endpoint) {
        token = check_token(doctor, &usable);
        if (usable && !doctor->offline)
            reply = check_server(doctor, token);
    }
    check_clock(doctor, reply);
}
