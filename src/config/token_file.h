/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access token in a file of its own, `credentials` in the state folder, readable by its owner alone:
 *
 *     [credentials]
 *     api = https://api.example.org/rest/v2
 *     access-token = …
 */
#pragma once

#include <glib.h>

/**
 * Finds the token for a server. Functions here set a PF_CONFIG_ERROR or a PF_PRIVATE_FILE_ERROR, and no message holds
 * the token.
 *
 * @endpoint: the server's API, normalized
 * @token: (out) (transfer full): NULL when there is none for that server
 */
gboolean pf_token_file_load(const char *state_dir, const char *endpoint, char **token, GError **error);

/** Stores a token in place of what was there. */
gboolean pf_token_file_save(const char *state_dir, const char *endpoint, const char *token, GError **error);

/** Removes the file, for whatever server it is. @was_there: (out) */
gboolean pf_token_file_remove(const char *state_dir, gboolean *was_there, GError **error);
