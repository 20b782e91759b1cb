"""What tasks have in common: which rows a step and a rank read, what is said and kept of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining import task as task_module
from trainer.posttraining.base import Base
from trainer.posttraining.packing import RowOrder
from trainer.posttraining.settings import SftConfig
from trainer.posttraining.task import Task, run_task

ALONE = Ranks(0, 1, torch.device("cpu"), None)


class Plain(Task):
    name = "sft"

    def __init__(self, config: SftConfig, base: Base, ranks: Ranks = ALONE, rows: int = 10, fill: float = 1.0) -> None:
        super().__init__(config, base, ranks)
        with torch.device("meta"):
            self.model = Llama(base.model)
        self._plan(rows, "rows' hash", fill, extra=1)


@pytest.fixture
def base(make_base) -> Base:
    return Base.open(make_base())


@pytest.fixture
def make(make_settings, base):
    """``make(ranks, rows, fill, base=…, setting=…)``: a task of 10 rows, 4 a step."""

    def make(ranks: Ranks = ALONE, rows: int = 10, fill: float = 1.0, base: Base = base, **changes: Any) -> Plain:
        return Plain(make_settings(SftConfig, **changes), base, ranks, rows, fill)

    return make


def test_a_task_is_known_by_what_may_not_change(make, base: Base) -> None:
    found = make(run={"seed": 7})
    assert found.identity == {
        "task": "sft", "model": dataclasses.asdict(base.model.spelled_out()), "seed": 7,
        "tokenizer": base.info.sha256, "data": "rows' hash", "base": task_module.weights_hash(base.checkpoint), "extra": 1,
    }  # fmt: skip


def test_rows_passes_and_their_filling_are_told(make) -> None:
    sentences = make(rows=10, fill=0.95, epochs=1.5).introduction()
    assert sentences[0].startswith("sft of ") and "after step 0: a Llama of " in sentences[0]
    assert sentences[0].endswith("(2 layers, width 16) on cpu.")
    assert "10 rows of 96 tokens, 95.0% of them filled; 4 steps of 4 rows, 1.50 passes." in sentences
    assert sentences[-1].startswith("Memory: about") and not any("Only" in sentence for sentence in sentences)
    # A limit of steps leaves the rest of the passes out; the last step may have room.
    assert any("2 steps of 4 rows, 0.80 passes" in sentence for sentence in make(steps=2).introduction())
    assert any("Only 94.9% of the rows' places" in sentence for sentence in make(fill=0.949).introduction())
    many = make(Ranks(0, 4, torch.device("cpu"), None)).introduction()
    assert many[0].endswith("on 4 x cpu.")


def test_what_ranks_do_not_divide_is_refused_before_anything_is_built(make) -> None:
    with pytest.raises(TrainerError, match="4 rows a batch, which 3 ranks do not divide"):
        make(Ranks(0, 3, torch.device("cpu"), None))
    with pytest.raises(TrainerError, match="which 3 ranks cannot divide among them"):
        make(Ranks(0, 3, torch.device("cpu"), None, tensor_size=3))
    with pytest.raises(TrainerError, match="which trains on GPUs alone"):
        make(run={"attention": "flex"})
    with pytest.raises(TrainerError, match="rows of 96, which 5 ranks cannot share"):
        make(Ranks(0, 5, torch.device("cpu"), None, context_size=5))


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_every_rank_reads_its_part_of_each_step(make, ranks: int) -> None:
    tasks = [make(Ranks(rank, ranks, torch.device("cpu"), None), run={"seed": 3}) for rank in range(ranks)]
    order = RowOrder(10, 1.0, 3)
    for task in tasks:
        task.begin(0, {})
    for begin in (0, 4, 8):
        found = [task._next_rows() for task in tasks]
        expected = order.take(begin, 4)
        assert [whole for whole, _ in found] == [expected] * ranks
        assert [row for _, own in found for row in own] == expected
        assert {len(own) for _, own in found} == {4 // ranks}
    assert expected[2:] == [-1, -1]
    assert tasks[0].progress() == {"passes": 1.0}
    # After one step of 4 rows, whatever the number of ranks.
    tasks[0].begin(4 * 96, {})
    assert tasks[0].progress() == {"passes": 0.4}
    assert tasks[0]._next_rows()[0] == order.take(4, 4)


@pytest.mark.parametrize("micro", [None, 1, 2])
@pytest.mark.parametrize("ranks", [1, 2])
def test_held_out_rows_are_read_once_and_as_often_on_every_rank(make, micro: int | None, ranks: int) -> None:
    for count in (0, 1, 4, 7):
        passes = [
            list(make(Ranks(rank, ranks, torch.device("cpu"), None), micro_batch_rows=micro)._passes(count))
            for rank in range(ranks)
        ]
        seen = [row for parts in zip(*passes, strict=True) for own in parts for row in own]
        assert [row for row in seen if row >= 0] == list(range(count)) and set(seen[count:]) <= {-1}
        assert {len(own) for own_passes in passes for own in own_passes} <= {micro or 4 // ranks}


def test_what_is_kept_of_a_task(make, base: Base) -> None:
    found = make().facts()
    assert found == {
        "tokenizer": dataclasses.asdict(base.info), "chat": True, "length": 256,
        "base": {"run": str(base.run_dir.resolve()), "step": 0},
    }  # fmt: skip
    longer = make(sequence_length=300)
    assert longer.facts()["length"] == 300
    later = base._replace(checkpoint=base.checkpoint._replace(facts=base.checkpoint.facts | {"step": 7}))
    assert make(base=later).facts()["base"]["step"] == 7 and "after step 7:" in make(base=later).introduction()[0]
    reward = make()
    reward.name = "reward"
    assert reward.facts()["chat"] is False


def test_a_model_begins_with_the_base_s_weights_and_scaling(make, base: Base, monkeypatch) -> None:
    expected = Llama(base.model)
    expected.init_weights(0)
    for scaled in (True, False):
        found = make(base=base._replace(rope_scaling=scaled))
        found.model.rope_scaling = "scaling"
        found.build()
        assert found.model.rope_scaling == ("scaling" if scaled else None)
        found.init_weights()
        for one, two in zip(found.model.parameters(), expected.parameters(), strict=True):
            assert torch.equal(one, two)
        assert not any("never seen" in sentence for sentence in found.introduction())


@pytest.mark.parametrize(
    ("unseen", "told"), [([], None), ([300, 301, 302, 305], "ids 300-302, 305"), ([7], "1 special tokens")]
)
def test_ids_that_were_never_seen_begin_at_the_mean(
    make, base: Base, monkeypatch, unseen: list[int], told: str | None
) -> None:
    asked: list[Any] = []
    set_: list[Any] = []
    monkeypatch.setattr(task_module, "find_unseen", lambda head, ids: asked.append((head, ids)) or unseen)
    monkeypatch.setattr(task_module, "set_to_mean", lambda *rest: set_.append(rest))
    found = make(run={"seed": 3})
    found._starts_with_unseen = True
    found.build()
    found.init_weights()
    ((head, ids),) = asked
    assert torch.equal(head, found.model.lm_head.weight)
    special = set(base.tokenizer.special_ids.values())
    assert ids == special - {base.tokenizer.bos_id, base.tokenizer.eos_id} and len(ids) < len(special)
    assert set_ == ([(found.model, unseen, 3)] if unseen else [])
    assert any(told in sentence for sentence in found.introduction()) if told else not asked[1:]


def test_utilisation_is_a_share_of_all_devices(make, base: Base) -> None:
    found = make()
    assert found.utilisation(1e3, found.settings.stages[0], 10.0) == {}
    found._peak_flops = 1e12
    one = found.utilisation(1e3, found.settings.stages[0], 10.0)
    found._ranks = Ranks(0, 4, torch.device("cpu"), None)
    four = found.utilisation(1e3, found.settings.stages[0], 10.0)
    assert one and four == {key: pytest.approx(share / 4) for key, share in one.items()}


def test_a_run_is_not_written_over_its_base_and_keeps_the_tokenizer_once(
    make, base: Base, tmp_path, monkeypatch
) -> None:
    begun: list[Any] = []
    kept: list[Path] = []
    monkeypatch.setattr(task_module, "train", lambda *rest: begun.append(rest) or "summary")
    monkeypatch.setattr(Base, "keep_tokenizer", lambda self, folder: kept.append(folder))
    task = make()
    with pytest.raises(TrainerError, match="which is the base itself"):
        run_task(task, base.run_dir / ".." / base.run_dir.name, ALONE, None)
    assert begun == []
    assert run_task(task, str(tmp_path / "new"), ALONE, None) == "summary"
    assert begun == [(task, tmp_path / "new", ALONE, None)] and kept == [tmp_path / "new"]
    run_task(task, tmp_path / "other", Ranks(1, 2, torch.device("cpu"), None), None)
    monkeypatch.setattr(task_module.store, "latest", lambda folder: base.checkpoint)
    run_task(task, tmp_path / "new", ALONE, None)
    assert kept == [tmp_path / "new"] and len(begun) == 3
