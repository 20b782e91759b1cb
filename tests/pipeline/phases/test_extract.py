"""What an input file becomes: each record once, as a document with its features, a rejection or a failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import storage
from pipeline.commit import Attempt, Receipt
from pipeline.input_units import InputListing, InputUnit, Stretch
from pipeline.listing import write_manifest
from pipeline.phases import extract as extract_module
from pipeline.phases.extract import ExtractUnit
from pipeline.run_state import RunState
from pipeline.sources.stretches import Seam
from pipeline.transforms import extracted_part
from recipes import load
from tests.pipeline.parts import beam_job
from tests.pipeline.sources.test_warc import record as warc_record

PROSE = """The miller rose before dawn, because the wind had turned in the night and there was grain waiting by the
door. He climbed the narrow stairs, set the brake, and spread the canvas over two of the four sails. When the stones
began to turn, a low rumble filled the tower and fine dust drifted through the beams of early light."""
WORDS = len(PROSE.split())

# Most tests ask nothing of what later phases measure by; without compiled kernels it takes as long as all the rest.
UNMEASURED = ("documents=null", "domains=null")

Extract = Callable[..., tuple[dict[str, list[dict]], Receipt]]


@pytest.fixture
def extract(tmp_path: Path) -> Extract:
    """Extracts records with the shipped recipe, changed in some places: the rows of each table, and the receipt."""

    def run(records: list[dict[str, Any]], *changes: str) -> tuple[dict[str, list[dict]], Receipt]:
        path = tmp_path / "crawl.parquet"
        names = sorted({name for record in records for name in record})
        pq.write_table(pa.table({name: [record.get(name) for record in records] for name in names}), path)
        state = RunState(str(tmp_path / "run"), load("llama3", ["extract.parser=resiliparse", *changes]))
        step = ExtractUnit(state, "extract")
        step.setup()
        try:
            unit = InputUnit(0, (Stretch(0, str(path), "crawl.parquet", None),))
            attempt = Attempt(state.dir, "extract", unit.unit, unit.number)
            receipt = attempt.finish(step.work(unit, attempt))
        finally:
            step.teardown()
        rows: dict[str, list[dict]] = {}
        for file in receipt.files:
            found = storage.read_table(storage.join(state.dir, file.path)).to_pylist()
            rows.setdefault(file.role, []).extend(found)
        return rows, receipt

    return run


def page(body: str, number: int = 0, host: str = "mill.example") -> dict[str, Any]:
    html = f"<html><head><meta charset=utf-8><title>The mill</title></head><body><p>{body}</p></body></html>"
    return {"url": f"https://{host}/{number}", "html": html.encode(), "date": "2024-05-01"}


def verdicts(rows: dict[str, list[dict]]) -> list[tuple[str, str, float | None, int]]:
    """Stage, reason, score and words of all that was rejected."""
    return [(row["stage"], row["reason"], row["score"], row["words"]) for row in rows["rejected"]]


def broken_share(body: str) -> float:
    html = page(body)["html"].decode()
    return html.count("\ufffd") / len(html)


def test_a_page_that_its_charset_cannot_decode_goes_with_the_share(extract: Extract) -> None:
    rows, _ = extract([page(PROSE + " \ufffd" * 40)])
    ((stage, reason, score, words),) = verdicts(rows)
    assert (stage, reason, words) == ("extract", "undecodable", 0)
    assert score == pytest.approx(broken_share(PROSE + " \ufffd" * 40)) and score > 0.01
    assert rows["text"] == rows["features"] == rows["failed"] == []


def test_a_few_broken_characters_or_as_many_as_allowed_are_no_reason(extract: Extract) -> None:
    few, many = PROSE + " \ufffd", PROSE + " \ufffd" * 40
    assert verdicts(extract([page(few)], *UNMEASURED)[0]) == []
    assert verdicts(extract([page(many)], f"extract.max_undecodable={broken_share(many)!r}", *UNMEASURED)[0]) == []


def test_documents_of_the_least_length_stay_and_shorter_ones_go(extract: Extract) -> None:
    records = [page(PROSE), page("<b></b>", 1)]
    rows, receipt = extract(records, f"extract.min_words={WORDS}", *UNMEASURED)
    assert [row["words"] for row in rows["features"]] == [WORDS]
    assert verdicts(rows) == [("extract", "no_text", 0, 0)]
    rows, receipt = extract(records, f"extract.min_words={WORDS + 1}")
    assert sorted(verdicts(rows)) == [("extract", "no_text", 0, 0), ("extract", "too_short", WORDS, WORDS)]
    assert (receipt.counts["words"], receipt.counts["lines"], receipt.counts["languages"]) == (WORDS, 0, {})


def test_a_language_goes_by_its_score_and_by_the_list(extract: Extract) -> None:
    rows, _ = extract([page(PROSE)])
    (kept,) = rows["text"]
    score = kept["language_score"]
    assert kept["language"] == "en" and score > 0.3
    assert verdicts(extract([page(PROSE)], f"identify.min_score={score!r}", *UNMEASURED)[0]) == []
    if score < 1:
        (uncertain,) = verdicts(extract([page(PROSE)], "identify.min_score=1", *UNMEASURED)[0])
        assert uncertain == ("identify", "uncertain_language", score, WORDS)
    assert verdicts(extract([page(PROSE)], "identify.languages=[en]", *UNMEASURED)[0]) == []
    parsed = extract([page(PROSE)], "identify.languages=[de]", "identify.before_parsing=false", *UNMEASURED)[0]
    assert verdicts(parsed) == [("identify", "language_en", score, WORDS)]
    assert verdicts(extract([page(PROSE)], "identify=null", *UNMEASURED)[0]) == []


def test_a_blocked_host_goes_before_its_page_is_looked_at(extract: Extract, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("bad.example\n")
    records = [page(PROSE, host="www.bad.example"), page(PROSE, host="BAD.example."), page(PROSE)]
    rows, receipt = extract(records, f"block.lists=[{tmp_path / 'mine.txt'}]", *UNMEASURED)
    assert {verdict[0] for verdict in verdicts(rows)} == {"block"} and len(rows["rejected"]) == 2
    assert [row["url"] for row in rows["text"]] == ["https://mill.example/0"]
    assert receipt.counts["records"] == 3 and receipt.counts["words"] == WORDS


def test_limits_of_a_page_are_rejections_with_their_number(extract: Extract) -> None:
    rows, _ = extract([page(PROSE + "<b></b>" * 30)], "extract.max_tags=20")
    ((stage, reason, score, words),) = verdicts(rows)
    assert (stage, reason, words) == ("extract", "too_many_tags", 0) and score > 60


def test_a_finished_text_is_judged_and_not_parsed(extract: Extract) -> None:
    record = {"url": "https://mill.example/text", "text": f"{PROSE}\n\nif a < b and c > d: pass", "title": " A  mill "}
    rows, _ = extract([record], *UNMEASURED)
    (kept,) = rows["text"]
    assert kept["text"].endswith("if a < b and c > d: pass") and kept["title"] == "A mill"


def test_features_say_what_later_phases_decide_by(extract: Extract) -> None:
    rows, receipt = extract(
        [page(PROSE + "</p><p>Nothing else happened on that day at the mill.", host="www.mill.co.uk")]
    )
    (features,), (text,) = rows["features"], rows["text"]
    assert {name: features[name] for name in ("id", "url", "date", "language")} == {
        name: text[name] for name in ("id", "url", "date", "language")
    }
    assert (features["domain"], features["class"]) == ("mill.co.uk", "general")
    assert (features["words"], features["lines"]) == (WORDS + 9, text["text"].count("\n\n") + 1)
    assert (features["links"], features["listed_links"]) == (0, 0)
    assert features["signature_of_words"] is not None or features["signature_of_characters"] is not None
    assert text["title"] == "The mill" and text["date"] == "2024-05-01T00:00:00Z"
    assert receipt.counts["lines"] == features["lines"] and receipt.counts["languages"] == {"en": 1}


def test_links_to_listed_sites_and_from_them_are_kept(extract: Extract, tmp_path: Path) -> None:
    listed = tmp_path / "listed.txt"
    listed.write_text("listed.com\n", "utf-8")
    links = "<a href='https://www.listed.com/x'>a</a> <a href='//b.co.uk'>b</a> <a href='/c'>c</a>"
    rows, _ = extract(
        [page(PROSE + links, host="www.mill.co.uk"), page(PROSE + links, host="listed.com")],
        f"domains.listed=[{listed}]",
        f"block.lists=[{listed}]",
    )
    (features,) = rows["features"]
    assert (features["links"], features["listed_links"]) == (2, 1)
    assert rows["listed_links"] == [{"source": "listed.com", "target": "b.co.uk"}]


def test_stages_that_are_left_out_measure_nothing(extract: Extract) -> None:
    rows, _ = extract([page(PROSE)], "domains=null", "documents=null")
    (features,) = rows["features"]
    assert features["links"] is features["signature_of_words"] is features["signature_of_characters"] is None


def test_each_record_of_a_file_ends_in_one_table_sorted_by_id(extract: Extract) -> None:
    records = [page(f"{PROSE} {number}", number) for number in range(40)] + [page("", 40 + n) for n in range(5)]
    records += [{"url": "", "html": b"<p>x</p>"}, {"url": "", "html": b"<p>y</p>"}]
    rows, receipt = extract(records, *UNMEASURED)
    assert {role: len(found) for role, found in rows.items()} == {
        "text": 40,
        "features": 40,
        "rejected": 5,
        "failed": 2,
        "listed_links": 0,
        "rejected_texts": 0,
        "places": 47,
    }
    for found in rows.values():
        assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    assert [row["id"] for row in rows["text"]] == [row["id"] for row in rows["features"]]
    counts = receipt.counts
    assert (counts["records"], counts["parts"], counts["clock"]) == (47, 1, 0)
    assert counts["words"] == sum(row["words"] for row in rows["features"]) == 40 * (WORDS + 1)
    ((file, start, digest, _),) = counts["read"]
    assert (file, start, len(digest)) == (0, 0, 64)


@pytest.mark.parametrize(
    ("rows", "text_bytes", "parts"), [(10, 10**9, 4), (10**9, 1, 4), (10**9, 2 * 16 * 330, 2), (10**9, 10**9, 1)]
)
def test_a_part_is_full_by_rows_or_by_twice_its_characters(
    rows: int, text_bytes: int, parts: int, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages come 16 at a time; a part may be one such batch over its limit.
    monkeypatch.setattr(extracted_part, "PART_ROWS", rows)
    monkeypatch.setattr(extracted_part, "PART_TEXT_BYTES", text_bytes)
    tables, receipt = extract([page(f"{PROSE} {number}", number) for number in range(50)], *UNMEASURED)
    assert len(tables["text"]) == len(tables["places"]) == 50 and receipt.counts["parts"] == parts
    assert sorted({file.part for file in receipt.files}) == list(range(parts))


def test_a_file_without_records_is_one_part_without_rows(extract: Extract) -> None:
    tables, receipt = extract([])
    assert tables == {
        "text": [],
        "features": [],
        "rejected": [],
        "failed": [],
        "listed_links": [],
        "places": [],
        "rejected_texts": [],
    }
    assert (receipt.counts["records"], receipt.counts["parts"]) == (0, 1)


def test_every_record_has_its_place_whatever_became_of_it(
    extract: Extract, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(extract_module, "BATCH_PAGES", 2)
    monkeypatch.setattr(extracted_part, "PART_ROWS", 3)
    records = [*(page(PROSE, number) for number in range(4)), page("<b></b>", 4), {"url": None, "html": b"x"}]
    rows, receipt = extract(records, *UNMEASURED)
    assert len({file.part for file in receipt.files}) == 2
    ids = {row["url"]: row["id"] for name in ("features", "rejected", "failed") for row in rows[name]}
    by_row = {row["offset"]: row for row in rows["places"]}
    assert [by_row[number]["id"] for number in range(1, 7)] == [ids[record["url"] or ""] for record in records]
    assert {(row["file"], row["member"]) for row in rows["places"]} == {(0, None)}
    published = [file.path for file in receipt.files if file.role == "places"]
    assert len({*published}) == 2 and all(path.startswith("places/") for path in published)
    # Beside a document stands how sure its language is, which stays when the text goes.
    assert all(0 < row["language_score"] <= 1 for row in rows["features"])


def test_a_job_reads_the_stretches_that_are_listed_and_those_of_a_second_reading(tmp_path: Path) -> None:
    """Of an archive cut in two each half has its own records; a file read whole is told by its whole hash."""
    archive = b"".join(warc_record(number, f"<p>{PROSE} {number}</p>".encode()) for number in range(4))
    (tmp_path / "a.warc").write_bytes(archive)
    half = len(archive) // 2
    halves = (
        Stretch(0, str(tmp_path / "a.warc"), "a.warc", None, 0, half),
        Stretch(0, str(tmp_path / "a.warc"), "a.warc", None, half),
    )
    whole = Stretch(1, str(tmp_path / "a.warc"), "a.warc", None)
    run = RunState(str(tmp_path / "run"), load("llama3", ["extract.parser=resiliparse", *UNMEASURED]), input_units=2)
    units = [InputUnit(0, halves[:1]), InputUnit(1, (halves[1], whole))]
    assert InputListing(run.dir).write(units) == extract_module.units(run) == 2
    InputListing(run.dir, "extract-again-001").write([InputUnit(0, halves[1:])])
    with beam_job() as job:
        extract_module.build(job, run, run.recipe)
    with beam_job() as job:
        extract_module.build_again(job, run, "extract-again-001", 1)
    first, second = write_manifest(run.dir, "extract", 2), write_manifest(run.dir, "extract-again-001", 1)
    assert first is not None and second is not None
    one, other = first.receipts()
    (again,) = second.receipts()
    assert [receipt.counts["records"] for receipt in (one, other, again)] == [2, 6, 2]
    digests = [storage.sha256(data) for data in (archive[:half], archive[half:], archive)]
    readings = [*one.counts["read"], *other.counts["read"]]
    assert [(file, start, digest) for file, start, digest, _ in readings] == [
        (0, 0, digests[0]),
        (0, half, digests[1]),
        (1, 0, digests[2]),
    ]
    assert again.counts["read"] == other.counts["read"][:1]
    seam = Seam(*readings[0][3])
    assert (seam.began, seam.ended) == (0, Seam(*readings[1][3]).began) and half <= seam.ended < len(archive)
    assert Seam(*readings[2][3]) == Seam(0, None)


def test_a_worker_tells_how_far_it_is_after_each_batch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The share of its unit's bytes, and what has become of the pages since it told last."""
    monkeypatch.setattr(extract_module, "BATCH_PAGES", 2)
    bodies = [PROSE, "short", f"{PROSE} Again.", "shorter"]
    archive = [warc_record(number, f"<p>{body}</p>".encode()) for number, body in enumerate(bodies)]
    (tmp_path / "a.warc").write_bytes(b"".join(archive))
    told: list[tuple[Any, ...]] = []

    class Told(ExtractUnit):
        def advanced(self, *said: Any) -> None:
            told.append(said)

    step = Told(
        RunState(str(tmp_path / "run"), load("llama3", ["extract.parser=resiliparse", *UNMEASURED])), "extract"
    )
    step.setup()
    try:
        unit = InputUnit(0, (Stretch(0, str(tmp_path / "a.warc"), "a.warc", None),))
        step.work(unit, Attempt(step.run.dir, "extract", unit.unit, unit.number))
    finally:
        step.teardown()
    second, fourth, whole = len(archive[0]), sum(map(len, archive[:3])), sum(map(len, archive))
    went = ["extract/too_short"]
    assert told == [
        (pytest.approx(second / whole), 2, 1, second, went),
        (pytest.approx(fourth / whole), 2, 1, fourth - second, went),
    ]
