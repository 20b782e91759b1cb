"""Where a table's row has its address, date, page or text: the names that corpora and tools use.

docs/inputs.md lists the corpora. A name with a dot is a field of a record inside the row (or of one that was written
into a string), or a column of that very name, as pandas flattens records. The first name with a value counts, and of dates
the first that can be understood: tables born as CSV or pandas write ``""``, ``NaN`` or ``None`` for nothing, and an empty
column mustn't hide a full one.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from pipeline.sources.body import Body, read_body, read_text
from pipeline.sources.captures import Limits, is_web_address
from pipeline.sources.dates import normalise_date
from pipeline.sources.records import PageRecord, Record, RejectedRecord, failed
from text.hashing import document_id

URLS = (
    "url", "source_url", "warc_target_uri", "WARC-Target-URI", "u", "uri", "URL", "target_uri", "page_url",
    "metadata.url", "metadata.source_url", "metadata.WARC-Target-URI", "metadata.warc_target_uri",
    "warc_headers.warc-target-uri", "warc_headers.WARC-Target-URI", "metadata.warc_headers.warc-target-uri",
    "meta.url", "meta.source_url", "meta.warc_headers.warc-target-uri", "meta.uri",
)  # fmt: skip
DATES = (
    "date", "warc_date", "timestamp", "crawl_date", "fetch_time", "date_download", "WARC-Date", "ts", "fetchTime",
    "crawl_timestamp", "crawl_time", "warc_timestamp",
    "metadata.date", "metadata.warc_date", "metadata.WARC-Date", "metadata.date_download", "metadata.timestamp",
    "metadata.crawl_date", "metadata.fetch_time", "metadata.warc_headers.warc-date",
    "warc_headers.warc-date", "warc_headers.WARC-Date",
    "meta.date", "meta.timestamp", "meta.date_download", "meta.warc_headers.warc-date", "meta.warc_date",
    "created",
)  # fmt: skip
HTML = ("html", "raw_html", "content_html", "html_content")
TEXTS = ("text", "content", "raw_content", "raw_text", "plain_text")
TITLES = ("title", "metadata.title", "meta.title")
# Dolma and RefinedWeb-like tables name a page by its address. Tried last, since most ids are none.
_URL_IF_ADDRESS = ("id", "metadata.id", "source")
_NAMES = (*URLS, *DATES, *HTML, *TEXTS, *TITLES, *_URL_IF_ADDRESS)
COLUMNS = frozenset((*_NAMES, *(name.partition(".")[0] for name in _NAMES)))
# How tables write that there is no value, where a column can only hold strings; \\N is MySQL's and PostgreSQL's.
_NOTHING = frozenset(("", "nan", "none", "null", "nil", "nat", "<na>", "\\n"))
_INVISIBLE = "\ufeff\u200b\u2060"
_LONGEST_STRING = 1 << 16


def judge_row(columns: Mapping[str, Any], place: str, limits: Limits) -> Record:
    """A row as a record of the crawl; ``place`` names it in errors."""
    row = _Row(columns)
    url = _text(row.first(URLS)).strip()
    if not url:
        url = next((value for name in _URL_IF_ADDRESS if is_web_address(value := _text(row.get(name)).strip())), "")
    date = next((date for name in DATES if (date := normalise_date(row.get(name)))), "")
    html, text = row.first(HTML), row.first(TEXTS)
    body = html if html is not None else text
    if not url:
        return failed(place, None, f"the row has no URL (looked for {', '.join(URLS)})")
    if body is None and any(isinstance(row.get(name), str | bytes) for name in (*HTML, *TEXTS)):
        body = ""
    if body is None:
        return failed(place, None, f"the row has no page (looked for {', '.join(HTML + TEXTS)})", url)
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    identity = document_id(url, date, data)
    if not is_web_address(url):
        return RejectedRecord(identity, url, date, "not_a_web_address")
    if not data.strip():
        return RejectedRecord(identity, url, date, "empty", 0)
    if len(data) > limits.max_record_bytes:
        return RejectedRecord(identity, url, date, "too_large", len(data))
    found = _body(body, data, is_html=html is not None)
    if found is None:
        return RejectedRecord(identity, url, date, "content_type")
    title = _text(row.first(TITLES))
    return PageRecord(identity, url, date, found.html, found.content_type, found.text, title, found.undecodable)


def text_and_url(columns: Mapping[str, Any]) -> tuple[str, str] | None:
    """The text of a row and its address, empty where it has none; ``None`` for a row without text. For documents that
    are learnt from: unlike a page of a crawl, one needs no address."""
    row = _Row(columns)
    text = _text(row.first(TEXTS))
    return (text, _text(row.first(URLS)).strip()) if text else None


def _body(value: str | bytes, data: bytes, is_html: bool) -> Body | None:
    if is_html:
        return read_body(data, "text/html; charset=utf-8" if isinstance(value, str) else "text/html")
    if isinstance(value, str):
        return read_text(data.decode("utf-8", "replace"))
    return read_body(data, "text/plain", converted=True)


class _Row:
    """A row, and the records inside it that were asked for."""

    def __init__(self, row: Mapping[str, Any]):
        self._row = row
        self._inner: dict[str, Mapping[str, Any]] = {}

    def get(self, name: str) -> Any:
        if "." not in name or name in self._row:
            return self._row.get(name)
        outer, _, field = name.partition(".")
        if outer not in self._inner:
            self._inner[outer] = _record(self._row.get(outer))
        inner = self._inner[outer]
        if not inner:
            return None
        if "." in field:
            outer, _, field = field.partition(".")
            inner = _record(inner.get(outer))
        return inner.get(field)

    def first(self, names: tuple[str, ...]) -> str | bytes | None:
        """The first string that says something."""
        for name in names:
            value = self.get(name)
            if isinstance(value, str | bytes) and not _is_blank(value):
                return value
        return None


def _is_blank(value: str | bytes) -> bool:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) and len(value) < 64 else value
    if not isinstance(text, str):
        return not text.strip()
    text = text.strip().strip(_INVISIBLE).strip()
    return len(text) <= 4 and text.lower() in _NOTHING


def _record(value: Any) -> Mapping[str, Any]:
    """A record inside a row: as it is, or as RedPajama writes it, in a string of JSON or of Python."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        return {str(key): inner for key, inner in value}  # Parquet's type map
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str) and value[:1] == "{" and len(value) <= _LONGEST_STRING:
        for read in (json.loads, ast.literal_eval):
            try:
                found = read(value)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
            return found if isinstance(found, dict) else {}
    return {}


def _text(value: Any) -> str:
    """A value as a string that UTF-8 can write: JSON may hold half a surrogate pair, and old writers of Parquet don't
    mark strings as such."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
