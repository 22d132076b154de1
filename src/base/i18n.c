/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/i18n.h"

#include "base/installation.h"
#include <glib.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#ifdef ENABLE_NLS
/* Returns: (transfer full) */
static char *
find_catalogues(const char *program_dir, const char *locale_dir)
{
    g_autofree char *folder = pf_installation_dup_folder();
    g_autofree char *built = folder ? g_build_filename(folder, "po", NULL) : NULL;
    g_autofree char *moved = folder ? pf_installation_find_moved(folder, program_dir, locale_dir) : NULL;

    if (built && access(built, X_OK) == 0)
        return g_steal_pointer(&built);
    return moved ? g_steal_pointer(&moved) : g_strdup(locale_dir);
}
#endif

void
pf_i18n_begin(const char *program_dir, const char *locale_dir)
{
    /* Not LC_NUMERIC: what is printed and read with "%f" is for programs, too. */
    const int categories[] = {LC_CTYPE, LC_MESSAGES, LC_COLLATE, LC_TIME};

    for (gsize i = 0; i < G_N_ELEMENTS(categories); i++)
        setlocale(categories[i], "");
#ifdef ENABLE_NLS
    g_autofree char *catalogues = find_catalogues(program_dir, locale_dir);

    bindtextdomain("podflattr", catalogues);
    bind_textdomain_codeset("podflattr", "UTF-8");
    textdomain("podflattr");
#else
    (void)program_dir;
    (void)locale_dir;
#endif
}

const char *
pf_i18n_get_point(void)
{
    static char point[8];
    static gsize is_known;

    if (g_once_init_enter(&is_known)) {
        locale_t locale = newlocale(LC_NUMERIC_MASK, "", NULL);
        const char *found = locale ? nl_langinfo_l(RADIXCHAR, locale) : ".";
        /* One of another encoding than what is printed would be no character there. */
        g_strlcpy(point, *found && g_utf8_validate(found, -1, NULL) ? found : ".", sizeof point);
        if (locale)
            freelocale(locale);
        g_once_init_leave(&is_known, 1);
    }
    return point;
}
