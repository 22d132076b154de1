/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/memory.h"

#include <features.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void
pf_memory_give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
