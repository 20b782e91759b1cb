"""Labels of ours for pages of discussions: which of a page's blocks are content, told by people who read them.

``bench/threads/labels.jsonl`` holds them, ``bench/threads/README.md`` says what is content; :mod:`bench.label_forums` shows pages to
label. A line names a page by its WARC record, address and payload digest, and its blocks by number: there is no text of the
page in it. Numbers move when the scanner reads pages otherwise, so each labelled block has a short hash of its words beside
it; :func:`found` looks for these and says which blocks they are today.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fastwarc.warc import ArchiveIterator, WarcRecordType

from parsers.backends.gristmill_backend import decoded
from parsers.blocks.inline_text import InlineText
from parsers.parsed_page import ScannedPage, scan_source

LABELS = Path(__file__).with_name("threads") / "labels.jsonl"
# A thread of a forum or board, a question with answers, a mail and its answers; or an article with readers' comments below it.
KINDS = ("thread", "question", "comments")
RANGES = ("content", "quoted", "replies")
_MISSING = 0.05  # of a label's blocks that may be gone before the page counts as another one
_HEX = 6  # digits of a block's hash
_WORD = re.compile(r"\w+")


class Label(NamedTuple):
    """A labelled page.

    ``record``, ``url``, ``payload``  WARC record id, address and payload digest. ``kind``  one of :data:`KINDS`;
    ``program``, ``language``  what wrote the page and what it is written in, as far as it could be told.
    ``blocks``  how many the page had. ``content``  numbers of those that are content; ``quoted``  those among them that
    only quote a post which stands further up; ``replies``  of readers' comments below an article. Both are kept apart since gold
    texts differ about them (the guide says how). ``hashes``  of the words of content and replies, in the order of the page.
    """

    record: str
    url: str
    payload: str
    kind: str
    program: str
    language: str
    blocks: int
    content: tuple[int, ...]
    quoted: tuple[int, ...]
    replies: tuple[int, ...]
    hashes: tuple[str, ...]


class Capture(NamedTuple):
    """A record of a crawl: what names it, its HTTP content type, and the page as crawled."""

    record: str
    url: str
    payload: str
    content_type: str
    html: bytes


def read_labels(path: Path = LABELS) -> list[Label]:
    """The labels of a file, in its order; none where it is missing."""
    if not path.exists():
        return []
    labels = []
    for line in path.read_text("utf-8").splitlines():
        fields = json.loads(line)
        fields |= {name: numbers(fields[name]) for name in RANGES}
        fields["hashes"] = tuple(re.findall(f".{{{_HEX}}}", fields["hashes"]))
        labels.append(Label(**fields))
    return labels


def write_labels(labels: Iterable[Label], path: Path = LABELS) -> None:
    """Writes a file that :func:`read_labels` reads."""
    lines = [
        label._asdict() | {name: ranges(getattr(label, name)) for name in RANGES} | {"hashes": "".join(label.hashes)}
        for label in labels
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def numbers(written: str) -> tuple[int, ...]:
    """The text 3,5-7 as 3, 5, 6, 7. Raises ``ValueError`` where they don't rise."""
    found: list[int] = []
    for part in filter(None, written.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    if found != sorted(set(found)):
        raise ValueError(f"the numbers of blocks don't rise: {written}")
    return tuple(found)


def ranges(of: Iterable[int]) -> str:
    """The opposite of :func:`numbers`."""
    runs: list[list[int]] = []
    for number in of:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def captures(archives: Iterable[Path]) -> Iterator[Capture]:
    """The responses of WARC files."""
    for path in archives:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
                headers, http = record.headers, record.http_headers
                yield Capture(
                    headers["WARC-Record-ID"], headers["WARC-Target-URI"], headers["WARC-Payload-Digest"],
                    (http.get("Content-Type") or "") if http else "", record.reader.read(),
                )  # fmt: skip


def scanned(capture: Capture) -> ScannedPage:
    """A capture as the parser scans it."""
    return scan_source(decoded(capture.html, capture.content_type)[0], capture.url)


def block_texts(page: ScannedPage) -> list[str]:
    """The text of each block."""
    texts = InlineText(page.markup, page.page)
    return [texts.block_text(row) for row in range(len(page.page.blocks))]


def block_hash(text: str) -> str:
    """A short hash of a block's words, without regard to case and punctuation."""
    words = " ".join(_WORD.findall(text.lower()))
    return hashlib.blake2s(words.encode("utf-8", "replace"), digest_size=_HEX // 2).hexdigest()


def made(capture: Capture, texts: list[str], blocks: Mapping[str, Iterable[int]], **about: str) -> Label:
    """The label of a page with these blocks (``content``, ``quoted``, ``replies``). Raises ``ValueError`` for numbers that it
    doesn't have."""
    content, quoted, replies = (tuple(blocks[name]) for name in RANGES)
    both = sorted((*content, *replies))
    if len(both) != len(set(both)) or not set(quoted) <= set(content) or (both and both[-1] >= len(texts)):
        raise ValueError(f"{capture.url}: a block is content and a reply, or quoted and no content, or missing")
    hashes = tuple(block_hash(texts[number]) for number in both)
    return Label(
        capture.record, capture.url, capture.payload, about["kind"], about["program"], about["language"], len(texts),
        content, quoted, replies, hashes,
    )  # fmt: skip


def found(label: Label, texts: list[str]) -> dict[str, np.ndarray] | None:
    """``bool[m]`` for each of ``content``, ``quoted`` and ``replies``: which blocks these are today. Where the numbers no
    longer point at the same words, the blocks with these words, in their order. ``None`` where too many are gone."""
    both = sorted((*label.content, *label.replies))
    today = [block_hash(text) for text in texts]
    places: dict[int, int] = {}  # of a block when it was labelled, and now
    if len(texts) == label.blocks and all(today[n] == known for n, known in zip(both, label.hashes, strict=True)):
        places = {number: number for number in both}
    else:
        for known, now, size in SequenceMatcher(None, label.hashes, today, autojunk=False).get_matching_blocks():
            places.update({both[known + step]: now + step for step in range(size)})
    if len(places) < (1 - _MISSING) * len(both):
        return None
    out = {name: np.zeros(len(texts), bool) for name in RANGES}
    for name, rows in out.items():
        rows[[places[number] for number in getattr(label, name) if number in places]] = True
    return out
