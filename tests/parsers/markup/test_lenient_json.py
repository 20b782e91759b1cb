"""JSON as pages write it."""

from __future__ import annotations

import time

import pytest

from parsers.markup.lenient_json import read_json


@pytest.mark.parametrize(
    "script",
    [
        '{"a": "x\ny"}',
        '<!-- {"a": "x\ny",} -->',
        '//<![CDATA[\n{"a": "x\ny"}\n//]]>',
        '/*<![CDATA[*/ {"a": "x\ny"} /*]]>*/',
        ' {"a": "x\ny"}; ',
        '\n\n <!--\n//<![CDATA[ {"a": "x\ny"} //]]> --> ',
        '{"a": "x\ny"}' + " " * 100 + ";",
        '{"a": "x\ny"' + " " * 100 + "}-->",
    ],
)
def test_json_as_pages_write_it(script: str) -> None:
    assert read_json(script) == {"a": "x\ny"}


@pytest.mark.parametrize("script", ["", "{", "function() {}", "[" * 100_000, "1" * 5_000])
def test_what_is_no_json_is_nothing(script: str) -> None:
    assert read_json(script) is None


@pytest.mark.parametrize("blank", [" ", "// ", "<!-- ", "//<!--", " ,", "{ ", "; ", "\n<!"])
def test_time_is_linear_in_what_is_no_json(blank: str) -> None:
    started = time.process_time()
    assert read_json(blank * (1_000_000 // len(blank))) is None
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "script",
    [
        200_000 * " " + "{x}",
        "<!--" + 200_000 * " " + "{x}",
        "/*" + 200_000 * " " + "{x}",
        "{x" + 15 * "--> " + "x",
        "{x" + 200_000 * ", ",
    ],
)
def test_white_space_and_wrappers_are_read_in_linear_time(script: str) -> None:
    began = time.process_time()
    assert read_json(script) is None
    assert time.process_time() - began < 1
