/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before trying again: exponential back-off with full jitter. Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Computes a wait: a random share of first * 2^tries, which is at most cap. The whole range is drawn from ("full
 * jitter"), so that clients that failed together do not come back together.
 *
 * @tries: how often it failed before, 0 at the first failure
 * @first: the upper bound after the first failure, seconds, > 0
 * @cap: the upper bound ever, seconds, >= first
 * @random: drawn from [0, 1)
 *
 * Returns: seconds, from 1 to @cap.
 */
gint64 pf_backoff_seconds(guint tries, gint64 first, gint64 cap, double random);
