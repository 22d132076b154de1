/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of the state folder and of the queue's database. */
#include "commands/doctor.h"

#include "base/clock.h"
#include "queue/spool.h"
#include "queue/queue_check.h"
#include "queue/lock.h"
#include "queue/repair.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000

/* Returns whether there is a folder to look into. */
static gboolean
check_folder(PfDoctor *doctor)
{
    const char *path = doctor->app->state_dir;
    struct stat status;

    if (stat(path, &status) != 0) {
        if (errno == ENOENT)
            pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "state folder", "%s: not there yet, it is made when needed",
                           path);
        else
            pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, "state folder", "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    if (!S_ISDIR(status.st_mode)) {
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, "state folder",
                       "%s: is no folder; move it away, or name another with --state-dir", path);
        return FALSE;
    }
    if (access(path, R_OK | W_OK | X_OK) != 0)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, "state folder",
                       "%s: %s; it must be yours to read and write: chmod u+rwx, or chown it", path, g_strerror(errno));
    else if (status.st_mode & 077)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "state folder",
                       "%s: others can look into it, and see what you listen to; run: chmod 700 '%s'", path, path);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "state folder", "%s", path);
    return TRUE;
}

/* What hooks have told is taken in by whoever opens the queue: only what stands in the way of that is said. */
static void
check_hooks(PfDoctor *doctor)
{
    g_autofree char *path = pf_hook_file_folder(doctor->app->state_dir);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    guint bad = 0;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    if (!folder || access(path, R_OK | W_OK | X_OK) != 0) {
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, "hooks",
                       "%s: must be a folder of yours to read and write, or what hooks tell is not taken in: chown it",
                       path);
        return;
    }
    while ((name = g_dir_read_name(folder)))
        bad += g_str_has_suffix(name, PF_HOOK_FILE_BAD);
    if (bad > 0)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "hooks",
                       "%s: %u of what hooks have told could not be read and was set aside as *" PF_HOOK_FILE_BAD
                       "; what is nothing to you may be deleted",
                       path, bad);
}

static void
tell_salvage(PfDoctor *doctor, const PfSalvage *salvage)
{
    pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "repair", "the damaged database is kept as %s", salvage->aside);
    if (salvage->expected >= 0 && salvage->entries >= salvage->expected)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "repair", "all %" G_GINT64_FORMAT " entries were saved",
                       salvage->entries);
    else if (salvage->expected >= 0)
        pf_doctor_tell(
            doctor, PF_DOCTOR_WARN, EX_OK, "repair",
            "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
            " entries were saved; what is lost is queued anew when it is seen again: look at the queue before "
            "you send, for the server refuses a second flattr in the same month only",
            salvage->entries, salvage->expected);
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "repair",
                       "%" G_GINT64_FORMAT " entries were saved; how many there were cannot be told", salvage->entries);
}

static void
repair(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfQueueLock) lock = pf_queue_lock_take(doctor->app->state_dir, &failure);
    g_autoptr(PfSalvage) salvage = lock ? pf_queue_salvage(doctor->app->state_dir, pf_clock_now(), &failure) : NULL;

    if (salvage)
        tell_salvage(doctor, salvage);
    else
        pf_doctor_tell_error_take(doctor, "repair", g_steal_pointer(&failure));
}

static void
tell_damage(PfDoctor *doctor, const PfQueueHealth *health)
{
    PfDoctorResult result = doctor->repair ? PF_DOCTOR_WARN : PF_DOCTOR_FAIL;

    for (guint i = 0; i < health->damages->len; i++)
        pf_doctor_tell(doctor, result, EX_IOERR, "database", "is damaged: %s", (const char *)health->damages->pdata[i]);
    if (!doctor->repair)
        pf_doctor_tell(
            doctor, result, EX_IOERR, "database",
            "end every podflattr, then run 'podflattr doctor --repair': it sets the file aside and saves what "
            "can still be read");
}

static void
mend_counts(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;

    if (!doctor->repair)
        pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_IOERR, "database",
                       "its counts are wrong; run 'podflattr doctor --repair'");
    else if (pf_queue_recount(doctor->app->state_dir, BUSY_MS, &failure))
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "repair", "the entries were counted anew");
    else
        pf_doctor_tell_error_take(doctor, "repair", g_steal_pointer(&failure));
}

/* SQLite's files beside the database get its rights when they are made, and keep them when those change. */
static gboolean
check_access(PfDoctor *doctor)
{
    static const char *const endings[] = {"", "-wal", "-shm"};

    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strdup_printf("%s/queue.db%s", doctor->app->state_dir, endings[i]);

        if (access(path, R_OK | W_OK) != 0 && errno != ENOENT) {
            pf_doctor_tell(doctor, PF_DOCTOR_FAIL, EX_CANTCREAT, "database",
                           "%s: %s; it must be yours to read and write: chmod 600 '%s', or chown it", path,
                           g_strerror(errno), path);
            return FALSE;
        }
    }
    return TRUE;
}

static void
check_database(PfDoctor *doctor)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfQueueHealth) health = pf_queue_check(doctor->app->state_dir, BUSY_MS, &failure);

    if (!health) {
        pf_doctor_tell_error_take(doctor, "database", g_steal_pointer(&failure));
        return;
    }
    doctor->newest = health->newest;
    if (!health->exists) {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "database", "not there yet, it is made when needed");
    } else if (health->damages->len > 0) {
        tell_damage(doctor, health);
        if (doctor->repair)
            repair(doctor);
    } else if (health->miscounted) {
        mend_counts(doctor);
    } else {
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "database", "sound, %" G_GINT64_FORMAT " entries", health->entries);
    }
    if (health->unknown > 0)
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "queue",
                       "%" G_GINT64_FORMAT
                       " entries may have been paid already and wait for you: 'podflattr queue --state held', then "
                       "'queue release ID' or 'queue drop ID'",
                       health->unknown);
}

/* Looked at after the database, and only when that can be opened. */
static void
check_gate(PfDoctor *doctor)
{
    g_autoptr(PfQueue) queue = pf_queue_open(doctor->app->state_dir, BUSY_MS, NULL);
    g_autofree char *token = NULL;
    PfGate gate;
    gint64 holder = pf_queue_lock_get_holder(doctor->app->state_dir);

    if (holder)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "sender", "process %" G_GINT64_FORMAT " is sending", holder);
    if (!queue || !pf_queue_load_gate(queue, &gate, &token, NULL))
        return;
    if (gate.reason == PF_GATE_OPEN)
        pf_doctor_tell(doctor, PF_DOCTOR_OK, EX_OK, "sending", "nothing stands in its way");
    else
        pf_doctor_tell(doctor, PF_DOCTOR_WARN, EX_OK, "sending", "is stopped: %s%s", pf_gate_reason_text(gate.reason),
                       gate.reason == PF_GATE_PAUSED ? "; run 'podflattr queue resume'" : "");
}

void
pf_doctor_check_store(PfDoctor *doctor)
{
    int before = doctor->status;
    g_autofree char *path = g_build_filename(doctor->app->state_dir, "queue.db", NULL);

    if (!check_folder(doctor))
        return;
    check_hooks(doctor);
    if (check_access(doctor))
        check_database(doctor);
    if (doctor->status == before && g_file_test(path, G_FILE_TEST_EXISTS))
        check_gate(doctor);
}
