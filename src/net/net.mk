# SPDX-License-Identifier: GPL-2.0-or-later
# HTTP, and our own listening sockets
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	src/net/http.c src/net/http.h \
	src/net/multi.c src/net/multi.h
if LISTENER
libnet_a_SOURCES += src/net/listener.c src/net/listener.h
endif
