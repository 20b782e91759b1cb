"""What could not be read or extracted, by what the failures say: how many records, in how many files."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from pipeline import outputs, storage
from pipeline.counts import file_of, sentence_of

# Of one sentence: so many names are remembered, and so many sentences.
_FILES = 10_000
_SENTENCES = 10_000


class Failures(NamedTuple):
    """``records`` that failed with this sentence, in so many ``files`` (or more, from 10,000 on); ``such_as`` one of them."""

    sentence: str
    records: int
    files: int
    such_as: str


def by_error(run_dir: str) -> list[Failures]:
    """The failures of a finished run, the most frequent first; read a row group at a time. Raises ``FileNotFoundError`` where
    the folder holds no finished run."""
    records: Counter[str] = Counter()
    files: defaultdict[str, set[str]] = defaultdict(set)
    for path in outputs.files_of(run_dir, "failed"):
        with storage.open_parquet(path) as table:
            for group in range(table.num_row_groups):
                for error in table.read_row_group(group, ["error"])["error"].to_pylist():
                    sentence = sentence_of(error)
                    if sentence not in records and len(records) == _SENTENCES:
                        continue
                    records[sentence] += 1
                    name = file_of(error)
                    if name and len(files[sentence]) < _FILES:
                        files[sentence].add(name)
    found = (
        Failures(sentence, count, len(files[sentence]), min(files[sentence], default=""))
        for sentence, count in records.items()
    )
    return sorted(found, key=lambda each: (-each.records, each.sentence))
