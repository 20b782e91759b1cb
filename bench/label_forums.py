"""Shows pages of discussions to people who label their blocks, and writes the labelled ones as a pack.

    python -m bench.label_forums show WARC… --page RECORD           a page's blocks with their numbers, to read and label
    python -m bench.label_forums add WARC… --page RECORD --kind thread --program phpBB --content 3,5-9
                                                                    [--quoted 7] [--replies 12-40]
    python -m bench.label_forums check WARC…                        whether the labels still find their blocks
    python -m bench.label_forums pack WARC… --output PACK           the labelled pages as a pack, for bench.extraction

RECORD is a record's id, or a part of its address that no other record has. WARC files are read in the order given. A pack
has the pages' text, and is for a folder of one's own: its sources are "threads" and "comments", each line of gold.jsonl also
has the numbers of the blocks. Its gold text is the content without what is quoted again.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from bench.forum_labels import (
    KINDS,
    LABELS,
    RANGES,
    Label,
    block_texts,
    captures,
    found,
    made,
    numbers,
    read_labels,
    scanned,
    write_labels,
)
from parsers.parsed_page import ScannedPage
from parsers.scanner import page as s
from parsers.scanner.page import start_tag

_NAMED = re.compile(r'\b(?:id|class|itemprop|role)="([^"]{1,60})')
_WORD = re.compile(r"\w+")
_SHOWN = 110  # characters of a block that are shown


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
            labels[capture.record] = made(capture, texts, {name: getattr(asked, name) for name in RANGES}, **about)
            write_labels(labels.values(), asked.labels)
            return


if __name__ == "__main__":
    main()
