"""Options that several commands have, each declared once."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gristmill import logs

PROGRESS = ("auto", "bar", "lines", "json", "none")
WITH_BEAM_OPTIONS: list[Callable[..., Any]] = []
"""Commands that hand options they don't know to Beam; each adds itself where it is registered."""
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)(%?)")


class FailureLimit(NamedTuple):
    """So many records may fail: a number or, of those read, a share in percent."""

    value: float
    is_share: bool

    def allowed(self, read: int) -> float:
        return self.value / 100 * read if self.is_share else self.value

    def __str__(self) -> str:
        return f"{self.value:g}%" if self.is_share else f"{self.value:,.0f}"


def failure_limit(text: str) -> FailureLimit:
    """``100`` or ``0.5%``, for argparse."""
    found = _LIMIT.fullmatch(text)
    if found is None or (not found[2] and "." in found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of records, such as 100, and no share, such as 0.5%")
    return FailureLimit(float(found[1]), bool(found[2]))


def add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE",
        help="change a setting of the recipe, as in lines.max_count=3; may be given several times",
    )  # fmt: skip


def add_workers(parser: argparse.ArgumentParser, what: str = "worker processes of the local runner") -> None:
    parser.add_argument("--workers", type=int, default=1, metavar="N", help=f"{what} (1)")


def add_watching(parser: argparse.ArgumentParser) -> None:
    """What commands that mill show and write down about themselves, and when they are content."""
    parser.add_argument(
        "--progress", choices=PROGRESS, default="auto",
        help="bars, lines on standard error each half minute, or one JSON object a line (auto: bars on a terminal)",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="add messages and progress to a file")
    parser.add_argument("--log-level", choices=logs.LEVELS, default="info", help="what goes there (info)")
    parser.add_argument(
        "--max-failed",
        type=failure_limit,
        metavar="N",
        help="exit with status 3 where more records fail: 100, or 0.5%%",
    )


def check_workers(arguments: argparse.Namespace) -> None:
    """Raises ``ValueError`` for fewer than one."""
    if arguments.workers < 1:
        raise ValueError(f"--workers is {arguments.workers}, and must be at least 1")
