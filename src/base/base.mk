# SPDX-License-Identifier: GPL-2.0-or-later
# what every other folder may use
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/clock.c src/base/clock.h \
	src/base/crash.c src/base/crash.h \
	src/base/database.c src/base/database.h \
	src/base/date.c \
	src/base/episode.c src/base/episode.h \
	src/base/file_access.c src/base/file_access.h \
	src/base/files.c src/base/files.h \
	src/base/html.c src/base/html.h \
	src/base/i18n.c src/base/i18n.h \
	src/base/installation.c src/base/installation.h \
	src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/main_loop.c src/base/main_loop.h \
	src/base/memory.c src/base/memory.h \
	src/base/money.c src/base/money.h \
	src/base/session_bus.c src/base/session_bus.h \
	src/base/state_folder.c src/base/state_folder.h \
	src/base/text.c src/base/text.h \
	src/base/url.c src/base/url.h \
	src/base/version.h \
	src/base/wakeup_socket.c src/base/wakeup_socket.h
if THREAD_SANITIZER
libbase_a_SOURCES += src/base/thread_sanitizer.c
endif
