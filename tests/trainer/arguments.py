"""What tests of command lines share: commands that one module adds, without those of the others."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from typing import Any

import pytest

Add = Callable[[argparse._SubParsersAction], None]


def namespace(add: Add, line: str) -> argparse.Namespace:
    """What ``line`` says to the commands that ``add`` adds."""
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers(required=True))
    return parser.parse_args(shlex.split(line))


def values(add: Add, line: str) -> dict[str, Any]:
    """Every value of the command of ``line``; under ``run`` the name of the function that runs it."""
    found = vars(namespace(add, line))
    return found | {"run": found["run"].__name__}


def refusal(add: Add, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said to a ``line`` that cannot be."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        namespace(add, line)
    assert stopped.value.code == 2
    return capsys.readouterr().err
