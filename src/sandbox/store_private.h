/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store's files share: store.c (the file, the transactions, the settings), store_schema.c (the tables and
 * the statements' text) and a file for each subject. Nobody else includes this.
 */
#pragma once

#include "sandbox/store.h"

#include <sqlite3.h>

/** The statements, prepared once when the store is opened; store_schema.c has their text. */
typedef enum {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_GET_SETTING,
    STORE_SET_SETTING,
    STORE_GET_USER,
    STORE_GET_USER_BY_ID,
    STORE_LIST_USERS,
    STORE_ADD_USER,
    STORE_SET_MEANS,
    STORE_SET_HIDES,
    STORE_GET_BEARER,
    STORE_ADD_TOKEN,
    STORE_GET_TOKEN,
    STORE_REVOKE_TOKEN,
    STORE_LIST_GRANTS,
    STORE_REVOKE_GRANT,
    STORE_GET_IDENTITY,
    STORE_ADD_IDENTITY,
    STORE_CLAIM_THINGS,
    STORE_GET_THING,
    STORE_FIND_THING,
    STORE_ADD_THING,
    STORE_UPDATE_THING,
    STORE_DELETE_THING,
    STORE_UNSUBSCRIBE_ALL,
    STORE_LIST_THINGS_OF,
    STORE_LIST_THINGS,
    STORE_COUNT_FLATTRERS,
    STORE_HAS_FLATTR,
    STORE_ADD_FLATTR,
    STORE_COUNT_FLATTR,
    STORE_COUNT_SINCE,
    STORE_LIST_FLATTRS,
    STORE_GET_SUBSCRIPTION,
    STORE_LIST_SUBSCRIPTIONS,
    STORE_ADD_SUBSCRIPTION,
    STORE_SET_ACTIVE,
    STORE_DELETE_SUBSCRIPTION,
    STORE_STATEMENTS
} StoreStatement;

struct SandboxStore {
    sqlite3 *database;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    char *failure; /* the first one since the transaction began */
};

/**
 * Binds a statement's parameters.
 *
 * @types: a letter each: 'i' a gint64, 't' a const char * (or NULL) that must stay until the statement is done
 *
 * Returns: the statement, to be stepped with store_next(); it belongs to the store.
 */
sqlite3_stmt *store_start(SandboxStore *store, StoreStatement which, const char *types, ...);

/**
 * Steps a statement. At its end, and on a failure (which is kept), it is reset.
 *
 * Returns: whether there is a row.
 */
gboolean store_next(SandboxStore *store, sqlite3_stmt *statement);

/** Reads a text column. Returns (transfer full) it, or NULL for NULL. */
char *store_text(sqlite3_stmt *statement, int column);

/** Returns a statement's text, static. */
const char *store_statement_text(StoreStatement which);

/**
 * Makes the tables of an empty database, and brings those of an older version up to date.
 *
 * @foreign: set to whether the database is another program's, or of a later version; it is not touched then
 *
 * Returns: whether the tables can be used; when not, and not @foreign, SQLite's last error says why.
 */
gboolean store_schema_prepare(sqlite3 *database, gboolean *foreign);

/** How many columns every row with a thing begins with. */
#define STORE_THING_WIDTH 14

/** Steps to the next row and reads the thing that it begins with. Returns (transfer full) it; NULL at the end. */
SandboxThing *store_read_thing(SandboxStore *store, sqlite3_stmt *row);
