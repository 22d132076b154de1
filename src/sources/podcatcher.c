/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/podcatcher.h"

#include "base/episode.h"
#include "base/file_access.h"
#include "base/i18n.h"
#include "base/url.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any list or configuration that is kept by hand. */
#define MAX_TEXT ((goffset)4 * 1024 * 1024)

/* How long a program that writes its database is waited for, and how long one question may take, milliseconds. */
#define BUSY_MS 1000
#define QUESTION_MS 2000

/* How long a podcatcher's files are waited for, milliseconds: longer than for one question. */
#define TIMEOUT_MS (BUSY_MS + QUESTION_MS + 1000)

/* How many steps of SQLite's virtual machine are between two looks at the time. */
#define STEPS 10000

/* A longer text in a database is not one that is looked for. */
#define MAX_VALUE (1024 * 1024)

const PfPodcatcherKind *const pf_podcatcher_kinds[] = {
    &pf_podcatcher_gpodder,
    &pf_podcatcher_newsboat,
    &pf_podcatcher_podget,
    &pf_podcatcher_castget,
    &pf_podcatcher_greg,
    &pf_podcatcher_ytdlp,
    &pf_podcatcher_rhythmbox,
    &pf_podcatcher_kasts,
    &pf_podcatcher_gnome_podcasts,
    &pf_podcatcher_clementine,
    &pf_podcatcher_castero,
    &pf_podcatcher_shellcaster,
    NULL,
};

G_DEFINE_QUARK(pf_podcatcher_error, pf_podcatcher_error)

/* --- finding --- */

const PfPodcatcherKind *
pf_podcatcher_get_kind(const char *name)
{
    for (const PfPodcatcherKind *const *kind = pf_podcatcher_kinds; *kind; kind++)
        if (g_str_equal((*kind)->name, name))
            return *kind;
    return NULL;
}

void
pf_podcatcher_free(PfPodcatcher *podcatcher)
{
    if (!podcatcher)
        return;
    g_free(podcatcher->list);
    g_free(podcatcher->settings);
    g_free(podcatcher->store);
    g_free(podcatcher->folder);
    g_free(podcatcher);
}

void
pf_podcatcher_add_take(GPtrArray *found, const PfPodcatcherPlace *place, PfPodcatcher podcatcher)
{
    podcatcher.is_sandboxed = place->is_sandboxed;
    g_ptr_array_add(found, g_memdup2(&podcatcher, sizeof podcatcher));
}

/* What is looked for or asked in a thread of its own, and may be given up: a home folder can be on a file system that
 * hangs. */
typedef struct {
    const PfPodcatcherKind *kind;
    PfPodcatcher *podcatcher; /* NULL when they are looked for */
    GPtrArray *found;         /* podcatchers, or folders; NULL when feeds are asked for */
    PfPodcatcherFeeds *feeds;
    GError *failure;
} Look;

static void
look_free(gpointer data)
{
    Look *look = data;

    pf_podcatcher_free(look->podcatcher);
    g_clear_pointer(&look->found, g_ptr_array_unref);
    g_clear_pointer(&look->feeds, pf_podcatcher_feeds_free);
    g_clear_error(&look->failure);
    g_free(look);
}

static PfPodcatcher *
copy(const PfPodcatcher *podcatcher)
{
    PfPodcatcher *twin = g_memdup2(podcatcher, sizeof *podcatcher);

    twin->list = g_strdup(podcatcher->list);
    twin->settings = g_strdup(podcatcher->settings);
    twin->store = g_strdup(podcatcher->store);
    twin->folder = g_strdup(podcatcher->folder);
    return twin;
}

/* Asks a podcatcher in such a thread. @look: (transfer full). Returns: whether it has answered, and @look is the
 * caller's; FALSE with @error set. */
static gboolean
ask_in_time(const PfPodcatcher *podcatcher, void (*function)(const char *path, gpointer look), Look *look,
            GError **error)
{
    look->kind = podcatcher->kind;
    look->podcatcher = copy(podcatcher);
    if (pf_call_in_time(podcatcher->list, TIMEOUT_MS, function, look, look_free)) {
        if (!look->failure)
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&look->failure));
        look_free(look);
        return FALSE;
    }
    g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_FILE,
                _("%s: does not answer; its file system hangs: reconnect or unmount it"), podcatcher->list);
    return FALSE;
}

static GPtrArray *
find_places(const PfPodcatcherKind *kind)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)pf_podcatcher_free);
    const char *home = g_get_home_dir();

    kind->find(kind, &(PfPodcatcherPlace){home, g_get_user_config_dir(), g_get_user_data_dir(), FALSE}, found);
    if (kind->flatpak) {
        g_autofree char *box = g_build_filename(home, ".var/app", kind->flatpak, NULL);
        g_autofree char *config = g_build_filename(box, "config", NULL);
        g_autofree char *data = g_build_filename(box, "data", NULL);
        kind->find(kind, &(PfPodcatcherPlace){box, config, data, TRUE}, found);
    }
    if (kind->snap) {
        g_autofree char *box = g_build_filename(home, "snap", kind->snap, "current", NULL);
        g_autofree char *config = g_build_filename(box, ".config", NULL);
        g_autofree char *data = g_build_filename(box, ".local/share", NULL);
        kind->find(kind, &(PfPodcatcherPlace){box, config, data, TRUE}, found);
    }
    return found;
}

static void
look_for(const char *home, gpointer data)
{
    Look *look = data;

    (void)home;
    look->found = find_places(look->kind);
}

GPtrArray *
pf_podcatcher_find(const PfPodcatcherKind *kind)
{
    /* A name of its own for each kind: one whose files are elsewhere, where nothing answers, says nothing of others. */
    g_autofree char *name = g_build_filename(g_get_home_dir(), kind->name, NULL);
    Look *look = g_new0(Look, 1);

    look->kind = kind;
    if (!pf_call_in_time(name, PF_FILE_TIMEOUT_MS, look_for, look, look_free))
        return g_ptr_array_new_with_free_func((GDestroyNotify)pf_podcatcher_free);
    GPtrArray *found = g_steal_pointer(&look->found);
    look_free(look);
    return found;
}

/* The first bytes of a database, which say whether it is written by way of a log beside it, which comes and goes. */
#define LOG_HEADER 20

static gboolean
is_of_log(const char *header)
{
    return memcmp(header, "SQLite format 3", 16) == 0 && header[18] == 2;
}

static gboolean
has_log(const char *path)
{
    char header[LOG_HEADER] = "";
    int file = pf_file_open_in_time(path);
    gboolean is_read = file >= 0 && pf_file_read_in_time(path, file, header, sizeof header) == (gssize)sizeof header;

    if (file >= 0)
        close(file);
    return is_read && is_of_log(header);
}

void
pf_podcatcher_add_files(const PfPodcatcher *podcatcher, GPtrArray *files)
{
    const char *const paths[] = {podcatcher->list, podcatcher->settings, podcatcher->store};

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (paths[i] && !g_ptr_array_find_with_equal_func(files, paths[i], g_str_equal, NULL))
            g_ptr_array_add(files, g_strdup(paths[i]));
    const char *database = podcatcher->store ? podcatcher->store : podcatcher->list;
    g_autofree char *log = g_strconcat(database, "-wal", NULL);
    if (has_log(database) && !g_ptr_array_find_with_equal_func(files, log, g_str_equal, NULL))
        g_ptr_array_add(files, g_steal_pointer(&log));
}

gint64
pf_podcatcher_read_changed(const PfPodcatcher *podcatcher)
{
    g_autofree char *log = g_strconcat(podcatcher->list, "-wal", NULL);
    struct stat status;
    gint64 changed = pf_file_stat_in_time(podcatcher->list, &status) == 0 ? (gint64)status.st_mtime : 0;

    return pf_file_stat_in_time(log, &status) == 0 && status.st_size > 0 ? MAX(changed, (gint64)status.st_mtime)
                                                                         : changed;
}

/* --- asking --- */

static void
add_folder(GPtrArray *folders, const char *folder)
{
    g_autofree char *path = g_canonicalize_filename(folder, "/");

    if (!g_str_equal(path, g_get_home_dir()) && !g_str_equal(path, "/") &&
        !g_ptr_array_find_with_equal_func(folders, path, g_str_equal, NULL))
        g_ptr_array_add(folders, g_steal_pointer(&path));
}

static void
look_at_folders(const char *list, gpointer data)
{
    Look *look = data;
    const PfPodcatcherKind *kind = look->kind;

    (void)list;
    if (kind->list_folders && !kind->list_folders(look->podcatcher, look->found, &look->failure))
        return;
    char *folder = kind->read_folder ? kind->read_folder(look->podcatcher, &look->failure) : NULL;
    if (folder)
        g_ptr_array_add(look->found, folder);
}

gboolean
pf_podcatcher_list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error)
{
    Look *look = g_new0(Look, 1);
    g_autoptr(GPtrArray) named = NULL;

    look->found = g_ptr_array_new_with_free_func(g_free);
    gboolean listed = ask_in_time(podcatcher, look_at_folders, look, error);
    if (listed) {
        named = g_steal_pointer(&look->found);
        look_free(look);
    }
    for (guint i = 0; named && i < named->len; i++)
        add_folder(folders, named->pdata[i]);
    if ((!named || named->len == 0) && podcatcher->folder)
        add_folder(folders, podcatcher->folder);
    return listed;
}

void
pf_podcatcher_feeds_free(PfPodcatcherFeeds *feeds)
{
    if (!feeds)
        return;
    g_ptr_array_unref(feeds->urls);
    g_free(feeds);
}

static void
look_at_feeds(const char *list, gpointer data)
{
    Look *look = data;

    (void)list;
    if (look->kind->list_feeds)
        (void)look->kind->list_feeds(look->podcatcher, look->feeds, &look->failure);
}

PfPodcatcherFeeds *
pf_podcatcher_list_feeds(const PfPodcatcher *podcatcher, GError **error)
{
    Look *look = g_new0(Look, 1);

    look->feeds = g_new0(PfPodcatcherFeeds, 1);
    look->feeds->urls = g_ptr_array_new_with_free_func(g_free);
    if (!ask_in_time(podcatcher, look_at_feeds, look, error))
        return NULL;
    PfPodcatcherFeeds *feeds = g_steal_pointer(&look->feeds);
    look_free(look);
    return feeds;
}

/* Returns: (transfer full): NULL for what is not an address on the web. */
static char *
dup_feed(const char *address)
{
    g_autofree char *url = address && g_utf8_validate(address, -1, NULL) ? pf_url_dup_typed(address) : NULL;

    return url && pf_url_is_web(url) ? g_steal_pointer(&url) : NULL;
}

void
pf_podcatcher_add_feed(PfPodcatcherFeeds *feeds, const char *address)
{
    char *url = dup_feed(address);

    if (url)
        g_ptr_array_add(feeds->urls, url);
    else
        feeds->left_out++;
}

gboolean
pf_podcatcher_take_feed(sqlite3_stmt *row, gpointer feeds)
{
    pf_podcatcher_add_feed(feeds, (const char *)sqlite3_column_text(row, 0));
    return TRUE;
}

void
pf_podcatcher_item_clear(PfPodcatcherItem *item)
{
    g_free(item->feed);
    g_free(item->enclosure);
    g_free(item->guid);
    g_free(item->title);
    *item = (PfPodcatcherItem){0};
}

/* Returns: (transfer full): NULL for what says nothing, and for what is not a text. */
static char *
dup_text(sqlite3_stmt *row, int column)
{
    char *text = column < sqlite3_column_count(row) ? pf_database_dup_text(row, column) : NULL;

    if (!text || !*text || !g_utf8_validate(text, -1, NULL))
        g_clear_pointer(&text, g_free);
    return text;
}

gboolean
pf_podcatcher_take_item(sqlite3_stmt *row, gpointer data)
{
    PfPodcatcherItem *item = data;

    pf_podcatcher_item_clear(item);
    item->feed = dup_text(row, 0);
    item->enclosure = dup_text(row, 1);
    item->guid = dup_text(row, 2);
    item->title = dup_text(row, 3);
    return FALSE;
}

gboolean
pf_podcatcher_take_position(sqlite3_stmt *row, gpointer plays)
{
    g_autoptr(PfPlay) play = g_new0(PfPlay, 1);
    g_autofree char *feed = dup_text(row, 0);

    play->kind = PF_PLAY_POSITION;
    play->feed = dup_feed(feed);
    play->enclosure = dup_text(row, 1);
    play->guid = dup_text(row, 2);
    play->title = dup_text(row, 3);
    play->path = dup_text(row, 4);
    play->position = sqlite3_column_int64(row, 5);
    play->duration = sqlite3_column_int64(row, 6);
    if (play->duration < 0 || play->duration > PF_PLAY_LONGEST)
        play->duration = 0;
    play->at = pf_play_read_time(sqlite3_column_int64(row, 7));
    const char *const parts[] = {feed, play->guid, play->enclosure};
    play->name = pf_play_dup_name(parts, G_N_ELEMENTS(parts));
    if (play->feed && play->enclosure && play->position > 0 && play->position <= PF_PLAY_LONGEST)
        g_ptr_array_add(plays, g_steal_pointer(&play));
    return TRUE;
}

gboolean
pf_podcatcher_look_up(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item,
                      GError **error)
{
    const PfPodcatcherKind *kind = podcatcher->kind;

    *item = (PfPodcatcherItem){0};
    gboolean looked = !kind->look_up || kind->look_up(podcatcher, path, former, item, error);
    char *feed = dup_feed(item->feed);
    g_free(item->feed);
    item->feed = feed;
    return looked;
}

/* --- what the configuration names --- */

GPtrArray *
pf_podcatchers_list_named(const PfConfig *config)
{
    GPtrArray *named = g_ptr_array_new_with_free_func((GDestroyNotify)pf_podcatcher_free);

    for (const PfPodcatcherKind *const *kind = pf_podcatcher_kinds; *kind; kind++)
        if (g_strv_contains((const char *const *)config->folders, (*kind)->name) ||
            g_strv_contains((const char *const *)config->subscriptions, (*kind)->name))
            g_ptr_array_extend_and_steal(named, pf_podcatcher_find(*kind));
    return named;
}

/* A question that may be given up: then the caller no longer waits for the answer. */
typedef struct {
    GPtrArray *podcatchers;
    char *former;
    PfPodcatcherItem item;
} Question;

static void
free_question(gpointer data)
{
    Question *question = data;

    g_ptr_array_unref(question->podcatchers);
    g_free(question->former);
    pf_podcatcher_item_clear(&question->item);
    g_free(question);
}

static gboolean
knows_anything(const PfPodcatcherItem *item)
{
    return item->feed || item->enclosure || item->guid;
}

/* What is said of a file: which episode of a feed it is outranks where it is, and that outranks an address alone, which
 * may be in a file that a feed has brought along. */
enum { ADDRESS, PLACE, EPISODE, RANKS };

/* Asks all of them: two may download to one folder. When two of one rank name different feeds, neither counts. */
static void
ask(const char *path, gpointer data)
{
    Question *question = data;
    PfPodcatcherItem said[RANKS] = {0};
    gboolean is_disputed[RANKS] = {0};

    for (guint i = 0; i < question->podcatchers->len; i++) {
        g_autoptr(GError) failure = NULL;
        g_auto(PfPodcatcherItem) item = {0};
        if (!pf_podcatcher_look_up(question->podcatchers->pdata[i], path, question->former, &item, &failure))
            g_info("%s", failure->message);
        if (!knows_anything(&item))
            continue;
        int rank = !item.feed ? ADDRESS : item.enclosure || item.guid ? EPISODE : PLACE;
        if (!knows_anything(&said[rank])) {
            said[rank] = item;
            item = (PfPodcatcherItem){0};
        } else {
            is_disputed[rank] |= rank == ADDRESS ? g_strcmp0(item.enclosure, said[rank].enclosure) != 0
                                                 : !pf_episode_same_feed(item.feed, said[rank].feed);
        }
    }
    int best = EPISODE;
    while (best > ADDRESS && !knows_anything(&said[best]))
        best--;
    if (!is_disputed[best]) {
        question->item = said[best];
        said[best] = (PfPodcatcherItem){0};
    }
    for (int rank = 0; rank < RANKS; rank++)
        pf_podcatcher_item_clear(&said[rank]);
}

gboolean
pf_podcatchers_look_up(const PfConfig *config, const char *path, const char *former, PfPodcatcherItem *item)
{
    g_autoptr(GPtrArray) named = pf_podcatchers_list_named(config);

    *item = (PfPodcatcherItem){0};
    if (named->len == 0)
        return FALSE;
    Question *question = g_new0(Question, 1);
    question->podcatchers = g_steal_pointer(&named);
    question->former = g_strdup(former);
    if (!pf_call_in_time(path, PF_FILE_TIMEOUT_MS, ask, question, free_question))
        return FALSE;
    *item = question->item;
    question->item = (PfPodcatcherItem){0};
    free_question(question);
    return knows_anything(item);
}

void
pf_podcatchers_resolve(PfConfig *config)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);

    for (char **name = config->folders; *name; name++) {
        const PfPodcatcherKind *kind = pf_podcatcher_get_kind(*name);
        if (!kind) {
            g_autofree char *path = pf_config_dup_path(*name);
            if (!g_ptr_array_find_with_equal_func(folders, path, g_str_equal, NULL))
                g_ptr_array_add(folders, g_steal_pointer(&path));
            continue;
        }
        g_autoptr(GPtrArray) found = pf_podcatcher_find(kind);
        for (guint i = 0; i < found->len; i++)
            (void)pf_podcatcher_list_folders(found->pdata[i], folders, NULL);
    }
    g_ptr_array_set_free_func(folders, NULL);
    g_ptr_array_add(folders, NULL);
    g_strfreev(config->folder_paths);
    config->folder_paths = (char **)g_ptr_array_free(g_steal_pointer(&folders), FALSE);
}

void
pf_podcatchers_add_files(const PfConfig *config, GPtrArray *files)
{
    g_autoptr(GPtrArray) named = pf_podcatchers_list_named(config);

    for (guint i = 0; i < named->len; i++)
        pf_podcatcher_add_files(named->pdata[i], files);
}

GPtrArray *
pf_podcatchers_list_readable(const PfConfig *config)
{
    GPtrArray *readable = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) named = pf_podcatchers_list_named(config);

    for (guint i = 0; i < named->len; i++) {
        const PfPodcatcher *podcatcher = named->pdata[i];
        const char *database = podcatcher->store ? podcatcher->store : podcatcher->list;
        g_autofree char *folder = g_path_get_dirname(database);
        pf_podcatcher_add_files(podcatcher, readable);
        if (!g_str_equal(folder, g_get_home_dir()))
            g_ptr_array_add(readable, g_steal_pointer(&folder));
    }
    return readable;
}

/* --- text files --- */

char *
pf_podcatcher_read_text(const char *path, GError **error)
{
    int file = pf_file_open(path);
    struct stat status;

    if (file < 0 || fstat(file, &status) != 0) {
        g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        if (file >= 0)
            close(file);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size > MAX_TEXT) {
        close(file);
        g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT, "%s: %s", path,
                    S_ISREG(status.st_mode) ? _("too large to be a list") : _("not a regular file"));
        return NULL;
    }
    g_autoptr(GString) text = g_string_sized_new((gsize)status.st_size + 1);
    char buffer[4096];
    ssize_t got;
    while ((got = read(file, buffer, sizeof buffer)) > 0 && text->len <= (gsize)MAX_TEXT)
        g_string_append_len(text, buffer, got);
    int problem = got < 0 ? errno : 0;
    close(file);
    if (problem || strlen(text->str) != text->len) {
        g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT, "%s: %s", path,
                    problem ? g_strerror(problem) : _("not a text file"));
        return NULL;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

GKeyFile *
pf_podcatcher_read_ini(const char *path, GError **error)
{
    g_autofree char *text = pf_podcatcher_read_text(path, error);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) failure = NULL;

    if (!text)
        return NULL;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    if (g_key_file_load_from_data(file, valid, strlen(valid), G_KEY_FILE_NONE, &failure))
        return g_steal_pointer(&file);
    g_set_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT, "%s: %s", path, failure->message);
    return NULL;
}

char **
pf_podcatcher_read_lines(const char *path, GError **error)
{
    g_autofree char *text = pf_podcatcher_read_text(path, error);

    return text ? g_strsplit(text, "\n", -1) : NULL;
}

char **
pf_podcatcher_read_settings(const PfPodcatcher *podcatcher, GError **error)
{
    if (!g_file_test(podcatcher->settings, G_FILE_TEST_EXISTS))
        return g_new0(char *, 1);
    return pf_podcatcher_read_lines(podcatcher->settings, error);
}

gboolean
pf_podcatcher_read_ini_path(const PfPodcatcher *podcatcher, const char *group, const char *key, char **path,
                            GError **error)
{
    g_autoptr(GKeyFile) settings = NULL;

    *path = NULL;
    if (!g_file_test(podcatcher->settings, G_FILE_TEST_EXISTS))
        return TRUE;
    settings = pf_podcatcher_read_ini(podcatcher->settings, error);
    if (!settings)
        return FALSE;
    g_autofree char *value = g_key_file_get_value(settings, group, key, NULL);
    *path = value ? pf_podcatcher_dup_path(value, g_get_home_dir()) : NULL;
    return TRUE;
}

char *
pf_podcatcher_dup_listed(const char *line, gboolean *is_program)
{
    static const char *const programs[] = {"query:", "exec:", "filter:"};
    g_autoptr(GRegex) form =
        g_regex_new("^\\s*(?:url\\s*=\\s*)?[\"']?([^\\s\"']+)", G_REGEX_CASELESS | G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    *is_program = FALSE;
    if (!g_regex_match(form, line, 0, &match))
        return NULL;
    g_autofree char *word = g_match_info_fetch(match, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
        *is_program |= g_str_has_prefix(word, programs[i]);
    if (*is_program || !g_utf8_validate(word, -1, NULL))
        return NULL;
    g_autofree char *url = pf_url_dup_typed(word);
    return pf_url_is_web(url) ? g_steal_pointer(&url) : g_str_has_prefix(word, "file:///") ? g_strdup(word) : NULL;
}

char *
pf_podcatcher_dup_path(const char *value, const char *home)
{
    static const char *const homes[] = {"~/", "$HOME/", "${HOME}/"};
    g_autofree char *plain = g_strstrip(g_strdup(value));
    gsize length = strlen(plain);

    if (length >= 2 && strchr("\"'", *plain) && plain[length - 1] == *plain) {
        plain[length - 1] = '\0';
        memmove(plain, plain + 1, length - 1);
    }
    g_autofree char *path = g_str_has_prefix(plain, "file://") ? g_filename_from_uri(plain, NULL, NULL) : NULL;
    if (g_str_equal(plain, "~") || g_str_equal(plain, "$HOME") || g_str_equal(plain, "${HOME}"))
        path = g_strdup(home);
    for (gsize i = 0; i < G_N_ELEMENTS(homes) && !path; i++)
        if (g_str_has_prefix(plain, homes[i]) && !strchr(plain + strlen(homes[i]), '$'))
            path = g_build_filename(home, plain + strlen(homes[i]), NULL);
    if (!path && g_path_is_absolute(plain) && !strchr(plain, '$'))
        path = g_steal_pointer(&plain);
    return path ? g_canonicalize_filename(path, NULL) : NULL;
}

gboolean
pf_podcatcher_is_named_after(const char *base, const char *address)
{
    g_autofree char *decoded = pf_url_basename(address, TRUE);
    g_autofree char *raw = pf_url_basename(address, FALSE);

    return g_strcmp0(base, decoded) == 0 || g_strcmp0(base, raw) == 0;
}

/* --- databases --- */

static int
is_too_late(void *deadline)
{
    return g_get_monotonic_time() > *(const gint64 *)deadline;
}

static void
set_database_error(const char *path, sqlite3 *connection, int code, GError **error)
{
    const char *why;

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        why = _("another program is writing to it; it is read again later");
        break;
    case SQLITE_INTERRUPT:
        why = _("too large to be searched within a few seconds");
        break;
    case SQLITE_ERROR:
        why = _("its tables are not the ones that podflattr expects; report this with the program's version");
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        why = _("damaged, or not a database");
        break;
    default:
        why = _("it cannot be read");
        break;
    }
    g_set_error(error, PF_PODCATCHER_ERROR,
                (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_CANTOPEN ? PF_PODCATCHER_ERROR_FILE
                                                                                 : PF_PODCATCHER_ERROR_CONTENT,
                "%s: %s (%s)", path, why, connection ? sqlite3_errmsg(connection) : _("out of memory"));
}

/* Opens it so that nothing can be written, and nothing in its schema is run. */
static int
open_to_read(const char *path, const char *more, sqlite3 **connection)
{
    g_autofree char *escaped = g_uri_escape_string(path, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?mode=ro%s", escaped, more);
    int code = sqlite3_open_v2(uri, connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK)
        return code;
    sqlite3_busy_timeout(*connection, BUSY_MS);
    sqlite3_db_config(*connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(*connection, SQLITE_LIMIT_LENGTH, MAX_VALUE);
    return sqlite3_exec(*connection, "PRAGMA cell_size_check=ON; PRAGMA query_only=ON; SELECT 1 FROM sqlite_master",
                        NULL, NULL, NULL);
}

/* Whether a database that is written by way of a log beside it is not open anywhere: then it is read as a file that
 * nobody writes, since SQLite would otherwise create the log and its index to read it. Else the index is only read. */
static gboolean
is_at_rest(const char *path)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL), *index = g_strconcat(path, "-shm", NULL);
    char header[LOG_HEADER] = "";
    int file = pf_file_open(path);
    gboolean is_read = file >= 0 && read(file, header, sizeof header) == (ssize_t)sizeof header;
    struct stat status;

    if (file >= 0)
        close(file);
    if (!is_read || !is_of_log(header))
        return FALSE;
    return stat(log, &status) != 0 || (status.st_size == 0 && !g_file_test(index, G_FILE_TEST_EXISTS));
}

gboolean
pf_podcatcher_check_file(const char *path, GError **error)
{
    struct stat status;
    int fault = stat(path, &status) == 0 ? 0 : errno;

    if (!fault && S_ISREG(status.st_mode))
        return TRUE;
    g_set_error(error, PF_PODCATCHER_ERROR, fault ? PF_PODCATCHER_ERROR_FILE : PF_PODCATCHER_ERROR_CONTENT, "%s: %s",
                path, fault ? g_strerror(fault) : _("not a regular file"));
    return FALSE;
}

gboolean
pf_podcatcher_query(const char *database, const char *sql, const char *const *arguments, PfRowFunc each, gpointer data,
                    GError **error)
{
    sqlite3 *connection = NULL;
    sqlite3_stmt *statement = NULL;
    gint64 deadline = g_get_monotonic_time() + (gint64)(BUSY_MS + QUESTION_MS) * 1000;
    gboolean goes_on = TRUE;

    if (!pf_podcatcher_check_file(database, error))
        return FALSE;
    int code = open_to_read(database, is_at_rest(database) ? "&immutable=1" : "&readonly_shm=1", &connection);
    if (code == SQLITE_OK) {
        sqlite3_progress_handler(connection, STEPS, is_too_late, &deadline);
        code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
    }
    for (int i = 0; code == SQLITE_OK && arguments && arguments[i]; i++)
        code = sqlite3_bind_text(statement, i + 1, arguments[i], -1, SQLITE_TRANSIENT);
    while (code == SQLITE_OK && goes_on) {
        int step = sqlite3_step(statement);
        if (step != SQLITE_ROW) {
            code = step == SQLITE_DONE ? SQLITE_OK : step;
            break;
        }
        goes_on = each(statement, data);
    }
    if (code != SQLITE_OK)
        set_database_error(database, connection, code, error);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return code == SQLITE_OK;
}
