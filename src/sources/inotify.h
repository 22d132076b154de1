/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libinotifytools, as the watcher uses it. The library's state is global, so one thread owns it between
 * pf_inotify_start() and pf_inotify_stop(). What is peculiar about the library is dealt with here and nowhere else:
 *
 * - It tells no watch descriptor but by the name that a watch was set with, and it keeps the names of watches that the
 *   kernel has taken away. So every watch gets a name that was never used: a folder's open descriptor under
 *   /proc/self/fd, spelled in a new way each time. That also binds the watch to the very folder that is then listed.
 * - It waits by select(), and would abort the program with a descriptor beyond FD_SETSIZE.
 * - It keeps read events over its own end, and would tell them at its next beginning.
 */
#pragma once

#include <glib.h>
#include <inotifytools/inotify.h>

/**
 * Begins. Returns: 0, or an errno value: EMFILE when the user's inotify instances are used up, or the process's
 * descriptors.
 */
int pf_inotify_start(void);

/** Ends; all watches are gone. */
void pf_inotify_stop(void);

/**
 * Watches what a descriptor is open on.
 *
 * @mask: of events, see inotify(7); what is watched already is refused with EEXIST
 *
 * Returns: the watch descriptor, or a negative errno value: -ENOSPC when the user's watches are used up.
 */
int pf_inotify_watch(int descriptor, guint32 mask);

/** Ends a watch that the kernel has not ended. */
void pf_inotify_unwatch(int watch);

/**
 * Says that the kernel has ended a watch (IN_IGNORED). Returns: whether so much dead memory has gathered in the library
 * that it should be stopped and started again.
 */
gboolean pf_inotify_note_dead(void);

/**
 * Reads the next event.
 *
 * @wait: whether to wait for one without limit
 *
 * Returns: (nullable) (transfer none): it, until the next call; NULL when there is none, or after a signal.
 */
const struct inotify_event *pf_inotify_next(gboolean wait);
