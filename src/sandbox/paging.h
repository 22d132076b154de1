/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters "count" and "page" that every list takes.
 */
#pragma once

#include "sandbox/reply.h"
#include "sandbox/request.h"

typedef struct {
    gint64 count; /* how many on a page */
    gint64 page;  /* from 1; a client that asks for page 0 means the first */
    gint64 skip;  /* how many are on the pages before */
} SandboxPaging;

/**
 * Reads the parameters; the first 30 where there are none.
 *
 * @paging: set on success
 * @answer: gets invalid_parameters when one is no number from 1 on; page may be 0
 *
 * Returns: whether both can be used.
 */
gboolean sandbox_paging_read(const SandboxRequest *request, SandboxPaging *paging, SandboxAnswer *answer);
