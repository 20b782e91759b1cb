"""From signatures to edges: near-duplicates are joined, others are not, and exact duplicates take no part."""

from __future__ import annotations

import dataclasses
import random

import pytest

from dedup.minhash import signature
from dedup.shingles import shingle_hashes
from pipeline import tables
from pipeline.run_state import RunState
from pipeline.transforms import lsh_candidates
from pipeline.transforms.lsh_candidates import find_candidates, read_edges
from pipeline.transforms.measures import shingling
from recipes import load
from recipes.schema import Documents
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted
from text.view import TextView

_RECIPE = load("llama3")
assert _RECIPE.documents is not None
SETTINGS: Documents = _RECIPE.documents
VOCABULARY = [f"word{number}" for number in range(500)]


def _row(name: str, words: list[str], language: str = "en") -> dict:
    hashes = shingle_hashes(TextView(" ".join(words)), language, shingling(SETTINGS))
    signed = {
        f"signature_of_{kind}": signature(found, SETTINGS.bands * SETTINGS.rows) for kind, found in hashes.items()
    }
    return {"id": document_id(name), "language": language, **{kind: array.tobytes() for kind, array in signed.items()}}


def _prose(seed: int, length: int = 200) -> list[str]:
    return random.Random(str(seed)).choices(VOCABULARY, k=length)


BASE = _prose(0)
NEAR = [*BASE[:100], "changed", *BASE[101:]]


def _edges(folder, *parts: list[dict], settings: Documents = SETTINGS, exact: set[str] = frozenset()) -> set:
    """Pairs of names' ids that are joined. ``exact``: ids that have gone as exact duplicates."""
    run: RunState = extracted(folder, *parts)
    ids = [part.read("extract", "features", ["id"])["id"].to_pylist() for part in run.parts()]
    gone = [[{"stage": "x", "reason": "exact"} if identity in exact else {} for identity in part] for part in ids]
    add_tables(run, "exact-job", "verdicts", tables.VERDICTS, *gone)
    with beam_job() as job:
        manifest = find_candidates(job, run, settings)
    return {
        frozenset(ids[pointer >> 32][pointer & 0xFFFFFFFF] for pointer in edge)
        for path in manifest.paths("edges")
        for edge in read_edges(path).tolist()
    }


def _pair(*names: str) -> frozenset[str]:
    return frozenset(document_id(name) for name in names)


@pytest.mark.parametrize(
    ("entries_per_range", "at_once"), [(7, 1_000_000), (1_000_000, 1_000_000), (1_000_000, 20), (1_000_000, 1)]
)
def test_near_duplicates_are_joined_over_parts_and_ranges(tmp_path, monkeypatch, entries_per_range, at_once) -> None:
    monkeypatch.setattr(lsh_candidates, "_ENTRIES_AT_ONCE", at_once)
    monkeypatch.setattr(lsh_candidates, "_ENTRIES_PER_RANGE", entries_per_range)
    others = [_row(f"other{n}", _prose(n)) for n in range(1, 6)]
    assert _edges(tmp_path, [_row("base", BASE), *others[:3]], [], [_row("near", NEAR), *others[3:]]) == {
        _pair("base", "near")
    }


def test_short_documents_are_compared_by_characters(tmp_path) -> None:
    short = BASE[:30]
    assert _edges(tmp_path, [_row("one", short), _row("two", [*short, "more"])]) == {_pair("one", "two")}


@pytest.mark.parametrize(("within", "joined"), [(True, set()), (False, {_pair("base", "near")})])
def test_languages_are_kept_apart_where_the_recipe_says_so(tmp_path, within, joined) -> None:
    settings = dataclasses.replace(SETTINGS, within_language=within)
    assert _edges(tmp_path, [_row("base", BASE), _row("near", NEAR, "de")], settings=settings) == joined


def test_exact_duplicates_take_no_part(tmp_path) -> None:
    rows = [_row("base", BASE), _row("copy", BASE), _row("near", NEAR)]
    assert _edges(tmp_path, rows, exact={document_id("copy")}) == {_pair("base", "near")}


def test_a_part_of_which_nothing_is_left_gives_nothing(tmp_path) -> None:
    assert _edges(tmp_path, [_row("base", BASE)], [_row("near", NEAR)], exact={document_id("near")}) == set()


@pytest.mark.parametrize("at_once", [1_000_000, 60, 5])
def test_a_bucket_larger_than_a_worker_holds_has_the_edges_of_a_smaller_one(tmp_path, monkeypatch, at_once) -> None:
    monkeypatch.setattr(lsh_candidates, "_ENTRIES_AT_ONCE", at_once)
    family = [_row(f"copy{number}", [*BASE[:number], "changed", *BASE[number + 1 :]]) for number in range(0, 40, 2)]
    found = _edges(tmp_path, family[:7], [*family[7:], _row("other", _prose(1))])
    names = {document_id(f"copy{number}") for number in range(0, 40, 2)}
    joined = set(frozenset().union(*found))
    assert joined == names and len(found) >= len(names) - 1
    monkeypatch.setattr(lsh_candidates, "_ENTRIES_AT_ONCE", 1_000_000)
    assert found == _edges(tmp_path / "whole", family[:7], [*family[7:], _row("other", _prose(1))])
