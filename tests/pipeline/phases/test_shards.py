"""As many shards as the kept text fills, each for one range of ids."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from pipeline import storage, tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest, write_listing
from pipeline.phases.shards import PHASE, Shard, build, units
from pipeline.run_state import RunState
from pipeline.transforms.work_units import range_units
from recipes import load
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished
from tokens.shards import HELD_OUT


@pytest.mark.parametrize(
    ("kept", "count"), [((), 1), ((0,), 1), ((1,), 1), ((60, 40), 1), ((60, 41), 2), ((999,), 10)]
)
def test_a_shard_holds_so_many_bytes_of_text(kept: tuple[int, ...], count: int, tmp_path: Path) -> None:
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, shards=dataclasses.replace(recipe.shards, shard_bytes=100))
    receipts = [Receipt(f"part-{n:06d}", n, [], {"kept_bytes": size}) for n, size in enumerate(kept)]
    judged = write_listing(str(tmp_path), "judge", receipts)
    assert units(RunState(str(tmp_path), recipe, {"judge": judged})) == count
    found = list(range_units(Shard, count).block(0))
    assert found == [Shard(number, count) for number in range(count)]
    assert found[-1].high() == "g" and found[0].low() == "00000000"
    assert found[0].unit == f"shard-00000-of-{count:05d}"


NAMES = sorted("abcdefgh", key=document_id)
SHARDS = [
    "shards.shard_bytes=100",
    "tokenise.held_out_per_10000=5000",
    "mix={targets: {general: 0.5, code: 0.5}, max_weight: 4.0}",
]


def written(folder: Path, *changes: str) -> Manifest:
    """The shards of eight documents in three parts, one of them empty; the second and the last document went; the third is code."""
    parts = [NAMES[:4], NAMES[4:], []]
    documents = [
        [{"id": document_id(name), "url": f"https://{name}.example/", "language": "en", "domain": name, "words": 4,
          "class": "code" if name == NAMES[2] else "general", "text": "write to ann.smith@gmail.com", "spans": []}
         for name in part] for part in parts
    ]  # fmt: skip
    run = extracted(folder, *documents, recipe=load("llama3", [*SHARDS, *changes]))
    gone = {"stage": "urls", "reason": "older_capture"}
    add_tables(run, "urls", "verdicts", tables.VERDICTS, [{}, gone, {}, {}], [{}, {}, {}, gone], [])
    receipts = []
    tokens = ({"general": {"en": 4}, "code": {"en": 2}}, {"general": {"en": 6}}, {})
    for part, counts in zip(run.parts(), tokens, strict=True):
        attempt = Attempt(run.dir, "judge", part.unit, part.number)
        attempt.write_table("lines", tables.table(tables.REMOVED_LINES, [{"removed_words": 0}] * part.rows))
        ids = [{"tokens": [part.number, row]} for row in range(part.rows)]
        attempt.write_table("tokens", tables.table(tables.TOKENS, ids))
        receipts.append(attempt.finish({"kept_bytes": 50, "tokens": counts}))
    run.manifests["judge"] = write_listing(run.dir, "judge", receipts)
    assert units(run) == 2
    with beam_job() as job:
        build(job, run, run.recipe)
    return finished(run, PHASE.name, 2)


def rows(manifest: Manifest, role: str) -> list[list[dict[str, Any]]]:
    """Of each shard."""
    return [storage.read_table(path).to_pylist() for path in manifest.paths(role)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return written(tmp_path_factory.mktemp("shards"))


def test_each_shard_has_the_documents_of_its_ids_with_tokens_splits_and_weights(found: Manifest) -> None:
    first, second = rows(found, "documents")
    kept = [document_id(name) for name in NAMES if name not in (NAMES[1], NAMES[7])]
    assert [row["id"] for row in [*first, *second]] == kept and first and second
    assert first[-1]["id"] < "8" <= second[0]["id"]
    assert {row["text"] for row in [*first, *second]} == {"write to ann.smith@gmail.com"}
    # Which order they have within a shard is that of tests/tokens/test_shards.py.
    tokens = [row for shard in rows(found, "tokens") for row in sorted(shard, key=lambda row: row["id"])]
    assert [row["id"] for row in tokens] == kept
    assert [row["tokens"] for row in tokens] == [[0, 0], [0, 2], [0, 3], [1, 0], [1, 1], [1, 2]]
    assert [row["class"] for row in tokens] == ["general", "code", *["general"] * 4]
    weights = {row["class"]: row["weight"] for row in tokens}
    assert weights == pytest.approx({"code": 4.0, "general": 0.8})
    held = [row for row in tokens if row["split"] == HELD_OUT]
    assert 0 < len(held) < 6 and found.total("held_out_tokens") == 2 * len(held) and found.total("tokens") == 12
    gone = [row for shard in rows(found, "rejected") for row in shard]
    assert [(row["id"], row["stage"]) for row in gone] == [(document_id(NAMES[place]), "urls") for place in (1, 7)]
    assert found.total("kept") == 6 and rows(found, "failed") == [[], []]


@pytest.mark.parametrize("changes", [["shards.fan_in=2", "redact={}"], ["redact={}"], ["shards.fan_in=2"]], ids=str)
def test_merged_in_passes_they_are_the_same_and_personal_data_go_where_the_recipe_says_so(
    tmp_path: Path, found: Manifest, changes: list[str]
) -> None:
    other = written(tmp_path, *changes)
    texts = {row["text"] for shard in rows(other, "documents") for row in shard}
    assert texts == {"write to [EMAIL]" if "redact={}" in changes else "write to ann.smith@gmail.com"}
    assert rows(other, "tokens") == rows(found, "tokens") and rows(other, "rejected") == rows(found, "rejected")
