"""All that a style draws otherwise, on one page."""

from __future__ import annotations

from parsers.markup.lexbor import normal_form
from parsers.scanner.appearance import as_drawn
from parsers.scanner.scan import scan_page

REST = "he rain began on a Thursday and did not stop for eleven days."
LINES = ("The miller counts the stones,", "the water counts the years,", "and takes what it has given.")
VERSE = "".join(f'<span style="display:block">{line}</span>' for line in LINES)


def test_letters_lines_and_buttons_are_put_right_at_once() -> None:
    html = f'<h1>Rain<button>Copy</button></h1><div class="drop-cap">T</div><p>{REST}</p><p>{VERSE}</p>'
    markup = normal_form(html.encode())
    drawn = as_drawn(markup, scan_page(markup))
    text = scan_page(normal_form(drawn)).text.tobytes().decode()
    assert text.replace("\n", "") == "Rain" + "T" + REST + "".join(LINES)
    assert drawn.count(b"<br") == 2


def test_a_page_that_is_drawn_as_its_tags_say_is_the_same_object() -> None:
    markup = normal_form(f"<h1>Rain</h1><p>T{REST}</p>".encode())
    assert as_drawn(markup, scan_page(markup)) is markup
