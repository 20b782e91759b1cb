"""The fast encoder gives the ids of the slow one, is used where it does, and nothing stops where it isn't there."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from tokens import fast, llama
from tokens.llama import LlamaEncoder
from tokens.tokenizer import BUILT_IN, DEFAULT, load

pytest.importorskip("fastokens", reason="fastokens has no wheel for this machine")

DATA = BUILT_IN[DEFAULT].read_bytes()
TEXTS = st.text(max_size=60) | st.text("aA'lL1٣\u3000 \n\t<|>ſ中ก", max_size=60)


LIBRARY = tokenizers.Tokenizer.from_buffer(DATA)
LIBRARY.encode_special_tokens = True


def of_library(text: str) -> list[int]:
    return LIBRARY.encode(text, add_special_tokens=False).ids


def rank_file_of(data: bytes) -> bytes:
    """The vocabulary of a byte-level tokenizer.json as ranks."""
    letters = {letter: byte for byte, letter in enumerate(byte_letters())}
    vocabulary = json.loads(data)["model"]["vocab"]
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    tokens = [bytes(letters[letter] for letter in word) for word in words if all(letter in letters for letter in word)]
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))


def byte_letters() -> list[str]:
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


@given(TEXTS)
def test_a_tokenizer_json_gives_the_library_s_ids(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert load(DEFAULT).encode(text).tolist() == of_library(text)


def after_enough_text(data: bytes) -> LlamaEncoder:
    """An encoder of ranks that has had enough text to start the fast one."""
    encoder = LlamaEncoder("ranks", data)
    encoder._encoded = llama._WORTH_STARTING - 1
    encoder.encode("more than one character")
    assert encoder._fast is not None
    return encoder


@pytest.fixture
def switched() -> LlamaEncoder:
    return after_enough_text(rank_file_of(DATA))


def test_ranks_give_the_same_ids_before_and_after_the_switch(switched: LlamaEncoder) -> None:
    plain = LlamaEncoder("ranks", rank_file_of(DATA))
    texts = [*fast._PROBES, "<|end_of_text|> I'LL 1234567 中文字" * 40, "x" * 60_000, " " * 60_000, "a b\n" * 120_000]
    for text in texts:
        assert switched.encode(text).tolist() == plain.encode(text).tolist()
    assert plain._fast is None


def test_a_text_that_the_fast_one_refuses_is_encoded_by_the_slow_one(switched: LlamaEncoder) -> None:
    def refuse(text: str) -> np.ndarray:
        raise ValueError("match limit exceeded")

    expected = switched.encode("the mill stands").tolist()
    switched._fast = refuse
    assert switched.encode("the mill stands").tolist() == expected


def test_other_ids_are_noticed_before_they_are_used() -> None:
    assert fast.fast_encoder(DATA, of_library) is not None
    assert fast.fast_encoder(DATA, lambda text: [*of_library(text), 7]) is None


@pytest.mark.parametrize("data", [b"{}", b'{"version": "1.0", "model": {"type": "WordPiece", "vocab": {}}}'])
def test_a_file_of_a_kind_that_it_does_not_know_is_left_to_the_library(data: bytes) -> None:
    assert fast.fast_encoder(data, of_library) is None


def test_nothing_stops_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "fastokens", None)
    assert fast.fast_encoder(DATA, of_library) is None


def test_llama_3_s_own_ranks() -> None:
    path = os.environ.get("GRISTMILL_LLAMA3_TOKENIZER")
    if not path:
        pytest.skip(
            "GRISTMILL_LLAMA3_TOKENIZER names no tokenizer.model (its licence keeps it out of this repository)"
        )
    data = Path(path).read_bytes()
    plain, switched = LlamaEncoder(path, data), after_enough_text(data)
    sources = sorted(Path(__file__).parents[2].glob("docs/*.md")) + sorted(Path(__file__).parent.glob("*.py"))
    for text in [*fast._PROBES, *(source.read_text("utf-8") for source in sources)]:
        assert switched.encode(text).tolist() == plain.encode(text).tolist()
    assert plain._fast is None
