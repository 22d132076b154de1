/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/match.h"

#include "base/episode.h"
#include "base/url.h"
#include "feed/file_name.h"
#include "feed/item.h"
#include "feed/item_identity.h"

#include <string.h>

/* --- a file --- */

/* A day in a name is in the podcatcher's time zone, which nobody knows: up to 14 hours from UTC's. */
#define ZONE_SECONDS ((gint64)14 * 3600)
#define DAY_SECONDS ((gint64)24 * 3600)
#define JULIAN_EPOCH 719163 /* 1970-01-01, as g_date_get_julian() counts */

/* How many "/" of a title are looked for in a path. */
#define MOST_FOLDED 3

struct PfMatch {
    PfFileClues clues; /* the origin may be @mirrored */
    char *mirrored;
    GPtrArray *names;   /* of PfFileName *: the file's, the one before, and those with the folders' above it */
    guint first_folded; /* where in @names those with the folders' begin: a title's "/" was left in the name */
    PfFileName *origin; /* the origin's basename; NULL for none */
    PfName *title;      /* the hook's; NULL for none */
    PfName *folders[MOST_FOLDED + 1]; /* the nearest folder that may be a show's, when so many above the file are the
                                       * beginning of its title; NULL for none */
    GArray *folder_feeds;
    gboolean identifiers_incomplete;
    gboolean names_incomplete;
    gboolean parts_incomplete;
};

/* Whether a folder's name is nobody's: a year, a season, or what any folder for files is called. */
static gboolean
is_anyones_folder(const char *canonical)
{
    static const char *const words[] = {
        "archive",  "audiobooks", "castget",  "disc",   "downloaded", "downloads", "enclosures", "episodes", "files",
        "finished", "gpodder",    "greg",     "home",   "incoming",   "listened",  "music",      "musik",    "new",
        "newsboat", "podboat",    "podcasts", "podget", "pods",       "season",    "staffel",    "temp",     "videos",
    };
    gsize length = strlen(canonical);

    while (length > 0 && g_ascii_isdigit(canonical[length - 1]))
        length--;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strlen(words[i]) == length && strncmp(canonical, words[i], length) == 0)
            return TRUE;
    }
    return g_utf8_strlen(canonical, -1) < 3 || pf_name_says_nothing(canonical);
}

/* Returns: (transfer full): of the folders from @path upwards and below @root the nearest that may be a show's; NULL
 * when there is none. Where no root is known, only the first is looked at: the others are anything. */
static PfName *
find_folder(const char *path, const char *root)
{
    g_autofree char *folder = g_path_get_dirname(path);

    while (g_strcmp0(folder, root) != 0 && strlen(folder) > 1) {
        g_autofree char *base = g_path_get_basename(folder);
        PfName *name = pf_name_new(base);
        if (!is_anyones_folder(name->canonical))
            return name;
        pf_name_free(name);
        if (!root)
            return NULL;
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
    return NULL;
}

/* A title's "/" that was left in a name has made a folder of what stands before it. Where no root is known the folders
 * further up are anything. */
static void
add_folded(PfMatch *match, const char *name)
{
    g_autofree char *both = g_strdup(name);
    g_autofree char *folder = g_path_get_dirname(match->clues.path);

    match->first_folded = match->names->len;
    match->folders[0] = find_folder(match->clues.path, match->clues.root);
    for (guint i = 1; i <= (match->clues.root ? MOST_FOLDED : 1); i++) {
        if (g_strcmp0(folder, match->clues.root) == 0 || strlen(folder) <= 1)
            return;
        g_autofree char *base = g_path_get_basename(folder);
        char *longer = g_strconcat(base, "/", both, NULL);
        g_free(both);
        both = longer;
        g_ptr_array_add(match->names, pf_file_name_new(both));
        match->folders[i] = find_folder(folder, match->clues.root);
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
}

/* "wget --force-directories" makes folders of an address: below the root stand its host and its path. Returns:
 * (transfer full): an address that holds that one, as those do that count downloads; NULL for none. */
static char *
dup_mirrored(const char *path, const char *root)
{
    gsize length = root ? strlen(root) : 0;

    if (length == 0 || !g_str_has_prefix(path, root) || path[length] != '/' || !g_utf8_validate(path, -1, NULL))
        return NULL;
    g_autofree char *address = g_strconcat("http://mirror", path + length, NULL);
    g_auto(GStrv) places = pf_url_list_places(address);
    return *places && places[1] ? g_steal_pointer(&address) : NULL;
}

PfMatch *
pf_match_new(const PfFileClues *clues)
{
    PfMatch *match = g_new0(PfMatch, 1);
    g_autofree char *name = g_path_get_basename(clues->path);
    g_autofree char *origin = clues->origin ? pf_url_basename(clues->origin, TRUE) : NULL;

    match->clues = *clues;
    if (!clues->origin)
        match->clues.origin = match->mirrored = dup_mirrored(clues->path, clues->root);
    match->names = g_ptr_array_new_with_free_func((GDestroyNotify)pf_file_name_free);
    g_ptr_array_add(match->names, pf_file_name_new(name));
    if (clues->former)
        g_ptr_array_add(match->names, pf_file_name_new(clues->former));
    add_folded(match, name);
    match->origin = origin ? pf_file_name_new(origin) : NULL;
    match->title = clues->title ? pf_name_new(clues->title) : NULL;
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
    g_free(match->mirrored);
    pf_name_free(match->title);
    for (guint i = 0; i <= MOST_FOLDED; i++)
        pf_name_free(match->folders[i]);
    g_array_unref(match->folder_feeds);
    g_free(match);
}

void
pf_match_set_folder_feeds(PfMatch *match, const GArray *feeds)
{
    g_array_set_size(match->folder_feeds, 0);
    g_array_append_vals(match->folder_feeds, feeds->data, feeds->len);
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
add_address(GArray *keys, const char *address)
{
    if (!address)
        return;
    pf_feed_key_add(keys, pf_feed_key_of_identifier(address));
    pf_feed_key_add_places(keys, address);
}

static void
add_name(GArray *names, GArray *parts, const PfFileName *name)
{
    for (guint i = 0; i < name->forms->len; i++) {
        const PfNameForm *form = name->forms->pdata[i];
        pf_feed_key_add_name(form->whole ? names : parts, form->name->canonical);
        if (form->id)
            pf_feed_key_add(parts, pf_feed_key_of_identifier(form->id));
    }
    /* A GUID can be all of a name. */
    pf_feed_key_add(names, pf_feed_key_of_identifier(((const PfNameForm *)name->forms->pdata[0])->name->text));
}

void
pf_match_list_keys(const PfMatch *match, GArray **identifiers, GArray **names, GArray **parts)
{
    *identifiers = g_array_new(FALSE, FALSE, sizeof(gint64));
    *names = g_array_new(FALSE, FALSE, sizeof(gint64));
    *parts = g_array_new(FALSE, FALSE, sizeof(gint64));
    if (match->clues.guid)
        pf_feed_key_add(*identifiers, pf_feed_key_of_identifier(match->clues.guid));
    add_address(*identifiers, match->clues.enclosure);
    add_address(*identifiers, match->clues.origin);
    for (guint i = 0; i < match->names->len; i++)
        add_name(*names, *parts, match->names->pdata[i]);
    if (match->origin)
        add_name(*names, *parts, match->origin);
    if (match->title)
        pf_feed_key_add_name(*names, match->title->canonical);
}

static gint64
get_start(gint64 day)
{
    return (day - JULIAN_EPOCH) * DAY_SECONDS;
}

void
pf_match_list_days(const PfMatch *match, gint64 *from, gint64 *to)
{
    *from = *to = 0;
    for (guint i = 0; i < match->names->len; i++) {
        const GPtrArray *forms = ((const PfFileName *)match->names->pdata[i])->forms;
        for (guint j = 0; j < forms->len && *to == 0; j++) {
            gint64 day = ((const PfNameForm *)forms->pdata[j])->day;
            if (day) {
                *from = get_start(day) - ZONE_SECONDS;
                *to = get_start(day) + DAY_SECONDS + ZONE_SECONDS;
            }
        }
    }
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
        g_free(pf_name_stem(basename, &its_extension));
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

/* --- an item's names --- */

/** A basename of an enclosure, without its extension. */
typedef struct {
    PfName *name;
    const PfEnclosure *enclosure;
} Stem;

typedef struct {
    const PfKnownItem *known;
    GPtrArray *titles; /* of PfName *; empty for none */
    GArray *stems;     /* of Stem */
    PfName *show;      /* the feed's title; NULL for none */
} ItemNames;

static void
clear_stem(gpointer data)
{
    pf_name_free(((Stem *)data)->name);
}

static void
add_stem(ItemNames *names, const char *basename, const PfEnclosure *enclosure)
{
    g_autofree char *stem = pf_name_stem(basename, NULL);
    const Stem entry = {pf_name_new(stem), enclosure};

    g_array_append_val(names->stems, entry);
}

static void
read_names(const PfKnownItem *known, ItemNames *names)
{
    const PfItem *item = known->item;

    names->known = known;
    names->titles = item->title ? pf_name_list_of_title(item->title) : g_ptr_array_new();
    names->stems = g_array_new(FALSE, FALSE, sizeof(Stem));
    g_array_set_clear_func(names->stems, clear_stem);
    for (guint i = 0; i < item->enclosures->len; i++) {
        const PfEnclosure *enclosure = item->enclosures->pdata[i];
        g_autofree char *decoded = pf_url_basename(enclosure->url, TRUE);
        g_autofree char *raw = pf_url_basename(enclosure->url, FALSE);
        if (decoded)
            add_stem(names, decoded, enclosure);
        if (raw && g_strcmp0(raw, decoded) != 0)
            add_stem(names, raw, enclosure);
    }
    names->show = known->feed && known->feed->title ? pf_name_new(known->feed->title) : NULL;
}

static void
clear_names(ItemNames *names)
{
    g_ptr_array_unref(names->titles);
    g_array_unref(names->stems);
    pf_name_free(names->show);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ItemNames, clear_names)

/* --- what was taken off a name --- */

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
    gint64 start = get_start(day);

    return item->has_published && item->published >= start - ZONE_SECONDS &&
           item->published < start + DAY_SECONDS + ZONE_SECONDS;
}

static gboolean
is_same_name(const PfName *file, const PfName *name)
{
    PfNames names = pf_names_compare(file, name);

    return names == PF_NAMES_AGREE || names == PF_NAMES_EQUAL;
}

static gboolean
is_id_of(const char *id, const ItemNames *names)
{
    g_autoptr(PfName) name = pf_name_new(id);
    g_autoptr(PfName) guid = pf_name_new(names->known->item->guid ? names->known->item->guid : "");

    if (is_same_name(name, guid))
        return TRUE;
    for (guint i = 0; i < names->stems->len; i++) {
        if (is_same_name(name, g_array_index(names->stems, Stem, i).name))
            return TRUE;
    }
    return FALSE;
}

/* What a podcatcher leaves of a query is its end: the first signs may go with the extension before them. */
static gboolean
is_query_of(const char *query, const PfEnclosure *enclosure)
{
    g_autofree char *its = enclosure ? pf_url_dup_part(enclosure->url, PF_URL_QUERY) : NULL;
    g_autofree char *decoded = its ? g_uri_unescape_string(its, NULL) : NULL;
    g_autofree char *canonical = pf_name_dup_canonical(decoded ? decoded : its ? its : "");
    g_autofree char *end = pf_name_dup_canonical(query);

    return *end && g_str_has_suffix(canonical, end);
}

/* --- how much a name tells --- */

/* What a name says of whose file it is, by itself. */
typedef enum {
    TELLS_NOTHING, /* "media", "default", a bare number */
    TELLS_LITTLE,  /* "Intro", "episode1": others have files of that name */
    TELLS_ENOUGH,  /* four words: hardly another's, unless something speaks against it */
    TELLS_ALL,     /* the show, or a GUID; or three words with the day or a number: another's by a copyist alone */
} Telling;

typedef struct {
    guint words;   /* with letters, but for those that only count: "episode", "part" */
    guint numbers; /* runs of digits */
    guint letters;
} Content;

static gboolean
is_counting_word(const char *start, gsize length)
{
    static const char *const words[] = {"chapter", "e", "ep",     "episode", "folge", "nr",    "number",
                                        "part",    "s", "season", "staffel", "teil",  "track", "vol"};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strlen(words[i]) == length && strncmp(start, words[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* In scripts without blanks between words, two characters count as one. */
static Content
count_content(const PfName *name)
{
    Content content = {0};
    guint wide = 0;

    for (const char *at = name->folded; *at;) {
        const char *start = at;
        while (*at && g_unichar_isalpha(g_utf8_get_char(at))) {
            wide += g_unichar_iswide(g_utf8_get_char(at)) ? 1 : 0;
            content.letters++;
            at = g_utf8_next_char(at);
        }
        if (at > start && !is_counting_word(start, (gsize)(at - start)))
            content.words++;
        start = at;
        while (g_unichar_isdigit(g_utf8_get_char(at)))
            at = g_utf8_next_char(at);
        if (at > start)
            content.numbers++;
        else if (*at && !g_unichar_isalpha(g_utf8_get_char(at)))
            at = g_utf8_next_char(at);
    }
    content.words += wide / 2;
    return content;
}

/* A checksum, or a time with more: nobody else's file is named so. */
static gboolean
is_unique(const char *canonical)
{
    guint digits = 0, length = 0;

    for (; *canonical; canonical++, length++)
        digits += g_ascii_isdigit(*canonical) ? 1 : 0;
    return length >= 16 && digits >= 6 && digits < length;
}

/* Whether a name begins with a word, and goes on with something else. */
static gboolean
begins_with(const PfName *name, const char *word)
{
    gsize length = strlen(word);

    if (!g_str_has_prefix(name->canonical, word) || !name->canonical[length] || !g_str_has_prefix(name->folded, word))
        return FALSE;
    return !g_unichar_isalpha(g_utf8_get_char(name->folded + length));
}

/* Whether a name begins with the first letters of the show's words and a number, and has a word of its own: "KB003-x".
 */
static gboolean
has_initials(const PfName *name, const PfName *show)
{
    g_autoptr(GString) initials = g_string_new(NULL);
    gboolean within = FALSE;

    for (const char *at = show->folded; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (!within && g_unichar_isalpha(character))
            g_string_append_unichar(initials, character);
        within = g_unichar_isalnum(character);
        if (initials->len >= 2 && g_str_has_prefix(name->folded, initials->str) &&
            g_ascii_isdigit(name->folded[initials->len]))
            return count_content(name).letters >= initials->len + 4;
    }
    return FALSE;
}

/* Whether an address of the feed has a word that a name begins with: its host's, or its path's. */
static gboolean
has_slug(const PfName *name, const char *address)
{
    static const char *const common[] = {"api", "archive", "atom",     "cdn",  "com", "example", "feed", "feeds",
                                         "net", "org",     "podcasts", "pods", "rss", "www",     "xml"};
    g_auto(GStrv) words = g_strsplit_set(address, "/.:?&=-_", 32);

    for (char **word = words; *word; word++) {
        g_autofree char *canonical = pf_name_dup_canonical(*word);
        gboolean usable = strlen(canonical) >= 3 && !pf_name_says_nothing(canonical);
        for (gsize i = 0; i < G_N_ELEMENTS(common); i++)
            usable = usable && !g_str_equal(canonical, common[i]);
        if (usable && begins_with(name, canonical))
            return TRUE;
    }
    return FALSE;
}

/* Whether a name has the show's title in it, or what its address calls it, and more than that. */
static gboolean
has_show(const PfName *name, const ItemNames *names)
{
    const PfKnownFeed *feed = names->known->feed;

    if (names->show && strlen(names->show->canonical) >= 4 && !pf_name_says_nothing(names->show->canonical) &&
        strlen(name->canonical) > strlen(names->show->canonical) && strstr(name->canonical, names->show->canonical))
        return TRUE;
    return (names->show && has_initials(name, names->show)) || (feed && feed->address && has_slug(name, feed->address));
}

static Telling
tell(const PfNameForm *form, const ItemNames *names)
{
    const PfName *name = form->name;

    if (pf_name_says_nothing(name->canonical))
        return TELLS_NOTHING;
    Content content = count_content(name);
    gboolean dated = form->day && is_day_of(form->day, names->known->item);
    if (has_show(name, names) || (dated && content.words + content.numbers >= 3) ||
        (content.numbers > 0 && content.words >= 3))
        return TELLS_ALL;
    return content.words >= 4 || (content.words >= 3 && content.letters >= 20) || is_unique(name->canonical)
               ? TELLS_ENOUGH
               : TELLS_LITTLE;
}

/* --- how a name fits --- */

/* How closely a name fits an item's; what is larger is closer. */
typedef enum {
    FITS_NOT,
    FITS_ANY,     /* it is the item's, and could be anyone's: "media.mp3"; or none does, but the size or day fits */
    FITS_FAINTLY, /* after something was taken off that can be anybody's; or but for signs that differ */
    FITS_PARTLY,  /* after something was taken off it, or with another kind of file */
    FITS_CLOSELY, /* but for what podcatchers leave out or replace */
    FITS_EXACTLY, /* to the letter */
} Fit;

/* How an item is claimed to be the file's. */
typedef struct {
    PfKnownItem *item;
    Fit fit;
    Telling tells;
    gboolean loose;    /* signs differ */
    gboolean unproved; /* what was taken off can be anybody's */
    guint folded;      /* so many folders above are the beginning of the title */
    guint witnesses;
    gboolean piece; /* the file can only be a piece of it */
} Claim;

static Fit
fit_of(const PfNameForm *form, PfNames names)
{
    static const Fit fits[] = {[PF_NAMES_DIFFER] = FITS_NOT,
                               [PF_NAMES_CUT] = FITS_PARTLY,
                               [PF_NAMES_LOOSE] = FITS_FAINTLY,
                               [PF_NAMES_AGREE] = FITS_CLOSELY,
                               [PF_NAMES_EQUAL] = FITS_EXACTLY};

    return MIN(fits[names], form->unproved ? FITS_FAINTLY : form->whole ? FITS_EXACTLY : FITS_PARTLY);
}

/* Whether the name is the URL's end, query and all. */
static gboolean
is_end_of(const char *name, const char *url)
{
    g_autofree char *decoded = g_uri_unescape_string(url, NULL);
    g_autofree char *end = g_strconcat("/", name, NULL);

    return g_str_has_suffix(url, end) || (decoded && g_str_has_suffix(decoded, end));
}

/*
 * Reads how a form of a file's name fits one of an item's names.
 *
 * @placed: whether the item's feed is where the file is
 * @stem: the item's basename that @name is of; NULL when it is the title
 */
static Claim
read_form(const PfNameForm *form, const ItemNames *names, const PfName *name, const Stem *stem, gboolean placed)
{
    const PfItem *item = names->known->item;
    Claim claim = {.fit = fit_of(form, pf_names_compare(form->name, name)),
                   .unproved = form->unproved,
                   .witnesses = stem ? PF_WITNESS_NAME : PF_WITNESS_TITLE};

    if (claim.fit == FITS_NOT)
        return claim;
    claim.loose = pf_names_compare(form->name, name) == PF_NAMES_LOOSE;
    claim.tells = tell(form, names);
    /* No podcatcher puts a checksum to a basename, or a query to a title; and a day with a basename may be that of the
     * file on the server. */
    if ((stem ? form->digest != NULL
              : form->query || (form->day && item->has_published && !is_day_of(form->day, item))) ||
        (form->digest && !is_digest_of(form->digest, item)) ||
        (form->query && !is_query_of(form->query, stem->enclosure)))
        return (Claim){.fit = FITS_NOT};
    if (form->show) {
        g_autoptr(PfName) show = pf_name_new(form->show);
        gboolean shown = names->show && is_same_name(show, names->show);
        if (!shown && !placed)
            return (Claim){.fit = FITS_NOT};
        claim.unproved |= !shown;
        claim.witnesses |= shown && !pf_name_says_nothing(names->show->canonical) ? PF_WITNESS_SHOW : 0;
    }
    if (form->digest || (form->id && is_id_of(form->id, names))) {
        claim.witnesses |= PF_WITNESS_ID;
        claim.fit = FITS_EXACTLY;
        claim.tells = form->digest || strlen(form->id) >= 8 ? TELLS_ALL : claim.tells;
    } else if (form->id) {
        claim.unproved = TRUE;
    }
    if (claim.unproved)
        claim.fit = MIN(claim.fit, FITS_FAINTLY);
    if (claim.tells == TELLS_NOTHING)
        claim.fit = g_unichar_isalpha(g_utf8_get_char(form->name->canonical)) ? FITS_ANY : FITS_NOT;
    return claim;
}

static void
keep_better(Claim *claim, const Claim *other)
{
    /* What does not fit is a witness for nothing. */
    if (other->fit == FITS_NOT)
        return;
    if (other->fit > claim->fit || (other->fit == claim->fit && other->tells > claim->tells)) {
        PfKnownItem *item = claim->item;
        *claim = *other;
        claim->item = item;
    } else if (other->fit == claim->fit) {
        claim->witnesses |= other->witnesses;
    }
}

/* Reads how a file's name fits an item's, the best way. */
static void
read_name(const PfFileName *file, const ItemNames *names, gboolean placed, Claim *claim)
{
    const PfItem *item = names->known->item;

    for (guint i = 0; i < file->forms->len; i++) {
        const PfNameForm *form = file->forms->pdata[i];
        for (guint j = 0; j < names->titles->len; j++) {
            Claim other = read_form(form, names, names->titles->pdata[j], NULL, placed);
            if (other.fit > FITS_PARTLY && (j > 0 || !can_come_from_item(file->extension, item)))
                other.fit = can_come_from_item(file->extension, item) ? FITS_CLOSELY : FITS_PARTLY;
            keep_better(claim, &other);
        }
        for (guint j = 0; j < names->stems->len; j++) {
            const Stem *stem = &g_array_index(names->stems, Stem, j);
            Claim other = read_form(form, names, stem->name, stem, placed);
            if (other.fit != FITS_NOT && strchr(file->name, '?') && is_end_of(file->name, stem->enclosure->url)) {
                other.fit = FITS_EXACTLY;
                other.tells = MAX(other.tells, TELLS_LITTLE);
            } else if (other.fit > FITS_PARTLY && !can_come_from(file->extension, stem->enclosure)) {
                other.fit = FITS_PARTLY;
            }
            keep_better(claim, &other);
        }
    }
    const PfNameForm *whole = file->forms->pdata[0];
    if (pf_episode_guid_is_global(item->guid)) {
        g_autoptr(PfName) guid = pf_name_new(item->guid);
        Claim other = {.fit = is_same_name(whole->name, guid) ? FITS_EXACTLY : FITS_NOT,
                       .tells = TELLS_ALL,
                       .witnesses = PF_WITNESS_ID};
        keep_better(claim, &other);
    }
}

/* --- the place --- */

static gboolean
is_of_feed(const char *feed, const PfKnownItem *item)
{
    return feed && item->feed &&
           (pf_episode_same_feed(feed, item->feed->url) || pf_episode_same_feed(feed, item->feed->address));
}

static gboolean
is_in_named_feed(const PfMatch *match, const PfKnownItem *item)
{
    return is_of_feed(match->clues.feed, item);
}

/* Whether a folder has the main part of the show's title: what stands before a subtitle. */
static gboolean
has_main_title(const PfName *folder, const char *title)
{
    static const char *const signs[] = {":", " - ", " – ", " — ", " | ", " ("};

    for (gsize i = 0; title && i < G_N_ELEMENTS(signs); i++) {
        const char *sign = strstr(title, signs[i]);
        g_autofree char *main = sign ? g_strndup(title, (gsize)(sign - title)) : NULL;
        g_autofree char *canonical = main ? pf_name_dup_canonical(main) : NULL;
        if (canonical && strlen(canonical) >= 4 && g_str_equal(canonical, folder->canonical))
            return TRUE;
    }
    return FALSE;
}

/* Whether the folder is named after the item's feed. */
static gboolean
has_named_folder(const PfMatch *match, const PfKnownItem *item)
{
    for (guint i = 0; i < match->folder_feeds->len; i++) {
        if (item->feed && item->feed->id == g_array_index(match->folder_feeds, gint64, i))
            return TRUE;
    }
    return FALSE;
}

/* Likewise, and not after what any folder can be called: a feed that calls itself "Music" has no claim to that one. */
static gboolean
is_in_folder_feed(const PfMatch *match, const PfKnownItem *item)
{
    if (!has_named_folder(match, item))
        return FALSE;
    g_autofree char *show = pf_name_dup_canonical(item->feed->title ? item->feed->title : "");
    return !is_anyones_folder(show);
}

static guint
count_neighbours(const PfMatch *match)
{
    return match->clues.neighbours ? g_strv_length((char **)match->clues.neighbours) : 0;
}

/* Whether the folder's other files are all of the item's feed. */
static gboolean
is_among_its_own(const PfMatch *match, const PfKnownItem *item)
{
    return match->folders[0] && count_neighbours(match) == 1 && is_of_feed(match->clues.neighbours[0], item);
}

static gboolean
is_placed(const PfMatch *match, const PfKnownItem *item)
{
    return is_in_named_feed(match, item) || is_in_folder_feed(match, item) || is_among_its_own(match, item);
}

/* Whether a folder's name is an address's host. */
static gboolean
is_host_of(const PfName *folder, const char *address)
{
    g_autofree char *host = address ? pf_url_dup_host(address) : NULL;

    return host && *host && g_str_equal(folder->folded, host);
}

/* Whether the folder seems to be another show's: it has a name, which is not the item's show's, nor that but
 * for a subtitle, nor where it comes from; and no files of several shows. */
static gboolean
is_strange(const PfMatch *match, const Claim *claim)
{
    const PfKnownItem *known = claim->item;
    const PfName *folder = match->folders[claim->folded];

    if (!folder || count_neighbours(match) > 1)
        return FALSE;
    if (has_main_title(folder, known->feed ? known->feed->title : NULL) ||
        is_host_of(folder, known->feed ? known->feed->address : NULL))
        return FALSE;
    for (guint i = 0; i < known->item->enclosures->len; i++) {
        if (is_host_of(folder, ((const PfEnclosure *)known->item->enclosures->pdata[i])->url))
            return FALSE;
    }
    return TRUE;
}

/* --- the size --- */

/* What a tagger adds at the most: a picture. */
#define MOST_TAGS ((gint64)4 * 1024 * 1024)

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

/* A feed's length can be relied on where it is given, and no service stands before the file that puts advertisements
 * into it. Taggers make files larger, never smaller; and a length of a few bytes is none. */
static gboolean
is_size_of_another(gint64 size, const PfEnclosure *enclosure)
{
    g_auto(GStrv) places = pf_url_list_places(enclosure->url);

    if (size < 0 || enclosure->length <= 0 || (*places && places[1]))
        return FALSE;
    return size < enclosure->length || (enclosure->length >= MOST_TAGS / 4 && size > enclosure->length + MOST_TAGS);
}

/* A download that was cut off, or goes on: less than half of what the feed says. */
static gboolean
is_size_of_piece(gint64 size, const PfEnclosure *enclosure)
{
    return enclosure->length >= MOST_TAGS / 4 && size < enclosure->length / 2 && is_size_of_another(size, enclosure);
}

/* Whether that holds for all enclosures that the file may come from. */
static gboolean
have_all(const PfMatch *match, const PfItem *item, gboolean (*test)(gint64 size, const PfEnclosure *enclosure))
{
    const PfFileName *file = match->names->pdata[0];
    gboolean any = FALSE;

    for (guint i = 0; i < item->enclosures->len; i++) {
        const PfEnclosure *enclosure = item->enclosures->pdata[i];
        if (!can_come_from(file->extension, enclosure))
            continue;
        if (!test(match->clues.size, enclosure))
            return FALSE;
        any = TRUE;
    }
    return any;
}

/* --- claims --- */

/* Whether there is a day in a name, and it is the item's in some time zone. */
static gboolean
has_day(const PfMatch *match, const PfKnownItem *item)
{
    for (guint i = 0; i < match->names->len; i++) {
        const GPtrArray *forms = ((const PfFileName *)match->names->pdata[i])->forms;
        for (guint j = 0; j < forms->len; j++) {
            const PfNameForm *form = forms->pdata[j];
            if (form->day && is_day_of(form->day, item->item))
                return TRUE;
        }
    }
    return FALSE;
}

/* Whether all that a name says is a day. */
static gboolean
is_bare_day(const PfFileName *file)
{
    for (guint i = 0; i < file->forms->len; i++) {
        const PfNameForm *form = file->forms->pdata[i];
        if (form->day && pf_name_says_nothing(form->name->canonical))
            return TRUE;
    }
    return FALSE;
}

/* A name without its numbers. Returns: (transfer full): NULL when no letter is left. */
static char *
dup_scheme(const char *canonical)
{
    GString *scheme = g_string_new(NULL);
    gboolean has_letter = FALSE;

    for (const char *at = canonical; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_isdigit(character))
            continue;
        has_letter = has_letter || g_unichar_isalpha(character);
        g_string_append_unichar(scheme, character);
    }
    return g_string_free(scheme, !has_letter);
}

static gboolean
is_numbered_otherwise(const PfName *file, const PfName *name)
{
    g_autofree char *one = dup_scheme(file->canonical);
    g_autofree char *other = dup_scheme(name->canonical);

    return one && other && g_str_equal(one, other) && !g_str_equal(file->canonical, name->canonical);
}

/* Whether a file is named as the item's would be, but for the number: it is another episode of that show. */
static gboolean
is_of_sibling(const PfFileName *file, const ItemNames *names)
{
    const PfName *whole = ((const PfNameForm *)file->forms->pdata[0])->name;

    for (guint i = 0; i < names->stems->len; i++) {
        if (is_numbered_otherwise(whole, g_array_index(names->stems, Stem, i).name))
            return TRUE;
    }
    for (guint i = 0; i < names->titles->len; i++) {
        if (is_numbered_otherwise(whole, names->titles->pdata[i]))
            return TRUE;
    }
    return FALSE;
}

static void
read_hook_title(const PfMatch *match, const ItemNames *names, Claim *claim)
{
    const PfNameForm form = {.name = match->title, .whole = TRUE};

    for (guint i = 0; match->title && i < names->titles->len; i++) {
        Claim other = read_form(&form, names, names->titles->pdata[i], NULL, FALSE);
        if (other.fit >= FITS_CLOSELY)
            other.fit = FITS_EXACTLY;
        keep_better(claim, &other);
    }
}

static Claim
read_claim(const PfMatch *match, PfKnownItem *item)
{
    Claim claim = {.item = item}, by_origin = {.item = item};
    gboolean placed = is_placed(match, item);
    g_auto(ItemNames) names = {0};

    read_names(item, &names);
    read_hook_title(match, &names, &claim);
    for (guint i = 0; i < match->names->len; i++) {
        const PfFileName *name = match->names->pdata[i];
        Claim other = {.fit = FITS_NOT};
        read_name(name, &names, placed, &other);
        other.folded = i < match->first_folded ? 0 : i - match->first_folded + 1;
        keep_better(&claim, &other);
    }
    if (match->origin)
        read_name(match->origin, &names, placed, &by_origin);
    if (by_origin.fit > FITS_ANY) {
        guint witnesses = claim.witnesses;
        keep_better(&claim, &by_origin);
        claim.witnesses = witnesses | PF_WITNESS_ORIGIN;
    }
    claim.witnesses |= is_in_named_feed(match, item) ? PF_WITNESS_FEED : 0;
    claim.witnesses |= is_in_folder_feed(match, item) ? PF_WITNESS_FOLDER : 0;
    claim.witnesses |= is_among_its_own(match, item) ? PF_WITNESS_NEIGHBOURS : 0;
    claim.witnesses |= has_day(match, item) ? PF_WITNESS_DATE : 0;
    claim.witnesses |= has_size(match, item)                             ? PF_WITNESS_SIZE
                       : have_all(match, item->item, is_size_of_another) ? PF_WITNESS_OTHER_SIZE
                                                                         : 0;
    claim.piece = have_all(match, item->item, is_size_of_piece);
    /* In the show's own folder the size, or the day alone, is all that some podcatchers leave. */
    if (claim.fit == FITS_NOT && placed &&
        ((claim.witnesses & PF_WITNESS_SIZE && !is_of_sibling(match->names->pdata[0], &names)) ||
         (claim.witnesses & PF_WITNESS_DATE && is_bare_day(match->names->pdata[0]))))
        claim.fit = FITS_ANY;
    return claim;
}

/*
 * Whether what was found by a name is beyond doubt.
 *
 * In the show's own place any name counts that the item has; one that anybody's file can have, or whose signs differ,
 * together with the day or the size. Elsewhere a name of few words needs the day or the size beside it; one
 * of many words is enough, unless the size or the folder is another's. Against the folder of a show that nobody knows
 * stands the exact size, or a name with the show, a GUID, or three words with the day or a number; against that of
 * another show that is known, nothing does. A piece of the file is none yet, unless the podcatcher says that it has it.
 */
static gboolean
is_sure(const PfMatch *match, const Claim *claim)
{
    guint witnesses = claim->witnesses;
    gboolean measured = (witnesses & (PF_WITNESS_DATE | PF_WITNESS_SIZE)) != 0;

    if (witnesses & PF_WITNESS_OTHER_FOLDER || (claim->piece && !(witnesses & PF_WITNESS_FEED)))
        return FALSE;
    /* A folder's other files are no promise for this one. */
    if (witnesses & PF_WITNESS_NEIGHBOURS && !(witnesses & PF_WITNESS_OTHER_SIZE))
        witnesses |= PF_WITNESS_FOLDER;
    if (witnesses & (PF_WITNESS_FEED | PF_WITNESS_FOLDER | PF_WITNESS_SHOW))
        return claim->tells == TELLS_NOTHING || claim->loose || claim->fit == FITS_ANY ? measured : TRUE;
    if (claim->unproved || claim->tells == TELLS_NOTHING || witnesses & PF_WITNESS_OTHER_SIZE ||
        (claim->loose && !measured))
        return FALSE;
    if (is_strange(match, claim))
        return claim->tells == TELLS_ALL || (witnesses & PF_WITNESS_SIZE);
    return claim->tells >= TELLS_ENOUGH || measured;
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

/* Keeps those of a test, if there are any. */
static void
prefer(const PfMatch *match, GPtrArray *items, Test test)
{
    g_autoptr(GPtrArray) better = select_items(match, items, test);

    if (better->len > 0)
        pf_item_set_keep_only(items, better);
}

/* Whether two items that are in different feeds would pay the same: to know that, both must say whom. */
static gboolean
have_same_payee(const PfKnownItem *one, const PfKnownItem *other)
{
    if (!one->feed || !other->feed || one->feed->id == other->feed->id)
        return TRUE;
    return (one->payments || one->feed->payments) && g_strcmp0(one->payments, other->payments) == 0 &&
           g_strcmp0(one->feed->payments, other->feed->payments) == 0;
}

static gboolean
have_one_payee(const GPtrArray *items)
{
    for (guint i = 1; i < items->len; i++) {
        if (!have_same_payee(items->pdata[0], items->pdata[i]))
            return FALSE;
    }
    return TRUE;
}

/* What is equal otherwise is told apart by the day in the name, then by the size if just one item has it. */
static void
narrow(const PfMatch *match, GPtrArray *items)
{
    pf_candidates_unite(items);
    if (!have_one_payee(items))
        return;
    prefer(match, items, has_day);
    pf_candidates_unite(items);
    g_autoptr(GPtrArray) of_size = select_items(match, items, has_size);
    if (items->len > 1 && of_size->len == 1)
        pf_item_set_keep_only(items, of_size);
}

/* --- the choice by words --- */

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
has_address(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.enclosure && pf_same_has_place(item->item, match->clues.enclosure);
}

static gboolean
has_origin(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.origin && pf_same_has_enclosure(item->item, match->clues.origin);
}

static gboolean
has_origin_address(const PfMatch *match, const PfKnownItem *item)
{
    return match->clues.origin && pf_same_has_place(item->item, match->clues.origin);
}

/* Those of a test, in the place that is known, if some are. */
static GPtrArray *
select_in_place(const PfMatch *match, const GPtrArray *items, Test test)
{
    GPtrArray *selected = select_items(match, items, test);

    prefer(match, selected, is_in_named_feed);
    if (!have_one_payee(selected))
        prefer(match, selected, is_placed);
    return selected;
}

/* Unites what two kinds of evidence name: what both name, else all of both, which is then not narrowed any more. */
static void
reconcile(const PfMatch *match, GPtrArray *items, const GPtrArray *other)
{
    g_autoptr(GPtrArray) both = pf_item_set_intersect(items, other);
    g_autoptr(GPtrArray) either = pf_item_set_join(items, other);
    gboolean contradict = items->len > 0 && other->len > 0 && both->len == 0;

    pf_item_set_keep_only(items, both->len > 0 ? both : either);
    if (contradict)
        pf_candidates_unite(items);
    else
        narrow(match, items);
}

/* Whether what has the enclosure had the GUID, too, and lost it, since a document that gives one GUID to several items
 * has no identity in it (see check_guid() in items.c): a podcatcher names both of one item. */
static gboolean
have_lost_guid(const GPtrArray *of_guid, const GPtrArray *of_enclosure)
{
    for (guint i = 0; i < of_enclosure->len; i++) {
        const PfKnownItem *item = of_enclosure->pdata[i];
        if (item->item->guid)
            return FALSE;
        for (guint j = 0; j < of_guid->len; j++)
            if (!g_str_equal(((const PfKnownItem *)of_guid->pdata[j])->feed->url, item->feed->url))
                return FALSE;
    }
    return TRUE;
}

/* Returns: (transfer container): what the podcatcher's words, or the origin, name. @witnesses: (out): which did */
static GPtrArray *
choose_by_words(const PfMatch *match, const GPtrArray *candidates, guint *witnesses)
{
    static const struct {
        Test test;
        guint witness;
    } addresses[] = {{has_enclosure, PF_WITNESS_ENCLOSURE},
                     {has_address, PF_WITNESS_ADDRESS},
                     {has_origin, PF_WITNESS_ORIGIN},
                     {has_origin_address, PF_WITNESS_ORIGIN | PF_WITNESS_ADDRESS}};
    g_autoptr(GPtrArray) fitting = select_items(match, candidates, has_no_other_guid);
    GPtrArray *items = select_in_place(match, candidates, has_guid);
    gboolean by_guid = items->len > 0;

    *witnesses = by_guid ? PF_WITNESS_GUID : 0;
    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autoptr(GPtrArray) named = select_in_place(match, by_guid ? candidates : fitting, addresses[i].test);
        gboolean are_lost = by_guid && have_lost_guid(items, named);
        /* What is near an address says nothing where the GUID is known. */
        if (named->len == 0 || (by_guid && i > 0 && !are_lost))
            continue;
        if (are_lost) {
            pf_item_set_keep_only(items, named);
            *witnesses = 0;
        }
        reconcile(match, items, named);
        *witnesses |= addresses[i].witness;
        return items;
    }
    narrow(match, items);
    return items;
}

/* --- the choice by names --- */

/* Of claims of one payee those that fit best. */
static GPtrArray *
select_best(const PfMatch *match, const GArray *claims, const PfKnownItem *payee)
{
    GPtrArray *best = g_ptr_array_new();
    Fit fit = FITS_ANY;

    for (guint i = 0; i < claims->len; i++) {
        const Claim *claim = &g_array_index(claims, Claim, i);
        if (!have_same_payee(payee, claim->item) || claim->fit < fit)
            continue;
        if (claim->fit > fit)
            g_ptr_array_set_size(best, 0);
        fit = claim->fit;
        g_ptr_array_add(best, claim->item);
    }
    narrow(match, best);
    return best;
}

static gboolean
is_payee_among(const GPtrArray *payees, const PfKnownItem *item)
{
    for (guint i = 0; i < payees->len; i++) {
        if (have_same_payee(payees->pdata[i], item))
            return TRUE;
    }
    return FALSE;
}

static const Claim *
find_claim(const GArray *claims, const PfKnownItem *item)
{
    for (guint i = 0; i < claims->len; i++) {
        if (g_array_index(claims, Claim, i).item == item)
            return &g_array_index(claims, Claim, i);
    }
    return NULL;
}

/* Whether items that were not looked at could be equal to what was found. A part of a name never says more than
 * partly; and what is chosen by the size or the day in its feed was looked for there by these. */
static gboolean
is_incomplete(const PfMatch *match, const Claim *claim)
{
    if (claim->fit == FITS_ANY && claim->witnesses & (PF_WITNESS_FOLDER | PF_WITNESS_NEIGHBOURS))
        return FALSE;
    return match->names_incomplete || (match->parts_incomplete && claim->fit <= FITS_PARTLY);
}

/* Returns: (transfer full): of Claim: those that may be meant by the file's name, in its place if any are in it. */
static GArray *
list_claims(const PfMatch *match, const GPtrArray *candidates)
{
    GArray *claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    gboolean placed = FALSE;
    guint kept = 0;

    for (guint i = 0; i < candidates->len; i++) {
        if (!has_no_other_guid(match, candidates->pdata[i]) ||
            (match->clues.feed && !is_in_named_feed(match, candidates->pdata[i])))
            continue;
        Claim claim = read_claim(match, candidates->pdata[i]);
        if (claim.fit == FITS_NOT)
            continue;
        placed |= is_placed(match, claim.item);
        g_array_append_val(claims, claim);
    }
    for (guint i = 0; i < claims->len; i++) {
        Claim claim = g_array_index(claims, Claim, i);
        if (placed && !is_placed(match, claim.item))
            continue;
        if (match->folder_feeds->len > 0 && !has_named_folder(match, claim.item))
            claim.witnesses |= PF_WITNESS_OTHER_FOLDER;
        g_array_index(claims, Claim, kept++) = claim;
    }
    g_array_set_size(claims, kept);
    return claims;
}

static void
choose_by_name(const PfMatch *match, const GPtrArray *candidates, PfChoice *choice)
{
    g_autoptr(GArray) claims = list_claims(match, candidates);
    g_autoptr(GPtrArray) payees = g_ptr_array_new();

    choice->items = g_ptr_array_new();
    for (guint i = 0; i < claims->len; i++) {
        PfKnownItem *payee = g_array_index(claims, Claim, i).item;
        if (is_payee_among(payees, payee))
            continue;
        g_ptr_array_add(payees, payee);
        g_autoptr(GPtrArray) best = select_best(match, claims, payee);
        g_autoptr(GPtrArray) all = pf_item_set_join(choice->items, best);
        pf_item_set_keep_only(choice->items, all);
    }
    pf_candidates_unite(choice->items);
    if (choice->items->len == 0)
        return;
    const Claim *claim = find_claim(claims, choice->items->pdata[0]);
    choice->witnesses = claim->witnesses;
    choice->sure = choice->items->len == 1 && is_sure(match, claim) && !is_incomplete(match, claim);
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

void
pf_match_choose(const PfMatch *match, const GPtrArray *candidates, PfChoice *choice)
{
    *choice = (PfChoice){0};
    choice->items = choose_by_words(match, candidates, &choice->witnesses);
    choice->sure = choice->items->len == 1 && !match->identifiers_incomplete;
    if (choice->items->len == 0) {
        pf_choice_clear(choice);
        choose_by_name(match, candidates, choice);
    }
    g_ptr_array_sort(choice->items, compare_items);
}

void
pf_choice_clear(PfChoice *choice)
{
    g_clear_pointer(&choice->items, g_ptr_array_unref);
    *choice = (PfChoice){0};
}

/* --- for people --- */

char *
pf_witness_dup_names(guint witnesses)
{
    static const char *const names[] = {"guid",        "enclosure", "address", "feed",         "origin",
                                        "title",       "name",      "id",      "show",         "folder",
                                        "other files", "date",      "size",    "other folder", "other size"};
    g_autoptr(GPtrArray) list = g_ptr_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (witnesses & 1U << i)
            g_ptr_array_add(list, (gpointer)names[i]);
    }
    if (list->len == 0)
        return NULL;
    g_ptr_array_add(list, NULL);
    return g_strjoinv(", ", (char **)list->pdata);
}
