from __future__ import annotations

import pytest

from bench.posttrain_gpu import PARTS, Bench, measurements, parse_arguments
from bench.posttraining_kills import main, state


def test_arguments_are_checked() -> None:
    args = parse_arguments(["--parts", "sampling", "--device", "cpu", "--rows", "2"])
    assert args.parts == ["sampling"] and args.rows == 2 and args.preset == "llama3-1b"
    for wrong in (["--parts", "all"], ["--rows", "0"], ["--sample-rows", "4", "--per-prompt", "8"], ["--steps", "-1"]):
        with pytest.raises(SystemExit):
            parse_arguments(wrong)


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Bench:
    sizes = {"length": 256, "rows": 2, "warmup": 1, "steps": 1, "pairs": 60, "sample-rows": 4, "per-prompt": 2,
             "in-tokens": 12, "out-tokens": 4}  # fmt: skip
    options = [part for name, size in sizes.items() for part in (f"--{name}", str(size))]
    return Bench(parse_arguments(["--device", "cpu", "--preset", "debug", *options]), tmp_path_factory.mktemp("bench"))


def test_it_has_something_for_every_part(bench) -> None:
    assert list(measurements(bench)) == list(PARTS)


def test_masks_sampling_and_resuming_can_be_measured(bench) -> None:
    found = bench.masks()
    assert found["flex_minus_sdpa"] == 0 and abs(found["first_loss"] - found["log_2"]) < 1e-6
    assert bench.sample(graphs=True, shared=True)["tokens_per_second"] > 0
    assert bench.resume("sft") == {"equal": True}


def test_kills_are_counted_from_one(tmp_path) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--kills", "0"])
    assert state(tmp_path) == {}
