# SPDX-License-Identifier: GPL-2.0-or-later
# what a link pays, and whether it may
noinst_LIBRARIES += libpayment.a
libpayment_a_SOURCES = \
	src/payment/payment_html.c src/payment/payment_html.h \
	src/payment/payment_link.c src/payment/payment_link.h \
	src/payment/payment_list.c src/payment/payment_list.h
