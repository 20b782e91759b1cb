"""How long naming the language of a text takes, beside the module fasttext with the same model in the same run.

    python -m bench.languages RUN [--documents 1000] [--rounds 3]

``RUN`` is the folder of a finished run; texts and spans are read from its ``documents/``, evenly spread. Batch by batch in
turn: ``identify`` (the language of a text), ``shares`` (the look for further languages), and fasttext on what ``identify``
shows its first model. The first round begins with nothing remembered. Prints microseconds of CPU a text, for all texts and
for those of 2,000 to 4,000 bytes, and how many of fasttext's labels and probabilities our own reading of the model gives.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from filters.fasttext_model import FastTextModel, fasttext_module
from filters.language import LanguageIdentifier, find_model
from text.document import Span

BATCH = 50
SAMPLE = 2000
Text = tuple[str, tuple[Span, ...]]


def texts_of(run: Path, count: int) -> list[Text]:
    """Evenly spread documents of a run."""
    files = sorted((run / "documents").glob("*.parquet"))
    table = pa.concat_tables(pq.read_table(file, columns=["text", "spans"]) for file in files)
    places = [number * table.num_rows // count for number in range(count)] if table.num_rows > count else None
    rows = (table if places is None else table.take(places)).to_pylist()
    return [(row["text"], tuple(Span(**span) for span in row["spans"] or ())) for row in rows]


def shown(text: str) -> str:
    """What ``identify`` looks at of a text without spans, as fasttext wants it."""
    if len(text) > 2 * SAMPLE:
        middle = len(text) // 2
        text = text[:SAMPLE] + " " + text[middle : middle + SAMPLE]
    return text.lower().replace("\n", " ").encode("utf-8", "replace").decode()


def speed(texts: list[Text], rounds: int) -> None:
    theirs = fasttext_module().load_model(str(find_model()))
    kernels = LanguageIdentifier()
    kernels.identify("Kernels are compiled.")
    kernels.shares("The mill stood still. " * 50 + "Die Mühle stand still, denn es ging kein Wind. " * 50)
    print(f"{len(texts)} texts of {sum(len(text) for text, _ in texts) // len(texts):,} characters in the mean")
    print(f"microseconds of CPU a text{'':11}", *(f"{name:>10}" for name in ("identify", "shares", "fasttext")))
    for group, chosen in (
        ("all", texts),
        ("2,000 to 4,000 bytes", [text for text in texts if 2000 <= len(text[0].encode()) <= 4000]),
    ):
        runs = (*_fresh(), lambda text: theirs.predict(shown(text[0])))
        for number in range(rounds):
            spent = [0.0] * len(runs)
            for start in range(0, len(chosen), BATCH):
                for place, run in enumerate(runs):
                    before = time.thread_time()
                    for text in chosen[start : start + BATCH]:
                        run(text)
                    spent[place] += time.thread_time() - before
            told = (f"{1e6 * seconds / max(1, len(chosen)):10.0f}" for seconds in spent)
            print(f"  {group:22} round {number + 1:5}", *told)


def _fresh() -> tuple[Callable[[Text], object], ...]:
    """``identify`` and ``shares`` with nothing remembered."""
    identifier = LanguageIdentifier()
    identifier.identify("xq zw")  # both models are read
    return lambda text: identifier.identify(*text), lambda text: identifier.shares(*text)


def agreement(texts: list[Text]) -> None:
    theirs, ours = fasttext_module().load_model(str(find_model())), FastTextModel(find_model())
    lines = [shown(text) for text, _ in texts]
    labels, equal, largest = 0, 0, 0.0
    for line, found in zip(lines, ours.predict_each(lines), strict=True):
        names, values = theirs.predict(line)
        if names:
            wanted = round(min(float(values[0]), 1.0), 4)
            labels += found[0][0] == names[0].removeprefix("__label__")
            equal += found[0][1] == wanted
            largest = max(largest, abs(found[0][1] - wanted))
    print(
        f"of {len(lines)} texts {labels} have fasttext's label, {equal} its probability to four digits (else {largest:.4f} off)"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--documents", type=int, default=1000, help="so many texts")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = texts_of(arguments.run, arguments.documents)
    speed(texts, arguments.rounds)
    agreement(texts)


if __name__ == "__main__":
    main()
