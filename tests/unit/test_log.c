/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

static void
text_from_outside_cannot_drive_a_terminal(void)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"plain", "plain"},
        {"  two\n\twords  ", "two words"},
        {"\033[2J\007wiped", "\357\277\275[2J\357\277\275wiped"},
        {"caf\303\251", "caf\303\251"},
        {"bad \377 byte", "bad \357\277\275 byte"},
        {"right\342\200\256tfel", "right\357\277\275tfel"},
        {"c1 \302\233 control", "c1 \357\277\275 control"},
        {"", ""},
        {NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *printable = pf_log_printable(cases[i].text);
        g_assert_cmpstr(printable, ==, cases[i].expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/text from outside cannot drive a terminal", text_from_outside_cannot_drive_a_terminal);
    return g_test_run();
}
