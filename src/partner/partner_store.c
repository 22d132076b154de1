/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_store.h"

#include "base/files.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void
add(GHashTable *emails, const char *form, const char *email)
{
    g_hash_table_replace(emails, g_compute_checksum_for_string(G_CHECKSUM_MD5, form, -1), g_strdup(email));
}

static gboolean
is_address(const char *line)
{
    for (const char *at = line; *at; at++)
        if (*at == ' ' || g_ascii_iscntrl(*at)) /* also a line end of old Macs: then the file is one line */
            return FALSE;
    return strchr(line, '@') && g_utf8_validate(line, -1, NULL);
}

GHashTable *
pf_partner_emails_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GHashTable) emails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i]; i++) {
        const char *email = g_strstrip(lines[i]);
        if (!*email || *email == '#')
            continue;
        if (!is_address(email)) {
            g_set_error(error, G_CONVERT_ERROR, G_CONVERT_ERROR_ILLEGAL_SEQUENCE,
                        _("%s:%zu: this line is not an e-mail address"), path, i + 1);
            return NULL;
        }
        g_autofree char *lowered = g_utf8_strdown(email, -1);
        add(emails, lowered, email);
        add(emails, email, email);
    }
    return g_steal_pointer(&emails);
}

#define SUFFIX ".form"
#define DIGITS 19

struct PfPartnerStore {
    char *folder;
    int file;    /* the folder, locked */
    gint64 last; /* the name given last, microseconds since the epoch */
};

G_DEFINE_QUARK(pf_partner_store_error, pf_partner_store_error)

static gboolean
fail(GError **error, const char *folder)
{
    if (errno == EWOULDBLOCK)
        g_set_error(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_HELD,
                    _("%s: another 'podflattr partner webhook' is using this folder; give this one another folder with "
                      "--state-dir"),
                    folder);
    else
        g_set_error(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_FOLDER, "%s: %s", folder, g_strerror(errno));
    return FALSE;
}

static gboolean
is_name(const char *name)
{
    return strlen(name) == DIGITS + strlen(SUFFIX) && strspn(name, "0123456789") == DIGITS &&
           g_str_has_suffix(name, SUFFIX);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
pf_partner_store_list(const PfPartnerStore *store, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) folder = g_dir_open(store->folder, 0, &failure);
    const char *name;

    if (!folder) {
        g_set_error_literal(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_FOLDER, failure->message);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(folder)))
        if (is_name(name))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

static gboolean
find_last(PfPartnerStore *store, GError **error)
{
    g_autoptr(GPtrArray) names = pf_partner_store_list(store, error);

    if (names && names->len > 0)
        store->last = g_ascii_strtoll(names->pdata[names->len - 1], NULL, 10);
    return names != NULL;
}

PfPartnerStore *
pf_partner_store_open(const char *folder, GError **error)
{
    g_autoptr(PfPartnerStore) store = g_new0(PfPartnerStore, 1);

    store->folder = g_strdup(folder);
    store->file = -1;
    if (g_mkdir_with_parents(folder, 0700) == 0)
        store->file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->file < 0 || flock(store->file, LOCK_EX | LOCK_NB) != 0) {
        fail(error, folder);
        return NULL;
    }
    return find_last(store, error) ? g_steal_pointer(&store) : NULL;
}

void
pf_partner_store_free(PfPartnerStore *store)
{
    if (!store)
        return;
    if (store->file >= 0)
        close(store->file);
    g_free(store->folder);
    g_free(store);
}

char *
pf_partner_store_add(PfPartnerStore *store, const char *body, gint64 received, GError **error)
{
    /* Later than every other, even when the clock was set back: the order is the order of arrival. */
    store->last = MAX(store->last + 1, received * G_USEC_PER_SEC);
    g_autofree char *name = g_strdup_printf("%0*" G_GINT64_FORMAT SUFFIX, DIGITS, store->last);
    g_autofree char *path = g_build_filename(store->folder, name, NULL);

    return pf_private_file_write(path, body, error) ? g_steal_pointer(&name) : NULL;
}

char *
pf_partner_store_read(const PfPartnerStore *store, const char *name, gsize *length, gint64 *received, GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, name, NULL);
    char *body = NULL;

    *received = g_ascii_strtoll(name, NULL, 10) / G_USEC_PER_SEC;
    return g_file_get_contents(path, &body, length, error) ? body : NULL;
}

gboolean
pf_partner_store_remove(PfPartnerStore *store, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, name, NULL);
    gboolean was_there;

    return pf_private_file_remove(path, &was_there, error);
}

void
pf_partner_store_set_aside(PfPartnerStore *store, const char *name, const char *fault)
{
    g_autofree char *path = g_build_filename(store->folder, name, NULL);
    g_autofree char *aside = g_strconcat(path, ".bad", NULL);

    g_message(_("%s cannot be handed over and is set aside, as %s.bad: %s"), path, name, fault);
    if (g_rename(path, aside) != 0)
        g_message(_("%s cannot be renamed: %s"), path, g_strerror(errno));
}
