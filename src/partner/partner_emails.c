/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_emails.h"

#include <string.h>

static void
add(GHashTable *emails, const char *form, const char *email)
{
    g_hash_table_replace(emails, g_compute_checksum_for_string(G_CHECKSUM_MD5, form, -1), g_strdup(email));
}

static gboolean
is_address(const char *line)
{
    return strchr(line, '@') && !strpbrk(line, " \t") && g_utf8_validate(line, -1, NULL);
}

GHashTable *
pf_partner_emails_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GHashTable) emails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i]; i++) {
        const char *email = g_strstrip(lines[i]);
        if (!*email || *email == '#')
            continue;
        if (!is_address(email)) {
            g_set_error(error, G_CONVERT_ERROR, G_CONVERT_ERROR_ILLEGAL_SEQUENCE,
                        "%s:%" G_GSIZE_FORMAT ": this line is no e-mail address", path, i + 1);
            return NULL;
        }
        g_autofree char *lowered = g_utf8_strdown(email, -1);
        add(emails, lowered, email);
        add(emails, email, email);
    }
    return g_steal_pointer(&emails);
}
