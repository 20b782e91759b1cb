"""The figures of one run or several, from what they published.

Read a row group at a time. Sums by domain are in memory up to a million of them (:mod:`review.summary.domain_bytes`).
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import storage
from pipeline.outputs import files_of, read_ledger
from review.published import about, inputs
from review.summary.domain_bytes import DomainBytes

_OF_DOCUMENTS = ("language", "class", "domain", "date", "text", "words")


@dataclass
class Size:
    """``bytes`` of text in UTF-8. ``tokens`` are those of the run's own tokenizer, held-out documents among them."""

    documents: int = 0
    words: int = 0
    bytes: int = 0
    tokens: int = 0


@dataclass
class Measured:
    """What :func:`measure_runs` finds in all runs together."""

    total: Size = field(default_factory=Size)
    by_language: dict[str, Size] = field(default_factory=lambda: defaultdict(Size))
    by_class: dict[str, Size] = field(default_factory=lambda: defaultdict(Size))
    domains: DomainBytes = field(default_factory=DomainBytes)
    """Bytes of kept text by registrable domain."""
    months: Counter[str] = field(default_factory=Counter)
    """Documents by the month of their capture, ``YYYY-MM``."""
    undated: int = 0
    records: Counter[str] = field(default_factory=Counter)
    """``read``, ``kept``, ``rejected``, ``failed``."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Records by ``stage/reason``."""
    words_removed: Counter[str] = field(default_factory=Counter)
    inputs: int = 0
    recipes: list[dict[str, Any]] = field(default_factory=list)
    tokenizers: set[str] = field(default_factory=set)

    def top_count(self, share: float, most: int | None = None) -> int:
        """How many domains the ``share`` with most text are, at most ``most``."""
        kept = len(self.domains)
        count = max(1, round(kept * share)) if kept else 0
        return count if most is None else min(count, most)

    def top_domains(self, share: float, most: int | None = None) -> Iterator[tuple[str, int]]:
        """The ``share`` of domains with most text, at most ``most`` of them; equal ones by name."""
        return self.domains.largest(self.top_count(share, most))


def measure_runs(runs: Sequence[str]) -> Measured:
    """The figures of finished runs. Raises ``FileNotFoundError`` where a folder holds none, and ``ValueError`` for a
    folder that is named twice."""
    if len({storage.absolute(run) for run in runs}) < len(runs):
        raise ValueError("A run is named twice, and its documents would count twice; name each once.")
    found = Measured()
    for run in runs:
        _count_run(found, run)
        for path in files_of(run, "documents"):
            with storage.open_parquet(path) as file:
                names = [name for name in _OF_DOCUMENTS if name in file.schema_arrow.names]
                for group in range(file.num_row_groups):
                    _count_documents(found, file.read_row_group(group, names))
        for path in files_of(run, "tokens"):
            with storage.open_parquet(path) as file:
                for group in range(file.num_row_groups):
                    _count_tokens(found, file.read_row_group(group, ["language", "class", "tokens"]))
    return found


def _count_run(found: Measured, run: str) -> None:
    books = read_ledger(run)
    recipe = about(run).get("recipe", {})
    found.records.update(books["records"])
    for stage, reasons in books["rejected"].items():
        found.rejected.update({f"{stage}/{reason}": count for reason, count in reasons.items()})
    found.words_removed.update(books["words"]["removed"])
    found.undated += books.get("undated", 0)
    found.inputs += sum(1 for _ in inputs(run))
    found.recipes.append(recipe)
    if tokenizer := recipe.get("tokenise", {}).get("tokenizer"):
        found.tokenizers.add(tokenizer.rsplit("/", 1)[-1])


def _count_documents(found: Measured, table: pa.Table) -> None:
    sizes = pc.binary_length(table["text"].cast(pa.binary())).to_pylist()
    columns = (table[name].to_pylist() for name in ("language", "class", "domain", "date", "words"))
    domains: Counter[str] = Counter()
    for size, language, class_, domain, date, words in zip(sizes, *columns, strict=True):
        for total in (found.total, found.by_language[language or ""], found.by_class[class_ or ""]):
            total.documents += 1
            total.words += words or 0
            total.bytes += size or 0
        domains[domain or ""] += size or 0
        if date:
            found.months[date[:7]] += 1
    found.domains.add(domains)


def _count_tokens(found: Measured, table: pa.Table) -> None:
    lengths = pc.list_value_length(table["tokens"]).to_pylist()
    for length, language, class_ in zip(lengths, *(table[n].to_pylist() for n in ("language", "class")), strict=True):
        for total in (found.total, found.by_language[language or ""], found.by_class[class_ or ""]):
            total.tokens += length
