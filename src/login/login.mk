# SPDX-License-Identifier: GPL-2.0-or-later
# OAuth 2, and the end of a login in the browser
noinst_LIBRARIES += liblogin.a
liblogin_a_SOURCES = \
	src/login/authorize.c src/login/authorize.h
if LOGIN
liblogin_a_SOURCES += src/login/login_server.c src/login/login_server.h
endif
