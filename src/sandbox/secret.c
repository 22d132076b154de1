/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/secret.h"

#include <sys/random.h>

#define SECRET_BYTES 20

char *
sandbox_secret_new(void)
{
    unsigned char bytes[SECRET_BYTES];
    GString *text = g_string_new(NULL);

    /* Up to 256 bytes come whole or not at all, and not at all only where the kernel lacks the call. */
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        g_error("the system gives no random numbers");
    for (gsize i = 0; i < sizeof bytes; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}
