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
