"""Training speed on one GPU, beside transformers' own Llama: ``python -m bench.train_gpu``, under ten minutes.

    python -m bench.train_gpu                          # the 1B preset at 8,192 tokens, bf16, document masks
    python -m bench.train_gpu --preset debug --device cpu --length 256 --rows 2 --steps 2    # that it runs at all

Prints tokens/s, MFU (formula and peak included), peak memory and data stall for each step on the way from the plainest
configuration to the fastest, then for transformers in the same process, all on the same synthetic shards, whose
documents have lengths as on the web (log-normal, median 500 tokens). Each measurement is a run of the trainer itself
(``trainer.training.loop.TrainingLoop``): data thread, skipping and clipping are in the time; evaluation and
checkpoints are not.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import re
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
import torch.nn.functional as F
from rich.console import Console

from tokens.shards import SCHEMA, encode_shard
from tokens.tokenizer import TokenizerInfo
from trainer.config.loader import load_config
from trainer.config.run_config import RunConfig
from trainer.config.schema import Config, LearningRate, StageConfig
from trainer.data.sources import open_data
from trainer.data.stream import TrainingStream
from trainer.distributed.ranks import connect
from trainer.metrics.memory import GIB, estimate_memory
from trainer.metrics.mfu import peak_flops, utilisation
from trainer.model.llama import Llama
from trainer.training.loop import TrainingLoop
from trainer.training.pretraining import Pretraining

# From the plainest to what should be the fastest.
VARIANTS: dict[str, dict[str, object]] = {
    "sdpa with a mask, recomputing all": {"attention": "sdpa", "activation_checkpointing": "full"},
    "flex, recomputing all": {"attention": "flex", "activation_checkpointing": "full"},
    "flex, compiled, recomputing all": {"attention": "flex", "compile": True, "activation_checkpointing": "full"},
    "flex, compiled, selective": {"attention": "flex", "compile": True, "activation_checkpointing": "selective"},
    "flex, compiled, recomputing nothing": {"attention": "flex", "compile": True},
    "varlen, compiled, recomputing nothing": {"attention": "varlen", "compile": True},
}

# How one would train it with transformers: without a document mask, then with one.
TRANSFORMERS: dict[str, dict[str, object]] = {
    "transformers, sdpa, compiled": {"attention": "sdpa", "compile": True},
    "transformers, flex, document mask, compiled": {"attention": "flex_attention", "compile": True, "mask": True},
    "transformers, sdpa, recomputing all": {"attention": "sdpa", "recompute": True},
    "transformers, sdpa, compiled, recomputing all": {"attention": "sdpa", "recompute": True, "compile": True},
}


def write_shards(folder: Path, vocab_size: int, tokens: int) -> str:
    """Shards of about ``tokens`` ids with a Zipf distribution; returns their directory."""
    rng = np.random.default_rng(0)
    rows, left, number = [], tokens, 0
    while left > 0:
        length = int(np.clip(rng.lognormal(np.log(500), 1.2), 16, 100_000))
        ids = np.minimum(rng.zipf(1.2, length), vocab_size - 3)
        rows.append(
            {
                "id": f"{number:032x}", "tokens": [vocab_size - 2, *ids.tolist(), vocab_size - 1], "url": "",
                "language": "en", "class": "general", "source": "", "split": "train", "weight": 1.0,
            }
        )  # fmt: skip
        left -= length
        number += 1
    info = TokenizerInfo("synthetic", "00" * 32, vocab_size, vocab_size - 2, vocab_size - 1)
    (folder / "x.parquet").write_bytes(encode_shard(pa.Table.from_pylist(rows, schema=SCHEMA), info))
    return str(folder)


def make_config(args: argparse.Namespace, run: dict[str, object]) -> Config:
    """The preset's model in one stage of ``args.steps`` measured steps after ``args.warmup``."""
    preset = load_config(args.preset)
    batch = args.rows * args.length
    stage = StageConfig(
        name="bench",
        tokens=(args.warmup + args.steps + 2) * batch,  # one to profile, and the last would evaluate and save
        sequence_length=args.length,
        batch_tokens=batch,
        micro_batch_rows=args.micro_rows,
        learning_rate=LearningRate(shape="constant"),
        rope_scaling=False,
    )
    settings = RunConfig(
        device=args.device,
        precision="bf16",
        log_every=1 << 30,
        evaluate_every=1 << 30,
        checkpoint_every=1 << 30,
        **run,
    )
    model = preset.model
    if model.vocab_size is None:
        model = dataclasses.replace(model, vocab_size=8192)
    return dataclasses.replace(preset, model=model, stages=(stage,), run=settings)


def measure(args: argparse.Namespace, config: Config, data: str, output: Path, name: str) -> dict[str, float]:
    """Runs the trainer; the figures of the steps behind the warm-up."""
    ranks = connect(config.run)
    run = TrainingLoop(Pretraining(config, [data], ranks), output, ranks, Console(quiet=True))
    window = run.state.window
    try:
        with run.display:
            begin = time.perf_counter()
            for _ in range(args.warmup):
                run.train_step()
            synchronize(ranks.device)
            reset_memory(ranks.device)
            warmup = time.perf_counter() - begin
            begin, stalled, marks = time.perf_counter(), window.stall, [mark(ranks.device)]
            lengths = window.lengths
            for _ in range(args.steps):
                run.train_step()
                marks.append(mark(ranks.device))
            synchronize(ranks.device)
            seconds, stalled = time.perf_counter() - begin, window.stall - stalled
            tokens = args.steps * config.stages[0].batch_tokens
            found = figures(config, tokens, seconds, (window.lengths - lengths) / tokens, ranks.device)
            if args.profile:
                with torch.profiler.profile() as profile:
                    run.train_step()
                    synchronize(ranks.device)
                args.profile.mkdir(parents=True, exist_ok=True)
                profile.export_chrome_trace(str(args.profile / f"{name.replace(', ', '-').replace(' ', '_')}.json.gz"))
        estimated = estimate_memory(config, config.stages[0], run.num_parameters, ranks.size)
        steps = sorted(after - before for before, after in pairwise(elapsed(marks)))
        return found | {
            "step_seconds": [round(steps[0], 3), round(steps[len(steps) // 2], 3), round(steps[-1], 3)],
            "data_stall_share": round(stalled / seconds, 5),
            "warmup_seconds": round(warmup, 1),
            "memory_estimated": round(sum(estimated.values()) / GIB, 1),
        }
    finally:
        run.close()


def measure_transformers(
    args: argparse.Namespace,
    config: Config,
    data: str,
    attention: str,
    recompute: bool = False,
    compile: bool = False,
    mask: bool = False,
) -> dict[str, float]:
    """The same shape, batch and optimizer in transformers, as its documentation has one train it: bf16 autocast,
    fp32 weights, fused AdamW. Without ``mask`` documents see one another: more to compute, and not the same model."""
    from transformers import LlamaConfig, LlamaForCausalLM

    device = connect(config.run).device
    model, stage = config.model, config.stages[0]
    shape = LlamaConfig(
        hidden_size=model.dim, num_hidden_layers=model.num_layers, num_attention_heads=model.num_heads,
        num_key_value_heads=model.num_kv_heads, intermediate_size=model.ffn_dim, vocab_size=model.vocab_size,
        tie_word_embeddings=model.tied_embeddings, max_position_embeddings=args.length, use_cache=False,
    )  # fmt: skip
    with device:  # a billion weights are drawn there at once, on the CPU in half a minute
        theirs = LlamaForCausalLM._from_config(shape, attn_implementation=attention)
    theirs.train()
    if recompute:
        theirs.gradient_checkpointing_enable()
    if compile:
        for layer in theirs.model.layers:
            layer.compile()
    optimizer = torch.optim.AdamW(theirs.parameters(), lr=1e-4, fused=True)
    stream = TrainingStream([source.shards for source in open_data([data])], 0)
    rows = stage.micro_batch_rows or stage.batch_rows
    begin, lengths = 0.0, []
    for step in range(args.warmup + args.steps):
        if step == args.warmup:
            synchronize(device)
            reset_memory(device)
            begin = time.perf_counter()
        batch = stream.next_batch(stage.batch_rows, stage.sequence_length)
        lengths.append(batch.mean_length())
        batch = batch.to(device)
        for tokens, labels, positions in zip(*(part.split(rows) for part in batch), strict=True):
            with torch.autocast(device.type, torch.bfloat16):
                logits = theirs(tokens, position_ids=positions if mask else None).logits
            loss = F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), reduction="sum")
            (loss / stage.batch_tokens).backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    synchronize(device)
    seconds, length = time.perf_counter() - begin, float(np.mean(lengths[args.warmup :]))
    return figures(config, args.steps * stage.batch_tokens, seconds, length, device)


def figures(config: Config, tokens: int, seconds: float, length: float, device: torch.device) -> dict[str, float]:
    """``length``: :meth:`trainer.data.batch.Batch.mean_length`."""
    with torch.device("meta"):
        parameters = Llama(config.model).num_parameters()
    found = {"tokens_per_second": round(tokens / seconds, 1)}
    peak = peak_flops(device)
    if peak:
        shares = utilisation(
            config.model, parameters, config.stages[0].sequence_length, length, tokens / seconds / peak
        )
        found |= {name: round(share, 4) for name, share in shares.items()}
        found |= {"memory_gib": round(torch.cuda.max_memory_reserved(device) / GIB, 2)}
    return found


Mark = torch.cuda.Event | float


def mark(device: torch.device) -> Mark:
    """The moment at which the device has done all that it was given so far."""
    if device.type != "cuda":
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def elapsed(marks: list[Mark]) -> list[float]:
    """Seconds from the first of ``marks`` to each."""
    if isinstance(marks[0], float):
        return [moment - marks[0] for moment in marks]
    return [marks[0].elapsed_time(event) / 1000 for event in marks]


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def reset_memory(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="llama3-1b")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--length", type=int, default=8192)
    parser.add_argument("--rows", type=int, default=8, help="rows a step")
    parser.add_argument("--micro-rows", type=int, default=2, help="rows at once")
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--only", default="", help="variants whose name has this regular expression")
    parser.add_argument("--profile", type=Path, help="write where one step's time goes into this directory")
    parser.add_argument("--minutes", type=float, default=8.0, help="no measurement begins after so many")
    args = parser.parse_args()
    started = time.monotonic()
    if args.device == "cuda":
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    print(
        "MFU = tokens/s x (6 N + 12 L D T) / peak; N weights that are multiplied, T the row, no discount for masks; "
        "for mfu_documents T is the documents' mean length."
    )
    with tempfile.TemporaryDirectory() as folder:
        plain = make_config(args, {})
        data = write_shards(Path(folder), plain.model.vocab_size, 4_000_000 if args.device == "cuda" else 100_000)

        def show(name: str, run) -> None:
            if time.monotonic() - started > 60 * args.minutes:
                print(json.dumps({"variant": name, "left_out": "out of time"}), flush=True)
                return
            try:
                result = run()
            except Exception as error:  # noqa: BLE001 (whatever one measurement fails of, the others are wanted)
                result = {"failed": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
            print(json.dumps({"variant": name} | result), flush=True)
            torch._dynamo.reset()  # else the next measurement counts as one recompilation too many
            gc.collect()
            if args.device == "cuda":
                torch.cuda.empty_cache()

        for number, (name, settings) in enumerate(VARIANTS.items()):
            if re.search(args.only, name) and (args.device == "cuda" or settings["attention"] == "sdpa"):
                config, output = make_config(args, settings), Path(folder) / str(number)
                show(name, lambda config=config, name=name, output=output: measure(args, config, data, output, name))
        for name, settings in TRANSFORMERS.items():
            if re.search(args.only, name) and (args.device == "cuda" or not settings.get("compile")):
                show(name, lambda settings=settings: measure_transformers(args, plain, data, **settings))


if __name__ == "__main__":
    main()
