"""The tokenizer that belongs to the token ids of a run's data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tokens.tokenizer import DEFAULT, Tokenizer, TokenizerInfo, load
from trainer.errors import TrainerError


def choose_tokenizer(info: TokenizerInfo, spec: str | None) -> Tokenizer:
    """The tokenizer that ``info`` describes: built in, or the file ``spec``. Raises :class:`TrainerError`."""
    tokenizer = load(spec or DEFAULT)
    if tokenizer.sha256 != info.sha256:
        found = f"{spec} is another one" if spec else "it is not built in"
        raise TrainerError(
            f"The model's tokens are those of {info.name} (sha256 {info.sha256[:12]}…), and {found}. Name its file "
            "(run.tokenizer in a configuration, --tokenizer of a command)."
        )
    return tokenizer


def decode_as_they_come(tokenizer: Tokenizer, ids: Iterable[int]) -> Iterator[str]:
    """The text of ``ids``, piece by piece, each as soon as its last character is whole: tokens are bytes, and may end
    within one."""
    pending: list[int] = []
    for id in ids:
        pending.append(id)
        text = tokenizer.decode(pending)
        # A character has four bytes at most. What ends in U+FFFD after as many tokens is no beginning of one.
        if not text.endswith("\ufffd") or len(pending) >= 4:
            yield text
            pending = []
    if pending:
        yield tokenizer.decode(pending)
