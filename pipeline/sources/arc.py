"""Records from ARC files, versions 1 and 2 (archive.org/web/researcher/ArcFileFormat.php), what came before WARC.

A record is a line, ``URL IP date type length`` (version 2 has five more fields before the length), and the response as
it was received. Addresses with blanks in them were written as they are, so that the line is read from its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.sources.captures import Limits
from pipeline.sources.dates import normalise_date
from pipeline.sources.members import Members
from pipeline.sources.records import Record
from pipeline.sources.sequential import Format, Head, read_sequentially

_LINE = re.compile(
    rb"(?P<url>[a-zA-Z][a-zA-Z0-9+.-]*:\S.*?) (?P<ip>[0-9a-fA-F.:]{2,45}|-) (?P<date>\d{4,17}) (?P<type>[^ ]+)(?P<more> .*)?"
    rb" (?P<length>\d{1,18})[ \t]*\r?\n"
)
# As long as addresses are.
_HEAD_BYTES = 4096


def _read_head(line: bytes, members: Members) -> Head | None:
    match = _LINE.fullmatch(line if line.endswith(b"\n") else line + b"\n")
    if match is None:
        return None
    url = match["url"].decode("utf-8", "replace")
    scheme = url.partition(":")[0].lower()
    # What isn't from the web is what the archive says about itself, and names that were looked up.
    kind = "response" if scheme in ("http", "https") else "filedesc" if scheme == "filedesc" else "resource"
    return Head(kind, url, normalise_date(match["date"]), match["type"].decode("latin-1"), int(match["length"]))


_FORMAT = Format("ARC", _read_head, re.compile(rb"(?<=\n)" + _LINE.pattern), _LINE, _HEAD_BYTES)


def read_arc(stream: BinaryIO, path: str, limits: Limits) -> Iterator[Record]:
    """Every record of an archive, in order. ``stream`` is the raw, seekable file; ``path`` names it in errors."""
    return read_sequentially(stream, path, limits, _FORMAT)
