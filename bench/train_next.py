"""What a GPU must show of float8, background checkpoints and FSDP's order: ``python -m bench.train_next``, under nine
minutes on one H100 or H200.

    python -m bench.train_next
    python -m bench.train_next --preset debug --device cpu --length 256 --rows 2 --micro-rows 1 --steps 2 --loss-steps 3

Prints a JSON object a line: tokens/s of the 1B preset in bf16 and in float8 and their ratio (wanted: 60,000 tokens/s on
an H200, 1.15 times as fast on either); the losses of both over the same 300 steps, from the same weights on the same
rows; how long training waits for a checkpoint at once and in the background (wanted: under 1 %). Then run
``pytest tests/trainer/test_gpu.py``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console

from bench.train_gpu import make_config, measure, synchronize, write_shards
from trainer.distributed.ranks import connect
from trainer.metrics.run_log import read_metrics
from trainer.training.loop import TrainingLoop
from trainer.training.pretraining import Pretraining


def settings(args: argparse.Namespace, **run: object) -> dict[str, object]:
    """The fastest settings of the device."""
    fast = {"attention": "flex", "compile": True} if args.device == "cuda" else {"attention": "sdpa"}
    return fast | run


def compare_losses(args: argparse.Namespace, data: str, folder: Path) -> dict[str, object]:
    """The mean losses of the last tenth of ``args.loss_steps`` steps in bf16 and in float8."""
    found: dict[str, object] = {}
    short = argparse.Namespace(**vars(args) | {"rows": args.micro_rows, "steps": args.loss_steps, "warmup": 0})
    tail = max(1, args.loss_steps // 10)
    for name, float8 in (("bf16", False), ("float8", True)):
        config = make_config(short, settings(args, float8=float8))
        config = dataclasses.replace(config, run=dataclasses.replace(config.run, log_every=tail))
        ranks = connect(config.run)
        loop = TrainingLoop(Pretraining(config, [data], ranks), folder / name, ranks, Console(quiet=True))
        try:
            with loop.display:
                for _ in range(args.loss_steps // tail * tail):
                    loop.train_step()
        finally:
            loop.close()
        found[name] = [round(line["loss"], 4) for line in read_metrics(folder / name) if "loss" in line][-1]
        torch._dynamo.reset()
        del loop
    return found


def compare_saves(args: argparse.Namespace, data: str, folder: Path) -> dict[str, float]:
    """Seconds that training waits for a checkpoint, at once and in the background (the second, with its buffers)."""
    found = {}
    for name, background in (("at_once", False), ("background", True)):
        config = make_config(args, settings(args, async_checkpoints=background))
        ranks = connect(config.run)
        loop = TrainingLoop(Pretraining(config, [data], ranks), folder / name, ranks, Console(quiet=True))
        waits: list[float] = []
        before_update = loop._saving.before_update

        def waited(before_update: Callable[[], None] = before_update, waits: list[float] = waits) -> None:
            begin = time.perf_counter()
            before_update()
            waits[-1:] = [waits[-1] + time.perf_counter() - begin] if waits else []

        loop._saving.before_update = waited
        try:
            with loop.display:
                loop.train_step()
                for _ in range(2):
                    synchronize(ranks.device)
                    waits.append(timed(loop.save))
                    loop.train_step()
                    loop.finish_saving()
        finally:
            loop.close()
        found[f"{name}_seconds"] = round(waits[-1], 4)
        torch._dynamo.reset()
        del loop
    return found | {"share": round(found["background_seconds"] / found["at_once_seconds"], 5)}


def timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="llama3-1b")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--length", type=int, default=8192)
    parser.add_argument("--rows", type=int, default=8, help="rows a step")
    parser.add_argument("--micro-rows", type=int, default=2, help="rows at once")
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--loss-steps", type=int, default=300)
    parser.set_defaults(profile=None)
    args = parser.parse_args()
    if args.device == "cuda":
        print(json.dumps({"device": torch.cuda.get_device_name(), "torch": torch.__version__}), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        plain = make_config(args, {})
        data = write_shards(Path(folder), plain.model.vocab_size, 8_000_000 if args.device == "cuda" else 100_000)
        speeds = {}
        for name, float8 in (("bf16", False), ("float8", True)):
            config = make_config(args, settings(args, float8=float8))
            speeds[name] = measure(args, config, data, Path(folder) / f"speed-{name}", name)
            print(json.dumps({"variant": name} | speeds[name]), flush=True)
            torch._dynamo.reset()
        ratio = speeds["float8"]["tokens_per_second"] / speeds["bf16"]["tokens_per_second"]
        print(json.dumps({"float8_over_bf16": round(ratio, 3)}), flush=True)
        print(json.dumps({"checkpoint_waits": compare_saves(args, data, Path(folder) / "saves")}), flush=True)
        print(json.dumps({"loss_over_steps": compare_losses(args, data, Path(folder) / "losses")}), flush=True)


if __name__ == "__main__":
    main()
