"""What became of a part's records: the rows that it gives to a run's outputs, put together from its aligned tables.

Columns go from table to table as they are; rows are made of documents alone whose text has changed since extraction.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.lines import remove_lines
from filters.redaction import Redactor
from pipeline import storage, tables
from pipeline.commit import ROW_GROUP_ROWS
from pipeline.run_state import Part, passed, rows_of_groups
from pipeline.transforms.clean_documents import removed_lines
from pipeline.transforms.id_ranges import IdRange, overlapping_row_groups, rows_between
from text.document import Document

# Documents that are kept, with their token ids.
KEPT = pa.schema([*tables.DOCUMENTS, *tables.TOKENS])
EVERYTHING = IdRange(0, 1)
KEYS = {"kept": "id", "rejected": "id", "failed": "id"}
"""The tables of :func:`outcomes`, and what they are sorted by."""
_SCHEMAS = {"kept": KEPT, "rejected": tables.REJECTED, "failed": tables.FAILED}
_OF_TEXT = ["title", "text", "spans"]
_OF_FEATURES = [name for name in tables.DOCUMENTS.names if name in tables.FEATURES.names]  # words, too


def outcomes(part: Part, ids: IdRange = EVERYTHING, redact: Redactor | None = None) -> dict[str, pa.Table]:
    """The rows of a range of ids: what is kept (:data:`KEPT`; personal data taken out by ``redact``), rejected and
    failed, each sorted by id."""
    rejected = rows_between(part.tables["extract", "rejected"], ids)
    found = {"failed": rows_between(part.tables["extract", "failed"], ids)}
    # Of a whole part that is known, and its largest file isn't opened for it.
    every = list(range(-(-part.rows // ROW_GROUP_ROWS)))
    groups = every if ids == EVERYTHING else overlapping_row_groups(part.tables["extract", "text"], ids)
    if not groups:
        return found | {"kept": KEPT.empty_table(), "rejected": rejected}
    features = part.read("extract", "features", _OF_FEATURES, groups)
    removed = removed_lines(part, ["removed", "removed_words"], groups)
    left = pc.and_(pc.greater_equal(features["id"], ids.low()), pc.less(features["id"], ids.high()))
    left = left.to_numpy(zero_copy_only=False).copy()
    # Of two verdicts on a document the earlier phase's counts.
    rows: list[dict[str, Any]] = []
    places = rows_of_groups(part.rows, groups)
    for path in part.verdict_tables():
        gone = np.flatnonzero(left & ~passed(path)[places])
        if gone.size:
            verdicts = storage.read_table(path, row_groups=groups)
            rows += _rejected(features.take(gone), verdicts.take(gone), removed["removed_words"].take(gone))
            left[gone] = False
    found["kept"] = _kept(part, groups, np.flatnonzero(left), features, removed, redact)
    both = pa.concat_tables([rejected, tables.table(tables.REJECTED, rows)])
    return found | {"rejected": both.sort_by("id")}


def together(found: Mapping[str, Iterable[pa.Table]], name: str, order: list[str]) -> pa.Table:
    """One table of several parts' rows of a name, sorted by columns."""
    rows = pa.concat_tables([_SCHEMAS[name].empty_table(), *found[name]])
    return rows.sort_by([(column, "ascending") for column in order]).combine_chunks()


def _rejected(features: pa.Table, verdicts: pa.Table, removed_words: pa.ChunkedArray) -> list[dict[str, Any]]:
    """The rows of documents that go. What had gone line by line is no longer there to go with them."""
    return [
        {**row, **verdict, "words": row["words"] - gone, "removed_words": gone}
        for row, verdict, gone in zip(
            features.to_pylist(), verdicts.to_pylist(), removed_words.to_pylist(), strict=True
        )
    ]


def _kept(
    part: Part,
    groups: list[int],
    taken: np.ndarray,
    features: pa.Table,
    removed: pa.Table,
    redact: Redactor | None,
) -> pa.Table:
    chosen = pa.array(taken, pa.int64())
    removed = removed.take(chosen)
    texts, words = _texts(part.read("extract", "text", _OF_TEXT, groups).take(chosen), removed["removed"], redact)
    columns = dict(zip(_OF_FEATURES, features.take(chosen).columns, strict=True))
    columns |= dict(zip(_OF_TEXT, texts.columns, strict=True))
    columns |= {"words": words, "removed_words": removed["removed_words"]}
    # As Python integers token ids would take nine times the memory.
    columns["tokens"] = part.read("judge", "tokens", row_groups=groups)["tokens"].take(chosen)
    return pa.table([columns[name] for name in KEPT.names], schema=KEPT)


def _texts(stored: pa.Table, removed: pa.ChunkedArray, redact: Redactor | None) -> tuple[pa.Table, pa.Array]:
    """Titles, texts and spans of documents without their removed lines and personal data, and how many words they have."""
    from text.word_scan import count  # imports numba

    lost = pc.fill_null(pc.list_value_length(removed), 0).to_numpy()
    changed: dict[int, dict[str, Any]] = {}
    words: list[int] = []
    for row, value in enumerate(stored["text"]):
        text = value.as_py()
        if lost[row] or redact is not None:
            title, spans = stored["title"][row].as_py(), tables.spans_from(stored["spans"][row].as_py())
            text, spans, _ = remove_lines(text, spans, removed[row].as_py() or [])
            document = Document(text, spans=spans)
            if redact is not None:
                document = redact(document).document
                title = redact(Document(title or "")).document.text
            changed[row] = {"title": title, "text": document.text, "spans": document.spans}
        # Counted anew, so that the ledger's balance of words is a check and no tautology; placeholders are no words.
        words.append(count(text))
    if changed:
        order = np.arange(len(stored))
        order[list(changed)] = len(stored) + np.arange(len(changed))
        stored = pa.concat_tables([stored, tables.document_table(stored.schema, changed.values())]).take(
            pa.array(order)
        )
    return stored, pa.array(words, pa.int64())
