/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/mpris.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/session_bus.h"
#include "sources/play_meter.h"
#include <gio/gio.h>
#include <string.h>

#define NAMES "org.mpris.MediaPlayer2"
#define PLAYER "org.mpris.MediaPlayer2.Player"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define BUS "org.freedesktop.DBus"
#define PATH "/org/mpris/MediaPlayer2"

/* Repeats what other players say, so that everything would be counted twice. */
#define REPEATER NAMES ".playerctld"

/* How often the position is asked for while something plays, and after how long a piece is ended, seconds. */
#define POLL_SECONDS 20
#define PIECE_SECONDS 600

/* After how many seconds a lost bus is looked for again; then less and less often, up to the second number. */
#define RETRY_FIRST 10
#define RETRY_MOST 3600

/* More signals than this in a second come from a broken player, and drain the battery: signals are then ignored for
 * some seconds, in which positions alone tell what is heard. */
#define SIGNALS_MOST 100
#define DEAF_SECONDS 20

/* How long a player may take to answer, milliseconds; after that it is asked again when it sends a signal. */
#define ANSWER_MS 5000

typedef struct {
    PfMpris *mpris;
    char *name; /* its unique name on the bus */
    char *url;
    char *title;
    char *track; /* D-Bus path of the track */
    char **shows;
    gint64 length; /* microseconds */
    PfPlayMeter meter;
    gint64 started; /* when the piece began, seconds since the epoch; 0: none has */
    double rate;
    gboolean playing;
} Player;

struct PfMpris {
    PfMprisFunc heard;
    gpointer data;
    GCancellable *cancellable;
    GDBusConnection *bus;
    guint subscriptions[3];
    GHashTable *players; /* of unique name to Player */
    guint poll_source;
    guint deaf_source;
    guint signals; /* that have come since … */
    gint64 counted_from;
    guint retry_source;
    guint retry_seconds;
};

static void connect_to_bus(PfMpris *mpris);
static gboolean is_flooded(PfMpris *mpris);

/* --- pieces --- */

static void
begin_piece(Player *player)
{
    gint64 now = g_get_monotonic_time();

    player->meter = pf_play_meter_begin();
    player->started = pf_clock_now();
    pf_play_meter_take(&player->meter, PF_PLAY_RATE, now, player->rate);
    pf_play_meter_take(&player->meter, PF_PLAY_PLAYS, now, 1);
}

static void
end_piece(Player *player)
{
    gint64 heard = pf_play_meter_read(&player->meter, g_get_monotonic_time(), player->length) / G_USEC_PER_SEC;
    char *const none[] = {NULL};
    const PfMprisPiece piece = {.url = player->url,
                                .title = player->title,
                                .shows = player->shows ? player->shows : none,
                                .heard = heard,
                                .duration = player->length / G_USEC_PER_SEC,
                                .started = player->started};
    gboolean began = player->started != 0;

    player->started = 0;
    if (began && heard >= 1 && (player->url || player->title))
        player->mpris->heard(&piece, player->mpris->data);
}

static void
forget_track(Player *player)
{
    g_clear_pointer(&player->url, g_free);
    g_clear_pointer(&player->title, g_free);
    g_clear_pointer(&player->track, g_free);
    g_clear_pointer(&player->shows, g_strfreev);
    player->length = 0;
}

static void
player_free(gpointer data)
{
    Player *player = data;

    end_piece(player);
    forget_track(player);
    g_free(player->name);
    g_free(player);
}

/* --- asking --- */

/* What comes back is for a player that may have left meanwhile: it is known by its name. */
typedef struct {
    PfMpris *mpris;
    char *name;
} Question;

static Question *
question_new(PfMpris *mpris, const char *name)
{
    Question *question = g_new0(Question, 1);

    question->mpris = mpris;
    question->name = g_strdup(name);
    return question;
}

static void
question_free(Question *question)
{
    g_free(question->name);
    g_free(question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Question, question_free)

/* Returns: (transfer full): the answer; NULL when there is none, and @mpris may be gone. */
static GVariant *
take_answer(GObject *bus, GAsyncResult *result)
{
    return g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL);
}

static void
took_position(GObject *bus, GAsyncResult *result, gpointer data)
{
    g_autoptr(Question) question = data;
    g_autoptr(GVariant) answer = take_answer(bus, result);
    g_autoptr(GVariant) value = NULL;

    if (!answer)
        return;
    Player *player = g_hash_table_lookup(question->mpris->players, question->name);
    g_variant_get(answer, "(v)", &value);
    if (player && player->started && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
        pf_play_meter_take(&player->meter, PF_PLAY_POSITION, g_get_monotonic_time(),
                           (double)g_variant_get_int64(value));
}

static void
ask_position(Player *player)
{
    PfMpris *mpris = player->mpris;

    g_dbus_connection_call(mpris->bus, player->name, PATH, PROPERTIES, "Get", g_variant_new("(ss)", PLAYER, "Position"),
                           G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS, mpris->cancellable,
                           took_position, question_new(mpris, player->name));
}

static gboolean
poll_players(gpointer data)
{
    PfMpris *mpris = data;
    GHashTableIter iter;
    gpointer value;
    gboolean any = FALSE;

    g_hash_table_iter_init(&iter, mpris->players);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Player *player = value;
        if (!player->started)
            continue;
        any = TRUE;
        if (pf_clock_now() - player->started >= PIECE_SECONDS) {
            end_piece(player);
            begin_piece(player);
        }
        ask_position(player);
    }
    if (any)
        return G_SOURCE_CONTINUE;
    mpris->poll_source = 0;
    return G_SOURCE_REMOVE;
}

/* --- what a player says --- */

static void
set_playing(Player *player, gboolean playing)
{
    PfMpris *mpris = player->mpris;

    player->playing = playing;
    if (!playing) {
        end_piece(player);
    } else if (!player->started) {
        begin_piece(player);
        ask_position(player);
        if (!mpris->poll_source)
            mpris->poll_source = g_timeout_add_seconds(POLL_SECONDS, poll_players, mpris);
    }
}

static void
set_rate(Player *player, double rate)
{
    player->rate = rate;
    if (player->started)
        pf_play_meter_take(&player->meter, PF_PLAY_RATE, g_get_monotonic_time(), rate);
}

/* Whether the metadata are of what plays already. A player may learn of a title, or of an address, only later, and
 * forgets both when it ends. */
static gboolean
is_same_track(const Player *player, const char *url, const char *title, const char *track)
{
    if (player->url && url)
        return g_str_equal(player->url, url) && (!player->track || !track || g_str_equal(player->track, track));
    if (player->url || url)
        return g_strcmp0(player->track, track) == 0 && track && (url || !title || g_strcmp0(player->title, title) == 0);
    return g_strcmp0(player->title, title) == 0 && g_strcmp0(player->track, track) == 0;
}

/* Album and artists: some players have the show in one, some in the other. */
static char **
dup_shows(GVariantDict *metadata)
{
    g_autoptr(GStrvBuilder) shows = g_strv_builder_new();
    g_autofree const char **artists = NULL;
    const char *album = NULL;

    if (g_variant_dict_lookup(metadata, "xesam:album", "&s", &album) && *album)
        g_strv_builder_add(shows, album);
    if (g_variant_dict_lookup(metadata, "xesam:artist", "^a&s", &artists))
        for (const char **artist = artists; *artist; artist++)
            g_strv_builder_add(shows, *artist);
    return g_strv_builder_end(shows);
}

/* The specification says signed, and some players have it otherwise. */
static gint64
read_length(GVariantDict *metadata)
{
    g_autoptr(GVariant) value = g_variant_dict_lookup_value(metadata, "mpris:length", NULL);

    if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
        return MAX(g_variant_get_int64(value), 0);
    if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
        return (gint64)MIN(g_variant_get_uint64(value), (guint64)G_MAXINT64);
    if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE))
        return (gint64)CLAMP(g_variant_get_double(value), 0, 1e15);
    return 0;
}

/* What is said in place of what was known. */
static void
learn(char **known, char **said)
{
    if (!*said)
        return;
    g_free(*known);
    *known = g_steal_pointer(said);
}

static void
set_metadata(Player *player, GVariant *value)
{
    g_auto(GVariantDict) metadata = G_VARIANT_DICT_INIT(value);
    g_autofree char *url = NULL;
    g_autofree char *title = NULL;
    g_autofree char *track = NULL;

    g_variant_dict_lookup(&metadata, "xesam:url", "s", &url);
    g_variant_dict_lookup(&metadata, "xesam:title", "s", &title);
    if (!g_variant_dict_lookup(&metadata, "mpris:trackid", "o", &track))
        g_variant_dict_lookup(&metadata, "mpris:trackid", "s", &track);
    if (url && !*url)
        g_clear_pointer(&url, g_free);
    if (!is_same_track(player, url, title, track)) {
        end_piece(player);
        forget_track(player);
    }
    learn(&player->url, &url);
    learn(&player->title, &title);
    learn(&player->track, &track);
    g_auto(GStrv) shows = dup_shows(&metadata);
    if (*shows || !player->shows) {
        g_strfreev(player->shows);
        player->shows = g_steal_pointer(&shows);
    }
    gint64 length = read_length(&metadata);
    player->length = length ? length : player->length;
    if (player->playing)
        set_playing(player, TRUE);
}

/* The track before the state: one that ends says both at once. */
static void
take_properties(Player *player, GVariant *properties)
{
    g_auto(GVariantDict) changed = G_VARIANT_DICT_INIT(properties);
    g_autoptr(GVariant) metadata = g_variant_dict_lookup_value(&changed, "Metadata", G_VARIANT_TYPE_VARDICT);
    const char *status = NULL;
    double rate;

    if (metadata)
        set_metadata(player, metadata);
    if (g_variant_dict_lookup(&changed, "Rate", "d", &rate))
        set_rate(player, rate);
    if (g_variant_dict_lookup(&changed, "PlaybackStatus", "&s", &status))
        set_playing(player, g_str_equal(status, "Playing"));
}

static void
took_all(GObject *bus, GAsyncResult *result, gpointer data)
{
    g_autoptr(Question) question = data;
    g_autoptr(GVariant) answer = take_answer(bus, result);
    g_autoptr(GVariant) properties = NULL;

    if (!answer)
        return;
    Player *player = g_hash_table_lookup(question->mpris->players, question->name);
    g_variant_get(answer, "(@a{sv})", &properties);
    if (player)
        take_properties(player, properties);
}

static void
ask_all(Player *player)
{
    PfMpris *mpris = player->mpris;

    g_dbus_connection_call(mpris->bus, player->name, PATH, PROPERTIES, "GetAll", g_variant_new("(s)", PLAYER),
                           G_VARIANT_TYPE("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS, mpris->cancellable,
                           took_all, question_new(mpris, player->name));
}

static void
properties_changed(GDBusConnection *bus, const char *sender, const char *path, const char *interface,
                   const char *signal, GVariant *values, gpointer data)
{
    PfMpris *mpris = data;
    Player *player = g_hash_table_lookup(mpris->players, sender);
    g_autoptr(GVariant) properties = NULL;
    g_autofree const char **invalid = NULL;

    (void)bus, (void)path, (void)interface, (void)signal;
    if (is_flooded(mpris) || !player || !g_variant_is_of_type(values, G_VARIANT_TYPE("(sa{sv}as)")))
        return;
    g_variant_get(values, "(&s@a{sv}^a&s)", NULL, &properties, &invalid);
    take_properties(player, properties);
    if (*invalid)
        ask_all(player);
}

static void
seeked(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
       GVariant *values, gpointer data)
{
    PfMpris *mpris = data;
    Player *player = g_hash_table_lookup(mpris->players, sender);
    gint64 position;

    (void)bus, (void)path, (void)interface, (void)signal;
    if (is_flooded(mpris) || !player || !player->started || !g_variant_is_of_type(values, G_VARIANT_TYPE("(x)")))
        return;
    g_variant_get(values, "(x)", &position);
    pf_play_meter_take(&player->meter, PF_PLAY_JUMPED, g_get_monotonic_time(), (double)position);
}

/* --- who is there --- */

/* Some players have two names, and are one. */
static void
add_player(PfMpris *mpris, const char *name, const char *owner)
{
    if (g_str_equal(name, REPEATER) || !g_str_has_prefix(name, NAMES ".") || !*owner ||
        g_hash_table_contains(mpris->players, owner))
        return;
    Player *player = g_new0(Player, 1);
    player->mpris = mpris;
    player->name = g_strdup(owner);
    player->rate = 1;
    g_hash_table_insert(mpris->players, player->name, player);
    ask_all(player);
}

static void
owner_changed(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
              GVariant *values, gpointer data)
{
    PfMpris *mpris = data;
    const char *name, *old, *new;

    (void)bus, (void)sender, (void)path, (void)interface, (void)signal;
    if (!g_variant_is_of_type(values, G_VARIANT_TYPE("(sss)")))
        return;
    g_variant_get(values, "(&s&s&s)", &name, &old, &new);
    if (*old)
        g_hash_table_remove(mpris->players, old);
    add_player(mpris, name, new);
}

static void
took_owner(GObject *bus, GAsyncResult *result, gpointer data)
{
    g_autoptr(Question) question = data;
    g_autoptr(GVariant) answer = take_answer(bus, result);
    const char *owner;

    if (!answer)
        return;
    g_variant_get(answer, "(&s)", &owner);
    add_player(question->mpris, question->name, owner);
}

static void
took_names(GObject *bus, GAsyncResult *result, gpointer data)
{
    g_autoptr(GVariant) answer = take_answer(bus, result);
    g_autofree const char **names = NULL;

    if (!answer)
        return;
    PfMpris *mpris = data;
    g_variant_get(answer, "(^a&s)", &names);
    for (const char **name = names; *name; name++)
        if (g_str_has_prefix(*name, NAMES "."))
            g_dbus_connection_call(mpris->bus, BUS, "/org/freedesktop/DBus", BUS, "GetNameOwner",
                                   g_variant_new("(s)", *name), G_VARIANT_TYPE("(s)"), G_DBUS_CALL_FLAGS_NONE,
                                   ANSWER_MS, mpris->cancellable, took_owner, question_new(mpris, *name));
}

/* --- the bus --- */

static gboolean
try_again(gpointer data)
{
    PfMpris *mpris = data;

    mpris->retry_source = 0;
    connect_to_bus(mpris);
    return G_SOURCE_REMOVE;
}

/* A bus that was there comes back; one that never was does not. */
static void
try_again_later(PfMpris *mpris)
{
    if (!mpris->retry_seconds)
        return;
    mpris->retry_source = g_timeout_add_seconds(mpris->retry_seconds, try_again, mpris);
    mpris->retry_seconds = MIN(mpris->retry_seconds * 2, RETRY_MOST);
}

/* What players say is first in the list, who there is after. */
enum { PROPERTIES_CHANGED, SEEKED, OWNER_CHANGED };

static void
unsubscribe(PfMpris *mpris, gsize last)
{
    for (gsize i = PROPERTIES_CHANGED; i <= last; i++) {
        if (mpris->subscriptions[i])
            g_dbus_connection_signal_unsubscribe(mpris->bus, mpris->subscriptions[i]);
        mpris->subscriptions[i] = 0;
    }
}

static void
subscribe_to_players(PfMpris *mpris)
{
    mpris->subscriptions[PROPERTIES_CHANGED] =
        g_dbus_connection_signal_subscribe(mpris->bus, NULL, PROPERTIES, "PropertiesChanged", PATH, PLAYER,
                                           G_DBUS_SIGNAL_FLAGS_NONE, properties_changed, mpris, NULL);
    mpris->subscriptions[SEEKED] = g_dbus_connection_signal_subscribe(mpris->bus, NULL, PLAYER, "Seeked", PATH, NULL,
                                                                      G_DBUS_SIGNAL_FLAGS_NONE, seeked, mpris, NULL);
}

static gboolean
listen_again(gpointer data)
{
    PfMpris *mpris = data;
    GHashTableIter iter;
    gpointer player;

    mpris->deaf_source = 0;
    mpris->counted_from = 0;
    subscribe_to_players(mpris);
    g_hash_table_iter_init(&iter, mpris->players);
    while (g_hash_table_iter_next(&iter, NULL, &player))
        ask_all(player);
    return G_SOURCE_REMOVE;
}

/* Counts a signal. Returns: whether there are too many of them to be listened to. */
static gboolean
is_flooded(PfMpris *mpris)
{
    gint64 now = g_get_monotonic_time();

    if (now - mpris->counted_from > G_USEC_PER_SEC) {
        mpris->counted_from = now;
        mpris->signals = 0;
    }
    if (++mpris->signals > SIGNALS_MOST && !mpris->deaf_source) {
        unsubscribe(mpris, SEEKED);
        mpris->deaf_source = g_timeout_add_seconds(DEAF_SECONDS, listen_again, mpris);
    }
    return mpris->deaf_source != 0;
}

static void
leave_bus(PfMpris *mpris)
{
    g_clear_handle_id(&mpris->poll_source, g_source_remove);
    g_clear_handle_id(&mpris->deaf_source, g_source_remove);
    unsubscribe(mpris, OWNER_CHANGED);
    g_hash_table_remove_all(mpris->players);
    if (mpris->bus)
        g_signal_handlers_disconnect_by_data(mpris->bus, mpris);
    g_clear_object(&mpris->bus);
}

static void
bus_closed(GDBusConnection *bus, gboolean by_peer, GError *failure, gpointer data)
{
    PfMpris *mpris = data;

    (void)bus, (void)by_peer, (void)failure;
    g_info(_("lost the session bus; players are noticed again when it is back"));
    leave_bus(mpris);
    mpris->retry_seconds = RETRY_FIRST;
    try_again_later(mpris);
}

static void
subscribe(PfMpris *mpris)
{
    subscribe_to_players(mpris);
    mpris->subscriptions[OWNER_CHANGED] =
        g_dbus_connection_signal_subscribe(mpris->bus, BUS, BUS, "NameOwnerChanged", "/org/freedesktop/DBus", NAMES,
                                           G_DBUS_SIGNAL_FLAGS_MATCH_ARG0_NAMESPACE, owner_changed, mpris, NULL);
    g_dbus_connection_call(mpris->bus, BUS, "/org/freedesktop/DBus", BUS, "ListNames", NULL, G_VARIANT_TYPE("(as)"),
                           G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, mpris->cancellable, took_names, mpris);
}

static void
connected(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDBusConnection) bus = g_dbus_connection_new_for_address_finish(result, &failure);

    (void)source;
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    PfMpris *mpris = data;
    if (!bus) {
        g_info(_("cannot listen to players on the session bus: %s"), failure->message);
        try_again_later(mpris);
        return;
    }
    mpris->bus = g_steal_pointer(&bus);
    mpris->retry_seconds = 0;
    g_signal_connect(mpris->bus, "closed", G_CALLBACK(bus_closed), mpris);
    subscribe(mpris);
}

static void
connect_to_bus(PfMpris *mpris)
{
    g_autofree char *address = pf_session_bus_dup_address();

    if (address) {
        g_dbus_connection_new_for_address(address, PF_SESSION_BUS_FLAGS, NULL, mpris->cancellable, connected, mpris);
        return;
    }
    g_info(_("cannot listen to players: there is no session bus"));
    try_again_later(mpris);
}

/* --- life --- */

PfMpris *
pf_mpris_new(PfMprisFunc heard, gpointer data)
{
    PfMpris *mpris = g_new0(PfMpris, 1);

    mpris->heard = heard;
    mpris->data = data;
    mpris->cancellable = g_cancellable_new();
    mpris->players = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, player_free);
    connect_to_bus(mpris);
    return mpris;
}

void
pf_mpris_free(PfMpris *mpris)
{
    if (!mpris)
        return;
    g_cancellable_cancel(mpris->cancellable);
    g_clear_handle_id(&mpris->retry_source, g_source_remove);
    leave_bus(mpris);
    g_object_unref(mpris->cancellable);
    g_hash_table_unref(mpris->players);
    g_free(mpris);
}
