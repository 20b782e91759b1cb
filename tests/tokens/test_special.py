"""Llama 3's special tokens: 256 names in the order of their ids."""

from __future__ import annotations

import pytest

from tokens.special import BOS, EOS, EOT, PAD, special_tokens


def test_the_names_of_llama_3() -> None:
    names = special_tokens(256)
    assert len(names) == len(set(names)) == 256
    assert [names.index(name) for name in (BOS, EOS, PAD, EOT)] == [0, 1, 4, 9]
    assert names[11:14] == ["<|image|>", "<|reserved_special_token_2|>", "<|reserved_special_token_3|>"]
    assert names[255] == "<|reserved_special_token_245|>"


@pytest.mark.parametrize("count", [0, 1, 11, 12, 13, 40])
def test_any_number_of_them_is_the_beginning(count: int) -> None:
    assert special_tokens(count) == special_tokens(256)[:count] and len(special_tokens(count)) == count
