/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What installed podcatchers know: where they download to, which feeds they follow, and what a file of theirs is. A
 * file in sources/ for each program fills in a PfPodcatcherKind; the configuration calls it by its name.
 *
 * Their files are other programs' and are only read, opened for one question and closed again. They may be locked, half
 * written, huge, or of a version that nobody here has seen: then a question fails with a message for the user, and
 * the caller goes on without it. Everything here blocks for the disk, and may be called by any thread.
 */
#pragma once

#include "base/database.h"
#include "config/config.h"
#include "sources/play.h"
#include <glib.h>

typedef struct PfPodcatcherKind PfPodcatcherKind;

/** A podcatcher as it is set up here. One program can be there twice: as a package and as a Flatpak. */
typedef struct {
    const PfPodcatcherKind *kind;
    char *list;            /* the file that says which feeds it follows */
    char *settings;        /* the file that says where it downloads to; NULL for none */
    char *store;           /* the file, or folder of files, that says what was downloaded; NULL when that is @list */
    char *folder;          /* where it downloads to, if nothing else says so; NULL when that is not known */
    gboolean is_sandboxed; /* a Flatpak or a Snap: it sees no files outside of its own folder */
} PfPodcatcher;

/** What a podcatcher is certain of about a file: NULL where it is not. */
typedef struct {
    char *feed;      /* the address of the feed, on the web */
    char *enclosure; /* the address that it was downloaded from */
    char *guid;
    char *title;
} PfPodcatcherItem;

/** The feeds of a podcatcher. */
typedef struct {
    GPtrArray *urls; /* of char *, which it frees */
    guint left_out;  /* entries that name no feed that can be fetched: programs, queries */
} PfPodcatcherFeeds;

/** Where a program may keep its files: of the user's, or of a Flatpak or a Snap. */
typedef struct {
    const char *home, *config, *data; /* as the program has $HOME, $XDG_CONFIG_HOME and $XDG_DATA_HOME */
    gboolean is_sandboxed;
} PfPodcatcherPlace;

/** A program that podflattr knows. The functions return FALSE with a PF_PODCATCHER_ERROR set. */
struct PfPodcatcherKind {
    const char *name;    /* as the configuration calls it, one of pf_config_podcatchers */
    const char *title;   /* as it calls itself */
    const char *flatpak; /* its id there; NULL for none */
    const char *snap;    /* its name there; NULL for none */
    /* Adds to @found (of PfPodcatcher *) if it is set up in a place. */
    void (*find)(const PfPodcatcherKind *kind, const PfPodcatcherPlace *place, GPtrArray *found);
    /* Reads the folder that it downloads to. Returns: (transfer full): absolute; NULL with the error set. */
    char *(*read_folder)(const PfPodcatcher *podcatcher, GError **error);
    /* The same for one that can have several: adds them (char *, absolute). Both NULL: it is @folder alone. */
    gboolean (*list_folders)(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error);
    /* Adds the feeds that it follows. NULL: it follows none. */
    gboolean (*list_feeds)(const PfPodcatcher *podcatcher, PfPodcatcherFeeds *feeds, GError **error);
    /* As pf_podcatcher_look_up(), with @item empty and the feed's address as it is written there. NULL: it knows of no
     * file. */
    gboolean (*look_up)(const PfPodcatcher *podcatcher, const char *path, const char *former, PfPodcatcherItem *item,
                        GError **error);
    /* Adds what was played, of PfPlay, as far as it is certain of that: not what is only marked as old, nor what was
     * only started. NULL: it is certain of nothing. */
    gboolean (*list_plays)(const PfPodcatcher *podcatcher, GPtrArray *plays, GError **error);
};

extern const PfPodcatcherKind pf_podcatcher_castero;
extern const PfPodcatcherKind pf_podcatcher_castget;
extern const PfPodcatcherKind pf_podcatcher_clementine;
extern const PfPodcatcherKind pf_podcatcher_gnome_podcasts;
extern const PfPodcatcherKind pf_podcatcher_gpodder;
extern const PfPodcatcherKind pf_podcatcher_greg;
extern const PfPodcatcherKind pf_podcatcher_kasts;
extern const PfPodcatcherKind pf_podcatcher_newsboat;
extern const PfPodcatcherKind pf_podcatcher_podget;
extern const PfPodcatcherKind pf_podcatcher_rhythmbox;
extern const PfPodcatcherKind pf_podcatcher_shellcaster;
extern const PfPodcatcherKind pf_podcatcher_ytdlp;

/** All kinds, in the order of pf_config_podcatchers; NULL at the end. */
extern const PfPodcatcherKind *const pf_podcatcher_kinds[];

/** Finds a kind by the name that the configuration has for it. Returns: NULL when there is none. Pure. */
const PfPodcatcherKind *pf_podcatcher_get_kind(const char *name);

/** Finds where a program is set up. Returns: (transfer full): of PfPodcatcher *, maybe none, which it frees. */
GPtrArray *pf_podcatcher_find(const PfPodcatcherKind *kind);
void pf_podcatcher_free(PfPodcatcher *podcatcher);

/** Lists where a podcatcher downloads to, each once. Never the home folder itself, which has all else in it. @folders:
 * of char *, absolute, which it frees. Returns: FALSE with @error set. */
gboolean pf_podcatcher_list_folders(const PfPodcatcher *podcatcher, GPtrArray *folders, GError **error);

/** Lists the feeds that a podcatcher follows. Returns: (transfer full): NULL with @error set. */
PfPodcatcherFeeds *pf_podcatcher_list_feeds(const PfPodcatcher *podcatcher, GError **error);
void pf_podcatcher_feeds_free(PfPodcatcherFeeds *feeds);

/**
 * Asks a podcatcher what a file is: nothing is filled in when the file is not its own.
 *
 * @former: base name before a rename in its folder, or NULL
 * @item: (out): free with pf_podcatcher_item_clear(), after an error too
 *
 * Returns: FALSE with @error set.
 */
gboolean pf_podcatcher_look_up(const PfPodcatcher *podcatcher, const char *path, const char *former,
                               PfPodcatcherItem *item, GError **error);

/** Adds the files whose change means that a podcatcher has something new to say. @files: of char *. */
void pf_podcatcher_add_files(const PfPodcatcher *podcatcher, GPtrArray *files);

/** When a podcatcher last wrote its list, seconds since the epoch; 0 unknown. */
gint64 pf_podcatcher_read_changed(const PfPodcatcher *podcatcher);

/**
 * Asks the podcatchers that the configuration names what a file is. One that knows the episode of a feed is believed
 * before one that knows the file's folder alone; two that differ in the feed know nothing. One that cannot be asked is
 * passed over: pf_settings_check() says why.
 *
 * @path: absolute
 * @former: base name before a rename in its folder, or NULL
 * @item: (out): free with pf_podcatcher_item_clear()
 *
 * Returns: whether any of them knows something.
 */
gboolean pf_podcatchers_look_up(const PfConfig *config, const char *path, const char *former, PfPodcatcherItem *item);
void pf_podcatcher_item_clear(PfPodcatcherItem *item);

/** Finds the podcatchers that a configuration names, in folders or subscriptions. Returns: (transfer full): of
 * PfPodcatcher *, maybe none, which it frees. */
GPtrArray *pf_podcatchers_list_named(const PfConfig *config);

/** Sets folder_paths of a configuration: its folders, with those of the podcatchers that it names. */
void pf_podcatchers_resolve(PfConfig *config);

/** Adds the files of the podcatchers that a configuration names, as pf_podcatcher_add_files(). */
void pf_podcatchers_add_files(const PfConfig *config, GPtrArray *files);

/** Lists what must be readable to ask the podcatchers that a configuration names: files, and folders of databases,
 * which are several files. Returns: (transfer full): of char *, which it frees. */
GPtrArray *pf_podcatchers_list_readable(const PfConfig *config);

/* --- for the files of the programs --- */

#define PF_PODCATCHER_ERROR (pf_podcatcher_error_quark())
GQuark pf_podcatcher_error_quark(void);

typedef enum {
    PF_PODCATCHER_ERROR_FILE,    /* cannot be read, now */
    PF_PODCATCHER_ERROR_CONTENT, /* is not what it should be */
} PfPodcatcherError;

/** Adds a podcatcher that was found in a place. @podcatcher: but for is_sandboxed; its paths are taken. */
void pf_podcatcher_add_take(GPtrArray *found, const PfPodcatcherPlace *place, PfPodcatcher podcatcher);

/** Whether a path is that of a regular file: anything else may never answer who opens it. Returns: FALSE with @error
 * set. */
gboolean pf_podcatcher_check_file(const char *path, GError **error);

/** Reads a text file of some megabytes at the most. Returns: (transfer full): NULL with @error set. */
char *pf_podcatcher_read_text(const char *path, GError **error);

/** Reads the lines of such a file. Returns: (transfer full): NULL with @error set. */
char **pf_podcatcher_read_lines(const char *path, GError **error);

/** Reads the lines of its file of settings: none where there is no such file. Returns: (transfer full): NULL with
 * @error set. */
char **pf_podcatcher_read_settings(const PfPodcatcher *podcatcher, GError **error);

/**
 * Reads a path from its file of settings, an INI file.
 *
 * @path: (out) (transfer full): as pf_podcatcher_dup_path(); NULL where there is no such file or setting
 *
 * Returns: FALSE with @error set.
 */
gboolean pf_podcatcher_read_ini_path(const PfPodcatcher *podcatcher, const char *group, const char *key, char **path,
                                     GError **error);

/** Reads an INI file. Returns: (transfer full): NULL with @error set. */
GKeyFile *pf_podcatcher_read_ini(const char *path, GError **error);

/**
 * Asks a database one question.
 *
 * @arguments: bound in order, ended by NULL; NULL for none
 * @each: is called for every row
 *
 * Returns: FALSE with @error set when it is locked, damaged or of another kind, or when it takes seconds.
 */
gboolean pf_podcatcher_query(const char *database, const char *sql, const char *const *arguments, PfRowFunc each,
                             gpointer data, GError **error);

/** As PfRowFunc: adds the address in the first column to a PfPodcatcherFeeds. */
gboolean pf_podcatcher_take_feed(sqlite3_stmt *row, gpointer feeds);

/** As PfRowFunc: fills a PfPodcatcherItem from feed, enclosure, GUID and title, and ends. */
gboolean pf_podcatcher_take_item(sqlite3_stmt *row, gpointer item);

/** As PfRowFunc: adds a position from feed, enclosure, GUID, title, path, seconds that were played, seconds of the
 * episode, and when it was so, to a list of PfPlay. */
gboolean pf_podcatcher_take_position(sqlite3_stmt *row, gpointer plays);

/** Adds an address, unless it is none on the web; then it is counted as left out. */
void pf_podcatcher_add_feed(PfPodcatcherFeeds *feeds, const char *address);

/**
 * The feed's address in a line of a list: a word at its beginning, or what stands behind "url =". Pure.
 *
 * @is_program: (out): whether the line is something else to be read: exec:, filter:, query:
 *
 * Returns: (transfer full): an http, https or file URL; NULL when there is none.
 */
char *pf_podcatcher_dup_listed(const char *line, gboolean *is_program);

/** The absolute path of a value from a configuration, with its "~/", "$HOME/", "file://" and quotes replaced, and no
 * "/" at its end; NULL when it is another variable's. Pure but for the home folder. */
char *pf_podcatcher_dup_path(const char *value, const char *home);

/** Whether a file was named after an address: whole, or without its query. Pure. */
gboolean pf_podcatcher_is_named_after(const char *base, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPodcatcher, pf_podcatcher_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPodcatcherFeeds, pf_podcatcher_feeds_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfPodcatcherItem, pf_podcatcher_item_clear)
