"""How far a worker has read into a unit, by where records begin."""

from __future__ import annotations

from pathlib import Path

from pipeline.input_units import InputUnit, Stretch
from pipeline.sources.records import Record, RejectedRecord
from pipeline.transforms.reading_place import ReadingPlace


def record(name: str | None, offset: int | None) -> Record:
    return RejectedRecord("a" * 32, "", "", "empty", None, name, offset)


def test_bytes_of_all_stretches_and_what_is_told_adds_up(tmp_path: Path) -> None:
    (tmp_path / "rest.warc").write_bytes(b"x" * 300)
    stretches = (
        Stretch(0, "a.warc", "a.warc", None, 100, 200),
        Stretch(1, str(tmp_path / "rest.warc"), "rest.warc", None, 200),
        Stretch(2, "https://far.example/b.warc", "b.warc", None),
    )
    place = ReadingPlace(InputUnit(0, stretches))
    shares, told = [], 0
    offsets = ([("a.warc", 100), ("a.warc", 150), ("x.wacz", 7), (None, None)], [("rest.warc", 250)], [("b.warc", 9)])
    for one, places in zip(stretches, offsets, strict=True):
        for _ in place.following(iter([record(*where) for where in places]), one):
            shares.append(place.share)
            told += place.advance()
    assert shares == [0, 0.25, 0.25, 0.25, 0.75, 1]
    assert told + place.advance() == 200 and place.advance() == 0


def test_a_unit_of_which_nobody_knows_the_size_has_no_share() -> None:
    one = Stretch(0, "https://far.example/b.warc", "b.warc", None)
    place = ReadingPlace(InputUnit(0, (one,)))
    assert len(list(place.following(iter([record("b.warc", 900)]), one))) == 1
    assert place.share == 0 and place.advance() == 0


def test_a_stretch_that_is_read_counts_whole_wherever_its_last_record_began() -> None:
    stretches = tuple(Stretch(number, f"{number}.warc", f"{number}.warc", None, 0, 100) for number in range(2))
    place = ReadingPlace(InputUnit(0, stretches))
    assert len(list(place.following(iter([record("0.warc", 10)]), stretches[0]))) == 1
    assert place.share == 0.5 and place.advance() == 100
    assert list(place.following(iter([]), stretches[1])) == [] and place.share == 1
