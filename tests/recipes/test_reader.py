"""Dataclasses out of settings: each hint takes what it says, and every refusal names key, type and place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest

from recipes.located import SettingsError, change, located, read_yaml
from recipes.reader import Bound, read


@dataclass(frozen=True)
class Inner:
    share: Annotated[float, Bound(0, 1)]
    count: int = 3

    def __post_init__(self) -> None:
        if self.count == 13:
            raise ValueError("count is 13; it must be another number")


@dataclass(frozen=True)
class Outer:
    inner: Inner
    kind: Literal["fast", "slow"] = "fast"
    names: list[str] = field(default_factory=list)
    steps: tuple[Inner, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    maybe: Inner | None = None
    flag: bool = False
    anything: Any = None

    def __post_init__(self) -> None:
        if len(self.steps) == 2:
            raise ValueError("steps.1.count has no successor")


def outer(**settings: object) -> Outer:
    return read(Outer, located({"inner": {"share": 0.5}} | settings), "the settings")


def test_each_hint_takes_what_it_says() -> None:
    found = outer(
        kind="slow", names=["a"], steps=[{"share": 1}], shares={"x": 1}, maybe={"share": 0, "count": 4}, flag=True,
        anything={"deep": [1, None]},
    )  # fmt: skip
    assert found == Outer(
        Inner(0.5), "slow", ["a"], (Inner(1.0),), {"x": 1.0}, Inner(0.0, 4), True, {"deep": [1, None]}
    )
    assert type(found.shares["x"]) is float and outer() == Outer(Inner(0.5)) and outer(maybe=None).maybe is None


@pytest.mark.parametrize(("value", "count"), [(7, 7), (6.0, 6), (1e9, 1_000_000_000)])
def test_a_whole_number_may_be_written_with_an_exponent(value: float, count: int) -> None:
    found = outer(inner={"share": 0, "count": value}).inner.count
    assert (found, type(found)) == (count, int)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"inner": 3}, "inner must be a mapping of keys to values, not 3"),
        ({"inner": {}}, "inner.share is missing"),
        ({"inner": {"share": 1.5}}, "inner.share is 1.5, and must lie between 0 and 1"),
        ({"inner": {"share": True}}, "inner.share must be a number, not True"),
        ({"inner": {"share": float("inf")}}, "inner.share must be a number, not inf"),
        ({"inner": {"share": "3e-1"}}, "inner.share must be a number, not '3e-1'; take the quotes off"),
        ({"inner": {"share": 0, "count": 1.5}}, "inner.count must be a whole number, not 1.5"),
        ({"inner": {"share": 0, "count": 1e300}}, "inner.count must be a whole number, not 1e+300"),
        ({"inner": {"share": 0, "count": 13}}, "inner.count is 13; it must be another number"),
        ({"inner": {"shar": 0}}, "inner has no key 'shar'; did you mean share?"),
        ({"zzz": 1}, "the settings has no key 'zzz'; it knows inner, kind"),
        ({"kind": "quick"}, "kind must be one of fast, slow, not 'quick'"),
        ({"kind": False}, "kind must be one of fast, slow, not False; YAML reads a bare yes, no"),
        ({"names": "a"}, "names must be a list, not 'a'"),
        ({"names": ["a", 7]}, "names.1 must be text, not 7"),
        ({"names": [False]}, "names.0 must be text, not False; YAML reads a bare yes, no"),
        ({"steps": [{"share": 0}, {"share": 0}]}, "steps.1.count has no successor"),
        ({"steps": [{"share": 2}]}, "steps.0.share is 2.0, and must lie between 0 and 1"),
        ({"shares": {"x": "much"}}, "shares.x must be a number, not 'much'"),
        (
            {"shares": None},
            "shares must be a mapping of keys to values, not null; of the keys beside it null may stand",
        ),
        ({"inner": {"share": None}}, "inner.share must be a number, not null"),
        ({"maybe": {"share": None}}, "maybe.share must be a number, not null"),
        ({"flag": 1}, "flag must be true or false, not 1"),
        ({"flag": "x" * 200}, "flag must be true or false, not 'xxxx"),
    ],
)
def test_what_is_impossible_is_one_sentence(settings: dict, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        outer(**settings)
    assert str(caught.value).startswith(sentence) and len(str(caught.value)) < 250


def test_a_sentence_names_the_keys_that_null_may_stand_for() -> None:
    with pytest.raises(SettingsError, match=r"null may stand for maybe, anything$"):
        outer(inner=None)


TEXT = "inner:\n  share: 0.5\n  count: 3\nsteps:\n- share: 1\n- share: 1\n  count: 2\n"


@pytest.mark.parametrize(
    ("text", "changes", "place"),
    [
        (TEXT.replace("0.5", "much"), [], "(x.yaml, line 2)"),
        (TEXT.replace("share: 0.5", "shaer: 0.5"), [], "(x.yaml, line 2)"),
        (TEXT.replace("3", "13"), [], "(x.yaml, line 3)"),
        (TEXT, [], "(x.yaml, line 7)"),
        (TEXT.replace("  share: 0.5\n", ""), [], "(x.yaml, line 1)"),
        (TEXT, ["inner.share=5"], "(--set inner.share=5)"),
        (TEXT, ["inner.shar=5"], "(--set inner.shar=5)"),
        ("kind: fast\n", [], "inner is missing (x.yaml)"),
    ],
)
def test_a_sentence_ends_with_the_place(text: str, changes: list[str], place: str) -> None:
    tree = read_yaml(text, "x.yaml")
    for setting in changes:
        tree = change(tree, setting)
    with pytest.raises(SettingsError) as caught:
        read(Outer, tree, "the settings")
    assert str(caught.value).endswith(place)
