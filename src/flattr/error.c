/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/flattr.h"

G_DEFINE_QUARK(flattr_error, flattr_error)

gboolean
flattr_error_from_code(const char *code, FlattrError *error)
{
    static const struct {
        const char *code;
        FlattrError error;
    } table[] = {
        {"invalid_request", FLATTR_ERROR_INVALID_REQUEST},
        {"invalid_parameters", FLATTR_ERROR_INVALID_PARAMETERS},
        {"validation", FLATTR_ERROR_VALIDATION},
        {"no_means", FLATTR_ERROR_NO_MEANS},
        {"no_money", FLATTR_ERROR_NO_MEANS},
        {"unauthorized", FLATTR_ERROR_UNAUTHORIZED},
        {"flattr_once", FLATTR_ERROR_FLATTR_ONCE},
        {"flattr_owner", FLATTR_ERROR_FLATTR_OWNER},
        {"insufficient_scope", FLATTR_ERROR_INSUFFICIENT_SCOPE},
        {"invalid_scope", FLATTR_ERROR_INVALID_SCOPE},
        {"rate_limit_exceeded", FLATTR_ERROR_RATE_LIMIT_EXCEEDED},
        {"forbidden", FLATTR_ERROR_FORBIDDEN},
        {"thing_owner", FLATTR_ERROR_THING_OWNER},
        {"subscribed", FLATTR_ERROR_SUBSCRIBED},
        {"not_found", FLATTR_ERROR_NOT_FOUND},
        {"not_acceptable", FLATTR_ERROR_NOT_ACCEPTABLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (g_strcmp0(code, table[i].code) == 0) {
            *error = table[i].error;
            return TRUE;
        }
    }
    return FALSE;
}
