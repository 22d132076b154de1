/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the fuzz target for small inputs without a fuzzer: over one good input of each kind, cut off at every byte, and
 * with every byte of it replaced by each of those that mean something.
 */
#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);
gboolean fuzz_inputs_read(const guint8 *bytes, gsize size);

static const char *const inputs[] = {
    "0{\"version\":1,\"source\":\"hook\",\"path\":\"/p/a%20b.mp3\",\"size\":7,\"changed\":0,\"played\":false,"
    "\"progress\":-1,\"feed\":\"https://a.example/f.xml\",\"guid\":\"g\",\"title\":\"T\",\"heard\":60,"
    "\"duration\":600,\"started\":1400000000,\"seen\":1400000060}",
    "1http://127.0.0.1:40123/?code=abc%20d&state=state",
    "1http://127.0.0.1:40123/back",
    "2_event=pendingclickcreate&thing_id=7&thing_owner_id=email%3Ad41d8cd98f00b204e9800998ecf8427e&"
    "thing_clicks_total=1&flattrer_username=a%20b&claim_url=https%3A%2F%2Fa.example%2Fc%3Ft%3D1",
    "3Tue, 03 Jun 2014 12:00:00 +0200",
    "3 2014-06-03T12:00:00.5Z",
    "4ID3\x04\x01\x01\x01\x01\x01\x7fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xff\xfb\x90\x64",
    "4OggS\x01\x02\x01\x01\x01\x01\x01\x01\x01",
};

/* What is refused at once tests nothing behind that. */
static void
the_inputs_are_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_test_message("%s", inputs[i]);
        g_assert_true(fuzz_inputs_read((const guint8 *)inputs[i], strlen(inputs[i])));
    }
}

static void
inputs_are_read_cut_off_and_changed(void)
{
    static const char wrong[] = "\0\xff%\"{}&=:\\\n9-";

    for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++) {
        gsize length = strlen(inputs[i]);
        for (gsize cut = 0; cut <= length; cut++) {
            g_autofree guint8 *bytes = g_memdup2(inputs[i], length);
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
