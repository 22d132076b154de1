/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amounts of money as integers in the smallest unit of their currency, so that no cent is lost to rounding. Pure, but
 * for the locale's decimal point; any thread.
 */
#pragma once

#include <glib.h>

/** Larger amounts are refused: sums over years of them fit a gint64. */
#define PF_MONEY_MAX G_GINT64_CONSTANT(10000000000000)

/** An amount of a currency. */
typedef struct {
    gint64 minor;     /* in the currency's smallest unit: cents of EUR, yen, sats */
    char currency[4]; /* "EUR", by ISO 4217; "sat" for a hundred-millionth of a bitcoin */
} PfMoney;

/** How many decimals a currency's smallest unit has, by ISO 4217; -1 for what is not a currency. */
int pf_money_get_digits(const char *currency);

/**
 * Reads an amount with its currency: "10EUR", "10.50 eur", "10,50 EUR", "5000 sats". A comma with three digits behind
 * it is refused, since they may be decimals or thousands.
 *
 * @money: (out): set on success only
 *
 * Returns: whether it is one: a currency of ISO 4217 or sats, not negative, not above PF_MONEY_MAX, and with no more
 * decimals than the currency has.
 */
gboolean pf_money_parse(const char *text, PfMoney *money);

/** Reads an amount without a currency, "1.00", as @currency's. @minor: (out): set on success only. Returns as above. */
gboolean pf_money_parse_amount(const char *text, const char *currency, gint64 *minor);

/** Writes an amount without its currency for programs: "-0.05", "1200". Returns: (transfer full). */
char *pf_money_dup_amount(gint64 minor, const char *currency);

/** Writes one for people, who have another decimal point in other countries: "-0,05". Returns: (transfer full). */
char *pf_money_dup_number(gint64 minor, const char *currency);

/** Writes an amount with its currency for people: "10.50 EUR", "10,50 EUR". Returns: (transfer full). */
char *pf_money_dup_text(gint64 minor, const char *currency);
