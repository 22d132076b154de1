/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as an answer of the server: the head's lines up to an empty line, then the body. Without an empty line all is
 * the body of an answer with status 200. Beside not crashing, what readers return must be usable, see flattr_readers.h.
 */
#include "../unit/flattr_readers.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    const char *empty = strstr(text, "\n\n");

    if (empty) {
        g_autofree char *head = g_strndup(text, (gsize)(empty - text));
        gsize begin = (gsize)(empty - text) + 2;
        readers_try(head, (const char *)bytes + begin, size - begin);
    }
    readers_try("HTTP/1.1 200 OK", (const char *)bytes, size);
    return 0;
}
