"""A small WARC writer (ISO 28500, WARC/1.1) whose files follow from their content: no clock, no random ids.

Each record is a gzip member of its own, which is what lets a reader start at any record and find its way again behind
damage.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
import zlib
from collections.abc import Mapping

from gristmill.sample.dice import digest

SOFTWARE = "gristmill sample crawl"


def record_id(*key: object) -> str:
    """A ``<urn:uuid:…>`` that follows from a key."""
    return f"<urn:uuid:{uuid.UUID(bytes=digest(*key)[:16], version=4)}>"


def sha1(data: bytes) -> str:
    """A digest as WARC headers write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def member(data: bytes) -> bytes:
    """``data`` as one gzip member with no file name and no time in its header."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    return squeeze.compress(data) + squeeze.flush()


def record(kind: str, headers: Mapping[str, str], block: bytes, length: int | None = None) -> bytes:
    """One uncompressed record. ``length`` overrides Content-Length, for records that are meant to lie."""
    head = {"WARC-Type": kind} | dict(headers)
    head["Content-Length"] = str(len(block) if length is None else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def warcinfo(file_name: str, date: str) -> bytes:
    """The record that opens a file and says who wrote it."""
    block = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.1\r\nrobots: classic\r\n".encode()
    headers = {
        "WARC-Record-ID": record_id("warcinfo", file_name),
        "WARC-Date": date,
        "WARC-Filename": file_name,
        "Content-Type": "application/warc-fields",
        "WARC-Block-Digest": sha1(block),
    }
    return record("warcinfo", headers, block)


def request(url: str, date: str, response_id: str) -> bytes:
    """The request that a crawler would have sent for a response."""
    host, _, path = url.partition("://")[2].partition("#")[0].partition("/")
    block = (
        f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: gristmill-sample/1.0\r\n"
        "Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n"
    ).encode()
    headers = {
        "WARC-Record-ID": record_id("request", response_id),
        "WARC-Date": date,
        "WARC-Target-URI": url,
        "WARC-Concurrent-To": response_id,
        "Content-Type": "application/http; msgtype=request",
        "WARC-Block-Digest": sha1(block),
    }
    return record("request", headers, block)


def metadata(url: str, date: str, response_id: str) -> bytes:
    """What a crawler notes beside a response."""
    took = int.from_bytes(digest("fetch", response_id)[:2]) % 900 + 40
    block = f"via: {url.rsplit('/', 1)[0]}/\r\nhopsFromSeed: L\r\nfetchTimeMs: {took}\r\n".encode()
    headers = {
        "WARC-Record-ID": record_id("metadata", response_id),
        "WARC-Date": date,
        "WARC-Target-URI": url,
        "WARC-Concurrent-To": response_id,
        "Content-Type": "application/warc-fields",
        "WARC-Block-Digest": sha1(block),
    }
    return record("metadata", headers, block)
