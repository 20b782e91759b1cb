"""The row of a domain: its figures by their names, whether people should look at it, and what a run counts of all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from filters.domain_evidence import Evidence, Marks, interval
from pipeline import storage, tables
from pipeline.transforms.domain_sums import Looked
from pipeline.transforms.domain_table import Judged, packed, table_row, write_table
from recipes import load

SETTINGS = load("llama3").domains
assert SETTINGS is not None
EVIDENCE = Evidence(
    pages=10, words=2000, pii_pages=1, pii_values=7, adult_pages=4, adult_hits=30, harm_pages=2, harm_hits=5,
    adult_unjudged=2, harm_unjudged=5, emails=4, phones=1, cards=2, ibans=0, ssns=3, ips=6, links=9, listed_links=8,
)  # fmt: skip
WORST = ((4, "a" * 32, "https://mill.example/1", ("one", "two")), (2, "b" * 32, "https://mill.example/2", ()))
LOOKED = Looked(25, EVIDENCE.to_tuple(), (0, 3), WORST, ("listed.example", "other.example"))
MARKS = Marks(name={"adult": 2}, links_out={"adult": 1, "harm": 3}, links_in={"harm": 4})
SCORES = {"adult": 0.6, "harm": 0.2, "pii": 0.1}


def row(**changes: Any) -> dict[str, Any]:
    judged = Judged("mill.example", LOOKED, MARKS, SCORES)._replace(**changes)
    return table_row(tuple(judged), SETTINGS)


def test_every_figure_has_its_name() -> None:
    found = row(reason="adult", score=0.6, decision="drop")
    assert (found["domain"], found["pages"], found["sampled"], found["words"]) == ("mill.example", 25, 10, 2000)
    assert {name: found[f"{name}_per_1000_words"] for name in ("pii_values", "emails", "phones", "cards", "ibans")} == {
        "pii_values": 3.5, "emails": 2.0, "phones": 0.5, "cards": 1.0, "ibans": 0.0,
    }  # fmt: skip
    assert [found[f"{name}_per_1000_words"] for name in ("ssns", "ips", "adult_hits", "harm_hits")] == [
        1.5,
        3,
        15,
        2.5,
    ]
    for kind, bad, judged in (("adult", 4, 8), ("harm", 2, 5), ("pii", 1, 10)):
        assert (found[f"{kind}_low"], found[f"{kind}_high"]) == interval(bad, judged)
        assert found[f"{kind}_score"] == SCORES[kind]
    marks = [(found[f"{kind}_{what}"]) for what in ("name", "links_out", "links_in") for kind in ("adult", "harm")]
    assert marks == [2, 0, 1, 3, 0, 4]
    assert (found["listed_sources"], found["reason"], found["score"], found["decision"]) == (2, "adult", 0.6, "drop")
    assert found["samples"] == [
        {"id": "a" * 32, "url": "https://mill.example/1", "terms": ["one", "two"]},
        {"id": "b" * 32, "url": "https://mill.example/2", "terms": []},
    ]


def test_a_domain_without_words_divides_by_nothing() -> None:
    found = row(looked=Looked(1, replace(EVIDENCE, words=0).to_tuple()), scores=None)
    assert found["emails_per_1000_words"] == 4000.0 and found["adult_score"] is None


@pytest.mark.parametrize(
    ("changes", "review"),
    [
        ({"scores": {"adult": 0.5}}, False),  # at the limit
        ({"scores": {"adult": 0.51}}, True),
        ({"scores": {"harm": 0.1, "pii": 0.51}}, True),
        ({"scores": {"adult": 0.95}, "reason": "adult"}, False),  # it goes
        ({"scores": {"adult": 0.7}, "decision": "keep"}, False),  # somebody has looked
        ({"scores": {}}, False),
        ({"scores": None}, True),  # too small to be judged, with a bad page
        ({"scores": None, "decision": "keep"}, False),
        ({"scores": None, "looked": LOOKED._replace(worst=())}, False),
    ],
)
def test_what_is_neither_clear_nor_decided_is_to_be_looked_at(changes: dict[str, Any], review: bool) -> None:
    assert row(**changes)["review"] is review


def test_rows_are_sorted_and_counted(tmp_path) -> None:
    small = Evidence(pages=2, adult_unjudged=2, harm_unjudged=2)
    half = Evidence(pages=3, adult_unjudged=3, harm_unjudged=2)
    rows = [
        row(domain="c.example", looked=Looked(2, small.to_tuple()), scores=None, decision="drop"),
        row(domain="a.example", scores={"adult": 0.7}),
        None,
        row(domain="b.example", looked=Looked(3, half.to_tuple()), scores=None, decision="keep"),
        row(domain="d.example", looked=Looked(9, half.to_tuple()), scores=None, decision="keep"),
    ]
    packed_rows = [packed(each) if each else () for each in rows]
    receipt = write_table((2, packed_rows), str(tmp_path), "domains", 7, 3, SETTINGS)
    assert (receipt.number, receipt.unit) == (9, "table-00002")
    counts = {
        "domains": 4, "page_by_page": 1, "not_judged": 1, "to_review": 1, "decided_drop": 1, "decided_keep": 2,
    }  # fmt: skip
    assert receipt.counts == {"not_judged": 1, "domains": counts}
    (file,) = receipt.files
    table = storage.read_table(file.at(str(tmp_path)))
    assert table["domain"].to_pylist() == ["a.example", "b.example", "c.example", "d.example"]
    assert table.slice(0, 1).to_pylist() == [dict(zip(table.column_names, packed_rows[1], strict=True))]


def test_a_range_without_a_domain_has_a_table_too(tmp_path) -> None:
    receipt = write_table((0, [()]), str(tmp_path), "domains", 7, 1, SETTINGS)
    assert (receipt.number, receipt.counts["domains"]["domains"]) == (7, 0)
    assert storage.read_table(receipt.file("table").at(str(tmp_path))).schema == tables.DOMAINS
