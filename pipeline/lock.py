"""One driver an output: a second one on the same folder says so, instead of working beside the first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline import storage

try:
    import fcntl  # Unix alone has it
except ImportError:
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(run_dir: str) -> Iterator[None]:
    """Holds the lock of a run's folder. Raises ``RuntimeError`` where another process of this machine holds it.

    The lock is the kernel's, which a dead process can't keep. Object stores have none: there the committed files keep
    two drivers from spoiling each other's work, at the price of doing it twice.
    """
    if storage.is_remote(run_dir) or fcntl is None:
        yield
        return
    path = storage.join(run_dir, "work", "lock")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RuntimeError(
                f"another gristmill is writing to {run_dir} just now; wait until it has ended, or name another folder"
            ) from None
        yield
