"""What runs in the process of :mod:`~trainer.posttraining.synthesize.sandbox`: code, then its tests in one namespace.

Reads one JSON object on standard input, ``{"code", "tests", "limits", "nonce", "result"}``, and writes to the file
descriptor ``result``. Imports the standard library alone and is started with ``-I -S``: nothing of the user's
installation is at hand for the code.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
import traceback
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def leave_the_network() -> bool:
    """Whether this process now has a network of its own, in which nothing can be reached (Linux)."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (AttributeError, OSError):
        return False
    return unshare(_NEW_NETWORK) == 0 or unshare(_NEW_NETWORK | _NEW_USER) == 0


def limit(limits: dict[str, int]) -> None:
    """CPU seconds, bytes of memory and of each file, files open; no core dumps."""
    for name, value in {**limits, "CORE": 0}.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def run_tests(code: str, tests: list[dict[str, Any]]) -> str | None:
    """Why the first test fails; ``None`` where all pass."""
    space: dict[str, Any] = {"__name__": "solution"}
    try:
        exec(compile(code, "solution.py", "exec"), space)
    except BaseException:  # noqa: BLE001 (SystemExit of the code, too, is its failure)
        return _last_lines()
    for test in tests:
        call, expected, raises = test["call"], test.get("expected"), test.get("raises")
        try:
            try:
                value = eval(compile(call, "test", "eval"), space)
            except SyntaxError:
                exec(compile(call, "test", "exec"), space)
                value = None
            found = "" if value is None else repr(value)
        except BaseException as error:  # noqa: BLE001 (the test may expect it)
            if raises and raises.partition(":")[0].rpartition(".")[2] == type(error).__name__:
                continue
            return f"{call}\n{_last_lines()}"
        if raises:
            return f"{call}\nexpected {raises}, got {found[:200]}"
        if found != (expected or ""):
            return f"{call}\nexpected {(expected or '')[:200]}, got {found[:200]}"
    return None


def _last_lines() -> str:
    return "\n".join(traceback.format_exc(limit=-3).splitlines()[-8:])


def main() -> None:
    """Answers the object on standard input."""
    job = json.load(sys.stdin)
    # Kept from the code, so that it can't write a verdict of its own.
    result, nonce = os.fdopen(job["result"], "w"), job["nonce"]
    if not leave_the_network():
        answer = {"nonce": nonce, "no_sandbox": True}
    else:
        limit(job["limits"])
        answer = {"nonce": nonce, "error": run_tests(job["code"], job["tests"])}
    result.write(json.dumps(answer))
    result.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
