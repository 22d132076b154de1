/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/decode.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define NO_CONVERTER ((GIConv)-1)
#define REPLACEMENT "\357\277\275" /* U+FFFD in UTF-8 */
#define ENCODING_NAME "[^a-z0-9<>]*([a-z0-9][a-z0-9._:-]*)"

struct PfFeedDecode {
    char *charset; /* HTTP's */
    gboolean has_started;
    GIConv converter; /* none: UTF-8 */
    gsize unit;       /* bytes that the smallest character has */
    char *name;       /* of the converter's encoding */
    GString *held;    /* bytes whose meaning depends on those that follow */
    GString *out;
    guint line; /* at the end of out; no longer counted once there is a fault */
    PfFeedFault fault;
};

/* How the first characters show themselves: by a mark, or by where the NULs are in ones that are ASCII. */
static const struct {
    const char *encoding;
    gsize unit;
    gsize mark_length;
    const char mark[5];
    const char zeros[5]; /* "0" where a NUL must be, "x" where none may; empty: a mark only */
} signatures[] = {
    {"UTF-32LE", 4, 4, "\377\376\0\0", "x000"}, {"UTF-32BE", 4, 4, "\0\0\376\377", "000x"},
    {"UTF-8", 1, 3, "\357\273\277", ""},        {"UTF-16LE", 2, 2, "\377\376", "x0x0"},
    {"UTF-16BE", 2, 2, "\376\377", "0x0x"},
};

/* Names that stand for more on the web. UTF-7 hides markup in plain letters, and no browser reads it. */
static const struct {
    const char *name;
    const char *meant;
} aliases[] = {
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"us-ascii", "utf-8"},
    {"ascii", "utf-8"},
    {"utf8", "utf-8"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"euc-kr", "cp949"},
    {"ks_c_5601-1987", "cp949"},
    {"shift_jis", "cp932"},
    {"shift-jis", "cp932"},
    {"x-sjis", "cp932"},
    {"big5", "big5-hkscs"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "cp874"},
    {"tis-620", "cp874"},
    {"utf-7", "refused"},
    {"utf7", "refused"},
    {"utf-7-imap", "refused"},
};

PfFeedDecode *
pf_feed_decode_new(void)
{
    PfFeedDecode *decode = g_new0(PfFeedDecode, 1);

    decode->converter = NO_CONVERTER;
    decode->unit = 1;
    decode->line = 1;
    decode->held = g_string_new(NULL);
    decode->out = g_string_new(NULL);
    return decode;
}

void
pf_feed_decode_free(PfFeedDecode *decode)
{
    if (!decode)
        return;
    if (decode->converter != NO_CONVERTER)
        g_iconv_close(decode->converter);
    g_string_free(decode->held, TRUE);
    g_string_free(decode->out, TRUE);
    pf_feed_fault_clear(&decode->fault);
    g_free(decode->charset);
    g_free(decode->name);
    g_free(decode);
}

void
pf_feed_decode_set_charset(PfFeedDecode *decode, const char *charset)
{
    g_free(decode->charset);
    decode->charset = charset && *charset ? g_ascii_strdown(charset, -1) : NULL;
}

/* --- which encoding --- */

/* Whether characters of an encoding have more than one byte each, "<" included. */
static gboolean
is_wide(const char *name)
{
    static const char *const prefixes[] = {"utf-16", "utf16", "utf-32", "utf32", "ucs-", "ucs2", "ucs4", "iso-10646"};

    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (pf_has_prefix(name, prefixes[i]))
            return TRUE;
    return FALSE;
}

/* Prepares for an encoding. Returns FALSE when it is not known. */
static gboolean
choose(PfFeedDecode *decode, const char *name, gsize unit)
{
    for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++)
        if (g_ascii_strcasecmp(name, aliases[i].name) == 0)
            name = aliases[i].meant;
    decode->unit = unit;
    if (g_ascii_strcasecmp(name, "utf-8") == 0)
        return TRUE;
    decode->converter = g_iconv_open("UTF-8", name);
    if (decode->converter == NO_CONVERTER)
        return FALSE;
    decode->name = g_strdup(name);
    return TRUE;
}

/* Recognizes a mark, or the NULs of wide characters without one. Returns whether it was one. */
static gboolean
recognize(PfFeedDecode *decode, gboolean by_mark)
{
    const GString *held = decode->held;

    for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++) {
        gsize length = signatures[i].mark_length;
        gboolean fits = by_mark ? held->len >= length && memcmp(held->str, signatures[i].mark, length) == 0
                                : *signatures[i].zeros && held->len >= 4;
        for (gsize at = 0; fits && !by_mark && at < 4; at++)
            fits = (held->str[at] == '\0') == (signatures[i].zeros[at] == '0');
        if (!fits)
            continue;
        choose(decode, signatures[i].encoding, signatures[i].unit);
        g_string_erase(decode->held, 0, by_mark ? (gssize)length : 0);
        return TRUE;
    }
    return FALSE;
}

/* Finds an encoding's name. Returns: (transfer full): in small letters, or NULL. */
static char *
find_name(const char *text, gsize length, gsize *cache, const char *pattern)
{
    const GRegex *regex = pf_pattern_get(cache, pattern, G_REGEX_CASELESS);
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match_full(regex, text, (gssize)length, 0, 0, &match, NULL))
        return NULL;
    g_autofree char *name = g_match_info_fetch(match, 1);
    return g_ascii_strdown(name, -1);
}

/* What the document says of itself, in its XML declaration, or in a page's <meta>. */
static char *
declared_name(const GString *start)
{
    static gsize ebcdic, declaration, page, meta;
    const char *end = pf_has_prefix(start->str, "<?xml") ? strstr(start->str, "?>") : NULL;
    gsize length = end ? (gsize)(end - start->str) : start->len;

    /* EBCDIC; its declaration can be read in any of its code pages. */
    if (pf_has_prefix(start->str, "\114\157\247\224")) {
        g_autofree char *text =
            g_convert(start->str, (gssize)MIN(start->len, 200), "UTF-8", "IBM037", NULL, NULL, NULL);
        return text ? find_name(text, strlen(text), &ebcdic, "encoding\\s*=" ENCODING_NAME) : NULL;
    }

    char *name = find_name(start->str, length, &declaration, "<\\?xml\\s[^>]*?encoding\\s*=" ENCODING_NAME);
    if (!name && !end &&
        g_regex_match(pf_pattern_get(&page, "<html|<!doctype\\s+html", G_REGEX_CASELESS), start->str, 0, NULL))
        name = find_name(start->str, start->len, &meta, "<meta\\s[^>]*?charset\\s*=" ENCODING_NAME);
    return name;
}

/* Takes an encoding that the server or the document names, unless it cannot be. */
static gboolean
believe(PfFeedDecode *decode, const char *name, gboolean by_server)
{
    g_autofree char *shown = name ? pf_log_printable(name) : NULL;

    if (!name)
        return FALSE;
    /* What can be read so far that it names its encoding has no wide characters. */
    if (is_wide(name)) {
        pf_feed_fault_keep(&decode->fault, 1,
                           by_server ? _("the server says that the encoding is %s, which it is not")
                                     : _("it says that the encoding is %s, which it is not"),
                           shown);
        return FALSE;
    }
    if (choose(decode, name, 1))
        return TRUE;
    pf_feed_fault_keep(&decode->fault, 1,
                       by_server ? _("the server says that the encoding is %s, which is not known; read as UTF-8")
                                 : _("it says that the encoding is %s, which is not known; read as UTF-8"),
                       shown);
    return FALSE;
}

/* Whether the document begins with its root, and thus has no declaration. */
static gboolean
begins_with_root(const char *start)
{
    static const char *const roots[] = {"<rss ", "<rss>", "<feed ", "<feed>", "<rdf:RDF "};

    for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
        if (pf_has_prefix(start, roots[i]))
            return TRUE;
    return FALSE;
}

/* Whether all is there that tells the encoding. */
static gboolean
is_decidable(const GString *start)
{
    return begins_with_root(start->str) || (pf_has_prefix(start->str, "<?xml") && strstr(start->str, "?>"));
}

/* Returns FALSE when more bytes are needed to tell the encoding. */
static gboolean
start(PfFeedDecode *decode, gboolean final)
{
    decode->has_started = (decode->held->len >= 4 || final) && (recognize(decode, TRUE) || recognize(decode, FALSE));
    if (decode->has_started)
        return TRUE;
    if (decode->held->len < PF_FEED_DECODE_HELD && !final && !is_decidable(decode->held))
        return FALSE;
    /* Later bytes that came along must not change the answer. */
    g_autoptr(GString) first = g_string_new_len(decode->held->str, MIN(decode->held->len, PF_FEED_DECODE_HELD));
    decode->has_started = TRUE;
    if (believe(decode, decode->charset, TRUE))
        return TRUE;
    g_autofree char *declared = begins_with_root(first->str) ? NULL : declared_name(first);
    believe(decode, declared, FALSE);
    return TRUE;
}

/* --- decoding --- */

static guint
count_lines(const GString *text)
{
    const char *end = text->str + text->len;
    guint lines = 0;

    for (const char *at = text->str; (at = memchr(at, '\n', (gsize)(end - at))); at++)
        lines++;
    return lines;
}

/* Adds a character that stands for bytes which are none, and notes the first. */
static void G_GNUC_PRINTF(3, 4) replace(PfFeedDecode *decode, gunichar character, const char *format, ...)
{
    va_list arguments;

    if (!decode->fault.text) {
        va_start(arguments, format);
        g_autofree char *text = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        pf_feed_fault_keep(&decode->fault, decode->line + count_lines(decode->out), "%s", text);
    }
    g_string_append_unichar(decode->out, character);
}

/* What windows-1252 has at a byte from 0x80 on; five of them are nothing. */
static gunichar
windows_1252(guchar byte)
{
    static const guint16 specials[32] = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                         0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                         0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

    return byte < 0xA0 ? specials[byte - 0x80] : byte;
}

/* How many bytes a character of UTF-8 has that breaks off, at least a start and one that goes on; else 0. */
static gsize
broken_length(const char *at, const char *end)
{
    gsize whole = (gsize)g_utf8_skip[(guchar)*at];
    gsize length = 1;

    if ((guchar)*at < 0xC2 || (guchar)*at > 0xF4)
        return 0;
    while (length < whole && at + length < end && (at[length] & 0xC0) == 0x80)
        length++;
    return length > 1 ? length : 0;
}

/* Takes what is no UTF-8. Returns how many bytes that is. */
static gsize
take_other(PfFeedDecode *decode, const char *at, const char *end)
{
    gsize broken = broken_length(at, end);
    guchar byte = (guchar)*at;

    if (byte == '\0')
        replace(decode, 0xFFFD, _("a control character U+0000"));
    else if (broken)
        replace(decode, 0xFFFD, _("a character of UTF-8 that breaks off (byte 0x%02X)"), byte);
    else
        replace(decode, windows_1252(byte), _("a byte 0x%02X that is not UTF-8, read as windows-1252"), byte);
    return broken ? broken : 1;
}

/* Returns how many of the bytes were used. */
static gsize
take_utf_8(PfFeedDecode *decode, const char *bytes, gsize length, gboolean final)
{
    const char *at = bytes;
    const char *end = bytes + length;

    while (at < end) {
        const char *stop = pf_utf8_skip(at, end);
        g_string_append_len(decode->out, at, stop - at);
        at = stop;
        if (at == end || (!final && *at && g_utf8_get_char_validated(at, end - at) == PF_UTF8_NOT_WHOLE))
            break;
        at += take_other(decode, at, end);
    }
    return (gsize)(at - bytes);
}

/* Adds what a converter gave; a NUL is no character of a document. */
static void
add_converted(PfFeedDecode *decode, const char *text, gsize length)
{
    for (const char *zero; (zero = memchr(text, '\0', length)); text = zero + 1) {
        g_string_append_len(decode->out, text, zero - text);
        replace(decode, 0xFFFD, _("a control character U+0000"));
        length -= (gsize)(zero + 1 - text);
    }
    g_string_append_len(decode->out, text, (gssize)length);
}

static gsize
take_converted(PfFeedDecode *decode, char *bytes, gsize length, gboolean final)
{
    char *at = bytes;
    gsize left = length;

    while (left > 0) {
        char buffer[4096];
        char *to = buffer;
        gsize room = sizeof buffer;
        gsize result = g_iconv(decode->converter, &at, &left, &to, &room);
        int code = errno;

        add_converted(decode, buffer, sizeof buffer - room);
        if (result != (gsize)-1 || code == E2BIG)
            continue;
        if (code == EINVAL && !final)
            break;
        replace(decode, 0xFFFD, _("a byte 0x%02X that is not %s"), (guchar)*at, decode->name);
        gsize skipped = MIN(decode->unit, left);
        at += skipped;
        left -= skipped;
    }
    return length - left;
}

const GString *
pf_feed_decode_push(PfFeedDecode *decode, const char *bytes, gsize length, gboolean final)
{
    gsize used;

    if (!decode->fault.text)
        decode->line += count_lines(decode->out);
    g_string_truncate(decode->out, 0);
    if (decode->has_started && decode->held->len == 0 && decode->converter == NO_CONVERTER) {
        used = take_utf_8(decode, bytes, length, final);
        g_string_append_len(decode->held, bytes + used, (gssize)(length - used));
        return decode->out;
    }
    g_string_append_len(decode->held, bytes, (gssize)length);
    if (!decode->has_started && !start(decode, final))
        return decode->out;
    if (decode->converter == NO_CONVERTER)
        used = take_utf_8(decode, decode->held->str, decode->held->len, final);
    else
        used = take_converted(decode, decode->held->str, decode->held->len, final);
    g_string_erase(decode->held, 0, (gssize)used);
    return decode->out;
}

const PfFeedFault *
pf_feed_decode_get_fault(const PfFeedDecode *decode)
{
    return &decode->fault;
}
