"""Models in and out of runs: import from Hugging Face or Meta, export to Hugging Face, loading to use.

An imported model is a run of no steps: ``train pretrain`` goes on from its weights, with a fresh optimizer.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tokens.special import EOT, PAD
from tokens.tokenizer import BUILT_IN, Tokenizer, TokenizerInfo, load
from tokens.tokenizer_json import tokenizer_json
from trainer.checkpoint import huggingface, meta_llama, run_tokenizer, store
from trainer.checkpoint.chat_template import CHAT_TEMPLATE, generation_config
from trainer.config.continued import continued_yaml
from trainer.config.loader import parse
from trainer.config.model_config import ModelConfig
from trainer.data.tokenizer import choose_tokenizer
from trainer.errors import TrainerError
from trainer.files import replace_file
from trainer.model.llama import Llama
from trainer.outputs import check_output_directory

CONTINUED = "model.yaml"
"""In an imported run: the configuration to go on with."""
_PROBES = ("The 12,345 mills' wheels don't turn.\n\n", "Größe, naïve, 東京, привет \U0001f600\t x")
IMPORTED_LENGTH = 8192
"""What an imported model is exported for unless its own config says more: the first Llama 3's longest text."""


class Trained(NamedTuple):
    """A model as a run left it, and what belongs to it."""

    model: Llama
    tokenizer: TokenizerInfo | None
    """``None`` for a model that was imported without one, or trained on Parquet that isn't ours: neither says."""
    length: int
    """Tokens of the longest rows that it was trained on."""
    run_dir: Path
    chat: bool = False
    """Whether it was trained to answer in Llama 3's chat format."""


def import_model(source: str | Path, run_dir: str | Path, tokenizer: str | None = None) -> ModelConfig:
    """Makes ``run_dir`` a run of no steps with the weights of ``source``, in Hugging Face's or Meta's form.

    The tokenizer, the file ``tokenizer`` or the one that lies beside the weights, is kept with the run, and the run
    does not go on with shards of another. Returns the shape that a configuration must have to go on from it, and
    writes such a configuration to ``run_dir/model.yaml``. Raises :class:`TrainerError` for a directory that holds
    neither, weights that don't fit the shape, or a ``run_dir`` that holds a run already.
    """
    source, run_dir = Path(source), check_output_directory(run_dir)
    if store.steps(run_dir):
        raise TrainerError(f"{run_dir} holds a run already. Name a new directory.")
    length = IMPORTED_LENGTH
    if (source / "params.json").exists():
        config, weights = meta_llama.read(source)
    elif (source / "config.json").exists():
        config, weights = huggingface.read_config(source), huggingface.read_weights(source)
        length = json.loads((source / "config.json").read_text("utf-8")).get("max_position_embeddings") or length
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
    facts: dict[str, Any] = {
        "imported": True,
        "identity": {"model": dataclasses.asdict(config.spelled_out())},
        "length": length,
    }
    own = load(tokenizer) if tokenizer else run_tokenizer.find(source)
    beside = run_tokenizer.find(source) if tokenizer else None
    if own and beside and any(own.encode(text).tolist() != beside.encode(text).tolist() for text in _PROBES):
        raise TrainerError(
            f"{own.spec} gives other ids than {beside.spec}, which lies beside the weights. Leave --tokenizer out, or take "
            "that file away if it is not the model's."
        )
    if own:
        info = run_tokenizer.described(own)
        if info.vocab_size > config.embedding_rows:
            raise TrainerError(
                f"{own.spec} has ids up to {info.vocab_size - 1}, but the model's vocabulary is {config.vocab_size}. "
                "Name the model's own tokenizer: --tokenizer."
            )
        run_tokenizer.keep(run_dir, own, info)
        facts["identity"]["tokenizer"] = info.sha256
    store.save(run_dir, 0, facts, {"model": {name: found[name] for name in shapes}}, keep=1)
    settings = continued_yaml(config, length, str(source), torch.cuda.is_available())
    replace_file(run_dir / CONTINUED, settings)
    return config


def checkpoint_of(run_dir: str | Path) -> store.Checkpoint:
    """The latest checkpoint of a run whose model writes. Raises :class:`TrainerError` without one."""
    saved = store.latest(Path(run_dir))
    if saved is None:
        raise TrainerError(f"{run_dir} holds no checkpoint. Train or import a model there first.")
    if saved.facts["identity"].get("task") == "reward":
        raise TrainerError(
            f"{run_dir} is a reward model: it scores (train score), and cannot write. Name another run."
        )
    return saved


def load_model(run_dir: str | Path, device: torch.device = torch.device("cpu")) -> Trained:  # noqa: B008 (immutable)
    """The latest model of a run, in fp32 on ``device``, ready to use. Raises :class:`TrainerError` without one.

    On a GPU it attends by FlexAttention, because rows may be as long as no mask of T x T is held for.
    """
    saved = checkpoint_of(run_dir)
    facts = saved.facts
    config: ModelConfig = parse(ModelConfig, facts["identity"]["model"])
    with torch.device("meta"):
        model = Llama(config, "flex" if device.type == "cuda" else "sdpa")
    model.to_empty(device="cpu")
    store.load(saved.path, {"model": {name: p.detach() for name, p in model.named_parameters()}})
    stages = facts.get("stages", [])
    if not (stages[-1] if stages else facts).get("rope_scaling", True):
        model.rope_scaling = None
    run_dir = Path(run_dir)
    tokenizer = TokenizerInfo(**facts["tokenizer"]) if facts.get("tokenizer") else run_tokenizer.kept_info(run_dir)
    # A task may go on with rows that are shorter than those of its base, whose length it then keeps.
    length = max([stage["sequence_length"] for stage in stages] + [facts.get("length", 0)]) or IMPORTED_LENGTH
    return Trained(model.to(device).eval(), tokenizer, length, run_dir, facts.get("chat", False))


def find_tokenizer(trained: Trained, spec: str | None) -> Tokenizer:
    """The tokenizer of the model; ``spec`` names its file where it is neither kept with the run nor built in."""
    return tokenizer_of_run(trained.run_dir, trained.tokenizer, spec)


def tokenizer_of_run(run_dir: Path, info: TokenizerInfo | None, spec: str | None) -> Tokenizer:
    """As :func:`find_tokenizer`, for a model that nobody has loaded; ``info`` is what its checkpoint says of it."""
    kept = run_tokenizer.load_kept(run_dir)
    if kept and spec in (None, kept.spec):
        return kept
    if info is None:
        if spec is None:
            raise TrainerError(
                "The model was imported without a tokenizer, or trained on other Parquet, and does not say what "
                "tokenizer it has. Name it: --tokenizer."
            )
        return load(spec)
    if spec and kept and load(spec).sha256 == kept.sha256:
        return kept
    return choose_tokenizer(info, spec)


def export_model(
    run_dir: str | Path, directory: str | Path, dtype: str = "fp32", tokenizer: str | None = None
) -> bool:
    """Writes the run's model as a directory that transformers' ``AutoModelForCausalLM`` loads; returns whether
    ``AutoTokenizer`` finds its tokenizer there too.

    ``dtype`` is fp32 or bf16. The tokenizer is there where it is built in, was imported with the model, or where
    ``tokenizer`` names its file, in Hugging Face's form or Llama 3's; it begins each text with BOS. A model that was
    trained to answer gets a template for dialogs and stops at the end of its turn. Written under another name and
    renamed: it is whole or absent.
    """
    directory = Path(directory)
    if directory.exists():
        raise TrainerError(f"{directory} exists already. Name a new directory.")
    check_output_directory(directory)
    trained = load_model(run_dir)
    model, info = trained.model, trained.tokenizer
    temporary = directory.with_name(f"tmp-{uuid.uuid4().hex}")
    temporary.mkdir(parents=True)
    try:
        described = huggingface.config_json(model.config, model.rope_scaling, trained.length, info, dtype)
        (temporary / "config.json").write_text(json.dumps(described, indent=2) + "\n", "utf-8")
        huggingface.write_weights(temporary, {n: p.detach() for n, p in model.named_parameters()}, dtype)
        with_tokenizer = _write_tokenizer(temporary, trained, tokenizer)
        temporary.rename(directory)
        return with_tokenizer
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_tokenizer(directory: Path, trained: Trained, spec: str | None) -> bool:
    kept = run_tokenizer.kept_info(trained.run_dir)
    if spec is None and kept is None and (trained.tokenizer is None or trained.tokenizer.name not in BUILT_IN):
        return False
    tokenizer = find_tokenizer(trained, spec)
    content = tokenizer_json(tokenizer)
    (directory / "tokenizer.json").write_bytes(content)
    settings: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokenizer.decode([tokenizer.bos_id]),
        "eos_token": tokenizer.decode([tokenizer.eos_id]),
        "model_max_length": trained.length,
        "clean_up_tokenization_spaces": False,
        **run_tokenizer.export_entry(trained.tokenizer or tokenizer.info, content),
    }
    if trained.chat:
        settings |= {"chat_template": CHAT_TEMPLATE, "eos_token": EOT, "pad_token": PAD}
        generation = json.dumps(generation_config(tokenizer), indent=2) + "\n"
        (directory / "generation_config.json").write_text(generation, "utf-8")
    (directory / run_tokenizer.CONFIG).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    return True
