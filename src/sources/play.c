/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/play.h"

#include <string.h>

void
pf_play_free(PfPlay *play)
{
    if (!play)
        return;
    g_free(play->name);
    g_free(play->path);
    g_free(play->feed);
    g_free(play->enclosure);
    g_free(play->guid);
    g_free(play->title);
    g_free(play);
}

GPtrArray *
pf_play_list_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)pf_play_free);
}

char *
pf_play_dup_name(const char *const *parts, gsize count)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);

    for (gsize i = 0; i < count; i++) {
        const char *part = parts[i] ? parts[i] : "";
        g_checksum_update(sum, (const guchar *)part, (gssize)strlen(part) + 1);
    }
    return g_strdup(g_checksum_get_string(sum));
}

gint64
pf_play_read_time(gint64 written)
{
    /* In seconds that is the year 5138, in thousandths 1973. */
    const gint64 limit = 100000000000;

    while (written >= limit)
        written /= 1000;
    return MAX(written, 0);
}
