/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of one run of the program, from the options in front of the command, the environment and the
 * configuration file, in this order.
 */
#pragma once

#include "config/config.h"
#include "config/credentials.h"

/** The options in front of the command; NULL where one is not given. */
typedef struct {
    const char *config;
    const char *state_dir;
    const char *api;
} PfAppOptions;

/** The settings of this run. */
typedef struct {
    char *state_dir;     /* absolute; NULL when there is none, and state_fault says why */
    GError *state_fault; /* a PF_STATE_FOLDER_ERROR */
    char *config_path;
    gboolean config_named; /* by the user: it must exist */
    char *api;             /* as the user named it for this run; NULL when the configuration decides */

    PfConfig *config;
    char *endpoint; /* the API's address, normalized; NULL without a server */

    /* What is wrong with them, for the commands that run all the same: the configuration is then what is right of it,
     * the endpoint NULL. */
    GError *config_fault;
    GError *endpoint_fault;
} PfApp;

/** Finds the state folder and where the rest is to be read, and nothing else yet. */
void pf_app_begin(PfApp *app, const PfAppOptions *options);

/** Whether there is a state folder. Returns: FALSE with a PF_STATE_FOLDER_ERROR. */
gboolean pf_app_check_state(const PfApp *app, GError **error);

/** Frees what pf_app_begin() found. */
void pf_app_end(PfApp *app);

/** Reads configuration and endpoint; what is wrong is left in the app's faults. */
void pf_app_load(PfApp *app);

/** Frees what pf_app_load() and its followers read. */
void pf_app_unload(PfApp *app);

/** Gives away the first fault, if there is one. Returns whether there is none. */
gboolean pf_app_check(PfApp *app, GError **error);

/**
 * Reads configuration and endpoint again; a configuration file that was read before must still be there. The state
 * folder stays.
 *
 * Returns: FALSE with a PF_CONFIG_ERROR or FLATTR_ERROR set when they are wrong; the app is then unchanged.
 */
gboolean pf_app_reload(PfApp *app, GError **error);

/** Where this run's token is, for credentials.h. What is in it is lent by the app. */
PfCredentials pf_app_get_credentials(const PfApp *app);

/** Finds this run's access token; as pf_credentials_load(). */
gboolean pf_app_load_token(const PfApp *app, char **token, GError **error);
