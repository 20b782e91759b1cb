"""A server of chat completions on the loopback, which misbehaves as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def choices(*texts: str, finish: str = "stop", **more: Any) -> Answer:
    found = [{"message": {"role": "assistant", "content": text}, "finish_reason": finish, **more} for text in texts]
    body = {"model": "served", "system_fingerprint": "fp-1", "choices": found}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def status(code: int, **headers: str) -> Answer:
    return code, {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}, b"{}"


@contextmanager
def served(answer: Callable[[dict[str, Any], int], Answer]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The URL of a server, and the bodies of the requests that came. ``answer`` is given a body and how many came
    before; an answer of status 0 breaks the connection off."""
    bodies: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body["_path"], body["_key"] = self.path, self.headers.get("Authorization")
            with lock:
                number = len(bodies)
                bodies.append(body)
            code, headers, content = answer(body, number)
            if code == 0:
                self.connection.close()
                return
            self.send_response(code)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
