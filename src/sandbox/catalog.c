/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/catalog.h"

typedef struct {
    const char *id;
    const char *text;
} Item;

static const Item categories[] = {
    {"text", "Text"},         {"images", "Images"}, {"video", "Video"}, {"audio", "Audio"},
    {"software", "Software"}, {"people", "People"}, {"rest", "Other"},
};

/* English first, since it is the default; then by name. */
static const Item languages[] = {
    {"en_GB", "English"},    {"sq_AL", "Albanian"},   {"ar_DZ", "Arabic"},     {"be_BY", "Belarusian"},
    {"bg_BG", "Bulgarian"},  {"ca_ES", "Catalan"},    {"zh_CN", "Chinese"},    {"hr_HR", "Croatian"},
    {"cs_CZ", "Czech"},      {"da_DK", "Danish"},     {"nl_NL", "Dutch"},      {"eo_EO", "Esperanto"},
    {"et_EE", "Estonian"},   {"fi_FI", "Finnish"},    {"fr_FR", "French"},     {"es_GL", "Galician"},
    {"de_DE", "German"},     {"el_GR", "Greek"},      {"iw_IL", "Hebrew"},     {"hi_IN", "Hindi"},
    {"hu_HU", "Hungarian"},  {"is_IS", "Icelandic"},  {"in_ID", "Indonesian"}, {"ga_IE", "Irish"},
    {"it_IT", "Italian"},    {"ja_JP", "Japanese"},   {"ko_KR", "Korean"},     {"lv_LV", "Latvian"},
    {"lt_LT", "Lithuanian"}, {"mk_MK", "Macedonian"}, {"ms_MY", "Malay"},      {"mt_MT", "Maltese"},
    {"no_NO", "Norwegian"},  {"nn_NO", "Nynorsk"},    {"fa_FA", "Persian"},    {"pl_PL", "Polish"},
    {"pt_PT", "Portuguese"}, {"ro_RO", "Romanian"},   {"ru_RU", "Russian"},    {"sr_RS", "Serbian"},
    {"sk_SK", "Slovak"},     {"sl_SI", "Slovenian"},  {"es_ES", "Spanish"},    {"sv_SE", "Swedish"},
    {"th_TH", "Thai"},       {"tr_TR", "Turkish"},    {"uk_UA", "Ukrainian"},  {"vi_VN", "Vietnamese"},
};

static void
list_items(const Item *items, gsize count, SandboxAnswer *answer)
{
    json_t *list = json_array();

    for (gsize i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "id", items[i].id, "text", items[i].text));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_catalog_list_categories(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    list_items(categories, G_N_ELEMENTS(categories), answer);
}

void
sandbox_catalog_list_languages(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    list_items(languages, G_N_ELEMENTS(languages), answer);
}

static gboolean
has_item(const Item *items, gsize count, const char *id)
{
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(items[i].id, id))
            return TRUE;
    }
    return FALSE;
}

gboolean
sandbox_catalog_has_category(const char *id)
{
    return has_item(categories, G_N_ELEMENTS(categories), id);
}

gboolean
sandbox_catalog_has_language(const char *id)
{
    return has_item(languages, G_N_ELEMENTS(languages), id);
}
