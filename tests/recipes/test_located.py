"""YAML with places: what is read, what is refused, and changes to single settings."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recipes.located import Located, SettingsError, change, located, merge, plain, read_yaml

TEXT = "lines:\n  max_count: 6\nfilters:\n  my.own.Filter:\n    threshold: 1\nstages:\n- name: a\n- name: b\n"


def test_every_value_knows_its_line() -> None:
    tree = read_yaml(TEXT, "mine.yaml")
    assert tree.place == "mine.yaml"
    assert tree.value["lines"].value["max_count"] == Located(6, "mine.yaml, line 2")
    assert tree.value["stages"].value[1].place == "mine.yaml, line 8"
    assert plain(tree) == yaml.safe_load(TEXT)


# Without line ends of YAML that aren't \n: PyYAML writes a key that is one of them as a folded space.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029"), max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


@given(trees)
def test_what_was_written_is_read(data: object) -> None:
    assert plain(read_yaml(yaml.safe_dump(data, allow_unicode=True), "x")) == data
    assert plain(located(data)) == data


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3e-4", 3e-4),
        ("1E5", 1e5),
        ("-2e+3", -2e3),
        ("1.5e3", 1.5e3),
        (".5e1", 5.0),
        ("1_0e1", 100.0),
        ("50_000", 50_000),
    ],
)
def test_numbers_with_an_exponent_are_numbers(text: str, number: float) -> None:
    assert plain(read_yaml(f"a: {text}", "x")) == {"a": number}
    assert plain(read_yaml(f"a: '{text}'", "x")) == {"a": text}


@pytest.mark.parametrize("text", ["e5", "1e", "0x1e5g", "1e5x", "1:e3"])
def test_what_only_looks_like_a_number_is_text(text: str) -> None:
    assert plain(read_yaml(f"a: {text}", "x")) == {"a": text}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not valid YAML"),
        ("a: 1\na: 2", "the key 'a' stands twice"),
        ("1: a\n'1': b", "the key '1' stands twice"),
        ("a: &x [*x]", "a value holds itself"),
        ("a: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("a: !!set {b}", "is not valid YAML"),
        ("? [a]\n: 1", "a key must be a name"),
        ("a: 2024-13-01", "is not valid YAML"),
        ("a: 1\n---\nb: 2", "is not valid YAML"),
    ],
)
def test_what_is_no_settings_file_is_refused_in_a_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_yaml(text, "mine.yaml")
    assert "mine.yaml" in str(caught.value) and said in str(caught.value) and "\n" not in str(caught.value)


def test_anchors_and_merge_keys_are_resolved() -> None:
    assert plain(read_yaml("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: *x\n", "x")) == {
        "a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}, "e": {"b": 1, "c": 2},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("lines.max_count=3", ("lines", "max_count"), 3),
        (" lines.max_count = 3", ("lines", "max_count"), 3),
        ("lines=null", ("lines",), None),
        ("new.section.key=[1, 2]", ("new", "section", "key"), [1, 2]),
        ("stages.1.name=c", ("stages", 1, "name"), "c"),
        ("stages.0=x", ("stages", 0), "x"),
        ("filters.my.own.Filter.threshold=2", ("filters", "my.own.Filter", "threshold"), 2),
        ('filters."another.Filter".threshold=2', ("filters", "another.Filter", "threshold"), 2),
        ("lines.max_count=a=b", ("lines", "max_count"), "a=b"),
        ("lines.max_count=", ("lines", "max_count"), None),
    ],
)
def test_a_change_reaches_its_setting_and_no_other(setting: str, path: tuple, value: object) -> None:
    before = read_yaml(TEXT, "mine.yaml")
    after = change(before, setting)
    assert plain(before) == yaml.safe_load(TEXT)
    found = after
    for step in path:
        found = found.value[step]
    assert plain(found) == value and found.place == f"--set {setting}"
    expected = yaml.safe_load(TEXT)
    place = expected
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    place[path[-1]] = value
    assert plain(after) == expected


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("lines.max_count", "is not of the form key.key=value"),
        ("=3", "is not of the form key.key=value"),
        ("lines.=3", "is not of the form key.key=value"),
        (".lines=3", "is not of the form key.key=value"),
        ("lines..max_count=3", "is not of the form key.key=value"),
        ("lines.max_count.x=3", "goes through lines.max_count, which has no keys below it"),
        ("stages.2.name=c", "asks for entry 2 of a list; stages has 0 to 1"),
        ("stages.first=c", "asks for entry first of a list; stages has 0 to 1"),
        ("lines.max_count=[", "is not valid YAML"),
    ],
)
def test_a_wrong_change_is_refused(setting: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        change(read_yaml(TEXT, "mine.yaml"), setting)
    assert str(caught.value).startswith(f"--set {setting}") and said in str(caught.value)


def test_changes_of_a_file_lie_over_its_base() -> None:
    base = located({"a": {"b": 1, "c": 2}, "list": [1, 2], "gone": {"x": 1}}, "base")
    merged = merge(base, located({"a": {"c": 3}, "list": [4], "gone": None, "new": 5}, "mine"))
    assert plain(merged) == {"a": {"b": 1, "c": 3}, "list": [4], "gone": None, "new": 5}
    assert (merged.value["a"].value["b"].place, merged.value["a"].value["c"].place) == ("base", "mine")
