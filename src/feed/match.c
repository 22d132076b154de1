/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/match.h"

#include "base/episode.h"
#include "base/url.h"
#include "feed/item.h"
#include "feed/item_identity.h"

#include <string.h>

/* A file's name has 255 bytes at most; what is longer comes from elsewhere. */
#define MOST_BYTES 4096
#define MOST_FORMS 24
#define MOST_SPLITS 6

/* --- comparing --- */

/* Returns: (transfer full): valid UTF-8 in one normal form. */
static char *
make_valid(const char *name, GNormalizeMode mode)
{
    g_autofree char *valid = g_utf8_make_valid(name, (gssize)strnlen(name, MOST_BYTES));

    return g_utf8_normalize(valid, -1, mode);
}

static char *
fold(const char *name)
{
    g_autofree char *normal = make_valid(name, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(normal, -1);

    return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

/* What stands before the next letter or digit. */
static char *
take_gap(const char **at)
{
    const char *start = *at;

    while (**at && !g_unichar_isalnum(g_utf8_get_char(*at)))
        *at = g_utf8_next_char(*at);
    return g_strndup(start, (gsize)(*at - start));
}

static gboolean
is_replacement(gunichar character)
{
    return character == '_' || character == ' ' || character == '-' || character == '.';
}

/* Whether everything in a gap on disk was there before, or replaces something. */
static gboolean
is_made_of(const char *file, const char *name)
{
    for (; *file; file = g_utf8_next_char(file)) {
        gunichar character = g_utf8_get_char(file);
        if (!is_replacement(character) && !g_utf8_strchr(name, -1, character))
            return FALSE;
    }
    return TRUE;
}

/* Gaps within a name. Nobody leaves a space out, and none but an edge's gap can come from nothing. */
static gboolean
gaps_agree(const char *file, const char *name, gboolean digits)
{
    if (!*name)
        return !*file;
    if (!*file)
        return !digits && !strchr(name, ' ');
    return is_made_of(file, name);
}

static gboolean
is_digit_at(const char *at)
{
    return *at && g_unichar_isdigit(g_utf8_get_char(at));
}

/* @file and @name: folded */
static PfNames
compare_folded(const char *file, const char *name)
{
    gboolean after_digit = FALSE;

    for (guint letters = 0;; letters++) {
        g_autofree char *file_gap = take_gap(&file);
        g_autofree char *name_gap = take_gap(&name);
        gboolean edge = letters == 0 || !*file;

        if (edge ? !is_made_of(file_gap, name_gap) : !gaps_agree(file_gap, name_gap, after_digit && is_digit_at(name)))
            return PF_NAMES_DIFFER;
        if (!*file)
            return letters == 0                  ? PF_NAMES_DIFFER
                   : !*name                      ? PF_NAMES_AGREE
                   : letters >= PF_FEED_KEY_LONG ? PF_NAMES_CUT
                                                 : PF_NAMES_DIFFER;
        if (g_utf8_get_char(file) != g_utf8_get_char(name))
            return PF_NAMES_DIFFER;
        after_digit = is_digit_at(file);
        file = g_utf8_next_char(file);
        name = g_utf8_next_char(name);
    }
}

PfNames
pf_feed_name_compare(const char *file, const char *name)
{
    g_autofree char *file_text = make_valid(file, G_NORMALIZE_DEFAULT_COMPOSE);
    g_autofree char *name_text = make_valid(name, G_NORMALIZE_DEFAULT_COMPOSE);

    if (*file_text && g_str_equal(file_text, name_text))
        return PF_NAMES_EQUAL;
    g_autofree char *file_folded = fold(file_text);
    g_autofree char *name_folded = fold(name_text);
    return compare_folded(file_folded, name_folded);
}

/* --- what was put before or behind --- */

typedef enum { RULE_COLLISION, RULE_DATE, RULE_COMPACT_DATE, RULE_TIME, RULE_DIGEST, RULE_NUMBER, RULES } Rule;

static const char *const patterns[RULES] = {
    [RULE_COLLISION] = "^(?<text>.+?) ?\\([0-9]{1,3}\\)$",
    [RULE_DATE] = "^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[-_ ]+(?<text>.+)$",
    [RULE_COMPACT_DATE] = "^(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})[-_ ]+(?<text>.+)$",
    /* shellcaster's */
    [RULE_TIME] = "^(?<text>.+)_(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})_[0-9]{6}$",
    /* Kasts' */
    [RULE_DIGEST] = "^(?<text>.+)\\.(?<digest>[0-9a-f]{6})$",
    /* castero's, which leaves nothing but word characters */
    [RULE_NUMBER] = "^[0-9]+-(?<text>[\\w-]+)$",
};

static GRegex *
get_rule(Rule rule)
{
    static GRegex *rules[RULES];
    static gsize ready;

    if (g_once_init_enter(&ready)) {
        for (guint i = 0; i < RULES; i++)
            rules[i] = g_regex_new(patterns[i], G_REGEX_OPTIMIZE, 0, NULL);
        g_once_init_leave(&ready, 1);
    }
    return rules[rule];
}

char *
pf_feed_name_strip_collision(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, (gssize)strnlen(name, MOST_BYTES));
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(get_rule(RULE_COLLISION), valid, 0, &match))
        return g_strdup(name);
    return g_match_info_fetch_named(match, "text");
}

static void
free_form(gpointer data)
{
    PfNameForm *form = data;

    g_free(form->text);
    g_free(form->show);
    g_free(form->digest);
    g_free(form);
}

/* Takes @text and @show. */
static PfNameForm *
derive(const PfNameForm *from, char *text, char *show)
{
    PfNameForm *form = g_new0(PfNameForm, 1);

    form->text = text;
    form->show = show ? show : g_strdup(from->show);
    form->digest = g_strdup(from->digest);
    form->day = from->day;
    form->numbered = from->numbered;
    return form;
}

static guint64
fetch_number(const GMatchInfo *match, const char *group)
{
    g_autofree char *text = g_match_info_fetch_named(match, group);

    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* Returns: the day in a match, 0 when there is none, or none of the calendar's. */
static gint64
fetch_day(const GMatchInfo *match)
{
    GDateYear year = (GDateYear)fetch_number(match, "year");
    GDateMonth month = (GDateMonth)fetch_number(match, "month");
    GDateDay day = (GDateDay)fetch_number(match, "day");
    GDate date;

    if (!g_date_valid_dmy(day, month, year))
        return 0;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, day, month, year);
    return g_date_get_julian(&date);
}

static gboolean
is_dated(Rule rule)
{
    return rule == RULE_DATE || rule == RULE_COMPACT_DATE || rule == RULE_TIME;
}

static void
apply_rule(GPtrArray *forms, const PfNameForm *from, Rule rule)
{
    g_autoptr(GMatchInfo) match = NULL;

    if ((is_dated(rule) && from->day) || (rule == RULE_DIGEST && from->digest) ||
        !g_regex_match(get_rule(rule), from->text, 0, &match))
        return;
    gint64 day = is_dated(rule) ? fetch_day(match) : 0;
    if (is_dated(rule) && day == 0)
        return;
    PfNameForm *form = derive(from, g_match_info_fetch_named(match, "text"), NULL);
    if (day)
        form->day = day;
    form->numbered = form->numbered || rule == RULE_NUMBER;
    if (rule == RULE_DIGEST) {
        g_free(form->digest);
        form->digest = g_match_info_fetch_named(match, "digest");
    }
    g_ptr_array_add(forms, form);
}

/* The feed's title may stand before an item's, and hold any separator itself: so each is tried. */
static void
split_show(GPtrArray *forms, const PfNameForm *from)
{
    guint splits = 0;

    for (const char *at = from->text; *at && splits < MOST_SPLITS; at++) {
        if ((*at != '-' && *at != '_') || at == from->text || at[1] == '\0')
            continue;
        char *show = g_strndup(from->text, (gsize)(at - from->text));
        g_ptr_array_add(forms, derive(from, g_strdup(at + 1), show));
        splits++;
    }
}

GPtrArray *
pf_feed_name_list_forms(const char *stem)
{
    GPtrArray *forms = g_ptr_array_new_with_free_func(free_form);
    PfNameForm *whole = g_new0(PfNameForm, 1);

    whole->text = g_utf8_make_valid(stem, (gssize)strnlen(stem, MOST_BYTES));
    whole->whole = TRUE;
    g_ptr_array_add(forms, whole);
    for (guint i = 0; i < forms->len && forms->len < MOST_FORMS; i++) {
        for (Rule rule = 0; rule < RULES; rule++)
            apply_rule(forms, forms->pdata[i], rule);
        if (!((const PfNameForm *)forms->pdata[i])->show)
            split_show(forms, forms->pdata[i]);
    }
    return forms;
}

/* A day in a name is in the podcatcher's time zone, which nobody knows: up to 14 hours from UTC's. */
#define ZONE_SECONDS ((gint64)14 * 3600)
#define DAY_SECONDS ((gint64)24 * 3600)
#define JULIAN_EPOCH 719163 /* 1970-01-01, as g_date_get_julian() counts */

/* --- the name --- */

/* Returns: (transfer full): a name without what says that it is not finished. */
static char *
strip_unfinished(const char *name)
{
    static const char *const endings[] = {".partial", ".part"};

    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        if (g_str_has_suffix(name, endings[i]) && strlen(name) > strlen(endings[i]))
            return g_strndup(name, strlen(name) - strlen(endings[i]));
    }
    return g_strdup(name);
}

/* Some programs keep the query: then the extension stands before it. Returns: (transfer full): the stem. */
static char *
split_extension(const char *name, char **extension)
{
    const char *query = strchr(name, '?');
    g_autofree char *before = query ? g_strndup(name, (gsize)(query - name)) : NULL;
    char *stem = before ? pf_feed_key_stem(before, extension) : NULL;

    if (stem && *extension)
        return stem;
    g_free(stem);
    return pf_feed_key_stem(name, extension);
}

PfFileName *
pf_file_name_new(const char *name)
{
    PfFileName *file = g_new0(PfFileName, 1);

    file->name = strip_unfinished(name);
    g_autofree char *stem = split_extension(file->name, &file->extension);
    file->forms = pf_feed_name_list_forms(stem);
    return file;
}

void
pf_file_name_free(PfFileName *file)
{
    if (!file)
        return;
    g_free(file->name);
    g_free(file->extension);
    g_ptr_array_unref(file->forms);
    g_free(file);
}

/* --- what kind of file --- */

/* Which extensions can be the same file; the same letter is the same kind. */
static char
kind_of_extension(const char *extension)
{
    static const struct {
        const char *extension;
        char kind;
    } kinds[] = {
        {"mp3", 'm'},  {"ogg", 'o'}, {"oga", 'o'}, {"opus", 'o'}, {"spx", 'o'}, {"ogv", 'o'},
        {"m4a", 'a'},  {"m4b", 'a'}, {"mp4", 'a'}, {"aac", 'a'},  {"m4v", 'a'}, {"mov", 'a'},
        {"flac", 'f'}, {"wav", 'w'}, {"wma", 'x'}, {"webm", 'v'}, {"mkv", 'v'}, {"avi", 'i'},
    };

    for (gsize i = 0; extension && i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_equal(extension, kinds[i].extension))
            return kinds[i].kind;
    }
    return 0;
}

/* Returns: 0 when the type does not say. */
static char
kind_of_type(const char *type)
{
    static const struct {
        const char *type;
        char kind;
    } kinds[] = {
        {"audio/mpeg", 'm'},      {"audio/mp3", 'm'},  {"audio/ogg", 'o'},    {"audio/opus", 'o'},
        {"application/ogg", 'o'}, {"video/ogg", 'o'},  {"audio/mp4", 'a'},    {"audio/x-m4a", 'a'},
        {"audio/m4a", 'a'},       {"audio/aac", 'a'},  {"video/mp4", 'a'},    {"video/x-m4v", 'a'},
        {"video/quicktime", 'a'}, {"audio/flac", 'f'}, {"audio/x-flac", 'f'}, {"video/webm", 'v'},
    };

    for (gsize i = 0; type && i < G_N_ELEMENTS(kinds); i++) {
        if (g_ascii_strcasecmp(type, kinds[i].type) == 0)
            return kinds[i].kind;
    }
    return 0;
}

/* Whether a file of this extension can be the enclosure; where nothing is known it can. */
static gboolean
can_come_from(const char *extension, const PfEnclosure *enclosure)
{
    g_autofree char *basename = pf_url_basename(enclosure->url, TRUE);
    g_autofree char *its_extension = NULL;

    if (basename)
        g_free(pf_feed_key_stem(basename, &its_extension));
    char file_kind = kind_of_extension(extension);
    char kind = kind_of_extension(its_extension);

    if (!kind)
        kind = kind_of_type(enclosure->type);
    return !file_kind || !kind || file_kind == kind;
}

static gboolean
can_come_from_item(const char *extension, const PfItem *item)
{
    for (guint i = 0; i < item->enclosures->len; i++) {
        if (can_come_from(extension, item->enclosures->pdata[i]))
            return TRUE;
    }
    return item->enclosures->len == 0;
}

/* --- what was taken off --- */

static gboolean
is_digest_of(const char *digest, const PfItem *item)
{
    for (guint i = 0; i < item->enclosures->len; i++) {
        const PfEnclosure *enclosure = item->enclosures->pdata[i];
        g_autofree char *checksum = g_compute_checksum_for_string(G_CHECKSUM_MD5, enclosure->url, -1);
        if (g_str_has_prefix(checksum, digest))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_day_of(gint64 day, const PfItem *item)
{
    gint64 start = (day - JULIAN_EPOCH) * DAY_SECONDS;

    return item->published >= start - ZONE_SECONDS && item->published < start + DAY_SECONDS + ZONE_SECONDS;
}

/* Whether there is a day in a name, and it is the item's in some time zone. */
static gboolean
pf_evidence_has_day_of(const PfFileName *file, const PfKnownItem *item)
{
    for (guint i = 0; i < file->forms->len; i++) {
        const PfNameForm *form = file->forms->pdata[i];
        if (form->day && item->item->has_published && is_day_of(form->day, item->item))
            return TRUE;
    }
    return FALSE;
}

/* Whether what was taken off a name, but for the day, is the item's. */
static gboolean
form_fits(const PfNameForm *form, const PfKnownItem *item)
{
    const char *show = item->feed ? item->feed->title : NULL;

    return (!form->show || (show && pf_feed_name_compare(form->show, show) != PF_NAMES_DIFFER)) &&
           (!form->digest || is_digest_of(form->digest, item->item));
}

static PfSpeaks
strength_of(const PfNameForm *form, PfNames names)
{
    if (names == PF_NAMES_DIFFER)
        return PF_SPEAKS_NOT;
    if (!form->whole || names == PF_NAMES_CUT)
        return PF_SPEAKS_WEAKLY;
    return names == PF_NAMES_EQUAL ? PF_SPEAKS_STRONGLY : PF_SPEAKS_LOOSELY;
}

/* --- the basename --- */

/* How much a basename that is the item's can say. A bare number says nothing at all: it may be the podcatcher's own. */
static PfSpeaks
limit_of(const char *stem)
{
    g_autofree char *canonical = pf_feed_key_canonical(stem);

    if (!pf_feed_key_says_nothing(canonical))
        return PF_SPEAKS_STRONGLY;
    return g_unichar_isalpha(g_utf8_get_char(canonical)) ? PF_SPEAKS_FOR_ANY : PF_SPEAKS_NOT;
}

/* Whether the name is the URL's end, query and all. */
static gboolean
is_end_of(const char *name, const char *url)
{
    g_autofree char *decoded = g_uri_unescape_string(url, NULL);
    g_autofree char *end = g_strconcat("/", name, NULL);

    return g_str_has_suffix(url, end) || (decoded && g_str_has_suffix(decoded, end));
}

static PfSpeaks
speak_by_stem(const PfFileName *file, const PfKnownItem *item, const char *stem)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    for (guint i = 0; i < file->forms->len; i++) {
        const PfNameForm *form = file->forms->pdata[i];
        /* No podcatcher puts a number or a checksum to a basename; a day may be that of the file on the server. */
        PfSpeaks speaks =
            form->numbered || form->digest ? PF_SPEAKS_NOT : strength_of(form, pf_feed_name_compare(form->text, stem));
        if (speaks > best && form_fits(form, item))
            best = speaks;
    }
    return best;
}

static PfSpeaks
speak_by_enclosure(const PfFileName *file, const PfKnownItem *item, const PfEnclosure *enclosure)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    for (int decoded = 0; decoded < 2; decoded++) {
        g_autofree char *basename = pf_url_basename(enclosure->url, decoded);
        g_autofree char *stem = basename ? pf_feed_key_stem(basename, NULL) : NULL;
        PfSpeaks speaks = stem ? speak_by_stem(file, item, stem) : PF_SPEAKS_NOT;
        if (speaks != PF_SPEAKS_NOT)
            best = MAX(best, MIN(speaks, limit_of(stem)));
    }
    if (best == PF_SPEAKS_NOT)
        return best;
    if (strchr(file->name, '?') && is_end_of(file->name, enclosure->url))
        return PF_SPEAKS_STRONGLY;
    return can_come_from(file->extension, enclosure) ? best : MIN(best, PF_SPEAKS_WEAKLY);
}

/* How strongly a name speaks for an item by the basename of an enclosure's URL. */
static PfSpeaks
pf_evidence_of_basename(const PfFileName *file, const PfKnownItem *item)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    for (guint i = 0; i < item->item->enclosures->len; i++)
        best = MAX(best, speak_by_enclosure(file, item, item->item->enclosures->pdata[i]));
    return best;
}

/* --- the title --- */

static gboolean
says_enough(const char *title)
{
    g_autofree char *canonical = pf_feed_key_canonical(title);

    return g_utf8_strlen(canonical, -1) >= PF_FEED_KEY_LEAST_TITLE && !pf_feed_key_says_nothing(canonical);
}

static PfSpeaks
speak_by_form(const PfFileName *file, const PfNameForm *form, const PfKnownItem *item)
{
    if ((form->numbered && !file->placed) ||
        (form->day && item->item->has_published && !is_day_of(form->day, item->item)))
        return PF_SPEAKS_NOT;
    PfSpeaks speaks = strength_of(form, pf_feed_name_compare(form->text, item->item->title));

    if (speaks == PF_SPEAKS_NOT && form->digest) {
        g_autofree char *ascii = pf_feed_key_ascii(item->item->title);
        speaks = strength_of(form, pf_feed_name_compare(form->text, ascii));
    }
    if (speaks == PF_SPEAKS_NOT || !says_enough(form->text) || !form_fits(form, item))
        return PF_SPEAKS_NOT;
    /* The checksum is the enclosure's own: nothing says more. */
    return form->digest ? PF_SPEAKS_STRONGLY : speaks;
}

/* How strongly a name speaks for an item by its title. */
static PfSpeaks
pf_evidence_of_title(const PfFileName *file, const PfKnownItem *item)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    if (!item->item->title)
        return best;
    for (guint i = 0; i < file->forms->len; i++)
        best = MAX(best, speak_by_form(file, file->forms->pdata[i], item));
    return can_come_from_item(file->extension, item->item) ? best : MIN(best, PF_SPEAKS_WEAKLY);
}

/* Whether a title says the same as an item's. */
static gboolean
pf_evidence_same_title(const char *title, const PfKnownItem *item)
{
    PfNames names = item->item->title ? pf_feed_name_compare(title, item->item->title) : PF_NAMES_DIFFER;

    return (names == PF_NAMES_EQUAL || names == PF_NAMES_AGREE) && says_enough(title);
}

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
    g_autofree char *origin = clues->origin ? pf_url_basename(clues->origin, TRUE) : NULL;

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
