/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/media.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define CASE(bytes, code)                                                                                              \
    {                                                                                                                  \
        bytes, sizeof bytes - 1, code                                                                                  \
    }

/* 128 kbit/s, 44.1 kHz, MPEG 1 layer III: 417 bytes. */
#define MP3_HEADER "\xff\xfb\x90\x00"
#define MP3_LENGTH 417

static void
first_bytes_tell_media_from_pages(void)
{
    static const struct {
        const char *bytes;
        gsize length;
        const char *code;
    } cases[] = {
        CASE("ID3\x04\x00\x00\x00\x00\x00\x00", NULL),
        CASE("\x00\x00\x00\x20"
             "ftypM4A ",
             NULL),
        CASE("\x00\x00\x00\x14"
             "ftypqt  ",
             NULL),
        CASE("OggS\x00\x02", NULL),
        CASE("fLaC\x00", NULL),
        CASE("\x1a\x45\xdf\xa3\x01", NULL),
        CASE("RIFF\x10\x00\x00\x00WAVEfmt ", NULL),
        CASE("FORM\x10\x00\x00\x00"
             "AIFF",
             NULL),
        CASE("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", NULL),
        CASE("", "empty"),
        CASE("<!DOCTYPE html><title>Not found</title>", "html"),
        CASE("\n  <HTML><body>404", "html"),
        CASE("<?xml version='1.0'?><html xmlns='x'>", "html"),
        CASE("<?xml version='1.0'?><rss/>", "text"),
        CASE("{\"error\":\"not found\"}", "text"),
        CASE("Not found\r\n", "text"),
        CASE("Geh\xf6rt nicht hierher", "text"),
        CASE("\xff\xfeh\x00i\x00", "text"),
        CASE("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "unknown"),
        CASE("RIFF\x10\x00\x00\x00WEBPVP8 ", "unknown"),
        CASE("\x89PNG\r\n\x1a\n\x00\x00", "unknown"),
        CASE("PK\x03\x04\x00\x00", "unknown"),
        CASE("\x00\x00\x00\x00\x00\x00\x00\x00", "unknown"),
        CASE("\xff\xfb\x90\x00\x00\x00\x00\x00\x00", "unknown"),
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(pf_media_classify((const guint8 *)cases[i].bytes, cases[i].length), ==, cases[i].code);
}

/* Where no name says that a file is meant to be media, its first bytes must leave no doubt. */
static void
only_certain_media_counts_under_any_name(void)
{
    static const struct {
        const char *bytes;
        gsize length;
        const char *code; /* NULL: it is certain */
    } cases[] = {
        CASE("ID3\x04\x00\x00\x00\x00\x00\x00", NULL),
        CASE("\x00\x00\x00\x20"
             "ftypM4A ",
             NULL),
        CASE("OggS\x00\x02", NULL),
        CASE("", "empty"),
        CASE("\x00\x00\x00\x20"
             "ftypheic",
             "picture"),
        CASE("\x00\x00\x00\x20"
             "ftypavif",
             "picture"),
        CASE("GET / HTTP/1.1\r\n", "text"),
        CASE("\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        CASE("\xff\xd8\xff\xe0\x00\x10JFIF\x00", "picture"),
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(pf_media_is_certain((const guint8 *)cases[i].bytes, cases[i].length), ==, !cases[i].code);
}

/* Frames behind so many bytes of junk. */
static GByteArray *
make_frames(gsize junk, guint8 fill, const char *header, gsize header_length, gsize length, guint count)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, (guint)(junk + count * length));
    memset(bytes->data, fill, bytes->len);
    for (guint i = 0; i < count; i++)
        memcpy(bytes->data + junk + i * length, header, header_length);
    return bytes;
}

static void
an_mp3_is_found_behind_padding_and_junk(void)
{
    static const struct {
        gsize junk;
        guint8 fill;
    } cases[] = {{0, 0}, {1, 0}, {4096, 0}, {3000, 0x55}, {777, 0xff}, {30000, 0}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = make_frames(cases[i].junk, cases[i].fill, MP3_HEADER, 4, MP3_LENGTH, 3);
        g_assert_null(pf_media_classify(bytes->data, bytes->len));
    }
}

static void
one_frame_header_is_no_proof(void)
{
    g_autoptr(GByteArray) bytes = make_frames(0, 0, MP3_HEADER, 4, MP3_LENGTH, 1);

    g_byte_array_append(bytes, (const guint8 *)"\x00\x00\x00\x00\x00\x00\x00\x00", 8);
    g_assert_cmpstr(pf_media_classify(bytes->data, bytes->len), ==, "unknown");
}

static void
other_streams_are_known_by_two_frames(void)
{
    /* AAC: 200 bytes a frame; MPEG 2 layer III, 64 kbit/s, 22.05 kHz: 208 bytes; a transport stream: 188. */
    g_autoptr(GByteArray) aac = make_frames(0, 0, "\xff\xf1\x50\x80\x19\x00\xfc", 7, 200, 2);
    g_autoptr(GByteArray) mpeg2 = make_frames(5, 0, "\xff\xf3\x80\x00", 4, 208, 2);
    g_autoptr(GByteArray) stream = make_frames(0, 0xff, "\x47\x40\x00\x10", 4, 188, 3);

    g_assert_null(pf_media_classify(aac->data, aac->len));
    g_assert_null(pf_media_classify(mpeg2->data, mpeg2->len));
    g_assert_null(pf_media_classify(stream->data, stream->len));
}

static void
only_regular_files_are_opened_for_reading(void)
{
    g_autofree char *folder = g_dir_make_tmp("media-XXXXXX", NULL);
    g_autofree char *pipe = g_build_filename(folder, "pipe.mp3", NULL);
    g_autofree char *file = g_build_filename(folder, "file.mp3", NULL);
    g_autofree char *reason = NULL;

    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_false(pf_media_check(pipe, &reason));
    g_assert_cmpstr(reason, ==, "unknown");
    g_clear_pointer(&reason, g_free);
    g_assert_false(pf_media_check(file, &reason));
    g_assert_cmpstr(reason, ==, "unreadable");
    g_clear_pointer(&reason, g_free);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_assert_false(pf_media_check(file, &reason));
    g_assert_cmpstr(reason, ==, "empty");
    g_clear_pointer(&reason, g_free);
    g_assert_true(g_file_set_contents(file, "OggS....", -1, NULL));
    g_assert_true(pf_media_check(file, &reason));
    g_assert_null(reason);
    g_assert_false(pf_media_check(folder, &reason));
    g_unlink(pipe);
    g_unlink(file);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/first_bytes_tell_media_from_pages", first_bytes_tell_media_from_pages);
    g_test_add_func("/media/only_certain_media_counts_under_any_name", only_certain_media_counts_under_any_name);
    g_test_add_func("/media/an_mp3_is_found_behind_padding_and_junk", an_mp3_is_found_behind_padding_and_junk);
    g_test_add_func("/media/one_frame_header_is_no_proof", one_frame_header_is_no_proof);
    g_test_add_func("/media/other_streams_are_known_by_two_frames", other_streams_are_known_by_two_frames);
    g_test_add_func("/media/only_regular_files_are_opened_for_reading", only_regular_files_are_opened_for_reading);
    return g_test_run();
}
