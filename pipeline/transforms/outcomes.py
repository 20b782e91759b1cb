"""What became of a part's records: the rows that it gives to a run's outputs, put together from its aligned tables."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from filters.redaction import Redactor
from pipeline import storage, tables
from pipeline.run_state import Part
from pipeline.transforms.clean_documents import cleaned_documents, removed_lines
from pipeline.transforms.id_ranges import IdRange, overlapping_row_groups, rows_between
from text.document import Document
from text.segment import count_words

# Documents that are kept, with their token ids.
KEPT = pa.schema([*tables.DOCUMENTS, *tables.TOKENS])
EVERYTHING = IdRange(0, 1)
KEYS = {"kept": "id", "rejected": "id", "failed": "id"}
"""The tables of :func:`outcomes`, and what they are sorted by."""
_SCHEMAS = {"kept": KEPT, "rejected": tables.REJECTED, "failed": tables.FAILED}
_BULKY = ["signature_of_words", "signature_of_characters"]


def outcomes(part: Part, ids: IdRange = EVERYTHING, redact: Redactor | None = None) -> dict[str, pa.Table]:
    """The rows of a range of ids: what is kept (:data:`KEPT`; personal data taken out by ``redact``), rejected and
    failed, each sorted by id."""
    rejected = rows_between(part.tables["extract", "rejected"], ids)
    found = {"failed": rows_between(part.tables["extract", "failed"], ids)}
    groups = overlapping_row_groups(part.tables["extract", "text"], ids)
    if not groups:
        return found | {"kept": KEPT.empty_table(), "rejected": rejected}
    features = part.read("extract", "features", row_groups=groups).drop_columns(_BULKY).to_pylist()
    removed_words = removed_lines(part, ["removed_words"], groups)["removed_words"].to_pylist()
    inside = [ids.low() <= row["id"] < ids.high() for row in features]
    found["kept"] = _kept(part, groups, inside, features, removed_words, redact)
    rows = []
    for index, verdict in _verdicts(part, groups).items():
        if inside[index]:
            row = features[index]
            # What had gone line by line is no longer there to go with the document.
            left = row["words"] - removed_words[index]
            rows.append({**row, **verdict, "words": left, "removed_words": removed_words[index]})
    both = pa.concat_tables([rejected, tables.table(tables.REJECTED, rows)])
    return found | {"rejected": both.sort_by("id")}


def together(found: list[dict[str, pa.Table]], name: str, order: list[str]) -> pa.Table:
    """One table of several parts' rows, sorted by columns."""
    rows = pa.concat_tables([_SCHEMAS[name].empty_table(), *(one[name] for one in found)])
    return rows.sort_by([(column, "ascending") for column in order]).combine_chunks()


def _kept(
    part: Part,
    groups: list[int],
    inside: list[bool],
    features: list[dict],
    removed_words: list[int],
    redact: Redactor | None,
) -> pa.Table:
    rows: list[dict[str, Any]] = []
    taken: list[int] = []
    for index, document, stored in cleaned_documents(part, groups):
        if not inside[index]:
            continue
        taken.append(index)
        # Counted anew, so that the ledger's balance of words is a check and no tautology; placeholders are no words.
        count, title = count_words(document.text), stored["title"]
        if redact is not None:
            document, _ = redact(document)
            title = redact(Document(title or "")).document.text
        rows.append(
            {
                **features[index], "title": title, "text": document.text, "spans": tables.spans_to(document.spans),
                "words": count, "removed_words": removed_words[index],
            }
        )  # fmt: skip
    # Token ids stay in Arrow: as Python integers they would take nine times the memory.
    ids = part.read("judge", "tokens", row_groups=groups)["tokens"].take(pa.array(taken, pa.int64()))
    return tables.table(tables.DOCUMENTS, rows).append_column(KEPT.field("tokens"), ids)


def _verdicts(part: Part, groups: list[int]) -> dict[int, dict]:
    """The verdict of each rejected document, by its place in the rows read."""
    found: dict[int, dict] = {}
    for path in part.verdict_tables():
        for index, row in enumerate(storage.read_table(path, row_groups=groups).to_pylist()):
            if row["stage"] is not None:
                found.setdefault(index, row)
    return found
