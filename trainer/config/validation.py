"""What is wrong with a setting, in a sentence that begins with its key."""

from __future__ import annotations

from trainer.errors import TrainerError


class ConfigError(TrainerError):
    """A setting that is unknown, missing or impossible."""


def require(condition: bool, key: str, problem: str) -> None:
    """Raises :class:`ConfigError` unless ``condition``; ``problem`` goes on from the setting's name."""
    if not condition:
        raise ConfigError(f"{key} {problem}")
