"""Functions that are called in a process of their own, which goes on beside the driver and gives back what they return.

The process is forked by the one that forks workers (:mod:`pipeline.worker_server`), for a line such as ``{"call": [FUNCTION,
ARGUMENTS]}`` and two pipes, of which one takes the answer: what was returned, the sentence of what was raised, and whether
a store has raised it, pickled.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import pickle
from typing import Any

from parsers.fork_server import Forked
from pipeline import storage_errors, worker

_KEY = "call"
_BEGINS = f'{{"{_KEY}":'.encode()


class Call:
    """A call of ``function`` (``module:name``), by a process that the server at ``path`` forks for it. Raises ``OSError``
    where there is no server."""

    def __init__(self, path: str, function: str, arguments: tuple[object, ...]) -> None:
        packed = base64.b64encode(pickle.dumps(arguments)).decode()
        self._process = Forked(path, json.dumps({_KEY: [function, packed]}).encode() + b"\n")

    def result(self) -> Any:
        """What it returns, once it has. Raises ``RuntimeError`` with what it has raised, or where its process is gone;
        :class:`pipeline.storage_errors.StoreUnusable` where a store can't be used."""
        with self._process.stdin, self._process.stdout:
            answer = self._process.stdout.read()
        self._process.wait()
        returned, raised, about_store = pickle.loads(answer) if answer else (None, worker.GONE, None)
        if about_store is not None:
            raise storage_errors.StoreUnusable(about_store)
        if raised is not None:
            raise RuntimeError(raised)
        return returned

    def stop(self) -> None:
        """Ends the process, if it still runs."""
        self._process.kill()


def named(function: str) -> Any:
    """The function ``module:name``."""
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)


def is_call(asked: bytes) -> bool:
    """Whether what a process was forked for is a call."""
    return asked.startswith(_BEGINS)


def answer(asked: bytes, requests: int, replies: int) -> None:
    """Makes the call, in its process."""
    os.close(requests)
    # What it logs goes where the driver's own messages go.
    worker.quieten()
    function, packed = json.loads(asked)[_KEY]
    found: tuple[Any, str | None, str | None]
    try:
        found = named(function)(*pickle.loads(base64.b64decode(packed))), None, None
    except Exception as error:  # noqa: BLE001 (whatever it is, the driver says it)
        found = None, f"{type(error).__name__}: {error}", storage_errors.explain(error)
    with os.fdopen(replies, "wb") as stream:
        pickle.dump(found, stream)
