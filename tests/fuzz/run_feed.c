/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the fuzz target without a fuzzer: over every input in tests/data/feeds, and over each cut off at every 97th
 * byte.
 */
#include <stdint.h>
#include <string.h>

#include <glib.h>

#define STEP 97

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_cut_off(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize length;

    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return;
    for (gsize size = 0; size < length; size += STEP) {
        g_autofree uint8_t *part = g_memdup2(bytes, size);
        LLVMFuzzerTestOneInput(part, size);
    }
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
}

static void
inputs_cut_off_anywhere_are_read(void)
{
    const char *source = g_getenv("PF_SOURCE");
    g_autofree char *folder = g_build_filename(source ? source : ".", "tests", "data", "feeds", NULL);
    g_autoptr(GDir) cases = g_dir_open(folder, 0, NULL);
    const char *name;
    guint count = 0;

    g_assert_nonnull(cases);
    while ((name = g_dir_read_name(cases))) {
        g_autofree char *xml = g_build_filename(folder, name, "input.xml", NULL);
        g_autofree char *html = g_build_filename(folder, name, "input.html", NULL);
        g_autofree char *json = g_build_filename(folder, name, "input.json", NULL);
        run_cut_off(xml);
        run_cut_off(html);
        run_cut_off(json);
        count++;
    }
    g_assert_cmpuint(count, >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed parser/inputs cut off anywhere are read", inputs_cut_off_anywhere_are_read);
    return g_test_run();
}
