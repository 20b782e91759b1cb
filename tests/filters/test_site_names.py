"""Names of domains run words together; harmless words that hold a part of another are told from it."""

from __future__ import annotations

import pytest

from filters.site_names import KINDS, name_marks
from filters.vocabulary import DATA


@pytest.mark.parametrize(
    ("domain", "marks"),
    [
        ("free-teenporn.com", {"adult": 2}),
        ("sexy-shop.de", {"adult": 1}),
        ("nude-babes.org", {"adult": 2}),
        ("anything.xxx", {"adult": 2}),
        ("freshcvvshop.to", {"harm": 2}),
        ("example.com", {}),
        ("porn", {}),
    ],
)
def test_marks(domain: str, marks: dict[str, int]) -> None:
    assert name_marks(domain) == marks


@pytest.mark.parametrize(
    "domain",
    ["essex.ac.uk", "middlesex.edu", "citizensexchange.com", "scunthorpe.gov.uk", "penistone.org", "cockburn.com",
     "hancock.io", "peacock.tv", "analytics.com", "artisanal.fr", "canal.fr", "popcorn.org", "pussycat.net", "twinkl.co.uk",
     "milforddailynews.com", "newsexaminer.com", "paris-express.com", "sexualhealth.org", "boardingcard.com", "denuded.io",
     "regarding.org", "newsexpert.com"],
)  # fmt: skip
def test_harmless_names(domain: str) -> None:
    assert name_marks(domain) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_lists_are_sorted_and_name_each_part_once(kind: str) -> None:
    lines = (DATA / "site_names" / f"{kind}.txt").read_text("utf-8").splitlines()
    parts = [line.partition(" | ")[0] for line in lines if not line.startswith("#")]
    assert parts == sorted(set(parts)) and all(part.isalnum() and part.islower() for part in parts)
