"""Which blocks of the labelled pages are fitted to, and which of these are drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench import fit_blocks
from bench.labelled_pages import SOURCE, LabelledPage, labelled_pages

GOLD = "The weavers of the valley met on Monday to speak about the price of flax and of dyed wool."
AFTER = "They will meet again in spring when the roads are free of snow and the market has opened."
REFERENCE = "[1] Osei and Marl, A short history of the handloom, second edition, Valley Press, 1987."
HTML = (
    "<html><body><p>Read this and other stories in our paper every week of the year</p><article>"
    f"<p>{GOLD}</p><ul><li>flax costs twice as much as it did last year in the valley</li></ul><p>{AFTER}</p>"
    f"<figure><figcaption>A loom in the hall</figcaption></figure><p>{REFERENCE}</p></article>"
    '<p><a href="/a">Seven more stories that you may want to read this week</a></p></body></html>'
)


def packs(folder: Path, source: str, html: str = HTML, gold: str = f"{GOLD}\n{AFTER}") -> tuple[Path, Path]:
    """The first pack with a forum alone, and a second one with one page of this source."""
    forum = "<html><body>" + "".join(f"<p>post {n}: I would use a finer reed for that</p>" for n in range(8))
    texts = {"first": (SOURCE, "forum", forum, "post"), "second": (source, "article", html, gold)}
    for name, (of, kind, page, text) in texts.items():
        (folder / name / "pages").mkdir(parents=True)
        (folder / name / "pages" / "one.html").write_text(page, "utf-8")
        line = {"id": "one", "source": of, "type": kind, "text": text}
        (folder / name / "gold.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    return folder / "first", folder / "second"


def not_fitted(page: LabelledPage) -> list[str]:
    text, blocks = page.scanned.page.text.tobytes(), page.scanned.page.blocks
    return [text[start:stop].decode().split()[0] for start, stop in blocks[~page.sample.fitted, 1:3]]


@pytest.mark.parametrize(
    ("source", "left_out"),
    [("fundus", ["flax", "A"]), ("wcxbx", ["flax", "A", "[1]"]), (SOURCE, [])],
)
def test_what_gold_leaves_out_by_habit_is_not_fitted_to(tmp_path: Path, source: str, left_out: list[str]) -> None:
    first, second = packs(tmp_path, source)
    assert not_fitted(labelled_pages(first, second)[1]) == left_out


def test_pages_of_the_first_pack_and_forums_weigh_more(tmp_path: Path) -> None:
    forum, article = labelled_pages(*packs(tmp_path, "fundus"))
    assert (forum.sample.importance, article.sample.importance) == (3.0, 1.0)


def test_all_blocks_of_a_small_page_are_drawn_and_a_part_of_a_large_one(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    _, _, rows, features = fit_blocks.material(*packs(small, "fundus"))
    assert len(rows[1][0]) == len(features[1][0]) == 5
    items = "".join(f"<p>item {n} of many</p>" for n in range(2000))
    _, seen, rows, _ = fit_blocks.material(*packs(large, "fundus", f"<html><body><p>{GOLD}</p>{items}", GOLD))
    assert 100 < len(rows[1][0]) < 300
    for view, drawn in zip(seen[1][1:], rows[1][1:], strict=True):
        assert len(drawn) < 60 and np.all(view.fitted[drawn])


def test_threads_are_labelled_block_by_block_and_pages_of_the_first_pack_left_out(tmp_path: Path) -> None:
    first, _ = packs(tmp_path, "fundus")
    threads = tmp_path / "threads"
    (threads / "pages").mkdir(parents=True)
    line = {
        "source": "threads",
        "type": "forum",
        "text": "",
        "content": [1, 3],
        "quoted": [3],
        "replies": [],
        "blocks": 5,
    }
    html = "<html><body>" + "".join(f"<p>line {n} of the thread</p>" for n in range(5))
    addresses = {"new": "https://mills.example/t/1", "known": "http://www.mills.example/t/2#p9"}
    for name in addresses:
        (threads / "pages" / f"{name}.html").write_text(html, "utf-8")
    (threads / "gold.jsonl").write_text(
        "".join(json.dumps(line | {"id": name, "url": url}) + "\n" for name, url in addresses.items()), "utf-8"
    )
    known = json.loads((first / "gold.jsonl").read_text("utf-8")) | {"url": "https://mills.example/t/2/"}
    (first / "gold.jsonl").write_text(json.dumps(known) + "\n", "utf-8")
    _, thread = labelled_pages(first, None, threads)
    assert thread.gold["id"] == "new"
    assert thread.sample.share.tolist() == [0, 1, 0, 1, 0]
    assert thread.sample.fitted.tolist() == [True, True, True, False, True]
    assert thread.sample.importance == 2.0


POST = "My motor stops after two seconds and I do not see why it does"
ANSWER = "Your relay is worn out and has to be changed before winter comes"


@pytest.mark.parametrize(
    ("before", "gold", "shares"),
    [
        # The alignment would rather go on from the quotation into the answer than take the post.
        (f"<p>{POST}</p>", f"{POST} {ANSWER}", [1, 0, 0, 1]),
        (f"<p>Hello all. {POST}</p>", f"{POST} {ANSWER}", [14 / 16, 0, 0, 1]),
        # Gold has both, or the post is on another page.
        (f"<p>{POST}</p>", f"{POST} {POST} {ANSWER}", [1, 0, 1, 1]),
        ("<p>Page two of the thread</p>", f"{POST} {ANSWER}", [0, 0, 1, 1]),
    ],
)
def test_the_post_is_gold_and_not_its_quotation(tmp_path: Path, before: str, gold: str, shares: list[float]) -> None:
    html = (
        f"<html><body>{before}<p>10 March 2011</p><blockquote><p>{POST}</p></blockquote><p>{ANSWER}</p></body></html>"
    )
    first, second = packs(tmp_path, "wcxbx", html, gold)
    assert labelled_pages(first, second)[1].sample.share.tolist() == pytest.approx(shares)
