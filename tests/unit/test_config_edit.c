/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

static void
settings_are_written_where_they_belong(void)
{
    const struct {
        const char *text, *value;
        PfConfigEdit edit;
        const char *expected;
    } cases[] = {
        {"", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = a\n"},
        {"# x", "a", PF_CONFIG_EDIT_ADD, "# x\n\n[watch]\nfolders = a\n"},
        {"[watch]\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = a\n"},
        {"[watch]", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = a"},
        {"[feeds]\nfolders = x\n", "a", PF_CONFIG_EDIT_ADD, "[feeds]\nfolders = x\n\n[watch]\nfolders = a\n"},
        {" [watch] \n settle=2s\n", "a", PF_CONFIG_EDIT_ADD, " [watch] \nfolders = a\n settle=2s\n"},
        {"[watch]\n# y\n# folders = \n#z\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\n# y\n# folders = \nfolders = a\n#z\n"},
        {"[watch]\nfolders=b\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders=b; a\n"},
        {"[watch]\nfolders = b;  \n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = b; a\n"},
        {"[watch]\nfolders =\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = a\n"},
        {"[watch]\nfolders = b ; a ;c\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = b ; a ;c\n"},
        {"[watch]\nfolders = ab\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\nfolders = ab; a\n"},
        {"[watch]\r\nfolders = b\r\n", "a", PF_CONFIG_EDIT_ADD, "[watch]\r\nfolders = b; a\r\n"},
        {"[watch]\nfolders = b\n[x]\n[watch]\nfolders = c\n", "a", PF_CONFIG_EDIT_ADD,
         "[watch]\nfolders = b\n[x]\n[watch]\nfolders = c; a\n"},
        {"[watch]\nfolders = b\n", "a", PF_CONFIG_EDIT_KEEP, "[watch]\nfolders = b\n"},
        {"[watch]\n", "/a\\b", PF_CONFIG_EDIT_KEEP, "[watch]\nfolders = /a\\\\b\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = pf_config_edit(cases[i].text, "watch", "folders", cases[i].value, cases[i].edit);
        g_assert_cmpstr(text, ==, cases[i].expected);
        g_autofree char *again = pf_config_edit(text, "watch", "folders", cases[i].value, cases[i].edit);
        g_assert_cmpstr(again, ==, text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config edit/settings are written where they belong", settings_are_written_where_they_belong);
    return g_test_run();
}
