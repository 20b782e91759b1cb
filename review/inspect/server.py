"""The inspector's server: for one person at this machine, and for nobody else.

It listens on 127.0.0.1 alone. The printed address has a token that is good once: it is exchanged for a cookie that browsers
send for no other site's sake (``SameSite=Strict``). A request for another host's name (a rebound DNS name) or from another
site's page is refused, and nothing is written but by POST with a second token that stands in the pages alone.

A crawled page is served under its own route with a policy that lets it load, run, send and open nothing, and the pages
around it may show no frame of another site, so that its links lead nowhere.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from review.inspect.assets import SCRIPT, STYLE
from review.inspect.inspector import Answer, Inspector
from review.inspect.views import refusal

OWN_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
CRAWLED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
)
_COMMON = {
    "X-Content-Type-Options": "nosniff", "X-DNS-Prefetch-Control": "off", "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
# Of a form that is sent under no-referrer browsers don't say the origin.
_OWN = {**_COMMON, "Content-Security-Policy": OWN_POLICY, "Referrer-Policy": "same-origin"}
_CRAWLED = {**_COMMON, "Content-Security-Policy": CRAWLED_POLICY, "Referrer-Policy": "no-referrer"}
_ROUTE = re.compile(r"/(page|raw|source|text)/([0-9a-f]{32})")
_LONGEST_FORM = 65_536
_SECONDS = 30


class InspectServer(ThreadingHTTPServer):
    """Serves one run on a port of 127.0.0.1, one drawn by the system where ``port`` is 0."""

    daemon_threads = True

    def __init__(self, inspector: Inspector, port: int = 0) -> None:
        self.inspector = inspector
        self.session, self.entrance = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        super().__init__(("127.0.0.1", port), _Handler)
        self.host = f"127.0.0.1:{self.server_port}"

    @property
    def address(self) -> str:
        """What a person opens, once."""
        return f"http://{self.host}/?token={self.entrance}"

    @property
    def cookie_name(self) -> str:
        """Cookies know no ports: two inspectors must not take each other's."""
        return f"gristmill-{self.server_port}"

    def enter(self, token: str) -> bool:
        """Whether ``token`` is that of the printed address; it is good for nothing afterwards."""
        good = bool(self.entrance) and hmac.compare_digest(token.encode(), self.entrance.encode())
        if good:
            self.entrance = ""
        return good


class _Refused(Exception):
    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        super().__init__(sentence)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "gristmill", ""
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    @property
    def own(self) -> InspectServer:
        """The server that this request came to."""
        return cast("InspectServer", self.server)

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Nothing: addresses of pages are no matter for a terminal."""

    def _guarded(self, work) -> None:
        try:
            self._check_sender()
            work()
        except _Refused as refused:
            self.close_connection = True  # what it sent besides isn't read
            self._send(refused.status, "text/html; charset=utf-8", refusal(str(refused)).encode(), _OWN)
        except ConnectionError:
            self.close_connection = True  # the browser has gone elsewhere
        except (ValueError, OSError, RuntimeError) as error:
            self._send(
                HTTPStatus.BAD_REQUEST,
                "text/html; charset=utf-8",
                refusal(str(error)).encode("utf-8", "replace"),
                _OWN,
            )

    def _check_sender(self) -> None:
        if self.headers.get_all("Host") != [self.own.host]:
            raise _Refused(f"this inspector answers to {self.own.host} alone")
        origins = self.headers.get_all("Origin") or []
        if any(origin != f"http://{self.own.host}" for origin in origins):
            raise _Refused("a page of another site may ask this inspector for nothing")

    def _get(self) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query))
        if not self._has_session():
            if address.path == "/" and self.own.enter(asked.get("token", "")):
                cookie = f"{self.own.cookie_name}={self.own.session}; Path=/; HttpOnly; SameSite=Strict"
                self._redirect(self.own.inspector.home, {"Set-Cookie": cookie})
                return
            raise _Refused(
                "the address that gristmill inspect printed opens this once, in one browser; start it again for another"
            )
        if "token" in asked and address.path == "/":
            self._redirect(self.own.inspector.home)
            return
        self._serve(address.path, asked)

    def _serve(self, path: str, asked: Mapping[str, str]) -> None:
        inspector = self.own.inspector
        if path == "/style.css":
            self._send(HTTPStatus.OK, "text/css; charset=utf-8", STYLE.encode(), _OWN)
        elif path == "/script.js":
            self._send(HTTPStatus.OK, "text/javascript; charset=utf-8", SCRIPT.encode(), _OWN)
        elif path == "/":
            self._send_page(inspector.listed(asked))
        elif route := _ROUTE.fullmatch(path):
            kind, identity = route.groups()
            if kind == "page":
                self._send_page(inspector.record(identity, asked))
            else:
                answer = inspector.crawled(kind, identity)
                self._send(answer.status, answer.content_type, answer.body, _CRAWLED)
        else:
            raise _Refused("there is no such page here", HTTPStatus.NOT_FOUND)

    def _post(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > _LONGEST_FORM:
            raise _Refused("the form is too long, or says no length", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        form = dict(parse_qsl(self.rfile.read(int(length)).decode("utf-8", "replace"), keep_blank_values=True))
        if not self._has_session():
            raise _Refused("the address that gristmill inspect printed was not opened in this browser")
        if not hmac.compare_digest(
            form.get("token", "").encode("utf-8", "replace"), self.own.inspector.token.encode()
        ):
            raise _Refused("this form doesn't come from a page of this inspector")
        path, then = urlsplit(self.path).path, form.get("then", "/")
        if path == "/decide":
            self.own.inspector.decide(form)
        elif path == "/undo":
            undone = self.own.inspector.undo()
            then = re.sub(r"^/page/[0-9a-f]{32}", f"/page/{undone}", then) if undone else then
        else:
            raise _Refused("there is nothing to send there", HTTPStatus.NOT_FOUND)
        # Nowhere but here: //host is an address of another one, and so is /\\host to browsers.
        self._redirect(then if re.fullmatch(r"/(?:page/[0-9a-f]{32})?(?:\?[!-~]*)?", then) else "/")

    def _has_session(self) -> bool:
        try:
            cookie = SimpleCookie(self.headers.get("Cookie", "")).get(self.own.cookie_name)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self.own.session.encode())

    def _send_page(self, answer: Answer) -> None:
        self._send(answer.status, answer.content_type, answer.body, _OWN)

    def _redirect(self, path: str, more: Mapping[str, str] | None = None) -> None:
        self._send(HTTPStatus.SEE_OTHER, "text/plain; charset=utf-8", b"", {**_OWN, **(more or {}), "Location": path})

    def _send(self, status: HTTPStatus, content_type: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": content_type, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
