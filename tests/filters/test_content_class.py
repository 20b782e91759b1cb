"""The class of a document for the mix: by the share of code, the density of formulas, then the language."""

from __future__ import annotations

import pytest

from filters.content_class import CLASSES, content_class
from text.document import Document, Span


def document(characters: int, *spans: Span, language: str = "en", start: str = "") -> Document:
    return Document(start + "a" * (characters - len(start)), language, spans)


def test_prose_goes_by_its_language() -> None:
    assert content_class(document(100)) == "general"
    assert (
        content_class(document(100, language="de")) == content_class(document(100, language="und")) == "multilingual"
    )
    assert content_class(Document("", "en")) == "general"
    assert set(CLASSES) == {"general", "math", "code", "multilingual"}


@pytest.mark.parametrize(("held", "expected"), [(19, "general"), (20, "code"), (100, "code")])
def test_a_fifth_of_code_makes_code(held: int, expected: str) -> None:
    assert content_class(document(100, Span(0, held, "code"))) == expected


def test_code_is_added_up_and_nothing_else_is_code() -> None:
    apart = (Span(0, 10, "code"), Span(50, 60, "code"))
    assert content_class(document(100, *apart)) == "code"
    assert content_class(document(100, Span(0, 90, "table"), Span(90, 100, "quote"))) == "general"
    assert content_class(document(100, *apart), code_share=0.21) == "general"


@pytest.mark.parametrize(
    ("formulas", "characters", "expected"),
    [(2, 100, "general"), (3, 100, "math"), (3, 1500, "math"), (3, 1501, "general"), (4, 2000, "math")],
)
def test_three_formulas_and_two_in_a_thousand_characters_make_mathematics(
    formulas: int, characters: int, expected: str
) -> None:
    spans = tuple(Span(10 * number, 10 * number + 5, "math") for number in range(formulas))
    assert content_class(document(characters, *spans)) == expected


def test_tex_commands_in_running_text_count_beside_spans() -> None:
    tex = r"\frac{1}{2} and \alpha "
    assert content_class(document(100, start=tex)) == "general"
    assert content_class(document(100, Span(50, 55, "math"), start=tex)) == "math"
    assert content_class(document(100, start=r"\frac \sum \begin{align} ", language="fr")) == "math"
    assert content_class(document(100, start=r"C:\fractal \summer \tools \intro ")) == "general"


def test_code_comes_before_mathematics_and_both_before_the_language() -> None:
    math = tuple(Span(number, number + 1, "math") for number in range(3))
    assert content_class(document(100, *math, Span(50, 90, "code"), language="de")) == "code"
