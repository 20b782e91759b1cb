"""Presidio's recognizers find what their own do, without the network and without asking all regions."""

from __future__ import annotations

from typing import Any

import pytest

from filters.presidio import load_recognizers


@pytest.fixture(scope="module")
def recognizers() -> dict[str, Any]:
    return load_recognizers(("US", "GB", "DE"))


def found(recognizer: Any, text: str) -> list[str]:
    results = recognizer.analyze(text, recognizer.supported_entities)
    return sorted({text[result.start : result.end] for result in results if result.score > 0})


def test_there_is_one_of_each_kind(recognizers: dict[str, Any]) -> None:
    assert set(recognizers) == {"email", "phone", "ssn"}
    assert found(recognizers["ssn"], "SSN 536-22-8791") == ["536-22-8791"]


def test_addresses_have_a_public_suffix(recognizers: dict[str, Any]) -> None:
    text = "ada@miller.com, bob@mühle.de, joe@intranet.local, eve@co.uk"
    assert found(recognizers["email"], text) == ["ada@miller.com", "bob@mühle.de"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(212) 664-7665", ["(212) 664-7665"]),
        ("+49 30 901820", ["+49 30 901820"]),
        ("030 901820", ["030 901820"]),  # Germany's alone, the last region
        ("020 7946 0018", ["020 7946 0018"]),
        # Beside other text all regions are asked, whether it stands in front or behind.
        ("212 664 7665 or 020 7946 0018", ["020 7946 0018", "212 664 7665"]),
        ("or 212 664 7665", ["212 664 7665"]),
        ("212 664 7665 or", ["212 664 7665"]),
        ("x 212 664 7665, 020 7946 0018", ["020 7946 0018", "212 664 7665"]),
        ("x 020 7946 0018", ["020 7946 0018"]),
        ("none", []),
    ],
)
def test_numbers_of_all_regions(recognizers: dict[str, Any], text: str, numbers: list[str]) -> None:
    assert found(recognizers["phone"], text) == numbers


def test_regions_are_asked_until_one_takes_the_whole_text(recognizers: dict[str, Any]) -> None:
    """One find is enough, and it is not said again by another region."""
    phone = recognizers["phone"]
    for text, finds in (("212 664 7665", 1), ("+49 30 901820", 1), ("+49 30 901820 ", 1), ("(+49 30 901820", 1)):
        assert len(phone.analyze(text, phone.supported_entities)) == finds, text
    asked: list[str] = []
    original = type(phone)._get_recognizer_result

    def noted(self: Any, match: Any, text: str, region: str, artifacts: Any) -> Any:
        asked.append(region)
        return original(self, match, text, region, artifacts)

    for text, regions in (
        ("+49 30 901820", ["US"]),
        ("+49 30 901820.", ["US", "GB", "DE"]),
        (".+49 30 901820", ["US", "GB", "DE"]),
    ):
        asked.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(phone), "_get_recognizer_result", noted)
            phone.analyze(text, phone.supported_entities)
        assert asked == regions, text
