/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of the known feeds; what each column means stands in feed_schema.c. There is one version at a time: a file
 * of another one is begun anew, see feed_store.h.
 */
#pragma once

#include "base/database.h"

/** Makes the tables in an empty database; leaves one of today's version as it is. Of another version it is a
 * PF_DATABASE_ERROR_CORRUPT: not to be used. */
gboolean pf_feed_schema_prepare(PfDatabase *database, GError **error);
