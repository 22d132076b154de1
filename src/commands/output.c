/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/output.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "commands/command.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

char *
pf_output_json_dup(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    char *line = pf_log_json_printable(text);

    free(text);
    return line;
}

void
pf_output_json_take(json_t *object)
{
    g_autofree char *line = pf_output_json_dup(object);

    printf("%s\n", line);
    json_decref(object);
}

json_t *
pf_output_json_string(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    return valid ? json_string_nocheck(valid) : json_null();
}

json_t *
pf_output_json_time(gint64 time)
{
    char text[PF_CLOCK_TEXT_SIZE];

    return time ? json_string(pf_clock_format(time, text)) : json_null();
}

json_t *
pf_output_json_id(gint64 number)
{
    return number ? json_integer(number) : json_null();
}

/* Standard output does not change; the rows of a table ask the kernel only once. */
static gboolean
is_terminal(void)
{
    static int answer = -1;

    if (answer < 0)
        answer = isatty(STDOUT_FILENO);
    return answer;
}

/* A terminal that does not say how wide it is. */
#define USUAL_WIDTH 80

static struct winsize
read_size(void)
{
    struct winsize size = {0};

    if (!is_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    return size;
}

int
pf_output_get_width(void)
{
    guint64 wanted = 0;

    if (!is_terminal())
        return 0;
    int width = read_size().ws_col;
    if (g_ascii_string_to_unsigned(g_getenv("COLUMNS") ? g_getenv("COLUMNS") : "", 10, 1, G_MAXUINT16, &wanted, NULL))
        return (int)wanted;
    return width > 0 ? width : USUAL_WIDTH;
}

int
pf_output_get_height(void)
{
    return read_size().ws_row;
}

/* --- cells --- */

/* Appends a text cut to a width. */
static void
append_cut(GString *line, const char *text, int width)
{
    if (pf_text_columns(text) <= width)
        g_string_append(line, text);
    else /* one column less makes room for the ellipsis */
        g_string_append_printf(line, "%.*s…", (int)pf_text_fit(text, width - 1), text);
}

/* Appends a cell and the gap behind it. @width: to which it is padded, and cut if that is wanted */
static void
append_cell(GString *line, const char *text, int width, gboolean cut)
{
    g_autofree char *shown = pf_log_printable(text && *text ? text : "-");
    gsize start = line->len;

    append_cut(line, shown, cut ? width : G_MAXINT);
    g_string_append_printf(line, "%*s", MAX(width - pf_text_columns(line->str + start), 0) + 2, "");
}

/* Whether a cell is there to be copied, which is why it is not cut. */
static gboolean
is_address(const char *text)
{
    return *text == '/' || strstr(text, "://");
}

/* Appends the last cell of a line, which is not padded: that would break lines where the terminal ends. @room: 0 for no
 * limit */
static void
append_last_cell(GString *line, const char *text, int room)
{
    g_autofree char *shown = pf_log_printable(text && *text ? text : "-");

    if (room == 0 || pf_text_columns(shown) <= room)
        g_string_append(line, shown);
    else if (is_address(shown))
        g_string_append_printf(line, "\n  %s", shown);
    else
        append_cut(line, shown, room);
}

/* Columns are not narrowed to less, and what is in the last one has that room at least. */
#define LEAST_WIDTH 6
#define LEAST_ROOM 12

/* A time in a pipe, "2026-01-31T14:00:00+01". */
#define ISO_WIDTH 22

/* How wide each column is now, up to the last one; 0: left out. It has room for its heading, which is longer in some
 * languages. Returns what they take in all. */
static int
choose_widths(const PfOutputColumn *columns, gsize count, int terminal, int *widths)
{
    int used = 0;

    for (gsize i = 0; i < count; i++) {
        gboolean is_shown = terminal == 0 || terminal >= columns[i].from;
        int heading = columns[i].heading ? pf_text_columns(_(columns[i].heading)) : 0;
        widths[i] = is_shown ? MAX(columns[i].width, heading) : 0;
        if (terminal == 0 && columns[i].kind == PF_OUTPUT_TIME)
            widths[i] = ISO_WIDTH;
        used += widths[i] > 0 ? widths[i] + 2 : 0;
    }
    while (terminal > 0 && used + LEAST_ROOM > terminal) {
        gsize widest = count;
        for (gsize i = 0; i < count; i++)
            if (columns[i].kind != PF_OUTPUT_WHOLE && widths[i] > LEAST_WIDTH &&
                (widest == count || widths[i] > widths[widest]))
                widest = i;
        if (widest == count)
            break;
        widths[widest]--;
        used--;
    }
    return used;
}

void
pf_output_row(const PfOutputColumn *columns, const char *const *cells)
{
    g_autoptr(GString) line = g_string_new(NULL);
    int terminal = pf_output_get_width();
    gsize count = 0;

    while (columns[count].width > 0)
        count++;
    g_autofree int *widths = g_new0(int, count + 1);
    int room = MAX(terminal - choose_widths(columns, count, terminal, widths), 1);
    for (gsize i = 0; i < count; i++)
        if (widths[i] > 0)
            append_cell(line, cells ? cells[i] : _(columns[i].heading), widths[i],
                        terminal > 0 && columns[i].kind != PF_OUTPUT_WHOLE);
    append_last_cell(line, cells ? cells[count] : _(columns[count].heading), terminal > 0 ? room : 0);
    printf("%s\n", line->str);
}

void
pf_output_line(const char *line)
{
    g_autoptr(GString) wrapped = g_string_new(NULL);

    pf_text_append_wrapped(wrapped, line, pf_output_get_width());
    printf("%s\n", wrapped->str);
}

void
pf_output_field(const char *label, int width, const char *text)
{
    g_autofree char *shown = pf_log_printable(text ? text : "-");
    g_autofree char *line = g_strdup_printf("%s%*s  %s", label, MAX(width - pf_text_columns(label), 0), "", shown);

    pf_output_line(line);
}

/* How far away a time is, in words; NULL for more than a few days. */
static char *
dup_distance(gint64 distance)
{
    static const struct {
        gint64 below, unit;
        const char *name;
    } steps[] = {
        {60, 1, "s"}, {3600, 60, "min"}, {2 * (gint64)86400, 3600, "h"}, {8 * (gint64)86400, 86400, N_("days")}};
    gint64 length = ABS(distance);

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (length < steps[i].below)
            return distance <= 0 ? g_strdup_printf(_("%" PRId64 " %s ago"), length / steps[i].unit, _(steps[i].name))
                                 : g_strdup_printf(_("in %" PRId64 " %s"), length / steps[i].unit, _(steps[i].name));
    return NULL;
}

char *
pf_output_dup_time(gint64 time)
{
    g_autoptr(GDateTime) date = time ? g_date_time_new_from_unix_local(time) : NULL;

    if (!date || !is_terminal())
        return date ? g_date_time_format_iso8601(date) : NULL;
    char *distance = dup_distance(time - pf_clock_now());

    /* TRANSLATORS: a day and a time, as strftime() writes them; 16 characters at the most */
    return distance ? distance : g_date_time_format(date, _("%Y-%m-%d %H:%M"));
}

char *
pf_output_dup_day(gint64 time)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);

    /* TRANSLATORS: a day, as strftime() writes it; ten characters at the most */
    return date ? g_date_time_format(date, is_terminal() ? _("%Y-%m-%d") : "%F") : NULL;
}

char *
pf_output_dup_size(gint64 bytes)
{
    /* LC_NUMERIC is "C" for it. */
    g_autofree char *size = g_format_size((guint64)bytes);
    g_auto(GStrv) parts = g_strsplit(size, ".", 2);

    return g_strjoinv(pf_i18n_get_point(), parts);
}

/* Work goes on in the main thread, without coming back to a main loop, so the line is drawn by another one. */
struct PfWork {
    const char *what;
    GThread *thread; /* NULL where there is nobody to see it */
    GMutex mutex;
    GCond ended;
    gboolean is_over; /* under the mutex */
};

static gpointer
show_work(gpointer data)
{
    PfWork *work = data;
    gint64 begin = g_get_monotonic_time();
    guint seconds = 0;

    g_mutex_lock(&work->mutex);
    while (!work->is_over) {
        if (g_cond_wait_until(&work->ended, &work->mutex, begin + (seconds + 1) * G_TIME_SPAN_SECOND))
            continue;
        /* The cursor goes back, so that a message takes the line's place. */
        fprintf(stderr, "\r\033[K%s, %u s\r", work->what, ++seconds);
        fflush(stderr);
    }
    g_mutex_unlock(&work->mutex);
    if (seconds > 0)
        fputs("\r\033[K", stderr);
    return NULL;
}

PfWork *
pf_work_begin(const char *what)
{
    PfWork *work = g_new0(PfWork, 1);

    work->what = what;
    g_mutex_init(&work->mutex);
    g_cond_init(&work->ended);
    if (isatty(STDERR_FILENO) && pf_log_is_shown(PF_LOG_NORMAL))
        work->thread = g_thread_new("work", show_work, work);
    return work;
}

void
pf_work_end(PfWork *work)
{
    if (!work)
        return;
    g_mutex_lock(&work->mutex);
    work->is_over = TRUE;
    g_cond_signal(&work->ended);
    g_mutex_unlock(&work->mutex);
    if (work->thread)
        g_thread_join(work->thread);
    g_mutex_clear(&work->mutex);
    g_cond_clear(&work->ended);
    g_free(work);
}

gboolean
pf_output_is_yes(const char *answer)
{
    /* TRANSLATORS: the letter that says yes to questions with [y/N]; "y" does so, too */
    const char *yes = _("y");

    return g_ascii_strncasecmp(answer, "y", 1) == 0 || g_ascii_strncasecmp(answer, yes, strlen(yes)) == 0;
}

gboolean
pf_output_flush(GError **error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE, _("cannot write the results: %s"), g_strerror(errno));
    return FALSE;
}
