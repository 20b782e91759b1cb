"""Which phase first asks for what has changed, and which phases of a base are left to be taken over."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.commit import Attempt, Receipt
from pipeline.listing import read_manifest, write_listing
from pipeline.preflight import LAYOUT, NotReady
from pipeline.run_state import PARTS, parts_of_run
from pipeline.taking_over import Base, changed_keys, read_base, receipts, take_over, taken_over
from recipes import as_dict, load, with_changes
from tests.pipeline.parts import document_id, extracted

RECIPE = load("llama3")
BASE = Base("nowhere", {"tokenizer": "1", "quality.models x": "2", "quality": "3"}, RECIPE)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ("name=other", {"name": "shards"}),
        ("domains.min_pages=4", {"domains.min_pages": "domains"}),
        ("domains.page.adult_hits=6", {"domains.page.adult_hits": "domains"}),
        ("urls.rules=[scheme]", {"urls.rules": "urls"}),
        ("documents.survivor=[oldest]", {"documents.survivor": "documents"}),
        ("lines.max_count=3", {"lines.max_count": "lines"}),
        ("lines.max_removed_share=0.5", {"lines.max_removed_share": "clean"}),
        ("lines.min_words=5", {"lines.min_words": "clean"}),
        ("tokenise.held_out_per_10000=7", {"tokenise.held_out_per_10000": "shards"}),
        ("mix.max_weight=2", {"mix.max_weight": "shards"}),
        ("mix.max_domain_share=0.5", {"mix.max_domain_share": "judge"}),
        ("redact={}", {"redact": "judge", "redact.kinds": "judge", "redact.regions": "judge"}),
        ("quality.min_content=0.2", {"quality.min_content": "judge"}),
        ("heuristics.repetition={min_words: 3}", {"heuristics.repetition.min_words": "judge"}),
        ("shards.fan_in=64", {"shards.fan_in": "shards"}),
        ("output.report=false", {"output.report": "shards"}),
        ("output.keep_rejected={texts: 100}", {"output.keep_rejected.texts": "rejected_texts"}),
        ("output.keep_rejected=null", {"output.keep_rejected.texts": "rejected_texts", "output.keep_rejected": "rejected_texts"}),
        ("output.keep_rejected={texts: 300}", {"output.keep_rejected.texts": "rejected_texts", "output.keep_rejected": "extract"}),
        ("extract.min_words=40", {"extract.min_words": "extract"}),
        ("identify=null", None),
        ("read.unit_bytes=100", {"read.unit_bytes": "extract"}),
        ("domains.listed=[]", {"domains.listed": "extract"}),
        ("lines.max_count=6", {}),
    ],
)  # fmt: skip
def test_each_key_has_the_phase_that_asks_for_it_first(change: str, changed: dict[str, str] | None) -> None:
    found = changed_keys(BASE, with_changes(RECIPE, [change]), {})
    if changed is None:
        assert found["identify"] == "extract" and set(found.values()) == {"extract"}
    else:
        assert found == changed


def test_filters_in_another_order_are_a_change_of_their_own() -> None:
    assert RECIPE.heuristics is not None
    reordered = dict(reversed(RECIPE.heuristics.items()))
    other = load("llama3", [f"heuristics={{{', '.join(f'{name}: {{}}' for name in reordered)}}}"])
    assert changed_keys(BASE, other, {}) == {"heuristics": "judge"}


@pytest.mark.parametrize(
    ("models", "changed"),
    [
        ({"tokenizer": "1", "quality": "3"}, {}),
        ({"tokenizer": "2"}, {"tokenizer": "judge"}),
        ({"quality": "4"}, {"quality": "judge"}),
        ({"quality.models x": "3"}, {"quality.models x": "inference"}),
        ({"a new one": "9"}, {}),
    ],
)
def test_files_that_hold_something_else_count_as_keys(models: dict[str, str], changed: dict[str, str]) -> None:
    assert changed_keys(BASE, RECIPE, models) == changed


def test_what_extraction_decides_is_named_before_anything_is_read() -> None:
    with pytest.raises(NotReady, match="a, b decides what is extracted, and a run that goes on from nowhere"):
        taken_over(BASE, {"a": "extract", "x": "judge", "b": "extract"})


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """A finished run of three parts, with the files that runs may clear away."""
    run = extracted(tmp_path / "base", *([{"id": document_id(str(number)), "text": ""}] for number in range(3)))
    for phase, roles in {
        "urls": ("verdicts",), "lines": ("frequent",), "clean": ("lines", "counts"), "judge": ("scores", "tokens"),
        "shards": ("documents",),
    }.items():  # fmt: skip
        receipts = []
        for number in range(3):
            attempt = Attempt(run.dir, phase, f"part-{number:06d}", number)
            for role in roles:
                attempt.write_bytes(role, b"x", 1, "parquet")
            receipts.append(attempt.finish())
        write_listing(run.dir, phase, receipts)
    return Base(run.dir, {}, RECIPE)


def remove(base: Base, phase: str, role: str, *places: int) -> None:
    paths = sorted(
        (Path(base.dir) / "work" / phase).glob(f"*.{role}.parquet"), key=lambda path: path.name.split(".")[0]
    )
    if phase == "extract":  # one unit has written all its parts
        paths = sorted(paths, key=lambda path: path.name.split(".")[2])
    for place in places:
        os.remove(paths[place])


ALL = ["extract", "urls", "lines", "clean", "judge"]


@pytest.mark.parametrize(
    ("changed", "kept"),
    [({}, ALL), ({"x": "shards"}, ALL), ({"x": "judge"}, ALL[:4]), ({"x": "judge", "y": "lines"}, ALL[:2]), ({"x": "domains"}, ALL[:1])],
)  # fmt: skip
def test_phases_before_the_first_that_changes_are_taken_over(
    base: Base, changed: dict[str, str], kept: list[str]
) -> None:
    """But for those that write output folders, or that the base doesn't have."""
    assert taken_over(base, changed) == kept


@pytest.mark.parametrize("gone", [0, 2])
def test_what_the_base_has_cleared_away_is_made_again_by_its_own_phase(base: Base, gone: int) -> None:
    """Looked at are the first and the last file of a role."""
    remove(base, "lines", "frequent", gone)
    assert taken_over(base, {}) == ALL and taken_over(base, {"x": "clean"}) == ALL[:2]
    assert taken_over(base, {"x": "judge"}) == ALL[:4]
    remove(base, "clean", "counts", gone)
    assert taken_over(base, {}) == ALL and taken_over(base, {"x": "judge"}) == ALL[:2]
    remove(base, "judge", "tokens", gone)
    assert taken_over(base, {}) == ALL[:4]


@pytest.mark.parametrize("gone", [0, 2])
def test_without_its_texts_nothing_can_go_on_from_a_base(base: Base, gone: int) -> None:
    remove(base, "extract", "text", gone)
    with pytest.raises(NotReady, match="cleared its extracted texts away"):
        taken_over(base, {"x": "judge"})


def test_files_of_the_base_are_taken_over_where_they_lie_and_once(base: Base, tmp_path: Path) -> None:
    run_dir = str(tmp_path / "run")
    take_over(base, run_dir, ["extract", "urls"])
    for phase in (PARTS, "extract", "urls"):
        found, before = read_manifest(run_dir, phase), read_manifest(base.dir, phase)
        assert found is not None and before is not None
        assert (found.units, found.totals("languages")) == (before.units, before.totals("languages"))
        for receipt, old in zip(found.receipts(), before.receipts(), strict=True):
            assert [file.at(run_dir) for file in receipt.files] == [file.at(base.dir) for file in old.files]
            assert all(os.path.isabs(file.path) for file in receipt.files)
    assert [part.rows for part in parts_of_run(run_dir)] == [1, 1, 1]
    assert read_manifest(run_dir, "lines") is None
    # A second start finds what the first has written down.
    written = {path: path.stat().st_mtime_ns for path in Path(run_dir).rglob("*") if path.is_file()}
    take_over(base, run_dir, ["extract", "urls"])
    assert {path: path.stat().st_mtime_ns for path in Path(run_dir).rglob("*") if path.is_file()} == written
    take_over(base, str(tmp_path / "other"), ["urls"])
    assert read_manifest(str(tmp_path / "other"), PARTS) is None


def test_of_extraction_that_was_read_again_the_corrected_receipts_are_taken(base: Base) -> None:
    corrected = write_listing(base.dir, "extract-corrected", [Receipt("unit-000000", 0, [], {"words": 5})])
    assert list(receipts(base, "extract")) == list(corrected.receipts())
    assert [receipt.unit for receipt in receipts(base, "urls")] == [f"part-00000{number}" for number in range(3)]


def test_a_base_that_has_lost_a_manifest_says_so(base: Base) -> None:
    os.remove(Path(base.dir) / "work" / "urls" / "manifest.json")
    with pytest.raises(NotReady, match="has lost the manifest of its phase urls; nothing can go on from it"):
        list(receipts(base, "urls"))


@pytest.mark.parametrize("layout", [LAYOUT, None, LAYOUT + 1])
def test_a_base_is_a_finished_run_of_this_version(tmp_path: Path, layout: int | None) -> None:
    run_dir = tmp_path / "base"
    with pytest.raises(FileNotFoundError):
        read_base(str(run_dir))
    plan = {"recipe": as_dict(RECIPE), "models": {"tokenizer": "1"}, "layout": layout}
    for name, said in (("ledger.json", {}), ("work/plan.json", plan), ("run.json", {"about": "it"})):
        (run_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (run_dir / name).write_text(json.dumps(said))
    if layout != LAYOUT:
        with pytest.raises(NotReady, match="was run by another version of gristmill"):
            read_base(str(run_dir))
        return
    found = read_base(str(run_dir))
    assert found == Base(str(run_dir), {"tokenizer": "1"}, RECIPE) and read_base(found) is found
    digest = hashlib.sha256((run_dir / "run.json").read_bytes()).hexdigest()
    assert found.named() == {"path": str(run_dir), "sha256": digest}
