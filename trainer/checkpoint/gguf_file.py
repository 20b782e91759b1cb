"""A run's model as one GGUF file, for llama.cpp and what is built on it (Ollama, LM Studio, …).

The form is that of the package ``gguf``, which its makers publish, and of what llama.cpp expects of ``llama``: even
and odd entries of a head are rotated together (as in Meta's files), Llama 3.1's scaling of RoPE is a tensor of factors
for the frequencies, and a byte-level vocabulary with Llama 3's split pattern is called ``llama-bpe``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tokens.special import EOM, EOT, PAD, SPLIT_PATTERN
from tokens.tokenizer import Tokenizer
from tokens.tokenizer_json import tokenizer_json
from trainer.checkpoint.chat_template import PLAIN_CHAT_TEMPLATE
from trainer.checkpoint.convert import Trained, find_tokenizer, load_model
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.model.rope import frequencies
from trainer.outputs import check_output_directory

_NAMES = {
    "embed_tokens": "token_embd",
    "norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
ROPE_FACTORS = "rope_freqs.weight"


def export_gguf(run_dir: str | Path, path: str | Path, dtype: str = "fp32", tokenizer: str | None = None) -> None:
    """Writes the run's model and tokenizer as the GGUF file ``path``; ``dtype``, fp32 or bf16, is that of the
    matrices. ``tokenizer`` names the tokenizer's file where it is neither built in nor kept with the run.

    Raises :class:`TrainerError` for a file that exists, without the package ``gguf``, and for a tokenizer that
    llama.cpp would read otherwise. Written under another name and renamed: it is whole or absent.
    """
    gguf, path = _library(), Path(path)
    if path.exists():
        raise TrainerError(f"{path} exists already. Name a new file.")
    check_output_directory(path.parent)
    trained = load_model(run_dir)
    own = find_tokenizer(trained, tokenizer)
    entries = _tokenizer_entries(gguf, own, trained.model.config.embedding_rows)
    if trained.chat:
        entries |= chat_entries(own)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = gguf.GGUFWriter(temporary, "llama")
        _describe(gguf, writer, trained, dtype)
        for key, value in entries.items():
            getattr(writer, f"add_{key}")(value)
        _write_tensors(gguf, writer, trained.model, dtype)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)


def _describe(gguf: Any, writer: Any, trained: Trained, dtype: str) -> None:
    model = trained.model.config
    writer.add_name(trained.run_dir.resolve().name)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16 if dtype == "bf16" else gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(trained.length)
    writer.add_embedding_length(model.dim)
    writer.add_block_count(model.num_layers)
    writer.add_feed_forward_length(model.ffn_dim)
    writer.add_head_count(model.num_heads)
    writer.add_head_count_kv(model.num_kv_heads)
    writer.add_layer_norm_rms_eps(model.norm_eps)
    writer.add_rope_freq_base(model.rope_theta)
    writer.add_rope_dimension_count(model.head_dim)
    writer.add_vocab_size(model.embedding_rows)


def _tokenizer_entries(gguf: Any, tokenizer: Tokenizer, rows: int) -> dict[str, Any]:
    """What a file says of its tokenizer: arguments of the methods ``add_…`` of gguf's writer."""
    content = json.loads(tokenizer_json(tokenizer))
    if not _splits_as_llama(content.get("pre_tokenizer")):
        raise TrainerError(
            f"{tokenizer.spec} does not split text as Llama 3's tokenizer does, and llama.cpp would read it otherwise. "
            "Export without --gguf, and convert with llama.cpp's own script."
        )
    kinds = gguf.TokenType
    # More rows than tokens, as where vocab_size was rounded up: names that no text contains.
    tokens = [f"[PAD{id}]" for id in range(rows)]
    types = [int(kinds.UNUSED)] * rows
    for token, id in content["model"]["vocab"].items():
        tokens[id], types[id] = token, int(kinds.NORMAL)
    for added in content["added_tokens"]:
        kind = kinds.CONTROL if added["special"] else kinds.USER_DEFINED
        tokens[added["id"]], types[added["id"]] = added["content"], int(kind)
    merges = content["model"]["merges"]
    return {
        "tokenizer_model": "gpt2",
        "tokenizer_pre": "llama-bpe",
        "token_list": tokens,
        "token_types": types,
        "token_merges": [merge if isinstance(merge, str) else " ".join(merge) for merge in merges],
        "bos_token_id": tokenizer.bos_id,
        "eos_token_id": tokenizer.eos_id,
        "add_bos_token": True,
    }


def chat_entries(tokenizer: Tokenizer) -> dict[str, Any]:
    """What a file of a model that answers says besides: how dialogs are written, and where an answer ends.

    Without them llama.cpp writes dialogs in another model's format. Ids have to be named: it would look for names
    that ends of turns have in any model, ``<|end_of_text|>`` among them, and take one of those that it finds.
    """
    ids = tokenizer.special_ids
    return {
        "chat_template": PLAIN_CHAT_TEMPLATE,
        "eos_token_id": ids[EOT],
        "eot_token_id": ids[EOT],
        "eom_token_id": ids[EOM],
        "pad_token_id": ids[PAD],
    }


def _splits_as_llama(pre_tokenizer: dict[str, Any] | None) -> bool:
    steps = (pre_tokenizer or {}).get("pretokenizers", [])
    patterns = [step["pattern"].get("Regex") for step in steps if step["type"] == "Split"]
    return patterns == [SPLIT_PATTERN]


def _tensors(model: Llama) -> Iterator[tuple[str, Tensor]]:
    """The weights under llama.cpp's names, in fp32, one at a time."""
    for name, parameter in model.named_parameters():
        weight = parameter.detach()
        _, _, rest = name.removesuffix(".weight").rpartition("layers.")
        number, _, kind = rest.partition(".") if rest[:1].isdigit() else ("", "", rest)
        if kind in ("self_attn.q_proj", "self_attn.k_proj"):
            weight = to_pairs(weight, model.config.head_dim)
        theirs = f"{_NAMES[kind]}.weight"
        yield (f"blk.{number}.{theirs}" if number else theirs), weight
    if model.rope_scaling is not None:
        plain, scaled = (
            frequencies(model.config.head_dim, model.config.rope_theta, scaling, torch.device("cpu"))
            for scaling in (None, model.rope_scaling)
        )
        yield ROPE_FACTORS, plain / scaled


def to_pairs(weight: Tensor, head_dim: int) -> Tensor:
    """The rows of q or k (heads * head_dim, D), from pairs (i, i + head_dim / 2) to pairs (2i, 2i + 1)."""
    return weight.unflatten(0, (-1, 2, head_dim // 2)).transpose(1, 2).reshape(weight.shape)


def _write_tensors(gguf: Any, writer: Any, model: Llama, dtype: str) -> None:
    # One after the other: the writer's own way would hold a second copy of all.
    kinds = gguf.GGMLQuantizationType
    for name, weight in _tensors(model):
        kind = kinds.BF16 if dtype == "bf16" and weight.ndim > 1 else kinds.F32
        size = weight.numel() * (2 if kind == kinds.BF16 else 4)
        writer.add_tensor_info(name, tuple(weight.shape), np.dtype(np.float32), size, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, weight in _tensors(model):
        half = dtype == "bf16" and weight.ndim > 1
        values = weight.bfloat16().contiguous().view(torch.int16) if half else weight.float().contiguous()
        writer.write_tensor_data(values.numpy())
    writer.close()


def _library() -> Any:
    try:
        import gguf  # pyright: ignore[reportMissingImports]  # an extra
    except ModuleNotFoundError:
        raise TrainerError("This needs the package gguf: pip install 'gristmill[gguf]'.") from None
    return gguf
