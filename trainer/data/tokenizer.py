"""The tokenizer that belongs to the token ids of a run's data."""

from __future__ import annotations

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
