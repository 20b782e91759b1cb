"""A pilot holds whole records of all of a crawl, each with the same chance, and says for how many bytes it stands."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import pilot
from pipeline.sources.files import read_records
from recipes import load

READ = load("llama3").read


def _record(number: int) -> bytes:
    body = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>" + b"words %d " % number * (1 + number % 7) + b"</p>"
    )
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{number}\r\n"
        f"WARC-Date: 2024-05-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """3,000 pages in five files, packed and plain."""
    folder = tmp_path_factory.mktemp("crawl")
    for file in range(5):
        records = [_record(number) for number in range(600 * file, 600 * file + 600)]
        packed = [gzip.compress(record, 1, mtime=0) for record in records] if file % 2 else records
        (folder / f"{file}.warc{'.gz' if file % 2 else ''}").write_bytes(b"".join(packed))
    return sorted(str(path) for path in folder.iterdir())


def _draw(paths: list[str], folder: Path, share: float | None) -> pilot.Pilot:
    folder.mkdir()
    return pilot.draw(paths, [Path(path).stat().st_size for path in paths], READ, folder, share)


def _urls(drawn: pilot.Pilot) -> list[str]:
    records = [record for path in drawn.paths for record in read_records(path, path, READ)]
    return [getattr(record, "url", "damaged") for record in records]


def test_records_come_from_all_files_whole_and_once(crawl: list[str], tmp_path: Path) -> None:
    drawn = _draw(crawl, tmp_path / "pilot", 0.2)
    numbers = sorted(int(url.removeprefix("https://a.example/")) for url in _urls(drawn))
    assert len(set(numbers)) == len(numbers) == drawn.pages
    assert {number // 600 for number in numbers} == set(range(5))
    assert drawn.bytes / drawn.of_bytes == pytest.approx(0.2, rel=0.02)
    assert drawn.of_bytes == sum(Path(path).stat().st_size for path in crawl)
    first, *others = drawn.page_bytes
    assert sum(map(len, drawn.page_bytes)) == drawn.pages and all(size >= len("<p>words 1 ") for size in first)
    assert drawn.bytes_of(None) == sum(map(sum, drawn.page_bytes))
    assert drawn.bytes_of(2 * len(drawn.paths) - 1) == sum(first[:2]) + sum(sum(sizes[:2]) for sizes in others)


def test_captures_of_one_address_are_counted_once(crawl: list[str], tmp_path: Path) -> None:
    recipe = load("llama3")
    assert pilot.first_captures(crawl, recipe) == 1.0
    lines = [
        f'{{"url": "{url}", "text": "a text"}}\n'
        for url in ("http://a.example/1", "https://www.a.example/1/", "https://b.example")
    ]
    (tmp_path / "pages.jsonl").write_text("".join(lines))
    assert pilot.first_captures([str(tmp_path / "pages.jsonl"), *crawl], recipe) == pytest.approx(3001 / 3003)
    (tmp_path / "none.jsonl").write_text("no page\n")
    assert pilot.first_captures([str(tmp_path / "none.jsonl")], recipe) == 1.0


def test_its_pages_multiplied_are_about_those_of_the_crawl(crawl: list[str], tmp_path: Path) -> None:
    drawn = _draw(crawl, tmp_path / "pilot", 0.1)
    assert drawn.pages * drawn.of_bytes / drawn.bytes == pytest.approx(3000, rel=0.15)


def test_the_same_crawl_has_the_same_pilot(crawl: list[str], tmp_path: Path) -> None:
    assert _urls(_draw(crawl, tmp_path / "one", 0.1)) == _urls(_draw(crawl, tmp_path / "two", 0.1))


def test_without_a_share_there_are_some_hundred_pages(crawl: list[str], tmp_path: Path) -> None:
    drawn = _draw(crawl, tmp_path / "pilot", None)
    assert pilot.LEAST_PAGES <= drawn.pages < 1500


def test_a_share_that_was_too_small_grows_by_what_is_missing(
    crawl: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not by sixteen at once, the most that a few pages can be believed."""
    monkeypatch.setattr(pilot, "SHARE", 0.1)
    assert pilot.LEAST_PAGES <= _draw(crawl, tmp_path / "pilot", None).pages < 800


def test_a_share_that_was_too_large_shrinks_to_what_is_enough(
    crawl: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pilot, "SHARE", 0.8)
    monkeypatch.setattr(pilot, "LEAST_PAGES", 50)
    monkeypatch.setattr(pilot, "MOST_PAGES", 300)
    drawn = _draw(crawl, tmp_path / "pilot", None)
    assert drawn.pages == pytest.approx(300, rel=0.25)
    assert drawn.bytes / drawn.of_bytes == pytest.approx(0.1, rel=0.25)


def test_a_share_that_was_asked_for_is_kept_however_few_or_many_pages_it_has(
    crawl: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _draw(crawl, tmp_path / "few", 0.02)
    assert few.pages < 150 and few.bytes / few.of_bytes == pytest.approx(0.02, rel=0.1)
    monkeypatch.setattr(pilot, "MOST_PAGES", 300)
    assert _draw(crawl, tmp_path / "many", 0.5).pages == pytest.approx(1500, rel=0.15)


def test_a_crawl_of_few_pages_is_all_drawn(tmp_path: Path) -> None:
    path = tmp_path / "small.warc"
    path.write_bytes(b"".join(map(_record, range(20))))
    drawn = _draw([str(path)], tmp_path / "pilot", None)
    assert (drawn.pages, drawn.bytes, drawn.of_bytes) == (20, path.stat().st_size, path.stat().st_size)


def test_all_of_a_crawl_may_be_drawn(crawl: list[str], tmp_path: Path) -> None:
    drawn = _draw(crawl, tmp_path / "pilot", 1.0)
    assert drawn.pages == 3000 == len(set(_urls(drawn))) and drawn.bytes == drawn.of_bytes


def test_of_tables_whole_files_are_drawn(tmp_path: Path) -> None:
    paths = []
    for number in range(10):
        paths.append(str(tmp_path / f"{number}.jsonl"))
        row = f'{{"url": "https://a.example/{number}", "text": "some words", "date": "2024-05-01"}}\n'
        Path(paths[-1]).write_text(row * 10, "utf-8")
    drawn = _draw(paths, tmp_path / "pilot", 0.25)
    assert len(drawn.paths) == 3 and set(drawn.paths) <= set(paths)
    assert drawn.pages == 30 and drawn.bytes / drawn.of_bytes == pytest.approx(0.3)


def test_a_file_in_one_piece_has_no_part_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(b"".join(map(_record, range(300))), 1) + b"\0" * 50_000)
    with pytest.raises(ValueError, match="one gzip member each"):
        _draw([str(path)], tmp_path / "pilot", 0.001)


def test_files_of_unknown_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"how large cc:X is can't be told"):
        pilot.draw(["cc:X"], [None], READ, tmp_path, None)


@pytest.mark.parametrize(("share", "places"), [(0.001, 32), (0.01, 32), (0.5, 150), (1.0, 300)])
def test_places_lie_all_over_the_crawl_and_none_is_longer_than_memory_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, places: int
) -> None:
    """Of large files with nothing in them, which are not looked at."""
    paths, size, longest = [str(tmp_path / f"{name}.warc") for name in "ab"], 150 * (16 << 20) - 1, 16 << 20
    asked: list[tuple[int, int, int]] = []

    def records(path: str, start: int, end: int) -> tuple[bytes, str]:
        asked.append((paths.index(path), start, end))
        return b"", ""

    monkeypatch.setattr(pilot, "_records", records)
    with pytest.raises(ValueError, match="hold no page that can be read"):
        pilot.draw(paths, [size, size], READ, tmp_path, share)
    # One that reaches over the end of a file is two.
    asked.sort()
    assert len(asked) in (places, places + 1) and all(end - start <= longest for _, start, end in asked)
    assert all(before[2] <= after[1] for before, after in pairwise(asked) if before[0] == after[0])
    drawn = sum(end - start for _, start, end in asked)
    assert drawn == pytest.approx(share * 2 * size, rel=0.02)
    of_each = [sum(end - start for file, start, end in asked if file == number) for number in range(2)]
    assert min(of_each) > 0.4 * drawn


@pytest.mark.parametrize(
    ("pages", "shares"),
    [([250, 600], [0.001, 0.0024]), ([0, 600], [0.001, 0.016]), ([499, 600], [0.001, 0.0015]), ([500], [0.001]),
     ([3 * pilot.MOST_PAGES, 900], [0.001, 0.001 / 3])],
)  # fmt: skip
def test_a_pilot_of_too_few_pages_or_too_many_is_drawn_again(
    pages: list[int], shares: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def of_share(files: object, total: int, share: float, *rest: object) -> pilot.Pilot:
        asked.append(share)
        return pilot.Pilot(["pilot"], pages[len(asked) - 1], 1, total)

    monkeypatch.setattr(pilot, "_of_share", of_share)
    found = pilot.draw(["a"], [10**9], load("llama3").read, tmp_path, None)
    assert found.pages == pages[-1] and asked == pytest.approx(shares)
