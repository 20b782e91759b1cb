"""What was seen of a domain adds up to the same in any order, and of the worst only the worst are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.domain_evidence import Evidence
from pipeline import tables
from pipeline.transforms.domain_pages import EVIDENCE_JOB
from pipeline.transforms.domain_sums import MOST_SOURCES, AddUp, Looked, by_domain, linked_to
from tests.pipeline.parts import add_tables, document_id, extracted


def _page(
    name: str, domain: str, strengths: list[int] | None, words: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The features of a page, and what was seen of it; nothing where it wasn't looked at."""
    features = {"id": document_id(name), "domain": domain, "url": f"https://{domain}/{name}"}
    if strengths is None:
        return features, {}
    evidence = Evidence(pages=1, words=words, adult_pages=int(strengths[0] > 2)).to_tuple()
    return features, {"evidence": list(evidence), "strengths": strengths, "terms": [name]}


def test_a_part_says_what_it_has_of_each_domain(tmp_path: Path) -> None:
    pages = [
        _page("a", "one.example", [0, 0, 0], 10), _page("b", "one.example", [1, 3, 0], 20),
        _page("c", "one.example", [5, 0, 0], 30), _page("d", "one.example", [0, 0, 4], 40),
        _page("e", "one.example", [2, 2, 2], 50), _page("f", "one.example", None), _page("g", "two.example", None),
    ]  # fmt: skip
    pages.sort(key=lambda page: page[0]["id"])
    links = [{"source": "listed.example", "target": "two.example"}]
    run = extracted(tmp_path, [], [features for features, _ in pages], listed_links=links)
    add_tables(run, EVIDENCE_JOB, "evidence", tables.PAGE_EVIDENCE, [], [seen for _, seen in pages])
    assert dict(by_domain(run.part(0))) == {}
    found = dict(by_domain(run.part(1)))
    assert found["two.example"] == Looked(1, Evidence().to_tuple(), (1,))
    one = found["one.example"]
    assert (one.pages, one.parts, one.sources) == (6, (1,), ())
    assert Evidence.from_tuple(one.evidence) == Evidence(pages=5, words=150, adult_pages=1)
    # The three of which some kind is strongest, the strongest first.
    assert one.worst == tuple(
        (strength, document_id(name), f"https://one.example/{name}", (name,))
        for strength, name in ((5, "c"), (4, "d"), (3, "b"))
    )
    assert list(linked_to(run.part(0))) == [("two.example", Looked(sources=("listed.example",)))]


def _looked(number: int, parts: tuple[int, ...], strengths: list[int], sources: list[str]) -> Looked:
    worst = tuple((strength, f"{number:02d}{place:02d}", "url", ()) for place, strength in enumerate(strengths))
    return Looked(number, Evidence(pages=number, words=7 * number).to_tuple(), parts, worst, tuple(sources))


SEEN = st.builds(
    _looked, st.integers(0, 9), st.lists(st.integers(0, 5), max_size=2, unique=True).map(tuple),
    st.lists(st.integers(1, 4), max_size=3), st.lists(st.sampled_from([f"s{n}.example" for n in range(15)]), max_size=4),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(SEEN, min_size=1, max_size=8), st.integers(0, 8), st.randoms(use_true_random=False))
def test_sums_are_the_same_in_any_order_and_grouping(seen: list[Looked], cut: int, order: Any) -> None:
    adding = AddUp()

    def total(some: list[Looked]) -> Any:
        found = adding.create_accumulator()
        for each in some:
            found = adding.add_input(found, tuple(each))
        return found

    expected = Looked(
        sum(each.pages for each in seen),
        Evidence(pages=sum(each.pages for each in seen), words=7 * sum(each.pages for each in seen)).to_tuple(),
        tuple(sorted({part for each in seen for part in each.parts})),
        tuple(sorted({page for each in seen for page in each.worst}, key=lambda page: (-page[0], page[1]))[:3]),
        tuple(sorted({source for each in seen for source in each.sources})[:10]),
    )
    assert adding.extract_output(total(seen)) == expected
    order.shuffle(seen)
    parted = adding.merge_accumulators([total(seen[:cut]), total(seen[cut:])])
    assert Looked._make(adding.extract_output(parted)) == expected


def test_ten_of_the_listed_sites_that_link_to_a_domain_are_named() -> None:
    adding = AddUp()
    found = adding.create_accumulator()
    for number in range(MOST_SOURCES + 2):
        found = adding.add_input(found, Looked(sources=(f"s{number:02d}.example",)))
    assert adding.extract_output(found)[4] == tuple(f"s{number:02d}.example" for number in range(10))
    assert adding.extract_output(found)[0] == 0
