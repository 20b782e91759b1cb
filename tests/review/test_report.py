"""The report of a run: every record is in it by outcome, texts are no markup, personal data is masked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gristmill.cli import main
from pipeline import storage
from review.report.document import report
from review.report.figures import histogram
from review.report.sample import draw
from tests.review.runs import kept, published, rejected

HOSTILE = "</script><img src=x onerror=alert(1)><b>bold</b>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.fixture
def run(tmp_path: Path) -> str:
    return published(
        tmp_path, shards=2,
        documents=[kept("a", f"the mill {HOSTILE}"), kept("b", "write to anna.muster@gmail.com or +49 170 1234567")],
        rejected=[
            rejected("c", "lines", "too_short"),
            rejected("d", "read", "record_type_request", words=0),
            rejected("e", "quality", "low", score=0.1, detail="quality", url=f"https://x.example/{HOSTILE}"),
        ],
        failed=[{"name": "f", "error": f"torn {HOSTILE}"}],
    )  # fmt: skip


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_numbers_of_the_ledger_are_in_it(run: str) -> None:
    shown = text_of(report(run))
    assert "captures read 5" in shown and "documents kept 2" in shown and "40.0%" in shown
    assert "6 records read = 2 kept + 3 rejected + 1 failed" in shown
    assert "quality low 1" in shown and "lines too_short 1" in shown
    assert "1 records could not be read or extracted" in shown


def test_no_text_of_a_page_is_markup_and_nothing_is_asked_for(run: str) -> None:
    page = report(run)
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"img", "script", "b", "iframe", "link", "a"}
    assert not tags.attributes & {"onerror", "src", "href"}
    assert "default-src 'none'" in page and "&lt;b&gt;bold" in page


def test_reasons_too_rare_for_the_sample_are_shown_by_texts_that_the_run_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        rejected(f"s{number}", "extract", "too_short", text=f"few words, mail an{number}na.muster@gmail.com")
        for number in range(3)
    ]
    run = published(
        tmp_path, documents=[kept("a")], rejected=[rejected(f"s{n}", "extract", "too_short") for n in range(3)],
        rejected_texts=[dict(row) for row in texts],
    )  # fmt: skip
    shown = report(run, samples=2)
    assert shown.count("few words, mail [EMAIL]") == 2 and "3 in the sample" in shown and "muster" not in shown
    monkeypatch.setattr("review.report.document.draw", lambda run_dir, records: [])
    assert report(run, samples=2).count("few words, mail [EMAIL]") == 2
    assert "few words" not in report(run, samples=0)


def test_personal_data_is_masked_unless_it_is_asked_for(run: str) -> None:
    assert "anna.muster" not in report(run) and "[EMAIL]" in report(run)
    assert "anna.muster@gmail.com" in report(run, reveal=True)


def test_without_samples_no_text_is_in_it(run: str) -> None:
    assert "the mill" not in report(run, samples=0) and "the mill" in report(run)


def test_as_many_samples_of_each_outcome_as_asked_for(tmp_path: Path) -> None:
    run = published(tmp_path, documents=[kept(name, f"text {name}") for name in "abcdefg"])
    assert len(re.findall(r"text [a-g]<", report(run, samples=3))) == 3
    assert "kept: 7 in the sample" in report(run)


def test_a_run_that_kept_nothing_says_so(tmp_path: Path) -> None:
    assert "Nothing was kept" in report(published(tmp_path, rejected=[rejected("a", "quality", "low")]))
    assert "captures read" in report(published(tmp_path / "empty"))


def test_a_sample_of_a_large_run_is_what_has_the_smallest_ids(tmp_path: Path) -> None:
    names = [f"page{number}" for number in range(400)]
    run = published(
        tmp_path, shards=7, documents=[kept(name) for name in names[:300]],
        rejected=[rejected(name, "quality", "low") for name in names[300:]],
    )  # fmt: skip
    everything = draw(run, 400)
    some = draw(run, 400, wanted=100)
    assert len(everything) == 400 and some == everything[: len(some)] and 60 < len(some) < 140


@pytest.mark.parametrize(("kept_values", "others", "by"), [([], [], []), ([1.0], [], []), ([0, 1, 2], [5, 1e9], [3])])
def test_a_histogram_has_room_for_every_value(kept_values: list, others: list, by: list) -> None:
    drawn = str(histogram(kept_values, others, by))
    assert f"histogram of {len(kept_values) + len(others) + len(by)} values" in drawn and "nan" not in drawn
    heights = [float(height) for height in re.findall(r' height="([\d.]+)"', drawn.partition(">")[2])]
    assert all(0 <= height <= 90 for height in heights)


def test_the_command_writes_it_beside_the_run(run: str, capsys) -> None:
    assert main(["report", run]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == Path(run, "report.html") and "<!doctype html>" in path.read_text("utf-8")
    assert main(["report", run, "--samples", "-1"]) == 1
    assert "how many records" in capsys.readouterr().err


def test_the_times_of_phases_are_in_it_where_the_run_has_written_them(run: str) -> None:
    assert "bytes written" not in report(run)
    phases = [
        {"phase": "extract", "units": 2, "bytes": 10},
        {"phase": "judge", "seconds": 4.5, "units": 3, "bytes": 9},
    ]
    said = {"phases": phases, "stages": {"quality": 2.25}}
    storage.write_bytes(storage.join(run, "timings.json"), storage.dump_json(said))
    shown = text_of(report(run))
    assert "judge 4.5 3 9" in shown and "quality 2.25" in shown
