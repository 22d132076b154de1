# SPDX-License-Identifier: GPL-2.0-or-later
# the service
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES = \
	src/daemon/catch_up.c src/daemon/catch_up.h \
	src/daemon/classify.c src/daemon/classify.h \
	src/daemon/daemon.c src/daemon/daemon.h \
	src/daemon/enqueue.c src/daemon/enqueue.h \
	src/daemon/event_log.c src/daemon/event_log.h \
	src/daemon/ingest.c src/daemon/ingest.h \
	src/daemon/landlock.c src/daemon/landlock.h \
	src/daemon/listening.c src/daemon/listening.h \
	src/daemon/notice.c src/daemon/notice.h \
	src/daemon/notices.c src/daemon/notices.h \
	src/daemon/notifier.c src/daemon/notifier.h \
	src/daemon/owner.h \
	src/daemon/plays.c src/daemon/plays.h \
	src/daemon/refresher.c src/daemon/refresher.h \
	src/daemon/sd_notify.c src/daemon/sd_notify.h \
	src/daemon/send_service.c src/daemon/send_service.h \
	src/daemon/settings_check.c src/daemon/settings_check.h \
	src/daemon/status_file.c src/daemon/status_file.h \
	src/daemon/syncing.c src/daemon/syncing.h \
	src/daemon/watching.c src/daemon/watching.h
