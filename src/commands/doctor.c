/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/version.h"
#include "commands/command.h"
#include "commands/output.h"
#include "config/credentials.h"
#include "daemon/settings_check.h"
#include "flattr/flattr.h"
#include "queue/queue.h"
#include "queue/repair.h"
#include "queue/spool.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The checks of `podflattr doctor`: each prints one line, ok, warn or FAIL, that says what was found and how to fix it.
 */

typedef enum {
    PF_DOCTOR_OK,
    PF_DOCTOR_WARN, /* works, but not as well as it could */
    PF_DOCTOR_FAIL, /* does not work */
} PfDoctorResult;
typedef struct {
    PfApp *app;
    gboolean repair;  /* fix what can be fixed here */
    gboolean offline; /* do not ask the server */
    gboolean guessed; /* the server is the default one, because the configuration could not be read */
    int status;       /* the exit status: of the first check that failed */
    gint64 newest;    /* when the queue last changed, seconds since the epoch; 0 when it never did */
} PfDoctor;

static void pf_doctor_tell(PfDoctor *doctor, PfDoctorResult result, int status, const char *check, const char *format,
                           ...) G_GNUC_PRINTF(5, 6);
static void pf_doctor_tell_error_take(PfDoctor *doctor, const char *check, GError *error);

/* The checks of the token, of the server and of the clock. */

/* A clock may differ by so much: flattrs count by the month, and a month's end is a matter of minutes. */
#define TOLERANCE ((gint64)300)

static char *
check_token(PfDoctor *doctor, gboolean *usable)
{
    g_autoptr(GError) failure = NULL;
    char *token = NULL;

    *usable = pf_app_load_token(doctor->app, &token, &failure);
    if (!*usable)
        pf_doctor_tell_error_take(doctor, N_("credentials"), g_steal_pointer(&failure));
    else if (token)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("credentials"), _("access token for %s found"),
                       doctor->app->endpoint);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("credentials"),
                       _("no access token for %s, so entries wait; run 'podflattr login'"), doctor->app->endpoint);
    return token;
}

static void
tell_clock(PfDoctor *doctor, gint64 now, const char *whose, gint64 other)
{
    char here[PF_CLOCK_TEXT_SIZE], there[PF_CLOCK_TEXT_SIZE];

    pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("clock"),
                   _("says %s, but %s says %s; set it (timedatectl set-ntp true): flattrs are counted by the month"),
                   pf_clock_format(now, here), whose, pf_clock_format(other, there));
}

static void
check_clock(PfDoctor *doctor, const FlattrReply *reply)
{
    const char *date = reply ? flattr_reply_get_header(reply, "Date") : NULL;
    gint64 now = pf_clock_now();
    char text[PF_CLOCK_TEXT_SIZE];
    gint64 server;

    if (now < PF_CLOCK_EARLIEST)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_OSERR, N_("clock"),
                       _("says %s, before this program was written; set it (timedatectl set-ntp true)"),
                       pf_clock_format(now, text));
    else if (pf_clock_parse(date, &server) && ABS(server - now) > TOLERANCE)
        tell_clock(doctor, now, _("the server's"), server);
    else if (doctor->newest > now + TOLERANCE)
        tell_clock(doctor, now, _("the queue's last change"), doctor->newest);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("clock"), "%s", pf_clock_format(now, text));
}

static void
check_reply(PfDoctor *doctor, FlattrReply *reply, gboolean has_token)
{
    g_autoptr(GError) refusal = NULL;
    FlattrRateLimit limit;

    if (flattr_reply_read_rate_limit(reply, &limit, &refusal)) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("server"),
                       _("answers; %" PRId64 " of %" PRId64 " requests left"), limit.remaining, limit.limit);
    } else if (!has_token && g_error_matches(refusal, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED)) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("server"), _("answers, and requires a token"));
    } else {
        pf_doctor_tell_error_take(doctor, N_("server"), g_steal_pointer(&refusal));
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
        check_reply(doctor, reply, token != NULL);
    else
        pf_doctor_tell_error_take(doctor, N_("server"), g_steal_pointer(&failure));
    return reply;
}

/* Checks the token, the server and the clock. */
static void
pf_doctor_check_account(PfDoctor *doctor)
{
    g_autofree char *token = NULL;
    g_autoptr(FlattrReply) reply = NULL;
    gboolean usable = FALSE;

    /* Without an address there is nothing that a token could be for; a wrong one was reported with the configuration.
     */
    if (doctor->guessed) {
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("server"),
                       _("not asked: the configuration could not be read, so it is not known which server is yours"));
    } else if (!pf_config_has_server(doctor->app->config)) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("server"),
                       _("none, so nothing is sent; 'podflattr report' lists whom you owe"));
    } else if (doctor->app->endpoint) {
        token = check_token(doctor, &usable);
        if (usable && !doctor->offline)
            reply = check_server(doctor, token);
    }
    check_clock(doctor, reply);
}

/* The checks of the state folder and of the queue's database. */

/* Says why what access() has refused cannot be used. @mode: what chmod must give it */
static void
tell_refused(PfDoctor *doctor, const char *check, const char *path, const char *mode)
{
    int fault = errno;

    if (fault == EACCES)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, check,
                       _("%s: %s; you need read and write permission: run chmod %s '%s', or chown"), path,
                       g_strerror(fault), mode, path);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, check, "%s: %s%s", path, g_strerror(fault),
                       pf_file_advice(fault));
}

/* Returns whether there is a folder to look into. */
static gboolean
check_folder(PfDoctor *doctor)
{
    const char *path = doctor->app->state_dir;
    struct stat status;

    if (stat(path, &status) != 0) {
        if (errno == ENOENT)
            pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("state folder"),
                           _("%s: does not exist yet; created when needed"), path);
        else
            pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, N_("state folder"), "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    if (!S_ISDIR(status.st_mode)) {
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, N_("state folder"),
                       _("%s: not a folder; move it away or set --state-dir"), path);
        return FALSE;
    }
    if (access(path, R_OK | W_OK | X_OK) != 0)
        tell_refused(doctor, N_("state folder"), path, "u+rwx");
    else if (status.st_mode & 077)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("state folder"),
                       _("%s: other users can read what you listen to; run: chmod 700 '%s'"), path, path);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("state folder"), "%s", path);
    return TRUE;
}

/* What hooks have reported is taken in by whoever opens the queue: only what prevents that is reported. */
static void
check_hooks(PfDoctor *doctor)
{
    g_autofree char *path = pf_hook_file_folder(doctor->app->state_dir);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    guint bad = 0;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    /* A read-only disk was already reported for the state folder. */
    if (!folder || (access(path, R_OK | W_OK | X_OK) != 0 && errno != EROFS)) {
        pf_doctor_tell(
            doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, N_("hooks"),
            _("%s: you need read and write permission, or files reported by hooks are not processed: run chown"), path);
        return;
    }
    while ((name = g_dir_read_name(folder)))
        bad += g_str_has_suffix(name, PF_HOOK_FILE_BAD);
    if (bad > 0)
        pf_doctor_tell(
            doctor, PF_DOCTOR_WARN, EX_OK, N_("hooks"),
            ngettext(
                "%s: %u report by a hook could not be read and was set aside as *%s; delete it if you do not need it",
                "%s: %u reports by hooks could not be read and were set aside as *%s; delete those that you do not "
                "need",
                bad),
            path, bad, PF_HOOK_FILE_BAD);
}

static void
tell_salvage(PfDoctor *doctor, const PfSalvage *salvage)
{
    pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("repair"), _("the damaged database was kept as %s"), salvage->aside);
    for (guint i = 0; i < salvage->unreadable->len; i++)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("repair"),
                       _("the disk could not read %s; zeros were used instead. Back up this disk and replace it"),
                       (const char *)salvage->unreadable->pdata[i]);
    if (salvage->is_old)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("repair"),
                       _("some entries may have been recovered in an older state: before one is sent, the server is "
                         "asked whether it was already paid"));
    if (salvage->expected >= 0 && salvage->entries >= salvage->expected)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("repair"),
                       ngettext("%" PRId64 " entry was recovered", "all %" PRId64 " entries were recovered",
                                (gulong)salvage->entries),
                       salvage->entries);
    else if (salvage->expected >= 0)
        pf_doctor_tell(
            doctor, PF_DOCTOR_WARN, EX_OK, N_("repair"),
            _("%" PRId64 " of %" PRId64
              " entries were recovered; a lost one is queued again when it is seen again. Check the queue before "
              "you send: the server rejects a second flattr only within the same month"),
            salvage->entries, salvage->expected);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("repair"),
                       ngettext("%" PRId64 " entry was recovered; it is unknown how many there were",
                                "%" PRId64 " entries were recovered; it is unknown how many there were",
                                (gulong)salvage->entries),
                       salvage->entries);
}

static void
repair(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfQueueLock) lock = pf_queue_lock_take(doctor->app->state_dir, &failure);
    g_autoptr(PfWork) work = pf_work_begin(_("saving what can be read"));
    g_autoptr(PfSalvage) salvage = lock ? pf_queue_salvage(doctor->app->state_dir, pf_clock_now(), &failure) : NULL;

    g_clear_pointer(&work, pf_work_end);
    if (salvage)
        tell_salvage(doctor, salvage);
    else
        pf_doctor_tell_error_take(doctor, N_("repair"), g_steal_pointer(&failure));
}

static void
tell_damage(PfDoctor *doctor, const PfQueueHealth *health)
{
    PfDoctorResult result = doctor->repair ? PF_DOCTOR_WARN : PF_DOCTOR_FAIL;

    for (guint i = 0; i < health->damages->len; i++)
        pf_doctor_tell(doctor, result, EX_IOERR, N_("database"), _("damaged: %s"),
                       (const char *)health->damages->pdata[i]);
    if (!doctor->repair)
        pf_doctor_tell(
            doctor, result, EX_IOERR, N_("database"),
            _("stop every podflattr, then run 'podflattr doctor --repair': it sets the file aside and recovers what "
              "is still readable"));
}

static void
fix_counts(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;

    if (!doctor->repair)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_IOERR, N_("database"),
                       _("wrong counts; run 'podflattr doctor --repair'"));
    else if (pf_queue_recount(doctor->app->state_dir, PF_BUSY_COMMAND_MS, &failure))
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("repair"), _("the entries were recounted"));
    else
        pf_doctor_tell_error_take(doctor, N_("repair"), g_steal_pointer(&failure));
}

/* SQLite's files beside the database get its rights when they are made, and keep them when those change. */
static gboolean
check_access(PfDoctor *doctor)
{
    static const char *const endings[] = {"", "-wal", "-shm"};

    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strdup_printf("%s/queue.db%s", doctor->app->state_dir, endings[i]);

        if (access(path, R_OK | W_OK) != 0 && errno != ENOENT) {
            tell_refused(doctor, N_("database"), path, "600");
            return FALSE;
        }
    }
    return TRUE;
}

static void
check_database(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfWork) work = pf_work_begin(_("checking the queue"));
    g_autoptr(PfQueueHealth) health = pf_queue_check(doctor->app->state_dir, PF_BUSY_COMMAND_MS, &failure);

    g_clear_pointer(&work, pf_work_end);
    if (!health) {
        pf_doctor_tell_error_take(doctor, N_("database"), g_steal_pointer(&failure));
        return;
    }
    doctor->newest = health->newest;
    if (!health->exists) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("database"), _("does not exist yet; created when needed"));
    } else if (health->damages->len > 0) {
        tell_damage(doctor, health);
        if (doctor->repair)
            repair(doctor);
    } else if (health->miscounted) {
        fix_counts(doctor);
    } else {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("database"),
                       ngettext("sound, %" PRId64 " entry", "sound, %" PRId64 " entries", (gulong)health->entries),
                       health->entries);
    }
    if (health->unknown > 0)
        pf_doctor_tell(
            doctor, PF_DOCTOR_WARN, EX_OK, N_("queue"),
            ngettext(
                "%" PRId64
                " entry may have been paid already and waits for you: see 'podflattr queue --state held', then run "
                "'queue release ID' or 'queue drop ID'",
                "%" PRId64
                " entries may have been paid already and wait for you: see 'podflattr queue --state held', then run "
                "'queue release ID' or 'queue drop ID'",
                (gulong)health->unknown),
            health->unknown);
}

/* Looked at after the database, and only when that can be opened. */
static void
check_gate(PfDoctor *doctor)
{
    g_autoptr(PfQueue) queue = pf_queue_open(doctor->app->state_dir, PF_BUSY_COMMAND_MS, NULL);
    g_autofree char *token = NULL;
    PfGate gate;
    gint64 holder = pf_queue_lock_get_holder(doctor->app->state_dir);

    if (holder)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("sender"), _("process %" PRId64 " is sending"), holder);
    if (!doctor->app->endpoint || !queue || !pf_queue_load_gate(queue, &gate, &token, NULL))
        return;
    if (gate.reason == PF_GATE_OPEN)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("sending"), _("ready to send"));
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("sending"), _("stopped: %s%s"),
                       pf_gate_reason_text(gate.reason),
                       gate.reason == PF_GATE_PAUSED ? _("; run 'podflattr queue resume'") : "");
}

/* Checks the state folder, and the database in it; repairs that when it is asked to. */
static void
pf_doctor_check_store(PfDoctor *doctor)
{
    int before = doctor->status;
    g_autofree char *path = g_build_filename(doctor->app->state_dir, "queue.db", NULL);

    if (!check_folder(doctor))
        return;
    check_hooks(doctor);
    guint abandoned = pf_private_file_sweep(doctor->app->state_dir, FALSE);
    if (abandoned > 0)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, N_("state folder"),
                       ngettext("%u temporary file of a process that was killed; the service removes it when it starts",
                                "%u temporary files of processes that were killed; the service removes them when it "
                                "starts",
                                abandoned),
                       abandoned);
    if (check_access(doctor))
        check_database(doctor);
    if (doctor->status == before && g_file_test(path, G_FILE_TEST_EXISTS))
        check_gate(doctor);
}

/* podflattr doctor: checks everything that could be wrong here, and says how to fix it. */

/*
 * Prints the line of a check.
 *
 * @status: the exit status that a FAIL leads to
 * @check: what was looked at, in a word
 */
static void
pf_doctor_tell(PfDoctor *doctor, PfDoctorResult result, int status, const char *check, const char *format, ...)
{
    static const char *const words[] = {[PF_DOCTOR_OK] = "ok", [PF_DOCTOR_WARN] = "warn", [PF_DOCTOR_FAIL] = "FAIL"};
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *label = g_strdup_printf("%-4s  %s", words[result], *check ? _(check) : "");
    pf_output_field(label, 19, text);
    /* What takes long (a big database, a slow server) comes after what is known already. */
    fflush(stdout);
    if (result == PF_DOCTOR_FAIL && doctor->status == EX_OK)
        doctor->status = status;
}

/* Prints a FAIL for each line of an error, which is freed. The exit status is the error's. */
static void
pf_doctor_tell_error_take(PfDoctor *doctor, const char *check, GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    for (char **line = lines; *line; line++)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, pf_exit_status(error), check, "%s", *line);
    g_error_free(error);
}

static void
check_configuration(PfDoctor *doctor)
{
    PfApp *app = doctor->app;
    g_autoptr(PfConfig) defaults = pf_config_parse("", "", NULL);

    doctor->guessed = app->config_fault && !app->api && g_str_equal(app->config->api, defaults->api);
    if (app->config_fault)
        pf_doctor_tell_error_take(doctor, N_("configuration"), g_steal_pointer(&app->config_fault));
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, N_("configuration"), "%s",
                       app->config->path
                           ? app->config->path
                           : _("no configuration file; using defaults (see 'podflattr config --example')"));
    if (app->endpoint_fault)
        pf_doctor_tell_error_take(doctor, N_("configuration"), g_steal_pointer(&app->endpoint_fault));
}

static void
check_settings(PfDoctor *doctor)
{
    static const PfDoctorResult results[] = {
        [PF_SETTING_OK] = PF_DOCTOR_OK, [PF_SETTING_WARN] = PF_DOCTOR_WARN, [PF_SETTING_FAIL] = PF_DOCTOR_FAIL};
    g_autoptr(PfSettingsCheck) check = pf_settings_check(doctor->app);

    for (guint i = 0; i < check->reports->len; i++) {
        const PfSettingReport *report = check->reports->pdata[i];
        pf_doctor_tell(doctor, results[report->result], EX_CONFIG, report->key, "%s", report->text);
    }
}

typedef struct {
    gboolean repair;
    gboolean offline;
} Options;

static const PfCommandOption options[] = {
    {"repair", G_OPTION_ARG_NONE, offsetof(Options, repair),
     N_("Set a damaged database aside and recover what is still readable"), NULL, 0, 0},
    {"offline", G_OPTION_ARG_NONE, offsetof(Options, offline), N_("Do not contact the server"), NULL, 0, 0},
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    PfDoctor doctor = {.app = call->app, .repair = given->repair, .offline = given->offline};

    check_configuration(&doctor);
    check_settings(&doctor);
    pf_doctor_check_store(&doctor);
    pf_doctor_check_account(&doctor);
    return doctor.status == EX_OK || pf_exit_status_set(error, doctor.status, "");
}

const PfCommand pf_command_doctor = {
    .name = "doctor",
    .summary = N_("Check everything that can go wrong, and say how to fix it"),
    .description = N_("The exit status is 0 when no line begins with FAIL."),
    .options = options,
    .options_size = sizeof(Options),
    .examples = "  podflattr doctor\n"
                "  podflattr doctor --repair --offline\n",
    .run = run,
    .needs = PF_COMMAND_NEEDS_FAULTS,
};
