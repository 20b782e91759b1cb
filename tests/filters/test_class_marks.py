"""Each mark of code and of mathematics on a text that has it, beside one that only looks so."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filters.class_marks import Marks
from text.document import Document, Span

FILLER = "corn " * 100


def of(text: str, *spans: Span, language: str = "en") -> Marks:
    return Marks(Document(text, language, spans))


def code_tokens(text: str) -> float:
    """How many there are, by the words of the prose."""
    document = Document(text, "en")
    return round(of(text).code_tokens * max(1, len(document.prose.folded)) / 100, 6)


@pytest.mark.parametrize(
    ("token", "count"),
    [
        ("open(file)", 1), ("open()", 1), ("the mill(s)", 0), ("Müller(innen)", 0), ("the mill (old)", 0), ("open(a b)", 0),
        ("std::vector", 1), ("p->next", 1), (" :: ", 0), ("a -> b", 0),
        ("snake_case", 1), ("row2_of_3", 1), ("Snake_case", 0), ("_name", 0), ("files/my_page.html", 0), ("my_name@mill", 0),
        ("--option", 1), ("---option", 0), ("a--option", 0), ("--7", 0),
        ("a == b", 1), ("a != b", 1), ("a === b", 1), ("a <= b", 1), ("a >= b", 1), ("a += b", 1), ("a -= b", 1), ("x => y", 1),
        ("a && b", 1), ("a || b", 1), ("=====", 0), ("a = b", 0),
        ("a <tag> b", 1), ("a </tag> b", 1), ("a < b > c", 0), ("<Tag>", 0), ("#include", 1),
        ("camelCase", 1), ("iPhone", 0), ("aCase", 0), ("McDonald", 0), ("loadURL", 0), ("loadUrl", 1), ("x1camelCase", 0),
        ("my_camelCase", 1), ("X_camelCase", 0), ("camelCaseName", 1), ("deCaSe", 1),
    ],
)  # fmt: skip
def test_names_and_operators_of_programs(token: str, count: int) -> None:
    assert code_tokens(token) == count
    assert code_tokens(f"The {token} of\n{token}") == 2 * count


@pytest.mark.parametrize(
    ("line", "is_prompt"),
    [
        ("$ ls", True), ("$ ./run", True), ("$ 5", False), ("  >>> x", True), (">>>x", False), ("In [12]: x", True),
        ("In [a]: x", False), ("PS C: dir", True), ("PS c: dir", False), ("ada@mill:~$ ls", True), ("ada@mill:/srv# ls", True),
        ("C:\\> dir", True), ("mysql> select", True), ("irb(main):001:0> x", True), ("the $ price", False),
    ],
)  # fmt: skip
def test_lines_that_begin_with_a_prompt(line: str, is_prompt: bool) -> None:
    assert of(line).prompts == (1.0 if is_prompt else 0.0)
    assert of(f"{line}\ncorn\ncorn\n{line}").prompts == (0.5 if is_prompt else 0.0)


def test_shares_and_densities() -> None:
    text = "x = f(y)\n" + "corn " * 50 + "function corn parser "
    found = of(text, Span(0, 8, "code"), Span(9, 13, "math"))
    assert found.code_share == 8 / len(text)
    # Spans of code and of formulas are no prose: 49 and three words are left, two of them programmers'.
    assert found.code_words == pytest.approx(2 / 52 * 100)
    assert (found.code_tokens, found.math_words, found.signs) == (0, 0, 0)
    assert (found.formula_count, found.formulas) == (1, pytest.approx(1000 / len(text)))
    none = of("")
    assert (none.code_share, none.code_tokens, none.code_words, none.prompts, none.formulas, none.signs) == (0,) * 6
    assert (none.math_words, none.formula_count, none.inferences, none.conditions, none.different_inferences) == (
        0,
    ) * 5


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("\\frac", 1), ("\\frac{1}{2} \\alpha", 2), ("\\fractal", 0), ("\\begin{align}", 1), ("C:\\temp", 0), ("\\in", 1),
        ("x = 2", 1), ("x=2y", 1), ("48 = 24", 1), ("n = -3", 1), ("p = $5", 1), ("a == b", 0), ("?a=1", 0), ("&a=1", 0),
        ("x = yz", 0), ("xy = 3", 0), ("x = y", 1), ("3.5% = 7", 1), ("#a=1", 0),
    ],
)  # fmt: skip
def test_formulas_in_running_text(text: str, count: int) -> None:
    assert of(text).formula_count == count
    assert of(f"{text} {FILLER}{text}").formula_count == 2 * count


def test_signs_and_words_of_mathematicians() -> None:
    text = f"∑ ℝ ⊂ x {FILLER}theorem lemma"
    found = of(text)
    assert found.signs == pytest.approx(3 / len(text) * 1000)
    assert found.math_words == pytest.approx(2 / 104 * 100)
    assert of(text, Span(0, 5, "math")).signs == 0


@dataclass(frozen=True)
class Argument:
    text: str = "Suppose the wheel stands, therefore, if it must, the miller rests; therefore it stands."
    inferences: int = 3
    different: int = 2
    conditions: int = 2
    words: int = 14


def test_arguments_count_in_english_and_conditions_beside_inferences_alone() -> None:
    told = Argument()
    found = of(told.text)
    assert found.inferences == pytest.approx(told.inferences / told.words * 100)
    assert found.conditions == pytest.approx(told.conditions / told.words * 100)
    assert found.different_inferences == told.different
    german = of(told.text, language="de")
    assert (german.inferences, german.conditions, german.different_inferences) == (0, 0, 0)
    assert of("If it must, the miller rests.").conditions == 0


def test_a_line_with_many_prompts_is_looked_at_once() -> None:
    one = "$ make all " * 100_000
    assert Marks(Document(one)).prompts == 1
    assert Marks(Document("say " + one + "\n$ make\n# none\n  $ make # twice")).prompts == 2 / 4


# Letters in double strokes among those like letters; operators; more of them; letters of formulas.
SIGNS = "\u2102 \u210d \u2115 \u2119-\u211d \u2124 \u2200-\u22ff \u2a00-\u2aff \U0001d400-\U0001d7ff"


def test_signs_are_those_of_unicode_s_blocks() -> None:
    for stretch in SIGNS.split():
        first, last = ord(stretch[0]), ord(stretch[-1])
        assert of(chr(first - 1) + chr(last + 1)).signs == 0, stretch
        assert of(chr(first) + chr(last)).signs == 1_000, stretch
    assert of("\u00e9 \u2103 \U0010ffff").signs == 0


def test_densities_are_of_characters_of_words_and_of_lines() -> None:
    assert of("\u2211" * 3 + " " * 1_497).signs == pytest.approx(2)
    assert of("x = 1" + " " * 3_995).formulas == pytest.approx(0.25)
    # Words by the hundred, however few they are, and lines by their number.
    assert of("theorem").math_words == 100 and of("theorem corn").math_words == 50
    assert of("$ make\ncorn\ncorn\n").prompts == 1 / 4


@pytest.mark.parametrize(
    "prompt",
    [
        "$ make",
        ">>> f(x)",
        "In [12]: x",
        "PS C:\\",
        "ada@host:~/src$ ls",
        "ada@host:/# ls",
        "C:\\> dir",
        "mysql> select",
        "irb(main)",
    ],
)
def test_each_prompt_is_looked_for(prompt: str) -> None:
    assert of(f"{prompt}\ncorn").prompts == of(f"corn\n  {prompt}").prompts == 1 / 2
    assert of(f"corn {prompt}\ncorn").prompts == 0
    assert of(f"corn\n{prompt}\n{prompt}\ncorn").prompts == 1 / 2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("camelCase", 1),
        ("aCase", 0),
        ("x camelCase", 1),
        ("1camelCase", 0),
        ("_camelCase", 0),
        ("XcamelCase", 0),
        (".camelCase", 1),
        ("camelCASE", 0),
    ],
)
def test_humps_stand_in_words_that_begin_small(text: str, count: int) -> None:
    assert code_tokens(text) == count


EQUATION = re.compile(
    r"(?<![\w=<>!?&.;#-])(?:[a-zA-Z]|\d[\d.,]*%?)\s?=\s?[$\u20ac\u00a3(\u2212-]*(?:\d|[a-zA-Z](?!\w))"
)
EQUATIONS = st.text(st.sampled_from(list("aB=12 .,%(\u2212$-x\u00b2\u0663\u00e9\n<;_")))


@given(EQUATIONS)
@example("a=b=c 1,000 = 5 x =7")
@example("=1")
@example("5% = 1 = 2")
def test_equations_are_what_an_expression_finds_from_left_to_right(text: str) -> None:
    assert of(text).formula_count == len(EQUATION.findall(text))
