/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `report` and `settle` share: which month is meant, and where its shows are known from. */
#pragma once

#include "commands/command.h"
#include "feed/store.h"
#include "statement/statement.h"

/**
 * Reads which month is meant.
 *
 * @month, @budget: as given, "last" for the month before this one; NULL for this month and the configuration's budget
 *
 * Returns: FALSE with a PF_COMMAND_ERROR set.
 */
gboolean pf_report_read_request(const PfApp *app, const char *month, const char *budget, PfStatementRequest *request,
                                GError **error);

/** Returns: (transfer full) (nullable): the known feeds; without them, which is warned of, there is less to show. */
PfFeedStore *pf_report_open_feeds(const PfApp *app);
