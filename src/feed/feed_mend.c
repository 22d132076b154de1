/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_mend.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/log.h"

#define MAX_REFERENCE                                                                                                  \
    34 /* bytes of "&name;" at most; HTML's longest name has 8 letters, a numeric reference may have zeros */
#define START_SIZE 40              /* bytes */
#define REPLACEMENT "\357\277\275" /* U+FFFD in UTF-8 */
#define BYTE_ORDER_MARK "\357\273\277"

/* What a byte stands in; also the bit that marks the bytes to look at there. */
typedef enum {
    IN_MARKUP = 1, /* text and tags */
    IN_CDATA = 2,
    IN_COMMENT = 4,
    IN_INSTRUCTION = 8,
} Inside;

#define ANYWHERE (IN_MARKUP | IN_CDATA | IN_COMMENT | IN_INSTRUCTION)

typedef enum {
    ENCODING_UNKNOWN, /* the start is still being gathered */
    ENCODING_UTF_8,
    ENCODING_ASCII_BASED, /* ISO-8859-1, Shift_JIS …: an ASCII byte is that character where we look at it */
    ENCODING_OPAQUE,      /* UTF-16, ISO-2022 …: a byte "&" need not be that character, so nothing is touched */
} Encoding;

struct PfFeedMend {
    Encoding encoding;
    Inside inside;
    GString *held; /* bytes that cannot be judged before more arrive */
    GString *out;
    guint line; /* of the feed, from 1 */
    guint skipped_lines;
    guint fault_line;
    char *fault;
    char *start; /* the first bytes that are no white space */
};

static const struct {
    const char *open;
    const char *close;
    Inside inside;
} sections[] = {
    {"<![CDATA[", "]]>", IN_CDATA},
    {"<!--", "-->", IN_COMMENT},
    {"<?", "?>", IN_INSTRUCTION},
};

/* In which surroundings a byte needs a look; all others are copied as they are. */
static const guint8 needs_look[256] = {
    [0x00 ... 0x08] = ANYWHERE, ['\n'] = ANYWHERE,     [0x0B ... 0x0C] = ANYWHERE, [0x0E ... 0x1F] = ANYWHERE,
    [0x80 ... 0xFF] = ANYWHERE, ['&'] = IN_MARKUP,     ['<'] = IN_MARKUP,          [']'] = IN_CDATA,
    ['-'] = IN_COMMENT,         ['?'] = IN_INSTRUCTION};

PfFeedMend *
pf_feed_mend_new(void)
{
    PfFeedMend *mend = g_new0(PfFeedMend, 1);

    mend->inside = IN_MARKUP;
    mend->line = 1;
    mend->held = g_string_new(NULL);
    mend->out = g_string_new(NULL);
    return mend;
}

void
pf_feed_mend_free(PfFeedMend *mend)
{
    if (!mend)
        return;
    g_string_free(mend->held, TRUE);
    g_string_free(mend->out, TRUE);
    g_free(mend->fault);
    g_free(mend->start);
    g_free(mend);
}

static void G_GNUC_PRINTF(2, 3) keep_fault(PfFeedMend *mend, const char *format, ...)
{
    va_list arguments;

    if (mend->fault)
        return;
    va_start(arguments, format);
    mend->fault = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    mend->fault_line = mend->line;
}

/* Reads the encoding that an XML declaration names. */
static Encoding
declared_encoding(const char *declaration)
{
    static const char *const opaque[] = {"iso-2022", "hz", "utf-7"};
    const char *name = strstr(declaration, "encoding");

    if (!name)
        return ENCODING_UTF_8;
    name += strcspn(name, "\"'");
    if (*name)
        name++;
    for (gsize i = 0; i < G_N_ELEMENTS(opaque); i++)
        if (g_ascii_strncasecmp(name, opaque[i], strlen(opaque[i])) == 0)
            return ENCODING_OPAQUE;
    /* A declaration that can be read as ASCII is not UTF-16, whatever it says of itself; parsers go on with UTF-8 then.
     */
    if (g_ascii_strncasecmp(name, "utf", 3) == 0 || g_ascii_strncasecmp(name, "us-ascii", 8) == 0)
        return ENCODING_UTF_8;
    return ENCODING_ASCII_BASED;
}

/* Finds out the encoding from what is held. Returns FALSE when more bytes are needed for that. */
static gboolean
judge_start(PfFeedMend *mend, gboolean final)
{
    static const char ebcdic[] = "\114\157\247\224"; /* "<?xm" */
    const char *text = mend->held->str;
    gsize length = mend->held->len;

    /* UTF-16, UTF-32 (a byte order mark, or a NUL within the first character) and EBCDIC. */
    if (length >= 2 && (memchr(text, 0, MIN(length, 4)) || (guchar)text[0] >= 0xFE || g_str_has_prefix(text, ebcdic))) {
        mend->encoding = ENCODING_OPAQUE;
        return TRUE;
    }
    if (g_str_has_prefix(text, "<?xml")) {
        const char *close = strstr(text, "?>");
        if (!close && !final && length < PF_FEED_MEND_HELD)
            return FALSE;
        g_autofree char *declaration = g_strndup(text, close ? (gsize)(close - text) : length);
        mend->encoding = declared_encoding(declaration);
        return TRUE;
    }
    mend->encoding = ENCODING_UTF_8;
    return TRUE;
}

/* White space before an XML declaration is a fault to a parser, and none before anything else, so it can go either way.
 */
static gboolean
settle_start(PfFeedMend *mend, gboolean final)
{
    gsize blank = 0;

    if (mend->held->len < strlen(BYTE_ORDER_MARK) && !final)
        return FALSE; /* it could be the beginning of a mark */
    if (g_str_has_prefix(mend->held->str, BYTE_ORDER_MARK))
        g_string_erase(mend->held, 0, strlen(BYTE_ORDER_MARK));
    while (blank < mend->held->len && strchr(" \t\r\n", mend->held->str[blank]) && mend->held->str[blank])
        mend->skipped_lines += mend->held->str[blank++] == '\n';
    g_string_erase(mend->held, 0, (gssize)blank);
    mend->line = 1 + mend->skipped_lines;
    if (mend->held->len < START_SIZE && !final)
        return FALSE;
    g_free(mend->start);
    mend->start = g_strndup(mend->held->str, START_SIZE);
    return judge_start(mend, final);
}

/* How many bytes of "&…;" there are at @at; 0: a bare "&"; -1: more bytes are needed to tell. */
static int
reference_length(const char *at, const char *end, gboolean final)
{
    gboolean numeric = FALSE, hexadecimal = FALSE;

    for (int i = 1; i < MAX_REFERENCE; i++) {
        if (at + i == end)
            return final ? 0 : -1;
        if (at[i] == ';')
            return i > 1 + numeric + hexadecimal ? i + 1 : 0;
        if (i == 1 && at[i] == '#')
            numeric = TRUE;
        else if (i == 2 && numeric && at[i] == 'x')
            hexadecimal = TRUE;
        else if (numeric ? !(hexadecimal ? g_ascii_isxdigit(at[i]) : g_ascii_isdigit(at[i])) : !g_ascii_isalnum(at[i]))
            return 0;
    }
    return 0;
}

/* XML's own references pass, HTML's become numeric, what else begins with "&" becomes that text. */
static gsize
mend_ampersand(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    static const char *const own[] = {"amp", "lt", "gt", "quot", "apos"};
    int length = reference_length(at, end, final);

    if (length < 0)
        return 0;
    if (length == 0) {
        keep_fault(mend, "a bare \"&\", taken as \"&amp;\"");
        g_string_append(mend->out, "&amp;");
        return 1;
    }
    g_autofree char *name = g_strndup(at + 1, (gsize)length - 2);
    gboolean passes = name[0] == '#';
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        passes = passes || g_str_equal(name, own[i]);
    const htmlEntityDesc *html = passes ? NULL : htmlEntityLookup((const xmlChar *)name);

    if (passes) {
        g_string_append_len(mend->out, at, length);
    } else if (html) {
        keep_fault(mend, "\"&%s;\" is a name of HTML's, not of XML's", name);
        g_string_append_printf(mend->out, "&#%u;", html->value);
    } else {
        keep_fault(mend, "\"&%s;\" stands for nothing that XML knows, taken as that text", name);
        g_string_append_printf(mend->out, "&amp;%s;", name);
    }
    return (gsize)length;
}

/* Copies a character outside of ASCII, if it is one. */
static gsize
mend_character(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    if (mend->encoding != ENCODING_UTF_8) {
        g_string_append_c(mend->out, *at);
        return 1;
    }
    gunichar character = g_utf8_get_char_validated(at, end - at);
    if (character == (gunichar)-2 && !final)
        return 0;
    if (character >= 0x110000 || character == 0xFFFE || character == 0xFFFF) {
        gsize length = character >= 0x110000 ? 1 : strlen(REPLACEMENT);
        keep_fault(mend, "a byte 0x%02X that is not UTF-8", (guchar)*at);
        g_string_append(mend->out, REPLACEMENT);
        return length;
    }
    gsize length = (gsize)g_utf8_skip[(guchar)*at];
    g_string_append_len(mend->out, at, (gssize)length);
    return length;
}

/* Whether a "<" begins no markup at all; a parser would end at it. */
static gboolean
is_bare_angle(const char *at)
{
    return !g_ascii_isalpha(at[1]) && !strchr("/!?_:", at[1]) && (guchar)at[1] < 0x80;
}

/* Goes into or out of a section where "&" is just a character. */
static gsize
mend_boundary(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    gsize available = (gsize)(end - at);

    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (mend->inside != IN_MARKUP && mend->inside != sections[i].inside)
            continue;
        const char *wanted = mend->inside == IN_MARKUP ? sections[i].open : sections[i].close;
        gsize length = strlen(wanted);
        if (strncmp(at, wanted, MIN(length, available)) != 0)
            continue;
        if (available < length && !final)
            return 0;
        if (available >= length) {
            mend->inside = mend->inside == IN_MARKUP ? sections[i].inside : IN_MARKUP;
            g_string_append_len(mend->out, at, (gssize)length);
            return length;
        }
    }
    if (*at == '<' && available == 1 && !final)
        return 0;
    if (*at == '<' && available > 1 && (at[1] == '\0' || is_bare_angle(at))) {
        keep_fault(mend, "a bare \"<\", taken as \"&lt;\"");
        g_string_append(mend->out, "&lt;");
    } else {
        g_string_append_c(mend->out, *at);
    }
    return 1;
}

/* Handles one byte that needs a look, with what belongs to it. Returns how many were used, 0 when more are needed. */
static gsize
mend_one(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    guchar byte = (guchar)*at;

    if (byte == '&')
        return mend_ampersand(mend, at, end, final);
    if (byte >= 0x80)
        return mend_character(mend, at, end, final);
    if (byte >= 0x20)
        return mend_boundary(mend, at, end, final);
    if (byte == '\n') {
        mend->line++;
        g_string_append_c(mend->out, '\n');
        return 1;
    }
    keep_fault(mend, "a control character U+%04X", byte);
    g_string_append(mend->out, mend->encoding == ENCODING_UTF_8 ? REPLACEMENT : "?");
    return 1;
}

const GString *
pf_feed_mend_push(PfFeedMend *mend, const char *bytes, gsize length, gboolean final)
{
    g_string_truncate(mend->out, 0);
    if (mend->encoding == ENCODING_OPAQUE)
        return g_string_append_len(mend->out, bytes, (gssize)length);

    g_string_append_len(mend->held, bytes, (gssize)length);
    if (mend->encoding == ENCODING_UNKNOWN && !settle_start(mend, final))
        return mend->out;
    if (mend->encoding == ENCODING_OPAQUE) {
        g_string_append_len(mend->out, mend->held->str, (gssize)mend->held->len);
        g_string_truncate(mend->held, 0);
        return mend->out;
    }

    const char *at = mend->held->str;
    const char *end = at + mend->held->len;
    while (at < end) {
        const char *plain = at;
        while (at < end && !(needs_look[(guchar)*at] & mend->inside))
            at++;
        g_string_append_len(mend->out, plain, at - plain);
        gsize used = at < end ? mend_one(mend, at, end, final) : 0;
        if (used == 0)
            break;
        at += used;
    }
    g_string_erase(mend->held, 0, at - mend->held->str);
    return mend->out;
}

guint
pf_feed_mend_get_skipped_lines(const PfFeedMend *mend)
{
    return mend->skipped_lines;
}

guint
pf_feed_mend_get_fault_line(const PfFeedMend *mend)
{
    return mend->fault_line;
}

const char *
pf_feed_mend_get_fault(const PfFeedMend *mend)
{
    return mend->fault;
}

char *
pf_feed_mend_describe_start(const PfFeedMend *mend)
{
    if (!mend->start || !*mend->start)
        return g_strdup("it is empty");
    if (!g_ascii_isprint(*mend->start) || *mend->start == '<')
        return NULL;
    g_autofree char *first = g_strndup(mend->start, strcspn(mend->start, "\r\n"));
    g_autofree char *text = pf_log_printable(first);
    return g_strdup_printf("line %u begins with \"%s\"", mend->skipped_lines + 1, text);
}
