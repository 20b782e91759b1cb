"""Copies of a crawl that no deduplication takes for copies: other URLs, and every third word another one."""

from __future__ import annotations

import gzip
import re
import zlib
from itertools import islice
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

# Text between tags; words in it, of any script, as bytes.
_TEXT = re.compile(rb">[^<]+<")
_WORD = re.compile(rb"[^\s<>&;#]{3,}")


def write_copy(file: str, folder: Path, number: int, limit: int | None = None) -> str:
    """Writes copy ``number`` of a WARC file's responses, or of the first ``limit`` of them, into ``folder``; copy 0 has
    its words as they were."""
    folder.mkdir(exist_ok=True)
    target = folder / Path(file).name
    with open(file, "rb") as source, open(target, "wb") as out:
        records = ArchiveIterator(source, record_types=WarcRecordType.response, parse_http=False)
        for record in islice(records, limit):
            url = record.headers["WARC-Target-URI"]
            scheme, _, rest = url.partition("://")
            block = record.reader.read()
            if number:
                head, gap, body = block.partition(b"\r\n\r\n")
                head = re.sub(rb"(?i)\r\ncontent-length:[^\r]*", b"", head)
                block = (
                    head
                    + gap
                    + _TEXT.sub(lambda text: _WORD.sub(lambda word: _change(word[0], number), text[0]), body)
                )
            headers = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {scheme}://copy{number}.{rest}\r\n"
                f"WARC-Date: {record.headers['WARC-Date']}\r\nWARC-Record-ID: {record.headers['WARC-Record-ID']}\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
            )
            out.write(gzip.compress(headers.encode() + block + b"\r\n\r\n", 1, mtime=0))
    return str(target)


def _change(word: bytes, number: int) -> bytes:
    return word + b"%d" % number if zlib.crc32(word) % 3 == 0 else word
