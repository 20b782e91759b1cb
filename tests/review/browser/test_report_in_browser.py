"""The report in Chromium, from a file: it asks nobody for anything, and its sliders begin with the ledger's numbers."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gristmill.sample import write_sample
from pipeline import storage
from pipeline.driver import run
from recipes import load
from review.report import document
from tests.review.browser.conftest import Visit, Visitor
from tests.review.runs import kept, published, rejected

pytestmark = pytest.mark.browser
HOSTILE = (
    "</script><script>alert('script')</script><img src=http://evil.example/i onerror=alert(1)><b>bold</b>"
    "<!--<style>@import 'http://evil.example/s';</style>\u2028&lt;img src=x onerror=alert(2)&gt; javascript:alert(3)"
)
_READY = "() => document.documentElement.dataset.ready"


@pytest.fixture(scope="module")
def milled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The report of the sample crawl's run, and the run's ledger."""
    folder = tmp_path_factory.mktemp("milled")
    write_sample(folder)
    files = [str(path) for path in sorted(folder.glob("*.warc.gz"))]
    ledger = run(load("llama3", ["extract.parser=resiliparse"]), files, str(folder / "run"))
    return Path(document.write_report(str(folder / "run"))), ledger


def opened(visit: Visitor, report: Path, **settings: Any) -> Visit:
    window = visit(report.as_uri(), **settings)
    if settings.get("java_script_enabled", True) and window.page.query_selector("#sliders-data"):
        window.page.wait_for_function(_READY)
    return window


def as_file(folder: Path, run_dir: str, **settings: Any) -> Path:
    return Path(document.write_report(run_dir, str(folder / "report.html"), **settings))


def assert_quiet(window: Visit, report: Path) -> None:
    assert window.requests == [report.as_uri()] and window.errors == []


def result(window: Visit) -> str:
    return window.page.inner_text("#sliders-result")


def test_it_opens_within_three_seconds_and_asks_for_nothing(milled, visit: Visitor, outside) -> None:
    report, ledger = milled
    assert report.stat().st_size <= 1_500_000
    took = []
    for _ in range(3):  # of a machine that does something else meanwhile the best is asked for
        began = time.monotonic()
        window = opened(visit, report)
        took.append(time.monotonic() - began)
    assert min(took) < 3
    assert f"{ledger['records']['kept']:,}\ndocuments kept" in window.page.inner_text(".tiles")
    assert_quiet(window, report)
    assert outside.asked == []


def test_sliders_at_the_runs_limits_count_what_the_ledger_counts(milled, visit: Visitor) -> None:
    report, ledger = milled
    window = opened(visit, report)
    kept_pages = ledger["records"]["kept"]
    unmoved = f"{kept_pages} pages kept, then {kept_pages}: 0 come, 0 go."
    assert result(window) == unmoved
    counted = window.page.evaluate(
        """async () => {
            const data = JSON.parse(document.getElementById("sliders-data").textContent);
            const columns = columnsOf(data, await unpacked(data.columns));
            const there = fired(data, columns, data.sliders.map((slider) => slider.at));
            return tally(data, columns, there, there).outcomes;
        }"""
    )
    expected = {
        f"{stage}/{reason}": [count, count]
        for stage in ("heuristics", "quality")
        for reason, count in ledger["rejected"].get(stage, {}).items()
    }
    assert counted == {"kept": [kept_pages, kept_pages], **expected}
    for place in window.page.query_selector_all("[data-slider]"):
        where = window.page.evaluate(
            """(place) => {
                const [range, exact] = place.querySelectorAll("input");
                const limit = exact.value;
                range.value = 0;
                range.dispatchEvent(new Event("input"));
                range.value = range.max;
                range.dispatchEvent(new Event("input"));
                exact.value = limit;
                exact.dispatchEvent(new Event("change"));
                return range.getAttribute("aria-label");
            }""",
            place,
        )
        assert result(window) == unmoved, where


def test_a_moved_limit_is_a_command_to_copy_and_a_way_back(milled, visit: Visitor) -> None:
    report, ledger = milled
    window = opened(visit, report, permissions=["clipboard-read", "clipboard-write"])
    exact = window.page.locator('input[type=number][aria-label="heuristics.repetition.thresholds.duplicate_5gram"]')
    exact.fill("0.99")
    exact.press("Enter")
    gone = ledger["rejected"]["heuristics"]["duplicate_5gram"]
    assert re.search(r"\d+ come, 0 go", result(window)) and f"heuristics/duplicate_5gram\t{gone}\t→" in result(window)
    command = f"gristmill refilter {report.parent} --output NEW --set 'heuristics.repetition.thresholds.duplicate_5gram=0.99'"
    assert command in result(window)
    window.page.get_by_role("button", name="copy the command").click()
    window.page.wait_for_selector("button:text('copied')")
    assert window.page.evaluate("() => navigator.clipboard.readText()") == command
    window.page.get_by_role("button", name="back to the run's limits").click()
    assert result(window).endswith("0 come, 0 go.") and exact.input_value() == "0.5"
    exact.fill("")
    exact.press("Enter")
    assert exact.input_value() == "0.5", "what is no number is none"
    assert_quiet(window, report)


def test_it_can_be_used_by_keyboard(milled, visit: Visitor) -> None:
    report, _ = milled
    window = opened(visit, report)
    page = window.page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('nav') !== null"), "the first stop leads to sections"
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#part-0"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.querySelector('details').open")
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.type") == "range":
            break
    label, before = page.evaluate("() => [document.activeElement.ariaLabel, document.activeElement.value]")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    after = page.evaluate("() => document.activeElement.value")
    assert int(after) < int(before) and f"--set '{label}=" in result(window)
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_without_scripts_all_tables_are_there(milled, visit: Visitor) -> None:
    report, _ = milled
    text = {script: opened(visit, report, java_script_enabled=script).page for script in (True, False)}
    rows = {script: page.locator("table:not(#sliders-result table) tr").count() for script, page in text.items()}
    assert rows[True] == rows[False] > 50
    shown = text[False].inner_text("body")
    assert "Without scripts" in shown and "heuristics.repetition.thresholds.duplicate_5gram\t0.5" in shown


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_or_is_unreadable(milled, visit: Visitor, width: int, scheme: str) -> None:
    report, _ = milled
    page = opened(visit, report, viewport={"width": width, "height": 800}, color_scheme=scheme).page
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    colours = page.evaluate(
        """() => {
            const style = getComputedStyle(document.body);
            const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 1 }).getContext("2d");
            canvas.fillStyle = "Canvas";
            const mark = document.createElement("span");
            mark.style.color = "Canvas";
            document.body.append(mark);
            return [style.color, getComputedStyle(mark).color];
        }"""
    )
    ink, paper = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert (ink < 200 < 600 < paper) if scheme == "light" else (paper < 200 < 600 < ink)


def test_on_paper_what_is_closed_is_open(milled, visit: Visitor) -> None:
    page = opened(visit, milled[0]).page
    assert not page.locator("details li").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("details li").first.is_visible() and not page.locator("nav").is_visible()


def hostile_run(folder: Path) -> str:
    """What a crawl can say, said by an enemy: texts, addresses, messages, domains, the name of a file."""
    run_dir = published(
        folder / "a'b <i>&", inputs=f"{HOSTILE}.warc", recipe={"name": "llama3", **HEURISTICS},
        documents=[kept("a", HOSTILE), kept("b", "mill " * 50)],
        rejected=[
            rejected("c", "quality", "low_quality", score=0.1, detail=HOSTILE, url=f"https://x.example/{HOSTILE}"),
            rejected("d", "documents", "near_duplicate", detail=HOSTILE),
        ],
        rejected_texts=[{**rejected("c", "quality", "low_quality"), "text": HOSTILE, "url": HOSTILE}],
        failed=[{"name": "f", "error": f"torn {HOSTILE}", "url": HOSTILE}],
        duplicates=[
            {"name": "a", "level": "near", "cluster": "1", "survivor": True, "reason": "survivor", "url": HOSTILE},
            {"name": "d", "level": "near", "cluster": "1", "survivor": False, "similarity": 0.8, "reason": "near", "url": HOSTILE},
        ],
    )  # fmt: skip
    said = {"phases": [{"phase": HOSTILE, "units": 1, "bytes": 1}], "stages": {HOSTILE: 1.0}, "command": [HOSTILE]}
    storage.write_bytes(storage.join(run_dir, "timings.json"), storage.dump_json(said))
    return run_dir


HEURISTICS = {"heuristics": {"dirty_words": {}}, "quality": None}


@pytest.mark.parametrize("reveal", [False, True])
def test_what_a_crawl_says_is_text(visit: Visitor, tmp_path: Path, outside, reveal: bool) -> None:
    report = as_file(tmp_path, hostile_run(tmp_path), reveal=reveal)
    window = opened(visit, report)
    window.page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    window.page.wait_for_timeout(300)
    assert (
        window.page.evaluate("() => document.querySelectorAll('img, iframe, style ~ style, [onerror], b b').length")
        == 0
    )
    assert "<b>bold</b>" in window.page.inner_text("body")
    assert window.page.evaluate(
        "() => [...document.links].every((link) => link.hash && link.pathname === location.pathname)"
    )
    assert_quiet(window, report)
    assert outside.asked == []


def test_the_same_run_again_gives_the_same_report_but_for_times(visit: Visitor, tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        run_dir = small_run(tmp_path / name, [page(n) for n in range(30)])
        texts.append(
            re.sub(r"(?s)<h2 id=\"part-\d+\">Time</h2>.*?(?=<h2)", "", document.report(run_dir)).replace(run_dir, "")
        )
        texts[-1] = re.sub(r"<div><b>[^<]*</b>(wall clock|captures a second)[^<]*</div>", "", texts[-1])
    assert texts[0] == texts[1]


def page(number: int) -> dict[str, str]:
    words = "the old miller opens his sluice an hour before sunrise when ponds are full and their daughter counts every sack".split()
    text = " ".join(words[(number * 7 + place * place) % len(words)] for place in range(80))
    return {"url": f"https://mill{number}.example/", "text": f"Page {number}. {text}."}


SMALL = [
    "llama3", ["domains=null", "documents=null", "mix=null", "block=null", "quality=null", "heuristics={}"],
]  # fmt: skip


def small_run(folder: Path, pages: list[dict[str, str]], *changes: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pages.jsonl").write_text("".join(json.dumps(each) + "\n" for each in pages))
    run(load(SMALL[0], [*SMALL[1], *changes]), [str(folder / "pages.jsonl")], str(folder / "run"))
    return str(folder / "run")


def wet(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    records = b""
    for number in range(5):
        text = page(number)["text"].encode()
        records += (
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: {page(number)['url']}\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000{number}>\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        ).encode() + text + b"\r\n\r\n"  # fmt: skip
    (folder / "pages.warc.wet").write_bytes(records)
    run(load(SMALL[0], SMALL[1]), [str(folder / "pages.warc.wet")], str(folder / "run"))
    return str(folder / "run")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (published, "0\ncaptures read"),
        (lambda folder: small_run(folder, [page(n) for n in range(5)], "extract.min_words=5000"), "Nothing was kept"),
        (lambda folder: small_run(folder, [page(n) for n in range(5)]), "5\ndocuments kept"),
        (wet, "5\ndocuments kept"),
    ],
    ids=["empty", "all rejected", "JSONL", "WET"],
)
def test_other_runs_have_reports_too(visit: Visitor, tmp_path: Path, made, said: str) -> None:
    report = as_file(tmp_path, made(tmp_path / "made"))
    window = opened(visit, report)
    assert said in window.page.inner_text("body")
    assert_quiet(window, report)
