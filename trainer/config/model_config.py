"""The shape of a model, as settings that refuse what cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from trainer.config.validation import require


@dataclass(frozen=True, kw_only=True)
class RopeScaling:
    """Llama 3.1's stretching of slow rotary frequencies (llama-models, ``models/llama3/model.py:45``).

    A pair that turns once in less than ``original_length / high_freq_factor`` tokens stays as it is, one that needs
    more than ``original_length / low_freq_factor`` is slowed down ``factor`` times, and those between are blended.
    """

    factor: float
    """8 for Llama 3.1, 32 for the 1B and 3B of Llama 3.2 (meta-llama/llama-models#241); 3.0 has no scaling at all."""
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_length: int = 8192

    def __post_init__(self) -> None:
        require(self.factor >= 1, "factor", f"is {self.factor}; it must be at least 1")
        require(
            0 < self.low_freq_factor < self.high_freq_factor,
            "low_freq_factor",
            f"is {self.low_freq_factor}; it must be positive and less than high_freq_factor ({self.high_freq_factor})",
        )
        require(self.original_length > 0, "original_length", "must be at least 1")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a Llama 3 (llama-models, ``models/llama3/args.py``; the paper's Table 3)."""

    dim: int
    """Width of the residual stream."""
    num_layers: int
    num_heads: int
    num_kv_heads: int
    """Heads of keys and values, each shared by ``num_heads / num_kv_heads`` heads of queries (GQA)."""
    vocab_size: int | None = None
    """Rows of the embedding; without it, as many as the tokenizer of the shards has ids."""
    ffn_multiplier: float = 1.0
    ffn_multiple_of: int = 256
    ffn_size: int | None = None
    """Width of the feed-forward layers where Llama's rule (:attr:`ffn_dim`) does not give it."""
    tied_embeddings: bool = False
    """Whether the head shares the embedding's weights, as in the 1B and 3B models of Llama 3.2."""
    rope_theta: float = 500_000.0
    rope_scaling: RopeScaling | None = None
    norm_eps: float = 1e-5

    def __post_init__(self) -> None:
        for key in ("dim", "num_layers", "num_heads", "num_kv_heads", "ffn_multiple_of"):
            require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be at least 1")
        for key in ("vocab_size", "ffn_size"):
            require(getattr(self, key) is None or getattr(self, key) > 0, key, "must be at least 1, or left out")
        for key in ("ffn_multiplier", "rope_theta", "norm_eps"):
            require(getattr(self, key) > 0, key, f"is {getattr(self, key)}; it must be positive")
        require(
            self.dim % (2 * self.num_heads) == 0,
            "dim",
            f"is {self.dim}; it must be a multiple of twice num_heads ({2 * self.num_heads}), because RoPE rotates "
            "the halves of each head",
        )
        require(
            self.num_heads % self.num_kv_heads == 0,
            "num_kv_heads",
            f"is {self.num_kv_heads}; it must divide num_heads ({self.num_heads})",
        )

    @property
    def embedding_rows(self) -> int:
        """:attr:`vocab_size` where it is known: a run takes it from its shards. Raises :class:`ValueError`."""
        if self.vocab_size is None:
            raise ValueError("A model needs config.vocab_size; only a run takes it from its shards.")
        return self.vocab_size

    @property
    def head_dim(self) -> int:
        return self.dim // self.num_heads

    @property
    def ffn_dim(self) -> int:
        """Llama's rule: two thirds of 4 dim, times the multiplier, rounded up (llama-models, ``model.py:205``)."""
        if self.ffn_size is not None:
            return self.ffn_size
        hidden = int(self.ffn_multiplier * int(2 * 4 * self.dim / 3))
        return math.ceil(hidden / self.ffn_multiple_of) * self.ffn_multiple_of

    def spelled_out(self) -> ModelConfig:
        """The same model with its ``ffn_size`` instead of a rule for it: two that are equal compare equal."""
        return replace(self, ffn_size=self.ffn_dim, ffn_multiplier=1.0, ffn_multiple_of=256)
