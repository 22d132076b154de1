/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a configuration file: it is read whole, or refused with a message that says why.
 */
#include "config/config.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_parse(text, "podflattr.conf", &error);

    g_assert_true((config == NULL) == (error != NULL));
    if (error)
        g_assert_true(*error->message && g_utf8_validate(error->message, -1, NULL));
    if (!config)
        return 0;
    g_assert_nonnull(config->api);
    g_assert_cmpint(config->settle, >=, 0);
    g_assert_cmpint(config->delay, >=, 0);
    g_assert_cmpint(config->per_month, >=, 0);
    g_assert_cmpint(config->per_feed_per_day, >=, 0);
    pf_config_get_rule(config, text);
    return 0;
}
