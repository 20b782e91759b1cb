from __future__ import annotations

import pytest

from tokens.tokenizer import TokenizerInfo, load
from trainer.data.tokenizer import choose_tokenizer
from trainer.errors import TrainerError


def test_another_tokenizer_is_refused():
    assert choose_tokenizer(load().info, None).info == load().info
    other = TokenizerInfo("theirs", "ab" * 32, 10, 1, 2)
    with pytest.raises(TrainerError, match="those of theirs .* it is not built in. Name its file"):
        choose_tokenizer(other, None)
    with pytest.raises(TrainerError, match="gristmill-8k is another one"):
        choose_tokenizer(other, "gristmill-8k")
