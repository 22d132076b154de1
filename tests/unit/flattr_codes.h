/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error codes that the API's documentation names, with their statuses, and one that nobody knows. */
#pragma once

#include "flattr/flattr.h"

static const struct {
    int status;
    const char *code;
    FlattrError error;
} documented_codes[] = {
    {400, "invalid_request", FLATTR_ERROR_INVALID_REQUEST},
    {400, "invalid_parameters", FLATTR_ERROR_INVALID_PARAMETERS},
    {400, "validation", FLATTR_ERROR_VALIDATION},
    {401, "no_means", FLATTR_ERROR_NO_MEANS},
    {401, "no_money", FLATTR_ERROR_NO_MEANS},
    {401, "unauthorized", FLATTR_ERROR_UNAUTHORIZED},
    {403, "flattr_once", FLATTR_ERROR_FLATTR_ONCE},
    {403, "flattr_owner", FLATTR_ERROR_FLATTR_OWNER},
    {403, "insufficient_scope", FLATTR_ERROR_INSUFFICIENT_SCOPE},
    {403, "invalid_scope", FLATTR_ERROR_INVALID_SCOPE},
    {403, "rate_limit_exceeded", FLATTR_ERROR_RATE_LIMIT_EXCEEDED},
    {403, "forbidden", FLATTR_ERROR_FORBIDDEN},
    {403, "thing_owner", FLATTR_ERROR_THING_OWNER},
    {403, "subscribed", FLATTR_ERROR_SUBSCRIBED},
    {404, "not_found", FLATTR_ERROR_NOT_FOUND},
    {406, "not_acceptable", FLATTR_ERROR_NOT_ACCEPTABLE},
    {500, "boiling_over", FLATTR_ERROR_SERVER},
};
