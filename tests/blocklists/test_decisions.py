"""Decisions are only added, the narrower and the later win, and what can't be meant is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.decisions import DROP, KEEP, UNDO, UNSURE, Decision, Decisions, append, read, read_table


def decision(scope: str, value: str, verdict: str = DROP) -> Decision:
    return Decision("2026-11-28", "ada", scope, value, verdict)


PAGE = ("f" * 32, "https://www.example.com/a/b", "example.com")


def test_the_narrower_scope_wins() -> None:
    narrower_last = [
        decision("domain", "example.com", DROP),
        decision("host", "WWW.example.com", KEEP),
        decision("prefix", "https://www.example.com/", DROP),
        decision("prefix", "https://www.example.com/a/", KEEP),
        decision("url", "https://www.example.com/a/b", DROP),
        decision("id", "f" * 32, KEEP),
    ]
    for number, last in enumerate(narrower_last, 1):
        assert Decisions(narrower_last[:number]).of_page(*PAGE) == last
        assert Decisions(reversed(narrower_last[:number])).of_page(*PAGE) == last
    assert Decisions(narrower_last).of_domain("example.com") == narrower_last[0]
    assert Decisions(narrower_last).of_page("0" * 32, "https://other.org/", "other.org") is None


def test_the_later_line_wins() -> None:
    both = [decision("domain", "example.com", DROP), decision("domain", "example.com", KEEP)]
    assert Decisions(both).of_domain("example.com").verdict == KEEP


def test_a_url_is_what_the_run_takes_for_one_page() -> None:
    known = Decisions([decision("url", "http://Example.com/x")], lambda url: url.lower().partition("://")[2])
    assert known.of_page("0", "https://example.com/X", "example.com") is not None


SCOPED = st.sampled_from([("domain", "example.com"), ("host", "a.example.com"), ("url", "https://a.example.com/")])


@settings(max_examples=20, deadline=None)  # each writes a file and waits for the disk
@given(st.lists(st.tuples(SCOPED, st.sampled_from([DROP, KEEP, UNSURE]), st.text(max_size=20)), max_size=8))
def test_what_is_added_is_read_again(tmp_path_factory: pytest.TempPathFactory, drawn: list) -> None:
    path = tmp_path_factory.mktemp("decisions") / "some" / "decisions.jsonl"
    decisions = [
        Decision("2026-11-28T10:00:00+00:00", "ada", *scoped, verdict, "review", note, {"score": 0.5})
        for scoped, verdict, note in drawn
    ]
    half = len(decisions) // 2
    assert append(path, decisions[:half]) + append(path, decisions[half:]) == len(decisions)
    assert read([path]) == decisions


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scope": "site"}, "the scope is 'site'"),
        ({"verdict": "maybe"}, "the verdict is 'maybe'"),
        ({"who": " "}, "nobody is named"),
        ({"when": "yesterday"}, "the date is 'yesterday'"),
        ({"value": ""}, "no domain is named"),
        ({"value": "www.example.com"}, "no registrable domain"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, changed: dict, says: str) -> None:
    good = {"when": "2026-11-28", "who": "ada", "scope": "domain", "value": "example.com", "verdict": "drop"}
    path = tmp_path / "decisions.jsonl"
    path.write_text(json.dumps(good) + "\n\n" + json.dumps({**good, **changed}) + "\n", "utf-8")
    with pytest.raises(ValueError, match=f"line 3 is no decision.*{says}"):
        read([path])


def test_a_missing_file_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file of decisions"):
        read([tmp_path / "none.jsonl"])


def test_a_table_of_people(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(
        "Domain,URL,decision,reviewer,date,note\n"
        'example.com,,deny,ada,2026-11-28,"sells cards, new"\n'
        ",https://a.org/x,Allow,ada,2026-11-28,\n,,,,,\n",
        "utf-8-sig",
    )
    found = read_table(path, lambda scope, value: {"score": len(value)})
    assert [(each.scope, each.value, each.verdict, each.note) for each in found] == [
        ("domain", "example.com", DROP, "sells cards, new"),
        ("url", "https://a.org/x", KEEP, ""),
    ]
    assert found[0].seen == {"score": 11}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("domain,decision\n", "must have domain"),
        ("decision,reviewer,date\n", "must have domain"),
        (
            "domain,decision,reviewer,date\na.com,deny,ada,2026-11-28\nb.com,yes,ada,2026-11-28\n",
            "line 3: the decision is 'yes'",
        ),
        ("domain,decision,reviewer,date\na.com,deny,,2026-11-28\n", "line 2: nobody"),
        ("domain,host,decision,reviewer,date\na.com,a.com,deny,ada,2026-11-28\n", "line 2: one of"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(tmp_path: Path, table: str, says: str) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(table, "utf-8")
    with pytest.raises(ValueError, match=says):
        read_table(path)


def test_undo_takes_back_the_line_before_it_about_the_same() -> None:
    lines = [decision("domain", "example.com", DROP), decision("domain", "example.com", KEEP)]
    other = decision("host", "www.example.com", DROP)
    undo = decision("domain", "Example.com", UNDO)
    assert Decisions([*lines, other, undo]).of_domain("example.com") == lines[0]
    assert Decisions([*lines, undo, undo, undo]).of_domain("example.com") is None
    assert len(Decisions([*lines, undo, undo])) == 0


def test_unsure_decides_nothing_and_leaves_it_to_the_wider_scope() -> None:
    decisions = [decision("domain", "example.com", DROP), decision("url", PAGE[1], UNSURE)]
    assert Decisions(decisions).of_page(*PAGE) == decisions[0]


def test_a_prefix_holds_for_both_schemes_and_any_case_of_the_host_and_the_longest_wins() -> None:
    short, long = (
        decision("prefix", "http://WWW.example.com/", DROP),
        decision("prefix", "https://www.example.com/a/", KEEP),
    )
    known = Decisions([short, long])
    assert known.of_page("0", "https://www.Example.com/x", "example.com") == short
    assert known.of_page("0", "http://www.example.com/a/b", "example.com") == long
    assert known.of_page("0", "https://www.example.community/", "example.community") is None
