"""Hugging Face's form of a Llama: a directory with ``config.json`` and ``*.safetensors``.

Our names and layout of the weights are theirs but for the prefix ``model.``, so that weights are copied to the bit. A
tied head has no entry of its own. ``config.json`` has ``rope_theta`` and ``rope_scaling`` at its top, which
transformers 4 and 5 both read; what transformers 5 itself writes (``rope_parameters``), 4 does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tokens.tokenizer import TokenizerInfo
from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.errors import TrainerError

INDEX = "model.safetensors.index.json"
SHARD_BYTES = 4_000_000_000
"""Weights in one file; more go into several."""
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def read_config(directory: Path) -> ModelConfig:
    """The model that ``config.json`` describes. Raises :class:`TrainerError` where it is no Llama 3 of ours."""
    path = directory / "config.json"
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path} cannot be read ({error}). Name the directory of a Hugging Face model.") from None
    demanded = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
    for key, wanted in demanded.items():
        if content.get(key, wanted) != wanted:
            raise TrainerError(f"{path} has {key} {content[key]!r}; a Llama 3 has {wanted!r}.")
    needed = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    if missing := [key for key in needed if not isinstance(content.get(key), int)]:
        raise TrainerError(f"{path} does not say {missing[0]}, a whole number. Name the directory of a Llama 3.")
    # transformers 5 writes both settings into one entry.
    rope = content.get("rope_parameters") or {}
    rope |= content.get("rope_scaling") or {}
    config = ModelConfig(
        dim=content["hidden_size"],
        num_layers=content["num_hidden_layers"],
        num_heads=content["num_attention_heads"],
        num_kv_heads=content.get("num_key_value_heads") or content["num_attention_heads"],
        vocab_size=content["vocab_size"],
        ffn_size=content["intermediate_size"],
        tied_embeddings=content.get("tie_word_embeddings", False),
        rope_theta=float(content.get("rope_theta") or rope.get("rope_theta") or 10_000.0),  # Hugging Face's default
        rope_scaling=_read_scaling(rope, path),
        norm_eps=content.get("rms_norm_eps", 1e-6),
    )
    if content.get("head_dim") not in (None, config.head_dim):
        raise TrainerError(f"{path} has heads of {content['head_dim']}; in a Llama 3 they are {config.head_dim} wide.")
    return config


def _read_scaling(rope: dict[str, Any], path: Path) -> RopeScaling | None:
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind == "default":
        return None
    if kind != "llama3":
        raise TrainerError(f"{path} has the RoPE scaling {kind!r}; a Llama 3 has 'llama3' or none.")
    return RopeScaling(
        factor=float(rope["factor"]),
        low_freq_factor=float(rope["low_freq_factor"]),
        high_freq_factor=float(rope["high_freq_factor"]),
        original_length=rope["original_max_position_embeddings"],
    )


def config_json(
    model: ModelConfig, scaling: RopeScaling | None, length: int, tokenizer: TokenizerInfo | None, dtype: str
) -> dict[str, Any]:
    """The content of ``config.json`` of ``model``, with ``scaling`` in force, for texts of ``length`` tokens."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": model.dim,
        "num_hidden_layers": model.num_layers,
        "num_attention_heads": model.num_heads,
        "num_key_value_heads": model.num_kv_heads,
        "head_dim": model.head_dim,
        "intermediate_size": model.ffn_dim,
        "vocab_size": model.vocab_size,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "rms_norm_eps": model.norm_eps,
        "tie_word_embeddings": model.tied_embeddings,
        "max_position_embeddings": length,
        "rope_theta": model.rope_theta,
        "rope_scaling": scaling
        and {
            "rope_type": "llama3",
            "factor": scaling.factor,
            "low_freq_factor": scaling.low_freq_factor,
            "high_freq_factor": scaling.high_freq_factor,
            "original_max_position_embeddings": scaling.original_length,
        },
        "bos_token_id": tokenizer and tokenizer.bos_id,
        "eos_token_id": tokenizer and tokenizer.eos_id,
        "torch_dtype": str(DTYPES[dtype]).removeprefix("torch."),
    }


def their_name(name: str) -> str:
    """Hugging Face's name of the weight that we call ``name``."""
    return name if name == "lm_head.weight" else f"model.{name}"


def read_weights(directory: Path) -> Iterator[tuple[str, Tensor]]:
    """The weights under our names, in fp32, one at a time. Raises :class:`TrainerError` for files that are missing or
    damaged."""
    safetensors = _safetensors()
    files = sorted(directory.glob("*.safetensors"))
    if (directory / INDEX).exists():
        names = json.loads((directory / INDEX).read_text("utf-8"))["weight_map"].values()
        files = [directory / name for name in sorted(set(names))]
    if not files:
        raise TrainerError(f"There is no *.safetensors in {directory}. Name the directory of a Hugging Face model.")
    for path in files:
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118  # it is no dictionary
                    if not name.endswith("rotary_emb.inv_freq"):  # old exports have it; it is no weight
                        yield name.removeprefix("model."), file.get_tensor(name).float()
        except (OSError, safetensors.SafetensorError) as error:
            raise TrainerError(f"{path} cannot be read ({error}). Copy the model again.") from None


def write_weights(directory: Path, weights: dict[str, Tensor], dtype: str) -> None:
    """Writes ``weights``, under our names, as ``dtype`` into one file or, with an index, into several."""
    from safetensors.torch import save_file

    _safetensors()
    files: list[dict[str, Tensor]] = [{}]
    room = SHARD_BYTES
    for name, tensor in weights.items():
        tensor = tensor.to(DTYPES[dtype]).contiguous()
        if files[-1] and tensor.nbytes > room:
            files.append({})
            room = SHARD_BYTES
        files[-1][their_name(name)] = tensor
        room -= tensor.nbytes
    if len(files) == 1:
        save_file(files[0], directory / "model.safetensors", metadata={"format": "pt"})
        return
    names = [f"model-{number:05}-of-{len(files):05}.safetensors" for number in range(1, len(files) + 1)]
    for name, part in zip(names, files, strict=True):
        save_file(part, directory / name, metadata={"format": "pt"})
    index = {
        "metadata": {"total_size": sum(tensor.nbytes for part in files for tensor in part.values())},
        "weight_map": {key: name for name, part in zip(names, files, strict=True) for key in part},
    }
    (directory / INDEX).write_text(json.dumps(index, indent=2) + "\n", "utf-8")


def _safetensors() -> Any:
    try:
        import safetensors
    except ModuleNotFoundError:
        raise TrainerError("This needs the package safetensors: pip install 'gristmill[train]'.") from None
    return safetensors
