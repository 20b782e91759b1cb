"""A formula as the rest of the parser passes it on."""

from __future__ import annotations

from typing import NamedTuple


class Formula(NamedTuple):
    """``tex``: bare TeX, without delimiters; ``display``: whether it stands on a line of its own."""

    tex: str
    display: bool
