"""Code that a model wrote, against its tests, in a process of its own.

The process has no network, a working folder that is thrown away, and limits on CPU, memory, size and number of files, and
time. It runs with the rights of whoever starts it and can read and change that person's files: run it in a container
where that matters. So it runs only where somebody has allowed it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from trainer.errors import TrainerError

CPU_SECONDS, WALL_SECONDS = 5, 10
LIMITS = {"CPU": CPU_SECONDS, "AS": 1 << 30, "FSIZE": 1 << 20, "NOFILE": 64}
WARNING = (
    "Code that a model wrote will run on this machine, with your rights on its files: without network, for "
    f"{CPU_SECONDS} seconds of CPU, {LIMITS['AS'] >> 20} MiB of memory and {LIMITS['FSIZE'] >> 20} MiB a file. Use a "
    "container where others' data are at hand."
)
_HARNESS = Path(__file__).with_name("harness.py")


class Tested(NamedTuple):
    """What came of a run: ``error`` says why the first test failed, in a few lines; ``None`` where all passed."""

    error: str | None

    @property
    def passed(self) -> bool:
        return self.error is None


def run_tests(code: str, tests: Sequence[Mapping[str, Any]]) -> Tested:
    """Runs ``code`` and then ``tests``, each ``{"call", "expected"?, "raises"?}``: an expression or statement, the
    ``repr`` of its value (empty for None), or the name of an exception. Later tests see what earlier ones assigned.

    Raises :class:`TrainerError` where a process can't be cut off from the network here.
    """
    nonce = secrets.token_hex(16)
    read, write = os.pipe()
    with tempfile.TemporaryDirectory() as folder, os.fdopen(read, "rb") as answers:
        with (Path(folder) / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_HARNESS)], stdin=subprocess.PIPE, stdout=output, stderr=output,
                cwd=folder, env={}, pass_fds=[write], start_new_session=True,
            )  # fmt: skip
        os.close(write)
        job = {"code": code, "tests": list(tests), "limits": LIMITS, "nonce": nonce, "result": write}
        reason = f"It was stopped by a limit ({CPU_SECONDS} s of CPU, {LIMITS['AS'] >> 20} MiB), or stopped itself."
        try:
            process.communicate(json.dumps(job).encode(), timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            reason = f"It did not end within {WALL_SECONDS} seconds."
        finally:
            with suppress(ProcessLookupError):  # it and whatever it started
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        answer = _read(answers.read(1 << 20), nonce)
    if answer is None:
        return Tested(reason)
    if answer.get("no_sandbox"):
        raise TrainerError(
            "This machine does not let a process leave the network (Linux with user namespaces does), and code that a "
            "model wrote is not run with one. Run it elsewhere, or without --allow-execution."
        )
    return Tested(answer["error"])


def _read(data: bytes, nonce: str) -> dict[str, Any] | None:
    """The harness's own answer; what the code wrote in its place doesn't know the nonce."""
    try:
        answer = json.loads(data)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.get("nonce") == nonce else None
