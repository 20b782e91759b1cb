"""Block, extract, identify on single records: the bounds of each verdict, and what is measured of a document that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blocklists.decisions import Decision, append
from pipeline.sources.records import FailedRecord, PageRecord, RejectedRecord
from pipeline.transforms.extracted_part import Measured, Outcome, Rejection
from pipeline.transforms.first_stages import FirstStages
from recipes import load

WORDS = """The miller opens the sluice an hour before sunrise when the pond is full and his daughter counts the sacks by the
door and chalks a mark for every tenth one while two horses wait in the yard with steam around their nostrils and nobody
speaks until the stones begin to turn for the first grain always sounds uneven""".split()
LISTED = "listed.example"


def text(count: int = 50, url: str = "https://www.mill.example/1", **changes: Any) -> PageRecord:
    common = {"id": "a" * 32, "date": "2024-05-01T00:00:00Z", "text": " ".join(WORDS[:count]), "title": " A  title "}
    return PageRecord(**{**common, "url": url, **changes})


def html(body: str, url: str = "https://www.mill.example/1") -> PageRecord:
    page = f"<html><head><title>Mill</title></head><body><article><p>{body}</p></article></body></html>"
    return PageRecord(
        "b" * 32, url, "2024-05-01T00:00:00Z", page.encode(), "text/html; charset=utf-8", file="a.warc", offset=7
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "listed.txt").write_text(f"{LISTED}\n")
    append(folder / "decisions.jsonl", [
        Decision("2026-11-28", "ada", "url", f"https://{LISTED}/kept", "keep", "false positive"),
        Decision("2026-11-28", "ada", "url", f"https://{LISTED}/dropped", "drop", "spam"),
    ])  # fmt: skip
    return folder


def stages(folder: Path, *changes: str) -> FirstStages:
    lists = [
        f"block.lists=[{folder}/listed.txt]",
        f"domains.listed=[{folder}/listed.txt]",
        "extract.parser=resiliparse",
    ]
    return FirstStages(load("llama3", [*lists, f"decisions=[{folder}/decisions.jsonl]", *changes]))


@pytest.fixture(scope="module")
def first(folder: Path) -> Iterator[FirstStages]:
    found = stages(folder)
    yield found
    found.close()


def verdict(outcome: Outcome) -> Any:
    return (
        (outcome.stage, outcome.reason, outcome.score, outcome.words)
        if isinstance(outcome, Rejection)
        else type(outcome)
    )


def one(first: FirstStages, record: Any) -> Any:
    (outcome,) = first.outcomes([record])
    return outcome


def test_what_reading_has_judged_is_handed_on(first: FirstStages) -> None:
    failed = FailedRecord("c" * 32, "", "torn")
    rejected = RejectedRecord("d" * 32, "https://mill.example/", "", "too_large", 9)
    handed, judged = first.outcomes([failed, rejected])
    assert handed is failed and verdict(judged) == ("read", "too_large", 9, 0)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (text(49), ("extract", "too_short", 49, 49)), (text(50), Measured), (text(text=" ... "), ("extract", "no_text", 0, 0)),
        (text(undecodable=0.01), Measured), (text(undecodable=0.011), ("extract", "undecodable", 0.011, 0)),
        (text(url=f"https://{LISTED}/1"), ("block", "listed", None, 0)), (text(url=f"https://{LISTED}/kept"), Measured),
        (text(url=f"https://{LISTED}/dropped"), ("block", "listed", None, 0)),
    ],
)  # fmt: skip
def test_each_verdict_has_its_number(first: FirstStages, record: PageRecord, expected: Any) -> None:
    assert verdict(one(first, record)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (("identify.languages=[de, en]",), Measured), (("identify.languages=[de]",), "language_en"),
        (("identify.min_score=1.0",), "uncertain_language"), (("identify=null",), Measured),
    ],
)  # fmt: skip
def test_languages_are_those_of_the_recipe(folder: Path, changes: tuple[str, ...], expected: Any) -> None:
    own = stages(folder, *changes)
    found = one(own, text())
    own.close()
    if expected is Measured:
        assert isinstance(found, Measured)
    else:
        assert (found.stage, found.reason, found.words, found.language) == ("identify", expected, 50, "en")
        assert 0 < found.score <= 1 and found.extracted.text


def test_what_is_measured_of_a_document(first: FirstStages) -> None:
    found = one(first, text(file="a.wet", offset=12))
    assert isinstance(found, Measured)
    features = {
        name: found.features[name] for name in ("id", "url", "language", "domain", "words", "lines", "class", "kinds")
    }
    assert features == {
        "id": "a" * 32, "url": "https://www.mill.example/1", "language": "en", "domain": "mill.example", "words": 50, "lines": 1,
        "class": "general", "kinds": (),
    }  # fmt: skip
    assert (found.features["warc_file"], found.features["warc_offset"]) == ("a.wet", 12)
    assert (
        found.features["url_key"]
        and found.features["content_hash"]
        and found.features["signature_of_words"] is not None
    )
    assert (found.features["links"], found.features["listed_links"]) == (None, None), "a text has no links"
    assert (found.features["published"], found.features["language_hint"]) == (None, None)
    assert (found.text["title"], found.text["text"], found.text["spans"]) == ("A title", " ".join(WORDS[:50]), ())
    assert (
        0.3 < found.features["language_score"] <= 1
        and found.text["language_score"] == found.features["language_score"]
    )


def test_links_to_other_domains_are_counted_and_those_that_are_listed(first: FirstStages) -> None:
    links = [
        f"https://{LISTED}/",
        f"https://www.{LISTED}/2",
        "https://other.example/",
        "https://third.org/",
        "/own",
        "https://a.mill.example/",
    ]
    body = " ".join(WORDS) + "".join(f" <a href='{link}'>x</a>" for link in links)
    pages = list(first.outcomes([html(body), text(3), html("short"), html(body, f"https://{LISTED}/links")]))
    # Texts and blocked pages come first, pages that are parsed last.
    assert [type(page) for page in pages] == [Rejection, Rejection, Measured, Rejection]
    short, blocked, measured, parsed = pages
    assert isinstance(measured, Measured) and (measured.features["links"], measured.features["listed_links"]) == (3, 1)
    assert isinstance(blocked, Rejection) and set(blocked.links) == {
        (LISTED, "mill.example"), (LISTED, "other.example"), (LISTED, "third.org"),
    }  # fmt: skip
    assert isinstance(short, Rejection) and short.links == () and isinstance(parsed, Rejection)
    assert (parsed.reason, measured.text["title"]) == ("too_short", "Mill")


def test_two_languages_are_told_where_the_recipe_asks(folder: Path) -> None:
    german = "Der Müller stand vor dem Morgen auf, denn der Wind hatte sich in der Nacht gedreht, und das Korn lag bereit.\n"
    record = text(text=" ".join(WORDS) + "\n" + german * 4)
    for changes, told in ((("identify.mixed_share=0.2",), {"de", "en"}), (("identify.mixed_share=null",), set())):
        own = stages(folder, *changes)
        (found,) = own.outcomes([record])
        own.close()
        assert isinstance(found, Measured)
        assert {each["language"] for each in found.features["languages"] or ()} == told


def test_pages_over_the_parser_s_limits_are_verdicts(folder: Path) -> None:
    own = stages(folder, "extract.max_tags=20", "read.max_record_bytes=3000", "domains.listed=[]")
    many, large, other = own.outcomes([html("<b>x</b>" * 20), html("x" * 4000), html(" ".join(WORDS))])
    own.close()
    assert verdict(many)[:2] == ("extract", "too_many_tags") and verdict(large)[:2] == ("extract", "too_many_bytes")
    assert isinstance(other, Measured) and other.features["links"] is None, "without lists nobody asks for links"


GERMAN = (
    "Der Müller öffnet vor Tagesanbruch die Schleuse, und bald dreht sich das Rad im kalten Wasser des Baches. Seine "
    "Tochter zählt die Säcke an der Tür und macht für jeden zehnten einen Strich mit Kreide an das alte Tor. "
)


def test_pages_surely_in_other_languages_go_unparsed_where_languages_are_named(folder: Path) -> None:
    english = stages(folder, "identify.languages=[en]")
    (went,) = english.outcomes([html(GERMAN * 3)])
    assert isinstance(went, Rejection)
    assert (went.stage, went.reason, went.language, went.words) == ("identify", "language_de", "de", 0)
    assert went.detail == "its markup, unparsed"
    assert went.score is not None and went.score > 0.8
    assert went.extracted is not None and went.extracted.text.startswith("Mill Der Müller öffnet")
    english.close()


@pytest.mark.parametrize(
    "changes", [("identify.languages=[en]", "identify.before_parsing=false"), ("identify.languages=[en,de]",), ()]
)
def test_pages_are_parsed_where_that_is_off_or_their_language_is_wanted(
    folder: Path, changes: tuple[str, ...]
) -> None:
    parsing = stages(folder, *changes)
    (outcome,) = parsing.outcomes([html(GERMAN * 3)])
    if isinstance(outcome, Rejection):
        assert (outcome.reason, outcome.detail) == ("language_de", None)
        assert outcome.words > 100
    else:
        assert isinstance(outcome, Measured)
        assert outcome.features["language"] == "de"
    parsing.close()


def test_a_page_that_states_a_wanted_language_is_parsed(folder: Path) -> None:
    english = stages(folder, "identify.languages=[en]")
    page = html(GERMAN * 3)
    stated = replace(page, html=page.html.replace(b"<html>", b"<html lang=en-GB>"))
    (went,) = english.outcomes([stated])
    assert isinstance(went, Rejection)
    assert (went.reason, went.detail) == ("language_de", None)
    english.close()


def test_a_page_over_a_limit_goes_for_that_whatever_its_language(folder: Path) -> None:
    english = stages(folder, "identify.languages=[en]", "extract.max_tags=3")
    (went,) = english.outcomes([html(GERMAN * 3)])
    assert isinstance(went, Rejection)
    assert (went.stage, went.reason) == ("extract", "too_many_tags")
    english.close()
