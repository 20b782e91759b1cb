"""Code and formulas between paragraphs that are kept."""

from __future__ import annotations

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from parsers.blocks.roles import block_roles
from parsers.scanner.scan import scan_page
from parsers.selection.adjacent_blocks import keep_adjacent, keep_images

PROSE = "<p>A paragraph of some eight words of prose.</p>"
CODE = "<pre>x = 1</pre>"
FORMULA = '<div><script type="math/tex; mode=display">a=b</script> (1)</div>'
PROMPT = "<p>In [4]:</p>"


def filled(html: str, kept: str, likely: float = 0.0) -> str:
    """``kept`` and the answer: one sign a block, ``+`` for a kept one; all are ``likely`` content."""
    page = scan_page((LexborHTMLParser(html).html or "").encode())
    assert len(page.blocks) == len(kept)
    keep = np.array([sign == "+" for sign in kept], bool)
    return "".join(
        "+" if keep else "-"
        for keep in keep_adjacent(page, block_roles(page), keep, np.full(len(keep), likely, np.float32))
    )


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (PROSE + CODE + PROSE, "+-+", "+++"),
        (PROSE + FORMULA + PROSE, "+-+", "+++"),
        (PROSE + PROMPT + CODE + CODE + PROMPT + PROSE, "+----+", "+-++-+"),
        (PROSE + CODE + PROSE, "+--", "++-"),  # it follows kept text inside of the same container
        (f"<div>{PROSE}</div><div>{CODE}</div>{PROSE}", "+--", "+--"),
        (f"<div>{PROSE}<figure>{CODE}</figure></div><aside>{PROSE}</aside>", "+--", "++-"),
        (PROSE + CODE + PROSE, "--+", "--+"),
        (PROSE + PROSE + PROSE, "+-+", "+-+"),
        (PROSE + CODE, "+-", "++"),
        (CODE + PROSE, "-+", "-+"),
        ("<p>Cited as:</p>" + CODE + PROSE, "+--", "++-"),
        ("<p>Cited as:</p>" + CODE + PROSE, "---", "---"),
        ("<h2>Code</h2>" + CODE + PROSE, "+--", "++-"),
        ("<h2>Code</h2>" + CODE + PROSE, "---", "---"),
        ("<div><h2>Code</h2></div>" + PROMPT + CODE, "+--", "+--"),
        (PROSE + "<p>Not <script type='math/tex'>a</script> alone</p>" + PROSE, "+-+", "+-+"),
        ("", "", ""),
    ],
)
def test_code_and_formulas_stay_beside_kept_text(html: str, kept: str, expected: str) -> None:
    assert filled(html, kept) == expected


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (CODE + PROSE, "-+", "++"),
        (f"<div>{PROSE}</div><div>{CODE}</div>{PROSE}", "+--", "++-"),
        (FORMULA + PROSE, "-+", "-+"),
        (PROSE + PROSE, "-+", "-+"),
        (PROSE + CODE + PROSE, "---", "---"),
    ],
)
def test_code_that_is_not_unlikely_needs_one_neighbour(html: str, kept: str, expected: str) -> None:
    assert filled(html, kept, 0.3) == expected


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (PROSE + "<p>12 34 (5)</p>" + PROSE, "+-+", "+-+"),  # no letters, and no formula either
        ("<p>It has five words here</p>" + CODE + "<p>and five words again here</p>", "+-+", "+++"),
        ("<p>It has four words</p>" + FORMULA + "<p>and four words again</p>", "+-+", "+-+"),  # no neighbours
        ("<section><p>It has four words</p></section>" + FORMULA + "<p>and four words again</p>", "+-+", "+-+"),
        (PROSE + '<div><script type="math/tex">a</script> é</div>' + PROSE, "+-+", "+-+"), (PROSE + '<div><script type="math/tex">a</script> z</div>' + PROSE, "+-+", "+-+"),
        (PROSE + '<div><script type="math/tex">a</script> {@[`</div>' + PROSE, "+-+", "+++"), (CODE, "-", "-"), (CODE + CODE + PROSE, "--+", "--+"),
        ("<p>Cited as:</p>" + "<p>not alone</p>", "+-", "+-"), (PROSE + CODE + CODE + PROSE, "+--+", "++++"), (f"<div>{PROSE}</div>" + CODE + PROSE, "-++", "-++"),
    ],
)  # fmt: skip
def test_what_is_alone_and_what_is_a_neighbour(html: str, kept: str, expected: str) -> None:
    assert filled(html, kept) == expected


@pytest.mark.parametrize(("likely", "expected"), [(0.25, "++"), (0.24, "-+")])
def test_code_is_possible_from_a_quarter_on(likely: float, expected: str) -> None:
    assert filled(CODE + PROSE, "-+", likely) == expected


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        ("{p}{i}{p}", "+-+", "+++"), ("{p}{i}{p}", "+--", "+--"), ("{p}{i}{p}", "--+", "--+"), ("{i}{p}", "-+", "-+"), ("{p}{i}", "+-", "+-"), ("{p}{i}{i}{p}", "+--+", "++++"),
        ("{p}<p>12</p>{p}", "+-+", "+-+"), ("{p}<p>wheel <img src=x.png alt=y></p>{p}", "+-+", "+-+"), ("{p}{i}<p>one</p>{p}", "+--+", "+--+"),
    ],
)  # fmt: skip
def test_an_image_alone_stays_between_two_kept_blocks(html: str, kept: str, expected: str) -> None:
    html = html.format(p=PROSE, i="<p><img src=x.png alt=y></p>")
    page = scan_page((LexborHTMLParser(html).html or "").encode())
    found = keep_images(page, np.array([sign == "+" for sign in kept], bool))
    assert "".join("+" if each else "-" for each in found) == expected
