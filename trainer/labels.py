"""The label of tokens that take no part in a loss: a module of its own, so that data needs no model for it."""

from __future__ import annotations

IGNORE = -100
"""The label of a token from which nothing is predicted (the ``ignore_index`` of torch's losses)."""
