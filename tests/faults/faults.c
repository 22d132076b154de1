/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets a disk fail, for tests: a library for LD_PRELOAD that stands between a program and its files.
 *
 * FAULTS_PATH   a part of the path of the files that are meant; with a $ behind it, the end of their path
 * FAULTS_READ   OFFSET[:TIMES]: reading the sector of 4096 bytes that this byte is in is EIO, always or TIMES times
 * FAULTS_WRITE  KIND:N: the N-th write of the process, from 1 on, and every later one is EIO (KIND eio) or ENOSPC
 *               (enospc), or writes half of what it could (short); sector:BYTE: writing the sector that this byte is in
 *               is EIO
 * FAULTS_FLUSH  N: the N-th fsync or fdatasync of the process, and every later one, is EIO
 * FAULTS_LOG    a file that takes what changes the files that are meant, and what goes to a socket, in order:
 *               power_loss.py loses parts of it again
 */
/* Both the functions for files of 32 bits and those for 64 are defined here, under their own names. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 1024
#define SECTOR 4096

static char *paths[FILES]; /* by descriptor; NULL for one that is not meant */
static atomic_int writes, flushes, failed_reads;

/* The C library's function of the same name. */
#define NEXT(name) ((typeof(&(name)))dlsym(RTLD_NEXT, #name))

static const char *
find(int file)
{
    return file >= 0 && file < FILES ? paths[file] : NULL;
}

static bool
is_meant(const char *path)
{
    const char *part = getenv("FAULTS_PATH");
    size_t length = part ? strlen(part) : 0, whole = path ? strlen(path) : 0;

    if (length == 0 || !path || part[length - 1] != '$')
        return length > 0 && path && strstr(path, part);
    return whole >= length - 1 && strncmp(path + whole - (length - 1), part, length - 1) == 0;
}

/* What a path in an open folder is. @whole: PATH_MAX bytes */
static const char *
resolve(int folder, const char *path, char *whole)
{
    if (*path == '/' || !find(folder))
        return path;
    snprintf(whole, PATH_MAX, "%s/%s", find(folder), path);
    return whole;
}

/* Appends an operation: a line with its name, its number, its size and its paths, then the bytes. */
static void
record(const char *operation, off_t offset, const char *path, const char *other, const void *bytes, size_t size)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    const char *name = getenv("FAULTS_LOG");
    char *whole = NULL;

    if (!name)
        return;
    int head = asprintf(&whole, "%s\t%lld\t%zu\t%s\t%s\n", operation, (long long)offset, size, path, other);
    if (head < 0 || !(whole = realloc(whole, (size_t)head + size)))
        abort();
    if (size > 0)
        memcpy(whole + head, bytes, size);
    pthread_mutex_lock(&mutex);
    int log = NEXT(open)(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (NEXT(write)(log, whole, (size_t)head + size) != head + (ssize_t)size)
        abort();
    NEXT(close)(log);
    pthread_mutex_unlock(&mutex);
    free(whole);
}

/* --- opening --- */

static int
opened(int file, const char *path, int flags)
{
    if (file >= 0 && file < FILES && is_meant(path)) {
        free(paths[file]);
        paths[file] = strdup(path);
        if (flags & O_CREAT)
            record("create", 0, path, "", NULL, 0);
        if (flags & O_TRUNC)
            record("truncate", 0, path, "", NULL, 0);
    }
    return file;
}

static int
mode_of(int flags, va_list arguments)
{
    /* O_TMPFILE has the bit of O_DIRECTORY in it, with which no mode comes. */
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, int) : 0;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        int mode = mode_of(flags, arguments);                                                                          \
        va_end(arguments);                                                                                             \
        return opened(NEXT(name)(path, flags, mode), path, flags);                                                     \
    }

#define OPENAT(name)                                                                                                   \
    int name(int folder, const char *path, int flags, ...)                                                             \
    {                                                                                                                  \
        char whole[PATH_MAX];                                                                                          \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        int mode = mode_of(flags, arguments);                                                                          \
        va_end(arguments);                                                                                             \
        return opened(NEXT(name)(folder, path, flags, mode), resolve(folder, path, whole), flags);                     \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What _FORTIFY_SOURCE makes of these, where the flags are no constant. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
    return open(path, flags);
}

int
__open64_2(const char *path, int flags)
{
    return open64(path, flags);
}

int
close(int file)
{
    if (find(file)) {
        free(paths[file]);
        paths[file] = NULL;
    }
    return NEXT(close)(file);
}

static bool
touches_sector(const char *byte, char **end, size_t size, off_t offset)
{
    off_t sector = strtoll(byte, end, 10) / SECTOR * SECTOR;

    return offset < sector + SECTOR && offset + (off_t)size > sector;
}

/* --- reading --- */

static bool
read_fails(int file, size_t size, off_t offset)
{
    const char *fault = getenv("FAULTS_READ");
    char *end;

    if (!fault || !find(file) || !touches_sector(fault, &end, size, offset))
        return false;
    if (*end == ':' && atomic_fetch_add(&failed_reads, 1) >= atoi(end + 1))
        return false;
    errno = EIO;
    return true;
}

ssize_t
read(int file, void *bytes, size_t size)
{
    return find(file) && read_fails(file, size, lseek(file, 0, SEEK_CUR)) ? -1 : NEXT(read)(file, bytes, size);
}

ssize_t
pread(int file, void *bytes, size_t size, off_t offset)
{
    return read_fails(file, size, offset) ? -1 : NEXT(pread)(file, bytes, size, offset);
}

ssize_t
pread64(int file, void *bytes, size_t size, off64_t offset)
{
    return read_fails(file, size, offset) ? -1 : NEXT(pread64)(file, bytes, size, offset);
}

/* What _FORTIFY_SOURCE makes of these, where the compiler cannot see that there is room enough, which depends on the
 * machine. */
ssize_t __read_chk(int file, void *bytes, size_t size, size_t room);
ssize_t __pread_chk(int file, void *bytes, size_t size, off_t offset, size_t room);
ssize_t __pread64_chk(int file, void *bytes, size_t size, off64_t offset, size_t room);

ssize_t
__read_chk(int file, void *bytes, size_t size, size_t room)
{
    return size <= room ? read(file, bytes, size) : (abort(), -1);
}

ssize_t
__pread_chk(int file, void *bytes, size_t size, off_t offset, size_t room)
{
    return size <= room ? pread(file, bytes, size, offset) : (abort(), -1);
}

ssize_t
__pread64_chk(int file, void *bytes, size_t size, off64_t offset, size_t room)
{
    return size <= room ? pread64(file, bytes, size, offset) : (abort(), -1);
}

/* --- writing --- */

/* Returns how much of it may be written; -1 with errno set for nothing. */
static ssize_t
allow(int file, size_t size, off_t offset)
{
    const char *fault = getenv("FAULTS_WRITE");
    const char *number = fault ? strchr(fault, ':') : NULL;
    bool is_sector = number && strncmp(fault, "sector", 6) == 0;
    char *end;

    if (is_sector && find(file) && touches_sector(number + 1, &end, size, offset)) {
        errno = EIO;
        return -1;
    }
    if (!number || is_sector || !find(file) || atomic_fetch_add(&writes, 1) + 1 < atoi(number + 1))
        return (ssize_t)size;
    if (strncmp(fault, "short", 5) == 0)
        return (ssize_t)(size > 1 ? size / 2 : size);
    errno = strncmp(fault, "enospc", 6) == 0 ? ENOSPC : EIO;
    return -1;
}

static ssize_t
wrote(int file, const void *bytes, ssize_t size, off_t offset)
{
    if (size > 0 && find(file))
        record("write", offset, find(file), "", bytes, (size_t)size);
    return size;
}

ssize_t
write(int file, const void *bytes, size_t size)
{
    off_t offset = find(file) ? lseek(file, 0, SEEK_CUR) : 0;
    ssize_t allowed = allow(file, size, offset);

    return allowed < 0 ? -1 : wrote(file, bytes, NEXT(write)(file, bytes, (size_t)allowed), offset);
}

ssize_t
pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    ssize_t allowed = allow(file, size, offset);

    return allowed < 0 ? -1 : wrote(file, bytes, NEXT(pwrite)(file, bytes, (size_t)allowed, offset), offset);
}

ssize_t
pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    ssize_t allowed = allow(file, size, offset);

    return allowed < 0 ? -1 : wrote(file, bytes, NEXT(pwrite64)(file, bytes, (size_t)allowed, offset), offset);
}

static int
truncated(int file, int result, off_t size)
{
    if (result == 0 && find(file))
        record("truncate", size, find(file), "", NULL, 0);
    return result;
}

int
ftruncate(int file, off_t size)
{
    return truncated(file, NEXT(ftruncate)(file, size), size);
}

int
ftruncate64(int file, off64_t size)
{
    return truncated(file, NEXT(ftruncate64)(file, size), size);
}

ssize_t
send(int socket, const void *bytes, size_t size, int flags)
{
    record("send", 0, "", "", bytes, size);
    return NEXT(send)(socket, bytes, size, flags);
}

/* --- flushing --- */

static bool
flush_fails(int file)
{
    const char *fault = getenv("FAULTS_FLUSH");

    if (!fault || !find(file) || atomic_fetch_add(&flushes, 1) + 1 < atoi(fault))
        return false;
    errno = EIO;
    return true;
}

static int
flushed(int file, int result)
{
    if (result == 0 && find(file))
        record("flush", 0, find(file), "", NULL, 0);
    return result;
}

int
fsync(int file)
{
    return flush_fails(file) ? -1 : flushed(file, NEXT(fsync)(file));
}

int
fdatasync(int file)
{
    return flush_fails(file) ? -1 : flushed(file, NEXT(fdatasync)(file));
}

/* --- names --- */

int
rename(const char *from, const char *to)
{
    int result = NEXT(rename)(from, to);

    if (result == 0 && is_meant(to))
        record("rename", 0, from, to, NULL, 0);
    return result;
}

int
unlink(const char *path)
{
    int result = NEXT(unlink)(path);

    if (result == 0 && is_meant(path))
        record("unlink", 0, path, "", NULL, 0);
    return result;
}

int
renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    char whole_from[PATH_MAX], whole_to[PATH_MAX];
    int result = NEXT(renameat)(from_folder, from, to_folder, to);
    const char *target = resolve(to_folder, to, whole_to);

    if (result == 0 && is_meant(target))
        record("rename", 0, resolve(from_folder, from, whole_from), target, NULL, 0);
    return result;
}

int
unlinkat(int folder, const char *path, int flags)
{
    char whole[PATH_MAX];
    int result = NEXT(unlinkat)(folder, path, flags);

    if (result == 0 && is_meant(resolve(folder, path, whole)))
        record("unlink", 0, resolve(folder, path, whole), "", NULL, 0);
    return result;
}
