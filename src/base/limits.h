/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the parts of the program wait for each other, and how much they do at a time.
 */
#pragma once

/*
 * How long a call waits for another program's lock on a database, milliseconds.
 */

/** A command: nobody waits but the person who called it. */
#define PF_BUSY_COMMAND_MS 10000

/** 'status', which is to answer at once and can do without. */
#define PF_BUSY_STATUS_MS 2000

/** Before a command's own work, for taking in what hooks have left, which another process may do as well. */
#define PF_BUSY_INTAKE_MS 300

/** The service: nothing else is done meanwhile. What cannot be written is tried again. */
#define PF_BUSY_SERVICE_MS 3000

/** The service as it stops, which must take less than five seconds. */
#define PF_BUSY_STOPPING_MS 300

/*
 * How much is done in one transaction, or in one turn of the main loop, so that nothing else waits long.
 */

/** Arrivals, and files that hooks have left. */
#define PF_BATCH_ARRIVALS 100

/** Events that the watching thread hands over. */
#define PF_BATCH_WATCH_EVENTS 256

/** Items of a feed that is fetched. */
#define PF_BATCH_FEED_ITEMS 500

/** Items that 'scan' submits. */
#define PF_BATCH_SCAN_ITEMS 1000
