"""Models in and out of runs: import from Hugging Face or Meta, export to Hugging Face, loading to use.

An imported model is a run of no steps: ``train pretrain`` goes on from its weights, with a fresh optimizer.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import uuid
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from tokens.tokenizer import BUILT_IN, Tokenizer, TokenizerInfo
from trainer.checkpoint import huggingface, meta_llama, store
from trainer.config.loader import parse
from trainer.config.schema import ModelConfig
from trainer.data.tokenizer import choose_tokenizer
from trainer.errors import TrainerError
from trainer.model.llama import Llama

IMPORTED_LENGTH = 8192
"""What an imported model is exported for unless its own config says more: the first Llama 3's longest text."""


class Trained(NamedTuple):
    """A model as a run left it, and what belongs to it."""

    model: Llama
    tokenizer: TokenizerInfo | None
    """``None`` for a model that was imported or trained on Parquet that isn't ours: neither says."""
    length: int
    """Tokens of the longest rows that it was trained on."""


def import_model(source: str | Path, run_dir: str | Path) -> ModelConfig:
    """Makes ``run_dir`` a run of no steps with the weights of ``source``, in Hugging Face's or Meta's form.

    Returns the shape that a configuration must have to go on from it. Raises :class:`TrainerError` for a directory
    that holds neither, weights that don't fit the shape, or a ``run_dir`` that holds a run already.
    """
    source, run_dir = Path(source), Path(run_dir)
    if store.steps(run_dir):
        raise TrainerError(f"{run_dir} holds a run already. Name a new directory.")
    length = IMPORTED_LENGTH
    if (source / "params.json").exists():
        config, weights = meta_llama.read(source)
    elif (source / "config.json").exists():
        config, weights = huggingface.read_config(source), huggingface.read_weights(source)
        length = json.loads((source / "config.json").read_text("utf-8")).get("max_position_embeddings", length)
    else:
        raise TrainerError(
            f"{source} holds neither a config.json (Hugging Face) nor a params.json (Meta). Name a model's directory."
        )
    with torch.device("meta"):
        shapes = {name: parameter.shape for name, parameter in Llama(config).named_parameters()}
    found: dict[str, Tensor] = {}
    for name, tensor in weights:
        if name == "lm_head.weight" and config.tied_embeddings:
            continue  # some exports keep the copy
        if name not in shapes or tensor.shape != shapes[name]:
            expected = f"{tuple(shapes[name])}" if name in shapes else "no such weight"
            raise TrainerError(f"{source} has {name} of {tuple(tensor.shape)}; its shape demands {expected}.")
        found[name] = tensor
    if missing := sorted(shapes.keys() - found.keys()):
        raise TrainerError(f"{source} lacks {missing[0]} and {len(missing) - 1} other weights. Copy the model again.")
    facts = {"imported": True, "identity": {"model": dataclasses.asdict(config.spelled_out())}, "length": length}
    store.save(run_dir, 0, facts, {"model": {name: found[name] for name in shapes}}, keep=1)
    return config


def load_model(run_dir: str | Path, device: torch.device = torch.device("cpu")) -> Trained:  # noqa: B008 (immutable)
    """The latest model of a run, in fp32 on ``device``, ready to use. Raises :class:`TrainerError` without one.

    On a GPU it attends by FlexAttention, because rows may be as long as no mask of T x T is held for.
    """
    saved = store.latest(Path(run_dir))
    if saved is None:
        raise TrainerError(f"{run_dir} holds no checkpoint. Train or import a model there first.")
    facts = saved.facts
    config: ModelConfig = parse(ModelConfig, facts["identity"]["model"])
    with torch.device("meta"):
        model = Llama(config, "flex" if device.type == "cuda" else "sdpa")
    model.to_empty(device="cpu")
    store.load(saved.path, {"model": {name: p.detach() for name, p in model.named_parameters()}})
    stages = facts.get("stages", [])
    if stages and not stages[-1]["rope_scaling"]:
        model.rope_scaling = None
    tokenizer = TokenizerInfo(**facts["tokenizer"]) if facts.get("tokenizer") else None
    length = max((stage["sequence_length"] for stage in stages), default=facts.get("length", IMPORTED_LENGTH))
    return Trained(model.to(device).eval(), tokenizer, length)


def find_tokenizer(trained: Trained, spec: str | None) -> Tokenizer:
    """The tokenizer of the model; ``spec`` names its file where it is not built in."""
    if trained.tokenizer is None:
        if spec is None:
            raise TrainerError(
                "The model was imported, or trained on other Parquet, and does not say what tokenizer it has. Name "
                "it: --tokenizer."
            )
        from tokens.tokenizer import load

        return load(spec)
    return choose_tokenizer(trained.tokenizer, spec)


def export_model(
    run_dir: str | Path, directory: str | Path, dtype: str = "fp32", tokenizer: str | None = None
) -> None:
    """Writes the run's model as a directory that transformers' ``AutoModelForCausalLM`` loads.

    ``dtype`` is fp32 or bf16. Where the tokenizer is built in, or ``tokenizer`` names a Hugging Face tokenizer.json,
    ``AutoTokenizer`` finds it there too. Written under another name and renamed: it is whole or absent.
    """
    directory = Path(directory)
    if directory.exists():
        raise TrainerError(f"{directory} exists already. Name a new directory.")
    trained = load_model(run_dir)
    model, info = trained.model, trained.tokenizer
    temporary = directory.with_name(f"tmp-{uuid.uuid4().hex}")
    temporary.mkdir(parents=True)
    try:
        described = huggingface.config_json(model.config, model.rope_scaling, trained.length, info, dtype)
        (temporary / "config.json").write_text(json.dumps(described, indent=2) + "\n", "utf-8")
        huggingface.write_weights(temporary, {n: p.detach() for n, p in model.named_parameters()}, dtype)
        _write_tokenizer(temporary, trained, tokenizer)
        temporary.rename(directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_tokenizer(directory: Path, trained: Trained, spec: str | None) -> None:
    if spec is None and (trained.tokenizer is None or trained.tokenizer.name not in BUILT_IN):
        return
    tokenizer = find_tokenizer(trained, spec)
    content = BUILT_IN.get(tokenizer.spec, Path(tokenizer.spec)).read_bytes()
    if content.lstrip()[:1] != b"{":
        raise TrainerError(f"{spec} is no tokenizer.json, the only form that Hugging Face's libraries load by itself.")
    (directory / "tokenizer.json").write_bytes(content)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokenizer.decode([tokenizer.bos_id]),
        "eos_token": tokenizer.decode([tokenizer.eos_id]),
        "model_max_length": trained.length,
        "clean_up_tokenization_spaces": False,
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
