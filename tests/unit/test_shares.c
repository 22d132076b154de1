/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/money.h"
#include "statement/shares.h"

#include <string.h>

#define MONTHS 10000
#define MOST 60

static void
a_budget_is_split_to_the_cent(void)
{
    PfShare three[] = {{.show = "c", .weight = 1}, {.show = "a", .weight = 1}, {.show = "b", .weight = 1}};
    PfShare cut[] = {{.show = "a", .weight = 1}, {.show = "b", .weight = 5}};

    pf_shares_split(three, 3, 1000, 100);
    g_assert_cmpint(three[0].share, ==, 333);
    g_assert_cmpint(three[1].share, ==, 334); /* a tie goes by the key */
    g_assert_cmpint(three[2].share, ==, 333);
    /* 1.67 and 8.33 of 10: b is cut most, not first. */
    pf_shares_split(cut, 2, 10, 100);
    g_assert_cmpint(cut[0].share, ==, 2);
    g_assert_cmpint(cut[1].share, ==, 8);
}

static void
what_a_cap_takes_goes_to_the_others(void)
{
    PfShare shares[] = {{.show = "a", .weight = 90}, {.show = "b", .weight = 8}, {.show = "c", .weight = 2}};

    pf_shares_split(shares, 3, 1000, 50);
    g_assert_cmpint(shares[0].share, ==, 500);
    g_assert_cmpint(shares[1].share, ==, 400);
    g_assert_cmpint(shares[2].share, ==, 100);
    /* b is put above the cap by what a leaves. */
    pf_shares_split(shares, 3, 1000, 35);
    g_assert_cmpint(shares[0].share, ==, 350);
    g_assert_cmpint(shares[1].share, ==, 350);
    g_assert_cmpint(shares[2].share, ==, 300);
    pf_shares_split(shares, 3, 1000, 10);
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(shares[i].share, ==, 100);
}

static void
who_has_no_weight_gets_nothing(void)
{
    PfShare shares[] = {{.show = "a", .weight = 0}, {.show = "b", .weight = 7}};

    pf_shares_split(shares, 2, 999, 100);
    g_assert_cmpint(shares[0].share, ==, 0);
    g_assert_cmpint(shares[1].share, ==, 999);
    pf_shares_split(shares, 1, 999, 100);
    g_assert_cmpint(shares[0].share, ==, 0);
    pf_shares_split(shares, 0, 999, 100);
}

static void
the_largest_amounts_do_not_overflow(void)
{
    PfShare shares[] = {{.show = "a", .weight = G_MAXUINT64}, {.show = "b", .weight = G_MAXUINT64}};

    pf_shares_split(shares, 2, PF_MONEY_MAX, 100);
    g_assert_cmpint(shares[0].share, ==, PF_MONEY_MAX / 2);
    g_assert_cmpint(shares[1].share, ==, PF_MONEY_MAX / 2);
}

/* A month of shows whose keys are 0 … 59, in random order. */
static gsize
make_month(GRand *random, PfShare *shares, char keys[MOST][4])
{
    gsize count = (gsize)g_rand_int_range(random, 1, MOST + 1);
    gint32 most = g_rand_boolean(random) ? 8 : 1000000;

    for (gsize i = 0; i < count; i++) {
        g_snprintf(keys[i], sizeof keys[i], "%02u", (guint)i);
        shares[i] = (PfShare){.show = keys[i], .weight = (guint64)g_rand_int_range(random, 0, most)};
    }
    for (gsize i = count - 1; i > 0; i--) {
        gsize other = (gsize)g_rand_int_range(random, 0, (gint32)i + 1);
        PfShare swapped = shares[i];
        shares[i] = shares[other];
        shares[other] = swapped;
    }
    return count;
}

static int
by_key(gconstpointer one, gconstpointer other)
{
    return strcmp(((const PfShare *)one)->show, ((const PfShare *)other)->show);
}

/* Without a cap, each share is less than one unit away from its exact part. */
static void
check_exactness(const PfShare *shares, gsize count, gint64 budget, gint64 total)
{
    for (gsize i = 0; i < count; i++) {
        gint64 off = shares[i].share * total - budget * (gint64)shares[i].weight;
        g_assert_cmpint(ABS(off), <, total);
    }
}

static void
check_order(const PfShare *shares, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        for (gsize j = 0; j < count; j++) {
            if (shares[i].weight > shares[j].weight)
                g_assert_cmpint(shares[i].share, >=, shares[j].share);
            else if (shares[i].weight == shares[j].weight && strcmp(shares[i].show, shares[j].show) < 0)
                g_assert_cmpint(shares[i].share - shares[j].share, >=, 0);
        }
    }
}

static void
ten_thousand_random_months_are_exact(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1864);

    for (int month = 0; month < MONTHS; month++) {
        PfShare shares[MOST];
        PfShare again[MOST];
        char keys[MOST][4];
        gsize count = make_month(random, shares, keys);
        gint64 budget = g_rand_int_range(random, 0, g_rand_boolean(random) ? 200 : 1000000);
        guint cap_percent = g_rand_boolean(random) ? 100 : (guint)g_rand_int_range(random, 1, 100);
        gint64 cap = budget * cap_percent / 100;
        gint64 total = 0;
        gint64 sum = 0;
        gint64 takers = 0;

        memcpy(again, shares, sizeof shares);
        qsort(again, count, sizeof again[0], by_key);
        pf_shares_split(shares, count, budget, cap_percent);
        pf_shares_split(again, count, budget, cap_percent);
        qsort(shares, count, sizeof shares[0], by_key);
        for (gsize i = 0; i < count; i++) {
            g_assert_cmpint(shares[i].share, ==, again[i].share);
            g_assert_cmpint(shares[i].share, >=, 0);
            g_assert_cmpint(shares[i].share, <=, cap);
            if (shares[i].weight == 0)
                g_assert_cmpint(shares[i].share, ==, 0);
            takers += shares[i].weight > 0;
            total += (gint64)shares[i].weight;
            sum += shares[i].share;
        }
        g_assert_cmpint(sum, ==, MIN(budget, cap * takers));
        check_order(shares, count);
        if (cap_percent == 100 && total > 0)
            check_exactness(shares, count, budget, total);
    }
}

static void
amounts_are_read_and_written(void)
{
    static const struct {
        const char *text;
        gint64 minor;
        const char *written;
    } rows[] = {
        {"10EUR", 1000, "10.00 EUR"},     {" 10.5 eur ", 1050, "10.50 EUR"},
        {"10,50 EUR", 1050, "10.50 EUR"}, {"1,5EUR", 150, "1.50 EUR"},
        {"0.05 USD", 5, "0.05 USD"},      {"5000 sats", 5000, "5000 sat"},
        {"21sat", 21, "21 sat"},          {"1200JPY", 1200, "1200 JPY"},
        {"1.234 KWD", 1234, "1.234 KWD"}, {"100000000000.00 EUR", PF_MONEY_MAX, "100000000000.00 EUR"},
    };
    static const char *const wrong[] = {
        "",
        "EUR",
        "10",
        "10 ERU",
        "10 AED AFN",
        "-1 EUR",
        "1.234 EUR",
        "1.5 JPY",
        "1. EUR",
        ".5 EUR",
        "1.2.3 EUR",
        "1,500 KWD",
        "1,500.00 EUR",
        "1,2,3 EUR",
        "100000000000.01 EUR",
        "99999999999999999999 EUR",
        "10 EUR 5",
        "10 E R",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        PfMoney money;
        g_assert_true(pf_money_parse(rows[i].text, &money));
        g_autofree char *written = pf_money_dup_text(money.minor, money.currency);
        g_assert_cmpint(money.minor, ==, rows[i].minor);
        g_assert_cmpstr(written, ==, rows[i].written);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        PfMoney money;
        g_assert_false(pf_money_parse(wrong[i], &money));
    }
    g_autofree char *negative = pf_money_dup_amount(-5, "EUR");
    g_assert_cmpstr(negative, ==, "-0.05");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shares/a-budget-is-split-to-the-cent", a_budget_is_split_to_the_cent);
    g_test_add_func("/shares/what-a-cap-takes-goes-to-the-others", what_a_cap_takes_goes_to_the_others);
    g_test_add_func("/shares/who-has-no-weight-gets-nothing", who_has_no_weight_gets_nothing);
    g_test_add_func("/shares/the-largest-amounts-do-not-overflow", the_largest_amounts_do_not_overflow);
    g_test_add_func("/shares/ten-thousand-random-months-are-exact", ten_thousand_random_months_are_exact);
    g_test_add_func("/shares/amounts-are-read-and-written", amounts_are_read_and_written);
    return g_test_run();
}
