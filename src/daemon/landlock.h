/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes rights away from this process that the daemon never needs, by Landlock, where the kernel has it (5.13 or
 * later): files are written beneath the state folder only, are read where the daemon has to, and no program is
 * executed. So a feed that got the better of a parser could neither change the user's files, nor read what it has no
 * business with, nor start anything. What is open already stays open.
 *
 * Landlock's rules hang on folders that exist, and one that is made or mounted later at the same path is another
 * folder. So what is named is granted for reading as it is now, and the folder that it lies in (or is mounted in) for
 * listing only: that shows when it comes back, and keeps the contents of its neighbours (~/.ssh beside ~/Podcasts)
 * closed. Files in what has come back are opened by a helper (base/file_access.h).
 */
#pragma once

#include "config/config.h"
#include <glib.h>

/*
 * Which files and folders the service has to read, before it gives up reading others.
 */

/**
 * Lists what the settings name on this machine but for ca-file, and where links in the watched folders lead to. Links
 * deeper than that, or made later, are not looked for.
 *
 * Returns: (transfer full): of char *, absolute or as configured, with a final NULL. Main thread.
 */
GPtrArray *pf_landlock_list_readable(const PfConfig *config);

#define PF_LANDLOCK_ERROR (pf_landlock_error_quark())
GQuark pf_landlock_error_quark(void);

typedef enum {
    PF_LANDLOCK_ERROR_FOLDER, /* the state folder, or one to be read, cannot be opened */
    PF_LANDLOCK_ERROR_KERNEL, /* the kernel has Landlock and refuses */
} PfLandlockError;

/** What the daemon needs besides what every program with TLS, name service and locales needs. */
typedef struct {
    const char *state_dir;       /* is read and written; must exist */
    const char *const *readable; /* ends with NULL: files and folders, which need not exist */
    const char *ca_file;         /* NULL for none: certificates, which are read by others' code */
} PfLandlockRules;

/** How far the process is confined. */
typedef enum {
    PF_LANDLOCK_ABSENT, /* not at all: the kernel has no Landlock, or podflattr was built without */
    PF_LANDLOCK_PARTLY, /* but for truncate(2): kernels before 6.2 cannot forbid emptying a file */
    PF_LANDLOCK_FULLY,
} PfLandlockResult;

/**
 * Confines the calling thread, the threads and processes it starts later, and nothing else: Landlock is a thread's own.
 * So call it before any thread is started. It cannot be undone, and later calls can only take more away. Call it before
 * the first use of SQLite too: it sets $SQLITE_TMPDIR to the state folder, since SQLite puts what it cannot keep in
 * memory into /var/tmp otherwise, and fails when it must not.
 *
 * @rules: lent for the call
 * @result: (out): how far that went; a kernel without Landlock is no error
 *
 * Returns: TRUE; FALSE with a PF_LANDLOCK_ERROR set, and the files of the process are as free as before.
 */
gboolean pf_landlock_restrict(const PfLandlockRules *rules, PfLandlockResult *result, GError **error);

/** Gives up writing, executing and the network in the calling process, where the kernel has Landlock. */
void pf_landlock_only_read(void);

typedef enum {
    PF_LANDLOCK_LIST,  /* the names in folders are read, not files */
    PF_LANDLOCK_READ,  /* files are read, too */
    PF_LANDLOCK_WRITE, /* and written */
} PfLandlockAccess;

/** A folder or file and what may be done with it and what is beneath it. */
typedef struct {
    char *path;
    PfLandlockAccess access;
} PfLandlockGrant;

/**
 * Computes what pf_landlock_restrict() grants, from the rules, the environment ($SSL_CERT_FILE, $SSL_CERT_DIR,
 * $CURL_CA_BUNDLE) and the folders and symbolic links that exist. A path that leads through a symbolic link is granted
 * at both ends.
 *
 * Returns: (transfer full) (element-type PfLandlockGrant): the grants, not all of which exist. Any thread.
 */
GPtrArray *pf_landlock_plan(const PfLandlockRules *rules);
