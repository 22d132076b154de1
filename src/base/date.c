/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apart from clock.c, since it needs libcurl, which a program that only reads the clock, such as a hook, can do
 * without. */
#include "base/clock.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define LAST_YEAR 2038      /* that a time_t of 32 bits knows, and not all of it */
#define LAST_LEAP_YEAR 2036 /* before it */

/* GLib reads a full ISO 8601 date with a time only, so a day alone gets its midnight here. */
static GDateTime *
parse_iso8601(const char *text)
{
    if (!g_ascii_isdigit(text[0])) /* a day of the week, mostly */
        return NULL;

    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    GDateTime *date = g_date_time_new_from_iso8601(text, utc);

    gsize length = strlen("2014-06-03T12:00:00");
    if (!date && strlen(text) > length && text[length] == ' ' && strchr("+-Z", text[length + 1])) {
        g_autofree char *joined = g_strdup_printf("%.*s%s", (int)length, text, text + length + 1);
        date = g_date_time_new_from_iso8601(joined, utc);
    }
    if (!date && strlen(text) == strlen("2014-06-03")) {
        g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
        date = g_date_time_new_from_iso8601(midnight, utc);
    }
    return date;
}

/* Where a time_t has 32 bits it ends in 2038, and curl_getdate() with it. So a later year is read as one before, as
 * long as it is. Puts that into @text. Returns how many seconds are between them. */
static gint64
bring_year_forward(char *text)
{
    for (char *at = text, *end; *at; at = end) {
        end = at + MAX(strspn(at, G_CSET_DIGITS), 1);
        int year = end - at == 4 ? (int)g_ascii_strtoull(at, NULL, 10) : 0;
        if (year < LAST_YEAR)
            continue;
        int nearer = g_date_is_leap_year((GDateYear)year) ? LAST_LEAP_YEAR : LAST_YEAR - 1;
        g_autoptr(GDateTime) meant = g_date_time_new_utc(year, 1, 1, 0, 0, 0);
        g_autoptr(GDateTime) read = g_date_time_new_utc(nearer, 1, 1, 0, 0, 0);
        for (char *digit = end; digit > at; nearer /= 10)
            *--digit = (char)('0' + nearer % 10);
        return g_date_time_to_unix(meant) - g_date_time_to_unix(read);
    }
    return 0;
}

/* libcurl may have been compiled with a time_t of 32 bits where ours has 64 (Debian's i386): what is in the upper half
 * of its result is then no part of it. There it knows no year after 2037, which tells it from one that is as wide as
 * ours. */
static gint64
get_date(const char *text)
{
    gint64 seconds = curl_getdate(text, NULL);

    if (sizeof(time_t) > sizeof(long) && (gint32)curl_getdate("1 Jan 2040 00:00:00 GMT", NULL) == -1)
        return (gint32)seconds;
    return seconds;
}

/* Names of months as feeds have them, by their first letters without accents: English, German and French. */
static const struct {
    const char *begin;
    const char *month;
} months[] = {
    {"jan", "Jan"}, {"feb", "Feb"},  {"fev", "Feb"}, {"mar", "Mar"}, {"mae", "Mar"}, {"mrz", "Mar"},
    {"apr", "Apr"}, {"avr", "Apr"},  {"mai", "May"}, {"may", "May"}, {"jun", "Jun"}, {"juin", "Jun"},
    {"jul", "Jul"}, {"juil", "Jul"}, {"aug", "Aug"}, {"aou", "Aug"}, {"sep", "Sep"}, {"oct", "Oct"},
    {"okt", "Oct"}, {"nov", "Nov"},  {"dec", "Dec"}, {"dez", "Dec"},
};

/* Other words: what libcurl knows them as, "" for those that say nothing. */
static const struct {
    const char *word;
    const char *meaning;
} words[] = {
    {"mez", "CET"}, {"mesz", "CEST"}, {"uhr", ""}, {"um", ""}, {"a", ""},
    {"at", ""},     {"le", ""},       {"den", ""}, {"er", ""},
};

/* Returns: (nullable): what a word of small letters is in libcurl's language; NULL when it is not known here. */
static const char *
translate(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(months); i++)
        if (g_str_has_prefix(word, months[i].begin))
            return months[i].month;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(word, words[i].word))
            return words[i].meaning;
    return NULL;
}

/* Not strspn(), which makes a table of so many letters for each word. */
static gsize
count_letters(const char *text)
{
    gsize length = 0;

    while (g_ascii_isalpha(text[length]))
        length++;
    return length;
}

static gboolean
has_month(const char *text)
{
    for (; *text; text += strcspn(text, G_CSET_a_2_z G_CSET_A_2_Z)) {
        gsize length = count_letters(text);
        g_autofree char *word = g_ascii_strdown(text, (gssize)length);
        const char *meaning = length > 0 ? translate(word) : NULL;

        if (meaning && strlen(meaning) == 3 && g_ascii_islower(meaning[1]))
            return TRUE;
        text += length;
        if (!*text)
            break;
    }
    return FALSE;
}

/* Writes a word as libcurl knows it; a zone's name before its offset, "GMT-0400", would count instead of that. */
static void
add_word(GString *plain, const char *word, const char *after)
{
    g_autofree char *small = g_ascii_strdown(word, -1);
    const char *meaning = translate(small);
    gboolean is_zone = g_str_equal(small, "gmt") || g_str_equal(small, "utc") || g_str_equal(small, "ut");

    if (is_zone && strchr("+-", *after) && g_ascii_isdigit(after[*after != '\0']))
        return;
    g_string_append(plain, meaning ? meaning : word);
}

/* @form: "A" stands for a letter, "0" for a digit, "+" for either sign */
static gboolean
has_form(const char *text, const char *form)
{
    for (; *form; form++, text++)
        if (!(*form == 'A'   ? g_ascii_isalpha(*text)
              : *form == '0' ? g_ascii_isdigit(*text)
              : *form == '+' ? *text == '+' || *text == '-'
                             : *text == *form))
            return FALSE;
    return !*text;
}

/* Whether it is an English date as RFC 822 has it and nearly every feed writes it. */
static gboolean
is_usual(const char *text)
{
    if (!has_form(text, "AAA, 00 AAA 0000 00:00:00 +0000") && !has_form(text, "AAA, 00 AAA 0000 00:00:00 GMT"))
        return FALSE;
    for (const char *month = "JanFebMarAprMayJunJulAugSepOctNovDec"; *month; month += strlen("Jan"))
        if (strncmp(text + strlen("Tue, 03 "), month, strlen("Jan")) == 0)
            return TRUE;
    return FALSE;
}

/*
 * Writes a date in the words and the forms that libcurl knows: names of months in short and English, without the day of
 * the week in front, without a comment in parentheses, a fraction of a second, the ":" of an offset, or the "." of a
 * day.
 */
static GString *
simplify(const char *written)
{
    if (is_usual(written))
        return g_string_new(written + strlen("Tue, "));

    g_autofree char *text = g_str_to_ascii(written, "C");
    gsize first = strcspn(text, G_CSET_DIGITS);
    const char *at = has_month(text + first) ? text + first : text;
    GString *plain = g_string_new(NULL);
    gboolean has_time = FALSE;

    while (*at) {
        gsize letters = count_letters(at);
        gsize digits = strspn(at, G_CSET_DIGITS);
        gboolean is_seconds = plain->len >= 3 && plain->str[plain->len - 3] == ':';

        if (letters > 0) {
            g_autofree char *word = g_strndup(at, letters);
            add_word(plain, word, at + letters);
            at += letters;
        } else if (digits > 0) {
            g_string_append_len(plain, at, (gssize)digits);
            at += digits;
        } else if (*at == '(') {
            at += strcspn(at, ")");
            at += *at == ')';
        } else if ((*at == '.' || *at == ',') && is_seconds && g_ascii_isdigit(at[1])) {
            at += 1 + strspn(at + 1, G_CSET_DIGITS);
        } else if (*at == '.') {
            g_string_append_c(plain, ' ');
            at++;
        } else if (has_time && strchr("+-", *at) && strspn(at + 1, G_CSET_DIGITS) == 2 && at[3] == ':' &&
                   strspn(at + 4, G_CSET_DIGITS) == 2) {
            g_string_append_printf(plain, " %c%c%c%c%c", *at, at[1], at[2], at[4], at[5]);
            at += strlen("+02:00");
        } else {
            has_time = has_time || *at == ':';
            g_string_append_c(plain, *at++);
        }
    }
    return plain;
}

/* Whether it is a time that pf_clock_format() can write: an offset leads out of the first year and the last. */
static gboolean
take_time(gint64 seconds, gint64 *time)
{
    char text[PF_CLOCK_TEXT_SIZE];

    if (!*pf_clock_format(seconds, text))
        return FALSE;
    *time = seconds;
    return TRUE;
}

gboolean
pf_clock_parse(const char *text, gint64 *time)
{
    if (!text)
        return FALSE;

    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_autoptr(GDateTime) date = parse_iso8601(trimmed);

    if (date)
        return take_time(g_date_time_to_unix(date), time);
    /* curl_getdate() reads every form of RFC 822 and its relatives, but takes a bare number for a date too. */
    if (!strpbrk(trimmed, ",: -/"))
        return FALSE;
    g_autoptr(GString) plain = simplify(trimmed);
    gint64 later = bring_year_forward(plain->str);
    gint64 seconds = get_date(plain->str);
    return seconds != -1 && take_time(seconds + later, time);
}

gboolean
pf_clock_parse_local(const char *text, gint64 *time)
{
    int year, month, day, length = 0;

    if (!pf_clock_parse(text, time))
        return FALSE;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) == 3 && !text[length]) {
        g_autoptr(GDateTime) midnight = g_date_time_new_local(year, month, day, 0, 0, 0);
        if (midnight)
            *time = g_date_time_to_unix(midnight);
    }
    return TRUE;
}
