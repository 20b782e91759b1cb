"""Lists of linked names that say what each is, as references of modules are."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.paired_blocks import keep_pairs

PROSE = "<p>A pool of workers owns a fixed number of threads and a queue that is never longer than it was made.</p>"


def modules(names: list[str], what: str = "Counters of jobs that were run.", link: str = 'href="x"') -> str:
    return "<dl>" + "".join(f"<dt><a {link}>{name}</a></dt><dd>{what}</dd>" for name in names) + "</dl>"


def kept(body: str, likely: float = 0.15, content: int = 1) -> list[bool]:
    parsed = parse(f"<html><body><main>{body}</main></body></html>")
    choice = np.zeros(len(parsed.page.blocks), bool)
    choice[:content] = True
    probabilities = np.full(len(choice), likely, np.float32)
    return keep_pairs(parsed.page, parsed.roles, choice, probabilities).tolist()[content:]


def test_they_follow_their_prose_with_their_headings() -> None:
    body = f"{PROSE}<h2>Modules</h2>{modules(['queue', 'handle'])}<h2>Structs</h2>{modules(['Pool', 'JobId'])}"
    assert all(kept(body))


@pytest.mark.parametrize(
    "body",
    [
        f"{PROSE}<h2>Modules</h2>{modules(['queue', 'handle'], link='')}",  # no names that lead anywhere
        f"{PROSE}<h2>Modules</h2>{modules(['queue', 'handle'], what='<a href=y>Read more of this</a>')}",
        f"<div>{PROSE}</div><aside><h2>Modules</h2>{modules(['queue', 'handle'])}</aside>",
        f"{PROSE}<h2>Modules</h2>{modules(['queue'])}",
    ],
)
def test_other_lists_stay_out(body: str) -> None:
    assert not any(kept(body))


def test_unlikely_ones_stay_out() -> None:
    assert not any(kept(f"{PROSE}<h2>Modules</h2>{modules(['queue', 'handle'])}", likely=0.02))
