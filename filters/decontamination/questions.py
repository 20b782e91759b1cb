"""Questions of test sets, from files in the layouts in which they are published.

What is compared with a page is the question and its choices, never the letter of the right answer; of code also the
solution, which is a question of its own: a page may hold either.

| set | file | question, choices |
|---|---|---|
| GSM8K | JSONL: question, answer | question |
| MMLU | CSV without a header: question, A, B, C, D, letter | question and A to D |
| MMLU as a table | JSONL, Parquet, CSV with a header: question, choices (or choice0, A …), answer | question and choices |
| HumanEval | JSONL: task_id, prompt, canonical_solution, test | prompt; canonical_solution |
| MBPP | JSONL: text, code, test_list | text; code |
| BBH | JSON: examples, each input, target | input |
| AGIEval | JSONL: passage, question, options, label | passage and question, and options |
| IFEval | JSONL: key, prompt, instruction_id_list | prompt |
| yours | JSONL or Parquet: text, question, prompt, problem or input | that; choices or options where there are |
| yours | text: one question a line | the line |

Files may be gzipped. A path may be a folder or a pattern: all files below or of it that end in one of these ways.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet", ".txt")
_TEXTS = ("question", "prompt", "problem", "input", "text")
_SOLUTIONS = ("canonical_solution", "code")
_CHOICES = ("choices", "options")
_A_CHOICE = re.compile("(?i:[a-j]|(?:choice|option)_?[0-9a-j])")


class Question(NamedTuple):
    """One test question: its text, the choices it leaves, and where it stands (file and number)."""

    text: str
    choices: tuple[str, ...]
    place: str


def files_of(path: str) -> list[Path]:
    """The files that ``path`` names: itself, those below a folder, or those that a pattern matches; sorted.

    Raises ``FileNotFoundError`` where there is none.
    """
    at = Path(path)
    if at.is_file():
        return [at]
    candidates = at.rglob("*") if at.is_dir() else map(Path, glob.glob(path, recursive=True))
    found = sorted(each for each in candidates if each.is_file() and _suffix(each) in SUFFIXES)
    if not found:
        raise FileNotFoundError(
            f"There is no test set at {path}; name a file, a folder or a pattern of files that end in "
            f"{', '.join(SUFFIXES)} (or these and .gz)."
        )
    return found


def read_questions(path: str) -> list[Question]:
    """All questions of a test set. Raises ``ValueError`` naming the file for one that is in no known layout or empty."""
    found: list[Question] = []
    for file in files_of(path):
        before = len(found)
        try:
            found += _read_file(file)
        except (ValueError, KeyError, UnicodeDecodeError, csv.Error, pa.ArrowException, OSError) as error:
            raise ValueError(f"The test set {file} can't be read: {error}") from error
        if len(found) == before:
            raise ValueError(f"The test set {file} holds no question.")
    return found


def _suffix(path: Path) -> str:
    return Path(path.stem).suffix if path.suffix == ".gz" else path.suffix


def _read_file(path: Path) -> list[Question]:
    suffix = _suffix(path)
    if suffix == ".parquet":
        rows: Iterable[Any] = pq.read_table(path).to_pylist()
        return list(_questions(rows, path.name))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = data.decode("utf-8-sig")
    if suffix == ".csv":
        return list(_of_csv(text, path.name))
    if suffix == ".txt":
        return [
            Question(line, (), f"{path.name}:{number}")
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip()
        ]
    if suffix == ".json":
        whole = json.loads(text)
        return list(_questions(whole["examples"] if isinstance(whole, dict) else whole, path.name))
    return list(_questions((json.loads(line) for line in text.split("\n") if line.strip()), path.name))


def _of_csv(text: str, name: str) -> Iterator[Question]:
    rows = list(csv.reader(io.StringIO(text)))
    if rows and any(cell.strip().lower() in _TEXTS for cell in rows[0]):
        names = [cell.strip().lower() for cell in rows[0]]
        yield from _questions((dict(zip(names, row, strict=False)) for row in rows[1:]), name)
        return
    for number, row in enumerate(rows, 1):
        if row and len(row) < 3:
            raise ValueError(f"line {number} has {len(row)} cells; expected question, choices, letter, or a header")
        if row:
            yield Question(row[0], tuple(row[1:-1]), f"{name}:{number}")


def _questions(rows: Iterable[Any], name: str) -> Iterator[Question]:
    for number, row in enumerate(rows, 1):
        place = f"{name}:{number}"
        text = next((row[key] for key in _TEXTS if row.get(key)), None) if isinstance(row, Mapping) else None
        if not isinstance(text, str):
            raise ValueError(f"entry {number} has no text under any of {', '.join(_TEXTS)}")
        if isinstance(passage := row.get("passage"), str):
            text = f"{passage}\n{text}"
        yield Question(text, _choices(row), place)
        for key in _SOLUTIONS:
            if isinstance(row.get(key), str):
                yield Question(row[key], (), f"{place} {key}")


def _choices(row: Mapping[str, Any]) -> tuple[str, ...]:
    choices = next((row[key] for key in _CHOICES if row.get(key)), None)
    if isinstance(choices, Mapping):  # as ARC has them: text and label
        choices = choices.get("text")
    if isinstance(choices, list | tuple):
        return tuple(map(str, choices))
    return tuple(str(value) for key, value in row.items() if _A_CHOICE.fullmatch(str(key)) and value)
