/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For --enable-sanitizers=thread alone: tells ThreadSanitizer what GLib's locks and queues between threads order. GLib
 * itself is not built with it and locks by futex(2), so that everything which a GMutex guards would look like a race.
 * Each function here comes in place of GLib's, calls it, and says what it means.
 */
#include <dlfcn.h>
#include <glib.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);
const char *__tsan_default_suppressions(void);
void __sanitizer_symbolize_pc(void *address, const char *format, char *text, gsize size);

/* What finds GLib's function is not looked at: two threads that do find the same. */
#define UNWATCHED __attribute__((no_sanitize("thread")))

/* What GLib does within itself, such as the queue of a thread pool or the thread that reads from a bus, it orders by
 * locks and counters in whose place nothing can come: what it frees, copies and compares there is not looked at. Nor
 * is what it closes: the program closes its descriptors by close(2), not g_close(), or the next one of the same number
 * would look like the same one. */
const char *
__tsan_default_suppressions(void)
{
    return "called_from_lib:libglib-2.0.so\n"
           "called_from_lib:libgobject-2.0.so\n"
           "called_from_lib:libgio-2.0.so\n";
}

/* The names in a report are read from the programs' files when the first is asked for: in the service that would be
 * after it has given up the right to open them. */
__attribute__((constructor)) static void
read_names(void)
{
    char name[32];

    __sanitizer_symbolize_pc((void *)(guintptr)g_queue_new, "%f", name, sizeof name);
}

/* GLib's own function of the name that the caller has. */
#define REAL(name)                                                                                                     \
    static __typeof__(&(name)) real;                                                                                   \
    if (!real)                                                                                                         \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

UNWATCHED void
g_mutex_lock(GMutex *mutex)
{
    REAL(g_mutex_lock);
    real(mutex);
    __tsan_acquire(mutex);
}

UNWATCHED gboolean
g_mutex_trylock(GMutex *mutex)
{
    REAL(g_mutex_trylock);
    gboolean locked = real(mutex);
    if (locked)
        __tsan_acquire(mutex);
    return locked;
}

UNWATCHED void
g_mutex_unlock(GMutex *mutex)
{
    REAL(g_mutex_unlock);
    __tsan_release(mutex);
    real(mutex);
}

UNWATCHED void
g_cond_wait(GCond *cond, GMutex *mutex)
{
    REAL(g_cond_wait);
    __tsan_release(mutex);
    real(cond, mutex);
    __tsan_acquire(mutex);
}

UNWATCHED gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end)
{
    REAL(g_cond_wait_until);
    __tsan_release(mutex);
    gboolean signalled = real(cond, mutex, end);
    __tsan_acquire(mutex);
    return signalled;
}

UNWATCHED void
g_async_queue_push(GAsyncQueue *queue, gpointer data)
{
    REAL(g_async_queue_push);
    __tsan_release(queue);
    real(queue, data);
}

UNWATCHED gpointer
g_async_queue_pop(GAsyncQueue *queue)
{
    REAL(g_async_queue_pop);
    gpointer data = real(queue);
    __tsan_acquire(queue);
    return data;
}
