"""Text that is written without a second look has the line ends that text put together block by block has."""

from __future__ import annotations

from parsers import extract

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause."


def test_lines_of_a_list_quotes_and_headings() -> None:
    items = "<ul><li>The bed stone never moves at all.</li><li>The runner stone turns above it.</li></ul>"
    body = f"<h1>The mill<br>by the river</h1>{f'<p>{SENTENCE}</p>' * 3}{items}<blockquote>{SENTENCE}</blockquote><p>{SENTENCE}</p>"
    page = extract(f"<html><body><article>{body}</article></body></html>".encode())
    listed = "The bed stone never moves at all.\nThe runner stone turns above it."
    assert page.text == "\n\n".join(["The mill by the river", *[SENTENCE] * 3, listed, SENTENCE, SENTENCE])
    assert [(page.text[span.start : span.end], span.kind) for span in page.spans] == [
        (listed, "list"),
        (SENTENCE, "quote"),
    ]
