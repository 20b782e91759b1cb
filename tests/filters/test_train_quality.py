"""Passages for training: which lines of a page belong to its marked content, and a model out of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from filters import train_quality
from filters.train_quality import examples, labelled_lines

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


class Fasttext:
    """Stands for the module and its model; keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict]] = []

    def train_supervised(self, text: str, **settings: object) -> Fasttext:
        self.told.append((Path(text).read_text("utf-8"), settings))
        return self

    def quantize(self, input: str, **settings: object) -> None:
        self.told.append((Path(input).read_text("utf-8"), settings))

    def save_model(self, path: str) -> None:
        Path(path).write_text("a model")


def test_the_command_trains_and_quantises_as_the_shipped_model_was(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fasttext = Fasttext()
    monkeypatch.setattr(train_quality, "fasttext_module", lambda: fasttext)
    monkeypatch.setattr("sys.argv", ["train_quality", str(data), "--output", str(data / "model.ftz")])
    train_quality.main()
    passages = examples(data)
    assert capsys.readouterr().out == f"{len(passages)} passages -> {data / 'model.ftz'}\n"
    assert (data / "model.ftz").read_text() == "a model"
    # One thread and one seed: a rebuild is to yield the same bytes.
    one_thread = {"thread": 1, "verbose": 0}
    shape = {"lr": 0.1, "dim": 16, "epoch": 5, "wordNgrams": 2, "minCount": 2, "bucket": 100_000, "seed": 1}
    assert fasttext.told == [
        ("\n".join(passages) + "\n", {**shape, **one_thread}),
        ("\n".join(passages) + "\n", {"cutoff": 30_000, "retrain": True, "qnorm": True, **one_thread}),
    ]
