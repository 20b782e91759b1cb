"""``python -m trainer``: what it returns, and what it says of errors."""

from __future__ import annotations

import sys

import pytest

import gristmill_installation
from tokens.info import TokenizerError
from tokens.shards import ShardError
from trainer.__main__ import main
from trainer.errors import TrainerError


@pytest.mark.parametrize("error", [TrainerError, ShardError, TokenizerError])
def test_an_error_that_a_person_can_mend_is_a_sentence(error: type[Exception], monkeypatch, capsys) -> None:
    def fail(args: object) -> int:
        raise error("It cannot be.")

    monkeypatch.setattr("trainer.model_commands.run_export", fail)
    monkeypatch.setattr(sys, "argv", ["trainer", "export", "a", "b"])
    assert main() == 1
    assert capsys.readouterr().err == "trainer: It cannot be.\n"


def test_a_command_s_status_is_returned(monkeypatch) -> None:
    monkeypatch.setattr("trainer.model_commands.run_export", lambda args: 7)
    monkeypatch.setattr(sys, "argv", ["trainer", "export", "a", "b"])
    assert main() == 7


def test_without_a_command_the_call_is_refused(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["trainer"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2 and "the following arguments are required: COMMAND" in capsys.readouterr().err


def test_another_distribution_s_packages_are_told(monkeypatch, capsys) -> None:
    asked: list[tuple[str, ...]] = []

    def check(*names: str) -> None:
        asked.append(names)
        raise gristmill_installation.ForeignPackageError("trainer is another's.")

    monkeypatch.setattr(gristmill_installation, "check", check)
    assert main() == 1
    assert asked == [("trainer", "tokens")] and capsys.readouterr().err == "trainer: trainer is another's.\n"
