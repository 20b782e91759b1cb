"""Labels of ours for pages of discussions: which of a page's blocks are content, told by people who read them.

    python -m bench.forum_labels show WARC… --page RECORD           a page's blocks with their numbers, to read and label
    python -m bench.forum_labels add WARC… --page RECORD --kind thread --program phpBB --content 3,5-9
                                                                    [--quoted 7] [--replies 12-40]
    python -m bench.forum_labels check WARC…                        whether the labels still find their blocks
    python -m bench.forum_labels pack WARC… --output PACK           the labelled pages as a pack, for bench.extraction

``bench/threads/labels.jsonl`` holds them, ``bench/threads/README.md`` says what is content. A line names a page by its WARC
record, address and payload digest, and its blocks by number: there is no text of the page in it. Numbers move when the
scanner reads pages otherwise, so each labelled block has a short hash of its words beside it; :func:`found` looks for these
and says which blocks they are today. A pack has the pages' text, and is for a folder of one's own: its sources are
"threads" and "comments", each line of gold.jsonl also has the numbers of the blocks. Its gold text is the content without what is quoted again.

RECORD is a record's id, or a part of its address that no other record has. WARC files are read in the order given.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fastwarc.warc import ArchiveIterator, WarcRecordType

from parsers.backends.gristmill_backend import decoded
from parsers.blocks.inline_text import InlineText
from parsers.parsed_page import ScannedPage, scan_source
from parsers.scanner import page as s
from parsers.scanner.page import start_tag

LABELS = Path(__file__).with_name("threads") / "labels.jsonl"
# A thread of a forum or board, a question with answers, a mail and its answers; or an article with readers' comments below it.
KINDS = ("thread", "question", "comments")
_RANGES = ("content", "quoted", "replies")
_MISSING = 0.05  # of a label's blocks that may be gone before the page counts as another one
_HEX = 6  # digits of a block's hash
_WORD = re.compile(r"\w+")
_NAMED = re.compile(r'\b(?:id|class|itemprop|role)="([^"]{1,60})')
_SHOWN = 110  # characters of a block that are shown


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
        fields |= {name: numbers(fields[name]) for name in _RANGES}
        fields["hashes"] = tuple(re.findall(f".{{{_HEX}}}", fields["hashes"]))
        labels.append(Label(**fields))
    return labels


def write_labels(labels: Iterable[Label], path: Path = LABELS) -> None:
    """Writes a file that :func:`read_labels` reads."""
    lines = [
        label._asdict() | {name: ranges(getattr(label, name)) for name in _RANGES} | {"hashes": "".join(label.hashes)}
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
                    http.get("Content-Type", "") if http else "", record.reader.read(),
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


def made(capture: Capture, texts: list[str], blocks: dict[str, Iterable[int]], **about: str) -> Label:
    """The label of a page with these blocks (``content``, ``quoted``, ``replies``). Raises ``ValueError`` for numbers that it
    doesn't have."""
    content, quoted, replies = (tuple(blocks[name]) for name in _RANGES)
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
    out = {name: np.zeros(len(texts), bool) for name in _RANGES}
    for name, rows in out.items():
        rows[[places[number] for number in getattr(label, name) if number in places]] = True
    return out


def shown(page: ScannedPage, texts: list[str]) -> Iterator[str]:
    """A line for each block that has text: number, names of the elements around it where they differ from the last one's, text.
    What the parser thinks of it isn't there: who labels should not be led by that."""
    last = ""
    for row, text in enumerate(texts):
        element = int(page.page.blocks[row, s.ELEMENT])
        names: list[str] = []
        while element >= 0 and len(names) < 3:
            tag = start_tag(page.markup, page.page, element)
            called = _NAMED.findall(tag)
            if called or not names:
                names.append(".".join([tag[1:].split(">")[0].split(" ")[0], *(" ".join(called).split()[:3])])[:40])
            element = int(page.page.elements[element, s.PARENT])
        where, text = "<".join(names), re.sub(r"\s+", " ", text)
        if len(text) > _SHOWN:
            text = f"{text[: _SHOWN - 30]} … {text[-25:]} ({len(_WORD.findall(text))})"
        if text:
            yield f"{row} {'' if where == last else f'[{where}] '}{text}"
            last = where


def write_pack(labels: dict[str, Label], archives: Iterable[Path], folder: Path) -> int:
    """The labelled pages in the form of the development pack. How many there are; those that have changed are left out."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    lines = []
    for capture in captures(archives):
        if capture.record not in labels:
            continue
        label, texts = labels[capture.record], block_texts(scanned(capture))
        rows = found(label, texts)
        if rows is None:
            print("gone ", label.record, label.url)
            continue
        name = capture.record[-13:-1]
        (folder / "pages" / f"{name}.html").write_bytes(capture.html)
        gold = np.flatnonzero(rows["content"] & ~rows["quoted"])
        line = {
            "id": name, "url": label.url, "source": "comments" if label.kind == "comments" else "threads",
            "text": "\n".join(texts[row] for row in gold.tolist()), "with": [], "without": [],
            "type": "article" if label.kind == "comments" else "forum",
            "blocks": len(texts), **{name: np.flatnonzero(of).tolist() for name, of in rows.items()},
        }  # fmt: skip
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    (folder / "gold.jsonl").write_text("".join(lines), "utf-8")
    return len(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("step", choices=("show", "add", "check", "pack"))
    options.add_argument("archives", type=Path, nargs="+", metavar="WARC")
    options.add_argument("--page", metavar="RECORD")
    options.add_argument("--kind", choices=KINDS, default=KINDS[0])
    options.add_argument("--program", default="")
    options.add_argument("--language", default="")
    options.add_argument("--content", type=numbers, default=())
    options.add_argument("--quoted", type=numbers, default=())
    options.add_argument("--replies", type=numbers, default=())
    options.add_argument("--labels", type=Path, default=LABELS)
    options.add_argument("--output", type=Path, metavar="PACK")
    asked = options.parse_args()
    labels = {label.record: label for label in read_labels(asked.labels)}
    if asked.step == "pack":
        print(write_pack(labels, asked.archives, asked.output), "pages")
        return
    for capture in captures(asked.archives):
        if asked.step == "check" and capture.record in labels:
            label = labels[capture.record]
            texts = block_texts(scanned(capture))
            print("gone " if found(label, texts) is None else "found", label.record, label.url)
        elif asked.step != "check" and (capture.record == asked.page or asked.page in capture.url):
            page = scanned(capture)
            texts = block_texts(page)
            if asked.step == "show":
                print("\n".join(shown(page, texts)))
                return
            about = {"kind": asked.kind, "program": asked.program, "language": asked.language}
            labels[capture.record] = made(capture, texts, {name: getattr(asked, name) for name in _RANGES}, **about)
            write_labels(labels.values(), asked.labels)
            return


if __name__ == "__main__":
    main()
