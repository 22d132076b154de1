/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <string.h>

#define ONES G_GUINT64_CONSTANT(0x0101010101010101)
#define HIGH_BITS (ONES << 7)

/* Subtracting sets the high bit of a byte that is 0, as long as no byte has it set already. */
static gboolean
is_ascii_word(const char *at)
{
    guint64 word;

    memcpy(&word, at, sizeof word);
    return ((word | (word - ONES)) & HIGH_BITS) == 0;
}

const char *
pf_utf8_skip(const char *at, const char *end)
{
    while (at < end) {
        if (end - at >= (gssize)sizeof(guint64) && is_ascii_word(at)) {
            at += sizeof(guint64);
            continue;
        }
        gunichar character = *at ? g_utf8_get_char_validated(at, end - at) : PF_UTF8_NOT_VALID;
        if (character >= PF_UTF8_NOT_WHOLE)
            return at;
        at = g_utf8_next_char(at);
    }
    return end;
}

gsize
pf_utf8_cut(const char *text, gsize length, gsize room)
{
    if (length <= room)
        return length;
    while (room > 0 && (text[room] & 0xC0) == 0x80)
        room--;
    return room;
}

/* Asks for the picture of the character in front of it, which some terminals make two columns wide then. Counted as if
 * they all did: a table with too much room is better than one that breaks. */
#define EMOJI_PRESENTATION 0xFE0F

static int
columns_of(const char *at)
{
    if ((guchar)*at < 0x80) /* nearly all, and Unicode's tables are slow */
        return 1;
    gunichar character = g_utf8_get_char(at);
    if (character == EMOJI_PRESENTATION)
        return 1;
    return g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
}

int
pf_text_columns(const char *text)
{
    int columns = 0;

    for (const char *at = text; *at; at = g_utf8_next_char(at))
        columns += columns_of(at);
    return columns;
}

gsize
pf_text_fit(const char *text, int columns)
{
    const char *at = text;

    for (; *at; at = g_utf8_next_char(at)) {
        columns -= columns_of(at);
        if (columns < 0)
            break;
    }
    return (gsize)(at - text);
}

/* Where a line's last column begins: its length in bytes up to there. */
static gsize
find_last_column(const char *line)
{
    gsize start = strspn(line, " ");

    for (const char *gap = strstr(line + start, "  "); gap; gap = strstr(line + start, "  "))
        start = (gsize)(gap - line) + strspn(gap, " ");
    return line[start] ? start : 0;
}

/* Scripts of wide letters have no blanks between words, and go on in the next line anywhere. */
static gboolean
has_wide_letters(const char *word)
{
    for (; *word; word = g_utf8_next_char(word))
        if (g_unichar_iswide(g_utf8_get_char(word)))
            return TRUE;
    return FALSE;
}

void
pf_text_append_wrapped(GString *text, const char *line, int columns)
{
    gsize start = find_last_column(line);
    g_autofree char *front = g_strndup(line, start);
    g_auto(GStrv) words = g_strsplit(line + start, " ", -1);
    int column = pf_text_columns(front);
    int indent = column;

    if (columns <= 0 || pf_text_columns(line) <= columns) {
        g_string_append(text, line);
        return;
    }
    /* A column that leaves no room for words is no place to go on. */
    if (indent > columns * 2 / 3)
        indent = 2;
    g_string_append(text, front);
    for (char **next = words; *next; next++) {
        const char *word = *next;

        if (next > words && column + 1 + pf_text_columns(word) > columns) {
            g_string_append_printf(text, "\n%*s", indent, "");
            column = indent;
        } else if (next > words) {
            g_string_append_c(text, ' ');
            column++;
        }
        while (column + pf_text_columns(word) > columns && columns - column > 1 && has_wide_letters(word)) {
            gsize part = pf_text_fit(word, columns - column);
            g_string_append_len(text, word, (gssize)part);
            g_string_append_printf(text, "\n%*s", indent, "");
            word += part;
            column = indent;
        }
        g_string_append(text, word);
        column += pf_text_columns(word);
    }
}

const GRegex *
pf_pattern_get(gsize *cache, const char *pattern, GRegexCompileFlags flags)
{
    if (g_once_init_enter(cache)) {
        const GRegex *regex = g_regex_new(pattern, flags | G_REGEX_RAW, 0, NULL);
        g_once_init_leave(cache, (gsize)regex);
        // cppcheck-suppress memleak ; it is kept
    }
    return (const GRegex *)*cache;
}

/* How many letters have to be changed, added or removed (Levenshtein). */
static guint
count_changes(const char *from, const char *to)
{
    gsize width = strlen(to) + 1;
    g_autofree guint *row = g_new(guint, width);

    for (guint i = 0; i < width; i++)
        row[i] = i;
    for (const char *at = from; *at; at++) {
        guint diagonal = row[0]++;
        for (gsize i = 1; i < width; i++) {
            guint changed = diagonal + (*at != to[i - 1]);
            diagonal = row[i];
            row[i] = MIN(changed, MIN(row[i - 1], row[i]) + 1);
        }
    }
    return row[width - 1];
}

/* Longer than any word that people mistype; the time grows with the square of it. */
#define MOST_LETTERS 256

const char *
pf_text_find_similar(const char *word, const char *const *words)
{
    const char *closest = NULL;
    gsize length = strlen(word);
    guint least = (guint)MIN(length, MOST_LETTERS) / 3 + 1; /* one letter of a short word, a third of a longer one */

    if (length == 0 || length > MOST_LETTERS)
        return NULL;
    for (; *words; words++) {
        guint changes = pf_has_prefix(*words, word) ? 1 : count_changes(word, *words);
        if (changes <= least && (!closest || changes < least)) {
            closest = *words;
            least = changes;
        }
    }
    return closest;
}

gboolean
pf_text_is_token(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return *text != '\0';
}
