/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/media.h"

#include "base/file_access.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What downloaders add to a file's name: for what they write instead of it, or for what they keep beside it while it is
 * unfinished. */
const char *const pf_watch_name_unfinished[] = {
    ".part",             /* Firefox, yt-dlp, newsboat */
    ".partial",          /* gPodder */
    ".crdownload",       /* Chromium */
    ".download",         /* Safari */
    ".opdownload",       /* Opera */
    ".tmp",              /* many */
    ".aria2",            /* aria2: the file itself has its final length from the start */
    ".st",               /* axel, likewise */
    ".ytdl",             /* yt-dlp */
    ".filepart",         /* WinSCP */
    ".fdmdownload",      /* Free Download Manager */
    ".!qB",              /* qBittorrent */
    "-lftp-pget-status", /* lftp */
    NULL,
};

static const char *const feed_extensions[] = {"xml", "rss", "atom", "opml", NULL};

/* A file with one of these should be audio or video: when it is not, that is worth reporting. */
static const char *const media_extensions[] = {"mp3", "m4a", "m4b", "ogg", "oga",  "opus", "flac", "aac",
                                               "wav", "mp4", "m4v", "mkv", "webm", "ogv",  NULL};

/* What follows the last dot; NULL when nothing does, or when nothing comes before it. */
static const char *
extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name && dot[1] ? dot + 1 : NULL;
}

static gboolean
is_among(const char *extension, const char *const *extensions)
{
    for (; extension && *extensions; extensions++) {
        if (g_ascii_strcasecmp(extension, *extensions) == 0)
            return TRUE;
    }
    return FALSE;
}

char *
pf_watch_name_dup_finished(const char *name)
{
    gsize length = strlen(name);

    for (const char *const *ending = pf_watch_name_unfinished; *ending; ending++) {
        gsize added = strlen(*ending);
        if (length > added && g_ascii_strcasecmp(name + length - added, *ending) == 0)
            return g_strndup(name, length - added);
    }
    return NULL;
}

gboolean
pf_watch_name_is_temporary(const char *name)
{
    g_autofree char *finished = pf_watch_name_dup_finished(name);

    return !*name || *name == '.' || g_str_has_suffix(name, "~") || finished;
}

/* A name that was taken from a URL with its query, as wget does: ep.mp3?src=rss. */
static gboolean
is_media_before_query(const char *name, const char *const *extensions)
{
    const char *query = strrchr(name, '?');
    g_autofree char *rest = query ? g_strndup(name, (gsize)(query - name)) : NULL;

    return rest && is_among(extension_of(rest), extensions);
}

/* Whether an extension is in the name with something after it that is no part of one: ep.mp3.1, ep.mp3_, ep.mp3 (2). */
static gboolean
has_inside(const char *name, const char *const *extensions)
{
    for (const char *dot = name; (dot = strchr(dot, '.')) != NULL; dot++) {
        gsize length = 0;
        while (g_ascii_isalnum(dot[1 + length]))
            length++;
        g_autofree char *extension = g_strndup(dot + 1, length);
        if (dot != name && is_among(extension, extensions))
            return TRUE;
    }
    return FALSE;
}

PfWatchName
pf_watch_name_sort(const char *name, const char *const *wanted)
{
    const char *const *extensions = *wanted ? wanted : media_extensions;
    const char *extension = extension_of(name);

    if (pf_watch_name_is_temporary(name))
        return PF_WATCH_NAME_OTHER;
    if (is_among(extension, feed_extensions))
        return PF_WATCH_NAME_FEED;
    if (is_among(extension, extensions) || is_media_before_query(name, extensions))
        return PF_WATCH_NAME_MEDIA;
    return !*wanted || has_inside(name, wanted) ? PF_WATCH_NAME_UNKNOWN : PF_WATCH_NAME_OTHER;
}

typedef struct {
    gsize at;
    gsize length;
    const char *bytes;
} Mark;

/* Two marks where one alone is too common: the second one's length is 0 where there is none. */
static const struct {
    Mark first;
    Mark second;
} containers[] = {
    {{0, 3, "ID3"}, {0}},
    {{4, 4, "ftyp"}, {0}},
    {{4, 4, "moov"}, {0}},
    {{4, 4, "mdat"}, {0}},
    {{4, 4, "wide"}, {0}},
    {{0, 4, "OggS"}, {0}},
    {{0, 4, "fLaC"}, {0}},
    {{0, 4, "\x1a\x45\xdf\xa3"}, {0}},
    {{0, 4, "RIFF"}, {8, 4, "WAVE"}},
    {{0, 4, "RF64"}, {8, 4, "WAVE"}},
    {{0, 4, "RIFF"}, {8, 4, "AVI "}},
    {{0, 4, "FORM"}, {8, 4, "AIFF"}},
    {{0, 4, "FORM"}, {8, 4, "AIFC"}},
    {{0, 8, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"}, {0}}, /* ASF: WMA, WMV */
    {{0, 4, "\x00\x00\x01\xba"}, {0}},                 /* MPEG program stream */
    {{0, 1, "\x47"}, {188, 1, "\x47"}},                /* MPEG transport stream … */
    {{4, 1, "\x47"}, {196, 1, "\x47"}},                /* … with time stamps */
    {{0, 4, "wvpk"}, {0}},
    {{0, 4, "MPCK"}, {0}},
    {{0, 4, "MAC "}, {0}},
    {{0, 4, "caff"}, {0}},
    {{0, 5, "#!AMR"}, {0}},
    {{0, 4, "FLV\x01"}, {0}},
};

static gboolean
has_mark(const guint8 *bytes, gsize length, const Mark *mark)
{
    return length >= mark->at + mark->length && memcmp(bytes + mark->at, mark->bytes, mark->length) == 0;
}

static gboolean
is_container(const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(containers); i++) {
        if (has_mark(bytes, length, &containers[i].first) &&
            (containers[i].second.length == 0 || has_mark(bytes, length, &containers[i].second)))
            return TRUE;
    }
    return FALSE;
}

/* Kilobits a second, by the header's index: MPEG 1 layers I to III, then MPEG 2 layer I, and its layers II and III. */
static const guint16 bit_rates[5][16] = {
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},
};
static const guint32 sample_rates[4] = {44100, 48000, 32000, 0};

/* The length of the MPEG audio frame whose header is here; 0 when it is none. */
static gsize
mpeg_frame_length(const guint8 *header)
{
    guint version = header[1] >> 3 & 3; /* 0: 2.5, 2: 2, 3: 1 */
    guint layer = 4 - (header[1] >> 1 & 3);
    guint32 samples_a_second = sample_rates[header[2] >> 2 & 3] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    guint padding = header[2] >> 1 & 1;
    guint32 bits;

    if (header[0] != 0xff || (header[1] & 0xe0) != 0xe0 || version == 1 || layer == 4 || samples_a_second == 0)
        return 0;
    bits = 1000U * bit_rates[version == 3 ? layer - 1 : layer == 1 ? 3 : 4][header[2] >> 4];
    if (layer == 1)
        return ((gsize)12 * bits / samples_a_second + padding) * 4;
    return (layer == 3 && version != 3 ? 72 : 144) * bits / samples_a_second + padding;
}

/* The length of the AAC frame (ADTS) whose header is here; 0 when it is none. */
static gsize
adts_frame_length(const guint8 *header)
{
    if (header[0] != 0xff || (header[1] & 0xf6) != 0xf0)
        return 0;
    return (gsize)(header[3] & 3) << 11 | (gsize)header[4] << 3 | header[5] >> 5;
}

/* Whether a frame is here and a second one of its kind, or the file's end, right behind it. */
static gboolean
are_frames(const guint8 *bytes, gsize left, gsize (*frame_length)(const guint8 *), gsize header)
{
    gsize length = left >= header ? frame_length(bytes) : 0;

    if (length < header || length > left)
        return FALSE;
    if (length == left)
        return TRUE;
    /* The second one's version, layer and sample rate are the first one's. */
    return left - length >= header && frame_length(bytes + length) >= header && bytes[1] == bytes[length + 1] &&
           (bytes[2] & 0x0c) == (bytes[length + 2] & 0x0c);
}

/* Padding and junk may come before the first frame, so two frames in a row are looked for everywhere. */
static gboolean
is_audio_stream(const guint8 *bytes, gsize length)
{
    const guint8 *end = bytes + length;

    for (const guint8 *at = bytes; (at = memchr(at, 0xff, (gsize)(end - at))) != NULL; at++) {
        gsize left = (gsize)(end - at);
        if (are_frames(at, left, mpeg_frame_length, 4) || are_frames(at, left, adts_frame_length, 7))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_text(const guint8 *bytes, gsize length)
{
    if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return TRUE;
    for (gsize i = 0; i < length; i++) {
        if (bytes[i] < ' ' && !strchr("\t\n\v\f\r\x1b", bytes[i]))
            return FALSE;
        if (bytes[i] == '\0')
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_html(const guint8 *bytes, gsize length)
{
    g_autofree char *head = g_ascii_strdown((const char *)bytes, (gssize)MIN(length, 2048));

    return strstr(head, "<!doctype html") || strstr(head, "<html") || strstr(head, "<head") || strstr(head, "<body");
}

const char *
pf_media_classify(const guint8 *bytes, gsize length)
{
    if (length == 0)
        return "empty";
    if (is_container(bytes, length))
        return NULL;
    if (is_text(bytes, length))
        return is_html(bytes, length) ? "html" : "text";
    return is_audio_stream(bytes, length) ? NULL : "unknown";
}

/* Pictures that use the container format of videos. */
static gboolean
is_picture(const guint8 *bytes, gsize length)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx",
                                         "mif1", "msf1", "avif", "avis", "jpeg", "crx "};

    for (gsize i = 0; i < G_N_ELEMENTS(brands); i++) {
        if (length >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0 && memcmp(bytes + 8, brands[i], 4) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
pf_media_is_certain(const guint8 *bytes, gsize length)
{
    if (length == 0 || is_text(bytes, length) || is_picture(bytes, length))
        return FALSE;
    return is_container(bytes, length) || are_frames(bytes, length, mpeg_frame_length, 4) ||
           are_frames(bytes, length, adts_frame_length, 7);
}

/* Reads until @size bytes or the end. Returns: how many; -1 on an error. */
static gssize
read_head(int descriptor, guint8 *bytes, gsize size)
{
    gsize length = 0;

    while (length < size) {
        gssize got = read(descriptor, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (gsize)got;
    }
    return (gssize)length;
}

/* Reads a regular file's first bytes. Returns: how many; -1 with errno set, EISDIR for what is not a regular file. */
static gssize
read_file_head(const char *path, guint8 *bytes)
{
    int descriptor = pf_file_open(path);
    struct stat status;
    gssize length = -1;

    if (descriptor < 0)
        return -1;
    if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode))
        errno = EISDIR;
    else
        length = read_head(descriptor, bytes, PF_MEDIA_HEAD);
    int fault = errno;
    close(descriptor);
    errno = fault;
    return length;
}

gboolean
pf_media_check(const char *path, char **reason)
{
    g_autofree guint8 *bytes = g_malloc(PF_MEDIA_HEAD);
    gssize length = read_file_head(path, bytes);
    const char *code = length >= 0       ? pf_media_classify(bytes, (gsize)length)
                       : errno == EISDIR ? "unknown"
                                         : "unreadable";

    *reason = g_strdup(code);
    return !code;
}

int
pf_media_check_certain(const char *path, gboolean *is_media)
{
    g_autofree guint8 *bytes = g_malloc(PF_MEDIA_HEAD);
    gssize length = read_file_head(path, bytes);

    *is_media = length > 0 && pf_media_is_certain(bytes, (gsize)length);
    return length < 0 && errno != EISDIR ? errno : 0;
}
