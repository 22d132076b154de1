/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/redirect.h"

#include "config/config.h"
#include <string.h>

static GInetAddress *
find_loopback(const char *host)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

    if (g_ascii_strcasecmp(host, "localhost") == 0)
        return g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    return address && g_inet_address_get_is_loopback(address) ? g_steal_pointer(&address) : NULL;
}

static const char *
find_fault(GUri *uri, gboolean is_loopback)
{
    if (g_uri_get_userinfo(uri) || g_uri_get_query(uri) || g_uri_get_fragment(uri))
        return "must have no user, query or fragment";
    if (g_str_equal(g_uri_get_scheme(uri), "https"))
        return NULL;
    if (!g_str_equal(g_uri_get_scheme(uri), "http") || !is_loopback)
        return "must be http on loopback, such as http://127.0.0.1/, or https";
    return NULL;
}

static gboolean
set_fault(GError **error, const char *text, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, "redirect '%s' in [flattr] %s", text, fault);
    return FALSE;
}

PfRedirect *
pf_redirect_parse(const char *text, GError **error)
{
    g_autoptr(PfRedirect) redirect = g_new0(PfRedirect, 1);

    redirect->uri = g_uri_parse(text, G_URI_FLAGS_ENCODED, NULL);
    if (!redirect->uri || !g_uri_get_host(redirect->uri) || !*g_uri_get_host(redirect->uri)) {
        set_fault(error, text, "is not a URL");
        return NULL;
    }
    redirect->listen = find_loopback(g_uri_get_host(redirect->uri));
    const char *fault = find_fault(redirect->uri, redirect->listen != NULL);
    if (fault) {
        set_fault(error, text, fault);
        return NULL;
    }
    /* There is no certificate here for a name of this machine. */
    if (g_str_equal(g_uri_get_scheme(redirect->uri), "https"))
        g_clear_object(&redirect->listen);
    redirect->port = (guint16)MAX(g_uri_get_port(redirect->uri), 0);
    return g_steal_pointer(&redirect);
}

void
pf_redirect_free(PfRedirect *redirect)
{
    if (!redirect)
        return;
    g_clear_pointer(&redirect->uri, g_uri_unref);
    g_clear_object(&redirect->listen);
    g_free(redirect);
}

static const char *
path_of(const PfRedirect *redirect)
{
    const char *path = g_uri_get_path(redirect->uri);

    return *path ? path : "/";
}

char *
pf_redirect_dup_address(const PfRedirect *redirect, guint16 port)
{
    return g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(redirect->uri), NULL, g_uri_get_host(redirect->uri),
                      port ? port : g_uri_get_port(redirect->uri), path_of(redirect), NULL, NULL);
}

gboolean
pf_redirect_is_target(const PfRedirect *redirect, const char *target)
{
    const char *path = path_of(redirect);
    gsize length = strcspn(target, "?");

    return strlen(path) == length && strncmp(path, target, length) == 0;
}
