"""A service on this machine that takes messages."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Inbox(ThreadingHTTPServer):
    """Keeps the JSON that is posted to it; answers 500 `refuse` times first."""

    def __init__(self):
        self.posts, self.refuse = [], 0
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                refused, inbox.refuse = inbox.refuse > 0, inbox.refuse - 1
                if not refused:
                    inbox.posts.append(body)
                self.send_response(500 if refused else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server_port}/"


def eventually(found, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.02)
    return False
