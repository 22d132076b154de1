/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/match.h"

#include "base/episode.h"
#include "base/web_address.h"
#include "feed/feed_evidence.h"
#include "feed/item_identity.h"
#include "feed/feed_same.h"
#include "feed/item_set.h"

struct PfMatch {
    PfFileClues clues;
    GPtrArray *names;   /* of PfFileName *: the file's, and the one before */
    PfFileName *origin; /* the origin's basename; NULL for none */
    GArray *folder_feeds;
    gboolean identifiers_incomplete;
    gboolean names_incomplete;
    gboolean parts_incomplete;
};

PfMatch *
pf_match_new(const PfFileClues *clues)
{
    PfMatch *match = g_new0(PfMatch, 1);
    g_autofree char *name = g_path_get_basename(clues->path);
    g_autofree char *origin = clues->origin ? pf_web_address_basename(clues->origin, TRUE) : NULL;

    match->clues = *clues;
    match->names = g_ptr_array_new_with_free_func((GDestroyNotify)pf_file_name_free);
    g_ptr_array_add(match->names, pf_file_name_new(name));
    if (clues->former)
        g_ptr_array_add(match->names, pf_file_name_new(clues->former));
    match->origin = origin ? pf_file_name_new(origin) : NULL;
    match->folder_feeds = g_array_new(FALSE, FALSE, sizeof(gint64));
    return match;
}

void
pf_match_free(PfMatch *match)
{
    if (!match)
        return;
    g_ptr_array_unref(match->names);
    pf_file_name_free(match->origin);
    g_array_unref(match->folder_feeds);
    g_free(match);
}

void
pf_match_set_folder_feeds(PfMatch *match, const GArray *feeds)
{
    g_array_set_size(match->folder_feeds, 0);
    g_array_append_vals(match->folder_feeds, feeds->data, feeds->len);
    for (guint i = 0; i < match->names->len; i++)
        ((PfFileName *)match->names->pdata[i])->placed = feeds->len > 0;
}

void
pf_match_set_incomplete(PfMatch *match, gboolean identifiers, gboolean names, gboolean parts)
{
    match->identifiers_incomplete = identifiers;
    match->names_incomplete = names;
    match->parts_incomplete = parts;
}

/* --- keys --- */

static void
add_identifier(GArray *keys, const char *identifier)
{
    if (identifier)
        pf_feed_key_add(keys, pf_feed_key_of_identifier(identifier));
}

static void
add_name(GArray *names, GArray *parts, const PfFileName *name)
{
    for (guint i = 0; i < name->forms->len; i++) {
        const PfNameForm *form = name->forms->pdata[i];
        pf_feed_key_add_name(form->whole ? names : parts, form->text);
    }
}

void
pf_match_list_keys(const PfMatch *match, GArray **identifiers, GArray **names, GArray **parts)
{
    *identifiers = g_array_new(FALSE, FALSE, sizeof(gint64));
    *names = g_array_new(FALSE, FALSE, sizeof(gint64));
    *parts = g_array_new(FALSE, FALSE, sizeof(gint64));
    add_identifier(*identifiers, match->clues.guid);
    add_identifier(*identifiers, match->clues.enclosure);
    add_identifier(*identifiers, match->clues.origin);
    for (guint i = 0; i < match->names->len; i++)
        add_name(*names, *parts, match->names->pdata[i]);
    if (match->origin)
        add_name(*names, *parts, match->origin);
    if (match->clues.title)
        pf_feed_key_add_name(*names, match->clues.title);
}

/* --- sets of candidates --- */

typedef gboolean (*Test)(const PfMatch *match, const PfKnownItem *item);

static GPtrArray *
select_items(const PfMatch *match, const GPtrArray *items, Test test)
{
    GPtrArray *selected = g_ptr_array_new();

    for (guint i = 0; i < items->len; i++) {
        if (test(match, items->pdata[i]))
            g_ptr_array_add(selected, items->pdata[i]);
    }
    return selected;
}

/* Those of a second test among those of a first, or else all of the first. */
static GPtrArray *
prefer(const PfMatch *match, const GPtrArray *items, Test first, Test second)
{
    g_autoptr(GPtrArray) all = select_items(match, items, first);
    g_autoptr(GPtrArray) better = select_items(match, all, second);
    return better->len > 0 ? g_steal_pointer(&better) : g_steal_pointer(&all);
}

/* --- tests --- */

static gboolean
is_in_named_feed(const PfMatch *match, const PfKnownItem *item)
{
    const char *feed = match->clues.feed;

    return feed && item->feed &&
           (pf_episode_same_feed(feed, item->feed->url) || pf_episode_same_feed(feed, item->feed->address));
}

static gboolean
is_in_folder_feed(const PfMatch *match, const PfKnownItem *item)
{
    for (guint i = 0; i < match->folder_feeds->len; i++) {
        if (item->feed && item->feed->id == g_array_index(match->folder_feeds, gint64, i))
            return TRUE;
    }
    return FALSE;
}

/* Whether an item may be meant by a name: names repeat from feed to feed, so the feed must not be another one. */
static gboolean
is_in_place(const PfMatch *match, const PfKnownItem *item)
{
    if (match->clues.feed)
        return is_in_named_feed(match, item);
    return match->folder_feeds->len == 0 || is_in_folder_feed(match, item);
}

static gboolean
has_guid(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.guid && g_strcmp0(match->clues.guid, item->item->guid) == 0 &&
           (pf_episode_guid_is_global(match->clues.guid) || is_in_named_feed(match, item));
}

/* A publisher can give every new item the enclosure URL of the last: then it is not this one. */
static gboolean
has_no_other_guid(const PfMatch *match, const PfKnownItem *item)
{
    return !match->clues.guid || !item->item->guid || g_str_equal(match->clues.guid, item->item->guid);
}

static gboolean
has_enclosure(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.enclosure && pf_same_has_enclosure(item->item, match->clues.enclosure);
}

static gboolean
has_origin(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.origin && pf_same_has_enclosure(item->item, match->clues.origin);
}

static gboolean
has_size(const PfMatch *match, const PfKnownItem *item)
{
    for (guint i = 0; i < item->item->enclosures->len; i++) {
        const PfEnclosure *enclosure = item->item->enclosures->pdata[i];
        if (match->clues.size > 0 && enclosure->length == match->clues.size)
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_day(const PfMatch *match, const PfKnownItem *item)
{
    for (guint i = 0; i < match->names->len; i++) {
        if (pf_evidence_has_day_of(match->names->pdata[i], item))
            return TRUE;
    }
    return FALSE;
}

/* --- how strongly names speak --- */

typedef PfSpeaks (*Strength)(const PfMatch *match, const PfKnownItem *item);

static PfSpeaks
strength_of_origin(const PfMatch *match, const PfKnownItem *item)
{
    return match->origin ? pf_evidence_of_basename(match->origin, item) : PF_SPEAKS_NOT;
}

static PfSpeaks
strength_of_basename(const PfMatch *match, const PfKnownItem *item)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    for (guint i = 0; i < match->names->len; i++)
        best = MAX(best, pf_evidence_of_basename(match->names->pdata[i], item));
    return best;
}

static PfSpeaks
strength_of_title(const PfMatch *match, const PfKnownItem *item)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    if (match->clues.title && pf_evidence_same_title(match->clues.title, item))
        return PF_SPEAKS_STRONGLY;
    for (guint i = 0; i < match->names->len; i++)
        best = MAX(best, pf_evidence_of_title(match->names->pdata[i], item));
    return best;
}

/* Those for which most speaks. @best: (out): how strongly, PF_SPEAKS_NOT when there are none. */
static GPtrArray *
select_strongest(const PfMatch *match, const GPtrArray *items, Strength strength, PfSpeaks *best)
{
    GPtrArray *strongest = g_ptr_array_new();

    *best = PF_SPEAKS_NOT;
    for (guint i = 0; i < items->len; i++) {
        PfSpeaks speaks = strength(match, items->pdata[i]);
        if (speaks == PF_SPEAKS_NOT || speaks < *best)
            continue;
        if (speaks > *best)
            g_ptr_array_set_size(strongest, 0);
        *best = speaks;
        g_ptr_array_add(strongest, items->pdata[i]);
    }
    return strongest;
}

/* --- the choice --- */

/* What is equal otherwise is told apart by the day in the name, then by the size if just one item has it. */
static void
narrow(const PfMatch *match, GPtrArray *items)
{
    pf_same_unite(items);
    g_autoptr(GPtrArray) of_day = select_items(match, items, has_day);
    if (of_day->len > 0)
        pf_item_set_keep_only(items, of_day);
    pf_same_unite(items);
    g_autoptr(GPtrArray) of_size = select_items(match, items, has_size);
    if (items->len > 1 && of_size->len == 1)
        pf_item_set_keep_only(items, of_size);
}

/* Unites what two kinds of evidence name: what both name, else all of both, which is then not narrowed any more. */
static GPtrArray *
reconcile(const PfMatch *match, const GPtrArray *one, const GPtrArray *other)
{
    g_autoptr(GPtrArray) both = pf_item_set_intersect(one, other);
    gboolean contradict = one->len > 0 && other->len > 0 && both->len == 0;
    GPtrArray *items = both->len > 0 ? g_steal_pointer(&both) : pf_item_set_join(one, other);

    if (contradict)
        pf_same_unite(items);
    else
        narrow(match, items);
    return items;
}

static GPtrArray *
choose_by_words(const PfMatch *match, const GPtrArray *candidates, const char **how)
{
    g_autoptr(GPtrArray) by_guid = prefer(match, candidates, has_guid, is_in_named_feed);
    g_autoptr(GPtrArray) fitting = select_items(match, candidates, has_no_other_guid);
    g_autoptr(GPtrArray) by_enclosure =
        prefer(match, by_guid->len > 0 ? candidates : fitting, has_enclosure, is_in_named_feed);

    *how = by_guid->len > 0 ? "guid" : "enclosure";
    return reconcile(match, by_guid, by_enclosure);
}

static GPtrArray *
choose_by_origin(const PfMatch *match, const GPtrArray *candidates, const char **how)
{
    GPtrArray *items = select_items(match, candidates, has_origin);

    *how = "origin";
    narrow(match, items);
    return items;
}

/* What any item's file could be called tells nothing, but that several may be meant. */
static GPtrArray *
choose_any(const PfMatch *match, GPtrArray *items)
{
    narrow(match, items);
    if (items->len == 1)
        g_ptr_array_set_size(items, 0);
    return items;
}

static GPtrArray *
choose_by_origin_name(const PfMatch *match, const GPtrArray *candidates, PfSpeaks *strength, const char **how)
{
    GPtrArray *items = select_strongest(match, candidates, strength_of_origin, strength);

    *how = "origin";
    if (*strength <= PF_SPEAKS_FOR_ANY)
        g_ptr_array_set_size(items, 0);
    narrow(match, items);
    return items;
}

static GPtrArray *
choose_by_name(const PfMatch *match, const GPtrArray *candidates, PfSpeaks *strength, const char **how)
{
    PfSpeaks name_strength, title_strength;
    g_autoptr(GPtrArray) by_name = select_strongest(match, candidates, strength_of_basename, &name_strength);
    g_autoptr(GPtrArray) by_title = select_strongest(match, candidates, strength_of_title, &title_strength);

    *strength = MAX(name_strength, title_strength);
    *how = name_strength > PF_SPEAKS_FOR_ANY ? "name" : "title";
    if (title_strength == PF_SPEAKS_NOT && name_strength == PF_SPEAKS_FOR_ANY) {
        *how = "name";
        return choose_any(match, g_steal_pointer(&by_name));
    }
    if (name_strength == PF_SPEAKS_FOR_ANY)
        g_ptr_array_set_size(by_name, 0);
    if (title_strength < name_strength && name_strength > PF_SPEAKS_FOR_ANY) {
        g_autoptr(GPtrArray) both = pf_item_set_intersect(by_name, by_title);
        pf_item_set_keep_only(by_title, both);
    }
    return reconcile(match, by_name, by_title);
}

/* Whether items that were not looked at could be equal to what was found. A part of a name never says more than weakly.
 */
static gboolean
is_incomplete(const PfMatch *match, gboolean by_names, PfSpeaks strength)
{
    if (!by_names)
        return match->identifiers_incomplete;
    return match->names_incomplete || (match->parts_incomplete && strength <= PF_SPEAKS_WEAKLY);
}

static int
compare_items(gconstpointer a, gconstpointer b)
{
    const PfKnownItem *one = *(PfKnownItem *const *)a, *other = *(PfKnownItem *const *)b;

    if (one->item->published != other->item->published)
        return one->item->published > other->item->published ? -1 : 1;
    int order = g_strcmp0(one->item->title, other->item->title);
    return order != 0 ? order : g_strcmp0(one->item->guid, other->item->guid);
}

GPtrArray *
pf_match_choose(const PfMatch *match, const GPtrArray *candidates, const char **how)
{
    g_autoptr(GPtrArray) fitting = select_items(match, candidates, has_no_other_guid);
    g_autoptr(GPtrArray) in_place = select_items(match, fitting, is_in_place);
    GPtrArray *items = choose_by_words(match, candidates, how);
    gboolean by_names = items->len == 0;
    PfSpeaks strength = PF_SPEAKS_STRONGLY;

    if (by_names) {
        g_ptr_array_unref(items);
        items = choose_by_origin(match, fitting, how);
        by_names = items->len == 0;
    }
    if (by_names) {
        g_ptr_array_unref(items);
        items = choose_by_origin_name(match, in_place, &strength, how);
    }
    if (items->len == 0) {
        g_ptr_array_unref(items);
        items = choose_by_name(match, in_place, &strength, how);
    }
    if (items->len == 1 && is_incomplete(match, by_names, strength))
        g_ptr_array_set_size(items, 0);
    if (items->len == 0)
        *how = NULL;
    g_ptr_array_sort(items, compare_items);
    return items;
}
