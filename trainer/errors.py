"""What a person can mend: a setting, a directory, a checkpoint. The command line prints it as one sentence."""

from __future__ import annotations


class TrainerError(ValueError):
    """Training cannot start or go on; the message says what is wrong, where, and what to do."""
