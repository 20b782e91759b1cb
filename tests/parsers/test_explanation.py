"""What decided about each block of a page, and that the kept ones are its text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import PageTooCostly, explain, extract
from parsers.explanation import AGREEMENT, SCRIPTS, ExplainedBlock
from parsers.limits import PageLimits
from parsers.selection.choice import CAUSES
from tests.parsers.golden_pages import KINDS, page

PROSE = "<p>" + "The mill stands by the river, and its wheel has turned for three hundred years. " * 3 + "</p>"


def is_the_text_of(blocks: list[ExplainedBlock], html: bytes, url: str = "") -> bool:
    """Whether the spans of kept blocks come in order, hold their texts, and leave nothing but white space."""
    text, at = extract(html, url).text, 0
    for block in blocks:
        assert block.kept == (block.span is not None)
        if block.span:
            start, end = block.span
            if start < at or text[at:start].strip() or text[start:end] != block.text.strip("\n"):
                return False
            at = end
    return not text[at:].strip()


@pytest.mark.parametrize("kind", KINDS)
def test_kept_blocks_are_the_text_of_the_sample_crawls_pages(kind: str) -> None:
    html = page(kind)
    blocks = explain(html)
    assert is_the_text_of(blocks, html)
    assert {block.cause for block in blocks} <= {*CAUSES, AGREEMENT, SCRIPTS}
    for block in blocks:
        assert block.first is not None and 0 <= block.first <= 1
        assert (block.second is None) == (not 0.04 < block.first < 0.96)


_PIECES = st.sampled_from([
    PROSE, "<table><tr><th>Age<th>Use<tr><td>3<td><td>1</table>", "<pre>def f():\n\n    return 1\n</pre>", "<ul><li>One<li>Two</ul>",
    "<p>\u200b</p>", "<p>✓</p>", "<h2>A title¶</h2>", "<p>Co-\noperate $a$ and $b$</p>", "<script>1</script>", "<blockquote>Said</blockquote>",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=12))
@settings(max_examples=40, deadline=None)
def test_kept_blocks_are_the_text_of_any_page(pieces: list[str]) -> None:
    html = "".join(["<title>A title</title><h1>A title</h1>", *pieces]).encode()
    assert is_the_text_of(explain(html), html)


def causes(html: str) -> dict[str, tuple[str, bool]]:
    return {block.text: (block.cause, block.kept) for block in explain(html.encode())}


def test_each_step_is_named_where_it_decided() -> None:
    title = "<title>The mill by the river</title>"
    found = causes(
        f"<html><head>{title}</head><body><h1>The mill by the river</h1>{PROSE}<pre>x = 1</pre>{PROSE * 2}</body>"
    )
    assert found["The mill by the river"][1] and found["x = 1"][1]
    assert {cause for cause, _ in found.values()} <= {"classifier", "adjacent", "headline", "repeats"}
    recipe = {"@type": "Recipe", "recipeIngredient": ["2 cups flour", "1 cup milk"]}
    script = f"<script type=application/ld+json>{json.dumps(recipe)}</script>"
    stated = causes(
        f"<head>{script}</head><main>{PROSE * 3}</main><aside><a href=/f>2 cups flour</a><p>1 cup milk</p></aside>"
    )
    assert stated["2 cups flour"] == stated["1 cup milk"] == ("stated", True)


def test_content_of_scripts_comes_last() -> None:
    text = "Clean, classic style in the perfect show-off height, knitted of the softest cotton for every day. " * 9
    script = f'<script type="application/ld+json">{json.dumps({"@type": "Product", "description": text})}</script>'
    html = f"<html><head>{script}</head><body><p>Loading</p></body></html>".encode()
    blocks = explain(html)
    assert is_the_text_of(blocks, html)
    assert [(block.cause, block.kept, block.first is None) for block in blocks] == [
        (SCRIPTS, False, False), (SCRIPTS, True, True),
    ]  # fmt: skip


def test_the_door_is_extracts() -> None:
    with pytest.raises(PageTooCostly):
        explain(b"<p>" * 50, limits=PageLimits(max_tags=10, max_depth=100))
    with pytest.raises(ValueError, match="alt_text is one of formulas, all, and not 'none'"):
        explain(b"<p>x", alt_text="none")
