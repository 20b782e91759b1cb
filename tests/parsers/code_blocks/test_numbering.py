"""Numbers and labels that stand in or above lines of code, and prototypes in tables."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.code_blocks.labels import is_label, without_label
from parsers.code_blocks.lines import code_lines
from parsers.code_blocks.numbering import is_gutter, without_numbers
from parsers.code_blocks.prototypes import prototype
from parsers.markup.lexbor import normal_form

CODE = ["int low = 0;", "void loop() {", "  low = read(4);", "", "  ring();", "}"]


@pytest.mark.parametrize("form", ["{:02}: {}", "{}  {}", "{:>3} {}", "{}|{}", "{}. {}", "{}) {}", "{:03}\t{}", "[{}] {}", "#{} {}", "{:>3} | {}",
                                  "Line {}: {}"])  # fmt: skip
@pytest.mark.parametrize("first", [1, 0, 97])
def test_typed_numbers_go(form: str, first: int) -> None:
    text = "\n".join(form.format(first + number, row).rstrip() for number, row in enumerate(CODE))
    assert without_numbers(text) == "\n".join(CODE)


@pytest.mark.parametrize(
    "text",
    [
        "1. Take the boat\n2. Row it across\n3. Tie it up",
        "1\n2\n3",
        "10 PRINT X;\n20 GOTO 10;\n30 END;",
        "1 = a;\n2 = b;",
        "1 = a;\nx = b;\n2 = c;",
        "0.5 = a;\n1.5 = b;\n2.5 = c;",
        "[0] => a;\n[1] => b;\n[2] => c;",
        "1: a;\n5: b;\n9: c;",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_numbers(text) == text


def test_lines_may_be_left_out_between_numbers() -> None:
    assert without_numbers("4: a = 1;\n5: b = 2;\n...\n\n90: c();") == "a = 1;\nb = 2;\n...\n\nc();"


def test_a_line_of_spaces_is_read_in_linear_time() -> None:
    text = "1: a = 1;\n" + 500_000 * " " + "x\n2: b = 2;"
    began = time.process_time()
    assert without_numbers(text) == text
    assert time.process_time() - began < 1


def test_a_gutter_above_the_lines_goes() -> None:
    assert without_numbers("\n".join(["1", "2", "3", "4", "5", "6", *CODE])) == "\n".join(CODE)


@given(st.lists(st.text("ab =;(1 ", max_size=8), min_size=1, max_size=8))
def test_only_starts_of_lines_are_taken(rows: list[str]) -> None:
    found = without_numbers("\n".join(rows)).split("\n")
    assert all(any(row.strip().endswith(line.strip()) for row in rows) for line in found)


def test_gutters_are_counted() -> None:
    assert is_gutter("1\n2\n3\n") == 3 and is_gutter("7\n8") == 2
    assert is_gutter("¹ ²") == is_gutter("②") == 0  # digits to str.isdigit(), not to int()
    assert is_gutter("1\n3") == is_gutter("a") == is_gutter("") == 0


def lines(html: str) -> str | None:
    return code_lines(normal_form(html).decode().split("<body>")[1].split("</body>")[0])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div class='w3-code'>for x in y:<br>&nbsp;&nbsp;if x:<br>&nbsp;&nbsp;&nbsp;&nbsp;print(x)</div>",
         "for x in y:\n  if x:\n    print(x)"),
        ("<div style='font-family: Consolas, monospace'><div>if (x) {</div><div>&nbsp; y();</div><div>}</div></div>",
         "if (x) {\n  y();\n}"),
        ("<span style='font-family: Courier New'>x = 1;<br>y = 2;</span>", "x = 1;\ny = 2;"),
        ("<font face='Courier New'>x = 1;<br>y = 2;</font>", "x = 1;\ny = 2;"),
        ("<span style='font-family: Courier New'>A letter to the miller,<br>who never answered it</span>", None),
        ("<dl class='codebox'><dt>Code: <a href='#'>Select all</a></dt><dd><code>x = 1;<br>y = 2;</code></dd></dl>",
         "x = 1;\ny = 2;"),
        ("<div class='gutter'>1<br>2</div>", ""), ("<div class='gutter'><img src=x></div>", None),
        ("<pre>    if x:\n        y()</pre>", "if x:\n    y()"),
    ],
)  # fmt: skip
def test_styled_and_labelled_blocks(html: str, expected: str | None) -> None:
    assert lines(html) == expected


def test_a_prototype_is_written_in_lines() -> None:
    cells = "<tr><td class=memname>int cut<td>(<td>const char *&nbsp;<td><em>text</em>, <tr><td><td><td>int<td>most<tr><td><td>)"
    table = normal_form(f"<table class=memname>{cells}</table>").rstrip(b"\0").decode()
    assert prototype(table) == "int cut(const char * text,\n    int most)"
    assert prototype("<table><tr><td>no bracket</td></tr></table>") is None


@pytest.mark.parametrize(
    "text",
    [
        "Code:",
        "Code: Select all",
        "[Copy to clipboard]",
        "PHP Code:",
        "复制代码",
        "Copy",
        "view plaincopy to clipboardprint?",
    ],
)
def test_labels_are_known(text: str) -> None:
    assert is_label(text) and without_label(f"{text}\nx = 1;") == "x = 1;"


@pytest.mark.parametrize("text", ["", "The code is", "x = 1;", "Copy of a letter", "copycat", "Python", "Java:"])
def test_other_lines_are_no_labels(text: str) -> None:
    assert not is_label(text)
