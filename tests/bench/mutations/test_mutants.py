"""Changes are small, at their place, and made to decisions alone."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from bench.mutations.mutants import mutants


def changed(source: str) -> set[str]:
    """All mutants of ``source``, each as the changed line alone."""
    lines = source.splitlines()
    found = set()
    for mutant in mutants(source):
        (line,) = set(mutant.apply(source).splitlines()) - set(lines) or {""}
        found.add(line.strip())
    return found


def test_a_comparison_is_weakened_and_turned_round() -> None:
    assert changed("def f(a, b): return a < b") == {
        "def f(a, b): return (a <= b)",
        "def f(a, b): return (a >= b)",
    }
    assert changed("x = a is not b") == {"x = (a is b)"}
    assert changed("x = a not in b") == {"x = (a in b)"}
    assert changed("x = a <= b < c") == {
        "x = (a < b < c)",
        "x = (a > b < c)",
        "x = (a <= b <= c)",
        "x = (a <= b >= c)",
    }


def test_logic_and_conditions_are_turned_round() -> None:
    assert changed("x = a and b or c") == {"x = (a or b) or c", "x = ((a and b) and c)"}
    assert changed("x = not a") == {"x = (a)"}
    assert changed("x = a if b else c") == {"x = a if (not (b)) else c"}
    assert changed("x = [a for a in b if a]") == {"x = [a for a in b if (not (a))]"}


def test_numbers_move_by_one_or_twofold() -> None:
    assert changed("LIMIT = 5") == {"LIMIT = (6)", "LIMIT = (4)"}
    assert changed("SHARE = 0.5") == {"SHARE = (1.0)", "SHARE = (0.25)"}
    assert changed("ZERO = 0.0") == {"ZERO = (1.0)"}
    assert changed("x = f(flag=True)") == {"x = f(flag=(False))"}


def test_arithmetic_changes_its_sign_and_bounds_are_left_out() -> None:
    assert changed("x = a - b * c") == {"x = (a + b * c)", "x = a - (b / c)"}
    assert changed("x = -a") == {"x = (a)"}
    assert changed("x = min(a, b)") == {"x = (max(a, b))", "x = (a)", "x = (b)"}
    assert changed("n += b") == {"n -= b", "pass"}


def test_steps_of_a_job_are_joined_and_not_added() -> None:
    assert changed('x = pages | "read" >> step | beam.Flatten()') == set()
    assert changed("x = pages | flag") == {"x = (pages & flag)"}
    assert changed("x = pages | 3 >> n") == {
        "x = (pages & 3 >> n)",
        "x = pages | (3 << n)",
        "x = pages | (4) >> n",
        "x = pages | (2) >> n",
    }


def test_statements_with_an_effect_are_left_out() -> None:
    assert changed("check(x)") == {"pass"}
    assert changed("self.x = y") == {"pass"}
    assert changed("def f():\n    yield x") == {"pass"}
    assert changed("for x in y:\n    continue") == {"pass"}
    assert changed("if x:\n    raise ValueError(f'{x + 1} is too much')") == {"if (not (x)):", "pass"}


def test_messages_annotations_imports_and_plain_names_are_let_be() -> None:
    assert changed('"""Text."""\nimport a\n\ndef f(x: Literal[3] = y) -> T[4]:\n    return f"{x + 1}" + "s"') == set()
    assert changed("x = zip(a, b, strict=True)") == set()
    assert changed("@cached(3)\nclass A(B[2]):\n    x: Bound[1]") == set()


def test_places_are_counted_in_bytes() -> None:
    assert changed("x = 'é∂' if a < b else 'ü'") == {
        "x = 'é∂' if (a <= b) else 'ü'",
        "x = 'é∂' if (a >= b) else 'ü'",
    }


def test_a_change_names_the_place_on_its_line() -> None:
    source = "x = f(\n    1,\n    1)"
    assert [mutant.change for mutant in mutants(source)] == [
        "[[1 => (0)]],",
        "[[1 => (2)]],",
        "[[1 => (0)]])",
        "[[1 => (2)]])",
    ]
    assert [mutant.line for mutant in mutants(source)] == [2, 2, 3, 3]
    assert [mutant.change for mutant in mutants("x = (a <\n   b) + 'c'")] == [
        "x = ([[a < b => (a <= b)]]) + 'c'",
        "x = ([[a < b => (a >= b)]]) + 'c'",
    ]


@given(
    st.recursive(
        st.sampled_from(["a", "b", "1", "0.5", "'é'"]),
        lambda inner: st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(["+", "-", "*", "//", "and", "or", "<", ">=", "in", "=="]),
            inner,
        ),
        max_leaves=8,
    )
)
def test_every_mutant_is_another_program(expression: str) -> None:
    source = f"x = {expression}\ny = f({expression})\n"
    for mutant in mutants(source):
        assert ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source))
