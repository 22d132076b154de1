/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_tags.h"

#include <string.h>

#include "feed/feed_attributes.h"
#include "feed/parse.h"

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

struct PfFeedTags {
    GArray *open;       /* of Open */
    GString *names;     /* of the open elements, each with a NUL */
    GString *name;      /* of the tag that is being written */
    GArray *attributes; /* of Span: the names that it has so far */
};

PfFeedTags *
pf_feed_tags_new(void)
{
    PfFeedTags *tags = g_new0(PfFeedTags, 1);

    tags->open = g_array_new(FALSE, FALSE, sizeof(Open));
    tags->names = g_string_new(NULL);
    tags->name = g_string_new(NULL);
    tags->attributes = g_array_new(FALSE, FALSE, sizeof(Span));
    return tags;
}

void
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

    while (at < end) {
        gboolean is_first = at == start;

        if ((guchar)*at >= 0x80 ? is_name_character(g_utf8_get_char(at), is_first)
                                : g_ascii_isalpha(*at) || *at == '_' || *at == ':' ||
                                      (!is_first && (g_ascii_isdigit(*at) || *at == '-' || *at == '.')))
            at += g_utf8_skip[(guchar)*at];
        else
            break;
    }
    return at - start <= MAX_NAME ? at : start;
}

/* Writes a name. A colon that does not stand between a prefix and a name is none to XML's namespaces. */
static void
add_name(GString *out, const char *name, gsize length)
{
    const char *colon = memchr(name, ':', length);
    gsize first = colon ? (gsize)(colon - name) : 0;
    gboolean is_prefix = colon && first > 0 && first + 1 < length && name[first + 1] != ':' &&
                         end_of_name(colon + 1, name + length) > colon + 1;

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
close_innermost(PfFeedTags *tags, GString *out)
{
    g_string_append(out, PF_FEED_TAGS_MARK "</");
    g_string_append(out, name_of(tags, innermost(tags)));
    g_string_append_c(out, '>');
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
    return (int)pf_text_cut(name, strlen(name), MAX_SHOWN);
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
write_attributes(PfFeedTags *tags, const char *at, const char *end, guint line, GString *out, PfFeedFault *fault,
                 const char **broken)
{
    const char *name = tags->name->str;

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
            pf_feed_fault_keep(fault, line, "<%.*s> has an attribute twice, of which the first counts", shown(name),
                               name);
            add_line_ends(out, at, next);
        } else {
            if (at == attribute)
                pf_feed_fault_keep(fault, line, "<%.*s> has no space between two attributes", shown(name), name);
            g_string_append_len(out, at == attribute ? " " : at, at == attribute ? 1 : attribute - at);
            add_name(out, attribute, (gsize)(name_end - attribute));
            g_string_append_len(out, name_end, next - name_end);
        }
        at = next;
    }
}

static void
write_start(PfFeedTags *tags, const char *name_end, const char *end, guint line, gboolean is_last, GString *out,
            PfFeedFault *fault)
{
    const char *name = tags->name->str;

    /* That ends the parse, unless all these are open only for want of end tags. */
    if (tags->open->len == PF_FEED_MAX_DEPTH) {
        const char *inner = name_of(tags, innermost(tags));
        pf_feed_fault_keep(fault, line, "<%.*s> ends here, as more than %d elements are open", shown(inner), inner,
                           PF_FEED_MAX_DEPTH);
        close_innermost(tags, out);
    }
    g_string_append_c(out, '<');
    g_string_append_len(out, name, (gssize)tags->name->len);

    gsize bare = out->len;
    const char *broken;
    const char *stop = write_attributes(tags, name_end, end, line, out, fault, &broken);
    gboolean is_empty = stop && *stop == '/';
    if (!stop) {
        stop = memchr(broken, '>', (gsize)(end - broken));
        is_empty = stop > broken && stop[-1] == '/';
        if (stop)
            pf_feed_fault_keep(fault, line, "<%.*s> has a broken attribute, so that none of its attributes count",
                               shown(name), name);
        else if (!is_last)
            pf_feed_fault_keep(fault, line, "<%.*s> breaks off, so that none of its attributes count", shown(name),
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
write_end(PfFeedTags *tags, const char *name_end, const char *end, guint line, gboolean is_last, GString *out,
          PfFeedFault *fault)
{
    const char *name = tags->name->str;
    const char *stop = memchr(name_end, '>', (gsize)(end - name_end));
    guint closed = count_closed(tags, name);

    if (closed == 0) {
        if (stop || !is_last)
            pf_feed_fault_keep(fault, line, "</%.*s> has no start tag", shown(name), name);
        add_line_ends(out, name_end, end);
        return;
    }
    for (; closed > 1; closed--) {
        const char *inner = name_of(tags, innermost(tags));
        pf_feed_fault_keep(fault, line, "<%.*s> of line %u has no end tag before </%.*s>", shown(inner), inner,
                           innermost(tags)->line, shown(name), name);
        close_innermost(tags, out);
    }
    const char *opened = name_of(tags, innermost(tags));
    if (!g_str_equal(opened, name))
        pf_feed_fault_keep(fault, line, "<%.*s> ends with </%.*s>", shown(opened), opened, shown(name), name);
    else if (!stop || skip_blanks(name_end, end) != stop)
        pf_feed_fault_keep(fault, line, "</%.*s has no \">\" behind its name", shown(name), name);
    g_string_append(out, "</");
    g_string_append(out, opened);
    add_line_ends(out, name_end, end);
    g_string_append_c(out, '>');
    drop_innermost(tags);
}

void
pf_feed_tags_write(PfFeedTags *tags, const char *text, gsize length, guint line, gboolean is_last, GString *out,
                   PfFeedFault *fault)
{
    const char *end = text + length;
    gboolean is_end_tag = length > 1 && text[1] == '/';
    const char *name = MIN(text + 1 + is_end_tag, end);
    const char *name_end = end_of_name(name, end);

    if (name_end == name) {
        pf_feed_fault_keep(fault, line, "a bare \"<\", taken as \"&lt;\"");
        g_string_append(out, "&lt;");
        g_string_append_len(out, text + 1, end - text - 1);
        return;
    }
    g_string_truncate(tags->name, 0);
    add_name(tags->name, name, (gsize)(name_end - name));
    (is_end_tag ? write_end : write_start)(tags, name_end, end, line, is_last, out, fault);
}
