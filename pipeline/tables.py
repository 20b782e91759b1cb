"""The tables of a run: Arrow schemas of everything that phases hand to each other and to people.

Between extraction and the end, text stays where it is. A *part* is a bounded stretch of extracted documents, sorted
by id; every later phase adds small tables *aligned* with it: row ``i`` of each belongs to document ``i`` of the part,
and row groups fall at the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import accumulate, repeat
from typing import Any

import pyarrow as pa

from filters.page_evidence import KINDS, WORD_KINDS, Evidence
from pipeline import storage
from text.document import Span

SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("kind", pa.string())]))

# No map: the library datasets has no such type.
LANGUAGES = pa.list_(pa.struct([("language", pa.string()), ("share", pa.float64())]))

# work/extract, role "text": the extracted documents of a part.
TEXT = pa.schema(
    [("id", pa.string()), ("url", pa.string()), ("date", pa.string()), ("language", pa.string()),
     ("language_score", pa.float64()), ("title", pa.string()), ("text", pa.string()), ("spans", SPANS)]
)  # fmt: skip

# work/extract, role "places", and places/: where each record was read, whatever became of it. ``file`` counts the inputs
# of run.json; ``offset`` is the byte at which the record (or the compressed member with it) begins, or the row or line of
# a table, from 1 on; ``member`` the archive within the input, of a WACZ file or of records chosen by an index. Places say
# how a crawl was packed: what a run writes of its pages depends on the pages alone, this doesn't.
PLACES = pa.schema([("id", pa.string()), ("file", pa.int32()), ("member", pa.string()), ("offset", pa.int64())])

# work/extract, role "features": what later phases decide by, without reading text. Aligned with TEXT.
FEATURES = pa.schema(
    [("id", pa.string()), ("url", pa.string()), ("date", pa.string()), ("language", pa.string()),
     ("language_score", pa.float64()), ("domain", pa.string()), ("url_key", pa.string()), ("content_hash", pa.string()), ("class", pa.string()), ("words", pa.int64()),
     ("lines", pa.int64()), ("kinds", pa.list_(pa.string())), ("removed", pa.float64()),
     # What the page states: its day of publication (YYYY-MM-DD) and its language (a BCP 47 tag). Null where it doesn't.
     ("published", pa.string()), ("language_hint", pa.string()),
     # Of a document in several languages each with its share of the words; null for one in a single language.
     ("languages", LANGUAGES),
     # Where the capture lies, so that it can be fetched again: a WARC or ARC file and the byte at which its record (or
     # the compressed member with it) begins. Null for rows of tables.
     ("warc_file", pa.string()), ("warc_offset", pa.int64()),
     # Other domains that the page links to, and how many of them the recipe's domains.listed have; null where it has no HTML.
     ("links", pa.int64()), ("listed_links", pa.int64()),
     # MinHash, by kind of shingles; null for a kind that a document isn't compared by.
     ("signature_of_words", pa.binary()), ("signature_of_characters", pa.binary())]
)  # fmt: skip

# work/extract, role "listed_links": domains (targets) that pages of listed sites (sources) link to. Not aligned.
LISTED_LINKS = pa.schema([("source", pa.string()), ("target", pa.string())])

# work/decisions, role "kept": whether people keep a document whatever rules say. Aligned.
KEPT = pa.schema([("kept", pa.bool_())])

# work/domains-sample, role "last_ids": domains of which a sample is looked at, and the last id in it (its first 64 bits).
LAST_IDS = pa.schema([("domain", pa.string()), ("last", pa.uint64())])

# work/domains-evidence, role "evidence": filters.page_evidence.Evidence of each page, how many times over its limits it is
# (adult, harm, pii), and the words that weighed most. Aligned; null for pages outside of their domain's sample.
PAGE_EVIDENCE = pa.schema(
    [("evidence", pa.list_(pa.int64())), ("strengths", pa.list_(pa.int8())), ("terms", pa.list_(pa.string()))]
)

# work/PHASE, role "verdicts": stage, reason and score of documents that go here, nulls for all others. Aligned.
# ``unique_words``: of a duplicate, its words that stand nowhere in the survivor; null where none was compared.
VERDICTS = pa.schema(
    [("stage", pa.string()), ("reason", pa.string()), ("score", pa.float64()), ("detail", pa.string()),
     ("unique_words", pa.int64())]
)  # fmt: skip

# work/clean and work/judge, role "lines": indices of the lines that go, and the words in them. Aligned. Those of judge
# hold those of clean; ``removed_by`` counts the words that went since by ``filter.rule``.
REMOVED_LINES = pa.schema(
    [
        ("removed", pa.list_(pa.int32())),
        ("removed_words", pa.int64()),
        ("removed_by", pa.map_(pa.string(), pa.int64())),
    ]
)

# work/judge, role "scores": every filter's numbers, and the filters that did not judge. Aligned.
SCORES = pa.schema([("scores", pa.map_(pa.string(), pa.float64())), ("not_judged", pa.list_(pa.string()))])

# work/judge, role "tokens": ids of documents that are still there, framed BOS … EOS. Aligned.
TOKENS = pa.schema([("tokens", pa.list_(pa.int32()))])

# work/judge, role "domains", where the recipe caps domains: the tokens of a part by what the mix tells apart.
DOMAINS_ROLE = "domains"
TOKENS_BY_CELL = pa.schema(
    [("class", pa.string()), ("language", pa.string()), ("domain", pa.string()), ("tokens", pa.int64())]
)

# documents/: what a run keeps. ``date`` and ``language`` are the capture's date and the language that was identified;
# ``published`` and ``language_hint`` what the page itself states; ``languages`` of one in several their shares of the words; ``warc_file`` and ``warc_offset`` where it was read.
DOCUMENTS = pa.schema(
    [("id", pa.string()), ("url", pa.string()), ("date", pa.string()), ("domain", pa.string()),
     ("language", pa.string()), ("class", pa.string()), ("title", pa.string()), ("text", pa.string()),
     ("spans", SPANS), ("words", pa.int64()), ("removed_words", pa.int64()),
     ("published", pa.string()), ("language_hint", pa.string()), ("languages", LANGUAGES),
     ("warc_file", pa.string()), ("warc_offset", pa.int64())]
)  # fmt: skip

# rejected/: what it doesn't, and why. ``words`` went with the record, ``removed_words`` had gone line by line before.
REJECTED = pa.schema(
    [("id", pa.string()), ("url", pa.string()), ("date", pa.string()), ("stage", pa.string()), ("reason", pa.string()),
     ("score", pa.float64()), ("detail", pa.string()), ("words", pa.int64()), ("removed_words", pa.int64())]
)  # fmt: skip

# work/extract, role "rejected_texts", and rejected_texts/: texts as extracted of records that went, those of the smallest ids
# of each stage and reason (the recipe's output.keep_rejected), so that a person can look at what a rule takes. By stage,
# reason and id. ``language``: null where it went before that was identified.
REJECTED_TEXTS = pa.schema(
    [("id", pa.string()), ("url", pa.string()), ("date", pa.string()), ("stage", pa.string()), ("reason", pa.string()),
     ("score", pa.float64()), ("detail", pa.string()), ("words", pa.int64()), ("language", pa.string()),
     ("title", pa.string()), ("text", pa.string()), ("spans", SPANS)]
)  # fmt: skip

# failed/: what could not be read or extracted.
FAILED = pa.schema([("id", pa.string()), ("url", pa.string()), ("error", pa.string())])


# domains.parquet: one row a domain. ``pages`` are all in the crawl, ``sampled`` those looked at; sums over these, per 1,000 words
# too; by kind the interval of the share of bad pages, the score (null: too small, or no page in a language that could be
# judged), and what name and links count, in pages; why its pages go (null where they stay); what people decided; whether they
# should look at it; its worst pages.
PER_1000_WORDS = (
    "pii_values", "emails", "phones", "cards", "ibans", "ssns", "ips", "adult_hits", "harm_hits"
)  # fmt: skip
DOMAINS = pa.schema(
    [("domain", pa.string()), ("pages", pa.int64()), ("sampled", pa.int64()),
     *((field.name, pa.int64()) for field in fields(Evidence) if field.name != "pages"),
     *((f"{name}_per_1000_words", pa.float64()) for name in PER_1000_WORDS),
     *((f"{kind}_{what}", pa.float64()) for kind in KINDS for what in ("low", "high", "score")),
     *((f"{kind}_{what}", pa.int64()) for what in ("name", "links_out", "links_in") for kind in WORD_KINDS),
     ("listed_sources", pa.int64()), ("reason", pa.string()), ("score", pa.float64()), ("decision", pa.string()),
     ("review", pa.bool_()),
     ("samples", pa.list_(pa.struct([("id", pa.string()), ("url", pa.string()), ("terms", pa.list_(pa.string()))])))]
)  # fmt: skip


def table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows (mappings; what is missing is null) as a table of ``schema``."""
    return pa.Table.from_pylist(list(rows), schema=schema)


def spans_from(value: list[dict] | None) -> tuple[Span, ...]:
    """Spans of a row that came from Parquet."""
    return tuple(Span(span["start"], span["end"], span["kind"]) for span in value or ())


def document_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table of documents as mappings, their ``spans``, where it has any, as :class:`Span`: a column at once,
    since a mapping for each span takes longer than all else."""
    if "spans" not in table.column_names:
        return table.to_pylist()
    rows = table.drop_columns(["spans"]).to_pylist()
    lists = table["spans"].combine_chunks()
    columns = lists.flatten()
    # As Span(...) would make them, without a call in Python for each: a crawl has dozens a page.
    values = zip(*(columns.field(name).to_pylist() for name in Span._fields), strict=True)
    spans: list[Span] = list(map(tuple.__new__, repeat(Span), values))
    offsets = lists.offsets.to_pylist()
    for row, start, end in zip(rows, offsets, offsets[1:], strict=False):
        row["spans"] = tuple(spans[start - offsets[0] : end - offsets[0]])
    return rows


def document_table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows whose ``spans`` are :class:`Span` as a table of ``schema``: the inverse of :func:`document_rows`."""
    rows = list(rows)
    columns = zip(*(span for row in rows for span in row["spans"]), strict=True)
    values = [pa.array(next(columns, ()), field.type) for field in SPANS.value_type]
    offsets = [0, *accumulate(len(row["spans"]) for row in rows)]
    spans = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(values, fields=list(SPANS.value_type))
    )
    place = schema.get_field_index("spans")
    return table(schema.remove(place), rows).add_column(place, schema.field(place), spans)


def spans_to(spans: tuple[Span, ...]) -> list[dict]:
    return [span._asdict() for span in spans]


def read_column(run_dir: str, path: str, column: str):
    """One column of a committed file as a NumPy array."""
    return storage.read_table(storage.join(run_dir, path), [column])[column].to_numpy()
