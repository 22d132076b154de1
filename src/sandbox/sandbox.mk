# SPDX-License-Identifier: GPL-2.0-or-later
# flattr-sandbox without its socket, so that tests reach it
noinst_LIBRARIES += libsandbox.a
libsandbox_a_SOURCES = \
	src/sandbox/control.c src/sandbox/control.h \
	src/sandbox/faults.c src/sandbox/faults.h \
	src/sandbox/flattrs.c src/sandbox/flattrs.h \
	src/sandbox/formats.c src/sandbox/formats.h \
	src/sandbox/hooks.c src/sandbox/hooks.h \
	src/sandbox/oauth.c src/sandbox/oauth.h \
	src/sandbox/objects.c src/sandbox/objects.h \
	src/sandbox/pages.c src/sandbox/pages.h \
	src/sandbox/partner.c src/sandbox/partner.h \
	src/sandbox/request.c src/sandbox/request.h \
	src/sandbox/routes.c src/sandbox/routes.h \
	src/sandbox/service.c src/sandbox/service.h \
	src/sandbox/store.c src/sandbox/store.h \
	src/sandbox/things.c src/sandbox/things.h \
	src/sandbox/urls.c src/sandbox/urls.h
