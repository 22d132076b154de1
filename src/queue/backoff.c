/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/backoff.h"

gint64
pf_backoff_seconds(guint tries, gint64 first, gint64 cap, double random)
{
    gint64 bound = first;

    while (tries-- > 0 && bound < cap)
        bound *= 2;
    bound = MIN(bound, cap);
    return 1 + (gint64)(random * (double)bound) % bound;
}
