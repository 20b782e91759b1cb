"""Llama 3: a decoder of pre-normed blocks with grouped-query attention, rotary positions and SwiGLU; no biases.

Sources: the paper (arXiv 2407.21783) §3.2, and for what it leaves out llama-models, ``models/llama3/model.py``.
Names and layout of the weights are Hugging Face's (the head's halves are rotated, not its even and odd entries), so
that export is a copy. Shapes: B rows, T tokens a row, D width of the model, E width of a head.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.attention import attend, document_mask
from trainer.config import ModelConfig


class RMSNorm(nn.Module):
    """x / rms(x) * weight, the statistics in fp32 (llama-models, ``model.py:31``)."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        normed = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        # Cast first, weigh second, as Meta and Hugging Face do: in bf16 the other order rounds differently.
        return normed.to(x.dtype) * self.weight


def rotary_table(positions: Tensor, head_dim: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each (B, 1, T, E) in fp32, of the angles by which ``positions`` (B, T) turn each pair."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32, device=positions.device) / head_dim
    angles = positions[:, None, :, None].float() * (1.0 / theta**exponents)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, table: tuple[Tensor, Tensor]) -> Tensor:
    """``x`` (B, heads, T, E) turned by its positions: entry i is paired with entry i + E/2. In fp32, cast back."""
    cos, sin = table
    wide = x.float()
    first, second = wide.chunk(2, dim=-1)
    return (wide * cos + torch.cat((-second, first), dim=-1) * sin).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        self.q_proj = nn.Linear(config.dim, config.num_heads * config.head_dim, bias=False)
        self.k_proj = nn.Linear(config.dim, config.num_kv_heads * config.head_dim, bias=False)
        self.v_proj = nn.Linear(config.dim, config.num_kv_heads * config.head_dim, bias=False)
        self.o_proj = nn.Linear(config.num_heads * config.head_dim, config.dim, bias=False)

    def forward(self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        # -1 for the heads: a tensor-parallel rank holds only its share of them.
        q, k, v = (
            proj(x).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for proj in (self.q_proj, self.k_proj, self.v_proj)
        )
        out = attend(rotate(q, table), rotate(k, table), v, mask)
        return self.o_proj(out.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) * up(x)). In Meta's names gate is w1, down w2, up w3."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.up_proj = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.down_proj = nn.Linear(config.ffn_dim, config.dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.dim, config.norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config.dim, config.norm_eps)
        self.mlp = FeedForward(config)

    def forward(self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), table, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """The model up to its last norm; :attr:`head_weight` turns its output into logits.

    The head is left to the loss (:mod:`trainer.loss`), which never holds the logits of more than a few tokens at
    once. ``config.vocab_size`` must be set.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        if config.vocab_size is None:
            raise ValueError("A model needs config.vocab_size; only a run takes it from its shards.")
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.dim)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = RMSNorm(config.dim, config.norm_eps)
        if not config.tied_embeddings:
            self.lm_head = nn.Linear(config.dim, config.vocab_size, bias=False)

    @property
    def head_weight(self) -> Tensor:
        """(vocab_size, D): the embedding itself where the two are tied."""
        return self.embed_tokens.weight if self.config.tied_embeddings else self.lm_head.weight

    def forward(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """``tokens`` and ``positions``, both (B, T) of integers, to hidden states (B, T, D).

        ``positions`` start from 0 in every document of a row; attention stays within a document.
        """
        mask = document_mask(positions)
        table = rotary_table(positions, self.config.head_dim, self.config.rope_theta)
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, table, mask)
        return self.norm(x)

    def logits(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, vocab_size): for looking at a few tokens, not for training."""
        return F.linear(self(tokens, positions), self.head_weight)

    @torch.no_grad()
    def init_weights(self, generator: torch.Generator) -> None:
        """Draws all weights. The paper is silent; this is what torchtitan and OLMo-core call ``llama_depth``:

        ==================  ==================================================================
        embedding           N(0, 1); tied to the head: as the head
        head                N(0, 1 / D)
        q, k, v, gate       N(0, 0.02²)
        o, up, down         N(0, 0.02² / (2 (layer + 1))): deeper blocks start out quieter
        norms               1
        ==================  ==================================================================

        All but an untied embedding are cut at three standard deviations. A tied model starts above the loss of a
        guess, because a head that equals the embedding makes every token predict itself; it unlearns that at once.
        """

        def draw(weight: Tensor, std: float) -> None:
            nn.init.trunc_normal_(weight, std=std, a=-3 * std, b=3 * std, generator=generator)

        if self.config.tied_embeddings:
            draw(self.embed_tokens.weight, self.config.dim**-0.5)
        else:
            nn.init.normal_(self.embed_tokens.weight, generator=generator)
            draw(self.lm_head.weight, self.config.dim**-0.5)
        for depth, layer in enumerate(self.layers):
            attention, mlp = layer.self_attn, layer.mlp
            for linear in (attention.q_proj, attention.k_proj, attention.v_proj, mlp.gate_proj):
                draw(linear.weight, 0.02)
            for linear in (attention.o_proj, mlp.up_proj, mlp.down_proj):
                draw(linear.weight, 0.02 / math.sqrt(2 * (depth + 1)))
        for module in self.modules():
            if isinstance(module, RMSNorm):
                nn.init.ones_(module.weight)

    def num_parameters(self) -> int:
        """Weights, those shared by embedding and head counted once."""
        return sum(parameter.numel() for parameter in self.parameters())
