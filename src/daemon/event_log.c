/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/event_log.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"

/* --- files --- */

/* Why an arrival is left to the user. */
static const char *
explain_unmatched(const PfArrival *arrival)
{
    if (g_strcmp0(arrival->reason, "several") == 0)
        return _("several episodes match");
    if (g_strcmp0(arrival->reason, "unsure") == 0)
        return _("its name may be that of an episode, and no better match was found for a week");
    return g_strcmp0(arrival->reason, "other_feed") == 0 ? _("only another feed has listed it for a week")
                                                         : _("no episode was found for a week");
}

/* Returns: (transfer full): NULL when there is nothing to say. */
static char *
explain_arrival(const PfArrival *arrival, gboolean first)
{
    if (arrival->state == PF_ARRIVAL_UNMATCHED)
        return g_strdup_printf(
            _("%s; see 'podflattr queue --state unmatched', and settle it with 'podflattr queue match'"),
            explain_unmatched(arrival));
    if (arrival->state == PF_ARRIVAL_REFUSED)
        return g_strdup_printf(_("not a media file (%s); nothing is flattred for it"), arrival->reason);
    if (g_strcmp0(arrival->reason, "no_link") == 0 && arrival->entry)
        return NULL; /* owed already */
    if (g_strcmp0(arrival->reason, "no_link") == 0)
        return g_strdup(_("it came without a feed and has no link for Flattr; nothing is owed or flattred for it"));
    if (first && g_strcmp0(arrival->reason, "other_feed") == 0)
        return g_strdup(_("only another feed lists it, its own does not yet; retrying for a week"));
    if (first && g_strcmp0(arrival->reason, "unsure") == 0)
        return g_strdup(_("its name may be that of an episode; see 'podflattr queue --state unmatched', and settle it "
                          "with 'podflattr queue match'"));
    if (first && g_strcmp0(arrival->reason, "not_found") == 0)
        return g_strdup(_("no feed has a matching episode yet; retrying for a week"));
    return NULL;
}

void
pf_event_log_arrival(const PfArrival *arrival, gboolean first)
{
    g_autofree char *text = explain_arrival(arrival, first);

    if (!text)
        return;
    g_autofree char *feed = arrival->feed ? pf_url_printable(arrival->feed) : NULL;
    g_autofree char *name = g_path_get_basename(arrival->path);
    g_autofree char *shown = pf_log_printable(name);
    pf_log_about(G_LOG_LEVEL_MESSAGE, &(PfLogSubject){.file = arrival->path, .feed = feed}, "%s: %s", shown, text);
}

/* --- entries --- */

void
pf_event_log_submitted(const PfArrival *arrival, const PfSubmitted *submitted)
{
    const PfLogSubject subject = {.file = arrival->path, .entry = submitted->id};

    if (!submitted->added || (submitted->state != PF_ENTRY_HELD && submitted->state != PF_ENTRY_OWED))
        return;
    g_autofree char *name = g_path_get_basename(arrival->path);
    g_autofree char *shown = pf_log_printable(name);
    if (submitted->state == PF_ENTRY_OWED)
        pf_log_about(G_LOG_LEVEL_MESSAGE, &subject, _("owed #%" PRId64 ", %s: %s"), submitted->id, submitted->reason,
                     shown);
    else
        pf_log_about(G_LOG_LEVEL_MESSAGE, &subject,
                     _("held #%" PRId64 ", %s: %s; release it with 'podflattr queue release %" PRId64 "'"),
                     submitted->id, submitted->reason, shown, submitted->id);
}

static gboolean
is_news(const PfEntry *entry)
{
    return entry->state != PF_ENTRY_QUEUED && entry->state != PF_ENTRY_SENDING;
}

void
pf_event_log_entry(const PfEntry *entry)
{
    const PfLogSubject subject = {.file = entry->file, .feed = entry->feed, .entry = entry->id};

    gboolean stays = entry->state == PF_ENTRY_HELD || entry->state == PF_ENTRY_FAILED;
    g_autofree char *more =
        stays ? g_strdup_printf(_("; see 'podflattr queue show %" PRId64 "'"), entry->id) : g_strdup("");

    pf_log_about(is_news(entry) ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_INFO, &subject,
                 "%s #%" G_GINT64_FORMAT "%s%s: %s%s", pf_entry_state_name(entry->state), entry->id,
                 entry->reason ? ", " : "", entry->reason ? entry->reason : "",
                 entry->title ? entry->title : entry->key, more);
}
