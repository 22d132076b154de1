/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access token: from the environment variable PODFLATTR_TOKEN, or the file `credentials` in the state folder:
 *
 *     [credentials]
 *     api = https://api.example.org/rest/v2
 *     access-token = …
 *
 * The file belongs to one server and is used for no other, and it must be readable by its owner alone.
 */
#pragma once

#include <glib.h>

/**
 * Finds the token for a server.
 *
 * @state_dir: the state folder
 * @endpoint: the server's API, normalized
 * @token: (out) (transfer full): the token; NULL when there is none for that server
 *
 * Returns: FALSE with a PF_CONFIG_ERROR set when there are credentials that must not be used. The message never holds
 * the token.
 */
gboolean pf_credentials_load(const char *state_dir, const char *endpoint, char **token, GError **error);
