"""Code blocks as each highlighter writes them, and the laws that hold for all of them."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsers.code_blocks import lines

PROGRAM = "def add(a, b):\n    total = a + b\n\n    return total"
ROWS = PROGRAM.split("\n")


def block(html: str) -> str:
    """The first element of a page's body in normal form."""
    return LexborHTMLParser(html.encode()).body.first_child.html


def each(form: str, between: str = "") -> str:
    """``form`` once for each line of the program: ``{n}`` is its number, ``{s}`` its text, coloured."""
    coloured = [re.sub(r"(def|return)", r"<span class='k'>\1</span>", row) for row in ROWS]
    return between.join(form.replace("{n}", str(n)).replace("{s}", row) for n, row in enumerate(coloured, 1))


NUMBERS = "\n".join(str(n) for n in range(1, len(ROWS) + 1))
NBSP = PROGRAM.replace("    ", "&nbsp;&nbsp;&nbsp;&nbsp;").replace("\n", "<br>\n")

MAKES = {
    "pre": f"<pre>{PROGRAM}</pre>",
    "pre code": f"<pre><code class='language-python'>{PROGRAM}\n</code></pre>",
    "coloured": f"<pre>{each('{s}', chr(10))}</pre>",
    "xmp": f"<xmp>{PROGRAM}</xmp>",
    "listing": f"<listing>{PROGRAM}</listing>",
    "pre with br": f"<pre>{PROGRAM.replace(chr(10), '<br>')}</pre>",
    "pre with br and line feeds": f"<pre>{PROGRAM.replace(chr(10), '<br />' + chr(10))}</pre>",
    "bare code with br": f"<code>{NBSP}</code>",
    "ordered list": f"<pre><ol>{each('<li>{s}</li>', chr(10))}</ol></pre>",
    "Prism": f"<pre class='line-numbers language-python'><code>{PROGRAM}<span aria-hidden='true' "
    f"class='line-numbers-rows'>{'<span></span>' * 4}</span></code></pre>",
    "Prism with toolbar": f"<pre><code>{PROGRAM}</code><div class='toolbar'><div class='toolbar-item'>"
    "<span>Python</span><button>Copy</button></div></div></pre>",
    "highlight.js line numbers": "<pre><code class='hljs'><table class='hljs-ln'><tbody>"
    + each(
        "<tr><td class='hljs-ln-line hljs-ln-numbers' data-line-number='{n}'><div class='hljs-ln-n' "
        "data-line-number='{n}'></div></td><td class='hljs-ln-line hljs-ln-code' data-line-number='{n}'>{s}</td></tr>"
    )
    + "</tbody></table></code></pre>",
    "Pygments table": f"<table class='highlighttable'><tr><td class='linenos'><div class='linenodiv'><pre>{NUMBERS}"
    f"</pre></div></td><td class='code'><div class='highlight'><pre><span></span>{PROGRAM}\n</pre></div></td></tr>"
    "</table>",
    "Pygments inline numbers": f"<div class='highlight'><pre>{each('<span class=linenos>{n}</span>{s}', chr(10))}"
    "</pre></div>",
    "Pygments anchors": "<div class='highlight'><pre>"
    + each("<a id='line-{n}' name='line-{n}' href='#line-{n}'></a>{s}", "\n")
    + "</pre></div>",
    "Urvanov": "<div class='urvanov-syntax-highlighter-syntax'><div class='crayon-toolbar'></div>"
    f"<textarea class='crayon-plain'>{PROGRAM}</textarea><table class='crayon-table'><tr><td class='crayon-nums'>"
    + each("<div class='crayon-num'>{n}</div>")
    + "</td><td class='urvanov-syntax-highlighter-code'><div class='crayon-pre'>"
    + each("<div class='crayon-line'>{s}</div>")
    + "</div></td></tr></table></div>",
    "Rouge": f"<table class='rouge-table'><tbody><tr><td class='gutter gl'><pre class='lineno'>{NUMBERS}\n</pre></td>"
    f"<td class='code'><pre>{PROGRAM}\n</pre></td></tr></tbody></table>",
    "Chroma table": "<div class='highlight'><table class='lntable'><tr><td class='lntd'><pre class='chroma'><code>"
    + each("<span class='lnt'>{n}\n</span>")
    + f"</code></pre></td><td class='lntd'><pre class='chroma'><code>{PROGRAM}</code></pre></td></tr></table></div>",
    "Chroma lines": "<div class='highlight'><pre class='chroma'><code>"
    + each("<span class='line'><span class='ln'>{n}</span><span class='cl'>{s}\n</span></span>")
    + "</code></pre></div>",
    "Shiki": f"<pre class='shiki'><code>{each('<span class=line>{s}</span>', chr(10))}</code></pre>",
    "Shiki without line feeds": f"<pre class='shiki'><code>{each('<span class=line>{s}</span>')}</code></pre>",
    "rehype-pretty-code": "<figure data-rehype-pretty-code-figure class='highlight'><figcaption>add.py</figcaption>"
    f"<pre><code>{each('<span data-line>{s}</span>', chr(10))}</code></pre></figure>",
    "Torchlight": f"<pre><code>{each('<div class=line><span class=line-number>{n}</span>{s}</div>')}</code></pre>",
    "CodeMirror 5": "<div class='CodeMirror'><div><textarea>x</textarea></div><div class='CodeMirror-measure'><pre>x"
    "</pre></div><div class='CodeMirror-code'>"
    + each(
        "<div style='position: relative'><div class='CodeMirror-gutter-wrapper'><div class='CodeMirror-linenumber'>"
        "{n}</div></div><pre class='CodeMirror-line'><span>{s}</span></pre></div>"
    )
    + "</div></div>",
    "CodeMirror 6": "<div class='cm-editor'><div class='cm-gutters'>1 2 3 4</div><div class='cm-content'>"
    + each("<div class='cm-line'>{s}</div>")
    + "</div></div>",
    "ACE": "<div class='ace_editor'><div class='ace_gutter'>1 2 3 4</div><div class='ace_content'>"
    + each("<div class='ace_line'>{s}</div>")
    + "</div></div>",
    "Monaco": f"<div class='view-lines'>{each('<div class=view-line><span>{s}</span></div>')}</div>",
    "GitHub blob": "<table class='highlight js-file-line-container'><tbody>"
    + each(
        "<tr><td id='L{n}' class='blob-num' data-line-number='{n}'></td>\n"
        "<td class='blob-code blob-code-inner'>{s}</td></tr>\n"
    )
    + "</tbody></table>",
    "GitLab": "<div class='file-content code highlight'><div class='line-numbers'><a>1</a><a>2</a></div><pre "
    f"class='code highlight'><code>{each('<span class=line>{s}</span>', chr(10))}</code></pre></div>",
    "SyntaxHighlighter": "<div class='syntaxhighlighter python'><table><tr><td class='gutter'>"
    + each("<div class='line number{n}'>{n}</div>")
    + "</td><td class='code'><div class='container'>"
    + each("<div class='line number{n}'><code class='plain'>{s}</code></div>").replace("    ", "&nbsp;" * 4)
    + "</div></td></tr></table></div>",
    "Crayon": "<div class='crayon-syntax'><div class='crayon-toolbar'>Python</div><div class='crayon-plain-wrap'>"
    f"<textarea class='crayon-plain'>{PROGRAM}</textarea></div><table class='crayon-table'><tr>"
    f"<td class='crayon-nums'>{each('<div class=crayon-num>{n}</div>')}</td><td class='crayon-code'>"
    f"{each('<div class=crayon-line>{s}</div>')}</td></tr></table></div>",
    "GeSHi list": f"<pre class='python'><ol>{each('<li class=li1><div class=de1>{s}</div></li>')}</ol></pre>",
    "WP-Syntax": f"<div class='wp_syntax'><table><tr><td class='line_numbers'><pre>{NUMBERS}</pre></td>"
    f"<td class='code'><pre class='python'>{PROGRAM}</pre></td></tr></table></div>",
    "Docusaurus": "<pre class='prism-code'><code>"
    + each("<span class='token-line'><span class='token plain'>{s}</span><br></span>")
    + "</code></pre>",
    "Confluence": "<div class='code panel'><div class='codeHeader'><b>add.py</b></div><div class='codeContent'><pre "
    f"class='syntaxhighlighter-pre'>{PROGRAM}</pre></div></div>",
    "Hexo": f"<figure class='highlight python'><table><tr><td class='gutter'><pre>{each('<span>{n}</span><br>')}</pre>"
    f"</td><td class='code'><pre>{each('<span class=line>{s}</span><br>')}</pre></td></tr></table></figure>",
    "Stack Overflow": f"<pre class='lang-py s-code-block'><code>{PROGRAM}\n</code></pre>",
    "Medium": f"<pre><span>{PROGRAM.replace(chr(10), '<br>')}</span></pre>",
    "rustdoc source": f"<pre class='rust'><code>{each('<a href=#{n} id={n} data-nosnippet>{n}</a>{s}', chr(10))}"
    "</code></pre>",
    "javadoc source": "<pre>"
    + each("<span class='source-line-no'>{n}</span><span id='line-{n}'>{s}</span>", "\n")
    + "</pre>",
    "Doxygen": "<div class='fragment'>"
    + each("<div class='line'><a id='l{n}'></a><span class='lineno'>    {n}</span>&#160;{s}</div>\n")
    + "</div>",
    "cgit": "<table class='highlighttable blob'><tr><td class='linenumbers'><pre>1\n2\n3\n4\n</pre></td>"
    f"<td class='lines'><pre><code>{PROGRAM}</code></pre></td></tr></table>",
    "Expressive Code": "<pre><code>"
    + each("<div class='ec-line'><div class='gutter'><div class='ln'>{n}</div></div><div class='code'>{s}</div></div>")
    + "</code></pre><div class='copy'><button>Copy</button></div>",
    "react-syntax-highlighter": "<pre><code>"
    + each(
        "<span class='linenumber react-syntax-highlighter-line-number' style='user-select: none'>{n}</span>"
        "<span>{s}\n</span>"
    )
    + "</code></pre>",
    "unselectable numbers": f"<pre>{each('<i style=user-select:none>{n} </i>{s}', chr(10))}</pre>",
    "hidden numbers": f"<pre>{each('<i aria-hidden=true>{n}</i>{s}', chr(10))}</pre>",
    "numbers without a name": f"<pre>{each('<div><span>{n}</span><div>{s}' + chr(10) + '</div></div>')}</pre>",
    "phpBB": f"<div class='codebox'><p>Code: Select all</p><pre><code>{PROGRAM}</code></pre></div>",
    "old blog": f"<div class='code'>{NBSP}</div>",
}


@pytest.mark.parametrize("make", MAKES)
def test_the_lines_of_every_make_are_those_that_were_typed(make: str) -> None:
    assert lines.code_lines(block(MAKES[make])) == PROGRAM


@pytest.mark.parametrize("make", [make for make, html in MAKES.items() if not html.startswith("<code")])
def test_every_make_is_found_by_a_tag_or_a_class(make: str) -> None:
    root = LexborHTMLParser(MAKES[make].encode()).body.first_child
    words = (root.attributes.get("class") or "").lower().split()
    assert root.tag in lines.CODE_ROOT_TAGS or not lines.CODE_ROOT_CLASSES.isdisjoint(words)


@pytest.mark.parametrize(
    "html",
    [
        "<div class='highlight'><p>Our summer sale has begun.</p><p>All chairs are cheaper.</p></div>",
        "<div class='syntaxhighlighter'></div>",
        "<div class='code'>Use the code SUMMER<br>before Sunday<br>at our shop.</div>",
        "<div class='fragment'>A fragment of a poem<br>without an end.</div>",
        "<div class='highlight'><pre>a = 1</pre><pre>b = 2</pre></div>",
        "<div class='highlight'>" + "prose beside the block " * 20 + "<pre>a = 1</pre></div>",
        "<table class='highlight'><tr><td>Price</td><td>Chair</td></tr><tr><td>12</td><td>oak</td></tr></table>",
        "<ul class='highlight'><li>First</li><li>Second</li></ul>",
        "<span class='highlight'>marked by hand</span>",
        "<code class='code literal'>get</code>",
        "<code>left open<br><div><p>and now the rest of the page</p></div></code>",
        "<div class='gutter'>12 reasons to stay</div>",
    ],
)
def test_what_is_no_code_or_more_than_one_block_is_left_to_the_caller(html: str) -> None:
    assert lines.code_lines(block(html)) is None


def test_a_table_of_changes_has_its_signs() -> None:
    number = "<td class='blob-num' data-line-number='1'></td>"
    form = number * 2 + "<td class='blob-code'><span class='blob-code-inner' data-code-marker='{}'>{}</span></td>"
    changes = [(" ", "def add(a, b):"), ("-", "    return a"), ("+", "    return <b>a</b> + b")]
    rows = "".join(f"<tr>{form.format(*change)}</tr>" for change in changes)
    assert lines.code_lines(block(f"<table class='diff-table highlight'><tbody>{rows}</tbody></table>")) == (
        " def add(a, b):\n-    return a\n+    return a + b"
    )


def test_a_gutter_on_its_own_is_empty() -> None:
    assert lines.code_lines(block(f"<pre class='lineno'>{NUMBERS}</pre>")) == ""
    assert lines.code_lines(block(f"<div class='linenos'><pre>{NUMBERS}</pre></div>")) == ""


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre>\n\n  a \n\tb&nbsp; c\t\n\n</pre>", "  a\n\tb  c"),
        ("<pre>$ ls\n&gt;&gt;&gt; 1 &lt; 2</pre>", "$ ls\n>>> 1 < 2"),
        ("<pre>a\u200bb\ufeff</pre>", "ab"),
        ("<pre>1\n2\n3</pre>", "1\n2\n3"),
        ("<pre>Roses are red,\n   violets are blue</pre>", "Roses are red,\n   violets are blue"),
        ("<pre><div>1</div><div>2</div><div>3</div></pre>", "1\n2\n3"),
        ("<pre>a <span class='line'>b</span> c\nd</pre>", "a b c\nd"),
        ("<pre><span class='line'>a</span>\n<span class='line'></span>\n<span class='line'>b</span></pre>", "a\n\nb"),
        ("<pre><!-- x -->a</pre>", "a"),
        ("<pre></pre>", ""),
    ],
)
def test_text_of_a_pre_is_kept(html: str, expected: str) -> None:
    assert lines.code_lines(block(html)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre><code class='language-Rust'>x</code></pre>", "rust"),
        ("<pre class='brush: php; gutter: false'>x</pre>", "php"),
        ("<pre data-lang='go'>x</pre>", "go"),
        ("<pre class='lang-py prettyprint'>x</pre>", "py"),
        ("<div class='highlight highlight-source-c++'><pre>x</pre></div>", "c++"),
        ("<div class='highlight-python notranslate'><pre>x</pre></div>", "python"),
        ("<div class='highlight-default'><pre>x</pre></div>", ""),
        ("<figure class='highlight shell'><pre>x</pre></figure>", "shell"),
        ("<pre class='language-none'>x</pre>", ""),
        ("<pre>class='language-c'</pre>", ""),
    ],
)
def test_language(html: str, expected: str) -> None:
    assert lines.language(block(html)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<code>x = 1</code>", False),
        ("<code>wrapped in\nthe source</code>", False),
        ("<code><br><div><p>An end tag was forgotten.</p></div></code>", False),
        ("<code>a<br>b</code>", True),
        ("<code><div>a</div><div>b</div></code>", True),
        ("<code style='white-space: pre'>a\nb</code>", True),
        ("<code><span class='line'>a</span><span class='line'>b</span></code>", True),
        ("<code>def f():\n    g()\nf()</code>", True),
        ("<code class='hl lean block'>#eval 1</code>", True),
        ("<code class='blocks'>#eval 1</code>", False),
    ],
)
def test_bare_code_is_a_block_if_it_breaks_into_lines(html: str, expected: bool) -> None:
    assert lines.is_block(block(html)) is expected


def test_indentation_of_the_page_is_none_of_bare_code() -> None:
    assert lines.code_lines(block("<code class='block'>\n    def f():\n      g()\n  </code>")) == "def f():\n  g()"
    assert lines.code_lines(block("<code style='white-space:pre'>  a\n  b</code>")) == "a\nb"


MARKUP = st.lists(
    st.sampled_from(
        ["<pre>", "<pre class='lineno'>", "</pre>", "<div class='line'>", "<div>", "</div>", "<span class='ln'>",
         "</span>", "<table class='highlight'>", "<tr>", "<td>", "</td>", "</table>", "<br>", "1", "\n", " ", "a = 1",
         "<code>", "</code>", "<li>", "<", '"', "&nbsp;", "<!--", "-->", "<script>", "</script>", "<xmp>"]
    )
    | st.text(max_size=5)
).map("".join)  # fmt: skip


@given(MARKUP)
def test_never_raises(markup: str) -> None:
    for source in (markup, f"<pre>{markup}", f"<div class='highlight'>{markup}</div>", f"<code>{markup}</code>"):
        assert lines.code_lines(source) is None or isinstance(lines.code_lines(source), str)
        assert isinstance(lines.is_block(source), bool)
        assert isinstance(lines.language(source), str)


@given(MARKUP)
def test_a_pre_of_a_page_always_gives_text(markup: str) -> None:
    found = LexborHTMLParser(f"<body><pre>{markup}".encode("utf-8", "replace")).css_first("pre")
    assert isinstance(lines.code_lines(found.html), str)


PLAIN_LINE = st.text(st.sampled_from("abz019 \t(){};=<>&\"'#$\u00e9\u4e2d"), max_size=20)


@given(st.lists(PLAIN_LINE, max_size=8))
def test_a_plain_pre_is_kept_line_by_line(rows: list[str]) -> None:
    escaped = "\n".join(rows).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = [row.rstrip() for row in rows]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    assert lines.code_lines(f"<pre>{escaped}</pre>") == textwrap.dedent("\n".join(kept))


@given(
    st.lists(st.text("ab =(", min_size=1, max_size=9), min_size=1, max_size=8),
    st.sampled_from(["gutter", "linenos", "lineno", "line-number", "linenumber", "ln", "lnt", "blob-num"]),
    st.sampled_from(["<tr><td class='{g}'>{n}</td><td class='code'>{s}</td></tr>",
                     "<div class='line'><span class='{g}'>{n}</span>{s}</div>",
                     "<span class='line'><span class='{g}'>{n}</span>{s}\n</span>"]),
)  # fmt: skip
def test_gutters_never_leak(rows: list[str], gutter: str, form: str) -> None:
    inside = "".join(form.format(g=gutter, n=900 + n, s=row) for n, row in enumerate(rows))
    html = f"<table class='highlighttable'>{inside}</table>" if form.startswith("<tr") else f"<pre>{inside}</pre>"
    text = lines.code_lines(block(html))
    assert not re.search(r"\d", text or "")
    expected = "\n".join(row.strip() for row in rows).strip()
    assert "\n".join(row.strip() for row in (text or "").split("\n")) == expected


def test_a_number_alone_in_a_row_is_no_line_number() -> None:
    table = "<table class='RktBlk'><tr><td>&gt; (f 2)</td></tr><tr><td><p>200</p></td></tr></table>"
    assert lines.code_lines(block(table)) == "> (f 2)\n200"


def test_mediums_paragraphs_within_a_pre_are_lines() -> None:
    spans = "<span data-selectable-paragraph=''>if x:<br>    y()</span><span data-selectable-paragraph=''>z()</span>"
    assert lines.code_lines(block(f"<pre>{spans}</pre>")) == "if x:\n    y()\nz()"


@pytest.mark.parametrize("between", ["", "\n      "])
def test_enlighters_lines(between: str) -> None:
    rows = between.join(f"<div class=''>{between}<div><span>{row}</span></div>{between}</div>" for row in ROWS if row)
    text = lines.code_lines(block(f"<div class='enlighter'>{between}{rows}{between}</div>"))
    assert text is not None and text.split("\n") == [row for row in ROWS if row]


def test_what_is_kept_to_be_copied_says_nothing() -> None:
    assert lines.code_lines(block("<div class='enlighter-raw'>int a; int b;</div>")) == ""
