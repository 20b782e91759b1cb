"""Lines are counted apart by language and bucket; those that are frequent are looked up."""

from __future__ import annotations

import dataclasses
import json
import uuid
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest

from dedup.lines import line_hashes
from pipeline import storage, tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import write_listing
from pipeline.phases import lines
from pipeline.phases.lines import Buckets, build, fit_in_memory, frequent_lines, frequent_lines_by_part, is_among
from pipeline.run_state import RunState
from recipes import load
from tests.pipeline.parts import add_tables, beam_job, extracted, finished


def buckets(folder: Path, bucket_documents: int, *languages: dict[str, int]) -> Buckets:
    """The buckets of a run whose input files held so many documents of each language."""
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, lines=dataclasses.replace(recipe.lines, bucket_documents=bucket_documents))
    receipts = [Receipt(f"unit-{n:06d}", n, [], {"languages": counts}) for n, counts in enumerate(languages)]
    extracted = write_listing(str(folder / uuid.uuid4().hex), "extract", receipts)
    assert recipe.lines is not None
    return Buckets(RunState("/nowhere", recipe, {"extract": extracted}), recipe.lines)


def identity(number: int) -> str:
    return f"{number:032x}"


def test_languages_are_counted_apart(tmp_path: Path) -> None:
    deal = buckets(tmp_path, 1000, {"en": 5, "de": 5})
    assert deal.salt("en", identity(1)) != deal.salt("de", identity(1))


def test_a_bucket_is_one_salt_for_all_its_documents(tmp_path: Path) -> None:
    deal = buckets(tmp_path, 1000, {"en": 1000})
    assert len({deal.salt("en", identity(number)) for number in range(50)}) == 1


def test_a_language_has_as_many_buckets_as_its_documents_need(tmp_path: Path) -> None:
    for documents, expected in ((10, 1), (11, 2), (20, 2), (21, 3)):
        deal = buckets(tmp_path, 10, {"en": documents - 5}, {"en": 5, "de": 100})
        assert len({deal.salt("en", identity(number)) for number in range(100)}) == expected
    assert len({deal.salt("de", identity(number)) for number in range(100)}) == 10


def test_buckets_are_dealt_by_the_end_of_an_id(tmp_path: Path) -> None:
    deal = buckets(tmp_path, 1, {"en": 7})
    salts = [deal.salt("en", identity(number)) for number in range(14)]
    assert salts[:7] == salts[7:] and len(set(salts)) == 7
    assert deal.salt("en", identity(3 + (1 << 32))) == salts[3]


@pytest.fixture
def listed(tmp_path: Path) -> RunState:
    """A run whose frequent lines are listed in three ranges."""
    state = RunState(str(tmp_path), load("llama3"))
    receipts = []
    for number, hashes in enumerate(([2, 1], [10], [20, 30, 2**63])):
        attempt = Attempt(state.dir, "lines", f"range-{number:06d}", number)
        attempt.write_table("frequent", pa.table({"hash": np.array(hashes, np.uint64)}))
        receipts.append(attempt.finish())
    state.manifests["lines"] = write_listing(state.dir, "lines", receipts)
    return state


def test_frequent_lines_come_sorted_and_are_looked_up(listed: RunState) -> None:
    frequent = frequent_lines(listed)
    assert frequent.dtype == np.uint64 and frequent.tolist() == [1, 2, 10, 20, 30, 2**63]
    asked = np.array([30, 2**63, 7, 2, 30, 2**64 - 1, 0], np.uint64)
    assert is_among(asked, frequent).tolist() == [True, True, False, True, True, False, False]
    assert is_among(asked, np.empty(0, np.uint64)).tolist() == [False] * 7
    assert is_among(np.empty(0, np.uint64), frequent).tolist() == []


@pytest.mark.parametrize(("held", "fit"), [(6, True), (5, False)])
def test_so_many_frequent_lines_fit(listed: RunState, held: int, fit: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FREQUENT_IN_MEMORY", held)
    assert fit_in_memory(listed) == fit


def by_part(element: tuple[int, bytes]) -> str:
    return json.dumps([element[0], np.frombuffer(element[1], np.uint64).tolist()])


@pytest.mark.parametrize("ranges", [1, 3])
def test_lines_of_more_documents_than_allowed_are_frequent(
    ranges: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often one document says them; in other languages, and in documents that went before, they don't count."""
    monkeypatch.setattr(lines, "units", lambda run: ranges)
    often, seldom, repeated = "The mill is open on all days.", "Bread is baked on two days.", "Sign in or register."
    texts = [f"{often}\n{seldom}", *[f"{often}\n{seldom}\nText {number} of them all." for number in range(2)], often]
    texts += [repeated + f"\n{repeated}" * 5]
    languages = ["en"] * 5 + ["de"]
    parts = [
        [
            {"id": identity(9 * part + row), "language": language, "text": text, "spans": []}
            for row, (text, language) in enumerate(zip([*texts, seldom], languages, strict=True))
        ]
        for part in range(2)
    ]
    settings = dataclasses.replace(load("llama3").lines, max_count=6)
    state = extracted(tmp_path, *parts)
    gone = {"stage": "urls", "reason": "older_capture"}
    # The last of those with the first line in the second part had gone: seven have it, and six the other.
    add_tables(state, "urls", "verdicts", tables.VERDICTS, [{}] * 6, [{}, {}, {}, gone, {}, {}])
    with beam_job() as job:
        build(job, state, settings)
    state = state.having(finished(state, "lines", ranges))
    found = [
        row for path in state.manifests["lines"].paths("frequent") for row in storage.read_table(path).to_pylist()
    ]
    salt = Buckets(state, settings).salt("en", identity(0))
    (frequent,) = line_hashes(often, (), salt)[1].tolist()
    assert found == [{"hash": frequent, "count": 7}] and frequent_lines(state).tolist() == [frequent]
    assert state.manifests["lines"].total("frequent_lines") == 1 and state.manifests["lines"].total("lines") == 6

    with beam_job() as job:
        asked = frequent_lines_by_part(job, state, settings) | beam.Map(by_part)
        _ = asked | beam.io.WriteToText(str(tmp_path / "asked"), shard_name_template="")
    assert sorted(map(json.loads, (tmp_path / "asked").read_text().splitlines())) == [[0, [frequent]], [1, [frequent]]]
