"""What a page has at all: counted by the scanner, found one by one here."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.markup.lexbor import normal_form
from parsers.markup.names import TAG
from parsers.scanner.page import CODE_BLOCKS, HEADING_BUTTONS, NESTED_FIGURES, SPANS_IN_ROWS, TAG_, contents
from parsers.scanner.scan import scan_page

LINE = "<span>Two roads diverged</span>"


@pytest.mark.parametrize(
    ("html", "signs"),
    [
        ("<p>Prose and <b>more</b> of it</p>", 0),
        ("", 0),
        ("<figure><p>a<figure>b</figure></figure>", NESTED_FIGURES),
        ("<figure>a</figure><div><figure>b</figure></div>", 0),
        ("<h2>Step 1 <i><button>Copy</button></i></h2>", HEADING_BUTTONS),
        ("<h2><i><b><u><s><button>Copy</button></s></u></b></i></h2>", 0),  # too far
        ("<h2>Step 1</h2><button>Copy</button>", 0),
        (f"<p>{LINE}{LINE}{LINE}</p>", SPANS_IN_ROWS),
        (f"<p>{LINE}{LINE}</p><p>{LINE}</p>", 0),
        (f"<p>{LINE}{LINE} and then {LINE}</p>", 0),
        (f"<p>{LINE}<span>short</span>{LINE}{LINE}</p>", 0),
        (f"<p>{LINE}<span>{'long ' * 70}</span>{LINE}{LINE}</p>", 0),
        (f"<p><span>{LINE}{LINE}</span>{LINE}{LINE}{LINE}</p>", SPANS_IN_ROWS),
        ("<pre>x = 1</pre>", CODE_BLOCKS),
        (f"<pre>x</pre><h1><button>y</button></h1><p>{LINE * 4}</p>", CODE_BLOCKS | HEADING_BUTTONS | SPANS_IN_ROWS),
    ],
)
def test_rare_arrangements_are_known(html: str, signs: int) -> None:
    assert scan_page(normal_form(html.encode())).signs == signs


@pytest.mark.parametrize(
    "html", ["", "<p>a<p class=comment>b", "<table><tr><td>x<td hidden>y</table><script>z</script>"]
)
def test_elements_are_counted_by_tag_and_their_bits_gathered(html: str) -> None:
    markup = normal_form(html.encode())
    page = scan_page(markup)
    assert page.tags == np.bincount(page.elements[:, TAG_], minlength=len(page.tags)).tolist()
    assert page.said == int(np.bitwise_or.reduce(page.context))


def test_contents_are_those_of_one_tag_in_order() -> None:
    markup = normal_form(b"<style>a{}</style><script>b</script><p>c</p><script></script><script>d</script>")
    page = scan_page(markup)
    texts = {
        name: [markup[slice(*inside)] for inside in contents(page, TAG[name])] for name in ("script", "style", "pre")
    }
    assert texts == {"script": [b"b", b"", b"d"], "style": [b"a{}"], "pre": []}
