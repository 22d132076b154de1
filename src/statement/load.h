/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a statement of what the queue and the known feeds have, and writes down what of it is settled.
 */
#pragma once

#include "feed/store.h"
#include "statement/statement.h"

/**
 * Makes a month's statement.
 *
 * @feeds: (nullable): the known feeds; without them, or where they cannot be read, which is logged, shows have no ways
 *     to pay but the user's
 * @config: what the user has decided for feeds
 *
 * Returns: (transfer full); NULL with a PF_DATABASE_ERROR set; for a share that is to be settled of @feeds too. In the
 * thread of both databases.
 */
PfStatement *pf_statement_load(PfQueue *queue, PfFeedStore *feeds, const PfConfig *config,
                               const PfStatementRequest *request, GError **error);

/**
 * Writes a payment down, and before it the shares of its month and of those before, if they are not frozen yet. In the
 * transaction in which the statement was loaded, with PfStatementRequest.settles, so that what is paid is what is
 * written.
 *
 * @settlement: month, show and title are the row's; id, noted and who are made here
 */
gboolean pf_statement_settle(PfQueue *queue, const PfStatement *statement, const PfStatementRow *row,
                             const PfSettlement *settlement, GError **error);
