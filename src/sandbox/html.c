/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/html.h"

#include "base/clock.h"

#include <string.h>

static const char frame_begin[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s - flattr-sandbox</title>\n"
    "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n"
    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
    "<header>\n<nav aria-label=\"Pages\">\n<ul>\n<li><a href=\"/\">Overview</a></li>\n"
    "<li><a href=\"/applications\">Applications</a></li>\n<li><a href=\"/login\">Log in</a></li>\n</ul>\n</nav>\n"
    "</header>\n<main id=\"main\">\n<h1>%s</h1>\n";

static const char frame_end[] =
    "</main>\n<footer>\n<p>This is flattr-sandbox, a test server of the Flattr API. It is no "
    "bank and not Flattr: no money moves here, and there are no passwords.</p>\n</footer>\n"
    "</body>\n</html>\n";

static const char style[] =
    "body { max-width: 60rem; margin: 0 auto; padding: 0 1rem; font-family: sans-serif; line-height: 1.5;\n"
    " color: #1a1a1a; background: #fff; overflow-wrap: anywhere; }\n"
    "nav ul { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }\n"
    "footer { margin-top: 2rem; border-top: 1px solid #767676; }\n"
    "a { color: #0645ad; }\n"
    /* A name may be written from right to left. */
    "b { unicode-bidi: isolate; }\n"
    "h1 { line-height: 1.2; }\n"
    "table { border-collapse: collapse; margin: 0 0 2rem; }\n"
    "caption { text-align: left; font-weight: bold; }\n"
    "th, td { border: 1px solid #767676; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }\n"
    /* Long names and addresses are broken, so that columns get narrow; what is ours stays whole. */
    "thead th, time, button { overflow-wrap: normal; }\n"
    "td ul { margin: 0; padding-left: 1.25rem; }\n"
    "button, select { font: inherit; margin: 0.2rem 0; padding: 0.4rem 0.8rem; max-width: 100%; }\n"
    ":focus-visible { outline: 3px solid #0645ad; outline-offset: 2px; }\n"
    ".skip { position: absolute; left: -100rem; }\n"
    ".skip:focus { position: static; }\n"
    /* Where columns have no room, each row is a block of its own, and each cell says what the head of its column says,
     * which is still read to who cannot see it. */
    "@media (max-width: 40rem) {\n"
    " table, caption, tbody, tr, th, td { display: block; }\n"
    " thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }\n"
    " tbody tr { border: 1px solid #767676; margin: 0.5rem 0; }\n"
    " th, td { border: 0; }\n"
    " td::before { content: attr(data-label) \": \"; }\n"
    "}\n";

void
sandbox_html_add(GString *page, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *markup = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(page, markup);
}

GString *
sandbox_html_new(const char *title)
{
    GString *page = g_string_new(NULL);

    sandbox_html_add(page, frame_begin, title, title);
    return page;
}

void
sandbox_html_add_time(GString *page, gint64 time)
{
    char text[PF_CLOCK_TEXT_SIZE];

    pf_clock_format(time, text);
    sandbox_html_add(page, "<time datetime=\"%s\">%.10s %.8s UTC</time>", text, text,
                     strlen(text) > 11 ? text + 11 : "");
}

void
sandbox_html_send_take(SandboxAnswer *answer, unsigned int status, GString *page, const char *leads_to)
{
    g_string_append(page, frame_end);
    sandbox_answer_set_text(answer, status, "text/html; charset=utf-8", page->str);
    g_string_free(page, TRUE);
    /* Browsers hold a form's redirections to form-action too, so the page that leads to a program must name more. */
    g_autofree char *policy =
        g_strdup_printf("default-src 'none'; style-src 'self'; base-uri 'none'; "
                        "frame-ancestors 'none'; form-action 'self'%s%s%s",
                        leads_to ? " http: https: " : "", leads_to ? leads_to : "", leads_to ? ":" : "");
    sandbox_answer_add_header(answer, "Content-Security-Policy", policy);
    sandbox_answer_add_header(answer, "X-Frame-Options", "DENY");
    sandbox_answer_add_header(answer, "X-Content-Type-Options", "nosniff");
    sandbox_answer_add_header(answer, "Referrer-Policy", "same-origin");
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
}

void
sandbox_html_refuse(SandboxAnswer *answer, unsigned int status, const char *problem)
{
    GString *page = sandbox_html_new("This did not work");

    sandbox_html_add(page, "<p>%s.</p>\n<p><a href=\"/\">Go to the overview</a></p>\n", problem);
    sandbox_html_send_take(answer, status, page, NULL);
}

const char *
sandbox_html_style(void)
{
    return style;
}
