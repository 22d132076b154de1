/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/html_slice.h"

#include <string.h>

gsize
pf_html_slice(const char *html, gboolean *is_absurd)
{
    const char *end = html;

    *is_absurd = FALSE;
    while (*end && end - html < PF_HTML_SLICE && !*is_absurd) {
        const char *next = pf_html_end_of_piece(end);

        next = next ? next : end + strlen(end);
        gboolean is_alone = pf_html_is_absurd(end, next);
        if (end > html && (is_alone || next - html > PF_HTML_SLICE))
            break;
        *is_absurd = is_alone;
        end = next;
    }
    return (gsize)(end - html);
}
