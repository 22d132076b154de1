/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_html.h"

#include "base/html.h"
#include "base/url.h"
#include "payment/payment_link.h"

#include <libxml/HTMLparser.h>
#include <string.h>

/*
 * Cuts a long text of HTML into pieces that can be parsed one by one: never within a comment, a tag or a script, so
 * that what is not a link in the whole text is none in a piece. Pure; any thread.
 */

#define PF_HTML_SLICE PF_HTML_MAX_TAG /* bytes; a comment or a text without tags may be longer */

static gsize
pf_html_slice(const char *html, gboolean *is_unreadable)
{
    const char *end = html;

    *is_unreadable = FALSE;
    while (*end && end - html < PF_HTML_SLICE && !*is_unreadable) {
        const char *next = pf_html_end_of_piece(end);

        next = next ? next : end + strlen(end);
        gboolean is_alone = pf_html_is_unreadable(end, next);
        if (end > html && (is_alone || next - html > PF_HTML_SLICE))
            break;
        *is_unreadable = is_alone;
        end = next;
    }
    return (gsize)(end - html);
}

/*
 * One embedded button of Flattr's old JavaScript, see payment_html.h: its attributes and text are collected, and then
 * made into the auto-submit URL that it stood for. Pure; any thread.
 */

typedef struct PfPaymentButton PfPaymentButton;

#define DATA_PREFIX "data-flattr-"

/* How much of a button's text is kept, in bytes: what is left of it when it is white space for the most part. */
#define MAX_TEXT 65536

struct PfPaymentButton {
    GHashTable *attributes; /* of its own: char * to char * */
    GHashTable *settings;   /* those in rel, by their names */
    GString *text;
};

static PfPaymentButton *
pf_payment_button_new(void)
{
    PfPaymentButton *button = g_new0(PfPaymentButton, 1);

    button->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    button->settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    button->text = g_string_new(NULL);
    return button;
}

static void
pf_payment_button_free(PfPaymentButton *button)
{
    if (!button)
        return;
    g_hash_table_unref(button->attributes);
    g_hash_table_unref(button->settings);
    g_string_free(button->text, TRUE);
    g_free(button);
}

/* "flattr;uid:mario;tags:a,b;" */
static void
read_settings(PfPaymentButton *button, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);

    if (!parts[0] || g_ascii_strcasecmp(g_strstrip(parts[0]), "flattr") != 0)
        return;
    for (char **part = parts + 1; *part; part++) {
        char *colon = strchr(*part, ':');
        if (!colon)
            continue;
        *colon = '\0';
        g_hash_table_replace(button->settings, g_ascii_strdown(g_strstrip(*part), -1), g_strdup(g_strstrip(colon + 1)));
    }
}

/* Takes over what an attribute of the <a> says, if it says something. @value may be NULL. */
static void
pf_payment_button_set(PfPaymentButton *button, const char *name, const char *value)
{
    if (!value)
        return;
    if (g_str_equal(name, "rel") || g_str_equal(name, "rev"))
        read_settings(button, value);
    else
        g_hash_table_replace(button->attributes, g_strdup(name), g_strstrip(g_strdup(value)));
}

/* Adds to the text inside of the button, which describes the thing. */
static void
pf_payment_button_add_text(PfPaymentButton *button, const char *text, gsize length)
{
    if (button->text->len + length <= MAX_TEXT)
        g_string_append_len(button->text, text, (gssize)length);
}

/*
 * Reads what a script says for all buttons.
 *
 * @script: its address or its text, or NULL; of any script, of which Flattr's is one
 * @defaults: of char * to char *, to which it is added
 */
static void
pf_payment_button_read_script(const char *script, GHashTable *defaults)
{
    static const char pattern[] = "//api\\.flattr\\.com/js/[0-9.]+/load\\.js\\?([^'\"\\s<>\\\\]+)";
    g_autoptr(GMatchInfo) match = NULL;

    if (!script || !strstr(script, "/load.js?"))
        return;
    g_autoptr(GRegex) loader = g_regex_new(pattern, 0, 0, NULL);
    if (!g_regex_match(loader, script, 0, &match))
        return;
    g_autofree char *query = g_match_info_fetch(match, 1);
    g_autoptr(GPtrArray) parameters = pf_parameters_read(query);
    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (parameter->name && parameter->value && *parameter->value)
            g_hash_table_insert(defaults, g_strdup(parameter->name), g_strdup(parameter->value));
    }
}

/* --- the link --- */

/* What a button says under a name: HTML5's attributes before rel, and these before a script (none if NULL). */
static const char *
get_setting(const PfPaymentButton *button, GHashTable *defaults, const char *name)
{
    g_autofree char *attribute = g_strconcat(DATA_PREFIX, name, NULL);
    const char *value = g_hash_table_lookup(button->attributes, attribute);

    if (!value || !*value)
        value = g_hash_table_lookup(button->settings, name);
    if (value && *value)
        return value;
    return defaults ? g_hash_table_lookup(defaults, name) : NULL;
}

static void
add_setting(GPtrArray *parameters, const char *name, const char *value)
{
    g_autofree char *fault = value && *value ? pf_auto_submit_find_fault(name, value) : NULL;

    /* A server may refuse the whole link for what only describes the thing. */
    if (!fault)
        pf_parameters_add(parameters, name, value);
}

/* Adds a text with its white space made single blanks, and cut; one that is too short is no text. */
static void
add_text(GPtrArray *parameters, const char *name, const char *text, glong most)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n\f", -1);
    g_autoptr(GString) line = g_string_new(NULL);

    for (char **word = words; *word; word++)
        if (**word)
            g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", *word);
    if (g_utf8_strlen(line->str, -1) > most)
        *g_utf8_offset_to_pointer(line->str, most) = '\0';
    add_setting(parameters, name, line->str);
}

/* Whom the button pays: one alone, since a link that names two may pay either. */
static gboolean
add_payee(GPtrArray *parameters, const PfPaymentButton *button, GHashTable *defaults)
{
    guint before = parameters->len;

    add_setting(parameters, "user_id", get_setting(button, defaults, "uid"));
    if (parameters->len == before)
        add_setting(parameters, "owner", get_setting(button, defaults, "owner"));
    return parameters->len > before;
}

static char *
make_url(const PfPaymentButton *button, GHashTable *defaults, const char *page, gboolean described)
{
    static const char *const names[] = {"category", "tags", "hidden", "revsharekey"};
    g_autoptr(GPtrArray) parameters = pf_parameters_new();
    const char *language = get_setting(button, NULL, "language");

    pf_parameters_add(parameters, "url", page);
    if (!add_payee(parameters, button, defaults))
        return NULL;
    add_text(parameters, "title", g_hash_table_lookup(button->attributes, "title"), PF_AUTO_SUBMIT_MAX_TITLE);
    if (described)
        add_text(parameters, "description", button->text->str, PF_AUTO_SUBMIT_MAX_DESCRIPTION);
    language = language ? language : g_hash_table_lookup(button->attributes, "lang");
    add_setting(parameters, "language", language ? language : get_setting(button, defaults, "language"));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        add_setting(parameters, names[i], get_setting(button, defaults, names[i]));
    return pf_auto_submit_new_url(parameters);
}

/*
 * Makes the link. A title or description that is too long for a server is cut, one that is too short left out.
 *
 * @defaults: as pf_payment_button_read_script() gave them
 * @base: what a relative address is resolved against, or NULL
 *
 * Returns: (transfer full) (nullable): the link; NULL when the button is for nothing.
 */
static PfPayment *
pf_payment_button_make_link(const PfPaymentButton *button, GHashTable *defaults, const char *base)
{
    g_autofree char *page = pf_url_make_absolute(g_hash_table_lookup(button->attributes, "href"), base);
    g_autoptr(PfPayment) payment = page ? pf_payment_new(page) : NULL;

    if (!payment)
        return NULL;
    /* Some make a button of what is a link already. */
    if (payment->kind > PF_PAYMENT_PROFILE) {
        g_autofree char *whole = make_url(button, defaults, page, TRUE);
        gboolean fits = whole && strlen(whole) <= PF_PAYMENT_MAX_URL;
        g_autofree char *url = fits ? g_steal_pointer(&whole) : make_url(button, defaults, page, FALSE);
        PfPayment *link = url ? pf_payment_new(url) : NULL;
        if (link) {
            pf_payment_free(payment);
            payment = link;
        }
    }
    payment->from = PF_PAYMENT_FROM_BUTTON;
    return g_steal_pointer(&payment);
}

/*
 * libxml2's time grows with the square of how many attributes a tag has. So it gets slices of a text, each with a
 * parser of its own. A text of a megabyte took a minute and a half without. (Its push parser gets stuck between
 * pieces.)
 */

typedef struct {
    const PfItemText *text;
    gboolean is_cut; /* a limit was hit, and links may be missing */
    GPtrArray *payments;
    guint links;           /* payment links and buttons found */
    GPtrArray *buttons;    /* of PfPaymentButton *; made into links when all scripts are known */
    PfPaymentButton *open; /* the one whose text is being read */
    gboolean in_script;
    GString *script;      /* the text of the script that is being read */
    GHashTable *defaults; /* char * to char *: what scripts say for all buttons */
} Reader;

/* --- what an element says --- */

/* Whether a link that is not a web address may be shown to somebody who then opens it: "bitcoin:" may. */
static gboolean
is_harmless(const char *url)
{
    static const char *const programs[] = {"javascript", "data", "vbscript"};

    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
        if (pf_url_has_scheme(url, programs[i]))
            return FALSE;
    return pf_url_scheme_length(url) > 0;
}

/* Whether one more link or button may be kept. */
static gboolean
has_room(Reader *reader)
{
    reader->is_cut = reader->is_cut || reader->links == PF_PAYMENT_HTML_MAX;
    if (reader->links == PF_PAYMENT_HTML_MAX)
        return FALSE;
    reader->links++;
    return TRUE;
}

static void
add_link(Reader *reader, const char *href, gboolean is_payment)
{
    g_autofree char *written = g_strstrip(g_strdup(href));
    g_autofree char *address = pf_payment_dup_written(written);
    g_autofree char *url = pf_url_make_absolute(address, reader->text->base);
    g_autoptr(PfPayment) payment = url ? pf_payment_new(url) : NULL;

    if (!payment && url && is_payment && is_harmless(url)) {
        payment = g_new0(PfPayment, 1);
        payment->url = g_steal_pointer(&url);
        payment->kind = PF_PAYMENT_OTHER;
    }
    if (!payment || (!is_payment && payment->kind > PF_PAYMENT_PROFILE) || !has_room(reader))
        return;
    payment->from = PF_PAYMENT_FROM_HTML;
    g_ptr_array_add(reader->payments, g_steal_pointer(&payment));
}

static void
open_button(Reader *reader, const xmlChar **attributes)
{
    if (!has_room(reader))
        return;
    PfPaymentButton *button = pf_payment_button_new();

    for (; attributes[0]; attributes += 2)
        pf_payment_button_set(button, (const char *)attributes[0], (const char *)attributes[1]);
    g_ptr_array_add(reader->buttons, button);
    reader->open = button;
}

/* --- libxml2's events --- */

static void
start_element(void *data, const xmlChar *name, const xmlChar **attributes)
{
    Reader *reader = data;
    const char *href = pf_html_get_attribute(attributes, "href");

    if (g_str_equal((const char *)name, "script")) {
        reader->in_script = TRUE;
        pf_payment_button_read_script(pf_html_get_attribute(attributes, "src"), reader->defaults);
    }
    if (!g_str_equal((const char *)name, "a"))
        return;
    reader->open = NULL;
    if (!href)
        return;
    if (pf_html_has_word(pf_html_get_attribute(attributes, "class"), "FlattrButton"))
        open_button(reader, attributes);
    else
        add_link(reader, href, pf_html_has_word(pf_html_get_attribute(attributes, "rel"), "payment"));
}

static void
end_element(void *data, const xmlChar *name)
{
    Reader *reader = data;

    if (g_str_equal((const char *)name, "a"))
        reader->open = NULL;
    if (!g_str_equal((const char *)name, "script"))
        return;
    pf_payment_button_read_script(reader->script->str, reader->defaults);
    g_string_truncate(reader->script, 0);
    reader->in_script = FALSE;
}

static void
read_characters(void *data, const xmlChar *text, int length)
{
    Reader *reader = data;

    if (reader->in_script)
        g_string_append_len(reader->script, (const char *)text, length);
    else if (reader->open)
        pf_payment_button_add_text(reader->open, (const char *)text, (gsize)length);
}

static void
parse_slice(Reader *reader, const GString *html)
{
    const xmlSAXHandler events = {
        .startElement = start_element,
        .endElement = end_element,
        .characters = read_characters,
        .ignorableWhitespace = read_characters,
        .cdataBlock = read_characters,
    };
    htmlParserCtxtPtr parser = htmlNewParserCtxt();

    if (!parser)
        return;
    /* Without libxml2's own handlers there is no tree. */
    *parser->sax = events;
    parser->userData = reader;
    reader->in_script = FALSE;
    reader->open = NULL;
    xmlFreeDoc(htmlCtxtReadMemory(parser, html->str, (int)html->len, NULL, "UTF-8",
                                  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                      HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC));
    htmlFreeParserCtxt(parser);
}

/* What libxml2 gets of a slice: links, scripts and text. What it makes of other elements, of comments and of markup
 * that breaks off changes from one of its releases to the next, and its time grows with the square of how many are
 * open. */
static GString *
choose_markup(const char *html, gsize length)
{
    GString *chosen = g_string_sized_new(length + 1);
    gboolean in_link = FALSE;

    for (const char *at = html, *end; at < html + length; at = end) {
        gboolean is_start = pf_html_is_tag(at, "a");

        end = pf_html_end_of_piece(at);
        gboolean is_whole = end != NULL;
        end = is_whole ? end : html + length;
        if (is_start || pf_html_is_tag(at, "/a")) {
            g_string_append(chosen, in_link ? "</a>" : "");
            g_string_append_len(chosen, at, is_start ? end - at : 0);
            g_string_append(chosen, is_start && !is_whole ? ">" : "");
            in_link = is_start;
        } else if (pf_html_is_tag(at, "script")) {
            g_string_append_len(chosen, at, end - at);
            g_string_append(chosen, "</script>");
        } else {
            pf_html_append_text(chosen, at, end);
        }
    }
    return chosen;
}

static void
parse(Reader *reader)
{
    for (const char *html = reader->text->html; *html;) {
        gboolean is_unreadable;
        gsize length = pf_html_slice(html, &is_unreadable);

        reader->is_cut = reader->is_cut || is_unreadable;
        if (!is_unreadable) {
            g_autoptr(GString) chosen = choose_markup(html, length);
            parse_slice(reader, chosen);
        }
        html += length;
    }
}

/* Whether a letter is written as a reference: "flattr" may then be there without being seen. */
static gboolean
has_hidden_letter(const char *html)
{
    while ((html = strstr(html, "&#"))) {
        gboolean hexadecimal = html[2] == 'x' || html[2] == 'X';

        html += hexadecimal ? 3 : 2;
        guint64 code = g_ascii_strtoull(html, NULL, hexadecimal ? 16 : 10);
        if (code < 0x80 && g_ascii_isalpha((char)code))
            return TRUE;
    }
    return FALSE;
}

/* Whether a word of small letters is there, in capitals or not. strcasestr() looks at every byte, which takes longer
 * than all else that is done with most texts. */
static gboolean
has_letters(const char *html, const char *word)
{
    const char first[] = {word[0], g_ascii_toupper(word[0])};
    gsize length = strlen(word);

    for (gsize i = 0; i < G_N_ELEMENTS(first); i++)
        for (const char *at = html; (at = strchr(at, first[i])); at++)
            if (g_ascii_strncasecmp(at, word, length) == 0)
                return TRUE;
    return FALSE;
}

/* Parsing takes most of the time that a feed needs, and most texts have no link, or only links to anywhere. */
static gboolean
may_have_payment(const PfItemText *text)
{
    const char *html = text->html;

    if (!html || !has_letters(html, "<a"))
        return FALSE;
    return has_letters(html, "flattr") || has_letters(html, "payment") || has_hidden_letter(html) ||
           (text->base && has_letters(text->base, "flattr"));
}

gboolean
pf_payment_html_find(const PfItemText *text, GPtrArray *payments)
{
    g_autoptr(GPtrArray) buttons = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_button_free);
    g_autoptr(GHashTable) defaults = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GString) script = g_string_new(NULL);
    Reader reader = {.text = text, .payments = payments, .buttons = buttons, .defaults = defaults, .script = script};

    if (!may_have_payment(text))
        return TRUE;
    parse(&reader);
    for (guint i = 0; i < buttons->len; i++) {
        PfPayment *payment = pf_payment_button_make_link(buttons->pdata[i], defaults, text->base);
        if (payment)
            g_ptr_array_add(payments, payment);
    }
    return !reader.is_cut;
}
