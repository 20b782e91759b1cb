"""The class of a document for the mix: by marks of code and of mathematics, then by the language."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters import content_class as module
from filters.content_class import CLASSES, DOCUMENTATION, class_scores, content_class
from text.document import Document, Span


def document(characters: int, *spans: Span, language: str = "en", start: str = "") -> Document:
    return Document(start + "a" * (characters - len(start)), language, spans)


def test_prose_goes_by_its_language(prose: str) -> None:
    assert content_class(document(100)) == content_class(Document(prose, "en")) == "general"
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
    assert content_class(document(100, *apart), code=1.01) == "general"


REFERENCE = (
    "parse_rows(text) returns a list of strings. The parameter text is a string; with --strict an exception is raised "
    "where fieldNames are missing. Call std::move on the array, or use the method rowCount() of the class. "
)


def test_names_and_words_of_programs_make_code_without_a_span(prose: str) -> None:
    assert content_class(Document(REFERENCE * 3, "en")) == "code"
    assert content_class(Document(prose * 3 + REFERENCE, "en")) == "general"
    # Talk about software, brands and plurals in brackets are no code.
    for talk in (
        "Programmers love their languages: the Java class, the Python function, the string and the array of the web. ",
        "The new iPhone and the old iPad from eBay need the item(s) that the shop(s) sold. ",
    ):
        assert content_class(Document(talk * 5, "en")) == "general"


SPEECH = (
    "He concluded his speech, and the audience, thus moved, left the hall. The mayor had planned a new bridge over the river for "
    "years, and the council voted on Monday; the work will begin in the spring and cost two million. In conclusion, residents said "
    "that they had hoped for a tunnel, which would have been quieter for the houses along the bank. "
)
PUZZLE = (
    "On an island every person is either a knight, who always tells the truth, or a knave, who always lies. A says that at least "
    "one of us is a knave. Suppose that A is a knave. Then his statement is false, so neither of them is a knave, which "
    "contradicts what we supposed. Therefore A must be a knight. Since knights tell the truth, at least one of them is a knave. "
    "A is not, so it must be B. Hence A is a knight and B is a knave. "
)
EXPLANATION = (
    "We want to know why ice floats. A body floats if it is less dense than the liquid around it. In ice each molecule is held by "
    "four neighbours, so the molecules cannot move closer. In water some of these bonds are broken, and thus more molecules fit "
    "into the same space. Consequently water is densest when it is just above freezing. This implies that lakes freeze from above. "
)


@pytest.mark.parametrize("text", [PUZZLE, EXPLANATION, PUZZLE * 5 + EXPLANATION])
def test_reasoning_in_plain_words_goes_with_mathematics(text: str) -> None:
    scores = class_scores(Document(text, "en"))
    assert scores.reasoning >= 1 and scores.math == scores.code == 0
    assert content_class(Document(text, "en")) == "math"
    assert content_class(Document(text, "en"), math=10) == "general"
    assert class_scores(Document(text, "de")).reasoning == 0


@pytest.mark.parametrize(
    "text",
    [
        "The premises must be clean, therefore the premises are cleaned daily. Valid coupons only; invalid ones cannot be used. ",
        "If you must go, then go now, because the shop is only open if it is possible to know who cannot come. So it is true. ",
        SPEECH,
    ],
)
def test_single_words_of_argument_make_no_reasoning(text: str) -> None:
    assert content_class(Document(text * 3, "en")) == "general"


def test_marks_add_up_and_a_page_of_documentation_needs_fewer() -> None:
    text = "The server returns an object when the endpoint of the api is called, and the miller waits for it. " * 6
    with_code = Document(text + "x" * 60, "en", (Span(len(text), len(text) + 60, "code"),))
    bare = class_scores(with_code).code
    assert 0.5 < bare < class_scores(with_code, ("documentation",)).code == pytest.approx(bare + 0.25)
    assert class_scores(Document(text, "en"), ("documentation",)).code == 0


def test_programmers_words_count_twice_in_other_languages() -> None:
    text = "Der Müller ruft die api auf und der server antwortet mit json, dann steht die Mühle still. " * 5
    spans = (Span(0, 40, "code"),)
    assert class_scores(Document(text, "de", spans)).code > class_scores(Document(text, "en", spans)).code


def test_prompts_are_a_mark() -> None:
    shell = "\n".join(["Then grind the corn:", "$ mill --fast corn.txt", ">>> mill.grind(corn)"] * 3)
    assert content_class(Document(shell, "en")) == "code"


@pytest.mark.parametrize(
    ("formulas", "characters", "expected"),
    [
        (2, 600, "general"),
        (2, 500, "math"),
        (3, 100, "math"),
        (3, 1500, "math"),
        (3, 1501, "general"),
        (4, 2000, "math"),
    ],
)
def test_formulas_make_mathematics_by_their_density(formulas: int, characters: int, expected: str) -> None:
    spans = tuple(Span(10 * number, 10 * number + 5, "math") for number in range(formulas))
    assert content_class(document(characters, *spans)) == expected


def test_tex_commands_in_running_text_count_beside_spans() -> None:
    tex = r"\frac{1}{2} and \alpha "
    assert content_class(document(1000, start=tex)) == "general"
    assert content_class(document(1000, Span(50, 55, "math"), start=tex)) == "math"
    assert content_class(document(100, start=r"\frac \sum \begin{align} ", language="fr")) == "math"
    assert content_class(document(100, start=r"C:\fractal \summer \tools \intro ")) == "general"


def test_worked_problems_and_proofs_in_signs_are_mathematics(prose: str) -> None:
    problem = (
        "The mill grinds 48 / 2 = 24 sacks in May. Both months: 48 + 24 = 72, so each of 3 carts takes 72 / 3 = 24. "
    )
    assert content_class(Document(problem, "en")) == "math"
    proof = "Let a ∈ ℝ. For all b ≤ a there is c ∈ ℤ, hence b ≥ c, and the lemma follows. "
    assert content_class(Document(proof, "en")) == "math"
    assert content_class(Document(prose + problem[:44], "en")) == "general"
    for link in ("https://mill.example/?a=1&b=2&c=3 ", "size=big colour=red "):
        assert class_scores(Document(prose + link * 5, "en")).math == 0


def test_of_code_and_mathematics_the_stronger_is_taken() -> None:
    math = tuple(Span(number, number + 1, "math") for number in range(3))
    both = document(1000, *math, Span(50, 450, "code"))
    assert content_class(both) == content_class(document(1000, *math, Span(50, 450, "code"), language="de")) == "code"
    assert content_class(both, code=2.0) == "math"
    assert content_class(document(1000, *math, Span(50, 280, "code"))) == "math"


@given(st.text(max_size=300), st.sampled_from(["en", "de", "und"]))
def test_any_text_has_a_class_and_scores_are_not_negative(text: str, language: str) -> None:
    assert content_class(Document(text, language)) in CLASSES
    assert min(class_scores(Document(text, language))) >= 0


MARKS = {
    "code_share": 0.0, "code_tokens": 0.0, "code_words": 0.0, "prompts": 0.0, "formulas": 0.0, "formula_count": 0, "signs": 0.0,
    "math_words": 0.0, "inferences": 0.0, "different_inferences": 0, "conditions": 0.0, "characters": 1000,
}  # fmt: skip


def scored(
    monkeypatch: pytest.MonkeyPatch, language: str = "en", kinds: tuple[str, ...] = (), **marks: float
) -> tuple[float, ...]:
    """Scores of a document with these marks."""
    monkeypatch.setattr(module, "Marks", lambda document: SimpleNamespace(**{**MARKS, **marks}))
    return tuple(class_scores(Document("", language), kinds))


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ({"code_share": 0.2}, 1), ({"code_share": 0.1}, 0.5), ({"code_share": 0.02, "code_words": 10}, 1.1),
        ({"code_tokens": 4, "code_words": 10}, 2), ({"code_tokens": 4, "code_words": 1.5}, 1.15), ({"code_tokens": 4, "code_words": 1.49}, 0),
        ({"code_tokens": 1, "code_words": 2}, 0.45), ({"code_tokens": 0.99, "code_words": 20}, 0), ({"code_words": 50}, 0),
        ({"prompts": 0.2}, 1), ({"prompts": 0.1, "code_words": 4}, 0.9), ({"prompts": 0.1, "code_tokens": 4, "code_words": 1}, 0.6),
        ({"code_share": 0.12344}, 0.6172), ({"code_share": 0.12346}, 0.6173),
    ],
)  # fmt: skip
def test_what_speaks_for_code_adds_up(monkeypatch: pytest.MonkeyPatch, marks: dict[str, float], score: float) -> None:
    assert scored(monkeypatch, **marks) == (pytest.approx(score), 0, 0)
    documentation = scored(monkeypatch, kinds=(DOCUMENTATION,), **marks)
    assert documentation[0] == (pytest.approx(score + 0.25) if score else 0)
    halved = {name: value / 2 if name == "code_words" else value for name, value in marks.items()}
    assert scored(monkeypatch, "de", **halved)[0] == pytest.approx(score)


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ({"formulas": 2, "formula_count": 3}, 1), ({"formulas": 2, "formula_count": 2}, 0), ({"formulas": 4, "formula_count": 2}, 2),
        ({"formulas": 3.9, "formula_count": 2}, 0), ({"formulas": 4, "formula_count": 1}, 0), ({"signs": 5}, 1), ({"signs": 3}, 0.6),
        ({"signs": 2}, 0), ({"signs": 5, "characters": 400}, 1), ({"signs": 5, "characters": 290}, 0), ({"signs": 3.9, "characters": 640}, 0),
        ({"signs": 2, "formulas": 2, "formula_count": 1, "characters": 500}, 1.4), ({"math_words": 50}, 0),
        ({"formulas": 2, "formula_count": 3, "math_words": 8}, 2), ({"formulas": 2, "formula_count": 3, "math_words": 4}, 1.5),
        ({"formulas": 0.12346, "formula_count": 3}, 0.0617), ({"formulas": 0.12356, "formula_count": 3}, 0.0618),
    ],
)  # fmt: skip
def test_what_speaks_for_mathematics_adds_up(
    monkeypatch: pytest.MonkeyPatch, marks: dict[str, float], score: float
) -> None:
    assert scored(monkeypatch, **marks) == (0, pytest.approx(score, abs=1e-9), 0)


@pytest.mark.parametrize(
    ("inferences", "different", "conditions", "score"),
    [
        (1.6, 3, 5, 1.5),
        (1.6, 2, 5, 0),
        (1.6, 3, 4.9, 0),
        (0.8, 3, 10, 1.5),
        (1.23456, 3, 5, 1.2716),
        (1.2348, 3, 5, 1.2717),
    ],
)
def test_what_speaks_for_reasoning_adds_up(
    monkeypatch: pytest.MonkeyPatch, inferences: float, different: int, conditions: float, score: float
) -> None:
    found = scored(monkeypatch, inferences=inferences, different_inferences=different, conditions=conditions)
    assert found == (0, 0, pytest.approx(score, abs=1e-9))


@pytest.mark.parametrize(
    ("scores", "limits", "expected"),
    [
        ((1, 0, 0), (1, 1), "code"), ((0.99, 0, 0), (1, 1), "general"), ((0, 1, 0), (1, 1), "math"), ((0, 0, 1), (1, 1), "math"),
        ((0, 0.9, 0.99), (1, 1), "general"), ((1.5, 0, 0), (2, 1), "general"), ((2, 1.5, 0), (2, 1), "math"), ((1.2, 1.5, 0), (1, 2), "code"),
        ((1.2, 0, 1.5), (1, 1), "math"), ((1.2, 1, 1.1), (1, 1), "code"),
    ],
)  # fmt: skip
def test_a_class_is_what_is_most_over_its_limit(
    monkeypatch: pytest.MonkeyPatch, scores: tuple[float, ...], limits: tuple[float, float], expected: str
) -> None:
    monkeypatch.setattr(module, "class_scores", lambda *_: module.ClassScores(*scores))
    assert content_class(Document("", "en"), (), *limits) == expected
    assert content_class(Document("", "de"), (), *limits) == ("multilingual" if expected == "general" else expected)
