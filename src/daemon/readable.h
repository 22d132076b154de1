/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files and folders the service has to read, before it gives up reading others.
 */
#pragma once

#include "config/config.h"

/**
 * Lists what the settings name on this machine, and where links in the watched folders lead to. Links deeper than that,
 * or made later, are not looked for.
 *
 * Returns: (transfer full): of char *, absolute or as configured, with a final NULL. Main thread.
 */
GPtrArray *pf_readable_list(const PfConfig *config);
