/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_link.h"

#include "base/i18n.h"
#include "base/text.h"
#include "base/url.h"

#include <string.h>

#define MAX_SEGMENTS 6

/*
 * The pages that are known. A pattern is a path; in it "*" stands for a name, "#" for a number, "%" for a hexadecimal
 * number, "?" for anything. A thing and a profile are known by the first of these.
 */
static const struct {
    const char *host;
    const char *pattern;
    PfPaymentKind kind;
} pages[] = {
    {"flattr.com", "submit/auto", PF_PAYMENT_AUTO_SUBMIT},
    {"flattr.com", "thing/#", PF_PAYMENT_THING},
    {"flattr.com", "thing/#/?", PF_PAYMENT_THING},
    {"flattr.com", "t/#", PF_PAYMENT_THING},
    {"flattr.com", "t/#/?", PF_PAYMENT_THING},
    {"flattr.com", "profile/*", PF_PAYMENT_PROFILE},
    {"flattr.com", "@*", PF_PAYMENT_PROFILE},
    {"flattr.com", "podcast/*", PF_PAYMENT_PROFILE},
    {"github.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"github.com", "*/*", PF_PAYMENT_DISCOVERABLE},
    {"github.com", "*/*/commit/%", PF_PAYMENT_DISCOVERABLE},
    {"gist.github.com", "%", PF_PAYMENT_DISCOVERABLE},
    {"gist.github.com", "*/%", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*/*", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*/sets/*", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*/status/#", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*/statuses/#", PF_PAYMENT_DISCOVERABLE},
    {"instagram.com", "p/*", PF_PAYMENT_DISCOVERABLE},
};

/* First names of paths that are a site's own pages and nobody's profile. */
static const struct {
    const char *host;
    const char *names; /* each between blanks */
} reserved[] = {
    {"github.com",
     " about apps collections contact customer-stories dashboard enterprise events explore features issues join login "
     "marketplace new notifications organizations orgs pricing pulls readme search security settings site sponsors "
     "stars "
     "team topics trending "},
    {"soundcloud.com", " charts discover imprint jobs pages pro search settings stream terms-of-use upload you "},
    {"twitter.com", " about explore hashtag home i intent login messages privacy search settings share signup tos "},
};

/* The host as the table has it: www.flattr.com and flattr.com are one. */
static const char *
site_of(const PfUrlParts *parts)
{
    return parts->host + (g_str_has_prefix(parts->host, "www.") ? strlen("www.") : 0);
}

/* A name that can be part of a key: nothing that could be written in two ways. */
static gboolean
is_name(const char *text)
{
    return *text && strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._") == strlen(text) &&
           strspn(text, ".") < strlen(text);
}

static gboolean
is_number(const char *text)
{
    gsize length = strlen(text);

    return length > 0 && length < 19 && text[0] != '0' && strspn(text, G_CSET_DIGITS) == length;
}

static gboolean
is_hexadecimal(const char *text)
{
    return *text && strspn(text, G_CSET_DIGITS "abcdefABCDEF") == strlen(text);
}

/* Whether a server may take a segment for "." or "..", and the path for another one. */
static gboolean
is_dots(const char *segment)
{
    return segment[0] == '.' || g_ascii_strncasecmp(segment, "%2e", strlen("%2e")) == 0;
}

static gboolean
segment_fits(const char *wanted, const char *segment)
{
    if (g_str_equal(wanted, "@*"))
        return segment[0] == '@' && is_name(segment + 1);
    if (g_str_equal(wanted, "*"))
        return is_name(segment);
    if (g_str_equal(wanted, "#"))
        return is_number(segment);
    if (g_str_equal(wanted, "%"))
        return is_hexadecimal(segment);
    if (g_str_equal(wanted, "?"))
        return !is_dots(segment);
    return g_str_equal(wanted, segment);
}

static gboolean
path_fits(const char *pattern, const PfUrlParts *parts)
{
    g_auto(GStrv) wanted = g_strsplit(pattern, "/", MAX_SEGMENTS);

    if (g_strv_length(wanted) != parts->count)
        return FALSE;
    for (guint i = 0; i < parts->count; i++)
        if (!segment_fits(wanted[i], parts->segments[i]))
            return FALSE;
    return TRUE;
}

static gboolean
is_reserved(const char *site, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(reserved); i++) {
        if (!g_str_equal(site, reserved[i].host))
            continue;
        g_autofree char *lower = g_ascii_strdown(name, -1);
        g_autofree char *between_blanks = g_strconcat(" ", lower, " ", NULL);
        return strstr(reserved[i].names, between_blanks) != NULL;
    }
    return FALSE;
}

static PfPaymentKind
kind_of(const PfUrlParts *parts)
{
    const char *site = site_of(parts);

    if (!parts->is_plain || parts->count == 0 || is_reserved(site, parts->segments[0]))
        return PF_PAYMENT_OTHER;
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
        if (g_str_equal(site, pages[i].host) && path_fits(pages[i].pattern, parts))
            return pages[i].kind;
    return PF_PAYMENT_OTHER;
}

/*
 * Finds the page that an auto-submit URL is for. Two different ones are none: servers do not agree which of them
 * counts, and it is money. A name that cannot be decoded may be a server's "url" too.
 */
static char *
submitted_page(const PfUrlParts *parts)
{
    g_autoptr(GPtrArray) parameters = pf_parameters_read(parts->query);
    const char *page = NULL;

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (!parameter->name)
            return NULL;
        if (!g_str_equal(parameter->name, "url"))
            continue;
        if (!parameter->value || (page && !g_str_equal(page, parameter->value)))
            return NULL;
        page = parameter->value;
    }
    return g_strdup(page);
}

/* Flattr takes users' names in any case; of its podcasts' nobody knows. */
static char *
key_of_profile(const PfUrlParts *parts)
{
    const char *first = parts->segments[0];

    if (g_str_equal(first, "podcast"))
        return g_strconcat("podcast:", parts->segments[1], NULL);
    g_autofree char *user = g_ascii_strdown(first[0] == '@' ? first + 1 : parts->segments[1], -1);
    return g_strconcat("profile:", user, NULL);
}

/*
 * Names are the same in capitals and in small letters at these sites, except for Instagram's photos. A gist and a tweet
 * are known by their number: whoever's name stands before it, the site shows the same.
 */
static char *
key_of_discoverable(const PfUrlParts *parts)
{
    const char *site = site_of(parts);

    if (g_str_equal(site, "twitter.com") && parts->count == 3)
        return g_strconcat("https://twitter.com/i/status/", parts->segments[2], NULL);
    if (g_str_equal(site, "instagram.com"))
        return g_strconcat("https://instagram.com/p/", parts->segments[1], NULL);

    g_autofree char *path = g_str_equal(site, "gist.github.com") ? g_strdup(parts->segments[parts->count - 1])
                                                                 : g_strjoinv("/", parts->segments);
    g_autofree char *lower = g_ascii_strdown(path, -1);
    return g_strconcat("https://", site, "/", lower, NULL);
}

/* The key of a page that can be known by more than one address; NULL for any other. */
static char *
key_of_page(const PfUrlParts *parts, PfPaymentKind kind)
{
    switch (kind) {
    case PF_PAYMENT_THING:
        return g_strconcat("thing:", parts->segments[1], NULL);
    case PF_PAYMENT_PROFILE:
        return key_of_profile(parts);
    case PF_PAYMENT_DISCOVERABLE:
        return key_of_discoverable(parts);
    case PF_PAYMENT_AUTO_SUBMIT:
    case PF_PAYMENT_OTHER:
        break;
    }
    return NULL;
}

/* The key of an auto-submit URL: the page as it is written, or the key that it has when it is linked to directly. */
static char *
key_of_submitted(const PfUrlParts *parts)
{
    g_autofree char *page = submitted_page(parts);
    g_autoptr(PfUrlParts) submitted = pf_url_parts_new(page, TRUE);

    if (!submitted)
        return NULL;
    char *key = key_of_page(submitted, kind_of(submitted));
    return key ? key : g_steal_pointer(&page);
}

/* The key of a link; turns an auto-submit URL that submits nothing into another kind. */
static char *
key_of(const PfUrlParts *parts, PfPaymentKind *kind)
{
    char *key = *kind == PF_PAYMENT_AUTO_SUBMIT ? key_of_submitted(parts) : key_of_page(parts, *kind);

    if (!key && *kind == PF_PAYMENT_AUTO_SUBMIT)
        *kind = PF_PAYMENT_OTHER;
    return key ? key : pf_url_parts_dup_normalised(parts);
}

PfPayment *
pf_payment_new(const char *url)
{
    g_autoptr(PfUrlParts) parts = pf_url_parts_new(url, FALSE);
    if (!parts)
        return NULL;

    PfPayment *payment = g_new0(PfPayment, 1);
    payment->url = g_strdup(url);
    payment->kind = kind_of(parts);
    payment->key = key_of(parts, &payment->kind);
    return payment;
}

char *
pf_payment_dup_written(const char *address)
{
    if (!strpbrk(address, " \t\r\n"))
        return g_strdup(address); /* nearly all */

    g_autoptr(GString) clean = g_string_new(NULL);
    for (; *address; address++) {
        if (*address == ' ')
            g_string_append(clean, "%20");
        else if (!strchr("\t\r\n", *address))
            g_string_append_c(clean, *address);
    }
    return g_strdup(clean->str);
}

char *
pf_payment_dup_request_url(const PfPayment *payment)
{
    return payment->kind == PF_PAYMENT_AUTO_SUBMIT ? pf_parameters_unescape(payment->url) : g_strdup(payment->url);
}

/* Whom an auto-submit URL names; NULL when it names nobody. Servers do not agree which of several counts: they are
 * another payee than any of them alone. */
static char *
dup_receiver(const PfUrlParts *parts)
{
    static const struct {
        const char *parameter, *kind;
    } receivers[] = {{"user_id", "user:"}, {"uid", "user:"}, {"fid", "user:"}, {"owner", "owner:"}};
    g_autoptr(GPtrArray) parameters = pf_parameters_read(parts->query);
    g_autoptr(GPtrArray) payees = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(receivers); i++) {
        for (guint j = 0; j < parameters->len; j++) {
            const PfParameter *parameter = parameters->pdata[j];
            if (g_strcmp0(parameter->name, receivers[i].parameter) != 0 || !parameter->value || !*parameter->value)
                continue;
            g_autofree char *lower = g_utf8_strdown(parameter->value, -1);
            char *payee = g_strconcat(receivers[i].kind, lower, NULL);
            if (g_ptr_array_find_with_equal_func(payees, payee, g_str_equal, NULL))
                g_free(payee);
            else
                g_ptr_array_add(payees, payee);
        }
    }
    if (payees->len == 0)
        return NULL;
    g_ptr_array_add(payees, NULL);
    return g_strjoinv(" ", (char **)payees->pdata);
}

char *
pf_payment_dup_payee(const char *url)
{
    g_autoptr(PfUrlParts) parts = pf_url_parts_new(url, FALSE);
    PfPaymentKind kind = parts ? kind_of(parts) : PF_PAYMENT_OTHER;

    if (!parts)
        return g_strdup("");
    if (kind == PF_PAYMENT_PROFILE) {
        g_autofree char *key = key_of_profile(parts);
        return g_str_has_prefix(key, "profile:") ? g_strconcat("user:", key + strlen("profile:"), NULL)
                                                 : g_steal_pointer(&key);
    }
    char *receiver = kind == PF_PAYMENT_AUTO_SUBMIT ? dup_receiver(parts) : NULL;
    if (receiver)
        return receiver;
    g_autofree char *page = kind == PF_PAYMENT_AUTO_SUBMIT ? submitted_page(parts) : NULL;
    g_autoptr(PfUrlParts) submitted = pf_url_parts_new(page, TRUE);
    return g_strconcat("host:", site_of(submitted ? submitted : parts), NULL);
}

void
pf_payment_free(PfPayment *payment)
{
    if (!payment)
        return;
    g_free(payment->url);
    g_free(payment->key);
    g_free(payment);
}

const char *
pf_payment_kind_name(PfPaymentKind kind)
{
    static const char *const names[] = {
        [PF_PAYMENT_AUTO_SUBMIT] = "auto-submit",   [PF_PAYMENT_THING] = "thing", [PF_PAYMENT_PROFILE] = "profile",
        [PF_PAYMENT_DISCOVERABLE] = "discoverable", [PF_PAYMENT_OTHER] = "other",
    };
    g_return_val_if_fail((gsize)kind < G_N_ELEMENTS(names), "other");
    return names[kind];
}

const char *
pf_payment_from_name(PfPaymentFrom from)
{
    static const char *const names[] = {
        [PF_PAYMENT_FROM_LINK] = "link", [PF_PAYMENT_FROM_BUTTON] = "button", [PF_PAYMENT_FROM_HTML] = "html"};

    g_return_val_if_fail((gsize)from < G_N_ELEMENTS(names), "html");
    return names[from];
}

static void
parameter_free(gpointer data)
{
    PfParameter *parameter = data;

    g_free(parameter->name);
    g_free(parameter->value);
    g_free(parameter);
}

GPtrArray *
pf_parameters_new(void)
{
    return g_ptr_array_new_with_free_func(parameter_free);
}

static void
add_take(GPtrArray *parameters, char *name, char *value)
{
    PfParameter *parameter = g_new(PfParameter, 1);

    *parameter = (PfParameter){.name = name, .value = value};
    g_ptr_array_add(parameters, parameter);
}

/*
 * Decodes as the server does that gets it, the way of forms: "+" is a blank. Published links agree: where they have a
 * "+", it is a blank in a title that WordPress's plugin encoded; a real plus is %2B there.
 */
static char *
decode(const char *text, gsize length)
{
    g_autofree char *blanks = g_strndup(text, length);

    for (char *plus = blanks; (plus = strchr(plus, '+')); plus++)
        *plus = ' ';
    g_autofree char *plain = strchr(blanks, '%') ? g_uri_unescape_string(blanks, NULL) : g_steal_pointer(&blanks);

    return plain && g_utf8_validate(plain, -1, NULL) ? g_steal_pointer(&plain) : NULL;
}

GPtrArray *
pf_parameters_read(const char *query)
{
    g_auto(GStrv) parts = g_strsplit(query ? query : "", "&", -1);
    GPtrArray *parameters = pf_parameters_new();

    for (gsize i = 0; parts[i]; i++) {
        const char *part = parts[i];
        while (i > 0 && pf_has_prefix(part, "amp;"))
            part += strlen("amp;");
        gsize name = strcspn(part, "=");
        const char *value = part[name] ? part + name + 1 : "";
        if (*part)
            add_take(parameters, decode(part, name), decode(value, strlen(value)));
    }
    return parameters;
}

void
pf_parameters_add(GPtrArray *parameters, const char *name, const char *value)
{
    if (value && *value)
        add_take(parameters, g_strdup(name), g_strdup(value));
}

const char *
pf_parameters_get(const GPtrArray *parameters, const char *name)
{
    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (g_strcmp0(parameter->name, name) == 0)
            return parameter->value;
    }
    return NULL;
}

/* Writes a list as a query, without the "?"; all must be decodable. Returns: (transfer full). */
static char *
pf_parameters_write(const GPtrArray *parameters)
{
    GString *query = g_string_new(NULL);

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        g_string_append_printf(query, "%s%s=", i > 0 ? "&" : "", parameter->name);
        g_string_append_uri_escaped(query, parameter->value, NULL, FALSE);
    }
    return g_string_free(query, FALSE);
}

char *
pf_parameters_unescape(const char *url)
{
    GString *plain = g_string_new(NULL);

    while (*url) {
        gboolean separates = *url == '&';
        g_string_append_c(plain, *url++);
        while (separates && pf_has_prefix(url, "amp;"))
            url += strlen("amp;");
    }
    return g_string_free(plain, FALSE);
}

char *
pf_auto_submit_new_url(const GPtrArray *parameters)
{
    g_autofree char *query = pf_parameters_write(parameters);

    return g_strconcat("https://flattr.com/submit/auto?", query, NULL);
}

GPtrArray *
pf_auto_submit_read_url(const char *url)
{
    gsize address = strcspn(url, "?#");
    g_autofree char *query = url[address] == '?' ? g_strdup(url + address + 1) : g_strdup("");
    /* Whatever it says: with a page, it would be one. */
    g_autofree char *complete = g_strdup_printf("%.*s?url=https://page.example/", (int)MIN(address, G_MAXINT), url);
    g_autoptr(PfPayment) payment = pf_payment_new(complete);

    if (!payment || payment->kind != PF_PAYMENT_AUTO_SUBMIT)
        return NULL;
    query[strcspn(query, "#")] = '\0';
    return pf_parameters_read(query);
}

static char *
check_length(const char *text, glong most)
{
    glong length = g_utf8_strlen(text, -1);

    if (length >= PF_AUTO_SUBMIT_MIN_TEXT && length <= most)
        return NULL;
    return g_strdup_printf(_("must have %d to %ld characters and has %ld"), PF_AUTO_SUBMIT_MIN_TEXT, most, length);
}

/* @spaces: the control characters that may be there */
static gboolean
has_control(const char *text, const char *spaces)
{
    for (; *text; text = g_utf8_next_char(text))
        if (g_unichar_iscntrl(g_utf8_get_char(text)) && !strchr(spaces, *text))
            return TRUE;
    return FALSE;
}

static char *
check_title(const char *text)
{
    if (has_control(text, ""))
        return g_strdup(_("must be one line without control characters"));
    return check_length(text, PF_AUTO_SUBMIT_MAX_TITLE);
}

static char *
check_description(const char *text)
{
    if (has_control(text, "\t\r\n"))
        return g_strdup(_("must have no control characters"));
    return check_length(text, PF_AUTO_SUBMIT_MAX_DESCRIPTION);
}

static char *
check_url(const char *url)
{
    g_autoptr(PfPayment) page = pf_payment_new(url);

    if (!page)
        return g_strdup(_("must be an absolute http(s) URL without spaces"));
    return page->kind == PF_PAYMENT_AUTO_SUBMIT ? g_strdup(_("must be the page itself, not an auto-submit URL")) : NULL;
}

#define USER_PATTERN "^[^\\s/?#&=:@]+$"
#define USER_FAULT N_("must be a Flattr user's name or number")

static const struct {
    const char *name;
    const char *pattern, *fault;       /* a value that does not fit the pattern has this fault … */
    char *(*check)(const char *value); /* … unless there is a function to say */
} known[] = {
    {.name = "url", .check = check_url},
    {"user_id", USER_PATTERN, USER_FAULT, NULL},
    {"uid", USER_PATTERN, USER_FAULT, NULL},
    {"fid", "^[0-9A-Za-z]+$", N_("must be the short name that Flattr gave a page's owner, letters and digits"), NULL},
    {"owner", "^(email:[0-9a-fA-F]{32}|twitter:user:id:[0-9]+|partner:[^\\s:]+:\\S+)$",
     N_("must be email:MD5 (32 hexadecimal digits), twitter:user:id:NUMBER or partner:NAMESPACE:ID"), NULL},
    {.name = "title", .check = check_title},
    {.name = "description", .check = check_description},
    {"language", "^[a-z]{2,3}(_[A-Z]{2})?$", N_("must be a language such as en_GB"), NULL},
    {"tags", "^\\s*[^,\\s][^,]*(,\\s*[^,\\s][^,]*)*$", N_("must be words separated by commas"), NULL},
    {"category", "^(text|images|video|audio|software|people|rest)$",
     N_("must be text, images, video, audio, software, people or rest"), NULL},
    {"hidden", "^[01]$", N_("must be 1 or 0"), NULL},
    {"revsharekey", "^\\S+$", N_("must be a key without spaces"), NULL},
};

char *
pf_auto_submit_find_fault(const char *name, const char *value)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!g_str_equal(name, known[i].name))
            continue;
        if (known[i].check)
            return known[i].check(value);
        gboolean fits = g_regex_match_simple(known[i].pattern, value, G_REGEX_DOLLAR_ENDONLY, 0);
        return fits ? NULL : g_strdup(_(known[i].fault));
    }
    return g_strdup(_("is not an auto-submit parameter and has no effect"));
}

static void
add_fault(GPtrArray *faults, const PfParameter *parameter)
{
    if (!parameter->name) {
        g_ptr_array_add(faults, g_strdup(_("a parameter's name is not correctly percent-encoded")));
        return;
    }
    g_autofree char *fault = parameter->value ? pf_auto_submit_find_fault(parameter->name, parameter->value)
                                              : g_strdup(_("is not correctly percent-encoded"));
    if (fault)
        g_ptr_array_add(faults, g_strdup_printf("%s %s", parameter->name, fault));
}

/* Empty counts as absent, as it does for servers. */
static gboolean
is_there(const GPtrArray *parameters, const char *name)
{
    const char *value = pf_parameters_get(parameters, name);

    return value && *value;
}

GPtrArray *
pf_auto_submit_find_faults(const GPtrArray *parameters)
{
    GPtrArray *faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    gboolean has_user = is_there(parameters, "user_id") || is_there(parameters, "uid") || is_there(parameters, "fid");
    gboolean has_owner = is_there(parameters, "owner");

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (!parameter->value || *parameter->value)
            add_fault(faults, parameter);
        if (parameter->name && !g_hash_table_add(seen, parameter->name))
            g_ptr_array_add(faults, g_strdup_printf(_("%s is given more than once"), parameter->name));
    }
    if (!is_there(parameters, "url") && !g_hash_table_contains(seen, "url"))
        g_ptr_array_add(faults, g_strdup(_("url is missing: the page to flattr")));
    else if (g_strcmp0(pf_parameters_get(parameters, "url"), "") == 0)
        g_ptr_array_add(faults, g_strdup(_("url is empty")));
    if (!has_user && !has_owner)
        g_ptr_array_add(faults, g_strdup(_("user_id or owner is missing: whom to pay")));
    if (has_user && has_owner)
        g_ptr_array_add(faults, g_strdup(_("both user_id and owner are given: it is unclear whom to pay")));
    return faults;
}
