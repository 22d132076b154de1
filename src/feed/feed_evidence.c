/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_evidence.h"

#include "base/web_address.h"
#include "feed/item_identity.h"
#include <string.h>

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
    g_autofree char *basename = pf_web_address_basename(enclosure->url, TRUE);
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

gboolean
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
        g_autofree char *basename = pf_web_address_basename(enclosure->url, decoded);
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

PfSpeaks
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

PfSpeaks
pf_evidence_of_title(const PfFileName *file, const PfKnownItem *item)
{
    PfSpeaks best = PF_SPEAKS_NOT;

    if (!item->item->title)
        return best;
    for (guint i = 0; i < file->forms->len; i++)
        best = MAX(best, speak_by_form(file, file->forms->pdata[i], item));
    return can_come_from_item(file->extension, item->item) ? best : MIN(best, PF_SPEAKS_WEAKLY);
}

gboolean
pf_evidence_same_title(const char *title, const PfKnownItem *item)
{
    PfNames names = item->item->title ? pf_feed_name_compare(title, item->item->title) : PF_NAMES_DIFFER;

    return (names == PF_NAMES_EQUAL || names == PF_NAMES_AGREE) && says_enough(title);
}
