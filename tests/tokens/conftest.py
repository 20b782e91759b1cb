from __future__ import annotations

import base64
from pathlib import Path

import pytest


@pytest.fixture
def rank_file(tmp_path: Path) -> Path:
    """A rank file as Llama 3's, with the 256 bytes and a few merges."""
    tokens = [bytes([i]) for i in range(256)]
    tokens += [b"th", b"the", b" th", b" the", b"  ", b"aa", b"aaaa"]
    tokens += [b"an", b"and", b" a", b" an", b" and", b"12", b"123"]
    path = tmp_path / "tokenizer.model"
    path.write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens)))
    return path
