/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/browser.h"

#include <gio/gio.h>

gboolean
pf_browser_open(const char *address)
{
    const char *const arguments[] = {"xdg-open", address, NULL};
    g_auto(GStrv) environment = g_environ_unsetenv(g_get_environ(), "PODFLATTR_TOKEN");

    if (g_spawn_async(NULL, (char **)arguments, environment,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                      NULL))
        return TRUE;
    g_autoptr(GAppLaunchContext) context = g_app_launch_context_new();
    g_app_launch_context_unsetenv(context, "PODFLATTR_TOKEN");
    return g_app_info_launch_default_for_uri(address, context, NULL);
}
