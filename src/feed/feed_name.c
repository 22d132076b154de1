/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_name.h"

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
