/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/listening.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/url.h"
#include "feed/find.h"
#include "sources/mpris.h"

struct PfListening {
    PfIngest *ingest;
    PfFeedStore *feeds;
    PfMpris *mpris; /* NULL while it does not listen */
};

/* What has a title and a show may be an item that is known by these. @item: (out) (transfer full): NULL if not */
static gboolean
find_titled(PfListening *listening, const PfMprisPiece *piece, PfKnownItem **item, GError **error)
{
    *item = NULL;
    for (char *const *show = piece->shows; piece->title && *show && !*item; show++) {
        g_auto(PfFound) found = {0};
        if (!pf_feed_find_titled(listening->feeds, *show, piece->title, &found, error))
            return FALSE;
        if (found.sure)
            *item = g_ptr_array_steal_index(found.items, 0);
    }
    return TRUE;
}

static void
name_arrival(PfArrival *arrival, const PfKnownItem *item)
{
    const GPtrArray *enclosures = item->item->enclosures;
    const PfEnclosure *first = enclosures->len > 0 ? enclosures->pdata[0] : NULL;

    arrival->feed = g_strdup(item->feed->url);
    arrival->guid = g_strdup(item->item->guid);
    arrival->enclosure = g_strdup(first ? first->url : NULL);
}

/* Returns: (transfer full) (nullable): the file's path, or the address of a stream. */
static char *
dup_place(const char *url)
{
    if (url && g_str_has_prefix(url, "file:"))
        return g_filename_from_uri(url, NULL, NULL);
    if (url && *url == '/')
        return g_strdup(url);
    return url && pf_url_is_web(url) ? g_strdup(url) : NULL;
}

static void
heard(const PfMprisPiece *piece, gpointer data)
{
    PfListening *listening = data;
    g_autoptr(PfArrival) arrival = pf_arrival_new();
    g_autoptr(PfKnownItem) item = NULL;
    g_autoptr(GError) failure = NULL;

    arrival->path = dup_place(piece->url);
    gboolean is_file = arrival->path && *arrival->path == '/';
    if (!is_file && !find_titled(listening, piece, &item, &failure))
        g_info(_("%s (what was played is not looked up)"), failure->message);
    if (item)
        name_arrival(arrival, item);
    if (!arrival->path)
        arrival->path = g_strdup(arrival->enclosure);
    if (!arrival->path || !(is_file || pf_arrival_is_stream(arrival)))
        return;
    arrival->source = PF_SOURCE_PLAY;
    arrival->played = TRUE;
    arrival->heard = piece->heard;
    arrival->duration = piece->duration;
    arrival->started = piece->started;
    arrival->seen = arrival->next_try = pf_clock_now();
    pf_ingest_add_played(listening->ingest, g_steal_pointer(&arrival));
}

PfListening *
pf_listening_new(PfIngest *ingest, PfFeedStore *feeds)
{
    PfListening *listening = g_new0(PfListening, 1);

    listening->ingest = ingest;
    listening->feeds = feeds;
    return listening;
}

void
pf_listening_apply(PfListening *listening, const PfConfig *config)
{
    if (!config->players)
        pf_listening_stop(listening);
    else if (!listening->mpris)
        listening->mpris = pf_mpris_new(heard, listening);
}

void
pf_listening_stop(PfListening *listening)
{
    g_clear_pointer(&listening->mpris, pf_mpris_free);
}

void
pf_listening_free(PfListening *listening)
{
    if (!listening)
        return;
    pf_listening_stop(listening);
    g_free(listening);
}
