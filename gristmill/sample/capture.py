"""A capture: one crawl of one URL, as planters hand it to the crawl, and how it becomes a WARC record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from gristmill.sample import warc
from gristmill.sample.dice import digest
from gristmill.sample.expectations import Expectation

FIRST_DAY = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = 120  # length of the crawl

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Capture:
    """One record to be and what is expected of it.

    ``day`` counts from the crawl's first day and decides file and date; the second within the day follows from
    ``url``. ``block`` replaces the HTTP response that is otherwise built from ``status``, ``content_type`` (``None``
    leaves the header out), ``headers`` and ``body``. ``warc_headers`` are added to, or with an empty value taken
    from, the record's head. ``lie`` is added to the true Content-Length of the record.
    """

    url: str
    day: int
    kind: str
    body: bytes
    fates: tuple[str, ...] = ("kept",)
    stages: tuple[str, ...] = ()
    note: str = ""
    content_type: str | None = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    record_type: str = "response"
    block: bytes | None = None
    warc_headers: Mapping[str, str] = field(default_factory=dict)
    lie: int = 0

    @property
    def date(self) -> str:
        """The WARC-Date."""
        second = int.from_bytes(digest("second", self.url)[:4]) % 86400
        return f"{FIRST_DAY + timedelta(days=self.day, seconds=second):%Y-%m-%dT%H:%M:%S}Z"

    def expectation(self) -> Expectation:
        """This capture's line on the answer sheet."""
        url = self.warc_headers.get("WARC-Target-URI", self.url)
        return Expectation(url, self.date, self.kind, self.fates, self.stages, self.note)

    def records(self) -> list[bytes]:
        """The uncompressed records of this capture: the response first, then what a crawler writes beside it."""
        block = self.http() if self.block is None else self.block
        response_id = warc.record_id(self.record_type, self.url, self.date, self.kind)
        head = {
            "WARC-Record-ID": response_id,
            "WARC-Date": self.date,
            "WARC-Target-URI": self.url,
            "Content-Type": "application/http; msgtype=response",
            "WARC-Block-Digest": warc.sha1(block),
        }
        if self.record_type == "response" and b"\r\n\r\n" in block:
            head["WARC-Payload-Digest"] = warc.sha1(block.partition(b"\r\n\r\n")[2])
        head = {name: value for name, value in (head | dict(self.warc_headers)).items() if value}
        response = warc.record(self.record_type, head, block, len(block) + self.lie)
        if self.record_type != "response" or not self.url.startswith("http"):
            return [response]
        beside = [warc.request(self.url, self.date, response_id)]
        if digest("metadata", self.url)[0] < 64 or self.lie:
            beside.append(warc.metadata(self.url, self.date, response_id))
        return [response, *beside]

    def http(self) -> bytes:
        """The HTTP response."""
        fields = {"Date": f"{FIRST_DAY + timedelta(days=self.day):%a, %d %b %Y} 08:00:00 GMT", "Server": "sample"}
        if self.content_type is not None:
            fields["Content-Type"] = self.content_type
        fields |= dict(self.headers)
        if "Transfer-Encoding" not in fields:
            fields["Content-Length"] = str(len(self.body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n{lines}\r\n".encode() + self.body
