"""An archive read in stretches gives what reading it through gives, wherever it is cut and whatever it holds."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.input_units import Stretch
from pipeline.seams import Chain
from pipeline.sources.captures import Limits
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.stretches import Seam, read_stretch
from pipeline.sources.warc import read_warc
from tests.pipeline.sources.test_warc import NOISE, PLAIN, WORDS, ZIPPED, record

LIMITS = Limits(2000, False)
FRAMES = [zstandard.compress(one) for one in PLAIN]
# Archives within a record: what looks like a record there is none.
NESTED = record(7, body=b"".join(PLAIN))
NESTED_GZIP = gzip.compress(record(8, body=b"".join(ZIPPED)), compresslevel=0)
NESTED_LARGE = record(9, body=WORDS * 3 + b"".join(PLAIN))


def read_through(data: bytes) -> list[Record]:
    return list(read_warc(io.BytesIO(data), "crawl", LIMITS))


def read_cut(data: bytes, cuts: list[int]) -> tuple[list[Record], int]:
    """The records by stretches between ``cuts``, and how many stretches had to be read again."""
    bounds = sorted({0, *(cut for cut in cuts if 0 < cut < len(data))})
    stretches = [Stretch(0, "", "", None, *ends) for ends in zip(bounds, [*bounds[1:], None], strict=True)]
    found = [_read(data, stretch) for stretch in stretches]
    again = 0
    while True:
        chain = Chain(0)
        wrong = None
        for place, (stretch, (_, seam)) in enumerate(zip(stretches, found, strict=True)):
            corrected = chain.take(stretch, seam)
            if corrected is not None:
                wrong = place, corrected
        if wrong is None:
            return [one for records, _ in found for one in records], again
        again += 1
        assert again < 100
        stretches[wrong[0]] = wrong[1]
        found[wrong[0]] = _read(data, wrong[1])


def _read(data: bytes, stretch: Stretch) -> tuple[list[Record], Seam]:
    seams: list[Seam] = []
    bounds = stretch.start, stretch.end, stretch.exact, stretch.damaged
    records = list(read_stretch(io.BytesIO(data), "crawl", LIMITS, bounds, seams.append))
    (seam,) = seams
    return records, seam


@pytest.mark.parametrize(
    "data",
    [
        b"".join(PLAIN),
        b"".join(ZIPPED),
        b"".join(FRAMES),
        gzip.compress(b"".join(PLAIN), mtime=0),
        zstandard.compress(b"".join(PLAIN)),
    ],
    ids=["plain", "gzip", "zstd", "one gzip member", "one zstd frame"],
)
def test_sound_archives_cut_anywhere_need_no_second_reading(data: bytes) -> None:
    whole = read_through(data)
    assert len(whole) == 5 and all(isinstance(one, PageRecord) for one in whole)
    for cut in range(0, len(data), 7):
        assert read_cut(data, [cut, cut + 200]) == (whole, 0)


@pytest.mark.parametrize("data", [NESTED, NESTED_GZIP, NESTED_LARGE], ids=["plain", "gzip", "too large"])
def test_an_archive_within_a_record_is_no_archive(data: bytes) -> None:
    between = PLAIN if data[:4] == b"WARC" else ZIPPED
    archive = between[0] + data + b"".join(between[1:])
    whole = read_through(archive)
    assert len(whole) == 6
    readings = [read_cut(archive, [cut]) for cut in range(0, len(archive), 11)]
    assert all(records == whole for records, _ in readings)
    assert max(again for _, again in readings) == 1


cuts = st.lists(st.integers(1, 4000), max_size=5)
JUNK = [NOISE[:99], WORDS, b"\r\n\r\n", bytes(40)]
LIES = [
    record(number, length=length) for number, length in enumerate((0, 10, 63, 65, 300, 700, 5000, 10**9, "x", -5), 1)
]
LOWER = [record(number).replace(b"WARC-Type", b"warc-type").replace(b"Content-L", b"content-l") for number in (1, 2)]
RECORDS = [*PLAIN, NESTED, NESTED_LARGE, *LIES, *LOWER]
FAMILIES = {
    "plain": RECORDS,
    "gzip": [*(gzip.compress(one, mtime=0) for one in RECORDS), NESTED_GZIP, gzip.compress(b"", mtime=0)],
    "zstd": [zstandard.compress(one) for one in RECORDS],
    "several to a member": [
        gzip.compress(b"".join(map(record, range(first, first + 3))), mtime=0) for first in (10, 13, 16, 19)
    ],
}
FAMILIES["mixed"] = [one for family in FAMILIES.values() for one in family]


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Records packed in one way or several, some with a wrong length; junk between them; some cut off in front or behind,
    some with a byte that has changed."""
    family = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    # No two alike: within members, records are told apart by their WARC-Record-ID, of which the standard wants one each.
    pieces = draw(st.lists(st.sampled_from(family), max_size=6, unique=True))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, max(0, len(pieces) - 1)))
        damage = draw(st.sampled_from(["junk", "cut behind", "cut in front", "changed"]))
        if damage == "junk" or not pieces:
            pieces.insert(place, draw(st.sampled_from(JUNK)))
            continue
        piece = pieces[place]
        at = draw(st.integers(0, max(0, len(piece) - 1)))
        changed = piece[:at] + bytes([piece[at] ^ 1 << at % 8]) + piece[at + 1 :] if piece else piece
        pieces[place] = {"cut behind": piece[:at], "cut in front": piece[at:], "changed": changed}[damage]
    return b"".join(pieces)


@settings(max_examples=150)
@given(archives(), cuts)
@example(WORDS + b"".join(PLAIN), [100, 900])
@example(PLAIN[0] + NOISE + WORDS + PLAIN[1], [500, 2000, 4000])
@example(record(1, length=700) + b"".join(PLAIN), [350, 800])
@example(ZIPPED[0][:137] + b"".join(ZIPPED[1:]), [33, 246])  # a member that was cut off
@example(gzip.compress(record(1, length=5000), mtime=0) + b"".join(ZIPPED), [100, 300])  # a record swallows others
@example(FRAMES[0] + FRAMES[1][:-9] + b"".join(FRAMES[2:]), [201, 385])
@example(gzip.compress(b"".join(PLAIN[:2]), mtime=0) + b"".join(ZIPPED[2:]), [100, 241, 242])
def test_any_archive_cut_anywhere_gives_the_same_records(data: bytes, where: list[int]) -> None:
    assert read_cut(data, where)[0] == read_through(data)


def test_a_stretch_says_where_it_began_and_where_the_next_record_begins() -> None:
    data, size = b"".join(PLAIN), len(PLAIN[0])
    assert _read(data, Stretch(0, "", "", None, 10, size + 1))[1] == Seam(size, 2 * size)
    assert _read(data, Stretch(0, "", "", None, 4 * size + 1, None))[1] == Seam(None, None)
    exact = replace(Stretch(0, "", "", None, size, 2 * size), exact=True)
    assert _read(data, exact)[1] == Seam(size, 2 * size)


@pytest.mark.parametrize("junk", [b"no record at all\n" * 30, bytes(300), NOISE])
@pytest.mark.parametrize("records", [PLAIN, ZIPPED], ids=["plain", "gzip"])
def test_what_stands_before_the_first_record_is_told_by_the_first_stretch(records: list[bytes], junk: bytes) -> None:
    data = junk + b"".join(records)
    for cut in (len(junk) // 2, len(junk) + 5, len(data) // 2):
        assert read_cut(data, [cut])[0] == read_through(data)


def test_a_stretch_that_is_known_to_begin_with_a_record_looks_for_no_other() -> None:
    """Behind damage that was reported, it begins where reading through would have gone on."""
    data = NOISE + b"".join(PLAIN)
    (first, *_), seam = _read(data, Stretch(0, "", "", None, 0, None))
    assert not isinstance(first, PageRecord) and seam.began == 0
    records, seam = _read(data, Stretch(0, "", "", None, 10, None, exact=True))
    assert seam.began == 10 and not isinstance(records[0], PageRecord) and seam.begins_damaged
    records, seam = _read(data, Stretch(0, "", "", None, 10, None, exact=True, damaged=True))
    assert isinstance(records[0], PageRecord) and not seam.begins_damaged
