/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rhythmbox: one large XML file with all that it knows, which is replaced when it ends. */
#include "base/i18n.h"
#include "sources/podcatcher.h"

#include <libxml/xmlreader.h>
#include <string.h>

/* How long the file may take to be read, microseconds. */
#define TIMEOUT ((gint64)3 * G_USEC_PER_SEC)

static void
find(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found)
{
    const char *music = g_get_user_special_dir(G_USER_DIRECTORY_MUSIC);
    g_autofree char *list = g_build_filename(place->data, "rhythmbox", "rhythmdb.xml", NULL);

    if (g_file_test(list, G_FILE_TEST_EXISTS))
        pf_podcatcher_add_take(found, place,
                               (PfPodcatcher){.kind = kind, .list = g_steal_pointer(&list), .folder = g_strdup(music)});
}

/* The fields of an entry that are used. */
typedef struct {
    char *location, *mountpoint, *subtitle, *guid, *title, *plays, *played, *duration;
} Entry;

static void
entry_clear(Entry *entry)
{
    g_free(entry->location);
    g_free(entry->mountpoint);
    g_free(entry->subtitle);
    g_free(entry->guid);
    g_free(entry->title);
    g_free(entry->plays);
    g_free(entry->played);
    g_free(entry->duration);
    *entry = (Entry){0};
}

/* Is called for each entry of podcasts; may take its strings. Returns whether to go on. */
typedef gboolean (*EntryFunc)(gboolean is_feed, Entry *entry, gpointer data);

static void
take_member(xmlTextReaderPtr reader, Entry *entry)
{
    const struct {
        const char *name;
        char **member;
    } members[] = {{"location", &entry->location},  {"mountpoint", &entry->mountpoint}, {"subtitle", &entry->subtitle},
                   {"podcast-guid", &entry->guid},  {"title", &entry->title},           {"play-count", &entry->plays},
                   {"last-played", &entry->played}, {"duration", &entry->duration}};
    const char *name = (const char *)xmlTextReaderConstName(reader);

    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!g_str_equal(name, members[i].name) || *members[i].member)
            continue;
        xmlChar *text = xmlTextReaderReadString(reader);
        *members[i].member = g_strdup((const char *)text);
        xmlFree(text);
    }
}

static gboolean
each_entry(const char *path, EntryFunc each, gpointer data, GError **error)
{
    if (!pf_podcatcher_check_file(path, error))
        return FALSE;
    xmlTextReaderPtr reader =
        xmlReaderForFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
    gint64 deadline = g_get_monotonic_time() + TIMEOUT;
    gboolean is_feed = FALSE, is_post = FALSE, goes_on = TRUE;
    Entry entry = {0};
    int got = reader ? 1 : -1;

    while (goes_on && reader && (got = xmlTextReaderRead(reader)) == 1) {
        int type = xmlTextReaderNodeType(reader), depth = xmlTextReaderDepth(reader);
        if (type == XML_READER_TYPE_ELEMENT && depth == 1) {
            g_autofree char *kind = NULL;
            xmlChar *value = xmlTextReaderGetAttribute(reader, (const xmlChar *)"type");
            kind = g_strdup((const char *)value);
            xmlFree(value);
            is_feed = g_strcmp0(kind, "podcast-feed") == 0;
            is_post = g_strcmp0(kind, "podcast-post") == 0;
        } else if (type == XML_READER_TYPE_ELEMENT && depth == 2 && (is_feed || is_post)) {
            take_member(reader, &entry);
        } else if (type == XML_READER_TYPE_END_ELEMENT && depth == 1) {
            if (is_feed || is_post)
                goes_on = each(is_feed, &entry, data);
            entry_clear(&entry);
        } else if (g_get_monotonic_time() > deadline) {
            break;
        }
    }
    entry_clear(&entry);
    xmlFreeTextReader(reader);
    if (!goes_on || got == 0)
        return TRUE;
    g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT, "%s: %s", path,
                got < 0 ? _("cannot be read, or is incomplete") : _("too large to be read within a few seconds"));
    return FALSE;
}

static gboolean
add_folder(gboolean is_feed, Entry *entry, gpointer folders)
{
    g_autofree char *path =
        !is_feed && entry->mountpoint && entry->location ? g_filename_from_uri(entry->location, NULL, NULL) : NULL;
    g_autofree char *show = path ? g_path_get_dirname(path) : NULL;
    g_autofree char *folder = show ? g_path_get_dirname(show) : NULL;

    if (folder && !g_ptr_array_find_with_equal_func(folders, folder, g_str_equal, NULL))
        g_ptr_array_add(folders, g_steal_pointer(&folder));
    return TRUE;
}

static gboolean
list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    return each_entry(podcatcher->list, add_folder, folders, error);
}

static gboolean
add_feed(gboolean is_feed, Entry *entry, gpointer feeds)
{
    if (is_feed && entry->location)
        pf_podcatcher_add_feed(feeds, entry->location);
    return TRUE;
}

static gboolean
list_feeds(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error)
{
    return each_entry(podcatcher->list, add_feed, feeds, error);
}

typedef struct {
    const char *path;
    PfPodcatcherItem *item;
} Search;

static gboolean
take(gboolean is_feed, Entry *entry, gpointer data)
{
    const Search *search = data;
    g_autofree char *path =
        !is_feed && entry->mountpoint && entry->location ? g_filename_from_uri(entry->location, NULL, NULL) : NULL;

    if (g_strcmp0(path, search->path) != 0)
        return TRUE;
    search->item->feed = g_steal_pointer(&entry->subtitle);
    search->item->enclosure = g_steal_pointer(&entry->mountpoint);
    search->item->guid = g_steal_pointer(&entry->guid);
    search->item->title = g_steal_pointer(&entry->title);
    return FALSE;
}

static gboolean
look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item, GError **error)
{
    Search search = {path, item};

    (void)former;
    return each_entry(podcatcher->list, take, &search, error);
}

static gint64
read_number(const char *text)
{
    return text ? MAX(g_ascii_strtoll(text, NULL, 10), 0) : 0;
}

static gboolean
add_play(gboolean is_feed, Entry *entry, gpointer plays)
{
    /* One that is not downloaded is played from its address, which is its location then. */
    const char *enclosure = entry->mountpoint ? entry->mountpoint : entry->location;
    g_autoptr(PfPlay) play = NULL;

    if (is_feed || read_number(entry->plays) == 0 || !enclosure || !entry->subtitle)
        return TRUE;
    play = g_new0(PfPlay, 1);
    play->kind = PF_PLAY_COUNT;
    play->path = entry->mountpoint && entry->location ? g_filename_from_uri(entry->location, NULL, NULL) : NULL;
    play->count = read_number(entry->plays);
    play->duration = read_number(entry->duration);
    play->at = pf_play_read_time(read_number(entry->played));
    const char *const parts[] = {entry->subtitle, entry->guid, enclosure};
    play->name = pf_play_dup_name(parts, G_N_ELEMENTS(parts));
    play->enclosure = g_strdup(enclosure);
    play->feed = g_steal_pointer(&entry->subtitle);
    play->guid = g_steal_pointer(&entry->guid);
    play->title = g_steal_pointer(&entry->title);
    g_ptr_array_add(plays, g_steal_pointer(&play));
    return TRUE;
}

/* It counts an episode when that has been played to its end. */
static gboolean
list_plays(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error)
{
    return each_entry(podcatcher->list, add_play, plays, error);
}

const PfPodcatcherKind pf_podcatcher_rhythmbox = {
    .name = "rhythmbox",
    .title = "Rhythmbox",
    .flatpak = "org.gnome.Rhythmbox3",
    .snap = "rhythmbox",
    .find = find,
    .list_folders = list_folders,
    .list_feeds = list_feeds,
    .look_up = look_up,
    .list_plays = list_plays,
};
