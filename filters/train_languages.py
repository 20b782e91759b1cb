"""Builds ``filters/data/languages.ftz``: ``python -m filters.train_languages WORD_PAIRS``.

``WORD_PAIRS`` holds a file ``<ISO 639-1>.txt`` a language with two words a line: the test data of lingua
(pemistahl/lingua, ``src/accuracyReport/resources/language-testdata/word-pairs``), which is drawn from the Leipzig Corpora
Collection (CC-BY-4.0, attributed in ``filters/data/languages.NOTICE.txt``). The model knows no words, only runs of one to
four of their characters. One thread, a fixed seed and an order by content make a rebuild on one kind of processor yield the same
bytes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from filters.fasttext_model import fasttext_module
from filters.vocabulary import DATA
from text.hashing import hash64

SHIPPED_MODEL = DATA / "languages.ftz"
PAIRS_A_LINE = (1, 3, 8)
"""How many pairs of words make a line to learn from: a model that has seen two words at a time alone is unsure of more."""


def examples(folder: Path) -> list[str]:
    """Training lines in fastText's format, ordered by the hash of their content."""
    lines: set[str] = set()
    for path in sorted(folder.glob("*.txt")):
        pairs = sorted({line.strip().lower() for line in path.open(encoding="utf-8") if line.strip()})
        for count in PAIRS_A_LINE:
            for shuffle in range(2 if count > 1 else 1):
                ordered = sorted(pairs, key=lambda pair: (hash64(pair, seed=count + 100 * shuffle), pair))
                lines |= {
                    f"__label__{path.stem} {' '.join(ordered[start : start + count])}"
                    for start in range(0, len(ordered) - count + 1, count)
                }
    return sorted(lines, key=lambda line: (hash64(line), line))


def train(folder: Path, output: Path) -> int:
    """Trains, quantises and saves the model; returns the number of lines that it learnt from."""
    lines = examples(folder)
    with tempfile.TemporaryDirectory() as temporary:
        text = Path(temporary, "lines.txt")
        text.write_text("\n".join(lines) + "\n", "utf-8")
        model = fasttext_module().train_supervised(
            str(text),
            lr=0.5,
            dim=16,
            epoch=15,
            minn=1,
            maxn=4,
            minCount=10**6,
            bucket=60_000,
            thread=1,
            seed=1,
            verbose=0,
        )
        model.quantize(qnorm=True)
    model.save_model(str(output))
    return len(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Train the shipped model of languages that lid.176 doesn't know well."
    )
    parser.add_argument("word_pairs", type=Path, help="folder with a file of word pairs a language")
    parser.add_argument("--output", type=Path, default=SHIPPED_MODEL)
    arguments = parser.parse_args()
    print(f"{train(arguments.word_pairs, arguments.output)} lines -> {arguments.output}")


if __name__ == "__main__":
    main()
