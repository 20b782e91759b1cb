"""Passages for training: which lines of a page belong to its marked content, and a model out of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from filters.fasttext_model import FastTextModel
from filters.quality import SHIPPED_MODEL, features
from filters.train_quality import examples, labelled_lines, main

GOLD = "the wind had turned in the night and there was grain waiting by the door"


@pytest.mark.parametrize(
    ("line", "belongs"),
    [
        ("The WIND had turned, in the night!", True),  # all its runs of four words
        ("wind had turned in", True),
        ("had turned in", False),  # shorter than a run, and no line of the content
        ("grain waiting by the mill pond", False),  # one run of three
        ("waiting by the door mill", True),  # one of two
        ("mill waiting by the door pond", False),  # one of three
        ("Menu", False),
        ("", False),
    ],
)
def test_a_line_belongs_by_half_of_its_runs_of_four_words(line: str, belongs: bool) -> None:
    inside, outside = labelled_lines(f"{line}\n", GOLD)
    assert (inside, outside) == (([line], []) if belongs else ([], [line] if line else []))


def test_a_line_of_the_content_belongs_however_short() -> None:
    assert labelled_lines("  The   Mill! \nmenu", f"{GOLD}\nthe mill") == (["The   Mill!"], ["menu"])


@pytest.fixture
def data(tmp_path: Path, prose: str) -> Path:
    """Six marked pages, each with a menu."""
    (tmp_path / "pages").mkdir()
    gold = []
    for number in range(6):
        text = "\n".join(f"{sentence} {number}" for sentence in prose.split(". "))
        gold.append(json.dumps({"id": f"page{number}", "source": "wcxb-dev", "text": text}))
        menu = [f"<li>Menu {word} basket {number}</li>" for word in "abcdefghijklmnopqrst"]
        rows = [f"<p>{row}</p>" for row in text.split("\n")]
        (tmp_path / "pages" / f"page{number}.html").write_text("".join(menu + rows))
    (tmp_path / "gold.jsonl").write_text("\n".join(gold) + "\n")
    return tmp_path


def test_passages_are_those_of_whole_pages_each_once(data: Path) -> None:
    passages = examples(data)
    assert len(passages) == len(set(passages)) and passages != sorted(passages)
    assert {line.split()[0] for line in passages} == {"__label__content", "__label__boilerplate"}
    # Numbers are folded, so that the pages differ in nothing: 50 words of each menu, and the rest of it.
    assert sum(line.startswith("__label__boilerplate") for line in passages) == 2


def test_the_command_trains_a_model_and_writes_it_where_it_is_told(
    data: Path, prose: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = SHIPPED_MODEL.read_bytes()
    monkeypatch.setattr("sys.argv", ["train_quality", str(data), "--output", str(data / "model.ftz")])
    main()
    assert capsys.readouterr().out == f"{len(examples(data))} passages -> {data / 'model.ftz'}\n"
    labels = FastTextModel(data / "model.ftz").predict(features(prose), k=2)
    assert {label for label, _ in labels} == {"content", "boilerplate"}
    assert SHIPPED_MODEL.read_bytes() == before
