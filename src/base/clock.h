/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wall clock, and dates as the programs read and write them.
 *
 * Times are seconds since 1970-01-01T00:00:00Z in a gint64 everywhere in the tree; calendar months are those of UTC,
 * since Flattr's periods are. For tests the environment can move the clock: PODFLATTR_CLOCK_OFFSET holds seconds (with
 * a sign) that are added to the real time, and PODFLATTR_CLOCK_RATE, "RATE@TIME", makes it run RATE times as fast (up
 * to 86400) from TIME on, seconds since the epoch; programs that are given the same ones agree on the time. Instead of
 * the real time, PODFLATTR_CLOCK_FILE names a file that holds it, seconds since the epoch in eight bytes of the
 * machine's order: time passes for the programs when a test writes there, however slow the machine is.
 */
#pragma once

#include <glib.h>

/** Room for a date as pf_clock_format() writes it, with its final NUL. */
#define PF_CLOCK_TEXT_SIZE 32

/** Room for a month as pf_clock_month() writes it, with its final NUL. */
#define PF_CLOCK_MONTH_SIZE 16

/** Nanoseconds in a second: times of files are in nanoseconds, as the kernel has them. */
#define PF_CLOCK_NANOSECONDS G_GINT64_CONSTANT(1000000000)

/** This program did not exist before 2025: a clock that shows an earlier time is not set, or its battery is dead. */
#define PF_CLOCK_EARLIEST G_GINT64_CONSTANT(1735689600)

/**
 * Reads the wall clock.
 *
 * Returns: seconds since the epoch. Any thread.
 */
gint64 pf_clock_now(void);

/**
 * Reads a clock that nobody sets: the difference between two calls is the time that has passed.
 *
 * Returns: seconds, from an unknown beginning. Any thread.
 */
gint64 pf_clock_even(void);

/**
 * Converts a time of pf_clock_now()'s clock to one of the real clock. Where a file sets the time, that is unknown: then
 * this is when to call pf_clock_now() again.
 *
 * @time: seconds since the epoch, within some thousand years
 *
 * Returns: microseconds since the epoch of the real clock. Any thread.
 */
gint64 pf_clock_to_real(gint64 time);

/**
 * Writes a time as an ISO 8601 date in UTC, "2014-06-03T12:00:00Z".
 *
 * @time: seconds since the epoch
 * @text: where it goes, PF_CLOCK_TEXT_SIZE bytes
 *
 * Returns: @text; the empty string for a time beyond the year 9999, or beyond what the system's time_t holds. Any
 * thread.
 */
const char *pf_clock_format(gint64 time, char *text);

/**
 * Writes the calendar month (UTC) that a time lies in, "2014-06".
 *
 * @time: seconds since the epoch
 * @text: where it goes, PF_CLOCK_MONTH_SIZE bytes
 *
 * Returns: @text. Any thread.
 */
const char *pf_clock_month(gint64 time, char *text);

/**
 * Finds the first second of the month (UTC) that a time lies in.
 *
 * Returns: seconds since the epoch. Any thread.
 */
gint64 pf_clock_month_start(gint64 time);

/**
 * Finds the first second of the month (UTC) after the one that a time lies in.
 *
 * Returns: seconds since the epoch. Any thread.
 */
gint64 pf_clock_next_month(gint64 time);

/**
 * Reads a date in any of the forms that feeds use: ISO 8601 and RFC 3339 (Atom), RFC 822 (RSS) and what resembles them.
 * A date without a zone is taken as UTC, a day without a time as its midnight.
 *
 * @text: the date; leading and trailing white space is ignored; may be NULL
 * @time: set to seconds since the epoch, on success only
 *
 * Returns: whether @text is a date that pf_clock_format() can write. Any thread.
 */
gboolean pf_clock_parse(const char *text, gint64 *time);

/** The same for a date that the user gives: "2026-01-31" alone is its midnight in the local time zone. */
gboolean pf_clock_parse_local(const char *text, gint64 *time);
