"""Views of a labelled page: labels stay with their blocks, and what a view promises is so."""

from __future__ import annotations

import numpy as np
import pytest

from bench import forum_views
from bench.block_views import Sample, crowded, discussed, disguised, shortened, unstructured, views
from bench.forum_views import ENGINES, rethreaded
from bench.list_views import listed
from parsers.backends.gristmill_backend import parse
from parsers.markup.names import BIT

SENTENCE = "This is sentence number {} of an article that goes on for a while and says rather little of any kind."


def sample(html: str, gold: str) -> Sample:
    """Blocks that hold the word ``gold`` are content."""
    parsed = parse(html)
    texts = [parsed.inline_text.block_text(row) for row in range(len(parsed.page.blocks))]
    lengths = np.array([len(text.split()) for text in texts])
    share = np.array([float(gold in text) for text in texts])
    return Sample(parsed.markup, parsed.page, parsed.about, share, lengths, lengths > 0)


ARTICLE = sample(
    '<nav class="menu"><a href="/">Home</a> <a href="/a">About</a></nav><article>'
    + "".join(f"<p>{SENTENCE.format(number)}</p>" for number in range(30))
    + "</article><footer>All rights reserved</footer>",
    "sentence",
)
FORUM = sample(
    "<header><p>The weavers' forum</p></header><div class=thread>"
    + "".join(
        f"<div class=post><p>post by user {n}</p><p>post {n}: as to the question, I would use a finer reed and more ends,"
        " and wind it on with paper between the layers.</p></div>"
        for n in range(8)
    )
    + "</div><p>Powered by forum software</p>",
    "post",
)
RANDOM = np.random.default_rng


def text_of(view: Sample) -> list[str]:
    text = view.page.text.tobytes()
    return [text[start:stop].decode() for start, stop in view.page.blocks[:, 1:3]]


def gold_of(view: Sample) -> list[str]:
    return [text for text, share in zip(text_of(view), view.share, strict=True) if share >= 0.5]


def test_every_view_has_a_label_a_block_and_gold_of_the_page_alone() -> None:
    found = views(ARTICLE, FORUM, FORUM, RANDOM(0))
    assert found[0] is ARTICLE and len(found) == 11
    for view in found:
        assert len(view.page.blocks) == len(view.share) == len(view.lengths) == len(view.page.hashes)
        assert len(view.fitted) == len(view.share)
        gold = gold_of(view)
        assert gold and set(gold) <= set(gold_of(ARTICLE))


def test_disguise_takes_names_and_semantic_elements() -> None:
    plain = disguised(ARTICLE, RANDOM(1), completely=True)
    lost = BIT["menu"] | BIT["nav"] | BIT["article"] | BIT["footer"]
    assert (ARTICLE.page.context & lost).any() and not (plain.page.context & lost).any()


def test_a_shortened_page_keeps_its_first_words_and_all_boilerplate() -> None:
    short = shortened(ARTICLE, RANDOM(2))
    assert gold_of(short) == gold_of(ARTICLE)[: len(gold_of(short))] and len(gold_of(short)) < 30
    assert [text for text in text_of(short) if "sentence" not in text] == ["Home About", "All rights reserved"]
    assert shortened(sample(f"<p>{SENTENCE}</p>", "sentence"), RANDOM(2)) is None


@pytest.mark.parametrize("seed", range(4))
def test_a_crowded_page_has_the_other_pages_boilerplate(seed: int) -> None:
    view = crowded(ARTICLE, FORUM, RANDOM(seed))
    assert gold_of(view) == gold_of(ARTICLE)
    assert {"The weavers' forum", "Powered by forum software"} <= set(text_of(view))


@pytest.mark.parametrize("seed", range(4))
def test_a_discussed_page_has_posts_that_are_not_content(seed: int) -> None:
    view = discussed(ARTICLE, FORUM, RANDOM(seed))
    assert gold_of(view) == gold_of(ARTICLE)
    assert sum("post by user" in text for text in text_of(view)) == 7  # all but the opening one


def test_an_unstructured_page_says_the_same_without_paragraphs() -> None:
    view = unstructured(ARTICLE)
    assert gold_of(view) == gold_of(ARTICLE) and b"<p>" not in view.markup and b"class=" not in view.markup


@pytest.mark.parametrize("seed", range(4))
def test_a_listed_page_says_the_same_in_lists_of_short_items(seed: int) -> None:
    page = sample(
        "<nav><ul><li>Home<li>About</ul></nav>"
        + "".join(f"<p>{SENTENCE.format(number)}</p>" for number in range(6))
        + "<ul><li>2 cups sentence flour<li>1 cup sentence milk</ul>",
        "sentence",
    )
    view = listed(page, RANDOM(seed))
    signs = str.maketrans("", "", "\u25a2")
    assert "".join(" ".join(text_of(view)).translate(signs).split()) == "".join(" ".join(text_of(page)).split())
    assert len(view.share) > len(page.share) and all(view.fitted)
    assert "Home" not in "".join(gold_of(view)) and "milk" in "".join(gold_of(view))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rethreaded_forum_has_the_posts_of_the_page_as_content(engine: str, monkeypatch) -> None:
    monkeypatch.setattr(forum_views, "ENGINES", {engine: ENGINES[engine]})
    view = rethreaded(FORUM, RANDOM(3))
    assert len(view.page.blocks) == len(view.share) == len(view.lengths) == len(view.fitted)
    words = " ".join(gold_of(FORUM))
    assert len(gold_of(view)) > 3 and all(text in words for text in gold_of(view))
    others = [text for text, fitted in zip(text_of(view), view.fitted, strict=True) if not fitted]
    assert others and not any(text in words for text in others)  # names and dates
    assert text_of(view)[0] == "The weavers' forum" and text_of(view)[-1] == "Powered by forum software"
    assert rethreaded(ARTICLE._replace(share=ARTICLE.share * 0), RANDOM(3)) is None
