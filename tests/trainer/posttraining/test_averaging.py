from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL
from trainer.checkpoint import store
from trainer.checkpoint.convert import load_model
from trainer.errors import TrainerError
from trainer.posttraining.averaging import average
from trainer.posttraining.base import weights_hash


def weights(run: Path) -> dict[str, torch.Tensor]:
    return {name: p.detach() for name, p in load_model(run).model.named_parameters()}


def test_the_mean_of_three_and_of_one_and_the_same(tmp_path, make_base) -> None:
    a, b, c = (make_base(name, seed=seed) for seed, name in enumerate("abc"))
    average([a, b, c], tmp_path / "mean")
    expected = {name: (weights(a)[name].double() + weights(b)[name] + weights(c)[name]) / 3 for name in weights(a)}
    for name, found in weights(tmp_path / "mean").items():
        torch.testing.assert_close(found.double(), expected[name], atol=1e-6, rtol=0)
    average([a, a, a], tmp_path / "same")
    assert all(torch.equal(found, weights(a)[name]) for name, found in weights(tmp_path / "same").items())
    facts = store.latest(tmp_path / "mean").facts
    assert facts["identity"]["task"] == "average" and [Path(f["run"]).name for f in facts["averaged_from"]] == list(
        "abc"
    )


def test_a_mean_answers_in_the_chat_format_where_all_do_and_has_the_longest_rows(tmp_path, make_base) -> None:
    def changed(name: str, **facts: object) -> Path:
        base = make_base(name)
        saved = store.latest(base)
        store.save(base, 1, {**saved.facts, **facts}, {"model": weights(base)}, keep=1)
        return base

    chats = [changed(name, chat=True, length=length) for name, length in (("a", 64), ("b", 512))]
    plain = changed("c", length=128)
    for number, (runs, chat, length) in enumerate(
        ((chats, True, 512), ([*chats, plain], False, 512), ([plain, chats[0]], False, 128))
    ):
        average(runs, tmp_path / f"mean-{number}")
        facts = store.latest(tmp_path / f"mean-{number}").facts
        assert (facts["chat"], facts["length"], facts["imported"]) == (chat, length, True)


def test_equal_models_have_equal_hashes(tmp_path, make_base) -> None:
    hashes = [weights_hash(store.latest(make_base(name, seed=seed))) for name, seed in [("a", 0), ("b", 0), ("c", 1)]]
    assert hashes[0] == hashes[1] != hashes[2]


def test_what_has_no_mean(tmp_path, make_base) -> None:
    a, wide = make_base("a"), make_base("wide", dataclasses.replace(MODEL, dim=32))
    with pytest.raises(TrainerError, match="another shape"):
        average([a, wide], tmp_path / "mean")
    with pytest.raises(TrainerError, match="alone"):
        average([a], tmp_path / "mean")
    with pytest.raises(TrainerError, match="holds a run"):
        average([a, a], wide)
    assert not (tmp_path / "mean").exists()
