"""What a task of post-training begins with: the latest checkpoint of another run, and its tokenizer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple, Self

from tokens.tokenizer import Tokenizer, TokenizerInfo
from trainer.checkpoint import run_tokenizer, store
from trainer.checkpoint.convert import IMPORTED_LENGTH, tokenizer_of_run
from trainer.config.loader import parse
from trainer.config.model_config import ModelConfig
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatFormat

REWARD = "reward"
"""The task of reward models, which have no head that could write."""


class Base(NamedTuple):
    """A run as others begin with it."""

    run_dir: Path
    checkpoint: store.Checkpoint
    model: ModelConfig
    rope_scaling: bool
    """Whether the model's RoPE scaling is in force."""
    length: int
    """Tokens of the longest rows that it was trained on."""
    chat: ChatFormat
    info: TokenizerInfo
    """What its shards say of its tokenizer."""
    task: str | None
    """What trained it; ``None`` for pre-training and imports."""

    @classmethod
    def open(cls, run_dir: str | Path, tokenizer: str | None = None) -> Self:
        """The latest state of ``run_dir``; ``tokenizer`` names the tokenizer's file where it is neither built in nor
        kept with the run. Raises :class:`TrainerError` where there is none, or it has no words for dialogs."""
        run_dir = Path(run_dir)
        saved = store.latest(run_dir)
        if saved is None:
            raise TrainerError(
                f"{run_dir} holds no checkpoint. Name the directory of a run that was trained or imported."
            )
        facts = saved.facts
        kept = run_tokenizer.kept_info(run_dir)
        info = TokenizerInfo(**facts["tokenizer"]) if facts.get("tokenizer") else kept
        found = tokenizer_of_run(run_dir, info, tokenizer)
        stages = facts.get("stages", [])
        model: ModelConfig = parse(ModelConfig, facts["identity"]["model"])
        if found.vocab_size > model.embedding_rows:
            raise TrainerError(
                f"{found.spec} has ids up to {found.vocab_size - 1}, but the vocabulary of {run_dir} has "
                f"{model.embedding_rows}. Name the model's own tokenizer: --tokenizer."
            )
        return cls(
            run_dir,
            saved,
            model,
            stages[-1]["rope_scaling"] if stages else facts.get("rope_scaling", True),
            max([stage["sequence_length"] for stage in stages] + [facts.get("length", 0)]) or IMPORTED_LENGTH,
            ChatFormat(found),
            info or found.info,
            facts["identity"].get("task"),
        )

    @property
    def tokenizer(self) -> Tokenizer:
        return self.chat.tokenizer

    def demand(self, is_reward: bool, purpose: str) -> None:
        """Raises :class:`TrainerError` unless the run is, or is not, a reward model, as ``purpose`` needs it."""
        if (self.task == REWARD) != is_reward:
            has, wanted = ("a reward model", "a model that writes") if not is_reward else ("none", "a reward model")
            raise TrainerError(f"{self.run_dir} is {has}, and {purpose} needs {wanted}. Name another run.")

    def keep_tokenizer(self, run_dir: Path) -> None:
        """Puts a copy of the tokenizer into the run ``run_dir``. Raises :class:`TrainerError` on a full disk."""
        try:
            run_tokenizer.keep(run_dir, self.tokenizer, self.info)
        except OSError as error:
            raise TrainerError(f"{run_dir} cannot be written ({error}). Make room there, or name another.") from None


def weights_hash(checkpoint: store.Checkpoint) -> str:
    """A hash of the tensors' files of a checkpoint: the same for the same tensors written by as many ranks."""
    digest = hashlib.sha256()
    for path in sorted(checkpoint.path.glob("*.distcp")):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
