/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"

#include "base/i18n.h"
#include "base/state_folder.h"
#include "base/text.h"
#include "commands/output.h"
#include "queue/spool.h"
#include <stdio.h>
#include <string.h>

/* clang-format off */
G_DEFINE_QUARK(pf-command-error-quark, pf_command_error)
G_DEFINE_QUARK(pf-exit-status-quark, pf_exit_status)
/* clang-format on */

gboolean
pf_exit_status_set(GError **error, int status, const char *message)
{
    g_set_error_literal(error, PF_EXIT_STATUS, status, message);
    return FALSE;
}

int
pf_exit_status_find(const PfExitStatus *table, gsize rows, const GError *error)
{
    for (gsize i = 0; i < rows; i++)
        if (error->domain == table[i].domain && (table[i].code == -1 || table[i].code == error->code))
            return table[i].status;
    return EX_OK;
}

int
pf_exit_status_of_hook(const GError *error)
{
    const PfExitStatus table[] = {
        {G_OPTION_ERROR, -1, EX_USAGE},
        {G_CONVERT_ERROR, -1, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, EX_USAGE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, EX_DATAERR},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, EX_NOINPUT},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_UNAVAILABLE, EX_UNAVAILABLE},
        {PF_COMMAND_ERROR, PF_COMMAND_ERROR_WRITE, EX_IOERR},
        {PF_STATE_FOLDER_ERROR, PF_STATE_FOLDER_ERROR_MAKE, EX_CANTCREAT},
        {PF_STATE_FOLDER_ERROR, -1, EX_CONFIG},
        {PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, EX_CANTCREAT},
        {PF_HOOK_FILE_ERROR, -1, EX_IOERR},
    };
    int status = error->domain == PF_EXIT_STATUS ? error->code : pf_exit_status_find(table, G_N_ELEMENTS(table), error);

    return status != EX_OK ? status : EX_SOFTWARE;
}

gboolean
pf_command_refuse(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

gboolean
pf_command_check_server(const PfApp *app, const PfCommand *command, GError **error)
{
    if (app->endpoint)
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_NO_SERVER,
                _("'podflattr %s' (%s) needs a server that speaks Flattr's API, and none is configured: set 'api' in "
                  "[flattr] of %s; without a server, see 'podflattr report'"),
                command->name, _(command->summary), app->config_path);
    return FALSE;
}

/* --- sub-commands --- */

/* Follows words as far as they name sub-commands, and moves @words past them. @path: (inout): the names, for messages
 */
static const PfCommand *
descend(const PfCommand *command, char ***words, GString *path)
{
    const PfCommand *found = command->subcommands;

    while (found && **words) {
        for (found = command->subcommands; found->name && !g_str_equal(found->name, **words); found++)
            ;
        if (!found->name)
            break;
        g_string_append_printf(path, "%s%s", path->len > 0 ? " " : "", found->name);
        command = found;
        found = command->subcommands;
        ++*words;
    }
    return command;
}

/* Whether the command, or any of its sub-commands, has the option. */
gboolean
pf_command_takes(const PfCommand *command, const char *option)
{
    for (const PfCommandOption *own = command->subcommands ? NULL : command->options; own && own->name; own++)
        if (g_str_equal(own->name, option))
            return TRUE;
    for (const PfCommand *sub = command->subcommands; sub && sub->name; sub++)
        if (pf_command_takes(sub, option))
            return TRUE;
    g_auto(GStrv) names = g_strsplit(command->takes ? command->takes : "", " ", -1);
    return g_strv_contains((const char *const *)names, option);
}

/* --- help --- */

/* Appends a line for each sub-command that can be run. @path: of the command itself, "" or ending with a space */
static void
append_subcommands(GString *text, const PfCommand *command, const char *path, glong *width)
{
    for (const PfCommand *sub = command->subcommands; sub->name; sub++) {
        g_autofree char *name =
            g_strconcat(path, sub->name, " ", sub->subcommands || !sub->operands ? NULL : _(sub->operands), NULL);
        if (sub->subcommands) {
            append_subcommands(text, sub, name, width);
            continue;
        }
        /* Padded by columns: an ellipsis is one column and three bytes. */
        glong columns = g_utf8_strlen(g_strchomp(name), -1);
        *width = MAX(*width, columns);
        if (text)
            g_string_append_printf(text, "  %s%*s  %s\n", name, (int)(*width - columns), "", _(sub->summary));
    }
}

/* Makes one line of a text whose lines end where they do in the source, or in a catalogue: where lines end on the
 * terminal is found out later. */
static void
append_paragraph(GString *text, const char *paragraph)
{
    g_auto(GStrv) lines = g_strsplit(paragraph, "\n", -1);
    g_autofree char *line = g_strjoinv(" ", lines);

    g_string_append_printf(text, "%s%s\n", text->len > 0 ? "\n" : "", line);
}

static char *
dup_description(const PfCommand *command, const char *examples)
{
    GString *text = g_string_new(NULL);
    glong width = 0;

    if (command->subcommands) {
        if (command->has_default)
            g_string_append_printf(text, _("Subcommands (default: %s):\n"), command->subcommands->name);
        else
            g_string_append(text, _("Subcommands:\n"));
        append_subcommands(NULL, command, "", &width);
        append_subcommands(text, command, "", &width);
    }
    if (command->description)
        append_paragraph(text, _(command->description));
    if (examples)
        g_string_append_printf(text, "%s%s\n%s", text->len > 0 ? "\n" : "", _("Examples:"), examples);
    return g_strchomp(g_string_free(text, FALSE));
}

static GOptionContext *
make_context(const PfCommand *command, const PfCommand *shown, const char *path)
{
    const char *operands = shown->operands ? _(shown->operands) : NULL;
    g_autofree char *parameters = g_strjoin(" ",
                                            *path      ? path
                                            : operands ? operands
                                                       : "",
                                            *path ? operands : NULL, NULL);
    g_autofree char *description = dup_description(shown, shown->examples ? shown->examples : command->examples);
    GOptionContext *context = g_option_context_new(parameters);

    g_option_context_set_summary(context, _(shown->summary ? shown->summary : command->summary));
    if (*description)
        g_option_context_set_description(context, description);
    return context;
}

/* When the help goes to something other than a terminal. */
#define USUAL_WIDTH 80

void
pf_command_print_whole_help(GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(help), "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    int width = pf_output_get_width();

    for (char **line = lines; *line; line++) {
        /* A command line is left whole, for those who copy it. */
        gboolean is_example = g_str_has_prefix(*line, "  podflattr ");
        pf_text_append_wrapped(text, *line, is_example ? 0 : width > 0 ? width : USUAL_WIDTH);
        g_string_append_c(text, '\n');
    }
    fputs(text->str, stdout);
}

gboolean
pf_command_print_help(GOptionContext *context, char **argv, gboolean is_posix)
{
    static const char *const words[] = {"--help", "-h", "-?", NULL};

    for (char **word = argv + 1; *word && !g_str_equal(*word, "--") && (**word == '-' || !is_posix); word++) {
        if (g_strv_contains(words, *word)) {
            pf_command_print_whole_help(context);
            return TRUE;
        }
    }
    return FALSE;
}

/* --- options --- */

static void *
place_of(const PfCommandOption *option, void *options)
{
    return (char *)options + option->offset;
}

static gboolean
is_text(const PfCommandOption *option)
{
    return option->type == G_OPTION_ARG_STRING || option->type == G_OPTION_ARG_FILENAME;
}

static gboolean
is_format(const PfCommandOption *option)
{
    return g_str_equal(option->name, "format");
}

static gboolean
is_given(const PfCommandOption *option, void *options)
{
    if (is_text(option))
        return *(char **)place_of(option, options) != NULL;
    return *(int *)place_of(option, options) != option->initial;
}

/* Every option of the command is read, so that one which the sub-command does not take is named in the message. */
static GArray *
make_entries(const PfCommand *command, const PfCommand *shown, void *options, char **format)
{
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    for (const PfCommandOption *option = command->options; option && option->name; option++) {
        const GOptionEntry entry = {
            .long_name = option->name,
            .short_name = option->letter,
            .flags = pf_command_takes(shown, option->name) ? 0 : G_OPTION_FLAG_HIDDEN,
            .arg = option->type,
            .arg_data = is_format(option) ? format : place_of(option, options),
            .description = option->summary,
            .arg_description = option->value,
        };

        if (option->type == G_OPTION_ARG_INT)
            *(int *)place_of(option, options) = option->initial;
        g_array_append_val(entries, entry);
    }
    return entries;
}

void
pf_command_suggest(GString *text, const char *word, const GPtrArray *words)
{
    const char *similar = pf_text_find_similar(word, (const char *const *)words->pdata);

    if (similar)
        g_string_append_printf(text, _("; did you mean '%s'?"), similar);
}

char *
pf_command_dup_unknown_option(const GError *error)
{
    const char *given = strstr(error->message, "--");

    if (!g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION) || !given)
        return NULL;
    return g_strndup(given, strcspn(given, "="));
}

const char *const pf_command_globals[] = {"--config", "--state-dir", "--api",  "--verbose",
                                          "--quiet",  "--version",   "--help", NULL};

/* Adds what was probably meant to a message about an unknown option. Returns FALSE. */
static gboolean
explain_option(const PfCommand *command, const PfCommand *shown, GError **error)
{
    g_autofree char *given = pf_command_dup_unknown_option(*error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) text = g_string_new((*error)->message);

    if (!given)
        return FALSE;
    for (const PfCommandOption *option = command->options; option && option->name; option++)
        if (pf_command_takes(shown, option->name))
            g_ptr_array_add(names, g_strconcat("--", option->name, NULL));
    g_ptr_array_add(names, g_strdup("--help"));
    g_ptr_array_add(names, NULL);
    if (g_strv_contains(pf_command_globals, given))
        g_string_append_printf(text, _("; put it before the command: podflattr %s … %s"), given, command->name);
    else
        pf_command_suggest(text, given, names);
    g_free((*error)->message);
    (*error)->message = g_strdup(text->str);
    return FALSE;
}

/* A command line that is being read. */
typedef struct {
    const PfCommand *command; /* the first word */
    PfCommandCall *call;      /* what is made of it */
    void *options;
    char *format;  /* of --format */
    GString *path; /* the words of the sub-command, once it is found */
} Line;

/* @is_help: (out): whether only the help was asked for, and printed */
static gboolean
parse_options(Line *line, int *argc, char ***argv, gboolean *is_help, GError **error)
{
    const PfCommand *command = line->command;
    g_autoptr(GString) path = g_string_new(NULL);
    char **words = *argv + 1;
    const PfCommand *shown = descend(command, &words, path);
    g_autoptr(GOptionContext) context = make_context(command, shown, path->str);
    g_autoptr(GArray) entries = make_entries(command, shown, line->options, &line->format);

    g_option_context_add_main_entries(context, (const GOptionEntry *)(void *)entries->data, "podflattr");
    *is_help = pf_command_print_help(context, *argv, FALSE);
    if (*is_help)
        return TRUE;
    if (!g_option_context_parse(context, argc, argv, error))
        return explain_option(command, shown, error);
    /* GLib leaves the "--" that ends the options where it is. */
    for (int i = 1; i < *argc; i++) {
        if (g_str_equal((*argv)[i], "--")) {
            memmove(&(*argv)[i], &(*argv)[i + 1], (gsize)(*argc - i) * sizeof **argv);
            --*argc;
            break;
        }
    }
    return TRUE;
}

char **
pf_command_dup_formats(const PfCommand *command)
{
    return g_strsplit(command->formats ? command->formats : "table json", " ", -1);
}

static gboolean
read_format(PfCommandCall *call, const char *format, GError **error)
{
    g_auto(GStrv) known = pf_command_dup_formats(call->command);
    guint last = g_strv_length(known) - 1;

    call->json = g_strcmp0(format, "json") == 0;
    call->format = format;
    if (!format || g_strv_contains((const char *const *)known, format))
        return TRUE;
    g_autofree char *similar = g_strdup(pf_text_find_similar(format, (const char *const *)known));
    g_autofree char *final = g_steal_pointer(&known[last]);
    g_autofree char *others = g_strjoinv(", ", known);
    if (similar)
        return pf_command_refuse(error, _("invalid --format '%s': use %s or %s; did you mean '%s'?"), format, others,
                                 final, similar);
    return pf_command_refuse(error, _("invalid --format '%s': use %s or %s"), format, others, final);
}

static gboolean
check_options(const Line *line, GError **error)
{
    for (const PfCommandOption *option = line->command->options; option && option->name; option++)
        if ((is_format(option) ? line->format != NULL : is_given(option, line->options)) &&
            !pf_command_takes(line->call->command, option->name))
            return pf_command_refuse(error, _("--%s cannot be used with '%s'"), option->name, line->path->str);
    return read_format(line->call, line->format, error);
}

/* --- operands --- */

/* @command, @path: what was found of it until now */
static gboolean
refuse_subcommand(const PfCommand *command, const char *word, const char *name, const char *path, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GString) hint = g_string_new(NULL);

    for (const PfCommand *sub = command->subcommands; sub->name; sub++)
        g_ptr_array_add(names, (gpointer)sub->name);
    g_ptr_array_add(names, NULL);
    pf_command_suggest(hint, word, names);
    return pf_command_refuse(error, _("'%s' is not a subcommand; see 'podflattr %s%s%s --help'%s"), word, name,
                             *path ? " " : "", path, hint->str);
}

gboolean
pf_command_check_names(const PfCommand *command, char **words, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    const PfCommand *found = descend(command, &words, path);

    if (*words && found->subcommands)
        return refuse_subcommand(found, *words, command->name, path->str, error);
    return !*words || pf_command_refuse(error, _("unexpected argument '%s'"), *words);
}

static gboolean
find_subcommand(const PfCommand *command, PfCommandCall *call, GString *path, GError **error)
{
    const PfCommand *found = descend(command, &call->operands, path);
    const char *space = path->len > 0 ? " " : "";

    if (found->subcommands && *call->operands && !(found->has_default && found->subcommands->most > 0))
        return refuse_subcommand(found, *call->operands, command->name, path->str, error);
    if (found->subcommands && !found->has_default)
        return pf_command_refuse(error, _("missing subcommand; see 'podflattr %s%s%s --help'"), command->name, space,
                                 path->str);
    if (found->subcommands) {
        found = found->subcommands;
        g_string_append_printf(path, "%s%s", space, found->name);
    }
    g_string_prepend(path, path->len > 0 ? " " : "");
    g_string_prepend(path, command->name);
    call->command = found;
    return TRUE;
}

static gboolean
check_operands(PfCommandCall *call, const char *path, GError **error)
{
    call->count = g_strv_length(call->operands);
    if (call->count > call->command->most)
        return pf_command_refuse(error, _("unexpected argument '%s'"), call->operands[call->command->most]);
    if (call->count < call->command->least)
        return pf_command_refuse(error, _("missing argument; usage: podflattr %s %s"), path,
                                 _(call->command->operands));
    return TRUE;
}

/* --- a run --- */

static gboolean
run(Line *line, int argc, char **argv, GError **error)
{
    const PfCommand *command = line->command;
    PfCommandCall *call = line->call;
    gboolean is_help;

    if (!parse_options(line, &argc, &argv, &is_help, error))
        return FALSE;
    if (is_help)
        return TRUE;
    call->operands = argv + 1;
    if (!find_subcommand(command, call, line->path, error) || !check_options(line, error) ||
        !check_operands(call, line->path->str, error))
        return FALSE;
    call->options = line->options;
    return (command->needs != PF_COMMAND_NEEDS_SERVER || pf_command_check_server(call->app, command, error)) &&
           call->command->run(call, error);
}

gboolean
pf_command_run(const PfCommand *command, PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char **words = g_memdup2(argv, (gsize)(argc + 1) * sizeof *argv);
    g_autofree void *options = g_malloc0(MAX(command->options_size, 1));
    g_autoptr(GString) path = g_string_new(NULL);
    PfCommandCall call = {.app = app};
    Line line = {.command = command, .call = &call, .options = options, .path = path};
    g_autoptr(GError) failure = NULL;

    gboolean done = run(&line, argc, words, &failure);
    if (!done && command->forgives && command->forgives(call.options, argv)) {
        g_warning("%s", failure->message);
        done = TRUE;
    }
    for (const PfCommandOption *option = command->options; option && option->name; option++)
        if (is_text(option) && !is_format(option))
            g_free(*(char **)place_of(option, options));
    g_free(line.format);
    if (!done)
        g_propagate_error(error, g_steal_pointer(&failure));
    return done;
}
