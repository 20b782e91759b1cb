"""Pages with two common mistakes say what their authors saw; all others are left as they are."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import extract, parse

TEXT = "".join(f"<p>Paragraph {n} of a page that goes on behind what somebody forgot to close.</p>" for n in range(5))
FIGURE = "<figure><img src=mill.png><figcaption>A mill</figcaption>"


@pytest.mark.parametrize("noscript", ["noscript", "NoScript"])
@pytest.mark.parametrize("before", ["", "<img src=pixel.gif>"])
@pytest.mark.parametrize("behind", ["", "<iframe src=player.html></iframe>"])
def test_a_frame_that_nobody_closed_in_noscript_does_not_swallow_the_page(noscript, before, behind):
    frame = f'<{noscript}>{before}<iframe src="https://tags.example/ns.html"></{noscript}>'
    html = f"<body>{frame}<main>{TEXT}</main>{behind}</body>"
    assert "Paragraph 4" in parse(html).content[-1].text
    assert "Paragraph 4" in extract(html.encode()).text


def test_a_start_tag_for_an_end_tag_does_not_put_the_text_into_figures():
    closed = "</figure>"
    wrong, right = (f"<article>{FIGURE}{end}{TEXT}{FIGURE}{closed}</article>" for end in ("<figure>", closed))
    assert parse(wrong).markup == parse(right).markup


@pytest.mark.parametrize("second", [FIGURE + "</figure>", f"<figure>{FIGURE}</figure></figure>"])
def test_figures_within_figures_stay(second):
    html = f"<article>{FIGURE}{second}</figure>{TEXT}</article>"
    assert parse(html).markup.count(b"<figure>") == html.count("<figure>")
