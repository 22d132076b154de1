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

void
pf_output_cell(const char *text, int width)
{
    g_autofree char *line = pf_log_printable(text ? text : "-");

    if (width == 0) {
        printf("%s\n", line);
        return;
    }
    int columns = pf_text_columns(line);
    if (columns > width) {
        /* One column less makes room for the ellipsis. */
        line[pf_text_fit(line, width - 1)] = '\0';
        columns = pf_text_columns(line) + 1;
        printf("%s…%*s", line, width - columns + 2, "");
    } else {
        printf("%s%*s", line, width - columns + 2, "");
    }
}

static struct winsize
read_size(void)
{
    struct winsize size = {0};

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    return size;
}

int
pf_output_get_width(void)
{
    return read_size().ws_col;
}

int
pf_output_get_height(void)
{
    return read_size().ws_row;
}

/* Of the room for both titles the show's takes a third, and this at the most: a column that is wider holds air. */
#define SHOW_WIDTH 24

/* Writes a cell as it is, and pads it if it is shorter. */
static void
write_whole(const char *text, int width)
{
    g_autofree char *line = pf_log_printable(text);

    printf("%s%*s", line, MAX(width - pf_text_columns(line), 0) + 2, "");
}

void
pf_output_title_cells(const char *show, const char *title, int used)
{
    int width = pf_output_get_width();
    int room = width - used - 2;

    if (width == 0) {
        write_whole(show ? show : "-", SHOW_WIDTH);
        pf_output_cell(title, 0);
        return;
    }
    int for_show = CLAMP(room / 3, 1, SHOW_WIDTH);
    pf_output_cell(show, for_show);
    /* The last cell of a line is not padded, which would break lines where the terminal ends. */
    g_autofree char *line = pf_log_printable(title ? title : "-");
    int for_title = MAX(room - for_show, 1);
    if (pf_text_columns(line) <= for_title)
        printf("%s\n", line);
    else
        printf("%.*s…\n", (int)pf_text_fit(line, for_title - 1), line);
}

/* How far away a time is, as people say it; NULL for more than some days. */
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
            return distance < 0 ? g_strdup_printf(_("%" PRId64 " %s ago"), length / steps[i].unit, _(steps[i].name))
                                : g_strdup_printf(_("in %" PRId64 " %s"), length / steps[i].unit, _(steps[i].name));
    return NULL;
}

char *
pf_output_dup_time(gint64 time)
{
    char *distance = time && isatty(STDOUT_FILENO) ? dup_distance(time - pf_clock_now()) : NULL;

    if (distance)
        return distance;
    g_autoptr(GDateTime) date = time ? g_date_time_new_from_unix_local(time) : NULL;

    return date ? g_date_time_format(date, "%Y-%m-%d %H:%M") : NULL;
}

void
pf_output_time_cell(gint64 time, int width)
{
    g_autofree char *text = pf_output_dup_time(time);

    pf_output_cell(text, width);
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
