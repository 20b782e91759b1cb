"""What is fuzzed: a few sound inputs to begin from, and a check that raises where a reader does what it never may."""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import brotli
import zstandard

from blocklists.entries import parse_line
from blocklists.formats import log, read
from dedup.url import canonical_url
from pipeline.input_units import Stretch
from pipeline.seams import Chain
from pipeline.sources.body import read_body
from pipeline.sources.captures import Limits
from pipeline.sources.http import TooLarge, decode_body, parse_head
from pipeline.sources.records import Record
from pipeline.sources.stretches import Seam, read_stretch
from pipeline.sources.warc import read_warc
from text.hosts import host_of

_LIMITS = Limits(2000, False)
_DECODED_BYTES = 10_000
_PAGE = (
    b'<!doctype html><html lang="en"><head><title>Mills</title><meta charset="utf-8"><style>p{color:red}</style></head>'
    b'<body><nav><a href="/">Home</a></nav><article><h1>Tide mills</h1><p>The <b>miller</b> opens &amp; shuts.</p>'
    b"<pre><code>if x &lt; 1:\n    y()</code></pre><math><mi>x</mi><mo>=</mo><mn>1</mn></math><table><tr><td>1</table>"
    b"<ul><li>a<li>b</ul><script>var a = '</p>';</script></article></body></html>"
)


@dataclass(frozen=True)
class Target:
    """``check`` is given any bytes; what it lets through of exceptions is a finding. ``prepare`` is called once before."""

    name: str
    seeds: tuple[bytes, ...]
    check: Callable[[bytes], None]
    prepare: Callable[[], None] = lambda: None


def _record(number: int, body: bytes = b"<p>Page</p>", length: int | None = None) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:036d}>\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Target-URI: https://mill.example/{number}\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    ).encode() + block + b"\r\n\r\n"  # fmt: skip


_RECORDS = [_record(number) for number in range(1, 5)]
_ARCHIVES = (
    b"".join(_RECORDS),
    b"".join(gzip.compress(one, mtime=0) for one in _RECORDS),
    b"".join(zstandard.compress(one) for one in _RECORDS),
    gzip.compress(b"".join(_RECORDS), mtime=0),
    _record(1, length=700) + b"".join(_RECORDS),
    b"".join(_RECORDS).replace(b"WARC-Type", b"warc-type").replace(b"Content-Length", b"content-length"),
)


def _warc(data: bytes) -> None:
    """Any file ends, with records whose places lie in it."""
    for record in read_warc(io.BytesIO(data), "fuzz", _LIMITS):
        if record.offset is not None and not 0 <= record.offset <= len(data):
            raise AssertionError(f"a record lies at byte {record.offset} of {len(data)}")


def _cuts(data: bytes) -> None:
    """An archive cut anywhere (its first two bytes say where) gives the records of reading through."""
    where, data = data[:2], data[2:]
    through = list(read_warc(io.BytesIO(data), "fuzz", _LIMITS))
    found = records_of_stretches(data, {len(data) * place // 256 for place in where}, _LIMITS)
    if found != through:
        raise AssertionError(f"cut at {list(where)} of 256, {len(found)} records came of {len(through)}, or others")


def records_of_stretches(data: bytes, cuts: set[int], limits: Limits) -> list[Record]:
    """The records of an archive that is read in stretches between ``cuts``, corrected until they fit."""
    ends = sorted({0, *(cut for cut in cuts if 0 < cut < len(data))})
    stretches = [Stretch(0, "", "", None, *two) for two in zip(ends, [*ends[1:], None], strict=True)]
    found = [_read(data, stretch, limits) for stretch in stretches]
    while True:
        chain = Chain(0)
        taken = [chain.take(stretch, seam) for stretch, (_, seam) in zip(stretches, found, strict=True)]
        wrong = next((place for place, again in enumerate(taken) if again is not None), None)
        if wrong is None:
            return [record for records, _ in found for record in records]
        stretches[wrong] = taken[wrong] or stretches[wrong]
        found[wrong] = _read(data, stretches[wrong], limits)


def _read(data: bytes, stretch: Stretch, limits: Limits) -> tuple[list[Record], Seam]:
    seams: list[Seam] = []
    bounds = stretch.start, stretch.end, stretch.exact, stretch.damaged
    records = list(read_stretch(io.BytesIO(data), "fuzz", limits, bounds, seams.append))
    return records, seams[0]


def _http(data: bytes) -> None:
    """Any response has a status or none, and a body within the limit or none."""
    _, headers, body_at = parse_head(data)
    if not 0 <= body_at <= len(data):
        raise AssertionError(f"the body begins at {body_at} of {len(data)}")
    with contextlib.suppress(TooLarge):
        body = decode_body(data[body_at:], headers, _DECODED_BYTES).data
        if len(body) > _DECODED_BYTES:
            raise AssertionError(f"{len(body)} bytes were decoded")


def _responses() -> tuple[bytes, ...]:
    coded = {"gzip": gzip.compress(_PAGE, mtime=0), "br": brotli.compress(_PAGE), "zstd": zstandard.compress(_PAGE)}
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_PAGE), _PAGE)
    return (
        *(b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n\r\n" % name.encode() + body for name, body in coded.items()),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: a\r\n b\r\n\r\n" + _PAGE,
    )


_TYPES = (
    "text/html",
    "text/plain",
    "",
    "text/xml; charset=utf-16",
    "image/png, text/html;charset=gb18030",
    "application/xhtml+xml",
)


def _body(data: bytes) -> None:
    """What follows a header is a page, a text, or neither; its first byte says which type is claimed."""
    found = read_body(data[1:], _TYPES[data[0] % len(_TYPES)] if data else "")
    if found is not None and found.text is not None:
        found.text.encode()


def _load_parser() -> None:
    _html(_PAGE)  # compiles


def _html(data: bytes) -> None:
    """Any page is extracted or refused, and the same twice; spans lie in the text."""
    from parsers import PageTooCostly, extract

    try:
        page = extract(data, url="https://mill.example/")
    except PageTooCostly:
        return
    page.text.encode()
    for span in page.spans:
        if not 0 <= span.start <= span.end <= len(page.text):
            raise AssertionError(f"{span} of a text of {len(page.text)}")
    if extract(data, url="https://mill.example/") != page:
        raise AssertionError("the same page gave another text")


def _urls(data: bytes) -> None:
    """Any address has one key; that of a page on the web is the key of the address that it names."""
    url = data.decode("utf-8", "replace")
    key = canonical_url(url)
    key.encode()
    scheme = url.partition("://")[0].strip().lower()
    # What can't be parsed stays as it is; no host has a percent sign that begins no escape.
    parsed = not key.lower().startswith(scheme) and "%" not in key.partition("/")[0]
    if scheme in ("http", "https") and host_of(url) and parsed:
        again = canonical_url(f"{scheme}://{key}")
        if again != key:
            raise AssertionError(f"{url!r} has the key {key!r}, which has the key {again!r}")


def _lists(data: bytes) -> None:
    """Any file is a list or refused with a sentence; so is any line."""
    log.disabled = True  # a list says how many lines it doesn't know
    try:
        _read_list(data)
    finally:
        log.disabled = False


def _read_list(data: bytes) -> None:
    for line in data.decode("utf-8", "replace").splitlines():
        parse_line(line)
    with TemporaryDirectory() as folder:
        path = Path(folder, "list.txt")
        path.write_bytes(data)
        with contextlib.suppress(ValueError):
            for category in read(path):
                for _ in category.entries():
                    pass


TARGETS = {
    target.name: target
    for target in (
        Target("warc", _ARCHIVES, _warc),
        Target("cuts", tuple(b"\x40\xa0" + archive for archive in _ARCHIVES), _cuts),
        Target("http", _responses(), _http),
        Target("body", (b"\0" + _PAGE, b"\1<!-- a --><?xml?>\n<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>", b"\2\xff\xfe<\0!\0-\0-\0", b"\5<!---->" * 9), _body),
        Target("html", (_PAGE, b"<p>" * 20, b"<svg><title>x</svg><td>y", b"\xff\xfe<\x00p\x00>\x00x\x00"), _html, _load_parser),
        Target(
            "urls",
            (b"https://Example.org:443/a/../b/?utm_source=x&id=1&PHPSESSID=abc#!/r", b"http://[::1]/%7Ea;jsessionid=1",
             "https://bücher.example/ä?q=ü".encode(), b"//user:pw@host:80/%zz"),
            _urls,
        ),
        Target(
            "lists",
            (b"0.0.0.0 ads.example # note\n||banner.example^$third-party\n@@||ok.example^\n*.example.net\n",
             b"address=/bad.example/0.0.0.0\nlocal-zone: \"x.example\" always_nxdomain\n", b"domain,category\na.example,porn\n",
             gzip.compress(b"a.example\n", mtime=0)),
            _lists,
        ),
    )
}  # fmt: skip


def with_seeds(target: Target, folder: Path) -> Target:
    """The target with the files of a folder as inputs to begin from too."""
    return replace(target, seeds=(*target.seeds, *(path.read_bytes() for path in sorted(folder.iterdir()))))
