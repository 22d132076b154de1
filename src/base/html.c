/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/html.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Sorted, as all tables here. */
static const struct Entity {
    const char *name;
    gunichar character;
} entities[] = {
    {"AElig", 198},   {"Aacute", 193},  {"Acirc", 194},    {"Agrave", 192},  {"Alpha", 913},    {"Aring", 197},
    {"Atilde", 195},  {"Auml", 196},    {"Beta", 914},     {"Ccedil", 199},  {"Chi", 935},      {"Dagger", 8225},
    {"Delta", 916},   {"ETH", 208},     {"Eacute", 201},   {"Ecirc", 202},   {"Egrave", 200},   {"Epsilon", 917},
    {"Eta", 919},     {"Euml", 203},    {"Gamma", 915},    {"Iacute", 205},  {"Icirc", 206},    {"Igrave", 204},
    {"Iota", 921},    {"Iuml", 207},    {"Kappa", 922},    {"Lambda", 923},  {"Mu", 924},       {"Ntilde", 209},
    {"Nu", 925},      {"OElig", 338},   {"Oacute", 211},   {"Ocirc", 212},   {"Ograve", 210},   {"Omega", 937},
    {"Omicron", 927}, {"Oslash", 216},  {"Otilde", 213},   {"Ouml", 214},    {"Phi", 934},      {"Pi", 928},
    {"Prime", 8243},  {"Psi", 936},     {"Rho", 929},      {"Scaron", 352},  {"Sigma", 931},    {"THORN", 222},
    {"Tau", 932},     {"Theta", 920},   {"Uacute", 218},   {"Ucirc", 219},   {"Ugrave", 217},   {"Upsilon", 933},
    {"Uuml", 220},    {"Xi", 926},      {"Yacute", 221},   {"Yuml", 376},    {"Zeta", 918},     {"aacute", 225},
    {"acirc", 226},   {"acute", 180},   {"aelig", 230},    {"agrave", 224},  {"alefsym", 8501}, {"alpha", 945},
    {"amp", 38},      {"and", 8743},    {"ang", 8736},     {"apos", 39},     {"aring", 229},    {"asymp", 8776},
    {"atilde", 227},  {"auml", 228},    {"bdquo", 8222},   {"beta", 946},    {"brvbar", 166},   {"bull", 8226},
    {"cap", 8745},    {"ccedil", 231},  {"cedil", 184},    {"cent", 162},    {"chi", 967},      {"circ", 710},
    {"clubs", 9827},  {"cong", 8773},   {"copy", 169},     {"crarr", 8629},  {"cup", 8746},     {"curren", 164},
    {"dArr", 8659},   {"dagger", 8224}, {"darr", 8595},    {"deg", 176},     {"delta", 948},    {"diams", 9830},
    {"divide", 247},  {"eacute", 233},  {"ecirc", 234},    {"egrave", 232},  {"empty", 8709},   {"emsp", 8195},
    {"ensp", 8194},   {"epsilon", 949}, {"equiv", 8801},   {"eta", 951},     {"eth", 240},      {"euml", 235},
    {"euro", 8364},   {"exist", 8707},  {"fnof", 402},     {"forall", 8704}, {"frac12", 189},   {"frac14", 188},
    {"frac34", 190},  {"frasl", 8260},  {"gamma", 947},    {"ge", 8805},     {"gt", 62},        {"hArr", 8660},
    {"harr", 8596},   {"hearts", 9829}, {"hellip", 8230},  {"iacute", 237},  {"icirc", 238},    {"iexcl", 161},
    {"igrave", 236},  {"image", 8465},  {"infin", 8734},   {"int", 8747},    {"iota", 953},     {"iquest", 191},
    {"isin", 8712},   {"iuml", 239},    {"kappa", 954},    {"lArr", 8656},   {"lambda", 955},   {"lang", 9001},
    {"laquo", 171},   {"larr", 8592},   {"lceil", 8968},   {"ldquo", 8220},  {"le", 8804},      {"lfloor", 8970},
    {"lowast", 8727}, {"loz", 9674},    {"lrm", 8206},     {"lsaquo", 8249}, {"lsquo", 8216},   {"lt", 60},
    {"macr", 175},    {"mdash", 8212},  {"micro", 181},    {"middot", 183},  {"minus", 8722},   {"mu", 956},
    {"nabla", 8711},  {"nbsp", 160},    {"ndash", 8211},   {"ne", 8800},     {"ni", 8715},      {"not", 172},
    {"notin", 8713},  {"nsub", 8836},   {"ntilde", 241},   {"nu", 957},      {"oacute", 243},   {"ocirc", 244},
    {"oelig", 339},   {"ograve", 242},  {"oline", 8254},   {"omega", 969},   {"omicron", 959},  {"oplus", 8853},
    {"or", 8744},     {"ordf", 170},    {"ordm", 186},     {"oslash", 248},  {"otilde", 245},   {"otimes", 8855},
    {"ouml", 246},    {"para", 182},    {"part", 8706},    {"permil", 8240}, {"perp", 8869},    {"phi", 966},
    {"pi", 960},      {"piv", 982},     {"plusmn", 177},   {"pound", 163},   {"prime", 8242},   {"prod", 8719},
    {"prop", 8733},   {"psi", 968},     {"quot", 34},      {"rArr", 8658},   {"radic", 8730},   {"rang", 9002},
    {"raquo", 187},   {"rarr", 8594},   {"rceil", 8969},   {"rdquo", 8221},  {"real", 8476},    {"reg", 174},
    {"rfloor", 8971}, {"rho", 961},     {"rlm", 8207},     {"rsaquo", 8250}, {"rsquo", 8217},   {"sbquo", 8218},
    {"scaron", 353},  {"sdot", 8901},   {"sect", 167},     {"shy", 173},     {"sigma", 963},    {"sigmaf", 962},
    {"sim", 8764},    {"spades", 9824}, {"sub", 8834},     {"sube", 8838},   {"sum", 8721},     {"sup", 8835},
    {"sup1", 185},    {"sup2", 178},    {"sup3", 179},     {"supe", 8839},   {"szlig", 223},    {"tau", 964},
    {"there4", 8756}, {"theta", 952},   {"thetasym", 977}, {"thinsp", 8201}, {"thorn", 254},    {"tilde", 732},
    {"times", 215},   {"trade", 8482},  {"uArr", 8657},    {"uacute", 250},  {"uarr", 8593},    {"ucirc", 251},
    {"ugrave", 249},  {"uml", 168},     {"upsih", 978},    {"upsilon", 965}, {"uuml", 252},     {"weierp", 8472},
    {"xi", 958},      {"yacute", 253},  {"yen", 165},      {"yuml", 255},    {"zeta", 950},     {"zwj", 8205},
    {"zwnj", 8204}};

static const char *const elements[] = {
    "a",        "abbr",       "acronym",  "address", "applet",   "area",    "b",      "base",  "basefont", "bdo",
    "big",      "blockquote", "body",     "br",      "button",   "caption", "center", "cite",  "code",     "col",
    "colgroup", "dd",         "del",      "dfn",     "dir",      "div",     "dl",     "dt",    "em",       "embed",
    "fieldset", "font",       "form",     "frame",   "frameset", "h1",      "h2",     "h3",    "h4",       "h5",
    "h6",       "head",       "hr",       "html",    "i",        "iframe",  "img",    "input", "ins",      "isindex",
    "kbd",      "label",      "legend",   "li",      "link",     "map",     "menu",   "meta",  "noframes", "noscript",
    "object",   "ol",         "optgroup", "option",  "p",        "param",   "pre",    "q",     "s",        "samp",
    "script",   "select",     "small",    "span",    "strike",   "strong",  "style",  "sub",   "sup",      "table",
    "tbody",    "td",         "textarea", "tfoot",   "th",       "thead",   "title",  "tr",    "tt",       "u",
    "ul",       "var"};

static const char *const void_elements[] = {"area", "base",  "basefont", "br",   "col",  "frame", "hr",
                                            "img",  "input", "isindex",  "link", "meta", "param"};

static int
compare_entities(const void *name, const void *entity)
{
    return strcmp(name, ((const struct Entity *)entity)->name);
}

static int
compare_names(const void *name, const void *other)
{
    return strcmp(name, *(const char *const *)other);
}

gunichar
pf_html_entity(const char *name)
{
    const struct Entity *entity = bsearch(name, entities, G_N_ELEMENTS(entities), sizeof entities[0], compare_entities);

    return entity ? entity->character : 0;
}

gboolean
pf_html_is_element(const char *name)
{
    return bsearch(name, elements, G_N_ELEMENTS(elements), sizeof elements[0], compare_names) != NULL;
}

gboolean
pf_html_is_void(const char *name)
{
    return bsearch(name, void_elements, G_N_ELEMENTS(void_elements), sizeof void_elements[0], compare_names) != NULL;
}

#define COMMENT "<!--"

/* A quote counts where a value may begin. @breaks_off: (out): whether the text ends within a value. */
static const char *
end_of_tag(const char *tag, gboolean *breaks_off)
{
    gboolean in_value = FALSE; /* without quotes */
    const char *at = tag;

    while (at && *at && *at != '>') {
        gboolean is_value = *at == '=';
        in_value = is_value || (in_value && !g_ascii_isspace(*at));
        at++;
        if (!is_value)
            continue;
        at += strspn(at, " \t\r\n\f");
        if (*at == '"' || *at == '\'') {
            const char *closing = strchr(at + 1, *at);
            at = closing ? closing + 1 : NULL;
            in_value = FALSE;
        }
    }
    *breaks_off = !at || (!*at && in_value);
    return at && *at ? at + 1 : NULL;
}

/* Whether a tag ends with "/>", where the "/" is not the end of a value without quotes; libxml2 goes by that. */
static gboolean
is_empty(const char *tag, const char *end)
{
    const char *at = end - strlen("/>");

    if (at <= tag || *at != '/')
        return FALSE;
    while (at > tag && !g_ascii_isspace(at[-1]) && !strchr("\"'=", at[-1]))
        at--;
    return at == tag || at[-1] != '=';
}

/* Where the text of an element ends that is no markup up to its end tag. */
static const char *
end_of_raw(const char *text, const char *name)
{
    for (const char *at = text; (at = strstr(at, "</")); at++)
        if (g_ascii_strncasecmp(at + 2, name, strlen(name)) == 0)
            return at;
    return NULL;
}

gboolean
pf_html_is_tag(const char *at, const char *name)
{
    gsize length = strlen(name);

    return *at == '<' && g_ascii_strncasecmp(at + 1, name, length) == 0 && strchr(" \t\r\n\f/>", at[1 + length]);
}

gboolean
pf_html_is_unreadable(const char *tag, const char *end)
{
    guint marks = 0;

    if (*tag != '<' || !(g_ascii_isalpha(tag[1]) || tag[1] == '/'))
        return FALSE;
    if (end - tag > PF_HTML_MAX_TAG)
        return TRUE;
    gboolean breaks_off;
    const char *closing = end_of_tag(tag, &breaks_off); /* before the text of a script */
    if (breaks_off)
        return TRUE;
    for (const char *at = tag + 1; at < (closing ? closing - 1 : end); at++)
        marks += *at == '=' || (g_ascii_isspace(at[-1]) && !g_ascii_isspace(*at));
    return marks > 2 * PF_HTML_MAX_ATTRIBUTES;
}

const char *
pf_html_end_of_piece(const char *at)
{
    static const char *const raw[] = {"script", "style"};

    if (pf_has_prefix(at, COMMENT)) {
        const char *closing = strstr(at + strlen(COMMENT), "-->");
        return closing ? closing + strlen("-->") : NULL;
    }
    if (*at != '<' || (at[1] && !g_ascii_isalpha(at[1]) && at[1] != '/'))
        return at + 1 + strcspn(at + 1, "<");
    gboolean breaks_off;
    const char *end = end_of_tag(at, &breaks_off);
    for (gsize i = 0; end && i < G_N_ELEMENTS(raw); i++)
        if (pf_html_is_tag(at, raw[i]) && !is_empty(at, end))
            return end_of_raw(end, raw[i]);
    return end;
}

void
pf_html_append_text(GString *html, const char *at, const char *end)
{
    if (*at == '<' && (g_ascii_isalpha(at[1]) || strchr("/!?", at[1])))
        return;
    g_string_append(html, *at == '<' ? "&lt;" : "");
    at += *at == '<';
    g_string_append_len(html, at, end - at);
}

const char *
pf_html_get_attribute(const unsigned char **attributes, const char *name)
{
    for (; attributes && attributes[0]; attributes += 2)
        if (g_ascii_strcasecmp((const char *)attributes[0], name) == 0)
            return (const char *)attributes[1];
    return NULL;
}

gboolean
pf_html_has_word(const char *list, const char *word)
{
    static const char blanks[] = " \t\r\n\f";
    gsize wanted = strlen(word);

    for (const char *at = list ? list : ""; *at; at += strspn(at, blanks)) {
        gsize length = strcspn(at, blanks);
        if (length == wanted && g_ascii_strncasecmp(at, word, wanted) == 0)
            return TRUE;
        at += length;
    }
    return FALSE;
}
