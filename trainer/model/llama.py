"""Llama 3: a decoder of pre-normed blocks with grouped-query attention, rotary positions and SwiGLU; no biases.

Sources: the paper (arXiv 2407.21783) §3.2, and for what it leaves out llama-models, ``models/llama3/model.py``.
Names and layout of the weights are Hugging Face's (the head's halves are rotated, not its even and odd entries), so
that export is a copy. Shapes: B rows, T tokens a row, D width of the model, E width of a head.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.config.model_config import ModelConfig
from trainer.model.attention import Mask, attend, prepare
from trainer.model.cross_entropy import Scores, head_loss, head_scores
from trainer.model.init import Part, fill
from trainer.model.kv_cache import DividedRows, KeyValues, KVCache
from trainer.model.rope import Table, frequencies, rotary_table, rotate


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


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        self.q_proj = nn.Linear(config.dim, config.num_heads * config.head_dim, bias=False)
        self.k_proj = nn.Linear(config.dim, config.num_kv_heads * config.head_dim, bias=False)
        self.v_proj = nn.Linear(config.dim, config.num_kv_heads * config.head_dim, bias=False)
        self.o_proj = nn.Linear(config.num_heads * config.head_dim, config.dim, bias=False)

    def forward(self, x: Tensor, table: Table, mask: Mask | None, cache: KeyValues | None = None) -> Tensor:
        # -1 for the heads: a tensor-parallel rank holds only its share of them.
        q, k, v = (
            proj(x).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for proj in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = rotate(q, table), rotate(k, table)
        if cache is not None:
            k, v = cache.extend(k, v)
        out = attend(q, k, v, mask)
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

    def forward(self, x: Tensor, table: Table, mask: Mask | None, cache: KeyValues | None = None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), table, mask, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Head(nn.Linear):
    """The head of a model whose head is not its embedding. What needs its weight runs within :meth:`forward`, because
    under FSDP the weight is whole only while the module runs that owns it."""

    def forward(self, function: Callable[..., Any], hidden: Tensor, *arguments: Any) -> Any:  # type: ignore[override]
        """``function(hidden, weight, *arguments)``."""
        return function(hidden, self.weight, *arguments)


class Llama(nn.Module):
    """The model: hidden states, or the loss of labels; :attr:`head_weight` turns hidden states into logits.

    ``config.vocab_size`` must be set. ``attention`` names the backend (:mod:`trainer.model.attention`).
    """

    def __init__(self, config: ModelConfig, attention: str = "sdpa") -> None:
        super().__init__()
        self.config = config
        self.attention = attention
        self.rope_scaling = config.rope_scaling
        """What is in force; a run sets it to ``None`` in stages before ``config``'s scaling begins."""
        self.context: DividedRows | None = None
        """Where ``tokens`` are only a part of their rows: who has the keys and values of the others."""
        self.embed_tokens = nn.Embedding(config.embedding_rows, config.dim)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = RMSNorm(config.dim, config.norm_eps)
        if not config.tied_embeddings:
            self.lm_head = Head(config.dim, config.embedding_rows, bias=False)

    @property
    def ends_apart(self) -> list[nn.Module]:
        """Embedding and head, where each is only used in its own forward pass, and so need not be whole together."""
        if self.config.tied_embeddings:
            return []
        # A subclass may use the head's weight in a forward pass of its own.
        return [self.embed_tokens, *([self.lm_head] if type(self).forward is Llama.forward else [])]

    @property
    def blocks(self) -> list[Block]:
        """:attr:`layers` as what they are."""
        return cast(list[Block], list(self.layers))

    @property
    def exact_modules(self) -> list[nn.Module]:
        """Modules besides blocks that compute in fp32 whatever the precision of the run; a subclass may have some."""
        return []

    @property
    def head_weight(self) -> Tensor:
        """(vocab_size, D): the embedding itself where the two are tied."""
        return self.embed_tokens.weight if self.config.tied_embeddings else self.lm_head.weight

    def forward(
        self,
        tokens: Tensor,
        positions: Tensor,
        labels: Tensor | None = None,
        score: bool = False,
        each: Tensor | None = None,
    ) -> Tensor | Scores:
        """``tokens`` and ``positions``, both (B, T) of integers, to hidden states (B, T, D).

        ``positions`` start from 0 in every document of a row; attention stays within a document. With ``labels``
        (B, T), the summed loss instead (:func:`~trainer.model.cross_entropy.head_loss`), or with ``score`` each
        label's (:func:`~trainer.model.cross_entropy.head_scores`). ``each`` (B, T) is filled with the losses of single
        labels on the way to their sum. They are computed in here because under FSDP the
        head's weight is whole only while the module that owns it runs.
        """
        if self.context:
            mask = self.context.mask(positions, self.attention)
            hidden = self.hidden_states(tokens, positions, mask, [self.context] * len(self.layers))
        else:
            hidden = self.hidden_states(tokens, positions, prepare(positions, self.attention))
        if labels is None:
            return hidden
        compute: Callable[..., Any] = head_scores if score else head_loss
        more = () if each is None else (each,)
        if self.config.tied_embeddings:
            return compute(hidden, self.head_weight, labels, *more)
        return self.lm_head(compute, hidden, labels, *more)

    def hidden_states(
        self, tokens: Tensor, positions: Tensor, mask: Mask | None, caches: Sequence[KeyValues | None] = ()
    ) -> Tensor:
        """As :meth:`forward` without labels, under another ``mask`` than that of packed documents, and with the keys
        and values of other tokens, one of ``caches`` a layer."""
        turns = frequencies(self.config.head_dim, self.config.rope_theta, self.rope_scaling, positions.device)
        table = rotary_table(positions, turns)
        x = self.embed_tokens(tokens)
        for layer, cache in zip(self.layers, caches or [None] * len(self.layers), strict=True):
            x = layer(x, table, mask, cache)
        return self.norm(x)

    def logits(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, vocab_size): for looking at a few tokens, not for training."""
        return F.linear(self(tokens, positions), self.head_weight)

    def make_caches(self, rows: int, capacity: int) -> list[KVCache]:
        """Empty caches, one a layer, for ``rows`` rows of at most ``capacity`` tokens."""
        shape = (rows, self.config.num_kv_heads, capacity, self.config.head_dim)
        return [KVCache(shape, self.embed_tokens.weight) for _ in self.layers]

    def next_logits(self, tokens: Tensor, caches: list[KVCache]) -> Tensor:
        """(B, vocab_size): logits behind the last of ``tokens`` (B, T), which follow those in ``caches``.

        The first call brings the whole prompt, each later one a single token; each row is one document.
        """
        begin, length = caches[0].length, tokens.shape[1]
        if begin and length > 1:
            raise ValueError(f"{length} tokens follow {begin} in the cache; behind the prompt they come one by one.")
        positions = torch.arange(begin, begin + length, device=tokens.device).expand(tokens.shape)
        mask = prepare(positions, "sdpa") if length > 1 else None
        hidden = self.hidden_states(tokens, positions, mask, caches)
        return F.linear(hidden[:, -1], self.head_weight)

    @torch.no_grad()
    def init_weights(self, seed: int, part: Callable[[Tensor], Part] = Part) -> None:
        """Draws all weights, of each matrix the ``part`` that is here; the numbers are the same however it is divided
        (:mod:`trainer.model.init`). The paper is silent; this is what torchtitan and OLMo-core call ``llama_depth``:

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

        names: dict[Tensor, str] = {parameter: name for name, parameter in self.named_parameters()}

        def draw(parameter: Tensor, std: float, cut: float = 3.0) -> None:
            fill(part(parameter), parameter.shape[1], seed, names[parameter], std, cut)

        if self.config.tied_embeddings:
            draw(self.embed_tokens.weight, self.config.dim**-0.5)
        else:
            draw(self.embed_tokens.weight, 1.0, cut=math.inf)
            draw(self.lm_head.weight, self.config.dim**-0.5)
        for depth, layer in enumerate(self.blocks):
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
