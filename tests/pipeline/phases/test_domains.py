"""Domains are judged by all that was seen of them, whatever the order and the number of parts; small ones page by page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.domain_pages import ADULT, GOOD
from blocklists.decisions import Decision, append
from pipeline import storage
from pipeline.phases import decisions, domains
from pipeline.run_state import RunState
from pipeline.transforms.domain_sums import AddUp, Looked
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted, finished

TUBE, STORY = ADULT["tube"], ADULT["story"]
FARM = GOOD["urbanfarm"]


def page(url: str, text: str, **features: Any) -> dict[str, Any]:
    host = url.split("/")[2]
    domain = ".".join(host.split(".")[-2:])
    common = {"id": document_id(url), "url": url, "language": "en", "domain": domain}
    return {**common, "text": text, "links": 0, "listed_links": 0, **features}


def pages(host: str, *texts: str) -> list[dict[str, Any]]:
    return [page(f"https://{host}/{number}", text) for number, text in enumerate(texts)]


CRAWL = [
    *pages("hacked-forum.com", FARM, FARM, TUBE),
    *pages("plain-name.com", TUBE, STORY, TUBE, FARM),
    *pages("lone.com", TUBE),
    *pages("lone-weak.com", STORY),
    *pages("best-porn-movies.com", STORY),
    *pages("good.org", FARM),
    *pages("big.org", *[FARM] * 8),
]


def judged(folder: Path, *parts: list[dict[str, Any]], changes: tuple[str, ...] = (), **more: Any):
    """Reasons of rejected pages by URL, the table of domains by name, the receipt's counts."""
    recipe = load("llama3", [*changes])
    run = extracted(folder, *parts, recipe=recipe, **more)
    if recipe.decisions:
        with beam_job() as job:
            decisions.build(job, run, recipe)
        run.manifests["decisions"] = finished(run, "decisions")
    with beam_job() as job:
        domains.build(job, run, recipe.domains)
    manifest = run.manifests["domains"] = finished(run, "domains", domains.units(run))
    return _reasons(run), *_table(run), manifest.totals("domains")


def _reasons(run: RunState) -> dict[str, str]:
    found = {}
    for part in run.parts():
        urls = part.read("extract", "features", ["url"])["url"].to_pylist()
        reasons = part.read("domains", "verdicts", ["reason"])["reason"].to_pylist()
        found |= {url.removeprefix("https://"): reason for url, reason in zip(urls, reasons, strict=True) if reason}
    return found


def _table(run: RunState) -> tuple[dict[str, dict[str, Any]], bytes]:
    (path,) = run.manifests["domains"].paths("table")
    return {row["domain"]: row for row in storage.read_table(path).to_pylist()}, storage.read_bytes(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory):
    return judged(tmp_path_factory.mktemp("whole"), CRAWL)


def test_verdicts_by_domain_and_of_lone_pages(whole) -> None:
    reasons, table, _, counts = whole
    assert reasons == {
        **{f"plain-name.com/{number}": "adult" for number in range(4)},
        "lone.com/0": "adult_page",
        "best-porn-movies.com/0": "adult_page",
    }
    assert table["plain-name.com"]["reason"] == "adult" and table["hacked-forum.com"]["reason"] is None
    assert counts == {"domains": 7, "page_by_page": 4, "not_judged": 0, "to_review": 3}


def test_the_table_shows_evidence_interval_and_samples(whole) -> None:
    row = whole[1]["plain-name.com"]
    assert (row["pages"], row["sampled"], row["adult_pages"]) == (4, 4, 3)
    assert row["adult_low"] < 0.75 < row["adult_high"] and row["adult_score"] > 0.9
    assert row["adult_hits_per_1000_words"] > 10
    assert [sample["url"][-2:] for sample in row["samples"]][:2] in (["/0", "/2"], ["/2", "/0"])
    assert "milf" in row["samples"][0]["terms"]
    assert whole[1]["best-porn-movies.com"]["adult_name"] == 2


def test_order_and_parts_change_nothing(whole, tmp_path: Path) -> None:
    parts = judged(tmp_path, CRAWL[7:], CRAWL[6::-1])
    assert (parts[0], parts[2], parts[3]) == (whole[0], whole[2], whole[3])


def test_links_samples_and_allow_lists(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("plain-name.com\n", "utf-8")
    sources = [{"source": f"listed{number}.com", "target": "plain.org"} for number in range(2)]
    linking = [
        page(f"https://plain.org/{number}", text, links=4, listed_links=3)
        for number, text in enumerate([STORY, FARM, FARM])
    ]
    changes = ("domains.sample_pages=3", f"block.allow=[{allowed}]")
    links = [*sources, {"source": "a.com", "target": "nowhere.org"}]
    reasons, table, _, _ = judged(
        tmp_path / "run", CRAWL[:9], [*CRAWL[9:], *linking], changes=changes, listed_links=links
    )
    # Of a large domain so many pages are looked at.
    assert (table["big.org"]["pages"], table["big.org"]["sampled"]) == (8, 3)
    assert (table["plain-name.com"]["pages"], table["plain-name.com"]["sampled"]) == (4, 3)
    # One bad page of three, links to listed sites and links from two of them.
    assert (table["plain.org"]["adult_links_in"], table["plain.org"]["adult_links_out"]) == (1, 1)
    assert table["plain.org"]["listed_sources"] == 2 and "nowhere.org" not in table
    assert {url for url in reasons if url.startswith("plain.org")} == {f"plain.org/{number}" for number in range(3)}
    assert table["plain-name.com"]["decision"] == "allowed" and "plain-name.com/0" not in reasons


def test_three_links_and_three_of_ten_to_listed_sites_count_as_a_bad_page(tmp_path: Path) -> None:
    counted = {"three.org": (10, 3), "fewer.org": (11, 3), "two.org": (2, 2)}
    crawl = [page(f"https://{name}/0", FARM, links=of, listed_links=listed) for name, (of, listed) in counted.items()]
    _, table, _, _ = judged(tmp_path, crawl)
    assert {name: table[name]["adult_links_out"] for name in counted} == {"three.org": 1, "fewer.org": 0, "two.org": 0}


def test_people_win_and_the_worst_share_goes(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    append(
        path,
        [
            Decision("2026-01-02", "ada", "domain", "plain-name.com", "keep"),
            Decision("2026-01-02", "ada", "url", "https://plain-name.com/1", "drop"),
            Decision("2026-01-02", "ada", "domain", "good.org", "drop"),
            Decision("2026-01-03", "ada", "id", document_id("https://lone.com/0"), "keep"),
            Decision("2026-01-03", "ada", "domain", "big.org", "unsure"),
        ],
    )
    crawl = [*CRAWL, *pages("second-tube.com", TUBE, TUBE, TUBE)]
    # Of four domains that are judged the worst two may go: one of them a person keeps.
    changes = (f"decisions=[{path}]", "domains.worst=0.5")
    reasons, table, _, counts = judged(tmp_path / "run", crawl, changes=changes)
    # What people drop is gone before, with stage decisions.
    assert reasons == {
        "best-porn-movies.com/0": "adult_page",
        **{f"second-tube.com/{number}": "adult" for number in range(3)},
    }
    decided = [table[name]["decision"] for name in ("plain-name.com", "good.org", "big.org")]
    assert decided == ["keep", "drop", "unsure"]
    assert (counts["decided_keep"], counts["decided_drop"], counts["decided_unsure"]) == (1, 1, 1)


@pytest.mark.parametrize(("share", "goes"), [(0.0, 0), (0.1, 0), (0.25, 1), (0.5, 1), (0.75, 3), (1.0, 3)])
def test_the_cut_of_a_ranking_leaves_equals_together_and_good_ones_alone(share: float, goes: int) -> None:
    scores = [0.99, 0.8, 0.8, 0.1]
    cut = domains.cut_of(share, 0.5, Counter(scores))
    assert sum(score > cut for score in scores) == goes


SEEN = st.builds(
    Looked,
    st.integers(0, 9),
    st.lists(st.integers(0, 9), min_size=20, max_size=20).map(tuple),
    parts=st.lists(st.integers(0, 50), max_size=1).map(tuple),
    worst=st.lists(st.tuples(st.integers(0, 3), st.text(max_size=2)), max_size=3).map(tuple),
    sources=st.lists(st.text(max_size=2), max_size=3).map(tuple),
)


@given(st.lists(st.lists(SEEN, max_size=5), min_size=1, max_size=5))
def test_what_was_seen_of_a_domain_adds_up_the_same_in_any_bundles(bundles: list[list[Looked]]) -> None:
    adding = AddUp()

    def added(elements: list[Looked]) -> tuple:
        accumulator = adding.create_accumulator()
        for element in elements:
            accumulator = adding.add_input(accumulator, tuple(element))
        return accumulator

    every = [element for bundle in bundles for element in bundle]
    together = Looked._make(adding.extract_output(adding.merge_accumulators(map(added, bundles))))
    assert together == Looked._make(adding.extract_output(added(every[::-1])))
    assert together.pages == sum(element.pages for element in every)
    assert list(together.parts) == sorted({part for element in every for part in element.parts})
