"""Builds the tokenizer that ships with gristmill: ``python -m tokens.build_builtin``, in a checkout.

The same bytes come out on every machine, because all it reads lies in ``tokens/corpus``:

* ``en.txt``, ``en_words.txt`` and ``languages.txt``, written for this purpose: English prose, common English words,
  and a few sentences in each of 24 languages.
* ``python_words.json``, how often each word of the documentation and the source of Python 3.11's standard library
  occurs there (PSF licence). Byte-pair training sees a text only as such counts; frozen here, they don't change with
  the Python at hand. ``--collect`` counts them anew.
"""

from __future__ import annotations

import argparse
import ast
import json
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import regex

from tokens.special import SPLIT_PATTERN
from tokens.tokenizer import BUILT_IN, DEFAULT
from tokens.train import train_tokenizer

CORPUS = Path(__file__).parent / "corpus"
VOCAB_SIZE = 8192

# How often each text is seen. Prose looks more like a crawl than Python's documentation does and has a hundredth of
# its size; with more weight on so little text, whole sentences of it would fill the vocabulary. These weights gave
# the most characters a token, over all, on texts in English, six other languages and code that are not in the corpus.
WEIGHTS = {"en.txt": 15, "en_words.txt": 30, "languages.txt": 8}
SOURCE_SHARE = 8  # one word of source code for so many in it: it is five times as long as the documentation
MIN_COUNT = 3


def corpus() -> Iterator[str]:
    """The training texts, each as often as it counts."""
    for name, weight in WEIGHTS.items():
        yield from [(CORPUS / name).read_text("utf-8")] * weight
    for word, count in json.loads((CORPUS / "python_words.json").read_text("utf-8")).items():
        yield from [word] * count


def build() -> bytes:
    """The bytes of the built-in ``tokenizer.json``."""
    return train_tokenizer(corpus(), VOCAB_SIZE)


def collect() -> str:
    """Word counts of the running Python's standard library, as JSON with one word a line."""
    # Documentation of the running Python, which only this command needs.
    from pydoc_data import topics

    documentation: Counter[str] = Counter()
    source: Counter[str] = Counter()
    words = regex.compile(SPLIT_PATTERN)
    for text in topics.topics.values():
        documentation.update(words.findall(text))
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text("utf-8")
        source.update(words.findall(text))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                documentation.update(words.findall(ast.get_docstring(node) or ""))
    counts = {word: documentation[word] + source[word] // SOURCE_SHARE for word in documentation | source}
    kept = {word: count for word, count in sorted(counts.items()) if count >= MIN_COUNT}
    return json.dumps(kept, ensure_ascii=False, indent=0) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the built-in tokenizer from tokens/corpus.")
    parser.add_argument("--collect", action="store_true", help="first count this Python's standard library anew")
    if parser.parse_args().collect:
        (CORPUS / "python_words.json").write_text(collect(), "utf-8")
    BUILT_IN[DEFAULT].write_bytes(build())


if __name__ == "__main__":
    main()
