"""What a person can mend: a setting, a directory, a checkpoint. The command line prints it as one sentence."""

from __future__ import annotations


class TrainerError(ValueError):
    """Training cannot start or go on; the message says what is wrong, where, and what to do."""


def need_torch() -> None:
    """Raises :class:`TrainerError` where PyTorch is not installed, for commands that are about to import it."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        raise TrainerError("Training needs PyTorch, which is not installed: pip install 'gristmill[train]'") from None
