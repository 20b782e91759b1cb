"""Exact and near-duplicates over parts: who goes, for whom, how alike they are and how many words go with them."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dedup.minhash import jaccard
from dedup.shingles import shingles
from dedup.unique_words import unique_words, vocabulary
from pipeline.phases import documents
from pipeline.phases.documents import PHASE, build, units
from pipeline.run_state import RunState
from pipeline.transforms import component_members, ordered_rows, range_merge, sorted_rows
from pipeline.transforms.measures import shingling, signatures
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted, finished
from text.document import Document
from text.hashing import hash128_hex
from text.view import TextView

RECIPE = load("llama3")
assert RECIPE.documents is not None
SETTINGS = RECIPE.documents
RULE = shingling(SETTINGS)
Verdicts = dict[str, tuple[str, float, str, int]]


def prose(seed: int, words: int) -> list[str]:
    return random.Random(seed).choices([f"word{number}" for number in range(500)], k=words)


def changed(words: list[str], *places: int) -> list[str]:
    """``words`` with others, all of one kind, in some places."""
    return ["other" if place in places else word for place, word in enumerate(words)]


LONG, SHORT = prose(1, 200), prose(2, 56)
TEXTS = {
    "long": LONG,
    "copy": LONG,
    "near": changed(LONG, 100),
    # Close to the threshold, 0.7: settled by the shingles themselves.
    "close": changed(LONG, 10, 50, 90, 130, 170),
    "as close": changed(LONG, 10, 50, 90, 130, 150, 170),
    # So short that characters count as well as words.
    "short": SHORT,
    "close to it": changed(SHORT, 10, 22, 34, 46),
    "apart": prose(3, 200),
    "also apart": prose(4, 60),
    # Alike, and longer by words of its own than the recipe lets go.
    "with words of its own": [*prose(3, 200), *(f"own{number}" for number in range(25))],
}
PARTS = [["long", "apart", "close", "close to it"], [], ["near", "as close", "copy", "short", "also apart"]]


def row(name: str) -> dict[str, Any]:
    """What extraction has measured of a text; the survivors are the longest and the newest."""
    text = " ".join(TEXTS[name])
    return {
        "id": document_id(name), "date": "2024-02-01" if name in ("long", "short", "apart") else "2024-01-01",
        "words": len(TEXTS[name]), "language": "en", "text": text, "content_hash": hash128_hex(text),
        **signatures(Document(text, "en"), RECIPE),
    }  # fmt: skip


def verdicts(folder: Path, *parts: list[str], fan_in: int = 128) -> Verdicts:
    """By name, what is said of each text that goes. All others have no verdict."""
    recipe = dataclasses.replace(RECIPE, shards=dataclasses.replace(RECIPE.shards, fan_in=fan_in))
    run: RunState = extracted(folder, *([row(name) for name in part] for part in parts), recipe=recipe)
    with beam_job() as job:
        build(job, run, SETTINGS)
    run = run.having(finished(run, PHASE.name, units(run)))
    names = {document_id(name): name for name in TEXTS}
    found: Verdicts = {}
    for part in run.parts():
        ids = part.read("extract", "features", ["id"])["id"].to_pylist()
        for identity, said in zip(ids, part.read(PHASE.name, "verdicts").to_pylist(), strict=True):
            if said["stage"] is None:
                assert set(said.values()) == {None}
                continue
            assert said["stage"] == PHASE.name
            found[names[identity]] = said["reason"], said["score"], names[said["detail"]], said["unique_words"]
    return found


def similarity(one: str, other: str, kind: str) -> float:
    """Of two texts, by all their shingles."""
    sets = [shingles(TextView(" ".join(TEXTS[name])), "en", RULE)[kind] for name in (one, other)]
    return round(jaccard(*sets), 4)


def lost(one: str, survivor: str) -> int:
    """The words of a text that another doesn't have."""
    own, others = (vocabulary(TextView(" ".join(TEXTS[name])), "en", RULE) for name in (one, survivor))
    return unique_words(own, others)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    return verdicts(tmp_path_factory.mktemp("run"), *PARTS)


def test_near_duplicates_go_for_the_newest_wherever_they_lie(found: Verdicts) -> None:
    assert set(found) == {"copy", "near", "close", "as close", "close to it"}
    for name, survivor in {"near": "long", "close": "long", "as close": "long", "close to it": "short"}.items():
        reason, score, stays, words = found[name]
        assert (reason, stays, words) == ("near_duplicate", survivor, lost(name, survivor))
        assert score >= SETTINGS.min_similarity


def test_exact_duplicates_have_a_reason_of_their_own(found: Verdicts) -> None:
    assert found["copy"] == ("exact_duplicate", 1.0, "long", 0)


def test_close_calls_are_settled_by_the_shingles_themselves(found: Verdicts) -> None:
    assert {name: found[name][1] for name in ("close", "as close", "close to it")} == {
        "close": similarity("close", "long", "words"),
        "as close": similarity("as close", "long", "words"),
        "close to it": similarity("close to it", "short", "characters"),
    }


def test_a_text_with_words_of_its_own_stays(tmp_path: Path) -> None:
    assert similarity("with words of its own", "apart", "words") > SETTINGS.min_similarity
    assert verdicts(tmp_path, ["apart", "with words of its own"], ["also apart"]) == {}


TEMPLATE = prose(7, 300)
PAGES = {
    # Three in four say what the template says, a word apart; the others are so far from it that the second of them survives too.
    **{f"page {n}": changed(TEMPLATE, n, n + 90) for n in range(120)},
    **{f"far {n}": [*changed(TEMPLATE, *range(0, 300, 12)), f"far{n}"] for n in range(40)},
    **{f"other {n}": prose(100 + n // 2, 150 + n % 2) for n in range(20)},
}


def _files(folder: Path, seed: int, parts: int, fan_in: int) -> Verdicts:
    dealt: list[list[str]] = [[] for _ in range(parts)]
    for name in PAGES:
        random.Random(f"{seed} {name}").choice(dealt).append(name)
    return verdicts(folder, *dealt, fan_in=fan_in)


def test_members_of_a_large_component_are_read_some_at_a_time_and_go_as_if_they_were_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "TEXTS", PAGES)
    held = _files(tmp_path / "held", 0, 1, 128)
    survivors = Counter(stays for _, _, stays, _ in held.values())
    assert len(held) > 150 and max(survivors.values()) > 100 and len(survivors) > 11
    monkeypatch.setattr(documents, "_EDGES_BY_SHUFFLE", 0)
    monkeypatch.setattr(component_members, "_MEMBERS_AT_ONCE", 4)
    monkeypatch.setattr(range_merge, "ROWS_PER_FILE", 4)
    for module in (sorted_rows, ordered_rows):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", 3)
    assert _files(tmp_path / "few", 1, 3, 128) == held
    assert list((tmp_path / "few" / "work").glob("documents-members")) != []
    monkeypatch.setattr(component_members, "_MEMBERS_PER_RANGE", 30)
    assert _files(tmp_path / "merged", 2, 9, 3) == held
    assert (tmp_path / "merged" / "work" / "documents-merge-1").is_dir()
