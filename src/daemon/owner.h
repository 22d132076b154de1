/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of the parts: the service (daemon.c), or `podflattr send` once (catch_up.c). The parts call each other by
 * name, those on an episode's way forward; this is what they say backward, each of them the same.
 */
#pragma once

#include <glib.h>

/** Is called from the main loop, by any part. None of them may free a part. */
typedef struct {
    /* Nothing is to be done before something is reported, or the next try is due. */
    void (*idle)(gpointer data);
    /* What `podflattr status` shows has changed. NULL where nobody looks. */
    void (*changed)(gpointer data);
    /* A store failed; the part tries again by itself. */
    void (*failed)(const GError *failure, gpointer data);
    gpointer data;
} PfOwner;
