"""Lines of code that stand in an element each."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import extract
from parsers.markup.lexbor import normal_form
from parsers.scanner.line_elements import with_code_lines
from parsers.scanner.scan import scan_page

CODE = ["for x in y:", "  if x:", "    print(x)"]
NBSP = [row.replace("  ", "&nbsp;&nbsp;") for row in CODE]
MONO = 'style="font-family: &quot;Courier New&quot;, monospace"'


def pre(html: str) -> str | None:
    markup = normal_form(html)
    found = with_code_lines(markup, scan_page(markup))
    return None if found is markup else found.split(b"<pre>")[1].split(b"</pre>")[0].decode()


@pytest.mark.parametrize(
    ("line", "between"),
    [
        ("<p><code>{}</code></p>", ""),
        (f"<p {MONO}>{{}}</p>", "\n"),
        (f"<div><span {MONO}>{{}}</span></div>", ""),
        ('<p class="MsoNormal"><span><font face="Consolas">{}</font></span></p>', ""),
        ("<li><code>{}</code></li>", ""),
        ("<code>{}</code>", "<br>\n"),
        ("<tr><td>7</td><td><code>{}</code></td></tr>", ""),
    ],
)
def test_a_run_of_lines_is_one_block(line: str, between: str) -> None:
    body = between.join(line.format(row) for row in NBSP)
    table = line.startswith("<tr")
    assert pre(f"<table>{body}</table>" if table else f"<div>{body}</div>") == "\n".join(CODE)


def test_empty_lines_stay() -> None:
    rows = [f"<p><code>{row}</code></p>" for row in NBSP]
    assert pre(rows[0] + rows[1] + "<p>&nbsp;</p>" + rows[2]) == "for x in y:\n  if x:\n\n    print(x)"


@pytest.mark.parametrize(
    "html",
    [
        "".join(f"<li><code>{name}()</code></li>" for name in ("open", "read", "close")),
        "".join(f"<p {MONO}>{row}</p>" for row in ("Dear miller,", "the grain has come", "and waits at the gate")),
        "".join(f"<p>Type <code>{row}</code></p>" for row in NBSP),
        "<p>and</p>".join(f"<p><code>{row}</code></p>" for row in NBSP),
        "".join(f"<pre {MONO}>{row}</pre>" for row in NBSP),
        "<table>" + "".join(f"<tr><td {MONO}>{row}</td></tr>" for row in NBSP) + "</table>",
        f"<p><code>{NBSP[0]}</code></p><p><code>{NBSP[1]}</code></p>",
    ],
)
def test_other_elements_stay(html: str) -> None:
    assert pre(html) is None


def test_a_page_shows_such_lines_as_code() -> None:
    prose = (
        "<p>The mill stands by the river, and its wheel has turned for three hundred years without a pause.</p>" * 3
    )
    page = f"<html><body><article>{prose}{''.join(f'<p><code>{row}</code></p>' for row in NBSP)}{prose}</article></body></html>"
    assert "\n".join(CODE) in extract(page.encode()).text


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<code>", "</code>", "<br>", "&nbsp;", "x;", "<td>", "<tr>", "<table>", f"<p {MONO}>"]
        )
    )
)
def test_any_markup_is_read(pieces: list[str]) -> None:
    markup = normal_form("".join(pieces))
    assert len(with_code_lines(markup, scan_page(markup))) <= 2 * len(markup) + 100


def test_time_is_linear() -> None:
    began = time.process_time()
    pre("<p><code>x;</code></p>" * 20_000)
    pre("<code>" * 5_000)
    assert time.process_time() - began < 5


def lines_of(*rows: str) -> str | None:
    return pre("".join(f"<p><code>{row}</code></p>" for row in rows))


@pytest.mark.parametrize(
    ("rows", "is_code"),
    [
        (("&nbsp;x = 1", "&nbsp;y = 2", "&nbsp;z = 3"), False), (("x = 1", "&nbsp;y = 2", "z = 3"), True), (("x = 1", "y = 2", "z = 3"), False),
        (("x = 1;", "y = 2;", "z = 3", "a = 4"), True), (("x = 1;", "y = 2", "z = 3"), False), (("x = 1;", "y = 2;"), False), (("x = 1;", "y = 2;", "z = 3;"), True),
        (("&gt;&gt;&gt; x = 1", "&gt;&gt;&gt; y = f(2)", "1"), True), (("if (x) {", "y = 2", "}"), True), (("$ make", "$ run -x", "ok = 1"), True),
    ],
)  # fmt: skip
def test_lines_are_code_if_some_are_indented_or_half_are_statements(rows: tuple[str, ...], is_code: bool) -> None:
    assert (lines_of(*rows) is not None) is is_code


@pytest.mark.parametrize(
    ("around", "holds"),
    [
        ("<p> {} </p>", True), ("<p>a {}</p>", False), ("<p>{} a</p>", False), ("<p><b><i>{}</i></b></p>", True), ("<p><b><i>{}</i> a</b></p>", False), ("<p><b>a <i>{}</i></b></p>", False),
        ("<p><b>" + " " * 1_000 + "{}</b></p>", False), ("<p><b>{}" + " " * 1_000 + "</b></p>", False), ("<p>" + "<b>" * 3 + "{}" + "</b>" * 3 + "</p>", True),
        ("<p>" + "<b>" * 4 + "{}" + "</b>" * 4 + "</p>", False), ("<tr><td>12:</td><td>{}</td></tr>", True), ("<tr><td>x</td><td>{}</td></tr>", False),
        ("<tr><td>123456</td><td>{}</td></tr>", False), ("<tr><td>12345</td><td>{}</td></tr>", True), ("<tr><td>{}</td></tr>", True),
    ],
)  # fmt: skip
def test_what_a_line_is_all_of(around: str, holds: bool) -> None:
    body = "".join(around.format(f"<code>{row}</code>") for row in NBSP)
    html = f"<table>{body}</table>" if "<tr" in around else body
    assert (pre(html) == "\n".join(CODE)) is holds


@pytest.mark.parametrize(
    ("inside", "is_line"), [("{}<div></div>", False), ("<div>{}</div>", False), ("<div></div>{}<b></b>", False), ("{}<b></b>", True)]
)  # fmt: skip
def test_no_line_holds_a_block(inside: str, is_line: bool) -> None:
    html = "".join(f"<div><code>{inside.format(row)}</code></div>" for row in NBSP)
    assert (pre(html) == "\n".join(CODE)) is is_line


def test_geshis_lines_are_known_by_their_class() -> None:
    items = "".join(f'<li class="li1"><div class="de1">{row}</div></li>' for row in ("if (a) {", "&nbsp; b();", "}"))
    assert pre(f'<ol class="c">{items}</ol>') is not None
    assert pre(f"<ol>{items.replace('de1', 'line')}</ol>") is None


SHEET = '<style>.c1{color:#000}.c4{color:#111;font-family:"Courier New"}</style>'


def test_a_class_of_the_page_s_own_style_sheet_names_letters_of_a_typewriter() -> None:
    """As published documents of Google Docs have it."""
    body = "".join(f'<p class="c2"><span class="c4">{row}</span></p>' for row in NBSP)
    assert pre(SHEET + body) == "\n".join(CODE)
    assert pre(SHEET.replace("Courier New", "Arial") + body) is None
    assert pre(SHEET.replace(".c4{", ".c2 .c4{") + body) is None
    assert (
        pre(
            SHEET
            + "".join(f'<p class="c2"><span class="c4">{row}</span></p>' for row in ["a day", "at the sea", "alone"])
        )
        is None
    )
