/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/paging.h"

#define COUNT_DEFAULT 30
#define COUNT_MAX 1000
#define PAGE_MAX 1000000

/* Leaves the default where there is no such parameter. */
static gboolean
read_number(const SandboxRequest *request, const char *name, guint64 least, guint64 most, guint64 *number)
{
    const char *text = g_hash_table_lookup(request->query, name);

    return !text || g_ascii_string_to_unsigned(text, 10, least, most, number, NULL);
}

gboolean
sandbox_paging_read(const SandboxRequest *request, SandboxPaging *paging, SandboxAnswer *answer)
{
    guint64 count = COUNT_DEFAULT, page = 1;

    if (!read_number(request, "count", 1, COUNT_MAX, &count) || !read_number(request, "page", 0, PAGE_MAX, &page)) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "count and page must be numbers from 1 on");
        return FALSE;
    }
    /* Clients that count pages from 0 are given the first one twice. */
    page = MAX(page, 1);
    paging->count = (gint64)count;
    paging->page = (gint64)page;
    paging->skip = (gint64)((page - 1) * count);
    return TRUE;
}
