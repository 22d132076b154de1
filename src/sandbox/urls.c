/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/urls.h"

#include "base/url.h"
#include "sandbox/request.h"

#include <string.h>

/* Where a part of a discoverable address's path must be, and what it must be. */
#define ANY "*"   /* any name */
#define OWNER "@" /* a name, and the owner's */
#define PATH_MAX_PARTS 4

/* One line per shape of page. @lower: names there are the same in capitals and in small letters. */
static const struct {
    const char *host;
    const char *site; /* what the made-up owner's name begins with */
    gboolean lower;
    const char *parts[PATH_MAX_PARTS];
} shapes[] = {
    {"github.com", "github", TRUE, {OWNER}},
    {"github.com", "github", TRUE, {OWNER, ANY}},
    {"github.com", "github", TRUE, {OWNER, ANY, "commit", ANY}},
    {"gist.github.com", "github", TRUE, {OWNER}},
    {"gist.github.com", "github", TRUE, {OWNER, ANY}},
    {"soundcloud.com", "soundcloud", TRUE, {OWNER}},
    {"soundcloud.com", "soundcloud", TRUE, {OWNER, ANY}},
    {"soundcloud.com", "soundcloud", TRUE, {OWNER, "sets", ANY}},
    {"twitter.com", "twitter", TRUE, {OWNER}},
    {"twitter.com", "twitter", TRUE, {OWNER, "status", ANY}},
    {"twitter.com", "twitter", TRUE, {OWNER, "statuses", ANY}},
    {"instagram.com", "instagram", FALSE, {"p", OWNER}},
    {"instagr.am", "instagram", FALSE, {"p", OWNER}},
};

/* First parts of paths at those sites that are pages of the site and nobody's name. */
static const char *const site_pages[] = {
    "about",       "apps",     "charts",        "collections", "discover", "explore", "features", "home",
    "i",           "intent",   "issues",        "join",        "login",    "logout",  "market",   "messages",
    "marketplace", "new",      "notifications", "orgs",        "pages",    "pricing", "privacy",  "pulls",
    "search",      "security", "sets",          "settings",    "share",    "signup",  "site",     "sponsors",
    "stream",      "topics",   "tos",           "trending",    "upload",   "you",     NULL,
};

static gboolean
is_text(const char *text)
{
    return text && *text && strlen(text) <= SANDBOX_URL_MAX && g_utf8_validate(text, -1, NULL);
}

gboolean
sandbox_url_is_web(const char *text)
{
    g_autofree char *host = is_text(text) && pf_url_is_web(text) ? pf_url_dup_part(text, PF_URL_HOST) : NULL;

    return host != NULL;
}

/* Whether all that read an address find the same server in it: browsers take a backslash for a slash, what stands
 * before an "@" looks like a host, and so do letters that only look like Latin ones. */
static gboolean
is_unambiguous(const char *text)
{
    const char *slashes = strstr(text, "://");
    g_autofree char *server = slashes ? g_strndup(slashes + 3, strcspn(slashes + 3, "/?#")) : g_strdup("");

    for (const char *at = text; *at; at++)
        if (!g_ascii_isgraph(*at) || *at == '\\')
            return FALSE;
    return !strpbrk(server, "@%");
}

gboolean
sandbox_url_is_callback(const char *text)
{
    static const char *const refused[] = {"javascript", "data", "vbscript", "file",
                                          "filesystem", "blob", "about",    NULL};
    g_autofree char *scheme = is_text(text) && is_unambiguous(text) ? pf_url_dup_part(text, PF_URL_SCHEME) : NULL;

    return scheme && *scheme && !g_strv_contains(refused, scheme);
}

/* In small letters, without the names in front that lead to the same site. */
static char *
get_host(const char *text)
{
    static const char *const fronts[] = {"www.", "m.", "mobile."};
    g_autofree char *host = pf_url_dup_host(text);

    for (gsize i = 0; i < G_N_ELEMENTS(fronts); i++) {
        if (g_str_has_prefix(host, fronts[i]))
            return g_strdup(host + strlen(fronts[i]));
    }
    return g_steal_pointer(&host);
}

/* The path's parts that are not empty. */
static GStrv
get_path(const char *text)
{
    g_autofree char *path = pf_url_dup_part(text, PF_URL_PATH);
    g_auto(GStrv) parts = g_strsplit(path ? path : "", "/", -1);
    GStrvBuilder *kept = g_strv_builder_new();

    for (char **part = parts; *part; part++) {
        if (**part)
            g_strv_builder_add(kept, *part);
    }
    GStrv list = g_strv_builder_end(kept);
    g_strv_builder_unref(kept);
    return list;
}

static void
set_bad(SandboxUrl *url, const char *problem)
{
    url->kind = SANDBOX_URL_BAD;
    url->problem = problem;
}

/* Empty counts as absent: link builders write "title=" when they have none. */
static char *
take_field(GHashTable *fields, const char *name)
{
    const char *value = g_hash_table_lookup(fields, name);

    return value && *value ? g_strdup(value) : NULL;
}

static void
read_auto_submit(SandboxUrl *url, const char *text)
{
    static const char *const owner_names[] = {"user_id", "uid", "owner"};
    g_autofree char *query = pf_url_dup_part(text, PF_URL_QUERY);
    g_autoptr(GHashTable) fields = sandbox_form_read(query ? query : "", query ? strlen(query) : 0);

    if (!fields) {
        set_bad(url, "The auto-submit URL's parameters are not encoded correctly");
        return;
    }
    url->kind = SANDBOX_URL_AUTO_SUBMIT;
    url->page = take_field(fields, "url");
    if (!sandbox_url_is_web(url->page)) {
        set_bad(url, "The auto-submit URL has no valid url parameter");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(owner_names) && !url->owner; i++)
        url->owner = take_field(fields, owner_names[i]);
    url->title = take_field(fields, "title");
    url->description = take_field(fields, "description");
    url->language = take_field(fields, "language");
    url->category = take_field(fields, "category");
    url->tags = take_field(fields, "tags");
    url->hidden = g_strcmp0(g_hash_table_lookup(fields, "hidden"), "1") == 0;
}

/* flattr.com's own pages; whatever is neither an auto-submit URL nor a thing is a page like any other. */
static void
read_flattr(SandboxUrl *url, const char *text, char **path)
{
    guint parts = g_strv_length(path);
    guint64 id = 0;

    if (parts == 2 && g_str_equal(path[0], "submit") && g_str_equal(path[1], "auto")) {
        read_auto_submit(url, text);
    } else if ((parts == 2 || parts == 3) && (g_str_equal(path[0], "thing") || g_str_equal(path[0], "t")) &&
               g_ascii_string_to_unsigned(path[1], 10, 1, G_MAXINT64, &id, NULL)) {
        url->kind = SANDBOX_URL_THING;
        url->id = (gint64)id;
    }
}

/* Returns the owner's part when the path has that shape; else NULL. */
static const char *
match_shape(const char *const *shape, char **path)
{
    const char *owner = NULL;
    gsize i = 0;

    for (; i < PATH_MAX_PARTS && shape[i]; i++) {
        if (!path[i])
            return NULL;
        if (g_str_equal(shape[i], OWNER))
            owner = path[i];
        else if (!g_str_equal(shape[i], ANY) && !g_str_equal(shape[i], path[i]))
            return NULL;
    }
    return path[i] ? NULL : owner;
}

static void
read_discoverable(SandboxUrl *url, const char *host, char **path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        if (!g_str_equal(host, shapes[i].host))
            continue;
        const char *owner = match_shape(shapes[i].parts, path);
        if (!owner || g_strv_contains(site_pages, owner))
            continue;

        g_autofree char *joined = g_strjoinv("/", path);
        g_autofree char *spelt = shapes[i].lower ? g_utf8_strdown(joined, -1) : g_strdup(joined);
        g_autofree char *name = shapes[i].lower ? g_utf8_strdown(owner, -1) : g_strdup(owner);
        url->kind = SANDBOX_URL_DISCOVERABLE;
        g_free(url->page);
        url->page = g_strdup_printf("https://%s/%s", host, spelt);
        url->owner = g_strdup_printf("%s:%s", shapes[i].site, name);
        return;
    }
}

SandboxUrl *
sandbox_url_read(const char *text)
{
    SandboxUrl *url = g_new0(SandboxUrl, 1);

    if (!sandbox_url_is_web(text)) {
        set_bad(url, "The url is not an absolute http or https URL");
        return url;
    }
    g_autofree char *host = get_host(text);
    g_auto(GStrv) path = get_path(text);

    url->kind = SANDBOX_URL_PAGE;
    if (g_str_equal(host, "flattr.com"))
        read_flattr(url, text, path);
    if (url->kind == SANDBOX_URL_PAGE) {
        url->page = g_strdup(text);
        read_discoverable(url, host, path);
    }
    return url;
}

void
sandbox_url_free(SandboxUrl *url)
{
    if (!url)
        return;
    g_free(url->page);
    g_free(url->owner);
    g_free(url->title);
    g_free(url->description);
    g_free(url->language);
    g_free(url->category);
    g_free(url->tags);
    g_free(url);
}
