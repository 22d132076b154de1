/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue's tables, table by table and column by column in queue_schema.c, and the way from every older version to
 * today's.
 */
#pragma once

#include "base/database.h"

/** Brings a database to today's schema: makes it in an empty one, migrates an older one, refuses a newer one
 * (PF_DATABASE_ERROR_NEWER). All or nothing, in one transaction. @path is for the message. */
gboolean pf_queue_schema_prepare(PfDatabase *database, const char *path, GError **error);

/** Reads a database's version and refuses a newer one (PF_DATABASE_ERROR_NEWER), without changing anything. */
gboolean pf_queue_schema_check(PfDatabase *database, const char *path, GError **error);
