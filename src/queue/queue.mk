# SPDX-License-Identifier: GPL-2.0-or-later
# kept until sent, once
noinst_LIBRARIES += libqueue.a
libqueue_a_SOURCES = \
	src/queue/arrival.c src/queue/arrival.h \
	src/queue/edit.c src/queue/edit.h \
	src/queue/gate.c src/queue/gate.h \
	src/queue/import.c src/queue/import.h \
	src/queue/ledger.c src/queue/ledger.h \
	src/queue/queue.c src/queue/queue.h \
	src/queue/queue_private.h \
	src/queue/play_record.c src/queue/play_record.h \
	src/queue/records.c \
	src/queue/reconcile.c src/queue/reconcile.h \
	src/queue/repair.c src/queue/repair.h \
	src/queue/schema.c \
	src/queue/sender.c src/queue/sender.h \
	src/queue/spool.c src/queue/spool.h \
	src/queue/spool_intake.c \
	src/queue/submit.c src/queue/submit.h \
	src/queue/verdict.c src/queue/verdict.h
