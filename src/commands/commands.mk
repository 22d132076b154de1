# SPDX-License-Identifier: GPL-2.0-or-later
# one command a file
noinst_LIBRARIES += libcommands.a
libcommands_a_SOURCES = \
	src/commands/add.c \
	src/commands/adopt.c \
	src/commands/api.c src/commands/api.h \
	src/commands/api_resources.c \
	src/commands/command.c src/commands/command.h \
	src/commands/complete.c \
	src/commands/config.c \
	src/commands/daemon.c \
	src/commands/doctor.c \
	src/commands/exit_status.c \
	src/commands/hook.c \
	src/commands/init.c \
	src/commands/link.c \
	src/commands/logout.c \
	src/commands/open.c \
	src/commands/output.c src/commands/output.h \
	src/commands/queue.c \
	src/commands/queue_change.c \
	src/commands/queue_command.h \
	src/commands/queue_files.c \
	src/commands/queue_json.c \
	src/commands/queue_transfer.c \
	src/commands/report.c src/commands/report.h \
	src/commands/scan.c \
	src/commands/scan_source.c src/commands/scan_source.h \
	src/commands/send.c src/commands/send.h \
	src/commands/settle.c \
	src/commands/status.c \
	src/commands/whoami.c \
	src/globals.c src/globals.h
if LOGIN
libcommands_a_SOURCES += src/commands/login.c
endif
if PARTNER
libcommands_a_SOURCES += src/commands/partner.c
endif
