"""What an archive's record is: a page, a text, or a rejection with its reason. WARC, ARC and WACZ files meet here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.sources.body import read_body
from pipeline.sources.http import TooLarge, decode_body, parse_head
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord, failed
from text.hashing import document_id

# The limit is for the body; HTTP heads are small.
HEAD_BYTES = 65_536


_PLAIN = re.compile(r"https?://[A-Za-z0-9-][A-Za-z0-9.-]*(?:[/?#]|\Z)")


@dataclass(frozen=True)
class Limits:
    """``max_record_bytes``: a longer body is rejected; ``keep_truncated``: one that was cut is kept."""

    max_record_bytes: int
    keep_truncated: bool

    @property
    def block_bytes(self) -> int:
        """How much of a record's block a reader must hand over: what is longer is too large."""
        return self.max_record_bytes + HEAD_BYTES + 1


@dataclass(frozen=True)
class Capture:
    """One record of an archive, as far as the archive's own format goes.

    ``path`` and ``offset`` say where it lies; ``kind`` is the WARC-Type; ``content_type`` that of the record, not of
    HTTP; ``declared`` how many bytes the block has by its header; ``truncated``: its crawler says that it cut it, or that it
    is the first of several segments.
    """

    path: str
    offset: int
    kind: str
    url: str
    date: str
    content_type: str
    block: bytes
    declared: int | None
    truncated: bool = False


def is_web_address(url: str) -> bool:
    """Whether ``url`` is http or https and names a host: the block lists know no others."""
    if _PLAIN.match(url):  # most, at a tenth of the price
        return True
    if not url[:8].lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def judge(capture: Capture, limits: Limits) -> Record:
    """The capture as a record of the crawl."""
    url, date, block, declared = capture.url, capture.date, capture.block, capture.declared
    identity = document_id(url, date, block)

    def failure(error: str) -> FailedRecord:
        return failed(capture.path, capture.offset, error, url, identity)

    if declared is not None and len(block) < min(declared, limits.max_record_bytes):
        error = f"the record is cut off: {len(block)} of {declared} bytes are there"
        return failure(error)

    def rejected(reason: str, score: float | None = None) -> RejectedRecord:
        return RejectedRecord(identity, url, date, reason, score, capture.path, capture.offset)

    if capture.kind not in ("response", "resource", "conversion"):
        return rejected(f"record_type_{capture.kind}")
    if not url:
        return failure("the record has no WARC-Target-URI")
    if not is_web_address(url):
        return rejected("not_a_web_address")

    content_type = capture.content_type
    headers: dict[str, str] = {}
    if capture.kind == "response":
        status, headers, body_at = parse_head(block)
        if status is None:
            return failure("the response does not begin with an HTTP status line")
        if status != 200:
            return rejected("http_status", status)
        content_type = headers.get("content-type", "")
        block = block[body_at:]
    if len(block) > limits.max_record_bytes:
        return rejected("too_large", len(block) if declared is None else declared)
    try:
        body, complete = decode_body(block, headers, limits.max_record_bytes)
    except TooLarge:
        return rejected("too_large", limits.max_record_bytes)
    if not limits.keep_truncated and (capture.truncated or not complete):
        return rejected("truncated", len(block))
    if not body.strip():
        return rejected("empty", 0)
    # WET: ISO 28500 says what a conversion may be, Common Crawl writes text/plain; without a type it is a text.
    converted = capture.kind == "conversion"
    found = read_body(body, content_type or ("text/plain" if converted else ""), converted)
    if found is None:
        return rejected("content_type")
    return PageRecord(
        identity,
        url,
        date,
        found.html,
        found.content_type,
        found.text,
        undecodable=found.undecodable,
        file=capture.path,
        offset=capture.offset,
    )
