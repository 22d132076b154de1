/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registers a page, changes its title, flattrs and subscribes to another one, pauses that, and shows what came of it:
 * an example of how libflattr is called.
 *
 *     cc flattr-tour.c -o flattr-tour $(pkg-config --cflags --libs libflattr)
 *     FLATTR_API=https://api.example.org/rest/v2 FLATTR_TOKEN=… ./flattr-tour OWN-URL URL-TO-FLATTR
 *
 * Once a call has failed, @error is set, and the calls after it are skipped.
 */
#include <flattr/flattr.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    const FlattrThingFields fields = {.url = argv[1], .title = "The first title"},
                            change = {.title = "The second title"};
    const FlattrSearch search = {.query = "second"};
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session = flattr_session_new(argc > 2 ? g_getenv("FLATTR_API") : "", "tour/1", &error);
    if (!session || !flattr_session_set_token(session, g_getenv("FLATTR_TOKEN"), &error))
        return fprintf(stderr, "flattr-tour: %s\n", error->message), 1;
    gint64 own = flattr_session_create_thing(session, &fields, &error);
    gboolean done = own && flattr_session_update_thing(session, own, &change, &error);
    g_autoptr(FlattrThing) thing = done ? flattr_session_flattr_url(session, argv[2], &error) : NULL;
    gint64 id = flattr_thing_get_id(thing);
    done = thing && flattr_session_subscribe(session, id, &error) &&
           flattr_session_set_subscription_active(session, id, FALSE, &error);
    g_autoptr(FlattrIterator) things = flattr_session_iterate_things(session, NULL);
    for (const FlattrThing *at; done && (at = flattr_iterator_next_thing(things, &error));)
        printf("%" G_GINT64_FORMAT " %s\n", flattr_thing_get_id(at), flattr_thing_get_title(at));
    g_autoptr(FlattrIterator) found = flattr_session_iterate_search(session, &search);
    if (done && !error)
        printf("%" G_GINT64_FORMAT " found\n", flattr_iterator_get_total(found, &error));
    return error ? fprintf(stderr, "flattr-tour: %s\n", error->message), 1 : 0;
}
