"""Rows by range of ids are the same read from all sources or merged in passes, and passes open each file once."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.run_state import RunState
from pipeline.transforms import ordered_rows, range_merge, sorted_rows
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.range_merge import Level, merged
from recipes import load
from tests.pipeline.parts import beam_job, document_id

KEYS = {"pages": "id", "members": "cluster"}


def _sources(run: RunState, count: int, rows: int) -> Level:
    receipts = []
    for number in range(count):
        attempt = Attempt(run.dir, "sources", f"part-{number:06d}", number)
        ids = sorted(document_id(f"{number} {row}") for row in range(rows if number % 3 else 0))
        pages = pa.table({"id": pa.array(ids, pa.string()), "from": pa.array([number] * len(ids), pa.int64())})
        sorted_rows.write(attempt, "pages", pages, "id")
        table = {"row": pa.array(range(len(ids)), pa.int64()), "cluster": pa.array(ids, pa.string())}
        sorted_rows.write(attempt, "members", pa.table(table), "cluster")
        receipts.append(attempt.finish())
    return Level(write_listing(run.dir, "sources", receipts), count)


def _rows(level: Level, outputs: int) -> list[tuple[list, list]]:
    found = []
    for number in range(outputs):
        ids = IdRange(number, outputs)
        pages, members = (pa.concat_tables(level.rows(role, ids, key)) for role, key in KEYS.items())
        found.append((sorted(pages["id"].to_pylist()), sorted(members["cluster"].to_pylist())))
    return found


@pytest.mark.parametrize(
    ("count", "fan_in", "outputs", "passes"), [(4, 4, 3, 0), (5, 4, 3, 1), (9, 2, 7, 3), (9, 3, 1, 1), (10, 3, 20, 2)]
)
def test_the_same_rows_in_passes(tmp_path, count: int, fan_in: int, outputs: int, passes: int, monkeypatch) -> None:
    run = RunState(str(tmp_path), load("llama3"))
    sources = _sources(run, count, 40)
    opened: list[str] = []
    open_arrow = storage.open_arrow

    def counting(path: str):
        opened.append(path)
        return open_arrow(path)

    monkeypatch.setattr(storage, "open_arrow", counting)
    expected = _rows(sources, outputs)
    opened.clear()
    with beam_job() as job:
        level = merged(job, run, "merge", sources, KEYS, outputs, fan_in)
    assert len(opened) == len(set(opened)) <= 2 * passes * count * 2
    assert level.groups <= fan_in and level.ranges <= max(1, outputs)
    assert len(list(tmp_path.glob("work/merge-?"))) == passes
    # What a pass has read is gone, and a second time nothing is done.
    written = set(tmp_path.glob("work/*/*.arrow"))
    assert {path.parent.name for path in written} == {level.manifest.phase}
    with beam_job() as job:
        assert merged(job, run, "merge", sources, KEYS, outputs, fan_in) == level
    assert set(tmp_path.glob("work/*/*.arrow")) == written
    found = _rows(level, outputs)
    assert found == expected
    assert sum(len(pages) for pages, _ in found) == sum(40 for number in range(count) if number % 3)
    for number in range(level.ranges):
        for group in range(level.groups):
            for path in level.paths(group, number, "pages"):
                ids = sorted_rows.rows_between(path, IdRange(0, 1), "id")["id"].to_pylist()
                assert ids and ids == sorted(ids)


def test_of_a_range_that_is_full_of_one_key_a_worker_holds_a_file_s_rows(tmp_path, monkeypatch) -> None:
    """A cluster has a million members: their keys begin alike, so that no range of ids parts them."""
    monkeypatch.setattr(range_merge, "ROWS_PER_FILE", 20)
    for module in (sorted_rows, ordered_rows):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", 4)
    run = RunState(str(tmp_path), load("llama3"))
    hot = document_id("hot")
    receipts, given = [], []
    for number in range(9):
        attempt = Attempt(run.dir, "sources", f"part-{number:06d}", number)
        names = [f"{hot} {number} {row:03d}" for row in range(30)] + [
            document_id(f"{number} {row}") for row in range(9)
        ]
        sorted_rows.write(attempt, "members", pa.table({"cluster": sorted(names)}), "cluster")
        receipts.append(attempt.finish())
        given += names
    sources = Level(write_listing(run.dir, "sources", receipts), 9)
    with beam_job() as job:
        level = merged(job, run, "merge", sources, {"members": "cluster"}, 5, 3)
    pieces = [level.paths(group, number, "members") for group in range(level.groups) for number in range(level.ranges)]
    sizes = [len(sorted_rows.rows_between(path, IdRange(0, 1), "cluster")) for paths in pieces for path in paths]
    assert max(map(len, pieces)) > 3 and max(sizes) <= 20 + 4 * 3
    found = []
    for number in range(5):
        ids = IdRange(number, 5)
        taken = level.sources("members", ids, "cluster")
        blocks = list(ordered_rows.in_order(taken, "cluster", ids.high(), 8))
        assert all(len(block) <= 8 + 4 * 3 for block in blocks)
        rows = [name for block in blocks for name in block["cluster"].to_pylist()]
        assert rows == sorted(
            n for table in level.rows("members", ids, "cluster") for n in table["cluster"].to_pylist()
        )
        found += rows
        for source in taken:
            source.close()
    assert found == sorted(given)
