"""Phase clean: which lines go, which documents that leaves too little of, and what the rest consists of.

Map-only over parts but for one sum: the word counts of each language, which the KL filter compares with. Text is not
written again; the indices of the removed lines are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput

from dedup.lines import line_hashes, remove_lines
from filters.token_counts import TokenCounts
from pipeline import counters, storage, tables
from pipeline.commit import Attempt, Receipt
from pipeline.phase import Phase
from pipeline.phases.lines import Buckets, fit_in_memory, frequent_lines, frequent_lines_by_part, is_among
from pipeline.run_state import Part, RunState
from pipeline.stages import LINES
from pipeline.stopwatch import measure
from pipeline.transforms.committing import commit
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.people import kept_by_people
from pipeline.transforms.verdict_tables import Verdict, verdict_rows
from pipeline.transforms.work_units import every_range, part_units, units_collection
from recipes import Recipe
from recipes.schema import Lines
from text.document import Document

COUNTS_UNIT = "token-counts"
_COUNTS = "counts"


def units(run: RunState) -> int:
    return run.part_count() + 1


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    parts = units_collection(pipeline, part_units(run))
    # Set where a worker can't hold all frequent lines: then each part comes with its own.
    apart = None if settings.lines is None or fit_in_memory(run) else settings.lines
    if apart is None:
        with_lines = parts | "parts alone" >> beam.Map(_alone)
    else:
        with_lines = (
            {
                "part": parts | "by index" >> beam.Map(_by_index),
                "frequent": frequent_lines_by_part(pipeline, run, apart),
            }
            | "parts and their lines" >> beam.CoGroupByKey()
            | "unpack" >> beam.FlatMap(_unpack)
        )
    cleaned: Any = with_lines | "remove lines" >> beam.ParDo(
        _CleanPart(run, settings.lines, held=apart is None)
    ).with_outputs(_COUNTS, main="receipts")
    counts = (
        (cleaned[_COUNTS], every_range(pipeline, 1, {}, "no counts"))
        | "all counts" >> beam.Flatten()
        | "add counts" >> beam.CombinePerKey(_AddTokenCounts())
        | "write counts" >> beam.Map(_write_counts, run.dir, run.part_count())
    )
    commit((cleaned["receipts"], counts) | "receipts" >> beam.Flatten(), run.dir, PHASE.name, units(run))


# Words are counted for the KL filter also where the recipe leaves line removal out.
PHASE = Phase("clean", units, build, settings=lambda recipe: recipe, microseconds=300)


def token_counts(run: RunState) -> dict[str, TokenCounts]:
    """The word counts of each language that this phase has written."""
    file = run.manifests[PHASE.name].receipt(run.part_count()).file("counts")  # behind those of the parts
    table = storage.read_table(file.at(run.dir))
    return {row["language"]: TokenCounts.from_bytes(row["counts"]) for row in table.to_pylist()}


def _alone(part: Part) -> tuple[Part, None]:
    return part, None


def _by_index(part: Part) -> tuple[int, Part]:
    return part.index, part


def _unpack(element: tuple[int, dict]) -> Iterator[tuple[Part, np.ndarray]]:
    groups = element[1]
    for part in groups["part"]:
        yield part, np.sort(np.frombuffer(b"".join(groups["frequent"]), np.uint64))


class _CleanPart(beam.DoFn):
    """``held``: every worker holds all frequent lines; otherwise each part comes with its own."""

    def __init__(self, run: RunState, settings: Lines | None, held: bool):
        self.run = run
        self.settings = settings
        self.held = held

    def setup(self) -> None:
        self._removal = LineRemoval(self.run, self.settings) if self.settings else None
        self._frequent = frequent_lines(self.run) if self._removal and self.held else np.empty(0, np.uint64)

    def process(self, element: tuple[Part, np.ndarray | None]) -> Iterator[Any]:
        part, frequent = element
        alive = part.alive()
        judged = alive & ~kept_by_people(part)
        removed: list[dict] = [{"removed": None, "removed_words": 0} for _ in range(part.rows)]
        verdicts: list[Verdict] = []
        counts: dict[str, TokenCounts] = defaultdict(TokenCounts)
        documents = tables.document_rows(part.read("extract", "text", ["id", "language", "text", "spans"]))
        with measure(LINES.name):
            lines_to_remove = (
                self._removal.lines_to_remove(documents, judged, self._frequent if frequent is None else frequent)
                if self._removal
                else {}
            )
        for row, stored in enumerate(documents):
            if not alive[row]:
                continue
            spans, gone = stored["spans"], lines_to_remove.get(row, [])
            with measure(LINES.name):
                text, spans, gone_words = remove_lines(stored["text"], spans, gone)
            removed[row] = {"removed": gone or None, "removed_words": gone_words}
            verdict = self._removal.judge(row, text, gone_words) if self._removal and gone_words else None
            if verdict:
                verdicts.append(verdict)
            else:
                with measure("heuristics"):
                    counts[stored["language"]].add(Document(text, spans=spans).prose.folded_hashes)
        attempt = Attempt(self.run.dir, PHASE.name, part.unit, part.number)
        attempt.write_table("lines", tables.table(tables.REMOVED_LINES, removed))
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdict_rows(part.rows, LINES.name, verdicts)))
        yield TaggedOutput(_COUNTS, (0, {language: table.to_bytes() for language, table in counts.items()}))
        counters.add({counters.rejected(LINES.name): len(verdicts)})
        yield attempt.finish(
            {"rejected": len(verdicts), "removed_words": sum(row["removed_words"] for row in removed)}
        )


class LineRemoval:
    """Which lines of a part go, and which documents go because too little is left."""

    def __init__(self, run: RunState, settings: Lines):
        self._settings = settings
        self._buckets = Buckets(run, settings)

    def lines_to_remove(
        self, documents: list[dict], alive: np.ndarray, frequent_hashes: np.ndarray
    ) -> dict[int, list[int]]:
        """By row, the indices of frequent lines, of which the sorted hashes are given. All lines of a part are looked
        up at once: 24 bytes each."""
        rows, indices, hashes = [], [], []
        for row in np.flatnonzero(alive).tolist():
            stored = documents[row]
            salt = self._buckets.salt(stored["language"], stored["id"])
            places, found = line_hashes(stored["text"], stored["spans"], salt)
            rows.append(np.full(len(found), row))
            indices.append(places)
            hashes.append(found)
        if not rows:
            return {}
        frequent = is_among(np.concatenate(hashes), frequent_hashes)
        gone: dict[int, list[int]] = defaultdict(list)
        for row, index in zip(
            np.concatenate(rows)[frequent].tolist(), np.concatenate(indices)[frequent].tolist(), strict=True
        ):
            gone[row].append(index)
        return gone

    def judge(self, row: int, text: str, gone_words: int) -> Verdict | None:
        """The verdict on a document of which ``text`` is left and ``gone_words`` words went, more than none."""
        from text.word_scan import count  # imports numba

        left = count(text)
        share = gone_words / (gone_words + left)
        if left < self._settings.min_words:
            return Verdict(row, "too_short", left)
        if share > self._settings.max_removed_share:
            return Verdict(row, "mostly_frequent_lines", round(share, 4))
        return None


class _AddTokenCounts(Gather):
    """Adds tables of word counts, as bytes, language by language."""

    def merge(self, packed: list[dict[str, bytes]]) -> dict[str, bytes]:
        tables_of: dict[str, list[bytes]] = defaultdict(list)
        for element in packed:
            for language, table in element.items():
                tables_of[language].append(table)
        return {language: _sum(tables) for language, tables in tables_of.items()}


def _sum(packed: list[bytes]) -> bytes:
    if len(packed) == 1:
        return packed[0]
    table = TokenCounts()
    for each in packed:
        table.merge_bytes(each)
    return table.to_bytes()


def _write_counts(element: tuple[int, dict[str, bytes]], run_dir: str, number: int) -> Receipt:
    rows: Iterable[dict] = [{"language": language, "counts": table} for language, table in sorted(element[1].items())]
    attempt = Attempt(run_dir, PHASE.name, COUNTS_UNIT, number)
    schema = pa.schema([("language", pa.string()), ("counts", pa.binary())])
    attempt.write_table("counts", tables.table(schema, rows))
    return attempt.finish()
