"""The plan of a run against the run itself."""

from __future__ import annotations

import pytest

from tests.trainer.test_cli import parse
from trainer.checkpoint import store
from trainer.config.loader import load_config
from trainer.config.stages import total_tokens
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.training.plan import Speed, make_plan
from trainer.training.pretraining import pretrain


def test_a_plan_is_what_its_run_needs(three, make_config, tmp_path, monkeypatch):
    peak = 1e9
    monkeypatch.setattr("trainer.training.pretraining.peak_flops", lambda device: peak)
    monkeypatch.setitem(make_plan.__globals__["PEAK_FLOPS"], "this machine", peak)
    config = make_config(
        model={"dim": 64, "vocab_size": 256},
        stage={"tokens": 12 * 128, "mixture": {"a": 0.75, "b": 0.25}},
        run={"log_every": 1000, "checkpoint_every": 2, "keep_checkpoints": 2, "keep_every": 4},
    )
    summary = pretrain(config, three, tmp_path / "run")
    lines = [line for line in read_metrics(tmp_path / "run") if "loss" in line]
    first, last = lines[0], lines[-1]
    plan = make_plan(config, three, 1, Speed("this machine", mfu=last["mfu"]))
    assert plan.parameters == summary.parameters
    assert [(stage.stage.name, stage.stage.steps) for stage in plan.stages] == [("all", summary.steps)]
    # All steps but the first, at their speed: the line's utilisation leaves that one out.
    assert plan.seconds == pytest.approx((last["seconds"] - first["seconds"]) * 12 / 11, rel=0.01)
    assert plan.passes == pytest.approx(last["passes"], rel=0.01)
    kept = store.steps(tmp_path / "run")
    bytes_each = [sum(file.stat().st_size for file in path.iterdir()) for path in kept]
    assert plan.checkpoint_bytes == pytest.approx(bytes_each[-1], rel=0.1)
    assert len(kept) <= plan.checkpoints <= len(kept) + 3
    assert any("Memory: about" in sentence for sentence in plan.sentences())
    each = f"{plan.checkpoint_bytes / 1024:.1f}"
    (disk,) = [sentence for sentence in plan.sentences() if sentence.startswith("Checkpoints: ")]
    assert f"each, {plan.checkpoints} at once at most, " in disk and disk.endswith(" of disk."), (disk, each)
    assert "an assumed MFU of" in "\n".join(plan.sentences())


def test_a_plan_needs_no_gpu_and_divides_by_ranks(tmp_path, write_shard):
    write_shard(tmp_path / "shards" / "a.parquet", [[1, 2, 3] * 50_000])
    shards = str(tmp_path / "shards")
    config = load_config("llama3-8b", ["model.vocab_size=128_256"])
    small, large = (make_plan(config, [shards], gpus, Speed()) for gpus in (16, 32))
    assert small.seconds == pytest.approx(2 * large.seconds)
    assert sum(small.memory.values()) > sum(large.memory.values())
    assert small.checkpoint_bytes == 16 * 8_030_261_248  # the annealing averages
    # 15.6T tokens at 40 % of 989 TFLOP/s: about 6,800 tokens/s a GPU at 8,192 tokens a row.
    main = next(stage for stage in large.stages if stage.stage.name == "main-16m")
    assert main.tokens_per_second / 32 == pytest.approx(6_830, rel=0.01)
    assert "model.vocab_size is 128,256, but the tokenizer has 64" in "\n".join(large.sentences())


def test_a_plan_refuses_what_the_run_would(shards, make_config):
    config = make_config()
    with pytest.raises(TrainerError, match="4 rows a batch, which 3 ranks do not divide"):
        make_plan(config, [shards], 3, Speed())
    with pytest.raises(TrainerError, match="does not divide 3 GPUs"):
        make_plan(make_config(run={"tensor_parallel": 2}), [shards], 3, Speed())
    with pytest.raises(TrainerError, match="The peak of 'T1000' is not known. Name one of H100 PCIe"):
        make_plan(config, [shards], 2, Speed("T1000"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(119, "119 seconds"), (120, "2.0 minutes"), (7190, "119.8 minutes"), (7200, "2.0 hours"), (172_000, "47.8 hours"),
     (172_800, "2.0 days"), (86_400_000, "1,000.0 days")],
)  # fmt: skip
def test_times_are_told_in_units_that_fit(seconds, said, shards, make_config):
    config = make_config()
    speed = Speed(tokens_per_second=total_tokens(config.stages) / seconds * (1 - 1e-12))
    plan = make_plan(config, [shards], 1, speed)
    assert plan.seconds == pytest.approx(seconds)
    assert any(sentence.startswith(f"Time: {said}, at ") for sentence in plan.sentences()), plan.sentences()


def test_the_command(shards, capsys):
    args = parse("plan", "--data", shards, "--gpus", "2", "--tokens-per-second", "1000", "--set", "run.seed=1")
    assert args.run(args) == 0
    out = capsys.readouterr().out
    assert "on 2 GPUs." in out and "Time: 2.6 minutes, at 1,000 tokens/s a GPU, as you said" in out
    with pytest.raises(SystemExit):
        parse("plan", "--data", shards, "--gpus", "0")
