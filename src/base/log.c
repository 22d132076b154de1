/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdio.h>

static const char *log_program;
static PfLogLevel log_level;

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

static GLogWriterOutput
write_line(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer data)
{
    (void)data;
    if (level_of(flags) > log_level)
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(fields[i].key, "MESSAGE")) {
            g_autofree char *text = pf_log_printable(fields[i].value);
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
    if (g_once_init_enter(&set)) {
        g_log_set_writer_func(write_line, NULL, NULL);
        g_once_init_leave(&set, 1);
    }
}

gboolean
pf_log_is_shown(PfLogLevel level)
{
    return level <= log_level;
}

char *
pf_log_printable(const char *text)
{
    if (!text)
        return NULL;

    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *line = g_string_new(NULL);
    gboolean space = FALSE;

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_isspace(character)) {
            space = line->len > 0;
            continue;
        }
        if (space)
            g_string_append_c(line, ' ');
        space = FALSE;
        /* Format characters are refused too: the bidirectional ones can make a URL read as another one. */
        if (g_unichar_iscntrl(character) || g_unichar_type(character) == G_UNICODE_FORMAT)
            character = 0xFFFD;
        g_string_append_unichar(line, character);
    }
    return g_string_free(line, FALSE);
}
