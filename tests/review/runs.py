"""Small finished runs, as phases would have published them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from pipeline import storage, tables
from pipeline.phases import duplicates
from text.hashing import hash128_hex
from tokens.files import MANIFEST
from tokens.shards import SCHEMA

SCHEMAS = {
    "documents": tables.DOCUMENTS,
    "rejected": tables.REJECTED,
    "failed": tables.FAILED,
    "duplicates": duplicates.SCHEMA,
    "rejected_texts": tables.REJECTED_TEXTS,
    "tokens": SCHEMA,
}


def published(
    folder: Path, shards: int = 1, recipe: dict[str, Any] | None = None, inputs: str = "a", **rows: list[dict]
) -> str:
    """A finished run in ``folder`` with ``rows`` by output folder; ids are made of ``name``, where a row has one."""
    for name, schema in SCHEMAS.items():
        full = sorted((_filled(row) for row in rows.get(name, [])), key=_place)
        files = []
        for shard in range(shards):
            part = full[len(full) * shard // shards : len(full) * (shard + 1) // shards]
            path = f"shard-{shard}.parquet"
            storage.write_bytes(
                storage.join(str(folder), name, path), storage.parquet_bytes(tables.table(schema, part), 2)
            )
            files.append({"path": path, "rows": len(part)})
        storage.write_bytes(storage.join(str(folder), name, MANIFEST), storage.dump_json({"files": files}))
    read = sum(len(rows.get(name, [])) for name in ("documents", "rejected", "failed"))
    rejected = Counter(f"{row['stage']}/{row['reason']}" for row in rows.get("rejected", []))
    by_stage: dict[str, dict[str, int]] = {}
    for outcome, count in rejected.items():
        stage, _, reason = outcome.partition("/")
        by_stage.setdefault(stage, {})[reason] = count
    kept_rows, lost_rows = rows.get("documents", []), rows.get("rejected", [])
    kept_words = sum(row.get("words", 0) for row in kept_rows)
    removed = Counter[str]()
    for row in lost_rows:
        removed[f"{row['stage']}/{row['reason']}"] += row.get("words", 0)
    ledger = {
        "records": {
            "read": read, "kept": len(kept_rows), "rejected": len(lost_rows), "failed": len(rows.get("failed", [])),
        },
        "rejected": by_stage,
        "words": {"in": kept_words + removed.total(), "kept": kept_words, "removed": dict(removed)},
        "tokens": {"all": 0, "held_out": 0},
        "kept_by": {"language": dict(Counter(row.get("language") for row in kept_rows)), "class": {}},
    }  # fmt: skip
    storage.write_bytes(storage.join(str(folder), "ledger.json"), storage.dump_json(ledger))
    storage.write_bytes(storage.join(str(folder), "mix.json"), storage.dump_json({"tokens": {}, "weights": {}}))
    about = {"inputs": [{"path": inputs, "sha256": inputs}], "recipe": recipe or {}, "models": {"quality": "1"}}
    storage.write_bytes(storage.join(str(folder), "run.json"), storage.dump_json(about))
    return str(folder)


def _filled(row: dict) -> dict:
    name = row.pop("name", None)
    if name is None:
        return row
    return {"id": hash128_hex(name), "url": f"https://{name}.example/", "date": "2024-05-01", **row}


def kept(name: str, text: str = "a text", **more: Any) -> dict:
    return {"name": name, "text": text, "language": "en", "class": "general", "words": len(text.split()), **more}


def rejected(name: str, stage: str, reason: str, **more: Any) -> dict:
    return {"name": name, "stage": stage, "reason": reason, "words": 10, **more}


def _place(row: dict) -> tuple[str, ...]:
    """Clusters stand together; all other rows are sorted by id."""
    return row.get("level", ""), row.get("cluster", ""), row.get("id", "")
