/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr complete: what can follow on a command line, from the table of commands, for the shells' completions. */
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "commands/command.h"
#include "feed/store.h"
#include "queue/arrival.h"

#include <stdio.h>
#include <string.h>

/* Entries that are offered, the newest. */
#define ENTRIES 50

/* One completion. */
typedef struct {
    const PfApp *app;
    const char *front; /* of the word, what is not completed: "--state=", or "" */
    const char *word;  /* what stands there already */
} Completion;

/* Prints a word that can stand there, with what it is behind a tab; not when it begins otherwise. */
static void
offer(const Completion *completion, const char *word, const char *about)
{
    g_autofree char *shown = pf_log_printable(word);
    g_autofree char *text = pf_log_printable(about);

    if (g_str_has_prefix(shown, completion->word))
        printf("%s%s%s%s\n", completion->front, shown, text ? "\t" : "", text ? text : "");
}

static void
offer_commands(const Completion *completion)
{
    for (const PfCommand *const *command = pf_commands; *command; command++)
        offer(completion, (*command)->name, _((*command)->summary));
    offer(completion, "help", _("Show the help of a command"));
}

static void
offer_options(const Completion *completion, const PfCommand *command, const PfCommand *shown)
{
    for (const PfCommandOption *option = command->options; option && option->name; option++) {
        g_autofree char *name = g_strconcat("--", option->name, NULL);
        if (pf_command_takes(shown, option->name))
            offer(completion, name, _(option->summary));
    }
    offer(completion, "--help", _("Show the help"));
}

static gboolean
offer_entry(const PfEntry *entry, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id);

    offer(data, id, entry->title ? entry->title : entry->key);
    return TRUE;
}

static gboolean
offer_file(const PfArrival *arrival, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, arrival->id);

    offer(data, id, arrival->path);
    return TRUE;
}

/* IDs of entries, or of files whose episode is not known. */
static void
offer_ids(Completion *completion, gboolean of_files)
{
    const PfQueueFilter filter = {.state = PF_ENTRY_STATES, .limit = ENTRIES, .newest_first = TRUE};
    g_autofree char *path = g_build_filename(completion->app->state_dir, "queue.db", NULL);
    g_autoptr(PfQueue) queue = g_file_test(path, G_FILE_TEST_EXISTS)
                                   ? pf_queue_open(completion->app->state_dir, PF_BUSY_INTAKE_MS, NULL)
                                   : NULL;

    if (queue && of_files)
        (void)pf_arrival_each_open(queue, offer_file, completion, NULL);
    else if (queue)
        (void)pf_queue_list(queue, &filter, offer_entry, completion, NULL);
}

static gboolean
offer_feed(const PfKnownFeed *feed, gpointer data)
{
    g_autofree char *url = pf_url_printable(feed->url);

    offer(data, url, feed->title);
    return TRUE;
}

static gboolean
offer_show(const PfKnownFeed *feed, gpointer data)
{
    if (feed->title)
        offer(data, feed->title, NULL);
    return TRUE;
}

static void
offer_feeds(Completion *completion, PfKnownFeedFunc each)
{
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open_existing(completion->app->state_dir, PF_BUSY_INTAKE_MS, NULL);

    if (feeds)
        (void)pf_feed_store_each(feeds, each, completion, NULL);
}

static void
offer_formats(const Completion *completion, const PfCommand *shown)
{
    g_auto(GStrv) formats = pf_command_dup_formats(shown);

    for (char **format = formats; *format; format++)
        offer(completion, *format, NULL);
}

/* What an option's value can be. Returns FALSE for an option without one. @shown: the sub-command, where one is named
 */
static gboolean
offer_values(Completion *completion, const PfCommand *command, const PfCommand *shown, const char *name)
{
    const PfCommandOption *option = command->options;

    while (option && option->name && !g_str_equal(option->name, name))
        option++;
    if (!option || !option->name || option->type == G_OPTION_ARG_NONE)
        return FALSE;
    if (g_str_equal(name, "format")) {
        offer_formats(completion, shown);
    } else if (g_str_equal(name, "state")) {
        for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
            offer(completion, pf_entry_state_name(state), NULL);
        offer(completion, "unmatched", _("files whose episode was not found"));
    } else if (g_str_equal(name, "event")) {
        offer(completion, "downloaded", NULL);
        offer(completion, "played", NULL);
    } else if (g_str_equal(name, "feed")) {
        offer_feeds(completion, offer_feed);
    } else if (g_str_equal(name, "show")) {
        offer_feeds(completion, offer_show);
    }
    return TRUE;
}

/* @operands: as the help shows them, what is meant most often in front */
static void
offer_operands(Completion *completion, const char *operands)
{
    const char *file = strstr(operands, "FILE"), *id = strstr(operands, "ID");

    if (id)
        offer_ids(completion, file && file < id);
    if (strstr(operands, "SHOW"))
        offer_feeds(completion, offer_show);
}

static const PfCommand *
find_command(const char *name)
{
    const PfCommand *const *command = pf_commands;

    while (*command && !g_str_equal((*command)->name, name))
        command++;
    return *command;
}

/* @words: after the command; the last one is being typed */
static void
complete_command(Completion *completion, const PfCommand *command, char **words, guint count)
{
    const PfCommand *shown = command;
    guint named = 0;

    for (guint i = 0; i + 1 < count; i++) {
        const PfCommand *sub = shown->subcommands;
        while (sub && sub->name && !g_str_equal(sub->name, words[i]))
            sub++;
        if (sub && sub->name)
            shown = sub;
        else
            named += *words[i] != '-';
    }
    const char *previous = count > 1 ? words[count - 2] : "";
    if (g_str_has_prefix(previous, "--") && offer_values(completion, command, shown, previous + 2))
        return;
    const char *value = g_str_has_prefix(completion->word, "--") ? strchr(completion->word, '=') : NULL;
    if (value) {
        g_autofree char *option = g_strndup(completion->word + 2, (gsize)(value - completion->word) - 2);
        g_autofree char *front = g_strdup_printf("--%s=", option);
        Completion rest = {.app = completion->app, .front = front, .word = value + 1};
        (void)offer_values(&rest, command, shown, option);
        return;
    }
    if (*completion->word == '-') {
        offer_options(completion, command, shown);
        return;
    }
    for (const PfCommand *sub = shown->subcommands; named == 0 && sub && sub->name; sub++)
        offer(completion, sub->name, _(sub->summary));
    if (!shown->subcommands || (shown->has_default && shown->subcommands->most > 0))
        offer_operands(completion, shown->operands ? shown->operands : "");
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    guint first = 0, last = call->count - 1;
    Completion completion = {.app = call->app, .front = "", .word = call->operands[last]};

    (void)error;
    /* Options in front of the command; some have a value. */
    while (first < last && *call->operands[first] == '-')
        first += 1 + (!strchr(call->operands[first], '=') && (g_str_equal(call->operands[first], "--config") ||
                                                              g_str_equal(call->operands[first], "--state-dir") ||
                                                              g_str_equal(call->operands[first], "--api")));
    if (first < last && g_str_equal(call->operands[first], "help"))
        first++;
    if (first >= last) {
        offer_commands(&completion);
        return TRUE;
    }
    const PfCommand *command = find_command(call->operands[first]);
    if (command)
        complete_command(&completion, command, call->operands + first + 1, last - first);
    return TRUE;
}

const PfCommand pf_command_complete = {
    .name = "complete",
    .operands = N_("-- WORD…"),
    .least = 1,
    .most = PF_COMMAND_ANY,
    .summary = N_("Print completions of a command line, for shells"),
    .description = N_("The last WORD is the one being typed. Each line is a possible word, a tab and its description."),
    .examples = "  podflattr complete -- queue --state ''\n"
                "  podflattr complete -- qu\n",
    .run = run,
    .needs = PF_COMMAND_NEEDS_STATE,
};
