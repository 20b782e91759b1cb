"""Blocks that repeat the lines of a recipe which the page states."""

from __future__ import annotations

import json

import numpy as np
import pytest

from parsers import extract
from parsers.backends.gristmill_backend import parse
from parsers.selection.stated_lines import stated_rows

LINES = ["2 cups plain flour", "1/2 teaspoon salt", "Heat the oven to 180 degrees and butter a tin well."]


def repeated(html: str, lines: list[str], kept: tuple[int, ...] = ()) -> list[str]:
    parsed = parse(html)
    keep = np.zeros(len(parsed.page.blocks), bool)
    keep[list(kept)] = True
    rows = stated_rows(parsed.page, parsed.roles, parsed.markup, lines, keep)
    return [parsed.inline_text.block_text(int(row)) for row in rows]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ul><li>2 cups plain flour<li>½ teaspoon salt</ul>", ["2 cups plain flour", "½ teaspoon salt"]),
        ("<li><span>2</span> <span>cups</span> <b>Plain Flour</b>", ["2 cups Plain Flour"]),
        ("<div><div>2 cups</div><div>plain flour</div></div><p>Other</p>", ["2 cups", "plain flour"]),
        ("<p>2 cups plain flour (or more)</p>", ["2 cups plain flour (or more)"]),
        ("<p>Heat the oven to 180 degrees</p><p>Then rest</p>", ["Heat the oven to 180 degrees"]),
        ("<p>2 cups plain flour<br>1/2 teaspoon salt</p>", ["2 cups plain flour\n1/2 teaspoon salt"]),
        ("<h3>Dry</h3><ul><li>2 cups plain flour</ul><h3>Wet</h3><p>Milk</p>", ["Dry", "2 cups plain flour"]),
        ("<p>2 cups plain flour</p><aside>2 cups plain flour</aside>", ["2 cups plain flour"]),
        ("<p>Two cups of flour are a lot of flour</p><p>Salt</p>", []),
        (
            "<ul><li>2 cups plain flour<li>1/2 teaspoon salt<li>1 ham bone, if any</ul>",
            ["2 cups plain flour", "1/2 teaspoon salt", "1 ham bone, if any"],
        ),
        ("<ul><li>2 cups plain flour<li>a b<li>1 ham bone, if any</ul>", ["2 cups plain flour"]),
    ],
)
def test_blocks_that_repeat_a_line(html: str, expected: list[str]) -> None:
    assert repeated(html, LINES) == expected


def test_a_word_alone_repeats_an_ingredient_by_chance() -> None:
    assert repeated("<a>salt</a><p>What the mill ground</p><p>in May</p>", ["salt", "flour"]) == []
    assert repeated("<ul><li>salt<li>flour</ul><p>in May</p>", ["salt", "flour"]) == ["salt", "flour"]


def test_what_is_kept_already_is_not_kept_twice() -> None:
    assert repeated("<p>2 cups plain flour</p><p>2 cups plain flour</p>", LINES, kept=(0,)) == []


def test_microdata_says_the_same() -> None:
    item = '<li itemprop="recipeIngredient">2 cups of plain flour'
    rest = "<p>" + "Words of another kind that are no recipe at all. " * 3 + "</p>"
    assert repeated(f"<ul>{item}<li>Print this page</ul>{rest}", []) == ["2 cups of plain flour"]
    assert repeated(f'<div itemprop="recipeInstructions">{rest}</div><p>Menu</p>', []) == []  # all of the page
    line = '<div><input type=checkbox><span itemprop="ingredients">2 cups of plain flour</span></div>'
    assert repeated(f"{line}<p>Print this page</p>{rest}", []) == ["2 cups of plain flour"]
    assert repeated(f'<p>{rest[3:-4]}<span itemprop="ingredients">flour</span></p>{rest}', []) == []


def test_lines_in_one_block_are_found() -> None:
    rows = "<div><label>2 cups plain flour</label> <label>1/2 teaspoon salt</label></div><p>2 cups of tea for me</p>"
    assert repeated(rows, LINES) == ["2 cups plain flour 1/2 teaspoon salt"]


NAMED = "<ul class='wprm-recipe-ingredients'>{}</ul><p>Menu</p>"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<li>2 cups flour<li>1 egg<li>salt", ["2 cups flour", "1 egg", "salt"]),
        ("<li>2 cups <a href=/f>flour</a><li>1 <a href=/e>egg</a>", ["2 cups flour", "1 egg"]),
        ("<li><a href=/f>Flour</a> (12)<li><a href=/e>Egg</a> (3)", []),
        ("<li>Flour<li>Eggs<li>Salt", []),
        ("<li>2 cups flour<li>1 egg</ul><ul><li>3 more of it", ["2 cups flour", "1 egg"]),
    ],
)
def test_lists_that_are_named_for_ingredients_are_found(html: str, found: list[str]) -> None:
    assert repeated(NAMED.format(html), []) == found


def test_a_recipe_page_keeps_its_ingredients() -> None:
    prose = "<p>" + "This cake works every time, and it has never failed anybody in this house. " * 4 + "</p>"
    stated = {
        "@type": "Recipe", "recipeIngredient": ["2 cups plain flour", "1 cup milk"],
        "recipeInstructions": [{"@type": "HowToStep", "text": "<p>Mix &amp;amp; bake it all.</p>"}],
    }  # fmt: skip
    head = f"<head><script type=application/ld+json>{json.dumps(stated)}</script></head>"
    box = "<li><input type=checkbox><label><span>{}</span> <span>{}</span></label>"
    items = box.format("2 cups", "plain flour") + box.format("1 cup", "milk")
    html = f"<html>{head}<body><article>{prose}<ul>{items}</ul><p>Mix &amp; bake it all.</p></article></body></html>"
    text = extract(html.encode()).text
    assert "2 cups plain flour\n1 cup milk" in text and "Mix & bake it all." in text


def test_time_is_linear_in_blocks_that_begin_like_a_line() -> None:
    lines = ["abcdefgh" * 600 + str(number) for number in range(5)]
    assert len(repeated("<p>abcdefghx</p>" * 1000, lines)) == 0


OTHER = "<p>" + "Words of another kind that are no recipe at all. " * 3 + "</p>"


@pytest.mark.parametrize(
    ("lines", "block", "found"),
    [
        # A block that is a passage within a line: 20 letters.
        (["abcd efgh ijkl mnop qrst uvwx yz"], "efgh ijkl mnop qrst uvwx", True), (["abcd efgh ijkl mnop qrst uvwx yz"], "efgh ijkl mnop qrst uvw", False),
        # A line and a block that begin alike: the shorter has six tenths of the longer.
        (["abcd efgh ijkl"], "abcd efgh ijkl mnop qrst", True), (["abcd efgh ijkl"], "abcd efgh ijkl mnop qrstu", False),
        (["abcd efgh ijkl mnop qrst"], "abcd efgh ijkl", True), (["abcd efgh ijkl mnop qrst"], "abcd efgh ijk", False), (["abcd efgh ijkl mnop qrst"], "bcde fghi jklm", False),
        (["zero one two", "abcd efgh ijkl"], "abcd efgh ijkl mnop qrst", True), (["abcd efgh ijkl", "zero one two"], "abcd efgh ijkl mnop qrst", True),
        # Fewer letters than a beginning has.
        (["ab cd efgh"], "ab cd efg", False), (["ab cd efghi"], "ab cd efgh", True),
        # Several lines that make up eight tenths of a block.
        (["abcde fghij", "klmno pqrst"], "abcde fghij klmno pqrst uvwxy", True), (["abcde fghij", "klmno pqrst"], "abcde fghij klmno pqrst uvwxyz", False),
        (["abcde fghij", "abcde"], "abcde fghij abcde uvw", True), (["abcdefgh ij"], "abcdefgh ij uvwxyzabc", False),
        # Half of a block's letters in lines of their own.
        (["ab cd ef gh"], "ab cd ef gh<br>zz zz zz zz", True), (["ab cd ef gh"], "ab cd ef gh<br>zz zz zz zzz", False),
        # A line of one letter says nothing.
        (["x", "y"], "x y x", False), (["xy", "zz"], "xy zz xy", True), (["a b c"], "A, B: c!", True), (["½ cup flour"], "1⁄2 cup flour", True),
    ],
)  # fmt: skip
def test_how_much_of_a_line_a_block_repeats(lines: list[str], block: str, found: bool) -> None:
    texts = repeated(f"{OTHER}<p>{block}</p>{OTHER}", lines)
    assert len(texts) == found


@pytest.mark.parametrize(("count", "found"), [(1, True), (2, True), (3, True), (4, True), (5, False)])
def test_a_line_may_stand_in_four_blocks(count: int, found: bool) -> None:
    parts = ["alpha one", "beta two", "gamma three", "delta four", "epsilon"][:count]
    blocks = "".join(f"<div>{part}</div>" for part in parts)
    expected = parts if found and count > 1 else []  # two words alone are there by chance
    assert repeated(f"{OTHER}{blocks}{OTHER}", [" ".join(parts)]) == expected
    assert repeated(f"<div>not</div>{blocks}<div>nor</div>", [" ".join(parts)]) == expected
    longer = " ".join(parts) + " of it"
    assert repeated(f"{OTHER}{blocks}{OTHER}", [longer]) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [("<p>sea salt</p>", 0), ("<p>fine sea salt</p>", 1), ("<p>sea salt</p><p>***</p><p>oil</p>", 2)],
)
def test_blocks_of_one_and_two_words_stand_beside_others(html: str, found: int) -> None:
    assert len(repeated(f"{OTHER}{html}{OTHER}", ["sea salt", "fine sea salt", "oil"])) == found


def test_microdata_up_to_half_of_the_page_and_up_to_a_bound() -> None:
    item = '<div itemprop="{}">one two three four five</div>'
    for name in ("recipeIngredient", "recipeInstructions", "ingredients"):
        assert len(repeated(item.format(name) + "<p>six seven eight nine ten</p>", [])) == 1
        assert len(repeated(item.format(name) + "<p>six seven eight nine</p>", [])) == 0
    assert repeated(item.format("recipeYield") + "<p>six seven eight nine ten</p>", []) == []
    outer = f'{OTHER}<ul itemprop="recipeIngredient"><li itemprop="recipeIngredient">a b c<li>d e f</ul><p>g h i</p>'
    assert repeated(outer, []) == ["a b c", "d e f"]
    many = "".join(f'<p itemprop="recipeIngredient">a b {number}</p>' for number in range(502))
    assert len(repeated(many, [])) == 500


def named(lines: tuple[str, ...], tag: str = "li") -> list[str]:
    body = "".join(f"<{tag}>{line}</{tag}>" for line in lines)
    outer = "ul" if tag == "li" else "div"
    return repeated(f"{OTHER}<{outer} class='the ingredients'>{body}</{outer}>{OTHER}", [])


NUMBERED, PLAIN = ("1 b c", "2 b d", "3 b e"), ("f g h", "i j k", "l m n", "o p q")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        # Ten words a line on average, and one line is no list.
        (("1 b c d e f g h i j", "2 b c d e f g h i j"), True), ((*NUMBERED[:2], "3" + " b" * 23), True), ((*NUMBERED[:2], "3" + " b" * 24), False),
        (NUMBERED[:1], False), (NUMBERED[:2], True),
        # Half of the lines begin with a number, or have one and few links.
        ((*NUMBERED, *PLAIN[:3]), True), ((*NUMBERED, *PLAIN), False), (("b 1 c", "d 2 f", *PLAIN[:2]), True), (("b 1 c", "d 2 f", *PLAIN[:3]), False),
        # Eight tenths of the words in links are too many, and half where no line begins with its number.
        (("1 b <a href=x>c d e f g</a>", "2 b <a href=x>c d e f g</a>"), True), (("1 b <a href=x>c d e f g h i j</a>", "2 b <a href=x>c d e f g h i j</a>"), False),
        (("b 1 <a href=x>e</a>", "b 2 <a href=x>e f</a>"), True), (("b 1 <a href=x>e f</a>", "b 2 <a href=x>e f</a>"), False),
    ],
)  # fmt: skip
def test_lines_of_a_list_that_is_named(lines: tuple[str, ...], found: bool) -> None:
    assert len(named(lines)) == len(lines) * found


def test_what_stands_between_the_numbers_and_the_items_of_a_list() -> None:
    lines = ("a b c", "1 d e", "f g h", "2 i j", "3 k l", "m n o")
    assert named(lines, tag="p") == list(lines[1:5])
    items = ("a b c", "1 d e", "2 i j", "3 k l", "m n o")
    assert named((*items, "<a href=x>p q r</a>")) == list(items)


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("<div class='Ingredients'>", True), ("<section id=a class=zutaten-liste>", True), ("<table class=ingredient>", True), ("<p class=ingredient>", False),
        ("<div title=ingredient>", False), ("<divx class=ingredient>", False), ("<ol class=x><ol class=ingredients>", True),
        ("<section class='INGREDIENTS zutaten ingredients'>", True), ("<section class=x><!-- ingredient zutaten -->", False),
        ("<div title=zutaten class='Zutaten x'>", True), ("<section id=ingredients-zutaten>", False),
    ],
)  # fmt: skip
def test_which_names_say_that_lines_are_ingredients(start: str, found: bool) -> None:
    rows = "<tr><td>1 b c</td></tr><tr><td>2 d e</td></tr>" if "table" in start else "<div>1 b c</div><div>2 d e</div>"
    assert len(repeated(f"{OTHER}{start}{rows}</ol></ol></div></section></table></divx>{OTHER}", [])) == 2 * found


def test_lists_of_a_name_up_to_a_bound_each_by_itself() -> None:
    lists = "".join(f"<ul class=ingredients><li>1 a {number}<li>2 b {number}</ul>" for number in range(51))
    assert len(repeated(OTHER + lists, [])) == 100
    nested = "<div class=ingredients><ul class=ingredients><li>1 a b<li>2 c d</ul><p>e f g</p></div><ul class=ingredients><li>3 a b<li>4 c d</ul>"
    assert repeated(OTHER + nested, []) == ["1 a b", "2 c d", "3 a b", "4 c d"]
    stated = repeated(OTHER + "<ul class=ingredients><li>1 a b<li>2 c d<li>3 e f</ul>", ["1 a b"])
    assert stated == ["1 a b"]  # what is stated is known better


def test_headings_right_before_and_blocks_that_stand_twice() -> None:
    html = f"<h2>Far</h2>{OTHER}<h2>Near</h2><p>2 cups plain flour</p><p>2 cups plain flour</p><h2>Behind</h2>"
    assert repeated(html, LINES) == ["Near", "2 cups plain flour"]
    assert repeated("<p>2 cups plain flour</p><p>one</p><p>2 cups plain flour</p>", LINES, kept=(2,)) == []
