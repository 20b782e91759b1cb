from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console

from tests.trainer.posttraining.conftest import MODEL
from trainer.checkpoint.convert import load_model
from trainer.model.llama import Llama
from trainer.posttraining import sft
from trainer.posttraining.settings import SftConfig
from trainer.posttraining.unseen_ids import find_unseen, set_to_mean


def head_with_ray(ids: list[int]) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    head = torch.randn(300, 16, generator=draw)
    ray = torch.randn(16, generator=draw)
    for number, id in enumerate(ids):
        head[id] = ray * (1 + number / 10) + 0.1 * torch.randn(16, generator=draw)
    return head


def test_ids_on_one_ray_are_found_and_others_are_not() -> None:
    unseen = [256, 258, 270, 299]
    head = head_with_ray(unseen)
    assert find_unseen(head, range(250, 300)) == unseen
    assert find_unseen(head, [256]) == [] and find_unseen(head, []) == []
    assert find_unseen(head, [i for i in range(250, 300) if i not in unseen]) == []
    head[257] = 0
    assert find_unseen(head, range(250, 300)) == sorted([*unseen, 257])


@pytest.mark.parametrize(("share", "is_empty"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_row_of_next_to_nothing_is_unseen_too(share: float, is_empty: bool) -> None:
    unseen = [256, 258, 270]
    head = head_with_ray(unseen)
    head[257] = 0
    head[257, 0] = -share * head.norm(dim=1).median()
    assert find_unseen(head, range(250, 290)) == sorted([*unseen, *([257] if is_empty else [])])


def test_they_begin_at_the_mean_of_the_others() -> None:
    model = Llama(MODEL)
    model.init_weights(0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    ids = [300, 301, 511]
    set_to_mean(model, ids, seed=3)
    others = [i for i in range(512) if i not in ids]
    for name in ("embed_tokens.weight", "lm_head.weight"):
        now = dict(model.named_parameters())[name].detach()
        assert torch.equal(now[others], before[name][others])
        offset = (now[ids] - before[name][others].mean(0)) / before[name][others].std(0)
        assert 0.005 < offset.std() < 0.015
        number = ["embed_tokens.weight", "lm_head.weight"].index(name)
        noise = np.random.default_rng([3, number]).standard_normal(offset.shape, dtype=np.float32)
        torch.testing.assert_close(offset, 0.01 * torch.from_numpy(noise), rtol=0, atol=1e-5)
        assert len({tuple(row) for row in now[ids].tolist()}) == 3
    again = Llama(MODEL)
    again.init_weights(0)
    set_to_mean(again, ids, seed=3)
    assert torch.equal(again.lm_head.weight, model.lm_head.weight)


def test_a_run_says_so_once_and_leaves_the_frame_of_documents_alone(
    tmp_path, make_base, make_settings, dialogs
) -> None:
    base = make_base(has_unseen=True)
    before, said = load_model(base).model, []
    for steps in (1, 2):
        out = StringIO()
        config = make_settings(SftConfig, steps=steps, optimizer={"peak_lr": 1e-30, "weight_decay": 0.0})
        sft.train(config, base, [dialogs], tmp_path / "run", console=Console(file=out, width=300))
        said.append(
            "254 special tokens were never seen by the base and begin at the mean of the others: ids 258-511."
            in out.getvalue()
        )
    assert said == [True, False]
    now = load_model(tmp_path / "run").model
    assert torch.equal(now.lm_head.weight[:258], before.lm_head.weight[:258])
    assert torch.equal(now.embed_tokens.weight[:258], before.embed_tokens.weight[:258])
    assert (now.lm_head.weight[258:] - before.lm_head.weight[:258].mean(0)).abs().max() < 0.1
