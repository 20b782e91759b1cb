from __future__ import annotations

import argparse
import base64
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from transformers import AutoTokenizer

from tests.trainer.arguments import namespace, refusal, values
from tokens.shards import SCHEMA, encode_shard
from tokens.tokenizer import load
from trainer.cli import add_commands, register, run_pretrain
from trainer.errors import TrainerError
from trainer.model import generate

REPOSITORY = Path(__file__).parents[2]


def write_byte_tokenizer(path: Path) -> Path:
    """A file in Llama 3's form whose ranks are the 256 bytes."""
    path.write_text("".join(f"{base64.b64encode(bytes([i])).decode()} {i}\n" for i in range(256)))
    return path


def parse(*args: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    return parser.parse_args(["train", *args])


def test_arguments_of_pretrain():
    args = parse("pretrain", "--data", "a", "b", "--output", "run", "--set", "run.log_every=3", "--set=run.seed=1")
    assert (args.config, args.data, args.output) == ("debug", ["a", "b"], "run")
    assert args.overrides == ["run.log_every=3", "run.seed=1"]
    assert args.run is run_pretrain


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (["--tensor-parallel", "2"], "run.tensor_parallel is 2, but there is one rank"),
        (["--context-parallel", "4"], "run.context_parallel is 4, but there is one rank"),
        (["--tensorboard"], "run.tensorboard needs the package"),
        (["--wandb", "mill"], "run.wandb needs the package"),
    ],
)
def test_short_options_are_settings(option, sentence, shards, tmp_path, monkeypatch):
    for package in ("torch.utils.tensorboard", "wandb"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(TrainerError, match=sentence):
        run_pretrain(parse("pretrain", "--data", shards, "--output", str(tmp_path / "run"), *option))


@pytest.mark.parametrize(
    "args",
    [
        ("eval", "run", "--length", "-5"), ("eval", "run", "--tokens", "0"), ("generate", "run", "--tokens", "0"),
        ("generate", "run", "--temperature", "-1"), ("generate", "run", "--temperature", "nan"),
        ("generate", "run", "--top-p", "0"), ("generate", "run", "--top-p", "2"),
    ],
)  # fmt: skip
def test_impossible_numbers_are_refused(args, capsys):
    with pytest.raises(SystemExit):
        parse(*args, *(["--prompt", "a"] if args[0] == "generate" else []))
    assert f"{args[3]} must be" in capsys.readouterr().err


def test_figures_that_are_no_numbers_are_null_in_evals_json(monkeypatch, capsys):
    found = {"held_out_loss": math.nan, "perplexity": {"web": math.inf, "code": 2.0}}
    monkeypatch.setattr("trainer.evaluation.report.evaluate_run", lambda args: found)
    args = parse("eval", "run", "--data", "a")
    assert args.run(args) == 0
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "held_out_loss": None, "perplexity": {"web": None, "code": 2.0},
    }  # fmt: skip


def test_generated_text_is_printed_as_it_comes(english, tmp_path, monkeypatch):
    sets = ["stages.0.tokens=1024", "stages.0.learning_rate.warmup_tokens=0", "model.num_layers=1", "run.device=cpu"]
    args = parse("pretrain", "--data", english, "--output", str(tmp_path / "run"), *(f"--set={s}" for s in sets))
    assert args.run(args) == 0
    events: list[object] = []
    original = generate.generate_ids

    def generate_ids(*args):
        for id in original(*args):
            events.append(id)
            yield id

    monkeypatch.setattr(generate, "generate_ids", generate_ids)
    monkeypatch.setattr("builtins.print", lambda *text, **options: events.append("".join(text)))
    args = parse("generate", str(tmp_path / "run"), "--prompt", "The mill", "--tokens", "6", "--seed", "2")
    assert args.run(args) == 0
    assert "".join(event for event in events if isinstance(event, str)).startswith("The mill")
    last_id = max(place for place, event in enumerate(events) if isinstance(event, int))
    assert sum(isinstance(event, str) for event in events[:last_id]) >= 3


def test_arguments_are_defined_without_torch():
    code = (
        "import argparse, sys; from trainer.cli import register; "
        "register(argparse.ArgumentParser().add_subparsers()); "
        "sys.exit(bool({'torch', 'apache_beam', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0


def test_without_torch_the_command_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # what import finds where torch isn't installed
    with pytest.raises(TrainerError, match=r"pip install 'gristmill\[train\]'"):
        run_pretrain(parse("pretrain", "--data", "a", "--output", "run"))


@pytest.fixture
def english(tmp_path) -> str:
    """A directory of shards of the built-in tokenizer, one document in three held out."""
    tokenizer = load()
    rows = [
        {
            "id": f"{n:032x}",
            "tokens": tokenizer.encode_document(f"The mill has {n} wheels, and the river turns them. " * 5),
            "url": "", "language": "en", "class": "general", "source": "",
            "split": "held_out" if n % 3 == 0 else "train", "weight": 1.0,
        }
        for n in range(30)
    ]  # fmt: skip
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "a.parquet").write_bytes(encode_shard(pa.Table.from_pylist(rows, schema=SCHEMA), tokenizer))
    return str(tmp_path / "tokens")


def test_a_model_is_trained_measured_exported_imported_and_writes(english, tmp_path, capsys):
    def run(*args: object) -> str:
        parsed = parse(*map(str, args))
        assert parsed.run(parsed) == 0
        return capsys.readouterr().out

    sets = ["stages.0.tokens=4096", "stages.0.learning_rate.warmup_tokens=0", "model.num_layers=1", "run.device=cpu"]
    model = tmp_path / "run"
    out = run("pretrain", "--data", f"mill={english}", "--output", model, *(f"--set={setting}" for setting in sets))
    assert "Memory: about" in out and "over 4,096 tokens" in out
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": "The mill has", "choices": ["3 wheels", "no roof"], "answer": 0}\n')
    asked = ("--data", f"mill={english}", "--choices", questions, "--needles", 2, "--length", 128)
    figures = json.loads(run("eval", model, *asked))
    assert figures["perplexity"]["mill"] == pytest.approx(math.exp(figures["held_out_loss"]))
    assert figures["perplexity"]["mill"] < 1000
    assert figures["multiple_choice"]["questions"] == 1
    assert figures["needles_found"] in (0, 0.5, 1)

    run("export", model, tmp_path / "hf")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    assert tokenizer("The mill").input_ids == load().encode_document("The mill").tolist()[:-1]
    run("import", tmp_path / "hf", tmp_path / "again")
    written = run("generate", model, "--prompt", "The mill", "--tokens", 8, "--temperature", 0)
    assert written.startswith("The mill")
    again = ("generate", tmp_path / "again", "--prompt", "The mill", "--tokens", 8, "--temperature", 0)
    assert run(*again) == written
    assert run(*again, "--tokenizer", "gristmill-8k") == written
    again = json.loads(run("eval", tmp_path / "again", *asked))
    assert again["held_out_loss"] == pytest.approx(figures["held_out_loss"], rel=1e-5)
    with pytest.raises(TrainerError, match="There is nothing to measure by"):
        run("eval", model)
    with pytest.raises(TrainerError, match=r"needs masks of 4,?\d+.\d GiB, and this machine has .* shorter --length"):
        run("eval", model, "--data", english, "--length", 1_000_000)
    bytes_alone = write_byte_tokenizer(tmp_path / "tokenizer.model")
    with pytest.raises(TrainerError, match="is another one"):
        run("eval", model, "--data", english, "--tokenizer", bytes_alone)
    with pytest.raises(TrainerError, match="gives other ids than .*tokenizer.json, which lies beside the weights"):
        run("import", tmp_path / "hf", tmp_path / "wrong", "--tokenizer", bytes_alone)
    with pytest.raises(TrainerError, match="is a file, and a directory is to be written there"):
        run("export", model, questions / "hf")
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"prompt": "The mill"}\n')
    for output, words in ((texts, "is read, and writing would replace it"), (tmp_path, "is a directory")):
        with pytest.raises(TrainerError, match=words):
            run("generate", model, "--prompts", texts, "--output", output)
    assert texts.read_text() == '{"prompt": "The mill"}\n'


def test_an_imported_model_keeps_its_tokenizer(english, shards, tmp_path, capsys):
    def run(*args: object) -> str:
        parsed = parse(*map(str, args))
        assert parsed.run(parsed) == 0
        return capsys.readouterr().out

    sets = [
        "--set=stages.0.tokens=1024", "--set=stages.0.learning_rate.warmup_tokens=0", "--set=model.num_layers=1",
        "--set=run.device=cpu",
    ]  # fmt: skip
    run("pretrain", "--data", english, "--output", tmp_path / "first", *sets)
    assert "and its tokenizer" in run("export", tmp_path / "first", tmp_path / "hf")
    # The export's file has other bytes than that of which the shards speak; it is the same tokenizer all the same.
    run("import", tmp_path / "hf", tmp_path / "again")
    other = ("pretrain", "--data", shards, "--output", tmp_path / "again", "--set=model.vocab_size=8192", *sets)
    with pytest.raises(TrainerError, match="imported with another tokenizer than the shards were written with"):
        run(*other)
    run("pretrain", "--data", english, "--output", tmp_path / "again", *sets)
    assert run("generate", tmp_path / "again", "--prompt", "A mill", "--tokens", 3).startswith("A mill")
    run("export", tmp_path / "again", tmp_path / "hf2")
    text = "The river's 1,234 mills"
    tokenizers = [AutoTokenizer.from_pretrained(tmp_path / name) for name in ("hf", "hf2")]
    assert tokenizers[0](text).input_ids == tokenizers[1](text).input_ids

    file = tmp_path / "again" / "tokenizer" / "tokenizer.json"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(TrainerError, match="is not the file that was imported"):
        run("generate", tmp_path / "again", "--prompt", "A mill")

    (tmp_path / "hf" / "tokenizer.json").unlink()
    assert "No tokenizer that can be read" in run("import", tmp_path / "hf", tmp_path / "bare")
    with pytest.raises(TrainerError, match="does not say what tokenizer it has. Name it"):
        run("generate", tmp_path / "bare", "--prompt", "A mill")
    run("import", tmp_path / "hf", tmp_path / "named", "--tokenizer", "gristmill-8k")
    assert run("generate", tmp_path / "named", "--prompt", "A mill", "--tokens", 3).startswith("A mill")


PRETRAIN = {
    "config": "debug", "data": ["a"], "overrides": [], "output": "o", "branch_from": None, "tensor_parallel": None,
    "context_parallel": None, "tensorboard": None, "wandb": None, "profile": None, "run": "run_pretrain",
}  # fmt: skip
PLAN = {
    "config": "debug", "data": ["a"], "overrides": [], "gpus": 1, "gpu": "H100", "mfu": 0.4, "tokens_per_second": None,
    "run": "run_plan",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pretrain --data a --output o", PRETRAIN),
        (
            "pretrain --data a b --output o --config c --set x=1 --from r@3 --tensor-parallel 2 --context-parallel 3 --tensorboard",
            PRETRAIN
            | {"data": ["a", "b"], "config": "c", "overrides": ["x=1"], "branch_from": "r@3", "tensor_parallel": 2}
            | {"context_parallel": 3, "tensorboard": True},
        ),
        ("pretrain --data a --output o --wandb w --profile 1", PRETRAIN | {"wandb": "w", "profile": 1}),
        ("plan --data a --gpus 1", PLAN),
        (
            "plan --data a --gpus 2 --gpu A100 --mfu 1 --tokens-per-second 0.5 --config c --set x=1",
            PLAN
            | {"gpus": 2, "gpu": "A100", "mfu": 1.0, "tokens_per_second": 0.5, "config": "c", "overrides": ["x=1"]},
        ),
    ],
)
def test_what_training_and_plans_are_told(line, expected):
    assert values(add_commands, line) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pretrain --data a", "required: --output"),
        ("pretrain --output o", "required: --data"),
        ("pretrain --data a --output o --profile 0", "0 must be at least 1"),
        ("plan --data a", "required: --gpus"),
        ("plan --gpus 1", "required: --data"),
        ("plan --data a --gpus 1 --mfu 0", "0 must be more than 0 and at most 1"),
        ("plan --data a --gpus 1 --mfu 1.1", "1.1 must be more than 0 and at most 1"),
        ("plan --data a --gpus 1 --tokens-per-second 0", "0 must be more than 0"),
    ],
)
def test_what_training_and_plans_cannot_be_told(line, words, capsys):
    assert words in refusal(add_commands, line, capsys)


def test_all_commands_are_there_and_one_must_be_named(capsys):
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["train"])
    assert "the following arguments are required: COMMAND" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parser.parse_args(["train", "--help"])
    told = capsys.readouterr().out
    commands = (
        "pretrain plan import export eval generate which chat sft reward dpo average score sample select evaluate"
    )
    assert all(
        f"\n    {name} " in told.replace("\n", " \n")
        for name in [*commands.split(), "rounds", "demo-rounds", "synthesize"]
    )


def test_a_plan_is_of_what_was_named(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("trainer.config.loader.load_config", lambda *rest: rest)
    plan = SimpleNamespace(sentences=lambda: ["One.", "Two."])
    monkeypatch.setattr("trainer.training.plan.make_plan", lambda *rest: asked.append(rest) or plan)
    args = namespace(add_commands, "plan --data a --gpus 2 --gpu A100 --mfu 0.5 --set x=1")
    assert args.run(args) == 0
    assert asked == [(("debug", ["x=1"]), ["a"], 2, ("A100", 0.5, None))]
    assert capsys.readouterr().out == "One.\nTwo.\n"


@pytest.mark.parametrize("rank", [None, "0", "1"])
@pytest.mark.parametrize("held_out", [1.25, None])
def test_a_training_is_of_what_was_named_and_one_rank_tells_its_losses(monkeypatch, capsys, rank, held_out):
    asked = []
    numbers = {"loss_start": 3.0, "loss_end": 2.0, "tokens": 12345, "seconds": 6.0, "tokens_per_second": 2057.5}
    summary = SimpleNamespace(finished=True, held_out_loss_start=4.0, held_out_loss_end=held_out, **numbers)
    monkeypatch.setattr("trainer.config.loader.load_config", lambda *rest: rest)
    monkeypatch.setattr("trainer.training.pretraining.pretrain", lambda *rest: asked.append(rest) or summary)
    monkeypatch.delenv("RANK", raising=False)
    if rank:
        monkeypatch.setenv("RANK", rank)
    output = f"long {'x' * 200}"
    line = f"pretrain --data a --output '{output}' --set run.seed=1 --tensor-parallel 2 --wandb w --profile 3 --from r"
    args = namespace(add_commands, line)
    assert args.run(args) == 0
    ((config, data, where, console, branch),) = asked
    short = ["run.seed=1", "run.tensor_parallel=2", 'run.wandb="w"', "run.profile_step=3"]
    assert (config, data, where, branch) == (("debug", short), ["a"], output, "r")
    assert console.quiet == (rank == "1")
    told = "Loss 3.000 -> 2.000" + (", held out 4.000 -> 1.250" if held_out else "")
    told += f", over 12,345 tokens in 6 s (2,058 tokens/s). All of it is in {output}.\n"
    assert capsys.readouterr().out == ("" if rank == "1" else told)
    summary.finished = False
    args.run(args)
    assert capsys.readouterr().out == ""
