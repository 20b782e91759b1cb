"""Which pages of a domain are looked at, and what is written of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.domain_pages import ADULT, GOOD
from filters.page_evidence import Evidence
from pipeline import storage
from pipeline.listing import read_manifest
from pipeline.transforms.domain_pages import EVIDENCE_JOB, SAMPLE_JOB, looked_at, page_evidence
from recipes import load
from tests.pipeline.parts import beam_job, extracted
from text.document import Document

TUBE, FARM = ADULT["tube"], GOOD["urbanfarm"]


def page(rank: int, domain: str, text: str = FARM, **features: Any) -> dict[str, Any]:
    """A page whose id begins with ``rank``."""
    url = f"https://www.{domain}/{rank}"
    common = {"id": f"{rank:016x}" + "f" * 16, "url": url, "domain": domain, "language": "en", "text": text}
    return {**common, "links": 0, "listed_links": 0, **features}


LARGE = [page(rank, "large.org") for rank in (3, 1, 7, 2**63 + 5, 5)]
SMALL = [page(rank, "small.org") for rank in (2, 6, 8)]
BAD = page(4, "bad.com", TUBE, links=9, listed_links=4)


def seen(folder: Path, *parts: list[dict[str, Any]], size: int = 3) -> dict[int, dict[str, Any]]:
    """By the first digits of the id, the row of each page that was looked at."""
    recipe = load("llama3", [f"domains.sample_pages={size}"])
    assert recipe.domains is not None
    run = extracted(folder, *parts, recipe=recipe)
    with beam_job() as job:
        run = looked_at(job, run, recipe.domains)
    sample = read_manifest(run.dir, SAMPLE_JOB)
    assert sample is not None
    (path,) = sample.paths("last_ids")
    last = sorted(int(row["id"][:16], 16) for row in LARGE)[size - 1]
    large = [{"domain": "large.org", "last": last}] if size < len(LARGE) else []
    assert storage.read_table(path).to_pylist() == large
    found = {}
    for part in run.parts():
        ids = part.read("extract", "features", ["id"])["id"].to_pylist()
        rows = part.read(EVIDENCE_JOB, "evidence").to_pylist()
        found |= {int(id[:16], 16): row for id, row in zip(ids, rows, strict=True) if row["evidence"] is not None}
    return found


def test_of_a_large_domain_the_smallest_ids_are_looked_at_whatever_the_parts(tmp_path: Path) -> None:
    found = seen(tmp_path / "one", [*LARGE, *SMALL, BAD])
    assert set(found) == {1, 3, 5, 2, 6, 8, 4}
    assert found == seen(tmp_path / "two", [BAD, *LARGE[:2]], [*SMALL, *LARGE[2:]])
    bad = found[4]
    evidence = Evidence.from_tuple(tuple(bad["evidence"]))
    assert (evidence.pages, evidence.adult_pages, evidence.links, evidence.listed_links) == (1, 1, 9, 4)
    assert bad["strengths"][0] > 0 == bad["strengths"][2] and bad["terms"]
    assert found[1]["strengths"] == [0, 0, 0] and found[1]["terms"] == []


def test_a_domain_as_large_as_the_sample_is_looked_at_whole(tmp_path: Path) -> None:
    assert set(seen(tmp_path, [*LARGE, *SMALL], size=5)) == {1, 3, 5, 7, 2**63 + 5, 2, 6, 8}


@pytest.mark.parametrize(("pages", "sampled"), [(5, False), (6, True)])
def test_a_crawl_of_no_more_pages_than_the_sample_is_looked_at_whole_at_once(
    tmp_path: Path, pages: int, sampled: bool
) -> None:
    recipe = load("llama3", ["domains.sample_pages=5"])
    assert recipe.domains is not None
    rows = [page(rank, "large.org") for rank in range(pages)]
    with beam_job() as job:
        run = looked_at(job, extracted(tmp_path, rows[:2], rows[2:], recipe=recipe), recipe.domains)
    assert (read_manifest(run.dir, SAMPLE_JOB) is not None) == sampled
    assert run.manifests[EVIDENCE_JOB].total("looked_at") == 5


def test_of_a_page_whose_links_nobody_counted_none_are_found(tmp_path: Path) -> None:
    """Text files have no links."""
    found = seen(tmp_path, [*LARGE, {**BAD, "links": None, "listed_links": None}])
    evidence = Evidence.from_tuple(tuple(found[4]["evidence"]))
    assert (evidence.pages, evidence.links, evidence.listed_links) == (1, 0, 0)


@pytest.mark.parametrize(("kinds", "values"), [("[email]", 1), ("[phone]", 0)])
def test_a_recipe_says_what_is_looked_for(kinds: str, values: int) -> None:
    settings = load("llama3", [f"domains.personal.kinds={kinds}", "domains.page.adult_hits=1000"]).domains
    assert settings is not None
    found = page_evidence(settings)(Document(f"{TUBE} Write to ada.byron@gmail.com.", "en"))
    assert (found.emails, found.pii_values, found.adult_pages) == (values, values, 0)
