/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/money.h"

#include "base/i18n.h"

#include <string.h>

/* ISO 4217's currencies in use, by the decimals of their smallest units. */
static const struct {
    int digits;
    const char *codes;
} currencies[] = {
    {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
        "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
        "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
        "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
        "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"},
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF sat"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
};

int
pf_money_get_digits(const char *currency)
{
    if (strlen(currency) != 3 || strchr(currency, ' '))
        return -1;
    for (gsize i = 0; i < G_N_ELEMENTS(currencies); i++)
        if (strstr(currencies[i].codes, currency))
            return currencies[i].digits;
    return -1;
}

gboolean
pf_money_parse_amount(const char *text, const char *currency, gint64 *minor)
{
    int digits = pf_money_get_digits(currency);
    gint64 amount = 0;
    int decimals = -1; /* after the point; -1 before it */
    gboolean any = FALSE;
    gboolean comma = strchr(text, ',') != NULL;

    if (digits < 0)
        return FALSE;
    for (const char *at = text; *at; at++) {
        if ((*at == '.' || *at == ',') && decimals < 0 && any) {
            decimals = 0;
            continue;
        }
        if (!g_ascii_isdigit(*at) || decimals == digits)
            return FALSE;
        amount = amount * 10 + (*at - '0');
        any = TRUE;
        if (decimals >= 0)
            decimals++;
        if (amount > PF_MONEY_MAX)
            return FALSE;
    }
    if (!any || decimals == 0 || (comma && decimals == 3))
        return FALSE;
    for (int i = MAX(decimals, 0); i < digits; i++)
        amount *= 10;
    if (amount > PF_MONEY_MAX)
        return FALSE;
    *minor = amount;
    return TRUE;
}

gboolean
pf_money_parse(const char *text, PfMoney *money)
{
    g_autofree char *line = g_strstrip(g_strdup(text));
    gsize length = strspn(line, "0123456789.,");
    g_autofree char *amount = g_strndup(line, length);
    g_autofree char *name = g_ascii_strup(g_strchug(line + length), -1);
    PfMoney read = {0};

    if (g_str_equal(name, "SAT") || g_str_equal(name, "SATS"))
        g_strlcpy(read.currency, "sat", sizeof read.currency);
    else if (strlen(name) == 3)
        g_strlcpy(read.currency, name, sizeof read.currency);
    else
        return FALSE;
    if (!pf_money_parse_amount(amount, read.currency, &read.minor))
        return FALSE;
    *money = read;
    return TRUE;
}

static char *
dup_with_point(gint64 minor, const char *currency, const char *point)
{
    int digits = MAX(pf_money_get_digits(currency), 0);
    guint64 value = minor < 0 ? -(guint64)minor : (guint64)minor;
    guint64 unit = 1;

    for (int i = 0; i < digits; i++)
        unit *= 10;
    if (digits == 0)
        return g_strdup_printf("%s%" G_GUINT64_FORMAT, minor < 0 ? "-" : "", value);
    return g_strdup_printf("%s%" G_GUINT64_FORMAT "%s%0*" G_GUINT64_FORMAT, minor < 0 ? "-" : "", value / unit, point,
                           digits, value % unit);
}

char *
pf_money_dup_amount(gint64 minor, const char *currency)
{
    return dup_with_point(minor, currency, ".");
}

char *
pf_money_dup_number(gint64 minor, const char *currency)
{
    return dup_with_point(minor, currency, pf_i18n_get_point());
}

char *
pf_money_dup_text(gint64 minor, const char *currency)
{
    g_autofree char *number = pf_money_dup_number(minor, currency);

    return g_strdup_printf("%s %s", number, currency);
}
