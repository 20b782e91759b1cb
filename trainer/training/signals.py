"""What a run is asked to do: SIGTERM (a scheduler) and SIGINT (Ctrl-C) end it after the step that is under way,
SIGUSR1 (a scheduler's early warning, such as Slurm's ``--signal``) has it save and go on."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Self


class StopRequest:
    """While entered, the first two signals only set :attr:`received`; a second Ctrl-C interrupts at once.

    Python lets only the main thread take signals; in another thread nothing is set up and nothing received.
    """

    def __init__(self) -> None:
        self.received = self._save = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._previous[number] = signal.signal(number, self._receive)
            self._previous[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, self._receive_save)
        return self

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = True

    def _receive_save(self, number: int, frame: FrameType | None) -> None:
        self._save = True

    def take_save_request(self) -> bool:
        """Whether a SIGUSR1 has come since this was last asked."""
        asked, self._save = self._save, False
        return asked

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
