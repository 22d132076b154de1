/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/file_name.h"

#include "base/html.h"
#include <string.h>

/* A file's name has 255 bytes at most; what is longer comes from elsewhere: no names differ only after that, and a
 * hostile title may have a million characters. */
#define MOST_BYTES 4096
#define MOST_FORMS 32
#define MOST_SPLITS 6
#define LONGEST_EXTENSION 5

/* --- texts --- */

static gboolean
is_ascii(const char *text)
{
    guchar all = 0;

    for (; *text; text++)
        all |= (guchar)*text;
    return all < 0x80;
}

/* What a letter without a decomposition, or a sign, is where only ASCII may stand; NULL for itself. */
static const char *
get_plain(gunichar character)
{
    static const struct {
        gunichar character;
        const char *plain;
    } letters[] = {
        {0xF8, "o"},   {0xE6, "ae"},   {0x153, "oe"},  {0xF0, "d"},    {0xFE, "th"},  {0x142, "l"},
        {0x111, "d"},  {0x131, "i"},   {0x29F8, "/"},  {0x29F9, "\\"}, {0x2018, "'"}, {0x2019, "'"},
        {0x201A, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0xAB, "\""},  {0xBB, "\""},
        {0x2010, "-"}, {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"}, {0x2215, "/"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (letters[i].character == character)
            return letters[i].plain;
    }
    return NULL;
}

/* The accents of Latin, Greek and Cyrillic letters. The signs of other scripts are no decoration, but vowels. */
static gboolean
is_accent(gunichar character)
{
    return character >= 0x300 && character <= 0x36F;
}

/* @text: valid UTF-8 */
static char *
fold(const char *text)
{
    if (is_ascii(text))
        return g_ascii_strdown(text, -1);
    g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    g_autofree char *small = g_utf8_casefold(apart, -1);
    /* Folding may have put letters with accents together. */
    g_autofree char *small_apart = g_utf8_normalize(small, -1, G_NORMALIZE_ALL);
    g_autoptr(GString) plain = g_string_sized_new(strlen(small_apart));

    for (const char *at = small_apart; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        const char *other = character < 0x80 ? NULL : get_plain(character);
        if (other)
            g_string_append(plain, other);
        else if (!is_accent(character))
            g_string_append_unichar(plain, character);
    }
    return g_utf8_normalize(plain->str, -1, G_NORMALIZE_ALL_COMPOSE);
}

/* @folded: as fold() made it */
static char *
keep_letters(const char *folded)
{
    char *canonical = g_malloc(strlen(folded) + 1), *end = canonical;

    for (const char *at = folded; *at; at = g_utf8_next_char(at)) {
        gsize length = (gsize)(g_utf8_next_char(at) - at);
        if (length == 1 ? g_ascii_isalnum(*at) : g_unichar_isalnum(g_utf8_get_char(at))) {
            memcpy(end, at, length);
            end += length;
        }
    }
    *end = '\0';
    return canonical;
}

PfName *
pf_name_new(const char *text)
{
    PfName *name = g_new(PfName, 1);
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, MOST_BYTES));

    name->text = is_ascii(valid) ? g_steal_pointer(&valid) : g_utf8_normalize(valid, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    name->folded = fold(name->text);
    name->canonical = keep_letters(name->folded);
    return name;
}

void
pf_name_free(PfName *name)
{
    if (!name)
        return;
    g_free(name->text);
    g_free(name->folded);
    g_free(name->canonical);
    g_free(name);
}

char *
pf_name_dup_canonical(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, MOST_BYTES));
    g_autofree char *folded = fold(valid);

    return keep_letters(folded);
}

/* --- comparing --- */

/* What stands before the next letter or digit. */
static gsize
skip_gap(const char **at)
{
    const char *start = *at;

    while (**at && !g_unichar_isalnum(g_utf8_get_char(*at)))
        *at = g_utf8_next_char(*at);
    return (gsize)(*at - start);
}

static gboolean
is_replacement(gunichar character)
{
    return character == '_' || character == ' ' || character == '-' || character == '.';
}

/* Whether everything in a gap on disk was there before, or replaces something. */
static gboolean
is_made_of(const char *file, gsize file_length, const char *name, gsize name_length)
{
    for (const char *at = file; at < file + file_length; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (!is_replacement(character) && !g_utf8_strchr(name, (gssize)name_length, character))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_digit_at(const char *at)
{
    return *at && g_unichar_isdigit(g_utf8_get_char(at));
}

/* Whether what stands between the letters on disk, at each place, was there, or replaces or lacks what was. Between
 * digits something must stay, else "1-11" would be "11-1"; and nothing comes from nothing but at an edge.
 * @file, @name: folded, of one canonical */
static gboolean
gaps_agree(const char *file, const char *name)
{
    for (gboolean first = TRUE, after_digit = FALSE;; first = FALSE) {
        const char *file_gap = file, *name_gap = name;
        gsize file_length = skip_gap(&file), name_length = skip_gap(&name);
        gboolean edge = first || !*file;
        gboolean digits = after_digit && is_digit_at(name);

        if (!edge && file_length > 0 && name_length == 0)
            return FALSE;
        if (!edge && file_length == 0 && name_length > 0 && digits)
            return FALSE;
        if (!is_made_of(file_gap, file_length, name_gap, name_length))
            return FALSE;
        if (!*file || !*name)
            return TRUE;
        after_digit = is_digit_at(file);
        file = g_utf8_next_char(file);
        name = g_utf8_next_char(name);
    }
}

PfNames
pf_names_compare(const PfName *file, const PfName *name)
{
    if (!*file->canonical || !g_str_has_prefix(name->canonical, file->canonical))
        return PF_NAMES_DIFFER;
    if (name->canonical[strlen(file->canonical)] != '\0')
        return g_utf8_strlen(file->canonical, -1) >= PF_NAME_LONG ? PF_NAMES_CUT : PF_NAMES_DIFFER;
    if (g_str_equal(file->text, name->text))
        return PF_NAMES_EQUAL;
    return gaps_agree(file->folded, name->folded) ? PF_NAMES_AGREE : PF_NAMES_LOOSE;
}

PfNames
pf_name_compare_texts(const char *file, const char *name)
{
    g_autoptr(PfName) one = pf_name_new(file);
    g_autoptr(PfName) other = pf_name_new(name);

    return pf_names_compare(one, other);
}

gboolean
pf_name_says_nothing(const char *canonical)
{
    static const char *const words[] = {
        "audio", "content", "default",  "download", "enclosure", "episode", "file",   "index",   "latest", "listen",
        "media", "mp3",     "original", "play",     "podcast",   "show",    "stream", "unknown", "track",  "video",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_equal(canonical, words[i]))
            return TRUE;
    }
    while (*canonical && g_unichar_isdigit(g_utf8_get_char(canonical)))
        canonical = g_utf8_next_char(canonical);
    return *canonical == '\0';
}

/* --- extensions --- */

static gboolean
is_extension(const char *text)
{
    gsize length = strlen(text);
    gboolean letter = FALSE;

    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]))
            return FALSE;
        letter = letter || g_ascii_isalpha(text[i]);
    }
    return letter && length <= LONGEST_EXTENSION;
}

char *
pf_name_stem(const char *name, char **extension)
{
    const char *dot = strrchr(name, '.');
    gboolean has_one = dot && dot > name && is_extension(dot + 1);

    if (extension)
        *extension = has_one ? g_ascii_strdown(dot + 1, -1) : NULL;
    return has_one ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);
}

/* --- what is left of titles --- */

/* Decodes "&amp;", "&#8211;" and the like. Returns: (transfer full): NULL when there is nothing to decode. */
static char *
decode_entities(const char *title)
{
    g_autoptr(GString) decoded = g_string_new(NULL);
    gboolean any = FALSE;

    for (const char *at = title; *at;) {
        const char *end = *at == '&' ? strchr(at, ';') : NULL;
        gunichar character = 0;
        if (end && end - at <= 10) {
            g_autofree char *name = g_strndup(at + 1, (gsize)(end - at - 1));
            gboolean hexadecimal = name[0] == '#' && (name[1] == 'x' || name[1] == 'X');
            character = name[0] != '#'
                            ? pf_html_entity(name)
                            : (gunichar)g_ascii_strtoull(name + 1 + hexadecimal, NULL, hexadecimal ? 16 : 10);
        }
        if (character && g_unichar_validate(character)) {
            g_string_append_unichar(decoded, character);
            any = TRUE;
            at = end + 1;
        } else {
            g_string_append_c(decoded, *at++);
        }
    }
    return any ? g_string_free(g_steal_pointer(&decoded), FALSE) : NULL;
}

static char *
keep_ascii(const char *text)
{
    GString *ascii = g_string_new(NULL);

    for (; *text; text++) {
        if (g_ascii_isalnum(*text) || (*text && strchr(" ._()-", *text)))
            g_string_append_c(ascii, *text);
    }
    return g_string_free(ascii, FALSE);
}

/* As Java's libraries strip accents: those that can be taken off, no more; so ß, for one, is lost with the rest. */
static char *
strip_accents(const char *text)
{
    g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT);
    GString *plain = g_string_new(NULL);

    for (const char *at = apart; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character == 0x141 || character == 0x142)
            g_string_append_c(plain, character == 0x141 ? 'L' : 'l');
        else if (!is_accent(character))
            g_string_append_unichar(plain, character);
    }
    return g_string_free(plain, FALSE);
}

static void
add_other(GPtrArray *names, const char *text)
{
    PfName *name = pf_name_new(text);

    for (guint i = 0; i < names->len; i++) {
        if (g_str_equal(((const PfName *)names->pdata[i])->canonical, name->canonical)) {
            pf_name_free(name);
            return;
        }
    }
    g_ptr_array_add(names, name);
}

GPtrArray *
pf_name_list_of_title(const char *title)
{
    GPtrArray *names = g_ptr_array_new_with_free_func((GDestroyNotify)pf_name_free);
    PfName *whole = pf_name_new(title);
    g_autofree char *decoded = decode_entities(whole->text);

    g_ptr_array_add(names, whole);
    if (decoded)
        add_other(names, decoded);
    if (is_ascii(whole->text))
        return names;
    g_autofree char *kept = keep_ascii(whole->text);
    g_autofree char *stripped = strip_accents(whole->text);
    g_autofree char *stripped_kept = keep_ascii(stripped);
    add_other(names, kept);
    add_other(names, stripped_kept);
    return names;
}

/* --- what was put before or behind --- */

#define YEAR "(?<year>[0-9]{4})"
#define MONTH "(?<month>[0-9]{2})"
#define DAY "(?<day>[0-9]{2})"
#define SIGN "[-_. ]"
#define TIME "[-_T ]+[0-9]{2}[-_:.h]?[0-9]{2}(?:[-_:.m]?[0-9]{2}s?|m)?"

static const PfNamingRule rules[] = {
    {.who = "gPodder, browsers: a second file of one name",
     .pattern = "^(?<text>.+?) ?\\([0-9]{1,3}\\)$",
     .example = "ep2 (2)",
     .text = "ep2"},
    {.who = "castget, Clementine, newsboat, podfox, yt-dlp: the day in front",
     .pattern = "^" YEAR "(?<sign>[-_. ]?)" MONTH "\\k<sign>" DAY "[-_. ]+(?<text>.+)$",
     .example = "2026.07.07 Winter day one",
     .text = "Winter day one"},
    {.who = "archives, recorders: day and time in front, or nothing else",
     .pattern = "^" YEAR "[-_. ]?" MONTH "[-_. ]?" DAY "(?:" TIME ")?(?:[-_. ]+(?<text>.+))?$",
     .example = "20260708_10h00m_media",
     .text = "media"},
    {.who = "archives: the day in front, as it is written in Europe",
     .pattern = "^" DAY "[.]" MONTH "[.]" YEAR "[-_. ]+(?<text>.+)$",
     .example = "08.07.2026 - Winter day one",
     .text = "Winter day one"},
    {.who = "shellcaster: day and time behind",
     .pattern = "^(?<text>.+)_" YEAR MONTH DAY "_[0-9]{6}$",
     .example = "Episode Two_20261119_120000",
     .text = "Episode Two"},
    {.who = "podgrab: the day behind",
     .pattern = "^(?<text>.+?)" SIGN "+" YEAR "[-_.]?" MONTH "[-_.]?" DAY "$",
     .example = "Winter day one-2021-12-02",
     .text = "Winter day one"},
    {.who = "Kasts: a checksum of the enclosure's address behind",
     .pattern = "^(?<text>.+)\\.(?<digest>[0-9a-f]{6})$",
     .example = "Episode Two.7f76f7",
     .text = "Episode Two"},
    {.who = "yt-dlp: the GUID, or the enclosure's basename, in brackets behind",
     .pattern = "^(?<text>.+?)[-_ ]*\\[(?<id>[^\\[\\]]+)\\]$",
     .example = "Plain words [0d9f1a52]",
     .text = "Plain words"},
    {.who = "podget: the ending once more",
     .pattern = "^(?<text>.+)\\.(?:mp3|m4a|ogg|opus|aac|mp4)$",
     .example = "show-102.mp3",
     .text = "show-102"},
    {.who = "AntennaPod: a number of its database behind",
     .pattern = "^(?<text>.+)\\.[1-9][0-9]{0,6}$",
     .unproved = TRUE,
     .example = "Plain title here.347",
     .text = "Plain title here"},
    {.who = "aria2: a second file of one name",
     .pattern = "^(?<text>.+)-[1-9][0-9]?$",
     .unproved = TRUE,
     .example = "episode4-2",
     .text = "episode4"},
    {.who = "castero, podfox, poddl, archives: a number in front",
     .pattern = "^(?:#?[0-9]{1,5}|[Ss][0-9]{1,2}[Ee][0-9]{1,4}|(?i:ep|episode|folge|e)[-_. ]?[0-9]{1,5})[-_.:) ]+"
                "(?<text>.+)$",
     .unproved = TRUE,
     .example = "S01E11 - Quinoa bowl",
     .text = "Quinoa bowl"},
    {.who = "newsboat, castget, archives: the show, or who made it, in front",
     .split = "-_",
     .example = "Tiny Cast - Episode Two",
     .text = " Episode Two"},
    {.who = "podget, wget: the query behind, with other signs",
     .split = "_?@",
     .query = TRUE,
     .example = "show-102.mp3_source=feed&e=2",
     .text = "show-102"},
};

const PfNamingRule *
pf_naming_rules(guint *count)
{
    *count = G_N_ELEMENTS(rules);
    return rules;
}

static GRegex *
get_regex(guint rule)
{
    static GRegex *compiled[G_N_ELEMENTS(rules)];
    static gsize ready;

    if (g_once_init_enter(&ready)) {
        for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
            compiled[i] = rules[i].pattern ? g_regex_new(rules[i].pattern, G_REGEX_OPTIMIZE, 0, NULL) : NULL;
        g_once_init_leave(&ready, 1);
    }
    return compiled[rule];
}

char *
pf_name_strip_collision(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, (gssize)strnlen(name, MOST_BYTES));
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(get_regex(0), valid, 0, &match))
        return g_strdup(name);
    return g_match_info_fetch_named(match, "text");
}

static void
free_form(gpointer data)
{
    PfNameForm *form = data;

    pf_name_free(form->name);
    g_free(form->show);
    g_free(form->digest);
    g_free(form->id);
    g_free(form->query);
    g_free(form);
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

/* Adds what is left of a form, unless there is the same already. Returns: it, for what was taken off to be put in. */
static PfNameForm *
derive(GPtrArray *forms, const PfNameForm *from, guint rule, const char *text)
{
    PfNameForm *form = g_new0(PfNameForm, 1);

    form->name = pf_name_new(text);
    form->show = g_strdup(from->show);
    form->digest = g_strdup(from->digest);
    form->id = g_strdup(from->id);
    form->query = g_strdup(from->query);
    form->day = from->day;
    form->applied = from->applied | 1U << rule;
    form->unproved = from->unproved || rules[rule].unproved;
    g_ptr_array_add(forms, form);
    return form;
}

static gboolean
is_repeated(const GPtrArray *forms)
{
    const PfNameForm *last = forms->pdata[forms->len - 1];

    for (guint i = 0; i + 1 < forms->len; i++) {
        const PfNameForm *form = forms->pdata[i];
        if (form->day == last->day && g_str_equal(form->name->text, last->name->text) &&
            g_strcmp0(form->show, last->show) == 0 && g_strcmp0(form->digest, last->digest) == 0 &&
            g_strcmp0(form->id, last->id) == 0 && g_strcmp0(form->query, last->query) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
match_rule(GPtrArray *forms, const PfNameForm *from, guint rule)
{
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(get_regex(rule), from->name->text, 0, &match))
        return;
    g_autofree char *text = g_match_info_fetch_named(match, "text");
    g_autofree char *year = g_match_info_fetch_named(match, "year");
    gint64 day = fetch_day(match);
    if (year && (day == 0 || from->day))
        return;
    PfNameForm *form = derive(forms, from, rule, text ? text : "");
    form->day = day ? day : form->day;
    if (!form->digest)
        form->digest = g_match_info_fetch_named(match, "digest");
    if (!form->id)
        form->id = g_match_info_fetch_named(match, "id");
}

/* What ends with the show or begins the query may hold any such sign itself: so each is tried. */
static void
split(GPtrArray *forms, const PfNameForm *from, guint rule)
{
    const char *text = from->name->text;
    guint splits = 0;

    for (const char *at = text; *at && splits < MOST_SPLITS; at++) {
        if (!strchr(rules[rule].split, *at) || at == text || at[1] == '\0')
            continue;
        g_autofree char *before = g_strndup(text, (gsize)(at - text));
        g_autofree char *stem = pf_name_stem(before, NULL);
        PfNameForm *form = derive(forms, from, rule, rules[rule].query ? stem : at + 1);
        *(rules[rule].query ? &form->query : &form->show) = g_strdup(rules[rule].query ? at + 1 : before);
        splits++;
    }
}

static void
apply_rule(GPtrArray *forms, guint from, guint rule)
{
    const PfNameForm *form = forms->pdata[from];
    guint count = forms->len;

    if (form->applied & 1U << rule)
        return;
    if (rules[rule].pattern)
        match_rule(forms, form, rule);
    else if (rules[rule].query ? form->whole && !form->query : !form->show && !form->query)
        split(forms, form, rule);
    if (forms->len == count + 1 && is_repeated(forms))
        g_ptr_array_set_size(forms, (int)count);
}

static GPtrArray *
list_forms(const char *stem)
{
    GPtrArray *forms = g_ptr_array_new_with_free_func(free_form);
    PfNameForm *whole = g_new0(PfNameForm, 1);

    whole->name = pf_name_new(stem);
    whole->whole = TRUE;
    g_ptr_array_add(forms, whole);
    for (guint i = 0; i < forms->len; i++) {
        for (guint rule = 0; rule < G_N_ELEMENTS(rules) && forms->len < MOST_FORMS; rule++)
            apply_rule(forms, i, rule);
    }
    return forms;
}

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

/* wget's "x.mp3.1" and greg's "x.mp3_": a second file of one name. Returns: (transfer full): maybe unchanged. */
static char *
strip_behind_extension(const char *name)
{
    gsize length = strlen(name), end = length;

    while (end > 0 && name[end - 1] == '_')
        end--;
    if (end == length) {
        while (end > 0 && g_ascii_isdigit(name[end - 1]))
            end--;
        end = end > 0 && end < length && name[end - 1] == '.' ? end - 1 : length;
    }
    g_autofree char *before = g_strndup(name, end);
    g_autofree char *extension = NULL;
    g_free(pf_name_stem(before, &extension));
    return extension ? g_steal_pointer(&before) : g_strdup(name);
}

/* Some programs keep the query: then the extension stands before it. Returns: (transfer full): the stem. */
static char *
split_extension(const char *name, char **extension)
{
    const char *query = strchr(name, '?');
    g_autofree char *before = query ? g_strndup(name, (gsize)(query - name)) : NULL;
    char *stem = before ? pf_name_stem(before, extension) : NULL;

    if (stem && *extension)
        return stem;
    g_free(stem);
    return pf_name_stem(name, extension);
}

PfFileName *
pf_file_name_new(const char *name)
{
    PfFileName *file = g_new0(PfFileName, 1);

    file->name = strip_unfinished(name);
    g_autofree char *first = strip_behind_extension(file->name);
    g_autofree char *stem = split_extension(first, &file->extension);
    file->forms = list_forms(stem);
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
