/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving back what a burst of work has taken.
 */
#pragma once

/**
 * Returns memory that was freed to the system. glibc's allocator keeps most of it otherwise, after a burst some
 * megabytes for good; where there is another C library, this does nothing. Any thread.
 */
void pf_memory_give_back(void);
