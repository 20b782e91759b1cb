"""A dozen pages of the sample crawl, and what the parser makes of them: kept in tests/parsers/golden/.

    python -m tests.parsers.golden_pages        takes the pages and the answers anew

Run it after a change that is meant to move probabilities or text, and read the difference before it is committed. The
pages are one file each, so that a change of the sample crawl is told from one of the parser.
"""

from __future__ import annotations

import json
from pathlib import Path

from gristmill.sample.crawl import PLANTERS
from parsers import extract
from parsers.backends.gristmill_backend import parse

FOLDER = Path(__file__).parent / "golden"
KINDS = (
    "article", "documentation", "question", "forum-thread", "language-ar", "language-de", "language-hi", "language-zh",
    "math-katex", "math-mathml", "math-tex-script", "only-boilerplate",
)  # fmt: skip


def page(kind: str) -> bytes:
    return (FOLDER / f"{kind}.html").read_bytes()


def stored(kind: str) -> dict:
    return json.loads((FOLDER / f"{kind}.json").read_text("utf-8"))


def answer(html: bytes) -> dict:
    """``probabilities`` and ``kept`` (0 or 1) of the page's blocks, ``text`` and ``spans`` of its content."""
    parsed, extracted = parse(html), extract(html)
    return {
        "probabilities": [round(float(p), 8) for p in parsed.probabilities],
        "kept": parsed.choice.kept.astype(int).tolist(),
        "text": extracted.text.split("\n"),
        "spans": [[span.start, span.end, span.kind] for span in extracted.spans],
    }


def main() -> None:
    captures = [capture for plant in PLANTERS for capture in plant(1)]
    for kind in KINDS:
        # The shortest one: these files are to be read.
        chosen = min((each for each in captures if each.kind == kind), key=lambda each: (len(each.body), each.url))
        (FOLDER / f"{kind}.html").write_bytes(chosen.body)
        parts = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in answer(chosen.body).items()]
        (FOLDER / f"{kind}.json").write_text("{" + ",\n".join(parts) + "}\n", "utf-8")


if __name__ == "__main__":
    main()
