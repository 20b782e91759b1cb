"""Labels and amounts in elements of their own, items that are lines of code, and what programs put beside a text."""

from __future__ import annotations

import pytest

from parsers.markup.lexbor import normal_form
from parsers.scanner.line_elements import with_code_lines
from parsers.scanner.scan import scan_page


def text(html: str) -> str:
    return scan_page(normal_form(html.encode())).text.tobytes().decode()


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<b>Mesh:</b><span>2 mm</span>", "Mesh: 2 mm"),
        ("<span>Total:</span><span>0,00 EUR</span>", "Total: 0,00 EUR"),
        ("<b>Größe:</b><i>38</i>", "Größe: 38"),
        ("<b>3:</b><i>16</i>", "3:16"),  # a verse, a time
        ("Mesh:<b>2</b>", "Mesh:2"),  # no element ends
        ("<b>std::</b><i>2</i>", "std::2"),
    ],
)
def test_an_amount_behind_a_label_is_a_word_of_its_own(html: str, shown: str) -> None:
    assert text(f"<p>{html}</p>") == shown


def test_items_within_a_pre_are_read_with_it() -> None:
    lines = ["def weigh(sack):", "    if sack.wet:", "        return None"]
    items = "".join(f"<li><code>{line}</code></li>" for line in lines)
    for html, is_changed in (
        (f"<pre><ol>{items}</ol></pre>", False),
        (f"<ol>{items.replace('  ', '&nbsp;&nbsp;')}</ol>", True),
    ):
        markup = normal_form(html.encode())
        assert (with_code_lines(markup, scan_page(markup)) is not markup) == is_changed


@pytest.mark.parametrize(
    "name",
    ["bbCodeBlock-expandLink", "js-expandLink", "hideme", "cook-mode", "stab portability", "wprm-prevent-sleep"],
)
def test_what_a_program_puts_beside_a_text_is_skipped(name: str) -> None:
    assert text(f'<div>Wire is fine.<div class="{name}">A word of ours</div></div>') == "Wire is fine."
