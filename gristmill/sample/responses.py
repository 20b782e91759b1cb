"""What servers and crawlers really send: statuses, content types and encodings, records that hold no page."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator

from gristmill.sample import prose
from gristmill.sample.capture import Capture
from gristmill.sample.dice import Dice, noise
from gristmill.sample.site import Site, p

_SITE = Site("harbour-lights.example", menu=("Home", "Logbook", "Lights", "Crew"))
_NO_PAGE = ("rejected",), ("read",)


def plant(seed: int) -> Iterator[Capture]:
    """One site whose server does everything that servers do."""
    yield from _statuses()
    yield from _content_types(seed)
    yield from _encodings(seed)
    yield from _no_pages(seed)


def _article(seed: int, kind: str) -> prose.Article:
    dice = Dice(seed, "response", kind)
    return prose.article(dice.pick(prose.topics()), dice, 380)


def _page(seed: int, kind: str) -> bytes:
    text = _article(seed, kind)
    return _SITE.page(text.title, text.blocks, date="2024-01-20", author=text.author).encode()


def _url(path: str) -> str:
    return f"https://{_SITE.host}/{path}"


def _statuses() -> Iterator[Capture]:
    for status, words in ((404, "Nothing is moored here."), (500, "The server has run aground."),
                          (403, "This pier is closed."), (503, "Gone to lunch.")):  # fmt: skip
        for number in (1, 2):
            body = _SITE.page(f"Error {status}", [p(words)]).encode()
            yield Capture(_url(f"error/{status}-{number}"), status // 5 + number, f"status-{status}", body, *_NO_PAGE,
                          "an HTTP status other than success", status=status)  # fmt: skip
    for number, status in enumerate((301, 302)):
        yield Capture(_url(f"moved/{number}"), 30 + number, f"status-{status}", b"", *_NO_PAGE, "a redirect",
                      status=status, headers={"Location": _url("")})  # fmt: skip


def _content_types(seed: int) -> Iterator[Capture]:
    yield Capture(_url("lamp.png"), 41, "image", _png(), *_NO_PAGE, "a picture", content_type="image/png")
    pdf = b"%PDF-1.4\n" + noise(900, seed, "pdf") + b"\n%%EOF\n"
    yield Capture(_url("tides.pdf"), 42, "pdf", pdf, *_NO_PAGE, "a PDF file", content_type="application/pdf")
    yield Capture(_url("style.css"), 43, "stylesheet", b"body{margin:0}\n", *_NO_PAGE, content_type="text/css")
    yield Capture(_url("lights.json"), 44, "json", b'{"lights": [1, 2, 3]}', *_NO_PAGE, "data, not a page",
                  content_type="application/json")  # fmt: skip
    yield Capture(_url("empty"), 45, "empty-body", b"", *_NO_PAGE, "status 200 and not a byte of body")
    plain = "\n\n".join(prose.plain(block) for block in _article(seed, "plain text").blocks)
    yield Capture(_url("logbook.txt"), 46, "plain-text", plain.encode(), note="a page of text/plain",
                  content_type="text/plain; charset=utf-8")  # fmt: skip
    yield Capture(_url("no-type"), 47, "no-content-type", _page(seed, "no type"), content_type=None,
                  note="HTML without a Content-Type header: the bytes tell")  # fmt: skip
    xhtml = '<?xml version="1.0" encoding="utf-8"?>\n' + _page(seed, "xhtml").decode().replace(
        '<html lang="en">', '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">'
    ).replace('<meta charset="utf-8">', '<meta charset="utf-8" />').replace("<!DOCTYPE html>\n", "<!DOCTYPE html>")
    yield Capture(_url("strict.xhtml"), 48, "xhtml", xhtml.encode(), content_type="application/xhtml+xml")


def _encodings(seed: int) -> Iterator[Capture]:
    page = _page(seed, "gzip")
    yield Capture(_url("packed/gzip"), 51, "content-encoding-gzip", gzip.compress(page, mtime=0),
                  headers={"Content-Encoding": "gzip"})  # fmt: skip
    yield Capture(_url("packed/deflate"), 52, "content-encoding-deflate", zlib.compress(_page(seed, "deflate")),
                  headers={"Content-Encoding": "deflate"})  # fmt: skip
    yield Capture(_url("packed/chunked"), 53, "chunked", chunked(_page(seed, "chunked")),
                  headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    both = chunked(gzip.compress(_page(seed, "both"), mtime=0))
    yield Capture(_url("packed/both"), 54, "chunked-gzip", both,
                  headers={"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"})  # fmt: skip
    yield Capture(_url("packed/already-open"), 55, "content-encoding-untrue", _page(seed, "untrue"),
                  headers={"Content-Encoding": "gzip"},
                  note="says gzip, but whoever wrote the archive had unpacked it: common in real crawls")  # fmt: skip


def _no_pages(seed: int) -> Iterator[Capture]:
    for number in (1, 2):
        original = _url(f"packed/{('gzip', 'deflate')[number - 1]}")
        yield Capture(original, 80 + number, "revisit", b"", *_NO_PAGE, "a revisit record: it holds no page",
                      record_type="revisit", block=b"HTTP/1.1 304 Not Modified\r\nServer: sample\r\n\r\n",
                      warc_headers={
                          "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
                          "WARC-Refers-To-Target-URI": original,
                      })  # fmt: skip
    dns = f"20240520080000\n{_SITE.host}.\t600\tIN\tA\t192.0.2.17\n".encode()
    yield Capture(f"dns:{_SITE.host}", 79, "dns", b"", *_NO_PAGE, "a response to a DNS query", block=dns,
                  warc_headers={"Content-Type": "text/dns", "WARC-IP-Address": "192.0.2.1"})  # fmt: skip
    log = b"--2024-05-21 08:00:00--  harbour-lights.example\nSaved 41 files.\n"
    yield Capture(_url("crawl.log"), 81, "resource", b"", ("rejected",), ("read", "extract"),
                  "a log that a crawler put into its archive, too short where plain text is read",
                  record_type="resource", block=log, warc_headers={"Content-Type": "text/plain"})  # fmt: skip
    text = "\n".join(prose.plain(block) for block in _article(seed, "conversion").blocks).encode()
    yield Capture(_url("converted"), 82, "conversion", b"", ("kept", "rejected"), ("read",),
                  "text that somebody else extracted, as WET files hold it: kept where WET is read, else no page",
                  record_type="conversion", block=text, warc_headers={"Content-Type": "text/plain"})  # fmt: skip


def chunked(body: bytes, size: int = 3000) -> bytes:
    """``body`` in the chunked transfer coding (RFC 9112, section 7.1)."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _png() -> bytes:
    """One grey pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
