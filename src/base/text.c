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

static int
columns_of(gunichar character)
{
    if (character < 0x80) /* nearly all, and Unicode's tables are slow */
        return 1;
    return g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
}

int
pf_text_columns(const char *text)
{
    int columns = 0;

    for (const char *at = text; *at; at = g_utf8_next_char(at))
        columns += columns_of(g_utf8_get_char(at));
    return columns;
}

gsize
pf_text_fit(const char *text, int columns)
{
    const char *at = text;

    for (; *at; at = g_utf8_next_char(at)) {
        columns -= columns_of(g_utf8_get_char(at));
        if (columns < 0)
            break;
    }
    return (gsize)(at - text);
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
