"""The report of a run: every record is in it by outcome, texts are no markup, personal data is masked."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from gristmill.cli import main
from parsers.fork_server import AVAILABLE
from pipeline import early_start, storage
from pipeline.outputs import read_ledger
from pipeline.reports.trail import Tracer
from recipes import as_dict, load
from review.html import number, seconds
from review.published import KEPT
from review.report.document import report
from review.report.figures import histogram
from review.report.measures import histograms
from review.report.sample import Sampled, draw
from review.report.samples import some_of_each
from review.report.sections import also_by
from review.report.staged_rules import rules_in
from tests.review.runs import kept, published, rejected

HOSTILE = "</script><img src=x onerror=alert(1)><b>bold</b>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value for name, value in attrs if name == "href"]


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
    assert "5 captures read 2 documents kept" in shown and "40.0% of captures kept" in shown
    assert "6 records read = 2 kept + 3 rejected + 1 failed" in shown
    assert "quality low 1" in shown and "lines too_short 1" in shown
    assert "1 records could not be read or extracted" in shown
    assert "read status, content type and size of the response 1 4" in shown, "the failed one goes at stage read"


@pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
def test_half_of_it_by_another_process_is_the_same(run: str) -> None:
    alone = report(run)
    early_start.begin(load("llama3"), 2)
    try:
        early_start.fork_workers()
        assert report(run) == alone
    finally:
        early_start.end()
    report(run, samples=0, reveal=True)  # as ever


def test_no_text_of_a_page_is_markup_and_nothing_is_asked_for(run: str) -> None:
    page = report(run)
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"img", "script", "iframe", "link"}
    assert not tags.attributes & {"onerror", "src"} and all(link.startswith("#part-") for link in tags.links)
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
    assert (
        shown.count("few words, mail [EMAIL]") == 2 and "extract/too_short: 2 of 3" in shown and "muster" not in shown
    )
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
    assert "kept: 3 of 7" in report(run, samples=3)


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


def test_the_head_warns_of_the_largest_weight_and_names_changed_settings(tmp_path: Path) -> None:
    run = published(tmp_path, recipe=as_dict(load("llama3", ["lines.max_count=3"])), documents=[kept("a")])
    shares = {"tokens": {"math": 5}, "weights": {"math": 4.0, "code": 1.5}, "max_weight": 4.0}
    storage.write_bytes(storage.join(run, "mix.json"), storage.dump_json(shares))
    shown = text_of(report(run))
    assert "Class math has the largest weight" in shown and "Class code" not in shown
    assert "lines.max_count 6 3" in shown


def test_clusters_are_told_by_size_and_what_became_of_survivors(tmp_path: Path) -> None:
    def member(name: str, cluster: str, level: str = "near", similarity: float | None = None) -> dict:
        is_survivor = similarity is None
        row = {"level": level, "cluster": cluster, "survivor": is_survivor, "similarity": similarity}
        return {"name": name, **row, "reason": "survivor" if is_survivor else "near_duplicate"}

    gone = [rejected(name, "documents", "near_duplicate") for name in "bdef"] + [rejected("c", "quality", "low")]
    members = [member("a", "1"), member("b", "1", similarity=0.75)]
    members += [
        member("c", "2"),
        *(member(name, "2", similarity=0.9) for name in "de"),
        member("f", "2", similarity=1.0),
    ]
    run = published(tmp_path, documents=[kept("a", f"survivor {HOSTILE}")], rejected=gone, duplicates=members)
    page = report(run)
    shown = text_of(page)
    assert "near 2 1 1 0 4 1 of 2" in shown, "clusters, of 2, of 3 to 9, of more, the largest, survivors that went"
    assert "The 2 least alike, side by side" in shown and "histogram of 3 values from 0.75 to 0.9" in page
    weakest = [re.findall(r"https://(\w)\.example/", part)[:2] for part in shown.split("similarity 0.")[1:3]]
    assert weakest == [["a", "b"], ["c", "e"]] and shown.index("similarity 0.75") < shown.index("similarity 0.9 ")
    assert "survivor &lt;/script&gt;" in page and "survivor &lt;" not in report(run, samples=0)


def test_measures_say_who_went_for_them_by_the_rules_of_the_recipe() -> None:
    recipe = as_dict(load("llama3"))
    rules, _ = rules_in(recipe)
    low = {"quality.content": 0.01, "kl_divergence.excess": 3.0, "kl_divergence.words_per_line": 3.0}
    sample = [
        Sampled("1", "", "quality/low_quality", 0.01, "quality", measured={"quality.content": 0.01}),
        Sampled("2", "", "heuristics/outlier_tokens", 3.0, "kl_divergence", measured=low),
        Sampled("3", "", KEPT, measured={"quality.content": 0.5, "language_score": 0.9}),
    ]
    shown = text_of("".join(map(str, histograms(sample, rules, recipe))))
    assert (
        "quality.content 0.01 0.5 1 kept, 1 rejected by it, 1 by something else; limit 0.05 (quality.min_content)"
        in shown
    )
    assert "kl_divergence.excess 3 4 0 kept, 1 rejected by it, 0 by something else; limit 2.5" in shown
    assert (
        "language_score : how sure the language is 0.9 1.9 1 kept, 0 rejected by it, 0 by something else; limit 0.3 (identify.min_score)"
        in shown
    )
    assert also_by(sample, rules) == {
        "quality/low_quality": {},
        "heuristics/outlier_tokens": {"quality/low_quality": 1},
    }


def test_samples_name_the_limit_and_what_a_rule_took_offence_at(tmp_path: Path) -> None:
    run = published(tmp_path, recipe=as_dict(load("llama3")))
    text = "the old mill grinds the grain of the village " * 9
    measured = {"repetition.duplicate_5gram": 0.9}
    gone = Sampled(
        "1", "https://a.example/", "heuristics/duplicate_5gram", 0.9, "repetition", "en", 81, measured, text
    )
    other = Sampled("2", "https://a.example/r", "read/record_type_request")
    shown = text_of("".join(map(str, some_of_each([gone, other], 5, Tracer(run), str, read_ledger(run)))))
    assert "score 0.9, limit &gt; 0.5 (heuristics.repetition.thresholds.duplicate_5gram)" in shown
    assert "said before, in 5-grams: " in shown and "record_type" not in shown


def test_a_limit_is_a_line_where_it_lies_among_the_values() -> None:
    assert str(histogram([0, 1], [], [], [0.5, 7])).count("<line") == 1


def test_the_command_writes_it_beside_the_run(run: str, capsys) -> None:
    assert main(["report", run]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == Path(run, "report.html") and "<!doctype html>" in path.read_text("utf-8")
    assert main(["report", run, "--samples", "-1"]) == 1
    assert "how many records" in capsys.readouterr().err


def test_the_command_has_nothing_to_say_but_where_the_page_is(run: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gristmill", "report", run], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stderr == "" and done.stdout.splitlines() == [f"{run}/report.html"]


def test_the_times_of_phases_are_in_it_where_the_run_has_written_them(run: str) -> None:
    assert "bytes written" not in report(run)
    phases = [
        {"phase": "extract", "units": 2, "bytes": 10},
        {"phase": "judge", "seconds": 4.5, "units": 3, "bytes": 9},
    ]
    said = {"phases": phases, "stages": {"quality": 2.25}}
    storage.write_bytes(storage.join(run, "timings.json"), storage.dump_json(said))
    shown = text_of(report(run))
    assert "judge 4.5 s 3 9" in shown and "extract taken over 2 10" in shown and "quality 2.2" in shown
    assert "retries: 0" in shown
    storage.write_bytes(storage.join(run, "timings.json"), storage.dump_json({**said, "retries": {"SlowDown": 7}}))
    assert "SlowDown 7" in text_of(report(run))


def test_languages_that_the_recipe_leaves_out_are_one_reason_with_their_names_below(tmp_path: Path) -> None:
    gone = [rejected(f"de{n}", "identify", "language_de") for n in range(3)] + [
        rejected("fr", "identify", "language_fr")
    ]
    shown = text_of(
        report(
            published(
                tmp_path, documents=[kept("a")], rejected=[*gone, rejected("b", "identify", "uncertain_language")]
            )
        )
    )
    assert "identify other languages 4 80.0% 40" in shown and "identify uncertain_language 1 20.0% 10" in shown
    assert "Languages that the recipe leaves out language pages words de 3 30 fr 1 10" in shown


def test_domains_by_tokens_and_by_the_share_that_was_rejected(tmp_path: Path) -> None:
    def at(domain: str, number: int) -> dict[str, str]:
        return {"url": f"https://www.{domain}/{number}"}

    names = [f"page{number}" for number in range(9)]
    run = published(
        tmp_path, shards=3,
        documents=[kept(name, **at("many.example", 1)) for name in names] + [kept("x", **at("few.example", 1))],
        tokens=[{"name": name, "tokens": [1] * 7, "split": "train", "weight": 1.0} for name in names]
        + [{"name": "x", "tokens": [1] * 900, "split": "train", "weight": 1.0}],
        rejected=[rejected(f"g{n}", "quality", "low", **at("many.example", n)) for n in range(3)]
        + [rejected(f"h{n}", "read", "record_type_request", **at("many.example", n)) for n in range(50)],
    )  # fmt: skip
    shown = text_of(report(run))
    assert "The largest by tokens domain tokens kept pages few.example 900 1 many.example 63 12" in shown
    assert (
        "By share rejected, of domains with 5 pages and more domain pages rejected share many.example 12 3 25%"
        in shown
    )


def test_convicted_domains_show_their_evidence_beside_its_limits(tmp_path: Path) -> None:
    run = published(tmp_path, recipe=as_dict(load("llama3")), documents=[kept("a")])
    evidence = {
        "domain": ["leaks.example", "quiet.example"], "pages": [8, 900], "sampled": [8, 500], "words": [900, 9000],
        "reason": ["pii", None], "score": [0.9997, None], "pii_pages": [7, 0], "pii_low": [0.53, 0.0],
        "pii_high": [0.98, 0.01], "emails": [35, 0], "phones": [0, 0], "samples": [[], []],
    }  # fmt: skip
    storage.write_bytes(storage.join(run, "domains.parquet"), storage.parquet_bytes(pa.table(evidence), 1))
    shown = text_of(report(run))
    assert "2 domains, of which 1 were rejected as a whole" in shown
    assert "leaks.example 8 pii 7 of 8 53% to 98% 0.4 0.9997 0.9 35 emails" in shown
    assert (
        "The largest by pages domain pages words rejected for quiet.example 900 9,000 leaks.example 8 900 pii" in shown
    )


def test_numbers_and_times_are_written_as_people_read_them() -> None:
    assert [number(value) for value in (1234567, 0.12345, 15061.7, True, "x")] == [
        "1,234,567",
        "0.1235",
        "15,062",
        True,
        "x",
    ]
    assert [seconds(value) for value in (8.14, 59.99, 125.2, 11220)] == ["8.1 s", "60.0 s", "2 min 05 s", "3 h 07 min"]
