/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_mend.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define MAX_REFERENCE 34    /* bytes of "&name;": HTML's longest name has 8 letters, a number may have zeros */
#define MAX_ATTRIBUTES 1000 /* libxml2's time grows with the square of how many a tag has */
#define MAX_SECTION 16384   /* bytes of CDATA that go out in one piece: libxml2 keeps it whole, and ends at 10 MB */
#define REPLACEMENT "\357\277\275" /* U+FFFD in UTF-8 */

/* What a byte stands in; also the bit that marks the bytes to look at there. */
typedef enum {
    IN_MARKUP = 1, /* text and tags */
    IN_CDATA = 2,
    IN_COMMENT = 4,
    IN_INSTRUCTION = 8,
    IN_TAG = 16, /* a start tag, which is markup too */
} Inside;

#define ANYWHERE (IN_MARKUP | IN_CDATA | IN_COMMENT | IN_INSTRUCTION)

struct PfFeedMend {
    Inside inside;
    GString *held; /* bytes that cannot be judged before more arrive */
    GString *out;
    guint line;          /* of the feed, from 1 */
    gsize section;       /* bytes since a section's beginning, or its last splitting */
    gboolean in_tag;     /* within a start tag */
    char quote;          /* around the attribute's value that is being read, or 0 */
    char last;           /* the byte before, in a part that is left out */
    guint attributes;    /* of the start tag, so far */
    gboolean is_leaving; /* out the rest of it */
    PfFeedFault fault;
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
static const guint8 needs_look[256] = {[0x00 ... 0x08] = ANYWHERE,
                                       ['\n'] = ANYWHERE,
                                       [0x0B ... 0x0C] = ANYWHERE,
                                       [0x0E ... 0x1F] = ANYWHERE,
                                       [0xEF] = ANYWHERE,
                                       ['&'] = IN_MARKUP,
                                       ['<'] = IN_MARKUP,
                                       [']'] = IN_MARKUP | IN_CDATA,
                                       ['-'] = IN_COMMENT,
                                       ['?'] = IN_INSTRUCTION,
                                       ['"'] = IN_TAG,
                                       ['\''] = IN_TAG,
                                       ['='] = IN_TAG,
                                       ['>'] = IN_TAG};

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
    pf_feed_fault_clear(&mend->fault);
    g_free(mend);
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

/* Whether a numeric reference is to a character that XML can have. */
static gboolean
is_character(const char *digits)
{
    gboolean hexadecimal = digits[0] == 'x';
    guint64 code = g_ascii_strtoull(digits + hexadecimal, NULL, hexadecimal ? 16 : 10);

    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
           (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code <= 0x10FFFF);
}

/* Numeric references to characters pass, those by name become numeric, since libxml2 reads none of the others any more
 * once it has met a fault; what else begins with "&" becomes that text. */
static gsize
mend_ampersand(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    static const struct {
        const char *name;
        const char *numeric;
    } own[] = {{"amp", "&#38;"}, {"lt", "&#60;"}, {"gt", "&#62;"}, {"quot", "&#34;"}, {"apos", "&#39;"}};
    int length = reference_length(at, end, final);

    if (length < 0)
        return 0;
    if (length == 0) {
        pf_feed_fault_keep(&mend->fault, mend->line, "a bare \"&\", taken as \"&amp;\"");
        g_string_append(mend->out, "&#38;");
        return 1;
    }
    g_autofree char *name = g_strndup(at + 1, (gsize)length - 2);
    const char *numeric = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        numeric = g_str_equal(name, own[i].name) ? own[i].numeric : numeric;
    const htmlEntityDesc *html = numeric ? NULL : htmlEntityLookup((const xmlChar *)name);

    if (name[0] == '#' && !is_character(name + 1)) {
        pf_feed_fault_keep(&mend->fault, mend->line, "\"&%s;\" is no character", name);
    } else if (name[0] == '#') {
        g_string_append_len(mend->out, at, length);
    } else if (numeric) {
        g_string_append(mend->out, numeric);
    } else if (html) {
        pf_feed_fault_keep(&mend->fault, mend->line, "\"&%s;\" is a name of HTML's, not of XML's", name);
        g_string_append_printf(mend->out, "&#%u;", html->value);
    } else {
        pf_feed_fault_keep(&mend->fault, mend->line, "\"&%s;\" stands for nothing that XML knows, taken as that text",
                           name);
        g_string_append_printf(mend->out, "&#38;%s;", name);
    }
    return (gsize)length;
}

/* U+FFFE and U+FFFF are the only ones that UTF-8 can say and XML cannot. */
static gsize
mend_character(PfFeedMend *mend, const char *at)
{
    gunichar character = g_utf8_get_char(at);

    if (character == 0xFFFE || character == 0xFFFF) {
        pf_feed_fault_keep(&mend->fault, mend->line, "a character U+%04X", character);
        character = 0xFFFD;
    }
    if (mend->inside & (IN_MARKUP | IN_CDATA))
        g_string_append_unichar(mend->out, character);
    return strlen(REPLACEMENT);
}

static gboolean
begins_name(char byte)
{
    return g_ascii_isalpha(byte) || byte == '_' || byte == ':' || (guchar)byte >= 0x80;
}

/* Begins a start tag, or ends one. */
static void
set_tag(PfFeedMend *mend, gboolean in_tag)
{
    mend->in_tag = in_tag;
    mend->quote = '\0';
    mend->attributes = 0;
    mend->is_leaving = FALSE;
}

/* Counts a start tag's attributes, and finds its end, which goes out in any case. */
static gsize
mend_tag(PfFeedMend *mend, char byte)
{
    if (mend->quote) {
        mend->quote = byte == mend->quote ? '\0' : mend->quote;
    } else if (byte == '>') {
        if (mend->is_leaving && mend->last == '/')
            g_string_append_c(mend->out, '/');
        set_tag(mend, FALSE);
    } else if (byte != '=') {
        mend->quote = byte;
    } else if (++mend->attributes > MAX_ATTRIBUTES && !mend->is_leaving) {
        pf_feed_fault_keep(&mend->fault, mend->line,
                           "a tag with more than %d attributes, of which the rest was left out", MAX_ATTRIBUTES);
        g_string_append(mend->out, "=\"\""); /* the name before it is out already */
        mend->is_leaving = TRUE;
    }
    if (!mend->is_leaving)
        g_string_append_c(mend->out, byte);
    return 1;
}

/* Whether a "<" begins no markup at all; a parser would end at it, as it does at a DTD in the middle. */
static gboolean
is_bare_angle(const char *at)
{
    return at[1] == '/' ? !begins_name(at[2]) : !begins_name(at[1]);
}

/* Goes into or out of a section where "&" is just a character. Returns FALSE when @at begins or ends none; with @used 0
 * when more bytes are needed to tell. */
static gboolean
mend_section(PfFeedMend *mend, const char *at, gsize available, gboolean final, gsize *used)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (mend->inside != IN_MARKUP && mend->inside != sections[i].inside)
            continue;
        const char *wanted = mend->inside == IN_MARKUP ? sections[i].open : sections[i].close;
        gsize length = strlen(wanted);
        if (strncmp(at, wanted, MIN(length, available)) != 0 || (available < length && final))
            continue;
        *used = available < length ? 0 : length;
        if (*used == 0)
            return TRUE;
        if (sections[i].inside == IN_CDATA && mend->inside == IN_MARKUP)
            set_tag(mend, FALSE); /* a parser ends a tag there, for worse */
        if (sections[i].inside == IN_CDATA)
            g_string_append_len(mend->out, at, (gssize)length);
        mend->section = 0;
        mend->inside = mend->inside == IN_MARKUP ? sections[i].inside : IN_MARKUP;
        return TRUE;
    }
    return FALSE;
}

/* "]]>" ends a section that nobody has begun; libxml2 would lose the text before it. */
static gsize
mend_bracket(PfFeedMend *mend, const char *at, gsize available, gboolean final)
{
    static const char end[] = "]]>";
    gsize length = strlen(end);

    if (strncmp(at, end, MIN(length, available)) != 0 || (available < length && final)) {
        g_string_append_c(mend->out, *at);
        return 1;
    }
    if (available < length)
        return 0;
    pf_feed_fault_keep(&mend->fault, mend->line, "a bare \"]]>\", taken as that text");
    g_string_append(mend->out, "]]&#62;");
    return length;
}

static gsize
mend_boundary(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    gsize available = (gsize)(end - at), used;

    if (mend_section(mend, at, available, final, &used))
        return used;
    if (*at != '<' && mend->inside == IN_MARKUP)
        return mend_bracket(mend, at, available, final);
    if (*at == '<' && available < 3 && !final)
        return 0;
    if (*at == '<' && is_bare_angle(at)) { /* every text ends with a NUL */
        pf_feed_fault_keep(&mend->fault, mend->line, "a bare \"<\", taken as \"&lt;\"");
        g_string_append(mend->out, "&lt;");
    } else if (mend->inside & (IN_MARKUP | IN_CDATA)) {
        if (*at == '<')
            set_tag(mend, at[1] != '/');
        g_string_append_c(mend->out, *at);
    }
    return 1;
}

/* Handles one byte that needs a look, with what belongs to it. Returns how many were used, 0 when more are needed. */
static gsize
mend_one(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    guchar byte = (guchar)*at;

    if (mend->in_tag && mend->inside == IN_MARKUP && needs_look[byte] == IN_TAG)
        return mend_tag(mend, *at);
    if (byte == '&')
        return mend_ampersand(mend, at, end, final);
    if (byte >= 0x80)
        return mend_character(mend, at);
    if (byte >= 0x20)
        return mend_boundary(mend, at, end, final);
    if (byte == '\n') {
        mend->line++;
        g_string_append_c(mend->out, '\n');
        return 1;
    }
    if (mend->inside & (IN_MARKUP | IN_CDATA)) {
        pf_feed_fault_keep(&mend->fault, mend->line, "a control character U+%04X", byte);
        g_string_append(mend->out, REPLACEMENT);
    }
    return 1;
}

/* Passes over bytes that need no look: nearly all, and so they are passed eight at a time. */
static const char *
skip_plain(const char *at, const char *end, guint inside)
{
    const guchar *byte = (const guchar *)at;
    const guchar *last = (const guchar *)end;

    while (last - byte >= 8 &&
           !((needs_look[byte[0]] | needs_look[byte[1]] | needs_look[byte[2]] | needs_look[byte[3]] |
              needs_look[byte[4]] | needs_look[byte[5]] | needs_look[byte[6]] | needs_look[byte[7]]) &
             inside))
        byte += 8;
    while (byte < last && !(needs_look[*byte] & inside))
        byte++;
    return (const char *)byte;
}

/* Handles one byte as above, in the part of a tag that is left out; its lines and its end stay. */
static gsize
leave_out(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    gsize before = mend->out->len, used = mend_one(mend, at, end, final);
    if (mend->is_leaving && used > 0 && *at != '\n')
        g_string_truncate(mend->out, before);
    mend->last = used > 0 ? '\0' : mend->last;
    return used;
}

/* Splits a long CDATA section between two characters, but not between CR and LF, which are one line end. */
static void
split_section(PfFeedMend *mend, char next)
{
    if (mend->inside != IN_CDATA ||
        (next == '\n' && (mend->out->len == 0 || mend->out->str[mend->out->len - 1] == '\r')))
        return;
    g_string_append(mend->out, "]]><![CDATA[");
    mend->section = 0;
}

/* Returns how many of the bytes were used. */
static gsize
mend_text(PfFeedMend *mend, const char *text, gsize length, gboolean final)
{
    const char *at = text, *end = text + length;

    while (at < end) {
        const char *plain = at;
        if (G_UNLIKELY(mend->section >= MAX_SECTION))
            split_section(mend, *at);
        gboolean in_tag = mend->in_tag && mend->inside == IN_MARKUP;
        at = skip_plain(at, end, in_tag ? IN_MARKUP | IN_TAG : mend->inside);
        if (mend->is_leaving)
            mend->last = at > plain ? at[-1] : mend->last;
        else if (mend->inside & (IN_MARKUP | IN_CDATA)) /* comments and instructions say nothing here */
            g_string_append_len(mend->out, plain, at - plain);
        gsize used = at == end ? 0 : (mend->is_leaving ? leave_out : mend_one)(mend, at, end, final);
        at += used;
        mend->section += (gsize)(at - plain);
        if (used == 0)
            break;
    }
    return (gsize)(at - text);
}

const GString *
pf_feed_mend_push(PfFeedMend *mend, const GString *text, gboolean final)
{
    g_string_truncate(mend->out, 0);
    if (mend->held->len == 0) { /* mostly, and then nothing is copied twice */
        gsize used = mend_text(mend, text->str, text->len, final);
        g_string_append_len(mend->held, text->str + used, (gssize)(text->len - used));
        return mend->out;
    }
    g_string_append_len(mend->held, text->str, (gssize)text->len);
    g_string_erase(mend->held, 0, (gssize)mend_text(mend, mend->held->str, mend->held->len, final));
    return mend->out;
}

guint
pf_feed_mend_get_line(const PfFeedMend *mend)
{
    return mend->line;
}

const PfFeedFault *
pf_feed_mend_get_fault(const PfFeedMend *mend)
{
    return &mend->fault;
}
