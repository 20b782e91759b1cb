from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch.distributed import distributed_c10d

from tests.trainer.distributed.pretended import as_rank
from trainer.config.run_config import RunConfig
from trainer.data.batch import Batch
from trainer.distributed.ranks import Ranks, choose_device, connect
from trainer.errors import TrainerError
from trainer.training.pretraining import pretrain


@pytest.mark.parametrize("key", ["context_parallel", "tensor_parallel"])
def test_one_process_shares_with_nobody(key, shards, make_config, tmp_path):
    with pytest.raises(TrainerError, match=f"run.{key} is 2, but there is one rank. Use torchrun"):
        pretrain(make_config(run={key: 2}), [shards], tmp_path / "run")


def test_ranks_that_do_not_make_up_groups_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "8")
    with pytest.raises(TrainerError, match=r"_parallel \(3\) times .* \(2\) does not divide 8 ranks.* multiple of 6"):
        connect(RunConfig(device="cpu", context_parallel=3, tensor_parallel=2))


def test_replicas_that_ranks_do_not_make_up_are_refused(monkeypatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "8")
    with pytest.raises(TrainerError, match=r"replicas \(3\) times .* \(2\) does not divide 8 .* a multiple of 6\."):
        connect(RunConfig(device="cpu", data_parallel_replicas=3, tensor_parallel=2))
    monkeypatch.setenv("WORLD_SIZE", "1")
    with pytest.raises(TrainerError, match="run.data_parallel_replicas is 2, but there is one rank"):
        connect(RunConfig(device="cpu", data_parallel_replicas=2))


@pytest.mark.parametrize(
    ("run", "rank", "mesh", "names", "numbers"),
    [
        # shard size and rank, data size and rank
        ({}, 5, (8,), ("shard",), (8, 5, 8, 5)),
        ({"tensor_parallel": 2}, 5, (4, 2), ("shard", "tensor"), (4, 2, 4, 2)),
        ({"tensor_parallel": 8}, 5, (1, 8), ("shard", "tensor"), (1, 0, 1, 0)),
        ({"context_parallel": 2}, 5, (8,), ("shard",), (8, 5, 4, 2)),
        ({"data_parallel_replicas": 2}, 5, (2, 4), ("replica", "shard"), (8, 5, 8, 5)),
        ({"data_parallel_replicas": 8}, 5, (8, 1), ("replica", "shard"), (8, 5, 8, 5)),
        (
            {"tensor_parallel": 2, "context_parallel": 2, "data_parallel_replicas": 2}, 5, (2, 2, 2),
            ("replica", "shard", "tensor"), (4, 2, 2, 1),
        ),
        ({"tensor_parallel": 2, "context_parallel": 4}, 7, (4, 2), ("shard", "tensor"), (4, 3, 1, 0)),
    ],
)  # fmt: skip
def test_ranks_make_up_a_mesh_neighbours_share_matrices_then_rows(run, rank, mesh, names, numbers) -> None:
    with as_rank(rank, 8):
        ranks = connect(RunConfig(device="cpu", **run))
        assert (ranks.rank, ranks.size, ranks.device) == (rank, 8, torch.device("cpu"))
        assert ranks.mesh is not None
        assert (tuple(ranks.mesh.shape), ranks.mesh.mesh_dim_names) == (mesh, names)
        assert (ranks.shard_size, ranks.shard_rank, ranks.data_size, ranks.data_rank) == numbers
        found = (ranks.context_size, ranks.tensor_size, ranks.replicas)
        assert found == tuple(
            run.get(f"{key}", 1) for key in ("context_parallel", "tensor_parallel", "data_parallel_replicas")
        )
        assert ranks.shard_mesh.mesh_dim_names == (("replica", "shard") if ranks.replicas > 1 else ("shard",))
        if ranks.context_size == 1:
            assert ranks.context is None
            return
        # Ranks that share a row differ by as many as share a matrix.
        assert ranks.context is not None
        group = ranks.context._group
        own = rank // ranks.tensor_size % ranks.context_size
        assert (group.rank(), group.size()) == (own, ranks.context_size)
        tokens = torch.arange(16)[None]
        assert ranks.part(Batch.ungrouped(tokens, tokens, tokens)).tokens.shape == (1, 16 // ranks.context_size)


def test_one_process_in_fp32_needs_no_group_and_one_in_bf16_makes_one(monkeypatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    alone = connect(RunConfig(device="cpu"))
    assert alone == (0, 1, torch.device("cpu"), None, None, 1, 1, 1) and not dist.is_initialized()
    made: list[Any] = []
    original = dist.init_process_group
    monkeypatch.setattr(
        dist, "init_process_group", lambda *rest, **more: made.append((rest, more)) or original(*rest, **more)
    )
    try:
        mixed = connect(RunConfig(device="cpu", precision="bf16"))
        assert mixed.mesh is not None and tuple(mixed.mesh.shape) == (1,) and mixed.size == 1
        ((backend,), options) = made[0]
        assert backend == "gloo" and options["timeout"] == timedelta(minutes=30)
        assert (options["rank"], options["world_size"]) == (0, 1)
        connect(RunConfig(device="cpu", precision="bf16"))
        assert len(made) == 1  # a group that is there is taken
        background = mixed.background_group()
        assert background is not None and background.group_desc == "background"
        told: list[Any] = []
        monkeypatch.setattr(dist, "set_timeout", lambda *rest: told.append(rest), raising=False)
        mixed.wait_for_others(timedelta(minutes=7))
        assert [timeout for timeout, _ in told] == [timedelta(minutes=7)] * len(told) and told
        groups = [group for _, group in told]
        assert background not in groups and len(groups) == len(distributed_c10d._world.pg_map) - 1
    finally:
        dist.destroy_process_group()
    monkeypatch.setattr(dist, "new_group", lambda *rest, **more: pytest.fail("one process alone has no groups"))
    monkeypatch.setattr(dist, "set_timeout", lambda *rest: pytest.fail("nor others"), raising=False)
    assert alone.background_group() is None
    alone.wait_for_others(timedelta(minutes=7))


def test_background_work_has_patience(monkeypatch) -> None:
    made: list[Any] = []
    with as_rank(0, 2):
        ranks = connect(RunConfig(device="cpu"))
        original = dist.new_group
        monkeypatch.setattr(dist, "new_group", lambda **more: made.append(more) or original(backend="fake"))
        ranks.background_group()
    assert made == [{"backend": "gloo", "timeout": timedelta(hours=2), "group_desc": "background"}]


def test_many_ranks_meet_by_what_torchrun_tells_them(monkeypatch) -> None:
    asked: list[Any] = []

    class Met(Exception):
        pass

    def init(*rest: Any, **more: Any) -> None:
        asked.append((rest, more))
        raise Met

    monkeypatch.setattr(dist, "init_process_group", init)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(Met):
        connect(RunConfig(device="cpu"))
    assert asked == [(("gloo",), {"timeout": timedelta(minutes=30)})]


def test_what_ranks_agree_on(monkeypatch) -> None:
    """Every other rank has what this one has."""
    called: list[Any] = []

    def all_reduce(values: torch.Tensor, *rest: Any, **more: Any) -> None:
        called.append(more.get("group"))
        values *= 8

    with as_rank(5, 8):
        ranks = connect(RunConfig(device="cpu", tensor_parallel=2, context_parallel=2))
        copies = connect(RunConfig(device="cpu", data_parallel_replicas=2))
        matrices = connect(RunConfig(device="cpu", tensor_parallel=8))
        monkeypatch.setattr(dist, "all_reduce", all_reduce)
        assert (ranks.any(True), ranks.any(False)) == (True, False)
        # Two ranks have the same rows, and two of these the same tokens of them.
        assert ranks.total(1, 3) == [2, 6]
        called.clear()
        value = torch.tensor([1.0])
        assert ranks.sum(value).item() == 8 and value.item() == 1
        copies.sum(value)
        assert matrices.sum(value) is value
        assert ranks.mesh is not None and copies.mesh is not None
        assert called == [ranks.mesh["shard"].get_group(), copies.mesh["batch"].get_group()]
        assert called[0].size() == 4 and called[1].size() == 8
    called.clear()
    alone = Ranks(0, 1, torch.device("cpu"), None)
    batch = Batch.ungrouped(*[torch.zeros(1, 4)] * 3)
    assert (alone.any(True), alone.any(False), alone.total(1, 3), alone.part(batch) is batch) == (
        True,
        False,
        [1, 3],
        True,
    )
    assert alone.sum(value) is value and called == []


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        ("auto", True, "cuda:1"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cpu", False, "cpu"), ("cuda", True, "cuda:1"),
    ],
)  # fmt: skip
def test_a_gpu_is_taken_where_there_is_one(wanted: Any, available: bool, found: str, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert choose_device(RunConfig(device=wanted), 1) == torch.device(found)
    if wanted == "auto" and available:
        assert choose_device(RunConfig()) == torch.device("cuda", 0)


def test_a_gpu_that_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainerError, match="run.device is cuda, but torch finds no GPU"):
        choose_device(RunConfig(device="cuda"))


def test_each_rank_of_a_host_has_a_gpu_of_its_own(monkeypatch) -> None:
    chosen: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    for local, expected in ((None, 0), ("3", 3)):
        monkeypatch.delenv("LOCAL_RANK", raising=False)
        if local:
            monkeypatch.setenv("LOCAL_RANK", local)
        assert connect(RunConfig()).device == torch.device("cuda", expected)
    assert chosen == [torch.device("cuda", 0), torch.device("cuda", 3)]
