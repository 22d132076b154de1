# SPDX-License-Identifier: GPL-2.0-or-later
# settings and the access token
noinst_LIBRARIES += libconfig.a
libconfig_a_SOURCES = \
	src/config/app.c src/config/app.h \
	src/config/app_settings.c \
	src/config/config.c src/config/config.h \
	src/config/credentials.c src/config/credentials.h \
	src/config/secret_service.c src/config/secret_service.h
