from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.arguments import namespace, refusal, values
from trainer.training.lineage_command import add_which


def test_what_it_is_told(capsys) -> None:
    nothing = {"source": "r", "step": None, "url": None, "data": None, "json": False, "run": "run_which"}
    assert values(add_which, "which r --step 3") == nothing | {"step": 3}
    assert values(add_which, "which r --url u --data a=x y --json") == nothing | {
        "url": "u", "data": ["a=x", "y"], "json": True,
    }  # fmt: skip
    assert "one of the arguments --step --url is required" in refusal(add_which, "which r", capsys)
    assert "not allowed with argument" in refusal(add_which, "which r --step 1 --url u", capsys)


class Seen(SimpleNamespace):
    def as_json(self) -> dict[str, Any]:
        return {"step": self.step, "url": self.url}


@pytest.fixture
def asked(monkeypatch) -> list[Any]:
    """What a run was asked that saw one page twice and another, of no known place, once."""
    calls: list[Any] = []
    part = SimpleNamespace(row=2, column=5, tokens=10, id="aa")
    other = SimpleNamespace(row=0, column=0, tokens=1, id="bb")
    found = [
        Seen(step=1, stage="all", url="http://ä", warc_file="w.gz", warc_offset=0, part=part),
        Seen(step=1, stage="all", url="http://ä", warc_file="w.gz", warc_offset=7, part=part),
        Seen(step=3, stage="all", url="", warc_file=None, warc_offset=None, part=other),
    ]

    class Lineage:
        steps = 1200

        def __init__(self, *rest: Any) -> None:
            calls.append(rest)

        def of_url(self, url: str) -> list[Seen]:
            calls.append(url)
            return found

        def of_step(self, step: int) -> list[Seen]:
            calls.append(step)
            return found

    monkeypatch.setattr("trainer.training.lineage.Lineage", Lineage)
    return calls


def test_pages_are_told_with_their_places_and_counted(asked, capsys) -> None:
    args = namespace(add_which, "which r --step 3 --data d")
    assert args.run(args) == 0
    assert [str(asked[0][0]), asked[0][1], asked[1]] == ["r", ["d"], 3]
    assert capsys.readouterr().out.splitlines() == [
        "step 1 (all) row 2 tokens 5-15: aa http://ä  w.gz:0",
        "step 1 (all) row 2 tokens 5-15: aa http://ä  w.gz:7",
        "step 3 (all) row 0 tokens 0-1: bb without URL",
        "2 documents in 2 of 1,200 steps.",
    ]


def test_json_is_an_object_a_line(asked, capsys) -> None:
    args = namespace(add_which, "which r --url http://ä --json")
    assert args.run(args) == 0 and asked[1] == "http://ä"
    out = capsys.readouterr().out
    assert [json.loads(line)["step"] for line in out.splitlines()] == [1, 1, 3] and "ä" in out
