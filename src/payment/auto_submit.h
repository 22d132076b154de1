/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Auto-submit URLs: made of their parameters, and checked. Pure; any thread.
 *
 * Source: Flattr's pages on auto-submit and on partner sites. The parameters are `url` (the page), one of `user_id`
 * (once `uid`) and `owner`, and as one likes `title`, `description`, `language`, `tags`, `category`, `hidden` and
 * `revsharekey`.
 */
#pragma once

#include "payment/parameters.h"

/** Lengths of a title and of a description, in characters. */
#define PF_AUTO_SUBMIT_MIN_TEXT 5
#define PF_AUTO_SUBMIT_MAX_TITLE 100
#define PF_AUTO_SUBMIT_MAX_DESCRIPTION 1000

/**
 * Makes the URL; nothing is checked.
 *
 * @parameters: of PfParameter *, see pf_parameters_add()
 *
 * Returns: (transfer full).
 */
char *pf_auto_submit_new_url(const GPtrArray *parameters);

/**
 * Reads the parameters of an auto-submit URL, also of one that lacks what it needs and is none therefore.
 *
 * Returns: (transfer full) (nullable): of PfParameter *; NULL when the URL is not at auto-submit's address.
 */
GPtrArray *pf_auto_submit_read_url(const char *url);

/**
 * Checks one parameter.
 *
 * Returns: (transfer full) (nullable): what is wrong with it, as the end of a sentence that begins with its name ("must
 * have …"); NULL when nothing is. A name that is none of auto-submit's is wrong.
 */
char *pf_auto_submit_find_fault(const char *name, const char *value);

/**
 * Checks all of them, and that what is needed is there, once.
 *
 * Returns: (transfer full): of char *, sentences that say what is wrong; empty when a server would take the URL.
 */
GPtrArray *pf_auto_submit_find_faults(const GPtrArray *parameters);
