"""The process that reads crawled records and explains their blocks: bytes that anybody may have written touch no other.

Requests come as lines of JSON on standard input, answers go as such lines to standard output: whatever a hostile page makes
of this process, all that can come back is data. It may add so much memory as the recipe allows the parser.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline import storage
from pipeline.sources.captures import Limits
from pipeline.sources.files import can_be_cut, read_records
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.warc import read_warc
from recipes.schema import Read

# Records of one gzip member share their place.
_RECORDS_AT_ONE_PLACE = 10_000


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The record with the wanted id and, for ``explain``, its blocks; or ``error``, a sentence. ``id`` is a hash of address, date
    and bytes: a record that has it is the one that the run read."""
    found = next((record for record in _records(request) if record.id == request["id"]), None)
    place = f"{request['path']} at {request['offset']}"
    if found is None:
        return {
            "error": f"{place} holds no record with the id {request['id']}; the file isn't the one that the run read"
        }
    if not isinstance(found, PageRecord):
        why = getattr(found, "reason", None) or getattr(found, "error", "")
        return {"error": f"the record was no page ({why}), so there are no bytes of a page to show"}
    if found.text is not None:
        return {"text": found.text, "content_type": "text/plain", "html": "", "source": found.text}
    source, charset = _decoded(found)
    said = {
        "html": base64.b64encode(found.html).decode(), "content_type": found.content_type, "charset": charset, "source": source,
    }  # fmt: skip
    return said | (_explained(found, request) if request["explain"] else {})


def _records(request: dict[str, Any]) -> Iterator[Record]:
    path, name, offset, most = (request[key] for key in ("path", "name", "offset", "max_record_bytes"))
    if offset is None or not can_be_cut(path):
        yield from read_records(path, name, Read(most, True))
        return
    with storage.open_read(path) as stream:
        # Cut records are shown as well: their ids are the same.
        records = read_warc(stream, name, Limits(most, True), begin=offset)
        for number, record in enumerate(records):
            if record.offset != offset or number == _RECORDS_AT_ONE_PLACE:
                return
            yield record


def _decoded(page: PageRecord) -> tuple[str, str]:
    backend = importlib.import_module("parsers.backends.gristmill_backend")  # compiled code: only for pages
    source, charset, _ = backend.decoded(page.html, page.content_type)
    return source if isinstance(source, str) else source.decode("utf-8", "replace"), charset


def _explained(page: PageRecord, request: dict[str, Any]) -> dict[str, Any]:
    """Its blocks by today's parser, and the text that those make up, as the recipe asks for them."""
    parsers = importlib.import_module("parsers")
    blocks = parsers.explain(page.html, page.url, page.content_type, alt_text=request["alt_text"])
    extracted = parsers.extract(page.html, page.url, page.content_type, alt_text=request["alt_text"])
    if request["headline"] == "drop":
        extracted = extracted.without_headline()
    return {"blocks": [block._asdict() for block in blocks], "text": extracted.text}


def _used_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[0] if os.path.exists("/proc/self/statm") else 0
    return int(pages) * resource.getpagesize()


def serve(memory_mb: int) -> None:
    """Answers requests until standard input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    for module in ("parsers.backends.gristmill_backend", "parsers.explanation"):
        importlib.import_module(module)
    parsers = importlib.import_module("parsers")
    parsers.explain(b"<html><body><p>warm-up</p></body></html>")
    parsers.extract(b"<html><body><p>warm-up</p></body></html>")
    most = _used_bytes() + (memory_mb << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except MemoryError:
            said = {"error": f"reading the page needs more than {memory_mb} MiB (extract.memory_mb)"}
        except Exception as error:  # noqa: BLE001 (whatever a library raises is about this page alone)
            said = {"error": f"{type(error).__name__}: {error}"[:500]}
        # Lone surrogates in broken pages stay escaped in ASCII.
        replies.write(json.dumps(said) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
