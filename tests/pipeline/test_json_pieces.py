"""JSON that is written some at a time has the bytes of JSON that is written at once, and takes no more memory for being long."""

from __future__ import annotations

import json
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import json_pieces, storage
from pipeline.json_pieces import Entries

leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
values = st.recursive(
    leaves,
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=3), inside, max_size=3)),
    max_leaves=12,
)


def _with_entries(value: Any) -> Any:
    """The same, with lists that are made while they are written wherever those may be."""
    if isinstance(value, dict):
        return {key: _with_entries(inside) for key, inside in value.items()}
    return Entries(lambda: iter(value)) if isinstance(value, list) else value


@given(st.dictionaries(st.text(max_size=3), values, max_size=4), st.booleans(), st.sampled_from([1, 2]))
def test_it_is_what_json_itself_writes(value: dict, sort_keys: bool, indent: int) -> None:
    expected = json.dumps(value, indent=indent, sort_keys=sort_keys, ensure_ascii=False) + "\n"
    assert "".join(json_pieces.texts(value, indent, sort_keys)) == expected
    assert "".join(json_pieces.texts(_with_entries(value), indent, sort_keys)) == expected


@pytest.fixture(params=["disk", "store"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "disk" else f"memory:///{uuid.uuid4().hex}"


def test_a_file_is_known_again_and_a_torn_or_changed_one_is_not(folder: str) -> None:
    path = f"{folder}/new/run.json"
    assert not json_pieces.is_whole(path)
    value = {"inputs": [{"path": "ä", "stretches": [{"start": 0}, {"start": 7}]}] * 3, "layout": 6}
    written = json_pieces.write(path, value, sort_keys=False)
    data = storage.read_bytes(path)
    assert data == storage.dump_json(value, sort_keys=False) and written == len(data)
    assert json_pieces.is_whole(path) and json_pieces.is_same(path, value, sort_keys=False)
    assert not json_pieces.is_same(path, {**value, "layout": 7}, sort_keys=False)
    assert not json_pieces.is_same(path, {**value, "more": 1}, sort_keys=False)
    for length in range(len(data)):
        storage.write_bytes(path, data[:length])
        assert not json_pieces.is_whole(path) and not json_pieces.is_same(path, value, sort_keys=False)
    storage.write_bytes(path, data + b" ")
    assert not json_pieces.is_same(path, value, sort_keys=False)


@given(st.dictionaries(st.sampled_from(["inputs", "files", "a\n"]), values, max_size=3), st.booleans())
def test_what_was_written_is_read_again_entry_by_entry(
    tmp_path_factory: pytest.TempPathFactory, value: dict, laid_out: bool
) -> None:
    path = str(tmp_path_factory.mktemp("read") / "run.json")
    storage.write_bytes(path, storage.dump_json(value) if laid_out else json.dumps(value).encode())
    for name in ("inputs", "a\n", "none"):
        if isinstance(value.get(name, []), list):
            assert list(json_pieces.entries(path, name)) == value.get(name, [])
            assert json_pieces.without(path, name) == {**value, **({name: []} if name in value else {})}


def test_a_list_that_breaks_off_is_not_taken_for_whole(folder: str) -> None:
    data = storage.dump_json({"inputs": [{"path": "a"}, {"path": "b"}], "layout": 6})
    for length in range(len(data) - len(b"layout: 6}") - 8):
        storage.write_bytes(f"{folder}/plan.json", data[:length])
        with pytest.raises(ValueError, match="breaks off|Expecting|Unterminated"):
            list(json_pieces.entries(f"{folder}/plan.json", "inputs"))
        with pytest.raises(ValueError, match="breaks off|Expecting|Unterminated"):
            json_pieces.without(f"{folder}/plan.json", "inputs")


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_list_takes_no_more_memory_than_a_shorter_one(tmp_path: Path) -> None:
    def entries(count: int) -> Iterator[dict[str, Any]]:
        return ({"path": f"{number:06d}.parquet", "rows": number, "sha256": "0" * 64} for number in range(count))

    def work(count: int) -> None:
        value = {"files": Entries(lambda: entries(count))}
        json_pieces.write(str(tmp_path / "list.json"), value)
        assert json_pieces.is_same(str(tmp_path / "list.json"), value)
        assert sum(entry["rows"] for entry in json_pieces.entries(str(tmp_path / "list.json"), "files")) == sum(
            range(count)
        )
        assert json_pieces.without(str(tmp_path / "list.json"), "files") == {"files": []}

    work(10)
    assert _peak(lambda: work(60_000)) - _peak(lambda: work(20_000)) < 2_000_000  # 16 MB, were they held
