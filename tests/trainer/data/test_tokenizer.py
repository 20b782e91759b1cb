from __future__ import annotations

import pytest

from tokens.tokenizer import TokenizerInfo, load
from trainer.data.tokenizer import choose_tokenizer, decode_as_they_come
from trainer.errors import TrainerError


def test_another_tokenizer_is_refused():
    assert choose_tokenizer(load().info, None).info == load().info
    other = TokenizerInfo("theirs", "ab" * 32, 10, 1, 2)
    with pytest.raises(TrainerError, match="those of theirs .* it is not built in. Name its file"):
        choose_tokenizer(other, None)
    with pytest.raises(TrainerError, match="gristmill-8k is another one"):
        choose_tokenizer(other, "gristmill-8k")


@pytest.mark.parametrize("text", ["A mill.", "héllo 中文 🦙🦙 wörld", "", "\ufffd"])
def test_pieces_of_text_hold_whole_characters(text):
    ids = load().encode(text).tolist()
    pieces = list(decode_as_they_come(load(), ids))
    assert "".join(pieces) == text
    assert len(pieces) <= len(ids)
    assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text


def test_what_is_no_text_comes_all_the_same():
    ids = load().encode("🦙").tolist()
    cut = list(decode_as_they_come(load(), ids[:-1]))
    assert "".join(cut).strip("\ufffd") == ""
    assert len(list(decode_as_they_come(load(), ids[-1:] * 9))) >= 2  # it does not wait for ever
