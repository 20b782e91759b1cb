"""Every command that trains, or asks a model, says in a sentence that PyTorch is not there, before it reads anything."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

import pytest

from trainer import cli, model_commands
from trainer.errors import TrainerError
from trainer.posttraining import commands, round_commands, synthesize_commands
from trainer.training import lineage_command

COMMANDS = [
    cli.run_pretrain,
    cli.run_plan,
    model_commands.run_import,
    model_commands.run_export,
    model_commands.run_eval,
    model_commands.run_generate,
    lineage_command.run_which,
    commands.run_chat_check,
    commands.run_task,
    commands.run_average,
    commands.run_score,
    round_commands.run_sample,
    round_commands.run_select,
    round_commands.run_evaluate,
    synthesize_commands.run_back_translate,
    synthesize_commands.run_execute,
    synthesize_commands.run_paraphrase,
    synthesize_commands.run_synonyms,
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_without_torch(command: Callable[[Namespace], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TrainerError, match=r"needs PyTorch, which is not installed: pip install 'gristmill\[train\]'"):
        command(Namespace())


def test_rounds_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TrainerError, match="needs PyTorch"):
        round_commands.run_rounds_command(Namespace(base=None, prompts=None, config="c", overrides=[], output="o"))
