"""What became of a page: every capture of it, stage by stage, with the numbers that decided."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dedup.url import canonical_url
from pipeline import outputs, stages, storage
from pipeline.run_state import Part, parts_of_run

_ID = re.compile(r"[0-9a-f]{32}")


def explain(run_dir: str, page: str) -> Iterator[str]:
    """Lines of text about every record of ``page``, a URL or an id. Raises ``FileNotFoundError`` for no finished run,
    ``ValueError`` where the run has never seen the page."""
    run_dir = storage.absolute(run_dir)
    outputs.read_ledger(run_dir)
    parts = list(parts_of_run(run_dir))
    found = False
    for folder in ("documents", "rejected", "failed"):
        for row in _matching(run_dir, folder, page):
            found = True
            yield from _describe(folder, row, parts, run_dir)
    if not found:
        raise ValueError(f"the run in {run_dir} has never seen {page}; give the URL as it was crawled, or an id")


def _matching(run_dir: str, folder: str, page: str) -> Iterator[dict[str, Any]]:
    rules = json.loads(storage.read_bytes(storage.join(run_dir, "run.json")))["recipe"]["urls"]["rules"]
    for path in outputs.files_of(run_dir, folder):
        with storage.open_parquet(path) as parquet:
            names = [name for name in parquet.schema_arrow.names if name not in ("text", "spans")]
        table = storage.read_table(path, names)
        if _ID.fullmatch(page):
            chosen = pc.equal(table["id"], page)
        else:
            key = canonical_url(page, rules)
            same = {url for url in table["url"].to_pylist() if url and canonical_url(url, rules) == key} | {page}
            chosen = pc.is_in(table["url"], pa.array(sorted(same)))
        yield from table.filter(chosen).to_pylist()


def _describe(folder: str, row: dict[str, Any], parts: list[Part], run_dir: str) -> Iterator[str]:
    yield f"{row['url'] or '(no URL)'}  {row.get('date') or ''}  id {row['id']}"
    if folder == "failed":
        yield f"  failed     {row['error']}"
        return
    yield from _measurements(row["id"], parts)
    if folder == "rejected":
        score = "" if row["score"] is None else f", score {row['score']:g}"
        yield f"  REJECTED   {row['stage']}: {row['reason']}{score}{_detail(row)}"
    else:
        weight = json.loads(storage.read_bytes(storage.join(run_dir, "mix.json")))["weights"].get(row["class"], 1.0)
        yield f"  KEPT       {row['words']} words of class {row['class']}, weight {weight:g} in the mix"


def _detail(row: dict[str, Any]) -> str:
    if not row["detail"]:
        return ""
    return f" ({stages.stage(row['stage']).detail} {row['detail']})"


def _measurements(identity: str, parts: list[Part]) -> Iterator[str]:
    """What was measured on a document, for as far as it came."""
    for part in parts:
        ids = part.read("extract", "features", ["id"])["id"]
        row = pc.index(ids, identity).as_py()
        if row < 0:
            continue
        features = part.read("extract", "features").slice(row, 1).to_pylist()[0]
        yield f"  extracted  {features['words']} words, {features['lines']} lines, language {features['language']}"
        yield f"  domain     {features['domain']}"
        if features["kinds"]:
            yield f"  page       {', '.join(features['kinds'])}"
        if features["removed"] is not None:
            yield f"  removed    {features['removed']:.0%} of the page's words were not content"
        if ("clean", "lines") in part.tables:
            lines = part.read("clean", "lines").slice(row, 1).to_pylist()[0]
            if lines["removed"]:
                yield f"  lines      {len(lines['removed'])} frequent ones removed, {lines['removed_words']} words"
        if ("judge", "lines") in part.tables:
            for rule, words in part.read("judge", "lines").slice(row, 1).to_pylist()[0]["removed_by"] or ():
                yield f"  lines      removed by {rule}, {words} words"
        if ("judge", "scores") in part.tables:
            judged = part.read("judge", "scores").slice(row, 1).to_pylist()[0]
            for name, value in judged["scores"] or ():
                yield f"  score      {name} = {value:g}"
            for name in judged["not_judged"] or ():
                yield f"  not judged by {name}: too little evidence"
        return
