"""``gristmill quality train`` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gristmill.cli import main


def test_train_prints_what_the_model_is_worth_and_how_to_name_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, words in (("good", "mill wind stone"), ("bad", "buy now cart")):
        rows = [
            json.dumps({"text": f"{words} {number}", "url": f"https://s{number}.example/"})
            for number in "abcdefghijklmnopqrstuvwxyz"
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows))
    sides = ["--positive", str(tmp_path / "good.jsonl"), "--negative", str(tmp_path / "bad.jsonl")]
    model = tmp_path / "model.bin"
    assert main(["quality", "train", *sides, "--output", str(model), "--epochs", "5"]) == 0
    shown = capsys.readouterr().out
    assert model.exists() and "other sites than those" in shown
    assert "AUC 1.0000, rank correlation" in shown and "precision" in shown and "recall" in shown
    assert f"mine: {{path: {model}, label: positive, reading: words, reject_below: null}}" in shown
    assert main(["quality", "train", *sides, "--output", str(tmp_path / "model")]) == 1
    assert "must be the name of a .bin or .ftz file" in capsys.readouterr().err
