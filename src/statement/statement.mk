# SPDX-License-Identifier: GPL-2.0-or-later
# a month's statement: who is thanked with how much, and how
noinst_LIBRARIES += libstatement.a
libstatement_a_SOURCES = \
	src/statement/load.c src/statement/load.h \
	src/statement/render.h \
	src/statement/render_data.c \
	src/statement/render_html.c \
	src/statement/render_text.c \
	src/statement/shares.c src/statement/shares.h \
	src/statement/statement.c src/statement/statement.h
