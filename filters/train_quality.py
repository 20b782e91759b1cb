"""Builds ``filters/data/quality.ftz``: ``python -m filters.train_quality DATA``.

``DATA`` holds ``gold.jsonl`` (one object a line with ``id``, ``source`` and ``text``, the main content that people
marked) and ``pages/<id>.html``. Only the pages of the source ``wcxb-dev`` are used, the development part of the Web
Content Extraction Benchmark (CC-BY-4.0, attributed in ``filters/data/quality.NOTICE.txt``). Lines of the whole page
that occur in the marked content make positive passages, all others negative ones; both are cut and written as
:mod:`filters.quality` cuts and writes documents. One thread, a fixed seed and an order by content make a rebuild on
one kind of processor yield the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from filters.fasttext_model import fasttext_module
from filters.quality import CONTENT, SHIPPED_MODEL
from filters.quality_text import chunks, features
from text.hashing import hash64
from text.segment import lines, words
from text.view import TextView

SOURCE = "wcxb-dev"
SHINGLE = 4


def labelled_lines(page: str, gold: str) -> tuple[list[str], list[str]]:
    """The lines of a page's whole text that belong to its marked content, and those that don't.

    A line belongs when it is a line of the content, or when half of its runs of four words occur in it.
    """
    gold_lines = {" ".join(words(line.casefold())) for line in lines(gold)}
    gold_shingles = set(_shingles(words(gold.casefold())))
    inside: list[str] = []
    outside: list[str] = []
    for line in lines(page):
        folded = words(line.casefold())
        runs = _shingles(folded)
        shared = sum(run in gold_shingles for run in runs)
        belongs = " ".join(folded) in gold_lines or (bool(runs) and 2 * shared >= len(runs))
        (inside if belongs else outside).append(line.strip())
    return inside, outside


def examples(data: Path) -> list[str]:
    """Training lines in fastText's format, ordered by the hash of their content."""
    written: set[str] = set()
    for row in (json.loads(line) for line in (data / "gold.jsonl").open(encoding="utf-8")):
        if row["source"] != SOURCE:
            continue
        html = (data / "pages" / f"{row['id']}.html").read_bytes()
        page = extract_plain_text(bytes_to_str(html, detect_encoding(html) or "utf-8"), main_content=False)
        inside, outside = labelled_lines(page, row["text"])
        for label, part in ((CONTENT, inside), ("boilerplate", outside)):
            written |= {f"__label__{label} {features(chunk)}" for chunk, _ in chunks(TextView("\n".join(part)))}
    return sorted(written, key=lambda line: (hash64(line), line))


def train(data: Path, output: Path) -> int:
    """Trains, quantises and saves the model; returns the number of passages."""
    fasttext = fasttext_module()
    passages = examples(data)
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "passages.txt")
        text.write_text("\n".join(passages) + "\n", "utf-8")
        # fastText's own learning rate and epochs: longer training made it surer, not better.
        model = fasttext.train_supervised(
            str(text), lr=0.1, dim=16, epoch=5, wordNgrams=2, minCount=2, bucket=100_000, thread=1, seed=1, verbose=0
        )
        model.quantize(input=str(text), cutoff=30_000, retrain=True, qnorm=True, thread=1, verbose=0)
    model.save_model(str(output))
    return len(passages)


def _shingles(folded: list[str]) -> list[tuple[str, ...]]:
    return [tuple(folded[start : start + SHINGLE]) for start in range(len(folded) - SHINGLE + 1)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Train the shipped quality model.")
    parser.add_argument("data", type=Path, help="folder with gold.jsonl and pages/")
    parser.add_argument("--output", type=Path, default=SHIPPED_MODEL)
    arguments = parser.parse_args()
    print(f"{train(arguments.data, arguments.output)} passages -> {arguments.output}")


if __name__ == "__main__":
    main()
