/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/episode.h"

#include "base/url.h"
#include <string.h>

/* From so many bytes on, a GUID that is not a bare number is taken for one that was made to be unique. */
#define GLOBAL_LENGTH 16

static gboolean
is_url(const char *text)
{
    gsize scheme = pf_url_scheme_length(text);

    return scheme > 0 && g_str_has_prefix(text + scheme, "://") && text[scheme + strlen("://")] != '\0';
}

gboolean
pf_episode_guid_is_global(const char *guid)
{
    if (!guid)
        return FALSE;
    if (is_url(guid))
        return TRUE;
    if (g_ascii_strncasecmp(guid, "tag:", 4) == 0 || g_ascii_strncasecmp(guid, "urn:", 4) == 0)
        return guid[4] != '\0';
    return strlen(guid) >= GLOBAL_LENGTH && guid[strspn(guid, "0123456789")] != '\0';
}

/* Returns what follows @prefix in @text, in any case; NULL when it does not begin with it. */
static const char *
skip_prefix(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

char **
pf_episode_list_spellings(const char *page)
{
    const char *after_https = skip_prefix(page, "https://"), *after_http = skip_prefix(page, "http://");
    const char *host = after_https ? after_https : after_http;
    const char *bare = host ? skip_prefix(host, "www.") : NULL;
    char **spellings = g_new0(char *, PF_EPISODE_SPELLINGS + 1);
    guint count = 0;

    if (!host)
        return spellings;
    const char *rest = bare ? bare : host;
    gboolean slash = g_str_has_suffix(rest, "/");
    if (!*rest)
        return spellings;
    g_autofree char *stem = g_strndup(rest, strlen(rest) - (slash ? 1 : 0));
    for (guint i = 0; i <= PF_EPISODE_SPELLINGS; i++) {
        gboolean https = (i & 1) != 0, www = (i & 2) != 0, end = (i & 4) != 0;
        if (https != (after_https != NULL) || www != (bare != NULL) || end != slash)
            spellings[count++] =
                g_strconcat(https ? "https://" : "http://", www ? "www." : "", stem, end ? "/" : "", NULL);
    }
    return spellings;
}

/* Without what makes no difference. Returns: (transfer full). */
static char *
normalise(const char *feed)
{
    g_autofree char *address = pf_url_dup_typed(feed);

    return pf_url_identity(address);
}

gboolean
pf_episode_same_feed(const char *one, const char *other)
{
    if (!one || !other)
        return FALSE;
    g_autofree char *left = normalise(one);
    g_autofree char *right = normalise(other);
    return g_str_equal(left, right);
}

/* --- one episode --- */

typedef enum { PAYEE_SAME, PAYEE_OTHER, PAYEE_UNKNOWN } PayeeRelation;

static gboolean
is_nobody(const char *payee)
{
    return !payee || !*payee;
}

/* A host says where somebody is paid, not who. */
static gboolean
is_somebody(const char *payee)
{
    return !is_nobody(payee) && !g_str_has_prefix(payee, "host:");
}

static PayeeRelation
compare_payees(const PfEpisode *one, const PfEpisode *other)
{
    if (is_nobody(one->payee) || is_nobody(other->payee))
        return !one->show || !other->show            ? PAYEE_UNKNOWN
               : g_str_equal(one->show, other->show) ? PAYEE_SAME
                                                     : PAYEE_OTHER;
    if (!is_somebody(one->payee) || !is_somebody(other->payee))
        return PAYEE_UNKNOWN;
    return g_str_equal(one->payee, other->payee) ? PAYEE_SAME : PAYEE_OTHER;
}

static gboolean
is_same_text(const char *one, const char *other)
{
    return one && other && g_str_equal(one, other);
}

static gboolean
is_same_page(const PfEpisode *one, const PfEpisode *other)
{
    g_auto(GStrv) spellings = pf_episode_list_spellings(one->key);

    return g_strv_contains((const char *const *)spellings, other->key);
}

/* Feeds that publish every episode at one address tell them apart by title and date. A title or a date that only one of
 * the two knows makes no difference, as long as it was not published after one of the two came: a podcatcher may know
 * the payment link and no more. */
static gboolean
is_same_file(const PfEpisode *one, const PfEpisode *other)
{
    gboolean titled = one->title || other->title;

    if (!is_same_text(one->enclosure, other->enclosure) || !titled ||
        (one->title && other->title && !g_str_equal(one->title, other->title)))
        return FALSE;
    if (one->published && other->published)
        return one->published == other->published;
    return MAX(one->published, other->published) <= MIN(one->came, other->came) + PF_EPISODE_DATE_SLACK;
}

/* What follows the host in an address's identity, without the query, in which hosts put what they please. */
static char *
dup_path(const char *identity)
{
    const char *path = identity ? strchr(identity, '/') : NULL;

    return path ? g_strndup(path, strcspn(path, "?")) : NULL;
}

/* What a show keeps when its host changes. On one host an address is another file's if it differs at all. */
static gboolean
is_moved(const PfEpisode *one, const PfEpisode *other)
{
    if (!one->published || one->published != other->published || !is_same_text(one->title, other->title) ||
        !one->enclosure || !other->enclosure)
        return FALSE;
    gsize host = strcspn(one->enclosure, "/");
    if (host == strcspn(other->enclosure, "/") && strncmp(one->enclosure, other->enclosure, host) == 0)
        return g_str_equal(one->enclosure, other->enclosure);
    g_autofree char *here = dup_path(one->enclosure);
    g_autofree char *there = dup_path(other->enclosure);
    return here && there && (g_str_has_suffix(here, there) || g_str_has_suffix(there, here));
}

/* Some feeds give a GUID to several items: it tells none of them apart then, and everything else does. */
gboolean
pf_episode_same_guid(const PfEpisode *one, const PfEpisode *other)
{
    gboolean all_else_differs = one->title && other->title && !g_str_equal(one->title, other->title) &&
                                one->enclosure && other->enclosure && !g_str_equal(one->enclosure, other->enclosure) &&
                                one->published && other->published && one->published != other->published;

    return is_same_text(one->guid, other->guid) && !all_else_differs;
}

static PfEpisodeRelation
compare_thing(const PfEpisode *one, const PfEpisode *other)
{
    if (compare_payees(one, other) != PAYEE_OTHER || pf_episode_same_feed(one->feed, other->feed))
        return PF_EPISODE_SAME;
    return PF_EPISODE_CONTESTED;
}

static PfEpisodeRelation
compare_beyond_feed(const PfEpisode *one, const PfEpisode *other)
{
    PayeeRelation payees = compare_payees(one, other);

    if (is_same_text(one->guid, other->guid) && pf_episode_guid_is_global(one->guid))
        return payees == PAYEE_SAME      ? PF_EPISODE_SAME
               : payees == PAYEE_UNKNOWN ? PF_EPISODE_CONTESTED
                                         : PF_EPISODE_OTHER;
    return payees == PAYEE_SAME && is_moved(one, other) ? PF_EPISODE_SAME : PF_EPISODE_OTHER;
}

PfEpisodeRelation
pf_episode_compare(const PfEpisode *one, const PfEpisode *other)
{
    gboolean channel = one->period && *one->period;

    if (channel ? g_strcmp0(one->period, other->period) != 0 : other->period && *other->period)
        return PF_EPISODE_OTHER;
    if (g_str_equal(one->key, other->key))
        return compare_thing(one, other);
    if (channel)
        return PF_EPISODE_OTHER;
    if (!pf_episode_same_feed(one->feed, other->feed))
        return compare_beyond_feed(one, other);
    if (pf_episode_same_guid(one, other) || (is_same_text(one->title, other->title) && is_same_page(one, other)) ||
        is_moved(one, other) || ((!one->guid || !other->guid) && is_same_file(one, other)))
        return PF_EPISODE_SAME;
    return PF_EPISODE_OTHER;
}
