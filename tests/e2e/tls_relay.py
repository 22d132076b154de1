#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tls_relay.py CERTIFICATE KEY PORT: a server with TLS on a free port of loopback, which hands what it hears to PORT in
the clear. Prints its port. Keeps all bytes that arrive in ./wire, and what was in them in ./heard."""
import socket
import ssl
import sys
import threading


class Relay:
    def __init__(self, context, client, server):
        self.client, self.server = client, server
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.lock = threading.Lock()
        self.upstream = None

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.client.sendall(data)

    def answer(self):
        while data := self.upstream.recv(65536):
            with self.lock:
                self.tls.write(data)
                self.flush()

    def hear(self):
        while data := self.tls.read(65536):
            with open("heard", "ab") as heard:
                heard.write(data)
            if not self.upstream:
                self.upstream = socket.create_connection(("127.0.0.1", self.server))
                threading.Thread(target=self.answer, daemon=True).start()
            self.upstream.sendall(data)

    def run(self):
        shaken = False
        while data := self.client.recv(65536):
            with open("wire", "ab") as wire:
                wire.write(data)
            with self.lock:
                self.incoming.write(data)
                try:
                    if not shaken:
                        self.tls.do_handshake()
                        shaken = True
                    self.hear()
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.flush()


def serve(context, client, port):
    try:
        with client:
            Relay(context, client, port).run()
    except (ssl.SSLError, OSError):
        pass


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(context, client, int(sys.argv[3])), daemon=True).start()


main()
