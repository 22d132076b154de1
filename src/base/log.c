/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdio.h>

static const char *log_program;
static PfLogLevel log_level;
static gboolean log_to_journal;
static PfLogWriter log_writer;

static PfLogLevel
level_of(GLogLevelFlags flags)
{
    if (flags & G_LOG_LEVEL_DEBUG)
        return PF_LOG_DEBUG;
    if (flags & G_LOG_LEVEL_INFO)
        return PF_LOG_INFO;
    if (flags & G_LOG_LEVEL_MESSAGE)
        return PF_LOG_NORMAL;
    return PF_LOG_QUIET;
}

/* The message's fields with its text made printable; the others are kept as they are, since journalctl shows them so
 * that a terminal does not act upon them. Returns FALSE when the journal does not take it. */
static gboolean
write_to_journal(GLogLevelFlags flags, const char *text, const GLogField *fields, gsize count)
{
    g_autofree GLogField *sent = g_new(GLogField, count + 1);

    for (gsize i = 0; i < count; i++) {
        sent[i] = fields[i];
        if (g_str_equal(sent[i].key, "MESSAGE"))
            sent[i] = (GLogField){"MESSAGE", text, -1};
    }
    sent[count] = (GLogField){"SYSLOG_IDENTIFIER", log_program, -1};
    return g_log_writer_journald(flags, sent, count + 1, NULL) == G_LOG_WRITER_HANDLED;
}

static GLogWriterOutput
write_message(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer data)
{
    (void)data;
    if (level_of(flags) > log_level)
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(fields[i].key, "MESSAGE")) {
            g_autofree char *text = pf_log_printable(fields[i].value);
            if (log_writer)
                log_writer(flags, text);
            else if (!log_to_journal || !write_to_journal(flags, text, fields, count))
                fprintf(stderr, "%s: %s\n", log_program, text);
        }
    }
    return G_LOG_WRITER_HANDLED;
}

void
pf_log_start(const char *program, PfLogLevel level)
{
    static gsize set;

    log_program = program;
    log_level = level;
    log_to_journal = g_log_writer_is_journald(fileno(stderr));
    if (g_once_init_enter(&set)) {
        g_log_set_writer_func(write_message, NULL, NULL);
        g_once_init_leave(&set, 1);
    }
}

void
pf_log_set_writer(PfLogWriter writer)
{
    log_writer = writer;
}

/* The number that syslog has for a level. */
static const char *
priority_of(GLogLevelFlags level)
{
    if (level & G_LOG_LEVEL_WARNING)
        return "4";
    if (level & G_LOG_LEVEL_MESSAGE)
        return "5";
    return level & G_LOG_LEVEL_INFO ? "6" : "7";
}

void
pf_log_about(GLogLevelFlags level, const PfLogSubject *subject, const char *format, ...)
{
    g_autofree char *entry = g_strdup_printf("%" G_GINT64_FORMAT, subject->entry);
    va_list values;

    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);

    GLogField fields[6] = {
        {"MESSAGE", text, -1}, {"PRIORITY", priority_of(level), -1}, {"GLIB_DOMAIN", G_LOG_DOMAIN, -1}};
    gsize count = 3;
    if (subject->file)
        fields[count++] = (GLogField){"PODFLATTR_FILE", subject->file, -1};
    if (subject->feed)
        fields[count++] = (GLogField){"PODFLATTR_FEED", subject->feed, -1};
    if (subject->entry)
        fields[count++] = (GLogField){"PODFLATTR_ENTRY", entry, -1};
    g_log_structured_array(level, fields, count);
}

gboolean
pf_log_is_shown(PfLogLevel level)
{
    return level <= log_level;
}

/* Whether a text is ASCII that needs no change: what nearly all texts are. */
static gboolean
is_printable(const char *text)
{
    const char *at = text;

    while (g_ascii_isgraph(*at) || (*at == ' ' && at > text && at[1] != ' ' && at[1]))
        at++;
    return !*at;
}

/* Whether a format character joins letters of a script, or emojis to one picture, in which it misleads nobody. */
static gboolean
is_joiner(const char *at, const GString *before)
{
    gunichar character = g_utf8_get_char(at);

    return (character == 0x200C || character == 0x200D) && before->len > 0 &&
           (guchar)before->str[before->len - 1] >= 0x80 && (guchar)*g_utf8_next_char(at) >= 0x80;
}

char *
pf_log_printable(const char *text)
{
    if (!text || is_printable(text))
        return g_strdup(text);

    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *line = g_string_new(NULL);
    gboolean space = FALSE;

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        gboolean plain = g_ascii_isgraph(*at); /* nearly all, and Unicode's tables are slow */
        if (!plain && g_unichar_isspace(character)) {
            space = line->len > 0;
            continue;
        }
        if (space)
            g_string_append_c(line, ' ');
        space = FALSE;
        /* Format characters are refused too: the bidirectional ones can make a URL read as another one. */
        if (!plain && (g_unichar_iscntrl(character) || g_unichar_type(character) == G_UNICODE_FORMAT) &&
            !is_joiner(at, line))
            character = 0xFFFD;
        if (plain)
            g_string_append_c(line, *at);
        else
            g_string_append_unichar(line, character);
    }
    return g_string_free(line, FALSE);
}

static gboolean
is_shown(gunichar character)
{
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return FALSE;
    default:
        return TRUE;
    }
}

char *
pf_log_json_printable(const char *json)
{
    GString *text = g_string_new(NULL);
    const char *kept = json; /* what stands here is not copied yet */

    /* JSON itself is ASCII, so whatever is found stands inside a string, where an escape is allowed. */
    for (const char *at = json; *at; at = g_utf8_next_char(at)) {
        gunichar character = (guchar)*at < 0x80 ? (guchar)*at : g_utf8_get_char(at);

        if (character < 0x7F || is_shown(character))
            continue;
        g_string_append_len(text, kept, at - kept);
        kept = g_utf8_next_char(at);
        if (character < 0x10000)
            g_string_append_printf(text, "\\u%04x", character);
        else
            g_string_append_printf(text, "\\u%04x\\u%04x", 0xD7C0 + (character >> 10), 0xDC00 + (character & 0x3FF));
    }
    return g_string_free(g_string_append(text, kept), FALSE);
}
