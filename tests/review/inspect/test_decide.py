"""Decisions from the terminal: what a value means by its form, and that the file is read again as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocklists.decisions import Decisions, read
from gristmill.cli import main
from review.inspect.decide import made_by_hand


@pytest.mark.parametrize(
    ("value", "scope", "meant"),
    [
        ("https://example.com/me", "url", "https://example.com/me"), ("https://example.com/a/*", "prefix", "https://example.com/a/"),
        ("example.co.uk", "domain", "example.co.uk"), ("www.example.co.uk", "host", "www.example.co.uk"),
        ("alice.github.io", "domain", "alice.github.io"), ("0123456789abcdef" * 2, "id", "0123456789abcdef" * 2),
    ],
)  # fmt: skip
def test_a_value_says_by_its_form_what_it_is(value: str, scope: str, meant: str) -> None:
    made = made_by_hand("drop", f" {value} ", who="ada")
    assert (made.scope, made.value) == (scope, meant)


@pytest.mark.parametrize("value", ["", "example", "example.com/me", "0123456789abcdef"])
def test_what_cannot_be_meant_is_a_sentence(value: str) -> None:
    with pytest.raises(ValueError, match="is no URL|no .* is named"):
        made_by_hand("drop", value, who="ada")


def test_the_command_adds_lines_and_takes_them_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sub" / "decisions.jsonl"
    drop = [
        "decide",
        str(path),
        "drop",
        "https://example.com/me",
        "--why",
        "erasure",
        "--who",
        "ada",
        "--note",
        "letter",
    ]
    assert main(drop) == 0 and main(["decide", str(path), "keep", "example.com", "--who", "ada"]) == 0
    assert "drop url https://example.com/me" in capsys.readouterr().out
    page = ("0" * 32, "https://example.com/me", "example.com")
    decided = Decisions(read([path])).of_page(*page)
    assert decided is not None and (decided.verdict, decided.why, decided.note, decided.who) == (
        "drop",
        "erasure",
        "letter",
        "ada",
    )
    assert main(["decide", str(path), "undo", "https://example.com/me"]) == 0
    left = Decisions(read([path])).of_page(*page)
    assert left is not None and left.scope == "domain" and len(read([path])) == 3
    assert main(["decide", str(path), "drop", "www.example.com", "--scope", "domain"]) == 1
    assert "no registrable domain" in capsys.readouterr().err and len(read([path])) == 3
