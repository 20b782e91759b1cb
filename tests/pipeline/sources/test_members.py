"""Series of gzip members against their bytes in one piece: what is read, where it lies, and where the next one begins."""

from __future__ import annotations

import gzip
import io
import random
import re
import zlib

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import members
from pipeline.sources.members import Members, after_member, end_of_member, next_record, unpacked_head

PARTS = st.lists(st.binary(max_size=40) | st.sampled_from([b"a\n", b"one\ntwo", b"\n\n", bytes(20)]), max_size=5)
STEPS = st.lists(st.tuples(st.sampled_from(["read", "line", "skip", "place"]), st.integers(1, 30)), max_size=20)
NOISE = random.Random(5).randbytes(300)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def offsets(parts: list[bytes], padding: int = 0) -> list[int]:
    """Where the member of each part begins."""
    found, at = [], 0
    for part in parts:
        found.append(at)
        at += len(packed(part)) + padding
    return found


@pytest.mark.parametrize("piece_bytes", [1, 7, 65_536])
@settings(max_examples=50)
@given(parts=PARTS, steps=STEPS, is_packed=st.booleans(), padding=st.sampled_from([0, 3]))
def test_it_reads_like_one_file_and_knows_the_member_of_every_byte(
    piece_bytes: int, parts: list[bytes], steps: list[tuple[str, int]], is_packed: bool, padding: int
) -> None:
    whole = io.BytesIO(b"".join(parts))
    member_of = [offset for part, offset in zip(parts, offsets(parts, padding), strict=True) for _ in part]
    data = b"".join(packed(part) + bytes(padding) for part in parts) if is_packed else whole.getvalue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "_PIECE_BYTES", piece_bytes)
        found = Members(io.BytesIO(b"junk" + data), 4)
        for step, count in steps:
            if step == "read":
                assert found.read(count) == whole.read(count)
            elif step == "line":
                assert found.readline(count) == whole.readline(count)
            elif step == "skip":
                found.skip(count)
                whole.seek(min(whole.tell() + count, len(whole.getvalue())))
            elif whole.tell() < len(whole.getvalue()):
                assert found.place == 4 + (member_of[whole.tell()] if is_packed else whole.tell())


@pytest.mark.parametrize("piece_bytes", [1, 7, 100])
def test_of_a_file_that_is_not_packed_every_byte_has_its_own_place(
    piece_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "_PIECE_BYTES", piece_bytes)
    found = Members(io.BytesIO(b"junk" + bytes(range(50))), 4)
    for read in range(0, 50, 5):
        assert found.place == 4 + read
        assert found.read(5) == bytes(range(read, read + 5))
    assert found.place == 54


def test_what_is_skipped_is_never_in_memory_as_a_whole() -> None:
    sizes: list[int] = []

    class Watched(Members):
        def read(self, count: int) -> bytes:
            sizes.append(len(found := super().read(count)))
            return found

    found = Watched(io.BytesIO(bytes(5 << 20) + b"end"), 0)
    found.skip(5 << 20)
    assert sum(sizes) == 5 << 20 and max(sizes) <= 1 << 20 and found.read(9) == b"end"


@pytest.mark.parametrize(("end", "said"), [(-1, "ends inside a gzip member"), (-9, "ends inside a gzip member")])
def test_a_file_that_ends_inside_a_member_is_cut_off(end: int, said: str) -> None:
    found = Members(io.BytesIO(packed(b"one") + packed(b"two" * 50)[:end]), 0)
    with pytest.raises(EOFError, match=said):
        found.read(1000)


def test_what_follows_a_member_is_another_or_an_error() -> None:
    for behind in (b"words that belong to nothing", zlib.compress(b"two")):
        with pytest.raises(zlib.error):
            Members(io.BytesIO(packed(b"one") + behind), 0).read(1000)
    assert Members(io.BytesIO(packed(b"one") + bytes(70_000) + packed(b"two")), 0).read(1000) == b"onetwo"
    assert Members(io.BytesIO(packed(b"one") + bytes(70_000)), 0).read(1000) == b"one"


@given(st.binary(max_size=200), st.binary(max_size=20), st.booleans())
def test_the_end_of_a_member_or_frame_is_where_the_next_byte_lies(data: bytes, behind: bytes, is_gzip: bool) -> None:
    member = packed(data) if is_gzip else zstandard.compress(data)
    stream = io.BytesIO(b"before" + member + behind)
    assert end_of_member(stream, 6) == 6 + len(member)
    assert end_of_member(stream, 5) is None
    assert end_of_member(io.BytesIO(member[:-1]), 0) is None
    damaged = member[: len(member) // 2] + bytes(len(member))
    assert end_of_member(io.BytesIO(damaged), 0) in (None, len(member))  # zstd may carry no checksum


def test_other_ways_of_packing_are_no_members() -> None:
    for data in (zlib.compress(b"one"), zlib.compress(b"")):
        assert end_of_member(io.BytesIO(data + packed(b"two")), 0) is None
        assert after_member(io.BytesIO(data + packed(b"two")), 0) is None
        behind = io.BytesIO(packed(b"one") + data)
        assert after_member(behind, 0) == len(packed(b"one")), "what isn't a gzip member is no empty one"
        assert unpacked_head(io.BytesIO(b"xx" + data), 2) == data


def test_a_member_is_empty_where_nothing_is_in_it_and_its_end_is_seen() -> None:
    one, two = packed(b"one"), packed(b"two")
    assert after_member(io.BytesIO(one + packed(b"a") + two), 0) == len(one)
    named = io.BytesIO()
    with gzip.GzipFile("n" * 100, "wb", fileobj=named) as file:
        file.write(b"text")
    assert after_member(io.BytesIO(one + named.getvalue() + two), 0) == len(one)


def test_empty_members_are_passed_over() -> None:
    one, empty, two = packed(b"one"), packed(b""), packed(b"two")
    assert after_member(io.BytesIO(one + two), 0) == len(one)
    assert after_member(io.BytesIO(one + empty + empty + two), 0) == len(one) + 2 * len(empty)
    assert after_member(io.BytesIO(one + empty), 0) is after_member(io.BytesIO(one), 0) is None
    assert after_member(io.BytesIO(NOISE), 0) is None
    assert after_member(io.BytesIO(one + NOISE), 0) == len(one), "what isn't packed is no empty member"


@pytest.mark.parametrize("count", [1, 5, 64])
def test_the_head_of_a_record_is_unpacked(count: int) -> None:
    text = b"WARC/1.0 and what follows it" * 10
    for data in (packed(text), zstandard.compress(text)):
        assert unpacked_head(io.BytesIO(b"xx" + data), 2, count) == text[:count]
        assert unpacked_head(io.BytesIO(data[:5] + b"\xff" * 50), 0, count) == b""
    assert unpacked_head(io.BytesIO(b"xx" + text), 2, count) == text


BEGINNING, BEGINS = re.compile(rb"REC \d"), re.compile(rb"REC \d")


@pytest.mark.parametrize("make", [bytes, packed, zstandard.compress])
@pytest.mark.parametrize("scan_bytes", [70, 90, 1 << 20])
def test_the_next_record_is_the_first_behind_a_place(make, scan_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_SCAN_BYTES", scan_bytes)
    first, other, second = make(b"REC 1 " * 5), make(b"no record"), make(b"\r\nREC 2 ")
    data = first + NOISE + other + second + b"end"
    at = len(data) - 3 - len(second) + (2 if make is bytes else 0)

    def found(after: int, before: int | None = None) -> int | None:
        return next_record(io.BytesIO(data), after, BEGINNING, BEGINS, before=before)

    assert found(-1) == 0 and found(at - 1) == at
    assert found(len(first)) == at
    assert found(len(first), before=at + 1) == at and found(len(first), before=at) is None
    # A small zstd frame holds its bytes as they are.
    assert (found(at) is None or make is zstandard.compress) and found(len(data)) is None
    if make is packed:  # a few bytes are no head
        assert next_record(io.BytesIO(data), len(first), BEGINNING, BEGINS, count=3) is None
