"""Content MathML: what each kind of element becomes, and where parentheses are set."""

from __future__ import annotations

import pytest

from parsers.formulas.mathml import mathml_to_tex

A, B, C, F, X, Y = (f"<ci>{name}</ci>" for name in ("a", "b", "c", "f", "x", "y"))
ONE, TWO, THREE, MINUS_ONE = (f"<cn>{number}</cn>" for number in ("1", "2", "3", "-1"))


def apply(operator: str, *arguments: str) -> str:
    head = f"<{operator}></{operator}>" if operator.isalnum() else operator
    return f"<apply>{head}{''.join(arguments)}</apply>"


def bound(*variables: str) -> str:
    return "".join(f"<bvar>{variable}</bvar>" for variable in variables)


SUM, DIFFERENCE, PRODUCT, QUOTIENT = (apply(name, A, B) for name in ("plus", "minus", "times", "divide"))
EQUATION = apply("eq", A, B)
BOTH = apply("and", A, B)


def tex(markup: str) -> str:
    return mathml_to_tex(f"<math>{markup}</math>")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (apply("plus", A), "+a"), (apply("minus", A), "-a"), (apply("times", A), "a"), (apply("plus"), r"+\left(\right)"),
        (apply("minus", SUM), r"-\left(a + b\right)"), (apply("minus", PRODUCT), "-a b"),
        (apply("times", SUM), r"\left(a + b\right)"), (apply("plus", A, B, C), "a + b + c"),
        # A term with a sign of its own loses the plus before it; after another operator it keeps it.
        (apply("plus", A, apply("minus", B)), "a - b"), (apply("plus", A, MINUS_ONE), "a - 1"),
        (apply("minus", A, MINUS_ONE), "a - -1"), (apply("eq", A, MINUS_ONE), "a = -1"),
        (apply("plus", MINUS_ONE, A), "-1 + a"),
        # The first operand keeps its parentheses off where the operator is its own; the others don't.
        (apply("minus", DIFFERENCE, C), "a - b - c"), (apply("minus", A, DIFFERENCE), r"a - \left(a - b\right)"),
        (apply("minus", EQUATION, C), r"\left(a = b\right) - c"), (apply("and", EQUATION, EQUATION), r"a = b \land a = b"),
        (apply("implies", A, BOTH), r"a \implies \left(a \land b\right)"),
        (apply("cartesianproduct", A, PRODUCT), r"a \times \left(a b\right)"),
        # Factors: a point before a number, and between two that begin and end in digits.
        (apply("times", A, TWO), r"a \cdot 2"), (apply("times", TWO, A), "2 a"), (apply("times", TWO, THREE), r"2 \cdot 3"),
        (apply("times", "<ci>x1</ci>", "<ci>2y</ci>"), r"x1 \cdot 2y"), (apply("times", A, "<ci>2y</ci>"), "a 2y"),
        (apply("times", QUOTIENT, "<ci>2y</ci>"), r"\frac{a}{b} 2y"), (apply("times", A, SUM), r"a \left(a + b\right)"),
        (apply("in", X, "<reals></reals>"), r"x \in \mathbb{R}"),
    ],
)  # fmt: skip
def test_operators_between_their_operands(markup: str, expected: str) -> None:
    assert tex(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (apply("power", A, TWO), "a^{2}"), (apply("power", MINUS_ONE, TWO), r"\left(-1\right)^{2}"),
        (apply("power", apply("sin", X), TWO), r"\left(\sin x\right)^{2}"), (apply("power", A), "a"),
        (apply("power", SUM, "<ci>n</ci>"), r"\left(a + b\right)^{n}"),
        (apply("factorial", A), "a!"), (apply("factorial", SUM), r"\left(a + b\right)!"),
        (apply("inverse", F), "f^{-1}"), (apply("transpose", PRODUCT), r"\left(a b\right)^{T}"),
        (apply("power", apply("transpose", A), TWO), "{a^{T}}^{2}"), (apply("power", apply("factorial", A), TWO), "a!^{2}"),
        (apply("inverse", "<sin></sin>"), r"\sin^{-1}"), (apply(apply("inverse", "<sin></sin>"), X), r"\sin^{-1} x"),
        (apply("root", X), r"\sqrt{x}"), (apply("root", "<degree><cn>2</cn></degree>", X), r"\sqrt{x}"),
        (apply("abs", X), r"\left|x\right|"), (apply("floor", X), r"\left\lfloor x\right\rfloor"),
        (apply("quotient", A, B), r"\left\lfloor \frac{a}{b} \right\rfloor"),
        (apply("selector", A, ONE, TWO), "a_{1, 2}"), (apply("selector", A), "a"),
    ],
)  # fmt: skip
def test_powers_and_what_stands_around_or_behind(markup: str, expected: str) -> None:
    assert tex(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (apply("sin", X), r"\sin x"), (apply("sin", TWO), r"\sin 2"), (apply("sin", "<ci>α</ci>"), r"\sin \alpha"),
        (apply("sin", SUM), r"\sin\left(a + b\right)"), (apply("sin", MINUS_ONE), r"\sin\left(-1\right)"),
        (apply("sin", X, Y), r"\sin\left(x, y\right)"), (apply("sin"), r"\sin\left(\right)"),
        (apply("sin", apply("abs", X)), r"\sin \left|x\right|"),
        (apply("real", X), r"\operatorname{Re} x"), (apply("real", "<ci>α</ci>"), r"\operatorname{Re} \alpha"),
        (apply("real", apply("selector", A, ONE)), r"\operatorname{Re} a_{1}"), (apply("grad", F), r"\nabla f"), (apply("not", A), r"\neg a"),
        (apply(F, X), r"f\left(x\right)"), (apply(F), "f"),
        (apply(apply("compose", F, "<ci>g</ci>"), X, Y), r"\left(f \circ g\right)\left(x, y\right)"),
        (apply("<ci>sin</ci>", X), r"\sin x"), (apply("<ci>rate</ci>", X), r"rate\left(x\right)"),
        (apply("<csymbol>plus</csymbol>", A, B), "a + b"), (apply("<csymbol>erf</csymbol>", A), r"erf\left(a\right)"),
        (apply("<ci>plus</ci>", A), r"plus\left(a\right)"),
        (apply("log", X), r"\log x"), (apply("log", "<logbase><cn>3</cn></logbase>", X), r"\log_{3} x"),
        (apply("max", A, B), r"\max\left(a, b\right)"), (apply("median", A), r"\operatorname{median} a"),
        (apply(F, "<plus></plus>"), r"f\left(+\right)"), (apply(F, "<sum></sum>"), r"f\left(\sum\right)"),
        (apply(F, "<divide></divide>"), r"f\left(\operatorname{divide}\right)"),
        ("<apply></apply>", ""),
    ],
)  # fmt: skip
def test_functions_and_their_arguments(markup: str, expected: str) -> None:
    assert tex(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<cn>12</cn>", "12"), ("<cn></cn>", ""), ("<cn><mn>5</mn></cn>", "5"), ("<ci><mi>y</mi></ci>", "y"),
        ('<cn type="rational">1<sep></sep>2</cn>', r"\frac{1}{2}"),
        ('<cn type="e-notation">3<sep></sep>8</cn>', r"3 \times 10^{8}"),
        ('<cn type="complex-polar">2<sep></sep>π</cn>', r"2 e^{i \pi}"),
        ('<cn type="complex-cartesian">2<sep></sep>3</cn>', "2 + 3i"),
        ('<cn type="other">2<sep></sep>3<sep></sep>4</cn>', "2 3 4"),
        # They bind as what they are written with does.
        (apply("times", A, '<cn type="complex-cartesian">2<sep></sep>3</cn>'), r"a \left(2 + 3i\right)"),
        (apply("power", '<cn type="e-notation">3<sep></sep>8</cn>', TWO), r"\left(3 \times 10^{8}\right)^{2}"),
        (apply("power", '<cn type="complex-polar">2<sep></sep>3</cn>', TWO), r"\left(2 e^{i 3}\right)^{2}"),
        (apply("power", '<cn type="rational">1<sep></sep>2</cn>', TWO), r"\frac{1}{2}^{2}"),
        ("<ci>a</ci><ci>rate</ci>", "a rate"), ("<ci>a</ci><ci>b</ci>", "ab"), ("<ci>ab</ci><ci>c</ci>", "ab c"),
        ("<infinity></infinity>", r"\infty"), ("<imaginaryi></imaginaryi>", "i"),
    ],
)  # fmt: skip
def test_numbers_and_names(markup: str, expected: str) -> None:
    assert tex(markup) == expected


LOW, HIGH = "<lowlimit><cn>0</cn></lowlimit>", "<uplimit><ci>n</ci></uplimit>"
WHERE = f"<condition>{apply('in', X, A)}</condition>"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (apply("int", bound(X), F), r"\int f\, dx"), (apply("int", bound(X), LOW, HIGH, F), r"\int_{0}^{n} f\, dx"),
        (apply("int", bound(X, Y), WHERE, SUM), r"\int_{x \in a} \left(a + b\right)\, dx\, dy"),
        (apply("int", F), r"\int f"),
        (apply("sum", bound(X), LOW, HIGH, PRODUCT), r"\sum_{x = 0}^{n} a b"), (apply("sum", bound(X), F), r"\sum_{x} f"),
        (apply("sum", bound(X), WHERE, F), r"\sum_{x \in a} f"), (apply("sum", LOW, F), r"\sum_{ = 0} f"),
        (apply("product", bound(X), "<domainofapplication><ci>S</ci></domainofapplication>", F), r"\prod_{S} f"),
        (apply("limit", bound(X), LOW, F), r"\lim_{x \to 0} f"), (apply("limit", bound(X), F), r"\lim_{x} f"),
        (apply("limit", bound(X), f"<condition>{apply('tendsto', X, A)}</condition>", F), r"\lim_{x \to a} f"),
        (apply("forall", bound(X, Y), F), r"\forall x, y\colon f"),
        (apply("exists", bound(X), WHERE, F), r"\exists x \in a\colon f"),
        (apply("times", A, apply("forall", bound(X), F)), r"a \left(\forall x\colon f\right)"),
        (apply("power", apply("sum", bound(X), F), TWO), r"\left(\sum_{x} f\right)^{2}"),
        (apply("plus", A, apply("sum", bound(X), F)), r"a + \sum_{x} f"),
        (apply("diff", F), "{f}'"), (apply("diff", bound(X), F), r"\frac{d}{dx} f"),
        (apply("diff", bound(X), SUM), r"\frac{d}{dx} \left(a + b\right)"),
        (apply("diff", f"<bvar>{X}<degree>{THREE}</degree></bvar>", PRODUCT), r"\frac{d^{3}}{dx^{3}} a b"),
        (apply("partialdiff", bound(X, Y), F), r"\frac{\partial}{\partial x \partial y} f"),
        (apply("partialdiff", f"<bvar>{X}<degree>{TWO}</degree></bvar>", bound(Y), f"<degree>{THREE}</degree>", F),
         r"\frac{\partial^{3}}{\partial x^{2} \partial y} f"),
        (apply("moment", f"<degree>{THREE}</degree>", A), r"\left\langle a^{3} \right\rangle"),
        (apply("moment", A), r"\left\langle a \right\rangle"),
    ],
)  # fmt: skip
def test_signs_with_bound_variables(markup: str, expected: str) -> None:
    assert tex(markup) == expected


@pytest.mark.parametrize(
    ("closure", "expected"),
    [("", r"\left[a, b\right]"), ("closed", r"\left[a, b\right]"), ("open", r"\left(a, b\right)"),
     ("open-closed", r"\left(a, b\right]"), ("closed-open", r"\left[a, b\right)")],
)  # fmt: skip
def test_intervals(closure: str, expected: str) -> None:
    given = f' closure="{closure}"' if closure else ""
    assert tex(f"<interval{given}>{A}{B}</interval>") == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (f"<set>{A}{B}</set>", r"\left\{a, b\right\}"), (f"<list>{A}{B}</list>", r"\left(a, b\right)"),
        (f"<set>{bound(X)}{F}</set>", r"\left\{f \mid x\right\}"),
        (f"<set>{bound(X)}{WHERE}{F}</set>", r"\left\{f \mid x \in a\right\}"),
        (f"<vector>{A}{B}</vector>", r"\begin{pmatrix} a \\ b \end{pmatrix}"),
        (f"<lambda>{bound(X, Y)}{SUM}</lambda>", r"x, y \mapsto a + b"),
        (apply("plus", A, f"<lambda>{bound(X)}{F}</lambda>"), r"a + \left(x \mapsto f\right)"),
        (f"<piecewise><piece>{A}{EQUATION}</piece><otherwise>{B}</otherwise></piecewise>",
         r"\begin{cases} a & \text{if } a = b \\ b & \text{otherwise} \end{cases}"),
    ],
)  # fmt: skip
def test_containers(markup: str, expected: str) -> None:
    assert tex(markup) == expected
