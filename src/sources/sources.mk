# SPDX-License-Identifier: GPL-2.0-or-later
# files that are finished, and what the user subscribes to
noinst_LIBRARIES += libsources.a
libsources_a_SOURCES = \
	src/sources/castero.c \
	src/sources/castget.c \
	src/sources/clementine.c \
	src/sources/gnome_podcasts.c \
	src/sources/gpodder.c \
	src/sources/greg.c \
	src/sources/kasts.c \
	src/sources/media.c src/sources/media.h \
	src/sources/mpris.c src/sources/mpris.h \
	src/sources/newsboat.c \
	src/sources/podcatcher.c src/sources/podcatcher.h \
	src/sources/podget.c \
	src/sources/play.c src/sources/play.h \
	src/sources/play_meter.c src/sources/play_meter.h \
	src/sources/rhythmbox.c \
	src/sources/shellcaster.c \
	src/sources/subscriptions.c src/sources/subscriptions.h \
	src/sources/sync_server.c src/sources/sync_server.h \
	src/sources/watch.c src/sources/watch.h \
	src/sources/watch_channel.c src/sources/watch_channel.h \
	src/sources/watch_state.c src/sources/watch_state.h \
	src/sources/watch_thread.c src/sources/watch_thread.h \
	src/sources/ytdlp.c
