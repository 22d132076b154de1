/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file_access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* --- the helper's side --- */

gboolean
pf_file_is_beneath(const char *path, const char *top)
{
    gsize length = strlen(top);

    return g_str_has_prefix(path, top) && (!path[length] || path[length] == '/' || g_str_has_suffix(top, "/"));
}

/* Links beneath the allowed paths are the user's, and lead where the user wants. */
static gboolean
is_allowed(const char *const *allowed, const char *path)
{
    g_autofree char *plain = g_canonicalize_filename(path, "/");

    if (!g_str_equal(plain, path))
        return FALSE;
    for (; *allowed; allowed++) {
        if (pf_file_is_beneath(path, *allowed))
            return TRUE;
    }
    return FALSE;
}

static int
open_for_reading(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* An answer has the request's number, an errno value, and the descriptor beside it. A request without a path asks to
 * list again what may be opened. */
typedef struct {
    guint32 serial;
    char path[PATH_MAX];
} Request;

typedef struct {
    guint32 serial;
    gint32 fault;
} Answer;

typedef union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} Passed;

static gboolean
send_answer(int socket, const Answer *answer, int descriptor)
{
    Passed passed = {0};
    struct iovec part = {(void *)answer, sizeof *answer};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (descriptor >= 0) {
        message.msg_control = &passed;
        message.msg_controllen = sizeof passed;
        passed.header.cmsg_level = SOL_SOCKET;
        passed.header.cmsg_type = SCM_RIGHTS;
        passed.header.cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(&passed.header), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

/* Opens what is asked for. Returns: the descriptor, or -1 with errno set. */
static int
open_allowed(const char *const *allowed, const char *path)
{
    struct stat status;
    int descriptor;

    errno = EACCES;
    if (!is_allowed(allowed, path))
        return -1;
    descriptor = open_for_reading(path);
    if (descriptor < 0 || (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)))
        return descriptor;
    close(descriptor);
    errno = EACCES;
    return -1;
}

/* Answers until the other side is gone. */
static void
serve(int socket, const char *const *allowed, PfFileHelperList list, gpointer data)
{
    g_autoptr(GPtrArray) listed = NULL;
    gboolean is_there = TRUE;

    while (is_there) {
        Request request = {0};
        gssize length = recv(socket, &request, sizeof request - 1, 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < (gssize)offsetof(Request, path))
            return;
        GPtrArray *again = !*request.path && list ? list(data) : NULL;
        if (again) {
            g_clear_pointer(&listed, g_ptr_array_unref);
            listed = again;
            allowed = (const char *const *)listed->pdata;
        }
        int descriptor = open_allowed(allowed, request.path);
        Answer answer = {request.serial, descriptor < 0 ? errno : 0};
        is_there = send_answer(socket, &answer, descriptor);
        if (descriptor >= 0)
            close(descriptor);
    }
}

static void G_GNUC_NORETURN
be_the_helper(int socket, const char *const *allowed, PfFileHelperList list, gpointer data, void (*confine)(void))
{
    /* It ends when the service does, which may be stopping for a while. */
    static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (gsize i = 0; i < G_N_ELEMENTS(ignored); i++)
        signal(ignored[i], SIG_IGN);
    for (int i = 0; null >= 0 && i <= 2; i++)
        dup2(null, i);
    confine();
    if (chdir("/") == 0)
        serve(socket, allowed, list, data);
    _exit(0);
}

/* --- the service's side --- */

static struct {
    GMutex mutex;
    int socket;           /* while allowed is set */
    GMutex allowed_mutex; /* for the next */
    char **allowed;       /* NULL without a helper */
    guint32 serial;
} helper;

gboolean
pf_file_helper_start(const char *const *allowed, PfFileHelperList list, gpointer data, void (*confine)(void))
{
    const struct timeval timeout = {PF_FILE_TIMEOUT_MS / 1000, PF_FILE_TIMEOUT_MS % 1000 * 1000L};
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return FALSE;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_the_helper(ends[1], allowed, list, data, confine);
    }
    int fault = errno;
    close(ends[1]);
    if (child < 0 || setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0) {
        close(ends[0]);
        errno = fault;
        return FALSE;
    }
    helper.socket = ends[0];
    helper.allowed = g_strdupv((char **)allowed);
    return TRUE;
}

gboolean
pf_file_helper_allows(const char *path)
{
    g_mutex_lock(&helper.allowed_mutex);
    gboolean allows = helper.allowed && is_allowed((const char *const *)helper.allowed, path);
    g_mutex_unlock(&helper.allowed_mutex);
    return allows;
}

void
pf_file_helper_stop(void)
{
    if (!helper.allowed)
        return;
    close(helper.socket);
    g_clear_pointer(&helper.allowed, g_strfreev);
}

/* Receives an answer. Returns: the descriptor, or -1 with errno set: EAGAIN for the answer to an earlier request. */
static int
receive_answer(void)
{
    Passed passed = {0};
    Answer answer = {0};
    struct iovec part = {&answer, sizeof answer};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof passed};
    gssize length = recvmsg(helper.socket, &message, MSG_CMSG_CLOEXEC);
    int descriptor = -1;

    if (length != sizeof answer) {
        errno = length < 0 && errno == EAGAIN ? ETIMEDOUT : EACCES;
        return -1;
    }
    if (message.msg_controllen >= CMSG_LEN(sizeof descriptor) && passed.header.cmsg_type == SCM_RIGHTS)
        memcpy(&descriptor, CMSG_DATA(&passed.header), sizeof descriptor);
    if (answer.serial == helper.serial) {
        errno = answer.fault ? answer.fault : EACCES;
        return descriptor;
    }
    if (descriptor >= 0)
        close(descriptor);
    errno = EAGAIN;
    return -1;
}

static int
ask_helper(const char *path)
{
    Request request = {0};
    gsize length = strlen(path);
    int descriptor = -1;

    if (length >= sizeof request.path - 1) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(request.path, path, length);
    g_mutex_lock(&helper.mutex);
    request.serial = ++helper.serial;
    if (send(helper.socket, &request, offsetof(Request, path) + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        errno = errno == EAGAIN ? ETIMEDOUT : EACCES;
    } else {
        do
            descriptor = receive_answer();
        while (descriptor < 0 && errno == EAGAIN);
    }
    int fault = errno;
    g_mutex_unlock(&helper.mutex);
    errno = fault;
    return descriptor;
}

void
pf_file_helper_update(const char *const *allowed)
{
    if (!helper.allowed)
        return;
    /* Answered as any request is, with EACCES: there is no file of no name. */
    (void)ask_helper("");
    g_mutex_lock(&helper.allowed_mutex);
    g_strfreev(helper.allowed);
    helper.allowed = g_strdupv((char **)allowed);
    g_mutex_unlock(&helper.allowed_mutex);
}

int
pf_file_open(const char *path)
{
    int descriptor = open_for_reading(path);

    if (descriptor >= 0 || errno != EACCES)
        return descriptor;
    if (pf_file_helper_allows(path))
        return ask_helper(path);
    errno = EACCES;
    return -1;
}

/* --- in time --- */

typedef struct {
    void (*function)(const char *path, gpointer data);
    char *path;
    char *place; /* what does not answer, once it is abandoned */
    gpointer data;
    GDestroyNotify free_data;
    gboolean done;
} Call;

static struct {
    GMutex mutex;
    GCond done;
    GHashTable *places; /* where an abandoned call has not come back; NULL before there was any */
} silent;

static void
free_call(Call *call)
{
    g_free(call->path);
    g_free(call->place);
    g_free(call);
}

static gpointer
run_call(gpointer data)
{
    Call *call = data;
    sigset_t all;

    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    call->function(call->path, call->data);
    g_mutex_lock(&silent.mutex);
    gboolean abandoned = call->place != NULL;
    call->done = TRUE;
    if (abandoned)
        g_hash_table_remove(silent.places, call->place);
    g_cond_broadcast(&silent.done);
    g_mutex_unlock(&silent.mutex);
    if (abandoned) {
        call->free_data(call->data);
        free_call(call);
    }
    return NULL;
}

/* Calls a function for each mount point and its type. */
static void
each_mount(void (*each)(char *point, const char *type, gpointer data), gpointer data)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", 6);
        /* The fifth is the mount point, with octal escapes; optional ones go up to a hyphen, and the type follows. */
        const char *hyphen = g_strv_length(fields) > 5 ? strstr(fields[5], " - ") : NULL;
        g_autofree char *point = hyphen ? g_strcompress(fields[4]) : NULL;
        if (point)
            each(point, hyphen + 3, data);
    }
}

typedef struct {
    const char *path;
    char *longest;
} Place;

static void
choose_longest(char *point, const char *type, gpointer data)
{
    Place *place = data;

    (void)type;
    if (!pf_file_is_beneath(place->path, point) || strlen(point) <= strlen(place->longest))
        return;
    g_free(place->longest);
    place->longest = g_strdup(point);
}

static void
add_remote(char *point, const char *type, gpointer data)
{
    static const char *const types[] = {"nfs",  "cifs", "smb",  "fuse",   "9p",
                                        "ceph", "afs",  "coda", "autofs", "virtiofs"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (!g_str_has_prefix(type, types[i]))
            continue;
        g_ptr_array_add(data, g_strdup(point));
        return;
    }
}

GPtrArray *
pf_file_list_remote_mounts(void)
{
    GPtrArray *mounts = g_ptr_array_new_with_free_func(g_free);

    each_mount(add_remote, mounts);
    return mounts;
}

static gboolean
is_beneath_any(const char *path, const GPtrArray *points)
{
    for (guint i = 0; i < points->len; i++) {
        if (pf_file_is_beneath(path, points->pdata[i]))
            return TRUE;
    }
    return FALSE;
}

/* As many links as the kernel follows. */
#define MOST_LINKS 40

/* Puts the words of @path in front of those that are still to be followed. */
static void
push_words(GQueue *words, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (guint i = g_strv_length(parts); i-- > 0;)
        if (*parts[i] && !g_str_equal(parts[i], "."))
            g_queue_push_head(words, g_steal_pointer(&parts[i]));
        else
            g_clear_pointer(&parts[i], g_free);
}

/*
 * Follows the links in a path, up to the first mount that others serve: of what lies there nothing is asked, as it may
 * not answer. Returns: (transfer full).
 */
static char *
dup_followed(const char *path)
{
    g_autoptr(GPtrArray) remote = pf_file_list_remote_mounts();
    GQueue words = G_QUEUE_INIT;
    char *at = g_strdup("/"), *word;
    guint links = 0;

    push_words(&words, path);
    while ((word = g_queue_pop_head(&words))) {
        g_autofree char *next = g_str_equal(word, "..") ? g_path_get_dirname(at) : g_build_filename(at, word, NULL);
        gboolean may_ask = links < MOST_LINKS && !is_beneath_any(next, remote);
        g_autofree char *target = may_ask ? g_file_read_link(next, NULL) : NULL;
        if (target) {
            links++;
            push_words(&words, target);
        }
        if (!target || *target == '/') {
            g_free(at);
            at = target ? g_strdup("/") : g_steal_pointer(&next);
        }
        g_free(word);
    }
    return at;
}

char *
pf_file_dup_mount_point(const char *path)
{
    g_autofree char *followed = dup_followed(path);
    Place place = {followed, g_strdup("/")};

    each_mount(choose_longest, &place);
    return place.longest;
}

/* What does not answer when a call for a path does not come back: all of a mount that others serve. Where it is a disk,
 * a link in the path may lead to such a mount, and the rest of the disk answers. Returns: (transfer full). */
static char *
dup_silent_place(const char *path)
{
    g_autoptr(GPtrArray) remote = pf_file_list_remote_mounts();
    g_autofree char *mount = pf_file_dup_mount_point(path);

    return g_ptr_array_find_with_equal_func(remote, mount, g_str_equal, NULL) ? g_steal_pointer(&mount)
                                                                              : g_strdup(path);
}

/* Whether calls for a path are known not to come back. Under the mutex. */
static gboolean
is_silent(const char *path)
{
    if (!silent.places || g_hash_table_size(silent.places) == 0)
        return FALSE;
    g_autofree char *place = dup_silent_place(path);
    return g_hash_table_contains(silent.places, place);
}

static void
abandon(Call *call)
{
    call->place = dup_silent_place(call->path);
    if (!silent.places)
        silent.places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(silent.places, g_strdup(call->place));
}

gboolean
pf_call_in_time(const char *path, guint milliseconds, void (*function)(const char *path, gpointer data), gpointer data,
                GDestroyNotify free_data)
{
    gint64 deadline = g_get_monotonic_time() + milliseconds * G_TIME_SPAN_MILLISECOND;

    g_mutex_lock(&silent.mutex);
    if (is_silent(path)) {
        g_mutex_unlock(&silent.mutex);
        free_data(data);
        return FALSE;
    }
    Call *call = g_new0(Call, 1);
    *call = (Call){.function = function, .path = g_strdup(path), .data = data, .free_data = free_data};
    GThread *thread = g_thread_try_new("file", run_call, call, NULL);
    if (!thread) { /* out of threads or memory: the file is waited for as one that does not answer */
        g_mutex_unlock(&silent.mutex);
        free_call(call);
        free_data(data);
        return FALSE;
    }
    while (!call->done && g_cond_wait_until(&silent.done, &silent.mutex, deadline))
        continue;
    gboolean done = call->done;
    if (!done)
        abandon(call);
    g_mutex_unlock(&silent.mutex);
    if (done) {
        g_thread_join(thread); /* so that what libraries keep for the thread is freed before the program ends */
        free_call(call);
    } else {
        g_thread_unref(thread);
    }
    return done;
}

typedef struct {
    int descriptor;
    int fault;
} Opened;

static void
open_file(const char *path, gpointer data)
{
    Opened *opened = data;

    opened->descriptor = pf_file_open(path);
    opened->fault = errno;
}

static void
free_opened(gpointer data)
{
    Opened *opened = data;

    if (opened->descriptor >= 0)
        close(opened->descriptor);
    g_free(opened);
}

int
pf_file_open_in_time(const char *path)
{
    Opened *opened = g_new0(Opened, 1);

    opened->descriptor = -1;
    if (!pf_call_in_time(path, PF_FILE_TIMEOUT_MS, open_file, opened, free_opened)) {
        errno = ETIMEDOUT;
        return -1;
    }
    int descriptor = opened->descriptor;
    errno = opened->fault;
    g_free(opened);
    return descriptor;
}

typedef struct {
    struct stat status;
    int fault; /* 0: there is a status */
} Look;

static void
look_at(const char *path, gpointer data)
{
    Look *look = data;

    look->fault = stat(path, &look->status) == 0 ? 0 : errno;
}

int
pf_file_stat_in_time(const char *path, struct stat *status)
{
    Look *look = g_new0(Look, 1);

    if (!pf_call_in_time(path, PF_FILE_TIMEOUT_MS, look_at, look, g_free)) {
        errno = ETIMEDOUT;
        return -1;
    }
    int fault = look->fault;
    *status = look->status;
    g_free(look);
    errno = fault;
    return fault ? -1 : 0;
}

typedef struct {
    int descriptor; /* its own: the caller may close the other one while this call hangs */
    char *buffer;
    gsize size;
    gssize got;
    int fault;
} Piece;

static void
read_piece(const char *path, gpointer data)
{
    Piece *piece = data;

    (void)path;
    piece->got = read(piece->descriptor, piece->buffer, piece->size);
    piece->fault = errno;
}

static void
free_piece(gpointer data)
{
    Piece *piece = data;

    if (piece->descriptor >= 0)
        close(piece->descriptor);
    g_free(piece->buffer);
    g_free(piece);
}

gssize
pf_file_read_in_time(const char *path, int descriptor, char *buffer, gsize size)
{
    Piece *piece = g_new0(Piece, 1);

    *piece = (Piece){.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0), .buffer = g_malloc(size), .size = size};
    if (!pf_call_in_time(path, PF_FILE_TIMEOUT_MS, read_piece, piece, free_piece)) {
        errno = ETIMEDOUT;
        return -1;
    }
    gssize got = piece->got;
    int fault = piece->fault;
    if (got > 0)
        memcpy(buffer, piece->buffer, (gsize)got);
    free_piece(piece);
    errno = fault;
    return got;
}
