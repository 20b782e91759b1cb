"""Ctrl-C and SIGTERM end a run at once and with one sentence: what is committed is on disk, and nothing else counts."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from pipeline.stopwatch import running_children

_WHAT = {signal.SIGINT: "stopped", signal.SIGTERM: "terminated"}


def stop_with_a_sentence() -> None:
    """From now on both signals end this process and its workers; its exit status is 130 or 143."""
    for number in _WHAT:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    # No exception: it would travel through Beam's threads and workers, and each would print its own traceback.
    for child in running_children():  # elsewhere than on Linux workers end by themselves when they lose their driver
        try:
            os.kill(child, signal.SIGKILL)
        except OSError:
            continue  # it has ended by itself
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
    os.write(2, f"{show_cursor}\ngristmill: {_WHAT[signal.Signals(number)]}; the same command continues\n".encode())
    os._exit(128 + number)
