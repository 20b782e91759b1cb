"""Post-training on one GPU, in parts of a few minutes: ``python -m bench.posttrain_gpu``, fifteen minutes together.

    python -m bench.posttrain_gpu                                # all parts, the 1B preset
    python -m bench.posttrain_gpu --parts training sampling
    python -m bench.posttrain_gpu --preset debug --device cpu --length 256 --rows 2 --in-tokens 20 --out-tokens 8

masks      one row of prompt and responses under flex = under sdpa, in fp32; the first DPO loss in bf16, compiled: log 2
training   SFT, reward model and DPO: tokens/s, MFU, peak memory; DPO's one row against a row for each response; TRL's
           SFT and DPO of the same dialogs, where TRL is installed
sampling   responses of ``--in-tokens`` + ``--out-tokens``: eager, as CUDA graphs, prompts read once or for each response,
           transformers' ``generate``
rounds     ``rounds-toy`` on the device: the same orders as on a CPU
resume     sft and dpo, stopped half-way and gone on with: equal to the bit

Prints one JSON object a measurement; one that fails says why, and the others go on.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from tokens.tokenizer import load
from trainer.checkpoint import run_tokenizer, store
from trainer.checkpoint.convert import export_model, load_model
from trainer.config.loader import load_config, load_settings
from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import Ranks, connect
from trainer.model.llama import Llama
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.dialogs import read_encoded
from trainer.posttraining.engine import Engine, EngineOptions, TokenRequest
from trainer.posttraining.groups import groups_of
from trainer.posttraining.preferences import read_groups
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.round_start import open_setting
from trainer.posttraining.rounds import run_rounds
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig, TaskConfig
from trainer.posttraining.slots import Sampling
from trainer.posttraining.task import Task
from trainer.training.loop import TrainingLoop

PARTS = ("masks", "training", "sampling", "rounds", "resume")
GIB = 1 << 30


def make_base(folder: Path, preset: str) -> Path:
    """A run of no steps with the preset's shape, random weights and the built-in tokenizer."""
    tokenizer = load()
    model = load_config(preset).model
    if model.vocab_size is None:
        model = dataclasses.replace(model, vocab_size=tokenizer.vocab_size)
    llama = Llama(model)
    llama.init_weights(0)
    facts = {
        "imported": True,
        "identity": {"model": dataclasses.asdict(model.spelled_out()), "tokenizer": tokenizer.sha256},
        "tokenizer": dataclasses.asdict(tokenizer.info), "length": 8192,
    }  # fmt: skip
    base = folder / "base"
    run_tokenizer.keep(base, tokenizer, tokenizer.info)
    store.save(base, 0, facts, {"model": {n: p.detach() for n, p in llama.named_parameters()}}, keep=1)
    return base


def write_data(folder: Path, count: int, prompt: float, response: float) -> tuple[str, str]:
    """Dialogs and preferences of random words, in the mean as long as the paper's (536 + 310 tokens at full size)."""
    draw = random.Random(0)
    words = ["mill", "stone", "water", "grain", "flour", "wheel", "river", "bread"]

    def text(mean: float) -> str:
        length = max(1, int(draw.lognormvariate(math.log(mean) - 0.32, 0.8)))
        return " ".join(draw.choice(words) for _ in range(length))

    dialogs, preferences = [], []
    for _ in range(count):
        asked = [{"role": "user", "content": text(prompt)}]
        answers = [text(response) for _ in range(3)]
        dialogs.append({"messages": [*asked, {"role": "assistant", "content": answers[0]}]})
        preferences.append(
            {"messages": asked, "chosen": answers[0] + " yes", "rejected": answers[1] + " no", "edited": answers[2]}
        )
    write_jsonl(folder / "dialogs.jsonl", dialogs)
    write_jsonl(folder / "preferences.jsonl", preferences)
    return str(folder / "dialogs.jsonl"), str(folder / "preferences.jsonl")


class Bench:
    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.args, self.folder = args, folder
        self.base = make_base(folder, args.preset)
        scale = args.length / 8192
        self.dialogs, self.preferences = write_data(folder, args.pairs, max(2, 450 * scale), max(2, 260 * scale))

    def run_config(self, **changes: Any) -> RunConfig:
        on_gpu = self.args.device == "cuda"
        settings: dict[str, Any] = {
            "device": self.args.device, "log_every": 1, "evaluate_every": 1 << 30, "checkpoint_every": 1 << 30,
            "keep_checkpoints": 1,
        }  # fmt: skip
        if on_gpu:
            settings |= {"precision": "bf16", "attention": "flex", "compile": True, "activation_checkpointing": "selective"}  # fmt: skip
        return RunConfig(**settings | changes)

    def config(self, kind: type[TaskConfig], name: str, **run: Any) -> Any:
        found: Any = load_settings(kind, name)
        args = self.args
        return dataclasses.replace(
            found, sequence_length=args.length, batch_rows=args.rows, micro_batch_rows=1, held_out=0.0,
            steps=args.warmup + args.steps + 1, epochs=2, run=self.run_config(**run),
        )  # fmt: skip

    def task(self, name: str, ranks: Ranks, output: Path, **run: Any) -> Task:
        opened = Base.open(self.base)
        if name == "sft":
            fine = self.config(SftConfig, "sft", **run)
            return sft.FineTuning(fine, opened, read_encoded([self.dialogs], [], opened.chat, fine, False), ranks)
        kind, pairs = (RewardConfig, False) if name == "reward" else (DpoConfig, True)
        config = self.config(kind, name, **run)
        shared = config.run.attention != "varlen"
        found = read_groups([self.preferences], [], opened.chat, config, shared, pairs=pairs)
        if name == "reward":
            return reward.RewardTask(config, opened, found, ranks)
        return dpo.DpoTask(config, opened, found, ranks, output)

    def train(self, name: str, **run: Any) -> dict[str, Any]:
        """Tokens/s and memory of some steps of a task, after a warm-up."""
        args, output = self.args, self.folder / f"{name}-{len(run)}-{time.monotonic_ns()}"
        ranks = connect(self.run_config(**run))
        task = self.task(name, ranks, output, **run)
        loop = TrainingLoop(task, output, ranks, Console(quiet=True))
        try:
            with loop.display:
                for _ in range(args.warmup):
                    loop.train_step()
                self.reset()
                begin = time.perf_counter()
                for _ in range(args.steps):
                    loop.train_step()
                self.synchronize()
                seconds = time.perf_counter() - begin
            speed = args.steps * args.rows * args.length / seconds
            found = {"tokens_per_second": round(speed, 1), **task.utilisation(speed, loop.stage, args.length)}
            name = "preference_loss" if name == "dpo" else "loss"
            losses = [line[name] for line in loop.log.lines if name in line]
            return found | self.memory() | {"losses": losses[:2]}
        finally:
            loop.close()

    def masks(self) -> dict[str, Any]:
        """Scores of the same rows under two kinds of mask, and DPO's first loss as it will be trained."""
        scores = []
        for attention in ("sdpa", "flex") if self.args.device == "cuda" else ("sdpa", "sdpa"):
            run = {"precision": "fp32", "attention": attention, "compile": False}
            ranks = connect(self.run_config(**run))
            task = self.task("dpo", ranks, self.folder / "masks", **run)
            assert isinstance(task, dpo.DpoTask)
            task.build()
            task.init_weights()
            batch = groups_of(task._on_device(task._rows.batch([0])._asdict()))
            with torch.no_grad():
                scores.append(task._sums(batch, task._log_probs(batch)))
        difference = (scores[0] - scores[1]).abs().max().item()
        first = self.train("dpo")["losses"][0]
        line = {"flex_minus_sdpa": difference, "largest": scores[0].abs().max().item(), "first_loss": first}
        return line | {"log_2": math.log(2)}

    def trl(self, name: str) -> dict[str, Any]:
        """The same dialogs through TRL's trainer, packed for SFT, one pair a row for DPO (it has no shared rows)."""
        from datasets import load_dataset
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from trl import DPOConfig as TRLConfig
        from trl import DPOTrainer, SFTTrainer
        from trl import SFTConfig as TRLSft

        exported = self.folder / "exported"
        if not exported.exists():
            export_model(self.base, exported, "bf16")
        model = AutoModelForCausalLM.from_pretrained(exported, dtype=torch.bfloat16).to(self.args.device)
        tokenizer = AutoTokenizer.from_pretrained(exported)
        common: dict[str, Any] = {
            "output_dir": str(self.folder / f"trl-{name}"), "per_device_train_batch_size": 1,
            "gradient_accumulation_steps": self.args.rows, "max_steps": self.args.warmup + self.args.steps,
            "max_length": self.args.length, "bf16": self.args.device == "cuda", "gradient_checkpointing": True,
            "report_to": [], "save_strategy": "no", "use_cpu": self.args.device == "cpu",
        }  # fmt: skip
        file = self.dialogs if name == "sft" else self.preferences
        data = load_dataset("json", data_files=file, split="train")
        if name == "sft":
            config: Any = TRLSft(**common, packing=True)
            trainer: Any = SFTTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
        else:
            data = data.map(
                lambda row: {
                    "prompt": row["messages"],
                    "chosen": [{"role": "assistant", "content": row["chosen"]}],
                    "rejected": [{"role": "assistant", "content": row["rejected"]}],
                },
                remove_columns=data.column_names,
            )
            config = TRLConfig(**common, precompute_ref_log_probs=True)
            trainer = DPOTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
        self.reset()
        done = trainer.train()
        return {"seconds": done.metrics["train_runtime"], "samples_per_second": done.metrics["train_samples_per_second"]} | self.memory()  # fmt: skip

    def sample(self, graphs: bool, shared: bool) -> dict[str, Any]:
        """Tokens/s of responses that all go to their greatest length."""
        args = self.args
        device = torch.device(args.device)
        model = load_model(self.base, device).model
        model = model.to(torch.bfloat16) if device.type == "cuda" else model
        draw = random.Random(0)
        each = args.per_prompt if shared else 1
        prompts = [
            TokenRequest(str(n), [draw.randrange(5, 200) for _ in range(args.in_tokens)], each)
            for n in range(2 * args.sample_rows // each)
        ]
        engine = Engine(model, EngineOptions(args.sample_rows, cuda_graphs=graphs))
        sampling = Sampling(args.out_tokens, 1.0)
        warm = Sampling(min(8, args.out_tokens), 1.0)
        list(engine.sample(prompts[: max(1, args.sample_rows // each)], warm))
        self.reset()
        begin = time.perf_counter()
        written = sum(len(one.ids) for _, found in engine.sample(prompts, sampling) for one in found)
        self.synchronize()
        seconds = time.perf_counter() - begin
        return {"tokens_per_second": round(written / seconds, 1), "seconds": round(seconds, 2)} | self.memory()

    def transformers_generate(self) -> dict[str, Any]:
        """The same number of tokens by ``generate`` in one batch."""
        from transformers import AutoModelForCausalLM

        args, exported = self.args, self.folder / "exported"
        if not exported.exists():
            export_model(self.base, exported, "bf16")
        model: Any = AutoModelForCausalLM.from_pretrained(exported, dtype=torch.bfloat16).to(args.device).eval()
        ids = torch.randint(5, 200, (args.sample_rows, args.in_tokens), device=args.device)
        options = {"do_sample": True, "top_k": 0, "min_new_tokens": args.out_tokens, "max_new_tokens": args.out_tokens}
        model.generate(ids[:, :8], **options | {"min_new_tokens": 4, "max_new_tokens": 4})
        self.reset()
        begin = time.perf_counter()
        model.generate(ids, attention_mask=torch.ones_like(ids), **options)
        self.synchronize()
        seconds = time.perf_counter() - begin
        return {"tokens_per_second": round(args.sample_rows * args.out_tokens / seconds, 1)} | self.memory()

    def rounds(self) -> dict[str, Any]:
        """The lines of the toy's rounds."""
        device = json.dumps(self.args.device)
        changes = [f"{part}.run.device={device}" for part in ("reward", "sft", "dpo")]
        config = load_settings(
            RoundsConfig, "rounds-toy", [f"device={device}", f"rounds={self.args.rounds}", *changes]
        )
        output = self.folder / "rounds"
        begin = time.perf_counter()
        lines = run_rounds(open_setting(config, output, Console(quiet=True)), output)
        return {"seconds": round(time.perf_counter() - begin, 1), "lines": lines}

    def resume(self, name: str) -> dict[str, Any]:
        """Whether steps in two sessions give the weights of as many in one."""
        found = []
        for sessions in (1, 2):
            output = self.folder / f"resume-{name}-{sessions}"
            run = {"checkpoint_every": 2}
            for session in range(sessions):
                ranks = connect(self.run_config(**run))
                loop = TrainingLoop(self.task(name, ranks, output, **run), output, ranks, Console(quiet=True))
                with loop.display:
                    while loop.state.step < (2 if session < sessions - 1 else 4):
                        loop.train_step()
                loop.close()
            saved = store.latest(output)
            assert saved is not None
            found.append(weights_hash(saved))
        return {"equal": found[0] == found[1]}

    def reset(self) -> None:
        self.synchronize()
        if self.args.device == "cuda":
            torch.cuda.reset_peak_memory_stats()

    def synchronize(self) -> None:
        if self.args.device == "cuda":
            torch.cuda.synchronize()

    def memory(self) -> dict[str, float]:
        return {"memory_gib": round(torch.cuda.max_memory_reserved() / GIB, 2)} if self.args.device == "cuda" else {}


def measurements(bench: Bench) -> dict[str, list[tuple[str, Callable[[], dict[str, Any]]]]]:
    """Those of each part."""
    one_row: dict[str, Any] = {}
    apart = {"attention": "varlen"} if bench.args.device == "cuda" else {}
    return {
        "masks": [("masks", bench.masks)],
        "training": [
            *((name, lambda name=name: bench.train(name, **one_row)) for name in ("sft", "reward", "dpo")),
            ("dpo, a row for each response", lambda: bench.train("dpo", **apart)),
            *((f"TRL {name}", lambda name=name: bench.trl(name)) for name in ("sft", "dpo")),
        ],
        "sampling": [
            ("eager", lambda: bench.sample(graphs=False, shared=True)),
            ("CUDA graphs", lambda: bench.sample(graphs=True, shared=True)),
            ("CUDA graphs, a prompt for each response", lambda: bench.sample(graphs=True, shared=False)),
            ("transformers generate", bench.transformers_generate),
        ],
        "rounds": [("rounds-toy", bench.rounds)],
        "resume": [(name, lambda name=name: bench.resume(name)) for name in ("sft", "dpo")],
    }


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--preset", default="llama3-1b")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--length", type=int, default=8192)
    parser.add_argument("--rows", type=int, default=8, help="rows a step")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=1500, help="dialogs, and preferences")
    parser.add_argument("--sample-rows", type=int, default=256)
    parser.add_argument("--per-prompt", type=int, default=16)
    parser.add_argument("--in-tokens", type=int, default=200)
    parser.add_argument("--out-tokens", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=13.0, help="no measurement begins after so many")
    args = parser.parse_args(arguments)
    for name in ("length", "rows", "steps", "pairs", "sample_rows", "per_prompt", "in_tokens", "out_tokens", "rounds"):
        if getattr(args, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if args.sample_rows < args.per_prompt:
        parser.error("--sample-rows must be at least --per-prompt")
    return args


def main(arguments: Sequence[str] | None = None) -> None:
    args = parse_arguments(arguments)
    started = time.monotonic()
    if args.device == "cuda":
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        parts = measurements(Bench(args, Path(folder)))
        for part in args.parts:
            for name, measure in parts[part]:
                line: dict[str, Any] = {"part": part, "what": name}
                if time.monotonic() - started > 60 * args.minutes:
                    print(json.dumps(line | {"left_out": "out of time"}), flush=True)
                    continue
                try:
                    line |= measure()
                except Exception as error:  # noqa: BLE001 (whatever one measurement fails of, the others are wanted)
                    line["failed"] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                print(json.dumps(line), flush=True)
                torch._dynamo.reset()
                gc.collect()
                if args.device == "cuda":
                    torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
