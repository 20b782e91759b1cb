"""A log file of a run: what it says and how far it is, warnings and errors of its parts, of Beam and of its workers."""

from __future__ import annotations

import logging
import time

LEVELS = ("debug", "info", "warning", "error")
_OURS = ("gristmill", "pipeline", "review")


def log_to(path: str, level: str = "info") -> None:
    """From now on messages are added to the file at ``path``, with UTC times. Below warnings those of our own packages
    alone; ``debug`` has everybody's. Raises ``ValueError`` where the file can't be written."""
    try:
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ValueError(f"--log {path} can't be written to: {error.strerror or error}") from error
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.setLevel(level.upper())
    root = logging.getLogger()
    root.addHandler(handler)
    if level == "debug":
        root.setLevel(logging.DEBUG)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
