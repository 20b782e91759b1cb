"""Chromium, everything outside of it, and what it said while a page was looked at."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Outside:
    """Every host but this machine's own address, as one server: ``asked`` has a line for each connection; ``pages`` are
    its own by path."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def everything_outside() -> Iterator[Outside]:
    found = Outside()

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            found.asked.append("a connection")
            super().setup()

        def do_GET(self) -> None:
            found.asked[-1] = f"{self.command} {self.headers.get('Host')}{self.path}"
            body = found.pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """TLS that it doesn't speak: the connection is counted, and that is all."""

    with Server(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def outside(everything_outside: Outside) -> Outside:
    everything_outside.asked.clear()
    everything_outside.pages.clear()
    return everything_outside


@pytest.fixture(scope="session")
def chromium(everything_outside: Outside) -> Iterator[Any]:
    """The browser. Whatever host it asks for, the connection goes to ``everything_outside``, but for those that it asks for
    updates of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright isn't installed (gristmill[dev])")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    own = ", ".join(f"MAP {host} ~NOTFOUND" for host in ("*.google.com", "*.googleapis.com", "*.gvt1.com"))
    rules = f"{own}, MAP * 127.0.0.1:{everything_outside.port}, EXCLUDE 127.0.0.1"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", f"--host-resolver-rules={rules}"]
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One window, ``page`` of playwright's, with the requests that it has sent and whatever went wrong in it."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """Opens windows that share no cookies."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium
        self._contexts: list[Any] = []

    def __call__(self, address: str, **settings: Any) -> Visit:
        settings = {"viewport": {"width": 1280, "height": 900}, **settings}
        context = self._chromium.new_context(**settings)
        context.set_default_timeout(120_000)
        self._contexts.append(context)
        visit = Visit(context.new_page())
        page = visit.page
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda said: visit.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("dialog", lambda dialog: (visit.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda other: visit.errors.append(f"window {other.url}"))
        page.goto(address)
        return visit

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visitor]:
    visitor = Visitor(chromium)
    yield visitor
    visitor.close()
