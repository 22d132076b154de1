/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points at which the program podflattr-crash, which `make check` builds, can be made to die, so that tests can try
 * every one of them. In any other program they do nothing.
 */
#pragma once

#ifdef PF_CRASH_POINTS

/** Counts the points reached; the process is killed at the one whose number PODFLATTR_CRASH_AT holds, counting from 1.
 */
void pf_crash_point(void);

#define PF_CRASH_POINT() pf_crash_point()

#else

#define PF_CRASH_POINT() ((void)0)

#endif
