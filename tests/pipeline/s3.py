"""A real S3 server on this machine (moto's), and before it a proxy that answers as stores do on a bad day."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

BUCKET = "crawls"


@contextmanager
def s3_server() -> Iterator[int]:
    """The port of a server with the empty bucket :data:`BUCKET`. Skips where its package or the client's is missing."""
    for name in ("s3fs", "moto.server"):
        pytest.importorskip(name, reason="pip install 's3fs' 'moto[server]' to try object stores")
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()[1]
    finally:
        server.stop()


Trouble = Callable[["FaultyProxy", str, str], str | None]
"""Given the proxy, the method and the path of a request: what goes wrong with it, ``None`` where nothing does."""


class FaultyProxy(ThreadingHTTPServer):
    """Passes requests on to the server at ``port``, except where ``trouble`` says what goes wrong: ``busy`` (503 with
    Retry-After), ``slow`` (the body in pieces with pauses), ``cut`` (the body ends too soon), ``reset`` (the connection is
    gone), ``denied`` (403). ``did`` counts them, ``asked`` all requests."""

    daemon_threads = True

    def __init__(self, port: int):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port_behind = port
        self.trouble: Trouble = lambda proxy, method, path: None
        self.did: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.retry_after = "0"
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def faulty_proxy(port: int) -> Iterator[FaultyProxy]:
    with FaultyProxy(port) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: FaultyProxy
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.asked[f"{self.command} {self.path.partition('?')[0]}"] += 1
            trouble = self.server.trouble(self.server, self.command, self.path)
            if trouble:
                self.server.did[trouble] += 1
        if trouble == "reset":
            self.close_connection = True
            self.connection.close()
            return
        if trouble == "busy":
            self._send(503, [("Retry-After", self.server.retry_after)], b"<Error><Code>SlowDown</Code></Error>")
            return
        if trouble == "denied":
            self._send(403, [], b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
            return
        behind = http.client.HTTPConnection("127.0.0.1", self.server.port_behind, timeout=60)
        behind.request(self.command, self.path, sent, dict(self.headers))
        answer = behind.getresponse()
        data = answer.read()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
        length = answer.getheader("Content-Length", str(len(data)))
        self._send(answer.status, headers, data, trouble, length)
        behind.close()

    def _send(
        self, status: int, headers: list[tuple[str, str]], data: bytes, trouble: str | None = None, length: str = ""
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(data)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if trouble == "cut":
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
        elif trouble == "slow":
            for start in range(0, len(data), max(1, len(data) // 4)):
                self.wfile.write(data[start : start + max(1, len(data) // 4)])
                self.wfile.flush()
                time.sleep(0.02)
        else:
            self.wfile.write(data)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer

    def log_message(self, *arguments) -> None:
        pass


_HOP_BY_HOP = ("content-length", "transfer-encoding", "connection", "date", "server")
