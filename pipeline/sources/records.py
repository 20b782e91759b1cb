"""What every source hands over: one record of the crawl, judged as far as reading goes."""

from __future__ import annotations

from dataclasses import dataclass

from text.hashing import document_id


@dataclass(frozen=True)
class PageRecord:
    """An HTML page (``html`` set) or a finished text (``text`` set, from WET or a table), accepted at ``read``.

    ``undecodable``: the share of a text's characters that could not be decoded; a page's parser finds its own.
    ``file`` and ``offset``, of every kind of record: the archive that it lies in and at which byte; ``None`` of rows of
    tables, and of what has no place. ``row``: of tables, which row or line it is, from 1 on.
    """

    id: str
    url: str
    date: str
    html: bytes = b""
    content_type: str = ""
    text: str | None = None
    title: str = ""
    undecodable: float = 0.0
    file: str | None = None
    offset: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class RejectedRecord:
    """A whole record that is no page we want: ``reason`` and, where there is one, the number behind it."""

    id: str
    url: str
    date: str
    reason: str
    score: float | None = None
    file: str | None = None
    offset: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class FailedRecord:
    """Something that could not be read: a broken record, or a damaged stretch of an archive (then without a URL)."""

    id: str
    url: str
    error: str
    file: str | None = None
    offset: int | None = None
    row: int | None = None


Record = PageRecord | RejectedRecord | FailedRecord


def failed(path: str, offset: int | None, error: str, url: str = "", identity: str = "") -> FailedRecord:
    """A failure at a place in an input file; its id is a hash of that place, and of the record's own ``identity`` where
    several records have one place (a gzip member)."""
    place = path if offset is None else f"{path} at byte {offset}"
    hashed = document_id(url, "", f"{place}\n{error}{identity}".encode())
    return FailedRecord(hashed, url, f"{error} ({place})", None if offset is None else path, offset)
