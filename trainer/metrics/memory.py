"""What a step costs: operations, of which MFU is made, and memory, of which a run is warned before its first step."""

from __future__ import annotations

import os

import torch

from trainer.config.schema import Config, StageConfig
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.model.cross_entropy import CHUNK_TOKENS

GIB = 1 << 30


def estimate_memory(config: Config, stage: StageConfig, parameters: int, ranks: int) -> dict[str, int]:
    """Bytes on each rank at the fullest moment of a step, by what they are for. An estimate, within about a quarter.

    Activations a token and layer, in 16 bits: the inputs of the matrix products and of the norms, the attention's
    four tensors, SwiGLU's three (34 D in Korthikanti et al., arXiv 2205.05198, whose layer differs in its
    feed-forward). Recomputing, "selective" keeps a block's input, its attention and every second product, "full" the
    input, and one block at a time has all of them again.
    """
    model, run = config.model, config.run
    width = 2 if run.precision == "bf16" else 4
    divided = run.tensor_parallel
    rows = stage.micro_batch_rows or stage.batch_rows * run.context_parallel * divided // ranks
    tokens = rows * stage.sequence_length // run.context_parallel
    # Residual stream twice, two norms, their inputs; q, k, v, output; gate, up, silu, product.
    kept = 8 * model.dim + 2 * model.dim * model.num_kv_heads // model.num_heads + 4 * model.ffn_dim
    # Of the seven products q, v, gate and down.
    selected = 4 * model.dim + model.dim * model.num_kv_heads // model.num_heads + model.ffn_dim
    lasting, at_work = {"none": (kept, 0), "selective": (selected, kept), "full": (model.dim, kept)}[
        run.activation_checkpointing
    ]
    activations = tokens * width * (model.num_layers * lasting + at_work) // divided
    if run.attention == "sdpa":
        activations += tokens * stage.sequence_length
    gathered = 0 if ranks == 1 and run.precision == "fp32" else parameters * width // divided
    if run.reshard_after_forward:
        gathered = 2 * gathered // model.num_layers + 2 * model.embedding_rows * model.dim * width // divided
    sharded = ranks // run.data_parallel_replicas
    average = 4 * parameters // sharded if stage.average_every else 0
    return {
        "weights, gradients, optimizer": 16 * parameters // sharded + average,
        "gathered weights": gathered,
        "activations": activations,
        "head and loss": min(CHUNK_TOKENS, tokens) * model.embedding_rows * 4 * 3 // divided
        + 4 * model.embedding_rows * model.dim // divided,
    }


def fullest_stage(config: Config, parameters: int, ranks: int) -> tuple[StageConfig, dict[str, int]]:
    """The stage that needs most memory, and :func:`estimate_memory` of it."""
    estimates = [(stage, estimate_memory(config, stage, parameters, ranks)) for stage in config.stages]
    return max(estimates, key=lambda pair: sum(pair[1].values()))


def memory_sentence(stage: StageConfig, parts: dict[str, int]) -> str:
    """The estimate ``parts`` of ``stage``, for people."""
    listed = ", ".join(f"{name} {size / GIB:.1f}" for name, size in parts.items())
    return f"Memory: about {sum(parts.values()) / GIB:.1f} GiB a rank in the stage {stage.name} ({listed})."


def check_memory(config: Config, parameters: int, ranks: Ranks) -> str:
    """A sentence with the estimate for the stage that needs most. Raises :class:`TrainerError` where it can't fit."""
    stage, parts = fullest_stage(config, parameters, ranks.size)
    sentence = memory_sentence(stage, parts)
    if ranks.device.type == "cuda":
        there, place = torch.cuda.get_device_properties(ranks.device).total_memory, "The GPU has"
    else:
        # Ranks of one host share its memory.
        there = host_memory() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        place = "For each rank this machine has"
    if sum(parts.values()) > 1.25 * there:  # beyond the estimate's own error
        largest = max(parts, key=lambda name: parts[name])
        remedy = {
            "weights, gradients, optimizer": "Use more GPUs, or a smaller model",
            "gathered weights": "Set run.reshard_after_forward=true or raise run.tensor_parallel",
            "activations": "Lower the stage's micro_batch_rows, set run.activation_checkpointing=full, or raise "
            "run.context_parallel",
            "head and loss": "Use a device with more memory",
        }[largest]
        raise TrainerError(f"{sentence} {place} {there / GIB:.1f}. {remedy}.")
    return sentence


def check_mask(length: int, device: torch.device) -> None:
    """Raises :class:`TrainerError` where this machine cannot hold what attention needs for one row of ``length``
    tokens without a GPU: for each pair of them a byte of mask, and the number that is added to its score."""
    needed = 5 * length**2
    if device.type == "cpu" and needed > host_memory():
        raise TrainerError(
            f"A row of {length:,} tokens needs masks of {needed / GIB:.1f} GiB, and this machine has "
            f"{host_memory() / GIB:.1f}. Name a shorter --length, or measure on a GPU."
        )


def host_memory() -> int:
    """Bytes of memory in this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
