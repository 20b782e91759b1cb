"""A queue has some pages of every rule, by lot and near the limits, and the walk through it ends in the report."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.decisions import CONFIRM, KEEP, UNDO, read
from gristmill.cli import main
from pipeline.outputs import read_ledger
from pipeline.reports.trail import Tracer
from recipes import as_dict, load
from review.inspect.inspector import Inspector
from review.inspect.listing import Listing, outcome_of
from review.inspect.queue import draw, share_out
from review.looked_at import LOT, NEAR
from review.report.document import report
from tests.review.inspect.conftest import serving
from tests.review.runs import kept, published, rejected

SCORES = [round(0.001 * number, 3) for number in range(40)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """40 pages that quality took, 3 that were too short, 5 kept ones, one with another status."""
    gone = [
        rejected(f"q{n}", "quality", "low_quality", score=score, detail="quality") for n, score in enumerate(SCORES)
    ]
    gone += [rejected(f"s{n}", "extract", "too_short") for n in range(3)] + [rejected("r", "read", "http_status")]
    documents = [kept(f"k{n}") for n in range(5)]
    folder = tmp_path_factory.mktemp("queue")
    return published(folder, shards=3, recipe=as_dict(load("llama3")), documents=documents, rejected=gone)


def drawn(run: str, wanted: int, seed: int = 0) -> list:
    books = read_ledger(run)
    return draw(Listing(Tracer(run)), books["rejected"], books["records"]["kept"], wanted, seed)


def test_every_rule_has_as_many_places_half_of_them_near_its_limit(run: str) -> None:
    found = drawn(run, 21)
    assert Counter(outcome_of(one.found) for one in found) == {
        "quality/low_quality": 13,
        "extract/too_short": 3,
        "kept": 5,
    }
    near = [one.found.row["score"] for one in found if one.how == NEAR]
    by_lot = [one.found.row["score"] for one in found if one.how == LOT and one.found.row.get("score") is not None]
    assert len(near) == 6 and len(by_lot) == 7
    left = [score for score in SCORES if score not in by_lot]
    assert sorted(near) == sorted(left)[-6:], "the limit is .05"
    assert [outcome_of(one.found) for one in found[:3]] == ["kept", "extract/too_short", "quality/low_quality"]


def test_the_seed_draws_the_same_again_and_another_others(run: str) -> None:
    def ids(seed: int) -> list[str]:
        return [one.found.row["id"] for one in drawn(run, 12, seed)]

    assert ids(0) == ids(0) and len(set(ids(0))) == 12
    assert len({tuple(ids(seed)) for seed in range(5)}) > 1
    assert len(drawn(run, 1000)) == 48, "there are no more"


@given(
    st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.integers(1, 30)), st.integers(0, 60)
)
def test_places_are_as_equal_as_they_can_be(pages: dict, wanted: int) -> None:
    found = share_out(pages, wanted)
    assert sum(found.values()) == min(wanted, sum(pages.values()))
    most = max(found.values(), default=0)
    assert all(most - places <= 1 or places == pages[rule] for rule, places in found.items())


def test_a_walk_through_the_queue_is_written_undone_and_told_by_the_report(run: str, tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    for browser in serving(Inspector(run, decisions=str(path), who="ada", queue=21)):
        assert browser.enter().getheader("Location") == "/?order=queue"
        _, listed = browser.ask("/?order=queue")
        assert "Queue of 21, seed 0" in listed and "0 have been looked at" in listed
        address = re.findall(r'href="(/page/[0-9a-f]{32}\?order=queue)"', listed)[0]
        seen = []
        for number in range(21):
            _, page = browser.ask(address)
            forms = re.findall(r"<form method=\"post\".*?</form>", page)
            asking = next(form for form in forms if 'data-key="n"' in form)
            fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asking.partition("<button")[0]))
            fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
            seen.append(fields["id"])
            if number == 1:  # k, then n leads on and says no more
                browser.ask("/decide", fields | {"then": address, "decision": "keep url"})
                _, page = browser.ask(address)
                assert "is right, next" not in page
                address = re.search(r'<a href="([^"]*)" data-key="n"', page)[1]
            else:
                address = browser.ask("/decide", fields | {"decision": "confirm id"})[0].getheader("Location") or ""
        assert address == "/?order=queue" and len(set(seen)) == 21
        assert "21 have been looked at" in browser.ask(address)[1]
        undone, _ = browser.ask("/undo", fields | {"then": f"/page/{seen[3]}?order=queue"})
        assert undone.getheader("Location") == f"/page/{seen[20]}?order=queue", "to the page that it was said of"
        assert "is right, next" in browser.ask(f"/page/{seen[20]}?order=queue")[1]
        browser.ask("/decide", fields | {"decision": "unsure id"})
        status = browser.ask("/decide", fields | {"decision": "confirm domain"})[0].status
        assert status == 400
    lines = read([path])
    assert Counter(line.verdict for line in lines) == {CONFIRM: 20, KEEP: 1, UNDO: 1, "unsure": 1}
    assert {line.seen["drawn"] for line in lines if line.seen} == {LOT, NEAR}
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", report(run, decisions=str(path))))
    assert (
        "kept 5 of 5 looked at, 0 wrong" in text
        and "extract/too_short 3 of 3 looked at, 1 wrong 6.1% to 79.2%" in text
    )
    assert re.search(r"quality/low_quality 40 of [67] looked at, 0 wrong 0\.0% to \d\d\.\d% of [56], 0 wrong", text)
    assert "How often rules were wrong" not in report(run), "nobody has decided beside the run"


def test_the_command_refuses_what_cannot_be_drawn(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", run, "--queue", "-1"]) == 1
    assert "how many pages to look at" in capsys.readouterr().err
