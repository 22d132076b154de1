/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists what one has flattred in this month (UTC): an example of a program that uses libflattr.
 *
 *     cc flattr-month.c -o flattr-month $(pkg-config --cflags --libs libflattr)
 *     FLATTR_API=https://api.example.org/rest/v2 FLATTR_TOKEN=… ./flattr-month
 */
#include <flattr/flattr.h>
#include <stdio.h>
#include <stdlib.h>

static int
print_since(FlattrSession *session, gint64 begin, GError **error)
{
    g_autoptr(FlattrIterator) flattrs = flattr_session_iterate_flattrs(session, NULL);
    const FlattrFlattr *flattr;
    int count = 0;

    /* The newest come first, so that the pages before this month are never asked for. */
    while ((flattr = flattr_iterator_next_flattr(flattrs, error)) && flattr_flattr_get_created_at(flattr) >= begin) {
        const FlattrThing *thing = flattr_flattr_get_thing(flattr);
        const char *title = thing ? flattr_thing_get_title(thing) : NULL;
        /* Anybody can write a title, also one that a terminal would obey. */
        g_autofree char *harmless = g_strescape(title ? title : "", NULL);
        printf("%s\n", harmless);
        count++;
    }
    return count;
}

int
main(void)
{
    const char *endpoint = g_getenv("FLATTR_API");
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session = flattr_session_new(endpoint ? endpoint : "", "flattr-month/1", &error);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) month = g_date_time_new_utc(g_date_time_get_year(now), g_date_time_get_month(now), 1, 0, 0, 0);
    int count = 0;

    if (session && flattr_session_set_token(session, g_getenv("FLATTR_TOKEN"), &error))
        count = print_since(session, g_date_time_to_unix(month), &error);
    if (error) {
        fprintf(stderr, "flattr-month: %s\n", error->message);
        return EXIT_FAILURE;
    }
    printf("%d in this month\n", count);
    return EXIT_SUCCESS;
}
