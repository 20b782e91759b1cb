"""A recipe is read whole or refused in one sentence that names the key."""

from __future__ import annotations

import dataclasses
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recipes import Recipe, RecipeError, as_dict, load
from recipes.loader import parse, shipped

LLAMA3 = Path(__file__).parents[2] / "recipes" / "llama3.yaml"


@pytest.fixture
def data() -> dict[str, Any]:
    """The shipped recipe as plain data, for spoiling."""
    return deepcopy(yaml.safe_load(LLAMA3.read_text("utf-8")))


def refusal(data: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(data)
    message = str(caught.value)
    assert "\n" not in message
    return message


def spoiled(data: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    section, steps = data, key.split(".")
    for step in steps[:-1]:
        section = section[step]
    section[steps[-1]] = value
    return data


def test_llama3_ships_and_says_what_the_paper_says() -> None:
    recipe = load("llama3")
    assert "llama3" in shipped()
    assert (recipe.lines.bucket_documents, recipe.lines.max_count) == (30_000_000, 6)
    assert recipe.mix.targets == {"general": 0.50, "math": 0.25, "code": 0.17, "multilingual": 0.08}


@pytest.mark.parametrize("name", shipped())
def test_a_recipe_survives_being_written_down(name: str) -> None:
    recipe = load(name)
    assert parse(as_dict(recipe)) == recipe
    assert parse(yaml.safe_load(yaml.safe_dump(as_dict(recipe)))) == recipe


def test_every_number_of_llama3_has_its_source_in_a_comment() -> None:
    """On its own line, or on the line of a section that holds it (by indentation)."""
    sourced: list[tuple[int, bool]] = []  # indentation and comment of the sections that are open
    for number, line in enumerate(LLAMA3.read_text("utf-8").splitlines(), 1):
        content, _, comment = line.partition("#")
        if not content.strip():
            continue
        indentation = len(line) - len(line.lstrip())
        while sourced and sourced[-1][0] >= indentation:
            sourced.pop()
        sourced.append((indentation, bool(comment.strip())))
        value = content.partition(":")[2]
        if re.search(r"(?<![\w-])\d", value):
            assert any(has for _, has in sourced), f"line {number} has a number without a source: {line}"


def test_stages_left_out_are_none_and_stages_without_numbers_stand(data: dict[str, Any]) -> None:
    for stage in ("block", "identify", "domains", "documents", "lines", "heuristics", "quality", "mix"):
        spoiled(data, stage, None)
    recipe = parse(data)
    assert recipe.block is None and recipe.lines is None and recipe.mix is None and recipe.urls is not None
    assert recipe.heuristics is None and parse(as_dict(recipe)) == recipe


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(Recipe)])
def test_null_leaves_a_stage_out_or_is_refused_with_those_that_it_may_stand_for(key: str) -> None:
    left_out = "block, identify, domains, documents, lines, heuristics, quality, mix"
    if key in [*left_out.split(", "), "redact"]:  # which is left out unless somebody names it
        assert getattr(load("llama3", [f"{key}=null"]), key) is None
        return
    with pytest.raises(RecipeError, match=f"^{key} must be .*null may stand for {left_out}"):
        load("llama3", [f"{key}=null"])


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("lines.max_cuont", 6, "lines has no key 'max_cuont'; did you mean max_count?"),
        ("urls.newest", True, "urls has no key 'newest'; it knows rules"),
        ("output.zzz", True, "output has no key 'zzz'; it knows keep_rejected, keep_work, report"),
        ("linse", {}, "the recipe has no key 'linse'; did you mean lines?"),
        ("lines", 6, "lines must be a mapping of keys to values, not 6"),
        ("read", None, "read must be a mapping of keys to values, not null; of the keys beside it null may"),
        ("lines.max_count", "six", "lines.max_count must be a whole number, not 'six'"),
        ("lines.max_count", 6.5, "lines.max_count must be a whole number, not 6.5"),
        ("lines.max_count", True, "lines.max_count must be a whole number, not True"),
        ("lines.max_count", None, "lines.max_count must be a whole number, not null"),
        ("lines.max_count", 0, "lines.max_count is 0, and must lie between 1 and"),
        ("extract.seconds", "a minute", "extract.seconds must be a number, not 'a minute'"),
        ("extract.seconds", 0, "extract.seconds is 0.0, and must lie between"),
        ("extract.headline", "no", "extract.headline is one of keep, drop, and not 'no'"),
        ("extract.memory_mb", 1, "extract.memory_mb is 1, and must lie between 64 and"),
        ("identify.min_score", 1.5, "identify.min_score is 1.5, and must lie between 0 and 1"),
        ("identify.min_score", float("nan"), "identify.min_score must be a number, not nan"),
        ("domains.page.pii_values", -1, "domains.page.pii_values is -1, and must lie between 1 and"),
        ("output.keep_work", "yes please", "output.keep_work must be true or false, not 'yes please'"),
        ("name", 3, "name must be text, not 3"),
        ("block.lists", "adult", "block.lists must be a list, not 'adult'"),
        ("block.lists", ["adult", 7], "block.lists.1 must be text, not 7"),
        ("block.lists", [], "block.lists is empty, so nothing could ever be blocked"),
        ("identify.languages", [], "identify.languages is empty, so every page would go"),
        ("mix.targets", [0.5], "mix.targets must be a mapping of keys to values, not [0.5]"),
        ("mix.targets.code", "much", "mix.targets.code must be a number, not 'much'"),
        ("mix.targets.code", 0.5, "mix.targets must add up to 1, and add up to 1.33"),
        ("heuristics.repetition", None, "heuristics.repetition must be a mapping of keys to values, not null; {} is"),
        ("heuristics.repetition", 3, "heuristics.repetition must be a mapping of keys to values, not 3"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_key(data: dict[str, Any], key: str, value: Any, sentence: str) -> None:
    assert refusal(spoiled(data, key, value)).startswith(sentence)


@pytest.mark.parametrize("key", ["name", "read", "tokenise", "urls", "lines.max_count", "domains.page.harm_hits"])
def test_a_missing_key_is_named(data: dict[str, Any], key: str) -> None:
    section, *_, last = (data, *key.split("."))
    for step in key.split(".")[:-1]:
        section = section[step]
    del section[last]
    assert refusal(data) == f"{key} is missing"


@pytest.mark.parametrize("data", [None, [], "llama3", 3])
def test_a_recipe_is_a_mapping(data: Any) -> None:
    assert refusal(data).startswith("the recipe must be a mapping of keys to values, not ")


def test_a_whole_number_is_a_number_too(data: dict[str, Any]) -> None:
    found = parse(spoiled(data, "extract.seconds", 5)).extract.seconds
    assert (found, type(found)) == (5.0, float)


def test_a_recipe_in_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(LLAMA3.read_text("utf-8").replace("name: llama3", "name: mine"), "utf-8")
    assert load(str(path)).name == "mine"


def test_a_mistake_in_a_file_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(LLAMA3.read_text("utf-8").replace("  max_count: 6", "  max_cuont: 6"), "utf-8")
    line = path.read_text("utf-8").partition("max_cuont")[0].count("\n") + 1
    with pytest.raises(RecipeError, match=rf"did you mean max_count\? \(mine.yaml, line {line}\)$"):
        load(str(path))


def test_an_unknown_recipe_is_refused_with_those_that_ship() -> None:
    with pytest.raises(RecipeError, match="there is no recipe 'lama3'.*llama3"):
        load("lama3")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: [unclosed", "is not valid YAML"),
        (b"\xff\xfe\xff", "is not valid YAML"),
        (b"name: one\nname: two", "the key 'name' stands twice"),
        (b"read:\n  max_record_bytes: 1\n  max_record_bytes: 2", "the key 'max_record_bytes' stands twice"),
        (b"name: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        (b"? [a, b]\n: 1", "is not valid YAML"),
        (b"", "the recipe must be a mapping"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(RecipeError) as caught:
        load(str(path))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ("lines.max_count=3", ("lines", "max_count"), 3),
        ("identify.languages=[en, de]", ("identify", "languages"), ["en", "de"]),
        ("block=null", ("block",), None),
        ("output.keep_work=true", ("output", "keep_work"), True),
        ("domains.page.pii_values = 9", ("domains", "page", "pii_values"), 9),
        ("domains.pii=3e-1", ("domains", "pii"), 0.3),
        ("heuristics=null", ("heuristics",), None),
        ("tokenise.tokenizer=/a=b/tokenizer.json", ("tokenise", "tokenizer"), "/a=b/tokenizer.json"),
    ],
)
def test_a_change_takes_the_place_of_the_file_s_setting(change: str, key: tuple[str, ...], value: Any) -> None:
    found = load("llama3", [change])
    for step in key:
        found = getattr(found, step)
    assert found == value


def test_changes_apply_in_order() -> None:
    assert load("llama3", ["lines.max_count=3", "lines.max_count=4"]).lines.max_count == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("lines.max_count", "--set lines.max_count is not of the form key.key=value"),
        ("=3", "--set =3 is not of the form key.key=value"),
        ("lnies.max_count=3", "the recipe has no key 'lnies'; did you mean lines? (--set lnies.max_count=3)"),
        ("name.first=3", "--set name.first=3 goes through name, which has no keys below it"),
        ("lines.max_cuont=3", "lines has no key 'max_cuont'; did you mean max_count?"),
        ("lines.max_count=0", "lines.max_count is 0, and must lie between"),
        ("block.lists=[", "--set block.lists=[: '[' is not valid YAML"),
    ],
)
def test_a_wrong_change_is_refused(change: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load("llama3", [change])
    assert str(caught.value).startswith(said)


def test_a_change_of_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("[1, 2]")
    with pytest.raises(RecipeError):
        load(str(tmp_path / "list.yaml"), ["name=mine"])


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "lists", "page", "x"]), inner)
    ),
    max_leaves=8,
)


sections = st.sampled_from(["read", "block", "extract", "domains", "documents", "heuristics", "mix", "output", "x"])


@given(sections, plain)
def test_any_data_is_a_recipe_or_refused(key: str, value: Any) -> None:
    data = yaml.safe_load(LLAMA3.read_text("utf-8")) | {key: value}
    try:
        recipe = parse(data)
    except RecipeError as refusal:
        said = str(refusal)
        assert key in said or "mix" in said
    else:
        assert isinstance(recipe, Recipe) and parse(as_dict(recipe)) == recipe
