/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_channel.h"

#include "base/i18n.h"
#include "base/limits.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct PfWatchWakeup {
    int descriptor;
    GMutex mutex;
    GCond signalled;
    PfWakeupCall calls;
    gboolean stopping;
};

/* Reading is enough to wake the thread: that needs no room on the disk, and no new descriptor. */
static int
open_file(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "watch-XXXXXX", NULL);
    int descriptor = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    int code = descriptor < 0 || write(descriptor, "\n", 1) != 1 ? errno : 0;

    if (descriptor >= 0)
        g_unlink(path);
    if (code == 0)
        return descriptor;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), _("cannot write a file in %s: %s"), state_dir,
                g_strerror(code));
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

PfWatchWakeup *
pf_watch_wakeup_new(const char *state_dir, GError **error)
{
    int descriptor = open_file(state_dir, error);
    PfWatchWakeup *wakeup;

    if (descriptor < 0)
        return NULL;
    wakeup = g_new0(PfWatchWakeup, 1);
    wakeup->descriptor = descriptor;
    g_mutex_init(&wakeup->mutex);
    g_cond_init(&wakeup->signalled);
    return wakeup;
}

void
pf_watch_wakeup_free(PfWatchWakeup *wakeup)
{
    if (!wakeup)
        return;
    close(wakeup->descriptor);
    g_mutex_clear(&wakeup->mutex);
    g_cond_clear(&wakeup->signalled);
    g_free(wakeup);
}

int
pf_watch_wakeup_get_descriptor(const PfWatchWakeup *wakeup)
{
    return wakeup->descriptor;
}

void
pf_watch_wakeup_signal(PfWatchWakeup *wakeup, PfWakeupCall call)
{
    char byte;

    g_mutex_lock(&wakeup->mutex);
    wakeup->calls |= call;
    wakeup->stopping |= (call & PF_WAKEUP_STOP) != 0;
    g_cond_signal(&wakeup->signalled);
    g_mutex_unlock(&wakeup->mutex);
    /* After the call is noted, since the thread looks for it as soon as it hears the file. */
    while (pread(wakeup->descriptor, &byte, 1, 0) < 0 && errno == EINTR)
        continue;
}

PfWakeupCall
pf_watch_wakeup_take(PfWatchWakeup *wakeup)
{
    PfWakeupCall calls;

    g_mutex_lock(&wakeup->mutex);
    calls = wakeup->calls;
    wakeup->calls = 0;
    g_mutex_unlock(&wakeup->mutex);
    return calls;
}

void
pf_watch_wakeup_wait(PfWatchWakeup *wakeup)
{
    g_mutex_lock(&wakeup->mutex);
    while (wakeup->calls == 0)
        g_cond_wait(&wakeup->signalled, &wakeup->mutex);
    g_mutex_unlock(&wakeup->mutex);
}

gboolean
pf_watch_wakeup_is_stopping(PfWatchWakeup *wakeup)
{
    gboolean stopping;

    g_mutex_lock(&wakeup->mutex);
    stopping = wakeup->stopping;
    g_mutex_unlock(&wakeup->mutex);
    return stopping;
}

/* How many files may wait for the main loop. */
#define ROOM 4096
/* After a burst of this many, memory is given back. */
#define BURST 8192

typedef struct {
    PfWatchFile file; /* path is NULL for a mark */
    guint folder;
    gint64 mark;
} Message;

typedef struct {
    GSource source;
    PfWatchChannel *channel;
} ChannelSource;

struct PfWatchChannel {
    PfWatchChannelReader reader;
    GSource *source;
    GMutex mutex;
    GCond room;
    GQueue messages;
    gboolean changed;
    gboolean closed;
    gint64 timer;
    guint read; /* since memory was last given back */
    guint held; /* messages of the turn that is being read; the main thread's */
};

static void
free_message(gpointer pointer)
{
    Message *message = pointer;

    g_free((char *)message->file.path);
    g_free((char *)message->file.old_name);
    g_free(message);
}

/* With the mutex held. */
static void
set_ready(PfWatchChannel *channel)
{
    gboolean now = channel->messages.length > 0 || channel->changed;

    g_source_set_ready_time(channel->source, now ? 0 : channel->timer == G_MAXINT64 ? -1 : channel->timer);
}

static void
read_message(PfWatchChannel *channel, const Message *message)
{
    if (message->file.path)
        channel->reader.found(&message->file, channel->reader.found_data);
    else
        channel->reader.looked(message->folder, message->mark, channel->reader.data);
}

/* What is to be done in one turn of the main loop. */
typedef struct {
    GQueue messages;
    gboolean changed;
    gboolean timer;
    gboolean trim;
} Turn;

static void
take_turn(PfWatchChannel *channel, Turn *turn)
{
    g_mutex_lock(&channel->mutex);
    g_queue_init(&turn->messages);
    while (channel->messages.length > 0 && turn->messages.length < PF_BATCH_WATCH_EVENTS)
        g_queue_push_tail(&turn->messages, g_queue_pop_head(&channel->messages));
    g_cond_signal(&channel->room);
    turn->changed = channel->changed;
    channel->changed = FALSE;
    turn->timer = channel->timer <= g_get_monotonic_time();
    if (turn->timer)
        channel->timer = G_MAXINT64;
    channel->read += turn->messages.length;
    turn->trim = channel->messages.length == 0 && channel->read > BURST;
    if (turn->trim)
        channel->read = 0;
    set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    PfWatchChannel *channel = ((ChannelSource *)source)->channel;
    Message *message;
    Turn turn;

    (void)callback;
    (void)data;
    take_turn(channel, &turn);
    /* Any reader may free the channel; its source is then destroyed, but lives until this function returns. */
    if (turn.timer)
        channel->reader.timer(channel->reader.data);
    if (turn.changed && !g_source_is_destroyed(source))
        channel->reader.changed(channel->reader.data);
    while ((message = g_queue_pop_head(&turn.messages)) != NULL) {
        if (!g_source_is_destroyed(source)) {
            channel->held = turn.messages.length;
            read_message(channel, message);
        }
        free_message(message);
    }
    if (turn.trim)
        pf_memory_give_back();
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.dispatch = dispatch};

PfWatchChannel *
pf_watch_channel_new(const PfWatchChannelReader *reader)
{
    PfWatchChannel *channel = g_new0(PfWatchChannel, 1);

    channel->reader = *reader;
    channel->timer = G_MAXINT64;
    g_mutex_init(&channel->mutex);
    g_cond_init(&channel->room);
    g_queue_init(&channel->messages);
    channel->source = g_source_new(&source_functions, sizeof(ChannelSource));
    ((ChannelSource *)channel->source)->channel = channel;
    g_source_set_static_name(channel->source, "watched folders");
    g_source_attach(channel->source, g_main_context_get_thread_default());
    return channel;
}

void
pf_watch_channel_free(PfWatchChannel *channel)
{
    if (!channel)
        return;
    g_source_destroy(channel->source);
    g_source_unref(channel->source);
    g_queue_clear_full(&channel->messages, free_message);
    g_mutex_clear(&channel->mutex);
    g_cond_clear(&channel->room);
    g_free(channel);
}

static void
put_message(PfWatchChannel *channel, Message *message)
{
    g_mutex_lock(&channel->mutex);
    while (channel->messages.length >= ROOM && !channel->closed)
        g_cond_wait(&channel->room, &channel->mutex);
    g_queue_push_tail(&channel->messages, message);
    if (channel->messages.length == 1)
        set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_put_file(PfWatchChannel *channel, const PfWatchFile *file)
{
    Message *message = g_new0(Message, 1);

    message->file = *file;
    message->file.path = g_strdup(file->path);
    message->file.old_name = g_strdup(file->old_name);
    put_message(channel, message);
}

void
pf_watch_channel_put_looked(PfWatchChannel *channel, guint folder, gint64 mark)
{
    Message *message = g_new0(Message, 1);

    message->folder = folder;
    message->mark = mark;
    put_message(channel, message);
}

void
pf_watch_channel_put_changed(PfWatchChannel *channel)
{
    g_mutex_lock(&channel->mutex);
    channel->changed = TRUE;
    set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_set_timer(PfWatchChannel *channel, gint64 due)
{
    g_mutex_lock(&channel->mutex);
    if (channel->timer != due) {
        channel->timer = due;
        set_ready(channel);
    }
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_close(PfWatchChannel *channel)
{
    g_source_destroy(channel->source);
    g_mutex_lock(&channel->mutex);
    channel->closed = TRUE;
    g_cond_signal(&channel->room);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_read_marks(PfWatchChannel *channel)
{
    if (channel->held > 0)
        return;
    for (GList *link = channel->messages.head; link; link = link->next) {
        if (((Message *)link->data)->file.path)
            return;
    }
    for (GList *link = channel->messages.head; link; link = link->next)
        read_message(channel, link->data);
}
