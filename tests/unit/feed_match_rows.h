/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files as podcatchers name them, the items that they may be of, and which one each is.
 */
#pragma once

#include "feed/match.h"
#include "scratch_feeds.h"

#define FEED_A "https://a.example/feed"
#define FEED_B "https://b.example/feed"
#define MOST_ITEMS 4

static const struct {
    const char *url, *title;
} feeds[] = {{FEED_A, "Tiny Cast: A/B"}, {FEED_B, "Other Cast"}};

/* An item of the first feed, and one of the second. */
#define ITEM(number, its_guid, its_title, ...)                                                                         \
    {                                                                                                                  \
        {.guid = its_guid, .title = its_title, __VA_ARGS__}, number                                                    \
    }
#define A(...) ITEM(0, __VA_ARGS__, .link = NULL)
#define B(...) ITEM(1, __VA_ARGS__, .link = NULL)
#define NONE ""
#define SEVERAL "several"
#define UNSURE "unsure"

typedef struct {
    const char *who; /* the podcatcher, or the point */
    struct {
        ItemWords words;
        int feed;
    } items[MOST_ITEMS];
    PfFileClues clues;
    const char *expected; /* a GUID, NONE, SEVERAL or UNSURE: one, which is left to the user */
} Row;

#define EP1                                                                                                            \
    {                                                                                                                  \
        .guid = "ep1", .title = "Episode One: What? Ünïcode", .enclosure = "https://a.example/ep1.mp3?src=rss",        \
        .date = "2026-11-18T12:00:00Z"                                                                                 \
    }
#define EP2                                                                                                            \
    {                                                                                                                  \
        .guid = "ep2", .title = "Episode Two", .enclosure = "https://a.example/r/track/ep2.mp3",                       \
        .date = "2026-11-19T12:00:00Z"                                                                                 \
    }
#define BOTH                                                                                                           \
    {                                                                                                                  \
        {EP1, 0},                                                                                                      \
        {                                                                                                              \
            EP2, 0                                                                                                     \
        }                                                                                                              \
    }
#define LONG                                                                                                           \
    "A title that goes on and on and on and on, beyond all reason and beyond every limit that a file system has, "

/* Returns: (transfer full): what was found, as a row expects it. */
static inline char *
row_word(const GPtrArray *items, gboolean sure)
{
    return g_strdup(items->len == 0  ? NONE
                    : items->len > 1 ? SEVERAL
                    : !sure          ? UNSURE
                                     : ((const PfKnownItem *)items->pdata[0])->item->guid);
}

static const Row names[] = {
    /* the enclosure's basename */
    {"gPodder", BOTH, {.path = "/g/Tiny Cast_ A_B/ep1.mp3"}, "ep1"},
    {"gPodder: second folder", BOTH, {.path = "/g/Tiny Cast_ A_B (2)/ep2.mp3"}, "ep2"},
    {"gPodder: collision", BOTH, {.path = "/g/Tiny Cast_ A_B/ep2 (2).mp3"}, "ep2"},
    {"gPodder: redirected, renamed from .partial",
     BOTH,
     {.path = "/g/Tiny Cast_ A_B/final.mp3", .former = "ep2.mp3.partial"},
     "ep2"},
    {"gPodder: escaped",
     {A("e", "T", .enclosure = "https://a.example/My%20Show%20%231.mp3")},
     {.path = "/g/Tiny Cast_ A_B/My Show #1.mp3"},
     "e"},
    {"gPodder: sanitised",
     {A("e", "T", .enclosure = "https://a.example/a%3Ab%2Fc.mp3")},
     {.path = "/g/Tiny Cast_ A_B/a_b_c.mp3"},
     "e"},
    {"gPodder: extension by type",
     {A("e", "T", .enclosure = "https://a.example/ep77", .type = "audio/mpeg")},
     {.path = "/g/Tiny Cast_ A_B/ep77.mp3"},
     "e"},
    {"castget", BOTH, {.path = "/c/tiny/ep1.mp3"}, UNSURE},
    {"castget: percent removed",
     {A("e", "T", .enclosure = "https://a.example/Ep%20One.mp3")},
     {.path = "/g/Tiny Cast_ A_B/Ep20One.mp3"},
     "e"},
    {"castget: title", BOTH, {.path = "/c/2026-11-18-Episode One What Ünïcode.mp3"}, "ep1"},
    {"castget: channel and title", BOTH, {.path = "/c/Tiny Cast AB - Episode Two.mp3"}, "ep2"},
    {"castget: commas", {A("e", "Salt, fat, acid")}, {.path = "/g/Tiny Cast_ A_B/Salt fat acid.mp3"}, "e"},
    {"podget", BOTH, {.path = "/POD/Tech/Tiny Cast/ep1.mp3"}, UNSURE},
    {"podget: Content-Disposition off, date prefix", BOTH, {.path = "/POD/20260101_ep2.mp3"}, UNSURE},
    {"podget: wget keeps the query", BOTH, {.path = "/g/Tiny Cast_ A_B/ep1.mp3?src=rss"}, "ep1"},
    {"greg: collision", BOTH, {.path = "/home/me/Podcasts/Tiny Cast A_B/ep1.mp3_"}, "ep1"},
    {"greg: collision before the extension", BOTH, {.path = "/home/me/Podcasts/Tiny Cast A_B/ep1_.mp3"}, "ep1"},
    {"rhythmbox", BOTH, {.path = "/home/me/Music/Tiny Cast: A_B/ep1.mp3"}, "ep1"},
    {"a query tells",
     {A("x", "X", .enclosure = "https://a.example/media.mp3?id=4"),
      A("y", "Y", .enclosure = "https://a.example/media.mp3?id=5")},
     {.path = "/g/Tiny Cast_ A_B/media.mp3?id=5"},
     "y"},

    /* the title */
    {"newsboat", BOTH, {.path = "/n/2026-11-18-Episode One: What? Ünïcode.mp3"}, "ep1"},
    {"newsboat: feed title", BOTH, {.path = "/n/Tiny Cast: A_B - Episode Two.mp3"}, "ep2"},
    {"newsboat: feed title, date", BOTH, {.path = "/n/Tiny Cast: A_B-2026-11-19-Episode Two.mp3"}, "ep2"},
    {"newsboat: renamed from .part",
     BOTH,
     {.path = "/g/Tiny Cast_ A_B/x.mp3", .former = "Episode Two.mp3.part"},
     "ep2"},
    {"newsboat: slash", {A("e", "Either/or")}, {.path = "/g/Tiny Cast_ A_B/Either_or.mp3"}, "e"},
    {"newsboat: another's feed title", BOTH, {.path = "/n/Foreign Cast - Episode Two.mp3"}, NONE},
    {"castero", BOTH, {.path = "/castero/downloaded/Tiny_Cast__A_B/17-Episode_Two.mp3"}, "ep2"},
    {"castero: no feed's folder", BOTH, {.path = "/music/17-Episode_Two.mp3"}, UNSURE},
    {"castero: combining characters",
     {A("e", "हिन्दी पॉडकास्ट")},
     {.path = "/Tiny_Cast__A_B/3-ह_न_द__प_डक_स_ट.mp3"},
     "e"},
    {"shellcaster", BOTH, {.path = "/s/Tiny Cast AB/Episode Two_20261119_120000.mp3"}, "ep2"},
    {"shellcaster: removed", BOTH, {.path = "/s/Episode One What Ünïcode_20261118_120000.mp3"}, "ep1"},
    {"shellcaster: another day", BOTH, {.path = "/s/Episode Two_20251119_120000.mp3"}, NONE},
    {"Kasts", BOTH, {.path = "/k/Episode Two.7f76f7.mp3"}, "ep2"},
    {"Kasts: ASCII only", BOTH, {.path = "/k/Episode One What ncode.934202.mp3"}, "ep1"},
    {"Kasts: another's checksum", BOTH, {.path = "/k/Episode Two.000000.mp3"}, NONE},
    {"Clementine", BOTH, {.path = "/Podcasts/Tiny Cast: A_B/2026-11-19-Episode Two.mp3"}, "ep2"},
    {"Clementine: local day", BOTH, {.path = "/Podcasts/2026-11-20-Episode Two.mp3"}, "ep2"},
    {"Clementine: another day", BOTH, {.path = "/Podcasts/2026-11-25-Episode Two.mp3"}, NONE},
    {"GNOME Podcasts",
     {A("e", "T", .enclosure = "https://a.example/42.mp3")},
     {.path = "/Downloads/Tiny Cast: A_B/42.mp3"},
     NONE},
    {"GNOME Podcasts: two",
     {A("e", "T", .enclosure = "https://a.example/42.mp3"), A("f", "U", .enclosure = "https://a.example/x/42.mp3")},
     {.path = "/Downloads/42.mp3"},
     NONE},
    {"a folder above", BOTH, {.path = "/pods/Tiny Cast_ A_B/2026/ep1.mp3"}, "ep1"},

    /* which feed */
    {"two feeds",
     {A("a", "X", .enclosure = "https://a.example/ep1.mp3"), B("b", "Y", .enclosure = "https://b.example/ep1.mp3")},
     {.path = "/p/ep1.mp3"},
     SEVERAL},
    {"two feeds, a folder",
     {A("a", "X", .enclosure = "https://a.example/ep1.mp3"), B("b", "Y", .enclosure = "https://b.example/ep1.mp3")},
     {.path = "/p/Other Cast/ep1.mp3"},
     "b"},
    {"two feeds, a folder above",
     {A("a", "X", .enclosure = "https://a.example/ep1.mp3"), B("b", "Y", .enclosure = "https://b.example/ep1.mp3")},
     {.path = "/Other Cast/01/ep1.mp3"},
     "b"},
    {"another feed's folder", BOTH, {.path = "/p/Other Cast/ep1.mp3"}, UNSURE},
    {"two feeds, the hook's feed",
     {A("a", "X", .enclosure = "https://a.example/ep1.mp3"), B("b", "Y", .enclosure = "https://b.example/ep1.mp3")},
     {.path = "/p/ep1.mp3", .feed = "http://b.example/feed/"},
     "b"},
    {"a feed that is not known", BOTH, {.path = "/p/ep1.mp3", .feed = "https://c.example/"}, NONE},
    {"one GUID in two feeds",
     {A("urn:x:1", "X", .enclosure = "https://a.example/1.mp3"),
      B("urn:x:1", "X", .enclosure = "https://a.example/1.ogg")},
     {.path = "/p/1.mp3", .guid = "urn:x:1"},
     "urn:x:1"},
    {"one enclosure in two feeds",
     {A("1", "Some title", .enclosure = "https://a.example/x.mp3"),
      B("1", "Some title", .enclosure = "http://a.example/x.mp3")},
     {.path = "/g/Tiny Cast_ A_B/Some title.mp3"},
     "1"},
    {"one enclosure in one feed",
     {A("1", "Today", .enclosure = "https://a.example/x.mp3"),
      A("2", "Yesterday", .enclosure = "https://a.example/x.mp3")},
     {.path = "/p/x.mp3"},
     SEVERAL},
    {"all GUIDs were changed",
     {A("1", "Today", .enclosure = "https://a.example/x.mp3"), A("2", "Today", .enclosure = "https://a.example/x.mp3")},
     {.path = "/g/Tiny Cast_ A_B/x.mp3"},
     "1"},

    /* what the hook says */
    {"guid, feed", BOTH, {.path = "/p/?", .guid = "ep2", .feed = FEED_A}, "ep2"},
    {"a small guid without its feed", BOTH, {.path = "/p/?", .guid = "ep2"}, NONE},
    {"a small guid in another feed", BOTH, {.path = "/p/?", .guid = "ep2", .feed = FEED_B}, NONE},
    {"enclosure", BOTH, {.path = "/p/?", .enclosure = "http://A.example/ep1.mp3?src=rss#x"}, "ep1"},
    {"enclosure, escaped twice",
     {A("e", "T", .enclosure = "https://a.example/x?a=1&b=2")},
     {.path = "/p/?", .enclosure = "https://a.example/x?a=1&amp;b=2"},
     "e"},
    {"enclosure, escaped",
     {A("e", "T", .enclosure = "https://a.example/a%20b.mp3/")},
     {.path = "/p/?", .enclosure = "https://a.example/%61%20b.mp3"},
     "e"},
    {"words contradict",
     BOTH,
     {.path = "/p/ep1.mp3", .guid = "ep2", .feed = FEED_A, .enclosure = "https://a.example/ep1.mp3?src=rss"},
     SEVERAL},
    {"another GUID than the enclosure's",
     BOTH,
     {.path = "/p/ep1.mp3", .guid = "ep9", .feed = FEED_A, .enclosure = "https://a.example/ep1.mp3?src=rss"},
     NONE},
    {"words go before names", BOTH, {.path = "/p/ep1.mp3", .enclosure = "https://a.example/r/track/ep2.mp3"}, "ep2"},
    {"title", BOTH, {.path = "/p/?", .title = "Episode two", .feed = FEED_A}, "ep2"},
    {"title against name", BOTH, {.path = "/p/ep1.mp3", .title = "Episode Two", .feed = FEED_A}, SEVERAL},

    /* where it came from */
    {"origin", BOTH, {.path = "/p/?", .origin = "https://a.example/r/track/ep2.mp3"}, "ep2"},
    {"origin, redirected", BOTH, {.path = "/p/?", .origin = "https://cdn.example/x/ep2.mp3?sig=1"}, UNSURE},
    {"origin that says nothing",
     {A("e", "T", .enclosure = "https://a.example/stream")},
     {.path = "/p/?", .origin = "https://cdn.example/stream"},
     NONE},

    /* what is not enough */
    {"says nothing", {A("e", "Media", .enclosure = "https://a.example/media.mp3")}, {.path = "/p/media.mp3"}, UNSURE},
    {"says nothing, two",
     {A("e", "T", .enclosure = "https://a.example/1/media.mp3"),
      A("f", "U", .enclosure = "https://a.example/2/media.mp3")},
     {.path = "/p/media.mp3"},
     SEVERAL},
    {"default", {A("e", "T", .enclosure = "https://a.example/1/default.mp3")}, {.path = "/p/Default.MP3"}, UNSURE},
    {"a short title", {A("e", "Ep1")}, {.path = "/p/Ep1.mp3"}, UNSURE},
    {"one title twice", {A("e", "Best of"), A("f", "Best of")}, {.path = "/p/Best of.mp3"}, SEVERAL},
    {"one title twice, a day",
     {A("e", "Best of", .date = "2026-01-01T10:00:00Z"), A("f", "Best of", .date = "2026-02-01T10:00:00Z")},
     {.path = "/p/2026-02-01-Best of.mp3"},
     "f"},
    {"one title twice, a size",
     {A("e", "Best of", .enclosure = "https://a.example/1", .length = 100),
      A("f", "Best of", .enclosure = "https://a.example/2", .length = 200)},
     {.path = "/p/Best of.mp3", .size = 200},
     "f"},
    {"one title twice, one size twice",
     {A("e", "Best of", .enclosure = "https://a.example/1", .length = 200),
      A("f", "Best of", .enclosure = "https://a.example/2", .length = 200)},
     {.path = "/p/Best of.mp3", .size = 200},
     SEVERAL},
    {"size alone",
     {A("e", "T", .enclosure = "https://a.example/1", .length = 200)},
     {.path = "/p/x.mp3", .size = 200},
     NONE},
    {"a basename against a title",
     {A("e", "X", .enclosure = "https://a.example/Part Two.mp3"),
      A("f", "Part Two", .enclosure = "https://a.example/f.mp3")},
     {.path = "/p/Part Two.mp3"},
     SEVERAL},
    {"case tells",
     {A("e", "X", .enclosure = "https://a.example/EP1a.mp3"), A("f", "Y", .enclosure = "https://a.example/ep1A.mp3")},
     {.path = "/g/Tiny Cast_ A_B/EP1a.mp3"},
     "e"},
    {"case is lost",
     {A("e", "X", .enclosure = "https://a.example/EP1a.mp3"), A("f", "Y", .enclosure = "https://a.example/ep1A.mp3")},
     {.path = "/p/ep1a.mp3"},
     SEVERAL},
    {"digits are not pushed together",
     {A("e", "X", .enclosure = "https://a.example/show-11-1.mp3")},
     {.path = "/p/show-1-11.mp3"},
     UNSURE},
    {"nor across a slash", {A("e", "Part 1/1")}, {.path = "/p/Part 11.mp3"}, UNSURE},
    {"another language's name", {A("e", "C# intro")}, {.path = "/p/C++ intro.mp3"}, UNSURE},
    {"a longer name", BOTH, {.path = "/p/Episode Two and a half.mp3"}, NONE},
    {"a beginning", BOTH, {.path = "/p/Episode.mp3"}, NONE},
    {"ogg file, mp3 and ogg items",
     {A("e", "Same name", .enclosure = "https://a.example/a.mp3"),
      B("f", "Same name", .enclosure = "https://b.example/b.ogg")},
     {.path = "/p/Same name.ogg"},
     SEVERAL},
    {"mp3 file, ogg item",
     {A("e", "Same name", .enclosure = "https://a.example/a.ogg")},
     {.path = "/g/Tiny Cast_ A_B/Same name.mp3"},
     "e"},

    /* what is enough: see is_sure() in match.c */
    {"a short name in a folder that nobody knows", BOTH, {.path = "/w/Night Notes/ep1.mp3", .root = "/w"}, UNSURE},
    {"its size is exact all the same",
     {A("e", "T", .enclosure = "https://a.example/episode1.mp3", .length = 160626)},
     {.path = "/w/Night Notes/episode1.mp3", .root = "/w", .size = 160626},
     "e"},
    {"its size is exact, in another known show's folder",
     {A("e", "T", .enclosure = "https://a.example/episode1.mp3", .length = 160626)},
     {.path = "/w/Other Cast/episode1.mp3", .root = "/w", .size = 160626},
     UNSURE},
    {"its day is right",
     {A("e", "Intro", .date = "2026-07-08T10:00:00Z")},
     {.path = "/w/Night Notes/2026-07-08-Intro.mp3", .root = "/w"},
     UNSURE},
    {"a short name, the exact size",
     {A("e", "T", .enclosure = "https://a.example/episode1.mp3", .length = 160626)},
     {.path = "/w/episode1.mp3", .root = "/w", .size = 160626},
     "e"},
    {"a short name, another size",
     {A("e", "T", .enclosure = "https://a.example/episode1.mp3", .length = 160626)},
     {.path = "/w/episode1.mp3", .root = "/w", .size = 160620},
     UNSURE},
    {"a short name, the day",
     {A("e", "Intro", .date = "2026-07-08T10:00:00Z")},
     {.path = "/w/2026-07-08-Intro.mp3", .root = "/w"},
     "e"},
    {"a short name among its own show's files",
     BOTH,
     {.path = "/w/Night Notes/ep1.mp3", .root = "/w", .neighbours = (char *[]){(char *)FEED_A, NULL}},
     "ep1"},
    {"among another show's files",
     BOTH,
     {.path = "/w/Mixed/ep1.mp3", .root = "/w", .neighbours = (char *[]){(char *)FEED_B, NULL}},
     UNSURE},
    {"four words", {A("e", "Harbour lights by night")}, {.path = "/w/Harbour lights by night.mp3", .root = "/w"}, "e"},
    {"four words in a folder that nobody knows",
     {A("e", "Harbour lights by night")},
     {.path = "/w/Night Notes/Harbour lights by night.mp3", .root = "/w"},
     UNSURE},
    {"four words among files of several shows",
     {A("e", "Harbour lights by night")},
     {.path = "/w/Mixed/Harbour lights by night.mp3",
      .root = "/w",
      .neighbours = (char *[]){(char *)FEED_A, (char *)FEED_B, NULL}},
     "e"},
    {"four words and another size",
     {A("e", "Harbour lights by night", .enclosure = "https://a.example/1.mp3", .length = 160626)},
     {.path = "/w/Harbour lights by night.mp3", .root = "/w", .size = 3000},
     UNSURE},
    {"four words and a size that a service may have changed",
     {A("e", "Harbour lights by night", .enclosure = "https://op3.example/e/https://a.example/1.mp3",
        .length = 160626)},
     {.path = "/w/Harbour lights by night.mp3", .root = "/w", .size = 3000},
     "e"},
    {"four words and tags",
     {A("e", "Harbour lights by night", .enclosure = "https://a.example/1.mp3", .length = 480514)},
     {.path = "/w/Harbour lights by night.mp3", .root = "/w", .size = 481669},
     "e"},
    {"three words and the day in a folder that nobody knows",
     {A("e", "Winter day one", .date = "2026-07-08T10:00:00Z")},
     {.path = "/w/spool/2026-07-08-Winter day one.mp3", .root = "/w"},
     "e"},
    {"the show in the name", BOTH, {.path = "/w/spool/Tiny Cast AB - Episode Two.mp3", .root = "/w"}, "ep2"},
    {"its initials and a number",
     {A("e", "T", .enclosure = "https://a.example/tca003-garden.mp3")},
     {.path = "/w/spool/tca003-garden.mp3", .root = "/w"},
     "e"},
    {"a GUID for a name",
     {A("0d9f1a52-7c1e-4c2b-9f3e-5a1d7c2b9e10", "T")},
     {.path = "/w/spool/0d9f1a52-7c1e-4c2b-9f3e-5a1d7c2b9e10.mp3", .root = "/w"},
     "0d9f1a52-7c1e-4c2b-9f3e-5a1d7c2b9e10"},
    {"another payee's title fits more closely",
     {A("e", "Episode 6: What a GUID is for?"), B("f", "Episode 6_ What a GUID is for_")},
     {.path = "/w/Episode 6_ What a GUID is for_.mp3", .root = "/w"},
     SEVERAL},
    {"another payee's size fits",
     {A("e", "Episode 6: What a GUID is for?", .enclosure = "https://a.example/6.mp3", .length = 999),
      B("f", "Episode 6: What a GUID is for?", .enclosure = "https://b.example/6.mp3", .length = 1000)},
     {.path = "/w/Episode 6_ What a GUID is for_.mp3", .root = "/w", .size = 1000},
     SEVERAL},
    {"another payee's day fits",
     {A("e", "Winter day one", .date = "2026-07-01T10:00:00Z"),
      B("f", "Winter day one", .date = "2026-07-08T10:00:00Z")},
     {.path = "/w/2026-07-08-Winter day one.mp3", .root = "/w"},
     "f"}, /* the other has another day */
    {"media and the size, in the show's folder",
     {A("e", "T", .enclosure = "https://a.example/1/media.mp3", .length = 200),
      A("f", "U", .enclosure = "https://a.example/2/media.mp3", .length = 300)},
     {.path = "/w/Tiny Cast_ A_B/media (1).mp3", .root = "/w", .size = 300},
     "f"},
    {"a folder that is the show's but for its subtitle", BOTH, {.path = "/w/Tiny Cast/ep1.mp3", .root = "/w"}, UNSURE},
    {"four words in such a folder",
     {A("e", "Harbour lights by night")},
     {.path = "/w/Tiny Cast/Harbour lights by night.mp3", .root = "/w"},
     "e"},
    {"a title's slash that made a folder",
     {A("e", "Pilot / the first one?", .date = "2026-11-25T06:00:00Z")},
     {.path = "/w/spool/2026-11-25-Pilot / the first one?.mp3", .root = "/w"},
     "e"},

    /* addresses that differ in form */
    {"another query",
     {A("e", "T", .enclosure = "https://a.example/1.mp3?tk=1")},
     {.path = "/p/?", .enclosure = "https://a.example/1.mp3?tk=2"},
     "e"},
    {"another query of two",
     {A("e", "T", .enclosure = "https://a.example/m.mp3?id=1"),
      A("f", "U", .enclosure = "https://a.example/m.mp3?id=2")},
     {.path = "/p/?", .enclosure = "https://a.example/m.mp3?id=3"},
     SEVERAL},
    {"behind a prefix",
     {A("e", "T", .enclosure = "https://dts.podtrac.example/redirect.mp3/cdn.example.org/11/media.mp3")},
     {.path = "/p/?", .enclosure = "https://cdn.example.org/11/media.mp3"},
     "e"},
    {"before it was put behind a prefix",
     {A("e", "T", .enclosure = "https://cdn.example.org/11/media.mp3")},
     {.path = "/p/?", .enclosure = "https://op3.example/e,pg=abc/https://cdn.example.org/11/media.mp3?x=1"},
     "e"},
    {"an origin behind a prefix",
     {A("e", "T", .enclosure = "https://chrt.example/track/ABC/pdst.example/e/cdn.example.org/11/media.mp3")},
     {.path = "/p/?", .origin = "https://cdn.example.org/11/media.mp3?token=1"},
     "e"},
    {"a blank",
     {A("e", "T", .enclosure = "https://a.example/my show 1/media.mp3")},
     {.path = "/p/?", .enclosure = "https://a.example/my%20show%201/media.mp3"},
     "e"},
    {"another payee lists the same address",
     {A("e", "T", .enclosure = "https://a.example/1.mp3"),
      B("f", "T", .enclosure = "https://x.example/a.example/1.mp3")},
     {.path = "/p/?", .enclosure = "https://a.example/1.mp3?x=1"},
     SEVERAL},

    /* hostile names */
    {"invalid UTF-8", {A("e", "Müller")}, {.path = "/p/M\xfcller.mp3"}, UNSURE},
    {"nothing but invalid UTF-8", BOTH, {.path = "/p/\xff\xfe\xfd"}, NONE},
    {"only dots", {A("e", "....", .enclosure = "https://a.example/....")}, {.path = "/p/...."}, NONE},
    {"an extension alone", BOTH, {.path = "/p/.mp3"}, NONE},
    {"255 bytes",
     {A("e", LONG LONG LONG, .enclosure = "https://a.example/1")},
     {.path = "/p/" LONG LONG "A title that goes on and on and on.mp3"},
     "e"},
    {"255 bytes, two",
     {A("e", LONG LONG LONG "one"), A("f", LONG LONG LONG "two")},
     {.path = "/p/" LONG LONG "A title that goes on.mp3"},
     SEVERAL},
    {"right to left", {A("e", "فرقة الموسيقى: ١")}, {.path = "/g/Tiny Cast_ A_B/فرقة الموسيقى_ ١.mp3"}, "e"},
    {"an override", {A("e", "Episode Two")}, {.path = "/p/Episode \u202eTwo.mp3"}, UNSURE},
    {"decomposed", {A("e", "Ünïcode é")}, {.path = "/g/Tiny Cast_ A_B/U\u0308ni\u0308code e\u0301.mp3"}, "e"},
    {"full width", {A("e", "Episode Two")}, {.path = "/g/Tiny Cast_ A_B/Ｅｐｉｓｏｄｅ　Ｔｗｏ.mp3"}, "e"},
    {"symbols", {A("e", "Party 🎉 time"), A("f", "Party 🎊 time")}, {.path = "/g/Tiny Cast_ A_B/Party 🎊 time.mp3"}, "f"},
    {"symbols replaced", {A("e", "Party 🎉 time"), A("f", "Party 🎊 time")}, {.path = "/p/Party _ time.mp3"}, SEVERAL},
    {"a date that is none", BOTH, {.path = "/p/2026-99-99-Episode Two.mp3"}, NONE},
    {"separators only", BOTH, {.path = "/p/-_-_-_-_-_-_-_-_-_.mp3"}, NONE},
    {"an empty title", {A("e", "", .enclosure = "https://a.example/")}, {.path = "/p/ .mp3"}, NONE},
};
