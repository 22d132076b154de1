/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statement/statement.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"
#include "statement/shares.h"

#include <stdlib.h>
#include <string.h>

/* An episode whose length is not known counts as long as the month's others; as this where no length is known. */
#define USUAL_SECONDS 1800

/* The longest that a feed may say an episode is, seconds: a larger number is in milliseconds, or is meant to get all of
 * a budget that is split by minutes. */
#define LONGEST_SECONDS 86400

/* Months in a row that are shown. */
#define MONTHS 12

/* --- months of the local time zone; as numbers: twelve a year --- */

gboolean
pf_month_is_valid(const char *text)
{
    if (strlen(text) != PF_MONTH_SIZE - 1)
        return FALSE;
    for (int i = 0; i < PF_MONTH_SIZE - 1; i++)
        if (i == 4 ? text[i] != '-' : !g_ascii_isdigit(text[i]))
            return FALSE;
    int year = atoi(text);
    int month = atoi(text + 5);
    return year >= 1970 && year < 9999 && month >= 1 && month <= 12;
}

static int
month_number(const char *text)
{
    return atoi(text) * 12 + atoi(text + 5) - 1;
}

static const char *
month_text(int number, char *text)
{
    g_snprintf(text, PF_MONTH_SIZE, "%04u-%02u", (guint)number / 12 % 10000, (guint)number % 12 + 1);
    return text;
}

static gint64
day_start(int month, int day)
{
    g_autoptr(GDateTime) start = g_date_time_new_local(month / 12, month % 12 + 1, day, 0, 0, 0);

    return start ? g_date_time_to_unix(start) : G_MAXINT64;
}

/* A month, and where it begins and ends: entries come by time, so that the zone's rules are asked once a month. */
typedef struct {
    int month;
    gint64 from, to;
} MonthSpan;

static void
span_of(int month, MonthSpan *span)
{
    *span = (MonthSpan){month, day_start(month, 1), day_start(month + 1, 1)};
}

static int
month_at(gint64 time, MonthSpan *span)
{
    if (time >= span->from && time < span->to)
        return span->month;
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(time);
    span_of(date ? g_date_time_get_year(date) * 12 + g_date_time_get_month(date) - 1 : 1970 * 12, span);
    return span->month;
}

const char *
pf_month_of(gint64 time, char *month)
{
    MonthSpan span = {0};

    return month_text(month_at(time, &span), month);
}

const char *
pf_month_before(gint64 time, char *month)
{
    MonthSpan span = {0};

    return month_text(month_at(time, &span) - 1, month);
}

gint64
pf_month_start(const char *month)
{
    return day_start(month_number(month), 1);
}

gint64
pf_month_end(const char *month)
{
    return day_start(month_number(month) + 1, 1);
}

void
pf_statement_request_init(PfStatementRequest *request, const PfConfig *config, const char *month, const PfMoney *budget,
                          gint64 now)
{
    *request = (PfStatementRequest){
        .budget = budget ? *budget : config->budget,
        .weight = (PfWeight)config->weight,
        .cap_percent = (guint)config->cap_percent,
        .carry = config->carry,
        .now = now,
    };
    request->minimum = pf_config_get_minimum(config, request->budget.currency);
    if (month)
        g_strlcpy(request->month, month, sizeof request->month);
    else
        pf_month_of(now, request->month);
}

/* --- structs --- */

const char *
pf_share_state_name(PfShareState state)
{
    static const char *const names[PF_SHARE_STATES] = {
        [PF_SHARE_NOTHING] = N_("nothing"), [PF_SHARE_CARRIED] = N_("carried"),
        [PF_SHARE_DUE] = N_("due"),         [PF_SHARE_PART_PAID] = N_("partly_paid"),
        [PF_SHARE_PAID] = N_("paid"),       [PF_SHARE_ELSEWHERE] = N_("paid_elsewhere"),
    };

    return names[state];
}

static void
way_free(PfStatementWay *way)
{
    g_free(way->payee);
    g_free(way->address);
    g_free(way->url);
    g_free(way);
}

static void
row_free(PfStatementRow *row)
{
    g_free(row->show);
    g_free(row->title);
    g_free(row->feed);
    g_ptr_array_unref(row->feeds);
    g_free(row->page);
    g_free(row->owner);
    g_ptr_array_unref(row->ways);
    g_ptr_array_unref(row->settlements);
    g_free(row);
}

static void
group_free(PfStatementGroup *group)
{
    g_free(group->state);
    g_free(group->reason);
    g_free(group->show);
    g_free(group->title);
    g_free(group);
}

static void
file_free(PfStatementFile *file)
{
    g_free(file->name);
    g_free(file->reason);
    g_free(file);
}

void
pf_statement_free(PfStatement *statement)
{
    if (!statement)
        return;
    g_ptr_array_unref(statement->rows);
    g_ptr_array_unref(statement->waiting);
    g_ptr_array_unref(statement->left_out);
    g_ptr_array_unref(statement->files);
    g_array_unref(statement->months);
    g_ptr_array_unref(statement->settlements);
    g_ptr_array_unref(statement->to_freeze);
    g_ptr_array_unref(statement->freezing);
    g_free(statement);
}

/* --- shows: a feed and a guid are names of one; names that belong together are a set (union-find) --- */

/* What a name says of its show; the best one of a set is the show's key. */
typedef enum {
    NAME_BY_USER,
    NAME_GUID,
    NAME_FEED,
} NameKind;

typedef struct Name Name;
struct Name {
    char *text;
    NameKind kind;
    Name *parent; /* itself for the one that stands for its set */

    /* Of the one that stands for its set. */
    const PfShow *show;  /* the first known one; lent */
    PfFeedSettings rule; /* what was decided for any of its feeds */
    const char *title;   /* as entries have it; lent */
    const char *feed;    /* likewise */
    gint64 episodes;     /* in the month at hand, as the next two */
    gint64 seconds;
    gint64 unknown;
    gint64 share;
    gint64 balance;  /* of the months before the statement's */
    gboolean listed; /* in the month at hand */
    PfStatementRow *row;
};

static void
name_free(Name *name)
{
    g_free(name->text);
    g_free(name);
}

static Name *
find_name(Name *name)
{
    while (name->parent != name) {
        name->parent = name->parent->parent;
        name = name->parent;
    }
    return name;
}

/* Whether the one is the better key: it does not depend on the order in which names come. */
static gboolean
is_better_key(const Name *one, const Name *other)
{
    return one->kind != other->kind ? one->kind < other->kind : strcmp(one->text, other->text) < 0;
}

static void
join(Name *one, Name *other)
{
    one = find_name(one);
    other = find_name(other);
    if (one == other)
        return;
    if (is_better_key(one, other))
        other->parent = one;
    else
        one->parent = other;
}

/* How often a show's episodes came, month by month. */
typedef struct {
    int month;
    gint64 episodes;
    gint64 seconds;
    gint64 unknown; /* of them without a length */
} Count;

/* Entries with one show and one feed. */
typedef struct {
    char *key; /* both */
    char *show;
    char *feed;
    char *title; /* of the last one */
    Name *name;
    GArray *counts; /* of Count, by month */
} Slot;

static void
slot_free(Slot *slot)
{
    g_free(slot->key);
    g_free(slot->show);
    g_free(slot->feed);
    g_free(slot->title);
    g_array_unref(slot->counts);
    g_free(slot);
}

struct PfStatementMaker {
    PfStatement *statement;
    int month;
    int frozen;              /* the last month that is frozen; 0 for none */
    MonthSpan span;          /* of the entry before */
    GPtrArray *shows;        /* of PfShow * */
    GPtrArray *months;       /* of PfSettledMonth * */
    GPtrArray *shares;       /* of PfSettledShare * */
    GHashTable *names;       /* of text to Name */
    GHashTable *outsiders;   /* names of feeds that claim another show's guid */
    GPtrArray *slots;        /* of Slot * */
    GHashTable *slot_by_key; /* borrows */
    GHashTable *groups;      /* of text to PfStatementGroup, owned by the statement's lists */
    gint64 day_starts[32];   /* of the statement's month; the last one is its end */
    int first;               /* month with anything in it */
};

PfStatementMaker *
pf_statement_maker_new(const PfStatementRequest *request)
{
    PfStatementMaker *maker = g_new0(PfStatementMaker, 1);
    PfStatement *statement = g_new0(PfStatement, 1);
    MonthSpan span;

    statement->request = *request;
    statement->rows = g_ptr_array_new_with_free_func((GDestroyNotify)row_free);
    statement->waiting = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);
    statement->left_out = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);
    statement->files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
    statement->months = g_array_new(FALSE, TRUE, sizeof(PfStatementMonth));
    statement->settlements = g_ptr_array_new_with_free_func((GDestroyNotify)pf_settlement_free);
    statement->to_freeze = g_ptr_array_new_with_free_func((GDestroyNotify)pf_settled_share_free);
    statement->freezing = g_ptr_array_new_with_free_func((GDestroyNotify)pf_settled_month_free);
    maker->statement = statement;
    maker->month = month_number(request->month);
    maker->first = maker->month;
    span_of(maker->month, &span);
    statement->from = span.from;
    statement->to = span.to;
    statement->over = request->now >= span.to;
    statement->days = g_date_get_days_in_month((GDateMonth)(maker->month % 12 + 1), (GDateYear)(maker->month / 12));
    for (guint day = 0; day < statement->days; day++)
        maker->day_starts[day] = day_start(maker->month, (int)day + 1);
    maker->day_starts[statement->days] = span.to;
    maker->shows = g_ptr_array_new_with_free_func((GDestroyNotify)pf_show_free);
    maker->months = g_ptr_array_new_with_free_func((GDestroyNotify)pf_settled_month_free);
    maker->shares = g_ptr_array_new_with_free_func((GDestroyNotify)pf_settled_share_free);
    maker->names = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)name_free);
    maker->outsiders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    maker->slots = g_ptr_array_new_with_free_func((GDestroyNotify)slot_free);
    maker->slot_by_key = g_hash_table_new(g_str_hash, g_str_equal);
    maker->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return maker;
}

void
pf_statement_maker_free(PfStatementMaker *maker)
{
    if (!maker)
        return;
    pf_statement_free(maker->statement);
    g_ptr_array_unref(maker->shows);
    g_ptr_array_unref(maker->months);
    g_ptr_array_unref(maker->shares);
    g_hash_table_unref(maker->names);
    g_hash_table_unref(maker->outsiders);
    g_ptr_array_unref(maker->slots);
    g_hash_table_unref(maker->slot_by_key);
    g_hash_table_unref(maker->groups);
    g_free(maker);
}

/* --- taking --- */

void
pf_statement_maker_take_month(PfStatementMaker *maker, PfSettledMonth *month)
{
    maker->frozen = MAX(maker->frozen, month_number(month->month));
    g_ptr_array_add(maker->months, month);
}

void
pf_statement_maker_take_share(PfStatementMaker *maker, PfSettledShare *share)
{
    maker->first = MIN(maker->first, month_number(share->month));
    g_ptr_array_add(maker->shares, share);
}

void
pf_statement_maker_take_settlement(PfStatementMaker *maker, PfSettlement *settlement)
{
    g_ptr_array_add(maker->statement->settlements, settlement);
}

void
pf_statement_maker_take_show(PfStatementMaker *maker, PfShow *show)
{
    g_ptr_array_add(maker->shows, show);
}

void
pf_statement_maker_add_file(PfStatementMaker *maker, const char *path, const char *reason, gint64 seen)
{
    PfStatement *statement = maker->statement;

    if (seen < statement->from || seen >= statement->to)
        return;
    g_autofree char *base = g_path_get_basename(path);
    PfStatementFile *file = g_new0(PfStatementFile, 1);
    file->name = pf_log_printable(base);
    file->reason = g_strdup(reason);
    file->seen = seen;
    g_ptr_array_add(statement->files, file);
}

static void
add_to_group(PfStatementMaker *maker, const PfLedgerEntry *entry, GPtrArray *groups)
{
    g_autofree char *key = g_strjoin("\n", entry->state, entry->reason ? entry->reason : "", entry->show, NULL);
    PfStatementGroup *group = g_hash_table_lookup(maker->groups, key);

    if (!group) {
        group = g_new0(PfStatementGroup, 1);
        group->state = g_strdup(entry->state);
        group->reason = g_strdup(entry->reason);
        group->show = g_strdup(entry->show_title ? entry->show_title : entry->show);
        group->title = g_strdup(entry->title);
        g_ptr_array_add(groups, group);
        g_hash_table_insert(maker->groups, g_steal_pointer(&key), group);
    }
    group->episodes++;
}

static Slot *
find_slot(PfStatementMaker *maker, const PfLedgerEntry *entry)
{
    g_autofree char *key = g_strjoin("\n", entry->show, entry->feed, NULL);
    Slot *slot = g_hash_table_lookup(maker->slot_by_key, key);

    if (!slot) {
        slot = g_new0(Slot, 1);
        slot->key = g_steal_pointer(&key);
        slot->show = g_strdup(entry->show);
        slot->feed = g_strdup(entry->feed);
        slot->counts = g_array_new(FALSE, TRUE, sizeof(Count));
        g_ptr_array_add(maker->slots, slot);
        g_hash_table_insert(maker->slot_by_key, slot->key, slot);
    }
    if (entry->show_title && g_strcmp0(slot->title, entry->show_title) != 0) {
        g_free(slot->title);
        slot->title = g_strdup(entry->show_title);
    }
    return slot;
}

/* Months come in order, but for those of a clock that was wrong. */
static Count *
find_count(Slot *slot, int month)
{
    guint at = slot->counts->len;

    while (at > 0 && g_array_index(slot->counts, Count, at - 1).month > month)
        at--;
    if (at == 0 || g_array_index(slot->counts, Count, at - 1).month != month) {
        Count count = {.month = month};
        g_array_insert_val(slot->counts, at, count);
        at++;
    }
    return &g_array_index(slot->counts, Count, at - 1);
}

static void
count_day(PfStatementMaker *maker, gint64 when)
{
    guint day = 0;

    while (day + 1 < maker->statement->days && when >= maker->day_starts[day + 1])
        day++;
    maker->statement->episodes_by_day[day]++;
}

static gboolean
is_waiting(const char *state)
{
    return g_str_equal(state, "held") || g_str_equal(state, "queued") || g_str_equal(state, "sending");
}

void
pf_statement_maker_add_entry(PfStatementMaker *maker, const PfLedgerEntry *entry)
{
    PfStatement *statement = maker->statement;

    if (!g_str_equal(entry->state, "owed")) {
        if (entry->when >= statement->to)
            return;
        if (is_waiting(entry->state))
            add_to_group(maker, entry, statement->waiting);
        else if (entry->when >= statement->from)
            add_to_group(maker, entry, statement->left_out);
        return;
    }
    int month = entry->month ? month_number(entry->month) : MAX(month_at(entry->when, &maker->span), maker->frozen + 1);
    if (month > maker->month)
        return;
    Count *count = find_count(find_slot(maker, entry), month);
    gint64 said = entry->seconds <= LONGEST_SECONDS ? entry->seconds : 0;
    gint64 seconds = entry->heard > 0 ? MIN(entry->heard, G_MAXINT32) : said;
    count->episodes++;
    count->seconds += MAX(seconds, 0);
    count->unknown += seconds <= 0;
    maker->first = MIN(maker->first, month);
    if (month == maker->month)
        count_day(maker, entry->when);
}

/* --- names of shows --- */

static Name *
name_of(PfStatementMaker *maker, const char *text, NameKind kind)
{
    /* What the user calls a show, and a feed's guid, must not be taken for one another. */
    g_autofree char *key = g_strconcat(kind == NAME_BY_USER ? "=" : *text == '=' ? "\\" : "", text, NULL);
    Name *name = g_hash_table_lookup(maker->names, key);

    if (!name) {
        name = g_new0(Name, 1);
        name->text = g_steal_pointer(&key);
        name->kind = kind;
        name->parent = name;
        name->rule.factor = 1000;
        g_hash_table_insert(maker->names, name->text, name);
    } else if (kind < name->kind) {
        name->kind = kind;
    }
    return name;
}

static gboolean
pays(const GPtrArray *ways, const PfWay *sought)
{
    for (guint i = 0; i < ways->len; i++) {
        const PfWay *way = ways->pdata[i];
        if (way->kind != PF_WAY_PAGE && g_strcmp0(way->address, sought->address) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
have_one_host(const char *one, const char *other)
{
    g_autoptr(PfUrlParts) left = pf_url_parts_new(one, TRUE);
    g_autoptr(PfUrlParts) right = pf_url_parts_new(other, TRUE);

    return left && right && g_strcmp0(left->host, right->host) == 0;
}

static gboolean
names_ways(const GPtrArray *ways)
{
    for (guint i = 0; i < ways->len; i++)
        if (((const PfWay *)ways->pdata[i])->kind != PF_WAY_PAGE)
            return TRUE;
    return FALSE;
}

/* Any feed can claim any guid; it is the same show only where the same ones are paid, or nothing says that others are.
 * A host tells no more than that: many have the shows of thousands. */
static gboolean
is_same_show(const PfShow *show, const PfShow *other)
{
    g_autoptr(GPtrArray) ours = pf_show_list_ways(show, NULL);
    g_autoptr(GPtrArray) theirs = pf_show_list_ways(other, NULL);

    for (guint i = 0; i < ours->len; i++) {
        const PfWay *way = ours->pdata[i];
        if (way->kind != PF_WAY_PAGE && pays(theirs, way))
            return TRUE;
    }
    if (have_one_host(show->url, other->url) || have_one_host(show->address, other->address))
        return !names_ways(ours) || !names_ways(theirs);
    return !names_ways(ours) && !names_ways(theirs);
}

/* The feeds of one show are one, whichever of its addresses an entry has; the guid joins them further. */
static void
name_shows(PfStatementMaker *maker)
{
    g_autoptr(GHashTable) owners = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < maker->shows->len; i++) {
        PfShow *show = maker->shows->pdata[i];
        g_autofree char *url = pf_url_identity(show->url);
        g_autofree char *address = pf_url_identity(show->address ? show->address : show->url);
        Name *name = name_of(maker, url, NAME_FEED);

        join(name, name_of(maker, address, NAME_FEED));
        if (!show->guid)
            continue;
        PfShow *owner = g_hash_table_lookup(owners, show->guid);
        if (!owner)
            g_hash_table_insert(owners, show->guid, show);
        if (!owner || is_same_show(owner, show)) {
            join(name, name_of(maker, show->guid, NAME_GUID));
        } else {
            g_hash_table_add(maker->outsiders, g_steal_pointer(&url));
        }
    }
}

static void
name_slots(PfStatementMaker *maker)
{
    for (guint i = 0; i < maker->slots->len; i++) {
        Slot *slot = maker->slots->pdata[i];
        g_autofree char *feed = slot->feed ? pf_url_identity(slot->feed) : NULL;

        if (!feed) {
            slot->name = name_of(maker, slot->show, NAME_GUID);
            continue;
        }
        slot->name = name_of(maker, feed, NAME_FEED);
        if (!g_hash_table_contains(maker->outsiders, feed))
            join(slot->name, name_of(maker, slot->show, NAME_GUID));
    }
}

/* What the user says of a feed holds for its show. */
static void
apply_rule(PfStatementMaker *maker, const char *feed, const PfConfig *config)
{
    g_autofree char *identity = pf_url_identity(feed);
    Name *name = name_of(maker, identity, NAME_FEED);
    const PfFeedSettings *settings = pf_config_get_feed(config, feed);

    if (settings->show)
        join(name, name_of(maker, settings->show, NAME_BY_USER));
    name->rule = *settings;
}

static void
apply_rules(PfStatementMaker *maker, const PfConfig *config)
{
    for (guint i = 0; i < maker->slots->len; i++)
        if (((Slot *)maker->slots->pdata[i])->feed)
            apply_rule(maker, ((Slot *)maker->slots->pdata[i])->feed, config);
    for (guint i = 0; i < maker->shows->len; i++)
        apply_rule(maker, ((PfShow *)maker->shows->pdata[i])->url, config);
}

/* Once all names are joined: what is known of a show goes to the name that stands for it. */
static void
gather(PfStatementMaker *maker)
{
    GHashTableIter iterator;
    Name *name;

    for (guint i = 0; i < maker->shows->len; i++) {
        PfShow *show = maker->shows->pdata[i];
        g_autofree char *url = pf_url_identity(show->url);
        name = find_name(name_of(maker, url, NAME_FEED));
        if (!name->show)
            name->show = show;
    }
    for (guint i = 0; i < maker->slots->len; i++) {
        Slot *slot = maker->slots->pdata[i];
        slot->name = find_name(slot->name);
        if (slot->title)
            slot->name->title = slot->title;
        if (slot->feed && !slot->name->feed)
            slot->name->feed = slot->feed;
    }
    g_hash_table_iter_init(&iterator, maker->names);
    while (g_hash_table_iter_next(&iterator, NULL, (gpointer *)&name)) {
        Name *whole = find_name(name);
        if (name == whole)
            continue;
        if (name->rule.show)
            whole->rule.show = name->rule.show;
        if (name->rule.link && g_strcmp0(name->rule.link, whole->rule.link) > 0)
            whole->rule.link = name->rule.link;
        if (name->rule.factor != 1000)
            whole->rule.factor = name->rule.factor;
        if (name->rule.paid_elsewhere)
            whole->rule.paid_elsewhere = TRUE;
    }
}

/* --- shares, month by month --- */

/* @listed: (out): the names with anything in the month */
static void
list_name(GPtrArray *listed, Name *name)
{
    if (name->listed)
        return;
    name->listed = TRUE;
    name->episodes = 0;
    name->seconds = 0;
    name->unknown = 0;
    name->share = 0;
    g_ptr_array_add(listed, name);
}

/* @at: of each slot, the count to look at next */
static void
count_month(PfStatementMaker *maker, int month, guint *at, GPtrArray *listed)
{
    for (guint i = 0; i < maker->slots->len; i++) {
        Slot *slot = maker->slots->pdata[i];
        while (at[i] < slot->counts->len && g_array_index(slot->counts, Count, at[i]).month < month)
            at[i]++;
        if (at[i] == slot->counts->len || g_array_index(slot->counts, Count, at[i]).month != month)
            continue;
        const Count *count = &g_array_index(slot->counts, Count, at[i]);
        list_name(listed, slot->name);
        slot->name->episodes += count->episodes;
        slot->name->seconds += count->seconds;
        slot->name->unknown += count->unknown;
    }
}

static guint64
weigh(const PfStatementRequest *request, const Name *name, gint64 usual)
{
    gint64 weight = 1;

    if (name->rule.paid_elsewhere || name->episodes == 0)
        return 0;
    if (request->weight == PF_WEIGHT_EPISODES)
        weight = name->episodes;
    else if (request->weight == PF_WEIGHT_MINUTES)
        weight = name->seconds + name->unknown * usual;
    return MIN((guint64)weight, PF_SHARES_MAX_WEIGHT / PF_CONFIG_MAX_FACTOR) * (guint64)name->rule.factor;
}

static void
split_month(const PfStatementRequest *request, GPtrArray *listed)
{
    g_autofree PfShare *shares = g_new0(PfShare, listed->len);
    gint64 seconds = 0;
    gint64 known = 0;

    for (guint i = 0; i < listed->len; i++) {
        const Name *name = listed->pdata[i];
        seconds += name->seconds;
        known += name->episodes - name->unknown;
    }
    for (guint i = 0; i < listed->len; i++) {
        const Name *name = listed->pdata[i];
        shares[i].show = name->text;
        shares[i].weight = weigh(request, name, known > 0 ? seconds / known : USUAL_SECONDS);
    }
    pf_shares_split(shares, listed->len, request->budget.minor, request->cap_percent);
    for (guint i = 0; i < listed->len; i++)
        ((Name *)listed->pdata[i])->share = shares[i].share;
}

/* The name for a key that was written down; it may be of a show that is not known any more. */
static Name *
recall(PfStatementMaker *maker, const char *key, const char *title)
{
    gboolean by_user = *key == '=';
    Name *name = find_name(name_of(maker, by_user ? key + 1 : key, by_user ? NAME_BY_USER : NAME_FEED));

    if (!name->title)
        name->title = title;
    return name;
}

/* A frozen month has the shares that were written down. @at: the share to look at next */
static void
recall_month(PfStatementMaker *maker, const char *month, guint *at, GPtrArray *listed)
{
    const char *currency = maker->statement->request.budget.currency;

    while (*at < maker->shares->len) {
        const PfSettledShare *share = maker->shares->pdata[*at];
        int order = strcmp(share->month, month);
        if (order > 0)
            return;
        if (order == 0) {
            Name *name = recall(maker, share->show, share->title);
            list_name(listed, name);
            name->episodes += share->episodes;
            name->seconds += share->seconds;
            if (g_str_equal(share->currency, currency))
                name->share += share->share;
        }
        ++*at;
    }
}

static PfSettledMonth *
find_frozen(const PfStatementMaker *maker, const char *month)
{
    for (guint i = 0; i < maker->months->len; i++)
        if (g_str_equal(((PfSettledMonth *)maker->months->pdata[i])->month, month))
            return maker->months->pdata[i];
    return NULL;
}

static char *
dup_title(const Name *name)
{
    if (name->rule.show)
        return g_strdup(name->rule.show);
    if (name->show && name->show->title)
        return g_strdup(name->show->title);
    return g_strdup(name->title ? name->title : name->text);
}

static void
note_to_freeze(PfStatement *statement, const char *month, const GPtrArray *listed)
{
    const PfStatementRequest *request = &statement->request;
    PfSettledMonth *whole = g_new0(PfSettledMonth, 1);

    whole->month = g_strdup(month);
    whole->frozen = request->now;
    whole->budget = request->budget.minor;
    whole->currency = g_strdup(request->budget.currency);
    whole->weight = g_strdup(pf_config_weights[request->weight]);
    g_ptr_array_add(statement->freezing, whole);
    for (guint i = 0; i < listed->len; i++) {
        const Name *name = listed->pdata[i];
        PfSettledShare *share = g_new0(PfSettledShare, 1);
        share->month = g_strdup(month);
        share->frozen = request->now;
        share->show = g_strdup(name->text);
        share->title = dup_title(name);
        share->episodes = name->episodes;
        share->seconds = name->seconds;
        share->share = name->share;
        share->currency = g_strdup(request->budget.currency);
        g_ptr_array_add(statement->to_freeze, share);
    }
}

static gint64
sum_episodes(const GPtrArray *listed)
{
    gint64 sum = 0;

    for (guint i = 0; i < listed->len; i++)
        sum += ((const Name *)listed->pdata[i])->episodes;
    return sum;
}

/* Goes through all months up to the statement's. @listed: (out): the names of that one, with their shares */
static void
share_months(PfStatementMaker *maker, GPtrArray *listed)
{
    PfStatement *statement = maker->statement;
    g_autofree guint *counts_at = g_new0(guint, maker->slots->len + 1);
    guint shares_at = 0;
    char month[PF_MONTH_SIZE];

    for (int number = maker->first; number <= maker->month; number++) {
        month_text(number, month);
        for (guint i = 0; i < listed->len; i++) {
            Name *name = listed->pdata[i];
            name->balance += name->share;
            name->share = 0;
            name->listed = FALSE;
        }
        g_ptr_array_set_size(listed, 0);
        if (number <= maker->frozen) {
            recall_month(maker, month, &shares_at, listed);
        } else {
            count_month(maker, number, counts_at, listed);
            split_month(&statement->request, listed);
            if (statement->request.settles)
                note_to_freeze(statement, month, listed);
        }
        if (number > maker->month - MONTHS) {
            PfStatementMonth row = {.episodes = sum_episodes(listed)};
            month_text(number, row.month);
            g_array_append_val(statement->months, row);
        }
    }
}

/* --- ways to pay --- */

char *
pf_statement_dup_url(const char *address)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "lightning:"};

    if (!address || !g_utf8_validate(address, -1, NULL))
        return NULL;
    for (const char *at = address; *at; at++)
        if (g_ascii_iscntrl(*at) || *at == ' ' || *at == '"' || *at == '<' || *at == '>')
            return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(address, schemes[i], strlen(schemes[i])) == 0 && address[strlen(schemes[i])])
            return g_strdup(address);
    return NULL;
}

/* PayPal takes some currencies, and of some of these no cents; with others its page says that something went wrong.
 * Returns: (transfer full): NULL for what it does not take. */
static char *
dup_paypal_amount(gint64 minor, const char *currency)
{
    static const char with_cents[] = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD "
                                     "THB USD";
    static const char without[] = "HUF TWD";

    if (strstr(without, currency) && minor % 100 == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT, minor / 100);
    return strstr(with_cents, currency) ? pf_money_dup_amount(minor, currency) : NULL;
}

/* Letters and digits: what else is in a link would be read as an amount, or as another page. */
static gboolean
is_paypal_name(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!g_ascii_isalnum(*at))
            return FALSE;
    return *name != '\0';
}

char *
pf_statement_dup_url_with_amount(const char *url, gint64 minor, const char *currency)
{
    g_autoptr(PfUrlParts) parts = url ? pf_url_parts_new(url, FALSE) : NULL;
    g_autofree char *amount = dup_paypal_amount(minor, currency);
    const char *name = NULL;

    if (!parts || !parts->is_plain || parts->query || strchr(url, '#') || minor <= 0 || !amount)
        return NULL;
    /* PayPal: paypal.me/NAME/AMOUNTCURRENCY, or with /paypalme/ on its main host. */
    if ((g_str_equal(parts->host, "paypal.me") || g_str_equal(parts->host, "www.paypal.me")) && parts->count == 1)
        name = parts->segments[0];
    else if (g_str_equal(parts->host, "www.paypal.com") && parts->count == 2 &&
             g_str_equal(parts->segments[0], "paypalme"))
        name = parts->segments[1];
    if (!name || !is_paypal_name(name))
        return NULL;
    return g_strdup_printf("https://www.paypal.com/paypalme/%s/%s%s", name, amount, currency);
}

static void
add_way(GPtrArray *ways, const char *method, const char *payee, const char *address)
{
    PfStatementWay *way;

    for (guint i = 0; i < ways->len; i++)
        if (g_str_equal(((PfStatementWay *)ways->pdata[i])->address, address))
            return;
    way = g_new0(PfStatementWay, 1);
    way->method = method;
    way->payee = g_strdup(payee);
    way->address = g_strdup(address);
    if (g_str_equal(method, "lightning") && !strchr(address, ':')) {
        g_autofree char *url = g_strconcat("lightning:", address, NULL);
        way->url = pf_statement_dup_url(url);
    } else {
        way->url = pf_statement_dup_url(address);
    }
    g_ptr_array_add(ways, way);
}

static GPtrArray *
list_ways(const Name *name)
{
    static const char *const methods[] = {
        [PF_WAY_LIGHTNING] = N_("lightning"),
        [PF_WAY_FUNDING] = N_("funding"),
        [PF_WAY_PAYMENT_LINK] = N_("payment"),
        [PF_WAY_PAGE] = N_("page"),
    };
    GPtrArray *ways = g_ptr_array_new_with_free_func((GDestroyNotify)way_free);

    if (name->rule.link)
        add_way(ways, strchr(name->rule.link, '@') && !strchr(name->rule.link, ':') ? "lightning" : N_("link"), NULL,
                name->rule.link);
    g_autoptr(GPtrArray) known = name->show ? pf_show_list_ways(name->show, NULL) : NULL;
    for (guint i = 0; known && i < known->len; i++) {
        const PfWay *way = known->pdata[i];
        add_way(ways, methods[way->kind], way->text, way->address);
    }
    return ways;
}

/* --- rows --- */

static PfStatementRow *
row_of(Name *name)
{
    PfStatementRow *row = g_new0(PfStatementRow, 1);

    row->show = g_strdup(name->text);
    row->title = dup_title(name);
    row->feed = g_strdup(name->feed ? name->feed : name->show ? name->show->url : NULL);
    row->page = name->show ? pf_statement_dup_url(name->show->page) : NULL;
    row->owner = g_strdup(name->show ? name->show->owner : NULL);
    row->episodes = name->episodes;
    row->seconds = name->seconds;
    row->share = name->share;
    row->carried = name->balance;
    row->ways = list_ways(name);
    row->settlements = g_ptr_array_new();
    row->feeds = g_ptr_array_new_with_free_func(g_free);
    name->row = row;
    return row;
}

/* By any of its feeds a show can be named. */
static void
list_feeds(PfStatementMaker *maker)
{
    GHashTableIter iterator;
    Name *name;

    g_hash_table_iter_init(&iterator, maker->names);
    while (g_hash_table_iter_next(&iterator, NULL, (gpointer *)&name)) {
        PfStatementRow *row = find_name(name)->row;
        if (row && name->kind == NAME_FEED)
            g_ptr_array_add(row->feeds, g_strdup(name->text));
    }
}

/* What was settled: for months before, off what is carried; for this one, on its rows. */
static void
apply_settlements(PfStatementMaker *maker, GPtrArray *listed)
{
    PfStatement *statement = maker->statement;

    for (guint i = 0; i < statement->settlements->len; i++) {
        PfSettlement *settlement = statement->settlements->pdata[i];
        int month = month_number(settlement->month);
        gint64 first = maker->month - (gint64)statement->months->len + 1;

        if (settlement->undone || !g_str_equal(settlement->currency, statement->request.budget.currency) ||
            month > maker->month)
            continue;
        if (month >= first)
            g_array_index(statement->months, PfStatementMonth, (guint)(month - first)).paid += settlement->amount;
        Name *name = recall(maker, settlement->show, settlement->title);
        if (month < maker->month)
            name->balance -= settlement->amount;
        else
            list_name(listed, name);
    }
}

static void
add_payments(PfStatementMaker *maker)
{
    PfStatement *statement = maker->statement;

    for (guint i = 0; i < statement->settlements->len; i++) {
        PfSettlement *settlement = statement->settlements->pdata[i];

        if (settlement->undone || !g_str_equal(settlement->currency, statement->request.budget.currency) ||
            !g_str_equal(settlement->month, statement->request.month))
            continue;
        PfStatementRow *row = recall(maker, settlement->show, settlement->title)->row;
        row->paid += settlement->amount;
        g_ptr_array_add(row->settlements, settlement);
    }
}

static void
decide(const PfStatementRequest *request, PfStatementRow *row, gboolean elsewhere)
{
    gint64 left;

    if (!request->carry)
        row->carried = 0;
    left = row->carried + row->share - row->paid;
    if (left > 0 && (!request->carry || left >= request->minimum) && !elsewhere)
        row->due = left;
    if (row->paid > 0)
        row->state = left > 0 ? PF_SHARE_PART_PAID : PF_SHARE_PAID;
    else if (elsewhere)
        row->state = PF_SHARE_ELSEWHERE;
    else if (row->due > 0)
        row->state = PF_SHARE_DUE;
    else
        row->state = row->share != 0 || row->carried != 0 ? PF_SHARE_CARRIED : PF_SHARE_NOTHING;
}

/* By letters, accents aside: "Ähnlich" is among the As. The same in every language, since the numbers of rows name
 * shows to `settle`. Returns: (transfer full) */
static char *
dup_sort_key(const char *title)
{
    g_autofree char *letters = g_utf8_normalize(title, -1, G_NORMALIZE_ALL);

    return g_utf8_casefold(letters ? letters : title, -1);
}

/* By what does not change when a share is settled, so that the numbers stay. */
static int
compare_rows(gconstpointer one, gconstpointer other)
{
    const PfStatementRow *left = *(PfStatementRow *const *)one;
    const PfStatementRow *right = *(PfStatementRow *const *)other;
    gint64 of_left = left->share + left->carried;
    gint64 of_right = right->share + right->carried;

    if (of_left != of_right)
        return of_left > of_right ? -1 : 1;
    if (left->episodes != right->episodes)
        return left->episodes > right->episodes ? -1 : 1;
    g_autofree char *title = dup_sort_key(left->title);
    g_autofree char *other_title = dup_sort_key(right->title);
    int order = strcmp(title, other_title);
    return order ? order : strcmp(left->show, right->show);
}

static void
add_up(PfStatement *statement)
{
    g_ptr_array_sort(statement->rows, compare_rows);
    for (guint i = 0; i < statement->rows->len; i++) {
        PfStatementRow *row = statement->rows->pdata[i];
        row->number = i + 1;
        statement->shows += row->episodes > 0;
        statement->episodes += row->episodes;
        statement->seconds += row->seconds;
        statement->shared += row->share;
        statement->due += row->due;
        statement->paid += row->paid;
    }
}

/* What is carried from months before counts though nothing was heard of the show in this one. */
static void
list_carried(PfStatementMaker *maker, GPtrArray *listed)
{
    GHashTableIter iterator;
    Name *name;

    g_hash_table_iter_init(&iterator, maker->names);
    while (g_hash_table_iter_next(&iterator, NULL, (gpointer *)&name))
        if (name->parent == name && name->balance != 0 && maker->statement->request.carry)
            list_name(listed, name);
}

/* The minimum is in the month's currency, which may be another one than that of the configuration's budget by now. */
static void
adopt_frozen(PfStatement *statement, const PfSettledMonth *frozen, const PfConfig *config)
{
    PfStatementRequest *request = &statement->request;

    statement->frozen = TRUE;
    request->budget.minor = frozen->budget;
    g_strlcpy(request->budget.currency, frozen->currency, sizeof request->budget.currency);
    request->minimum = pf_config_get_minimum(config, request->budget.currency);
    for (guint weight = 0; pf_config_weights[weight]; weight++)
        if (g_strcmp0(pf_config_weights[weight], frozen->weight) == 0)
            request->weight = (PfWeight)weight;
}

PfStatement *
pf_statement_maker_finish(PfStatementMaker *maker, const PfConfig *config)
{
    PfStatement *statement = maker->statement;
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    const PfSettledMonth *frozen = find_frozen(maker, statement->request.month);

    if (frozen)
        adopt_frozen(statement, frozen, config);
    name_shows(maker);
    name_slots(maker);
    apply_rules(maker, config);
    gather(maker);
    share_months(maker, listed);
    apply_settlements(maker, listed);
    list_carried(maker, listed);
    for (guint i = 0; i < listed->len; i++) {
        Name *name = listed->pdata[i];
        statement->unknown += name->unknown;
        g_ptr_array_add(statement->rows, row_of(name));
    }
    list_feeds(maker);
    add_payments(maker);
    for (guint i = 0; i < listed->len; i++) {
        Name *name = listed->pdata[i];
        decide(&statement->request, name->row, name->rule.paid_elsewhere);
    }
    add_up(statement);
    maker->statement = NULL;
    pf_statement_maker_free(maker);
    return statement;
}

/* --- words --- */

gint64
pf_statement_minutes(gint64 seconds)
{
    return (seconds + 30) / 60;
}

char *
pf_month_dup_name(const char *month)
{
    static const char *const names[] = {N_("January"),   N_("February"), N_("March"),    N_("April"),
                                        N_("May"),       N_("June"),     N_("July"),     N_("August"),
                                        N_("September"), N_("October"),  N_("November"), N_("December")};

    return g_strdup_printf("%s %.4s", _(names[month_number(month) % 12]), month);
}

char *
pf_statement_dup_reason(const PfStatementGroup *group)
{
    static const struct {
        const char *state, *reason, *text;
    } texts[] = {
        {"held", "ask", N_("waits for you to release it (rule = ask)")},
        {"held", "confirm", N_("waits for you to release it (confirm = yes)")},
        {"held", "delay", N_("waits for its delay to pass")},
        {"held", "per_feed_per_day", N_("waits for another day (per-feed-per-day)")},
        {"held", "per_payee_per_day", N_("waits for another day (per-payee-per-day)")},
        {"held", "per_day", N_("waits for another day (per-day)")},
        {"held", "contested", N_("claimed by two payees; look at it with 'podflattr queue show'")},
        {"held", "unknown", N_("may have been paid; look at it with 'podflattr queue show'")},
        {"held", "user", N_("you hold it")},
        {"queued", NULL, N_("waits to be flattred")},
        {"sending", NULL, N_("is being flattred")},
        {"dropped", "never", N_("left out by rule = never")},
        {"dropped", "user", N_("you dropped it")},
        {"dropped", "channel_links", N_("left out by channel-links = never")},
        {"dropped", "discoverable", N_("left out by discoverable = no")},
        {"dropped", NULL, N_("left out")},
        {"failed", NULL, N_("cannot be flattred")},
        {"flattred", NULL, N_("flattred")},
        {"owned", NULL, N_("your own")},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (g_str_equal(texts[i].state, group->state) &&
            (!texts[i].reason ? !group->reason : g_strcmp0(texts[i].reason, group->reason) == 0))
            return g_strdup(_(texts[i].text));
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (!texts[i].reason && g_str_equal(texts[i].state, group->state))
            return g_strdup_printf("%s (%s)", _(texts[i].text), group->reason);
    return group->reason ? g_strdup_printf("%s (%s)", group->state, group->reason) : g_strdup(group->state);
}
