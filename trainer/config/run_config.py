"""What surrounds the mathematics of a run, as settings that refuse what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainer.config.validation import require


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What surrounds the mathematics: the seed, the device, and how often to look, evaluate and save."""

    seed: int = 0
    """Decides the initial weights and the order of the documents."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16: the matrices multiply in bfloat16; weights, optimizer, loss and the sum of gradients stay in fp32."""
    float8: bool = False
    """The blocks' matrices multiply in float8, each row with its own scale; for GPUs that have it (H100 on), with
    ``compile``."""
    attention: Literal["sdpa", "flex", "varlen"] = "sdpa"
    """sdpa runs anywhere and holds a mask of T x T; flex and varlen need a GPU and skip what the mask excludes."""
    context_parallel: int = 1
    """Ranks that share each row, for rows too long for one: they must divide the ranks, and twice them the rows."""
    tensor_parallel: int = 1
    """Ranks that share each matrix, where FSDP alone has no more memory to save: they must divide the ranks, the
    heads, the kv heads, the feed-forward's width, the vocabulary and each rank's tokens of a row."""
    data_parallel_replicas: int = 1
    """Copies of the model, each sharded over its own ranks (HSDP), for so many ranks that gathering over all of them
    takes too long: they must divide the ranks. Copies lie on different hosts where each fits on whole ones."""
    timeout_minutes: float = 10.0
    """How long a rank waits for the others, once each has done a step of the stage, before the run ends."""
    activation_checkpointing: Literal["none", "selective", "full"] = "none"
    """Recompute in the backward pass what would otherwise be kept: nothing; all but every second matrix product and
    the attention; everything within a block."""
    reshard_after_forward: bool = False
    """Give gathered weights back between forward and backward pass: less memory, one more gathering a step."""
    compile: bool = False
    """Compile each block with torch.compile."""
    log_every: int = 10
    """Steps between two lines of ``metrics.jsonl``."""
    evaluate_every: int = 500
    """Steps between two looks at the held-out documents, besides those before the first step and after the last."""
    evaluation_tokens: int = 1 << 20
    """At most so many held-out tokens of each directory are looked at, the same ones each time."""
    checkpoint_every: int = 500
    async_checkpoints: bool = False
    """Write checkpoints while training goes on; each rank's host then needs memory for its part of one."""
    keep_checkpoints: int = 3
    """The last so many stay, besides the ends of stages, which are never removed."""
    keep_every: int | None = None
    """Checkpoints of every so many steps stay for good as well: a multiple of ``checkpoint_every``."""
    tokenizer: str | None = None
    """For what the run evaluates in words (needles): a tokenizer's name or file, where the shards' is not built in."""
    profile_step: int | None = None
    """The number of a step whose trace, and on a GPU whose memory, is written into ``RUN/profile``."""
    tensorboard: bool = False
    """Write the figures for TensorBoard as well, into ``RUN/tensorboard``."""
    wandb: str | None = None
    """The Weights & Biases project that the figures go to as well; ``WANDB_MODE=offline`` keeps them in ``RUN``."""

    def __post_init__(self) -> None:
        require(0 <= self.seed < 1 << 63, "seed", f"is {self.seed}; it must be at least 0 and less than 2^63")
        for key in (
            "log_every", "evaluate_every", "evaluation_tokens", "checkpoint_every", "keep_checkpoints",
            "context_parallel", "tensor_parallel", "data_parallel_replicas", "timeout_minutes",
        ):  # fmt: skip
            require(getattr(self, key) >= 1, key, f"is {getattr(self, key)}; it must be at least 1")
        require(
            self.keep_every is None or (self.keep_every > 0 and self.keep_every % self.checkpoint_every == 0),
            "keep_every",
            f"is {self.keep_every}; it must be a multiple of checkpoint_every ({self.checkpoint_every})",
        )
        require(not self.float8 or self.precision == "bf16", "float8", "is true, which needs precision bf16")
        require(
            not self.float8 or self.tensor_parallel == 1,
            "float8",
            "is true, which cannot be had with tensor_parallel; leave one of them out",
        )
        require(
            self.context_parallel == 1 or self.attention != "varlen",
            "attention",
            "is varlen, which cannot be had with context_parallel; choose flex",
        )
