"""Rows of many sorted files come in order, all of them, and few at a time, wherever files and stretches end."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.transforms import ordered_rows, sorted_rows
from pipeline.transforms.ordered_rows import Source, in_order

STRETCH = 3


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sorted_rows, ordered_rows):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", STRETCH)


def _file(folder, name: str, keys: list[str]) -> str:
    path = str(folder / f"{name}.arrow")
    storage.write_bytes(path, sorted_rows.encoded(pa.table({"key": keys, "from": [name] * len(keys)}), "key"))
    return path


def _keys(tables) -> list[str]:
    return [key for table in tables for key in table["key"].to_pylist()]


@pytest.mark.parametrize("seed", range(30))
def test_all_rows_in_order_however_they_are_cut(tmp_path, seed: int) -> None:
    draw = random.Random(seed)
    sources, given = [], []
    for number in range(draw.randint(1, 5)):
        # Few different keys, so that equal ones lie in many files and on both sides of where stretches end.
        keys = sorted(f"{draw.randrange(draw.choice([3, 40])):02d}" for _ in range(draw.randint(1, 40)))
        cut = sorted(draw.sample(range(1, len(keys)), min(len(keys) - 1, draw.randint(0, 2))))
        pieces = [keys[start:end] for start, end in zip([0, *cut], [*cut, len(keys)], strict=True)]
        paths = [_file(tmp_path, f"{number}-{piece}", each) for piece, each in enumerate(pieces)]
        sources.append((paths, keys))
        given += keys
    low, high = sorted((f"{draw.randrange(40):02d}", f"{draw.randrange(40):02d}~"))
    taken = [Source(paths, "key", low) for paths, _ in sources]
    most = draw.choice([1, 4, 9, 10_000])
    before = _keys(in_order(taken, "key", "20", most)) if low < "20" < high else []
    assert before == sorted(key for key in given if low <= key < "20" < high)
    assert before + _keys(in_order(taken, "key", high, most)) == sorted(key for key in given if low <= key < high)
    for source in taken:
        source.close()


@pytest.mark.parametrize("most", [1, 6, 30])
def test_few_rows_at_a_time(tmp_path, most: int) -> None:
    keys = [f"{number:04d}" for number in range(600)]
    taken = [Source([_file(tmp_path, str(start), keys[start::4])], "key") for start in range(4)]
    tables = list(in_order(taken, "key", "g", most))
    assert _keys(tables) == keys
    assert max(map(len, tables)) <= max(most, STRETCH) + STRETCH * 4
    assert len(tables) >= 600 // (max(most, STRETCH) + STRETCH * 4)


def test_of_files_behind_one_another_one_is_open(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    open_arrow = storage.open_arrow

    def counting(path: str):
        opened.append(path)
        return open_arrow(path)

    paths = [_file(tmp_path, str(number), [f"{number}{row}" for row in range(8)]) for number in range(3)]
    monkeypatch.setattr(storage, "open_arrow", counting)
    (table,) = in_order([one := Source(paths[:1], "key")], "key", "g", 100)
    one.close()
    assert len(table) == 8 and opened == paths[:1]
    opened.clear()
    assert len(_keys(in_order([Source(paths, "key")], "key", "g", 4))) == 24
    # Once for where its stretches end, and once for the rows.
    assert sorted(opened) == sorted(2 * paths)
