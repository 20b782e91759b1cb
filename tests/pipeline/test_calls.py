"""A function's process: what it gives back, and where it says what it logs."""

from __future__ import annotations

import base64
import json
import os
import pickle
from typing import Any

import pytest

from pipeline import worker
from pipeline.calls import answer, is_call, named


def answered(function: str, *arguments: object) -> Any:
    """What the process of a call hands back: returned, raised, about a store."""
    packed = base64.b64encode(pickle.dumps(arguments)).decode()
    asked = json.dumps({"call": [function, packed]}).encode() + b"\n"
    assert is_call(asked) and not is_call(b'{"worker": 1}')
    requests, other = os.pipe()
    read, replies = os.pipe()
    answer(asked, requests, replies)
    os.close(other)
    with os.fdopen(read, "rb") as stream:
        return pickle.load(stream)


def test_a_call_is_answered_and_logs_as_the_driver_does(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet: list[bool] = []
    monkeypatch.setattr(worker, "quieten", lambda: quiet.append(True))
    assert answered("operator:add", 3, 4) == (7, None, None)
    assert answered("operator:truediv", 1, 0) == (None, "ZeroDivisionError: division by zero", None)
    assert quiet == [True, True]
    assert named("os:path") is os.path
