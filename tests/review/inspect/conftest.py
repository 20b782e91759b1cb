"""A finished run of six records, the archive that they were read from, and an inspector's server over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from recipes import as_dict, load
from review.inspect.inspector import Inspector
from review.inspect.server import InspectServer
from tests.review.runs import published
from text.hashing import document_id

DATE = "2024-05-01T00:00:00Z"
PARAGRAPH = (
    "The miller of Stenning opens the sluice an hour before sunrise, when the pond is full and the lane still dark. "
)
HOSTILE = (
    b"<html><head><title>A page</title><meta http-equiv=refresh content='0;url=http://evil.example/'>"
    b"<link rel=stylesheet href=http://evil.example/x.css><base href=http://evil.example/></head><body>"
    b"<nav><a href=/>Home</a> <a href=/b>Contact</a></nav>"
    b"<script>parent.document.title='owned'</script><img src=http://evil.example/i onerror=alert(1)>"
    b"<p>" + PARAGRAPH.encode() * 4 + b"</p><p>" + PARAGRAPH[::-1].encode() * 3 + b"</p>"
    b"<p>Write to anna.muster@gmail.com for the key of the mill.</p>"
    b"<a href=http://evil.example/ target=_top>out</a><form action=http://evil.example/><button>go</button></form>"
    b"</body></html>"
)
PAGES = {
    "hostile": ("https://mill.example/hostile", HOSTILE),
    "markup": ("https://mill.example/?q=\"><script>alert(1)</script>'x", b"<p>" + PARAGRAPH.encode() * 5 + b"</p>"),
    "dropped": ("https://pond.example/log", b"<p>short</p>"),
    "moved": ("https://pond.example/moved", b"<p>another</p>"),
}


@dataclass
class Crawl:
    run: str
    ids: dict[str, str] = field(default_factory=dict)


def write_run(folder: Path, pages: dict[str, tuple[str, bytes]] = PAGES) -> Crawl:
    """The archive and the run. What becomes of a page its name says: ``dropped`` and ``moved`` go, the others stay."""
    archive, data, ids, rows = folder / "pages.warc", b"", {}, []
    for name, (url, html) in pages.items():
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html
        ids[name] = document_id(url, DATE, block)
        row = {"id": ids[name], "url": url, "date": DATE, "warc_file": "pages.warc", "warc_offset": len(data)}
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {DATE}\r\n"
        head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        data += head.encode() + block + b"\r\n\r\n"
        rows.append({"name": name, **row})
    archive.write_bytes(data)
    kept = [
        {**row, "text": PARAGRAPH, "language": "en", "class": "general", "words": 90, "domain": "mill.example"}
        for row in rows
        if row["name"] not in ("dropped", "moved")
    ]
    verdict: dict[str, Any] = {
        "stage": "quality",
        "reason": "low_quality",
        "score": 0.04,
        "detail": "quality",
        "words": 60,
    }
    gone = [{**row, **verdict} for row in rows if row["name"] == "dropped"]
    gone += [
        {**row, "stage": "read", "reason": "record_type_request", "words": 0} for row in rows if row["name"] == "moved"
    ]
    failed = {"name": "failed", "id": "f" * 32, "url": "", "error": "torn (elsewhere.warc at byte 12)"}
    for row in (*gone, failed):
        row.pop("warc_file", None)
    published_rows = {"documents": kept, "rejected": gone, "failed": [failed]}
    run = published(folder / "run", recipe=as_dict(load("llama3")), inputs=str(archive), **published_rows)
    return Crawl(run, ids)


@dataclass
class Browser:
    """One browser with the inspector's cookie, as far as HTTP goes."""

    server: InspectServer
    cookie: str = ""

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str | None) -> tuple[HTTPResponse, str]:
        sent: dict[str, str | None] = {"Host": self.server.host, "Cookie": self.cookie, **headers}
        # The first crawled page waits for the parser to be compiled where nothing has compiled it yet.
        connection = HTTPConnection("127.0.0.1", self.server.server_port, timeout=900)
        connection.putrequest("GET" if form is None else "POST", path, skip_host=True, skip_accept_encoding=True)
        body = b"" if form is None else urlencode(form).encode()
        if form is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        return response, text

    def enter(self) -> HTTPResponse:
        response, _ = self.ask(self.server.address.partition(self.server.host)[2])
        self.cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
        return response


def serving(inspector: Inspector) -> Iterator[Browser]:
    with InspectServer(inspector) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Browser(server)
        server.shutdown()
        thread.join()
        inspector.close()


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    return write_run(tmp_path_factory.mktemp("inspected"))


@pytest.fixture(scope="module")
def browser(crawl: Crawl) -> Iterator[Browser]:
    for browser in serving(Inspector(crawl.run)):
        browser.enter()
        yield browser
