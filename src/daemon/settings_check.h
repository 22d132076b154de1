/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the settings will do: a setting has an effect, or it is reported. The one check behind `config`, `doctor`,
 * `status` and the service's start. It asks of each value whether it can do what it is there for: is the folder there,
 * is that a list of feeds and how many are in it, which feeds does a rule meet. Nothing is asked of the network.
 */
#pragma once

#include "config/app.h"

typedef enum {
    PF_SETTING_OK,
    PF_SETTING_WARN, /* works, but perhaps not as it was meant */
    PF_SETTING_FAIL, /* has no effect */
} PfSettingResult;

/** What one setting does. */
typedef struct {
    PfSettingResult result;
    char *key;              /* "folders" */
    char *text;             /* of an OK: what it is; else "FILE:LINE: KEY: what is wrong; how to fix it" */
    const char *podcatcher; /* what it is about, by its name; NULL for anything else. Static */
    guint feeds;            /* that a podcatcher follows */
    gint64 changed;         /* when it last changed its list, seconds since the epoch; 0 unknown */
} PfSettingReport;

/** What all settings do. */
typedef struct {
    GPtrArray *reports; /* of PfSettingReport *, in the order of the configuration */
    guint feeds;        /* that the subscriptions name */
    guint lists;        /* files among them that list feeds */
} PfSettingsCheck;

/**
 * Checks all settings. Folders and files that the user names may be on a file system that hangs, so they are looked at
 * in a thread of its own, and one that does not answer within seconds is reported as such; that thread then stays
 * behind.
 *
 * @app: its configuration and state folder
 *
 * Returns: (transfer full). Any thread.
 */
PfSettingsCheck *pf_settings_check(const PfApp *app);

/** Checks all settings without waiting for it, and logs what is not OK, but for the subscriptions: their reader
 * (pf_subscribe()) reports them. */
void pf_settings_check_log(const PfApp *app);

void pf_settings_check_free(PfSettingsCheck *check);

/** The word for a result, "ok", "warn" or "FAIL". */
const char *pf_setting_result_name(PfSettingResult result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSettingsCheck, pf_settings_check_free)
