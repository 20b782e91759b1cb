"""Signs that cells of tables show as pictures."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import extract

PROSE = (
    "<p>We tied eleven knots in a rope that had lain in the harbour for a night, and hung a bucket of stones from each.</p>"
    "<p>The rope was hemp, as old as the boat, and none of us trusted it with more than the stones.</p>"
)
BEHIND = "<p>The granny knot fell before we had let go of the bucket. Nobody was surprised, and one of us got a wet foot.</p>"
ROWS = (
    "<table><tr><th>Knot</th><th>Dry</th><th>Wet</th></tr><tr><td>Bowline</td><td>{}</td><td>{}</td></tr>"
    "<tr><td>Granny</td><td>3</td><td>4</td></tr><tr><td>Reef</td><td>7</td><td>5</td></tr></table>"
)


def row(yes: str, no: str) -> str:
    table = ROWS.format(yes, no)
    html = f"<html><body><article><h1>Knots</h1>{PROSE}{table}{BEHIND}</article></body></html>"
    text = extract(html.encode()).text
    return next((line for line in text.split("\n") if line.startswith("Bowline")), text)


@pytest.mark.parametrize(
    ("yes", "no", "expected"),
    [
        ('<i class="fa fa-check"></i>', '<i class="fa fa-times"></i>', "✓\t✗"),
        (
            '<span class="dashicons dashicons-yes"></span>',
            '<span class="dashicons dashicons-minus">&nbsp;</span>',
            "✓\t–",
        ),
        ('<img src="t.png" alt="yes">', '<img src="f.png" alt="no">', "yes\tno"),
        ('<svg role="img" aria-label="Yes"><path d="M1"/></svg>', "<svg><title>No</title><path/></svg>", "Yes\tNo"),
        ('<svg class="bi bi-check-lg"><use href="#a"/></svg>', '<svg class="bi bi-x"><use href="#b"/></svg>', "✓\t✗"),
        (
            '<div><span class="icon icon--check" aria-label="Included"></span></div>',
            '<i title="Nein"></i>',
            "Included\tNein",
        ),
    ],
)
def test_what_a_picture_says_is_the_value_of_its_cell(yes: str, no: str, expected: str) -> None:
    assert row(yes, no) == f"Bowline\t{expected}"


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ('<img src="a.jpg" alt="A bowline"><i></i>', '<img src="b.jpg" alt="The same, wet"><i></i>'),
        ('<a href="/x"><i class="fa fa-check"></i></a>', '<button><i class="fa fa-times"></i></button>'),
        ('<i class="fa fa-star"></i>', '<i class="spacer"></i>'),
        ('<i class="fa fa-check"></i>', ""),  # one alone is no column of signs
    ],
)
def test_other_pictures_say_nothing(yes: str, no: str) -> None:
    assert row(yes, no) == "Bowline"


def test_a_picture_beside_text_says_nothing() -> None:
    assert row('<i class="fa fa-check"></i> holds', '<i class="fa fa-times"></i> slips') == "Bowline\tholds\tslips"
