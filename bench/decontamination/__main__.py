"""How many planted test questions are found in real pages, and what else is.

    python -m bench.decontamination DOCUMENTS [--sets gsm8k=FILE mmlu=FOLDER …] [--pages 3000] [--questions 300] [--show 20]

``DOCUMENTS`` is the folder documents/ of a run, or any folder of Parquet files with a column ``text``. Questions are made
up (``bench/decontamination/bank.py``), in the layouts of GSM8K, MMLU, HumanEval, BBH, AGIEval and IFEval, or come from test sets
that are named. Each is planted into a page of its own in each dress: as it is, with its choices or without, in capitals, with
other white space, without marks, with a word in twelve changed, and the first three fifths of it.

Prints recall by set and dress, what is found in pages in which nothing was planted (read them: --show), precision over all,
and milliseconds a page, for gristmill and for two public rules in the same run: any 13-gram of a question in the page
(GPT-3, Brown et al. 2020, appendix C), and half of a question's words in 8-grams of the page (Llama 3, §5.1.4, words for tokens;
its thresholds differ by set). A question of fewer words than n is for both rules one n-gram.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from bench.decontamination.bank import write
from filters.decontamination.filter import DecontaminationFilter
from filters.decontamination.questions import Question, read_questions
from text.document import Document
from text.hashing import ngram_hashes
from text.view import TextView

_PART = 15  # words that a question needs for its beginning to be planted alone
Rule = Callable[[Document], set[int]]


def dresses(question: Question, source: random.Random) -> Iterator[tuple[str, str]]:
    """``(name, text)``: a question in all the ways in which it is planted."""
    letters = "ABCDEFGHIJ"
    choices = "\n".join(f"{letters[at % 10]}. {choice}" for at, choice in enumerate(question.choices))
    whole = f"{question.text}\n{choices}" if choices else question.text
    yield "as it is", whole
    yield "capitals", whole.upper()
    yield "white space", re.sub(r"\s+", lambda _: source.choice([" ", "  ", "\n", "\n\n", "\t"]), whole)
    yield "no marks", re.sub(r"[^\w\s]", " ", whole)
    words = question.text.split()
    yield "words changed", " ".join(word if at % 12 != 6 else "otherwise" for at, word in enumerate(whole.split()))
    if choices:
        yield "no choices", question.text
    if len(words) >= _PART:
        yield "three fifths", " ".join(words[: len(words) * 3 // 5])


def grams(question: Question, n: int) -> tuple[np.ndarray, int]:
    """The n-grams of a question (of all its words, where it has fewer), and n."""
    hashes = TextView(question.text).folded_hashes
    size = min(n, max(hashes.size, 1))
    return ngram_hashes(hashes, size), size


def public_rule(questions: list[Question], n: int, share: float) -> Rule:
    """Questions of which at least so large a share of words (more than none, for 0) lies in n-grams of a page."""
    tables: defaultdict[int, defaultdict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    lengths = []
    for number, question in enumerate(questions):
        hashes, size = grams(question, n)
        lengths.append(hashes.size + size - 1)
        for at, value in enumerate(hashes.tolist()):
            tables[size][value].append((number, at))

    def find(document: Document) -> set[int]:
        covered: defaultdict[int, set[int]] = defaultdict(set)
        for size, table in tables.items():
            for value in ngram_hashes(document.view.folded_hashes, size).tolist():
                for number, at in table.get(value, ()):
                    covered[number].update(range(at, at + size))
        return {number for number, words in covered.items() if len(words) >= share * lengths[number]}

    return find


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME=PATH")
    parser.add_argument("--pages", type=int, default=3000, help="look at so many pages without planting")
    parser.add_argument("--questions", type=int, default=300, help="plant so many questions")
    parser.add_argument("--show", type=int, default=10, help="print so many finds where nothing was planted")
    arguments = parser.parse_args()
    source = random.Random(1)
    texts = [text for file in sorted(arguments.documents.glob("*.parquet"))
             for text in pq.read_table(file, columns=["text"])["text"].to_pylist()][: arguments.pages]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        sets = dict(item.split("=", 1) for item in arguments.sets) or write(Path(folder))
        ours = DecontaminationFilter(sets)
        questions = [(name, question) for name in sorted(sets) for question in read_questions(sets[name])]
    bare = [question for _, question in questions]
    rules: dict[str, Rule] = {
        "gristmill": lambda document: {found.question for _, found in ours.find(document)},
        "13-gram": public_rule(bare, 13, 0.0),
        "8-gram, half": public_rule(bare, 8, 0.5),
    }
    print(f"{len(texts)} pages, {len(questions)} questions of {', '.join(sorted(sets))}; that can be found: "
          f"{ {name: f'{possible} of {count}' for name, (count, possible) in ours.questions.items()} }")  # fmt: skip
    before, seconds = {}, {}
    documents = [Document(text, "en") for text in texts]
    for document in documents:
        _ = document.view.folded_hashes  # the view is there for every filter: not counted
    for name, find in rules.items():
        start = time.process_time()
        before[name] = [find(document) for document in documents]
        seconds[name] = time.process_time() - start
    planted: Counter[tuple[str, str]] = Counter()
    found: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in rules}
    chosen = sorted(source.sample(range(len(questions)), min(arguments.questions, len(questions))))
    for number in chosen:
        set_name, question = questions[number]
        for dress, text in dresses(question, source):
            page = source.choice(texts).split("\n")
            at = source.randrange(len(page) + 1)
            document = Document("\n".join([*page[:at], text, *page[at:]]), "en")
            planted[set_name, dress] += 1
            for name, find in rules.items():
                found[name][set_name, dress] += number in find(document)
    for axis, title in ((1, "dress"), (0, "set")):
        print(f"\nrecall by {title:15}", *(f"{name:>14}" for name in rules), "   planted")
        for key in [*dict.fromkeys(pair[axis] for pair in planted), None]:
            count = sum(number for pair, number in planted.items() if key in (pair[axis], None))
            told = (sum(n for pair, n in found[name].items() if key in (pair[axis], None)) / count for name in rules)
            print(f"  {key or 'all':23}", *(f"{share:14.3f}" for share in told), f"{count:10}")
    print()
    for name in rules:
        right, wrong = sum(found[name].values()), sum(map(len, before[name]))
        print(f"{name:14} found where nothing was planted: {wrong:5}; precision if all of them are wrong "
              f"{right / max(right + wrong, 1):.3f}; {1000 * seconds[name] / len(texts):.3f} ms a page")  # fmt: skip
    shown = [(text, number) for text, hits in zip(texts, before["gristmill"], strict=True) for number in sorted(hits)]
    for text, number in shown[: arguments.show]:
        print(f"  {questions[number][0]}: {questions[number][1].text[:90]!r} in {text[:60]!r}")


if __name__ == "__main__":
    main()
