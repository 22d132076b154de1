/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/file_name.h"

static gboolean
has_form(const PfFileName *file, const char *text)
{
    for (guint i = 0; i < file->forms->len; i++) {
        if (g_str_equal(((const PfNameForm *)file->forms->pdata[i])->name->text, text))
            return TRUE;
    }
    return FALSE;
}

/* Each rule has an example in the table; by itself, and behind what another rule takes off. */
static void
every_rule_takes_off_what_its_programs_add(void)
{
    guint count;
    const PfNamingRule *rules = pf_naming_rules(&count);

    g_assert_cmpuint(count, >, 10);
    for (guint i = 0; i < count; i++) {
        g_autofree char *name = g_strconcat(rules[i].example, ".mp3", NULL);
        g_autofree char *second = g_strconcat(rules[i].example, " (2).mp3", NULL);
        g_autoptr(PfFileName) file = pf_file_name_new(name);
        g_autoptr(PfFileName) collided = pf_file_name_new(second);
        g_test_message("%s: %s", rules[i].who, name);
        g_assert_true(has_form(file, rules[i].text));
        g_assert_true(has_form(collided, i == 0 ? rules[i].example : rules[i].text));
        g_assert_cmpstr(file->extension, ==, "mp3");
    }
}

static void
names_are_compared_as_podcatchers_write_them(void)
{
    static const struct {
        const char *file, *name;
        PfNames names;
    } cases[] = {
        {"Über die Gärten", "Über die Gärten", PF_NAMES_EQUAL},
        {"Uber_die_Garten", "Über die Gärten", PF_NAMES_AGREE},
        {"Cestina_nazivo", "Čeština naživo", PF_NAMES_AGREE},
        {"GROSSE NOTE", "Große Note", PF_NAMES_AGREE},
        {"Strom og ol", "Strøm og øl", PF_NAMES_AGREE},
        {"Wie groß： ist ⧸ das？", "Wie groß: ist / das?", PF_NAMES_AGREE},
        {"Whats new in the world", "What’s “new” in the world?", PF_NAMES_AGREE},
        {"ÖlWasser", "Öl/Wasser", PF_NAMES_AGREE},
        {"HarbourLights", "Harbour Lights", PF_NAMES_AGREE},
        {"Part 11", "Part 1/1", PF_NAMES_LOOSE},
        {"1-11", "11-1", PF_NAMES_LOOSE},
        {"C++ intro", "C# intro", PF_NAMES_LOOSE},
        {"Har_bour", "Harbour", PF_NAMES_LOOSE},
        {"Harbour", "Harbour Lights", PF_NAMES_DIFFER},
        {"", "", PF_NAMES_DIFFER},
        {"...", "...", PF_NAMES_DIFFER},
        {"한국어 팟캐스트", "한국어 팟캐스트", PF_NAMES_EQUAL},
        {"カ", "ガ", PF_NAMES_DIFFER},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s, %s", cases[i].file, cases[i].name);
        g_assert_cmpint(pf_name_compare_texts(cases[i].file, cases[i].name), ==, cases[i].names);
    }
}

static void
a_title_is_written_in_several_ways(void)
{
    static const struct {
        const char *title, *file;
    } cases[] = {
        {"Salt &amp; Pepper", "Salt & Pepper"},
        {"R&#233;sum&#xE9; one", "Résumé one"},
        {"Größe & Maß", "Gre  Ma"},       /* Kasts: what is not ASCII is left out */
        {"Größe und Maß", "Groe und Ma"}, /* AntennaPod: accents are taken off before */
        {"AT&T; a history", "AT&T; a history"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) names = pf_name_list_of_title(cases[i].title);
        g_autoptr(PfName) file = pf_name_new(cases[i].file);
        PfNames best = PF_NAMES_DIFFER;
        for (guint j = 0; j < names->len; j++)
            best = MAX(best, pf_names_compare(file, names->pdata[j]));
        g_test_message("%s", cases[i].title);
        g_assert_cmpint(best, >=, PF_NAMES_AGREE);
    }
}

static void
what_stands_behind_the_extension_is_no_part_of_the_name(void)
{
    static const struct {
        const char *name, *stem, *extension;
    } cases[] = {
        {"x.mp3", "x", "mp3"},
        {"x.mp3.1", "x", "mp3"},
        {"x.mp3_", "x", "mp3"},
        {"x.mp3.partial", "x", "mp3"},
        {"x.MP3", "x", "mp3"},
        {"x.mp3?src=rss&v=1.2", "x", "mp3"},
        {"2026.07.07", "2026.07.07", NULL},
        {"x_", "x_", NULL},
        {".mp3", ".mp3", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfFileName) file = pf_file_name_new(cases[i].name);
        g_test_message("%s", cases[i].name);
        g_assert_cmpstr(((const PfNameForm *)file->forms->pdata[0])->name->text, ==, cases[i].stem);
        g_assert_cmpstr(file->extension, ==, cases[i].extension);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file name/every rule takes off what its programs add",
                    every_rule_takes_off_what_its_programs_add);
    g_test_add_func("/file name/names are compared as podcatchers write them",
                    names_are_compared_as_podcatchers_write_them);
    g_test_add_func("/file name/a title is written in several ways", a_title_is_written_in_several_ways);
    g_test_add_func("/file name/what stands behind the extension is no part of the name",
                    what_stands_behind_the_extension_is_no_part_of_the_name);
    return g_test_run();
}
