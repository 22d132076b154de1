# SPDX-License-Identifier: GPL-2.0-or-later
"""A web server on loopback for measurements. It takes POST /rest/v2/flattr and answers it as the API does, and gives
feeds after a while, with an ETag: 304 to who has it already. It runs in a thread of its own and notes when requests
came (time.monotonic())."""
import asyncio
import json
import queue
import re
import threading
import time

LIMIT = 1000000


class Server:
    def __init__(self, feed=b"", wait=0.0):
        """feed: what each feed is; wait: for how many seconds a feed's answer lets itself be waited for."""
        self.feed = feed
        self.wait = wait
        self.posts = queue.SimpleQueue()  # of (time, body)
        self.times = []  # of requests for feeds
        self.statuses = []  # what they were answered
        self.ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.ready.wait()

    async def serve(self):
        server = await asyncio.start_server(self.talk, "0.0.0.0" if self.feed else "127.0.0.1", 0, backlog=256)
        self.port = server.sockets[0].getsockname()[1]
        self.api = f"http://127.0.0.1:{self.port}/rest/v2"
        self.ready.set()
        await server.serve_forever()

    async def talk(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                came = time.monotonic()
                length = re.search(r"(?im)^content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if head.startswith("POST "):
                    writer.write(self.answer_post(came, body))
                else:
                    writer.write(await self.answer_get(came, head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer_post(self, came, body):
        self.posts.put((came, body))
        link = {"resource": "x", "link": "x", "type": "thing", "id": 1, "title": "An episode"}
        text = json.dumps({"message": "ok", "description": "Thing was successfully flattred", "thing": link}).encode()
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\n"
            b"X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Current: 1\r\nX-RateLimit-Reset: %d\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (LIMIT, LIMIT - 1, int(time.time()) + 3600, len(text), text)
        )

    async def answer_get(self, came, head):
        await asyncio.sleep(self.wait)
        known = re.search(r"(?im)^if-none-match:", head)
        self.times.append((came, time.monotonic()))
        self.statuses.append(304 if known else 200)
        if known:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
        return b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n%s' % (
            len(self.feed),
            self.feed,
        )
