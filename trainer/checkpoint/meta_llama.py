"""Meta's form of a Llama: ``params.json`` and ``consolidated.00.pth``, a file for each tensor-parallel rank.

Meta rotates even and odd entries of a head, we (and Hugging Face) its halves: the rows of q and k are permuted once,
here. Read with ``weights_only=True``: a .pth is a pickle, and may otherwise run code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.errors import TrainerError

_NAMES = {
    "tok_embeddings": "embed_tokens",
    "norm": "norm",
    "output": "lm_head",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
}
# Of a weight that is split over several files, the axis along which (llama-models, fairscale's parallel layers).
_COLUMNS = ("attention.wo", "feed_forward.w2")


def read(directory: Path) -> tuple[ModelConfig, Iterator[tuple[str, Tensor]]]:
    """The model and its weights, under our names, in our layout, in fp32, one at a time.

    Raises :class:`TrainerError` for a directory that holds no such model.
    """
    files = sorted(directory.glob("consolidated.*.pth"))
    try:
        params = json.loads((directory / "params.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(f"{directory}/params.json cannot be read ({error}).") from None
    if not files:
        raise TrainerError(f"There is no consolidated.*.pth in {directory}.")
    parts = []
    for path in files:
        try:
            parts.append(torch.load(path, map_location="cpu", weights_only=True, mmap=True))
        except Exception as error:  # noqa: BLE001 (what torch's zip reader, unpickler and disk raise)
            raise TrainerError(f"{path} cannot be read ({str(error).splitlines()[0]}). Copy it again.") from None
    parts = [{n: t for n, t in part.items() if n != "rope.freqs"} for part in parts]
    config = _config(params, parts[0])
    return config, _weights(config, parts)


def _config(params: dict, part: dict[str, Tensor]) -> ModelConfig:
    # Meta's code has the factor 8 for all; the 1B and 3B of Llama 3.2, which alone are tied, were trained with 32
    # (meta-llama/llama-models#241).
    tied = "output.weight" not in part or torch.equal(part["output.weight"], part["tok_embeddings.weight"])
    factor = params.get("rope_scale_factor", 32 if tied else 8)
    return ModelConfig(
        dim=params["dim"],
        num_layers=params["n_layers"],
        num_heads=params["n_heads"],
        num_kv_heads=params.get("n_kv_heads") or params["n_heads"],
        vocab_size=params["vocab_size"],
        ffn_multiplier=params.get("ffn_dim_multiplier") or 1.0,
        ffn_multiple_of=params["multiple_of"],
        tied_embeddings=tied,
        rope_theta=float(params.get("rope_theta", 500_000.0)),
        rope_scaling=RopeScaling(factor=float(factor)) if params.get("use_scaled_rope") else None,
        norm_eps=params["norm_eps"],
    )


def _weights(config: ModelConfig, parts: list[dict[str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    for name in parts[0]:
        match = re.fullmatch(r"(layers\.\d+\.)?(.+)\.weight", name)
        if not match or match[2] not in _NAMES:
            raise TrainerError(f"The checkpoint has a weight {name}, which no Llama 3 has.")
        if match[2] == "output" and config.tied_embeddings:
            continue
        pieces = [part[name] for part in parts]
        if pieces[0].ndim == 1 or len(pieces) == 1:
            whole = pieces[0]
        elif match[2] == "tok_embeddings":
            # Llama 3's files split the embedding by its rows, Llama 2's by its columns.
            whole = torch.cat(pieces, dim=0 if pieces[0].shape[1] == config.dim else 1)
        else:
            whole = torch.cat(pieces, dim=1 if match[2] in _COLUMNS else 0)
        if match[2] in ("attention.wq", "attention.wk"):
            whole = permute(whole, config.head_dim)
        yield f"{match[1] or ''}{_NAMES[match[2]]}.weight", whole.float()


def permute(weight: Tensor, head_dim: int) -> Tensor:
    """The rows of q or k (heads * head_dim, D), from pairs (2i, 2i + 1) to pairs (i, i + head_dim / 2)."""
    return weight.unflatten(0, (-1, head_dim // 2, 2)).transpose(1, 2).reshape(weight.shape)
