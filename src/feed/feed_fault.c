/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_fault.h"

void
pf_feed_fault_keep(PfFeedFault *fault, guint line, const char *format, ...)
{
    va_list arguments;

    if (fault->text)
        return;
    va_start(arguments, format);
    fault->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fault->line = line;
}

void
pf_feed_fault_clear(PfFeedFault *fault)
{
    g_clear_pointer(&fault->text, g_free);
    fault->line = 0;
}
