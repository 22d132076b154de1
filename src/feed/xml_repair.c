/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/xml_repair.h"

#include <string.h>

#include "feed/feed_reference.h"
#include "feed/feed_tags.h"

#define MAX_ATTRIBUTES 1000 /* libxml2's time grows with the square of how many a tag has */
#define MAX_SECTION 16384   /* bytes of CDATA that go out in one piece: libxml2 keeps it whole, and ends at 10 MB */
#define MAX_TAG ((gsize)8 * 1024 * 1024) /* bytes of a tag that go out, for the same reason */
#define MAX_LINES (MAX_TAG / 8)          /* line ends that go out of the rest of it */
#define REPLACEMENT "\357\277\275"       /* U+FFFD in UTF-8 */

/* What a byte stands in; also the bit that marks the bytes to look at there. */
typedef enum {
    IN_MARKUP = 1, /* text and tags */
    IN_CDATA = 2,
    IN_COMMENT = 4,
    IN_INSTRUCTION = 8,
    IN_TAG = 16, /* which is markup too */
} Inside;

typedef enum {
    NO_TAG,
    START_TAG,
    END_TAG,
} Tag;

#define ANYWHERE (IN_MARKUP | IN_CDATA | IN_COMMENT | IN_INSTRUCTION)

struct PfFeedMend {
    Inside inside;
    GString *held; /* bytes that cannot be judged before more arrive */
    GString *out;
    guint line; /* of the feed, from 1 */
    gsize run;  /* bytes that went out since a section began or was split */
    PfFeedTags *tags;
    Tag tag;
    guint tag_line;      /* where it begins */
    gsize tag_at;        /* where in @out it begins, or goes on */
    GString *tag_before; /* what came of it with pieces before */
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
__extension__ static const guint8 needs_look[256] = {[0x00 ... 0x08] = ANYWHERE,
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
    mend->tag_before = g_string_new(NULL);
    mend->tags = pf_feed_tags_new();
    return mend;
}

void
pf_feed_mend_free(PfFeedMend *mend)
{
    if (!mend)
        return;
    g_string_free(mend->held, TRUE);
    g_string_free(mend->out, TRUE);
    g_string_free(mend->tag_before, TRUE);
    pf_feed_tags_free(mend->tags);
    pf_feed_fault_clear(&mend->fault);
    g_free(mend);
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

/* Puts aside what has come of a tag. It waits there for its end: with each piece of a tag libxml2 would look through
 * all of it. */
static void
hold_tag(PfFeedMend *mend)
{
    g_string_append_len(mend->tag_before, mend->out->str + mend->tag_at, (gssize)(mend->out->len - mend->tag_at));
    g_string_truncate(mend->out, mend->tag_at);
}

/* Ends a tag, or where it breaks off. */
static void
end_tag(PfFeedMend *mend, gboolean is_last)
{
    if (mend->tag == NO_TAG)
        return;
    hold_tag(mend);
    pf_feed_tags_write(mend->tags, mend->tag_before->str, mend->tag_before->len, mend->tag_line, is_last, mend->out,
                       &mend->fault);
    g_string_truncate(mend->tag_before, 0);
    mend->tag = NO_TAG;
    mend->is_leaving = FALSE;
}

static void
begin_tag(PfFeedMend *mend, Tag tag)
{
    end_tag(mend, FALSE);
    mend->tag = tag;
    mend->tag_line = mend->line;
    mend->tag_at = mend->out->len;
    mend->quote = '\0';
    mend->attributes = 0;
}

/* How many bytes went out of the tag or section. */
static gsize
run_length(const PfFeedMend *mend)
{
    if (mend->tag != NO_TAG && mend->inside == IN_MARKUP)
        return mend->tag_before->len + mend->out->len - mend->tag_at;
    return mend->run;
}

/* Counts a tag's attributes, and finds its end, which goes out in any case; an end tag has none. */
static gsize
mend_tag(PfFeedMend *mend, char byte)
{
    if (mend->tag == END_TAG && byte != '>') {
        /* nothing but a character */
    } else if (mend->quote) {
        if (byte == mend->quote)
            mend->quote = '\0';
    } else if (byte == '>') {
        g_string_append(mend->out, mend->is_leaving && mend->last == '/' ? "/>" : ">");
        end_tag(mend, FALSE);
        return 1;
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
            end_tag(mend, FALSE);
        if (sections[i].inside == IN_CDATA)
            g_string_append_len(mend->out, at, (gssize)length);
        mend->run = 0;
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
            begin_tag(mend, at[1] == '/' ? END_TAG : START_TAG);
        g_string_append_c(mend->out, *at);
    }
    return 1;
}

/* Handles one byte that needs a look, with what belongs to it. Returns how many were used, 0 when more are needed. */
static gsize
mend_one(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    guchar byte = (guchar)*at;

    if (mend->tag != NO_TAG && mend->inside == IN_MARKUP && needs_look[byte] == IN_TAG)
        return mend_tag(mend, *at);
    if (byte == '&')
        return pf_feed_reference_mend(mend->out, at, end, final, mend->line, &mend->fault);
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

/* Handles one byte as above, in the part of a tag that is left out; its lines, if there are not too many, and its end
 * stay. */
static gsize
leave_out(PfFeedMend *mend, const char *at, const char *end, gboolean final)
{
    gsize before = mend->out->len, used = mend_one(mend, at, end, final);
    if (mend->is_leaving && used > 0 && (*at != '\n' || run_length(mend) >= MAX_TAG + MAX_LINES))
        g_string_truncate(mend->out, before);
    if (used > 0)
        mend->last = '\0';
    return used;
}

/* Splits a long CDATA section between two characters, but not between CR and LF, which are one line end; leaves out the
 * rest of a long tag. */
static void
break_run(PfFeedMend *mend, char next)
{
    if (mend->inside == IN_CDATA &&
        (next != '\n' || (mend->out->len > 0 && mend->out->str[mend->out->len - 1] != '\r'))) {
        g_string_append(mend->out, "]]><![CDATA[");
        mend->run = 0;
    } else if (mend->inside == IN_MARKUP && mend->tag != NO_TAG && run_length(mend) >= MAX_TAG && !mend->is_leaving) {
        pf_feed_fault_keep(&mend->fault, mend->line,
                           "a tag of more than %" G_GSIZE_FORMAT " MiB, of which the rest was left out",
                           MAX_TAG / 1024 / 1024);
        if (mend->quote)
            g_string_append_c(mend->out, mend->quote);
        mend->is_leaving = TRUE;
    }
}

/* How far bytes may be passed over at once: in a tag, to a character's end after some of them, to see how long it is.
 */
static const char *
find_limit(const char *at, const char *end, gboolean in_tag)
{
    const char *limit = in_tag && end - at > MAX_SECTION ? at + MAX_SECTION : end;

    while (limit < end && ((guchar)*limit & 0xC0) == 0x80)
        limit++;
    return limit;
}

/* Returns how many of the bytes were used. */
static gsize
mend_text(PfFeedMend *mend, const char *text, gsize length, gboolean final)
{
    const char *at = text, *end = text + length;

    while (at < end) {
        const char *plain = at;
        if (G_UNLIKELY(run_length(mend) >= MAX_SECTION))
            break_run(mend, *at);
        gsize before = mend->out->len;
        gboolean in_tag = mend->tag != NO_TAG && mend->inside == IN_MARKUP;
        const char *limit = find_limit(at, end, in_tag);
        at = skip_plain(at, limit, in_tag ? IN_MARKUP | IN_TAG : mend->inside);
        if (mend->is_leaving && at > plain)
            mend->last = at[-1];
        if (!mend->is_leaving && (mend->inside & (IN_MARKUP | IN_CDATA))) /* the others say nothing here */
            g_string_append_len(mend->out, plain, at - plain);
        gsize used = at == limit ? 0 : (mend->is_leaving ? leave_out : mend_one)(mend, at, end, final);
        at += used;
        if (mend->inside == IN_CDATA && mend->out->len > before)
            mend->run += mend->out->len - before;
        if (used == 0 && (at == end || at < limit))
            break;
    }
    return (gsize)(at - text);
}

/* Ends what has none when the feed ends, and holds back a tag otherwise. */
static const GString *
finish_piece(PfFeedMend *mend, gboolean final)
{
    if (final && mend->inside == IN_CDATA)
        g_string_append(mend->out, "]]>");
    if (final)
        end_tag(mend, TRUE);
    else if (mend->tag != NO_TAG)
        hold_tag(mend);
    return mend->out;
}

const GString *
pf_feed_mend_push(PfFeedMend *mend, const GString *text, gboolean final)
{
    g_string_truncate(mend->out, 0);
    mend->tag_at = 0;
    if (mend->held->len == 0) { /* mostly, and then nothing is copied twice */
        gsize used = mend_text(mend, text->str, text->len, final);
        g_string_append_len(mend->held, text->str + used, (gssize)(text->len - used));
        return finish_piece(mend, final);
    }
    g_string_append_len(mend->held, text->str, (gssize)text->len);
    g_string_erase(mend->held, 0, (gssize)mend_text(mend, mend->held->str, mend->held->len, final));
    return finish_piece(mend, final);
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
