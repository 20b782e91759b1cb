from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.cli import register, run_pretrain
from trainer.errors import TrainerError

REPOSITORY = Path(__file__).parents[2]


def parse(*args: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    return parser.parse_args(["train", *args])


def test_arguments_of_pretrain():
    args = parse("pretrain", "--data", "a", "b", "--output", "run", "--set", "stage.steps=3", "--set=run.seed=1")
    assert (args.config, args.data, args.output) == ("debug", ["a", "b"], "run")
    assert args.overrides == ["stage.steps=3", "run.seed=1"]
    assert args.run is run_pretrain


def test_arguments_are_defined_without_torch():
    code = (
        "import argparse, sys; from trainer.cli import register; "
        "register(argparse.ArgumentParser().add_subparsers()); "
        "sys.exit(bool({'torch', 'apache_beam', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0


def test_without_torch_the_command_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # what import finds where torch isn't installed
    with pytest.raises(TrainerError, match=r"pip install 'gristmill\[train\]'"):
        run_pretrain(parse("pretrain", "--data", "a", "--output", "run"))
