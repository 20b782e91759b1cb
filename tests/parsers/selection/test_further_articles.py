"""The next articles of an endless page."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.further_articles import drop_further_articles

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has done for two hundred years.</p>"


def article(name: str, attributes: str, text: str = PROSE * 4, tag: str = "article", time: str = "") -> str:
    return f'<{tag} class="story" {attributes}><h1>{name}</h1>{time}{text}</{tag}>'


def left(*articles: str) -> list[str]:
    parsed = parse(f"<html><body><main>{''.join(articles)}</main></body></html>")
    texts = [block.text for block in parsed.blocks]
    kept = np.ones(len(texts), bool)
    kept = drop_further_articles(parsed.page, parsed.markup, kept, texts.index("First"))
    return [text for text, stays in zip(texts, kept, strict=True) if stays and len(text) < 20]


@pytest.mark.parametrize(
    ("attributes", "tag", "time"),
    [('data-url="/x"', "div", ""), ('data-permalink="/x"', "section", ""), ("", "article", "<time>May 3</time>")],
)
def test_an_article_with_an_address_or_a_time_goes(attributes: str, tag: str, time: str) -> None:
    pages = [article(name, attributes, tag=tag, time=time) for name in ("First", "Second", "Third")]
    assert left(*pages) == (["First", "May 3"] if time else ["First"])


def test_sections_and_lists_stay() -> None:
    assert left(article("First", ""), article("Second", "")) == ["First", "Second"]
    short = [article(name, 'data-url="/x"', "<p>Six words of a short teaser.</p>") for name in ("First", "Second")]
    assert left(*short) == ["First", "Second"]
    other = article("First", 'data-url="/x"') + '<aside class="story" data-url="/y"><h1>Second</h1></aside>'
    assert left(other) == ["First", "Second"]
