"""Numbers of the command line and what they may be, said by argparse before anything is read."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any


def at_least(kind: Callable[[str], float], least: float, most: float = math.inf, open_below: bool = False) -> Any:
    """The ``type`` of an argument that must lie between ``least`` (without it if ``open_below``) and ``most``."""

    def convert(text: str) -> float:
        value = kind(text)
        if not (least < value if open_below else least <= value) or not value <= most:
            words = f"more than {least}" if open_below else f"at least {least}"
            raise argparse.ArgumentTypeError(
                f"{text} must be {words}" + (f" and at most {most}" if most < math.inf else "")
            )
        return value

    convert.__name__ = "number"  # argparse's word for what is none
    return convert
