# SPDX-License-Identifier: GPL-2.0-or-later
# a month's statement: who is thanked with how much, and how
noinst_LTLIBRARIES += libstatement.la
libstatement_la_SOURCES = \
	src/statement/shares.c src/statement/shares.h
