"""Evidence adds up in any order, and a domain goes by the share of its bad pages."""

from __future__ import annotations

from dataclasses import fields
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.domain_evidence import (
    DomainThresholds,
    Marks,
    confidence,
    domain_scores,
    interval,
    judge,
    lone_page_score,
    surely,
)
from filters.page_evidence import Evidence, PageEvidence, PageLimits
from filters.pii import KINDS, PiiCounter
from filters.verdict import Reject
from filters.vocabulary import DATA
from text.document import Document

EVIDENCE = st.builds(Evidence, *[st.integers(0, 2**40)] * len(fields(Evidence)))
PAGE = PageEvidence()

CONTACTS = "\n".join(f"Person {n}, person{n}.miller@gmail.com, (212) 664-7{n:03d}" for n in range(100, 112))
ADULT = "Free porn videos of milf escorts: hardcore blowjobs, gangbang, xxx sex cams. " * 3
HARM = "We sell fullz, fresh cvv and fake passports for sale. Buy cocaine online, undetected counterfeit notes. "
MEDICINE = (
    "Screening for cancer of the cervix saves lives. The penis, the vagina and the anal canal can be examined by a "
    "doctor; sexual health clinics see patients about orgasm problems and pain during sex. Heroin users should ask "
    "about vaccination. Cocaine raises the risk of a heart attack. "
)
NEWS = (
    "The court heard that the defendant had sold counterfeit money and stolen cards on a forum. Police seized cocaine "
    "and two guns. The escort agency that he ran was closed in May, the newspaper reported, and a video was deleted. "
)


@given(EVIDENCE, EVIDENCE, EVIDENCE)
def test_evidence_is_a_commutative_monoid(a: Evidence, b: Evidence, c: Evidence) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Evidence() == a


@given(EVIDENCE)
def test_evidence_survives_as_a_tuple(evidence: Evidence) -> None:
    assert Evidence.from_tuple(evidence.to_tuple()) == evidence


def test_a_tuple_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="and 2 were given"):
        Evidence.from_tuple((1, 2))


@pytest.mark.parametrize(("text", "bad"), [(CONTACTS, "pii"), (ADULT, "adult"), (HARM, "harm")])
def test_a_bad_page_is_bad_in_its_kind_alone(text: str, bad: str, prose: str) -> None:
    evidence = PAGE(Document(prose + "\n" + text, "en"))
    assert evidence.pages == 1 and evidence.words > 130
    assert {kind for kind in ("pii", "adult", "harm") if getattr(evidence, f"{kind}_pages")} == {bad}


@pytest.mark.parametrize("text", [MEDICINE, NEWS])
def test_medicine_and_news_are_clean(text: str, prose: str) -> None:
    evidence = PAGE(Document(text * 3, "en"))
    assert (evidence.adult_pages, evidence.harm_pages, evidence.pii_pages) == (0, 0, 0)


def test_a_telephone_number_below_each_page_is_no_people_finder(prose: str) -> None:
    evidence = PAGE(Document(prose + "\nCall us: (212) 664-7665, ada.byron@miller.com", "en"))
    assert evidence.pii_values == 2 and evidence.pii_pages == 0


def test_a_romanian_cum_is_a_how() -> None:
    assert PAGE(Document("cum " * 50, "ro")).adult_hits == 0


@pytest.mark.parametrize(
    ("bad", "pages", "goes"),
    [(1, 3, False), (2, 3, False), (3, 3, True), (3, 6, True), (3, 7, False), (3, 10, False), (6, 10, True),
     (260, 1000, False), (300, 1000, True), (2_600, 10_000, True), (2_500, 10_000, False)],
)  # fmt: skip
def test_the_share_that_is_surely_bad_decides(bad: int, pages: int, goes: bool) -> None:
    verdict = judge(Evidence(pages=pages, adult_pages=bad), DomainThresholds(adult=0.25))
    assert (verdict is not None) == goes
    if verdict:
        assert verdict == Reject("adult", round(confidence(bad, pages, 0.25), 4))


@given(st.integers(3, 300), st.integers(0, 300), st.floats(0.01, 0.99))
def test_a_verdict_is_where_the_share_is_surely_above_the_threshold(bad: int, more: int, threshold: float) -> None:
    low = surely(bad, bad + more)
    if abs(low - threshold) > 0.001:
        assert (confidence(bad, bad + more, threshold) > 0.9) == (low > threshold)


def test_a_score_at_its_cut_is_not_above_it() -> None:
    evidence = Evidence(pages=10, harm_pages=6)
    at = domain_scores(evidence, DomainThresholds())["harm"]
    assert judge(evidence, DomainThresholds(confidence=at)) is None
    assert judge(evidence, DomainThresholds(confidence=at - 0.0001)) == Reject("harm", at)


def test_fewer_bad_pages_than_three_make_a_smaller_score() -> None:
    scores = [domain_scores(Evidence(pages=3, harm_pages=bad), DomainThresholds())["harm"] for bad in range(4)]
    assert scores == sorted(scores) and scores[0] == 0 and scores[1] < 0.5 < scores[2] < 0.9 < scores[3]


def test_names_and_links_speak_beside_pages_and_never_alone() -> None:
    some, none = Evidence(pages=4, adult_pages=1), Evidence(pages=4)
    marks = Marks(name={"adult": 2}, links_in={"adult": 1})
    assert judge(some, DomainThresholds()) is None
    assert judge(some, DomainThresholds(), marks) is not None
    assert judge(none, DomainThresholds(), marks) is None
    assert 0.5 < domain_scores(none, DomainThresholds(), marks)["adult"] < 0.9
    assert domain_scores(some, DomainThresholds(), marks)["harm"] == 0


def test_pages_that_could_not_be_judged_are_neither_good_nor_bad() -> None:
    evidence = Evidence(pages=100, adult_pages=3, adult_unjudged=97, harm_unjudged=100)
    assert judge(evidence, DomainThresholds()).reason == "adult"
    assert "harm" not in domain_scores(evidence, DomainThresholds())


def test_a_lone_page_goes_three_times_over_its_limits_or_with_other_marks() -> None:
    thresholds = DomainThresholds()
    alone = [lone_page_score(strength, 0.01, "adult", thresholds) for strength in range(5)]
    finder = [lone_page_score(strength, 0.01, "pii", thresholds) for strength in range(5)]
    assert finder[3] < 0.9 < finder[4]
    assert alone[0] == 0 and alone[2] < 0.9 < alone[3]
    assert lone_page_score(1, 0.01, "adult", thresholds, Marks(name={"adult": 2})) > 0.9
    assert lone_page_score(0, 0.9, "adult", thresholds, Marks(name={"adult": 2})) == 0
    assert lone_page_score(2, 0.6, "adult", thresholds) > 0.9, "in a crawl of such pages less is enough"


def test_the_interval_holds_the_share() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(1, 3)[0] < 1 / 3 < interval(1, 3)[1]
    assert interval(0, 10)[0] == 0 and interval(10, 10)[1] == 1


@pytest.mark.parametrize(
    ("bad", "pages", "low"), [(0, 5, 0.0), (1, 3, 0.1058), (3, 6, 0.2682), (3, 3, 0.6462), (50, 100, 0.4364)]
)
def test_the_lower_end_of_the_interval(bad: int, pages: int, low: float) -> None:
    assert surely(bad, pages) == low


@given(st.integers(0, 500), st.integers(1, 500), st.integers(1, 20))
def test_more_bad_pages_and_more_pages_of_the_same_share_are_surer(bad: int, more: int, times: int) -> None:
    pages = bad + more
    assert surely(bad, pages) <= bad / pages
    assert surely(bad, pages) <= surely(bad + 1, pages)
    assert surely(bad, pages) <= surely(bad * times, pages * times)


def test_each_kind_has_its_reason() -> None:
    for kind in ("pii", "adult", "harm"):
        found = judge(Evidence(pages=4, **{f"{kind}_pages": 4}), DomainThresholds())
        assert found.reason == kind and found.score > 0.98


def test_few_pages_are_not_judged() -> None:
    evidence = Evidence(pages=2, adult_pages=2)
    assert domain_scores(evidence, DomainThresholds(min_pages=3)) is None
    assert judge(evidence, DomainThresholds(min_pages=3)) is None
    assert judge(evidence, DomainThresholds(min_pages=2)).reason == "adult"


def test_a_page_of_ones_own_staff_is_no_people_finder(prose: str) -> None:
    staff = "\n".join(f"Person {n}, person{n}@bergbau.de, +49 30 2345 6{n:03d}" for n in range(100, 112))
    assert PAGE(Document(prose + staff, "en", url="https://www.bergbau.de/team")).pii_pages == 0
    assert PAGE(Document(prose + CONTACTS, "en", url="https://www.bergbau.de/team")).pii_pages == 1


def test_limits_are_the_recipes(prose: str) -> None:
    strict = PageEvidence(PageLimits(pii_values=1, pii_per_1000_words=1))
    assert strict(Document(prose + " ada.byron@gmail.com", "en")).pii_pages == 1


def test_mistakes_are_sentences() -> None:
    with pytest.raises(ValueError, match="adult is 3"):
        DomainThresholds(adult=3)
    with pytest.raises(ValueError, match="min_pages is 0"):
        DomainThresholds(min_pages=0)
    with pytest.raises(ValueError, match="harm_hits is 0"):
        PageLimits(harm_hits=0)


class Found(PiiCounter):
    """Finds so many personal data in any text."""

    def __init__(self, values: int) -> None:
        super().__init__()
        self._number = values

    def values(self, text: str) -> dict[str, set[str]]:
        persons = {f"person{number}@gmail.com" for number in range(self._number - 1)}
        return {kind: set() for kind in KINDS} | {"email": persons, "phone": {"2126647665"}}


@pytest.mark.parametrize(
    ("values", "words", "bad"), [(5, 250, 1), (5, 251, 0), (4, 10, 0), (6, 300, 1), (6, 301, 0), (2, 0, 0), (5, 0, 1)]
)
def test_five_personal_data_and_twenty_in_a_thousand_words_are_a_bad_page(values: int, words: int, bad: int) -> None:
    evidence = PageEvidence(pii=Found(values))(Document("corn " * words, "en"))
    assert (evidence.pages, evidence.words, evidence.pii_values, evidence.pii_pages) == (1, words, values, bad)


@pytest.mark.parametrize(
    ("kind", "hits", "distinct", "words", "bad"),
    [
        ("adult", 5, 3, 500, 1),
        ("adult", 5, 3, 501, 0),
        ("adult", 4, 3, 100, 0),
        ("adult", 5, 2, 100, 0),
        ("harm", 3, 2, 1000, 1),
        ("harm", 3, 2, 1001, 0),
        ("harm", 2, 2, 100, 0),
        ("harm", 3, 1, 100, 0),
    ],
)
def test_hits_different_ones_and_density_make_a_bad_page(
    kind: str, hits: int, distinct: int, words: int, bad: int
) -> None:
    lines = (DATA / kind / "en.txt").read_text("utf-8").split("\n")
    entries = [entry for entry in lines if entry.isalpha()]  # without a weight: they count 1
    said = [*entries[:distinct], *[entries[0]] * (hits - distinct)]
    text = " ".join([*said, *["corn"] * (words - hits)])
    evidence = PageEvidence(pii=Found(1))(Document(text, "en"))
    assert (getattr(evidence, f"{kind}_hits"), getattr(evidence, f"{kind}_pages")) == (hits, bad)
    assert evidence.words == words


def test_of_a_long_page_so_many_words_are_looked_at() -> None:
    evidence = PageEvidence(pii=Found(1))(Document("corn " * 20_001 + "porn " * 9, "en"))
    assert (evidence.words, evidence.adult_hits) == (20_000, 0)


def test_the_shipped_thresholds() -> None:
    assert judge(Evidence(pages=2, adult_pages=2), DomainThresholds()) is None
    assert judge(Evidence(pages=3, adult_pages=2), DomainThresholds()) is None
    for kind, allowed in (("adult", 4), ("harm", 4), ("pii", 5)):
        assert judge(Evidence(pages=10, **{f"{kind}_pages": allowed}), DomainThresholds()) is None
        found = judge(Evidence(pages=10, **{f"{kind}_pages": allowed + 1}), DomainThresholds())
        assert found.reason == kind


def test_of_several_reasons_the_first_is_given() -> None:
    everything = {"adult_pages": 4, "harm_pages": 4, "pii_pages": 4}
    assert judge(Evidence(pages=4, **everything), DomainThresholds()).reason == "adult"
    assert judge(Evidence(pages=4, **{**everything, "adult_pages": 0}), DomainThresholds()).reason == "harm"


@pytest.mark.parametrize("field", [field.name for field in fields(PageLimits)])
def test_the_least_limits(field: str) -> None:
    least = 0 if "per" in field else 1
    PageLimits(**{field: least})
    with pytest.raises(ValueError, match=f"{field} is {least - 1}"):
        PageLimits(**{field: least - 1})


def test_a_domain_may_be_judged_by_one_page() -> None:
    assert judge(Evidence(pages=1, pii_pages=1), DomainThresholds(min_pages=1, pii=0)) == Reject("pii", 1.0)


@pytest.mark.parametrize("kind", ["pii", "adult", "harm"])
def test_scores_are_the_confidence_less_where_fewer_are_bad_than_a_domain_has_pages(kind: str) -> None:
    thresholds = DomainThresholds()
    share = thresholds.share(kind)
    for bad in range(8):
        for more in range(4):
            marks = Marks(name={kind: more}, links_out={kind: 1} if more else {})
            seen = more + bool(more)
            least = min(1.0, (bad + seen) / 3)
            sure = confidence(bad + seen, 9 + seen, share) * least
            evidence = Evidence(pages=9, **{f"{kind}_pages": bad})
            assert domain_scores(evidence, thresholds, marks)[kind] == round(sure if bad else min(sure, 0.8), 4)
            for prior in (0.0, 0.3, 1.0):
                found = bad + seen + 2 * prior
                sure = confidence(found, bad + seen + 2, share) * min(1.0, found / 3)
                assert lone_page_score(bad, prior, kind, thresholds, marks) == (round(sure, 4) if bad else 0)


@given(st.floats(0.05, 0.95), st.integers(0, 60), st.integers(1, 60))
def test_confidence_is_that_of_a_normal_distribution(threshold: float, bad: int, pages: int) -> None:
    bad = min(bad, pages)
    spread = (pages * threshold * (1 - threshold)) ** 0.5
    expected = NormalDist().cdf((bad - pages * threshold) / spread) if bad else 0
    assert confidence(bad, pages, threshold) == pytest.approx(expected, abs=1e-9)
    assert confidence(pages, pages, 1.0) == 0 and confidence(1, pages, 0.0) == 1
