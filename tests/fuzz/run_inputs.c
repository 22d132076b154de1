/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the fuzz target that it is linked with without a fuzzer: over each of the target's good inputs, cut off at every
 * byte, and with every byte of it replaced by each of those that mean something.
 */
#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);
/* Of the target: good inputs, and whether bytes are one. */
extern const char *const fuzz_inputs[];
gboolean fuzz_inputs_read(const guint8 *bytes, gsize size);

/* What is refused at once tests nothing behind that. */
static void
the_inputs_are_good(void)
{
    for (gsize i = 0; fuzz_inputs[i]; i++) {
        g_test_message("%s", fuzz_inputs[i]);
        g_assert_true(fuzz_inputs_read((const guint8 *)fuzz_inputs[i], strlen(fuzz_inputs[i])));
    }
}

static void
inputs_are_read_cut_off_and_changed(void)
{
    static const char wrong[] = "\0\xff%\"{}&=:\\\n9-";

    for (gsize i = 0; fuzz_inputs[i]; i++) {
        gsize length = strlen(fuzz_inputs[i]);
        for (gsize cut = 0; cut <= length; cut++) {
            g_autofree guint8 *bytes = g_memdup2(fuzz_inputs[i], length);
            LLVMFuzzerTestOneInput(bytes, cut);
            for (gsize j = 0; cut > 0 && cut < length && j < sizeof wrong - 1; j++) {
                bytes[cut] = (guint8)wrong[j];
                LLVMFuzzerTestOneInput(bytes, length);
            }
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fuzz/the small inputs are good", the_inputs_are_good);
    g_test_add_func("/fuzz/small inputs are read cut off and changed", inputs_are_read_cut_off_and_changed);
    return g_test_run();
}
