/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/page.h"

const char *const pf_page_headers[] = {
    "Content-Type",
    "text/html; charset=utf-8",
    "Content-Security-Policy",
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options",
    "nosniff",
    "X-Frame-Options",
    "DENY",
    /* The address of the page holds the code. */
    "Referrer-Policy",
    "no-referrer",
    "Cache-Control",
    "no-store",
    "Connection",
    "close",
    NULL,
};

char *
pf_page_dup_html(const PfPage *page)
{
    return g_markup_printf_escaped("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                   "<meta name=\"color-scheme\" content=\"light dark\">\n"
                                   "<title>%s - podflattr</title>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n<p>%s</p>\n"
                                   "</main>\n</body>\n</html>\n",
                                   page->title, page->title, page->text);
}
