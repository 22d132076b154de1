/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store's two files share: store.c (the file, the transactions, users and tokens) and store_things.c (things
 * and flattrs). Nobody else includes this.
 */
#pragma once

#include "sandbox/store.h"

#include <sqlite3.h>

/** The statements, prepared once when the store is opened; store.c has their text. */
typedef enum {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_GET_SETTING,
    STORE_SET_SETTING,
    STORE_GET_USER,
    STORE_ADD_USER,
    STORE_SET_MEANS,
    STORE_GET_BEARER,
    STORE_ADD_TOKEN,
    STORE_GET_TOKEN,
    STORE_REVOKE_TOKEN,
    STORE_GET_THING,
    STORE_FIND_THING,
    STORE_ADD_THING,
    STORE_COUNT_FLATTRERS,
    STORE_HAS_FLATTR,
    STORE_ADD_FLATTR,
    STORE_COUNT_FLATTR,
    STORE_LIST_FLATTRS,
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
