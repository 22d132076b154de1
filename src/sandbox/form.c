/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/form.h"

#include <string.h>

/* Returns NULL when the text is no form encoding of UTF-8 without NULs. */
static char *
decode(const char *text, gsize length)
{
    GString *plain = g_string_sized_new(length);

    for (gsize i = 0; i < length; i++) {
        char byte = text[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            if (i + 2 >= length || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2])) {
                g_string_free(plain, TRUE);
                return NULL;
            }
            byte = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        }
        g_string_append_c(plain, byte);
    }
    /* Given a length, g_utf8_validate() refuses NULs too. */
    gboolean valid = g_utf8_validate(plain->str, (gssize)plain->len, NULL);
    return g_string_free(plain, !valid);
}

GHashTable *
sandbox_form_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

GHashTable *
sandbox_form_read(const char *text, gsize length)
{
    g_autoptr(GHashTable) fields = sandbox_form_new();
    const char *end = text + length;

    while (text < end) {
        const char *next = memchr(text, '&', (gsize)(end - text));
        const char *stop = next ? next : end;
        const char *equals = memchr(text, '=', (gsize)(stop - text));
        const char *name_end = equals ? equals : stop;

        if (stop > text) {
            g_autofree char *name = decode(text, (gsize)(name_end - text));
            g_autofree char *value = equals ? decode(equals + 1, (gsize)(stop - equals - 1)) : g_strdup("");
            if (!name || !value)
                return NULL;
            g_hash_table_replace(fields, g_steal_pointer(&name), g_steal_pointer(&value));
        }
        text = next ? next + 1 : end;
    }
    return g_steal_pointer(&fields);
}
