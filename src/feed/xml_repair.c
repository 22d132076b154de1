/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/xml_repair.h"

#include "base/html.h"
#include "base/i18n.h"
#include "base/text.h"

#include <string.h>

/*
 * References in a feed's text, "&amp;" and the like, made fit for an XML parser. Pure; any thread.
 */

#define MAX_REFERENCE 34 /* bytes of "&name;": HTML's longest name has 8 letters, a number may have zeros */

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

#define MAX_NAME 1000 /* bytes; libxml2 ends at 50,000 */
#define MAX_SHOWN 40  /* bytes of a name in a fault */

typedef struct {
    const char *at;
    gsize length;
} Span;

typedef struct {
    gsize name; /* in names */
    guint line;
} Open;

/*
 * Makes a feed's tags well-formed, so that no XML parser has to recover from one: how a parser recovers differs from
 * one of its releases to the next.
 *
 * A tag with a broken attribute goes out without any, since half of an address would be another's. An end tag that
 * names an outer element closes the inner ones first, each behind PF_FEED_TAGS_MARK; one that names nothing open is
 * left out. Line ends stay, so that lines keep their numbers. One thread at a time.
 */
typedef struct {
    GString *out; /* where tags go, and what was wrong with them; both lent */
    PfFeedFault *fault;
    GArray *open;       /* of Open */
    GString *names;     /* of the open elements, each with a NUL */
    GString *name;      /* of the tag that is being written */
    GArray *attributes; /* of Span: the names that it has so far */
} PfFeedTags;

static PfFeedTags *
pf_feed_tags_new(GString *out, PfFeedFault *fault)
{
    PfFeedTags *tags = g_new0(PfFeedTags, 1);

    tags->out = out;
    tags->fault = fault;
    tags->open = g_array_new(FALSE, FALSE, sizeof(Open));
    tags->names = g_string_new(NULL);
    tags->name = g_string_new(NULL);
    tags->attributes = g_array_new(FALSE, FALSE, sizeof(Span));
    return tags;
}

static void
pf_feed_tags_free(PfFeedTags *tags)
{
    if (!tags)
        return;
    g_array_unref(tags->open);
    g_string_free(tags->names, TRUE);
    g_string_free(tags->name, TRUE);
    g_array_unref(tags->attributes);
    g_free(tags);
}

/* --- names --- */

/* XML 1.0, fifth edition, productions 4 and 4a, without the colon; what is ASCII is told apart before. */
static gboolean
is_name_character(gunichar character, gboolean is_first)
{
    static const struct {
        gunichar from, to;
        gboolean may_be_first;
    } ranges[] = {
        {0xB7, 0xB7, FALSE},     {0xC0, 0xD6, TRUE},     {0xD8, 0xF6, TRUE},       {0xF8, 0x2FF, TRUE},
        {0x300, 0x36F, FALSE},   {0x370, 0x37D, TRUE},   {0x37F, 0x1FFF, TRUE},    {0x200C, 0x200D, TRUE},
        {0x203F, 0x2040, FALSE}, {0x2070, 0x218F, TRUE}, {0x2C00, 0x2FEF, TRUE},   {0x3001, 0xD7FF, TRUE},
        {0xF900, 0xFDCF, TRUE},  {0xFDF0, 0xFFFD, TRUE}, {0x10000, 0xEFFFF, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(ranges); i++)
        if (character >= ranges[i].from && character <= ranges[i].to)
            return ranges[i].may_be_first || !is_first;
    return FALSE;
}

/* Returns where a name ends that begins at a place: there, when none does. */
static const char *
end_of_name(const char *at, const char *end)
{
    const char *start = at;

    for (; at < end; at = g_utf8_next_char(at)) {
        if (g_ascii_isalpha(*at) || *at == '_' || *at == ':') /* nearly all */
            continue;
        gboolean is_first = at == start;
        gboolean belongs = (guchar)*at >= 0x80 ? is_name_character(g_utf8_get_char(at), is_first)
                                               : !is_first && (g_ascii_isdigit(*at) || *at == '-' || *at == '.');
        if (!belongs)
            break;
    }
    return at - start <= MAX_NAME ? at : start;
}

/* Writes a name. A colon that does not stand between a prefix and a name is none to XML's namespaces. */
static void
add_name(GString *out, const char *name, gsize length)
{
    const char *colon = memchr(name, ':', length);
    if (!colon) {
        g_string_append_len(out, name, (gssize)length);
        return;
    }
    gsize first = (gsize)(colon - name);
    gboolean is_prefix =
        first > 0 && first + 1 < length && name[first + 1] != ':' && end_of_name(colon + 1, name + length) > colon + 1;

    for (gsize i = 0; i < length; i++)
        g_string_append_c(out, name[i] == ':' && !(is_prefix && i == first) ? '_' : name[i]);
}

/* --- what is open --- */

static const Open *
innermost(const PfFeedTags *tags)
{
    return &g_array_index(tags->open, Open, tags->open->len - 1);
}

static const char *
name_of(const PfFeedTags *tags, const Open *open)
{
    return tags->names->str + open->name;
}

static void
drop_innermost(PfFeedTags *tags)
{
    g_string_truncate(tags->names, innermost(tags)->name);
    g_array_set_size(tags->open, tags->open->len - 1);
}

/* Closes an element for the parser. */
static void
close_innermost(PfFeedTags *tags)
{
    g_string_append(tags->out, PF_FEED_TAGS_MARK "</");
    g_string_append(tags->out, name_of(tags, innermost(tags)));
    g_string_append_c(tags->out, '>');
    drop_innermost(tags);
}

static void
open_element(PfFeedTags *tags, guint line)
{
    const Open open = {.name = tags->names->len, .line = line};

    g_string_append_len(tags->names, tags->name->str, (gssize)tags->name->len + 1); /* with the NUL */
    g_array_append_val(tags->open, open);
}

/* How many bytes of a name a fault shows. */
static int
shown(const char *name)
{
    return (int)pf_utf8_cut(name, strlen(name), MAX_SHOWN);
}

/* --- what a tag is written as --- */

static void
add_line_ends(GString *out, const char *at, const char *end)
{
    for (; (at = memchr(at, '\n', (gsize)(end - at))); at++)
        g_string_append_c(out, '\n');
}

static const char *
skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* Returns where an attribute's value ends, with its quote; NULL when there is none behind an attribute's name. */
static const char *
end_of_value(const char *name_end, const char *end)
{
    const char *equals = skip_blanks(name_end, end);
    const char *quote = equals < end && *equals == '=' ? skip_blanks(equals + 1, end) : end;
    const char *closing =
        quote < end && (*quote == '"' || *quote == '\'') ? memchr(quote + 1, *quote, (gsize)(end - quote - 1)) : NULL;

    return closing ? closing + 1 : NULL;
}

/* Whether the tag has an attribute already; if not, now it has. */
static gboolean
is_repeated(PfFeedTags *tags, const char *name, gsize length)
{
    const Span span = {.at = name, .length = length};

    for (guint i = 0; i < tags->attributes->len; i++) {
        const Span *other = &g_array_index(tags->attributes, Span, i);
        if (other->length == length && memcmp(other->at, name, length) == 0)
            return TRUE;
    }
    g_array_append_val(tags->attributes, span);
    return FALSE;
}

/* Writes a start tag's attributes. Returns the ">" or "/>" behind them; or NULL, with @broken the place where it cannot
 * be told what there is. */
static const char *
write_attributes(PfFeedTags *tags, const char *at, const char *end, guint line, const char **broken)
{
    const char *name = tags->name->str;
    GString *out = tags->out;

    g_array_set_size(tags->attributes, 0);
    for (;;) {
        const char *attribute = skip_blanks(at, end);
        const char *name_end = end_of_name(attribute, end);
        const char *next = name_end > attribute ? end_of_value(name_end, end) : NULL;
        gboolean is_end =
            attribute < end && (*attribute == '>' || (*attribute == '/' && attribute + 1 < end && attribute[1] == '>'));

        if (is_end)
            add_line_ends(out, at, attribute);
        *broken = attribute;
        if (is_end || !next)
            return is_end ? attribute : NULL;
        if (is_repeated(tags, attribute, (gsize)(name_end - attribute))) {
            pf_feed_fault_keep(tags->fault, line, _("<%.*s> has an attribute twice; the first one counts"), shown(name),
                               name);
            add_line_ends(out, at, next);
        } else {
            if (at == attribute)
                pf_feed_fault_keep(tags->fault, line, _("<%.*s> has no space between two attributes"), shown(name),
                                   name);
            g_string_append_len(out, at == attribute ? " " : at, at == attribute ? 1 : attribute - at);
            add_name(out, attribute, (gsize)(name_end - attribute));
            g_string_append_len(out, name_end, next - name_end);
        }
        at = next;
    }
}

static void
write_start(PfFeedTags *tags, const char *name_end, const char *end, guint line, gboolean is_last)
{
    const char *name = tags->name->str;
    GString *out = tags->out;

    /* That ends the parse, unless all these are open only for want of end tags. */
    if (tags->open->len == PF_FEED_MAX_DEPTH) {
        const char *inner = name_of(tags, innermost(tags));
        pf_feed_fault_keep(tags->fault, line, _("<%.*s> ends here, as more than %d elements are open"), shown(inner),
                           inner, PF_FEED_MAX_DEPTH);
        close_innermost(tags);
    }
    g_string_append_c(out, '<');
    g_string_append_len(out, name, (gssize)tags->name->len);

    gsize bare = out->len;
    const char *broken;
    const char *stop = write_attributes(tags, name_end, end, line, &broken);
    gboolean is_empty = stop && *stop == '/';
    if (!stop) {
        stop = memchr(broken, '>', (gsize)(end - broken));
        is_empty = stop > broken && stop[-1] == '/';
        if (stop)
            pf_feed_fault_keep(tags->fault, line, _("<%.*s> has a broken attribute, so none of its attributes count"),
                               shown(name), name);
        else if (!is_last)
            pf_feed_fault_keep(tags->fault, line, _("<%.*s> breaks off, so none of its attributes count"), shown(name),
                               name);
        g_string_truncate(out, bare);
        add_line_ends(out, name_end, stop ? stop : end);
    } else if (is_empty) {
        stop++;
    }
    g_string_append(out, is_empty ? "/>" : ">");
    if (stop)
        g_string_append_len(out, stop + 1, end - stop - 1);
    if (!is_empty)
        open_element(tags, line);
}

/* Returns the name without its prefix. */
static const char *
local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

/* How many elements an end tag closes; 0 when none of its name is open. */
static guint
count_closed(const PfFeedTags *tags, const char *name)
{
    for (guint i = tags->open->len; i > 0; i--)
        if (g_str_equal(local_name(name_of(tags, &g_array_index(tags->open, Open, i - 1))), local_name(name)))
            return tags->open->len - i + 1;
    return 0;
}

static void
write_end(PfFeedTags *tags, const char *name_end, const char *end, guint line, gboolean is_last)
{
    const char *name = tags->name->str;
    GString *out = tags->out;
    const char *stop = memchr(name_end, '>', (gsize)(end - name_end));
    guint closed = count_closed(tags, name);

    if (closed == 0) {
        if (stop || !is_last)
            pf_feed_fault_keep(tags->fault, line, _("</%.*s> has no start tag"), shown(name), name);
        add_line_ends(out, name_end, end);
        return;
    }
    for (; closed > 1; closed--) {
        const char *inner = name_of(tags, innermost(tags));
        pf_feed_fault_keep(tags->fault, line, _("<%.*s> of line %u has no end tag before </%.*s>"), shown(inner), inner,
                           innermost(tags)->line, shown(name), name);
        close_innermost(tags);
    }
    const char *opened = name_of(tags, innermost(tags));
    if (!g_str_equal(opened, name))
        pf_feed_fault_keep(tags->fault, line, _("<%.*s> ends with </%.*s>"), shown(opened), opened, shown(name), name);
    else if (!stop || skip_blanks(name_end, end) != stop)
        pf_feed_fault_keep(tags->fault, line, _("</%.*s has no \">\" after its name"), shown(name), name);
    g_string_append(out, "</");
    g_string_append(out, opened);
    add_line_ends(out, name_end, end);
    g_string_append_c(out, '>');
    drop_innermost(tags);
}

/*
 * Writes a tag.
 *
 * @text: from "<" and a letter or "</" to the ">" that ends it, or to where it breaks off; valid UTF-8, its references
 * are well-formed, and it has no other "<"
 * @line: of the feed, at its beginning
 * @is_last: whether it breaks off because the feed ends, which is no fault of its own
 */
static void
pf_feed_tags_write(PfFeedTags *tags, const char *text, gsize length, guint line, gboolean is_last)
{
    const char *end = text + length;
    gboolean is_end_tag = length > 1 && text[1] == '/';
    const char *name = MIN(text + 1 + is_end_tag, end);
    const char *name_end = end_of_name(name, end);

    if (name_end == name) {
        pf_feed_fault_keep(tags->fault, line, _("a bare \"<\", taken as \"&lt;\""));
        g_string_append(tags->out, "&lt;");
        g_string_append_len(tags->out, text + 1, end - text - 1);
        return;
    }
    g_string_truncate(tags->name, 0);
    add_name(tags->name, name, (gsize)(name_end - name));
    (is_end_tag ? write_end : write_start)(tags, name_end, end, line, is_last);
}

#define MAX_ATTRIBUTES 1000        /* libxml2's time grows with the square of how many a tag has */
#define LEAST_ATTRIBUTE ((gsize)4) /* bytes: a="" */
#define MAX_SECTION 16384 /* bytes of CDATA that go out in one piece: libxml2 keeps it whole, and ends at 10 MB */
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

struct PfXmlRepair {
    Inside inside;
    GString *held; /* bytes whose meaning depends on those that follow */
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

PfXmlRepair *
pf_xml_repair_new(void)
{
    PfXmlRepair *repair = g_new0(PfXmlRepair, 1);

    repair->inside = IN_MARKUP;
    repair->line = 1;
    repair->held = g_string_new(NULL);
    repair->out = g_string_new(NULL);
    repair->tag_before = g_string_new(NULL);
    repair->tags = pf_feed_tags_new(repair->out, &repair->fault);
    return repair;
}

void
pf_xml_repair_free(PfXmlRepair *repair)
{
    if (!repair)
        return;
    g_string_free(repair->held, TRUE);
    g_string_free(repair->out, TRUE);
    g_string_free(repair->tag_before, TRUE);
    pf_feed_tags_free(repair->tags);
    pf_feed_fault_clear(&repair->fault);
    g_free(repair);
}

/* U+FFFE and U+FFFF are the only ones that UTF-8 can say and XML cannot. */
static gsize
repair_character(PfXmlRepair *repair, const char *at)
{
    gunichar character = g_utf8_get_char(at);

    if (character == 0xFFFE || character == 0xFFFF) {
        pf_feed_fault_keep(&repair->fault, repair->line, _("a character U+%04X"), character);
        character = 0xFFFD;
    }
    if (repair->inside & (IN_MARKUP | IN_CDATA))
        g_string_append_unichar(repair->out, character);
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
hold_tag(PfXmlRepair *repair)
{
    g_string_append_len(repair->tag_before, repair->out->str + repair->tag_at,
                        (gssize)(repair->out->len - repair->tag_at));
    g_string_truncate(repair->out, repair->tag_at);
}

/* Ends a tag, or where it breaks off. */
static void
end_tag(PfXmlRepair *repair, gboolean is_last)
{
    if (repair->tag == NO_TAG)
        return;
    hold_tag(repair);
    pf_feed_tags_write(repair->tags, repair->tag_before->str, repair->tag_before->len, repair->tag_line, is_last);
    g_string_truncate(repair->tag_before, 0);
    repair->tag = NO_TAG;
    repair->is_leaving = FALSE;
}

static void
begin_tag(PfXmlRepair *repair, Tag tag)
{
    end_tag(repair, FALSE);
    repair->tag = tag;
    repair->tag_line = repair->line;
    repair->tag_at = repair->out->len;
    repair->quote = '\0';
    repair->attributes = 0;
}

/* How many bytes went out of the tag or section. */
static gsize
run_length(const PfXmlRepair *repair)
{
    if (repair->tag != NO_TAG && repair->inside == IN_MARKUP)
        return repair->tag_before->len + repair->out->len - repair->tag_at;
    return repair->run;
}

/* Counts a tag's attributes, and finds its end, which goes out in any case; an end tag has none. */
static gsize
repair_tag(PfXmlRepair *repair, char byte)
{
    if (repair->tag == END_TAG && byte != '>') {
        /* nothing but a character */
    } else if (repair->quote) {
        if (byte == repair->quote)
            repair->quote = '\0';
    } else if (byte == '>') {
        g_string_append(repair->out, repair->is_leaving && repair->last == '/' ? "/>" : ">");
        end_tag(repair, FALSE);
        return 1;
    } else if (byte != '=') {
        repair->quote = byte;
    } else if (++repair->attributes > MAX_ATTRIBUTES && !repair->is_leaving) {
        pf_feed_fault_keep(&repair->fault, repair->line, _("a tag with more than %d attributes; the rest was left out"),
                           MAX_ATTRIBUTES);
        g_string_append(repair->out, "=\"\""); /* the name before it is out already */
        repair->is_leaving = TRUE;
    }
    if (!repair->is_leaving)
        g_string_append_c(repair->out, byte);
    return 1;
}

/* Whether a "<" begins no markup at all; a parser would end at it, as it does at a DTD in the middle. */
static gboolean
is_bare_angle(const char *at)
{
    return at[1] == '/' ? !begins_name(at[2]) : !begins_name(at[1]);
}

/* Returns the length of a tag that has all arrived, in which no byte needs a look, and which is too short to have too
 * many attributes, as nearly all are; 0 for any other. */
static gsize
plain_tag_length(const char *at, const char *end)
{
    const char *last = at + MIN((gsize)(end - at), LEAST_ATTRIBUTE * MAX_ATTRIBUTES);
    gboolean is_end_tag = at[1] == '/';
    char quote = '\0';

    if (end - at < 3 || is_bare_angle(at))
        return 0;
    for (const char *next = at + 1; next < last && !(needs_look[(guchar)*next] & IN_MARKUP); next++)
        if (*next == quote)
            quote = '\0';
        else if (quote)
            continue;
        else if (*next == '>')
            return (gsize)(next + 1 - at);
        else if (!is_end_tag && (*next == '"' || *next == '\''))
            quote = *next;
    return 0;
}

/* Goes into or out of a section where "&" is just a character. Returns FALSE when @at begins or ends none; with @used 0
 * when more bytes are needed to tell. */
static gboolean
repair_section(PfXmlRepair *repair, const char *at, gsize available, gboolean final, gsize *used)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (repair->inside != IN_MARKUP && repair->inside != sections[i].inside)
            continue;
        const char *wanted = repair->inside == IN_MARKUP ? sections[i].open : sections[i].close;
        gsize length = strlen(wanted);
        if (strncmp(at, wanted, MIN(length, available)) != 0 || (available < length && final))
            continue;
        *used = available < length ? 0 : length;
        if (*used == 0)
            return TRUE;
        if (sections[i].inside == IN_CDATA && repair->inside == IN_MARKUP)
            end_tag(repair, FALSE);
        if (sections[i].inside == IN_CDATA)
            g_string_append_len(repair->out, at, (gssize)length);
        repair->run = 0;
        repair->inside = repair->inside == IN_MARKUP ? sections[i].inside : IN_MARKUP;
        return TRUE;
    }
    return FALSE;
}

/* "]]>" ends a section that nobody has begun; libxml2 would lose the text before it. */
static gsize
repair_bracket(PfXmlRepair *repair, const char *at, gsize available, gboolean final)
{
    static const char end[] = "]]>";
    gsize length = strlen(end);

    if (strncmp(at, end, MIN(length, available)) != 0 || (available < length && final)) {
        g_string_append_c(repair->out, *at);
        return 1;
    }
    if (available < length)
        return 0;
    pf_feed_fault_keep(&repair->fault, repair->line, _("a bare \"]]>\", taken as text"));
    g_string_append(repair->out, "]]&#62;");
    return length;
}

static gsize
repair_boundary(PfXmlRepair *repair, const char *at, const char *end, gboolean final)
{
    gsize available = (gsize)(end - at);
    gsize used = *at == '<' && repair->inside == IN_MARKUP ? plain_tag_length(at, end) : 0;

    if (used > 0) {
        end_tag(repair, FALSE);
        pf_feed_tags_write(repair->tags, at, used, repair->line, FALSE);
        return used;
    }
    if (repair_section(repair, at, available, final, &used))
        return used;
    if (*at != '<' && repair->inside == IN_MARKUP)
        return repair_bracket(repair, at, available, final);
    if (*at == '<' && available < 3 && !final)
        return 0;
    if (*at == '<' && is_bare_angle(at)) { /* every text ends with a NUL */
        pf_feed_fault_keep(&repair->fault, repair->line, _("a bare \"<\", taken as \"&lt;\""));
        g_string_append(repair->out, "&lt;");
    } else if (repair->inside & (IN_MARKUP | IN_CDATA)) {
        if (*at == '<')
            begin_tag(repair, at[1] == '/' ? END_TAG : START_TAG);
        g_string_append_c(repair->out, *at);
    }
    return 1;
}

/*
 * Repairs what begins with "&". Numeric references to characters pass; those by name, XML's and HTML's, become numeric,
 * since libxml2 reads none of the others any more once it has met a fault; what else begins with "&" becomes that text.
 *
 * @at: the "&"
 * @end: of what has arrived
 * @final: whether nothing more will
 *
 * Returns: how many bytes were used; 0 when more are needed to tell, of at most 34.
 */
static gsize
repair_reference(PfXmlRepair *repair, const char *at, const char *end, gboolean final)
{
    PfFeedFault *fault = &repair->fault;
    GString *out = repair->out;
    static const struct {
        const char *name;
        const char *numeric;
    } own[] = {{"amp", "&#38;"}, {"lt", "&#60;"}, {"gt", "&#62;"}, {"quot", "&#34;"}, {"apos", "&#39;"}};
    int length = reference_length(at, end, final);

    if (length < 0)
        return 0;
    if (length == 0) {
        pf_feed_fault_keep(fault, repair->line, _("a bare \"&\", taken as \"&amp;\""));
        g_string_append(out, "&#38;");
        return 1;
    }
    g_autofree char *name = g_strndup(at + 1, (gsize)length - 2);
    const char *numeric = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        numeric = g_str_equal(name, own[i].name) ? own[i].numeric : numeric;
    gunichar html = numeric ? 0 : pf_html_entity(name);

    if (name[0] == '#' && !is_character(name + 1)) {
        pf_feed_fault_keep(fault, repair->line, _("\"&%s;\" is not a character"), name);
    } else if (name[0] == '#') {
        g_string_append_len(out, at, length);
    } else if (numeric) {
        g_string_append(out, numeric);
    } else if (html) {
        pf_feed_fault_keep(fault, repair->line, _("\"&%s;\" is an entity of HTML, not of XML"), name);
        g_string_append_printf(out, "&#%u;", html);
    } else {
        pf_feed_fault_keep(fault, repair->line, _("\"&%s;\" is not an entity of XML, taken as text"), name);
        g_string_append_printf(out, "&#38;%s;", name);
    }
    return (gsize)length;
}

/* Handles one byte that needs a look, with what belongs to it. Returns how many were used, 0 when more are needed. */
static gsize
repair_one(PfXmlRepair *repair, const char *at, const char *end, gboolean final)
{
    guchar byte = (guchar)*at;

    if (repair->tag != NO_TAG && repair->inside == IN_MARKUP && needs_look[byte] == IN_TAG)
        return repair_tag(repair, *at);
    if (byte == '&')
        return repair_reference(repair, at, end, final);
    if (byte >= 0x80)
        return repair_character(repair, at);
    if (byte >= 0x20)
        return repair_boundary(repair, at, end, final);
    if (byte == '\n') {
        repair->line++;
        g_string_append_c(repair->out, '\n');
        return 1;
    }
    if (repair->inside & (IN_MARKUP | IN_CDATA)) {
        pf_feed_fault_keep(&repair->fault, repair->line, _("a control character U+%04X"), byte);
        g_string_append(repair->out, REPLACEMENT);
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
leave_out(PfXmlRepair *repair, const char *at, const char *end, gboolean final)
{
    gsize before = repair->out->len, used = repair_one(repair, at, end, final);
    if (repair->is_leaving && used > 0 && (*at != '\n' || run_length(repair) >= MAX_TAG + MAX_LINES))
        g_string_truncate(repair->out, before);
    if (used > 0)
        repair->last = '\0';
    return used;
}

/* Splits a long CDATA section between two characters, but not between CR and LF, which are one line end; leaves out the
 * rest of a long tag. */
static void
break_run(PfXmlRepair *repair, char next)
{
    if (repair->inside == IN_CDATA &&
        (next != '\n' || (repair->out->len > 0 && repair->out->str[repair->out->len - 1] != '\r'))) {
        g_string_append(repair->out, "]]><![CDATA[");
        repair->run = 0;
    } else if (repair->inside == IN_MARKUP && repair->tag != NO_TAG && run_length(repair) >= MAX_TAG &&
               !repair->is_leaving) {
        pf_feed_fault_keep(&repair->fault, repair->line, _("a tag of more than %zu MiB; the rest was left out"),
                           MAX_TAG / 1024 / 1024);
        if (repair->quote)
            g_string_append_c(repair->out, repair->quote);
        repair->is_leaving = TRUE;
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
repair_text(PfXmlRepair *repair, const char *text, gsize length, gboolean final)
{
    const char *at = text, *end = text + length;

    while (at < end) {
        const char *plain = at;
        if (G_UNLIKELY(run_length(repair) >= MAX_SECTION))
            break_run(repair, *at);
        gsize before = repair->out->len;
        gboolean in_tag = repair->tag != NO_TAG && repair->inside == IN_MARKUP;
        const char *limit = find_limit(at, end, in_tag);
        at = skip_plain(at, limit, in_tag ? IN_MARKUP | IN_TAG : repair->inside);
        if (repair->is_leaving && at > plain)
            repair->last = at[-1];
        if (!repair->is_leaving && (repair->inside & (IN_MARKUP | IN_CDATA))) /* the others say nothing here */
            g_string_append_len(repair->out, plain, at - plain);
        gsize used = at == limit ? 0 : (repair->is_leaving ? leave_out : repair_one)(repair, at, end, final);
        at += used;
        if (repair->inside == IN_CDATA && repair->out->len > before)
            repair->run += repair->out->len - before;
        if (used == 0 && (at == end || at < limit))
            break;
    }
    return (gsize)(at - text);
}

/* Ends what has none when the feed ends, and holds back a tag otherwise. */
static const GString *
finish_piece(PfXmlRepair *repair, gboolean final)
{
    if (final && repair->inside == IN_CDATA)
        g_string_append(repair->out, "]]>");
    if (final)
        end_tag(repair, TRUE);
    else if (repair->tag != NO_TAG)
        hold_tag(repair);
    return repair->out;
}

const GString *
pf_xml_repair_push(PfXmlRepair *repair, const GString *text, gboolean final)
{
    g_string_truncate(repair->out, 0);
    repair->tag_at = 0;
    if (repair->held->len == 0) { /* mostly, and then nothing is copied twice */
        gsize used = repair_text(repair, text->str, text->len, final);
        g_string_append_len(repair->held, text->str + used, (gssize)(text->len - used));
        return finish_piece(repair, final);
    }
    g_string_append_len(repair->held, text->str, (gssize)text->len);
    g_string_erase(repair->held, 0, (gssize)repair_text(repair, repair->held->str, repair->held->len, final));
    return finish_piece(repair, final);
}

guint
pf_xml_repair_get_line(const PfXmlRepair *repair)
{
    return repair->line;
}

const PfFeedFault *
pf_xml_repair_get_fault(const PfXmlRepair *repair)
{
    return &repair->fault;
}
