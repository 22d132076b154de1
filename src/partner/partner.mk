# SPDX-License-Identifier: GPL-2.0-or-later
# the receiver of the server's events
noinst_LIBRARIES += libpartner.a
libpartner_a_SOURCES = \
	src/partner/partner_commands.c src/partner/partner_commands.h \
	src/partner/partner_event.c src/partner/partner_event.h \
	src/partner/partner_server.c src/partner/partner_server.h \
	src/partner/partner_store.c src/partner/partner_store.h
