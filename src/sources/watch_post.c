/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_post.h"

#include "base/memory.h"

/* So many files wait for the main loop at most; so many are told of before it may do something else. */
#define ROOM 4096
#define BATCH 256
/* Memory is given back after a burst of so many. */
#define BURST 8192

typedef struct {
    PfWatchFile file; /* path is NULL for a mark */
    guint folder;
    gint64 mark;
} Letter;

typedef struct {
    GSource source;
    PfPost *post;
} PostSource;

struct PfPost {
    PfPostReader reader;
    GSource *source;
    GMutex mutex;
    GCond room;
    GQueue letters;
    gboolean changed;
    gboolean closed;
    gint64 timer;
    guint read; /* since memory was last given back */
    guint held; /* letters of the turn that is being read; the main thread's */
};

static void
free_letter(gpointer pointer)
{
    Letter *letter = pointer;

    g_free((char *)letter->file.path);
    g_free((char *)letter->file.former);
    g_free(letter);
}

/* With the mutex held. */
static void
set_ready(PfPost *post)
{
    gboolean now = post->letters.length > 0 || post->changed;

    g_source_set_ready_time(post->source, now ? 0 : post->timer == G_MAXINT64 ? -1 : post->timer);
}

static void
read_letter(PfPost *post, const Letter *letter)
{
    if (letter->file.path)
        post->reader.found(&letter->file, post->reader.data);
    else
        post->reader.looked(letter->folder, letter->mark, post->reader.data);
}

/* What is to be done in one turn of the main loop. */
typedef struct {
    GQueue letters;
    gboolean changed;
    gboolean timer;
    gboolean trim;
} Turn;

static void
take_turn(PfPost *post, Turn *turn)
{
    g_mutex_lock(&post->mutex);
    g_queue_init(&turn->letters);
    while (post->letters.length > 0 && turn->letters.length < BATCH)
        g_queue_push_tail(&turn->letters, g_queue_pop_head(&post->letters));
    g_cond_signal(&post->room);
    turn->changed = post->changed;
    post->changed = FALSE;
    turn->timer = post->timer <= g_get_monotonic_time();
    if (turn->timer)
        post->timer = G_MAXINT64;
    post->read += turn->letters.length;
    turn->trim = post->letters.length == 0 && post->read > BURST;
    if (turn->trim)
        post->read = 0;
    set_ready(post);
    g_mutex_unlock(&post->mutex);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    PfPost *post = ((PostSource *)source)->post;
    Letter *letter;
    Turn turn;

    (void)callback;
    (void)data;
    take_turn(post, &turn);
    /* Any reader may free the post; its source is then destroyed, but lives until this function returns. */
    if (turn.timer)
        post->reader.timer(post->reader.data);
    if (turn.changed && !g_source_is_destroyed(source))
        post->reader.changed(post->reader.data);
    while ((letter = g_queue_pop_head(&turn.letters)) != NULL) {
        if (!g_source_is_destroyed(source)) {
            post->held = turn.letters.length;
            read_letter(post, letter);
        }
        free_letter(letter);
    }
    if (turn.trim)
        pf_memory_give_back();
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.dispatch = dispatch};

PfPost *
pf_post_new(const PfPostReader *reader)
{
    PfPost *post = g_new0(PfPost, 1);

    post->reader = *reader;
    post->timer = G_MAXINT64;
    g_mutex_init(&post->mutex);
    g_cond_init(&post->room);
    g_queue_init(&post->letters);
    post->source = g_source_new(&source_functions, sizeof(PostSource));
    ((PostSource *)post->source)->post = post;
    g_source_set_static_name(post->source, "watched folders");
    g_source_attach(post->source, g_main_context_get_thread_default());
    return post;
}

void
pf_post_free(PfPost *post)
{
    if (!post)
        return;
    g_source_destroy(post->source);
    g_source_unref(post->source);
    g_queue_clear_full(&post->letters, free_letter);
    g_mutex_clear(&post->mutex);
    g_cond_clear(&post->room);
    g_free(post);
}

static void
put_letter(PfPost *post, Letter *letter)
{
    g_mutex_lock(&post->mutex);
    while (post->letters.length >= ROOM && !post->closed)
        g_cond_wait(&post->room, &post->mutex);
    g_queue_push_tail(&post->letters, letter);
    if (post->letters.length == 1)
        set_ready(post);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_put_file(PfPost *post, const PfWatchFile *file)
{
    Letter *letter = g_new0(Letter, 1);

    letter->file = *file;
    letter->file.path = g_strdup(file->path);
    letter->file.former = g_strdup(file->former);
    put_letter(post, letter);
}

void
pf_post_put_looked(PfPost *post, guint folder, gint64 mark)
{
    Letter *letter = g_new0(Letter, 1);

    letter->folder = folder;
    letter->mark = mark;
    put_letter(post, letter);
}

void
pf_post_put_changed(PfPost *post)
{
    g_mutex_lock(&post->mutex);
    post->changed = TRUE;
    set_ready(post);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_set_timer(PfPost *post, gint64 due)
{
    g_mutex_lock(&post->mutex);
    if (post->timer != due) {
        post->timer = due;
        set_ready(post);
    }
    g_mutex_unlock(&post->mutex);
}

void
pf_post_close(PfPost *post)
{
    g_source_destroy(post->source);
    g_mutex_lock(&post->mutex);
    post->closed = TRUE;
    g_cond_signal(&post->room);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_read_marks(PfPost *post)
{
    if (post->held > 0)
        return;
    for (GList *link = post->letters.head; link; link = link->next) {
        if (((Letter *)link->data)->file.path)
            return;
    }
    for (GList *link = post->letters.head; link; link = link->next)
        read_letter(post, link->data);
}
